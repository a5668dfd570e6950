"""The examples of docs/api.md do what it says."""

import asyncio
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from models.access import Scope
from tests.web.conftest import Api

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```sh\n(curl .+?)```\n(?:```(?:json)?\n(.+?)```)?", TEXT, re.DOTALL)


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl: install it with the system's packages")
async def test_the_examples_are_true(metered_api: Api) -> None:
    assert len(EXAMPLES) == 5
    caller = await metered_api.allowed(*Scope)
    for command, promised in EXAMPLES:
        told = await run(command.replace("https://omdome.example.se", caller.address), caller.token)
        if promised.strip().startswith("{"):
            assert_within(json.loads(promised), json.loads(told))
        elif promised:
            assert told == promised
        else:
            assert "omdome_queue_rows{" in told


async def test_every_operation_and_scope_is_described(metered_api: Api) -> None:
    _, document = await metered_api.get("/api/openapi.json")
    for path, operations in document["paths"].items():
        for method in operations:
            assert f"`{method.upper()} {path}`" in TEXT
    assert [scope for scope in Scope if f"`{scope}`" not in TEXT] == []


async def run(command: str, token: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", command),
        env={**os.environ, "OMDOME_TOKEN": token, "NO_PROXY": "127.0.0.1"},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, command
    return said.decode()


def assert_within(promised: object, told: object) -> None:
    """What the text shows is what was told; it may be cut short."""
    if isinstance(promised, dict):
        assert isinstance(told, dict)
        for key, value in promised.items():
            assert_within(value, told[key])
    elif isinstance(promised, list):
        assert isinstance(told, list)
        for one, other in zip(promised, told, strict=True):
            assert_within(one, other)
    else:
        assert promised == told
