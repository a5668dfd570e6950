"""`GET /api/results`: figures of whole weeks, and nothing that gives a small group away."""

import pytest

from models.access import Scope
from models.rating import Rating
from tests.contracts.examples import a_case, an_answer, invited
from tests.web.conftest import NOW, Api


@pytest.fixture
async def reader(api: Api) -> Api:
    """12 answers from Gator and 3 from Parker, all in 2026-W45."""
    async with api.store.step() as tx:
        cases = [
            a_case(f"{unit}-{each}", unit=unit) for unit, many in (("Gator", 12), ("Parker", 3)) for each in range(many)
        ]
        for place, each in enumerate(await invited(tx, cases)):
            rating = (Rating.BRA, Rating.BRA, Rating.OK, Rating.DALIGT)[place % 4]
            await tx.put_answer(an_answer(each.id, "leverans", rating, received_at=NOW.replace(day=5)))
    return await api.allowed(Scope.RESULTS_READ)


async def test_the_figures_of_some_weeks(reader: Api) -> None:
    status, told = await reader.get("/api/results?from=2026-W44&to=2026-W46")
    assert status == 200
    assert told["weeks"] == {
        "first_week": "2026-W44",
        "last_week": "2026-W46",
        "first_day": "2026-10-26",
        "last_day": "2026-11-15",
    }
    leverans = next(each for each in told["questions"] if each["question"] == "leverans")["figures"]
    assert leverans["hidden"] is None
    assert leverans["n"] == 15
    assert leverans["counts"] == {"bra": 8, "ok": 4, "dåligt": 3}
    assert leverans["percent"]["bra"] == 53
    low, high = leverans["bra_interval"]
    assert low < 8 / 15 < high
    bemotande = next(each for each in told["questions"] if each["question"] == "bemotande")["figures"]
    assert bemotande == {"hidden": "nothing", "minimum": 7}


async def test_small_groups_are_hidden_and_so_is_what_would_give_them_away(reader: Api) -> None:
    for narrowed in ("unit=Parker", "unit=gator"):
        _, told = await reader.get(f"/api/results?from=2026-W44&to=2026-W46&{narrowed}")
        figures = next(each for each in told["questions"] if each["question"] == "leverans")["figures"]
        assert figures["hidden"] == "protected"
    status, told = await reader.get("/api/results?from=2026-W44&to=2026-W46&group_by=unit")
    assert (status, told["group_by"], told["groups"], told["hidden_groups"]) == (200, "unit", [], True)


@pytest.mark.parametrize(
    ("period", "weeks"),
    [
        ("from=2026-10-26&to=2026-11-15", ("2026-W44", "2026-W46")),  # Monday to Sunday
        ("from=2026-10-29&to=2026-11-12", ("2026-W44", "2026-W46")),  # Thursday to Thursday
        ("from=2026-10-30&to=2026-11-11", ("2026-W45", "2026-W45")),  # Friday to Wednesday
        ("from=2026-01-01&to=2026-10-31", ("2026-W01", "2026-W44")),
        ("from=2026-W40&to=2026-12-31", ("2026-W40", "2026-W46")),  # W47 isn't over
    ],
)
async def test_which_whole_weeks_a_period_is(reader: Api, period: str, weeks: tuple[str, str]) -> None:
    _, told = await reader.get(f"/api/results?{period}")
    assert (told["weeks"]["first_week"], told["weeks"]["last_week"]) == weeks


@pytest.mark.parametrize(
    ("query", "field", "expected"),
    [
        ("to=2026-W46", "from", "is required"),
        ("from=2026-W44&to=igår", "to", "write a day or an ISO week"),
        ("from=2025-W53&to=2026-W46", "from", "no such day"),
        ("from=2026-02-30&to=2026-W46", "from", "no such day"),
        ("from=0001-01-01&to=2026-W46", "from", "write a day"),
        ("from=2026-W46&to=2026-W44", "to", "Thursday"),
        ("from=2026-11-13&to=2026-11-18", "to", "Thursday"),
        ("from=2026-W47&to=2026-W48", "from", "2026-W46"),
        ("from=1990-W01&to=2026-W46", "to", "at most 261"),
        ("from=2026-W44&to=2026-W46&form=x", "form", "leave it out"),
        ("from=2026-W44&to=2026-W46&to=2026-W47", "to", "once"),
        ("from=2026-W44&to=2026-W46&group_by=handler", "group_by", "department"),
        ("from=2026-W44&to=2026-W46&customer_type=hund", "customer_type", "företag"),
    ],
)
async def test_what_can_not_be_asked(reader: Api, query: str, field: str, expected: str) -> None:
    status, told = await reader.get(f"/api/results?{query}")
    assert (status, [each["field"] for each in told["errors"]]) == (422, [field])
    assert expected in told["errors"][0]["expected"]
