"""The words that speech engines listen for, from `locales/<language>/hearing.toml`."""

import tomllib
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.rating import ReplyKind
from omdome.lexicons import load_lexicon
from omdome.texts import LOCALES
from survey.lexemes import Role
from survey.lexicon import Lexicon
from voice.recognition import Expecting
from voice.vosk_engine.vocabulary import Vocabulary
from workflow.converse import understood

_SMALL = (Role.UNKNOWN, Role.FILLER, Role.TOPIC)  #: alone they answer nothing: what sounds like an answer may be one
Phrases = Annotated[tuple[str, ...], Field(strict=False)]


class _Words(BaseModel):
    """The file as it stands."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    rating: Phrases
    yes_no: Phrases
    reason: Phrases
    others: Phrases = ()
    machine: Phrases = ()
    spellings: dict[str, str] = {}


class VocabularyError(ValueError):
    """A file of words that can't be used. The message says which, where, and what would be right."""


def load_vocabulary(language: str) -> Vocabulary:
    """Raises VocabularyError."""
    return _vocabulary(language, _words(language), load_lexicon(language))


def vocabulary_of(language: str, table: Mapping[str, object], lexicon: Lexicon) -> Vocabulary:
    """The vocabulary in `table`, a parsed hearing.toml, whose phrases mean what `lexicon` says."""
    return _vocabulary(language, _Words.model_validate(table), lexicon)


def _vocabulary(language: str, words: _Words, lexicon: Lexicon) -> Vocabulary:
    replies = {phrase: understood(phrase, lexicon, digits_offered=True) for phrase in (*words.rating, *words.yes_no)}
    rated = {phrase for phrase in words.rating if replies[phrase].understood.kind is ReplyKind.RATING}
    agreed = {phrase for phrase in words.yes_no if replies[phrase].yes_no is not None}
    meaningful = {word for word, entry in lexicon.words.items() if entry.role not in _SMALL}
    return Vocabulary(
        language=language,
        answers={Expecting.RATING: words.rating, Expecting.YES_NO: words.yes_no, Expecting.REASON: words.reason},
        others=words.others,
        spellings=words.spellings,
        mistakable={
            Expecting.RATING: frozenset(phrase for phrase in rated if " " not in phrase),
            Expecting.YES_NO: frozenset(phrase for phrase in agreed if " " not in phrase),
        },
        meaningful=frozenset(meaningful | set(lexicon.confirms)),
    )


def load_machine_phrases(language: str) -> frozenset[str]:
    """What only answering machines say, for `voice.answering_machine.GreetingPolicy`. Raises VocabularyError."""
    return frozenset(_words(language).machine)


def _words(language: str) -> _Words:
    path = LOCALES / language / "hearing.toml"
    try:
        return _Words.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError:
        raise VocabularyError(f"there is no locales/{language}/hearing.toml: write one, like that of sv") from None
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise VocabularyError(f"locales/{language}/hearing.toml: {error}") from None
