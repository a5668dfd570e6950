"""The digest in a real browser: 360 pixels wide it doesn't overflow, and every letter can be read, light and dark."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from delivery.digest_html import digest_html
from models.digest import Digest, Figures, Interval
from omdome.texts import load_texts
from tests import digest_samples
from tools.screenshots import browser, chromium, framed

pytestmark = pytest.mark.skipif(browser() is None, reason="needs Chromium; on Debian: apt-get install chromium")

#: WCAG 2.1: 4.5 for text (3 for large text), 3 for what is drawn; contrast as in its definition of relative luminance.
MEASURE = """
<script>
function channels(colour) { return colour.match(/[\\d.]+/g).map(Number); }
function luminance(colour) {
  const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const [r, g, b] = channels(colour).slice(0, 3).map(v => linear(v / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function ground(view, element) {
  for (; element; element = element.parentElement) {
    const colour = view.getComputedStyle(element).backgroundColor, parts = channels(colour);
    if (parts.length < 4 || parts[3] > 0) return colour;
  }
  return "rgb(255, 255, 255)";
}
function contrast(a, b) {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
}
window.onload = () => {
  const frame = document.querySelector("iframe"), view = frame.contentWindow, inside = frame.contentDocument;
  const texts = [], drawn = [];
  const walker = inside.createTreeWalker(inside.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const words = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
    if (!words || !element.getClientRects().length) continue;
    const style = view.getComputedStyle(element), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const symbol = element.closest("[aria-hidden]");
    texts.push([words.slice(0, 30), contrast(style.color, ground(view, element)), large || symbol ? 3 : 4.5, size]);
  }
  for (const cell of inside.querySelectorAll(".c-bra, .c-ok, .c-daligt")) {
    const colour = view.getComputedStyle(cell).backgroundColor;
    drawn.push([cell.className, contrast(colour, ground(view, cell.closest("table").parentElement))]);
  }
  const right = selector => [...inside.querySelectorAll(selector)].map(e => {
    const range = inside.createRange();
    range.selectNodeContents(e);
    return Math.round(range.getBoundingClientRect().right);
  });
  const wide = [...inside.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > view.innerWidth + 0.5);
  const found = {texts, drawn, shares: right(".big"),
                 width: view.innerWidth, scroll: inside.documentElement.scrollWidth,
                 background: view.getComputedStyle(inside.body).backgroundColor,
                 wide: wide.map(e => e.tagName + "." + e.className)};
  document.title = "";
  const output = document.createElement("pre");
  output.id = "found";
  output.textContent = JSON.stringify(found);
  document.body.replaceChildren(output);
};
</script>
"""


def long_words() -> Digest:
    """Names and comments that don't break by themselves, and numbers of a big city."""
    rich = digest_samples.rich()
    table, voice = rich.groups[0], rich.follow_ups[0]
    many = Figures(12_345, 2_345, 3_456, Interval(0.66, 0.69), Interval(0.18, 0.2))
    cells = tuple(replace(cell, change=replace(cell.change, recent=many)) for cell in table.rows[0].cells)
    row = replace(table.rows[0], name="Samhällsbyggnadskontorsavdelningen", cells=cells)
    comment = "https://example.se/" + "x" * 300
    return replace(
        rich,
        organisation="Samhällsbyggnadsförvaltningskommunalförbundet",
        groups=(replace(table, rows=(row, *table.rows[1:])),),
        highlights=(replace(rich.highlights[1], group=row.name),),
        follow_ups=(replace(voice, comments=(comment,), case_id="X" * 60),),
    )


@pytest.mark.parametrize(
    ("sample", "dark"),
    [(digest_samples.rich, False), (digest_samples.rich, True), (digest_samples.small, True), (long_words, False)],
    ids=["light", "dark", "few answers, dark", "long words"],
)
def test_the_digest_fits_a_phone_and_can_be_read(tmp_path: Path, sample: Callable[[], Digest], dark: bool) -> None:
    digest = digest_html(sample(), load_texts("sv"))
    page = tmp_path / "page.html"
    page.write_text(framed(digest, 360, 2000, MEASURE), "utf-8")
    printed = chromium(["--dump-dom", page.as_uri()], dark)
    found = json.loads(html.unescape(re.search(r"<pre id=.found.>(.*?)</pre>", printed, re.DOTALL)[1]))  # type: ignore[index]
    assert found["width"] == 360
    assert (found["background"] == "rgb(16, 24, 23)") is dark
    assert found["scroll"] <= 360, found["wide"]
    assert found["wide"] == []
    assert len(found["texts"]) > 30
    assert [text for text in found["texts"] if text[1] < text[2]] == []
    assert [text for text in found["texts"] if text[3] < 13] == [], "too small to read"
    assert set(found["shares"]) == {360 - 16}, "the big shares end where the bars do"
    assert found["drawn"]
    assert [cell for cell in found["drawn"] if cell[1] < 3] == []
