"""Whether calls get through, told by what comes of them; and when to stop trying for a while. Pure.

A trunk in trouble (a password changed, no credit, a dial plan gone wrong, a network down) says something about us and
nothing about whom we call. After a few such answers in a row, to different numbers, nobody is called for a while. Then
one call is made as a probe: who is reached lets all others be called again, another such answer makes the next rest
twice as long.
"""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from models.calling import CallOutcome
from workflow.backoff import Backoff
from workflow.call_plan import Called, CallState

TRUNK = "calls.trunk"  #: the fact that holds it
_PROBE = timedelta(minutes=5)  #: a probe has been answered or has failed by then, or whoever made it is gone
_KEPT = 99  #: tags; more change nothing
_LOOK_AGAIN = timedelta(minutes=1)  #: at a probe that is under way


class Sign(StrEnum):
    """What one try tells about the trunk."""

    REACHES = "reaches"  #: somebody's phone rang, was busy, or was answered
    HEARD = "heard"  #: and somebody was heard there
    SILENT = "silent"  #: it was answered, and nothing was heard
    TROUBLE = "trouble"  #: a matter of us, the exchange or the network
    DOUBT = "doubt"  #: of them, or of this number alone: only many in a row tell
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkPolicy:
    """When to stop, and for how long. Counts are of different numbers, in a row."""

    troubled: int = 3  #: or as many that were silent
    doubted: int = 5  #: all others among them
    rest: Backoff = field(default_factory=lambda: Backoff(first=timedelta(minutes=1), longest=timedelta(minutes=30)))
    recent: timedelta = timedelta(hours=1)  #: for how long a trunk that has reached somebody is trusted


USUAL_TRUNK = TrunkPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """What is known of it, by all who call. Numbers are kept as tags of 16 bits, which tell them apart and name nobody.

    It rests where `rests` isn't 0: until `until`, and then until a call gets through.
    """

    reached_at: datetime | None = None
    troubled: tuple[str, ...] = ()  #: the numbers that met with trouble since then, each once
    doubted: tuple[str, ...] = ()  #: likewise
    silent: tuple[str, ...] = ()  #: those that answered in silence since somebody was last heard
    since: datetime | None = None  #: when the first of them did
    why: str = ""  #: what the last of them came to: "refused us, SIP 401"
    rests: int = 0  #: how many in a row
    until: datetime | None = None
    probe: int = 0  #: the attempt that is to find out whether it works again; 0: none is under way
    probe_at: datetime | None = None

    @property
    def numbers(self) -> int:
        """How many different numbers could not be reached in a row."""
        return len({*self.troubled, *self.doubted, *self.silent})


def sign_of(called: Called) -> Sign:
    came, rang = called.outcome, called.rang
    if came in (CallOutcome.WRONG_NUMBER, CallOutcome.NOT_ALLOWED) and not called.sip_code:  # we saw it ourselves
        return Sign.NOTHING
    if came in (CallOutcome.FAULT, CallOutcome.UNREACHED):
        return Sign.TROUBLE
    if came in (CallOutcome.WRONG_NUMBER, CallOutcome.MOVED, CallOutcome.UNWANTED):
        return Sign.DOUBT
    if came is CallOutcome.NO_AUDIO:
        return Sign.SILENT
    if called.end is not None:
        return Sign.NOTHING if called.end is CallState.NOBODY else Sign.HEARD
    if rang or came in (CallOutcome.ANSWERED, CallOutcome.BUSY):
        return Sign.REACHES
    if came is CallOutcome.NO_ANSWER:
        return Sign.DOUBT if called.sip_code else Sign.NOTHING  # a gateway that is dead, or a phone that is off
    return Sign.DOUBT if came in (CallOutcome.BARRED, CallOutcome.DECLINED) else Sign.TROUBLE


def wait_for(trunk: Trunk, now: datetime) -> datetime | None:
    """When to look again; None where somebody may be called now."""
    if not trunk.rests or trunk.until is None:
        return None
    if now < trunk.until:
        return min(trunk.until, now + USUAL_TRUNK.rest.longest)  # the clock may have been ahead
    if trunk.probe and trunk.probe_at is not None and now < trunk.probe_at + _PROBE:
        return now + _LOOK_AGAIN
    return None


def dialled(trunk: Trunk, attempt_id: int, now: datetime) -> Trunk:
    """A call begins, where `wait_for` let it: the probe, if the trunk has been resting."""
    return replace(trunk, probe=attempt_id, probe_at=now) if trunk.rests else trunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one try tells: `attempt` to which `number`, dialled at `began`; `why` as in `Trunk`."""

    sign: Sign
    number: str
    attempt: int
    began: datetime
    why: str = ""


def told(trunk: Trunk, said: Said, now: datetime, policy: TrunkPolicy = USUAL_TRUNK) -> Trunk:
    """What is known then. An answer tells twice: REACHES when it comes, HEARD or SILENT when the call is over."""
    match said.sign:
        case Sign.REACHES:
            return _reached(trunk, now)
        case Sign.HEARD:
            return _heard(trunk, said.began)
        case Sign.NOTHING:
            return trunk
    trunk, probed = _with(trunk, said, now), trunk.rests > 0 and said.attempt == trunk.probe
    if probed or (not trunk.rests and _enough(trunk, policy)):
        rests = trunk.rests + 1
        return replace(trunk, rests=rests, until=now + policy.rest.delay(rests, 0.0), probe=0)
    return trunk


def over(trunk: Trunk, attempt_id: int) -> Trunk:
    """The try is over, whatever it told: if it was the probe, the next one is."""
    return replace(trunk, probe=0) if trunk.probe == attempt_id else trunk


def _reached(trunk: Trunk, now: datetime) -> Trunk:
    """All is well, unless nobody was heard before: a phone that rings doesn't tell whether that has changed."""
    if not trunk.silent:
        return Trunk(reached_at=now)
    return replace(trunk, reached_at=now, troubled=(), doubted=())


def _heard(trunk: Trunk, began: datetime) -> Trunk:
    """A call that began before the trouble tells nothing about it."""
    if not trunk.silent or (trunk.since is not None and began < trunk.since):
        return trunk
    well = not (trunk.troubled or trunk.doubted)
    return Trunk(reached_at=trunk.reached_at) if well else replace(trunk, silent=())


def _with(trunk: Trunk, said: Said, now: datetime) -> Trunk:
    trunk, tag = replace(trunk, why=said.why, since=trunk.since or now), tag_of(said.number)
    match said.sign:
        case Sign.TROUBLE:
            return replace(trunk, troubled=_and(trunk.troubled, tag))
        case Sign.SILENT:
            return replace(trunk, silent=_and(trunk.silent, tag))
    return replace(trunk, doubted=_and(trunk.doubted, tag))


def _and(tags: tuple[str, ...], tag: str) -> tuple[str, ...]:
    return tags if tag in tags else (*tags, tag)[:_KEPT]


def _enough(trunk: Trunk, policy: TrunkPolicy) -> bool:
    most = max(len(trunk.troubled), len(trunk.silent))
    return most >= policy.troubled or trunk.numbers >= policy.doubted


def is_sure(
    trunk: Trunk, number: str, another_day: datetime | None, now: datetime, policy: TrunkPolicy = USUAL_TRUNK
) -> bool:
    """Whether an answer that a number is nobody's may be believed. `trunk`: before that answer.

    Others must have been reached lately, or since the number got the same answer on `another_day`; and nobody else has
    met with trouble after that.
    """
    tag, reached_at = tag_of(number), trunk.reached_at
    if reached_at is None or {*trunk.troubled, *trunk.doubted} - {tag}:
        return False
    return now - reached_at <= policy.recent or (another_day is not None and another_day < reached_at)


def tag_of(number: str) -> str:
    return sha256(number.encode()).hexdigest()[:4]


def trunk_text(trunk: Trunk) -> str:
    """As a fact."""
    plain = asdict(trunk)
    return json.dumps(
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in plain.items()}
    )


def trunk_from(text: str | None) -> Trunk:
    """Read from a fact; what can't be read is forgotten."""
    try:
        plain = json.loads(text or "{}")
        return Trunk(**{name: _read(name, value) for name, value in plain.items()})
    except (ValueError, TypeError, AttributeError):
        return Trunk()


def _read(name: str, value: Any) -> Any:
    if name in ("troubled", "doubted", "silent"):
        return tuple(value)
    return datetime.fromisoformat(value) if value and name in ("reached_at", "since", "until", "probe_at") else value
