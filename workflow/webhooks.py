"""Tells other systems of each finished survey, and of what is changed in it afterwards.

A row per system is put in the outbox in the transaction of the step that finished the survey. Its contents are made
when it is due, of what is stored then, like an alert's: who has been erased in between is told to nobody.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from models.case import ClosedCase
from models.conversation import Effect, Finish, RecordAnswer, RecordComment, RecordReason, Session, Step
from models.counts import SurveyedCase
from models.queues import OutboxKind, OutboxRow
from models.survey import Answer, Disposition, Invitation
from survey.session import any_rated, first_unanswered, outcome
from workflow.ports import Transaction

FINISHED, CHANGED = "survey.finished", "survey.changed"


async def plan_webhooks(
    tx: Transaction, invitation_id: int, step: Step, hooks: Sequence[str], delay: timedelta, now: datetime
) -> None:
    """Enqueue, for each of `hooks`, what this step of the conversation makes worth telling.

    A survey is told once every question has been answered: at once when the customer is done with it, else after
    `delay` (many leave at the comment), and, if something has been rated, when it ends before that.
    """
    session = step.session
    news = [effect for effect in step.effects if _is_news(effect)]
    done = session.disposition is not None
    if not news or not any_rated(session) or not (done or first_unanswered(session) is None):
        return
    for hook in hooks:
        key = f"webhook:{hook}:{invitation_id}"
        await tx.cancel(key)  # what hasn't been told yet is told as it now is, and when it is due now
        first = _row(hook, invitation_id, FINISHED, key, now if done else now + delay, now)
        if not await tx.enqueue([first]) and any(_is_change(effect) for effect in news):
            again = f"{key}:{now.astimezone(UTC):%Y%m%dT%H%M%S%f}"
            await tx.enqueue([_row(hook, invitation_id, CHANGED, again, now, now)])


def _is_news(effect: Effect) -> bool:
    return isinstance(effect, RecordAnswer | RecordReason | RecordComment | Finish)


def _is_change(effect: Effect) -> bool:
    """Not the end that was expected, of a survey that has been answered: as such it has been told already."""
    return not isinstance(effect, Finish) or effect.disposition is not Disposition.COMPLETED


def _row(hook: str, invitation_id: int, event: str, key: str, due_at: datetime, now: datetime) -> OutboxRow:
    payload = {"hook": hook, "invitation_id": invitation_id, "event": event, "at": _utc(now)}
    return OutboxRow(kind=OutboxKind.WEBHOOK, key=key, payload=payload, due_at=due_at, lane=f"webhook:{hook}")


async def webhook_body(tx: Transaction, row: OutboxRow, comments: bool) -> Mapping[str, object] | None:
    """What a due row WEBHOOK says, as JSON; `comments`: with the customer's own words.

    None when there is nothing to tell: erased meanwhile, or a test case of our own.
    """
    number = row.payload.get("invitation_id")
    invitation = await tx.invitation(number) if isinstance(number, int) else None
    stored = await tx.case(invitation.case_number) if invitation else None
    if invitation is None or stored is None or stored.case.trial:
        return None
    answers, session = await tx.answers(invitation.id), await tx.session(invitation.id)
    if not answers or session is None:
        return None
    told = _survey(invitation, stored.case, session, answers)
    said = await tx.surveyed(invitation.id)
    told |= _said(said, comments) if said else {}
    return {"type": row.payload["event"], "timestamp": row.payload["at"], "data": told}


def _survey(invitation: Invitation, case: ClosedCase, session: Session, answers: Sequence[Answer]) -> dict[str, object]:
    return {
        "survey_id": invitation.id,
        "recheck_of": case.recheck_of,
        "case_id": case.case_id,
        "closed_at": _utc(case.closed_at),
        "unit": case.unit,
        "language": invitation.language,
        "disposition": (invitation.disposition or outcome(session)).value,
        "channel": answers[0].channel.value,
        "answers": [
            {
                "question": each.question,
                "rating": each.rating.value if each.rating else None,
                "channel": each.channel.value,
                "answered_at": _utc(each.received_at),
            }
            for each in answers
        ],
    }


def _said(said: SurveyedCase, comments: bool) -> dict[str, object]:
    reasons = [
        {"question": question, "reason": code or None} | ({"words": words} if comments and words else {})
        for question, code, words in said.reasons
    ]
    return {"reasons": reasons} | ({"comments": list(said.comments)} if comments else {})


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
