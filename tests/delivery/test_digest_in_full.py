"""What a reader could misunderstand: whose figures, of what, how much is left out, and how to get out."""

import base64
import csv
import io
import zipfile
from dataclasses import replace

import pytest

from delivery.chart import chart_svg
from delivery.digest_html import digest_html
from delivery.digest_telegram import digest_telegram
from delivery.digest_text import digest_text
from delivery.digests import digest_mail
from delivery.files import digest_csv, digest_xlsx
from delivery.paging import page
from models.digest import CannotSay, Digest, Direction, Figures, GroupRow, Hidden, Interval, Why
from omdome.texts import load_texts
from tests import digest_samples

SV, EN = load_texts("sv"), load_texts("en")
RICH = digest_samples.rich()
PARK = replace(RICH, units=("Park Natur",))
QUIET = replace(digest_samples.empty(), identified=True, comments=RICH.comments)


def rows_of(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))


def words_of(xlsx: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(xlsx)) as archive:
        return archive.read("xl/sharedStrings.xml").decode()


# --- whose figures, and of how much of a week -----------------------------------------------------------------------


def test_whatever_is_passed_on_says_whose_figures_it_holds() -> None:
    assert "Norrköpings kommun · Gäller Park Natur" in chart_svg(PARK, SV)
    long = replace(PARK, units=tuple(f"Enheten för parker {number}" for number in range(20)))
    assert "Gäller Enheten för parker 0, Enheten för parker 1, Enheten för par…<" in chart_svg(long, SV)
    assert "Norrköpings kommun: Park Natur" in words_of(digest_xlsx(PARK, SV))
    heading, *rows = rows_of(digest_csv(PARK, SV))
    assert heading[-1] == "Gäller"
    assert {row[-1] for row in rows} == {"Norrköpings kommun: Park Natur"}
    assert {row[-1] for row in rows_of(digest_csv(RICH, SV))[1:]} == {"Norrköpings kommun"}


def test_a_week_that_is_not_over_says_so_everywhere() -> None:
    now = replace(RICH, preliminary=True)
    said = "Veckan är inte slut, så siffrorna är preliminära."
    assert all(said in made(now, SV).replace("\n", " ") for made in (digest_text, digest_html))
    assert said in str(digest_telegram(now, SV, 17, chart=False, mailed=True))
    assert "· preliminärt" in chart_svg(now, SV)
    assert "(preliminärt)" in words_of(digest_xlsx(now, SV))
    assert "preliminär" not in digest_text(RICH, SV)


def test_too_few_answers_so_far_is_said_once() -> None:
    few = replace(
        RICH,
        preliminary=True,
        highlights=(),
        questions=tuple(
            replace(
                each,
                week=Hidden(Why.PROTECTED, 7),
                change=replace(each.change, direction=Direction.CANNOT_SAY, reason=CannotSay.NO_HISTORY, p=None),
            )
            for each in RICH.questions
        ),
        groups=(),
    )
    chat = str(digest_telegram(few, SV, 17, chart=False, mailed=True))
    for made in (digest_text(few, SV), digest_html(few, SV), chat):
        assert "Går inte att säga" not in made
        assert "Första mätningen" not in made
        assert "ör få svar" in made
    assert "Bemötande       För få svar för att visa siffror den här veckan.\n" in digest_text(few, SV)


def test_nobody_has_answered_yet_is_not_nobody_answered() -> None:
    yet = page(replace(digest_samples.empty(), preliminary=True), SV)
    assert yet.headline == "Inga svar hittills den här veckan"
    assert yet.lines[0].startswith("Inga kunder har svarat hittills vecka 30,")


# --- single cases -----------------------------------------------------------------------------------------------------


def test_words_reach_their_reader_in_a_week_without_new_ratings() -> None:
    mail = digest_mail(QUIET, SV, "chef@example.se")
    assert mail["subject"] == "Omdöme v. 30: inga nya omdömen, men ord från kunder"
    assert all("Helt okej, men det tog tid" in str(mail[body]) for body in ("text", "html"))
    assert "Skicka det inte vidare." in str(mail["text"])
    assert "Inga kunder svarade" not in str(mail["text"])


def test_a_general_copy_of_that_week_is_three_lines() -> None:
    general = page(replace(QUIET, identified=False), SV)
    assert general.voices == ()
    assert general.lines[0] == "Inga kunder svarade vecka 30, 20–26 juli 2026."


def test_a_long_comment_is_cut_in_the_mail_and_whole_in_the_file() -> None:
    story = "Hålet är kvar och växer. " * 40
    long = replace(RICH, comments=(replace(RICH.comments[0], comments=(story,)),))
    mail = digest_mail(long, SV, "chef@example.se")
    assert " …”" in str(mail["text"])
    assert story not in str(mail["html"])
    assert "Det som är avkortat står i sin helhet i den bifogade filen." in str(mail["text"])
    (file,) = mail["attachments"]  # type: ignore[misc]
    assert story in base64.b64decode(file["base64"]).decode()


# --- how much -----------------------------------------------------------------------------------------------------


def of_many_units(units: int, *, identified: bool) -> Digest:
    """With as many single cases as there may be, and three long words from each."""
    table = RICH.groups[0]
    rows = tuple(replace(table.rows[0], name=f"Enheten för gator och parker {number}") for number in range(units))
    voices = tuple(
        replace(RICH.follow_ups[0], case_id=f"TK-{n}", comments=("Hålet är kvar. " * 50,)) for n in range(30)
    )
    lists = {"follow_ups": voices, "praise": voices, "comments": voices} if identified else {}
    return replace(RICH, identified=identified, groups=(replace(table, rows=rows), *RICH.groups[1:]), **lists)


@pytest.mark.parametrize("units", [4, 8, 12, 40])
@pytest.mark.parametrize("identified", [False, True])
def test_gmail_clips_no_mail(units: int, identified: bool) -> None:
    mail = digest_mail(of_many_units(units, identified=identified), SV, "chef@example.se", "it@example.se")
    html = str(mail["html"])
    assert len(html.encode()) < 100_000
    assert f"Enheten för gator och parker {units - 1}<" in html
    assert "data-css-inline" not in html
    assert ("attachments" in mail) is identified


def test_many_findings_are_five_and_a_number() -> None:
    many = replace(RICH, highlights=RICH.highlights * 4)
    more = "… och 11 till. Tabellerna visar alla."
    assert len(page(many, SV).points) == 5
    assert all(more in made(many, SV) for made in (digest_text, digest_html))
    assert page(RICH, SV).more_points == ""


def test_large_numbers_are_written_alike_everywhere() -> None:
    cell = Figures(1400, 30, 10, Interval(0.96, 0.98), Interval(0.0, 0.01))
    large = replace(RICH, questions=(replace(RICH.questions[0], week=cell), *RICH.questions[1:]))
    assert "(n = 1 440)" in digest_text(large, SV)
    assert "(n = 1,440)" in digest_text(large, EN)
    message = digest_telegram(large, SV, 17, chart=False, mailed=True)["arguments"]
    assert "n = 1\N{NO-BREAK SPACE}440" in message["text"]  # type: ignore[index]


def test_english_writes_per_cent_without_a_space() -> None:
    assert " %" not in digest_text(RICH, EN)
    assert "82% good" in digest_text(RICH, EN)


# --- what is said only where it is true ---------------------------------------------------------------------------


def test_unsubscribing_is_offered_only_where_somebody_reads_it() -> None:
    assert "Vill du inte ha veckobrevet?" not in digest_text(RICH, SV)
    assert "veckobrevet?" not in str(digest_mail(RICH, SV, "chef@example.se")["html"])
    mail = digest_mail(RICH, SV, "chef@example.se", "it@example.se")
    assert all("Vill du inte ha veckobrevet? Skriv till it@example.se." in str(mail[body]) for body in ("text", "html"))


def protected(digest: Digest, name: str, minimum: int) -> Digest:
    """With one more row of hidden cells in the table of customer types."""
    table = digest.groups[1]
    row = table.rows[0]
    cells = tuple(replace(c, change=replace(c.change, recent=Hidden(Why.PROTECTED, minimum))) for c in row.cells)
    return replace(digest, groups=(digest.groups[0], replace(table, rows=(GroupRow(name, cells),))))


def test_two_minimums_are_no_fraction() -> None:
    reading = page(protected(RICH, "företag", 10), SV).reading[-1]
    assert "(färre än 7 svar, 10 svar för företag)" in reading


def test_a_digest_without_one_figure_does_not_explain_figures() -> None:
    nothing = Hidden(Why.PROTECTED, 7)
    bare = tuple(
        replace(question, week=nothing, change=replace(question.change, recent=nothing, reason=CannotSay.TOO_FEW))
        for question in RICH.questions
    )
    reading = page(replace(RICH, questions=bare, groups=(), highlights=()), SV).reading
    assert [line[:14] for line in reading] == ["”För få svar” "]


def test_a_question_that_nobody_has_answered_is_no_first_measurement() -> None:
    nothing = Hidden(Why.NOTHING, 7)
    question = digest_samples.norrkoping().questions[0]
    silent = replace(question, week=nothing, change=replace(question.change, recent=nothing, base=nothing))
    first = page(digest_samples.norrkoping(), SV).questions[0]
    never = page(replace(digest_samples.norrkoping(), questions=(silent,)), SV).questions[0]
    assert (first.change_label, never.change_label) == ("Första mätningen", "Går inte att säga")
