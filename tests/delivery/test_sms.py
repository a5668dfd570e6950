"""Text messages through HTTP gateways that answer well, badly, slowly, endlessly or not at all; and to a file."""

import json
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from delivery.http_request import LONGEST_WAIT
from delivery.sms import FileGateway, HttpGateway, Sms, SmsSender
from delivery.sms_template import SmsTemplate
from models.queues import OutboxKind, OutboxRow
from tests.delivery.other_systems import Misbehave, broken_system, never_ends, other_system, says
from workflow.ports import DeadAddressError, PermanentError, RetryableError

FRIDAY_NOON = datetime(2026, 11, 20, 11, tzinfo=UTC)
NUMBER, TEXT = "+46701740605", 'Hej! Hur gick det med "Potthål & grus"? 100% {secret} \\ https://omdome.example.se/s/x'
SECRET = "hemligt+lösen/ord=="
JSON_BODY = '{"messages": [{"to": "{to}", "from": "{sender}", "content": {"text": "{text}"}, "test": false}]}'


class FridayNoon:
    def now(self) -> datetime:
        return FRIDAY_NOON


def template(url: str, **changed: Any) -> SmsTemplate:
    usual = SmsTemplate(
        url=url,
        headers={"Authorization": "Basic {secret}"},
        body="from={sender}&to={to}&message={text}",
        sender="Exempelkom",
        secret="aGVtbGlndA==",
        timeout_seconds=2,
    )
    return replace(usual, **changed)


async def sent(url: str, dead_when: str = "", failed_when: str = "", **changed: Any) -> None:
    await HttpGateway(template(url, **changed), dead_when, failed_when).send(Sms(NUMBER, TEXT))


async def failing(url: str, **given: Any) -> RetryableError | PermanentError:
    with pytest.raises((RetryableError, PermanentError)) as caught:
        await sent(url, **given)
    told = f"{caught.value!r} {caught.value.__cause__!r}"
    assert "70174" not in told
    assert "aGVtbGlndA" not in told
    assert "Potthål" not in told
    return caught.value


async def test_a_form_is_encoded_and_the_secret_goes_in_a_header() -> None:
    async with other_system() as gateway:
        await sent(gateway.url + "/a1/sms")
    assert (gateway.methods, gateway.paths) == (["POST"], ["/a1/sms"])
    (headers,) = gateway.headers
    assert headers["Authorization"] == "Basic aGVtbGlndA=="
    assert headers["Content-Type"] == "application/x-www-form-urlencoded; charset=utf-8"
    assert parse_qs(gateway.bodies[0].decode(), strict_parsing=True) == {
        "from": ["Exempelkom"],
        "to": [NUMBER],
        "message": [TEXT],  # what looks like a placeholder in a text stays text
    }


async def test_json_is_escaped() -> None:
    async with other_system() as gateway:
        await sent(gateway.url, body=JSON_BODY, body_type="json")
    assert json.loads(gateway.bodies[0]) == {
        "messages": [{"to": NUMBER, "from": "Exempelkom", "content": {"text": TEXT}, "test": False}]
    }
    assert gateway.headers[0]["Content-Type"] == "application/json"


async def test_a_get_has_all_of_it_in_its_address() -> None:
    async with other_system() as gateway:
        url = gateway.url + "/send?User=kommun&Pass={secret}&To={to}&Msg={text}"
        await sent(url, method="GET", body="", headers={}, secret=SECRET)
    assert gateway.methods == ["GET"]
    assert parse_qs(urlsplit(gateway.paths[0]).query) == {
        "User": ["kommun"],
        "Pass": [SECRET],
        "To": [NUMBER],
        "Msg": [TEXT],
    }


@pytest.mark.parametrize("status", [401, 402, 403, 404, 407, 408, 429, 500, 502, 503])
async def test_what_passes_or_is_for_somebody_to_mend_is_tried_again(status: int) -> None:
    async with other_system() as gateway:
        gateway.answers.append(web.Response(status=status, text=f"no credit for {NUMBER}"))
        error = await failing(gateway.url, dead_when="no credit")
    assert isinstance(error, RetryableError)
    assert str(error) == f"the SMS gateway answered {status}"


@pytest.mark.parametrize("status", [400, 409, 422])
async def test_a_refused_message_is_not_tried_again(status: int) -> None:
    async with other_system() as gateway:
        gateway.answers.append(web.Response(status=status, text="bad request"))
        error = await failing(gateway.url, dead_when="21211")
    assert type(error) is PermanentError


@pytest.mark.parametrize("status", [200, 400])
async def test_only_the_gateways_own_words_make_a_number_dead(status: int) -> None:
    async with other_system() as gateway:
        gateway.answers.append(web.json_response({"code": 21211, "message": f"{NUMBER} is not valid"}, status=status))
        error = await failing(gateway.url, dead_when='"code": 2(1211|1614)')
    assert isinstance(error, DeadAddressError)


async def test_ok_that_is_not_ok() -> None:
    async with other_system() as gateway:
        gateway.answers.append(web.Response(text="Error: no such account"))
        error = await failing(gateway.url, failed_when="^Error")
    assert isinstance(error, RetryableError)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "Fri, 20 Nov 2026 11:10:00 GMT", "Date": "Fri, 20 Nov 2026 11:00:00 GMT"}, 600),
        ({"Retry-After": "Fri, 20 Nov 2026 10:00:00 GMT", "Date": "Fri, 20 Nov 2026 11:00:00 GMT"}, 0),
        ({"Retry-After": "9" * 30}, LONGEST_WAIT),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({}, None),
    ],
)
async def test_it_waits_as_long_as_it_is_told(headers: dict[str, str], wait: float | None) -> None:
    async with other_system() as gateway:
        gateway.answers.append(web.Response(status=503, headers=headers))
        error = await failing(gateway.url)
    assert isinstance(error, RetryableError)
    assert error.retry_after == wait


async def test_a_redirect_is_not_followed() -> None:
    async with other_system() as elsewhere, other_system() as gateway:
        gateway.answers.append(web.Response(status=307, headers={"Location": elsewhere.url}))
        error = await failing(gateway.url)
    assert str(error) == "the SMS gateway answered 307: it has moved; correct its url, redirects aren't followed"
    assert elsewhere.paths == []


OK = b"HTTP/1.1 200 OK\r\n"
GOOD: dict[str, Misbehave] = {
    "an endless answer": never_ends,
    "an answer that breaks off": says(OK + b"Content-Length: 100\r\n\r\n{"),
    "an answer whose end doesn't come": says(OK + b"Content-Length: 100\r\n\r\n{", then_wait=30),
    "gzip that is none": says(OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"),
    "bytes that are no text": says(OK + b"Content-Length: 4\r\n\r\n\xff\xfe\x00\xc3"),
}
BAD: dict[str, Misbehave] = {
    "it hangs up": says(),
    "it is silent": says(then_wait=30),
    "it is no HTTP": says(b"220 smtp.example ESMTP\r\n"),
    "a header without end": says(OK + b"X: " + b"x" * 100_000),
    "headers that drip": says(OK, b"X: y\r\n", then_wait=30),
    "what can't be read as an answer": says(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "half a status": says(b"HTTP/1.1 2"),
}


@pytest.mark.parametrize("manner", GOOD)
async def test_what_was_accepted_is_sent_whatever_comes_of_the_rest(manner: str) -> None:
    async with broken_system(GOOD[manner]) as url:
        await sent(url, timeout_seconds=0.3)


@pytest.mark.parametrize("manner", BAD)
async def test_without_a_status_it_is_tried_again(manner: str) -> None:
    async with broken_system(BAD[manner]) as url:
        error = await failing(url, timeout_seconds=0.3)
    assert isinstance(error, RetryableError)


@pytest.mark.parametrize("status", [500, 502, 200])
async def test_what_may_have_arrived_is_not_sent_for_ever(status: int) -> None:
    async with other_system() as gateway:
        gateway.answers += [web.Response(status=status, text="ERR") for _ in range(3)]
        sender = SmsSender(HttpGateway(template(gateway.url), failed_when="ERR"))
        row = OutboxRow(kind=OutboxKind.SMS, key="k", payload={"to": NUMBER, "text": TEXT}, due_at=FRIDAY_NOON)
        for attempts in (1, 2):
            with pytest.raises(RetryableError):
                await sender.send(replace(row, attempts=attempts))
        with pytest.raises(PermanentError, match="given up after 3 tries"):
            await sender.send(replace(row, attempts=3))


async def test_what_has_certainly_not_arrived_is_tried_as_long_as_it_is_wanted() -> None:
    row = OutboxRow(kind=OutboxKind.SMS, key="k", payload={"to": NUMBER, "text": TEXT}, due_at=FRIDAY_NOON)
    async with other_system() as gateway:
        gateway.answers.append(web.Response(status=429))
        with pytest.raises(RetryableError):
            await SmsSender(HttpGateway(template(gateway.url))).send(replace(row, attempts=40))


async def test_nobody_there() -> None:
    async with broken_system(says()) as url:
        pass
    assert str(await failing(url)) == "no connection to the SMS gateway"


async def test_no_tls_where_it_was_promised() -> None:
    async with other_system() as gateway:
        error = await failing(gateway.url.replace("http:", "https:"))
    assert isinstance(error, RetryableError)
    assert "TLS" in str(error)


def row(**payload: Any) -> OutboxRow:
    given = {"to": NUMBER, "text": TEXT, "attempt_id": 1, "invitation_id": 1} | payload
    return OutboxRow(kind=OutboxKind.SMS, key="sms:1", payload=given, due_at=FRIDAY_NOON)


def sender(folder: Path) -> SmsSender:
    return SmsSender(FileGateway(folder / "deep" / "sms.log", FridayNoon()))


async def test_the_file_has_one_line_a_message_for_its_owner_only(tmp_path: Path) -> None:
    await sender(tmp_path).send(row())
    await sender(tmp_path).send(row(text="Två\nrader ”typografiskt”"))
    file = tmp_path / "deep" / "sms.log"
    first, second = (json.loads(line) for line in file.read_text("utf-8").splitlines())
    assert first == {
        "at": "2026-11-20T11:00:00+00:00", "to": NUMBER, "text": TEXT, "alphabet": "GSM-7", "parts": 1
    }  # fmt: skip
    assert second["text"] == "Två\nrader ”typografiskt”"
    assert second["alphabet"] == "UCS-2"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_file_that_can_not_be_written_is_for_somebody_to_mend(tmp_path: Path) -> None:
    (tmp_path / "deep").write_text("not a folder")
    with pytest.raises(RetryableError, match=r"\[sms\] file can't be written"):
        await sender(tmp_path).send(row())


@pytest.mark.parametrize(
    "payload", [{"to": "070-174 06 05"}, {"to": None}, {"to": NUMBER + "&to=+46701740606"}, {"text": " "}, {"text": 7}]
)
async def test_a_row_that_can_not_be_a_message_is_refused(tmp_path: Path, payload: dict[str, Any]) -> None:
    with pytest.raises(PermanentError):
        await sender(tmp_path).send(row(**payload))
