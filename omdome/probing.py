"""Whether the outside world is as configured: the database, Telegram, the mail server, whom we call over HTTP."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from omdome.config import Config
from omdome.console import Problem
from omdome.credentials import Credentials
from omdome.policies import calls_are_made
from omdome.wiring import Application, open_application

_PATIENCE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of one attempt; `said` is for people."""

    name: str
    well: bool
    said: str


async def probe_all(config: Config, credentials: Credentials) -> list[Probe]:
    """Try everything that is on. Sends nothing to anybody, and changes nothing."""
    try:
        async with open_application(config, credentials) as app:
            probes = [Probe("storage", True, "opened")]
            if config.telegram.enabled:
                probes.append(await _tried("Telegram bot", app, _telegram))
            if config.mail.host:
                probes.append(await _tried("mail", app, _mail))
            if config.bounces.imap_host:
                probes.append(await _tried("bounces", app, _bounces))
            if config.sms.gateway == "http":
                probes.append(await _tried("SMS gateway", app, _sms))
            if calls_are_made(config):
                probes.append(await _tried("calls", app, _calls))
            probes += [
                await _tried(f"webhook {hook.name}", app, partial(_reached, url=hook.url)) for hook in config.webhooks
            ]
            if any(recipient.units for recipient in config.digest.recipients):
                probes.append(await _tried("units of digests", app, _units))
            return probes
    except Problem as error:
        return [Probe("storage", False, str(error))]


async def _tried(name: str, app: Application, probe: Callable[[Application], Awaitable[str]]) -> Probe:
    try:
        return Probe(name, True, await probe(app))
    except Problem as error:
        return Probe(name, False, str(error))


async def _telegram(app: Application) -> str:
    from aiogram.exceptions import AiogramError, TelegramNotFound, TelegramUnauthorizedError

    from bot.application import TelegramService
    from omdome.policies import telegram_of
    from omdome.speech import speech_of

    service = TelegramService(app.store, app.clock, telegram_of(app.config, app.credentials), speech_of(app.config))
    wanted = app.config.telegram.bot_username
    try:
        me = await service.bot.get_me()
    except (TelegramUnauthorizedError, TelegramNotFound) as error:
        raise Problem("Telegram doesn't know this token; copy it whole from @BotFather") from error
    except AiogramError as error:
        raise Problem(f"{app.config.telegram.api_base_url} doesn't answer ({type(error).__name__})") from error
    finally:
        await service.close()
    if (me.username or "").lower() != wanted.lower():
        raise Problem(f"the token is @{me.username}'s, but [telegram] bot_username is {wanted}")
    return f"the token is @{me.username}'s"


async def _units(app: Application) -> str:
    from models.counts import IsoWeek
    from omdome.digests import unheard_of

    units = [unit for recipient in app.config.digest.recipients for unit in recipient.units]
    today = app.clock.now().astimezone(app.config.organisation.timezone).date()
    if missing := await unheard_of(app, units, IsoWeek.of(today)):
        raise Problem(missing)
    return "known"


async def _mail(app: Application) -> str:
    from delivery.mail import MailSender
    from omdome.policies import sending_of, smtp_of
    from workflow.ports import DeliveryError

    mail = app.config.mail
    try:
        await MailSender(smtp_of(app.config, app.credentials), sending_of(app.config), app.clock).probe()
    except DeliveryError as error:
        hint = "[mail] host, port and security: the port is mostly 587 with starttls, 465 with tls, 25 with none"
        advice = "" if "our login" in str(error) else f" → {hint}"
        raise Problem(f"{mail.host}:{mail.port}, {mail.security}: {error}{advice}") from error
    return "connected" + (" and logged in" if app.config.mail.username else "")


async def _bounces(app: Application) -> str:
    from delivery.bounce_mailbox import BounceMailbox, MailboxError
    from omdome.bounces import imap_of

    try:
        await BounceMailbox(imap_of(app.config, app.credentials)).probe()
    except MailboxError as error:
        raise Problem(str(error)) from error
    return f"logged in, and {app.config.bounces.folder} can be read"


async def _sms(app: Application) -> str:
    return await _reached(app, app.config.sms.url)


async def _calls(app: Application) -> str:
    from omdome.call_status import trouble_of

    async with app.store.look() as tx:
        if trouble := await trouble_of(tx, app.clock.now(), app.config.organisation.timezone):
            raise Problem(trouble)
    return "no trouble that is known of; `voice doctor` tries the phone"


async def _reached(app: Application, url: str) -> str:
    from delivery.http_request import reach
    from workflow.ports import DeliveryError

    try:
        await reach(url, url.split("/", 3)[2].partition("?")[0], _PATIENCE_SECONDS)
    except DeliveryError as error:
        raise Problem(str(error)) from error
    return "connected; nothing was sent"
