"""`omdome chat`: the survey in the terminal, as a customer meets it, written down as a golden conversation."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.conversation import FollowUp, Session, Stage
from omdome.console import MISUSE, Problem, config_of, console, escaped, say

if TYPE_CHECKING:
    from bot.rendering import Button, Outgoing
    from omdome.golden import Golden, Turn, Voice

HELP = """[dim]Answer with a button's number or in your own words. Ctrl-D ends.
More: :opened  :reminder  :deadline  :refused  :edit QUESTION WORDS  :tap VALUE QUESTION[/]"""


def chat(
    ctx: typer.Context,
    lang: Annotated[str, typer.Option("--lang", help="The customer's language, a folder under locales/.")] = "sv",
    save: Annotated[
        Path | None, typer.Option(help="Write the golden conversation to this file instead of showing it.")
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(help="Hold this golden conversation anew instead of asking you.", exists=True)
    ] = None,
    title: Annotated[str, typer.Option(help="The golden conversation's title.")] = "A conversation in the terminal",
) -> None:
    """Hold the survey as a customer would, without a token or a database, and get a golden conversation of it."""
    from omdome.golden import format_golden

    golden = _replayed(replay) if replay else _held(ctx, lang, title)
    written = format_golden(golden)
    if save:
        save.write_text(written, "utf-8")
        say(f"written to {escaped(str(save))}")
    else:
        sys.stdout.write(written)


def _replayed(file: Path) -> "Golden":
    """The conversation held anew, in its own language and for the usual organisation; what it leaves out stays out."""
    from omdome.golden import GoldenError, parse_golden, play

    try:
        golden = parse_golden(file.read_text("utf-8"))
        played = [one.turn for one in play(golden, _voice(golden.language))]
    except GoldenError as error:
        raise Problem(f"{file}: {error}", MISUSE) from error
    phone = any(turn.voice is not None for turn in golden.turns)
    turns = (
        replace(
            new,
            chat=None if old.chat is None and old.effects else new.chat,
            voice=new.voice if phone else None,
        )
        for old, new in zip(golden.turns, played, strict=True)
    )
    return replace(golden, turns=tuple(turns))


def _voice(language: str) -> "Voice":
    from omdome.golden import Voice
    from omdome.lexicons import load_lexicon
    from omdome.texts import TextsError, load_texts
    from survey.lexicon import LexiconError

    try:
        return Voice(load_lexicon(language), load_texts(language))
    except (LexiconError, TextsError) as error:
        raise Problem(str(error), MISUSE) from error


def _held(ctx: typer.Context, language: str, title: str) -> "Golden":
    """Ask until the customer has had enough (or the conversation is closed); returns all that happened."""
    from omdome.golden import Golden, GoldenError, Turn, play_turn
    from survey.conversation import start

    config = config_of(ctx)
    voice = replace(_voice(language), organisation=config.organisation.name)
    golden = Golden(
        title=title,
        language=language,
        questions=config.survey.questions,
        reasons=config.survey.reasons,
        follow_up=FollowUp(config.survey.follow_up),
        permission=True,
    )
    session = start(golden.questions, golden.permission)
    buttons: tuple[Button, ...] = ()
    turns: list[Turn] = []
    say(HELP)
    turn: Turn | None = Turn("happens", "opened")
    while turn is not None:
        try:
            played = play_turn(session, turn, golden, voice)
        except GoldenError as error:
            say(f"[red]{escaped(str(error))}[/]")
        else:
            session = played.session
            turns.append(played.turn)
            buttons = _show(played.messages) or buttons
        turn = _next_turn(session, buttons) if session.stage is not Stage.CLOSED else None
    # the greeting names this organisation; a golden conversation is held for the usual one
    return replace(golden, turns=tuple(_usual(turns, golden)))


def _usual(turns: Sequence["Turn"], golden: "Golden") -> Iterator["Turn"]:
    from omdome.golden import play

    for one in play(replace(golden, turns=tuple(turns)), _voice(golden.language)):
        yield one.turn


def _show(messages: Sequence["Outgoing"]) -> tuple["Button", ...]:
    """Print the messages; returns the newest buttons, in the order of their numbers."""
    buttons: tuple[Button, ...] = ()
    for message in messages:
        console().print(f"\n[bold cyan]{escaped(message.text)}[/]")
        if message.buttons:
            buttons = tuple(button for row in message.buttons for button in row)
            for number, button in enumerate(buttons, 1):
                console().print(f"  [bold]{number}[/]  {escaped(button.label)}")
    return buttons


def _next_turn(session: Session, buttons: Sequence["Button"]) -> "Turn | None":
    """What the customer does next; None when there is nothing more to come."""
    from omdome.golden import Turn, turn_of

    while True:
        try:
            line = console().input("\n[bold green]›[/] ").strip()
        except (EOFError, KeyboardInterrupt):
            console().print()
            return None
        if line.isdecimal() and 1 <= int(line) <= len(buttons):
            return turn_of(buttons[int(line) - 1].event, session)
        if line.startswith(":"):
            word, _, rest = line[1:].partition(" ")
            first, _, others = rest.partition(" ")
            if word == "edit":
                return Turn("edit", others, first)
            return Turn("tap", first, others) if word == "tap" else Turn("happens", word)
        if line:
            return Turn("customer", line)


if __name__ == "__main__":
    from omdome.console import survive_any_encoding

    survive_any_encoding()
    typer.run(chat)
