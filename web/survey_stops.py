"""No, thank you: to this survey, or to all of them. In two taps on a page, or one in the mail program (RFC 8058)."""

from aiohttp import web

from models.conversation import Declined, Event, OptedOut, Stage
from models.survey import Channel
from web.form_bodies import is_one_click, read_form
from web.pages import see_other
from web.survey_closed import render_closed, render_stop
from web.survey_found import Found, context_of, find
from web.survey_gate import Gate, check_origin
from web.survey_settings import SurveyPage
from workflow.converse import Origin, converse


class Stops:
    """The handlers of `/s/<token>/nej` and `/s/<token>/avregistrera`."""

    def __init__(self, survey: SurveyPage, gate: Gate) -> None:
        self._survey, self._gate = survey, gate

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/s/{token}/nej", self.ask)
        app.router.add_post("/s/{token}/nej", self.stop)
        app.router.add_get("/s/{token}/avregistrera", self.ask_first)
        app.router.add_post("/s/{token}/avregistrera", self.unsubscribe)

    async def ask(self, request: web.Request) -> web.Response:
        """What do you want to be spared? Stores nothing: mail scanners open links."""
        found = await self._find(self._gate.token_of(request))
        texts, context = self._survey.pages.texts(found.invitation.language), context_of(found, self._survey)
        expired = self._survey.clock.now() >= found.invitation.expires_at
        view = render_stop(
            found.session, texts, context, refused=found.refused, expired=expired, reachable=found.reachable
        )
        return self._survey.pages.response(
            "survey_stop.html",
            texts,
            token=found.invitation.token,
            view=view,
            languages=self._survey.pages.other_languages(texts),
        )

    async def stop(self, request: web.Request) -> web.Response:
        """A no to this survey ("denna") or to all ("alla")."""
        token = self._gate.token_of(request)
        check_origin(self._survey.pages, request)
        choice = (await read_form(request)).get("choice")
        if choice not in ("denna", "alla"):
            raise web.HTTPBadRequest
        await self._tell(token, OptedOut() if choice == "alla" else Declined())
        return see_other(f"../{token}")

    async def ask_first(self, request: web.Request) -> web.Response:
        """For mail programs that open the address instead of posting to it: nothing happens before a tap."""
        self._gate.token_of(request)
        return see_other("nej")

    async def unsubscribe(self, request: web.Request) -> web.Response:
        """One-click unsubscribe: the mail program posts `List-Unsubscribe=One-Click`, from no page of ours."""
        token = self._gate.token_of(request)
        if not await is_one_click(request):
            return see_other("nej")
        await self._tell(token, OptedOut())
        found = await self._find(token)
        texts, context = self._survey.pages.texts(found.invitation.language), context_of(found, self._survey)
        view = render_closed(found.session, texts, context, refused=True, expired=False)
        return self._survey.pages.response("survey_stopped.html", texts, view=view)

    async def _tell(self, token: str, event: Event) -> None:
        now = self._survey.clock.now()
        async with self._survey.store.step() as tx:
            found = await find(tx, token, self._survey.policy)
            if found is None:
                raise web.HTTPNotFound
            if isinstance(event, Declined) and not self._declinable(found):
                return
            await converse(tx, found.invitation, event, Origin(Channel.WEB), self._survey.policy, now)

    async def _find(self, token: str) -> Found:
        async with self._survey.store.look() as tx:
            found = await find(tx, token, self._survey.policy)
        if found is None:
            raise web.HTTPNotFound
        return found

    def _declinable(self, found: Found) -> bool:
        """Whether there is anything left of this very survey to say no to."""
        over = found.session.stage in (Stage.DONE, Stage.CLOSED)
        return not over and self._survey.clock.now() < found.invitation.expires_at
