"""`voice models` from the command line: a download from a real server, interrupted, gone on with, installed, used."""

import asyncio
import hashlib
import io
import json
import os
import random
import signal
import sys
import zipfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from omdome.config import CHECKOUT
from tests.voice.vosk_engine.test_speech_model import STATIC
from voice.vosk_engine.speech_model import installed

NAME = "vosk-model-small-sv-rhasspy-0.15"
#: The command line, with a small zip of our own as the public Swedish model. It holds nothing that Vosk could load.
PROGRAM = """
import sys
from dataclasses import replace
from voice.vosk_engine import catalogue
size, sha256 = int(sys.argv.pop(1)), sys.argv.pop(1)
catalogue.PUBLIC_MODELS = (replace(catalogue.PUBLIC_MODELS[0], bytes=size, sha256=sha256),)
from voice.vosk_engine import trial
async def nothing(model):
    pass
if sys.argv[-1] != "--try":
    trial.load_once = nothing
else:
    sys.argv.pop()
from omdome.cli import main
main()
"""


def _archive() -> bytes:
    """A zip of what looks like a model from outside, 1 MB."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name in STATIC:
            file.writestr(f"{NAME}/{name}", random.Random(name).randbytes(200_000))
    return made.getvalue()


ARCHIVE = _archive()


@dataclass
class Mirror:
    """A server with the archive, which stops in the middle of its first answer if it is to."""

    server: TestServer | None = None
    asked: list[str | None] = field(default_factory=list)
    stops: bool = False
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.headers.get("Range"))
        start = request.http_range.start or 0
        response = web.StreamResponse(status=206 if start else 200)
        if start:
            response.headers["Content-Range"] = f"bytes {start}-{len(ARCHIVE) - 1}/{len(ARCHIVE)}"
        response.content_length = len(ARCHIVE) - start
        await response.prepare(request)
        if self.stops:
            self.stops = False
            await response.write(ARCHIVE[:400_000])
            self.stopped.set()
            await asyncio.sleep(60)
        await response.write(ARCHIVE[start:])
        return response


@pytest.fixture
async def mirror() -> AsyncIterator[Mirror]:
    mirror = Mirror()
    app = web.Application()
    app.router.add_get(f"/models/{NAME}.zip", mirror.answer)
    mirror.server = TestServer(app, shutdown_timeout=0.1)
    await mirror.server.start_server()
    yield mirror
    await mirror.server.close()


@dataclass
class Machine:
    """A machine with a configuration, whose models are in `models`."""

    folder: Path
    mirror: str

    @property
    def models(self) -> Path:
        return self.folder / "models"

    async def start(self, *arguments: str) -> Process:
        config = self.folder / "config.toml"
        config.write_text(f'[voice]\nspeech_models_dir = "models"\nmodel_mirror_url = "{self.mirror}"\n', "utf-8")
        clean = {key: value for key, value in os.environ.items() if not key.startswith("OMDOME_")}
        known = (str(len(ARCHIVE)), hashlib.sha256(ARCHIVE).hexdigest())
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PROGRAM, *known, "--config", str(config), "voice", "models", *arguments),
            cwd=CHECKOUT, env=clean, stdout=PIPE, stderr=PIPE,
        )  # fmt: skip

    async def run(self, *arguments: str) -> tuple[int | None, str]:
        """The exit code, and all that was said."""
        process = await self.start(*arguments)
        out, err = await process.communicate()
        return process.returncode, (out + err).decode()


@pytest.fixture
def machine(tmp_path: Path, mirror: Mirror) -> Machine:
    assert mirror.server is not None
    return Machine(tmp_path, str(mirror.server.make_url("/models/")))


async def test_the_swedish_model_is_fetched_listed_and_removed(machine: Machine, mirror: Mirror) -> None:
    assert await machine.run("list") == (
        0, f"No speech model in {machine.models}. Swedish: `python -m omdome voice models fetch sv`.\n"
    )  # fmt: skip
    code, said = await machine.run("fetch", "sv")
    assert (code, f"{NAME} is installed and will be used for 'sv'" in said) == (0, True)
    assert not list(machine.models.rglob("*.zip*"))

    code, said = await machine.run("list", "--json")
    (row,) = json.loads(said)
    assert (row["name"], row["language"], row["words"], row["used"]) == (NAME, "sv", "free", True)
    assert await machine.run("fetch", "sv") == (0, f"{NAME} is already installed.\n")
    assert len(mirror.asked) == 1
    assert await machine.run("remove", NAME) == (0, f"{NAME} is removed.\n")
    assert installed(machine.models) == []


@pytest.mark.parametrize(("how", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
async def test_an_interrupted_fetch_goes_on_where_it_was(
    machine: Machine, mirror: Mirror, how: signal.Signals, code: int
) -> None:
    mirror.stops = True
    process = await machine.start("fetch", "sv")
    await mirror.stopped.wait()
    part = machine.models / ".downloads" / f"{NAME}.zip.part"
    while not part.exists() or part.stat().st_size < 400_000:  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.01)
    process.send_signal(how)
    _, complaint = await process.communicate()
    assert process.returncode == code
    assert b"Traceback" not in complaint
    assert installed(machine.models) == []

    assert (await machine.run("fetch", "sv"))[0] == 0
    assert mirror.asked == [None, "bytes=400000-"]
    assert [model.name for model in installed(machine.models)] == [NAME]


async def test_two_at_once_do_not_get_in_each_others_way(machine: Machine, mirror: Mirror) -> None:
    mirror.stops = True
    process = await machine.start("fetch", "sv")
    await mirror.stopped.wait()
    code, said = await machine.run("fetch", "sv")
    assert (code, "another `voice models` command is at work" in said) == (1, True)
    process.kill()
    await process.communicate()


async def test_without_a_network_it_says_what_to_do_by_hand(machine: Machine) -> None:
    machine.mirror = "http://127.0.0.1:1/models"
    code, said = await machine.run("fetch", "sv")
    assert code == 1
    assert f"http://127.0.0.1:1/models/{NAME}.zip: Cannot connect to host" in said
    assert f"download https://alphacephei.com/vosk/models/{NAME}.zip" in said
    assert f"python -m omdome voice models add {NAME}.zip" in said
    assert "[voice] model_mirror_url" in said
    assert "Traceback" not in said


async def test_a_folder_that_cannot_be_made(machine: Machine) -> None:
    machine.models.write_text("a file")
    code, said = await machine.run("fetch", "sv")
    assert (code, "models: can't be written" in said, "Traceback" in said) == (1, True, False)


async def test_a_mirror_without_the_file(machine: Machine) -> None:
    machine.mirror = machine.mirror.replace("/models/", "/elsewhere")
    code, said = await machine.run("fetch", "sv")
    assert (code, "the server answered 404 Not Found" in said) == (1, True)


async def test_a_language_without_a_public_model(machine: Machine) -> None:
    code, said = await machine.run("fetch", "fi")
    assert (code, "no public model of 'fi' is known here, only of sv" in said) == (2, True)


async def test_a_zip_by_hand(machine: Machine) -> None:
    archive = machine.folder / f"{NAME}.zip"
    archive.write_bytes(ARCHIVE[:-10])
    code, said = await machine.run("add", str(archive))
    assert (code, "cut short or changed" in said) == (1, True)
    archive.write_bytes(ARCHIVE)
    assert (await machine.run("add", str(archive)))[0] == 0
    code, said = await machine.run("list")
    assert "for sv" in said
    code, said = await machine.run("add", str(machine.folder / "nothing.zip"))
    assert (code, "no such file or directory" in said) == (2, True)


async def test_what_vosk_cannot_load_is_not_installed(machine: Machine) -> None:
    archive = machine.folder / f"{NAME}.zip"
    archive.write_bytes(ARCHIVE)
    code, said = await machine.run("add", str(archive), "--try")
    assert (code, "Vosk can't load it: " in said, installed(machine.models)) == (1, True, [])
    assert "Traceback" not in said
