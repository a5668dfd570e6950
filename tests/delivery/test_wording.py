"""What the digest says: the sentences, in Swedish as they are printed, and that no language lacks a word."""

import re
from dataclasses import replace

import pytest

from delivery.digest_text import WIDTH, digest_text
from delivery.paging import bars, page
from models.counts import IsoWeek
from models.digest import Digest, Dimension, Figures, HighlightKind, Interval
from models.selection import NotAsked
from models.survey import Channel
from models.texts import Texts
from omdome.texts import load_texts
from survey.wording import Phrases
from tests import digest_samples

SV, EN = load_texts("sv"), load_texts("en")
SAMPLES = {name: getattr(digest_samples, name)() for name in ("rich", "small", "empty", "norrkoping")}


@pytest.fixture(params=SAMPLES)
def digest(request: pytest.FixtureRequest) -> Digest:
    return SAMPLES[request.param]


def test_the_first_week_prints_norrkopings_own_figures() -> None:
    lines = digest_text(SAMPLES["norrkoping"], SV).splitlines()
    assert "Bemötande       87 % bra   10 % ok    3 % dåligt   (n = 60)" in lines
    assert "Tillgänglighet  75 % bra   18 % ok    7 % dåligt   (n = 60)" in lines
    assert "Leverans        42 % bra   26 % ok   32 % dåligt   (n = 50)" in lines
    (medborgare,) = [line for line in lines if line.startswith("Medborgare")]
    assert re.findall(r"\d+ %", medborgare) == ["83 %", "76 %", "45 %"]


def test_the_rich_week_leads_with_what_got_worse() -> None:
    text = digest_text(SAMPLES["rich"], SV)
    assert page(SAMPLES["rich"], SV).subject == "Omdöme v. 47: 39 svar, leverans sämre"
    assert "Leveransen får sämre omdömen\n====" in text
    assert "Gata Trafik: leveransen är sämre än tidigare. 38 % bra" in text
    assert "Oförändrat: ungefär som de 26 veckorna före." in text
    assert "Målet är 80 % bra. Svaren räcker inte för att säga om ni når det." in text
    assert "Under målet, som är 70 % bra." in text
    assert "de senaste 4 veckorna\n  (n = 148), mot 59 % innan dess (n = 1 000)." in text


def test_protected_figures_are_named_and_explained_but_not_shown() -> None:
    text = digest_text(SAMPLES["small"], SV)
    assert "Tillgänglighet  För få svar för att visa siffror den här veckan." in text
    assert "(färre än\n  7 svar)" in text


def test_a_week_without_answers_takes_three_lines() -> None:
    said = page(SAMPLES["empty"], SV)
    assert said.lines == (
        "Inga kunder svarade vecka 30, 20–26 juli 2026.",
        "I 20 av veckans 23 avslutade ärenden bjöds kunden in att svara. "
        "Enkäten nådde 4 av dem, och ingen har svarat än.",
        "Nästa veckobrev kommer som vanligt.",
    )
    assert said.questions == ()
    assert said.account is None
    assert len(digest_text(SAMPLES["empty"], SV).splitlines()) == 3 + 2 + 4 + 2


def test_the_text_is_72_columns_wide_in_both_languages(digest: Digest) -> None:
    for texts in (SV, EN):
        text = digest_text(digest, texts)
        assert max(map(len, text.splitlines())) <= WIDTH
        assert "{" not in text
        assert "\N{NO-BREAK SPACE}" not in text


def test_no_percentage_stands_without_its_n_nearby(digest: Digest) -> None:
    """Every sentence or table row with shares of answers says n; targets, intervals and the account are not such."""
    for question in page(digest, SV).questions:
        assert question.n or not question.bars
        assert question.change.count("% bra") <= question.change.count("n =")
    for point in page(digest, SV).points:
        assert "n = " in point.numbers
    for group in page(digest, SV).groups:
        assert all(bool(cell.share) == bool(cell.n) != bool(cell.missing) for _, cells in group.rows for cell in cells)


def test_single_cases_are_never_in_a_general_copy() -> None:
    general = replace(SAMPLES["rich"], identified=False)
    assert page(general, SV).voices == ()
    assert "Potthål" not in digest_text(general, SV)


def test_the_reader_of_single_cases_is_told_not_to_pass_them_on() -> None:
    assert "Skicka det inte vidare." in digest_text(SAMPLES["rich"], SV)
    assert "Skicka det inte vidare." not in digest_text(SAMPLES["small"], SV)


@pytest.mark.parametrize(
    ("week", "days"),
    [
        (IsoWeek(2026, 47), "16–22 november 2026"),
        (IsoWeek(2026, 49), "30 november – 6 december 2026"),
        (IsoWeek(2026, 53), "28 december 2026 – 3 januari 2027"),
    ],
)
def test_days_are_written_as_swedes_write_them(week: IsoWeek, days: str) -> None:
    assert Phrases(SV).days(week) == days


@pytest.mark.parametrize("kind", HighlightKind)
@pytest.mark.parametrize("dimension", [None, *Dimension])
@pytest.mark.parametrize("texts", [SV, EN], ids=["sv", "en"])
def test_every_kind_of_finding_can_be_a_headline(
    kind: HighlightKind, dimension: Dimension | None, texts: Texts
) -> None:
    rich = SAMPLES["rich"]
    for group in ("Gata Trafik", ""):
        highlight = replace(rich.highlights[0], kind=kind, dimension=dimension, group=group)
        said = page(replace(rich, highlights=(highlight,)), texts)
        assert said.headline[0].isupper()
        assert len(said.subject) <= 78


@pytest.mark.parametrize("texts", [SV, EN], ids=["sv", "en"])
def test_every_reason_channel_and_month_has_its_words(texts: Texts) -> None:
    say = Phrases(texts)
    assert all(say(f"not_asked.{reason.value}") for reason in NotAsked)
    assert all(say(f"channel.{channel.value}") for channel in Channel)
    assert all(say(f"dimension.{dimension.value}") for dimension in Dimension)
    assert len({say.days(IsoWeek(2026, week)) for week in range(1, 54)}) == 53


def test_both_languages_have_the_same_keys_with_the_same_gaps() -> None:
    def gaps(texts: Texts) -> dict[str, set[str]]:
        return {key: set(re.findall(r"{\w+}", text)) for key, text in texts.table.items() if key.startswith("digest.")}

    assert gaps(SV) == gaps(EN)


def test_a_question_without_texts_of_its_own_goes_by_its_name() -> None:
    table = {**SV.table, "questions.tolk.name": "Tolkhjälp"}
    say = Phrases(Texts("sv", table))
    assert say.question("tolk") == say.definite("tolk") == "Tolkhjälp"
    assert say.question("okand") == "okand"


def test_a_bar_is_always_full_however_its_shares_are_rounded() -> None:
    for bra in range(8):
        for ok in range(8 - bra):
            cell = Figures(bra, ok, 7 - bra - ok, Interval(0, 1), Interval(0, 1))
            parts = bars(cell, Phrases(SV))
            assert sum(part.width for part in parts) == 100
            assert [part.percent for part in parts] == [cell.percent(r) for r in ("bra", "ok", "dåligt")]


def test_more_than_three_questions_go_into_further_tables() -> None:
    rich = SAMPLES["rich"]
    table = rich.groups[0]
    wide = replace(table, rows=tuple(replace(row, cells=(*row.cells, *row.cells[:2])) for row in table.rows))
    parts = page(replace(rich, groups=(wide,)), SV).groups
    assert [len(part.questions) for part in parts] == [3, 2]
    assert max(map(len, digest_text(replace(rich, groups=(wide,)), SV).splitlines())) <= WIDTH
