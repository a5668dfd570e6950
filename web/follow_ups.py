"""The follow-up list of the managers' page: cases rated dåligt, what was done about them, and asking again.

Only for signed-in recipients who may see single cases, and only those of their units. What is changed is posted, and
answered with a redirect; who has been overtaken by somebody else is told, and nothing of theirs is lost.
"""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from models.follow_up import FollowUp, FollowUpState
from models.rating import Rating
from survey.scope import within
from web.follow_up_list import PATH, PERIODS, STATE_CHOICES, Filter, listed
from web.follow_up_words import Words
from web.form_bodies import read_form
from web.pages import Pages, see_other
from web.report_access import Viewer, viewer
from web.report_frame import framed
from workflow.follow_ups import NOTE_LENGTH, Asking, Outcome, Wanted, ask_again, change
from workflow.ports import Clock, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpPages:
    """What the pages need. `asking`: how customers are asked again."""

    pages: Pages
    store: Store
    clock: Clock
    zone: ZoneInfo
    asking: Asking


def add_follow_ups(app: web.Application, settings: FollowUpPages) -> None:
    """Serve /rapport/uppfoljning. The app must have the managers' page's sign-in (`web.report_access.ACCESS`)."""
    settings.pages.attach(app)
    handlers = _Handlers(settings)
    app.router.add_get(PATH, handlers.show_list)
    app.router.add_get(PATH + r"/{number:\d{1,18}}", handlers.show_case)
    app.router.add_post(PATH + r"/{number:\d{1,18}}", handlers.change_case)


class _Handlers:
    def __init__(self, settings: FollowUpPages) -> None:
        self._settings = settings
        self._pages, self._store, self._clock = settings.pages, settings.store, settings.clock

    async def show_list(self, request: web.Request) -> web.Response:
        reader = await viewer(request)
        if not reader.identified:
            return self._framed(request, reader, "follow_up_forbidden.html", status=403)
        wanted, now = Filter.of(request.query), self._clock.now()
        async with self._store.look() as tx:
            found = await tx.follow_ups(wanted.since(now), now)
        shown, say = listed(found, reader.units, wanted), self._words(reader)
        return self._framed(
            request,
            reader,
            "follow_up_list.html",
            say=say,
            cases=[say.shown(each) for each in shown.follow_ups],
            listed=shown,
            wanted=wanted,
            periods=PERIODS,
            states=STATE_CHOICES,
            previous=wanted.address(shown.page - 1) if shown.page > 1 else "",
            following=wanted.address(shown.page + 1) if shown.page < shown.pages else "",
        )

    async def show_case(self, request: web.Request) -> web.Response:
        reader = await viewer(request)
        if not reader.identified:
            return self._framed(request, reader, "follow_up_forbidden.html", status=403)
        said = request.query.get("sparat", "")
        known = said in {each.value for each in Outcome if each.stored}
        return await self._case(request, reader, Outcome(said) if known else None)

    async def change_case(self, request: web.Request) -> web.Response:
        reader = await viewer(request)
        if not self._pages.same_origin(request):
            raise web.HTTPForbidden
        if not reader.identified:
            return self._framed(request, reader, "follow_up_forbidden.html", status=403)
        found, form = await self._found(request, reader), await read_form(request)
        wanted = _wanted(found, reader, form)
        asks = form.get("gor") == "fraga"
        outcome = await (self._ask_again(wanted) if asks else change(self._store, wanted, self._clock.now()))
        if outcome is Outcome.GONE:
            raise web.HTTPNotFound
        if outcome.stored:
            return see_other(f"{PATH}/{wanted.invitation_id}?sparat={outcome.value}")
        return await self._case(request, reader, outcome, wanted)

    async def _ask_again(self, wanted: Wanted) -> Outcome:
        return await ask_again(self._store, wanted, self._settings.asking, self._clock.now())

    async def _found(self, request: web.Request, reader: Viewer) -> FollowUp:
        """The follow-up of the address; what isn't the reader's is as if it weren't there."""
        async with self._store.look() as tx:
            found = await tx.follow_up(int(request.match_info["number"]))
        if found is None or not within(reader.units)(found.case.unit):
            raise web.HTTPNotFound
        return found

    async def _case(
        self, request: web.Request, reader: Viewer, outcome: Outcome | None, unsaved: Wanted | None = None
    ) -> web.Response:
        """The case's page; `unsaved`: what somebody wanted, who had not seen this."""
        found, say = await self._found(request, reader), self._words(reader)
        poor = {question for question, rating in found.case.ratings if rating is Rating.DALIGT}
        return self._framed(
            request,
            reader,
            "follow_up_case.html",
            status=409 if unsaved else 200,
            say=say,
            case=say.shown(found),
            full=say.in_full(found),
            saved_note=found.note,
            outcome=outcome,
            version=found.version,
            state=unsaved.state if unsaved else found.state,
            note=unsaved.note if unsaved else found.note,
            states=tuple(FollowUpState),
            longest=NOTE_LENGTH,
            questions=say.about([each for each in self._settings.asking.questions if each in poor]),
            asked_already=found.recheck_id is not None,
            path=PATH,
        )

    def _words(self, reader: Viewer) -> Words:
        return Words(self._pages.texts(reader.language), self._settings.zone)

    def _framed(self, request: web.Request, reader: Viewer, template: str, **values: Any) -> web.Response:
        return framed(self._pages, request, reader, template, **values)


def _wanted(found: FollowUp, reader: Viewer, form: dict[str, str]) -> Wanted:
    """What the form says; asking again means that it has been solved. Raises HTTPBadRequest for no form of ours."""
    chosen = FollowUpState.SOLVED.value if form.get("gor") == "fraga" else form.get("lage", "")
    if chosen not in {each.value for each in FollowUpState} or "sedd" not in form:
        raise web.HTTPBadRequest
    return Wanted(
        invitation_id=found.case.invitation_id,
        version=form["sedd"],
        state=FollowUpState(chosen),
        note=form.get("anteckning", "").replace("\r\n", "\n").strip(),
        who=reader.name,
    )
