"""Telegram at its worst: nothing is lost, nothing is counted twice, and what failed is tried again ever more slowly."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from models.survey import Invitation
from omdome.demo.telegram import FakeTelegram
from storage.database import SqlStore
from tests.bot.telegram_world import World, a_world
from tests.end_to_end.fault_proxy import BLOCKED, ErrorPage, Fault, FaultProxy, LostReply, Refusal, Silence, TooMany

ANNA = 101
SECOND = timedelta(seconds=1)


class Troubled:
    """A world whose Telegram fails as told: `proxy.fault`."""

    def __init__(self, world: World, proxy: FaultProxy, invitation: Invitation) -> None:
        self.world = world
        self.proxy = proxy
        self.invitation = invitation

    def questions(self) -> list[str]:
        """First lines of the questions that reached the customer."""
        texts = [fields["text"].splitlines()[0] for fields in self.proxy.arrived("sendMessage")]
        return [text for text in texts if text.startswith("Fråga")]

    async def later(self, **time: float) -> None:
        self.world.clock.move_to(self.world.clock.now() + timedelta(**time))
        await self.world.service.drain()


@pytest.fixture
async def troubled(store: SqlStore) -> AsyncIterator[Troubled]:
    """Anna has been asked the first question; from here on things may go wrong."""
    async with (
        FakeTelegram().running() as fake,
        FaultProxy(fake.base_url).running() as proxy,
        a_world(store, proxy.base_url, fake) as world,
    ):
        invitation = await world.invitation()
        await world.say(ANNA, f"/start {invitation.token}")
        yield Troubled(world, proxy, invitation)


def once(method: str, fault: Fault) -> Callable[[str, dict[str, str]], Fault | None]:
    """The first call of the method goes wrong, and no other."""
    left = [fault]

    def decide(called: str, fields: dict[str, str]) -> Fault | None:
        return left.pop() if called == method and left else None

    return decide


@pytest.mark.parametrize(
    "fault",
    [Refusal(500, "Internal Server Error"), Refusal(502, "Bad Gateway"), ErrorPage(), Silence()],
    ids=["500", "502", "error page", "timeout"],
)
async def test_a_question_that_did_not_get_through_is_sent_again(troubled: Troubled, fault: Fault) -> None:
    troubled.proxy.fault = once("sendMessage", fault)
    await troubled.world.tap(ANNA, "Bra")
    assert troubled.questions() == ["Fråga 1 av 3"]
    assert await troubled.world.ratings(troubled.invitation) == {"bemotande": "bra"}
    await troubled.later(seconds=1.9)
    assert troubled.questions() == ["Fråga 1 av 3"]
    await troubled.later(seconds=0.2)
    assert troubled.questions() == ["Fråga 1 av 3", "Fråga 2 av 3"]


async def test_retry_after_is_obeyed(troubled: Troubled) -> None:
    """Nothing at all goes to that chat before it has passed, and then everything in its order."""
    troubled.proxy.fault = once("editMessageReplyMarkup", TooMany(40))
    await troubled.world.tap(ANNA, "Bra")
    await troubled.later(seconds=39)
    assert troubled.questions() == ["Fråga 1 av 3"]
    await troubled.later(seconds=1.1)
    assert troubled.questions() == ["Fråga 1 av 3", "Fråga 2 av 3"]
    assert troubled.world.labels(ANNA, 1)[0] == "✓ 😊 Bra"


async def test_waiting_grows_while_telegram_is_away(troubled: Troubled) -> None:
    troubled.proxy.fault = lambda method, fields: Refusal(503, "away") if method == "sendMessage" else None
    await troubled.world.tap(ANNA, "Bra")
    before = len(troubled.proxy.calls)
    for _ in range(120):  # two minutes, second by second
        await troubled.later(seconds=1)
    tried = [call for call in troubled.proxy.calls[before:] if call.method == "sendMessage"]
    assert len(tried) == 5  # after 2, 6, 14, 30, 62 seconds
    troubled.proxy.fault = lambda method, fields: None
    await troubled.later(minutes=3)
    assert troubled.questions() == ["Fråga 1 av 3", "Fråga 2 av 3"]


async def test_a_lost_reply_may_repeat_a_message_but_no_answer(troubled: Troubled) -> None:
    troubled.proxy.fault = once("sendMessage", LostReply())
    await troubled.world.tap(ANNA, "Bra")
    await troubled.later(seconds=3)
    assert troubled.questions() == ["Fråga 1 av 3", "Fråga 2 av 3", "Fråga 2 av 3"]
    await troubled.world.tap(ANNA, "Ok", message=2)
    await troubled.world.tap(ANNA, "Ok", message=3)  # the repeated one
    assert await troubled.world.ratings(troubled.invitation) == {"bemotande": "bra", "tillganglighet": "ok"}


async def test_somebody_who_blocks_us_is_left_alone(troubled: Troubled) -> None:
    troubled.proxy.fault = lambda method, fields: BLOCKED if method == "sendMessage" else None
    await troubled.world.tap(ANNA, "Bra")
    await troubled.later(hours=1)
    async with troubled.world.store.look() as tx:
        chat = await tx.chat(ANNA)
        state = str(await tx.queue_state(troubled.world.clock.now()))
    assert chat is not None
    assert chat.dead
    assert "blocked" in state  # visible in `status`
    assert len([call for call in troubled.proxy.calls if call.fault is BLOCKED]) == 1


async def test_a_refusal_for_good_is_not_tried_again(troubled: Troubled) -> None:
    troubled.proxy.fault = once("sendMessage", Refusal(400, "Bad Request: message is too long"))
    await troubled.world.tap(ANNA, "Bra")
    await troubled.later(hours=1)
    assert troubled.questions() == ["Fråga 1 av 3"]
    await troubled.world.say(ANNA, "/start")  # and the chat's later messages aren't held up by it
    assert troubled.questions() == ["Fråga 1 av 3", "Fråga 2 av 3"]


@pytest.mark.parametrize(
    "words",
    ["Bad Request: message is not modified: specified new message content and reply markup are exactly the same"],
)
async def test_a_change_that_was_none_is_no_failure(troubled: Troubled, words: str) -> None:
    troubled.proxy.fault = once("editMessageReplyMarkup", Refusal(400, words))
    await troubled.world.tap(ANNA, "Bra")
    assert troubled.questions() == ["Fråga 1 av 3", "Fråga 2 av 3"]
    async with troubled.world.store.look() as tx:
        assert "not modified" not in str(await tx.queue_state(troubled.world.clock.now()))


async def test_an_old_tap_whose_spinner_is_gone_still_counts(troubled: Troubled) -> None:
    troubled.proxy.fault = once("answerCallbackQuery", Refusal(400, "Bad Request: query is too old"))
    await troubled.world.tap(ANNA, "Dåligt")
    assert await troubled.world.ratings(troubled.invitation) == {"bemotande": "dåligt"}


async def test_every_tap_is_answered(troubled: Troubled) -> None:
    await troubled.world.tap(ANNA, "Bra")
    await troubled.world.tap(ANNA, "Bra", message=1)
    assert len(troubled.proxy.arrived("answerCallbackQuery")) == 2


async def test_updates_that_were_fetched_in_vain_come_again(troubled: Troubled) -> None:
    """The answer to getUpdates is lost on its way: nothing was stored, so nothing may be confirmed."""
    troubled.proxy.fault = once("getUpdates", LostReply())
    await troubled.world.telegram.tap(ANNA, troubled.world.telegram.last(ANNA), "Bra", troubled.world.clock.now())
    with pytest.raises(Exception, match="ServerDisconnected"):
        await troubled.world.service.drain()
    assert await troubled.world.ratings(troubled.invitation) == {}
    await troubled.world.service.drain()
    assert await troubled.world.ratings(troubled.invitation) == {"bemotande": "bra"}
