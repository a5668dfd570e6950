"""Telegram's limits on a clock that only moves when somebody sleeps."""

import asyncio
from itertools import pairwise

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import AnswerCallbackQuery, EditMessageReplyMarkup, SendMessage, TelegramMethod

from bot.throttling import Limits, Throttle


class Hourglass:
    def __init__(self) -> None:
        self.seconds = 0.0
        self.left: list[float] = []  #: when each request left

    def __call__(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    async def request(self, bot: Bot, method: TelegramMethod[object]) -> None:
        self.left.append(self.seconds)


@pytest.fixture
def glass() -> Hourglass:
    return Hourglass()


async def send(throttle: Throttle, glass: Hourglass, method: TelegramMethod[object]) -> None:
    await throttle(glass.request, None, method)


async def test_one_message_a_second_reaches_a_chat(glass: Hourglass) -> None:
    throttle = Throttle(Limits(), glass, glass.sleep)
    for _ in range(4):
        await send(throttle, glass, SendMessage(chat_id=1, text="hej"))
    assert [later - earlier for earlier, later in pairwise(glass.left)] == pytest.approx([1, 1, 1])


async def test_thirty_requests_a_second_leave_in_all(glass: Hourglass) -> None:
    throttle = Throttle(Limits(), glass, glass.sleep)
    for chat in range(61):
        await send(throttle, glass, SendMessage(chat_id=chat, text="hej"))
    assert glass.left[-1] == pytest.approx(2.0)


async def test_marking_a_button_does_not_delay_the_next_question(glass: Hourglass) -> None:
    throttle = Throttle(Limits(), glass, glass.sleep)
    await send(throttle, glass, EditMessageReplyMarkup(chat_id=1, message_id=7))
    await send(throttle, glass, SendMessage(chat_id=1, text="nästa fråga"))
    assert glass.left[1] < 0.1


async def test_answering_a_tap_never_waits(glass: Hourglass) -> None:
    throttle = Throttle(Limits(in_all=0.01), glass, glass.sleep)
    await send(throttle, glass, SendMessage(chat_id=1, text="hej"))
    await send(throttle, glass, AnswerCallbackQuery(callback_query_id="1"))
    assert glass.seconds == 0


async def test_retry_after_holds_back_that_chat_and_no_other(glass: Hourglass) -> None:
    throttle = Throttle(Limits(in_all=None), glass, glass.sleep)
    message = SendMessage(chat_id=1, text="hej")

    async def refuse(bot: Bot, method: TelegramMethod[object]) -> None:
        raise TelegramRetryAfter(method, "Too Many Requests", retry_after=17)

    with pytest.raises(TelegramRetryAfter):
        await throttle(refuse, None, message)
    await send(throttle, glass, SendMessage(chat_id=2, text="hej"))
    assert glass.seconds == 0
    await send(throttle, glass, message)
    assert glass.seconds == pytest.approx(17)


async def test_no_limits_for_a_server_on_loopback(glass: Hourglass) -> None:
    throttle = Throttle(Limits(in_all=None, per_chat=None), glass, glass.sleep)
    await asyncio.gather(*(send(throttle, glass, SendMessage(chat_id=1, text="hej")) for _ in range(50)))
    assert glass.seconds == 0
