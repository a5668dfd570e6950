"""`cases` and `invitations`, as somebody types them."""

import csv
import io
import json
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from omdome.cli import app
from omdome.console import Problem

ROOT = Path(__file__).parents[2]
NORRKOPING = ROOT / "demo" / "norrkoping-2015" / "cases.csv"
CONFIG = """
[telegram]
bot_username = "ExempelOmdomeBot"
[selection]
max_days_since_closed = 0
exclude_units = ["Skolskjuts Färdtjänst"]
"""


class Terminal:
    """Runs commands with a configuration of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.configure(CONFIG)

    def configure(self, text: str) -> None:
        (self.home / "config.toml").write_text(text, encoding="utf-8")

    def run(self, *words: object) -> Result:
        arguments = ["--config", str(self.home / "config.toml"), *map(str, words)]
        return CliRunner().invoke(app, arguments)

    def refusal(self, *words: object, code: int = 2) -> str:
        found = self.run(*words).exception
        assert isinstance(found, Problem)
        assert found.code == code
        return str(found)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_import_tells_what_it_did_and_a_rerun_changes_nothing(terminal: Terminal) -> None:
    first = terminal.run("cases", "import", NORRKOPING)
    assert (first.exit_code, "560 new" in first.stdout) == (0, True)
    again = terminal.run("cases", "import", NORRKOPING)
    assert (again.exit_code, "560 unchanged" in again.stdout) == (0, True)


def test_bad_rows_are_told_and_good_ones_go_in(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_bytes("ärendenummer;avslutat\nA;2026-01-01 08:00\nB;[igår]\n".encode("cp1252"))
    told = terminal.run("cases", "import", file)
    assert told.exit_code == 1
    assert "export.csv (Windows-1252): 2 rows" in told.stdout
    assert 'export.csv, line 3: avslutat "[igår]": write a time such as' in told.stdout
    as_json = json.loads(terminal.run("cases", "import", file, "--json").stdout)
    assert as_json["files"][0]["stored"]["unchanged"] == 1
    assert as_json["files"][0]["problems"][0]["line"] == 3


def test_an_unusable_file_doesnt_keep_out_the_next(terminal: Terminal, tmp_path: Path) -> None:
    empty = tmp_path / "tom.csv"
    empty.touch()
    told = terminal.run("cases", "import", empty, tmp_path / "nowhere.csv", NORRKOPING)
    assert told.exit_code == 2
    assert "tom.csv: the file is empty" in told.stdout
    assert "nowhere.csv: can't be read: No such file" in told.stdout
    assert "560 new" in told.stdout


def test_a_dry_run_stores_nothing(terminal: Terminal) -> None:
    told = terminal.run("cases", "import", "--dry-run", NORRKOPING)
    assert (told.exit_code, "560 can be imported" in told.stdout) == (0, True)
    assert not (terminal.home / "data").exists()


def test_the_format_can_be_said(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "export.dat"
    file.write_text('{"case_id": "A", "closed_at": "2026-01-01T08:00"}\n')
    assert terminal.run("cases", "import", file).exit_code == 2
    assert "1 new" in terminal.run("cases", "import", "--format", "jsonl", file).stdout


def test_decide_tells_reasons(terminal: Terminal) -> None:
    terminal.run("cases", "import", NORRKOPING)
    told = terminal.run("cases", "decide").stdout
    assert "500 asked" in told
    assert "60 not asked: excluded unit" in told
    assert json.loads(terminal.run("cases", "decide", "--json").stdout)["asked"] == 0
    assert "write a local time" in terminal.refusal("cases", "decide", "--now", "imorgon")


def test_a_draw_is_listed_and_can_be_redrawn(terminal: Terminal) -> None:
    terminal.configure(CONFIG + 'method = "fixed"\nnumber = 5\nseed = "2015"\n')
    terminal.run("cases", "import", NORRKOPING)
    early = json.loads(terminal.run("cases", "decide", "--json", "--now", "2015-08-31T23:59").stdout)
    assert (early["asked"], early["waiting"]) == (0, 500)
    assert "15 asked" in terminal.run("cases", "decide", "--now", "2015-09-01T00:00").stdout
    draws = json.loads(terminal.run("cases", "draws", "--json").stdout)
    assert [(draw["period"], draw["drawn"], draw["seed"]) for draw in draws] == [("2015-08", 5, "2015")] * 3
    assert draws[0]["frame_hash"][:12] in terminal.run("cases", "draws").stdout
    assert terminal.run("cases", "redraw", 1, "--check").exit_code == 0
    keys = terminal.run("cases", "redraw", 1).stdout.splitlines()
    assert len(keys) == 5
    assert all("\t2015-0" in key for key in keys)
    assert "there is no draw 9" in terminal.refusal("cases", "redraw", 9)


def test_links_are_exported_for_the_closing_letter(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("case_id,closed_at\n=1+1,2026-01-01 08:00\nB/1,2026-01-01 08:00\nB-1,2026-01-01 08:00\n")
    terminal.run("cases", "import", file)
    terminal.run("cases", "decide")
    rows = list(csv.DictReader(io.StringIO(terminal.run("invitations", "export").stdout)))
    assert {row["case_id"] for row in rows} == {"'=1+1", "B/1", "B-1"}
    assert all(row["link"].startswith("https://t.me/ExempelOmdomeBot?start=") for row in rows)
    assert rows[0]["closed_at"] == "2026-01-01T08:00:00+01:00"
    folder = tmp_path / "brev"
    assert terminal.run("invitations", "export", "--out", folder, "--qr", "svg").exit_code == 0
    listed = list(csv.DictReader((folder / "invitations.csv").read_text().splitlines()))
    assert len({row["qr"] for row in listed}) == 3
    for row in listed:
        image = folder / row["qr"]
        assert image.read_bytes().startswith(b"<?xml")
        assert os.name != "posix" or stat.S_IMODE(image.stat().st_mode) == 0o600
    assert terminal.run("invitations", "export", "--since", "2100-01-01").stdout.count("\n") == 1


def test_links_that_can_not_be_made(terminal: Terminal) -> None:
    assert "needs a folder" in terminal.refusal("invitations", "export", "--qr", "png")
    assert "write a day" in terminal.refusal("invitations", "export", "--since", "igår")
    terminal.configure("")
    assert "[telegram] bot_username is set: a link would lead nowhere" in terminal.refusal("invitations", "export")


def test_links_lead_to_the_survey_page_where_there_is_one(terminal: Terminal, tmp_path: Path) -> None:
    terminal.configure(CONFIG + '[web]\npublic_url = "https://omdome.example.se/"\n')
    file = tmp_path / "a.csv"
    file.write_text("case_id,closed_at\nB-1,2026-01-01 08:00\n")
    terminal.run("cases", "import", file)
    terminal.run("cases", "decide")
    (row,) = csv.DictReader(io.StringIO(terminal.run("invitations", "export").stdout))
    assert row["link"].startswith("https://omdome.example.se/s/")
    token = row["link"].rpartition("/")[2]
    assert row["telegram_link"] == f"https://t.me/ExempelOmdomeBot?start={token}"
    assert list(row) == ["case_id", "closed_at", "link", "expires", "telegram_link"]


def test_how_a_customer_was_turned_to(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("case_id,closed_at,email\nB-1,2026-01-01 08:00,kund@example.org\n")
    terminal.run("cases", "import", file)
    assert "not decided yet" in terminal.run("invitations", "show", "B-1").stdout
    terminal.run("cases", "decide")
    with closing(sqlite3.connect(terminal.home / "data" / "omdome.db")) as database, database:
        database.execute(
            "INSERT INTO contact_attempts (invitation_id, way, purpose, at, outcome, detail) "
            "VALUES (1, 'mail', 'invitation', '2026-01-02 08:00:00.000000', 'dead_address', '550 5.1.1')"
        )
    told = terminal.run("invitations", "show", "B-1").stdout
    assert "2026-01-02T09:00+01:00  mail  invitation  dead address (550 5.1.1)" in told
    assert "open until" in told
    assert "kund@" not in told
    (found,) = json.loads(terminal.run("invitations", "show", "B-1", "--json").stdout)
    assert found["attempts"][0]["outcome"] == "dead_address"
    assert "there is no case B-2" in terminal.refusal("invitations", "show", "B-2", code=1)


def test_the_real_command_line_survives_a_terminal_without_swedish_letters(terminal: Terminal) -> None:
    command = [sys.executable, "-m", "omdome", "cases", "import", "--dry-run", NORRKOPING]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "OMDOME_CONFIG": str(terminal.home / "config.toml")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=60, check=True)
    assert b"560 rows" in done.stdout
