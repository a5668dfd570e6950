"""`GET /api/cases/{case_id}`: what became of a case. Neither contact addresses nor the survey's token are in it."""

from collections.abc import Sequence

from aiohttp import web

from models.access import Scope
from models.closing import Closing
from models.counts import SurveyedCase
from models.survey import Answer, ContactAttempt, Invitation
from web.api_operations import Call, shaped
from web.api_shapes import Attempt, CaseClosing, Decided, GivenAnswer, GivenReason, HeldSurvey, KnownCase
from web.problems import ProblemError
from workflow.ports import Store, Transaction

LONGEST_CASE_ID = 100


class CaseLookup:
    """The handler."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def handle(self, call: Call) -> web.Response:
        """200, or 404 for a case that we don't know, or know no more."""
        case_id = call.request.match_info["case_id"]
        words = Scope.COMMENTS_READ in call.scopes
        found: list[CaseClosing] = []
        if len(case_id) <= LONGEST_CASE_ID and case_id.isprintable():
            async with self._store.look() as tx:
                found = [await _closing(tx, each, words=words) for each in await tx.closings(case_id)]
        if not found:
            raise ProblemError(404, "Not Found", "there is no case with this number here")
        return shaped(KnownCase(case_id=case_id, closings=found))


async def _closing(tx: Transaction, closing: Closing, *, words: bool) -> CaseClosing:
    case = closing.case
    decision = None
    if closing.decided_at is not None:
        decision = Decided(at=closing.decided_at, asked=closing.not_asked is None, not_asked=closing.not_asked)
    return CaseClosing(
        closed_at=case.closed_at,
        opened_at=case.opened_at,
        department=case.department,
        unit=case.unit,
        subject=case.subject,
        contractor=case.contractor,
        intake_channel=case.intake_channel,
        customer_type=case.customer_type,
        language=case.language,
        auto_closed=case.auto_closed,
        recheck=case.recheck_of is not None,
        decision=decision,
        survey=await _survey(tx, closing.invitation, words=words) if closing.invitation else None,
    )


async def _survey(tx: Transaction, invitation: Invitation, *, words: bool) -> HeldSurvey:
    said = await tx.surveyed(invitation.id)
    return HeldSurvey(
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
        opened_at=invitation.opened_at,
        language=invitation.language,
        disposition=invitation.disposition,
        attempts=_attempts(await tx.attempts(invitation.id)),
        answers=_answers(await tx.answers(invitation.id)),
        reasons=_reasons(said, words=words) if said else [],
        comments=(list(said.comments) if said else []) if words else None,
    )


def _attempts(attempts: Sequence[ContactAttempt]) -> list[Attempt]:
    return [Attempt(way=each.way, purpose=each.purpose, at=each.at, outcome=each.outcome) for each in attempts]


def _answers(answers: Sequence[Answer]) -> list[GivenAnswer]:
    """Without the reply itself: it may be the customer's own words, and names others."""
    return [
        GivenAnswer(question=each.question, rating=each.rating, channel=each.channel, received_at=each.received_at)
        for each in answers
    ]


def _reasons(said: SurveyedCase, *, words: bool) -> list[GivenReason]:
    return [
        GivenReason(question=question, code=code, text=text if words else None) for question, code, text in said.reasons
    ]
