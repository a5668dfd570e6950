"""What a manager sees, chooses, follows to the cases, and takes along."""

import io
import zipfile
from datetime import timedelta

import pytest

from models.digest import Figures
from omdome.digests import figures
from omdome.policies import recipients_of
from omdome.texts import load_texts
from tests.web.report.conftest import WEEK, Got, House

NOVEMBER = "/rapport?period=2026-W45_2026-W48"


async def seen(house: House, who: str, path: str = "/rapport") -> Got:
    await house.sign_in(who)
    return await house.get(path, who)


@pytest.mark.parametrize("who", ["chefen", "parkchefen"])
async def test_the_weeks_figures_are_the_digests(house: House, who: str) -> None:
    page = (await seen(house, who)).words
    recipient = next(each for each in recipients_of(house.app.config) if each.name == who)
    digest = await figures(house.app, WEEK, recipient, load_texts("sv"))
    for question in digest.questions:
        cell = question.week
        assert isinstance(cell, Figures)
        low, high = (int(100 * end + 0.5) for end in (cell.bra_interval.low, cell.bra_interval.high))
        shares = f"{load_texts('sv')(f'questions.{question.question}.name')} {100 * cell.bra / cell.n:.0f} % bra"
        assert f"{shares} (n = {cell.n})" in page
        assert f"Med {cell.n} svar ligger den verkliga andelen bra troligen mellan {low} och {high} %." in page
    account = digest.account
    assert f"Avslutade {account.closed} Inbjudna {account.asked}" in page
    assert "Målet är 70 % bra." in page or "Över målet, som är 70 % bra." in page


async def test_a_manager_sees_their_unit_and_nothing_else(house: House) -> None:
    mine = await seen(house, "parkchefen")
    assert "(n = 9)" in mine.words
    assert "Gata" not in mine.text
    assert "Spår" not in mine.text
    other = await house.get("/rapport?enhet=Gata", "parkchefen")
    assert not any(f"(n = {n})" in other.words for n in (14, 9, 25))
    assert "Här finns inga svar från v. 48. Välj en annan period eller färre grupper" in other.words


async def test_an_analyst_sees_all_figures_and_no_case(house: House) -> None:
    page = await seen(house, "analytikern", NOVEMBER)
    assert "Gata" in page.words
    assert "(n = 100)" in page.words, "25 a week"
    assert "/rapport/arenden" not in page.text
    refused = await house.get("/rapport/arenden", "analytikern")
    assert (refused.status, "Single cases are shown to named recipients" in refused.words) == (403, True)
    assert (await house.get("/rapport/arenden?fraga=leverans", "analytikern")).status == 403
    assert "Share of good by group" in page.words, "in their own language"


async def test_small_groups_are_hidden_by_the_week_and_shown_by_the_month(house: House) -> None:
    week = await seen(house, "chefen", "/rapport?enhet=Sp%C3%A5r")
    assert "För få svar för att visa siffror för perioden." in week.words
    assert "(n = 2)" not in week.words
    month = await house.get(f"{NOVEMBER}&enhet=Sp%C3%A5r", "chefen")
    assert "(n = 8)" in month.words
    half_of_it = await house.get("/rapport?period=egna&fran=2026-W45&till=2026-W47&enhet=Sp%C3%A5r", "chefen")
    assert "(n = 6)" not in half_of_it.words


async def test_choices_combine_and_lead_on(house: House) -> None:
    page = await seen(house, "chefen", f"{NOVEMBER}&enhet=Gata&inkanal=telefon")
    assert "November 2026" in page.words
    assert "Gata · inkomna via telefon" in page.words
    assert "(n = 28)" in page.words
    assert "Vilka som svarade" not in page.words, "cases in aren't counted by how they came in"
    everything = await house.get(f"{NOVEMBER}&enhet=Gata&inkanal=telefon&kundtyp=medborgare", "chefen")
    assert "Välj högst två" in everything.words
    assert not any(f"n = {n}" in everything.words for n in range(1, 200))
    before = await house.get((await house.get(NOVEMBER, "chefen")).link("<span[^>]*>←"), "chefen")
    assert "Oktober 2026" in before.words


async def test_from_a_figure_to_the_cases_behind_it(house: House) -> None:
    page = await seen(house, "parkchefen")
    link = page.link("Se ärendena bakom Leverans")
    behind = await house.get(link, "parkchefen")
    assert behind.words.count("Grop i gången · Park") == 9
    poor = await house.get(f"{link}&omdome=d%C3%A5ligt", "parkchefen")
    assert poor.words.count("Grop i gången · Park") == 3
    assert "”Ring mig på [telefonnummer] om Park-0-4 <script>”" in poor.words, "redacted, and as text"
    assert "<script>" not in poor.text


async def test_cases_are_those_of_the_readers_units_and_behind_figures_that_are_shown(house: House) -> None:
    await house.sign_in("parkchefen")
    for path in ("/rapport/arenden?enhet=Gata", "/rapport/arenden?fraga=leverans&enhet=Gata", f"{NOVEMBER}&enhet=Gata"):
        assert "Grop i gången" not in (await house.get(path, "parkchefen")).words
    await house.sign_in("chefen")
    hidden = await house.get("/rapport/arenden?fraga=leverans&enhet=Sp%C3%A5r", "chefen")
    assert "Siffran visas inte" in hidden.words
    assert "Grop" not in hidden.words
    shown = await house.get(
        f"{NOVEMBER.replace('/rapport', '/rapport/arenden')}&fraga=leverans&enhet=Sp%C3%A5r", "chefen"
    )
    assert shown.words.count("Grop i gången · Spår") == 8


async def test_from_a_case_to_its_follow_up(house: House) -> None:
    poor = await seen(house, "parkchefen", "/rapport/arenden")
    assert poor.words.count("Till uppföljningen") == 3, "a case with a dåligt is followed up"
    page = await house.get(poor.link("Till uppföljningen"), "parkchefen")
    assert (page.status, "Grop i gången" in page.words) == (200, True)
    good = await house.get("/rapport/arenden?fraga=leverans&omdome=bra", "parkchefen")
    assert good.words.count("Grop i gången") == 6
    assert "Till uppföljningen" not in good.words


async def test_lists_of_cases_go_on_to_older_ones(house: House) -> None:
    path = "/rapport/arenden?period=2026-W44_2026-W48&fraga=bemotande"
    first = await seen(house, "chefen", path)
    assert first.words.count("Grop i gången") == 50
    older = await house.get(first.link("Visa äldre"), "chefen")
    assert older.words.count("Grop i gången") == 50
    oldest = await house.get(older.link("Visa äldre"), "chefen")
    assert oldest.words.count("Grop i gången") == 25
    assert "Visa äldre" not in oldest.words


async def test_the_figures_as_files(house: House) -> None:
    await house.sign_in("parkchefen")
    csv = await house.get("/rapport/siffror.csv", "parkchefen")
    assert csv.headers["Content-Disposition"] == 'attachment; filename="omdome-2026-W48.csv"'
    text = csv.body.decode("utf-8-sig")
    assert ";;Bemötande;2026-W48;9;100;0;0;70;100;" in text
    assert "Gata" not in text
    book = await house.get("/rapport/siffror.xlsx", "parkchefen")
    with zipfile.ZipFile(io.BytesIO(book.body)) as archive:
        assert not any("<f>" in archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    assert (await house.get("/rapport/siffror.exe", "parkchefen")).status == 404


async def test_tables_of_another_period_than_the_page_say_so(house: House) -> None:
    page = await seen(house, "chefen")
    assert "Tabellerna visar den senaste hela månaden" not in page.words
    assert "Senaste hela månaden" not in (await house.get("/rapport/siffror.csv", "chefen")).body.decode("utf-8-sig")
    house.clock.time += timedelta(days=7)  # a week of December is over, with no answers at all
    await house.sign_in("chefen")
    later = await house.get("/rapport", "chefen")
    assert "Tabellerna visar den senaste hela månaden" in later.words
    assert "November 2026 (v. 45–48): så stor andel svarade bra" in later.words
    heading, *rows = (await house.get("/rapport/siffror.csv", "chefen")).body.decode("utf-8-sig").splitlines()
    assert heading.endswith(";Anmärkning")
    assert {len(row.split(";")) for row in rows} == {len(heading.split(";"))}
    noted = [row for row in rows if ";Senaste hela månaden, eftersom" in row]
    assert noted == [row for row in rows if ";2026-W45–2026-W48;" in row] != []


async def test_what_people_named_things_is_no_formula(empty_house: House) -> None:
    await empty_house.sign_in("chefen")
    evil = '/rapport/siffror.csv?enhet=%3DHYPERLINK("http://x")'
    lines = (await empty_house.get(evil, "chefen")).body.decode("utf-8-sig").splitlines()
    assert any("'=HYPERLINK" in line for line in lines)
    assert not any(field.lstrip('"').startswith("=") for line in lines for field in line.split(";"))


async def test_nothing_yet(empty_house: House) -> None:
    page = await seen(empty_house, "chefen")
    assert page.words.count("Här finns inga svar från v. 48. Svaren från den här veckan (v. 49) visas på måndag.") == 1
    assert page.link("Ärenden att följa upp visas direkt") == "/rapport/uppfoljning"
    for of_figures in ("Frågorna", "Det finns inga siffror", "Gå", "Prick:", "Andel bra per grupp", "Hämta som"):
        assert of_figures not in page.words
    assert "Vecka 47" not in page.text, "nothing to choose before there are answers"
    assert "Perioden före" not in page.text


async def test_what_can_be_chosen_starts_where_there_are_answers(house: House) -> None:
    page = await seen(house, "chefen")
    assert 'value="2026-W44"' in page.text
    assert 'value="2026-W43"' not in page.text
    assert "Oktober 2026 (v. 40–44)" in page.text
    assert "September 2026" not in page.text
    first = await house.get("/rapport?period=2026-W44", "chefen")
    assert "Perioden före" not in first.text
    assert "Perioden efter" in first.text


async def test_a_period_that_makes_no_sense_is_told(house: House) -> None:
    await house.sign_in("chefen")
    for path in ("/rapport", "/rapport/arenden", "/rapport/siffror.csv"):
        for odd in ("period=skrap", "period=2026-W99", "period=egna&fran=x", "period=2026-W48_x"):
            got = await house.get(f"{path}?{odd}", "chefen")
            assert (got.status, "Det där förstod vi inte" in got.words) == (400, True)
            assert not got.shows_figures
    assert (await house.get("/rapport?period=&enhet=", "chefen")).status == 200


async def test_a_week_that_is_not_over_is_not_shown_which_is_told(house: House) -> None:
    ahead = await seen(house, "chefen", "/rapport?period=2026-W49")
    assert "Vecka 48 2026" in ahead.words
    assert "Vecka 49 är inte slut än, så den visas inte här." in ahead.words
    assert "är inte slut än" not in (await house.get("/rapport?period=2026-W48", "chefen")).words


async def test_kinds_are_written_as_in_the_digest(house: House) -> None:
    page = await seen(house, "chefen", NOVEMBER)
    for row in ("Företag", "Medborgare", "E-post", "Telefon"):
        assert f'aria-label="Visa bara {row}">{row}</a>' in page.text
        assert f">{row}</option>" in page.text
    assert "November 2026" in (await house.get(page.link("Företag"), "chefen")).words
