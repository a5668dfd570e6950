"""The store's side of a call: each event is one step of the survey, taken in its own transaction."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from models.conversation import Accepted, Confirmed, Event, OptedOut, Replied, Session, Skipped, TimedOut
from models.rating import ReplyKind
from models.survey import Channel, Invitation
from survey.conversation import advance, start
from survey.lexicon import Lexicon
from workflow.converse import Origin, Spoken, SurveyPolicy, converse
from workflow.ports import Clock, Store, StoreUnavailableError, Transaction

log = logging.getLogger(__name__)
T = TypeVar("T")
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
        return await _in_time(self._session())

    async def take(self, event: Event, engine: str = "", *, seen: Session | None = None) -> Spoken:
        return await _in_time(self._taken(event, engine, seen))

    async def _session(self) -> Session:
        async with self.store.look() as tx:
            invitation = await self._invitation(tx)
            stored = await tx.session(self.invitation_id)
            case = await tx.case(invitation.case_number)
            refused = case is not None and bool(await tx.opted_out(case.case.addresses))
        session = stored or start(invitation.questions or self.policy.questions, permission_wanted=False)
        if refused:
            return advance(session, OptedOut(), self.policy.script).session
        over = self.clock.now() >= invitation.expires_at
        return advance(session, TimedOut(), self.policy.script).session if over else session

    async def _taken(self, event: Event, engine: str, seen: Session | None) -> Spoken:
        origin = Origin(Channel.PHONE, self.call_id, engine)
        async with self.store.step() as tx:
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


async def _in_time(step: Coroutine[None, None, T]) -> T:
    """What the step comes to, or InterviewLostError.

    A late one is given up and not waited for: a database that somebody has locked keeps even its cancellation waiting.
    """
    task = asyncio.ensure_future(step)
    try:
        done, _ = await asyncio.wait({task}, timeout=STORE_SECONDS)
    finally:
        if not task.done():
            task.cancel()
            _given_up.add(task)
            task.add_done_callback(_forget)
    if not done:
        raise InterviewLostError("no answer in time")
    try:
        return task.result()
    except StoreUnavailableError as error:
        raise InterviewLostError(str(error)) from error


def _forget(task: "asyncio.Task[Any]") -> None:
    _given_up.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.info("a step that was given up: %s", error)


_given_up: set["asyncio.Task[Any]"] = set()  #: still unwinding: asyncio itself holds on to no task
