"""What the managers' page says about figures and periods. Where it can, in the digest's own words."""

import re
from dataclasses import dataclass

from models.counts import IsoWeek
from models.digest import CannotSay, Cell, Change, Direction, Figures, Hidden, Target
from models.rating import Rating
from models.texts import Texts
from survey.periods import Kind, Span, span_of
from survey.results import Compared, Results


@dataclass(frozen=True, slots=True)
class Words:
    """`texts` holds the whole language; `newest` is the last week that is over."""

    texts: Texts
    newest: IsoWeek

    def __call__(self, key: str, **values: object) -> str:
        return _unbroken(self.texts(f"report.{key}", **values))

    def digest(self, key: str, **values: object) -> str:
        return _unbroken(self.texts(f"digest.{key}", **values))

    def number(self, value: int) -> str:
        return f"{value:,}".replace(",", self.digest("thousands"))

    def percent(self, value: int) -> str:
        return self.digest("percent", number=value)

    def answers(self, n: int) -> str:
        return self.digest(f"answers.{'one' if n == 1 else 'other'}", number=self.number(n))

    def question(self, question: str) -> str:
        return self.texts.table.get(f"questions.{question}.name", question)

    def rating(self, rating: Rating | None) -> str:
        return self.digest(f"rating.{rating.value if rating else 'skipped'}")

    def group(self, name: str) -> str:
        return name or self.digest("unknown_group")

    def kind(self, name: str) -> str:
        """A customer type or a way in, with a capital letter as in the digest; units as they write themselves."""
        return _capital(self.group(name))

    def reason(self, code: str, words: str) -> str:
        if words:
            return self.digest("voices.quote", words=words)
        return self.texts.table.get(f"questions.reasons.{code}", code).lower()

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

    def days(self, span: Span) -> str:
        first, last = span.first.monday, span.last.sunday
        key = "days_within_month" if first.month == last.month else "days_within_year"
        return self.digest(
            key if first.year == last.year else "days_over_new_year",
            first=first.day,
            first_month=self.digest(f"month.{first.month}"),
            first_year=first.year,
            last=last.day,
            month=self.digest(f"month.{last.month}"),
            year=last.year,
        )

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
        said = _capital(said)
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
        inside = self.days(span) if kind is Kind.WEEK else self.weeks(span)
        return self("period.with_weeks", period=self.period(span), weeks=inside)

    # --- figures

    def hidden(self, cell: Cell) -> str:
        """Why there is no figure; "" where there is."""
        return self.digest(f"hidden.{cell.why.value}") if isinstance(cell, Hidden) else ""

    def interval(self, figures: Figures) -> str:
        bounds = figures.bra_interval
        values = {"low": _whole(bounds.low), "high": _whole(bounds.high)}
        return self.digest("interval.plain", answers=self.answers(figures.n), **values)

    def target(self, target: Target | None) -> str:
        if target is None:
            return ""
        result = target.result.value if target.result else "none"
        return self.digest(f"target.{result}", target=_whole(target.share))

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
            values |= {"recent": change.recent.percent(Rating.BRA), "recent_n": self.number(change.recent.n)}
            values |= {"base": change.base.percent(Rating.BRA), "base_n": self.number(change.base.n)}
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


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]


def _unbroken(sentence: str) -> str:
    """With no-break spaces where a line may not end: before "%" and around "="."""
    return re.sub(r" (?=[%=])|(?<==) ", "\N{NO-BREAK SPACE}", sentence)


def _whole(share: float) -> int:
    return int(share * 100 + 0.5)
