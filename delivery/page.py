"""The digest as one page of finished sentences, in one language: what every renderer lays out, each in its own way."""

from dataclasses import dataclass

from models.digest import Direction, HighlightKind


@dataclass(frozen=True, slots=True)
class Bar:
    """One rating's part of a bar. `percent` is what is printed; `width` sums to 100 over the parts."""

    rating: str  #: "bra", "ok" or "dåligt", whatever the language: for colours
    label: str
    percent: int
    width: int
    share: str  #: the percentage, written out


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to see first."""

    kind: HighlightKind
    title: str
    numbers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPart:
    """One question. Without figures `bars` is empty and `missing` says why; unsaid sentences are ""."""

    name: str
    bars: tuple[Bar, ...]
    n: str  #: "" without figures
    missing: str
    interval: str
    direction: Direction
    change_label: str
    change: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCellPart:
    """One group's share of bra: `share` and `n`, or `missing`. `mark` is said only of a sure change."""

    bars: tuple[Bar, ...]
    share: str
    n: str
    missing: str
    direction: Direction
    mark: str


@dataclass(frozen=True, slots=True)
class GroupPart:
    """One table; `questions` heads its columns, `rows` are (group, cells). `dense`: too many rows for bars."""

    title: str
    questions: tuple[str, ...]
    rows: tuple[tuple[str, tuple[GroupCellPart, ...]], ...]
    dense: bool


@dataclass(frozen=True, slots=True)
class AccountStep:
    label: str
    number: str
    share: str  #: "65 % av tillfrågade", or ""
    width: int  #: per cent of the first step, for a bar


@dataclass(frozen=True, slots=True)
class AccountPart:
    """Who was asked, reached and answered. `steps` is empty when no case was closed."""

    title: str
    sentence: str
    steps: tuple[AccountStep, ...]
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecoveryPart:
    """How it went for those who were asked again. `short`: in a few words, for a caption."""

    title: str
    sentences: tuple[str, ...]
    short: str


@dataclass(frozen=True, slots=True)
class VoicePart:
    """One case: a heading, its ratings as (question, label, rating), what went wrong ("" if unsaid), and quotes.

    `number` is that of its page on the follow-up list; 0: it isn't there.
    """

    heading: str
    ratings: tuple[tuple[str, str, str], ...]
    reason: str
    quotes: tuple[str, ...]
    number: int


@dataclass(frozen=True, slots=True)
class VoicesPart:
    kind: str  #: "follow_ups", "praise" or "comments"
    title: str
    lead: str
    voices: tuple[VoicePart, ...]
    more: str  #: where the rest is, when there are more than a mail should hold; else ""


@dataclass(frozen=True, slots=True)
class ReportPart:
    """The reader's own way in to the managers' page. `cases`: where the follow-up list's cases are, by number."""

    label: str
    address: str
    note: str
    cases: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything, top to bottom. When nothing was answered, only the headings, `lines`, `footer` and,
    in a named recipient's copy, `voices` are filled.
    """

    language: str
    subject: str
    name: str
    organisation: str
    week: str  #: "Vecka 47"
    days: str  #: "16–22 november 2026"
    scope: str
    stamp: str  #: for a picture that is passed on: whose figures these are
    headline: str
    lead: str
    points: tuple[Point, ...] = ()
    more_points: str = ""  #: that there are more than the `points`, and where; else ""
    lines: tuple[str, ...] = ()
    questions: tuple[QuestionPart, ...] = ()
    groups_title: str = ""
    groups_caption: str = ""
    groups: tuple[GroupPart, ...] = ()
    account: AccountPart | None = None
    recovery: RecoveryPart | None = None
    voices: tuple[VoicesPart, ...] = ()
    private: str = ""  #: the warning that belongs above `voices`
    reading_title: str = ""
    reading: tuple[str, ...] = ()
    report: ReportPart | None = None
    footer: tuple[str, ...] = ()
