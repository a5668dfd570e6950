"""Downloads from a real server that does all that servers do: no ranges, cut connections, wrong files, slowness."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from voice.vosk_engine.download import DownloadError, Patience, Wanted, download

CONTENT = random.Random(1).randbytes(1_500_000)
QUICK = Patience(connect_seconds=5, silent_seconds=0.5, pause_seconds=0.01)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Publisher:
    """A web server with one file; `asked` is the Range header of each request."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.answers: list[Handler] = []  #: for the first requests; then the file as it should be
        self.server: TestServer

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.headers.get("Range"))
        answer = self.answers.pop(0) if self.answers else with_ranges
        return await answer(request)

    @property
    def wanted(self) -> Wanted:
        address = str(self.server.make_url("/model.zip"))
        return Wanted(address=address, bytes=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())


async def with_ranges(request: web.Request) -> web.Response:
    asked = request.http_range
    if asked.start is None:
        return web.Response(body=CONTENT)
    if asked.start >= len(CONTENT):
        return web.Response(status=416)
    said = {"Content-Range": f"bytes {asked.start}-{len(CONTENT) - 1}/{len(CONTENT)}"}
    return web.Response(status=206, body=CONTENT[asked.start :], headers=said)


async def without_ranges(_request: web.Request) -> web.Response:
    return web.Response(body=CONTENT)


def cut_after(count: int) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        start = request.http_range.start or 0
        response = web.StreamResponse(status=206 if start else 200)
        if start:
            response.headers["Content-Range"] = f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
        response.content_length = len(CONTENT) - start
        await response.prepare(request)
        await response.write(CONTENT[start : start + count])
        assert request.transport is not None
        request.transport.close()
        return response

    return answer


def stuck_after(count: int) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = len(CONTENT)
        await response.prepare(request)
        await response.write(CONTENT[:count])
        await asyncio.sleep(30)
        return response

    return answer


def status(code: int) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=code)

    return answer


async def an_error_page(_request: web.Request) -> web.Response:
    return web.Response(text="<html>Log in first</html>", content_type="text/html")


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(CONTENT[:200_000])


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    publisher = Publisher()
    app = web.Application()
    app.router.add_get("/model.zip", publisher.answer)
    publisher.server = TestServer(app, shutdown_timeout=0.1)
    await publisher.server.start_server()
    yield publisher
    await publisher.server.close()


def nothing(_done: int) -> None:
    pass


async def test_a_download(publisher: Publisher, tmp_path: Path) -> None:
    had: list[int] = []
    target = tmp_path / "new" / "model.zip"
    await download(publisher.wanted, target, had.append, QUICK)
    assert target.read_bytes() == CONTENT
    assert had == sorted(had)
    assert had[-1] == len(CONTENT)
    assert [file.name for file in target.parent.iterdir()] == ["model.zip"]


@pytest.mark.parametrize("rest", [with_ranges, without_ranges])
async def test_a_cut_connection_is_taken_up_again(publisher: Publisher, tmp_path: Path, rest: Handler) -> None:
    publisher.answers = [cut_after(500_000), rest]
    await download(publisher.wanted, tmp_path / "model.zip", nothing, QUICK)
    assert (tmp_path / "model.zip").read_bytes() == CONTENT
    assert len(publisher.asked) == 2
    assert publisher.asked[1] is not None
    assert publisher.asked[1] != "bytes=0-"


async def test_a_server_that_cuts_every_time_is_outlasted_while_something_comes(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.answers = [cut_after(200_000)] * 12
    await download(publisher.wanted, tmp_path / "model.zip", nothing, QUICK)
    assert (tmp_path / "model.zip").read_bytes() == CONTENT


async def test_a_server_that_falls_silent_is_asked_again(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answers = [stuck_after(500_000)]
    await download(publisher.wanted, tmp_path / "model.zip", nothing, QUICK)
    assert (tmp_path / "model.zip").read_bytes() == CONTENT


async def test_an_interrupted_download_goes_on_in_the_next_one(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answers = [stuck_after(500_000)]
    enough = asyncio.Event()
    patient = replace(QUICK, silent_seconds=30)
    interrupted = asyncio.create_task(
        download(publisher.wanted, tmp_path / "model.zip", lambda done: done >= 500_000 and enough.set(), patient)
    )
    await enough.wait()
    interrupted.cancel()
    with pytest.raises(asyncio.CancelledError):
        await interrupted
    assert [file.name for file in tmp_path.iterdir()] == ["model.zip.part"]  # noqa: ASYNC240 - one name

    await download(publisher.wanted, tmp_path / "model.zip", nothing, QUICK)
    assert (tmp_path / "model.zip").read_bytes() == CONTENT
    assert publisher.asked == [None, "bytes=500000-"]


async def test_a_part_of_something_else_is_noticed_and_thrown_away(publisher: Publisher, tmp_path: Path) -> None:
    (tmp_path / "model.zip.part").write_bytes(bytes(700_000))
    await download(publisher.wanted, tmp_path / "model.zip", nothing, QUICK)
    assert (tmp_path / "model.zip").read_bytes() == CONTENT
    assert publisher.asked == ["bytes=700000-", None]


async def test_a_part_that_is_too_long_is_thrown_away(publisher: Publisher, tmp_path: Path) -> None:
    (tmp_path / "model.zip.part").write_bytes(bytes(len(CONTENT) + 1))
    await download(publisher.wanted, tmp_path / "model.zip", nothing, QUICK)
    assert (tmp_path / "model.zip").read_bytes() == CONTENT


async def test_a_server_that_has_less_than_we_had(publisher: Publisher, tmp_path: Path) -> None:
    (tmp_path / "model.zip.part").write_bytes(CONTENT[:700_000])
    publisher.answers = [status(416)]
    await download(publisher.wanted, tmp_path / "model.zip", nothing, QUICK)
    assert publisher.asked == ["bytes=700000-", None]


async def test_a_wrong_file_of_the_right_size_is_not_kept(publisher: Publisher, tmp_path: Path) -> None:
    wanted = replace(publisher.wanted, sha256="0" * 64)
    with pytest.raises(DownloadError, match="its sha256 differs"):
        await download(wanted, tmp_path / "model.zip", nothing, QUICK)
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - one look


async def test_a_page_instead_of_the_file_is_refused_at_once(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answers = [an_error_page]
    with pytest.raises(DownloadError, match="has 25 bytes instead of 1,500,000: another file, or an error page"):
        await download(publisher.wanted, tmp_path / "model.zip", nothing, QUICK)


async def test_more_than_the_file_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answers = [endless]
    with pytest.raises(DownloadError, match="larger than 1,500,000 bytes"):
        await download(publisher.wanted, tmp_path / "model.zip", nothing, QUICK)
    assert (tmp_path / "model.zip.part").stat().st_size <= len(CONTENT)


async def test_not_found(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answers = [status(404)]
    with pytest.raises(DownloadError, match="the server answered 404 Not Found"):
        await download(publisher.wanted, tmp_path / "model.zip", nothing, QUICK)
    assert len(publisher.asked) == 1


async def test_a_busy_server_is_asked_again_and_given_up_at_last(publisher: Publisher, tmp_path: Path) -> None:
    publisher.answers = [status(503), status(429)]
    await download(publisher.wanted, tmp_path / "model.zip", nothing, QUICK)

    publisher.answers = [cut_after(300_000), *[status(503)] * 5]
    with pytest.raises(DownloadError, match=r"503 Service Unavailable; 0\.3 MB are kept, the same command goes on"):
        await download(publisher.wanted, tmp_path / "again.zip", nothing, QUICK)


async def test_no_network_is_told_at_once(tmp_path: Path) -> None:
    nobody = Wanted(address="http://127.0.0.1:1/model.zip", bytes=1, sha256="")
    with pytest.raises(DownloadError, match="Cannot connect to host"):
        await download(nobody, tmp_path / "model.zip", nothing)


async def test_an_address_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"'model.zip' is no address of a file"):
        await download(Wanted(address="model.zip", bytes=1, sha256=""), tmp_path / "model.zip", nothing)


async def test_a_full_disk_is_told_before_anything_is_asked(publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"MB free, 1,000,000,000,000 MB needed to download"):
        await download(replace(publisher.wanted, bytes=10**18), tmp_path / "model.zip", nothing, QUICK)
    assert publisher.asked == []
