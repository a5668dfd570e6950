"""Storage: what a digest reads with and without the rollup, and how fast closed cases come in.

`python -m bench storage [--large]`; `--large` adds 10⁷ answers (some 4 GB of disk).
"""

import asyncio
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import text

from models.case import ClosedCase, CustomerType
from models.counts import IsoWeek
from models.queues import OutboxKind
from models.rating import Rating
from models.selection import Decision
from models.survey import Answer, Channel, Invitation
from storage.closure_rows import values_of
from storage.database import SqlStore, open_store
from storage.rollup import recount, week_number
from storage.tables import answers
from storage.transaction import SqlTransaction

NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)
CASES = 83_000  # Skellefteå's year
WEEKS = [IsoWeek.of(date(2026, 11, 16)).shifted(-n) for n in range(260)]
QUESTIONS = ("bemötande", "tillgänglighet", "leverans")
UNITS = [f"Enhet {n}" for n in range(40)]
FIRST, LAST = WEEKS[26], WEEKS[0]  # a digest's 27 weeks
STEP = 5000  # cases stored in one transaction


def main() -> None:
    sizes = [10**5, 10**6] + ([10**7] if "--large" in sys.argv else [])
    with tempfile.TemporaryDirectory(prefix="omdome-bench-") as directory:
        asyncio.run(_measure(Path(directory), sizes))


async def _measure(directory: Path, sizes: list[int]) -> None:
    await _import(directory)
    await _answering(directory)
    print(f"\n{'27 weeks over':>14} {'rollup':>10} {'index':>10} {'scan':>10} {'claim':>10} {'file':>9} {'memory':>9}")
    for size in sizes:
        await _digest(directory, size)


# --- closed cases in ---------------------------------------------------------------------------------------------


async def _import(directory: Path) -> None:
    cases = [_case(number) for number in range(CASES)]
    columns = {name: value for name, value in values_of(cases[0]).items() if name != "digest"}
    rows = [tuple(str(getattr(case, name)) for name in columns) for case in cases]
    bare, indexed, new, again = [], [], [], []
    for _ in range(2):
        bare.append(_bare_import(directory / "bare.sqlite", list(columns), rows))
        indexed.append(await _indexed_import(directory / "indexed.sqlite", cases))
        store = await _empty(directory / "cases.sqlite")
        new.append(await _put(store, cases))
        again.append(await _put(store, cases))
        await store.close()
    # of the processor's seconds: others may be using the machine
    best = min(bare)[0]
    print(f"{CASES:,} closed cases                     CPU s   ratio  clock s")
    for name, runs in (
        ("sqlite3 executemany, no index", bare),
        ("sqlite3 executemany, our table", indexed),
        ("put_cases, new", new),
        ("put_cases, the same again", again),
    ):
        print(f"  {name:32} {min(runs)[0]:7.2f} {min(runs)[0] / best:7.1f} {min(runs)[1]:8.2f}")


class _Stopwatch:
    def __init__(self) -> None:
        self._begun = time.process_time(), time.perf_counter()

    def read(self) -> tuple[float, float]:
        """Seconds of the processor and of the clock."""
        return time.process_time() - self._begun[0], time.perf_counter() - self._begun[1]


def _bare_import(file: Path, columns: list[str], rows: list[tuple[str, ...]]) -> tuple[float, float]:
    _remove(file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"CREATE TABLE closures (id INTEGER PRIMARY KEY, {', '.join(columns)})")
        watch = _Stopwatch()
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO closures ({', '.join(columns)}) VALUES ({marks})", rows)
        connection.commit()
        return watch.read()


async def _indexed_import(file: Path, cases: list[ClosedCase]) -> tuple[float, float]:
    await (await _empty(file)).close()
    when = "2026-11-17 12:00:00.000000"
    values = [{**values_of(case), "stored_at": when} for case in cases]
    rows = [tuple(str(value) for value in each.values()) for each in values]
    with closing(sqlite3.connect(file)) as connection:
        watch = _Stopwatch()
        marks = ", ".join("?" * len(values[0]))
        connection.executemany(f"INSERT INTO closures ({', '.join(values[0])}) VALUES ({marks})", rows)
        connection.commit()
        return watch.read()


async def _put(store: SqlStore, cases: list[ClosedCase]) -> tuple[float, float]:
    watch = _Stopwatch()
    for start in range(0, len(cases), STEP):
        async with store.step() as transaction:
            await transaction.put_cases(cases[start : start + STEP], NOW)
    return watch.read()


def _case(number: int) -> ClosedCase:
    return ClosedCase(
        case_id=f"SK-{number}",
        closed_at=NOW - timedelta(minutes=number),
        opened_at=NOW - timedelta(minutes=number, days=9),
        department="Samhällsbyggnad",
        unit=UNITS[number % len(UNITS)],
        subject="Hål i vägen",
        handler=f"Handläggare {number % 90}",
        handler_mail=f"h{number % 90}@example.se",
        intake_channel="telefon",
        customer_type=CustomerType.MEDBORGARE,
        phone="+46701740605",
        mail=f"kund{number}@example.org",
    )


# --- answers in --------------------------------------------------------------------------------------------------


async def _answering(directory: Path) -> None:
    """What keeping the rollup costs an answer, as the difference to storing it without."""
    store = await _empty(directory / "answers.sqlite")
    async with store.step() as transaction:
        await transaction.put_cases([_case(number) for number in range(4000)], NOW)
        cases = await transaction.undecided(4000)
        await transaction.decide([Decision(each.id, None) for each in cases], NOW)
        invited = await transaction.put_invitations([_invitation(each.id) for each in cases])
    with_rollup = await _answer(store, invited[:2000])
    kept, SqlTransaction._shift_cells = SqlTransaction._shift_cells, _no_rollup  # type: ignore[method-assign]
    without = await _answer(store, invited[2000:])
    SqlTransaction._shift_cells = kept  # type: ignore[method-assign]
    await store.close()
    print(f"\none put_answer: {with_rollup:.2f} ms, of which the rollup {with_rollup - without:.2f} ms")


async def _answer(store: SqlStore, invited: list[Invitation]) -> float:
    begun = time.perf_counter()
    async with store.step() as transaction:
        for invitation in invited:
            await transaction.put_answer(
                Answer(
                    invitation_id=invitation.id,
                    question="leverans",
                    rating=Rating.BRA,
                    reply="bra",
                    confidence=1.0,
                    channel=Channel.CHAT,
                    received_at=NOW,
                )
            )
    return (time.perf_counter() - begun) * 1000 / len(invited)


async def _no_rollup(*_: object) -> None:
    pass


def _invitation(case_number: int) -> Invitation:
    return Invitation(
        id=0,
        case_number=case_number,
        token=f"{case_number:022}",
        language="sv",
        created_at=NOW,
        expires_at=NOW + timedelta(days=14),
    )


# --- the digest --------------------------------------------------------------------------------------------------


async def _digest(directory: Path, size: int) -> None:
    file = directory / f"{size}.sqlite"
    store = await _empty(file)
    _fill(file, size)
    async with store.step() as transaction:
        await transaction.verify_rollup(repair=True)
    by_week = recount().where(answers.c.week.between(week_number(FIRST), week_number(LAST)))

    async def rollup() -> None:
        async with store.look() as transaction:
            await transaction.answer_counts(FIRST, LAST)

    async def counted() -> None:
        async with store.look() as transaction:
            (await transaction._db.execute(by_week)).all()  # type: ignore[attr-defined]

    async def claim() -> None:
        async with store.step() as transaction:
            await transaction.claim([OutboxKind.TELEGRAM], NOW, timedelta(0), 10)

    read = await _milliseconds(rollup, 5)
    scanned = await _milliseconds(counted, 1)
    async with store.step() as transaction:
        await transaction._db.execute(text("CREATE INDEX bench_week ON answers (week)"))  # type: ignore[attr-defined]
        await transaction._db.execute(text("ANALYZE answers"))  # type: ignore[attr-defined]
    indexed = await _milliseconds(counted, 1)
    claimed = await _milliseconds(claim, 5)
    await store.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{size:>14,} {read:7.1f} ms {indexed:7.0f} ms {scanned:7.0f} ms {claimed:7.1f} ms "
        f"{_size(file):6.0f} MB {memory:6.0f} MB",
        flush=True,
    )


async def _milliseconds(work: Callable[[], Awaitable[None]], times: int) -> float:
    """The fastest of some runs."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        await work()
        found.append(time.perf_counter() - begun)
    return min(found) * 1000


def _fill(file: Path, size: int) -> None:
    """`size` answers of five years, and as many finished messages, past all that keeps them right: that is counted."""
    surveys = size // len(QUESTIONS)
    when = "2026-11-17 12:00:00.000000"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany(
            "INSERT INTO closures (id, case_id, closed_at, department, unit, customer_type, intake_channel,"
            " auto_closed, digest, stored_at, decided_at)"
            " VALUES (?, ?, ?, 'SBK', ?, 'medborgare', 'telefon', 0, '', ?, ?)",
            ((n, f"SK-{n}", when, UNITS[n % len(UNITS)], when, when) for n in range(1, surveys + 1)),
        )
        connection.executemany(
            "INSERT INTO invitations (id, closure_id, token, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
            ((n, n, f"{n:022}", when, when) for n in range(1, surveys + 1)),
        )
        connection.executemany(
            "INSERT INTO answers (invitation_id, question, position, rating, reply, confidence, channel, first_at,"
            " received_at, week, source, engine) VALUES (?, ?, 1, ?, 'bra', 1.0, 'chat', ?, ?, ?, '', '')",
            _answers(surveys, when),
        )
        connection.executemany(
            "INSERT INTO outbox (kind, key, payload, due_at, state) VALUES ('telegram', ?, '{}', ?, ?)",
            ((f"m{n}", when, "done" if n > 10 else "waiting") for n in range(surveys)),
        )
        connection.commit()


def _answers(surveys: int, when: str) -> Iterator[tuple[int, str, str, str, str, int]]:
    chance = random.Random(5)
    weeks = [week_number(week) for week in WEEKS]
    ratings = [rating.value for rating in Rating]
    for survey in range(1, surveys + 1):
        week = chance.choice(weeks)
        for question in QUESTIONS:
            yield survey, question, chance.choice(ratings), when, when, week


def _size(file: Path) -> float:
    return file.stat().st_size / 2**20


async def _empty(file: Path) -> SqlStore:
    _remove(file)
    return await open_store(f"sqlite:///{file}", ZoneInfo("Europe/Stockholm"))


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
