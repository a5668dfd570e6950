"""What the API takes and answers. The same classes read what comes, write what goes, and are its OpenAPI document."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from models.case import CustomerType
from models.rating import Rating
from models.selection import NotAsked
from models.survey import AttemptOutcome, Channel, ContactWay, Disposition, Purpose


class Shape(BaseModel):
    """A JSON object without surprises."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FaultyField(Shape):
    """What is wrong with one value."""

    field: str = Field(description="which one, as you call it")
    value: str = Field(description="what stood there, shortened")
    expected: str = Field(description="what would be right")


class Problem(BaseModel):
    """Problem details (RFC 9457): what is wrong, and what would be right."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FaultyField] | None = Field(default=None, description="what is wrong, value by value")


class FaultyCase(FaultyField):
    index: int = Field(ge=0, description="which of the cases, from 0")


class StoredCases(Shape):
    """What became of the cases."""

    received: int = Field(ge=0)
    stored: dict[str, int] = Field(
        description="how many were new, closed_again, updated, unchanged or stale (older than what is known)",
        examples=[{"new": 1, "closed_again": 0, "updated": 0, "unchanged": 0, "stale": 0}],
    )
    errors: list[FaultyCase]


class NoCases(Problem):
    """None of the cases could be used."""

    received: int | None = None
    stored: dict[str, int] | None = None
    errors: list[FaultyCase] | None = None  # type: ignore[assignment]


class Decided(Shape):
    """Whether the customer was to be asked."""

    at: datetime
    asked: bool
    not_asked: NotAsked | None = Field(description="why not; null when asked")


class Attempt(Shape):
    """One time that we turned to the customer."""

    way: ContactWay
    purpose: Purpose
    at: datetime
    outcome: AttemptOutcome


class GivenAnswer(Shape):
    question: str
    rating: Rating | None = Field(description="null: skipped")
    channel: Channel
    received_at: datetime


class GivenReason(Shape):
    """What went wrong, after a dåligt."""

    question: str
    code: str = Field(description='one of [survey] reasons; "" is own words')
    text: str | None = Field(description="the customer's own words; null without the scope comments:read")


class HeldSurvey(Shape):
    """The survey about one closing."""

    created_at: datetime
    expires_at: datetime
    opened_at: datetime | None
    language: str
    disposition: Disposition | None = Field(description="what came of it (after AAPOR); null while it is open")
    attempts: list[Attempt] = Field(description="oldest first")
    answers: list[GivenAnswer] = Field(description="in the order that the questions were first answered")
    reasons: list[GivenReason]
    comments: list[str] | None = Field(description="the customer's own words; null without the scope comments:read")


class CaseClosing(Shape):
    """One closing of the case, and what came of it. A text that the case system didn't give is ""."""

    closed_at: datetime
    opened_at: datetime | None
    department: str
    unit: str
    subject: str
    contractor: str
    intake_channel: str
    customer_type: CustomerType | None
    language: str
    auto_closed: bool
    recheck: bool = Field(description="asked again after the fix of what was dåligt")
    decision: Decided | None = Field(description="null: not decided yet")
    survey: HeldSurvey | None = Field(description="null: none, see decision")


class KnownCase(Shape):
    case_id: str
    closings: list[CaseClosing] = Field(min_length=1, description="newest first")


class Refusal(Shape):
    """Who doesn't want to be asked: a mail address, a phone number, or both."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    mail: Annotated[str, Field(max_length=254, json_schema_extra={"format": "mail-address"})] | None = Field(
        default=None, examples=["kund@example.se"]
    )
    phone: Annotated[str, Field(max_length=40, json_schema_extra={"format": "phone-number"})] | None = Field(
        default=None, examples=["070-174 06 05", "+46701740605"]
    )
