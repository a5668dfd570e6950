"""The weekly digest: its figures from the store, and who is to get which week when."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from models.counts import IsoWeek
from models.digest import Digest, DigestPolicy, Recipient
from models.queues import OutboxKind, OutboxRow
from survey.digest import Copy, Material, compose
from survey.digest_times import DigestSchedule, due_weeks, newest_due, send_time, week_span
from survey.lexicon import Lexicon
from survey.redaction import Markers
from survey.tallies import weeks_looked_at
from workflow.ports import Transaction


def copy_for(recipient: Recipient, markers: Markers, lexicons: Sequence[Lexicon] = ()) -> Copy:
    """The recipient's copy; `markers` are those of the recipient's language, `lexicons` those of the customers'."""
    return Copy(markers=markers, units=recipient.units, identified=recipient.identified, lexicons=tuple(lexicons))


async def digest_figures(
    tx: Transaction, copy: Copy, policy: DigestPolicy, week: IsoWeek, zone: ZoneInfo, now: datetime
) -> Digest:
    """One copy of the digest of `week`, finished or not, from what is stored now. `zone` is the organisation's."""
    since, before = week_span(week, zone)
    recent, _ = week_span(week.shifted(1 - policy.recent_weeks), zone)
    material = Material(
        counts=await tx.answer_counts(weeks_looked_at(policy, week)[0], week),
        account=await tx.account(since, before),
        cases=await tx.surveyed_between(since, before) if copy.identified else (),
        recovered=await tx.recovered(recent, before, copy.units),
    )
    return replace(compose(material, copy, policy, week, now), preliminary=now < before)


async def schedule_digests(
    tx: Transaction, recipients: Iterable[Recipient], schedule: DigestSchedule, now: datetime
) -> int:
    """Put what is due and not yet put into the outbox; returns how many. Call it as often as you like.

    A recipient gets each week once, also the weeks missed while nothing ran. Who is new starts with the newest week,
    if anybody answered in it; older ones were never promised.
    """
    rows: list[OutboxRow] = []
    for recipient in recipients:
        weeks = await _weeks_for(tx, recipient, schedule, now)
        rows += (_row(recipient, week, schedule) for week in weeks)
    return await tx.enqueue(rows)


async def _weeks_for(tx: Transaction, recipient: Recipient, schedule: DigestSchedule, now: datetime) -> list[IsoWeek]:
    # the outbox forgets what was sent when it is purged; this fact stays
    fact = f"digest.{recipient.name}"
    last, newest = await tx.fact(fact), newest_due(now, schedule)
    if last is None:
        weeks = [newest] if await tx.answer_counts(newest, newest) else []
    else:
        weeks = due_weeks(IsoWeek.parse(last), now, schedule)
    if last is None or weeks:
        await tx.set_fact(fact, str(newest), now)
    return weeks


def _row(recipient: Recipient, week: IsoWeek, schedule: DigestSchedule) -> OutboxRow:
    return OutboxRow(
        kind=OutboxKind.DIGEST,
        key=f"digest:{recipient.name}:{week}",
        payload={"recipient": recipient.name, "year": week.year, "week": week.week},
        due_at=send_time(week, schedule),
        lane=f"digest:{recipient.name}",  # made-up weeks arrive in their order
    )
