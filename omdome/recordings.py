"""Recorded calls: where they are, whose they are, and when they go.

A recording is two files in the folder `recordings` of the installation, which its user alone can read: NAME.wav and the
transcript NAME.jsonl. NAME is when it was begun and the number of the invitation that it is about, which say nothing to
whoever hasn't the database: so a recording can't lose track of whose it is, whatever happens to the process.
"""

import asyncio
import json
import logging
import re
import secrets
import wave
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from models.case import Address
from models.survey import Invitation
from omdome.config import Config
from omdome.console import Problem
from omdome.wiring import Application
from voice.transcript import SUFFIX
from workflow.ports import Transaction

log = logging.getLogger(__name__)

KIND = "recordings"  #: as the deletions log calls them

_NAME = re.compile(r"(\d{8}T\d{6}Z)-([1-9]\d*)-[0-9a-f]{8}")
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One recording."""

    name: str
    began: datetime
    invitation_id: int
    sound: Path  #: a WAV file; there may be none where a crash came between the two

    @property
    def words(self) -> Path:
        """Its transcript, as `voice.transcript.json_lines`."""
        return self.sound.with_suffix(SUFFIX)

    @property
    def seconds(self) -> float:
        """0 where there is no sound."""
        try:
            with wave.open(str(self.sound)) as sound:
                return float(sound.getnframes() / sound.getframerate())
        except (FileNotFoundError, EOFError):
            return 0.0

    def transcript(self) -> list[dict[str, Any]]:
        try:
            lines = self.words.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines if line.endswith("}")]  # the last may have been cut off

    def delete(self) -> None:
        """Raises OSError."""
        self.words.unlink(missing_ok=True)
        self.sound.unlink(missing_ok=True)


def folder_of(app: Application) -> Path:
    return app.folder / "recordings"


def new_recording(app: Application, invitation_id: int) -> Recorded:
    """Of a call that begins now; nothing is made of it yet."""
    recorded = _recorded(app, f"{app.clock.now().strftime(_TIME)}-{invitation_id}-{secrets.token_hex(4)}")
    assert recorded is not None
    return recorded


def recordings(app: Application) -> list[Recorded]:
    """All there are, oldest first. Blocks."""
    with suppress(FileNotFoundError):
        names = {file.stem for file in folder_of(app).iterdir() if file.suffix in (".wav", SUFFIX)}
        return [recorded for name in sorted(names) if (recorded := _recorded(app, name)) is not None]
    return []


def _recorded(app: Application, name: str) -> Recorded | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    began = datetime.strptime(match[1], _TIME).replace(tzinfo=UTC)
    return Recorded(name=name, began=began, invitation_id=int(match[2]), sound=folder_of(app) / f"{name}.wav")


async def of_invitations(app: Application, tx: Transaction, numbers: Collection[int]) -> list[Recorded]:
    """The recordings about these invitations, oldest first."""
    found = [each for each in await asyncio.to_thread(recordings, app) if each.invitation_id in numbers]
    return [each for each in found if await invitation_of(tx, each) is not None]


async def invitation_of(tx: Transaction, recorded: Recorded) -> Invitation | None:
    """What it is about; None: nobody knows, as where another database stood in this one's place then."""
    invitation = await tx.invitation(recorded.invitation_id)
    return invitation if invitation is not None and invitation.created_at <= recorded.began + _CLOCK else None


async def case_of(tx: Transaction, recorded: Recorded) -> str:
    """The case system's name of what it is about; "" where nobody knows."""
    invitation = await invitation_of(tx, recorded)
    stored = await tx.case(invitation.case_number) if invitation is not None else None
    return stored.case.case_id if stored is not None else ""


def kept_until(recorded: Recorded, config: Config) -> datetime:
    return recorded.began + timedelta(days=config.voice.recording_days)


_CLOCK = timedelta(seconds=1)  #: names tell no smaller part of the time


async def transcripts_of(app: Application, tx: Transaction, whom: Address) -> list[dict[str, object]]:
    """What is recorded of one respondent, as plain data: `name`, `began`, `seconds`, `transcript`."""
    return [
        {"name": each.name, "began": each.began.isoformat(), "seconds": each.seconds, "transcript": each.transcript()}
        for each in await of_invitations(app, tx, await tx.surveys_of(whom))
    ]


async def delete_of(app: Application, whom: Address) -> int:
    """Delete all that is recorded of one respondent. Raises Problem."""
    async with app.store.look() as tx:
        theirs = await of_invitations(app, tx, await tx.surveys_of(whom))
    return await delete(app, theirs)


async def delete(app: Application, unwanted: Iterable[Recorded], *, before: datetime | None = None) -> int:
    """Delete them, and log how many. Raises Problem at the first that can't be; those before it are gone and logged."""
    count = 0
    try:
        for each in unwanted:
            await asyncio.to_thread(each.delete)
            count += 1
    except OSError as error:
        raise Problem(f"{error.filename}: can't be deleted ({error.strerror}); do it by hand, and try again") from error
    finally:
        async with app.store.step() as tx:
            await tx.log_deletion(KIND, count, before, app.clock.now())
    return count


async def purge_recordings(app: Application) -> int:
    """Delete those that have been kept for [voice] recording_days, those of whoever has asked in any channel not to be
    asked, and those that nobody can be told or asked about: their case is gone, or its addresses. Returns how many."""
    before = app.clock.now() - timedelta(days=app.config.voice.recording_days)
    found = await asyncio.to_thread(recordings, app)
    old = [each for each in found if each.began < before]
    async with app.store.look() as tx:
        unwanted = [each for each in found if each.began >= before and not await _wanted(tx, each)]
    count = await delete(app, old, before=before) + await delete(app, unwanted)
    if count:
        log.info("retention: deleted %d recordings", count)
    return count


async def _wanted(tx: Transaction, recorded: Recorded) -> bool:
    invitation = await invitation_of(tx, recorded)
    stored = await tx.case(invitation.case_number) if invitation is not None else None
    if stored is None:
        return False
    theirs = stored.case.addresses  # none: no `erase` would find it
    return stored.case.trial or (bool(theirs) and not await tx.opted_out(theirs))
