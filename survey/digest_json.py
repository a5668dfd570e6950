"""The digest as plain data for scripts: `digest --json`. The keys are documented in docs/statistics.md and stay."""

from datetime import datetime

from models.digest import (
    Account,
    Cell,
    Change,
    Digest,
    GroupTable,
    Hidden,
    Interval,
    QuestionFigures,
    Recovery,
    Voice,
    Why,
)
from models.rating import Rating

Plain = dict[str, object]


def to_json(digest: Digest) -> Plain:
    """Only dicts, lists, strings, numbers, booleans and None. Shares are 0..1, percentages whole; times ISO 8601."""
    return {
        "organisation": digest.organisation,
        "week": str(digest.week),
        "first_day": digest.week.monday.isoformat(),
        "last_day": digest.week.sunday.isoformat(),
        "generated_at": _time(digest.generated_at),
        "preliminary": digest.preliminary,
        "units": list(digest.units),
        "identified": digest.identified,
        "nothing_answered": digest.nothing,
        "recent_weeks": digest.recent_weeks,
        "base_weeks": digest.base_weeks,
        "questions": [_question(each) for each in digest.questions],
        "account": _account(digest.account),
        "groups": {str(table.dimension): _table(table) for table in digest.groups},
        "highlights": [
            {
                "kind": str(each.kind),
                "question": each.question,
                "dimension": str(each.dimension) if each.dimension else None,
                "group": each.group if each.dimension else None,
            }
            for each in digest.highlights
        ],
        "notes": [str(note) for note in digest.notes],
        "follow_ups": [_voice(each) for each in digest.follow_ups],
        "praise": [_voice(each) for each in digest.praise],
        "comments": [_voice(each) for each in digest.comments],
        "recovered": _recovered(digest.recovered),
    }


def _question(figures: QuestionFigures) -> Plain:
    target = figures.target
    return {
        "question": figures.question,
        "week": _cell(figures.week),
        "change": _change(figures.change),
        "target": target and {"share": target.share, "result": str(target.result) if target.result else None},
        "trend": [{"week": str(point.week), **_cell(point.cell)} for point in figures.trend],
    }


def _cell(cell: Cell) -> Plain:
    """Figures, or `{"hidden": why, "minimum": n}`: a script tells them apart by "hidden", which is always there."""
    if isinstance(cell, Hidden):
        return {"hidden": str(cell.why), "minimum": cell.minimum}
    return {
        "hidden": None,
        "n": cell.n,
        "counts": {str(rating): cell.count(rating) for rating in Rating},
        "percent": {str(rating): cell.percent(rating) for rating in Rating},
        "bra_interval": _interval(cell.bra_interval),
        "daligt_interval": _interval(cell.daligt_interval),
    }


def _interval(interval: Interval) -> list[float]:
    return [round(interval.low, 4), round(interval.high, 4)]


def _change(change: Change) -> Plain:
    return {
        "direction": str(change.direction),
        "reason": str(change.reason) if change.reason else None,
        "recent": _cell(change.recent),
        "base": _cell(change.base),
        "p": change.p,
    }


def _account(account: Account) -> Plain:
    return {
        "closed": account.closed,
        "not_asked": {str(reason): count for reason, count in account.not_asked},
        "asked": account.asked,
        "reached": account.reached,
        "answered": account.answered,
        "channels": {str(channel): count for channel, count in account.channels},
    }


def _recovered(recovery: Recovery | None) -> Plain | None:
    """`hidden` is there as in a cell of figures; then `recovered` and `percent` are null."""
    if recovery is None:
        return None
    return {
        "hidden": str(Why.PROTECTED) if recovery.recovered is None else None,
        "minimum": recovery.minimum,
        "asked": recovery.asked,
        "n": recovery.answered,
        "recovered": recovery.recovered,
        "percent": recovery.percent,
    }


def _table(table: GroupTable) -> list[Plain]:
    return [
        {"name": row.name, "questions": {cell.question: _change(cell.change) for cell in row.cells}}
        for row in table.rows
    ]


def _voice(voice: Voice) -> Plain:
    return {
        "case_id": voice.case_id,
        "subject": voice.subject,
        "unit": voice.unit,
        "closed_at": _time(voice.closed_at),
        "answered_at": _time(voice.answered_at),
        "ratings": {question: str(rating) if rating else None for question, rating in voice.ratings},
        "reasons": [{"question": question, "code": code, "text": text} for question, code, text in voice.reasons],
        "comments": list(voice.comments),
    }


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
