"""One call held from the command line: about which case, with whom at the other end, and what came of it."""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from models.survey import Answer, Disposition, Invitation
from omdome.call_files import write_private
from omdome.call_holding import call_lock
from omdome.calls import call_policy_of, interview_of, open_recognizers, prompts_of, soundcard_of
from omdome.config import Config
from omdome.console import MISUSE, Problem, complain
from omdome.credentials import Credentials
from omdome.only_one import TakenError, only_one
from omdome.recorded_caller import HangUp, Press, RecordedCaller, Recording, Reply
from omdome.sip_phone import sip_line
from omdome.taping import hold_recorded
from omdome.trial import make_trial
from omdome.wiring import Application, open_application
from voice.call import CallPolicy, CallReport, Prompts
from voice.interview import Interview
from voice.line import Line
from voice.lines.recording import RecordingLine
from voice.lines.terminal_keys import terminal_keys
from voice.recognition import Recognizer, RecognizerLostError, Recognizers
from voice.transcript import Entry

Watch = Callable[[Entry], None]

_EXPIRED = "the time to answer has run out"
_OVER = {
    Disposition.COMPLETED: "it has been answered",
    Disposition.PARTIAL: f"it was answered in part, and {_EXPIRED}",
    Disposition.REFUSED: "its customer has declined",
    Disposition.BREAK_OFF: _EXPIRED,
    Disposition.NO_CONTACT: _EXPIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What call is wanted. `hears` False: they only press keys.

    At the other end: a recorded caller, whoever answers at `sip`, or else somebody at the microphone.
    """

    caller: RecordedCaller | None
    sip: str = ""  #: see `omdome.sip_phone.sip_line`
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
    mix: bytes = b""  #: the whole call as a WAV file's content, where `Request.mix_to` wants it


async def hold(
    config: Config,
    credentials: Credentials,
    request: Request,
    watch: Watch,
    begins: Callable[[], None] = lambda: None,
) -> Held:
    """Hold it to its end; `begins` is called when all is ready. Raises Problem for what stands in its way before."""
    if request.case_id and request.dry_run:
        raise Problem("--dry-run holds a call about a test case alone: leave --case out, or --dry-run", MISUSE)
    async with _application(config, credentials, dry_run=request.dry_run) as app:
        asked = await _asked_about(app, request.case_id) if request.case_id else None
        with _alone_with(app, request.case_id, asked) if asked else nullcontext():
            if asked:
                await _check_callable(app, request.case_id)
            language = asked.language if asked else request.language or app.config.organisation.language
            async with _ready(app, language, request) as phone:
                case_id, invitation = (request.case_id, asked) if asked else await _test_case(app, language)
                begins()
                report = await phone.call(interview_of(app, invitation), watch)
            return await _stored(app, case_id, invitation, report, phone.mix() if request.mix_to else b"")


async def hold_about(app: Application, invitation: Invitation, request: Request, watch: Watch) -> CallReport:
    """Hold the call that `request` wants about this invitation, and write its sound."""
    async with _ready(app, invitation.language, request) as phone:
        report = await phone.call(interview_of(app, invitation), watch)
    if request.mix_to:
        try:
            write_private(request.mix_to, phone.mix())
        except OSError as error:
            raise Problem(f"{request.mix_to}: can't be written ({error.strerror})") from error
    return report


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phone:
    """A line that is up, and all that a call over it needs."""

    app: Application
    line: Line
    recognizer: Recognizer | None
    prompts: Prompts
    policy: CallPolicy
    react: Watch  #: the caller's part

    async def call(self, interview: Interview, watch: Watch) -> CallReport:
        def told(entry: Entry) -> None:
            watch(entry)
            self.react(entry)

        return await hold_recorded(self.app, self.line, self.recognizer, self.prompts, interview, self.policy, told)

    def mix(self) -> bytes:
        """The whole call; empty for one that isn't recorded."""
        return self.line.mix() if isinstance(self.line, RecordingLine) else b""


@asynccontextmanager
async def _ready(app: Application, language: str, request: Request) -> AsyncIterator[_Phone]:
    """Everything of a call but its survey. Raises Problem for what there isn't."""
    config = app.config
    prompts, policy = prompts_of(config, language), call_policy_of(config, language)
    if request.caller:
        policy = replace(policy, greets_first=False)  # recorded callers say nothing before they are asked
    async with open_recognizers(config, language) if request.hears else nullcontext() as recognizers:
        recognizer = await _one_of(recognizers) if recognizers else None
        async with _far_end(app, request) as (line, react):
            yield _Phone(app=app, line=line, recognizer=recognizer, prompts=prompts, policy=policy, react=react)


async def _one_of(recognizers: Recognizers) -> Recognizer | None:
    """Ears for the call; None where there are none just now: it goes by keypad."""
    try:
        return await recognizers.recognizer()
    except RecognizerLostError as error:
        complain(f"the speech engine doesn't work, so the keypad must do: {error}")
        return None


@asynccontextmanager
async def _far_end(app: Application, request: Request) -> AsyncIterator[tuple[Line, Watch]]:
    """The line to the caller, and who is to be told what happens in the call."""
    caller = request.caller
    if request.sip:
        async with sip_line(app.config, app.credentials, app.clock, request.sip) as called:
            with _interrupt_hangs_up(called):
                yield called, lambda entry: None
        return
    if caller is None:
        soundcard = soundcard_of(app.config)
        with _interrupt_hangs_up(soundcard), terminal_keys(soundcard.press):
            yield soundcard, lambda entry: None
        return
    line = RecordingLine(paced=request.paced)
    with _interrupt_hangs_up(line):
        yield line, lambda entry: _do(line, caller.reply_to(entry))


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
    """Ctrl-C is a caller who hangs up: the call ends as it would, and what was answered stays.

    So is being told to end, and a terminal whose window is closed.
    """
    loop, hanging_up = asyncio.get_running_loop(), set[asyncio.Task[None]]()
    signals = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    with suppress(NotImplementedError):  # Windows
        for each in signals:
            loop.add_signal_handler(each, lambda: hanging_up.add(asyncio.ensure_future(line.hang_up())))
    try:
        yield
    finally:
        with suppress(NotImplementedError):
            for each in signals:
                loop.remove_signal_handler(each)


@asynccontextmanager
async def _application(config: Config, credentials: Credentials, *, dry_run: bool) -> AsyncIterator[Application]:
    with tempfile.TemporaryDirectory() as folder:
        if dry_run:
            storage = config.storage.model_copy(update={"url": f"sqlite:///{folder}/omdome.db"})
            config = config.model_copy(update={"storage": storage})
        async with open_application(config, credentials) as app:
            yield app


async def _asked_about(app: Application, case_id: str) -> Invitation:
    async with app.store.look() as tx:
        invitation = await tx.invitation_of_case(case_id)
    if invitation is None:
        raise Problem(f"--case {case_id}: nobody is asked about it; `cases decide` tells who is", MISUSE)
    return invitation


@contextmanager
def _alone_with(app: Application, case_id: str, invitation: Invitation) -> Iterator[None]:
    """Nobody else on this machine holds a call about it: two at once would mix their answers."""
    with ExitStack() as stack:
        try:
            stack.enter_context(only_one(call_lock(app, invitation.id)))
        except TakenError as error:
            raise Problem(f"--case {case_id}: a call about it is going on ({error})", MISUSE) from error
        except OSError as error:
            raise Problem(f"{error.filename}: can't be written ({error.strerror})") from error
        yield


async def _check_callable(app: Application, case_id: str) -> None:
    """Raises Problem for a case that nobody needs to be called about, saying why."""
    async with app.store.look() as tx:
        invitation = await tx.invitation_of_case(case_id)
        stored = await tx.case(invitation.case_number) if invitation else None
        refused = await tx.opted_out(set(stored.case.addresses)) if stored else set()
    if refused:
        raise Problem(f"--case {case_id}: its customer has said not to be asked, in any channel", MISUSE)
    if invitation is None or invitation.disposition in _OVER:
        why = _OVER[invitation.disposition] if invitation and invitation.disposition else "it has been deleted"
        raise Problem(f"--case {case_id}: needs no call: {why}", MISUSE)
    if app.clock.now() >= invitation.expires_at:
        raise Problem(f"--case {case_id}: needs no call: {_EXPIRED}", MISUSE)


async def _test_case(app: Application, language: str) -> tuple[str, Invitation]:
    """Its id and its invitation."""
    case, invitation = await make_trial(app, language, "Provsamtal", "")
    return case.case_id, invitation


async def _stored(app: Application, case_id: str, invitation: Invitation, report: CallReport, mix: bytes) -> Held:
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
        mix=mix,
    )
