"""What is in deploy/ fits the program: paths, variables, settings."""

import configparser
import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from omdome.config import CHECKOUT, parse_config
from omdome.credentials import Credentials, variable

DEPLOY = CHECKOUT / "deploy"
UNIT = (DEPLOY / "omdome.service").read_text(encoding="utf-8")
VARIABLES = {variable(field.name) for field in fields(Credentials)}


def test_the_unit_offers_every_secret_as_a_credential() -> None:
    offered = re.findall(r"^#?Environment=(OMDOME_\w+)_FILE=%d/([\w-]+)$", UNIT, flags=re.MULTILINE)
    loaded = re.findall(r"^#?LoadCredential=([\w-]+):/etc/omdome/\1$", UNIT, flags=re.MULTILINE)
    assert {name for name, _ in offered} == VARIABLES
    assert [file for _, file in offered] == loaded
    telegrams, ours = (dict(offered)[f"OMDOME_{name}_SECRET"] for name in ("TELEGRAM_WEBHOOK", "WEBHOOK"))
    assert (telegrams, ours) == ("telegram-webhook-secret", "webhooks-secret"), "names that can't be mixed up"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd isn't installed here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "omdome.service"
    here = UNIT.replace("/opt/omdome/.venv/bin/python", "/bin/true")
    unit.write_text(here, encoding="utf-8")
    told = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, timeout=30, check=False)
    assert "omdome.service" not in told.stderr


def test_the_unit_waits_longer_than_the_program_needs_to_finish() -> None:
    told = configparser.RawConfigParser(strict=False, interpolation=None)
    told.read_string(UNIT)
    assert told.getint("Service", "TimeoutStopSec") > parse_config("").workers.grace_seconds + 20
    assert told.get("Service", "RestartPreventExitStatus") == "2"


def test_every_room_and_no_data_gets_into_the_image() -> None:
    kept = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    rooms = {path.parent.name for path in CHECKOUT.glob("*/__init__.py")} - {"tests", "bench", "tools"}
    assert {f"!{room}" for room in rooms} <= set(kept)
    assert "!locales" in kept
    assert kept[1] == "*"
    for line in kept:
        if line.startswith("!"):
            assert (CHECKOUT / line[1:]).exists(), line


def test_operations_tells_of_every_secret_and_of_settings_that_exist() -> None:
    text = (CHECKOUT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert (
        set(re.findall(r"OMDOME_(?:TELEGRAM|API|SMTP|BOUNCES|SIP|SMS|WEBHOOK|DATABASE)_[A-Z_]+[A-Z]", text))
        == VARIABLES
    )
    for block in re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL):
        parse_config(block)


def headings(document: str) -> set[str]:
    text = (CHECKOUT / "docs" / document).read_text(encoding="utf-8")
    return {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    }


@pytest.mark.parametrize("document", sorted(path.name for path in (CHECKOUT / "docs").glob("*.md")))
def test_links_and_anchors_in_the_documents_lead_somewhere(document: str) -> None:
    text = (CHECKOUT / "docs" / document).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("http"):
            continue
        file, _, anchor = target.partition("#")
        assert (CHECKOUT / "docs" / (file or document)).exists(), target
        assert not anchor or anchor in headings(file or document), target
