"""Retention, erasure and export, on every backend."""

import json
from datetime import timedelta, timezone
from typing import Any

import pytest

from models.case import Address, CaseChange
from models.conversation import Session, Stage
from models.counts import AccountRow, IsoWeek
from models.queues import OutboxKind
from models.rating import Rating
from models.survey import Channel, Chat, Comment, Disposition, Invitation, Reason
from storage.database import SqlStore
from tests.contracts.examples import (
    DAY,
    MINUTE,
    NOW,
    a_case,
    a_row,
    an_answer,
    an_update,
    chat,
    invited,
    mail,
    phone,
)
from workflow.ports import Transaction

WEEK = IsoWeek(2026, 47)
SK_1 = a_case("SK-1", phone="+46701740605", subject="Stolpe", handler_mail="h9@example.se")
SECRETS = ("sk-1@example.org", "SK-1", "trasigt!", "lutar", "1234567", "Stolpe", "h9@example.se", "0000000000001")


async def answered(transaction: Transaction) -> list[Invitation]:
    """SK-1 is answered with all that can be said, SK-2 with one rating; both in chats."""
    one, two = await invited(transaction, [SK_1, a_case("SK-2")])
    await transaction.own_invitation(one.token, 1234567, NOW)
    await transaction.own_invitation(two.token, 4, NOW)
    for chat_id, invitation in ((1234567, one), (4, two)):
        await transaction.save_chat(Chat(chat_id=chat_id, language="sv", current=invitation.id))
        await transaction.put_answer(an_answer(invitation.id, source=f"{chat_id}:1"))
    await transaction.put_answer(an_answer(one.id, "bemötande", Rating.DALIGT, reply="trasigt!"))
    await transaction.put_reason(
        Reason(invitation_id=one.id, question="bemötande", code="", text="lutar", received_at=NOW)
    )
    await transaction.put_comment(Comment(invitation_id=one.id, text="lutar än", received_at=NOW))
    session = Session(questions=("leverans",), pending=Rating.OK, pending_reply="lutar nog")
    await transaction.save_session(one.id, session, NOW)
    await transaction.link_chat(1234567, [mail("sk-1@example.org")], NOW)
    await transaction.put_updates([an_update(1, 1234567), an_update(2, 4)])
    await transaction.enqueue(
        [
            a_row("t", lane="chat:1234567"),
            a_row("m", kind=OutboxKind.MAIL, payload={"to": "sk-1@example.org"}),
            a_row("a", kind=OutboxKind.HANDLER_ALERT, payload={"invitation_id": one.id}),
            a_row("other", lane="chat:4"),
        ]
    )
    return [one, two]


async def everything(transaction: Transaction) -> str:
    """All text in the database, but for the keys of the hashes."""
    db = transaction._db  # type: ignore[attr-defined]
    names = "closures invitations sessions answers reasons comments chats chat_links inbox outbox deletions"
    rows = [(await db.exec_driver_sql(f"SELECT * FROM {name}")).all() for name in names.split()]
    return str([[tuple(row) for row in table] for table in rows])


def plain_log(log: list[Any]) -> list[tuple[object, object]]:
    return [(each["kind"], each["count"]) for each in log]


# --- erasure ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [mail("sk-1@example.org"), phone("+46701740605"), chat(1234567)])
async def test_one_respondent_is_forgotten_and_stays_counted(any_store: SqlStore, address: Address):
    async with any_store.step() as transaction:
        _, two = await answered(transaction)
        counts_before = await transaction.answer_counts(WEEK, WEEK)
        account_before = await transaction.account(NOW, NOW + DAY)
        counts = await transaction.erase(address, NOW + MINUTE)
        assert {name: counts[name] for name in ("cases", "invitations", "answers", "reasons", "comments")} == {
            "cases": 1,
            "invitations": 1,
            "answers": 2,
            "reasons": 1,
            "comments": 1,
        }
        left = await everything(transaction)
        # chat and mail are respondents of their own: the one's erasure leaves the other's row
        if address == chat(1234567):
            assert [secret for secret in SECRETS if secret in left] == ["sk-1@example.org"], "a waiting mail"
        else:
            assert "lutar" not in left
            assert "SK-1" not in left
        assert await transaction.answer_counts(WEEK, WEEK) == counts_before
        assert await transaction.account(NOW, NOW + DAY) == account_before
        assert await transaction.verify_rollup() == 0
        assert [each.rating for each in await transaction.answers(two.id)] == [Rating.BRA], "the other is untouched"
        assert plain_log(await transaction.deletions()) == [("erasure", sum(counts.values()))]


async def test_nothing_of_an_erased_case_comes_due_or_back(any_store: SqlStore):
    async with any_store.step() as transaction:
        [one, _] = await answered(transaction)
        await transaction.put_cases([a_case("SK-3", mail="sk-1@example.org")], NOW)
        await transaction.erase(mail("sk-1@example.org"), NOW)
        assert [each.id for each in await transaction.due_expiries(NOW + 99 * DAY, 9)] == [2]
        assert [each.id for each in await transaction.due_reminders(NOW + 4 * DAY, 9)] == [2]
        assert await transaction.unopened_invitations(NOW - 99 * DAY) == []
        assert await transaction.undecided(9) == [], "SK-3 was not yet decided, and is gone"
        assert await transaction.invitation_by_token(one.token) is None
        again = [SK_1, a_case("SK-3", mail="sk-1@example.org"), a_case("SK-1", closed_at=NOW + DAY)]
        assert await transaction.put_cases(again, NOW) == [
            CaseChange.UNCHANGED,
            CaseChange.UNCHANGED,
            CaseChange.NEW,
        ], "a later closure is a new matter"
        [alert] = await transaction.claim([OutboxKind.TELEGRAM, OutboxKind.HANDLER_ALERT], NOW, MINUTE, 1)
        assert alert.key in ("t", "other")


async def test_a_refusal_survives_erasure(any_store: SqlStore):
    async with any_store.step() as transaction:
        await answered(transaction)
        await transaction.opt_out([mail("sk-1@example.org")], NOW, Channel.CHAT)
        await transaction.erase(mail("sk-1@example.org"), NOW)
        assert await transaction.opted_out([mail("sk-1@example.org")]) == {mail("sk-1@example.org")}
        hashes = await transaction._db.exec_driver_sql("SELECT hash FROM optouts")  # type: ignore[attr-defined]
        assert "sk-1" not in str(hashes.all())


async def test_erasing_somebody_unknown_does_nothing(any_store: SqlStore):
    async with any_store.step() as transaction:
        await answered(transaction)
        before = await everything(transaction)
        for address in (mail("x@example.org"), phone("+46701740699"), chat(99)):
            assert sum((await transaction.erase(address, NOW)).values()) == 0
        assert await everything(transaction) == before


# --- export ----------------------------------------------------------------------------------------------------


async def test_an_export_has_all_of_one_respondent_and_nothing_of_others(any_store: SqlStore):
    async with any_store.step() as transaction:
        await answered(transaction)
        await transaction.opt_out([mail("sk-1@example.org")], NOW, Channel.CHAT)
    async with any_store.look() as transaction:
        by_mail = await transaction.export(mail("sk-1@example.org"))
        by_chat = await transaction.export(chat(1234567))
        nobody = await transaction.export(mail("x@example.org"))
    text = json.dumps(by_mail, ensure_ascii=False)
    assert [secret for secret in SECRETS if secret not in text] == []
    assert "SK-2" not in text
    assert by_mail["opted_out"] is True
    assert by_chat["cases"] == by_mail["cases"]
    assert (by_chat["opted_out"], by_chat["chats"][0]["language"]) == (False, "sv")
    assert len(by_chat["messages"]) == len(by_chat["updates"]) == len(by_chat["links"]) == 1
    assert (nobody["cases"], nobody["links"], nobody["messages"]) == ([], [], [])


async def test_the_surveys_of_one_person_and_a_deletion_elsewhere(any_store: SqlStore):
    async with any_store.step() as transaction:
        [one, two] = await answered(transaction)
        assert await transaction.surveys_of(mail("sk-1@example.org")) == [one.id]
        assert await transaction.surveys_of(phone("+46701740605")) == [one.id]
        assert await transaction.surveys_of(chat(4)) == [two.id]
        assert await transaction.surveys_of(mail("nobody@example.org")) == []
        await transaction.log_deletion("recordings", 0, NOW, NOW)
        await transaction.log_deletion("recordings", 2, None, NOW)
        assert plain_log(await transaction.deletions()) == [("recordings", 2)]


# --- retention -------------------------------------------------------------------------------------------------


async def test_replies_and_comments_go_and_ratings_stay(any_store: SqlStore):
    async with any_store.step() as transaction:
        [one, _] = await answered(transaction)
        assert await transaction.purge("replies", NOW, NOW) == 0, "not older"
        assert await transaction.purge("replies", NOW + MINUTE, NOW + DAY) == 3
        assert await transaction.purge("comments", NOW + MINUTE, NOW + DAY) == 2
        assert await transaction.purge("replies", NOW + MINUTE, NOW + DAY) == 0, "nothing is left"
        left = await everything(transaction)
        assert "trasigt" not in left
        assert "lutar" not in left
        assert [each.rating for each in await transaction.answers(one.id)] == [Rating.BRA, Rating.DALIGT]
        assert plain_log(await transaction.deletions()) == [("replies", 3), ("comments", 2)]
        assert await transaction.verify_rollup() == 0


async def test_contacts_go_and_the_next_import_does_not_bring_them_back(any_store: SqlStore):
    async with any_store.step() as transaction:
        await transaction.put_cases([SK_1], NOW)
        assert await transaction.purge("contacts", NOW, NOW) == 1
        assert await transaction.put_cases([SK_1], NOW) == [CaseChange.UNCHANGED]
        [stored] = await transaction.undecided(9)
        assert stored.case.addresses == []
        assert stored.case.unit == "Gator"


async def test_cases_go_with_all_that_is_theirs_and_the_rollup_stays(any_store: SqlStore):
    async with any_store.step() as transaction:
        await answered(transaction)
        await transaction.put_cases([a_case("SK-9", closed_at=NOW + DAY)], NOW)
        counts = await transaction.answer_counts(WEEK, WEEK)
        assert await transaction.purge("cases", NOW, NOW) == 2
        assert [each.case.case_id for each in await transaction.undecided(9)] == ["SK-9"]
        assert await transaction.invitation(1) is None
        assert await transaction.session(1) is None
        assert await transaction.answer_counts(WEEK, WEEK) == counts
        assert await transaction.verify_rollup() == 0
        await transaction.put_cases([a_case("SK-10", closed_at=NOW + DAY)], NOW)
        assert {each.id for each in await transaction.undecided(9)} == {3, 4}, "numbers are never used again"


async def test_settled_queue_rows_go_and_outbox_keys_stay(any_store: SqlStore):
    async with any_store.step() as transaction:
        await answered(transaction)
        await transaction.set_fact("case_api.idempotency.abc", "{}", NOW)
        await transaction.set_fact("imported:x", "1", NOW)
        for row in await transaction.claim(list(OutboxKind), NOW, MINUTE, 9):
            await (transaction.retry(row.id, "blocked", None) if row.key == "t" else transaction.finish(row.id, NOW))
        await transaction.finish_update(1, NOW)
        assert await transaction.purge("queues", NOW, NOW) == 0
        assert await transaction.purge("queues", NOW + DAY, NOW + DAY) == 4, "t and other, update 1, idempotency"
        state = await transaction.queue_state(NOW)
        assert [each.update_id for each in await transaction.claim_updates(NOW, MINUTE, 9)] == [2], "waiting work stays"
        assert await transaction.enqueue([a_row("t"), a_row("other")]) == 0
        assert await transaction.fact("imported:x") == "1"
        assert "chat:" not in await everything(transaction)
        assert state["outbox"] == {}


async def test_idle_chats_go(any_store: SqlStore):
    later = NOW + 100 * DAY
    async with any_store.step() as transaction:
        one, two = await answered(transaction)
        assert await transaction.purge("chats", later, later) == 0, "their surveys are still open"
        for invitation in (one, two):
            closed = Session(questions=("leverans",), stage=Stage.CLOSED)
            await transaction.save_session(invitation.id, closed, NOW)
        account = await transaction.account(NOW, NOW + DAY)
        await transaction.link_chat(4, [mail("sk-2@example.org")], later)
        assert await transaction.purge("chats", later, later) == 1, "chat 4 said yes lately"
        assert await transaction.chat(1234567) is None
        assert await transaction.chat_addresses(1234567) == set()
        assert await transaction.chat(4) is not None
        assert await transaction.account(NOW, NOW + DAY) == account


async def test_an_unknown_kind_is_refused(any_store: SqlStore):
    with pytest.raises(ValueError, match="no kind of data is called 'everything'; there are replies"):
        async with any_store.step() as transaction:
            await transaction.purge("everything", NOW, NOW)


# --- the account -----------------------------------------------------------------------------------------------


async def test_the_response_account(any_store: SqlStore):
    async with any_store.step() as transaction:
        one, two, three = await invited(transaction, [a_case(f"SK-{n}") for n in range(3)])
        await transaction.own_invitation(one.token, 17, NOW)
        await transaction.own_invitation(two.token, 18, NOW)
        at_home = NOW.astimezone(timezone(timedelta(hours=2)))
        await transaction.put_answer(an_answer(one.id, rating=None, received_at=at_home))
        await transaction.put_answer(an_answer(one.id, "bemötande", channel=Channel.WEB, received_at=at_home))
        await transaction.put_answer(an_answer(two.id, rating=None))
        assert {(row.unit, row.reason, row.reached, row.channel): row.count for row in await account(transaction)} == {
            ("Gator", None, True, Channel.WEB): 1,
            ("Gator", None, True, None): 1,
            ("Gator", None, False, None): 1,
        }
        assert await transaction.account(NOW + DAY, NOW + 2 * DAY) == []
        said = await transaction.surveyed(one.id)
        assert said is not None
        assert said.answered_at == NOW
        assert three.disposition is not Disposition.COMPLETED


async def account(transaction: Transaction) -> list[AccountRow]:
    return await transaction.account(NOW, NOW + DAY)
