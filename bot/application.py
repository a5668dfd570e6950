"""The Telegram bot as a whole: what comes in is stored, worked through, and answered through the outbox."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from aiogram import BaseMiddleware, Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError
from aiogram.types import BotCommand, TelegramObject, Update

from bot.commands import command_router
from bot.membership import membership_router
from bot.polling import Polling, PollingSettings
from bot.replies import reply_router
from bot.sending import TelegramSender
from bot.speech import Speech
from bot.throttling import TELEGRAMS_LIMITS, Limits, Throttle
from bot.turn import a_turn
from bot.webhook import Webhook
from models.queues import InboxRow, OutboxKind
from workflow.backoff import Jitter, keep_working
from workflow.inbox import USUAL_INBOX, Inbox, InboxPolicy, InboxWorker
from workflow.outbox import USUAL_OUTBOX, OutboxPolicy, OutboxWorker
from workflow.ports import Clock, Store, Transaction

log = logging.getLogger(__name__)

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramSettings:
    """`base_url` may be that of a Bot API server of one's own, or of a fake one."""

    token: str = field(repr=False)
    base_url: str = "https://api.telegram.org"
    limits: Limits = TELEGRAMS_LIMITS
    request_timeout_seconds: float = 20.0
    poll_wait_seconds: int = 30
    rest_seconds: float = 0.5  #: how often the queues are looked at when nothing has announced itself
    inbox: InboxPolicy = USUAL_INBOX
    outbox: OutboxPolicy = USUAL_OUTBOX


class TelegramService:
    """`run_polling` or `webhook` takes updates in, `work` does the rest. Must be closed."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        settings: TelegramSettings,
        speech: Speech,
        jitter: Jitter = random.random,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seconds` is what the speed limits are measured with."""
        self._clock = clock
        self._settings = settings
        self._speech = speech
        self._jitter = jitter
        self.bot = _bot(settings, seconds)
        self.inbox = Inbox(store)
        self.sender = TelegramSender(self.bot, store)
        self._dispatcher = _dispatcher(speech)
        self._worker = InboxWorker(store, clock, self.dispatch, settings.inbox, jitter)
        self._outbox = OutboxWorker(store, clock, {OutboxKind.TELEGRAM: self.sender}, settings.outbox, jitter)
        self._worked = asyncio.Event()  #: the inbox put something in the outbox, perhaps
        self._answering: set[asyncio.Task[None]] = set()

    async def run_polling(self, stop: asyncio.Event) -> None:
        """Fetch updates until `stop`. Takes over from a webhook, if one was set."""
        await _try(self.bot.delete_webhook())
        polling = self._polling()
        await polling.run(stop)

    def webhook(self, secret: str) -> Webhook:
        """The handler to mount where Telegram is told to post; ValueError without a proper secret."""
        return Webhook(self.inbox.put, self._clock, secret)

    async def register_webhook(self, url: str, secret: str) -> None:
        """Tell Telegram where to post. Raises AiogramError when it can't be told."""
        await self.bot.set_webhook(url, secret_token=secret, allowed_updates=list(ALLOWED_UPDATES))

    async def announce_commands(self) -> None:
        """Fill the menu of commands, in every language. Without Telegram it stays as it was."""
        for language, texts in self._speech.texts.items():
            commands = [
                BotCommand(command=name, description=texts(f"telegram.command_{name}"))
                for name in ("stopp", "hjalp", "sprak")
            ]
            code = None if language == self._speech.language else language
            await _try(self.bot.set_my_commands(commands, language_code=code))

    async def work(self, stop: asyncio.Event) -> None:
        """Work through the inbox and the outbox until `stop`, and finish what is in flight."""
        rest = self._settings.rest_seconds
        await asyncio.gather(
            keep_working(self.work_inbox, stop, self.inbox.arrived, rest),
            self._outbox.run(stop, self._worked, rest),
        )
        await self._answered()

    async def drain(self) -> int:
        """Fetch what Telegram holds and do everything that is due now; returns how many updates were worked through.

        For a simulated clock: nothing is waited for but Telegram's answers.
        """
        polling, updates = self._polling(), 0
        while await polling.fetch():
            pass
        while (found := await self.work_inbox()) + await self._outbox.run_once():
            updates += found
        await self._answered()
        return updates

    async def dispatch(self, tx: Transaction, row: InboxRow) -> None:
        """Handle one update inside the transaction."""
        update = Update.model_validate(row.payload, context={"bot": self.bot})
        await self._dispatcher.feed_update(self.bot, update, tx=tx, row=row)

    async def close(self) -> None:
        await self._answered()
        await self.bot.session.close()

    def _polling(self) -> Polling:
        settings = PollingSettings(ALLOWED_UPDATES, self._settings.poll_wait_seconds)
        return Polling(self.bot, self.inbox.put, self._clock, self._jitter, self._answer_tap, settings)

    async def work_inbox(self) -> int:
        """Work through one batch of due updates; returns how many there were."""
        found = await self._worker.run_once()
        if found:
            self._worked.set()
        return found

    def _answer_tap(self, query_id: str) -> None:
        """Stop the button's spinner: at once, beside everything else, and only once; nobody misses it if it fails."""
        task = asyncio.create_task(_try(self.bot.answer_callback_query(query_id)))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answered(self) -> None:
        await asyncio.gather(*self._answering)


def _bot(settings: TelegramSettings, seconds: Callable[[], float]) -> Bot:
    session = AiohttpSession(
        api=TelegramAPIServer.from_base(settings.base_url), timeout=settings.request_timeout_seconds
    )
    session.middleware(Throttle(settings.limits, seconds))
    return Bot(settings.token, session=session)


def _dispatcher(speech: Speech) -> Dispatcher:
    dispatcher = Dispatcher(disable_fsm=True)  # the conversation's state is the session in the database
    dispatcher.update.outer_middleware(_TakeTurn(speech))
    dispatcher.include_routers(membership_router(), command_router(), reply_router())
    return dispatcher


class _TakeTurn(BaseMiddleware):
    """Gives the handlers their Turn."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        chat, user, row = data.get("event_chat"), data.get("event_from_user"), data["row"]
        if chat is None:
            return None  # a button below a message that was sent elsewhere, inline: not ours
        language = user.language_code if user else None
        key, now = f"tg:{row.update_id}", row.received_at
        async with a_turn(data["tx"], self._speech, chat.id, key, now, language) as turn:
            return await handler(event, {**data, "turn": turn})


async def _try(request: Coroutine[Any, Any, object]) -> None:
    """Do what may as well fail."""
    try:
        await request
    except AiogramError as error:
        log.info("left undone: %s", type(error).__name__)
