"""What is no HTTP is refused, and the log keeps to itself what it said."""

import asyncio
import logging
from urllib.parse import urlsplit

import pytest

from tests.web.conftest import TOKEN

_POST = f"POST /api/cases HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"
MALFORMED = {
    "a control character in a header": "GET / HTTP/1.1\r\nHost: x\r\nX-Name: Anna Andersson\x01\r\n\r\n",
    "no HTTP at all": "Anna Andersson\r\n\r\n",
    "a chunk of no size": f"{_POST}Transfer-Encoding: chunked\r\n\r\nAnna Andersson\r\n",
    "a later chunk of no size": f"{_POST}Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\nAnna Andersson\r\n",
    "an encoding that it isn't": f"{_POST}Content-Encoding: br\r\nContent-Length: 14\r\n\r\nAnna Andersson",
    "a deflated body that isn't": f"{_POST}Content-Encoding: gzip\r\nContent-Length: 14\r\n\r\nAnna Andersson",
}


async def test_who_hangs_up_half_way_is_no_fault_of_ours(api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    address = urlsplit(api.address)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(f"{_POST}Content-Length: 500\r\n\r\n[".encode())
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.2)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING or record.exc_info] == []
    assert not [record for record in caplog.records if " 500 " in record.getMessage()]


@pytest.mark.parametrize("request_", MALFORMED.values(), ids=MALFORMED)
async def test_malformed_requests_are_refused_in_silence(api, request_: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    address = urlsplit(api.address)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(request_.encode())
    answer = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    await writer.wait_closed()
    assert answer.split()[1] in (b"400", b"415")
    await asyncio.sleep(0.05)
    logged = [
        logging.Formatter().format(record) for record in caplog.records if not record.name.startswith("aiosqlite")
    ]
    assert "Anna" not in "".join(logged)
    assert "127.0.0.1" not in "".join(logged)
    assert "Traceback" not in "".join(logged)
    assert max(record.levelno for record in caplog.records) < logging.WARNING
