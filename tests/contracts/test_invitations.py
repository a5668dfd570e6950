"""Invitations, sessions and chats, on every backend."""

from dataclasses import replace

from models.conversation import Given, Session, Stage
from models.rating import Rating
from models.survey import Channel, Chat, Disposition
from storage.database import SqlStore
from tests.contracts.examples import DAY, NOW, a_case, an_invitation, invited, mail, phone


async def test_a_closure_keeps_its_first_invitation(any_store: SqlStore):
    async with any_store.step() as transaction:
        [first] = await invited(transaction, [a_case()])
        await transaction.put_cases([a_case("SK-2")], NOW)
        again = an_invitation(first.case_number, token="another-token-altogether")
        other = an_invitation(first.case_number + 1)
        kept, new = await transaction.put_invitations([again, other])
        assert kept == first
        assert new == replace(other, id=new.id)
        assert new.id not in (0, first.id)
        assert await transaction.invitation_by_token(again.token) is None
        assert await transaction.invitation(first.id) == first == await transaction.invitation_by_token(first.token)


async def test_a_cases_newest_invitation_is_found_by_its_id(any_store: SqlStore):
    async with any_store.step() as transaction:
        case = a_case("SK-7")
        closings = [case, replace(case, closed_at=case.closed_at + DAY), a_case("SK-8")]
        _, second, _ = await invited(transaction, closings)
        assert await transaction.invitation_of_case("SK-7") == second
        assert await transaction.invitation_of_case("SK-9") is None


async def test_the_first_chat_that_opens_it_owns_it(any_store: SqlStore):
    async with any_store.step() as transaction:
        [invitation] = await invited(transaction, [a_case()])
        mine = replace(invitation, chat_id=17, opened_at=NOW)
        assert await transaction.own_invitation(invitation.token, 17, NOW) == mine
        assert await transaction.own_invitation(invitation.token, 4711, NOW + DAY) == mine
        assert await transaction.own_invitation(invitation.token, 17, NOW + DAY) == mine, "opened once"
        assert await transaction.own_invitation("no-such-token", 17, NOW) is None


async def test_the_chats_invitations(any_store: SqlStore):
    async with any_store.step() as transaction:
        one, two, _ = await invited(transaction, [a_case(f"SK-{n}") for n in range(3)])
        one, two = replace(one, chat_id=17), replace(two, chat_id=17, created_at=NOW + DAY)
        await transaction.save_invitation(one)
        await transaction.save_invitation(two)
        assert await transaction.open_invitations(17) == [one, two]
        finished = replace(two, disposition=Disposition.COMPLETED)
        await transaction.save_invitation(finished)
        assert await transaction.open_invitations(17) == [one]
        assert await transaction.latest_invitation(17) == finished
        assert await transaction.latest_invitation(4) is None


async def test_unopened_invitations_come_with_their_case(any_store: SqlStore):
    async with any_store.step() as transaction:
        one, two, three = await invited(transaction, [a_case(f"SK-{n}") for n in range(3)])
        await transaction.own_invitation(two.token, 17, NOW)
        await transaction.save_invitation(replace(three, created_at=NOW - DAY))
        [(invitation, stored)] = await transaction.unopened_invitations(NOW)
        assert (invitation, stored.id, stored.case) == (one, one.case_number, a_case("SK-0"))


async def test_who_has_refused_gets_no_link(any_store: SqlStore):
    async with any_store.step() as transaction:
        await invited(transaction, [a_case("SK-1"), a_case("SK-2"), a_case("SK-3", mail="", phone="+46701740605")])
        await transaction.opt_out([mail("sk-1@example.org"), phone("+46701740605")], NOW, Channel.CHAT)
        [(_, stored)] = await transaction.unopened_invitations(NOW)
    assert stored.case.case_id == "SK-2"


async def test_reminders_and_expiries_fall_due(any_store: SqlStore):
    async with any_store.step() as transaction:
        one, two = await invited(transaction, [a_case("SK-1"), a_case("SK-2")])
        assert await transaction.due_reminders(NOW + 2 * DAY, 10) == []
        assert await transaction.due_reminders(NOW + 3 * DAY, 10) == [one, two]
        assert await transaction.due_reminders(NOW + 3 * DAY, 1) == [one]
        await transaction.save_invitation(replace(one, remind_at=None))
        await transaction.save_invitation(replace(two, disposition=Disposition.COMPLETED))
        assert await transaction.due_reminders(NOW + 3 * DAY, 10) == []

        assert await transaction.due_expiries(NOW + 13 * DAY, 10) == []
        assert [each.id for each in await transaction.due_expiries(NOW + 14 * DAY, 10)] == [one.id, two.id]
        await transaction.save_session(one.id, Session(questions=("leverans",), stage=Stage.CLOSED), NOW)
        await transaction.save_session(two.id, Session(questions=("leverans",), stage=Stage.DONE), NOW)
        assert [each.id for each in await transaction.due_expiries(NOW + 14 * DAY, 10)] == [two.id]


async def test_a_session_comes_back_as_it_was(any_store: SqlStore):
    session = Session(
        questions=("bemötande", "leverans"),
        stage=Stage.CONFIRM,
        current="leverans",
        given=(Given("bemötande", Rating.DALIGT), Given("leverans", None)),
        pending=Rating.OK,
        misses=1,
        disposition=Disposition.PARTIAL,
    )
    async with any_store.step() as transaction:
        [invitation] = await invited(transaction, [a_case()])
        assert await transaction.session(invitation.id) is None
        await transaction.save_session(invitation.id, Session(questions=("x",)), NOW)
        await transaction.save_session(invitation.id, session, NOW)
    async with any_store.look() as transaction:
        assert await transaction.session(invitation.id) == session


async def test_a_chat_and_its_links(any_store: SqlStore):
    one = Chat(chat_id=17, language="sv", current=3, permission=True, question_message=99)
    two = Chat(chat_id=-100123456789012, language="en")
    a, b, c = mail("a@example.org"), mail("b@example.org"), phone("+46701740605")
    async with any_store.step() as transaction:
        await transaction.save_chat(replace(one, current=None))
        await transaction.save_chat(one)
        await transaction.save_chat(two)
        assert [await transaction.chat(17), await transaction.chat(two.chat_id), await transaction.chat(1)] == [
            one,
            two,
            None,
        ]
        await transaction.link_chat(17, [a, b], NOW)
        await transaction.link_chat(17, [a], NOW)
        await transaction.link_chat(two.chat_id, [b], NOW + DAY)
        assert await transaction.chat_addresses(17) == {a, b}
        assert await transaction.linked_chat([c, a]) == one
        assert await transaction.linked_chat([a, b]) == two, "the newest yes"
        assert await transaction.linked_chat([c]) is None
        assert await transaction.linked_chats([a, b, c]) == {a: one, b: two}
        await transaction.save_chat(replace(two, dead=True))
        assert await transaction.linked_chats([a, b]) == {a: one, b: one}
        await transaction.unlink_chat(17)
        assert await transaction.linked_chat([a, b]) is None


async def test_handlers_are_known_by_mail_in_any_case(any_store: SqlStore):
    async with any_store.step() as transaction:
        await transaction.register_handler("H1@example.se", 5, NOW)
        await transaction.register_handler("h1@example.se", 6, NOW)
        assert await transaction.handler_chat("h1@Example.se") == 6
        assert await transaction.handler_chat("h2@example.se") is None
