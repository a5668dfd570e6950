"""`call`: hold the survey by telephone, over recordings, the keypad, this machine's own microphone, or SIP."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from omdome.console import MISUSE, Problem, config_of, credentials, run_async, say, say_json

if TYPE_CHECKING:
    from omdome.config import Config
    from omdome.held_calls import Held, Request
    from omdome.recorded_caller import RecordedCaller
    from voice.transcript import Entry


def call(
    ctx: typer.Context,
    replies: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[REPLY]...",
            help="What the caller says: a recording (WAV, MP3, OGG, M4A, FLAC) for each question, or key:1 for a key.",
            show_default=False,
        ),
    ] = None,
    by_recording: Annotated[
        bool, typer.Option("--replies", help="A call by recording: give the replies, one for each question.")
    ] = False,
    microphone: Annotated[
        bool, typer.Option("--microphone", help="Be the caller: at this machine's microphone and keyboard.")
    ] = False,
    sip: Annotated[
        str,
        typer.Option(
            metavar="CALLEE",
            help="Call over SIP: a number (070-174 06 05) or extension through your exchange, or "
            "sip:NAME@127.0.0.1:PORT, a softphone on this machine.",
        ),
    ] = "",
    keys: Annotated[str, typer.Option(metavar="1,1,3", help="A call by keypad: the key for each question.")] = "",
    in_order: Annotated[
        bool, typer.Option("--in-order", help="Every prompt that asks takes the next reply: consent and all.")
    ] = False,
    say_consent: Annotated[
        bool, typer.Option("--say-consent", help="The first reply answers whether it is all right; else key 1 does.")
    ] = False,
    paced: Annotated[
        bool, typer.Option("--paced", help="As slow as a real call. Default: as fast as it goes.")
    ] = False,
    case_id: Annotated[
        str, typer.Option("--case", metavar="ID", help="The case it is about. Default: a test case, counted nowhere.")
    ] = "",
    language: Annotated[str, typer.Option(help="Of a test case. Default: the organisation's.")] = "",
    mixed: Annotated[Path | None, typer.Option("--to", help="Write the whole call to this WAV file.")] = None,
    transcript: Annotated[Path | None, typer.Option(help="Write the transcript to this file, as JSON Lines.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing: use a throwaway database.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Hold the survey as a telephone call would, and see what was said, heard, understood and stored.

    Answers are stored as they are given; Ctrl-C hangs up and keeps them. Without --case they belong to a test case that
    no figure and no digest counts.
    """
    _check_ways(replies or [], by_recording=by_recording, microphone=microphone, sip=sip, keys=keys, mixed=mixed)
    from omdome.call_files import check_targets

    check_targets(mixed, transcript, replies or [])
    config = config_of(ctx)
    if language and language not in config.organisation.languages:
        raise Problem(f"--language {language}: write one of {', '.join(config.organisation.languages)}", MISUSE)
    from omdome.held_calls import Request

    request = Request(
        caller=None if microphone or sip else _caller(config, replies or [], keys, in_order, say_consent, language),
        sip=sip,
        hears=not keys,
        paced=paced,
        case_id=case_id,
        language=language,
        dry_run=dry_run,
        mix_to=mixed,
    )
    _hold(config, request, transcript, as_json=as_json)


def _check_ways(
    replies: list[str], *, by_recording: bool, microphone: bool, sip: str, keys: str, mixed: Path | None
) -> None:
    if sum([bool(replies) or by_recording, microphone, bool(sip), bool(keys)]) != 1:
        ways = "--replies FILE…, --keys 1,1,3, --microphone or --sip sip:NAME@127.0.0.1:PORT"
        raise Problem(f"say how the call is to be held: {ways}", MISUSE)
    if by_recording and not replies:
        raise Problem("--replies wants recordings, one for each question: call --replies bra.wav okej.wav …", MISUSE)
    if (microphone or sip) and mixed:
        raise Problem(
            "--to goes with --replies and --keys; a call with a person is not recorded unasked ([voice] recording)",
            MISUSE,
        )


def _caller(
    config: "Config", replies: list[str], keys: str, in_order: bool, say_consent: bool, language: str
) -> "RecordedCaller":
    from omdome.lexicons import load_lexicon
    from omdome.recorded_caller import caller_of, keys_of, replies_of

    lexicon = load_lexicon(language or config.organisation.language)
    told = keys_of(keys) if keys else replies_of(replies, lexicon)
    return caller_of(told, config.survey.questions, in_order=in_order, say_consent=say_consent)


def _hold(config: "Config", request: "Request", transcript: Path | None, *, as_json: bool) -> None:
    from omdome.call_display import Transcript, show_what_can_be
    from omdome.held_calls import hold

    watch = _nothing if as_json else Transcript().show
    announces = request.caller is None and not request.sip and not as_json
    held = run_async(hold(config, credentials(), request, watch, _announce if announces else lambda: None))
    faults = _write_files(held, request, transcript)
    if held.report.refusal_unsaved:
        faults.append(
            f"case {held.case_id}: they asked never to be called again, and it could not be stored: see to it"
        )
    show_what_can_be(lambda: say_json(_plain(held)) if as_json else _show_end(held, request))
    if faults:
        raise Problem("; ".join(faults))


def _announce() -> None:
    say("You are the one who is called: answer after the prompt, or press 0 to 9, * and # here. Ctrl-C hangs up.\n")


def _nothing(entry: "Entry") -> None:
    """With --json the transcript comes at the end."""


def _write_files(held: "Held", request: "Request", transcript: Path | None) -> list[str]:
    """What was asked for; returned is what couldn't be written."""
    from omdome.call_files import write_private
    from voice.transcript import json_lines

    wanted = [("--to", request.mix_to, held.mix)] if request.mix_to else []
    if transcript:
        wanted.append(("--transcript", transcript, json_lines(held.report.transcript).encode()))
    unwritten = []
    for option, path, content in wanted:
        try:
            write_private(path, content)
        except OSError as error:
            unwritten.append(f"{option} {path}: can't be written ({error.strerror})")
    return unwritten


def _plain(held: "Held") -> dict[str, object]:
    from dataclasses import asdict

    report = held.report
    return {
        "case_id": held.case_id,
        "ending": report.ending.value,
        "disposition": report.disposition.value if report.disposition else None,
        "seconds": round(report.seconds, 2),
        "refusal_unsaved": report.refusal_unsaved,
        "answers": [
            {
                "question": answer.question,
                "rating": answer.rating.value if answer.rating else None,
                "reply": answer.reply,
                "confidence": round(answer.confidence, 3),
                "engine": answer.engine,
            }
            for answer in held.answers
        ],
        "reasons": [{"question": question, "code": code, "text": text} for question, code, text in held.reasons],
        "comments": list(held.comments),
        "transcript": [
            {name: value for name, value in asdict(entry).items() if value not in ("", None)}
            | {"seconds": round(entry.seconds, 2)}
            for entry in report.transcript
        ],
    }


def _show_end(held: "Held", request: "Request") -> None:
    from omdome.call_display import answers_table
    from omdome.console import console, escaped
    from omdome.texts import load_texts

    texts = load_texts(held.language)
    ended = held.report.ending.value.replace("_", " ")
    say(f"\nThe call took {held.report.seconds:.0f} s and ended: {ended}. Stored of case {escaped(held.case_id)}:\n")
    if held.answers:
        console().print(answers_table(held.answers, texts))
    else:
        say("  nothing")
    for question, code, words in held.reasons:
        said = words or texts(f"questions.reasons.{code}")
        say(f"  what went wrong ({escaped(texts(f'questions.{question}.name'))}): {escaped(said)}")
    for comment in held.comments:
        say(f"  comment: {escaped(comment)}")
    if request.mix_to:
        say(f"\nThe whole call, to listen to: {escaped(str(request.mix_to))}")
    if request.dry_run:
        say("\nThat was a dry run: nothing is kept.")
