"""What the reader of the managers' page chooses: read from addresses, written to them, and offered in the form."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from aiohttp import web

from models.counts import IsoWeek
from survey.periods import Kind, Span, span_of
from survey.results import LONGEST_WEEKS, Chosen
from web.report_words import Words, kind_of

START = "/rapport"
NAMELESS = "-"  #: in addresses, the group that the case system gave no name
OWN_WEEKS = "egna"
#: how many periods of each kind are offered; any other weeks can be chosen one by one
_OFFERED = {Kind.WEEK: 26, Kind.MONTH: 14, Kind.QUARTER: 9, Kind.HALF: 5, Kind.YEAR: 3}
_WEEKS_TO_CHOOSE = 105


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class Form:
    """The form's lists. `periods` are (heading, options)."""

    periods: tuple[tuple[str, tuple[Option, ...]], ...]
    own: bool  #: the weeks were chosen one by one
    first: tuple[Option, ...]
    last: tuple[Option, ...]
    units: tuple[Option, ...]
    customer_types: tuple[Option, ...]
    channels: tuple[Option, ...]


def chosen_from(query: Mapping[str, str], newest: IsoWeek) -> Chosen:
    """What the address asks for. Without a period: the last week; a period that is nonsense: HTTPBadRequest."""
    span = _span(query, newest)
    unit, kind, channel = (query.get(name, "")[:300] for name in ("enhet", "kundtyp", "inkanal"))
    return Chosen(
        first=span.first,
        last=span.last,
        units=(_name(unit),) if unit else (),
        customer_type=_name(kind) if kind else None,
        channel=_name(channel) if channel else None,
    )


def address_of(chosen: Chosen, path: str = START, **more: str) -> str:
    """The address of a page with this choice."""
    query = {"period": _value(chosen.span)}
    if chosen.units:
        query["enhet"] = chosen.units[0] or NAMELESS
    if chosen.customer_type is not None:
        query["kundtyp"] = chosen.customer_type or NAMELESS
    if chosen.channel is not None:
        query["inkanal"] = chosen.channel or NAMELESS
    return f"{path}?{urlencode(query | more)}"


def neighbours(chosen: Chosen, newest: IsoWeek, oldest: IsoWeek) -> tuple[Chosen | None, Chosen | None]:
    """The same for the period before and the one after; None where there is none, or nothing was counted yet."""
    kind, _ = kind_of(chosen.span, newest)
    if kind is None:
        return None, None
    before, after = span_of(kind, chosen.first.shifted(-1)), span_of(kind, chosen.last.shifted(1))
    return (
        replace(chosen, first=before.first, last=before.last) if before.last >= oldest else None,
        replace(chosen, first=after.first, last=min(after.last, newest)) if after.first <= newest else None,
    )


def form_of(chosen: Chosen, names: Sequence[Sequence[str]], oldest: IsoWeek, words: Words) -> Form:
    """`names` are those of units, customer types and channels to choose from; `oldest` is the first week counted."""
    newest = words.newest
    periods = tuple(
        (
            words(f"form.{kind.name.lower()}"),
            tuple(_option(span, chosen, words) for span in _offered(kind, newest, oldest)),
        )
        for kind in _OFFERED
    )
    own = not any(option.selected for _, options in periods for option in options)
    weeks = [week for back in range(_WEEKS_TO_CHOOSE) if (week := newest.shifted(-back)) >= min(oldest, newest)]
    unit = chosen.units[0] if chosen.units else None
    units, kinds, channels = names
    return Form(
        periods=periods,
        own=own,
        first=_weeks(weeks, chosen.first, words),
        last=_weeks(weeks, chosen.last, words),
        units=_groups(units, unit, words("form.all_units"), words.digest.group),
        customer_types=_groups(kinds, chosen.customer_type, words("form.all_customers"), words.kind),
        channels=_groups(channels, chosen.channel, words("form.all_channels"), words.kind),
    )


def _offered(kind: Kind, newest: IsoWeek, oldest: IsoWeek) -> Iterator[Span]:
    week = newest
    for _ in range(_OFFERED[kind]):
        span = span_of(kind, week)
        if span.last < oldest:
            return
        so_far = Span(span.first, min(span.last, newest))
        if kind_of(so_far, newest)[0] is kind:  # a quarter's first month is offered as a month
            yield so_far
        week = span.first.shifted(-1)


def _option(span: Span, chosen: Chosen, words: Words) -> Option:
    return Option(_value(span), words.choice(span), span == chosen.span)


def _weeks(weeks: Sequence[IsoWeek], chosen: IsoWeek, words: Words) -> tuple[Option, ...]:
    offered = weeks if chosen in weeks else [*weeks, chosen]
    return tuple(Option(str(week), words.choice(Span(week, week)), week == chosen) for week in offered)


def _groups(
    names: Sequence[str], chosen: str | None, everything: str, written: Callable[[str], str]
) -> tuple[Option, ...]:
    offered = names if chosen is None or chosen in names else [*names, chosen]
    found = [Option(name or NAMELESS, written(name), name == chosen) for name in offered]
    return (Option("", everything, chosen is None), *found)


def not_over(query: Mapping[str, str], newest: IsoWeek) -> IsoWeek | None:
    """The last week that is asked for, if it isn't over and so not shown."""
    last = max(filter(None, _named(query)), default=newest)
    return last if last > newest else None


def _named(query: Mapping[str, str]) -> tuple[IsoWeek | None, IsoWeek | None]:
    period = query.get("period", "")
    start, _, end = period.partition("_")
    named = (query.get("fran", ""), query.get("till", "")) if period == OWN_WEEKS else (start, end or start)
    return _week(named[0]), _week(named[1])


def _span(query: Mapping[str, str], newest: IsoWeek) -> Span:
    first, last = _named(query)
    first, last = first or last or newest, last or first or newest
    first, last = min(first, last), max(first, last)
    last = min(last, newest)
    return Span(min(max(first, last.shifted(1 - LONGEST_WEEKS)), last), last)


def _week(text: str) -> IsoWeek | None:
    """None if nothing is said. Nonsense is told: figures of another week than the one meant would mislead."""
    try:
        return IsoWeek.parse(text) if text else None
    except ValueError:
        raise web.HTTPBadRequest from None


def _value(span: Span) -> str:
    return str(span.first) if span.first == span.last else f"{span.first}_{span.last}"


def _name(text: str) -> str:
    return "" if text == NAMELESS else text
