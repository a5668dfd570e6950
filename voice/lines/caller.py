"""What a recorded caller does: says recordings, presses keys and leaves, each in its time.

Pure: fed with whether our side is being heard, 20 ms at a time, and gives the caller's 20 ms back.
"""

from collections import deque
from dataclasses import dataclass

from voice.audio_files import in_frames
from voice.line import FRAME_BYTES, FRAME_SECONDS, SILENCE

NATURAL_PAUSE = 0.4  #: seconds that people let pass before they answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that the caller does. It begins when its time has come and the act before it is over.

    With `after`, that is so many seconds after the act before it (or after it was added, if later), whatever is being
    said; else `pause` seconds after something was said to the caller and has ended.
    """

    pause: float = NATURAL_PAUSE
    after: float | None = None
    sound: tuple[bytes, ...] = ()  #: frames
    keys: tuple[tuple[int, str], ...] = ()  #: signalled with the frame of this number
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """20 ms of the caller."""

    frame: bytes = SILENCE
    keys: str = ""
    gone: bool = False


class Caller:
    """The caller's acts in their order. Time is the number of `next` calls so far, in frames."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Act, int]] = deque()  # with the time when each was added
        self._now = 0
        self._under_way: Act | None = None
        self._at = 0  # the frame within it
        self._free_since = 0  # when the last act was over
        self._spoken_to = False  # whether anything was said to the caller since
        self._quiet_since = 0  # when that ended

    @property
    def idle(self) -> bool:
        """Whether nothing is under way or waiting."""
        return self._under_way is None and not self._waiting

    def add(self, act: Act) -> None:
        self._waiting.append((act, self._now))

    def next(self, playing: bool) -> Moment:
        """The caller's next 20 ms, while something of ours is heard or not."""
        if self._under_way is None and self._waiting and self._due(*self._waiting[0], playing):
            self._under_way, self._at = self._waiting.popleft()[0], 0
        moment = self._moment()
        self._now += 1
        if playing:
            self._spoken_to, self._quiet_since = True, self._now
        return moment

    def _due(self, act: Act, added: int, playing: bool) -> bool:
        if act.after is not None:
            return self._now >= max(self._free_since, added) + _frames(act.after)
        return self._spoken_to and not playing and self._now >= self._quiet_since + _frames(act.pause)

    def _moment(self) -> Moment:
        act = self._under_way
        if act is None:
            return Moment()
        if act.leaves:
            return Moment(gone=True)
        frame = act.sound[self._at] if self._at < len(act.sound) else SILENCE
        keys = "".join(key for at, key in act.keys if at == self._at)
        self._at += 1
        if self._at >= max(len(act.sound), 1 + max((at for at, _ in act.keys), default=0)):
            self._under_way, self._free_since, self._spoken_to = None, self._now + 1, False
        return Moment(frame, keys)


def frames_of(audio: bytes) -> tuple[bytes, ...]:
    """8 kHz PCM in frames of 20 ms; silence fills up the last one."""
    whole = in_frames(audio)
    return tuple(whole[at : at + FRAME_BYTES] for at in range(0, len(whole), FRAME_BYTES))


def _frames(seconds: float) -> int:
    return round(seconds / FRAME_SECONDS)
