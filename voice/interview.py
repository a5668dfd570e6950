"""The store's side of a call: each event is one step of the survey, taken in its own transaction."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from models.conversation import Accepted, Confirmed, Event, OptedOut, Replied, Session, Skipped, TimedOut
from models.rating import ReplyKind
from models.survey import Channel, Invitation
from survey.conversation import advance, start
from survey.lexicon import Lexicon
from workflow.converse import Origin, Spoken, SurveyPolicy, converse
from workflow.ports import Clock, Store, StoreUnavailableError, Transaction

STORE_SECONDS = 5.0  #: of real time that a step of a call may take: nobody waits longer for the next question
_OF_THE_MOMENT = (Replied, Confirmed, Skipped)  #: mean whatever is being asked


class InterviewLostError(Exception):
    """The store can't take it just now: nothing of the step was stored, and the call should end with an apology."""


def is_opt_out(event: Event) -> bool:
    """Whether it is a wish never to be called again, whatever was asked."""
    return isinstance(event, OptedOut) or (isinstance(event, Replied) and event.understood.kind is ReplyKind.OPT_OUT)


class Interview(Protocol):
    """One call's survey."""

    @property
    def invitation_id(self) -> int: ...

    @property
    def lexicon(self) -> Lexicon:
        """What its replies are understood with."""

    async def session(self) -> Session:
        """As it stands; closed when the deadline has passed, or who is called has asked not to be.

        Raises InterviewLostError.
        """

    async def take(self, event: Event, engine: str = "", *, seen: Session | None = None) -> Spoken:
        """Take one step, stored whole or not at all; `engine` is what understood it.

        `seen` is the session that the caller was asked about. Where the survey has moved on since, in a chat say, a
        reply that doesn't name its question isn't taken: what is asked now comes back. Raises InterviewLostError.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInterview:
    """A survey in the store. `call_id` is stored with each answer as where it came from."""

    store: Store
    invitation_id: int
    policy: SurveyPolicy
    clock: Clock
    lexicon: Lexicon
    call_id: str

    async def session(self) -> Session:
        async with _in_time(), self.store.look() as tx:
            invitation = await self._invitation(tx)
            stored = await tx.session(self.invitation_id)
            case = await tx.case(invitation.case_number)
            refused = case is not None and bool(await tx.opted_out(case.case.addresses))
        session = stored or start(self.policy.questions, permission_wanted=False)
        if refused:
            return advance(session, OptedOut(), self.policy.script).session
        over = self.clock.now() >= invitation.expires_at
        return advance(session, TimedOut(), self.policy.script).session if over else session

    async def take(self, event: Event, engine: str = "", *, seen: Session | None = None) -> Spoken:
        origin = Origin(Channel.PHONE, self.call_id, engine)
        async with _in_time(), self.store.step() as tx:
            invitation = await self._invitation(tx)
            stored = await tx.session(self.invitation_id)
            moved = None not in (seen, stored) and seen != stored
            if moved and isinstance(event, _OF_THE_MOMENT) and not is_opt_out(event):
                event = Accepted()
            return await converse(tx, invitation, event, origin, self.policy, self.clock.now())

    async def _invitation(self, tx: Transaction) -> Invitation:
        invitation = await tx.invitation(self.invitation_id)
        if invitation is None:
            raise InterviewLostError(f"invitation {self.invitation_id} has been deleted")
        return invitation


@asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(STORE_SECONDS):
            yield
    except (StoreUnavailableError, TimeoutError) as error:
        raise InterviewLostError(str(error) or "no answer in time") from error
