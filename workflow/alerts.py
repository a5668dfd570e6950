"""Tells the handler of a case when its customer was dissatisfied, or was pleased and wrote something.

A row is put in the outbox when it happens, and the message is made when the row is due, of what is stored then: a
customer who changes their mind within the delay leaves no trace in anybody's mailbox.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models.conversation import Finish, RecordAnswer, RecordComment, Step
from models.counts import SurveyedCase
from models.queues import OutboxKind, OutboxRow
from models.rating import Rating
from models.texts import Texts
from survey.lexicon import Lexicon
from survey.praise import is_praise
from workflow.ports import Clock, Store, Transaction

log = logging.getLogger(__name__)

TOO_LATE = timedelta(days=7)  #: an alert that has waited longer is dropped: mail turned on late mustn't flood anybody


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPolicy:
    """Which alerts are sent, and how long the customer has to finish or to change an answer first."""

    poor: bool = True  #: a case rated dåligt on any question
    praise: bool = True  #: a case rated bra on every question, with a comment, be it praise or not
    delay: timedelta = timedelta(minutes=30)

    @property
    def for_recheck(self) -> "AlertPolicy":
        """Of a case that was asked about again after the fix: only that something is dåligt still."""
        return replace(self, praise=False)


async def plan_alerts(tx: Transaction, invitation_id: int, step: Step, policy: AlertPolicy, now: datetime) -> None:
    """Enqueue, hasten or take back the alerts that this step of the conversation calls for."""
    poor, praise = f"alert:{invitation_id}", f"praise:{invitation_id}"
    ratings = [given.rating for given in step.session.given]
    for effect in step.effects:
        match effect:
            case RecordAnswer(rating=Rating.DALIGT) if policy.poor:
                await tx.enqueue([_planned(poor, invitation_id, now + policy.delay)])
            case RecordAnswer(changed=True) if Rating.DALIGT not in ratings:
                await tx.cancel(poor)  # the key may then be used again
            case RecordComment() if policy.praise and _all_good(step.session.questions, ratings):
                await tx.enqueue([_planned(praise, invitation_id, now + policy.delay)])
            case Finish():
                await tx.hasten(poor, now)


def _planned(key: str, invitation_id: int, due_at: datetime) -> OutboxRow:
    payload = {"invitation_id": invitation_id}
    return OutboxRow(kind=OutboxKind.HANDLER_ALERT, key=key, payload=payload, due_at=due_at)


def _all_good(questions: tuple[str, ...], ratings: list[Rating | None]) -> bool:
    return len(ratings) == len(questions) and all(rating is Rating.BRA for rating in ratings)


def compose_alert(
    case: SurveyedCase, texts: Texts, zone: ZoneInfo, lexicons: Sequence[Lexicon], listed: bool = False
) -> tuple[str, str] | None:
    """The alert's subject and text; None if, as things now stand, there is nothing to tell.

    The subject names nobody and quotes nothing: it shows on locked screens. `lexicons`: the languages of comments;
    `listed`: there is a follow-up list, where managers see the same case.
    """
    ratings = [rating for _, rating in case.ratings]
    if Rating.DALIGT in ratings:
        kind = "poor" if case.recheck_of is None else "poor_again"
    elif case.comments and ratings and all(rating is Rating.BRA for rating in ratings):
        kind = "praise" if is_praise(case.comments, lexicons) else "comment"
    else:
        return None
    parts = (
        texts(f"alerts.{kind}.lead"),
        "\n".join(_about(case, texts, zone)),
        "\n".join(_said(case, texts)),
        texts("alerts.foot.listed") if listed and kind == "poor" else "",  # the lead of poor_again tells it already
        texts("alerts.foot.private"),
    )
    return texts(f"alerts.{kind}.subject", case_id=case.case_id), "\n\n".join(filter(None, parts))


def _about(case: SurveyedCase, texts: Texts, zone: ZoneInfo) -> list[str]:
    closed = case.closed_at.astimezone(zone)
    date = texts("followup.day", day=closed.day, month=texts(f"digest.month.{closed.month}"), year=closed.year)
    lines = [texts("alerts.case.id", case_id=case.case_id)]
    for key, value in (("subject", case.subject), ("unit", case.unit), ("contractor", case.contractor)):
        if value:
            lines.append(texts(f"alerts.case.{key}", **{key: value}))
    kept = "closed" if case.recheck_of is None else "asked_again"  # a recheck closes when it is asked
    return [*lines, texts(f"alerts.case.{kept}", date=date)]


def _said(case: SurveyedCase, texts: Texts) -> list[str]:
    lines = []
    for question, rating in case.ratings:
        name = texts(f"questions.{question}.name")
        if rating is None:
            lines.append(texts("alerts.said.skipped", question=name))
        else:
            label = texts(f"questions.ratings.{rating.name.lower()}")
            lines.append(texts("alerts.said.rating", question=name, rating=label))
    poor = {question for question, rating in case.ratings if rating is Rating.DALIGT}
    # of several reasons for one question the last one counts; a question that has been made better needs none
    newest = {question: (code, words) for question, code, words in case.reasons if question in poor}
    for question, (code, words) in newest.items():
        reason = texts(f"questions.reasons.{code}") if code else words
        lines.append(texts("alerts.said.reason", question=texts(f"questions.{question}.name"), reason=reason))
    return lines + [texts("alerts.said.comment", comment=comment) for comment in case.comments]


@dataclass(frozen=True, slots=True)
class AlertSender:
    """The `Sender` of HANDLER_ALERT rows: passes them on to the outbox as chat messages or mails.

    It drops what has waited more than `TOO_LATE`, and, where there is no mail, what is for somebody without a chat.
    """

    store: Store
    clock: Clock
    texts: Texts
    zone: ZoneInfo
    lexicons: Sequence[Lexicon] = ()  #: the languages that comments are written in
    mail: bool = True
    listed: bool = False  #: whether managers have a follow-up list

    async def send(self, row: OutboxRow) -> None:
        now = self.clock.now()
        if now - row.due_at > TOO_LATE:
            log.warning("%s was due %s and is dropped: it is too late to tell the handler", row.key, row.due_at.date())
            return
        async with self.store.step() as tx:
            await self._dispatch(tx, row, now)

    async def _dispatch(self, tx: Transaction, row: OutboxRow, now: datetime) -> None:
        """Nothing is sent if the customer took it back, or if the case names no handler."""
        invitation_id = row.payload["invitation_id"]
        case = await tx.surveyed(invitation_id) if isinstance(invitation_id, int) else None
        if case is None or not case.handler_mail:
            return
        alert = compose_alert(case, self.texts, self.zone, self.lexicons, self.listed)
        chat_id = await tx.handler_chat(case.handler_mail)
        if alert is not None and (self.mail or chat_id is not None):
            await tx.enqueue([_to_be_sent(row, case, alert, chat_id, now)])


def _to_be_sent(
    row: OutboxRow, case: SurveyedCase, alert: tuple[str, str], chat_id: int | None, now: datetime
) -> OutboxRow:
    """A chat message, or a mail where there is no chat. It names the survey, so that it goes when that is erased."""
    (subject, text), survey = alert, {"invitation_id": case.invitation_id}
    if chat_id is None:
        payload = {"to": case.handler_mail, "subject": subject, "text": text, **survey}
        return OutboxRow(kind=OutboxKind.MAIL, key=f"{row.key}:sent", payload=payload, due_at=now)
    arguments = {"chat_id": chat_id, "text": f"{subject}\n\n{text}"}
    return OutboxRow(
        kind=OutboxKind.TELEGRAM,
        key=f"{row.key}:sent",
        payload={"method": "SendMessage", "arguments": arguments, **survey},
        due_at=now,
        lane=f"chat:{chat_id}",
    )
