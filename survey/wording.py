"""Small words that the sentences of the digest and of the managers' page are made of: numbers, names, dates, lists."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.counts import IsoWeek
from models.digest import Cell, Figures
from models.rating import Rating
from models.texts import Texts


@dataclass(frozen=True, slots=True)
class Phrases:
    """`texts` holds the whole language; the digest's own keys start with "digest."."""

    texts: Texts

    def __call__(self, key: str, **values: object) -> str:
        return self.texts(f"digest.{key}", **values)

    def number(self, value: int) -> str:
        """1234 as the language writes it: "1 234"."""
        return f"{value:,}".replace(",", self("thousands"))

    def percent(self, value: int) -> str:
        """87 as the language writes it: "87 %"."""
        return self("percent", number=value)

    def counted(self, key: str, value: int) -> str:
        """ "1 kund", "2 kunder": the key has a `one` and an `other`."""
        return self(f"{key}.{'one' if value == 1 else 'other'}", number=self.number(value))

    def listed(self, items: Sequence[str]) -> str:
        """ "a, b och c" """
        if len(items) < 2:
            return "".join(items)
        return self("and", items=", ".join(items[:-1]), last=items[-1])

    def question(self, question: str) -> str:
        """The question's name; its key, where the locale has no name for it."""
        return self._text(f"questions.{question}.name", question)

    def definite(self, question: str) -> str:
        """The name inside a sentence: "leveransen"."""
        return self._text(f"questions.{question}.definite", self.question(question))

    def reason(self, code: str, words: str) -> str:
        """What went wrong, in the respondent's own words where there are any."""
        return self("voices.quote", words=words) if words else self._text(f"questions.reasons.{code}", code).lower()

    def group(self, name: str) -> str:
        return name or self("unknown_group")

    def rating(self, rating: Rating | None) -> str:
        return self(f"rating.{rating.value if rating else 'skipped'}")

    def days(self, week: IsoWeek, until: IsoWeek | None = None) -> str:
        """ "16–22 november 2026", with both months or years where the week, or the weeks `until` another, have two."""
        first, last = week.monday, (until or week).sunday
        key = "days_within_month" if first.month == last.month else "days_within_year"
        return self(
            key if first.year == last.year else "days_over_new_year",
            first=first.day,
            first_month=self(f"month.{first.month}"),
            first_year=first.year,
            last=last.day,
            month=self(f"month.{last.month}"),
            year=last.year,
        )

    def answers(self, cells: Sequence[Cell]) -> str:
        """ "36–39 svar": the range of n over the cells that have figures; "" when none has."""
        counts = [cell.n for cell in cells if isinstance(cell, Figures)]
        if not counts:
            return ""
        low, high = min(counts), max(counts)
        if low == high:
            return self.counted("answers", low)
        return self("answers.range", low=self.number(low), high=self.number(high))

    def _text(self, key: str, otherwise: str) -> str:
        return self.texts.table.get(key, otherwise)


def capital(sentence: str) -> str:
    """With a capital letter first, the rest as it is."""
    return sentence[:1].upper() + sentence[1:]


def unbroken(sentence: str) -> str:
    """With no-break spaces where a line may not end: before "%" and around "="."""
    return re.sub(r" (?=[%=])|(?<==) ", "\N{NO-BREAK SPACE}", sentence)


def percent(share: float) -> int:
    """A share 0..1 in whole per cent, half rounded up, as `Figures.percent` does."""
    return int(share * 100 + 0.5)
