"""Which figures of one ISO year may be shown, so that no combination of them gives away a small group.

The report lets its reader choose, so every figure that it can show is decided here, whatever is asked for. Figures are
of periods (`survey.periods`, which never overlap but inside each other) and of the whole, of one group, or of two
groups crossed. What is hidden is hidden in blocks: some groups, in all parts of a longer period alike. Each block has
at least two groups and in each part enough answers together, so its sums, which can be had by subtraction, tell of
nobody. Any other span of weeks is a sum of shown periods, and tells nothing new. docs/statistics.md says it for people.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence, Set

from models.counts import AnswerCount, IsoWeek
from models.digest import DigestPolicy, Dimension
from survey.figures import minimum
from survey.periods import Kind, Span, holder, parts
from survey.suppression import Tally, hidden_groups, unanimous
from survey.tallies import COLUMN, NONE, name_in

Key = tuple[
    tuple[Dimension, str], ...
]  #: () is the whole; one group; or two of different dimensions, in _PAIRED's order
_PAIRED = (Dimension.UNIT, Dimension.CUSTOMER_TYPE, Dimension.INTAKE_CHANNEL)
_Sized = Callable[[str, Span], Tally]


def key_of(groups: Iterable[tuple[Dimension, str]]) -> Key | None:
    """The groups crossed; None for what is never shown: three at once, or departments crossed with anything."""
    found = sorted(groups, key=lambda each: list(Dimension).index(each[0]))
    known = len(found) < 2 or (len(found) == 2 and all(dimension in _PAIRED for dimension, _ in found))
    return tuple(found) if known else None


class YearShown:
    """One question in one ISO year. `newest` is the last week that is over: periods that end later don't exist yet."""

    def __init__(self, counts: Iterable[AnswerCount], policy: DigestPolicy, newest: IsoWeek) -> None:
        self._policy, self._newest = policy, newest
        self._counted: dict[Key, dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
        self._departments: dict[str, set[str]] = defaultdict(set)
        names: dict[Dimension, set[str]] = {dimension: set() for dimension in Dimension}
        cells: dict[tuple[str, str, str, str], list[dict[int, list[int]]]] = {}  # where a row of these groups counts
        for count in counts:
            row = count.department, count.unit, count.customer_type, count.intake_channel
            if row not in cells:
                groups = {dimension: name_in(count, dimension) for dimension in Dimension}
                self._departments[count.unit].add(count.department)
                for dimension, name in groups.items():
                    names[dimension].add(name)
                cells[row] = [self._counted[key] for key in _keys(groups)]
            column, week = COLUMN[count.rating], count.week.week
            for cell in cells[row]:
                cell[week][column] += count.count
        self.names = {dimension: frozenset(found) for dimension, found in names.items()}
        self._tallies: dict[tuple[Key, Span], Tally] = {}
        self._wholes: dict[tuple[Span, ...], Set[Span]] = {}
        self._hidden: dict[tuple[tuple[Dimension, ...], tuple[Span, ...]], frozenset[str]] = {}

    def tally(self, key: Key, span: Span) -> Tally:
        found = self._tallies.get((key, span))
        if found is None:
            if span.kind is Kind.WEEK:
                bra, ok, daligt = self._counted.get(key, {}).get(span.first.week, NONE)
                found = (bra, ok, daligt)
            else:
                found = total(self.tally(key, part) for part in parts(span))
            self._tallies[key, span] = found
        return found

    def hides(self, key: Key, span: Span) -> bool:
        """Whether this figure may not be shown; what has no answers may be hidden along."""
        if self._whole_is_hidden(span):
            return True
        if not key:
            return False
        dimension, name = key[0]
        if len(key) == 1:
            return name in self._hidden_names(dimension, span)
        return name in self._not_crossed(dimension, key[1][0], span)

    def offers_departments(self) -> bool:
        """Not as long as one unit belongs to several, and not when all are in one: that is the whole once more."""
        tangled = any(len(each) > 1 for each in self._departments.values())
        return len(self.names[Dimension.DEPARTMENT]) > 1 and not tangled

    def _kin(self, span: Span) -> tuple[Span, ...]:
        """The parts that hide each other: those of the next longer period, if it is over, and so may be shown."""
        return (span,) if self._holder(span) is None else parts(holder(span))

    def _holder(self, span: Span) -> Span | None:
        above = holder(span) if span.kind is not Kind.YEAR else None
        return above if above and above.last <= self._newest else None

    def _whole_is_hidden(self, span: Span) -> bool:
        kin = self._kin(span)
        if kin not in self._wholes:
            least = self._policy.min_group
            tallies = [self.tally((), each) for each in kin]
            above = self._holder(span)
            if above and self._whole_is_hidden(above):
                self._wholes[kin] = set(kin)
            elif above:
                found = hidden_groups(tallies, [least] * len(kin))
                self._wholes[kin] = set(kin) if found is None else {kin[at] for at in found}
            else:
                self._wholes[kin] = {span} if 0 < sum(tallies[0]) < least else set()
        return span in self._wholes[kin]

    def _hidden_names(self, dimension: Dimension, span: Span) -> frozenset[str]:
        kin = self._kin(span)
        memo = (dimension,), kin
        if memo not in self._hidden:
            names = self.names[dimension]
            tangled = dimension is Dimension.DEPARTMENT and not self.offers_departments()
            if tangled or any(self._whole_is_hidden(each) for each in kin):
                self._hidden[memo] = names
            else:
                above = self._holder(span)
                forced = self._hidden_names(dimension, above) if above else frozenset[str]()
                families = self._families(dimension, span)
                self._hidden[memo] = frozenset[str]().union(
                    *(self._hidden_in(dimension, family, shown, kin, forced) for family, shown in families)
                )
        return self._hidden[memo]

    def _families(self, dimension: Dimension, span: Span) -> list[tuple[frozenset[str], bool]]:
        """Groups that add up to a figure, and whether that is shown: the units of each department, else all."""
        if dimension is not Dimension.UNIT or not self.offers_departments():
            return [(self.names[dimension], True)]
        hidden = self._hidden_names(Dimension.DEPARTMENT, span)
        return [(self._units_of(name), name not in hidden) for name in self.names[Dimension.DEPARTMENT]]

    def _units_of(self, department: str) -> frozenset[str]:
        return frozenset(unit for unit, within in self._departments.items() if department in within)

    def _hidden_in(
        self, dimension: Dimension, names: frozenset[str], shown: bool, kin: Sequence[Span], forced: Set[str]
    ) -> Set[str]:
        if not shown:
            return names

        def tally(name: str, span: Span) -> Tally:
            return self.tally(((dimension, name),), span)

        def too_small(name: str) -> bool:
            least = minimum(self._policy, dimension, name)
            return any(0 < sum(tally(name, each)) < least or self._tells(dimension, name, each) for each in kin)

        start = {name for name in names if name in forced or too_small(name)}
        return self._block(start, names, tally, kin, dimension, forced)

    def _tells(self, dimension: Dimension, name: str, span: Span) -> bool:
        """A department where all said the same tells what the few of its small unit said."""
        said = self.tally(((dimension, name),), span)
        if dimension is not Dimension.DEPARTMENT or not unanimous(said) or unanimous(self.tally((), span)):
            return False
        sizes = [sum(self.tally(((Dimension.UNIT, unit),), span)) for unit in self._units_of(name)]
        return any(0 < size < self._policy.min_group for size in sizes)

    def _not_crossed(self, dimension: Dimension, other: Dimension, span: Span) -> frozenset[str]:
        """The groups of `dimension` that are not broken down by `other`: wholly, in all kin, or not at all."""
        kin = self._kin(span)
        memo = (dimension, other), kin
        if memo not in self._hidden:
            names, columns = self.names[dimension], self.names[other]
            if any(self._whole_is_hidden(each) for each in kin) or self._hidden_names(other, span):
                self._hidden[memo] = names
            else:
                above = self._holder(span)
                forced = self._not_crossed(dimension, other, above) if above else frozenset[str]()
                start = set(self._hidden_names(dimension, span) | forced)
                start |= {name for name in names if self._small_parts(dimension, name, other, kin)}
                hidden: Set[str] = start
                while True:  # each column's remainder must be enough by itself
                    wider = hidden
                    for column in columns:

                        def tally(name: str, at: Span, column: str = column) -> Tally:
                            return self.tally(((dimension, name), (other, column)), at)

                        wider = self._block(wider, names, tally, kin, dimension, forced, (other, column))
                    if wider == hidden:
                        break
                    hidden = wider
                self._hidden[memo] = frozenset(hidden)
        return self._hidden[memo]

    def _small_parts(self, dimension: Dimension, name: str, other: Dimension, kin: Sequence[Span]) -> bool:
        for column in self.names[other]:
            least = max(minimum(self._policy, dimension, name), minimum(self._policy, other, column))
            if any(0 < sum(self.tally(((dimension, name), (other, column)), each)) < least for each in kin):
                return True
        return False

    def _block(
        self,
        start: Set[str],
        names: frozenset[str],
        tally: _Sized,
        kin: Sequence[Span],
        dimension: Dimension,
        forced: Set[str],
        column: tuple[Dimension, str] | None = None,
    ) -> Set[str]:
        """`start`, and as many more, the smallest first, as it takes for them to hide each other in all of `kin`.

        `forced` are those that are hidden in the longer period, too.
        """
        if not start:
            return set()
        least = minimum(self._policy, *column) if column else 0
        sizes = {name: sum(sum(tally(name, each)) for each in kin) for name in names}
        hidden = set(start)
        others = sorted((name for name in names - hidden if sizes[name]), key=lambda name: (sizes[name], name))

        above = self._holder(kin[0])

        def protects(span: Span) -> bool:
            together = total(tally(name, span) for name in hidden)
            if not any(together):
                return True
            there = [name for name in hidden if sizes[name]]
            needed = max(least, *(minimum(self._policy, dimension, name) for name in there))
            everybody = total(tally(name, span) for name in names)
            telling = unanimous(together) and not unanimous(everybody)
            if len(there) < 2 or sum(together) < needed or telling:
                return False
            # what nobody said together, or none of them in a longer period that is shown, none of them said here
            longer = {name: tally(name, above) if above and name not in forced else everybody for name in there}
            return all(
                _common(together, longer[name]) >= min(2, _common(everybody, longer[name]))
                for name in there
                if any(tally(name, span))
            )

        while not all(protects(each) for each in kin):
            if not others:
                return names
            hidden.add(others.pop(0))
        return hidden | {name for name in names if not sizes[name]}


class Years:
    """Each question's years, made when they are asked for. `counts` are of whole ISO years, as far as they are over."""

    def __init__(self, counts: Iterable[AnswerCount], policy: DigestPolicy, newest: IsoWeek) -> None:
        self.policy, self.newest = policy, newest
        self._counts: dict[tuple[str, int], list[AnswerCount]] = defaultdict(list)
        self._made: dict[tuple[str, int], YearShown] = {}
        for count in counts:
            if count.week <= newest:
                self._counts[count.question, count.week.year].append(count)

    def year(self, question: str, year: int) -> YearShown:
        key = question, year
        if key not in self._made:
            self._made[key] = YearShown(self._counts.get(key, ()), self.policy, self.newest)
        return self._made[key]

    def names(self, dimension: Dimension, span: Span) -> set[str]:
        """The groups of the years that the span touches, in any question."""
        years = range(span.first.year, span.last.year + 1)
        return {
            name
            for each in years
            for asked in self.policy.questions
            for name in self.year(asked, each).names[dimension]
        }


def total(tallies: Iterable[Tally]) -> Tally:
    bra = ok = daligt = 0
    for each in tallies:
        bra, ok, daligt = bra + each[0], ok + each[1], daligt + each[2]
    return bra, ok, daligt


def _common(tally: Tally, other: Tally) -> int:
    """How many of the three ratings are in both."""
    return sum(bool(one and two) for one, two in zip(tally, other, strict=True))


def _keys(groups: dict[Dimension, str]) -> Iterable[Key]:
    yield ()
    for group in groups.items():
        yield (group,)
    for at, dimension in enumerate(_PAIRED):
        for other in _PAIRED[at + 1 :]:
            yield ((dimension, groups[dimension]), (other, groups[other]))
