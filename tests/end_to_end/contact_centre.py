"""A dialler at work in a town whose telephones misbehave, for days: see `townspeople`.

Calls take the time they take; when nobody is due at this hour, the clock is moved on to when somebody is.
"""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.calling import CallAttempt
from models.case import ClosedCase
from models.queues import OutboxKind, OutboxRow
from models.survey import ContactAttempt, ContactWay, Disposition
from omdome.call_status import CallStatus, read_call_status
from omdome.config import load_config
from omdome.credentials import Credentials
from omdome.deciding import decide_now
from omdome.demo.clock import GoingOn
from omdome.dialling import HoldingPhone, SipDial, dial_with
from omdome.sip_phone import sip_policy_of
from omdome.texts import load_texts
from omdome.voices import Voices
from omdome.wiring import Application, open_application
from tests.end_to_end.townspeople import Town
from tests.voice.speech import noise
from voice.audio_files import write_wav
from voice.line import Line
from voice.lines.sip.line import SipLine
from voice.lines.sip.phone import SipPhone
from voice.lines.sip.settings import SipAccount
from voice.lines.sip.targets import on_this_machine
from workflow.intake import import_cases

MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)
_IDLE_SECONDS = 0.6  #: without a call that goes on: nobody is due at this hour
_PROMPT_SECONDS = 0.3
_CONFIG = """
[web]
port = 0
public_url = "https://omdome.example.se"
[workers]
rest_seconds = 0.05
[contact]
phone_after_days = 7
[voice]
engine = "answer_words"
no_input_seconds = 2
studio_prompts = "prompts"
[sip]
host = "127.0.0.1"
pause_seconds = 0.05
calls_at_once = {at_once}
"""


class Clock(GoingOn):
    """Goes on, and can be moved on."""

    def __init__(self, since: datetime) -> None:
        super().__init__(since)
        self._ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self._ahead

    def move_to(self, moment: datetime) -> None:
        self._ahead += max(timedelta(), moment - self.now())


@dataclass(frozen=True, slots=True)
class ToTheTown(SipDial):
    """Reaches each number where it lives, and counts the calls."""

    town: Town
    dialled: Counter[str]

    async def dial(self, number: str) -> Line | CallAttempt:
        self.dialled[number] += 1
        return await self.phone.dial(on_this_machine(self.town.address(number)))


@dataclass
class Centre:
    """One dialler, and what it has done so far."""

    app: Application
    clock: Clock
    town: Town
    sip: SipPhone
    dialled: Counter[str] = field(default_factory=Counter)  # by number
    invitations: dict[str, int] = field(default_factory=dict)  # likewise

    async def take_on(self, count: int) -> None:
        """So many of the town's people, who are to be called now."""
        now = self.clock.now()
        closed = now - timedelta(days=1)
        cases = [ClosedCase(case_id=f"SK-{each}", closed_at=closed, phone=each) for each in self.town.numbers(count)]
        await import_cases(self.app.store, cases, now)
        await decide_now(self.app, now)
        async with self.app.store.step() as tx:
            for case in cases:
                invitation = await tx.invitation_of_case(case.case_id)
                assert invitation is not None
                self.invitations[case.phone] = invitation.id
                payload, key = {"invitation_id": invitation.id}, f"call:{invitation.id}:wanted"
                await tx.enqueue([OutboxRow(kind=OutboxKind.CALL, key=key, payload=payload, due_at=now)])

    async def work(self, enough: Callable[[CallStatus], bool] = lambda status: False) -> None:
        """Until nobody is to be called any more, or `enough`; then calls that go on are held to their end."""
        stop = asyncio.Event()
        async with AsyncExitStack() as stack:
            phone = HoldingPhone(self.app, ToTheTown(self.sip, self.town, self.dialled), Voices(self.app, stack))
            running = asyncio.create_task(dial_with(self.app, phone, stop))
            try:
                idle = 0.0
                while not running.done() and not enough(status := await read_call_status(self.app)):
                    await asyncio.sleep(0.1)
                    idle = 0.0 if status.going else idle + 0.1
                    if idle > _IDLE_SECONDS:
                        if not status.waiting:
                            break
                        self._move_on(status)
                        idle = 0.0
            finally:
                stop.set()
                await running

    def _move_on(self, status: CallStatus) -> None:
        """To when the next is due, or another minute: somebody who is due may have to wait for the trunk."""
        due = datetime.fromisoformat(status.next) if status.next else self.clock.now()
        self.clock.move_to(max(due, self.clock.now() + timedelta(minutes=1)))

    async def tries(self) -> dict[str, list[ContactAttempt]]:
        """What is stored of the calls to each number."""
        async with self.app.store.look() as tx:
            return {
                number: [each for each in await tx.attempts(invitation) if each.way is ContactWay.PHONE]
                for number, invitation in self.invitations.items()
            }

    async def dispositions(self) -> dict[str, Disposition | None]:
        found = {}
        async with self.app.store.look() as tx:
            for number, invitation in self.invitations.items():
                stored = await tx.invitation(invitation)
                assert stored is not None
                found[number] = stored.disposition
        return found

    async def all_places_are_free(self, places: int) -> bool:
        """Whether as many calls as may be can be up at once: none of those before holds its place."""
        answers = on_this_machine(self.town.address_of("is mute"))
        async with asyncio.timeout(20):
            lines = await asyncio.gather(*(self.sip.dial(answers) for _ in range(places)))
        for line in lines:
            if isinstance(line, SipLine):
                await line.hang_up()
        return all(isinstance(line, SipLine) for line in lines)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What this process and the SIP process hold. 0 where the system doesn't tell (only Linux does)."""

    tasks: int
    sockets: int
    sockets_there: int  #: two for each call's sound
    megabytes: float
    megabytes_there: float

    @classmethod
    def of(cls, sip: SipPhone) -> "Footprint":
        tasks = len(asyncio.all_tasks())
        return cls(tasks, _sockets(os.getpid()), _sockets(sip.pid), _megabytes(os.getpid()), _megabytes(sip.pid))


def _sockets(process: int) -> int:
    folder = Path(f"/proc/{process}/fd")
    return sum(_is_socket(each) for each in folder.iterdir()) if folder.exists() else 0


def _is_socket(file: Path) -> bool:
    try:
        return str(file.readlink()).startswith("socket:")
    except OSError:  # closed meanwhile
        return False


def _megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


@asynccontextmanager
async def centre(folder: Path, town: Town, at_once: int) -> AsyncIterator[Centre]:
    """A dialler that may make so many calls at once, and says everything in a third of a second."""
    pytest.importorskip("baresip", reason="no baresip-python for this system")
    (folder / "prompts" / "sv").mkdir(parents=True)
    for key in load_texts("sv").below("voice"):
        write_wav(folder / "prompts" / "sv" / f"{key}.wav", noise(_PROMPT_SECONDS, 0.1))
    (folder / "config.toml").write_text(_CONFIG.format(at_once=at_once))
    config, clock = load_config(folder / "config.toml"), Clock(MONDAY)
    policy = replace(sip_policy_of(config), ring_seconds=3.0, dead_seconds=3)
    sip = SipPhone(SipAccount(), policy, clock)
    with town:
        async with open_application(config, Credentials(), clock) as app:
            try:
                await sip.start()
                yield Centre(app, clock, town, sip)
            finally:
                await sip.close()
