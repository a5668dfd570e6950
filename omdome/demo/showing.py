"""What the demonstration leaves behind: the digest as a manager gets it, in files and on the terminal."""

from dataclasses import dataclass
from pathlib import Path

from delivery.chart import chart_png
from delivery.digest_html import digest_html
from delivery.digest_text import digest_text
from models.counts import IsoWeek
from models.digest import Digest
from models.texts import Texts
from omdome.demo.telegram import Line
from omdome.digests import figures
from omdome.policies import recipients_of
from omdome.texts import load_texts
from omdome.wiring import Application


@dataclass(frozen=True, slots=True)
class Shown:
    """A digest's text, and where its page was written."""

    text: str
    page: Path


async def show(app: Application, week: IsoWeek, out: Path, name: str) -> Shown:
    """Write `name`.html, .txt and .png into `out`, for the first recipient in the configuration."""
    recipient = recipients_of(app.config)[0]
    texts = load_texts(recipient.language)
    return _written(await figures(app, week, recipient, texts), texts, out, name)


def _written(digest: Digest, texts: Texts, out: Path, name: str) -> Shown:
    text = digest_text(digest, texts)
    page = out / f"{name}.html"
    page.write_text(digest_html(digest, texts), encoding="utf-8")
    (out / f"{name}.txt").write_text(text, encoding="utf-8")
    (out / f"{name}.png").write_bytes(chart_png(digest, texts))
    return Shown(text, page)


def transcript(lines: list[Line]) -> str:
    """A chat as text: the bot to the left, the customer indented."""
    said = []
    for line in lines:
        if line.who == "customer":
            said.append(f"{'':24}{line.text}")
            continue
        said.append(line.text)
        if line.rows:
            said.append("  ".join(f"[{label}]" for row in line.rows for label in row))
    return "\n".join(said)
