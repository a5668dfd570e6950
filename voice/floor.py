"""Who has the floor: how far our prompt has come, and whether what the caller says or presses meanwhile counts."""

from voice.line import FRAME_BYTES, FRAME_SECONDS
from voice.listening import Moment

# in frames of 20 ms
_QUIET = 10  #: silence that makes the voice after it a new one
_LOST = 300  #: more than its own length, backlog included, after which a prompt is over: the line doesn't play
_GAP = 25  #: without sound that are the end of a prompt, however little of it was played
_NEARLY_ALL = 0.8  #: of a prompt: when the line falls silent after that, it is over


class Floor:
    """One prompt, from before its first 20 ms until after its last. Feed it every moment of the turn."""

    def __init__(self, prompt: bytes, *, guard: float, interruptible: bool, voice_guard: float = 0.0) -> None:
        """`guard`: seconds of the prompt before a key can be an answer; `voice_guard`: before a voice may interrupt."""
        self._length = len(prompt) // FRAME_BYTES
        self._guard = round(guard / FRAME_SECONDS)
        self._voice_guard = round(voice_guard / FRAME_SECONDS)
        self._interruptible = interruptible
        self._passed = 0  #: since it was queued
        self._played = 0
        self._known = 0  #: of that, what was surely this prompt: what is listened to late may be older
        self._gap = 0
        self._quiet = 0  #: since the last voice
        self._armed = False
        self.ours = bool(prompt)  #: the prompt is still being played
        self.broken = False  #: nothing of it was ever played: nobody can answer what nobody has heard

    def pass_by(self, moment: Moment) -> None:
        """20 ms have passed."""
        self._quiet = 0 if moment.is_speech else self._quiet + 1
        if not self.ours:
            return
        self._passed += 1
        if moment.playing:
            self._played += 1
            self._known += not moment.behind
            self._gap = 0
        elif self._played:
            self._gap += 1
        ended = self._gap > 0 and (self._played >= _NEARLY_ALL * self._length or self._gap >= _GAP)
        lost = self._passed > self._length + _LOST
        self.broken = lost and not self._played
        if ended or lost:
            self.take()
        audible = self.question_known and self._known >= self._voice_guard
        self._armed = self._armed or (audible and self._quiet >= _QUIET)

    def take(self) -> None:
        """The prompt is over, or was cut."""
        self.ours = False

    @property
    def question_known(self) -> bool:
        """Enough of the prompt was played for a key to be an answer to it."""
        return not self.ours or self._known >= self._guard

    @property
    def voice_counts(self) -> bool:
        """The caller's voice is an answer, and not something said beside our prompt."""
        return not self.ours or (self._interruptible and self._armed)
