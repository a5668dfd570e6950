"""The log: structured, to standard error, and free of what belongs to persons.

Nothing in the program logs names, numbers, tokens or reply texts; `Redact` is the net below, for what libraries say.
"""

import logging
import re
import sys
from collections.abc import Iterable
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from omdome.settings import Log

_PATTERNS = (
    (re.compile(r"(?<!\d)\d{6,}:[\w-]{20,}"), "‹token›"),  # a bot token, also inside an API address
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w"), "‹mail›"),
    (re.compile(r"(?<![\d-])(?:\d{2})?\d{6}[-+]\d{4}(?!\d)"), "‹number›"),  # a personnummer
    (re.compile(r"(?<![\w.:+-])(?:\+[1-9]|00[1-9]|0[1-9])(?:[ ()/-]?\d){6,13}(?![\w:])"), "‹phone›"),
    # an invitation's token: long, and mixed as no word is
    (re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[A-Za-z0-9_-]{22,}(?![\w-])"), "‹token›"),
)


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without the given secrets, and without what looks like a token, mail address, phone or personnummer."""
    for secret in secrets:
        text = text.replace(secret, "‹secret›")
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


class Redact:
    """A structlog processor that redacts every string of an event, however deep."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(sorted((secret for secret in secrets if len(secret) >= 4), key=len, reverse=True))

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        first = {key: event.pop(key) for key in ("timestamp", "level", "logger") if key in event}
        return first | {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: object) -> object:
        if isinstance(value, str):
            return redacted(value, self._secrets)
        if isinstance(value, dict):
            return {key: self._clean(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._clean(item) for item in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return redacted(str(value), self._secrets)


def start_logging(settings: Log, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Send every log record of the process, ours and the libraries', to `stream` (standard error) in one form."""
    out = stream or sys.stderr
    as_console = settings.format == "console" or (settings.format == "auto" and out.isatty())
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        Redact(secrets),
        _console(out) if as_console else structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    handler = logging.StreamHandler(out)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=last))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level.upper())
    # these tell each request, some with its address: of interest only to those who debug them
    for chatty in ("aiohttp.access", "aiogram.event", "aiosqlite", "asyncio", "alembic.runtime.plugins"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


def _console(out: TextIO) -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback, sort_keys=False
    )
