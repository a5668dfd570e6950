"""The lexicons of the languages that respondents answer in."""

import tomllib
from functools import cache

from omdome.texts import LOCALES
from survey.lexicon import Lexicon, LexiconError, parse_lexicon


@cache  # a quarter of a second each, and the bot, the alerts and the digests all want them
def load_lexicon(lang: str) -> Lexicon:
    """The lexicon in `locales/<lang>/lexicon.toml`.

    Raises LexiconError, naming the languages there are, where `lang` isn't one, and naming the file where it's faulty.
    """
    known = languages()
    if lang not in known:
        raise LexiconError(f"no lexicon for {lang!r}; there is one for {', '.join(known)}")
    path = LOCALES / lang / "lexicon.toml"
    try:
        return parse_lexicon(tomllib.loads(path.read_text(encoding="utf-8")))
    except (LexiconError, tomllib.TOMLDecodeError) as error:
        raise LexiconError(f"locales/{lang}/lexicon.toml: {error}") from error


def languages() -> list[str]:
    """The languages that have a lexicon, in alphabetical order."""
    return sorted(path.parent.name for path in LOCALES.glob("*/lexicon.toml"))
