"""The managers' page itself: the figures of what is chosen, and the same as files."""

import asyncio
from dataclasses import dataclass, replace

from aiohttp import web

from models.counts import AnswerCount, IsoWeek
from models.digest import Account, Dimension, Figures
from survey.periods import Kind, Span, span_of
from survey.results import Chosen, Results, finished, results_from
from survey.shown import Years
from survey.tallies import alphabetical
from web.report_access import Viewer, viewer
from web.report_choices import address_of, chosen_from, form_of, neighbours, not_over
from web.report_frame import framed
from web.report_settings import ReportPages
from web.report_view import CASES, view_of
from web.report_words import Words, kind_of
from workflow.results import account_of, counts_for, newest_week

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FILTERED = (Dimension.UNIT, Dimension.CUSTOMER_TYPE, Dimension.INTAKE_CHANNEL)


@dataclass(frozen=True, slots=True)
class Gathered:
    """`tables` are the results whose group tables are shown: those of a whole month where it says more."""

    results: Results
    tables: Results
    account: Account | None
    names: tuple[tuple[str, ...], ...]  #: of units, customer types, channels that can be chosen
    oldest: IsoWeek  #: the first week with an answer


class ReportPage:
    def __init__(self, report: ReportPages) -> None:
        self._report = report

    async def show(self, request: web.Request) -> web.Response:
        who = await viewer(request)
        gathered = await self._gather(request, who)
        words = Words(self._report.pages.texts(who.language), self._newest())
        chosen = gathered.results.chosen
        before, after = neighbours(chosen, words.newest, gathered.oldest)
        view = view_of(gathered.results, gathered.tables, gathered.account, who.figures_of, who.identified, words)
        return framed(
            self._report.pages,
            request,
            who,
            "report.html",
            view=view,
            form=form_of(chosen, gathered.names, gathered.oldest, words),
            not_over=not_over(request.query, words.newest),
            before=address_of(before) if before else "",
            after=address_of(after) if after else "",
            files=[(address_of(chosen, f"/rapport/siffror.{each}"), each.upper()) for each in self._report.exports],
            cases=address_of(chosen, CASES) if who.identified else "",
            minimums=(self._report.policy.min_group, self._report.policy.min_foretag),
        )

    async def export(self, request: web.Request) -> web.Response:
        who = await viewer(request)
        ending = request.match_info["ending"]
        if ending not in self._report.exports:
            raise web.HTTPNotFound
        gathered = await self._gather(request, who)
        texts = self._report.pages.texts(who.language)
        exported = self._report.exports[ending]
        results, tables = gathered.results, gathered.tables
        made = await asyncio.to_thread(exported, results, tables, who.figures_of, gathered.account, texts)
        span = results.span
        weeks = str(span.first) if span.first == span.last else f"{span.first}--{span.last}"
        name = f"omdome-{weeks}.{ending}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": _TYPES[ending]}
        return web.Response(body=made, headers=headers)

    def _newest(self) -> IsoWeek:
        return newest_week(self._report.clock.now(), self._report.zone)

    async def _gather(self, request: web.Request, who: Viewer) -> Gathered:
        report, newest = self._report, self._newest()
        chosen = finished(chosen_from(request.query, newest), newest)
        async with report.store.look() as tx:
            counts = await counts_for(tx, chosen, report.policy, newest, who.figures_of)
            told_apart = chosen.customer_type is not None or chosen.channel is not None
            oldest = await tx.oldest_count() or newest
            account = None if told_apart else await account_of(tx, chosen, report.zone, units=who.figures_of)
        # counting takes a second with some hundred units: others are served meanwhile
        return await asyncio.to_thread(self._computed, counts, chosen, newest, account, oldest)

    def _computed(
        self, counts: list[AnswerCount], chosen: Chosen, newest: IsoWeek, account: Account | None, oldest: IsoWeek
    ) -> Gathered:
        policy = self._report.policy
        years = Years(counts, policy, newest)
        made = results_from(years, chosen, tuple(Dimension))
        tables = made
        month = _whole_month(made, newest)
        if month is not None:
            by_month = results_from(years, replace(chosen, first=month.first, last=month.last), tuple(Dimension))
            tables = max(made, by_month, key=_shown)
        loaded = Span(min((count.week for count in counts), default=newest), newest)
        names = tuple(tuple(sorted(years.names(each, loaded), key=alphabetical)) for each in _FILTERED)
        return Gathered(made, tables, account, names, oldest)


def _whole_month(made: Results, newest: IsoWeek) -> Span | None:
    """The last whole month, for periods that are no whole months: small groups are shown by the month at least."""
    kind, complete = kind_of(made.recent, newest)
    if kind not in (None, Kind.WEEK) and complete:
        return None
    month = span_of(Kind.MONTH, made.recent.last)
    return month if month.last <= made.recent.last else span_of(Kind.MONTH, month.first.shifted(-1))


def _shown(made: Results) -> int:
    """How many figures of groups there are to see."""
    cells = [cell for table in made.tables for row in table.rows for cell in row.cells]
    return sum(isinstance(cell.change.recent, Figures) for cell in cells)
