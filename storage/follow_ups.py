"""What is done about cases rated dåligt, and asking again after the fix."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, or_, select, update

from models.case import StoredCase
from models.counts import SurveyedCase
from models.follow_up import FollowUp, FollowUpState, Recovered
from models.rating import Rating
from models.survey import AttemptOutcome
from storage.accounts import COUNTED, Accounts
from storage.closure_rows import case_from
from storage.part import chunked
from storage.tables import answers, closures, contact_attempts, follow_ups, invitations, outbox
from survey.scope import within
from workflow.store_parts import chat_turn_key, turn_key

_POOR = Rating.DALIGT.value
_OUT = (AttemptOutcome.SENT.value, AttemptOutcome.DELIVERED.value)
_Times = tuple[datetime | None, datetime | None, datetime | None]
_asked = invitations.alias()
_rechecks = closures.alias()


class FollowUps(Accounts):
    async def follow_ups(self, since: datetime, before: datetime) -> list[FollowUp]:
        poor = exists().where(answers.c.invitation_id == invitations.c.id, answers.c.rating == _POOR)
        known = exists().where(follow_ups.c.invitation_id == invitations.c.id)
        query = (
            select(invitations.c.id)
            .join(closures)
            .where(
                invitations.c.answered_at >= since,
                invitations.c.answered_at < before,
                *COUNTED,
                or_(poor, known),
            )
        )
        found = await self._follow_ups(list(await self._db.scalars(query)))
        return sorted(found, key=lambda each: (each.case.answered_at, each.case.invitation_id), reverse=True)

    async def follow_up(self, invitation_id: int) -> FollowUp | None:
        found = await self._follow_ups([invitation_id])
        return next((each for each in found if each.changed_at or _is_poor(each.case.ratings)), None)

    async def save_follow_up(
        self, invitation_id: int, state: FollowUpState, note: str, who: str, now: datetime
    ) -> None:
        values = {
            "invitation_id": invitation_id,
            "state": state.value,
            "note": note,
            "changed_at": now,
            "changed_by": who,
        }
        await self._upsert(follow_ups, values)

    async def put_recheck(self, invitation_id: int, recheck_id: int) -> bool:
        unlinked = follow_ups.c.invitation_id == invitation_id, follow_ups.c.recheck_id.is_(None)
        changed = await self._db.execute(update(follow_ups).where(*unlinked).values(recheck_id=recheck_id))
        return changed.rowcount > 0

    async def closure(self, case_id: str, closed_at: datetime) -> StoredCase | None:
        query = select(closures).where(closures.c.case_id == case_id, closures.c.closed_at == closed_at)
        row = (await self._db.execute(query)).one_or_none()
        return StoredCase(row.id, case_from(row)) if row else None

    async def asked_anew(self, invitation_id: int) -> bool:
        this = select(closures.c.case_id).join(invitations).where(invitations.c.id == invitation_id)
        query = (
            select(_asked.c.id)
            .join(closures, closures.c.id == _asked.c.closure_id)
            .where(closures.c.case_id == this.scalar_subquery(), closures.c.recheck_of.is_(None))
            .where(_asked.c.id > invitation_id)
        )
        return await self._db.scalar(query.limit(1)) is not None

    async def open_rechecks(self, case_ids: Collection[str], now: datetime) -> set[str]:
        found: set[str] = set()
        for chunk in chunked(case_ids):
            query = (
                select(closures.c.case_id)
                .join(invitations)
                .where(
                    closures.c.case_id.in_(chunk),
                    closures.c.recheck_of.is_not(None),
                    invitations.c.disposition.is_(None),
                    invitations.c.expires_at > now,
                )
            )
            found.update(await self._db.scalars(query))
        return found

    async def recovered(self, since: datetime, before: datetime, units: Sequence[str]) -> Recovered:
        query = (
            select(_asked.c.id, _asked.c.questions, closures.c.unit)
            .join_from(follow_ups, _asked, _asked.c.id == follow_ups.c.recheck_id)
            .join(invitations, invitations.c.id == follow_ups.c.invitation_id)
            .join(closures, closures.c.id == invitations.c.closure_id)
            .where(_asked.c.created_at >= since, _asked.c.created_at < before)
        )
        ours = within(units)
        rechecks = [row for row in await self._db.execute(query) if ours(row.unit)]
        given = await self._ratings([row.id for row in rechecks])
        answered = recovered = 0
        for row in rechecks:
            ratings = given.get(row.id, {})
            poor, whole = _is_poor(ratings.items()), set(row.questions.split()) <= set(ratings)
            answered += poor or whole
            recovered += whole and not poor
        return Recovered(asked=len(rechecks), answered=answered, recovered=recovered)

    async def _ratings(self, surveys: Sequence[int]) -> dict[int, dict[str, Rating]]:
        given: dict[int, dict[str, Rating]] = {}
        for chunk in chunked(surveys):
            query = select(answers.c.invitation_id, answers.c.question, answers.c.rating)
            query = query.where(answers.c.invitation_id.in_(chunk), answers.c.rating.is_not(None))
            for row in await self._db.execute(query):
                given.setdefault(row.invitation_id, {})[row.question] = Rating(row.rating)
        return given

    async def _follow_ups(self, surveys: Sequence[int]) -> list[FollowUp]:
        """Of those of `surveys` that are nobody's trial and no recheck themselves."""
        found: list[FollowUp] = []
        for chunk in chunked(surveys):
            cases = await self._surveyed(chunk, *COUNTED)
            query = select(follow_ups).where(follow_ups.c.invitation_id.in_(chunk))
            known = {row.invitation_id: row for row in await self._db.execute(query)}
            ids = [row.recheck_id for row in known.values() if row.recheck_id]
            again = {each.invitation_id: each for each in await self._surveyed(ids)} if ids else {}
            asked = await self._asked_again(ids)
            for case in cases:
                row = known.get(case.invitation_id)
                number = (row.recheck_id if row else None) or 0
                found.append(_follow_up_from(case, row, again.get(number), asked.get(number, (None,) * 3)))
        return found

    async def _asked_again(self, rechecks: Sequence[int]) -> Mapping[int, _Times]:
        """By invitation: when it was made, when it reached them, and when something was last rated dåligt in it."""
        query = select(invitations.c.id, invitations.c.created_at).where(invitations.c.id.in_(rechecks))
        made = (await self._db.execute(query)).all()
        told = await self._told(rechecks)
        poor = select(answers.c.invitation_id, answers.c.received_at).where(
            answers.c.invitation_id.in_(rechecks), answers.c.rating == _POOR
        )
        last: dict[int, datetime] = {}
        for number, at in await self._db.execute(poor):
            last[number] = max(at, last.get(number, at))
        return {number: (at, told.get(number), last.get(number)) for number, at in made}

    async def _told(self, rechecks: Sequence[int]) -> Mapping[int, datetime]:
        """When a mail, an SMS or a chat message left, or they came by themselves: the first of these."""
        sent = select(contact_attempts.c.invitation_id, contact_attempts.c.at).where(
            contact_attempts.c.invitation_id.in_(rechecks), contact_attempts.c.outcome.in_(_OUT)
        )
        came = select(invitations.c.id, invitations.c.opened_at).where(
            invitations.c.id.in_(rechecks), invitations.c.opened_at.is_not(None)
        )
        # a chat's attempt counts as sent when its message is put in the outbox, where it may wait for its hour
        keys = {turn_key(chat_turn_key(number), 1): number for number in rechecks}
        rows = await self._db.execute(
            select(outbox.c.key, outbox.c.state, outbox.c.settled_at).where(outbox.c.key.in_(keys))
        )
        messages = {keys[row.key]: row.settled_at if row.state == "done" else None for row in rows}
        first: dict[int, datetime] = {}
        for number, at in [*await self._db.execute(sent), *await self._db.execute(came)]:
            left_at = messages.get(number, at)
            if left_at is not None:
                first[number] = min(left_at, first.get(number, left_at))
        return first


def _follow_up_from(
    case: SurveyedCase,
    row: Row[Any] | None,
    again: SurveyedCase | None,
    times: _Times,
) -> FollowUp:
    if row is None:
        return FollowUp(case=case)
    asked_at, told_at, poor_at = times
    reopened = poor_at is not None and poor_at > row.changed_at
    return FollowUp(
        case=case,
        state=FollowUpState.NEW if reopened else FollowUpState(row.state),
        note=row.note,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        recheck_id=row.recheck_id,
        recheck=again.ratings if again else (),
        recheck_reasons=again.reasons if again else (),
        recheck_comments=again.comments if again else (),
        asked_again_at=asked_at,
        told_again_at=told_at,
        poor_again_at=poor_at,
    )


def _is_poor(ratings: Iterable[tuple[str, Rating | None]]) -> bool:
    return any(rating is Rating.DALIGT for _, rating in ratings)
