"""Customers ring us over real SIP: what they hear, what is stored, and that they are not called any more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from models.calling import CallAttempt, CallOutcome
from models.case import Address, AddressKind
from models.rating import Rating
from models.survey import Channel, Disposition
from omdome.config import Config, load_config, parse_config
from omdome.contact_readiness import calling_back_feature
from omdome.credentials import Credentials
from omdome.demo.clock import GoingOn
from omdome.dialling import dial_with, open_phone
from omdome.inbound import Reception
from omdome.only_one import only_one
from omdome.readiness import State
from omdome.sip_phone import sip_policy_of
from omdome.stopping import Stopping
from omdome.unsaved_refusals import store_unsaved, unsaved_of
from omdome.voices import Voices
from omdome.wiring import Application, open_application
from tests.omdome.conftest import Installation
from tests.omdome.test_dialling import CALLS, TUESDAY, SlowPhone, calls_of, close_cases, until
from tests.voice.call_world import ShortPrompts, prompts
from tests.voice.lines.sip.far_ends import DebianBaresip, free_port
from tests.voice.lines.sip.hearing import loud
from tests.voice.lines.sip.kamailio import OUR_NUMBER, PASSWORD, USERNAME, Kamailio
from voice.audio_files import read_audio, wav
from voice.lines.sip.line import SipLine
from voice.lines.sip.phone import SipPhone
from voice.lines.sip.settings import SipAccount, SipPolicy
from voice.lines.sip.targets import on_this_machine
from voice.transcript import Entry, Who
from workflow.dialling import PAUSED, CallAbout
from workflow.ports import Store, StoreUnavailableError

NUMBER = "+46701740605"
REPLIES = Path(__file__).parents[2] / "demo" / "replies"
KEYS = {"consent": "1", "question": "2", "confirm": "1", "reason": "2"}
WORDS = {"bemotande": "bra", "tillganglighet": "okej", "leverans": "bra"}
THINKS = 0.75  #: seconds into a prompt: nobody answers sooner what they haven't heard

Does = Callable[[SipLine, str], None]


def silent(line: SipLine, prompt: str) -> None:
    pass


def key_for(prompt: str) -> str:
    """The answer to a prompt that asks; "" for others."""
    kind, _, rest = prompt.partition(".")
    return "" if rest.startswith(("choice", "press", "own", "skip")) else KEYS.get(kind, "")


def by_keys(line: SipLine, prompt: str) -> None:
    if key := key_for(prompt):
        asyncio.get_running_loop().call_later(THINKS, line.press, key)


def by_words(line: SipLine, prompt: str) -> None:
    kind, _, rest = prompt.partition(".")
    if kind != "question":
        by_keys(line, prompt)
        return
    word = read_audio(REPLIES / f"{WORDS[rest.partition('.')[0]]}.wav")
    asyncio.get_running_loop().call_later(THINKS, line.play, word)


async def heard_out(line: SipLine, seconds: float = 60.0) -> bytes:
    """What comes, until they hang up or that long."""
    heard = bytearray()
    while len(heard) < seconds * 16000:
        moment = await line.listen()
        if moment.hung_up:
            break
        heard += moment.frame
    return bytes(heard)


@dataclass
class Town:
    """Omdöme with a phone that takes calls, and the telephones of those who ring it."""

    app: Application
    stack: AsyncExitStack
    port: int = field(default_factory=free_port)
    said: list[str] = field(default_factory=list)  #: by us, in surveys
    line: SipLine | None = None  #: of who is ringing
    does: Does = silent
    stopping: Stopping = field(default_factory=Stopping)
    reception: Reception = field(init=False)

    async def open(self) -> None:
        self.reception = Reception(self.app, Voices(self.app, self.stack), self.stopping, self._watch)
        account = SipAccount(host="127.0.0.1", listen_port=self.port)
        await self._phone(account, sip_policy_of(self.app.config), self.reception)

    async def telephone(self, number: str = NUMBER) -> SipPhone:
        """Of a customer, by whose number they are known to the exchange; "" hides it."""
        account = SipAccount(host="127.0.0.1", port=self.port, username=number or "anonymous")
        return await self._phone(account, SipPolicy())

    async def _phone(self, account: SipAccount, policy: SipPolicy, reception: Reception | None = None) -> SipPhone:
        phone = SipPhone(account, policy, self.app.clock, incoming=reception.take if reception else None)
        self.stack.push_async_callback(phone.close)
        await phone.start()
        return phone

    async def ring(self, telephone: SipPhone, does: Does = silent) -> SipLine | CallAttempt:
        self.does, self.line = does, None
        line = await telephone.dial(on_this_machine(f"sip:omdome@127.0.0.1:{self.port}"))
        self.line = line if isinstance(line, SipLine) else None
        return line

    async def hears(self, number: str = NUMBER, does: Does = silent) -> bytes:
        """A whole call: what the customer hears."""
        line = await self.ring(await self.telephone(number), does)
        assert isinstance(line, SipLine), line
        return await heard_out(line)

    def _watch(self, about: CallAbout, entry: Entry) -> None:
        if entry.who is Who.WE:
            self.said.append(entry.prompt)
            asyncio.get_running_loop().call_soon(self._react, entry.prompt)

    def _react(self, prompt: str) -> None:
        if self.line is not None:
            self.does(self.line, prompt)

    async def settled(self, invitation: int) -> list[str]:
        """What is kept of the calls, once they are over."""

        async def over() -> bool:
            return not any(each.startswith("talking") for each in await calls_of(self.app, invitation))

        await until(over)
        return await calls_of(self.app, invitation)

    async def opted_out(self, number: str = NUMBER) -> bool:
        async with self.app.store.look() as tx:
            return bool(await tx.opted_out([Address(AddressKind.PHONE, number)]))


def short(config: Config, language: str) -> ShortPrompts:
    return prompts(language, 0.2)


@pytest.fixture
async def town(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    pytest.importorskip("baresip", reason="no baresip-python for this system")
    monkeypatch.setattr("omdome.voices.prompts_of", short)
    monkeypatch.setattr("omdome.inbound._RINGS_SECONDS", 0.0)
    monkeypatch.setattr("voice.inbound.SILENCE_SECONDS", 1.0)
    installation.configure(CALLS + '[voice]\nengine = "answer_words"\n[sip]\nhost = "127.0.0.1"\npause_seconds = 0.0\n')
    config = load_config(installation.folder / "config.toml")
    async with open_application(config, Credentials(), GoingOn(TUESDAY)) as app, AsyncExitStack() as stack:
        town = Town(app, stack)
        await town.open()
        yield town


# --- whoever is asked something ------------------------------------------------------------------------------------


async def test_who_rings_back_holds_the_survey_by_keys_and_is_not_called_any_more(town: Town) -> None:
    (number,) = await close_cases(town.app, 1)
    heard = await town.hears(does=by_keys)
    assert loud(heard) > 2
    assert town.said[:5] == ["inbound.identification", "inbound.why", "counts.3", "disclosure", "consent.full"]
    assert town.said[-1] == "thanks.completed"
    async with town.app.store.look() as tx:
        invitation, answers = await tx.invitation(number), await tx.answers(number)
    assert invitation is not None
    assert invitation.disposition is Disposition.COMPLETED
    assert [(answer.rating, answer.channel) for answer in answers] == [(Rating.OK, Channel.PHONE)] * 3
    assert await town.settled(number) == ["held, inbound"]
    await nobody_is_called(town)


async def test_they_may_speak_and_are_taken_while_nobody_is_called(town: Town) -> None:
    (number,) = await close_cases(town.app, 1)
    async with town.app.store.step() as tx:
        await tx.set_fact(PAUSED, "yes", TUESDAY)
    await town.hears(does=by_words)
    async with town.app.store.look() as tx:
        answers = await tx.answers(number)
    assert [answer.rating for answer in answers] == [Rating.BRA, Rating.OK, Rating.BRA]
    assert await town.settled(number) == ["held, inbound"]


async def nobody_is_called(town: Town) -> None:
    """The dialler takes up the row that waits, and calls nobody."""
    phone, stop = SlowPhone(), asyncio.Event()
    running = asyncio.create_task(dial_with(town.app, phone, stop))

    async def done() -> bool:
        async with town.app.store.look() as tx:
            state = await tx.queue_state(town.app.clock.now())
        return "call" not in state["outbox"]  # type: ignore[operator]

    await until(done)
    stop.set()
    await running
    assert phone.most == 0


async def test_who_hangs_up_and_rings_again_goes_on_where_they_were(town: Town) -> None:
    (number,) = await close_cases(town.app, 1)
    telephone = await town.telephone()

    def one_answer(line: SipLine, prompt: str) -> None:
        if not prompt.startswith("question.tillganglighet"):
            by_keys(line, prompt)
        else:
            left.set()

    left = asyncio.Event()
    line = await town.ring(telephone, one_answer)
    assert isinstance(line, SipLine)
    listening = asyncio.create_task(heard_out(line))
    await asyncio.wait_for(left.wait(), 30)
    await line.hang_up()
    await listening
    town.said.clear()
    again = await town.ring(telephone, by_keys)  # at once: the first call may not be over for us yet
    assert isinstance(again, SipLine)
    await heard_out(again)
    assert "counts.2" in town.said
    assert "question.bemotande.full" not in town.said
    assert await town.settled(number) == ["held, inbound"] * 2


async def test_nine_ends_everything(town: Town) -> None:
    (number,) = await close_cases(town.app, 1)

    def nine(line: SipLine, prompt: str) -> None:
        if prompt == "inbound.identification":
            line.press("9")

    await town.hears(does=nine)
    assert town.said[-1] == "goodbye.opted_out"
    assert await town.opted_out()
    assert await town.settled(number) == ["held, inbound"]


async def test_a_slip_of_the_finger_leaves_things_as_they_were(town: Town) -> None:
    (number,) = await close_cases(town.app, 1)
    line = await town.ring(await town.telephone())
    assert isinstance(line, SipLine)
    await line.hang_up()
    assert await town.settled(number) == ["hung up at once, inbound"]


async def test_while_we_are_calling_them_they_hear_busy(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omdome.inbound._WAITS", 2)
    (number,) = await close_cases(town.app, 1)
    with only_one(town.app.folder / "calls" / f"{number}.lock"):
        attempt = await town.ring(await town.telephone())
    assert isinstance(attempt, CallAttempt)
    assert attempt.outcome is CallOutcome.BUSY
    assert await calls_of(town.app, number) == []


async def test_through_an_exchange_and_with_a_telephone_that_nobody_here_made(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("omdome.voices.prompts_of", short)
    silence = tmp_path / "silence.wav"
    silence.write_bytes(wav(bytes(16000 * 120)))
    pressing: list[asyncio.Task[None]] = []
    with (
        Kamailio(tmp_path / "exchange") as exchange,
        DebianBaresip(tmp_path / "far", plays=silence, user="0701740605") as far,
    ):

        async def press(key: str) -> None:
            await asyncio.sleep(THINKS)
            await asyncio.to_thread(far.do, "sndcode", key)

        def watch(about: CallAbout, entry: Entry) -> None:
            if entry.who is Who.WE and (key := key_for(entry.prompt)):
                pressing.append(asyncio.create_task(press(key)))

        installation.configure(
            f'{CALLS}[voice]\nengine = "answer_words"\n[sip]\nhost = "localhost"\nport = {exchange.port}\n'
            f'username = "{USERNAME}"\nregisters = true\ncaller_id = "{OUR_NUMBER}"\n'
        )
        config = load_config(installation.folder / "config.toml")
        async with open_application(config, Credentials(sip_password=PASSWORD), GoingOn(TUESDAY)) as app:
            (number,) = await close_cases(app, 1)
            async with open_phone(app, watch):
                await asyncio.to_thread(far.do, "dial", exchange.address)

                async def held() -> bool:
                    return await calls_of(app, number) == ["held, inbound"]

                await until(held)
            async with app.store.look() as tx:
                answers = await tx.answers(number)
    assert [answer.rating for answer in answers] == [Rating.OK] * 3
    assert loud(far.heard()) > 2


# --- whoever is asked nothing --------------------------------------------------------------------------------------


async def test_an_unknown_number_hears_who_we_are_and_can_say_never(town: Town) -> None:
    heard = await town.hears("+46701740699")
    assert 0.4 < loud(heard) < 1.5
    line = await town.ring(await town.telephone("+46701740699"))
    assert isinstance(line, SipLine)
    line.press("9")
    await heard_out(line)

    async def stored() -> bool:
        return await town.opted_out("+46701740699")

    await until(stored)
    assert not await town.opted_out()


class ReadOnly:
    """A store that goes away while they hear who we are."""

    def __init__(self, store: Store) -> None:
        self.look = store.look

    def step(self) -> None:
        raise StoreUnavailableError("away")


async def test_never_is_kept_while_the_store_is_away(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voice.inbound.RETRY_SECONDS", (0.0,))
    monkeypatch.setattr("omdome.inbound._PATIENCE", (0.0,))
    monkeypatch.setattr(town.reception, "_app", replace(town.app, store=ReadOnly(town.app.store)))  # type: ignore[arg-type]
    line = await town.ring(await town.telephone("+46701740699"))
    assert isinstance(line, SipLine)
    line.press("9")
    await heard_out(line)
    await town.reception.close()
    assert unsaved_of(town.app).all() == ["+46701740699"]
    assert not await town.opted_out("+46701740699")
    await store_unsaved(town.app)
    assert await town.opted_out("+46701740699")


async def test_a_hidden_number_can_store_nothing(town: Town) -> None:
    line = await town.ring(await town.telephone(""))
    assert isinstance(line, SipLine)
    line.press("9")
    assert loud(await heard_out(line)) > 0.4
    assert town.said == []


class Away:
    """A store that can't take it just now."""

    def look(self) -> None:
        raise StoreUnavailableError("away")


async def test_while_the_store_is_away_they_hear_busy(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(town.reception, "_app", replace(town.app, store=Away()))  # type: ignore[arg-type]
    attempt = await town.ring(await town.telephone())
    assert isinstance(attempt, CallAttempt)
    assert attempt.outcome is CallOutcome.BUSY


async def test_when_we_stop_calls_that_are_up_end_first_and_others_hear_busy(town: Town) -> None:
    (number,) = await close_cases(town.app, 1)

    def nine_at_the_question(line: SipLine, prompt: str) -> None:
        asyncio.get_running_loop().call_later(THINKS, line.press, "9") if prompt == "consent.full" else None

    telephone, other = await town.telephone(), await town.telephone("+46701740606")
    line = await town.ring(telephone, nine_at_the_question)
    assert isinstance(line, SipLine)
    listening = asyncio.create_task(heard_out(line))

    async def spoken_to() -> bool:
        return bool(town.said)

    await until(spoken_to)
    closing = asyncio.create_task(town.reception.close())
    await asyncio.sleep(0)
    attempt = await other.dial(on_this_machine(f"sip:omdome@127.0.0.1:{town.port}"))
    assert isinstance(attempt, CallAttempt)
    await asyncio.gather(listening, closing)
    assert town.said[-1] == "goodbye.opted_out"
    assert await calls_of(town.app, number) == ["held, inbound"]


def test_check_config_tells_whether_they_can_ring_back() -> None:
    def told(more: str) -> tuple[State, str, str]:
        found = calling_back_feature(parse_config(CALLS + more))
        return found.state, found.why, found.advice

    sip = '[sip]\nhost = "10.0.0.5"\n'
    assert told("")[:2] == (State.OFF, "nobody is called, so nobody rings back")
    assert told(f"{sip}answers = false") == (State.OFF, "who rings back hears busy", "set [sip] answers = true")
    state, why, advice = told(sip)
    assert (state, why) == (State.OFF, "the exchange doesn't know where to put calls to us through")
    assert "registers = true" in advice
    assert told(f"{sip}listen_port = 5066")[0] is State.ON
    shown = told(f'{sip}registers = true\ncaller_id = "+46701740699"')
    assert shown[:2] == (State.ON, "+46701740699, the survey goes on where it stands; others hear who called")
