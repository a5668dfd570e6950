"""`POST /api/cases`, as the case system meets it."""

import asyncio
import json
import logging

import pytest

GOOD = {"case_id": "TK-1", "closed_at": "2026-11-20T08:17", "email": "a@example.se"}
BAD = {"case_id": "TK-2", "closed_at": "igår"}


def another(number: int) -> dict[str, object]:
    return {**GOOD, "case_id": f"TK-{number}"}


async def test_one_case_and_the_same_again(api) -> None:
    status, said = await api.post(GOOD)
    assert (status, said["received"], said["stored"]["new"], said["errors"]) == (200, 1, 1, [])
    status, said = await api.post(GOOD)
    assert (status, said["stored"]["new"], said["stored"]["unchanged"]) == (200, 0, 1)
    assert await api.stored() == ["TK-1"]


async def test_good_ones_are_stored_and_bad_ones_told(api) -> None:
    status, said = await api.post([another(3), BAD, "TK-4", another(5)])
    assert status == 207
    assert said["stored"]["new"] == 2
    assert [(error["index"], error["field"], error["value"]) for error in said["errors"]] == [
        (1, "closed_at", "igår"),
        (2, "the item", "TK-4"),
    ]
    assert "2026-11-21 08:17" in said["errors"][0]["expected"]
    assert await api.stored() == ["TK-3", "TK-5"]


async def test_nothing_but_bad_ones(api) -> None:
    status, said = await api.post(BAD)
    assert (status, said["title"], said["errors"][0]["field"]) == (422, "Unprocessable Content", "closed_at")


async def test_no_cases_are_no_fault(api) -> None:
    assert (await api.post([]))[0] == 200


async def test_json_lines(api) -> None:
    lines = b"\n".join([json.dumps(another(1)).encode(), b"", b"{broken", json.dumps(another(2)).encode(), b""])
    status, said = await api.post(lines, {"Content-Type": "application/x-ndjson"})
    assert (status, said["received"], said["errors"][0]["index"]) == (207, 3, 1)
    assert await api.stored() == ["TK-1", "TK-2"]


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer fel", "Basic ett långt hemligt ord", "Bearer \udcff", "bearer ett långt hemligt or"],
)
async def test_without_the_token_nothing(api, header: str) -> None:
    status, said = await api.post(GOOD, {"Authorization": header.encode("utf-8", "replace").decode()})
    assert (status, said["title"]) == (401, "Unauthorized")
    assert await api.stored() == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is no JSON"),
        (b"{", "line 1, column 2 is no JSON"),
        (b'"TK-1"', "an object"),
        (b"[NaN]", "NaN is no JSON number"),
        (b"[" * 50_000, "nested too deeply"),
        (b'[{"case_id": ' + b"9" * 5000 + b"}]", "digits"),
        ('{"unit": "Spår"}'.encode("cp1252"), "byte 12 is not UTF-8"),
    ],
)
async def test_bodies_that_can_not_be_read(api, body: bytes, said: str) -> None:
    status, problem = await api.post(body)
    assert (status, problem["status"]) == (400, 400)
    assert said in problem["detail"]


async def test_wrong_types_sizes_methods_and_addresses(api) -> None:
    assert (await api.post(b"a,b", {"Content-Type": "text/csv"}))[0] == 415
    assert (await api.post(b"{}", {"Content-Type": "application/json; charset=latin-1"}))[0] == 415
    assert (await api.post(b"[" + b" " * 100_000 + b"]"))[0] == 413
    assert (await api.post([{}] * 10_001))[0] == 413
    async with api.http.get(f"{api.address}/api/cases") as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")
    async with api.http.get(f"{api.address}/nowhere") as response:
        assert (response.status, (await response.json(content_type=None))["status"]) == (404, 404)
    assert (await api.post(b"not gzip", {"Content-Encoding": "gzip"}))[0] == 400


async def test_odd_values_never_break_it(api) -> None:
    odd = [
        {"case_id": "\ud800", "closed_at": GOOD["closed_at"]},
        {"case_id": "a\u0000", "closed_at": GOOD["closed_at"]},
        {"case_id": {"a": []}, "closed_at": [], "phone": 1e400, "language": None},
        {},
        None,
        {"closed_at": True, "case_id": False, "": ""},
        {**GOOD, "phone": "9" * 10_000},
    ]
    status, said = await api.post(json.dumps(odd).replace("Infinity", "1e999").encode())
    assert status == 422
    assert {error["index"] for error in said["errors"]} == set(range(len(odd)))


async def test_an_idempotency_key_answers_the_same_again_also_when_the_rules_clock_has_moved(api) -> None:
    key = {"Idempotency-Key": "b1e5"}
    ahead = {**GOOD, "case_id": "TK-9", "closed_at": "2026-11-30T08:00"}
    first = await api.post([GOOD, ahead], key)
    assert first[0] == 207
    api.clock.time = api.clock.time.replace(month=12)  # TK-9's time has come, but this request was answered
    assert await api.post([GOOD, ahead], key) == first
    assert await api.stored() == ["TK-1"]


async def test_an_idempotency_key_belongs_to_one_body(api) -> None:
    key = {"Idempotency-Key": "b1e5"}
    await api.post(GOOD, key)
    status, said = await api.post(another(2), key)
    assert status == 422
    assert "another body" in said["detail"]
    assert await api.stored() == ["TK-1"]
    assert (await api.post(GOOD, {"Idempotency-Key": "å"}))[0] == 400


async def test_the_same_request_many_times_at_once_stores_once(api) -> None:
    answers = await asyncio.gather(*(api.post(GOOD, {"Idempotency-Key": "samma"}) for _ in range(8)))
    assert [said["stored"]["new"] for _, said in answers] == [1] * 8
    assert await api.stored() == ["TK-1"]


async def test_nothing_personal_is_logged_or_kept_beside_the_cases(api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await api.post([GOOD, {**BAD, "phone": "070-174 06 05 x"}], {"Idempotency-Key": "k"})
        async with api.http.get(f"{api.address}/readyz?token=hemligt") as response:
            assert response.status == 200
        await asyncio.sleep(0.05)
    told = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("web"))
    assert "POST /api/cases 207" in told
    assert "GET /readyz 200" in told
    for word in ("070", "example.se", "hemligt", "127.0.0.1", "TK-"):
        assert word not in told


async def test_alive_and_ready(api) -> None:
    async with api.http.get(f"{api.address}/healthz") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})
    async with api.http.get(f"{api.address}/readyz") as response:
        assert (response.status, await response.json()) == (200, {"status": "ready"})


async def test_a_number_without_end(api) -> None:
    status, said = await api.post(b'{"case_id": ' + b"1" * 5000 + b"}")
    assert (status, said["detail"]) == (400, "a number of 5000 digits; a case has none so long")


async def test_a_key_that_stands_twice(api) -> None:
    status, said = await api.post(b'{"case_id": "A", "case_id": "B", "closed_at": "2026-11-20T08:17"}')
    assert (status, said["detail"]) == (400, "case_id stands twice in one object")


async def test_many_keys_that_stand_twice_are_told_shortly(api) -> None:
    body = "{" + ",".join(f'"{each}": 1, "{each}": 2' for each in range(4000)) + "}"
    status, said = await api.post(body.encode())
    assert (status, said["detail"]) == (400, "0, 1, 10, 100, 1000 stands twice in one object")
