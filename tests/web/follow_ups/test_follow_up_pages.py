"""The follow-up list and its cases: who sees what, what is saved, and how the customer is asked again."""

from datetime import timedelta

import pytest

from models.rating import Rating
from models.survey import AttemptOutcome, Channel, ContactAttempt, ContactWay, Purpose
from tests.web.follow_ups.conftest import PATH, Office, say

OTHER = "https://example.com"


async def test_a_case_rated_daligt_is_in_the_list(office: Office) -> None:
    first = await office.dissatisfied("SK-1", ("leverans", "bemotande"), comment="Hålet är kvar.")
    got = await office.get()
    assert got.status == 200
    assert f'<a href="{PATH}/{first.id}">Ärende SK-1: Hål i vägen</a>' in got.text
    assert "Nytt Dåligt Bemötande, Leverans Verksamhet Gata Svarade 19 november 2026" in got.words
    assert "Har skrivit en kommentar" in got.words
    assert "Hålet är kvar." not in got.text, "that is on the case's own page"
    assert "1 ärende I perioden: 1 nya, 0 där kunden är kontaktad, 0 lösta." in got.words


async def test_the_case_is_shown_in_full(office: Office) -> None:
    first = await office.dissatisfied(comment="Ring 070-174 06 05!\n<b>Nu</b>")
    got = await office.get(f"{PATH}/{first.id}")
    assert "Bemötande Bra Tillgänglighet Bra Leverans Dåligt" in got.words
    assert "Vad som gick fel (Leverans): Inte åtgärdat" in got.words
    assert "Ring 070-174 06 05!\n&lt;b&gt;Nu&lt;/b&gt;</blockquote>" in got.text
    assert "Avslutat 18 november 2026" in got.words
    assert "bara om det som blev dåligt: vår leverans." in got.words
    assert 'value="new" checked' in got.text


async def test_everybody_sees_their_own_units_only(office: Office) -> None:
    ours, theirs = await office.dissatisfied("SK-1"), await office.dissatisfied("SK-2", unit="Park")
    assert (await office.get(who="gatuchef")).cases == ["SK-1"]
    assert (await office.get(who="parkchef")).cases == ["SK-2"]
    assert (await office.get(who="anna")).cases == ["SK-2", "SK-1"]
    form = {"lage": "solved", "anteckning": "Min.", "sedd": "//", "gor": "spara"}
    for number in (theirs.id, 999_999, 10**17):
        assert (await office.get(f"{PATH}/{number}", "gatuchef")).status == 404
        assert (await office.post(f"{PATH}/{number}", form, "gatuchef")).status == 404
    assert (await office.get(f"{PATH}/{ours.id}", "gatuchef")).status == 200
    assert "Min." not in (await office.get(f"{PATH}/{theirs.id}", "parkchef")).text


async def test_a_recipient_without_single_cases_sees_none(office: Office) -> None:
    first = await office.dissatisfied()
    for path in (PATH, f"{PATH}/{first.id}"):
        got = await office.get(path, "ledning")
        assert got.status == 403
        assert "ditt veckobrev är utan sådana" in got.words
        assert "SK-1" not in got.text
    form = {"lage": "solved", "anteckning": "", "sedd": "//", "gor": "spara"}
    assert (await office.post(f"{PATH}/{first.id}", form, "ledning")).status == 403


async def test_who_is_not_signed_in_is_sent_to_the_sign_in(office: Office) -> None:
    first = await office.dissatisfied()
    for got in (
        await office.get(PATH, ""),
        await office.get(f"{PATH}/{first.id}", ""),
        await office.post(f"{PATH}/{first.id}", {"lage": "solved"}, ""),
    ):
        assert (got.status, got.headers["Location"]) == (303, "/rapport/logga-in")


async def test_state_and_note_are_saved_and_said(office: Office) -> None:
    path = f"{PATH}/{(await office.dissatisfied()).id}"
    seen = await office.get(path)
    form = {"lage": "contacted", "anteckning": "Ringt.\r\nÅter på onsdag.", "sedd": seen.version, "gor": "spara"}
    got = await office.post(path, form)
    assert got.path == f"{path}?sparat=saved"
    assert "Sparat." in got.words
    assert got.note == "Ringt.\nÅter på onsdag."
    assert "Senast ändrat 19 november 2026 kl. 13.00 av anna." in got.words
    assert 'value="contacted" checked' in got.text
    assert "1 ärende I perioden: 0 nya, 1 där kunden är kontaktad, 0 lösta." in (await office.get()).words


async def test_a_note_comes_back_as_it_was_written(office: Office) -> None:
    path = f"{PATH}/{(await office.dissatisfied()).id}"
    note = '</textarea><script>alert(1)</script> & "så" 🙂 {{ 7 * 7 }}'
    form = {"lage": "new", "anteckning": note, "sedd": (await office.get(path)).version, "gor": "spara"}
    got = await office.post(path, form)
    assert got.note == note
    assert "<script>alert" not in got.text


async def test_of_two_managers_at_once_the_later_is_told_and_loses_nothing(office: Office) -> None:
    path = f"{PATH}/{(await office.dissatisfied()).id}"
    annas, bos = await office.get(path), await office.get(path, "bo")
    form = {"lage": "contacted", "anteckning": "Ringt.", "sedd": annas.version, "gor": "spara"}
    assert (await office.post(path, form)).status == 200
    late = {"lage": "solved", "anteckning": "Mended it.", "sedd": bos.version, "gor": "spara"}
    got = await office.post(path, late, "bo")
    assert got.status == 409
    assert "Customer contacted. Ringt. Last changed 19 November 2026, 13:00 by anna." in got.words
    assert got.note == "Mended it."
    assert 'value="solved" checked' in got.text
    assert (await office.get(path)).note == "Ringt."
    assert (await office.post(path, {**late, "sedd": got.version}, "bo")).status == 200
    assert (await office.get(path)).note == "Mended it."


async def test_a_post_from_elsewhere_changes_nothing(office: Office) -> None:
    path = f"{PATH}/{(await office.dissatisfied()).id}"
    form = {"lage": "solved", "anteckning": "Ont.", "sedd": (await office.get(path)).version, "gor": "spara"}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site", "Origin": OTHER}):
        assert (await office.post(path, form, headers=headers)).status == 403
    assert (await office.get(path)).note == ""


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"lage": "solved"},
        {"lage": "nonsense", "sedd": "//"},
        {"sedd": "//"},
    ],
)
async def test_what_is_no_form_of_ours_is_refused(office: Office, form: dict[str, str]) -> None:
    path = f"{PATH}/{(await office.dissatisfied()).id}"
    assert (await office.post(path, form)).status == 400


async def test_no_note_is_too_odd_to_be_kept(office: Office) -> None:
    path = f"{PATH}/{(await office.dissatisfied()).id}"
    for note in ("a\x00b", "\n\n  rad\n", "å" * 3000):
        form = {"lage": "new", "anteckning": note, "sedd": (await office.get(path)).version, "gor": "spara"}
        got = await office.post(path, form)
        assert (got.status, got.note) == (200, note.replace("\x00", "").strip()[:2000])
    stale = {"lage": "new", "anteckning": "", "sedd": "\x00" * 500, "gor": "fraga"}
    assert (await office.post(path, stale)).status == 409
    assert (await office.post(path, {"anteckning": "å" * 30_000})).status == 413


async def test_odd_addresses_are_pages_too(office: Office) -> None:
    await office.dissatisfied()
    for query in ("?lage=x&veckor=-1&sida=0", "?sida=99999", "?sida=²&veckor=٤", "?verksamhet=%00%ff"):
        assert (await office.get(PATH + query)).status == 200
    for path in ("/x", "/-1", "/0", "/1" + "0" * 17, "/1" + "0" * 30):
        assert (await office.get(PATH + path)).status == 404
    assert (await office.get(f"{PATH}/1?sparat=gone")).status == 200


# --- asking again --------------------------------------------------------------------------------------------------


async def test_marking_as_solved_asks_the_customer_again(office: Office) -> None:
    path = f"{PATH}/{(await office.dissatisfied()).id}"
    form = {"lage": "new", "anteckning": "Lagat.", "sedd": (await office.get(path)).version, "gor": "fraga"}
    got = await office.post(path, form)
    assert "Sparat. Kunden får frågan igen." in got.words
    assert 'value="solved" checked' in got.text
    assert "Kunden får frågan på nytt inom kort, på en rimlig tid på dagen. Inget har skickats än." in got.words
    assert "Kunden fick" not in got.words
    assert "Det går bara att fråga en gång." in got.words
    assert 'value="fraga"' not in got.text
    [(invitation, way)] = office.asked
    assert (invitation.questions, way) == (("leverans",), "mail")
    assert "Ska tillfrågas igen, inget skickat än" in (await office.get(f"{PATH}?lage=losta")).words


async def test_that_the_customer_was_asked_is_said_once_the_mail_has_left(office: Office) -> None:
    path = f"{PATH}/{(await office.dissatisfied(poor=('bemotande', 'leverans'))).id}"
    seen = await office.get(path)
    assert "bara om det som blev dåligt: vårt bemötande och vår leverans." in seen.words
    await office.post(path, {"lage": "new", "anteckning": "", "sedd": seen.version, "gor": "fraga"})
    [(invitation, _)] = office.asked
    planned = ContactAttempt(
        id=0, invitation_id=invitation.id, way=ContactWay.MAIL, purpose=Purpose.INVITATION, at=office.clock.now()
    )
    async with office.store.step() as tx:
        number = await tx.put_attempt(planned)
    assert "Inget har skickats än." in (await office.get(path)).words
    monday = office.clock.now() + timedelta(days=4)
    async with office.store.step() as tx:
        await tx.settle_attempt(number, AttemptOutcome.SENT, "", monday)
    got = await office.get(path)
    assert "Kunden fick frågan igen den 23 november 2026. Kunden har inte svarat än." in got.words
    assert "Tillfrågad igen, väntar på svar" in (await office.get(f"{PATH}?lage=losta")).words


@pytest.mark.parametrize(
    ("rating", "said"),
    [(Rating.OK, "Inget är dåligt längre."), (Rating.DALIGT, "Något är fortfarande dåligt.")],
)
async def test_what_the_customer_then_says_is_shown(office: Office, rating: Rating, said: str) -> None:
    path = f"{PATH}/{(await office.dissatisfied()).id}"
    form = {"lage": "solved", "anteckning": "Lagat.", "sedd": (await office.get(path)).version, "gor": "fraga"}
    await office.post(path, form)
    office.clock.time += timedelta(hours=1)
    async with office.store.step() as tx:
        await say(tx, office.asked[0][0], {"leverans": rating}, office.clock.now())
    got = await office.get(path, "anna")
    assert said in got.words
    assert f'value="{"new" if rating is Rating.DALIGT else "solved"}" checked' in got.text
    assert (await office.get()).cases == (["SK-1"] if rating is Rating.DALIGT else [])


async def test_who_has_refused_is_not_asked_and_the_manager_is_told(office: Office) -> None:
    first = await office.dissatisfied()
    async with office.store.step() as tx:
        stored = await tx.case(first.case_number)
        await tx.opt_out(stored.case.addresses, office.clock.now(), Channel.WEB)
    path = f"{PATH}/{first.id}"
    form = {"lage": "solved", "anteckning": "", "sedd": (await office.get(path)).version, "gor": "fraga"}
    got = await office.post(path, form)
    assert "kunden har bett oss att inte fråga mer" in got.words
    assert office.asked == []
    assert 'value="solved" checked' in got.text


async def test_who_cannot_be_reached_is_not_asked(office: Office) -> None:
    path = f"{PATH}/{(await office.dissatisfied(mail='')).id}"
    form = {"lage": "solved", "anteckning": "", "sedd": (await office.get(path)).version, "gor": "fraga"}
    assert "varken chatt, e-post eller telefon" in (await office.post(path, form)).words


# --- choosing ------------------------------------------------------------------------------------------------------


async def test_the_list_shows_what_is_chosen(office: Office) -> None:
    for number, unit in enumerate(("Gata", "Park", "Gata")):
        await office.dissatisfied(
            f"SK-{number}", unit=unit, at=office.clock.now() - timedelta(weeks=6 * number, hours=1)
        )
    path = f"{PATH}/{(await office.dissatisfied('SK-9', at=office.clock.now() - timedelta(minutes=1))).id}"
    form = {"lage": "solved", "anteckning": "", "sedd": (await office.get(path)).version, "gor": "spara"}
    await office.post(path, form)
    assert (await office.get()).cases == ["SK-0", "SK-1", "SK-2"], "newest first; solved ones are done"
    assert (await office.get(f"{PATH}?lage=losta")).cases == ["SK-9"]
    assert (await office.get(f"{PATH}?lage=alla")).cases == ["SK-9", "SK-0", "SK-1", "SK-2"]
    assert (await office.get(f"{PATH}?verksamhet=gata")).cases == ["SK-0", "SK-2"]
    assert (await office.get(f"{PATH}?veckor=4")).cases == ["SK-0"]
    nothing = await office.get(f"{PATH}?verksamhet=Torg")
    assert "Inga ärenden att visa med det här valet." in nothing.words


async def test_units_stand_in_swedish_order(office: Office) -> None:
    for number, unit in enumerate(("Ö", "ål", "Ängar", "Zon", "")):
        await office.dissatisfied(f"SK-{number}", unit=unit)
    text = (await office.get()).text
    places = [text.index(f"<option>{unit}</option>") for unit in ("Zon", "ål", "Ängar", "Ö")]
    assert places == sorted(places)


async def test_a_long_list_has_pages(office: Office) -> None:
    for number in range(27):
        await office.dissatisfied(f"SK-{number:02}", at=office.clock.now() - timedelta(minutes=number + 1))
    first, second = await office.get(), await office.get(f"{PATH}?sida=2")
    assert first.cases == [f"SK-{number:02}" for number in range(25)]
    assert second.cases == ["SK-25", "SK-26"]
    assert "Sida 1 av 2 Nästa sida" in first.words
    assert "Föregående sida Sida 2 av 2" in second.words
    assert (await office.get(f"{PATH}?sida=9")).cases == second.cases


async def test_the_reader_is_spoken_to_in_their_language(office: Office) -> None:
    await office.dissatisfied()
    got = await office.get(who="bo")
    assert '<html lang="en">' in got.text
    assert "Case SK-1" in got.words
    assert got.headers["Cache-Control"] == "no-store"
