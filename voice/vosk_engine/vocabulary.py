"""The words an engine listens for, and what it takes misspelt and misheard ones for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from voice.recognition import Expecting


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """One language's words as they are said on the phone, all lower case."""

    language: str
    #: What answers each question, commands included; more than one word where they are said as one: "hoppa över".
    answers: Mapping[Expecting, tuple[str, ...]]
    #: What else people say. A grammar without them hears an answer in everything.
    others: tuple[str, ...] = ()
    #: How a model writes a word that it hears rightly: "uːkɛj" is "okej".
    spellings: Mapping[str, str] = field(default_factory=dict)
    #: The single words that a mishearing may stand for, by what is expected: ratings, yes and no, never a command.
    mistakable: Mapping[Expecting, frozenset[str]] = field(default_factory=dict)
    #: Words that mean something of their own, and are never taken for a mishearing.
    meaningful: frozenset[str] = frozenset()

    def listens_for_words(self, expecting: Expecting) -> bool:
        """Whether a grammar is of use: not for reasons and comments, which people give in their own words."""
        return expecting in (Expecting.RATING, Expecting.YES_NO) and expecting in self.answers

    def grammars(self) -> dict[str, list[str]]:
        """The phrases to listen for, by what is expected; what isn't here is decoded freely."""
        return {
            expecting: list(dict.fromkeys([*said, *self.others]))
            for expecting, said in self.answers.items()
            if self.listens_for_words(expecting)
        }
