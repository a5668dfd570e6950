"""A year's cases (Skellefteå's 83,000) through the real CSV path, against a bare `sqlite3` executemany."""

import asyncio
import csv
import itertools
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

CASES = 83_000
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Stockholm")
HEADER = (
    *("case_id", "opened_at", "closed_at", "department", "unit", "subject", "handler", "handler_email"),
    *("contractor", "intake_channel", "customer_type", "phone", "email", "language"),
)


def write_cases(path: Path, number: int = CASES) -> None:
    """An invented year: every third has a phone number (of the series reserved for fiction)."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for n in range(number):
            closed = NOW - timedelta(days=365) + timedelta(seconds=380 * n)
            handler = f"handlaggare{n % 60:02}"
            writer.writerow(
                (
                    f"SK-2026-{n:06}",
                    (closed - timedelta(days=n % 30)).strftime("%Y-%m-%d %H:%M"),
                    closed.strftime("%Y-%m-%d %H:%M"),
                    "Samhällsbyggnad",
                    f"Enhet {n % 12}",
                    ("Potthål", "Trasig gatubelysning", "Snöröjning")[n % 3],
                    handler,
                    f"{handler}@example.org",
                    "",
                    "telefon",
                    ("medborgare", "företag")[n % 5 == 0],
                    f"070-174 06 {5 + n % 95:02}" if n % 3 == 0 else "",
                    f"kund{n:06}@example.net",
                    "sv",
                )
            )


def bare(source: Path, database: Path) -> float:
    """Seconds for csv.reader → executemany into one table with the same key, in one transaction, as text."""
    started = time.perf_counter()
    connection = sqlite3.connect(database)
    connection.execute(f"CREATE TABLE cases ({', '.join(HEADER)}, UNIQUE (case_id, closed_at))")
    with source.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        next(rows)
        connection.executemany(f"INSERT INTO cases VALUES ({', '.join('?' * len(HEADER))})", rows)
    connection.commit()
    connection.close()
    return time.perf_counter() - started


def read_only(source: Path) -> float:
    """Seconds to read and check every row, without storing."""
    from intake.columns import DEFAULT_COLUMNS
    from intake.files import open_cases
    from intake.rows import RowRules

    started = time.perf_counter()
    count = sum(1 for _ in open_cases(source, DEFAULT_COLUMNS, RowRules(zone=ZONE, now=NOW)))
    assert count == CASES
    return time.perf_counter() - started


async def real(source: Path, database: Path) -> tuple[float, float, float]:
    """Seconds for the import, for the same again, and for deciding about all."""
    from intake.columns import DEFAULT_COLUMNS
    from intake.files import open_cases
    from intake.rows import RowRules
    from models.selection import SelectionPolicy
    from storage.database import open_store
    from workflow.intake import import_cases
    from workflow.selecting import InvitationPolicy, decide_cases

    rules = RowRules(zone=ZONE, now=NOW)
    store = await open_store(f"sqlite:///{database}", ZONE)
    times = [time.perf_counter()]
    for _ in range(2):
        report = await import_cases(store, open_cases(source, DEFAULT_COLUMNS, rules), NOW)
        assert (report.stored, report.bad_rows) == (CASES, 0)
        times.append(time.perf_counter())
    decided = await decide_cases(store, SelectionPolicy(), InvitationPolicy(zone=ZONE), NOW)
    assert decided.decided == CASES
    times.append(time.perf_counter())
    await store.close()
    first, second, third = (after - before for before, after in itertools.pairwise(times))
    return first, second, third


_IMPORT = """
import asyncio, sys, tempfile
from pathlib import Path
import bench.intake as b, intake.files, storage.database, workflow.intake
from intake.columns import DEFAULT_COLUMNS
from intake.rows import RowRules

async def main(folder):
    store = await storage.database.open_store(f"sqlite:///{folder}/m.db", b.ZONE)
    for path in sys.argv[1:]:
        rows = intake.files.open_cases(Path(path), DEFAULT_COLUMNS, RowRules(zone=b.ZONE, now=b.NOW))
        await workflow.intake.import_cases(store, rows, b.NOW)
    await store.close()

with tempfile.TemporaryDirectory() as folder:
    asyncio.run(main(folder))
print(b.peak_megabytes())
"""


def peak_megabytes() -> float:
    """The most that this process has had in memory; its parent's share is not in it where the system can say so."""
    try:
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1e3
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def memory(*sources: Path) -> float:
    """Peak MB of a fresh process that imports these files."""
    command = [sys.executable, "-c", _IMPORT, *map(str, sources)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "year.csv"
        write_cases(source)
        print(f"{CASES:,} cases, {source.stat().st_size / 1e6:.1f} MB of CSV")
        reading = read_only(source)
        first, again, deciding = asyncio.run(real(source, Path(folder) / "real.db"))
        plain = min(bare(source, Path(folder) / f"bare{n}.db") for n in range(3))
        print(f"bare csv + executemany        {plain:6.2f} s   1.0")
        for name, seconds in (
            ("reading and checking alone", reading),
            ("import", first),
            ("the same again (no changes)", again),
            ("deciding (see below)", deciding),
        ):
            print(f"{name:29} {seconds:6.2f} s  {seconds / plain:4.1f}   {CASES / seconds:,.0f}/s")
        # only 95 phone numbers may be invented here, so one respondent has hundreds of cases: hard work for the cap
        print(f"deciding: {CASES / 3:,.0f} cases share 95 phone numbers, which no real year does")
        small = Path(folder) / "day.csv"
        write_cases(small, 250)
        print(f"peak memory: {memory(source):.0f} MB; importing a day's 250 cases {memory(small):.0f} MB")


if __name__ == "__main__":
    main()
