"""`voice listen`: what the phone hears in a recording, and what it would do with it."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from omdome.console import ATTENTION, MISUSE, Problem, complain, config_of, console, run_async

if TYPE_CHECKING:
    from omdome.hearing import Understood


def listen(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings: WAV, MP3, OGG, M4A, FLAC.")],
    engine: Annotated[
        Literal["vosk", "answer_words"] | None, typer.Option(help="Default: the one that calls are heard by.")
    ] = None,
    expecting: Annotated[
        Literal["any", "rating", "yes_no"],
        typer.Option(help="What was asked: bra, ok or dåligt; yes or no; or any of them, for a mixed set."),
    ] = "any",
    language: Annotated[str, typer.Option(help="Of the recordings. Default: the organisation's.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For scripts: JSON Lines, one object a recording.")] = False,
) -> None:
    """Tell what is heard in each recording, how surely, and whether a call would accept it, confirm it or ask again.

    A recording is one reply, heard with a call's ears: 8 kHz, the same voice detection, the same engine, the same
    judgement. A call acts on the first thing that is said; here all that is said counts, and several things that don't
    agree are never accepted. A yes, a no and "upprepa" rate nothing. `seconds` is how long was spoken, pauses included.
    Exit code 1 if a file couldn't be read; with --json, such a file's object has `file` and `error` alone.
    """
    from omdome.calls import clear_words_of, open_recognizers
    from omdome.hearing import Ear
    from omdome.lexicons import languages, load_lexicon
    from voice.audio_files import AudioFileError
    from voice.recognition import Expecting, RecognizerLostError

    config = config_of(ctx)
    spoken = language or config.organisation.language
    if spoken not in languages():
        raise Problem(f"--language {spoken}: write one of {', '.join(languages())}", MISUSE)
    unread = False

    async def all_of_them() -> None:
        nonlocal unread
        async with open_recognizers(config, spoken, engine) as recognizers:
            if recognizers is None:
                raise Problem(f"nothing here understands {spoken!r}: install a Vosk model, see `voice models`", MISUSE)
            asked = None if expecting == "any" else Expecting(expecting)
            clear_words = clear_words_of(spoken).get(asked or Expecting.RATING, frozenset())
            ear = Ear(recognizers, load_lexicon(spoken), clear_words, asked)
            for file in files:
                try:
                    found = await ear.listen(file)
                except AudioFileError as error:
                    complain(str(error))
                    if as_json:
                        _write_line({"file": str(file), "error": str(error)})
                    unread = True
                except RecognizerLostError as error:
                    raise Problem(f"the speech engine doesn't work: {error}") from error
                else:
                    _show(file, found, as_json=as_json)

    run_async(all_of_them())
    if unread:
        raise typer.Exit(ATTENTION)


def _show(file: Path, found: "Understood", *, as_json: bool) -> None:
    rating = found.rating.value if found.rating else None
    row = {
        "file": str(file),
        "heard": found.heard,
        "confidence": round(found.confidence, 3),
        "rating": rating,
        "decision": found.decision.value,
        "seconds": round(found.seconds, 2),
    }
    if as_json:
        _write_line(row)
        return
    heard = found.heard or "–"
    console().print(
        f"{file}: {heard}", f"{found.confidence:.2f}", rating or "–", found.decision.value, sep="   ", markup=False
    )


def _write_line(row: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    sys.stdout.flush()
