"""What the chat is spoken with: texts, lexicons, the survey's rules, and who is speaking."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.texts import Texts
from survey.lexicon import Lexicon
from workflow.converse import SurveyPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """`texts` and `lexicons` by language ("sv"); `language` is the one to use for a chat that has chosen none.

    `organisation`, `contact` and `privacy_url` are shown to customers; the latter two may be "".
    """

    texts: Mapping[str, Texts]
    lexicons: Mapping[str, Lexicon]
    policy: SurveyPolicy
    language: str
    organisation: str
    contact: str = ""
    privacy_url: str = ""

    def known(self, language: str | None) -> str:
        """`language` if it is spoken here ("en-GB" is "en"), else the usual one."""
        short = (language or "").partition("-")[0].lower()
        return short if short in self.texts else self.language
