"""Looking changes nothing: mail scanners, previews and curious neighbours open links too."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.conversation import Declined, OptedOut, TimedOut
from models.survey import Channel
from tests.web.survey.conftest import CASE, TOKEN, World

LOOKS = [
    f"/s/{TOKEN}{rest}"
    for rest in ("", "?bra", "?ok", "?daligt", "?fraga=2", "?sagt=changed", "?svara", "/nej", "/avregistrera")
]


@pytest.mark.parametrize("path", LOOKS)
async def test_a_look_stores_nothing(world: World, path: str) -> None:
    before = await world.stored()
    assert (await world.get(path)).status == 200
    async with world.http.head(world.address + path, allow_redirects=False) as response:
        assert response.status in (200, 303)
    assert await world.stored() == before
    invitation, session, answers = before
    assert (invitation.opened_at, session, answers) == (None, None, [])


@pytest.mark.parametrize(
    "token",
    ["AAAAAAAAAAAAAAAAAAAAAAAA", "kort", "A" * 65, "å" * 22, "A" * 21, "..%2f..%2fetc%2fpasswd", "%00" * 22, "%ff"],
)
async def test_unknown_and_impossible_links_get_the_same_page(world: World, token: str) -> None:
    unknown = await world.get("/s/BBBBBBBBBBBBBBBBBBBBBB")
    page = await world.get(f"/s/{token}")
    assert (page.status, page.text) == (404, unknown.text)
    assert page.headers["Content-Security-Policy"]
    for path in (f"/s/{token}/nej", f"/s/{token}", f"/s/{token}/avregistrera"):
        sent = await world.send(path, {"about": "fraga:bemotande", "choice": "alla", "List-Unsubscribe": "One-Click"})
        assert (sent.status, sent.text) == (404, unknown.text)


async def test_other_addresses_are_pages_too(world: World) -> None:
    for path in ("/s/", "/s", "/", f"/s/{TOKEN}/", f"/s/{TOKEN}/annat", "/rapport/nej"):
        page = await world.get(path)
        assert (page.status, page.heading) == (404, "Här finns ingen sida"), path
    assert (await world.get("/s/x", Accept_Language="en-GB,sv;q=0.5")).heading == "There is no page here"
    async with world.http.put(f"{world.address}/s/{TOKEN}") as response:
        assert (response.status, response.content_type) == (405, "text/html")
    async with world.http.get(f"{world.address}/api/nowhere") as response:
        assert (response.status, response.content_type) == (404, "application/problem+json")


async def test_after_the_deadline(world: World) -> None:
    world.clock.time += timedelta(days=14)
    page = await world.get()
    assert (page.status, page.heading) == (410, "Svarstiden har gått ut")
    assert "Jag vill inte ha fler enkäter" in page.text
    assert "kontakt@example.se" in page.text
    page = await world.post("fraga:bemotande", "bra")
    assert (page.status, await world.answers()) == (410, {})
    await world.happens_in_chat(TimedOut())
    assert (await world.get()).status == 410


async def test_an_erased_survey_is_like_any_unknown_link(world: World) -> None:
    unknown = await world.get("/s/BBBBBBBBBBBBBBBBBBBBBB")
    async with world.store.step() as tx:
        await tx.erase(CASE.addresses[0], world.clock.now())
    page = await world.get()
    assert (page.status, page.text) == (404, unknown.text)


async def test_refused_and_declined_in_another_channel(world: World) -> None:
    await world.invite("DeclinedInTheChat00000", replace(CASE, case_id="TK-2", mail="b@example.se", phone=""))
    await world.happens_in_chat(Declined(), "DeclinedInTheChat00000")
    page = await world.get("/s/DeclinedInTheChat00000")
    assert (page.status, page.heading) == (200, "Då frågar vi inte om det här ärendet")
    assert "/s/DeclinedInTheChat00000/nej" in page.text
    await world.happens_in_chat(OptedOut())
    page = await world.get()
    assert (page.status, page.heading) == (200, "Då frågar vi inte mer")
    assert (await world.post("fraga:bemotande", "bra")).heading == "Då frågar vi inte mer"
    assert await world.answers() == {}


async def test_who_has_refused_before_may_answer_about_this_case_all_the_same(world: World) -> None:
    async with world.store.step() as tx:
        await tx.opt_out(set(CASE.addresses), world.clock.now(), Channel.WEB)
    page = await world.get()
    assert page.heading == "Du har bett oss att inte fråga"
    assert page.abouts == ["sprak"]
    page = await world.get(f"/s/{TOKEN}?svara")
    page = await world.post(page.abouts[1], "bra")
    assert "Fråga 2 av 3" in page.text


async def test_a_skipped_question_can_stay_skipped(world: World) -> None:
    await world.post("fraga:bemotande", "hoppa")
    page = await world.get(f"/s/{TOKEN}?fraga=1")
    assert f'<a href="/s/{TOKEN}" class="button">Fortsätt hoppa över</a>' in page.text


async def test_a_recheck_asks_only_what_was_poor_and_says_why(world: World) -> None:
    recheck = replace(CASE, case_id="TK-1", closed_at=CASE.closed_at + timedelta(days=1), recheck_of=1)
    await world.invite("RecheckRecheckRecheck0", recheck, questions=("leverans",))
    page = await world.get("/s/RecheckRecheckRecheck0?bra")
    assert "Vi har försökt rätta till det. Vad tycker du nu?" in page.text
    assert page.heading == "Hur upplevde du vår leverans?"
    assert "Fråga 1 av" not in page.text
    page = await world.post(page.abouts[1], "bra", token="RecheckRecheckRecheck0")
    assert page.heading == "Tack! Är det något mer du vill berätta?"
    assert await world.answers("RecheckRecheckRecheck0") == {"leverans": "bra"}
