"""One call held from the command line: about which case, with whom at the other end, and what came of it."""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from models.survey import Answer, Invitation
from omdome.calls import call_policy_of, interview_of, open_recognizers, prompts_of, soundcard_of
from omdome.config import Config
from omdome.console import MISUSE, Problem, complain
from omdome.credentials import Credentials
from omdome.recorded_caller import HangUp, Press, RecordedCaller, Recording, Reply
from omdome.trial import make_trial
from omdome.wiring import Application, open_application
from voice.call import CallReport, hold_call
from voice.line import Line
from voice.lines.recording import RecordingLine
from voice.lines.terminal_keys import terminal_keys
from voice.recognition import Recognizer, RecognizerLostError, Recognizers
from voice.transcript import Entry

Watch = Callable[[Entry], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What call is wanted. `caller` None: somebody at the microphone; `hears` False: they only press keys."""

    caller: RecordedCaller | None
    hears: bool = True
    paced: bool = False
    case_id: str = ""  #: "" makes a test case
    language: str = ""  #: of the test case
    dry_run: bool = False
    mix_to: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A call that is over, and what is stored of its survey."""

    case_id: str
    language: str
    report: CallReport
    answers: Sequence[Answer]
    reasons: Sequence[tuple[str, str, str]]  #: (question, code, own words)
    comments: Sequence[str]


async def hold(config: Config, credentials: Credentials, request: Request, watch: Watch) -> Held:
    """Hold it to its end. Raises Problem for what stands in its way before it begins."""
    async with _application(config, credentials, dry_run=request.dry_run) as app:
        case_id, invitation = await _asked_about(app, request)
        report = await hold_about(app, invitation, request, watch)
        return await _stored(app, case_id, invitation, report)


async def hold_about(app: Application, invitation: Invitation, request: Request, watch: Watch) -> CallReport:
    """Hold the call that `request` wants about this invitation."""
    language = invitation.language
    prompts, policy = prompts_of(app.config, language), call_policy_of(app.config, language)
    if request.caller:
        policy = replace(policy, greets_first=False)  # recorded callers say nothing before they are asked
    interview = interview_of(app, invitation)
    async with open_recognizers(app.config, language) if request.hears else nullcontext() as recognizers:
        recognizer = await _one_of(recognizers) if recognizers else None
        with _far_end(app.config, request) as (line, react):

            def told(entry: Entry) -> None:
                watch(entry)
                react(entry)

            return await hold_call(line, recognizer, prompts, interview, policy, told)


async def _one_of(recognizers: Recognizers) -> Recognizer | None:
    """Ears for the call; None where there are none just now: it goes by keypad."""
    try:
        return await recognizers.recognizer()
    except RecognizerLostError as error:
        complain(f"the speech engine doesn't work, so the keypad must do: {error}")
        return None


@contextmanager
def _far_end(config: Config, request: Request) -> Iterator[tuple[Line, Watch]]:
    """The line to the caller, and who is to be told what happens in the call."""
    caller = request.caller
    if caller is None:
        soundcard = soundcard_of(config)
        with _interrupt_hangs_up(soundcard), terminal_keys(soundcard.press):
            yield soundcard, lambda entry: None
        return
    line = RecordingLine(paced=request.paced)
    with _interrupt_hangs_up(line):
        yield line, lambda entry: _do(line, caller.reply_to(entry))
    if request.mix_to:
        _write(request.mix_to, line.mix())


def _do(line: RecordingLine, reply: Reply | HangUp | None) -> None:
    match reply:
        case Recording(audio=audio):
            line.say(audio)
        case Press(key):
            line.press(key)
        case HangUp():
            line.leave()


@contextmanager
def _interrupt_hangs_up(line: Line) -> Iterator[None]:
    """Ctrl-C is a caller who hangs up: the call ends as it would, and what was answered stays."""
    loop, hanging_up = asyncio.get_running_loop(), set[asyncio.Task[None]]()
    with suppress(NotImplementedError):  # Windows
        loop.add_signal_handler(signal.SIGINT, lambda: hanging_up.add(asyncio.ensure_future(line.hang_up())))
    try:
        yield
    finally:
        with suppress(NotImplementedError):
            loop.remove_signal_handler(signal.SIGINT)


@asynccontextmanager
async def _application(config: Config, credentials: Credentials, *, dry_run: bool) -> AsyncIterator[Application]:
    with tempfile.TemporaryDirectory() as folder:
        if dry_run:
            storage = config.storage.model_copy(update={"url": f"sqlite:///{folder}/omdome.db"})
            config = config.model_copy(update={"storage": storage})
        async with open_application(config, credentials) as app:
            yield app


async def _asked_about(app: Application, request: Request) -> tuple[str, Invitation]:
    """The case's id and its invitation."""
    if request.case_id:
        async with app.store.look() as tx:
            invitation = await tx.invitation_of_case(request.case_id)
            stored = await tx.case(invitation.case_number) if invitation else None
            refused = await tx.opted_out(set(stored.case.addresses)) if stored else set()
        if invitation is None:
            raise Problem(f"--case {request.case_id}: nobody is asked about it; `cases decide` tells who is", MISUSE)
        if refused:
            raise Problem(f"--case {request.case_id}: its customer has said not to be asked, in any channel", MISUSE)
        return request.case_id, invitation
    language = request.language or app.config.organisation.language
    case_id, token = await make_trial(app, language, "Provsamtal", "")
    async with app.store.look() as tx:
        invitation = await tx.invitation_by_token(token)
    assert invitation is not None
    return case_id, invitation


async def _stored(app: Application, case_id: str, invitation: Invitation, report: CallReport) -> Held:
    async with app.store.look() as tx:
        answers = await tx.answers(invitation.id)
        surveyed = await tx.surveyed(invitation.id)
    return Held(
        case_id=case_id,
        language=invitation.language,
        report=report,
        answers=answers,
        reasons=surveyed.reasons if surveyed else (),
        comments=surveyed.comments if surveyed else (),
    )


def _write(path: Path, sound: bytes) -> None:
    try:
        write_private(path, sound)
    except OSError as error:
        raise Problem(f"--to {path}: can't be written ({error.strerror})") from error


def write_private(path: Path, content: bytes) -> None:
    """Somebody's words or voice: for whoever asked for them, and no other user of the machine. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)
