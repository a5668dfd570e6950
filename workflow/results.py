"""The figures that somebody asks for, from the store: the weekly rollup only, whatever the period."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from models.counts import AnswerCount, IsoWeek
from models.digest import Account, DigestPolicy
from survey.digest import account
from survey.digest_times import week_span
from survey.results import Chosen, weeks_needed
from survey.scope import within
from workflow.ports import Transaction


def newest_week(now: datetime, zone: ZoneInfo) -> IsoWeek:
    """The last week that is over."""
    return IsoWeek.of(now.astimezone(zone).date()).shifted(-1)


async def counts_for(
    tx: Transaction, chosen: Chosen, policy: DigestPolicy, newest: IsoWeek, units: Sequence[str] = ()
) -> list[AnswerCount]:
    """What `survey.results` needs of the rollup, of `units` (none: all)."""
    ours = within(units)
    counts = await tx.answer_counts(*weeks_needed(chosen, policy, newest))
    return [each for each in counts if ours(each.unit)] if units else counts


async def account_of(tx: Transaction, chosen: Chosen, zone: ZoneInfo, *, units: Sequence[str] = ()) -> Account:
    """What became of the closures decided on in the period; customer types and channels aren't told apart there."""
    rows = await tx.account(week_span(chosen.first, zone)[0], week_span(chosen.last, zone)[1])
    ours = within(units)
    return account([row for row in rows if ours(row.unit)], chosen.units)
