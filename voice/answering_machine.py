"""Who answered our call: a person, or a machine that will talk for a while and then beep?

At most 2.5 s of voice and then 0.6 s of silence is a person who said hello and waits; more than 7 s without a pause,
one of the usual phrases, or a beep is a machine. When unsure, a person, who then falls silent when we begin to
speak: a machine talks on. The numbers were chosen by recordings (bench/answering_machines.py). Pure: fed seconds, never
a clock.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

_NEARLY = 1e-6
_GAP = 0.4  #: seconds between two words of one sentence at most


class Callee(StrEnum):
    PERSON = "person"
    MACHINE = "machine"
    SILENT = "silent"  #: nobody has said anything: speak anyway
    GONE = "gone"  #: hung up before saying anything that tells


@dataclass(frozen=True, slots=True, kw_only=True)
class GreetingPolicy:
    """How a greeting is judged; seconds."""

    silent: float = 1.8  #: of nothing at all
    onset: float = 0.08  #: of voice that make a greeting: less is a click
    person: float = 2.5  #: of voice that a person says at most
    pause: float = 0.6  #: of silence after it
    unsure_pause: float = 0.8  #: of silence after a longer greeting
    machine: float = 7.0  #: of voice without a pause: nobody answers a call with so many words
    longest: float = 10.0  #: of listening at all: whoever isn't waiting for us by then is a machine
    overlap: float = 6.0  #: of our own speaking, from its beginning …
    talks_on: float = 3.0  #: … and of voice in it that make a machine
    phrases: frozenset[str] = frozenset()  #: what only machines say ("efter tonen"), lower case


@dataclass(frozen=True, slots=True)
class Greeting:
    """What has been heard so far; `callee` is None until it is decided."""

    callee: Callee | None = None
    elapsed: float = 0.0
    voice: float = 0.0  #: of the present run of voice, shorter pauses included
    silence: float = 0.0  #: since the last voice
    begun: bool = False


def heard(
    greeting: Greeting, policy: GreetingPolicy, seconds: float, is_speech: bool, *, beep: bool = False, words: str = ""
) -> Greeting:
    """The greeting after `seconds` more of voice or silence; `words` is all that has been recognised so far."""
    if greeting.callee is not None:
        return greeting
    if beep or any(phrase in words for phrase in policy.phrases):
        return replace(greeting, callee=Callee.MACHINE)
    if _reached(greeting.elapsed + seconds, policy.longest):
        return replace(greeting, callee=Callee.MACHINE)
    greeting = replace(greeting, elapsed=greeting.elapsed + seconds)
    return _voice(greeting, policy, seconds) if is_speech else _silence(greeting, policy, seconds)


def _voice(greeting: Greeting, policy: GreetingPolicy, seconds: float) -> Greeting:
    paused = _reached(greeting.silence, policy.pause)
    before = 0.0 if paused else greeting.voice + greeting.silence
    voice = before + seconds
    begun = greeting.begun or _reached(voice, policy.onset)
    callee = Callee.MACHINE if voice > policy.machine + _NEARLY else None
    return replace(greeting, callee=callee, voice=voice, silence=0.0, begun=begun)


def _silence(greeting: Greeting, policy: GreetingPolicy, seconds: float) -> Greeting:
    if not greeting.begun:
        callee = Callee.SILENT if _reached(greeting.elapsed, policy.silent) else None
        return replace(greeting, callee=callee, voice=max(0.0, greeting.voice - seconds))
    silence = greeting.silence + seconds
    enough = policy.pause if greeting.voice < policy.person + _NEARLY else policy.unsure_pause
    return replace(greeting, callee=Callee.PERSON if _reached(silence, enough) else None, silence=silence)


@dataclass(frozen=True, slots=True)
class Overlap:
    """What was said while we spoke, since we began; seconds."""

    elapsed: float = 0.0
    voice: float = 0.0  #: gaps between words included
    silence: float = 0.0  #: since the last voice


def overlapped(overlap: Overlap, seconds: float, is_speech: bool) -> Overlap:
    """The overlap after `seconds` more of our speaking."""
    elapsed = overlap.elapsed + seconds
    if not is_speech:
        return replace(overlap, elapsed=elapsed, silence=overlap.silence + seconds)
    gap = overlap.silence if overlap.voice and overlap.silence < _GAP + _NEARLY else 0.0
    return Overlap(elapsed, overlap.voice + gap + seconds)


def talks_on(overlap: Overlap, policy: GreetingPolicy) -> bool:
    """Whether whoever answered talked through our beginning: a machine whose greeting passed for a person's."""
    return _reached(overlap.voice, policy.talks_on) and not overlap.elapsed > policy.overlap + _NEARLY


def _reached(value: float, limit: float) -> bool:
    return value > limit - _NEARLY
