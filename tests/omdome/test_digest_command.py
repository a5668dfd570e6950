"""`omdome digest`: looked at, written, opened and sent; and what it refuses."""

import asyncio
import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from omdome.cli import app
from omdome.console import Problem
from tests.omdome.conftest import Installation
from tests.omdome.test_operations import MANAGERS, NOW, one_answered_case, opened


@pytest.fixture
def omdome(installation: Installation, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OMDOME_CONFIG", str(installation.folder / "config.toml"))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    return run


@pytest.fixture
def answered(installation: Installation) -> Installation:
    async def fill() -> None:
        async with opened(installation) as application:
            await one_answered_case(application)

    asyncio.run(fill())
    return installation


@pytest.fixture
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands on the Monday after the answered week."""
    monkeypatch.setattr("omdome.wiring.SystemClock.now", lambda _: NOW + timedelta(days=5))


@pytest.mark.usefixtures("monday")
def test_a_digest_is_looked_at_written_and_sent_once(answered: Installation, omdome) -> None:
    answered.configure(MANAGERS)
    shown = omdome("digest", "--week", "2026-W47", "--dry-run")
    assert shown.exit_code == 0
    assert "Vecka 47" in shown.output
    figures = json.loads(omdome("digest", "--week", "2026-W47", "--json").output)
    assert figures["week"] == "2026-W47"
    for ending in ("html", "txt", "json", "xlsx", "csv", "png"):
        file = answered.folder / f"digest.{ending}"
        assert omdome("digest", "--week", "2026-W47", "--to", str(file)).exit_code == 0
        assert file.stat().st_size > 100
    assert "Ledningen: in the outbox" in omdome("digest", "--week", "2026-W47", "--send").output
    assert "has been given 2026-W47 already" in omdome("digest", "--week", "2026-W47", "--send").output
    assert isinstance(omdome("digest", "--week", "47").exception, Problem)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--week", "2026-W48"), "2026-W48 doesn't begin until 2026-11-23"),
        (("--week", "9999-W52"), "'9999-W52' is no ISO week"),
        (("--week", "2026-W47", "--send"), "2026-W47 isn't over until 2026-11-22 is"),
    ],
)
def test_no_digest_is_made_of_the_future(
    answered: Installation, omdome, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    answered.configure(MANAGERS)
    monkeypatch.setattr("omdome.wiring.SystemClock.now", lambda _: NOW)
    refused = omdome("digest", *arguments)
    assert isinstance(refused.exception, Problem)
    assert message in str(refused.exception)


def test_an_unfinished_week_may_be_looked_at_and_says_so(
    answered: Installation, omdome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omdome.wiring.SystemClock.now", lambda _: NOW)
    assert "siffrorna är preliminära" in " ".join(omdome("digest", "--week", "2026-W47").output.split())
    assert json.loads(omdome("digest", "--week", "2026-W47", "--json").output)["preliminary"] is True


@pytest.mark.usefixtures("monday")
@pytest.mark.parametrize(("unit", "known"), [(" gata", True), ("Gator", False)])
def test_a_recipients_unit_that_no_case_is_of_is_pointed_out(
    answered: Installation, omdome, unit: str, known: bool
) -> None:
    answered.configure(f'{MANAGERS}units = ["{unit}"]\n')
    shown = omdome("digest", "--recipient", "Ledningen")
    assert ("no case of the unit 'Gator' has been seen" in shown.stderr) is not known
    assert ("Inga kunder svarade" in shown.stdout) is not known


@pytest.mark.usefixtures("monday")
def test_a_digest_opens_in_the_browser_from_a_file_for_its_owner_alone(
    answered: Installation, omdome, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda page: not pages.append(page))
    assert omdome("digest", "--week", "2026-W47", "--open").exit_code == 0
    (page,) = (Path(each.removeprefix("file://")) for each in pages)
    assert "<html" in page.read_text(encoding="utf-8")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    page.unlink()
    page.parent.rmdir()
