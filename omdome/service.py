"""The service: everything that the configuration turns on, in one process or one role of it."""

import asyncio
import contextlib
import errno
import logging
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from omdome import jobs
from omdome.only_one import TakenError, among_us, only_one
from omdome.outgoing import senders_of
from omdome.policies import (
    calls_are_made,
    can_be_answered,
    contact_of,
    database_file_of,
    outbox_of,
    telegram_of,
)
from omdome.readiness import State, features
from omdome.state import BEAT_SECONDS
from omdome.supervision import Component, FatalError, every, supervise
from omdome.systemd import notify
from omdome.wiring import Application
from workflow.outbox import OutboxWorker
from workflow.ports import StoreUnavailableError

log = logging.getLogger(__name__)

_OFTEN_SECONDS = 60
_SELDOM_SECONDS = 3600


if TYPE_CHECKING:  # aiogram takes a second or more to import: only those who use it pay
    from bot.application import TelegramService


class Role(StrEnum):
    """What a process does. Several processes may share one database; only one may poll."""

    ALL = "all"
    BOT = "bot"  #: Telegram: polling, replies, messages out
    WORKER = "worker"  #: selection, reminders, mail, digests, watched folder, retention
    WEB = "web"  #: case API, health, and Telegram's webhook


async def serve(app: Application, role: Role, stop: asyncio.Event) -> None:
    """Run until `stop`, then finish what is in flight. Raises FatalError when it can't start or go on."""
    async with AsyncExitStack() as stack:
        await _take_over(app, stack)
        telegram = await _telegram(app, stack) if app.config.telegram.enabled and role is not Role.WORKER else None

        async def beat() -> None:
            await jobs.beat(app, role, telegram.inbox.newest if telegram is not None else None)

        components = [every(BEAT_SECONDS, "sign of life", beat)]
        if telegram is not None and role in (Role.ALL, Role.BOT):
            components += _bot(app, telegram, stack)
        if role in (Role.ALL, Role.WORKER):
            components += _worker(app)
        if role in (Role.ALL, Role.WEB) and app.config.web.enabled:
            port = await stack.enter_async_context(_web(app, telegram))
            log.info("listening on %s:%d", app.config.web.host, port)
        _tell_what_is_on(app, role)
        notify("READY=1")
        try:
            await supervise(components, stop, app.config.workers.grace_seconds)
        finally:
            notify("STOPPING=1")
            with contextlib.suppress(StoreUnavailableError):
                await beat()
    log.info("stopped; nothing is lost: what waits is in the database")


async def _take_over(app: Application, stack: AsyncExitStack) -> None:
    """The first to work with an SQLite database frees what a crash left claimed, instead of waiting for the leases.

    With PostgreSQL others may be at work on machines that we know nothing of.
    """
    file = database_file_of(app.config)
    if file is None:
        return
    lock = file.with_name(file.name + ".lock")
    try:
        alone, let_others_in = stack.enter_context(among_us(lock))
    except OSError as error:
        raise FatalError(f"{lock}: can't be written ({error.strerror})") from error
    if alone:
        with contextlib.suppress(StoreUnavailableError):  # then the leases end by themselves
            async with app.store.step() as tx:
                freed = await tx.release_leases()
            if freed:
                log.info("took up again what was in flight when the last process ended: %d", freed)
    let_others_in()


def _tell_what_is_on(app: Application, role: Role) -> None:
    found = features(app.config, app.credentials)
    on = "; ".join(f"{each.name}: {each.why}" for each in found if each.state is State.ON)
    off = ", ".join(each.name for each in found if each.state is State.OFF)
    log.info("Omdöme is up, role %s. On: %s. Off: %s", role, on, off or "nothing")


async def _telegram(app: Application, stack: AsyncExitStack) -> "TelegramService":
    from bot.application import TelegramService
    from omdome.speech import speech_of

    service = TelegramService(app.store, app.clock, telegram_of(app.config, app.credentials), speech_of(app.config))
    stack.push_async_callback(service.close)
    return service


def _bot(app: Application, telegram: "TelegramService", stack: AsyncExitStack) -> list[Component]:
    components = [Component("Telegram replies and messages", telegram.work)]
    if app.config.telegram.mode == "webhook":
        url, secret = app.config.telegram.webhook_url, app.credentials.telegram_webhook_secret
        register = _once(lambda: telegram.register_webhook(url, secret), telegram.announce_commands)
        return [*components, Component("Telegram webhook registration", register)]
    lock = app.folder / f"polling-{app.credentials.telegram_token.partition(':')[0]}.lock"
    try:
        stack.enter_context(only_one(lock))
    except TakenError as error:
        raise FatalError(
            f"another Omdöme is polling with this bot ({error}); stop it, or run another --role"
        ) from error
    except OSError as error:
        raise FatalError(f"{lock}: can't be written ({error.strerror})") from error
    return [
        *components,
        Component("Telegram polling", telegram.run_polling),
        Component("Telegram command menu", _once(telegram.announce_commands)),
    ]


def _once(*jobs: Callable[[], Awaitable[None]]) -> Callable[[asyncio.Event], Awaitable[None]]:
    """Jobs that are done when they have succeeded once."""

    async def run(stop: asyncio.Event) -> None:
        for job in jobs:
            await job()
        await stop.wait()

    return run


def _worker(app: Application) -> list[Component]:
    config = app.config
    outbox = OutboxWorker(app.store, app.clock, senders_of(app), outbox_of(config), random.random)

    async def deliver(stop: asyncio.Event) -> None:  # a gateway that hangs holds up nobody else
        await outbox.run(stop, asyncio.Event(), config.workers.rest_seconds)

    components = [
        Component("mail and alerts", deliver),
        every(_OFTEN_SECONDS, "retention", lambda: jobs.purge(app)),
        every(_SELDOM_SECONDS, "recordings", lambda: jobs.purge_recordings(app)),
    ]
    if can_be_answered(config):
        components += _asking(app)
    if calls_are_made(config):
        components.append(Component("calls", lambda stop: _dial(app, stop)))
    if config.digest.enabled and config.digest.recipients:
        components.append(every(_OFTEN_SECONDS, "digests", lambda: jobs.queue_digests(app)))
    if config.intake.watched_folder:
        watcher = jobs.watcher(app)
        components.append(every(config.intake.watch_interval_seconds, "watched folder", watcher.scan))
    return components


async def _dial(app: Application, stop: asyncio.Event) -> None:
    from omdome.dialling import dial  # which imports all that a call needs

    await dial(app, stop)


def _asking(app: Application) -> list[Component]:
    """Whom to ask, turning to them, reminding them, and the deadline."""
    from omdome.contacting import Contacting
    from omdome.speech import speech_of

    config, speech = app.config, speech_of(app.config)
    components = [
        every(config.selection.interval_seconds, "selection", lambda: jobs.select(app)),
        every(_OFTEN_SECONDS, "expiry", lambda: jobs.expire(app, speech)),
    ]
    if config.telegram.enabled:
        components.append(every(_OFTEN_SECONDS, "reminders", lambda: jobs.remind(app, speech)))
    if contact_of(config).on:
        components.append(every(_OFTEN_SECONDS, "contacts", Contacting(app).run))
    if config.bounces.imap_host:
        from omdome.bounces import BounceReader

        components.append(every(config.bounces.interval_seconds, "bounces", BounceReader(app).run))
    return components


@asynccontextmanager
async def _web(app: Application, telegram: "TelegramService | None") -> AsyncIterator[int]:
    from omdome.web_wiring import web_application
    from web.app import serving

    rules = app.config.web
    web = web_application(app)
    if telegram is not None and app.config.telegram.mode == "webhook":
        path = urlsplit(app.config.telegram.webhook_url).path or "/"
        web.router.add_post(path, telegram.webhook(app.credentials.telegram_webhook_secret).handle)
    try:
        async with serving(web, rules.host, rules.port) as port:
            yield port
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        advice = "; set [web] port to another, or end what has it" if error.errno == errno.EADDRINUSE else ""
        raise FatalError(f"[web] {rules.host}:{rules.port} can't be listened on ({why}){advice}") from error
