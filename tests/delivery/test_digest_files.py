"""HTML, chart, spreadsheet: what people wrote stays text, and the picture has letters in it."""

import base64
import csv
import io
import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from delivery import chart
from delivery.chart import chart_png, chart_svg, drawn
from delivery.digest_html import digest_html
from delivery.digest_telegram import CAPTION, digest_telegram
from delivery.digests import digest_mail
from delivery.files import digest_csv, digest_xlsx, voices_csv
from models.digest import Digest
from omdome.texts import load_texts
from tests import digest_samples

SV, EN = load_texts("sv"), load_texts("en")
SAMPLES = {name: getattr(digest_samples, name)() for name in ("rich", "small", "empty", "norrkoping")}
VOID = {"meta", "br", "link"}


@pytest.fixture(params=SAMPLES)
def digest(request: pytest.FixtureRequest) -> Digest:
    return SAMPLES[request.param]


class Outline(HTMLParser):
    """Checks that tags close in order; collects headings, attributes and visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def test_the_mail_is_well_formed_and_says_its_language(digest: Digest) -> None:
    outline = Outline(digest_html(digest, EN))
    assert dict(outline.tags)["html"]["lang"] == "en"
    headings = [tag for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert headings.count("h1") == 1
    assert headings[0] == "h1"


def test_layout_tables_are_hidden_from_screen_readers_and_figures_have_headings() -> None:
    outline = Outline(digest_html(SAMPLES["rich"], SV))
    layout = [attrs for tag, attrs in outline.tags if tag == "table" and attrs.get("role") == "presentation"]
    scopes = [attrs["scope"] for tag, attrs in outline.tags if tag == "th"]
    assert layout
    assert set(scopes) == {"col", "row"}


def test_nothing_is_fetched_and_no_mail_program_clips_it(digest: Digest) -> None:
    """Gmail cuts a mail at 102 KB."""
    html = digest_html(digest, SV)
    assert not re.search(r"(?:src|href|url)\s*[=(]", html.replace("xmlns=", ""))
    assert len(html.encode()) < 100_000


def test_dark_mode_and_narrow_screens_survive_the_inlining() -> None:
    html = digest_html(SAMPLES["rich"], SV)
    assert "@media (prefers-color-scheme: dark)" in html
    assert "@media (max-width: 480px)" in html
    assert 'style="' in html


def test_what_customers_write_is_text() -> None:
    html = digest_html(SAMPLES["rich"], SV)
    assert "=1+1 &lt;b&gt;ingen&lt;/b&gt; svarade" in html
    assert "<b>ingen" not in html


def test_what_the_case_system_writes_is_text() -> None:
    rich = SAMPLES["rich"]
    table = rich.groups[0]
    row = replace(table.rows[0], name='"><script>alert(1)</script>')
    evil = replace(rich, groups=(replace(table, rows=(row,)),), organisation="<i>Kommun & co")
    html = digest_html(evil, SV)
    assert "<script" not in html
    assert "&lt;i&gt;Kommun &amp; co" in html
    assert "<i>" not in chart_svg(evil, SV)


def test_a_number_and_its_per_cent_sign_stay_together() -> None:
    body = digest_html(SAMPLES["rich"], SV).split("</head>")[1]
    assert not re.search(r"\d %", re.sub(r"<[^>]*>", "", body))


def test_the_chart_is_a_picture_of_all_questions() -> None:
    png = chart_png(SAMPLES["rich"], SV)
    assert png.startswith(b"\x89PNG")
    assert len(png) < 200_000
    svg = chart_svg(SAMPLES["rich"], SV)
    assert all(name in svg for name in ("Bemötande", "Tillgänglighet", "Leverans", "82 % bra (n = 38)"))


def test_the_charts_letters_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """resvg draws nothing, without a word, where it has no font."""
    page = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="40" font-family="Open Sans">{}</svg>'
    blank = drawn(page.format(""))
    for weight in ("normal", "bold"):
        words = drawn(page.format(f'<text y="30" font-size="24" font-weight="{weight}">ÅÄÖ åäö 87 % ·–</text>'))
        assert len(words) > len(blank) + 500
    monkeypatch.setattr(chart, "FONTS", ())
    assert drawn(page.format('<text y="30" font-size="24">ÅÄÖ</text>')) == blank


def test_no_plot_is_drawn_where_there_is_only_this_week() -> None:
    assert "<circle" in chart_svg(SAMPLES["rich"], SV)
    assert "<circle" not in chart_svg(SAMPLES["norrkoping"], SV)


def test_telegram_gets_the_chart_and_the_week_in_a_few_lines() -> None:
    payload = digest_telegram(SAMPLES["rich"], SV, 17, chart=True, mailed=True)
    assert payload["method"] == "SendPhoto"
    arguments = payload["arguments"]
    assert arguments["chat_id"] == 17
    assert set(arguments["photo"]) == {"filename", "base64"}
    caption = arguments["caption"]
    assert "Leveransen får sämre omdömen. Under veckan kom det in 36–39 svar per fråga." in caption
    assert "Leverans: 50 % bra, 22 % ok, 28 % dåligt (n = 36). Sämre." in caption
    assert caption.endswith("Hela veckobrevet finns i din mejl.")
    assert len(caption) <= CAPTION


def test_telegram_gets_plain_words_when_there_is_nothing_to_draw() -> None:
    payload = digest_telegram(SAMPLES["empty"], SV, 17, chart=True, mailed=True)
    assert payload["method"] == "SendMessage"
    assert "Inga kunder svarade vecka 30" in payload["arguments"]["text"]


def test_a_caption_never_grows_too_long() -> None:
    rich = SAMPLES["rich"]
    many = replace(rich, highlights=rich.highlights * 20)
    payload = digest_telegram(many, SV, 17, chart=True, mailed=False)
    assert len(payload["arguments"]["caption"]) <= CAPTION


def cells_of(xlsx: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(xlsx)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))


def test_the_workbook_holds_the_figures_and_no_formula() -> None:
    rich = SAMPLES["rich"]
    table = rich.groups[0]
    evil = replace(table.rows[0], name='=HYPERLINK("http://example.se","klicka")')
    xml = cells_of(digest_xlsx(replace(rich, groups=(replace(table, rows=(evil,)),)), SV))
    assert "<f>" not in xml
    assert "hyperlink " not in xml
    assert "=HYPERLINK(" in xml
    assert all(words in xml for words in ("Frågor", "Grupper", "Bemötande", "för få svar", "2026-W47"))


def test_the_csv_opens_in_swedish_excel_and_runs_nothing() -> None:
    rich = SAMPLES["rich"]
    table = rich.groups[0]
    rows = tuple(replace(table.rows[0], name=name) for name in ("=1+1", "@SUM(A1)", "-2", "+46", "Gata; Trafik"))
    raw = digest_csv(replace(rich, groups=(replace(table, rows=rows),)), SV)
    assert raw.startswith(b"\xef\xbb\xbf")
    heading, *lines = csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";")
    assert heading[:4] == ["Indelning", "Grupp", "Fråga", "Vecka"]
    assert {len(line) for line in lines} == {len(heading)}
    assert [line[1] for line in lines[3::3]] == ["'=1+1", "'@SUM(A1)", "'-2", "'+46", "Gata; Trafik"]
    assert lines[0][2:8] == ["Bemötande", "2026-W47", "38", "82", "13", "5"]


def test_more_cases_than_a_mail_should_hold_come_as_a_file() -> None:
    rich = SAMPLES["rich"]
    voice = rich.follow_ups[0]
    many = replace(rich, follow_ups=tuple(replace(voice, case_id=f"TK-{number}") for number in range(400)))
    mail = digest_mail(many, SV, "chef@example.se")
    assert "… och 385 till. Alla finns i den bifogade filen." in mail["text"]
    assert len(mail["html"].encode()) < 100_000
    (file,) = mail["attachments"]
    assert file["filename"] == "kundernas-ord-2026-W47.csv"
    _, *lines = csv.reader(io.StringIO(base64.b64decode(file["base64"]).decode("utf-8-sig")), delimiter=";")
    assert len(lines) == 400 + len(rich.praise) + len(rich.comments)
    assert lines[0] == [
        *("Att följa upp", "TK-0", "Potthål", "Gata Trafik", "bra", "ok", "dåligt", "inte åtgärdat"),
        "Hålet är kvar. Ring mig på [telefonnummer].",
    ]
    assert "attachments" not in digest_mail(rich, SV, "chef@example.se")


def test_the_file_of_single_cases_is_empty_in_a_general_copy() -> None:
    general = replace(SAMPLES["rich"], identified=False)
    assert len(voices_csv(general, SV).splitlines()) == 1


def test_files_can_be_made_of_every_week(digest: Digest) -> None:
    assert chart_png(digest, EN).startswith(b"\x89PNG")
    assert digest_xlsx(digest, EN)
    assert digest_csv(digest, EN)
