"""The phone calls of the demonstration as they are watched, and the files that they leave."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from omdome.call_display import Transcript, answers_table
from omdome.call_files import write_private
from omdome.call_status import read_call_status
from omdome.console import Problem, console, escaped, say
from omdome.demo.clock import SimulatedClock
from omdome.demo.exchange import ExchangeError
from omdome.demo.phone_call import call_somebody
from omdome.demo.phone_calls import BUSY, PRESSING, SPEAKING, PhoneCall, call_customers
from omdome.texts import load_texts
from omdome.wiring import Application
from voice.lines.sip.phone import SipMissingError
from voice.transcript import Entry

_FILES = {SPEAKING: "samtal-ord", PRESSING: "samtal-knappar"}
_BY_RECORDING = "samtal"


async def phone_calls(app: Application, clock: SimulatedClock, out: Path) -> Sequence[Path]:
    """Those who have a telephone alone are called; where that can't be, one is by recording. Returns what is left."""
    _clear(out)
    try:
        return await _over_sip(app, clock, out)
    except (SipMissingError, ExchangeError, Problem) as problem:
        say(f"\n[yellow]No call over SIP can be held here[/]: {escaped(str(problem))}.")
        return await _by_recording(app, clock, out)


async def _over_sip(app: Application, clock: SimulatedClock, out: Path) -> Sequence[Path]:
    say("\nThree who hadn't answered have nothing but a telephone: on Friday the dialler calls them, in real SIP.")
    say("One speaks, one presses keys, one's line is busy. It takes the minute that a call takes. The first of them:\n")
    live = Transcript()
    with _under_way("Calls go on"):
        calls = await call_customers(app, clock, lambda number, entry: live.show(entry) if number == SPEAKING else None)
    status = await read_call_status(app)
    if not calls[SPEAKING].answers:
        raise Problem(status.trouble or f"of the one who speaks {calls[SPEAKING].detail!r} is stored")
    for number, how in ((SPEAKING, "by voice"), (PRESSING, "by keys, in a call at the same time")):
        _tell(calls[number], how)
    case = calls[BUSY].case.case
    say(f"\nStored of case {case.case_id} ({case.unit}, {case.subject}): {calls[BUSY].detail}.")
    say("\nWhat [bold]calls status[/] says of that day, without a number:\n")
    for line in status.lines():
        say(f"    {line}")
    return _written(calls, out)


def _tell(call: PhoneCall, how: str) -> None:
    case = call.case.case
    say(f"\nStored of case {case.case_id} ({case.unit}, {case.subject}), answered {how}:\n")
    console().print(answers_table(call.answers, load_texts("sv")))


def _written(calls: Mapping[str, PhoneCall], out: Path) -> Sequence[Path]:
    """Each answered call's sound and transcript."""
    left = []
    for number, name in _FILES.items():
        contents = {".wav": calls[number].tape, ".txt": _to_read(calls[number].entries).encode()}
        for suffix, content in contents.items():
            if content:
                left.append(out / f"{name}{suffix}")
                write_private(left[-1], content)
    return left


def _to_read(entries: Sequence[Entry]) -> str:
    transcript = Transcript()
    lines = [transcript.line(entry) for entry in entries]
    return "".join(f"{line.plain}\n" for line in lines if line is not None)


async def _by_recording(app: Application, clock: SimulatedClock, out: Path) -> Sequence[Path]:
    """One is called all the same: recorded replies, real speech recognition, nothing of a telephone."""
    say("One who hadn't answered is called by recording instead; this machine recognises what is said:\n")
    mixed, entries = out / f"{_BY_RECORDING}.wav", list[Entry]()
    live = Transcript()

    def told(entry: Entry) -> None:
        entries.append(entry)
        live.show(entry)

    called = await call_somebody(app, clock, mixed, told)
    case = called.case.case
    say(f"\nStored of case {case.case_id} ({case.unit}, {case.subject}), beside the answers of the chat:\n")
    console().print(answers_table(called.answers, load_texts("sv")))
    written = mixed.with_suffix(".txt")
    write_private(written, _to_read(entries).encode())
    return [mixed, written]


def _clear(out: Path) -> None:
    for leftover in out.glob(f"{_BY_RECORDING}*"):
        leftover.unlink()


@contextmanager
def _under_way(what: str) -> Iterator[None]:
    """Says on a terminal that it goes on, and for how long; in a pipe nothing."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    screen = console()
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as line:
        line.add_task(what, total=None)
        yield
