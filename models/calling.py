"""What comes of trying to reach somebody by phone, before a word is said."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CallOutcome(StrEnum):
    """How one try to call ended. `survey.calling` knows each one's AAPOR code, and when it is worth another try."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"  #: it rang for as long as we let it, or the exchange says that nobody answers
    DECLINED = "declined"  #: somebody refused this call; not the survey, of which they know nothing
    UNWANTED = "unwanted"  #: whoever is called has told their operator that we are not to call (SIP 607)
    WRONG_NUMBER = "wrong_number"  #: no such number, or not any more
    MOVED = "moved"  #: the exchange names another number, which is never called: it may be anybody's
    NOT_ALLOWED = "not_allowed"  #: by us: abroad, or at a price of its own; it wasn't dialled
    BARRED = "barred"  #: an exchange lets no such call through
    CONGESTION = "congestion"  #: exchange or network has no room just now
    UNREACHED = "unreached"  #: no exchange answered, or ours doesn't know us (not registered)
    REFUSED_US = "refused_us"  #: our account, or all that we offer to speak, was refused: a matter of set-up
    NO_AUDIO = "no_audio"  #: answered, but without any sound that we could use
    FAULT = "fault"  #: ours: the process that holds the calls ended


class Retry(StrEnum):
    """When a number is worth another try."""

    MINUTES = "minutes"
    ANOTHER_DAY = "another_day"  #: and at another time of day
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAttempt:
    """One try to call. Holds no number."""

    outcome: CallOutcome
    at: datetime  #: when it was dialled
    ring_seconds: float = 0.0  #: from dialling to the outcome
    sip_code: int = 0  #: of the final response (RFC 3261); 0: none came
    rang: bool = False  #: their phone is known to have rung, or was answered (SIP 180, 2xx; 183 may be an announcement)
    reason: str = ""  #: a few words for people: what the exchange or we ourselves say
