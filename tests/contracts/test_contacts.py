"""Contact attempts and dead addresses, on every backend."""

from dataclasses import replace

from models.case import Address, AddressKind
from models.counts import AccountRow
from models.queues import OutboxKind, OutboxRow
from models.survey import AttemptOutcome, Channel, ContactAttempt, ContactWay, Disposition, Purpose
from storage.database import SqlStore
from tests.contracts.examples import DAY, MINUTE, NOW, a_case, a_row, an_answer, invited, mail, phone
from workflow.ports import Transaction
from workflow.store_parts import contact_key

NUMBER = "+46701740605"


def an_attempt(invitation_id: int, **changed) -> ContactAttempt:
    fields = {"way": ContactWay.MAIL, "purpose": Purpose.INVITATION, "at": NOW, **changed}
    return ContactAttempt(id=0, invitation_id=invitation_id, **fields)


async def sent(transaction: Transaction, invitation_id: int, **changed) -> ContactAttempt:
    """An attempt with this outcome, stored."""
    attempt = an_attempt(invitation_id, **{"outcome": AttemptOutcome.SENT, **changed})
    return replace(attempt, id=await transaction.put_attempt(attempt))


async def test_an_attempt_is_settled_once_tried(any_store: SqlStore):
    async with any_store.step() as transaction:
        [invitation] = await invited(transaction, [a_case()])
        first = an_attempt(invitation.id)
        number = await transaction.put_attempt(first)
        second = await sent(transaction, invitation.id, way=ContactWay.SMS, purpose=Purpose.REMINDER, at=NOW + DAY)
        await transaction.settle_attempt(number, AttemptOutcome.SENT, "250", NOW + MINUTE)
        tried = replace(first, id=number, outcome=AttemptOutcome.SENT, detail="250", at=NOW + MINUTE)
        assert await transaction.attempts(invitation.id) == [tried, second]
        await transaction.settle_attempt(number, AttemptOutcome.DEAD_ADDRESS, "550 5.1.1", NOW + DAY)
        came_back = replace(tried, outcome=AttemptOutcome.DEAD_ADDRESS, detail="550 5.1.1")
        assert await transaction.attempt(number) == came_back, "it came back later: tried when it was"
        assert await transaction.attempt(number + 99) is None
        assert await transaction.attempts(invitation.id + 1) == []
        counts = await transaction.attempt_counts(NOW, NOW + DAY)
        assert counts == {(ContactWay.MAIL, AttemptOutcome.DEAD_ADDRESS): 1}


async def test_the_last_contact_is_with_an_address_whatever_the_case_and_way(any_store: SqlStore):
    async with any_store.step() as transaction:
        cases = [
            a_case("SK-1", mail="kund@example.org", phone=NUMBER),
            a_case("SK-2", mail="", phone=NUMBER),
            a_case("SK-3"),
            a_case("SK-4", mail="", phone=""),
        ]
        one, two, three, four = await invited(transaction, cases)
        assert await transaction.last_contact([mail("kund@example.org")]) is None
        await sent(transaction, one.id, at=NOW - DAY)
        await sent(transaction, two.id, at=NOW, way=ContactWay.SMS, outcome=AttemptOutcome.PLANNED)
        for outcome in (AttemptOutcome.FAILED, AttemptOutcome.DEAD_ADDRESS, AttemptOutcome.WITHDRAWN):
            await sent(transaction, three.id, outcome=outcome)
        await sent(transaction, four.id)
        assert await transaction.last_contact([mail("kund@example.org")]) == NOW - DAY
        assert await transaction.last_contact([mail("kund@example.org"), phone(NUMBER)]) == NOW
        assert await transaction.last_contact([mail("sk-3@example.org")]) is None, "nobody was reached"
        assert await transaction.last_contact([]) is None
        assert await transaction.last_contact([mail(""), phone("")]) is None, "no address is nobody's"


async def test_dead_addresses_are_recognised_and_not_readable(any_store: SqlStore):
    async with any_store.step() as transaction:
        await transaction.put_dead(mail("borta@example.org"), "550 5.1.1", NOW)
        await transaction.put_dead(mail("borta@example.org"), "550 5.1.10", NOW + DAY)
        await transaction.put_dead(phone(NUMBER), "not in use", NOW)
        asked = [mail("borta@example.org"), mail("kvar@example.org"), phone(NUMBER), mail(NUMBER)]
        assert await transaction.dead(asked) == {mail("borta@example.org"), phone(NUMBER)}
        assert await transaction.dead([]) == set()
        rows = (await transaction._db.exec_driver_sql("SELECT * FROM dead_addresses")).all()
        assert len(rows) == 2
        assert "borta" not in str(rows)
        assert NUMBER not in str(rows)


async def test_what_came_back_is_found_by_its_address(any_store: SqlStore):
    async with any_store.step() as transaction:
        one, two, _ = await invited(
            transaction, [a_case("SK-1", phone=NUMBER), a_case("SK-2", mail="sk-1@example.org"), a_case("SK-3")]
        )
        old = await sent(transaction, one.id, at=NOW - 9 * DAY)
        first = await sent(transaction, one.id, at=NOW - DAY)
        text = await sent(transaction, one.id, way=ContactWay.SMS)
        newest = await sent(transaction, two.id, at=NOW, outcome=AttemptOutcome.FAILED)
        await sent(transaction, two.id, at=NOW, outcome=AttemptOutcome.PLANNED)
        await sent(transaction, two.id, at=NOW, outcome=AttemptOutcome.WITHDRAWN)
        theirs = mail("sk-1@example.org")
        assert await transaction.sent_to(theirs, NOW - 2 * DAY) == [(two, newest), (one, first)]
        assert await transaction.sent_to(theirs, NOW - 9 * DAY) == [(two, newest), (one, first), (one, old)]
        assert await transaction.sent_to(phone(NUMBER), NOW - DAY) == [(one, text)]
        assert await transaction.sent_to(mail(""), NOW - 9 * DAY) == []
        assert await transaction.sent_to(Address(AddressKind.CHAT, "17"), NOW - 9 * DAY) == []


async def test_who_has_not_been_turned_to(any_store: SqlStore):
    async with any_store.step() as transaction:
        cases = [a_case(f"SK-{n}") for n in range(6)] + [
            a_case("SK-6", mail="", phone=NUMBER),
            a_case("SK-7", mail=""),
            a_case("PROV-1", trial=True),
        ]
        made = await invited(transaction, cases)
        fresh, old, in_chat, finished, tried, planned, by_phone, *_ = made
        await transaction.save_invitation(replace(old, created_at=NOW - 2 * DAY))
        await transaction.save_invitation(replace(in_chat, chat_id=17))
        await transaction.save_invitation(replace(finished, disposition=Disposition.COMPLETED))
        await sent(transaction, tried.id, outcome=AttemptOutcome.FAILED)
        await transaction.enqueue([a_row(contact_key(planned.id, 0), kind=OutboxKind.CONTACT)])
        found = await transaction.open_without_chat(NOW - DAY, 99)
        assert [(each, stored.case.case_id) for each, stored in found] == [(fresh, "SK-0"), (by_phone, "SK-6")]
        assert [each.id for each, _ in await transaction.open_without_chat(NOW - 3 * DAY, 2)] == [old.id, fresh.id]


async def test_a_message_that_went_out_reaches(any_store: SqlStore):
    async with any_store.step() as transaction:
        outcomes = list(AttemptOutcome)
        made = await invited(transaction, [a_case(f"SK-{n}", unit=outcome) for n, outcome in enumerate(outcomes)])
        for invitation, outcome in zip(made, outcomes, strict=True):
            await sent(transaction, invitation.id, outcome=outcome)
            await sent(transaction, invitation.id, outcome=outcome)
        rows = await transaction.account(NOW, NOW + DAY)
        assert {row.unit for row in rows if row.reached} == {"sent", "delivered"}
        assert all(row.count == 1 for row in rows)
        await transaction.put_answer(an_answer(made[0].id, channel=Channel.WEB))
        [row] = [row for row in await transaction.account(NOW, NOW + DAY) if row.unit == outcomes[0]]
        assert row == AccountRow(unit=outcomes[0], reason=None, reached=row.reached, channel=Channel.WEB, count=1)


async def test_what_is_put_off_was_never_claimed(any_store: SqlStore):
    async with any_store.step() as transaction:
        await transaction.enqueue([a_row("contact")])
        [row] = await transaction.claim(list(OutboxKind), NOW, MINUTE, 9)
        await transaction.postpone(row.id, NOW + DAY)
        assert await transaction.claim(list(OutboxKind), NOW + 2 * MINUTE, MINUTE, 9) == []
        outbox = (await transaction.queue_state(NOW + 2 * MINUTE))["outbox"]
        assert outbox["telegram"]["oldest_seconds"] == 0, "nobody is told that it waits"
        assert outbox["telegram"]["errors"] == []
        [again] = await transaction.claim(list(OutboxKind), NOW + DAY, MINUTE, 9)
        assert again == replace(row, due_at=NOW + DAY)


async def test_what_waits_can_be_told_and_hastened(any_store: SqlStore):
    async with any_store.step() as transaction:
        assert await transaction.contact_due() is None

        def waiting(key: str, kind: OutboxKind, days: int, **payload) -> OutboxRow:
            return a_row(key, kind=kind, payload=payload, due_at=NOW + days * DAY)

        await transaction.enqueue(
            [
                waiting("first", OutboxKind.CONTACT, 2, invitation_id=1, purpose="invitation"),
                waiting("reminder", OutboxKind.CONTACT, 4, invitation_id=2, purpose="reminder"),
                waiting("put off", OutboxKind.SMS, 3, invitation_id=2, attempt_id=7),
                waiting("alert", OutboxKind.MAIL, 1, invitation_id=3),
            ]
        )
        assert await transaction.contact_due() == NOW + 2 * DAY
        assert [await transaction.contact_due(number) for number in (1, 2, 9)] == [NOW + 2 * DAY, NOW + 3 * DAY, None]
        assert await transaction.hasten_contacts(NOW + DAY / 2) == 2
        due = await transaction.claim(list(OutboxKind), NOW + DAY / 2, MINUTE, 9)
        assert {row.key for row in due} == {"first", "put off"}


async def test_when_the_next_call_is_due_can_be_told(any_store: SqlStore):
    async with any_store.step() as transaction:
        assert await transaction.call_due() is None
        calls = [
            a_row(
                f"call:{number}",
                kind=OutboxKind.CALL,
                payload={"invitation_id": number},
                due_at=NOW + hours * (60 * MINUTE),
            )
            for number, hours in ((1, 5), (2, 3), (3, 0))
        ]
        await transaction.enqueue([*calls, a_row("sms", kind=OutboxKind.SMS, payload={"invitation_id": 9}, due_at=NOW)])
        [going] = await transaction.claim([OutboxKind.CALL], NOW, (60 * MINUTE), 9)
        assert await transaction.call_due() == NOW + 3 * (60 * MINUTE), "not the one that is being made"
        assert [await transaction.call_due(number) for number in (1, 3, 9)] == [NOW + 5 * (60 * MINUTE), None, None]
        await transaction.postpone(going.id, NOW + (60 * MINUTE))
        assert await transaction.call_due() == NOW + (60 * MINUTE)


async def test_calls_of_today_by_case_those_planned_or_withdrawn_left_out(any_store: SqlStore):
    async with any_store.step() as transaction:
        case = a_case()
        [invitation] = await invited(transaction, [case])
        await sent(transaction, invitation.id)
        await sent(transaction, invitation.id, way=ContactWay.PHONE, at=NOW - DAY)
        busy = await sent(transaction, invitation.id, way=ContactWay.PHONE, outcome=AttemptOutcome.FAILED)
        held = await sent(transaction, invitation.id, way=ContactWay.PHONE, at=NOW + MINUTE)
        for outcome in (AttemptOutcome.PLANNED, AttemptOutcome.WITHDRAWN):
            await sent(transaction, invitation.id, way=ContactWay.PHONE, outcome=outcome)
        assert await transaction.calls_since(NOW) == [(case.case_id, held), (case.case_id, busy)]
