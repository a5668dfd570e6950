"""An invitation as plain text: what a screen reader, a watch or a careful mail program shows."""

import textwrap
from collections.abc import Iterator

from delivery.invitation_letter import Letter, Link
from models.texts import PHONE_NUMBER

WIDTH = 72


def text_of(said: Letter) -> str:
    """72 columns, addresses whole on lines of their own."""
    text = "\n\n".join(filter(None, _blocks(said))) + "\n"
    return text.replace("\N{NO-BREAK SPACE}", " ")


def _blocks(said: Letter) -> Iterator[str]:
    yield said.heading
    yield _wrapped(f"{said.opening} {said.asked}")
    if said.ratings:
        yield _wrapped(f"{said.number}: {said.question}" if said.number else said.question)
        yield "\n".join(f"{link.label}:\n{link.url}" for link in said.ratings)
        yield _wrapped(said.pressing)
    yield _link(said.button)
    yield _link(said.web)
    yield _link(said.telegram)
    yield _wrapped(said.deadline)
    yield "-" * WIDTH + "\n" + said.organisation
    yield "\n\n".join(_wrapped(line) for line in said.foot)
    yield _link(said.privacy)
    yield _link(said.opt_out)


def _link(link: Link | None) -> str:
    return f"{link.label}:\n{link.url}" if link else ""


def _wrapped(sentence: str) -> str:
    whole = PHONE_NUMBER.sub(lambda number: number[0].replace(" ", "\N{NO-BREAK SPACE}"), sentence.strip())
    return textwrap.fill(whole, WIDTH, break_on_hyphens=False, break_long_words=False)
