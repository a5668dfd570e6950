"""The log is structured, and nothing that belongs to a person or opens a door gets through."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from omdome.logs import redacted, start_logging
from omdome.settings import Log

BOT_TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
INVITATION = "mB3kq9XvT2eR7yLw0aZp5Q"


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield root
    root.handlers, root.level = handlers, level


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"POST https://api.telegram.org/bot{BOT_TOKEN}/getMe", "POST https://api.telegram.org/bot‹token›/getMe"),
        ("mailbox karin.a+x@kund.example.net unknown", "mailbox ‹mail› unknown"),
        ("call +46701740605 now", "call ‹phone› now"),
        ("call 070-174 06 05, please", "call ‹phone›, please"),
        ("call 0046 70 174 06 05", "call ‹phone›"),
        ("number 19121212-1212 and 121212+1212", "number ‹number› and ‹number›"),
        (f"/start {INVITATION}", "/start ‹token›"),
    ],
)
def test_what_belongs_to_a_person_is_taken_out(text: str, clean: str) -> None:
    assert redacted(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "update 874512345 failed, attempt 3 (OperationalError)",
        "2026-11-21T15:04:05.123456+00:00 listening on 127.0.0.1:8080",
        "digest 2026-W47 queued for 3 recipients at 07:00",
        "survey.conversation.advance took 0.0012345678 s",
        "a_long_lower_case_name_of_a_function_indeed raised",
        "purged 1000000 rows, kept 2000000",
    ],
)
def test_what_belongs_to_the_program_stays(text: str) -> None:
    assert redacted(text) == text


def test_a_record_of_any_library_comes_out_as_one_json_line_without_secrets(root_logger: logging.Logger) -> None:
    out = io.StringIO()
    start_logging(Log(format="json"), ["hemligt-lösenord"], out)
    try:
        raise RuntimeError("login failed for anna@kund.example.net with hemligt-lösenord")
    except RuntimeError:
        logging.getLogger("some.library").exception("could not reach %s", "+46701740605", extra={"chat": INVITATION})
    (line,) = out.getvalue().splitlines()
    event = json.loads(line)
    assert (event["event"], event["level"], event["chat"]) == ("could not reach ‹phone›", "error", "‹token›")
    assert event["timestamp"].endswith("Z")
    assert "login failed for ‹mail› with ‹secret›" in event["exception"]


def test_the_level_decides_what_is_told(root_logger: logging.Logger) -> None:
    out = io.StringIO()
    start_logging(Log(level="warning", format="console"), (), out)
    logging.getLogger("omdome").info("quiet")
    logging.getLogger("omdome").warning("loud")
    assert "loud" in out.getvalue()
    assert "quiet" not in out.getvalue()
