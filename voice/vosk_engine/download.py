"""A large file over HTTP, into a `.part` that is gone on with after any interruption, and checked before it is used."""

import asyncio
import hashlib
import logging
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp

log = logging.getLogger(__name__)

Progress = Callable[[int], None]  #: told how many bytes there are so far

_TRIES = 5  #: in a row without a byte more, before a connection is given up
_CHUNK = 1 << 18
_RANGE = re.compile(r"bytes (\d+)-\d*/(\d+|\*)")


class DownloadError(Exception):
    """It couldn't be had, or isn't what it should be. The message says which, and what is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file, and what proves that it is the right one."""

    address: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    connect_seconds: float = 30.0
    silent_seconds: float = 60.0  #: without a byte
    pause_seconds: float = 2.0  #: before the first new try; then twice that, and so on


class _TryAgainError(Exception):
    """The connection or the server failed in a way that may pass."""


async def download(wanted: Wanted, target: Path, progress: Progress, patience: Patience = Patience()) -> None:
    """Have `wanted` at `target`. Raises DownloadError.

    What was had before is gone on with (HTTP Range), by this call or a later one. `target` appears whole and checked,
    or not at all. Proxies are those of the environment (https_proxy).
    """
    part = target.with_name(target.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    resumed = part.exists()
    await _fill(wanted, part, progress, patience)
    if await asyncio.to_thread(_sha256, part) != wanted.sha256:
        _forget(part)
        if not resumed:
            raise DownloadError(f"{wanted.address} is not the file that it should be (its sha256 differs); thrown away")
        log.warning("%s: the parts of two downloads don't fit together; from the start", wanted.address)
        await download(wanted, target, progress, patience)
        return
    part.replace(target)


async def _fill(wanted: Wanted, part: Path, progress: Progress, patience: Patience) -> None:
    """Go on with `part` until it has its size."""
    timeout = aiohttp.ClientTimeout(total=None, connect=patience.connect_seconds, sock_read=patience.silent_seconds)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
        failures = 0
        while (had := _size(part)) != wanted.bytes:
            try:
                await _go_on(session, wanted, part, progress)
            except aiohttp.InvalidURL as error:
                raise DownloadError(f"{wanted.address!r} is no address of a file") from error
            except (_TryAgainError, aiohttp.ClientError, TimeoutError) as error:
                failures = 1 if _size(part) > had else failures + 1
                why = str(error) or type(error).__name__
                if failures == _TRIES or (failures == 1 and isinstance(error, aiohttp.ClientConnectorError)):
                    raise DownloadError(f"{wanted.address}: {why}{_kept(part)}") from error
                log.info("%s: %s; trying again", wanted.address, why)
                await asyncio.sleep(patience.pause_seconds * 2 ** (failures - 1))


async def _go_on(session: aiohttp.ClientSession, wanted: Wanted, part: Path, progress: Progress) -> None:
    """One request for the rest. Returns when the server has sent what it wanted to send."""
    had = _size(part)
    if had > wanted.bytes:
        _forget(part)
        had = 0
    _require_room(part, wanted.bytes - had)
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={had}-"} if had else {})
    async with session.get(wanted.address, headers=headers) as response:
        if response.status == 416:  # what we have goes beyond what the server has
            _forget(part)
            raise _TryAgainError("the server has less than we had")
        begins = _begins_at(response, wanted)
        if begins > had:
            raise _TryAgainError("the server left out a part")
        with part.open("r+b" if begins else "wb") as file:
            file.truncate(begins)
            file.seek(begins)
            async for chunk in response.content.iter_chunked(_CHUNK):
                if file.tell() + len(chunk) > wanted.bytes:
                    raise DownloadError(f"{wanted.address} is larger than {wanted.bytes:,} bytes: another file")
                file.write(chunk)
                progress(file.tell())
    if _size(part) < wanted.bytes:
        raise _TryAgainError("the connection ended too soon")


def _begins_at(response: aiohttp.ClientResponse, wanted: Wanted) -> int:
    """Where in the file the answer begins. Raises where it is no answer."""
    if response.status in (429, 500, 502, 503, 504):
        raise _TryAgainError(f"the server answered {response.status} {response.reason}")
    if response.status not in (200, 206):
        raise DownloadError(f"{wanted.address}: the server answered {response.status} {response.reason}")
    whole: int | None = response.content_length
    begins = 0
    if response.status == 206:
        said = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if said is None:
            raise _TryAgainError("the server answered with a part without saying which")
        begins = int(said[1])
        whole = None if said[2] == "*" else int(said[2])
    if whole is not None and whole != wanted.bytes:
        raise DownloadError(
            f"{wanted.address} has {whole:,} bytes instead of {wanted.bytes:,}: another file, or an error page"
        )
    return begins


def _require_room(part: Path, more: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if free < more:
        raise DownloadError(f"{part.parent}: {free / 1e6:,.0f} MB free, {more / 1e6:,.0f} MB needed to download")


def _kept(part: Path) -> str:
    had = _size(part)
    return f"; {had / 1e6:,.1f} MB are kept, the same command goes on from there" if had else ""


def _forget(part: Path) -> None:
    part.unlink()


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def is_file(file: Path, wanted: Wanted) -> bool:
    """Whether `file` is what is wanted, to the last byte."""
    return file.is_file() and _size(file) == wanted.bytes and _sha256(file) == wanted.sha256
