"""More parts of the store (see `workflow.ports`): contacts, follow-ups, figures, privacy, who may look and call."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from models.case import Address, StoredCase
from models.closing import Activity, Closing
from models.counts import AccountRow, AnswerCount, IsoWeek, SurveyedCase
from models.follow_up import FollowUp, FollowUpState, Recovered
from models.queues import Payload
from models.survey import AttemptOutcome, ContactAttempt, ContactWay, Invitation


def contact_key(invitation_id: int, after: int) -> str:
    """The outbox key of the contact that is due once an invitation has had `after` attempts."""
    return f"contact:{invitation_id}:{after}"


def chat_turn_key(invitation_id: int) -> str:
    """What the outbox keys begin with of what the bot says when it asks in a chat."""
    return f"invite:{invitation_id}"


def turn_key(turn: str, number: int) -> str:
    """The outbox key of the `number`th (1, 2 …) thing that the bot says in a turn."""
    return f"{turn}:{number}"


class ContactStore(Protocol):
    """Whom we turned to, how, and with what success."""

    async def put_attempt(self, attempt: ContactAttempt) -> int:
        """Store a new attempt; returns its id."""
        ...

    async def settle_attempt(self, attempt_id: int, outcome: AttemptOutcome, detail: str, now: datetime) -> None:
        """What came of it; a planned one was tried `now`. `detail`: a code or a few words, never an address."""
        ...

    async def attempt(self, attempt_id: int) -> ContactAttempt | None: ...

    async def attempts(self, invitation_id: int) -> list[ContactAttempt]:
        """Oldest first."""
        ...

    async def attempt_counts(
        self, since: datetime, before: datetime
    ) -> Mapping[tuple[ContactWay, AttemptOutcome], int]:
        """How many attempts had which outcome, those with `at` in the period; only what there is."""
        ...

    async def last_contact(self, addresses: Collection[Address]) -> datetime | None:
        """When we last turned, or are planning to turn, to somebody with one of these addresses, about any case.

        What failed, or was withdrawn, reached nobody and is not counted.
        """
        ...

    async def calls_since(self, since: datetime) -> list[tuple[str, ContactAttempt]]:
        """Calls tried at `since` or later, newest first, each with its case's id."""
        ...

    async def put_dead(self, address: Address, reason: str, now: datetime) -> None:
        """Nobody is there. Kept as a keyed hash, like a refusal."""
        ...

    async def dead(self, addresses: Collection[Address]) -> set[Address]: ...

    async def sent_to(self, address: Address, since: datetime) -> list[tuple[Invitation, ContactAttempt]]:
        """Attempts tried at `since` or later in this address's way (PHONE: SMS and calls), newest first.

        Whose mail has come back? Those withdrawn, or only planned, are left out.
        """
        ...

    async def contact_due(self, invitation_id: int | None = None) -> datetime | None:
        """When the next waiting contact, or its message, is due: of one invitation, or of all."""
        ...

    async def call_due(self, invitation_id: int | None = None) -> datetime | None:
        """When the next call that waits is due: about one invitation, or any. Not one that is being made."""
        ...

    async def hasten_contacts(self, now: datetime) -> int:
        """Make the waiting first contacts, and messages that were put off, due now; returns how many.

        Safe: whoever takes them up puts off what it is still too early for.
        """
        ...

    async def open_without_chat(self, since: datetime, limit: int) -> list[tuple[Invitation, StoredCase]]:
        """Invitations created at `since` or later that nobody has planned to turn to anybody about; oldest first.

        Open, of a case with an address, without a chat, no trial, without an attempt or a row `contact_key(id, 0)`.
        """
        ...


class FollowUpStore(Protocol):
    """What was done about cases rated dåligt."""

    async def follow_ups(self, since: datetime, before: datetime) -> list[FollowUp]:
        """Every case first answered in the period with at least one dåligt (or a follow-up state), newest first."""
        ...

    async def follow_up(self, invitation_id: int) -> FollowUp | None:
        """None if nothing is, or was, to be followed up there."""
        ...

    async def save_follow_up(
        self, invitation_id: int, state: FollowUpState, note: str, who: str, now: datetime
    ) -> None: ...

    async def put_recheck(self, invitation_id: int, recheck_id: int) -> bool:
        """Link the invitation that asks again to a saved follow-up; False if there is one already."""
        ...

    async def closure(self, case_id: str, closed_at: datetime) -> StoredCase | None: ...

    async def asked_anew(self, invitation_id: int) -> bool:
        """Whether the same case has been closed again later, and asked about then."""
        ...

    async def open_rechecks(self, case_ids: Collection[str], now: datetime) -> set[str]:
        """Those of these cases that are just being asked about again: neither finished nor expired."""
        ...

    async def recovered(self, since: datetime, before: datetime, units: Sequence[str]) -> Recovered:
        """Of the rechecks asked in the period; `units` () is all, else compared casefolded."""
        ...


class SignInStore(Protocol):
    """One-time links and sessions of the managers' page. Tokens come as SHA-256 in hex, never in the clear."""

    async def put_sign_in(self, digest: str, kind: str, who: str, now: datetime, expires_at: datetime) -> None: ...

    async def sign_in(self, digest: str, kind: str, now: datetime) -> str | None:
        """Who it is for, unless it has expired."""
        ...

    async def use_sign_in(self, digest: str, kind: str, now: datetime) -> str | None:
        """The same, and it can't be used again: of two at once only one gets it."""
        ...

    async def drop_sign_ins(self, who: str, kinds: Sequence[str]) -> int:
        """All of theirs of these kinds; returns how many."""
        ...

    async def drop_expired_sign_ins(self, now: datetime) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A token of the API, without its secret."""

    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class ApiTokenStore(Protocol):
    """Bearer tokens, as SHA-256 in hex."""

    async def put_api_token(self, name: str, digest: str, scopes: Sequence[str], now: datetime) -> bool:
        """Store; False if the name is taken."""
        ...

    async def api_token(self, digest: str) -> ApiToken | None:
        """The token, if it has not been revoked."""
        ...

    async def note_use(self, digest: str, now: datetime) -> None:
        """Remember when it was last used (to the hour: not a write per request)."""
        ...

    async def api_tokens(self) -> list[ApiToken]: ...

    async def revoke_api_token(self, name: str, now: datetime) -> bool: ...


class LookupStore(Protocol):
    """What other systems ask about."""

    async def closings(self, case_id: str) -> list[Closing]:
        """Every closing of the case, newest first."""
        ...

    async def open_surveys(self, addresses: Collection[Address]) -> list[Invitation]:
        """Invitations to cases with one of these mails or phones whose survey isn't closed, oldest first."""
        ...

    async def activity(self, since: datetime) -> Activity: ...


class FigureStore(Protocol):
    """What the digest reads."""

    async def answer_counts(self, first: IsoWeek, last: IsoWeek) -> list[AnswerCount]:
        """The rollup's cells of these weeks, both included."""
        ...

    async def oldest_count(self) -> IsoWeek | None:
        """The first week that has any; None before the first answer."""
        ...

    async def account(self, since: datetime, before: datetime) -> list[AccountRow]:
        """The response account of closures decided at `since` or later and before `before`."""
        ...

    async def surveyed_between(self, since: datetime, before: datetime) -> list[SurveyedCase]:
        """Cases with an answer, reason or comment received in the period, oldest first."""
        ...

    async def verify_rollup(self, repair: bool = False) -> int:
        """How many rollup cells differ from the answers; with `repair` they are made right."""
        ...


class PrivacyStore(Protocol):
    """Retention, erasure and export."""

    async def purge(self, kind: str, before: datetime, now: datetime) -> int:
        """Delete one kind of data ("replies", "comments", "contacts", "cases", "queues", "chats") older than `before`.

        Logs kind and count, never contents. Statistics (the rollup) stay. Returns how many rows.
        """
        ...

    async def erase(self, address: Address, now: datetime) -> Mapping[str, int]:
        """Delete what is stored of one respondent; statistics and the opt-out (hashed) stay. Counts per kind."""
        ...

    async def export(self, address: Address) -> Payload:
        """All that is stored of one respondent, as JSON."""
        ...

    async def surveys_of(self, address: Address) -> list[int]:
        """The numbers of all invitations of one respondent, oldest first."""
        ...

    async def log_deletion(self, kind: str, number: int, before: datetime | None, now: datetime) -> None:
        """Log what was deleted outside the database (0: nothing is logged); `before` None: at somebody's wish."""
        ...

    async def deletions(self) -> list[Mapping[str, object]]: ...


class KeyValueStore(Protocol):
    """Small durable facts of the installation: idempotency keys, imported files, the polling offset."""

    async def fact(self, name: str) -> str | None: ...

    async def set_fact(self, name: str, value: str, now: datetime) -> None: ...
