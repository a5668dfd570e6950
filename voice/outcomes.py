"""What a caller did when it was their turn."""

from dataclasses import dataclass

from voice.recognition import Hearing


@dataclass(frozen=True, slots=True)
class Key:
    """A key was pressed (or, where keys aren't signalled, its tones were heard)."""

    key: str  #: one of 0123456789*#


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something was said and the engine heard it out."""

    hearing: Hearing
    seconds: float  #: of voice, pauses included
    cut_off: bool = False  #: it went on past the limit, and only the beginning was heard
    waited: float = 0.0  #: seconds of silence after the voice until the turn was declared over: what endpointing cost


@dataclass(frozen=True, slots=True)
class Unheard:
    """Somebody spoke, but no engine was there to hear (none installed, or it died): only keys will do."""


@dataclass(frozen=True, slots=True)
class NoInput:
    """Nobody said or pressed anything in time."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The far end hung up."""


Outcome = Key | Utterance | Unheard | NoInput | Gone
