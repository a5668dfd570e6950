"""Wishes never to be called again, from the moment they are heard until the database has them.

A database may be away for an hour, and a process may be killed at any moment. So each wish is first an empty file in
calls/refused/ of the installation's folder, whose name says all; it goes once the wish is stored. What is left there is
stored as soon as the database answers, and nobody is dialled before that.
"""

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from models.conversation import Event, Session
from omdome.speech import survey_of
from omdome.wiring import Application
from survey.lexicon import Lexicon
from voice.interview import Interview, is_opt_out
from workflow.backoff import without_text
from workflow.converse import Spoken
from workflow.inbound import leave_alone
from workflow.ports import StoreUnavailableError, Transaction
from workflow.refusals import refused_in_call

log = logging.getLogger(__name__)

Wish = int | str  #: by whom: the number of the invitation that they were called about, or a telephone number (E.164)


def name_of(wish: Wish) -> str:
    """The file that stands for it."""
    return f"survey-{wish}" if isinstance(wish, int) else f"number{wish}"


def wish_of(name: str) -> Wish | None:
    """What a file of this name stands for; None: nothing of ours."""
    if found := re.fullmatch(r"survey-([1-9][0-9]{0,17})", name, re.ASCII):
        return int(found[1])
    if found := re.fullmatch(r"number(\+[1-9][0-9]{3,14})", name, re.ASCII):
        return found[1]
    return None


@dataclass(frozen=True, slots=True)
class UnsavedRefusals:
    """Those of this machine, readable by the service's user alone."""

    folder: Path

    def keep(self, wish: Wish) -> None:
        """Outlives a crash and a power cut from here on. Keeping it twice is keeping it. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.folder / name_of(wish), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        for each in (self.folder, self.folder.parent):
            _flush(each)

    def forget(self, wish: Wish) -> None:
        """It is stored."""
        (self.folder / name_of(wish)).unlink(missing_ok=True)

    def all(self) -> list[Wish]:
        names = sorted(each.name for each in self.folder.iterdir()) if self.folder.is_dir() else []
        return [wish for name in names if (wish := wish_of(name)) is not None]


def unsaved_of(app: Application) -> UnsavedRefusals:
    return UnsavedRefusals(app.folder / "calls" / "refused")


async def keep_refusal(app: Application, wish: Wish) -> None:
    """Until the database has it."""
    unsaved = unsaved_of(app)
    try:
        await asyncio.to_thread(unsaved.keep, wish)
    except OSError as error:  # a full disk: the database may still take it
        log.exception("a refusal can't be kept as a file", exc_info=without_text(error))


async def surely(app: Application, wish: Wish, store: Callable[[], Awaitable[None]]) -> None:
    """Store the wish: if that fails, or we are killed meanwhile, it is kept until the database answers.

    Raises what `store` raises.
    """
    await keep_refusal(app, wish)
    await store()
    unsaved_of(app).forget(wish)


async def store_unsaved(app: Application) -> int:
    """Store what is left of earlier calls; how many wishes those were. Raises StoreUnavailableError.

    One that can't be stored for another reason stays: nobody dials them, and the log tells why.
    """
    unsaved, stored = unsaved_of(app), 0
    for wish in unsaved.all():
        try:
            async with app.store.step() as tx:
                await _store(tx, app, wish)
        except StoreUnavailableError:
            raise
        except Exception as error:
            log.exception("a refusal that is kept as a file can't be stored", exc_info=without_text(error))
        else:
            unsaved.forget(wish)
            stored += 1
            log.warning("a refusal that couldn't be stored in the call is stored now")
    return stored


async def _store(tx: Transaction, app: Application, wish: Wish) -> None:
    now = app.clock.now()
    if isinstance(wish, int):
        await refused_in_call(tx, wish, survey_of(app.config), now)
    else:
        await leave_alone(tx, wish, now)


@dataclass(frozen=True, slots=True)
class SureInterview:
    """`voice.interview.Interview` from which no refusal is lost."""

    app: Application
    interview: Interview

    @property
    def invitation_id(self) -> int:
        return self.interview.invitation_id

    @property
    def lexicon(self) -> Lexicon:
        return self.interview.lexicon

    async def session(self) -> Session:
        return await self.interview.session()

    async def take(self, event: Event, engine: str = "", *, seen: Session | None = None) -> Spoken:
        taken: list[Spoken] = []

        async def take() -> None:
            taken.append(await self.interview.take(event, engine, seen=seen))

        await (surely(self.app, self.invitation_id, take) if is_opt_out(event) else take())
        return taken[0]


def _flush(folder: Path) -> None:
    """A new name in it outlives a power cut; Windows needs, and knows, no such thing."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
