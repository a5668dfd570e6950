"""A closed case, and how its customer can be reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CustomerType(StrEnum):
    MEDBORGARE = "medborgare"
    FORETAG = "företag"


class AddressKind(StrEnum):
    MAIL = "mail"
    PHONE = "phone"
    CHAT = "chat"


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """One contact address. A respondent *is* an address: two cases belong to one respondent only when one is the same.

    `value` is normalised: mail lower-cased, phone as E.164 ("+46701740605"), chat as the decimal chat id.
    """

    kind: AddressKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedCase:
    """One closure of one case, as the case system told it. `(case_id, closed_at)` is its identity.

    Times are aware (UTC). Text fields are stripped; "" means that the case system gave nothing.
    """

    case_id: str
    closed_at: datetime
    opened_at: datetime | None = None
    department: str = ""
    unit: str = ""
    subject: str = ""
    handler: str = ""
    handler_mail: str = ""
    contractor: str = ""
    intake_channel: str = ""
    customer_type: CustomerType | None = None
    phone: str = ""
    mail: str = ""
    language: str = "sv"
    auto_closed: bool = False
    trial: bool = False  #: a test case of our own: asked and answered, counted nowhere
    recheck_of: int | None = None  #: asked again after the fix: the invitation it follows up; counted on its own

    @property
    def addresses(self) -> Sequence[Address]:
        """The customer's addresses, mail first."""
        found = []
        if self.mail:
            found.append(Address(AddressKind.MAIL, self.mail))
        if self.phone:
            found.append(Address(AddressKind.PHONE, self.phone))
        return found


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A closure with the number that the database gave it."""

    id: int
    case: ClosedCase


class CaseChange(StrEnum):
    """What storing a closed case did."""

    NEW = "new"  #: first closure of a case
    CLOSED_AGAIN = "closed_again"  #: a later closure of a known case: a new survey
    UPDATED = "updated"  #: known closure, other metadata
    UNCHANGED = "unchanged"
    STALE = "stale"  #: an earlier closure than the newest known: left alone
