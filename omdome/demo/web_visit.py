"""One customer of the invented half-year gets a mail, opens its link, and taps: over real HTTP, without a browser."""

import asyncio
import contextlib
import socket
import webbrowser
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from html.parser import HTMLParser

from aiohttp import ClientSession, web

from models.case import StoredCase
from models.survey import Answer, Invitation
from omdome.demo.clock import GoingOn, SimulatedClock
from omdome.demo.invented import WEEK, not_answered
from omdome.supervision import stop_on_signals
from omdome.web_wiring import web_application
from omdome.wiring import Application
from web.app import serving

HOST = "127.0.0.1"
_USUAL_PORT = 8080
_VISITED_AT = datetime.combine(WEEK.monday, time(17, 5), UTC) + timedelta(days=4)
_TAPS = ("ok", "bra", "daligt", "inte_atgardat")  #: the values of the buttons, in the order that they are asked for


@dataclass(frozen=True, slots=True)
class Visited:
    """A visit that is over."""

    invitation: Invitation
    case: StoredCase
    answers: list[Answer]


@dataclass(slots=True)
class Form:
    """A form on a page: where it goes, its hidden field, and its buttons (value: label)."""

    action: str
    about: str = ""
    buttons: dict[str, str] = field(default_factory=dict)


class _Page(HTMLParser):
    """Reads what a customer could press, and the heading."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.heading = ""
        self._button, self._in_heading = "", False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "input" and given.get("name") == "about" and self.forms:
            self.forms[-1].about = given["value"]
        elif tag == "button" and self.forms:
            self._button = given.get("value", "")
        self._in_heading = self._in_heading or tag == "h1"

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._button = ""
        self._in_heading = self._in_heading and tag != "h1"

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if self._button and words and self.forms:
            self.forms[-1].buttons.setdefault(self._button, words)
        if self._in_heading:
            self.heading = f"{self.heading} {words}".strip()


def free_port() -> int:
    """8080 if nobody has it, else any that is free."""
    for wanted in (_USUAL_PORT, 0):
        with socket.socket() as attempt:
            try:
                attempt.bind((HOST, wanted))
            except OSError:
                continue
            return int(attempt.getsockname()[1])
    raise OSError("no port is free on this machine")


def on_the_web(app: Application, port: int) -> Application:
    """The same application, its pages at `port` of this machine."""
    pages = app.config.web.model_copy(update={"public_url": f"http://{HOST}:{port}", "host": HOST, "port": port})
    return replace(app, config=app.config.model_copy(update={"web": pages}))


@asynccontextmanager
async def pages_of(app: Application) -> AsyncIterator[web.Application]:
    """Serves the application's pages while the block runs."""
    server = web_application(app)
    async with serving(server, HOST, app.config.web.port):
        yield server


async def visit(app: Application, clock: SimulatedClock, told: Callable[[str, str], None]) -> Visited:
    """One who hasn't answered taps through the page; `told` gets each heading and tap."""
    clock.move_to(_VISITED_AT)
    invitation, stored = await not_answered(app)
    async with pages_of(app), ClientSession(f"http://{HOST}:{app.config.web.port}") as browser:
        address = f"/s/{invitation.token}"
        async with browser.get(address) as response:
            page = _Page(await response.text())
        for value in _TAPS:
            form = next(each for each in page.forms if value in each.buttons)
            told(page.heading, form.buttons[value])
            sent = {"about": form.about, "choice": value}
            async with browser.post(form.action, data=sent) as response:
                page = _Page(await response.text())
    async with app.store.look() as tx:
        return Visited(invitation, stored, await tx.answers(invitation.id))


async def stay_open(app: Application, seconds: float | None, show: Sequence[str] = ()) -> None:
    """Serves the pages until Ctrl-C or SIGTERM, or for so many seconds; time goes on from where the story ended.

    `show`: addresses to open in this machine's browser.
    """
    stop = asyncio.Event()
    stop_on_signals(stop)
    async with pages_of(replace(app, clock=GoingOn(app.clock.now()))):
        for address in show:
            webbrowser.open(address)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
