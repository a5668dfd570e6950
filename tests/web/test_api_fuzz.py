"""Whatever a stranger sends, the API answers as its document says: schemathesis against the real server and store."""

import asyncio
import os
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest
from aiohttp import web

from models.access import Scope
from omdome.wiring import SystemClock
from storage.database import SqlStore
from tests.web.conftest import SETTINGS
from web.api import add_api
from web.api_access import Access
from web.app import build_app, serving
from web.problems import Handler
from workflow.api_tokens import digest_of, new_token

HERE = Path(__file__).parent / "fuzz"
EXAMPLES = os.environ.get("OMDOME_TEST_FUZZ_EXAMPLES", "20")


@pytest.mark.skipif(not find_spec("schemathesis"), reason="no schemathesis: uv sync --inexact --group web-tests")
async def test_the_api_does_what_its_document_says(store: SqlStore, tmp_path: Path) -> None:
    clock, token, seen = SystemClock(), new_token(), Counter[tuple[str, int]]()

    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        resource = request.match_info.route.resource
        seen[f"{request.method} {resource.canonical if resource else '-'}", response.status] += 1
        return response

    async with store.step() as tx:
        await tx.put_api_token("fuzz", digest_of(token), list(Scope), clock.now())
    app = build_app(store, 2_000_000)
    app.middlewares.insert(0, counted)
    add_api(app, store, clock, Access(store, clock, requests_per_minute=10_000_000), SETTINGS)
    async with serving(app, "127.0.0.1", 0) as port:
        code, told = await _schemathesis(f"http://127.0.0.1:{port}/api/openapi.json", token, tmp_path)
    assert code == 0, told[-8000:]
    for operation, right in {
        "POST /api/cases": (200, 422, 400, 401),
        "GET /api/cases/{case_id}": (200, 404, 401),
        "GET /api/results": (200, 422, 401),
        "POST /api/optouts": (204, 422, 400, 401),
    }.items():
        assert [status for status in right if not seen[operation, status]] == [], f"{operation}: {seen}"
    assert not [status for _, status in seen if status >= 500]


async def _schemathesis(document: str, token: str, folder: Path) -> tuple[int, str]:
    """Its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *("schemathesis", "--config-file", str(HERE / "schemathesis.toml"), "run", document),
        *("-H", f"Authorization: Bearer {token}", "--max-examples", EXAMPLES, "--no-color"),
        cwd=folder,
        env={**os.environ, "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"), "PATH": _path()},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode("utf-8", "replace")


def _path() -> str:
    """Where this environment's programs are, before all else."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
