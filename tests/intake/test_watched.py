"""The watched folder: nothing is taken too early, twice, or lost."""

import asyncio
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from intake.columns import DEFAULT_COLUMNS
from intake.files import CaseFile, open_cases
from intake.rows import RowRules
from intake.watched import WatchedFolder, Watcher, purge_taken
from storage.database import SqlStore

ZONE = ZoneInfo("Europe/Stockholm")
GOOD = "case_id,closed_at\nA,2026-11-01 08:00\nB,2026-11-01 09:00\n"


@dataclass
class Clock:
    time: datetime = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


class Killed(BaseException):
    """Passes every `except Exception`, as a kill would."""


class Folder:
    def __init__(self, path: Path, store: SqlStore, **settings: object) -> None:
        self.path, self.store, self.clock = path, store, Clock()
        path.mkdir()
        folder = WatchedFolder(path=path, **settings)  # type: ignore[arg-type]
        self.watcher = Watcher(folder, store, self.clock, self.open)

    def open(self, path: Path, now: datetime) -> CaseFile:
        return open_cases(path, DEFAULT_COLUMNS, RowRules(zone=ZONE, now=now))

    def drop(self, content: str, name: str = "natt.csv") -> Path:
        path = self.path / name
        path.write_text(content)
        return path

    async def scan_twice(self) -> int:
        """Look, wait longer than files take to settle, look again."""
        first = await self.watcher.scan()
        self.clock.time += timedelta(seconds=11)
        return first + await self.watcher.scan()

    def restart(self) -> None:
        self.watcher = Watcher(self.watcher.folder, self.store, self.clock, self.open)

    def names(self) -> list[str]:
        return sorted(str(each.relative_to(self.path)) for each in self.path.rglob("*") if each.is_file())

    async def stored(self) -> list[str]:
        async with self.store.look() as tx:
            return [found.case.case_id for found in await tx.undecided(100)]


@pytest.fixture
def folder(tmp_path: Path, store: SqlStore) -> Folder:
    return Folder(tmp_path / "in", store)


async def test_a_file_is_imported_when_it_has_settled_and_moved_away(folder: Folder) -> None:
    folder.drop(GOOD)
    assert await folder.watcher.scan() == 0
    assert await folder.scan_twice() == 1
    assert (await folder.stored(), folder.names()) == (["A", "B"], ["done/natt.csv"])
    assert await folder.scan_twice() == 0


async def test_a_file_that_is_still_written_waits(folder: Folder) -> None:
    folder.drop(GOOD)
    await folder.watcher.scan()
    folder.clock.time += timedelta(seconds=11)
    folder.drop(GOOD + "C,2026-11-01 10:00\n")
    assert await folder.watcher.scan() == 0
    assert await folder.scan_twice() == 1
    assert await folder.stored() == ["A", "B", "C"]


async def test_a_file_that_grows_while_it_is_read_is_taken_again(folder: Folder) -> None:
    path = folder.drop(GOOD)

    def growing(found: Path, now: datetime) -> CaseFile:
        cases = folder.open(found, now)
        with path.open("a") as stream:
            stream.write("C,2026-11-01 10:00\n")
        folder.watcher.open_cases = folder.open
        return cases

    folder.watcher.open_cases = growing
    assert await folder.scan_twice() == 0
    assert await folder.scan_twice() == 1
    assert (await folder.stored(), folder.names()) == (["A", "B", "C"], ["done/natt.csv"])


@pytest.mark.parametrize("name", ["natt.csv.part", "natt.tmp", ".natt.csv", "~natt.csv", "läsmig.md", "x.errors.txt"])
async def test_other_files_are_left_alone(folder: Folder, name: str) -> None:
    folder.drop(GOOD, name)
    (folder.path / "mapp.csv").mkdir()
    assert await folder.scan_twice() == 0
    assert folder.names() == [name]


async def test_bad_rows_get_a_report_beside_the_file(folder: Folder) -> None:
    folder.drop(GOOD + "C,igår\n")
    await folder.scan_twice()
    assert folder.names() == ["done/natt.csv", "done/natt.csv.errors.txt"]
    report = folder.path / "done" / "natt.csv.errors.txt"
    assert report.read_text().startswith("natt.csv: 2 rows imported, 1 could not be used:\nnatt.csv, line 4: closed_at")
    assert os.name != "posix" or stat.S_IMODE(report.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "namn;stad\nA;B\n", "case_id,closed_at\nA,igår\n"])
async def test_an_unusable_file_fails_and_doesnt_hold_up_the_others(folder: Folder, content: str) -> None:
    folder.drop(content, "a.csv")
    folder.drop(GOOD, "b.csv")
    assert await folder.scan_twice() == 2
    assert folder.names() == ["done/b.csv", "failed/a.csv", "failed/a.csv.errors.txt"]


async def test_the_same_contents_under_another_name_are_not_imported_again(folder: Folder) -> None:
    folder.drop(GOOD)
    await folder.scan_twice()
    folder.drop(GOOD, "igen.csv")
    assert await folder.scan_twice() == 0
    assert folder.names() == ["done/igen.csv", "done/natt.csv"]


async def test_the_same_name_with_other_contents_keeps_both(folder: Folder) -> None:
    folder.drop(GOOD)
    await folder.scan_twice()
    folder.drop(GOOD.replace("A", "C"))
    await folder.scan_twice()
    assert len([name for name in folder.names() if name.startswith("done/natt.")]) == 2
    assert await folder.stored() == ["A", "B", "C"]


async def test_a_failed_file_may_be_tried_again(folder: Folder) -> None:
    """The file is as it was, but the configuration knows its columns now."""
    bad = folder.drop("nr,closed_at\nA,2026-11-01 08:00\n")
    await folder.scan_twice()
    (folder.path / "failed" / "natt.csv").rename(bad)
    columns = {**DEFAULT_COLUMNS, "case_id": ["nr"]}
    folder.watcher.open_cases = lambda path, now: open_cases(path, columns, RowRules(zone=ZONE, now=now))
    assert await folder.scan_twice() == 1
    assert (await folder.stored(), "done/natt.csv" in folder.names()) == (["A"], True)


async def test_what_was_taken_is_kept_for_a_while_and_then_deleted(folder: Folder) -> None:
    folder.drop(GOOD)
    folder.drop("case_id,closed_at\nA,igår\n", "fel.csv")
    await folder.scan_twice()
    folder.drop(GOOD, "ny.csv")
    (folder.path / "done" / "anteckning.md").write_text("inte vår")
    assert len(folder.names()) == 5
    now = datetime.now(UTC)  # the file system's clock
    assert purge_taken(folder.path, now - timedelta(days=1)) == 0
    assert purge_taken(folder.path, now + timedelta(days=1)) == 3
    assert folder.names() == ["done/anteckning.md", "ny.csv"]


async def test_files_can_be_left_in_place(tmp_path: Path, store: SqlStore) -> None:
    folder = Folder(tmp_path / "in", store, move=False)
    folder.drop(GOOD)
    folder.drop("", "tom.csv")
    assert await folder.scan_twice() == 2
    folder.restart()
    assert await folder.scan_twice() == 0
    assert folder.names() == ["natt.csv", "tom.csv", "tom.csv.errors.txt"]


@pytest.mark.parametrize("crash_at", ["put_cases", "set_fact", "move"])
async def test_killed_anywhere_it_goes_on_and_imports_once(
    folder: Folder, crash_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.drop(GOOD + "C,igår\n")

    def crash(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        if crash_at == "move":
            patched.setattr("intake.watched._move", crash)
        else:
            patched.setattr(f"storage.transaction.SqlTransaction.{crash_at}", crash)
        with pytest.raises(Killed):
            await folder.scan_twice()
    folder.restart()
    await folder.scan_twice()
    assert (await folder.stored(), folder.names()) == (["A", "B"], ["done/natt.csv", "done/natt.csv.errors.txt"])


async def test_watching_survives_a_missing_folder(folder: Folder, caplog: pytest.LogCaptureFixture) -> None:
    folder.path.rmdir()
    task = asyncio.create_task(folder.watcher.watch(0.01))
    await asyncio.sleep(0.05)
    assert not task.done()
    assert "No such file" in caplog.text
    folder.path.mkdir()
    folder.drop(GOOD)
    folder.clock.time += timedelta(seconds=1)
    for _ in range(200):
        folder.clock.time += timedelta(seconds=11)
        await asyncio.sleep(0.01)
        if folder.names() == ["done/natt.csv"]:
            break
    task.cancel()
    assert folder.names() == ["done/natt.csv"]
