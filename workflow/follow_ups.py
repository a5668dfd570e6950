"""Following up what a customer rated dåligt: who has done what, and asking again when it has been mended."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from models.case import Address, AddressKind, ClosedCase, StoredCase
from models.follow_up import FollowUp, FollowUpState
from models.rating import Rating
from models.selection import Decision
from models.survey import Chat, Disposition, Invitation
from workflow.ports import Store, Transaction
from workflow.selecting import InvitationPolicy, OnInvited, new_token

NOTE_LENGTH = 2000  #: characters that a note may have


class Outcome(StrEnum):
    """What came of a change. All but the first two have stored it."""

    GONE = "gone"  #: there is no such follow-up (any more)
    CHANGED_MEANWHILE = "changed_meanwhile"  #: somebody else, or the customer, has changed it since it was shown
    SAVED = "saved"
    ASKED = "asked"  #: saved, and the customer is asked again
    ALREADY_ASKED = "already_asked"  #: once is enough
    REFUSED = "refused"  #: the customer has asked us not to ask
    ASKED_ANEW = "asked_anew"  #: the case has been closed again since, and is asked about as usual
    NO_WAY = "no_way"  #: we know of no chat, mail or phone, or may not use them
    NOTHING_TO_ASK = "nothing_to_ask"  #: nothing that is still asked is dåligt any more

    @property
    def stored(self) -> bool:
        return self not in (Outcome.GONE, Outcome.CHANGED_MEANWHILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A change that `who` (a subscription's name) wants, having seen the follow-up's `version`."""

    invitation_id: int
    version: str
    state: FollowUpState
    note: str
    who: str


#: Puts what will reach a customer without a chat in the outbox, at a decent time; False if no way is open.
Contact = Callable[[Transaction, Invitation, StoredCase], Awaitable[bool]]


class _NoWayError(Exception):
    """Takes back the recheck that nobody would have been told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How we ask again. `questions` are the organisation's, in order; `in_chat` and `contact` None: not that way."""

    questions: Sequence[str]
    invitations: InvitationPolicy
    in_chat: OnInvited | None = None
    contact: Contact | None = None
    make_token: Callable[[], str] = new_token


async def change(store: Store, wanted: Wanted, now: datetime) -> Outcome:
    """Store the state and the note."""
    async with store.step() as tx:
        found = await _saved(tx, wanted, now)
        return found if isinstance(found, Outcome) else Outcome.SAVED


async def ask_again(store: Store, wanted: Wanted, asking: Asking, now: datetime) -> Outcome:
    """Store the state and the note, and ask the customer once more about what was rated dåligt.

    A new closure of the same case (closed now, `recheck_of` the first invitation) and its invitation are stored with
    what is to reach the customer, or none of it. Selection has no say, nor has how recently they were asked.
    """
    try:
        async with store.step() as tx:
            found = await _saved(tx, wanted, now)
            return found if isinstance(found, Outcome) else await _ask(tx, found, asking, now)
    except _NoWayError:
        saved = await change(store, wanted, now)
        return Outcome.NO_WAY if saved.stored else saved


async def _saved(tx: Transaction, wanted: Wanted, now: datetime) -> FollowUp | Outcome:
    found = await tx.follow_up(wanted.invitation_id)
    if found is None:
        return Outcome.GONE
    if found.version != wanted.version:
        return Outcome.CHANGED_MEANWHILE
    note = wanted.note.strip()[:NOTE_LENGTH]
    await tx.save_follow_up(wanted.invitation_id, wanted.state, note, wanted.who, now)
    return found


async def _ask(tx: Transaction, follow_up: FollowUp, asking: Asking, now: datetime) -> Outcome:
    first = await tx.invitation(follow_up.case.invitation_id)
    stored = await tx.case(first.case_number) if first else None
    if first is None or stored is None:
        return Outcome.GONE
    if follow_up.recheck_id is not None:
        return Outcome.ALREADY_ASKED
    poor = {question for question, rating in follow_up.case.ratings if rating is Rating.DALIGT}
    questions = tuple(question for question in asking.questions if question in poor)
    if not questions:
        return Outcome.NOTHING_TO_ASK
    if await _has_refused(tx, first, stored.case):
        return Outcome.REFUSED
    if await tx.asked_anew(first.id):
        return Outcome.ASKED_ANEW
    chat = await _chat_for(tx, first, stored.case) if asking.in_chat else None
    again = await _closed_again(tx, first, stored.case, now)
    (invitation,) = await tx.put_invitations([_invitation(asking, again, first, chat, questions, now)])
    await tx.put_recheck(first.id, invitation.id)
    if chat is not None and asking.in_chat is not None:
        await asking.in_chat(tx, invitation, again, chat)
    elif asking.contact is None or not await asking.contact(tx, invitation, again):
        raise _NoWayError
    return Outcome.ASKED


async def _has_refused(tx: Transaction, first: Invitation, case: ClosedCase) -> bool:
    addresses = set(case.addresses)
    if first.chat_id is not None:
        addresses.add(Address(AddressKind.CHAT, str(first.chat_id)))
    return first.disposition is Disposition.REFUSED or bool(await tx.opted_out(addresses))


async def _chat_for(tx: Transaction, first: Invitation, case: ClosedCase) -> Chat | None:
    """The chat where they answered, or one linked to their addresses.

    Not where somebody has said no to being asked there again: then mail or SMS, if there is one.
    """
    owner = await tx.chat(first.chat_id) if first.chat_id is not None else None
    if owner is not None and not owner.dead and owner.permission is not False:
        return owner
    linked = await tx.linked_chat(case.addresses)
    if linked is None or await tx.opted_out({Address(AddressKind.CHAT, str(linked.chat_id))}):
        return None
    return linked


async def _closed_again(tx: Transaction, first: Invitation, case: ClosedCase, now: datetime) -> StoredCase:
    closed_at = now
    while await tx.closure(case.case_id, closed_at) is not None:
        closed_at += timedelta(microseconds=1)
    await tx.put_cases([replace(case, closed_at=closed_at, recheck_of=first.id)], now)
    stored = await tx.closure(case.case_id, closed_at)
    if stored is None:
        raise LookupError(f"the recheck of invitation {first.id} was not stored")
    await tx.decide([Decision(stored.id, None)], now)
    return stored


def _invitation(
    asking: Asking,
    again: StoredCase,
    first: Invitation,
    chat: Chat | None,
    questions: tuple[str, ...],
    now: datetime,
) -> Invitation:
    rules = asking.invitations
    return Invitation(
        id=0,
        case_number=again.id,
        token=asking.make_token(),
        language=chat.language if chat is not None and chat.language in rules.languages else first.language,
        created_at=now,
        expires_at=now + timedelta(days=rules.expires_after_days),
        remind_at=now + timedelta(days=rules.reminder_after_days) if rules.reminder_after_days else None,
        chat_id=chat.chat_id if chat is not None else None,
        questions=questions,
    )
