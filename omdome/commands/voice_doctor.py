"""`voice doctor`: whether the phone works, step by step, and in plain words what is wrong."""

import logging
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from omdome.console import (
    ATTENTION,
    MISUSE,
    Problem,
    complain,
    config_of,
    console,
    credentials,
    escaped,
    run_async,
    say,
    say_json,
)

if TYPE_CHECKING:
    from models.texts import Texts
    from omdome.phone_doctor import PhoneDoctor
    from voice.phone_check.findings import Finding

_MARKS = {"well": "[green]✓[/]", "odd": "[yellow]![/]", "wrong": "[red]✗[/]", "unknown": "[dim]–[/]"}
_NARROWEST, _WIDEST = 40, 110


def doctor(
    ctx: typer.Context,
    callee: Annotated[
        str,
        typer.Argument(
            metavar="[NUMBER]",
            help="Whom to call: your own phone (070-174 06 05), an extension or service of the exchange (*43), or "
            "sip:NAME@127.0.0.1:PORT. Without it all is tried but a call.",
            show_default=False,
        ),
    ] = "",
    language: Annotated[str, typer.Option(help="sv or en. Default: the organisation's.", show_default=False)] = "",
    echo: Annotated[
        bool, typer.Option("--echo", help="NUMBER sends our sound back (an echo test, such as *43 in FreePBX).")
    ] = False,
    trace: Annotated[
        Path | None, typer.Option(help="Write every SIP message to this file, for whoever looks after the exchange.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Try the phone over the real line: settings, exchange, registration, a call, sound both ways, keys.

    Says what is wrong and what to do about it. Nothing of the call's sound is kept. Exit code 1: something is wrong.
    """
    from omdome.phone_doctor import PhoneDoctor, Wanted
    from omdome.texts import languages, load_texts
    from omdome.wiring import SystemClock

    if echo and not callee:
        raise Problem("--echo wants the number of an echo test: voice doctor --echo '*43'", MISUSE)
    config = config_of(ctx)
    spoken = language or config.organisation.language
    if spoken not in languages():
        raise Problem(f"--language {spoken}: write one of {', '.join(languages())}", MISUSE)
    texts = load_texts(spoken)
    telling = Telling(texts, quiet=as_json)
    wanted = Wanted(callee=callee, echo=echo, language=spoken, asks=telling.ask, tells=telling.now)
    examination = PhoneDoctor(config, credentials(), SystemClock(), wanted)
    try:
        with _warnings_kept_out():
            findings = run_async(_examined(examination, telling))
    finally:
        _write_trace(trace, examination.trace)
    if as_json:
        say_json([telling.plain(finding) for finding in findings])
    else:
        telling.sum_up(findings, called=bool(callee))
    if any(finding.verdict == "wrong" for finding in findings) or _unproved(findings):
        raise typer.Exit(ATTENTION)


async def _examined(examination: "PhoneDoctor", telling: "Telling") -> "list[Finding]":
    findings: list[Finding] = []
    async for finding in examination.examine():
        if not findings:
            telling.title()
        findings.append(finding)
        telling.finding(finding)
    return findings


@contextmanager
def _warnings_kept_out() -> Iterator[None]:
    """What the phone would warn of in the log is told as findings here."""
    phone = logging.getLogger("voice.lines.sip")
    before = phone.level
    phone.setLevel(logging.ERROR)
    try:
        yield
    finally:
        phone.setLevel(before)


def _unproved(findings: "list[Finding]") -> bool:
    """Whether a call was held, and it isn't known that sound goes both ways."""
    return any(finding.step in ("back", "there") and finding.verdict == "unknown" for finding in findings)


def _write_trace(file: Path | None, messages: list[str]) -> None:
    if file is None:
        return
    from omdome.call_files import write_private
    from voice.phone_check.messages import without_proofs

    try:
        write_private(file, "\n\n".join(without_proofs(each) for each in messages).encode())
    except OSError as error:
        complain(f"--trace {file}: can't be written ({error.strerror})")


class Telling:
    """What people see of it, in one language."""

    def __init__(self, texts: "Texts", *, quiet: bool) -> None:
        self._texts, self._quiet = texts, quiet
        self._names = {key: texts(f"doctor.step.{key}") for key in texts.below("doctor.step")}
        self._indent = " " * (4 + max(map(len, self._names.values())))

    def title(self) -> None:
        if not self._quiet:
            say(f"{self._texts('doctor.title')}\n")

    def now(self, key: str, **values: object) -> None:
        """What goes on, for whoever waits."""
        if not self._quiet:
            self._lines(self._texts(f"doctor.now.{key}", **values), "  ", "[dim]", self._indent)

    def finding(self, finding: "Finding") -> None:
        if self._quiet:
            return
        what, do = self.words(finding)
        name = f"{self._names[finding.step]:<{len(self._indent) - 4}}"
        self._lines(what, f"{_MARKS[finding.verdict]} {name}  ", "", self._indent)
        if do:
            self._lines(self._texts("doctor.do", do=do), self._indent, "", self._indent)

    def words(self, finding: "Finding") -> tuple[str, str]:
        """What it is, and what to do about it ("" for nothing)."""
        key = f"doctor.{finding.step}.{finding.key}"
        values = {name: self._number(value) for name, value in finding.values.items()}
        if self._texts.has(key):
            return self._texts(key, **values), ""
        return self._texts(f"{key}.what", **values), self._texts(f"{key}.do", **values)

    def _number(self, value: object) -> object:
        if isinstance(value, float):
            told = f"{value:.1f}"
            return told.replace(".", ",") if self._texts.language == "sv" else told
        return str(value).replace("-", "−") if isinstance(value, int) else value

    def plain(self, finding: "Finding") -> dict[str, object]:
        what, do = self.words(finding)
        told = {"step": finding.step, "verdict": finding.verdict, "key": finding.key, "what": what}
        return told | ({"do": do} if do else {}) | {"values": finding.values}

    def sum_up(self, findings: "list[Finding]", *, called: bool) -> None:
        verdicts = {finding.verdict for finding in findings}
        texts = self._texts
        if {finding.key for finding in findings} & {"emergency", "premium", "country"}:
            say("\n" + escaped(texts("doctor.nothing_tried")))
        elif "wrong" in verdicts:
            stopped = findings[-1].verdict == "wrong" and findings[-1].step != "hang_up"
            say("\n" + escaped(texts("doctor.wrong") + (f" {texts('doctor.stopped')}" if stopped else "")))
        else:
            well = "all_well" if called else "all_well_so_far"
            key = "partly" if _unproved(findings) else "odd" if "odd" in verdicts else well
            say("\n" + escaped(texts(f"doctor.{key}")))

    def ask(self) -> bool | None:
        """Whether the voice was heard; not asked where nobody sits at a terminal."""
        if self._quiet or not sys.stdin.isatty():
            return None
        said = input(self._texts("doctor.ask")).strip().casefold()[:1]
        return {self._texts("doctor.yes"): True, self._texts("doctor.no"): False}.get(said)

    def _lines(self, text: str, first: str, style: str, indent: str) -> None:
        room = max(_NARROWEST, min(_WIDEST, console().width) - len(indent))
        for number, line in enumerate(textwrap.wrap(text, room, break_on_hyphens=False)):
            shown = escaped(line)
            styled = f"{style}{shown}[/]" if style else shown
            say((first if number == 0 else indent) + styled, soft_wrap=True)
