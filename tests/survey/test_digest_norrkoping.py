"""Norrköping's survey of 2015: what the report published must come out of the replies."""

import csv
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.counts import AnswerCount, IsoWeek
from models.digest import CannotSay, Digest, DigestPolicy, Dimension, Figures, GroupTable, Note
from models.rating import Rating
from models.survey import Channel
from survey.digest import Copy, Material, compose
from survey.redaction import Markers

POLICY = DigestPolicy(organisation="Norrköpings kommun", questions=("bemotande", "tillganglighet", "leverans"))
COPY = Copy(markers=Markers(phone="[telefonnummer]", mail="[e-post]", personal_number="[personnummer]"))
NOW = datetime(2015, 9, 14, 5, 0, tzinfo=UTC)


def table(found: Digest, dimension: Dimension) -> GroupTable:
    return next(each for each in found.groups if each.dimension is dimension)


def shares(cell: object) -> str:
    assert isinstance(cell, Figures), cell
    return "/".join(str(cell.percent(rating)) for rating in Rating)


@pytest.fixture(scope="module")
def norrkoping() -> list[AnswerCount]:
    """The replies of 2015, joined with their cases, as the rollup would count them."""
    here = Path(__file__).parents[2] / "demo" / "norrkoping-2015"
    with (here / "cases.csv").open(encoding="utf-8-sig", newline="") as file:
        cases = {row["case_id"]: row for row in csv.DictReader(file)}
    counted: Counter[tuple[str, ...]] = Counter()
    with (here / "replies.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["rating"] != "skip":
                of = cases[row["case_id"]]
                group = (of["department"], of["unit"], of["customer_type"], of["intake_channel"])
                counted[*group, row["question"], row["rating"]] += 1
    return [
        AnswerCount(
            week=IsoWeek(2015, 37),
            department=department,
            unit=unit,
            customer_type=kind,
            intake_channel=intake,
            channel=Channel.CHAT,
            question=question,
            rating=Rating(rating),
            count=count,
        )
        for (department, unit, kind, intake, question, rating), count in counted.items()
    ]


def test_norrkopings_published_figures_come_out(norrkoping: list[AnswerCount]) -> None:
    found = compose(Material(counts=norrkoping), COPY, POLICY, IsoWeek(2015, 37), NOW)
    assert {each.question: (shares(each.week), each.week.n) for each in found.questions} == {
        "bemotande": ("87/10/3", 60),
        "tillganglighet": ("75/18/7", 60),
        "leverans": ("42/26/32", 50),
    }
    kinds = {
        row.name: [cell.recent.percent(Rating.BRA) for cell in row.cells]
        for row in table(found, Dimension.CUSTOMER_TYPE).rows
    }
    assert kinds == {"företag": [100, 72, 33], "medborgare": [83, 76, 45]}
    assert {each.change.reason for each in found.questions} == {CannotSay.NO_HISTORY}
    assert found.notes == (Note.GROUPS_PROTECTED, Note.NO_HISTORY)


def test_norrkopings_two_tram_customers_are_hidden(norrkoping: list[AnswerCount]) -> None:
    found = compose(Material(counts=norrkoping), COPY, POLICY, IsoWeek(2015, 37), NOW)
    shown = {row.name: isinstance(row.cells[0].recent, Figures) for row in table(found, Dimension.UNIT).rows}
    assert shown == {"Gata Trafik": True, "Park Natur": False, "Spår": False}
    assert [each.dimension for each in found.groups] == [
        Dimension.UNIT,
        Dimension.CUSTOMER_TYPE,
        Dimension.INTAKE_CHANNEL,
    ]  # one department only: no table of departments
