"""The words that speech engines listen for, from `locales/<language>/hearing.toml`."""

import tomllib
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from omdome.texts import LOCALES
from voice.recognition import Expecting
from voice.vosk_engine.vocabulary import Vocabulary

Phrases = Annotated[tuple[str, ...], Field(strict=False)]


class _Words(BaseModel):
    """The file as it stands."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    rating: Phrases
    yes_no: Phrases
    reason: Phrases
    others: Phrases = ()
    spellings: dict[str, str] = {}


class VocabularyError(ValueError):
    """A file of words that can't be used. The message says which, where, and what would be right."""


def load_vocabulary(language: str) -> Vocabulary:
    """Raises VocabularyError."""
    path = LOCALES / language / "hearing.toml"
    try:
        words = _Words.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError:
        raise VocabularyError(f"there is no locales/{language}/hearing.toml: write one, like that of sv") from None
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise VocabularyError(f"locales/{language}/hearing.toml: {error}") from None
    answers = {Expecting.RATING: words.rating, Expecting.YES_NO: words.yes_no, Expecting.REASON: words.reason}
    return Vocabulary(language=language, answers=answers, others=words.others, spellings=words.spellings)
