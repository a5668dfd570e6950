"""Text messages out: through any gateway with an HTTP interface, or to a file to look at."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from delivery.http_request import PerhapsDoneError, ask, failure
from delivery.sms_length import measure
from delivery.sms_template import SmsTemplate
from models.queues import OutboxRow
from workflow.ports import Clock, DeadAddressError, PermanentError, RetryableError

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
WHO = "the SMS gateway"
MOST_TRIES = 3  #: of a message that may have arrived each time: nobody is to get it again and again


@dataclass(frozen=True, slots=True)
class Sms:
    """One message: `to` as E.164 ("+46701740605")."""

    to: str
    text: str


class SmsGateway(Protocol):
    """What takes text messages to phones."""

    async def send(self, message: Sms) -> None:
        """Hand it over. Raises DeadAddressError, PermanentError or RetryableError, none of which tells the number."""
        ...


class HttpGateway:
    """A gateway that is asked as the template says.

    `dead_when` and `failed_when` are looked for in its answers ("" is never): nobody has that number; not taken,
    although the status says 2xx.
    """

    def __init__(self, template: SmsTemplate, dead_when: str = "", failed_when: str = "") -> None:
        self._template = template
        self._dead_when = re.compile(dead_when) if dead_when else None
        self._failed_when = re.compile(failed_when) if failed_when else None

    async def send(self, message: Sms) -> None:
        """At least once: if the gateway takes it and its answer is lost, it is sent again."""
        answer = await ask(self._template.request(message.to, message.text), WHO)
        refusal = failure(answer, WHO)
        if not isinstance(refusal, RetryableError) and self._dead_when and self._dead_when.search(answer.body):
            raise DeadAddressError(f"{WHO} says that the number gets no messages ({answer.status})")
        if refusal is not None:
            raise refusal
        if self._failed_when and self._failed_when.search(answer.body):
            raise PerhapsDoneError(
                f"{WHO} didn't take it: its answer ({answer.status}) has what [sms] failed_when says"
            )


class FileGateway:
    """Sends nothing: one line of JSON per message in a file that only its owner may read."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    async def send(self, message: Sms) -> None:
        length = measure(message.text)
        line = {
            "at": self._clock.now().isoformat(timespec="seconds"),
            "to": message.to,
            "text": message.text,
            "alphabet": length.alphabet.value,
            "parts": length.parts,
        }
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            _append(self._path, json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            raise RetryableError(f"[sms] file can't be written ({error.strerror})") from error


def _append(path: Path, line: str) -> None:
    """One write to a file opened for appending: two workers' lines don't mix."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        path.chmod(0o600)  # an older file may have been made by hand
        os.write(file, line.encode())
    finally:
        os.close(file)


@dataclass(frozen=True, slots=True)
class SmsSender:
    """The `Sender` of outbox rows SMS."""

    gateway: SmsGateway

    async def send(self, row: OutboxRow) -> None:
        """Hand it over. DeadAddressError: the gateway says that nobody is there. PermanentError: it was refused.

        RetryableError: anything else that went wrong. What may have arrived although it seems to have failed is tried
        `MOST_TRIES` times; what certainly hasn't, for as long as it is wanted.
        """
        to, text = row.payload.get("to"), row.payload.get("text")
        if not isinstance(to, str) or not _E164.fullmatch(to):
            raise PermanentError("the text message has no number to go to; it should be like +46701740605")
        if not isinstance(text, str) or not text.strip():
            raise PermanentError('the text message has no "text"')
        try:
            await self.gateway.send(Sms(to, text))
        except PerhapsDoneError as error:
            if row.attempts < MOST_TRIES:
                raise
            raise PermanentError(f"{error}; given up after {row.attempts} tries, as it may have arrived") from None
