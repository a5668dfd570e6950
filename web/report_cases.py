"""The single cases behind a figure: for identified readers, of their units, and only where the figure is shown."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from aiohttp import web

from models.counts import IsoWeek, SurveyedCase
from models.digest import Figures, Voice
from models.rating import Rating
from survey.digest_times import week_span
from survey.results import Chosen, finished, results
from survey.scope import within
from survey.voices import voice
from web.follow_up_list import PATH as FOLLOW_UPS
from web.report_access import Viewer, viewer
from web.report_choices import address_of, chosen_from
from web.report_frame import framed
from web.report_settings import ReportPages
from web.report_view import CASES
from web.report_words import Words
from workflow.results import counts_for, newest_week

#: Which cases: those with a dåligt, those with words from the customer, or all behind one question's figures.
LISTS = ("daligt", "ord")
_PAGE = 50


@dataclass(frozen=True, slots=True)
class CaseView:
    heading: str
    when: str
    ratings: tuple[tuple[str, str, str], ...]  #: (question, label, rating)
    reason: str
    quotes: tuple[str, ...]
    follow_up: str  #: the address of its follow-up page; "" where it has none


@dataclass(frozen=True, slots=True)
class Found:
    case: SurveyedCase
    followed_up: bool  #: it has a page on the follow-up list


@dataclass(frozen=True, slots=True)
class Wanted:
    """`question` "" with a list of LISTS; or a question, perhaps with one rating, whose figure must be shown."""

    question: str
    rating: Rating | None
    shown: str


class ReportCases:
    def __init__(self, report: ReportPages) -> None:
        self._report = report

    async def show(self, request: web.Request) -> web.Response:
        who = await viewer(request)
        if not who.identified:
            return framed(self._report.pages, request, who, "report_not_for_you.html", status=403)
        newest = newest_week(self._report.clock.now(), self._report.zone)
        chosen = finished(chosen_from(request.query, newest), newest)
        wanted = self._wanted(request)
        words = Words(self._report.pages.texts(who.language), newest)
        allowed = not wanted.question or await self._is_shown(chosen, wanted.question, who, newest)
        until = _older(request.query.get("till_och_med", ""), chosen)
        found, rest = await self._found(chosen, until, wanted, who) if allowed else ([], None)
        more = {"fraga": wanted.question} if wanted.question else {"visa": wanted.shown}
        if wanted.rating:
            more["omdome"] = wanted.rating.value
        markers = self._report.markers[words.texts.language]
        return framed(
            self._report.pages,
            request,
            who,
            "report_cases.html",
            period=words.choice(chosen.span),
            title=_title(wanted, words),
            allowed=allowed,
            cases=[_case_view(voice(each.case, markers), each, words, self._report) for each in found],
            back=address_of(chosen),
            lists=[
                (address_of(chosen, CASES, visa=each), words(f"cases.{each}"), each == wanted.shown) for each in LISTS
            ],
            older=address_of(chosen, CASES, till_och_med=str(rest), **more) if rest else "",
        )

    def _wanted(self, request: web.Request) -> Wanted:
        question = request.query.get("fraga", "")
        if question not in self._report.policy.questions:
            shown = request.query.get("visa", "")
            return Wanted("", None, shown if shown in LISTS else LISTS[0])
        rating = request.query.get("omdome", "")
        return Wanted(question, next((each for each in Rating if each.value == rating), None), "")

    async def _is_shown(self, chosen: Chosen, question: str, who: Viewer, newest: IsoWeek) -> bool:
        policy = replace(self._report.policy, questions=(question,))
        async with self._report.store.look() as tx:
            counts = await counts_for(tx, chosen, policy, newest, who.figures_of)
        return isinstance(results(counts, chosen, policy, newest).questions[0].cell, Figures)

    async def _found(
        self, chosen: Chosen, until: IsoWeek, wanted: Wanted, who: Viewer
    ) -> tuple[list[Found], IsoWeek | None]:
        """Newest first, by whole weeks, until there is a page full; and the week to go on with, if any is left."""
        keep = _filter(chosen, wanted, who)
        found: list[Found] = []
        week = until
        while week >= chosen.first:
            since, before = week_span(week, self._report.zone)
            async with self._report.store.look() as tx:
                cases = await tx.surveyed_between(since, before)
                followed = {each.case.invitation_id for each in await tx.follow_ups(since, before)}
            # an answer counts in the week that it first came in, as in the figures
            kept = [case for case in reversed(cases) if since <= case.answered_at < before and keep(case)]
            found += [Found(case, case.invitation_id in followed) for case in kept]
            week = week.shifted(-1)
            if len(found) >= _PAGE:
                break
        return found, week if week >= chosen.first else None


def _filter(chosen: Chosen, wanted: Wanted, who: Viewer) -> Callable[[SurveyedCase], bool]:
    theirs, ours = within(who.units), within(chosen.units)

    def keep(case: SurveyedCase) -> bool:
        if not (theirs(case.unit) and ours(case.unit)):
            return False
        if chosen.customer_type not in (None, case.customer_type) or chosen.channel not in (None, case.intake_channel):
            return False
        given = dict(case.ratings)
        if wanted.question:
            rating = given.get(wanted.question)
            return rating is not None and wanted.rating in (None, rating)
        if wanted.shown == "daligt":
            return Rating.DALIGT in given.values()
        return any(comment.strip() for comment in case.comments)

    return keep


def _older(text: str, chosen: Chosen) -> IsoWeek:
    try:
        return min(max(IsoWeek.parse(text), chosen.first), chosen.last)
    except ValueError:
        return chosen.last


def _title(wanted: Wanted, words: Words) -> str:
    if not wanted.question:
        return words(f"cases.{wanted.shown}")
    if wanted.rating is None:
        return words("cases.of_question", question=words.digest.question(wanted.question))
    return words(
        "cases.of_rating", question=words.digest.question(wanted.question), rating=words.digest.rating(wanted.rating)
    )


def _case_view(said: Voice, found: Found, words: Words, report: ReportPages) -> CaseView:
    case = found.case
    closed = case.closed_at.astimezone(report.zone)
    reasons = [words.digest.reason(code, own) for _, code, own in said.reasons]
    parts = (said.subject or words.digest("voices.untitled"), said.unit, said.case_id)
    return CaseView(
        heading=" · ".join(filter(None, parts)),
        when=words("cases.closed", day=closed.day, month=words.digest(f"month.{closed.month}"), year=closed.year),
        ratings=tuple(
            (words.digest.question(question), words.digest.rating(rating), rating.value if rating else "skipped")
            for question, rating in said.ratings
        ),
        reason=words.digest("voices.reason", reasons=", ".join(reasons)) if reasons else "",
        quotes=tuple(words.digest("voices.quote", words=comment) for comment in said.comments),
        follow_up=f"{FOLLOW_UPS}/{case.invitation_id}" if found.followed_up else "",
    )
