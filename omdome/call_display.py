"""A call for reading along: what was said and heard as it happens, and what was stored."""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from rich.table import Table
from rich.text import Text

from models.survey import Answer
from models.texts import Texts
from omdome.console import console
from voice.transcript import Entry, Who

_SPEAKERS = {Who.WE: ("Omdöme", "cyan"), Who.CALLER: ("caller", "bold green"), Who.CALL: ("·", "dim")}
_MARGIN = 18  #: for the time and the speaker
_HALF = "reason.choice."  #: "Om ingen återkom till dig," goes on with "tryck ett."


class Transcript:
    """Turns a call's entries into lines, as they come."""

    def __init__(self) -> None:
        self._last: Entry | None = None
        self._begun = ""  #: half a sentence

    def line(self, entry: Entry) -> Text | None:
        """ "  0:07.3  caller  dåligt   0.91, accept → dåligt"; what is said in one breath has its time but once.

        None for the first half of a sentence; it comes with the other.
        """
        if entry.prompt.startswith(_HALF):
            self._begun = f"{entry.text} "
            return None
        goes_on = self._last is not None and (self._last.who, self._last.seconds) == (entry.who, entry.seconds)
        self._last = entry
        name, style = _SPEAKERS[entry.who]
        minutes, seconds = divmod(entry.seconds, 60)
        line = Text()
        if goes_on:
            line.append(" " * _MARGIN)
        else:
            line.append(f"{int(minutes):3}:{seconds:04.1f}  ", style="dim")
            line.append(f"{name:8}", style=style)
        line.append(f"[{entry.key}]" if entry.key else f"{self._begun}{entry.text}" or "…")
        self._begun = ""
        if remark := _remark(entry):
            line.append(f"   {remark}", style="dim")
        return line

    def show(self, entry: Entry) -> None:
        """Print one line of the transcript, as it happens."""
        if line := self.line(entry):
            show_what_can_be(lambda: console().print(_hanging(line)))


def _hanging(line: Text) -> Text:
    """On a terminal, what is long goes on below its own beginning."""
    screen = console()
    if screen.soft_wrap or screen.width <= 2 * _MARGIN:
        return line
    pieces = line[_MARGIN:].wrap(screen, screen.width - _MARGIN)
    return line[:_MARGIN] + Text("\n" + " " * _MARGIN).join(pieces)


def show_what_can_be(show: Callable[[], None]) -> None:
    """Show it, unless nobody reads any more (`call … | head`, a closed window): that is no reason to end a call."""
    try:
        show()
        sys.stdout.flush()
    except (OSError, SystemExit):  # SystemExit is how rich tells of a closed pipe
        console().quiet = True
        with suppress(OSError, ValueError):  # nor may the interpreter complain at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _remark(entry: Entry) -> str:
    parts = []
    if entry.confidence is not None:
        parts.append(f"{entry.confidence:.2f}")
    if entry.trust:
        parts.append(entry.trust.replace("_", " "))
    remark = ", ".join(parts)
    if entry.rating:
        remark += f" → {entry.rating}" if remark else f"→ {entry.rating}"
    return remark


def answers_table(answers: Sequence[Answer], texts: Texts) -> Table:
    """What was stored: question, rating, what was said or pressed, how sure, by which engine."""
    table = Table(box=None, padding=(0, 2), header_style="bold")
    for heading in ("question", "rating", "said or pressed", "confidence", "understood by"):
        table.add_column(heading, justify="right" if heading == "confidence" else "left")
    for answer in answers:
        rating = answer.rating.value if answer.rating else "skipped"
        name = texts(f"questions.{answer.question}.name")
        table.add_row(name, rating, Text(answer.reply), f"{answer.confidence:.2f}", answer.engine)
    return table
