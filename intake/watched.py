"""A watched folder: files of closed cases that the case system drops, imported once each."""

import asyncio
import hashlib
import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from intake.columns import UnusableFileError
from intake.files import SUFFIXES, CaseFile
from workflow.intake import ImportReport, import_cases
from workflow.ports import Clock, Store, StoreUnavailableError

log = logging.getLogger(__name__)

DONE, FAILED = "done", "failed"
_FACT = "intake.file."
_ERRORS_SUFFIX = ".errors.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedFolder:
    """`settle_seconds`: a file is taken when it hasn't changed for so long, since it may still be being written.

    With `move`, files go to done/ or failed/ beneath the folder; otherwise they stay, and are known by their contents.
    """

    path: Path
    settle_seconds: float = 10
    move: bool = True


@dataclass(slots=True)
class Watcher:
    """Imports what is dropped. `open_cases(path, now)` opens a file, and may raise UnusableFileError.

    Each file is imported once, by its contents. Killed at any point, the next scan goes on: importing again changes
    nothing, the report and then the fact are written before the file is moved.
    """

    folder: WatchedFolder
    store: Store
    clock: Clock
    open_cases: Callable[[Path, datetime], CaseFile]
    _seen: dict[Path, tuple[tuple[int, int], datetime]] = field(default_factory=dict)

    async def watch(self, every_seconds: float) -> None:
        """Scan until cancelled. What goes wrong is logged, and tried again at the next scan."""
        while True:
            try:
                await self.scan()
            except (OSError, StoreUnavailableError) as error:
                log.warning("the watched folder: %s", _reason(error))
            await asyncio.sleep(every_seconds)

    async def scan(self) -> int:
        """Look once; returns how many files were imported or found unusable. Raises OSError without the folder."""
        settled = await asyncio.to_thread(self._settled, self.clock.now())
        taken = 0
        for path in settled:
            try:
                taken += await self._take(path)
            except OSError as error:
                log.warning("%s can't be taken now: %s", path.name, error.strerror)
            self._seen.pop(path, None)
        return taken

    def _settled(self, now: datetime) -> list[Path]:
        """The files that haven't changed for long enough, oldest first; remembers how the others look now."""
        before, self._seen = self._seen, {}
        settled = []
        for path in self.folder.path.iterdir():
            if path.suffix.lower() not in SUFFIXES or path.name.startswith((".", "~")) or path.is_symlink():
                continue
            if path.name.endswith(_ERRORS_SUFFIX) or not path.is_file():
                continue
            looks = _looks(path)
            since = before[path][1] if path in before and before[path][0] == looks else now
            self._seen[path] = (looks, since)
            if now - since >= timedelta(seconds=self.folder.settle_seconds):
                settled.append((looks[1], path))
        return [path for _, path in sorted(settled)]

    async def _take(self, path: Path) -> bool:
        """Import one settled file, unless its contents went in before. Returns whether it was imported or tried.

        A file with errors is tried again whenever it is dropped again: the configuration may have been corrected.
        """
        digest, looks = await asyncio.to_thread(_digest, path), _looks(path)
        async with self.store.look() as tx:
            known = json.loads(await tx.fact(_FACT + digest) or "null")
        again = known is None or (self.folder.move and not known["clean"])
        if again:
            known = await self._import(path)
            if _looks(path) != looks:
                return False  # it was still being written: the whole of it comes next time
            async with self.store.step() as tx:
                await tx.set_fact(_FACT + digest, json.dumps(known), self.clock.now())
        if self.folder.move:
            await asyncio.to_thread(_move, path, self.folder.path / known["outcome"], digest)
        return again

    async def _import(self, path: Path) -> dict[str, Any]:
        now = self.clock.now()
        try:
            cases = await asyncio.to_thread(self.open_cases, path, now)
            report = await import_cases(self.store, cases, now)
        except UnusableFileError as error:
            log.warning("%s can't be imported; see the report beside it", path.name)
            await asyncio.to_thread(_write_errors, path, f"{path.name}: {error}\n")
            return {"file": path.name, "outcome": FAILED, "clean": False}
        log.info("%s: %d rows imported, %d could not be used", path.name, report.stored, report.bad_rows)
        if report.bad_rows:
            await asyncio.to_thread(_write_errors, path, _as_text(path.name, report))
        nothing_good = report.bad_rows > 0 and report.stored == 0
        return {"file": path.name, "outcome": FAILED if nothing_good else DONE, "clean": not report.bad_rows}


def purge_taken(folder: Path, before: datetime) -> int:
    """Delete what a watcher of `folder` moved, or reported on, before then; returns how many files that was.

    Files that it left in place are the case system's own. Age counts from the move, which is a file's last change of
    status: the contents may be as old as they like.
    """
    moved = [path for name in (DONE, FAILED) for path in (folder / name).glob("*")]
    old = [
        path
        for path in (*moved, *folder.glob(f"*{_ERRORS_SUFFIX}"))
        if path.suffix.lower() in SUFFIXES and path.is_file() and path.stat().st_ctime < before.timestamp()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _as_text(name: str, report: ImportReport) -> str:
    lines = [f"{name}: {report.stored} rows imported, {report.bad_rows} could not be used:"]
    lines += [str(problem) for problem in report.problems]
    if report.bad_rows > len(report.problems):
        lines.append(f"… and {report.bad_rows - len(report.problems)} more")
    return "\n".join(lines) + "\n"


def _looks(path: Path) -> tuple[int, int]:
    """What changes while a file is being written: size and time."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _errors_beside(path: Path) -> Path:
    return path.with_name(path.name + _ERRORS_SUFFIX)


def _write_errors(path: Path, text: str) -> None:
    """Whole or not at all; only for its owner, since it shows values from the file."""
    unfinished = path.with_name(f".{path.name}.tmp")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(text.encode())
    unfinished.replace(_errors_beside(path))


def _move(path: Path, folder: Path, digest: str) -> None:
    """Move the file, its report first; one of the same name gets a part of its hash in its name."""
    folder.mkdir(exist_ok=True)
    target = folder / path.name
    if target.exists():
        target = folder / f"{path.stem}.{digest[:12]}{path.suffix}"
    errors = _errors_beside(path)
    if errors.exists():
        errors.replace(_errors_beside(target))
    path.replace(target)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.strerror}: {error.filename}"
    return str(error)
