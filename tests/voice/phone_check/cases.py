"""Everything that a trial of the phone can bring, and what is told about it: (step, verdict, key) → who finds it."""

from dataclasses import replace
from datetime import UTC, datetime

from models.calling import CallAttempt, CallOutcome
from voice.lines.sip.line import Closed, Statistics
from voice.lines.sip.settings import SipAccount
from voice.lines.sound_level import Level
from voice.lines.sound_level import Verdict as Loudness
from voice.phone_check.findings import Finding, Step
from voice.phone_check.judging_sound import of_sound
from voice.phone_check.messages import Message
from voice.phone_check.probe import Echo
from voice.phone_check.trial import Heard, Pressed, Trial

ACCOUNT = SipAccount(host="pbx.example.se", username="4711", password="sesam-7", registers=True)
PUBLIC, PRIVATE, OURS = "198.41.0.4", "10.0.0.5", "192.168.1.20"
SDP = "v=0\nc=IN IP4 {address}\nm=audio {port} {kind} {formats}\na={direction}\n"
WITH_KEYS = "8 101\na=rtpmap:101 telephone-event/8000"


def sdp(
    address: str, formats: str = WITH_KEYS, kind: str = "RTP/AVP", direction: str = "sendrecv", port: int = 30004
) -> str:
    return SDP.format(address=address, formats=formats, kind=kind, direction=direction, port=port)


def request(method: str, body: str = "", *, ours: bool = True, proves: bool = False) -> Message:
    headers = (("authorization", 'Digest username="4711"'),) if proves else ()
    return Message(ours, method, headers=headers, body=body)


def response(method: str, status: int, reason: str = "", body: str = "", **headers: str) -> Message:
    return Message(False, method, status, reason, tuple(headers.items()), body)


OFFER = request("INVITE", sdp(OURS))


def dialled(
    *answers: Message, outcome: CallOutcome = CallOutcome.CONGESTION, code: int | None = None, **more: object
) -> Trial:
    """A call that nobody answered."""
    last = answers[-1].status if answers and answers[-1].is_final else 0
    at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    attempt = CallAttempt(outcome=outcome, at=at, ring_seconds=3.2, sip_code=last if code is None else code)
    return replace(Trial(attempt=attempt, messages=(OFFER, *answers), exchange=PUBLIC), **more)  # type: ignore[arg-type]


def refused(status: int, words: str = "", network: str = "") -> Trial:
    """`network`: what the header Reason says."""
    headers = (("reason", network),) if network else ()
    return dialled(response("INVITE", 100), Message(False, "INVITE", status, words, headers))


def answered(body: str = sdp(PUBLIC), outcome: CallOutcome = CallOutcome.ANSWERED, **more: object) -> Trial:
    bye = (request("BYE"), response("BYE", 200))
    sound = Statistics(sent=500, received=500)
    return replace(
        dialled(response("INVITE", 200, "OK", body), *bye, outcome=outcome),
        statistics=more.pop("statistics", sound),
        ended=more.pop("ended", Closed(by_us=True)),
        **more,
    )  # type: ignore[arg-type]


TALKED = Heard(
    loudest=-20.0,
    speech=Level(Loudness.GOOD, -25.0, -60.0, 0),
    keys=(Pressed("5", as_sound=False),),
    seconds=15.0,
    complete=True,
)
MUTE = Heard(seconds=15.0, complete=True)
ECHOED = Heard(wants_echo=True, echo=Echo(0.08, 0.0, 1.0), loudest=-15.0, keys=TALKED.keys, seconds=6.0, complete=True)
NO_ECHO = Heard(wants_echo=True, seconds=9.0, complete=True, loudest=-30.0)


def sounding(heard: Heard, trial: Trial | None = None, **more: object) -> list[Finding]:
    return of_sound(trial or answered(**more), heard)


def of(step: Step, findings: list[Finding]) -> Finding:
    return next(each for each in findings if each.step is step)
