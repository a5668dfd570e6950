"""A customer answers on the page, with plain forms: what is shown, and what is stored."""

import asyncio
from datetime import timedelta

import pytest

from models.conversation import Accepted, Rated, ReasonChosen
from models.rating import Rating
from models.survey import Chat, Disposition
from tests.web.survey.conftest import CASE, TOKEN, World


async def answer_all(world: World, *choices: str) -> None:
    for question, choice in zip(world.policy.questions, choices, strict=False):
        await world.post(f"fraga:{question}", choice)


async def test_three_taps_and_done(world: World) -> None:
    page = await world.get()
    assert (page.status, page.heading) == (200, "Hur upplevde du vårt bemötande?")
    assert "Potthål på Storgatan" in page.text
    assert "Fråga 1 av 3" in page.text
    page = await world.post(page.abouts[1], "bra")
    assert page.hops == (303,)
    assert "Fråga 2 av 3" in page.text
    assert "Potthål" not in page.text, "said once is enough"
    page = await world.post(page.abouts[1], "ok")
    page = await world.post(page.abouts[1], "bra")
    assert page.heading == "Tack! Är det något mer du vill berätta?"
    page = await world.post("kommentar", "hoppa")
    assert page.heading == "Tack för att du tog dig tid!"
    assert "3\u00a0december klockan\u00a013.00" in page.text
    assert page.url == f"/s/{TOKEN}"
    invitation, session, answers = await world.stored()
    assert await world.answers() == {"bemotande": "bra", "tillganglighet": "ok", "leverans": "bra"}
    assert {each.channel for each in answers} == {"web"}
    assert invitation.disposition is Disposition.COMPLETED
    assert session is not None


async def test_poor_and_what_went_wrong_by_a_button(world: World) -> None:
    page = await world.post("fraga:bemotande", "daligt")
    assert page.heading == "Tråkigt att det inte blev bra. Vad gick fel?"
    assert page.buttons[1:6] == list(world.policy.script.reasons)
    page = await world.post("skal:bemotande", "svart_att_na")
    assert page.heading.startswith("Hur upplevde du vår tillgänglighet?")
    await world.post("fraga:tillganglighet", "hoppa")
    await world.post("fraga:leverans", "bra")
    page = await world.post("kommentar", "ord", "Ring mig aldrig före nio, tack.\r\nAnnars bra!")
    assert page.heading == "Tack för att du tog dig tid!"
    assert "Svårt att nå er" in page.text
    assert "Hoppade över" in page.text
    assert "före nio" not in page.text, "whoever has the link is shown no words"
    assert await world.comments() == ("Ring mig aldrig före nio, tack.\nAnnars bra!",)


async def test_what_went_wrong_in_own_words(world: World) -> None:
    await world.post("fraga:bemotande", "daligt")
    await world.post("skal:bemotande", "ord", "Ingen ringde tillbaka på tre veckor")
    async with world.store.look() as tx:
        surveyed = await tx.surveyed(1)
    assert surveyed is not None
    assert surveyed.reasons == (("bemotande", "", "Ingen ringde tillbaka på tre veckor"),)


async def test_back_and_change(world: World) -> None:
    page = await world.post("fraga:bemotande", "ok")
    assert f'href="/s/{TOKEN}?fraga=1"' in page.text
    page = await world.get(f"/s/{TOKEN}?fraga=1")
    assert "Du har svarat ”Ok”" in page.text
    assert page.abouts[1] == "fraga:bemotande:ok"
    page = await world.post("fraga:bemotande:ok", "bra")
    assert page.notices == ["Tack, vi har ändrat ditt svar."]
    assert "Fråga 2 av 3" in page.text, "a change costs nobody their place"
    assert await world.answers() == {"bemotande": "bra"}


async def test_answers_can_be_changed_after_the_thanks_until_the_deadline(world: World) -> None:
    await answer_all(world, "bra", "hoppa", "bra")
    await world.post("kommentar", "hoppa")
    page = await world.get(f"/s/{TOKEN}?fraga=2")
    assert "Du hoppade över frågan" in page.text
    page = await world.post("fraga:tillganglighet:hoppad", "daligt")
    assert "Vad gick fel?" in page.heading
    page = await world.post("skal:tillganglighet", "hoppa")
    assert page.heading == "Tack för att du tog dig tid!"
    assert (await world.answers())["tillganglighet"] == "dåligt"
    world.clock.time += timedelta(days=14)
    page = await world.post("fraga:tillganglighet:daligt", "bra")
    assert (page.status, page.heading) == (410, "Svarstiden har gått ut")
    assert (await world.answers())["tillganglighet"] == "dåligt"


async def test_something_to_add_after_the_thanks(world: World) -> None:
    await answer_all(world, "bra", "bra", "bra")
    await world.post("kommentar", "hoppa")
    page = await world.post("mer", "ord", "Lampan vid porten är också trasig")
    assert page.notices[0].startswith("Tack, vi har lagt till det i ditt svar.")
    assert "kontakt@example.se" in page.notices[0]
    assert await world.comments() == ("Lampan vid porten är också trasig",)
    again = await asyncio.gather(*(world.post("mer", "ord", "Lampan vid porten är också trasig") for _ in range(3)))
    assert {each.notices[0] for each in again} == {page.notices[0]}
    assert len(await world.comments()) == 1
    for number in range(20):
        world.seconds[0] += 10
        page = await world.post("mer", "ord", f"Och lampa nummer {number} lyser inte")
    assert page.notices[0].startswith("Tack, nu har vi fått det du ville lägga till.")
    assert len(await world.comments()) == 20


async def test_skipping_everything(world: World) -> None:
    await answer_all(world, "hoppa", "hoppa")
    page = await world.post("fraga:leverans", "hoppa")
    assert "Du hoppade över alla frågor" in page.text
    assert (await world.stored())[0].disposition is Disposition.BREAK_OFF


@pytest.mark.parametrize(("said", "marked"), [("bra", "bra"), ("ok", "ok"), ("daligt", "dåligt")])
async def test_a_button_in_the_mail_needs_one_more_tap(world: World, said: str, marked: str) -> None:
    page = await world.get(f"/s/{TOKEN}?{said}")
    assert f"Du valde ”{marked.capitalize()}”" in page.text
    assert page.buttons[1] == said
    assert (await world.stored())[1] is None
    after = await world.post(page.abouts[1], said)
    assert await world.answers() == {"bemotande": marked}
    page = await world.get(f"/s/{TOKEN}?{said}")
    assert page.text == after.text, "the same button again shows where the survey is"
    page = await world.get(f"/s/{TOKEN}?{'ok' if said == 'bra' else 'bra'}")
    assert page.abouts[1] == f"fraga:bemotande:{said}", "another button offers a change"


# --- late, doubled and from elsewhere ---------------------------------------------------------------------------


async def test_a_double_tap_answers_once(world: World) -> None:
    pages = await asyncio.gather(*(world.post("fraga:bemotande", "bra") for _ in range(5)))
    assert {page.status for page in pages} == {200}
    assert {page.heading for page in pages} == {"Hur upplevde du vår tillgänglighet?"}
    assert not any(page.notices for page in pages)
    assert await world.answers() == {"bemotande": "bra"}


async def test_two_tabs_the_first_answer_stays_and_the_second_is_asked(world: World) -> None:
    await world.post("fraga:bemotande", "bra")
    page = await world.post("fraga:bemotande", "daligt")  # from a tab that showed the question unanswered
    assert page.notices[0].startswith("Den frågan hade redan fått ett svar")
    assert page.abouts[1] == "fraga:bemotande:bra"
    assert await world.answers() == {"bemotande": "bra"}


async def test_an_answer_in_the_chat_is_not_overwritten_by_an_old_page(world: World) -> None:
    await world.happens_in_chat(Accepted())
    await world.happens_in_chat(Rated("bemotande", Rating.DALIGT))
    await world.happens_in_chat(ReasonChosen("bemotande", "annat"))
    page = await world.post("fraga:bemotande", "bra")
    assert page.notices[0].startswith("Den frågan hade redan fått ett svar")
    page = await world.get()
    assert "Fråga 2 av 3" in page.text, "the survey goes on where it stands"
    assert await world.answers() == {"bemotande": "dåligt"}


@pytest.mark.parametrize(
    ("about", "choice", "words"),
    [
        ("skal:bemotande", "annat", ""),
        ("skal:bemotande", "hoppa", ""),
        ("kommentar", "hoppa", ""),
        ("stammer:bemotande:bra", "ja", ""),
        ("stammer:bemotande:bra", "nej", ""),
        ("lov", "ja", ""),
    ],
)
async def test_a_form_for_what_is_not_being_asked_does_nothing(
    world: World, about: str, choice: str, words: str
) -> None:
    await world.post("fraga:bemotande", "bra")
    before = await world.stored()
    page = await world.post(about, choice, words)
    assert page.notices == ["Det där var redan klart. Så här långt har du kommit."]
    assert await world.stored() == before


async def test_words_that_come_late_are_kept_in_the_field_and_not_taken_for_something_else(world: World) -> None:
    await world.post("fraga:bemotande", "daligt")
    await world.post("skal:bemotande", "annat")
    page = await world.post("skal:bemotande", "ord", "Ni svarade inte")
    assert (page.status, await world.comments()) == (409, ())
    assert '<blockquote class="unsent">Ni svarade inte</blockquote>' in page.text, "no field to put them in"
    await answer_all(world, "", "bra", "bra")
    page = await world.post("skal:bemotande", "ord", "Ni svarade <inte>")
    assert page.status == 409
    assert ">Ni svarade &lt;inte&gt;</textarea>" in page.text
    assert page.notices[0].startswith("Enkäten hade redan gått vidare")
    assert page.abouts[1] == "kommentar"


async def test_a_comment_sent_twice_is_stored_once(world: World) -> None:
    await answer_all(world, "bra", "bra", "bra")
    pages = await asyncio.gather(*(world.post("kommentar", "ord", "Fint gjort av er allihop") for _ in range(3)))
    assert [(page.status, page.heading) for page in pages] == [(200, "Tack för att du tog dig tid!")] * 3
    assert await world.comments() == ("Fint gjort av er allihop",)


async def test_words_too_long_come_back_with_what_was_wrong(world: World) -> None:
    await answer_all(world, "bra", "bra", "bra")
    page = await world.post("kommentar", "ord", "å" * 2001)
    assert page.status == 400
    assert "högst 2000 tecken" in page.text
    assert "å" * 2001 in page.text
    assert await world.comments() == ()
    page = await world.post("kommentar", "ord", " \r\n ")
    assert "Du har inte skrivit något än" in page.text
    page = await world.post("kommentar", "ord", "å" * 2000)
    assert page.status == 200
    assert await world.comments() == ("å" * 2000,)


async def test_words_that_may_be_a_stop_are_kept_and_asked_about(world: World) -> None:
    await answer_all(world, "bra", "bra", "bra")
    page = await world.post("kommentar", "ord", "Ring mig aldrig före nio, tack")
    assert (page.heading, len(page.notices)) == ("Tack för att du tog dig tid!", 1)
    assert f'<a href="/s/{TOKEN}/nej">Jag vill inte ha fler enkäter</a>' in page.notices[0]
    assert await world.comments() == ("Ring mig aldrig före nio, tack",)
    async with world.store.look() as tx:
        assert not await tx.opted_out(set(CASE.addresses))


async def test_stop_in_words_is_heeded(world: World) -> None:
    await answer_all(world, "bra", "bra", "bra")
    page = await world.post("kommentar", "ord", "stopp")
    assert page.heading == "Då frågar vi inte mer"
    async with world.store.look() as tx:
        assert await tx.opted_out(set(CASE.addresses)) == set(CASE.addresses)


# --- languages and other ways ---------------------------------------------------------------------------------------


async def test_the_language_goes_with_the_invitation(world: World) -> None:
    page = await world.get()
    assert '<html lang="sv">' in page.text
    page = await world.post("sprak", "en")
    assert '<html lang="en">' in page.text
    assert page.headers["Content-Language"] == "en"
    assert page.heading == "How did you find the way we treated you?"
    invitation, session, _ = await world.stored()
    assert (invitation.language, invitation.opened_at, session) == ("en", None, None)
    assert (await world.post("sprak", "xx")).status == 400


async def test_telegram_and_a_call_where_they_are_offered(open_world) -> None:
    async with open_world(bot_username="ExempelOmdomeBot", calls=True) as world:
        await world.invite()
        page = await world.get()
        assert f'href="https://t.me/ExempelOmdomeBot?start={TOKEN}"' in page.text
        page = await world.post("ring", "ja")
        page = await world.post("ring", "ja")
        assert page.notices == [
            "Då ringer vi dig, så snart vi kan på en vardag mellan klockan 09:00 och 20:00. "
            "Du kan förstås svara här under tiden."
        ]
        async with world.store.look() as tx:
            state = await tx.queue_state(world.clock.now())
        assert state["outbox"]["call"]["waiting"] == 1
        assert await world.answers() == {}


async def test_a_survey_of_a_chat_finished_here_asks_about_later_cases_too(world: World) -> None:
    async with world.store.step() as tx:
        await tx.save_chat(Chat(chat_id=17, language="sv"))
        await tx.own_invitation(TOKEN, 17, world.clock.now())
    await world.happens_in_chat(Accepted())
    await answer_all(world, "bra", "bra", "bra")
    page = await world.post("kommentar", "hoppa")
    assert page.heading.startswith("En sista sak: får vi fråga dig i Telegram")
    page = await world.post("lov", "ja")
    assert page.heading == "Tack för att du tog dig tid!"
    async with world.store.look() as tx:
        chat = await tx.chat(17)
        linked = await tx.linked_chat(CASE.addresses)
    assert chat is not None
    assert chat.permission is True
    assert linked == chat


async def test_neither_where_they_are_not(world: World) -> None:
    page = await world.get()
    assert "t.me" not in page.text
    assert "Ring mig" not in page.text
    assert (await world.post("ring", "ja")).notices == []
    async with world.store.look() as tx:
        assert not (await tx.queue_state(world.clock.now()))["outbox"]


async def test_nothing_personal_is_shown_but_what_the_case_was(world: World) -> None:
    page = await world.get()
    for word in ("TK-1", "Handläggare 7", "handlaggare7", "kund@example.se", "0701740605", "46701740605"):
        assert word not in page.text
