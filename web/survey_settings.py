"""What the survey page needs to know and to reach."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from survey.lexicon import Lexicon
from web.pages import Pages
from workflow.converse import SurveyPolicy
from workflow.ports import Clock, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyPage:
    """`lexicons` by language; `bot_username` "" offers no Telegram; `calls`: who has a phone may ask to be called."""

    pages: Pages
    store: Store
    clock: Clock
    policy: SurveyPolicy
    lexicons: Mapping[str, Lexicon]
    organisation: str
    contact: str = ""  #: how the organisation is reached: "0911-12 34 56 / kund@example.se"
    bot_username: str = ""
    calls: bool = False
    trusted_proxies: int = 0
    seconds: Callable[[], float] = time.monotonic  #: for the rate limits
