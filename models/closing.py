"""What is known of one closing of a case: whether it was asked about, and what came of that."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from models.case import ClosedCase
from models.selection import NotAsked
from models.survey import Channel, Disposition, Invitation


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """One closing. `decided_at` None: nobody has decided yet. Not asked: `not_asked` says why."""

    case: ClosedCase
    decided_at: datetime | None
    not_asked: NotAsked | None
    invitation: Invitation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """How much has happened since some time, over the whole installation; trials are left out."""

    answers: Mapping[Channel, int]  #: ratings, by where they were given
    invitations: Mapping[Disposition | None, int]  #: made since then, by what has come of them; None: still open
