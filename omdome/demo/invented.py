"""Holds the invented half-year's conversations: the same steps as a chat's, without Telegram around them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from bot.speech import Speech
from models.case import StoredCase
from models.conversation import Accepted, Event, ReasonChosen, Skipped, Stage
from models.counts import IsoWeek
from models.survey import Channel, Invitation
from omdome.config import CHECKOUT
from omdome.deciding import decide_now
from omdome.demo.clock import SimulatedClock
from omdome.demo.half_year import WEEKS, WORSE_UNIT, Reply, half_year, monday_morning
from omdome.speech import speech_of
from omdome.wiring import Application
from survey.lexicon import Lexicon
from workflow.converse import Origin, Spoken, SurveyPolicy, converse, understood
from workflow.intake import import_cases
from workflow.ports import Transaction

FOLDER = CHECKOUT / "demo" / "half-year"
WEEK = IsoWeek(2026, 46)
CALLED_AFTER_DAYS = 4
CALLED_AT = datetime.combine(WEEK.monday, time(13, 20), UTC) + timedelta(days=CALLED_AFTER_DAYS)


async def live_through(
    app: Application, clock: SimulatedClock, told: Callable[[int, int], None], weeks: int = WEEKS
) -> None:
    """Import each week's cases and let its customers answer, until `CALLED_AT`.

    `told` gets (weeks done, customers who have answered).
    """
    speech, answered = speech_of(app.config), 0
    for number, week in enumerate(half_year(WEEK, weeks), 1):
        clock.move_to(monday_morning(week.week))
        await import_cases(app.store, week.cases, clock.now())
        await decide_now(with_calls(app) if week.week == WEEK else app, clock.now())
        answered += await _answer(app, clock, speech, [reply for reply in week.replies if reply.at < CALLED_AT])
        told(number, answered)


async def live_on(app: Application, clock: SimulatedClock, weeks: int = WEEKS) -> int:
    """Let those answer who do so from `CALLED_AT` on, to the end of the last week; returns how many did."""
    *_, week = half_year(WEEK, weeks)
    return await _answer(app, clock, speech_of(app.config), [reply for reply in week.replies if reply.at >= CALLED_AT])


async def _answer(app: Application, clock: SimulatedClock, speech: Speech, replies: Sequence[Reply]) -> int:
    """Each in their chat, at their time."""
    async with app.store.look() as tx:
        made = await tx.unopened_invitations(clock.now() - timedelta(days=7))
    invitations = {stored.case.case_id: invitation for invitation, stored in made}
    for reply in replies:
        clock.move_to(reply.at)
        async with app.store.step() as tx:
            conversation = _Conversation(tx, speech.policy, speech.lexicons["sv"], clock)
            await conversation.hold(invitations[reply.case_id], reply)
    return len(replies)


def with_calls(app: Application) -> Application:
    """The same application, which calls those who haven't answered `CALLED_AFTER_DAYS` after they were asked."""
    contact = app.config.contact.model_copy(update={"phone_after_days": CALLED_AFTER_DAYS})
    return replace(app, config=app.config.model_copy(update={"contact": contact}))


async def not_answered(app: Application) -> tuple[Invitation, StoredCase]:
    """The first customer of `WORSE_UNIT`, of the last week, who has a mail address and hasn't been reached."""
    return next(
        (invitation, stored)
        for invitation, stored in await _unopened(app)
        if stored.case.unit == WORSE_UNIT and stored.case.mail
    )


async def to_be_called(app: Application) -> dict[str, tuple[Invitation, StoredCase]]:
    """Those of the last week who have a telephone alone, by its number."""
    return {stored.case.phone: (invitation, stored) for invitation, stored in await _unopened(app) if stored.case.phone}


async def _unopened(app: Application) -> list[tuple[Invitation, StoredCase]]:
    async with app.store.look() as tx:
        return await tx.unopened_invitations(datetime.combine(WEEK.monday, time(), UTC))


class _Conversation:
    """One customer's whole visit, in one transaction."""

    def __init__(self, tx: Transaction, policy: SurveyPolicy, lexicon: Lexicon, clock: SimulatedClock) -> None:
        self._tx = tx
        self._policy = policy
        self._lexicon = lexicon
        self._clock = clock

    async def hold(self, invitation: Invitation, reply: Reply) -> None:
        spoken = await self._step(invitation, Accepted())
        for question, words in reply.answers:
            spoken = await self._step(spoken.invitation, understood(words, self._lexicon))
            if spoken.session.stage is Stage.REASON:
                spoken = await self._step(spoken.invitation, ReasonChosen(question, _reason(question, reply.comment)))
        if reply.comment:
            await self._step(spoken.invitation, understood(reply.comment, self._lexicon))
        else:
            await self._step(spoken.invitation, Skipped())

    async def _step(self, invitation: Invitation, event: Event) -> Spoken:
        return await converse(self._tx, invitation, event, Origin(Channel.CHAT), self._policy, self._clock.now())


def _reason(question: str, comment: str) -> str:
    """A reason that goes with what the customer complains of."""
    if question == "bemotande":
        return "bemotandet"
    if question == "tillganglighet":
        return "svart_att_na"
    return "ingen_aterkoppling" if re.search("hörde av sig", comment) else "inte_atgardat"
