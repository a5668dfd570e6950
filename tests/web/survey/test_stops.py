"""No to this survey, or to all of them: on a page, and from the mail program."""

from dataclasses import replace
from datetime import timedelta

from models.survey import Disposition
from tests.web.survey.conftest import CASE, TOKEN, World

NO = f"/s/{TOKEN}/nej"
REACH = (
    "Vi har ingen mejladress eller telefon till dig här, så vill du slippa alla enkäter: "
    "hör av dig till Exempelkommunen (kontakt@example.se)."
)
ONE_CLICK = f"/s/{TOKEN}/avregistrera"


async def opted_out(world: World) -> bool:
    async with world.store.look() as tx:
        return bool(await tx.opted_out(set(CASE.addresses)))


async def test_no_to_this_survey(world: World) -> None:
    page = await world.get(NO)
    assert page.buttons[-2:] == ["denna", "alla"]
    page = await world.send(NO, {"choice": "denna"})
    assert (page.url, page.heading) == (f"/s/{TOKEN}", "Då frågar vi inte om det här ärendet")
    assert (await world.stored())[0].disposition is Disposition.REFUSED
    assert not await opted_out(world)
    page = await world.get(NO)
    assert page.buttons[-1:] == ["alla"], "this survey is over; the other choice stays"
    assert "denna" not in page.buttons


async def test_no_to_all_surveys(world: World) -> None:
    page = await world.send(NO, {"choice": "alla"})
    assert page.heading == "Då frågar vi inte mer"
    assert await opted_out(world)


async def test_who_we_know_no_address_of_is_promised_no_more_than_we_can_keep(open_world) -> None:
    async with open_world() as world:
        await world.invite(case=replace(CASE, mail="", phone=""))
        page = await world.send(NO, {"choice": "alla"})
        assert page.heading == "Då frågar vi inte om det här ärendet"
        assert "aldrig" not in page.text
        assert REACH in page.text


async def test_who_we_know_no_address_of_is_offered_no_more_than_we_can_keep(open_world) -> None:
    async with open_world() as world:
        await world.invite(case=replace(CASE, mail="", phone=""))
        page = await world.get(NO)
        assert ("denna" in page.buttons, "alla" in page.buttons) == (True, False)
        assert REACH in page.text
        page = await world.send(NO, {"choice": "denna"})
        assert REACH in page.text
        assert NO not in page.text, "no link that leads round in a circle"
        page = await world.get(NO)
        assert (page.heading, page.buttons) == ("Vill du slippa fler enkäter?", ["en"])
        assert REACH in page.text


async def test_who_has_said_no_to_all_is_told_so(world: World) -> None:
    await world.send(NO, {"choice": "alla"})
    page = await world.get(NO)
    assert (page.heading, page.buttons) == ("Du får inga fler enkäter", ["en"])
    assert "Du har redan tackat nej till alla enkäter från oss. Vi hör inte av oss mer." in page.text
    assert "Tillbaka till enkäten" not in page.text


async def test_after_the_last_question_there_are_only_other_surveys_to_be_spared(world: World) -> None:
    for question in world.policy.questions:
        await world.post(f"fraga:{question}", "bra")
    await world.post("kommentar", "hoppa")
    page = await world.get(NO)
    assert (page.heading, page.buttons) == ("Vill du slippa fler enkäter?", ["en", "alla"])
    assert "Den här enkäten är redan klar." in page.text
    assert "Säg till här om du inte vill ha några fler." in page.text
    world.clock.time += timedelta(days=20)
    assert "Den här enkäten är redan stängd." in (await world.get(NO)).text


async def test_no_half_way_keeps_what_was_answered(world: World) -> None:
    await world.post("fraga:bemotande", "bra")
    await world.send(NO, {"choice": "denna"})
    assert (await world.stored())[0].disposition is Disposition.PARTIAL
    assert await world.answers() == {"bemotande": "bra"}


async def test_a_finished_survey_is_not_taken_back_by_a_late_form(world: World) -> None:
    for question in world.policy.questions:
        await world.post(f"fraga:{question}", "bra")
    await world.post("kommentar", "hoppa")
    page = await world.send(NO, {"choice": "denna"})
    assert page.heading == "Tack för att du tog dig tid!"
    assert (await world.stored())[0].disposition is Disposition.COMPLETED


async def test_no_to_all_holds_also_after_the_deadline(world: World) -> None:
    world.clock.time += timedelta(days=20)
    page = await world.send(NO, {"choice": "alla"})
    assert (page.status, page.heading) == (200, "Då frågar vi inte mer")
    assert await opted_out(world)


async def test_the_language_of_the_page(world: World) -> None:
    page = await world.send(f"/s/{TOKEN}", {"about": "sprak:nej", "choice": "en"})
    assert (page.url, page.heading) == (NO, "Would you rather not answer?")


async def test_other_choices_are_refused(world: World) -> None:
    for fields in ({"choice": "allihop"}, {}, {"choice": ""}):
        assert (await world.send(NO, fields)).status == 400
    assert not await opted_out(world)


async def test_one_click_in_the_mail_program(world: World) -> None:
    """RFC 8058: a POST from anywhere, without cookies or a page of ours."""
    page = await world.send(
        ONE_CLICK, {"List-Unsubscribe": "One-Click"}, Origin="https://mail.example.org", Sec_Fetch_Site="cross-site"
    )
    assert (page.status, page.hops, page.heading) == (200, (), "Då frågar vi inte mer")
    assert await opted_out(world)
    again = await world.send(ONE_CLICK, {"List-Unsubscribe": "One-Click"})
    assert (again.status, again.heading) == (200, "Då frågar vi inte mer")


async def test_one_click_as_a_form_with_parts(world: World) -> None:
    """RFC 8058 allows multipart/form-data too."""
    body = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with world.http.post(world.address + ONE_CLICK, data=body, headers=headers) as response:
        assert response.status == 200
    assert await opted_out(world)


async def test_what_is_no_one_click_is_asked_first(world: World) -> None:
    for page in (await world.get(ONE_CLICK), await world.send(ONE_CLICK, {"something": "else"})):
        assert (page.hops, page.url) == ((303,), NO)
    assert not await opted_out(world)
