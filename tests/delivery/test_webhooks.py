"""A finished survey is told to a real server, signed so that others' code can check it."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import shutil
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from delivery.webhooks import Hook, WebhookSender, message_id, read_secret, signed_headers
from models.conversation import Accepted, PermissionGiven, Rated, Skipped, Stage
from models.queues import OutboxKind, OutboxRow
from models.rating import Rating
from storage.database import open_store
from tests.delivery.other_systems import OtherSystem, broken_system, never_ends, other_system, says
from tests.workflow.conftest import POLICY, TUESDAY, Customer, invite
from workflow.backoff import Backoff
from workflow.outbox import OutboxPolicy, OutboxWorker
from workflow.ports import PermanentError, RetryableError, Store

DOCS = Path(__file__).parents[2] / "docs" / "webhooks.md"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
FINISHING = (
    *(Accepted(), Rated("bemotande", Rating.BRA), Rated("tillganglighet", Rating.OK), Rated("leverans", Rating.DALIGT)),
    *(Skipped(stage=Stage.REASON, question="leverans"), Skipped(stage=Stage.COMMENT), PermissionGiven(False)),
)


class Clock:
    """Its `now` is moved by hand."""

    def __init__(self, now: datetime = TUESDAY) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite:///{tmp_path / 'webhooks.sqlite'}", ZoneInfo("Europe/Stockholm"))
    yield opened
    await opened.close()


@pytest.fixture
async def customer(store: Store) -> Customer:
    invited = await invite(store)
    invited.policy = replace(POLICY, webhooks=("arenden",))
    return invited


def sender(store: Store, url: str, clock: Clock | None = None, **changed: Any) -> WebhookSender:
    hook = Hook(name="arenden", url=url)
    usual: dict[str, Any] = {"hooks": {"arenden": hook}, "key": read_secret(SECRET), "timeout_seconds": 1}
    return WebhookSender(store=store, clock=clock or Clock(), **usual | changed)


async def row_of(customer: Customer) -> OutboxRow:
    await customer.does(*FINISHING)
    async with customer.store.step() as tx:
        (row,) = await tx.claim([OutboxKind.WEBHOOK], customer.now, timedelta(minutes=1), 10)
    return row


async def test_the_survey_arrives_as_json(customer: Customer) -> None:
    async with other_system() as system:
        await sender(customer.store, system.url + "/omdome?system=1").send(await row_of(customer))
    assert (system.methods, system.paths) == (["POST"], ["/omdome?system=1"])
    assert system.headers[0]["Content-Type"] == "application/json"
    told = json.loads(system.bodies[0])
    assert (told["type"], told["data"]["case_id"]) == ("survey.finished", "SK-1")
    assert [answer["rating"] for answer in told["data"]["answers"]] == ["bra", "ok", "dåligt"]


async def test_a_repeat_has_the_same_id_and_a_new_time(customer: Customer) -> None:
    row, clock = await row_of(customer), Clock()
    async with other_system() as system:
        await sender(customer.store, system.url, clock).send(row)
        clock.at += timedelta(hours=1)
        await sender(customer.store, system.url, clock).send(row)
    first, second = system.headers
    assert first["webhook-id"] == second["webhook-id"] == message_id(row.key)
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 3600
    assert first["webhook-signature"] != second["webhook-signature"]


def test_it_signs_as_the_specifications_own_library_does() -> None:
    """What `standardwebhooks` 1.0 makes of its own test's secret, id, time and body."""
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def signed_now(customer: Customer) -> OtherSystem:
    async with other_system() as system:
        row = await row_of(customer)
        await sender(customer.store, system.url, Clock(datetime.now(UTC))).send(row)
    return system


def example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


async def test_the_documented_python_believes_it_and_nothing_else(customer: Customer) -> None:
    system = await signed_now(customer)
    names: dict[str, Any] = {"base64": base64, "hashlib": hashlib, "hmac": hmac, "time": time}
    exec(example("python"), names)
    verified, headers, body = names["verified"], system.headers[0], system.bodies[0]
    assert verified(SECRET, headers, body)
    assert verified(SECRET, headers | {"webhook-signature": "v1,b2xk " + headers["webhook-signature"]}, body)
    assert not verified(SECRET, headers, body + b" ")
    assert not verified(SECRET, headers | {"webhook-id": "msg_other"}, body)
    assert not verified("whsec_" + base64.b64encode(bytes(32)).decode(), headers, body)
    stale = headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 3600)}
    assert not verified(SECRET, stale, body)


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node.js: apt install nodejs")
async def test_the_documented_javascript_believes_it_and_nothing_else(customer: Customer) -> None:
    system = await signed_now(customer)
    script = 'const crypto = require("node:crypto");\n' + example("javascript")
    script += "const { secret, headers, body, other } = JSON.parse(require('fs').readFileSync(0));\n"
    script += "const bytes = Buffer.from(body, 'base64');\n"
    script += "console.log(verified(secret, headers, bytes), verified(other, headers, bytes),"
    script += " verified(secret, headers, Buffer.concat([bytes, bytes])),"
    script += " verified(secret, { ...headers, 'webhook-timestamp': '1614265330' }, bytes),"
    script += " verified(secret, { ...headers, 'webhook-signature': 'v1,x' }, bytes));"
    given = {
        "secret": SECRET,
        "other": "whsec_" + base64.b64encode(bytes(32)).decode(),
        "headers": system.headers[0],
        "body": base64.b64encode(system.bodies[0]).decode(),
    }
    node = await asyncio.create_subprocess_exec("node", "-e", script, stdin=PIPE, stdout=PIPE)
    told, _ = await node.communicate(json.dumps(given).encode())
    assert told.decode().split() == ["true", "false", "false", "false", "false"]


@pytest.mark.parametrize(
    ("status", "kind", "told"),
    [
        (400, PermanentError, "the webhook arenden refused it for good (400)"),
        (410, PermanentError, "the webhook arenden refused it for good (410)"),
        (422, PermanentError, "the webhook arenden refused it for good (422)"),
        (401, RetryableError, "the webhook arenden answered 401"),
        (404, RetryableError, "the webhook arenden answered 404"),
        (429, RetryableError, "the webhook arenden answered 429"),
        (503, RetryableError, "the webhook arenden answered 503"),
        (
            302,
            RetryableError,
            "the webhook arenden answered 302: it has moved; correct its url, redirects aren't followed",
        ),
    ],
)
async def test_what_its_answers_mean(customer: Customer, status: int, kind: type[Exception], told: str) -> None:
    row = await row_of(customer)
    async with other_system() as system:
        headers = {"Location": system.url} if status == 302 else {}
        system.answers.append(web.Response(status=status, text="case SK-1?", headers=headers))
        with pytest.raises(kind) as caught:
            await sender(customer.store, system.url).send(row)
    assert type(caught.value) is kind
    assert str(caught.value) == told
    assert len(system.paths) == 1


@pytest.mark.parametrize("manner", [says(), says(then_wait=9), says(b"HELO\r\n")])
async def test_without_an_answer_it_is_tried_again(customer: Customer, manner: Any) -> None:
    row = await row_of(customer)
    async with broken_system(manner) as url:
        with pytest.raises(RetryableError):
            await sender(customer.store, url + "/path-with-secret", timeout_seconds=0.3).send(row)


async def test_an_answer_may_be_of_any_length(customer: Customer) -> None:
    row = await row_of(customer)
    async with broken_system(never_ends) as url:
        await sender(customer.store, url).send(row)


async def test_a_webhook_that_is_no_longer_configured_is_visible_as_failed(customer: Customer) -> None:
    row = await row_of(customer)
    with pytest.raises(PermanentError, match=r"no \[\[webhooks\]\] table has the name"):
        await sender(customer.store, "http://127.0.0.1:9", hooks={}).send(row)


async def test_a_receiver_that_is_down_gets_everything_in_order_when_it_is_back(customer: Customer) -> None:
    clock = Clock()
    async with other_system() as system:
        system.answers += [web.Response(status=503) for _ in range(2)]
        worker = OutboxWorker(
            customer.store,
            clock,
            {OutboxKind.WEBHOOK: sender(customer.store, system.url, clock)},
            OutboxPolicy(backoff=Backoff(first=timedelta(seconds=1))),
            jitter=lambda: 0.0,
        )
        await customer.does(*FINISHING)
        await worker.run_once()  # down
        second = await invite(customer.store, "SK-2", chat_id=18)
        second.policy = customer.policy
        await second.does(*FINISHING)
        for _ in range(4):
            clock.at += timedelta(minutes=1)
            await worker.run_once()
    cases = [json.loads(body)["data"]["case_id"] for body in system.bodies]
    assert cases == ["SK-1", "SK-1", "SK-1", "SK-2"]
    async with customer.store.look() as tx:
        state: Any = await tx.queue_state(clock.at)
    assert "webhook" not in state["outbox"]


@pytest.mark.parametrize(
    ("secret", "wrong"),
    [
        ("hemligt", "doesn't start with whsec_"),
        ("whsec_hemligt!", "isn't base64 after whsec_"),
        ("whsec_aGVtbGlndA==", "has 7 bytes; 24 to 64 are right"),
        ("whsec_" + base64.b64encode(bytes(65)).decode(), "has 65 bytes; 24 to 64 are right"),
    ],
)
def test_a_weak_or_broken_key_is_refused_without_being_repeated(secret: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong) as caught:
        read_secret(secret)
    assert str(caught.value) == wrong


def test_its_repr_shows_neither_key_nor_address() -> None:
    hook = Hook(name="arenden", url="https://arenden.example.se/hemlig-sökväg")
    assert "hemlig" not in repr(hook)
