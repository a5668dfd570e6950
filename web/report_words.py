"""What the managers' page says about figures and periods. Where it can, in the digest's own words."""

from dataclasses import dataclass

from models.counts import IsoWeek
from models.digest import CannotSay, Cell, Change, Direction, Figures, Hidden, Target
from models.rating import Rating
from models.texts import Texts
from survey.periods import Kind, Span, span_of
from survey.results import Compared, Results
from survey.wording import Phrases, capital, percent, unbroken


class _Unbroken(Phrases):
    """Each sentence as a page wants it."""

    def __call__(self, key: str, **values: object) -> str:
        return unbroken(super().__call__(key, **values))


@dataclass(frozen=True, slots=True)
class Words:
    """`texts` holds the whole language; `newest` is the last week that is over."""

    texts: Texts
    newest: IsoWeek

    def __call__(self, key: str, **values: object) -> str:
        return unbroken(self.texts(f"report.{key}", **values))

    @property
    def digest(self) -> Phrases:
        """The digest's own words."""
        return _Unbroken(self.texts)

    def kind(self, name: str) -> str:
        """A customer type or a way in, with a capital letter as in the digest; units as they write themselves."""
        return capital(self.digest.group(name))

    # --- periods

    def weeks(self, span: Span) -> str:
        """ "v. 45–48", with the years where there are two."""
        first, last = span.first, span.last
        if first == last:
            return self("weeks.one", week=first.week)
        if first.year == last.year:
            return self("weeks.some", first=first.week, last=last.week)
        years = {"first_year": first.year, "last_year": last.year}
        return self("weeks.over_new_year", first=first.week, last=last.week, **years)

    def period(self, span: Span) -> str:
        """ "November 2026", "Vecka 47 2026", "Första halvåret 2026 hittills": as short as it can be."""
        kind, complete = kind_of(span, self.newest)
        if kind is None:
            said = self.weeks(span)
            return said if span.first.year < span.last.year else self("period.weeks", weeks=said, year=span.last.year)
        year = span.first.year
        match kind:
            case Kind.WEEK:
                said = self("period.week", week=span.first.week, year=year)
            case Kind.MONTH:
                said = self("period.month", month=self.digest(f"month.{span.month}"), year=year)
            case Kind.QUARTER:
                said = self("period.quarter", quarter=(span.month + 2) // 3, year=year)
            case Kind.HALF:
                said = self(f"period.half_{1 if span.month < 7 else 2}", year=year)
            case Kind.YEAR:
                said = self("period.year", year=year)
        said = capital(said)
        return said if complete else self("period.so_far", period=said)

    def brief(self, span: Span, *, year: bool = False) -> str:
        """ "v. 33", or with its year "v. 33 2026"; a month always has it: "okt. 2026"."""
        if span.kind is Kind.MONTH:
            return self("brief.month", month=self(f"brief.months.{span.month}"), year=span.first.year)
        return self("period.weeks", weeks=self.weeks(span), year=span.first.year) if year else self.weeks(span)

    def choice(self, span: Span) -> str:
        """The period and its days or weeks, for a list to choose from."""
        kind, _ = kind_of(span, self.newest)
        if kind is None:
            return self.period(span)
        inside = self.digest.days(span.first, span.last) if kind is Kind.WEEK else self.weeks(span)
        return self("period.with_weeks", period=self.period(span), weeks=inside)

    # --- figures

    def hidden(self, cell: Cell) -> str:
        """Why there is no figure; "" where there is."""
        return self.digest(f"hidden.{cell.why.value}") if isinstance(cell, Hidden) else ""

    def interval(self, figures: Figures) -> str:
        bounds = figures.bra_interval
        values = {"low": percent(bounds.low), "high": percent(bounds.high)}
        return self.digest("interval.plain", answers=self.digest.counted("answers", figures.n), **values)

    def target(self, target: Target | None) -> str:
        if target is None:
            return ""
        result = target.result.value if target.result else "none"
        return self.digest(f"target.{result}", target=percent(target.share))

    def change_label(self, change: Change) -> str:
        if change.reason is CannotSay.NO_HISTORY and isinstance(change.recent, Figures):
            return self.digest("change.label_no_history")
        return self.digest(f"change.label_{change.direction.value}")

    def change_mark(self, change: Change) -> str:
        """Only for a sure change."""
        sure = change.direction in (Direction.BETTER, Direction.WORSE)
        return self.digest(f"change.mark_{change.direction.value}") if sure else ""

    def change(self, compared: Compared, results: Results) -> str:
        """The digest's sentence where the digest's weeks are compared; else one that says what the period is."""
        change = compared.change
        key = change.reason.value if change.reason else change.direction.value
        values: dict[str, object] = {"base_weeks": compared.base.weeks}
        if isinstance(change.recent, Figures) and isinstance(change.base, Figures):
            values |= {"recent": change.recent.percent(Rating.BRA), "recent_n": self.digest.number(change.recent.n)}
            values |= {"base": change.base.percent(Rating.BRA), "base_n": self.digest.number(change.base.n)}
        elif key == CannotSay.UNCERTAIN.value:
            key = CannotSay.TOO_FEW.value
        if results.recent.weeks > results.span.weeks:  # a short period: what is compared is the digest's recent weeks
            return self.digest(f"change.{key}", weeks=results.recent.weeks, **values)
        return self(f"change.{key}", **values)


def kind_of(span: Span, newest: IsoWeek) -> tuple[Kind | None, bool]:
    """Which period of the calendar it is, and whether it is over; (None, True) for weeks that are none."""
    for kind in Kind:
        whole = span_of(kind, span.first)
        if (whole.first, whole.last) == (span.first, span.last):
            return kind, True
    for kind in Kind:
        whole = span_of(kind, span.first)
        if whole.first == span.first and span.last == newest < whole.last:
            return kind, False
    return None, True
