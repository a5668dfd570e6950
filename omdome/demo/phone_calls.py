"""Three customers of the invented half-year are called: real SIP on this machine, by the dialler that calls customers.

One answers by voice, one by keys, and one's line is busy.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from models.case import StoredCase
from models.survey import Answer, ContactWay, Invitation
from omdome.calls import prompts_of
from omdome.contacting import Contacting
from omdome.demo.clock import GoingOn, SimulatedClock
from omdome.demo.exchange import HOST, Customer, Exchange, exchange
from omdome.demo.half_year import NUMBERS
from omdome.demo.invented import CALLED_AT, to_be_called, with_calls
from omdome.demo.phone_call import REPLIES, by_its_name
from omdome.dialling import dial_with, open_phone
from omdome.lexicons import load_lexicon
from omdome.recorded_caller import Press, RecordedCaller, replies_of
from omdome.wiring import Application
from voice.teller import Prompts
from voice.transcript import Entry
from workflow.call_plan import Called
from workflow.dialling import CallAbout, Phone
from workflow.ports import NotYetError

SPEAKING, PRESSING, BUSY = NUMBERS
_BEGIN_SECONDS = 30.0  #: for the dialler to find whom to call, on a slow machine
_LONGEST_SECONDS = 180.0  #: for all three calls

_Asked = tuple[Invitation, StoredCase]
Watch = Callable[[str, Entry], None]  #: (number, what has just happened in its call)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneCall:
    """A call that is over."""

    case: StoredCase
    detail: str  #: as stored: "held", "busy, SIP 486, AAPOR 3.12"
    answers: Sequence[Answer]
    tape: bytes  #: a WAV file's content, Omdöme to the left; empty where nobody answered
    entries: Sequence[Entry]  #: the transcript


async def call_customers(app: Application, clock: SimulatedClock, told: Watch) -> Mapping[str, PhoneCall]:
    """Call them all at once; number → what came of it. Raises SipMissingError or ExchangeError."""
    clock.move_to(CALLED_AT)
    asked = await to_be_called(app)
    with TemporaryDirectory() as folder:
        behind = {SPEAKING: [f"{REPLIES / 'ja.wav'}@0.2"], PRESSING: [], BUSY: ["busy"]}
        async with exchange(behind, Path(folder)) as far:
            calling = _calling(app, clock, far.port)
            scene = _Scene(far, await asyncio.to_thread(prompts_of, calling.config, "sv"), told)
            async with open_phone(calling, scene.watch) as phone:
                await asyncio.gather(_plan(calling), far.ready())
                await _dial(calling, _Counted(phone, len(NUMBERS)))
            clock.move_to(calling.clock.now())
        return {
            number: await _outcome(app, asked[number], scene.entries[number], far.tape(number)) for number in NUMBERS
        }


def _calling(app: Application, clock: SimulatedClock, port: int) -> Application:
    """The application, its exchange at `port` of this machine, on a clock that runs: calls take their time."""
    app = by_its_name(with_calls(app))
    sip = app.config.sip.model_copy(update={"host": HOST, "port": port, "pause_seconds": 0.0})
    return replace(app, config=app.config.model_copy(update={"sip": sip}), clock=GoingOn(clock.now()))


@dataclass(slots=True)
class _Scene:
    """Who is called, and what has been said to whom."""

    far: Exchange
    prompts: Prompts
    told: Watch
    customers: dict[str, Customer] = field(init=False)
    entries: dict[str, list[Entry]] = field(init=False)

    def __post_init__(self) -> None:
        self.customers = {SPEAKING: _speaking(self.prompts), PRESSING: _pressing(self.prompts)}
        self.entries = {number: [] for number in NUMBERS}

    def watch(self, about: CallAbout, entry: Entry) -> None:
        number = about.case.phone
        self.entries[number].append(entry)
        self.told(number, entry)
        self.customers[number].told(entry, lambda what: self.far.tell(number, what))


def _speaking(prompts: Prompts) -> Customer:
    files = [str(REPLIES / f"{name}.wav") for name in ("bra", "okej", "ja", "nej")]
    said = replies_of(files, load_lexicon("sv"))
    good, okay, yes, no = said
    caller = RecordedCaller([good, okay, good], consent=yes, yes=yes, no=no)
    return Customer(caller, dict(zip(said, files, strict=True)), prompts)


def _pressing(prompts: Prompts) -> Customer:
    return Customer(RecordedCaller([Press("1"), Press("1"), Press("3")], reason=Press("1")), {}, prompts)


@dataclass(slots=True)
class _Counted:
    """A phone that tells when a call has begun, and when so many are over, or none can be made."""

    phone: Phone
    left: int
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def call(self, about: CallAbout, answered: Callable[[], None]) -> Called:
        try:
            self.begun.set()
            called = await self.phone.call(about, answered)
        except NotYetError:
            self.over.set()
            raise
        self.left -= 1
        if self.left <= 0:
            self.over.set()
        return called


async def _plan(app: Application) -> None:
    """The contact plan turns to them: their calls wait in the outbox."""
    contacting = Contacting(app)
    for _ in range(2):  # so many a minute: the week's ninety are two minutes' work
        await contacting.run()


async def _dial(app: Application, phone: _Counted) -> None:
    """The dialler, until all calls are over, or none begins."""
    stop = asyncio.Event()
    dialling = asyncio.create_task(dial_with(app, phone, stop))
    with suppress(TimeoutError):
        await asyncio.wait_for(phone.begun.wait(), _BEGIN_SECONDS)
        await asyncio.wait_for(phone.over.wait(), _LONGEST_SECONDS)
    stop.set()
    await dialling


async def _outcome(app: Application, asked: _Asked, entries: Sequence[Entry], tape: bytes) -> PhoneCall:
    invitation, stored = asked
    async with app.store.look() as tx:
        calls = [each for each in await tx.attempts(invitation.id) if each.way is ContactWay.PHONE]
        return PhoneCall(
            case=stored,
            detail=calls[-1].detail if calls else "not called",
            answers=await tx.answers(invitation.id),
            tape=tape,
            entries=entries,
        )
