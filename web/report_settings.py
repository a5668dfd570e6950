"""What the managers' page needs to know and to reach."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from models.digest import Account, DigestPolicy, Recipient
from models.texts import Texts
from survey.redaction import Markers
from survey.results import Results
from web.pages import Pages
from workflow.ports import Clock, Store
from workflow.sign_in import SignInPolicy

#: As a file: results, those whose tables are shown, of which units the reader's figures are, and the response account.
Exported = Callable[[Results, Results, Sequence[str], Account | None, Texts], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPages:
    """`recipients` by name; `markers` by language; `exports` by ending ("csv", "xlsx").

    `link_mails`: whether mail can go out, so that one can ask for a new link.
    """

    pages: Pages
    store: Store
    clock: Clock
    policy: DigestPolicy
    zone: ZoneInfo
    recipients: Mapping[str, Recipient]
    markers: Mapping[str, Markers]
    sign_in: SignInPolicy
    exports: Mapping[str, Exported] = field(default_factory=dict)
    public_url: str = ""
    link_mails: bool = False
    trusted_proxies: int = 0
    seconds: Callable[[], float] = time.monotonic  #: for the rate limits
