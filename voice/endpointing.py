"""When a caller's turn begins and ends: a pure function of how long there was voice and how long there was none.

It is fed `(seconds, is_speech)` and never a clock, so it is tested without audio, and a recording that is read as fast
as can be ends its turns exactly as a call in real time does. How the seconds are cut into pieces makes no difference.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

_NEARLY = 1e-6  #: sums of 0.02 are not exact


class Phase(StrEnum):
    WAITING = "waiting"  #: nobody has said anything
    SPEAKING = "speaking"
    ENDED = "ended"  #: spoke, and has been silent for as long as it takes
    TOO_LONG = "too_long"  #: spoke for `max_seconds` and may be speaking still
    NO_INPUT = "no_input"  #: said nothing in time


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """How long is what, in seconds."""

    no_input: float = 5.0  #: of nobody speaking, from the end of the prompt
    onset: float = 0.08  #: of voice that make an utterance: less is a click
    barge_in: float = 0.3  #: of voice that interrupt a prompt: less is a cough, or "mm"
    hangover: float = 0.5  #: of silence that end an utterance
    clear_hangover: float = 0.3  #: the same, when what was said is already one clear answer
    longest: float = 8.0  #: of one utterance, pauses included


@dataclass(frozen=True, slots=True)
class Turn:
    """One caller's turn so far. All in seconds."""

    phase: Phase = Phase.WAITING
    waited: float = 0.0  #: since the prompt ended
    voice: float = 0.0  #: before the onset: voice less the gaps in it, so that clicks now and then never add up
    length: float = 0.0  #: of the utterance, pauses included
    silence: float = 0.0  #: since its last voice

    @property
    def over(self) -> bool:
        return self.phase not in (Phase.WAITING, Phase.SPEAKING)

    @property
    def spoken(self) -> float:
        """Seconds from the first voice to the last."""
        return max(0.0, self.length - self.silence)


def heard(
    turn: Turn, pauses: Pauses, seconds: float, is_speech: bool, *, clear: bool = False, prompt: bool = False
) -> Turn:
    """The turn after `seconds` more, all of them voice or none of them.

    `clear`: what has been recognised by now is one clear answer. `prompt`: our prompt was being played meanwhile, so
    the time to answer hasn't begun, and it takes more voice to be let in. A turn that is over stays as it is.

    A word that ends with the prompt counts: when the prompt is over, voice that was not enough to interrupt it may be
    enough for an answer.
    """
    if turn.phase is Phase.WAITING:
        turn = _begun(turn, pauses, prompt)
    if turn.phase is Phase.WAITING:
        return _waiting(turn, pauses, seconds, is_speech, prompt)
    if turn.phase is Phase.SPEAKING:
        return _speaking(turn, pauses, seconds, is_speech, clear)
    return turn


def _begun(turn: Turn, pauses: Pauses, prompt: bool) -> Turn:
    if _reached(turn.voice, pauses.barge_in if prompt else pauses.onset):
        return replace(turn, phase=Phase.SPEAKING, length=turn.voice)
    return turn


def _waiting(turn: Turn, pauses: Pauses, seconds: float, is_speech: bool, prompt: bool) -> Turn:
    waited = 0.0 if prompt else turn.waited + seconds
    if is_speech:
        begun = _begun(replace(turn, waited=waited, voice=turn.voice + seconds), pauses, prompt)
        return _limited(begun, pauses)
    turn = replace(turn, waited=waited, voice=max(0.0, turn.voice - seconds))
    if not prompt and _reached(waited, pauses.no_input):
        return replace(turn, phase=Phase.NO_INPUT)
    return turn


def _speaking(turn: Turn, pauses: Pauses, seconds: float, is_speech: bool, clear: bool) -> Turn:
    if is_speech:
        return _limited(replace(turn, length=turn.length + seconds, silence=0.0), pauses)
    enough = pauses.clear_hangover if clear else pauses.hangover
    missing = max(0.0, enough - turn.silence)
    if _reached(seconds, missing) and _reached(pauses.longest, turn.length + missing):
        return replace(turn, phase=Phase.ENDED, length=turn.length + missing, silence=turn.silence + missing)
    left = max(0.0, min(seconds, pauses.longest - turn.length))
    return _limited(replace(turn, length=turn.length + left, silence=turn.silence + left), pauses)


def _limited(turn: Turn, pauses: Pauses) -> Turn:
    if turn.phase is Phase.SPEAKING and _reached(turn.length, pauses.longest):
        return replace(turn, phase=Phase.TOO_LONG, length=pauses.longest)
    return turn


def _reached(value: float, limit: float) -> bool:
    return value > limit - _NEARLY
