"""`/metrics`, as Prometheus meets it."""

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from models.access import Scope
from models.queues import OutboxKind
from tests.contracts.examples import a_case, a_row, an_answer, invited
from tests.web.conftest import NOW, Api
from workflow.trunk import TRUNK, Trunk, trunk_text


@pytest.fixture
async def server(metered_api: Api) -> Api:
    return await metered_api.allowed(Scope.METRICS)


async def scraped(server: Api) -> dict[tuple[str, ...], float]:
    """(name, label values in the order of their names) → value."""
    headers = {"Authorization": f"Bearer {server.token}"}
    async with server.http.get(f"{server.address}/metrics", headers=headers) as response:
        assert response.status == 200
        assert response.content_type == "text/plain"
        text = await response.text()
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_what_waits_and_what_has_failed(server: Api) -> None:
    async with server.store.step() as tx:
        due = NOW - timedelta(seconds=90)
        await tx.enqueue([a_row(f"m{each}", kind=OutboxKind.MAIL, due_at=due) for each in range(3)])
        [row] = await tx.claim([OutboxKind.MAIL], NOW, timedelta(seconds=30), 1)
        await tx.retry(row.id, "550 5.1.1", None)
    found = await scraped(server)
    assert found["omdome_queue_rows", "mail", "outbox", "waiting"] == 2
    assert found["omdome_queue_rows", "mail", "outbox", "failed"] == 1
    assert found["omdome_queue_rows", "update", "inbox", "waiting"] == 0
    assert found["omdome_queue_rows", "sms", "outbox", "failed"] == 0
    assert found["omdome_queue_oldest_seconds", "mail", "outbox"] == 90
    assert found["omdome_trunk_in_trouble",] == 0


async def test_a_trunk_in_trouble_can_ring_an_alarm(server: Api) -> None:
    async with server.store.step() as tx:
        await tx.set_fact(TRUNK, trunk_text(Trunk(since=NOW, until=NOW, rests=1)), NOW)
    assert (await scraped(server))["omdome_trunk_in_trouble",] == 1


async def test_answers_and_dispositions_without_ratings(server: Api) -> None:
    async with server.store.step() as tx:
        one, two = await invited(tx, [a_case("A"), a_case("B")])
        await tx.put_answer(an_answer(one.id, received_at=NOW))
        await tx.put_answer(an_answer(two.id, received_at=NOW - timedelta(days=10)))
    found = await scraped(server)
    assert found["omdome_answers", "chat", "7"] == 1
    assert found["omdome_answers", "chat", "28"] == 2
    assert found["omdome_invitations", "7", "open"] == 2
    assert found["omdome_invitations", "28", "refused"] == 0
    assert found["omdome_contact_attempts", "28", "dead_address", "mail"] == 0
    assert "bra" not in str(list(found))


async def test_requests_by_route_never_by_path(server: Api) -> None:
    await server.get("/api/cases/hemligt-17")
    await server.get("/nowhere/hemligt")
    async with server.http.request("PROPFIND", f"{server.address}/healthz"):
        pass
    found = await scraped(server)
    count = "omdome_http_request_seconds_count"
    assert found[count, "GET", "/api/cases/{case_id}", "403"] == 1
    assert found[count, "GET", "-", "404"] == 1
    assert found[count, "other", "-", "405"] == 1
    assert "hemligt" not in str(list(found)).lower()
    assert ("process_cpu_seconds_total",) in found


async def test_many_scrapes_are_one_look(server: Api) -> None:
    before = await scraped(server)
    async with server.store.step() as tx:
        await tx.enqueue([a_row("m", kind=OutboxKind.MAIL, due_at=NOW)])
    after = await scraped(server)
    names = [key for key in after if key[0].startswith("omdome_queue")]
    assert [after[key] for key in names] == [before[key] for key in names]


async def test_only_for_its_scope(server: Api) -> None:
    assert (await (await server.allowed(Scope.CASES_READ)).get("/metrics"))[0] == 403
    for token in ("", "x"):
        headers = {"Authorization": f"Bearer {token}"}
        async with server.http.get(f"{server.address}/metrics", headers=headers) as response:
            assert response.status == 401
