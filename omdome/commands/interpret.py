"""`omdome interpret`: how replies are understood, one a line, to try a lexicon out or check it from outside."""

import contextlib
import io
import os
import sys
from typing import Annotated, TextIO

import typer

from models.rating import Interpretation, ReplyKind
from omdome.lexicons import load_lexicon
from survey.interpretation import interpret as understand
from survey.lexicon import LexiconError


def interpret(
    lang: Annotated[str, typer.Option("--lang", help="The language of the replies, a folder under locales/.")] = "sv",
    digits: Annotated[
        bool, typer.Option("--digits", help="The replies answer a question that offers 1, 2, 3.")
    ] = False,
) -> None:
    """Read replies from standard input, one a line, and print reply, kind, rating and confidence between tabs."""
    try:
        lexicon = load_lexicon(lang)
    except LexiconError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    replies = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace", newline="\n")
    rows = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="replace", newline="\n", write_through=True)
    try:
        for line in replies:
            reply = line.removesuffix("\n").removesuffix("\r")
            _print_row(rows, reply, understand(reply, lexicon, digits_offered=digits))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except BrokenPipeError:
        _silence_standard_output()
    finally:
        with contextlib.suppress(OSError, ValueError):
            rows.detach()
            replies.detach()


def _print_row(rows: TextIO, reply: str, meant: Interpretation) -> None:
    shown = reply.replace("\t", " ").replace("\r", " ")
    rating = meant.rating if meant.kind is ReplyKind.RATING else ""
    rows.write(f"{shown}\t{meant.kind}\t{rating}\t{meant.confidence:.2f}\n")
    rows.flush()


def _silence_standard_output() -> None:
    """The reader went away: keep the interpreter from complaining when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    typer.run(interpret)
