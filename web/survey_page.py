"""The survey as a page: `/s/<token>`. A GET shows how the session stands and stores nothing; a POST takes one step."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from aiohttp import web

from models.conversation import Stage
from models.rating import Rating
from models.texts import Texts
from survey.links import chat_link
from survey.session import is_given, rating_of
from web.form_bodies import read_form
from web.pages import see_other
from web.survey_closed import render_closed, render_refused
from web.survey_forms import (
    MOST_LETTERS,
    STOP_LANGUAGE,
    Sent,
    Unfit,
)
from web.survey_found import Found, context_of, find
from web.survey_gate import Gate, check_origin
from web.survey_rendering import render, render_change, said_texts, with_words
from web.survey_settings import SurveyPage
from web.survey_steps import offers_call, take
from web.survey_stops import Stops
from web.survey_view import View

__all__ = ["SurveyPage", "add_survey_page"]

_PRESELECTED = {rating.name.lower(): rating for rating in Rating}
_PROBLEMS = {Unfit.TOO_LONG: "too_long", Unfit.NOTHING: "nothing_written"}


def add_survey_page(app: web.Application, survey: SurveyPage) -> None:
    """Serve `/s/<token>` and what is below it, with pages for errors and the files that they need."""
    survey.pages.attach(app)
    gate = Gate(survey)
    handlers, stops = _Handlers(survey, gate), Stops(survey, gate)
    app.router.add_get("/s/{token}", handlers.show)
    app.router.add_post("/s/{token}", handlers.answer)
    stops.add_routes(app)


class _Handlers:
    def __init__(self, survey: SurveyPage, gate: Gate) -> None:
        self._survey, self._gate = survey, gate

    async def show(self, request: web.Request) -> web.Response:
        """The survey as it stands."""
        token = self._gate.token_of(request)
        async with self._survey.store.look() as tx:
            found = await find(tx, token, self._survey.policy)
        if found is None:
            raise web.HTTPNotFound
        return self._page(found, *self._view(request, found))

    async def answer(self, request: web.Request) -> web.Response:
        """Take one step, then show where the survey stands: by a redirect, so that loading it again sends nothing."""
        token = self._gate.token_of(request)
        check_origin(self._survey.pages, request)
        form = await read_form(request)
        sent = Sent(form.get("about", ""), form.get("choice", ""), form.get("words", ""))
        async with self._survey.store.step() as tx:
            found = await find(tx, token, self._survey.policy)
            if found is None:
                raise web.HTTPNotFound
            taken = await take(tx, found, sent, self._survey, self._survey.clock.now())
            if taken.problem is not None:
                found = await find(tx, token, self._survey.policy) or found
        if taken.problem is not None:
            return self._put_back(found, sent.words, taken.problem)
        if sent.about == STOP_LANGUAGE:
            return see_other(f"{token}/nej")
        where = {"fraga": str(found.session.questions.index(taken.question) + 1)} if taken.question else {}
        if taken.said:
            where["sagt"] = ",".join(taken.said)
        return see_other(f"{token}?{urlencode(where)}" if where else token)

    def _texts(self, found: Found) -> Texts:
        return self._survey.pages.texts(found.invitation.language)

    def _view(self, request: web.Request, found: Found) -> tuple[View, int]:
        """The page and its status, by the session and the address's query, which may hold anything."""
        session, texts, context = found.session, self._texts(found), context_of(found, self._survey)
        expired = self._survey.clock.now() >= found.invitation.expires_at
        if expired or found.closed:
            view = render_closed(
                session, texts, context, refused=found.refused, expired=expired, reachable=found.reachable
            )
            gone = expired and not (found.refused and found.closed)
            return replace(view, said=said_texts(_said(request, ("language",)), texts, context)), 410 if gone else 200
        if found.refused and session.stage is Stage.INVITED and "svara" not in request.query:
            return render_refused(texts), 200
        first = session.questions[0]
        marked = next((_PRESELECTED[each] for each in _PRESELECTED if each in request.query), None)
        if marked is not None and not (is_given(session, first) and rating_of(session, first) is marked):
            return render_change(session, first, _said(request), texts, context, marked), 200
        place = request.query.get("fraga", "")
        if place.isascii() and place.isdigit() and 1 <= int(place[:4]) <= len(session.questions):
            question = session.questions[int(place[:4]) - 1]
            return render_change(session, question, _said(request), texts, context), 200
        return render(session, _said(request), texts, context), 200

    def _put_back(self, found: Found, words: str, problem: Unfit) -> web.Response:
        """The page with what was written still on it: in its field, or where there is none by itself."""
        texts, context = self._texts(found), context_of(found, self._survey)
        told = texts(f"web.{_PROBLEMS[problem]}", most=MOST_LETTERS) if problem in _PROBLEMS else ""
        view = with_words(render(found.session, (), texts, context), words, told)
        if problem is Unfit.MOVED_ON:
            view = replace(view, said=said_texts(("words_unsent" if view.unsent else "kept_words",), texts, context))
        return self._page(found, view, 409 if problem is Unfit.MOVED_ON else 400)

    def _page(self, found: Found, view: View, status: int) -> web.Response:
        survey, invitation, texts = self._survey, found.invitation, self._texts(found)
        telegram = chat_link(survey.bot_username, invitation.token) if survey.bot_username else ""
        return survey.pages.response(
            "survey.html",
            texts,
            status=status,
            view=view,
            token=invitation.token,
            telegram=telegram if view.open else "",
            in_chat=invitation.chat_id is not None,
            call=view.open and offers_call(found, survey),
            stop=_stop_key(found, over=self._survey.clock.now() >= invitation.expires_at),
            languages=survey.pages.other_languages(texts),
        )


def _stop_key(found: Found, *, over: bool) -> str:
    """The text of the link to say no by; "" where there has been a no."""
    if found.closed:
        return ""
    return "web.stop_link_done" if over or found.session.stage is Stage.DONE else "web.stop_link"


def _said(request: web.Request, only: Sequence[str] | None = None) -> tuple[str, ...]:
    said = tuple(request.query.get("sagt", "")[:200].split(","))
    return said if only is None else tuple(each for each in said if each in only)
