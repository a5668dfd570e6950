"""What other systems ask about, on every backend."""

from dataclasses import replace

from models.closing import Activity
from models.conversation import OptedOut, Script
from models.rating import Rating
from models.selection import Decision, NotAsked
from models.survey import Channel, Disposition
from storage.database import SqlStore
from survey.conversation import advance, start
from tests.contracts.examples import DAY, NOW, a_case, an_answer, invited, mail, phone


async def test_the_closings_of_a_case_newest_first(any_store: SqlStore) -> None:
    first, again = a_case("KS 2026/1"), a_case("KS 2026/1", closed_at=NOW)
    async with any_store.step() as tx:
        [invitation] = await invited(tx, [first])
        await tx.put_cases([again, a_case("KS 2026/2")], NOW)
        [undecided] = [each for each in await tx.undecided(9) if each.case == again]
        assert [each.decided_at for each in await tx.closings("KS 2026/1")] == [None, NOW]
        await tx.decide([Decision(undecided.id, NotAsked.ASKED_RECENTLY)], NOW)
        newest, oldest = await tx.closings("KS 2026/1")
        assert (newest.case, newest.not_asked, newest.invitation) == (again, NotAsked.ASKED_RECENTLY, None)
        assert (oldest.case, oldest.not_asked, oldest.invitation) == (first, None, invitation)
        assert await tx.closings("KS 2026/3") == []


async def test_what_is_erased_and_what_is_a_trial_is_no_case(any_store: SqlStore) -> None:
    async with any_store.step() as tx:
        await invited(tx, [a_case("SK-1"), a_case("försök", trial=True)])
        await tx.erase(mail("sk-1@example.org"), NOW)
        assert await tx.closings("SK-1") == []
        assert await tx.closings("erased-1") == []
        assert await tx.closings("försök") == []


async def test_the_open_surveys_of_an_address(any_store: SqlStore) -> None:
    number = "+46701740605"
    async with any_store.step() as tx:
        by_mail, by_phone, closed, _other = await invited(
            tx,
            [
                a_case("A", mail="a@example.org"),
                a_case("B", mail="", phone=number),
                a_case("C", mail="a@example.org", phone=number),
                a_case("D", mail=""),
            ],
        )
        ended = advance(start(("leverans",), permission_wanted=False), OptedOut(), Script(reasons=())).session
        await tx.save_session(closed.id, ended, NOW)
        assert await tx.open_surveys([mail("a@example.org")]) == [by_mail]
        assert await tx.open_surveys([mail("a@example.org"), phone(number)]) == [by_mail, by_phone]
        assert await tx.open_surveys([mail("nobody@example.org")]) == []
        assert await tx.open_surveys([]) == []


async def test_what_has_happened_lately(any_store: SqlStore) -> None:
    async with any_store.step() as tx:
        assert await tx.activity(NOW - DAY) == Activity(answers={}, invitations={})
        one, two, trial = await invited(tx, [a_case("A"), a_case("B"), a_case("C", trial=True)])
        await tx.put_answer(an_answer(one.id))
        await tx.put_answer(an_answer(one.id, "bemotande", Rating.OK, channel=Channel.WEB))
        await tx.put_answer(an_answer(one.id, "tillganglighet", None))
        await tx.put_answer(an_answer(two.id, received_at=NOW - 2 * DAY))
        await tx.put_answer(an_answer(trial.id))
        await tx.save_invitation(replace(one, disposition=Disposition.COMPLETED))
        found = await tx.activity(NOW - DAY)
    assert found.answers == {Channel.CHAT: 1, Channel.WEB: 1}
    assert found.invitations == {Disposition.COMPLETED: 1, None: 1}
