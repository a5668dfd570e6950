"""Links and QR codes to the survey, for the case system's closing letter."""

import csv
import io
import os
import re
from collections.abc import Callable, Sequence
from datetime import tzinfo
from pathlib import Path

import segno

from models.case import StoredCase
from models.survey import Invitation
from omdome.config import Config
from omdome.policies import page_url_of
from survey.links import chat_link, page_link

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEADER = ("case_id", "closed_at", "link", "expires")


def links_of(config: Config, token: str) -> list[str]:
    """The links that open one survey, the page's first; [] where there is neither a page nor a bot's name."""
    page, bot = page_url_of(config), config.telegram.bot_username
    return [page_link(page, token)] * bool(page) + [chat_link(bot, token)] * bool(bot)


def links_as_csv(
    found: Sequence[tuple[Invitation, StoredCase]],
    links: Callable[[str], Sequence[str]],
    zone: tzinfo,
    images: Sequence[str] | None = None,
) -> str:
    """case_id, closed_at (local), link, expires (local date), and the QR code's file name where there are `images`.

    `links`: those of a token, as `links_of` has them. Where there are both, `link` is the page's, and telegram_link
    stands last. A case id that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    extras = (["qr"] if images is not None else []) + ["telegram_link"] * (len(links("")) - 1)
    writer.writerow((*_HEADER, *extras))
    for place, (invitation, stored) in enumerate(found):
        case_id = stored.case.case_id
        link, *telegram_link = links(invitation.token)
        closed = stored.case.closed_at.astimezone(zone).isoformat(timespec="seconds")
        row = [
            f"'{case_id}" if case_id.startswith(_FORMULA) else case_id,
            closed,
            link,
            invitation.expires_at.astimezone(zone).date().isoformat(),
        ]
        row += [images[place]] if images is not None else []
        writer.writerow(row + telegram_link)
    return text.getvalue()


def image_names(found: Sequence[tuple[Invitation, StoredCase]], zone: tzinfo, suffix: str) -> list[str]:
    """A file name for each QR code: the case id and when it closed, safe on any system, each once."""
    names: list[str] = []
    taken: set[str] = set()
    for invitation, stored in found:
        safe = re.sub(r"[^A-Za-z0-9_-]+", "-", stored.case.case_id).strip("-")[:60] or "case"
        name = f"{safe}_{stored.case.closed_at.astimezone(zone):%Y%m%d-%H%M%S}"
        if name.lower() in taken:
            name += f"_{invitation.id}"
        taken.add(name.lower())
        names.append(f"{name}.{suffix}")
    return names


def write_image(path: Path, link: str) -> None:
    """The link's QR code as PNG or SVG (by the name), 30 % of it redundant: letters are folded and smudged."""
    code = segno.make_qr(link, error="h")
    with _private(path) as stream:
        code.save(stream, kind=path.suffix[1:], scale=8, border=4)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read: whoever has a link can answer."""
    with _private(path) as stream:
        stream.write(text.encode())


def _private(path: Path) -> io.BufferedWriter:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
