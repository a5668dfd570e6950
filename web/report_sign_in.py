"""Signing in to the managers' page: the one-time link, a new link by mail, signing out.

A link is opened by mail scanners too, so that opening it shows a button, and only pressing that signs in. What is asked
for is answered alike whether or not the address is a recipient's.
"""

import asyncio
import logging

from aiohttp import web

from models.counts import IsoWeek
from models.digest import Recipient
from models.queues import OutboxKind, OutboxRow
from survey.links import sign_in_link
from survey.results import Chosen
from web.form_bodies import read_form
from web.pages import see_other
from web.rate_limit import RateLimit, client_of
from web.report_access import ACCESS, SIGN_IN, Access
from web.report_choices import address_of
from web.report_settings import ReportPages
from workflow.ports import StoreUnavailableError
from workflow.sign_in import new_token, open_session, put_link, sign_out, whose_link, whose_used_link

log = logging.getLogger(__name__)

START = "/rapport"


class SignIn:
    """The handlers. Both limits are per process."""

    def __init__(self, report: ReportPages, access: Access) -> None:
        self._report, self._access = report, access
        self._clients = RateLimit(per_minute=20, burst=20)
        self._addresses = RateLimit(per_minute=1 / 20, burst=3)  # nobody's mailbox is filled by strangers
        self._sending: set[asyncio.Task[None]] = set()

    async def show(self, request: web.Request) -> web.Response:
        """GET: why one isn't signed in, and how to be."""
        return self._page(request)

    async def look(self, request: web.Request) -> web.Response:
        """GET of a link: a button, if the link is good. Nothing is used up. Who came by it, or could, goes on."""
        self._count(request)
        report, token, now = self._report, request.match_info["token"], self._report.clock.now()
        async with report.store.look() as tx:
            whose = await whose_link(tx, token, report.recipients, now)
            named = whose or await whose_used_link(tx, token, report.recipients, now)
        who = await self._access.viewer(request) if named else None
        if who and named and who.name == named.name:
            return see_other(_where_to(request.query.get("vecka", "")))
        if whose is None:
            return self._page(request, "link_no_good", 410)
        texts = report.pages.texts(whose.language)
        return report.pages.response("report_open.html", texts, name=whose.name, hours=report.sign_in.session_hours)

    async def enter(self, request: web.Request) -> web.Response:
        """POST of a link: uses it up and opens a session, a new one whatever cookie came along."""
        self._check(request)
        report, now = self._report, self._report.clock.now()
        async with report.store.step() as tx:
            opened = await open_session(tx, request.match_info["token"], report.recipients, report.sign_in, now)
            if opened and (old := request.cookies.get(self._access.cookie)):
                await sign_out(tx, old, now)
        if opened is None:
            return self._page(request, "link_no_good", 410)
        response = web.Response(status=303, headers={"Location": _where_to(request.query.get("vecka", ""))})
        response.set_cookie(
            self._access.cookie,
            opened.token,
            path=self._access.path,
            max_age=report.sign_in.session_hours * 3600,
            secure=self._access.https,
            httponly=True,
            samesite="Lax",
        )
        return response

    async def ask(self, request: web.Request) -> web.Response:
        """POST: a new link by mail, if the address is a recipient's; the answer is always the same, and as quick."""
        self._check(request)
        mail = (await read_form(request)).get("mail", "").strip().casefold()
        wanted = [each for each in self._report.recipients.values() if each.mail.casefold() == mail]
        if wanted and self._report.link_mails and not self._addresses.wait(mail, self._report.seconds()):
            task = asyncio.create_task(self._send(wanted))
            self._sending.add(task)  # else it might be forgotten before it is done
            task.add_done_callback(self._sent)
        return self._page(request, "asked")

    async def _send(self, wanted: list[Recipient]) -> None:
        try:
            async with self._report.store.step() as tx:
                for each in wanted:
                    now = self._report.clock.now()
                    token = await put_link(tx, each, self._report.sign_in, now, asked=True)
                    await tx.enqueue([self._mail(each, token)])
        except StoreUnavailableError as error:
            log.warning("a link that was asked for could not be stored (%s)", error)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # only where it happened: what an error says may hold an address
            log.error("a link that was asked for could not be made (%s)", type(error).__name__)

    async def finish(self, app: web.Application | None = None) -> None:
        """Wait until what was asked for is stored."""
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def leave(self, request: web.Request) -> web.Response:
        """POST: signs out."""
        self._check(request)
        async with self._report.store.step() as tx:
            await sign_out(tx, request.cookies.get(self._access.cookie, ""), self._report.clock.now())
        response = self._page(request, "signed_out")
        response.del_cookie(
            self._access.cookie, path=self._access.path, secure=self._access.https, httponly=True, samesite="Lax"
        )
        return response

    def _mail(self, recipient: Recipient, token: str) -> OutboxRow:
        report = self._report
        texts = report.pages.texts(recipient.language)
        values = {"organisation": report.policy.organisation, "name": recipient.name}
        link = sign_in_link(report.public_url, token)
        payload = {
            "to": recipient.mail,
            "subject": texts("report.mail.subject", **values),
            "text": texts("report.mail.text", link=link, **values),
            "headers": {"Content-Language": texts.language},
        }
        key = f"report-link:{new_token()}"
        return OutboxRow(kind=OutboxKind.MAIL, key=key, payload=payload, due_at=report.clock.now())

    def _page(self, request: web.Request, said: str = "", status: int = 200) -> web.Response:
        pages = self._report.pages
        texts = pages.texts_for(request)
        return pages.response("report_sign_in.html", texts, status=status, said=said, ask=self._report.link_mails)

    def _check(self, request: web.Request) -> None:
        if not self._report.pages.same_origin(request):
            raise web.HTTPForbidden
        self._count(request)

    def _count(self, request: web.Request) -> None:
        client = client_of(request, self._report.trusted_proxies)
        if client and (wait := self._clients.wait(client, self._report.seconds())):
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(wait)})


SIGN_IN_HANDLERS: web.AppKey[SignIn] = web.AppKey("report_sign_in", SignIn)


def add_sign_in(app: web.Application, report: ReportPages) -> None:
    handlers = app[SIGN_IN_HANDLERS] = SignIn(report, app[ACCESS])
    app.on_cleanup.append(handlers.finish)
    app.router.add_get(SIGN_IN, handlers.show)
    app.router.add_post(SIGN_IN, handlers.ask)
    app.router.add_get("/rapport/in/{token}", handlers.look)
    app.router.add_post("/rapport/in/{token}", handlers.enter)
    app.router.add_post("/rapport/logga-ut", handlers.leave)


def _where_to(week: str) -> str:
    """The page, at the digest's week if the link named one."""
    try:
        wanted = IsoWeek.parse(week)
    except ValueError:
        return START
    return address_of(Chosen(first=wanted, last=wanted))
