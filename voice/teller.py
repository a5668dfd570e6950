"""Says prompts by their keys, and keeps the transcript of what is said and done in a call."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol

from models.conversation import RecordAnswer
from voice.answering_machine import GreetingPolicy
from voice.ears import Ears
from voice.line import FRAME_BYTES, FRAME_SECONDS
from voice.outcomes import Gone, Key, NoInput, Outcome, Unheard, Utterance
from voice.transcript import SILENCE, Entry, Who


class Prompts(Protocol):
    """What is said, by key: the dotted paths of `locales/<language>/voice.toml` without the file's name."""

    def audio(self, key: str) -> bytes:
        """Whole frames of 8 kHz 16-bit mono. "question.bemotande.full"; `identification` names the organisation."""

    def text(self, key: str) -> str: ...


class Teller:
    """One call's voice and its record. `watch` is told each entry of the transcript as it happens.

    `instead` names the prompts that are said in place of others.
    """

    def __init__(
        self,
        ears: Ears,
        prompts: Prompts,
        watch: Callable[[Entry], None] | None,
        instead: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._ears, self._prompts, self._watch, self._instead = ears, prompts, watch, instead
        self.entries: list[Entry] = []

    async def say(
        self, keys: Iterable[str], *, interruptible: bool, machines: GreetingPolicy | None = None
    ) -> Key | Gone | None:
        """A statement, as `Ears.speak`."""
        reported = await self._ears.speak(self.sound(keys), interruptible=interruptible, machines=machines)
        if isinstance(reported, Key):
            self.told(reported)
        return reported

    def sound(self, keys: Iterable[str]) -> bytes:
        """The prompts' audio, which is about to be played."""
        keys = tuple(map(self._said, keys))
        for key in keys:
            text = self._prompts.text(key)
            self._note(Entry(who=Who.WE, seconds=self._ears.seconds, prompt=key, text=text))
        return b"".join(map(self._prompts.audio, keys))

    def words(self, keys: Iterable[str]) -> str:
        """What the prompts say."""
        return " ".join(self._prompts.text(self._said(key)) for key in keys)

    def length(self, key: str) -> float:
        """Seconds of a prompt."""
        return len(self._prompts.audio(self._said(key))) / FRAME_BYTES * FRAME_SECONDS

    def told(self, outcome: Outcome, stored: RecordAnswer | None = None) -> None:
        """What the caller did, and what was stored of it."""
        rating = stored.rating if stored else None
        entry = Entry(
            who=Who.CALLER,
            seconds=self._ears.seconds,
            rating=rating.value if rating else "",
            question=stored.question if stored else "",
        )
        match outcome:
            case Key(key):
                self._note(replace(entry, key=key))
            case Utterance(hearing):
                trust = f"{hearing.trust}"
                self._note(replace(entry, text=hearing.words, confidence=hearing.confidence, trust=trust))
            case Unheard():
                self._note(replace(entry, text="(not heard)"))
            case NoInput():
                self._note(replace(entry, text=SILENCE))

    def happened(self, what: str) -> None:
        """To the call itself."""
        self._note(Entry(who=Who.CALL, seconds=self._ears.seconds, text=what))

    def _said(self, key: str) -> str:
        return self._instead.get(key, key)

    def _note(self, entry: Entry) -> None:
        self.entries.append(entry)
        if self._watch is not None:
            self._watch(entry)
