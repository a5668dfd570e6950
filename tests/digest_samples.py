"""Four digests to draw: a rich week, small numbers, an empty week, and one like Norrköping's of 2015.

The figures hang together only as far as a drawing needs; `survey.digest` makes the real ones.
"""

from datetime import UTC, datetime
from typing import Any

from models.counts import IsoWeek
from models.digest import (
    Account,
    Against,
    CannotSay,
    Cell,
    Change,
    Digest,
    Dimension,
    Direction,
    Figures,
    GroupCell,
    GroupRow,
    GroupTable,
    Hidden,
    Highlight,
    HighlightKind,
    Interval,
    Note,
    QuestionFigures,
    Recovery,
    Target,
    TrendPoint,
    Voice,
    Why,
)
from models.rating import Rating
from models.selection import NotAsked
from models.survey import Channel

QUESTIONS = ("bemotande", "tillganglighet", "leverans")
PROTECTED = Hidden(Why.PROTECTED, 7)
NOTHING = Hidden(Why.NOTHING, 7)


def _figures(bra: int, ok: int, daligt: int) -> Figures:
    n = bra + ok + daligt
    low, high = max(0.0, bra / n - 1 / n**0.5), min(1.0, bra / n + 1 / n**0.5)
    bad_low, bad_high = max(0.0, daligt / n - 1 / n**0.5), min(1.0, daligt / n + 1 / n**0.5)
    return Figures(bra, ok, daligt, Interval(low, high), Interval(bad_low, bad_high))


def _cannot_say(reason: CannotSay, recent: Cell = PROTECTED, base: Cell = NOTHING) -> Change:
    return Change(direction=Direction.CANNOT_SAY, reason=reason, recent=recent, base=base)


def _change(direction: Direction, recent: Figures, base: Figures, p: float) -> Change:
    return Change(direction=direction, reason=None, recent=recent, base=base, p=p)


def _digest(**rest: Any) -> Digest:
    return Digest(organisation="Norrköpings kommun", recent_weeks=4, base_weeks=26, **rest)


def _account(
    closed: int, not_asked: tuple[tuple[NotAsked, int], ...], reached: int, channels: tuple[tuple[Channel, int], ...]
) -> Account:
    return Account(
        closed=closed,
        not_asked=not_asked,
        asked=closed - sum(count for _, count in not_asked),
        reached=reached,
        answered=sum(count for _, count in channels),
        channels=channels,
    )


def _trend(week: IsoWeek, last: Cell, weekly: tuple[tuple[int, int, int], ...]) -> tuple[TrendPoint, ...]:
    """`weekly` repeats over the 25 weeks before; a (0, 0, 0) is a week without answers, (1, 0, 0) a protected one."""
    points = []
    for back in range(25, 0, -1):
        counts = weekly[back % len(weekly)]
        cell: Cell = NOTHING if sum(counts) == 0 else PROTECTED if sum(counts) < 7 else _figures(*counts)
        points.append(TrendPoint(week.shifted(-back), cell))
    return (*points, TrendPoint(week, last))


def _row(name: str, *recent: Cell, directions: str = "???", reason: CannotSay = CannotSay.TOO_FEW) -> GroupRow:
    """`directions`: + better, - worse, = unchanged, ? cannot say; one per question."""
    meaning = {"+": Direction.BETTER, "-": Direction.WORSE, "=": Direction.UNCHANGED}
    base = _figures(330, 70, 50)
    changes = (
        _change(meaning[sign], cell, base, 0.01)
        if sign in meaning and isinstance(cell, Figures)
        else _cannot_say(reason, cell)
        for sign, cell in zip(directions, recent, strict=True)
    )
    return GroupRow(name, tuple(GroupCell(q, change) for q, change in zip(QUESTIONS, changes, strict=True)))


def _voice(number: int, subject: str, unit: str, ratings: str, comment: str = "", reason: str = "") -> Voice:
    meaning = {"b": Rating.BRA, "o": Rating.OK, "d": Rating.DALIGT, "-": None}
    given = tuple((q, meaning[letter]) for q, letter in zip(QUESTIONS, ratings, strict=True))
    poor = next((q for q, rating in given if rating is Rating.DALIGT), "")
    return Voice(
        case_id=f"TK-2026-{number:04}",
        subject=subject,
        unit=unit,
        closed_at=datetime(2026, 11, 12, 9, 0, tzinfo=UTC),
        answered_at=datetime(2026, 11, 17, 8, number % 60, tzinfo=UTC),
        ratings=given,
        reasons=((poor, reason, ""),) if reason else (),
        comments=(comment,) if comment else (),
    )


def _rich_groups() -> tuple[GroupTable, ...]:
    return (
        GroupTable(
            Dimension.UNIT,
            (
                _row("Gata Trafik", _figures(58, 8, 4), _figures(50, 12, 7), _figures(26, 14, 28), directions="==-"),
                _row("Park Natur", _figures(44, 6, 2), _figures(41, 7, 3), _figures(32, 10, 9), directions="=+?"),
                _row("Skolskjuts Färdtjänst", PROTECTED, PROTECTED, PROTECTED),
                _row("Spår", PROTECTED, PROTECTED, NOTHING),
            ),
        ),
        GroupTable(
            Dimension.CUSTOMER_TYPE,
            (
                _row("företag", _figures(31, 2, 1), _figures(26, 6, 3), _figures(15, 9, 9), directions="???"),
                _row("medborgare", _figures(99, 16, 7), _figures(92, 20, 9), _figures(55, 25, 35), directions="=+-"),
            ),
        ),
        GroupTable(
            Dimension.INTAKE_CHANNEL,
            (
                _row("e-post", _figures(22, 3, 2), _figures(20, 5, 2), _figures(14, 5, 7)),
                _row("telefon", _figures(96, 13, 5), _figures(88, 18, 9), _figures(50, 25, 33), directions="=+-"),
                _row("", PROTECTED, PROTECTED, PROTECTED),
            ),
        ),
    )


def rich() -> Digest:
    """A named recipient's copy of a good week: changes both ways, targets, groups, voices."""
    week = IsoWeek(2026, 47)
    ratings = {"bemotande": (31, 5, 2), "tillganglighet": (27, 8, 4), "leverans": (18, 8, 10)}
    changes = {
        "bemotande": _change(Direction.UNCHANGED, _figures(130, 18, 8), _figures(850, 120, 60), 0.64),
        "tillganglighet": _change(Direction.BETTER, _figures(118, 26, 12), _figures(640, 230, 150), 0.002),
        "leverans": _change(Direction.WORSE, _figures(70, 34, 44), _figures(590, 230, 180), 0.0009),
    }
    results = {"bemotande": Against.AROUND, "tillganglighet": Against.AROUND, "leverans": Against.BELOW}
    questions = tuple(
        QuestionFigures(
            question=question,
            week=_figures(*counts),
            change=changes[question],
            target=Target(0.8 if question == "bemotande" else 0.7, results[question]),
            trend=_trend(week, _figures(*counts), (counts, (30, 6, 2), (25, 9, 5), (28, 7, 3), (4, 1, 0), (26, 6, 4))),
        )
        for question, counts in ratings.items()
    )
    return _digest(
        week=week,
        generated_at=datetime(2026, 11, 23, 6, 0, tzinfo=UTC),
        units=(),
        identified=True,
        questions=questions,
        account=_account(
            212,
            ((NotAsked.NO_ADDRESS, 31), (NotAsked.EXCLUDED_UNIT, 24), (NotAsked.ASKED_RECENTLY, 9)),
            96,
            ((Channel.CHAT, 33), (Channel.WEB, 6)),
        ),
        groups=_rich_groups(),
        highlights=(
            Highlight(HighlightKind.WORSE, "leverans"),
            Highlight(HighlightKind.WORSE, "leverans", Dimension.UNIT, "Gata Trafik"),
            Highlight(HighlightKind.BELOW_TARGET, "leverans"),
            Highlight(HighlightKind.BETTER, "tillganglighet"),
        ),
        notes=(Note.GROUPS_PROTECTED,),
        follow_ups=(
            _voice(17, "Potthål", "Gata Trafik", "bod", "Hålet är kvar. Ring mig på [telefonnummer].", "inte_atgardat"),
            _voice(21, "Trasig gatubelysning", "Gata Trafik", "odd", "", "ingen_aterkoppling"),
            _voice(34, "Färdtjänsttillstånd", "Skolskjuts Färdtjänst", "d--", "=1+1 <b>ingen</b> svarade"),
        ),
        recovered=Recovery(asked=12, answered=9, recovered=7, minimum=7),
        praise=(
            _voice(40, "Nedfallet träd", "Park Natur", "bbb", "Tack för snabb hjälp, ni är bäst! 🌳"),
            _voice(44, "Lekplats", "Park Natur", "bb-", "Trevlig kille i telefon."),
        ),
        comments=(
            _voice(51, "Snöröjning", "Gata Trafik", "bob", "Helt okej, men det tog tid innan någon hörde av sig."),
        ),
    )


def small() -> Digest:
    """A unit manager's general copy with few answers: figures protected, nothing sure to say."""
    week = IsoWeek(2026, 53)
    recent = _figures(14, 3, 2)
    base = _figures(70, 14, 9)
    return _digest(
        week=week,
        generated_at=datetime(2027, 1, 4, 6, 0, tzinfo=UTC),
        units=("Park Natur", "Spår"),
        identified=False,
        questions=tuple(
            QuestionFigures(
                question=question,
                week=cell,
                change=_cannot_say(CannotSay.UNCERTAIN, recent, base),
                target=target,
                trend=_trend(week, cell, ((5, 1, 1), (1, 0, 0), (0, 0, 0))),
            )
            for question, cell, target in (
                ("bemotande", _figures(6, 1, 0), Target(0.8, Against.AROUND)),
                ("tillganglighet", PROTECTED, Target(0.7, None)),
                ("leverans", NOTHING, None),
            )
        ),
        account=_account(19, ((NotAsked.NO_ADDRESS, 4),), 9, ((Channel.CHAT, 7),)),
        groups=(
            GroupTable(
                Dimension.UNIT,
                (
                    _row("Park Natur", PROTECTED, PROTECTED, NOTHING),
                    _row("Spår", PROTECTED, PROTECTED, NOTHING),
                ),
            ),
        ),
        notes=(Note.TOO_FEW, Note.GROUPS_PROTECTED),
    )


def empty() -> Digest:
    """A week in which nobody answered."""
    week = IsoWeek(2026, 30)
    return _digest(
        week=week,
        generated_at=datetime(2026, 7, 27, 5, 0, tzinfo=UTC),
        units=(),
        identified=False,
        questions=tuple(
            QuestionFigures(
                question=question,
                week=NOTHING,
                change=_cannot_say(CannotSay.TOO_FEW),
                target=Target(0.8, None),
                trend=_trend(week, NOTHING, ((6, 1, 1), (0, 0, 0))),
            )
            for question in QUESTIONS
        ),
        account=_account(23, ((NotAsked.NO_ADDRESS, 3),), 4, ()),
        groups=(),
        notes=(Note.NOTHING_ANSWERED,),
    )


def norrkoping() -> Digest:
    """The first digest there is: the published shares of 2015, and no history."""
    week = IsoWeek(2015, 37)
    all_counts = {"bemotande": (52, 6, 2), "tillganglighet": (45, 11, 4), "leverans": (21, 13, 16)}
    gata = (_figures(38, 4, 2), _figures(30, 10, 4), _figures(14, 12, 11))
    medborgare = (_figures(38, 6, 2), _figures(32, 7, 3), _figures(17, 8, 13))
    new = CannotSay.NO_HISTORY
    foretag = (_figures(14, 0, 0), _figures(13, 4, 1), _figures(4, 5, 3))
    return _digest(
        week=week,
        generated_at=datetime(2015, 9, 14, 5, 0, tzinfo=UTC),
        units=(),
        identified=False,
        questions=tuple(
            QuestionFigures(
                question=question,
                week=_figures(*counts),
                change=_cannot_say(CannotSay.NO_HISTORY, _figures(*counts)),
                target=None,
                trend=_trend(week, _figures(*counts), ((0, 0, 0),)),
            )
            for question, counts in all_counts.items()
        ),
        account=_account(560, ((NotAsked.EXCLUDED_UNIT, 60),), 64, ((Channel.CHAT, 64),)),
        groups=(
            GroupTable(
                Dimension.UNIT,
                (
                    _row("Gata Trafik", *gata, reason=new),
                    _row("Park Natur", PROTECTED, PROTECTED, PROTECTED, reason=new),
                    _row("Spår", PROTECTED, PROTECTED, PROTECTED, reason=new),
                ),
            ),
            GroupTable(
                Dimension.CUSTOMER_TYPE,
                (_row("företag", *foretag, reason=new), _row("medborgare", *medborgare, reason=new)),
            ),
        ),
        notes=(Note.GROUPS_PROTECTED, Note.NO_HISTORY),
    )
