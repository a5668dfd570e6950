"""What a trial call has brought: plain values, for `judging_dial` and `judging_sound`."""

from dataclasses import dataclass, field

from models.calling import CallAttempt
from voice.lines.sip.line import Closed, Statistics
from voice.lines.sound_level import Level
from voice.phone_check.messages import Message, Sound, finals
from voice.phone_check.probe import Echo


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key that came."""

    key: str
    as_sound: bool  #: in the audio, else signalled (RFC 4733 or SIP INFO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was heard while the call was up."""

    wants_echo: bool = False  #: the far end was to send everything back
    echo: Echo | None = None
    loudest: float = -100.0  #: dBFS, of any 20 ms
    speech: Level | None = None  #: of the seconds after the tone; None: it didn't come so far
    keys: tuple[Pressed, ...] = ()
    pressed_by_us: bool = False
    seconds: float = 0.0
    complete: bool = False  #: nobody hung up before it was over
    says_heard: bool | None = None  #: whoever took the call, asked afterwards whether they heard us; None: not asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One call, from dialling to its end."""

    attempt: CallAttempt
    messages: tuple[Message, ...]  #: of this call, in order
    statistics: Statistics = field(default_factory=Statistics)
    ended: Closed | None = None
    exchange: str = ""  #: its address; "" where it was called without one
    has_password: bool = True
    caller_id: str = ""  #: that we wanted to show
    rtp_ports: tuple[int, int] = (0, 0)  #: where our sound comes in
    goes_without_caller_id: bool | None = None  #: tried after a refusal; None: wasn't

    @property
    def offer(self) -> Sound | None:
        """What we last said of our sound."""
        return next((each.sound for each in reversed(self.messages) if each.ours and each.sound), None)

    @property
    def answer(self) -> Sound | None:
        """What the far end first said of its sound in taking the call."""
        taken = [each for each in finals(self.messages, "INVITE") if each.status < 300]
        return next((each.sound for each in taken if each.sound), None)
