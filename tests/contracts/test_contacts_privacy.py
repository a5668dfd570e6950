"""Contact attempts and dead addresses: exported, forgotten and purged, on every backend."""

from models.queues import OutboxKind
from models.survey import AttemptOutcome, ContactWay
from storage.database import SqlStore
from tests.contracts.examples import DAY, MINUTE, NOW, a_case, a_row, invited, mail, phone
from tests.contracts.test_contacts import NUMBER, an_attempt, sent

OURS = mail("sk-1@example.org")


async def contacted(transaction) -> int:
    """SK-1 got a mail, and an SMS to a dead number waits; SK-2 got a mail. Returns the survey of SK-1."""
    one, two = await invited(transaction, [a_case("SK-1", phone=NUMBER), a_case("SK-2")])
    await sent(transaction, one.id, detail="250 ok")
    await transaction.put_attempt(an_attempt(one.id, way=ContactWay.SMS))
    await sent(transaction, two.id, detail="251")
    await transaction.put_dead(phone(NUMBER), "not in use", NOW)
    await transaction.put_dead(OURS, "5.1.1", NOW + DAY)
    texts = [{"to": NUMBER, "text": "Hej", "invitation_id": one.id}, {"to": "+46701740699"}]
    await transaction.enqueue([a_row(f"s{n}", kind=OutboxKind.SMS, payload=text) for n, text in enumerate(texts)])
    return one.id


async def test_an_export_tells_how_we_turned_to_them(any_store: SqlStore):
    async with any_store.step() as transaction:
        await contacted(transaction)
    async with any_store.look() as transaction:
        by_mail, by_phone = await transaction.export(OURS), await transaction.export(phone(NUMBER))
        other = await transaction.export(mail("sk-2@example.org"))
    attempts = [(each["way"], each["outcome"]) for each in by_mail["cases"][0]["contact_attempts"]]
    assert attempts == [("mail", "sent"), ("sms", "planned")]
    assert by_mail["dead"] == [{"kind": "mail", "reason": "5.1.1", "since": (NOW + DAY).isoformat()}]
    assert [each["payload"]["text"] for each in by_phone["messages"]] == ["Hej"]
    assert (by_phone["dead"][0]["reason"], other["dead"]) == ("not in use", [])
    assert len(other["cases"][0]["contact_attempts"]) == 1


async def test_erasing_forgets_the_address_and_keeps_the_account(any_store: SqlStore):
    async with any_store.step() as transaction:
        number = await contacted(transaction)
        before = await transaction.account(NOW, NOW + DAY)
        await transaction.erase(OURS, NOW + MINUTE)
        assert await transaction.account(NOW, NOW + DAY) == before
        assert await transaction.dead([OURS, phone(NUMBER)]) == {phone(NUMBER)}, "the number is another respondent"
        attempts = await transaction.attempts(number)
        assert [(each.outcome, each.detail) for each in attempts] == [
            (AttemptOutcome.SENT, ""),
            (AttemptOutcome.WITHDRAWN, ""),
        ]
        [left] = await transaction.claim([OutboxKind.SMS], NOW + DAY, MINUTE, 9)
        assert left.payload["to"] == "+46701740699"
        assert await transaction.sent_to(OURS, NOW - DAY) == []


async def test_a_dead_address_is_tried_again_when_contacts_are_old(any_store: SqlStore):
    async with any_store.step() as transaction:
        await contacted(transaction)
        assert await transaction.purge("contacts", NOW - 9 * DAY, NOW) == 0
        assert await transaction.purge("contacts", NOW + MINUTE, NOW + 180 * DAY) == 3, "two cases and a number"
        assert await transaction.dead([OURS, phone(NUMBER)]) == {OURS}
