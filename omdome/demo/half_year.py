"""An invented half-year, so that change over time, small groups and follow-up can be seen. Nothing here is real.

Seeded: the same seed gives the same cases and replies. Some 40 customers answer a week; "Park Natur" really gets
worse at delivering in its last four weeks, and nothing else changes.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from models.case import ClosedCase, CustomerType
from models.counts import IsoWeek
from models.rating import Rating

WEEKS = 30
CASES_A_WEEK = 90
ANSWERING_SHARE = 0.45
WORSE_UNIT, WORSE_QUESTION, WORSE_WEEKS = "Park Natur", "leverans", 4
NUMBERS = ("+46701740605", "+46701740606", "+46701740607")  #: nobody's (PTS keeps them for films and the like)

Shares = tuple[float, float]  #: bra, ok; the rest is dåligt

_UNITS: dict[str, tuple[float, dict[str, Shares], tuple[str, ...]]] = {
    "Gata Trafik": (
        0.42,
        {"bemotande": (0.84, 0.11), "tillganglighet": (0.74, 0.17), "leverans": (0.62, 0.20)},
        ("Potthål", "Trasig gatubelysning", "Snöröjning", "Igensatt brunn"),
    ),
    "Park Natur": (
        0.29,
        {"bemotande": (0.88, 0.08), "tillganglighet": (0.78, 0.15), "leverans": (0.72, 0.16)},
        ("Nedfallet träd", "Lekplats", "Klotter i park", "Full papperskorg"),
    ),
    "Vatten Avlopp": (
        0.24,
        {"bemotande": (0.86, 0.10), "tillganglighet": (0.70, 0.20), "leverans": (0.68, 0.18)},
        ("Vattenläcka", "Missfärgat vatten", "Stopp i avloppet"),
    ),
    "Hamnen": (
        0.025,
        {"bemotande": (0.85, 0.10), "tillganglighet": (0.70, 0.20), "leverans": (0.65, 0.20)},
        ("Bryggplats", "Belysning på kajen"),
    ),
    "Spår": (
        0.025,
        {"bemotande": (0.80, 0.15), "tillganglighet": (0.70, 0.20), "leverans": (0.60, 0.20)},
        ("Buller från spårvagn", "Hållplatsskylt"),
    ),
}
_WORSE: Shares = (0.32, 0.22)

_WORDS = {
    Rating.BRA: ("Bra", "bra", "jättebra", "Mycket bra!", "toppen", "👍", "Det var bra"),
    Rating.OK: ("ok", "okej", "helt okej", "sådär", "godkänt"),
    Rating.DALIGT: ("dåligt", "Dåligt", "inte bra", "mycket dåligt", "uselt"),
}
_PRAISE = (
    "Tack för snabb hjälp!",
    "Trevlig kille som kom ut samma dag.",
    "Första gången jag fått besked om vad som hände. Fortsätt så.",
    "Väldigt vänligt bemötande i telefon.",
)
_BLAME = (
    "Ingen hörde av sig, jag fick ringa tre gånger.",
    "Ärendet stängdes men inget är gjort.",
    "Det tog fem veckor. Ring mig på 070-174 06 21 om ni vill veta mer.",
    "Papperskorgarna är fortfarande överfulla.",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What one customer says. `answers`: (question, words) in order; `comment` "" for none."""

    case_id: str
    at: datetime
    answers: tuple[tuple[str, str], ...]
    comment: str


@dataclass(frozen=True, slots=True)
class Week:
    week: IsoWeek
    cases: tuple[ClosedCase, ...]
    replies: tuple[Reply, ...]


def half_year(last: IsoWeek, weeks: int = WEEKS, seed: int = 2023) -> Iterator[Week]:
    """So many weeks of cases and replies, the newest of them `last`.

    In that one the first customers of `WORSE_UNIT` who don't reply can be reached by telephone alone, at `NUMBERS`.
    """
    chance = random.Random(seed)  # noqa: S311 - an invented half-year needs no secrets
    for back in range(weeks - 1, -1, -1):
        week = last.shifted(-back)
        cases = tuple(_case(chance, week, number) for number in range(1, CASES_A_WEEK + 1))
        answering = [case for case in cases if chance.random() < ANSWERING_SHARE]
        replies = sorted((_reply(chance, case, week, back) for case in answering), key=lambda reply: reply.at)
        yield Week(week, cases if back else tuple(_by_phone(cases, answering)), tuple(replies))


def monday_morning(week: IsoWeek) -> datetime:
    """When the week's closed cases are read: Monday 05:00 UTC."""
    return datetime.combine(week.monday, time(5), UTC)


def _by_phone(cases: Sequence[ClosedCase], answering: Sequence[ClosedCase]) -> Iterator[ClosedCase]:
    numbers = iter(NUMBERS)
    for case in cases:
        reachable = case in answering or case.unit != WORSE_UNIT
        number = "" if reachable else next(numbers, "")
        yield replace(case, mail="", phone=number) if number else case


def _case(chance: random.Random, week: IsoWeek, number: int) -> ClosedCase:
    units = list(_UNITS)
    unit = chance.choices(units, [_UNITS[name][0] for name in units])[0]
    closed = monday_morning(week) - timedelta(hours=chance.randint(8, 160))
    handler = f"handlaggare{chance.randint(1, 9):02}"
    case_id = f"EX-{week}-{number:03}"
    return ClosedCase(
        case_id=case_id,
        opened_at=closed - timedelta(hours=chance.randint(3, 700)),
        closed_at=closed,
        department="Tekniska kontoret",
        unit=unit,
        subject=chance.choice(_UNITS[unit][2]),
        handler=handler,
        handler_mail=f"{handler}@example.org",
        intake_channel=chance.choices(("telefon", "e-post", "webbformulär"), (70, 12, 18))[0],
        customer_type=chance.choices((CustomerType.MEDBORGARE, CustomerType.FORETAG), (85, 15))[0],
        mail=f"{case_id.lower()}@example.net",
    )


def _reply(chance: random.Random, case: ClosedCase, week: IsoWeek, weeks_left: int) -> Reply:
    at = monday_morning(week) + timedelta(minutes=chance.randint(180, 6 * 24 * 60))
    ratings = []
    for question, shares in _UNITS[case.unit][1].items():
        worse = case.unit == WORSE_UNIT and question == WORSE_QUESTION and weeks_left < WORSE_WEEKS
        ratings.append((question, _rating(chance, _WORSE if worse else shares)))
    answers = tuple((question, chance.choice(_WORDS[rating])) for question, rating in ratings)
    return Reply(case.case_id, at, answers, _comment(chance, [rating for _, rating in ratings]))


def _rating(chance: random.Random, shares: Shares) -> Rating:
    weights = (*shares, 1 - sum(shares))
    return chance.choices((Rating.BRA, Rating.OK, Rating.DALIGT), weights)[0]


def _comment(chance: random.Random, ratings: list[Rating]) -> str:
    if Rating.DALIGT in ratings and chance.random() < 0.35:
        return chance.choice(_BLAME)
    if set(ratings) == {Rating.BRA} and chance.random() < 0.2:
        return chance.choice(_PRAISE)
    return ""
