"""The demonstration as it is watched: two acts, told on the terminal."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from models.counts import IsoWeek
from omdome.call_display import answers_table
from omdome.console import console, say
from omdome.demo import invented, norrkoping
from omdome.demo.clock import SimulatedClock
from omdome.demo.half_year import WEEKS
from omdome.demo.living import GoingBy, going_by
from omdome.demo.phone_act import phone_calls
from omdome.demo.showing import show, transcript
from omdome.demo.staging import early, stage
from omdome.demo.telegram import FakeTelegram
from omdome.demo.web_visit import free_port, on_the_web, visit
from omdome.policies import recipients_of
from omdome.texts import load_texts
from omdome.wiring import Application
from survey.links import page_link, sign_in_link
from workflow.sign_in import SignInPolicy, put_link


@dataclass(frozen=True, slots=True)
class Performed:
    """What there is to look at: the digests' pages as files, and an application that can still be visited."""

    digests: Sequence[Path]
    calls: Sequence[Path]  #: the phone calls, to listen to and to read
    app: Application
    survey: str  #: the address of a survey that nobody has answered yet
    report: str  #: a one-time link to the managers' page


@asynccontextmanager
async def performed(out: Path) -> AsyncIterator[Performed]:
    """Run all acts from nothing; the last one's application stays open while the block runs."""
    async with going_by(out) as half_year:  # meanwhile
        norrkoping_page = await _norrkoping(out)
        async with _half_year(out, half_year) as (app, page, heard):
            invitation, _ = await invented.not_answered(app)
            config = app.config
            async with app.store.step() as tx:
                key = await put_link(tx, recipients_of(config)[0], SignInPolicy(), app.clock.now())
            url = config.web.public_url
            survey, report = page_link(url, invitation.token), sign_in_link(url, key)
            yield Performed([norrkoping_page, page], heard, app, survey, report)


async def _norrkoping(out: Path) -> Path:
    _heading("1. Norrköping 2015: a published survey, held again in the chat")
    async with (
        stage(norrkoping.FOLDER, out, norrkoping.WEEK.monday) as (app, clock),
        FakeTelegram().running() as telegram,
    ):
        held = await norrkoping.load(app, clock)
        asked, left_out = held.selected.asked, sum(held.selected.not_asked.values())
        say(f"{held.imported.stored} closed cases read: {asked} are asked about, {left_out} left out by rule.")
        with _progress("Customers answer the bot") as told:
            await norrkoping.hold(app, clock, telegram, held, told)
        say(f"{len(held.customers)} customers answered. One of the chats, as its customer saw it:\n")
        _plain(transcript(telegram.transcripts[_telling(held, telegram)]), indent="    ")
        return await _digest(app, clock, norrkoping.WEEK, out, "norrkoping-2015")


@asynccontextmanager
async def _half_year(out: Path, going: GoingBy) -> AsyncIterator[tuple[Application, Path, Sequence[Path]]]:
    _heading("2. An invented half-year: change over time, small groups, follow-up")
    say("Nothing in it is real. Park Natur gets worse at delivering in the last four weeks; can the digest tell?")
    with _progress("Weeks go by") as told:
        answered = await going.over(told)
    say(f"{answered} customers answered in {WEEKS} weeks, all of them in their chats.")
    async with stage(invented.FOLDER, out, invented.WEEK.monday, anew=False) as (app, clock):
        heard = await phone_calls(app, clock, out)
        served = on_the_web(app, free_port())
        await _web_visit(served, clock)
        weekend = await invented.live_on(app, clock)
        say(f"\nOver the weekend {weekend} more answer in their chats. On Monday the digest counts them all together.")
        yield served, await _digest(served, clock, invented.WEEK, out, "half-year"), heard


async def _web_visit(app: Application, clock: SimulatedClock) -> None:
    """Another one opens the link of an invitation by mail, and taps through the page."""
    say("\nAnother one taps through the survey page:\n")
    visited = await visit(app, clock, lambda asked, tapped: _plain(f"{asked:<60} [{tapped}]", indent="    "))
    case = visited.case.case
    say(f"\nStored of case {case.case_id} ({case.unit}, {case.subject}):\n")
    console().print(answers_table(visited.answers, load_texts("sv")))


def _telling(held: norrkoping.Held, telegram: FakeTelegram) -> int:
    """A chat worth reading: the longest of those that rated something dåligt."""
    return max(held.customers.values(), key=lambda chat: len(telegram.transcripts[chat]))


async def _digest(app: Application, clock: SimulatedClock, week: IsoWeek, out: Path, name: str) -> Path:
    clock.move_to(early(week.shifted(1).monday, app.config))
    shown = await show(app, week, out, name)
    say(f"\n[bold]The digest of {week}[/], as the manager gets it on Monday:\n")
    _plain(shown.text)
    return shown.page


def _heading(text: str) -> None:
    say()
    console().rule(f"[bold]{text}[/]", align="left")


def _plain(text: str, indent: str = "") -> None:
    for line in text.splitlines():
        print(f"{indent}{line}".rstrip())  # as it stands: rich would wrap and colour it


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal; in a pipe nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
