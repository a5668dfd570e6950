"""What a page of the survey shows: plain values, of which the template makes HTML."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """A button. `value` is what it sends, `face` the rating whose picture it has."""

    value: str
    label: str
    face: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class WordsBox:
    """A field to write in, with its button. `written` is what stands in it already."""

    label: str
    hint: str
    send: str
    written: str = ""
    problem: str = ""  #: what was wrong with what was sent


@dataclass(frozen=True, slots=True)
class Notice:
    """Something said in passing, at the top of the page. `key` is the text's, below `web.said`."""

    key: str
    text: str
    warn: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One thing to answer. `about` says what, so that a form that is sent late can't answer anything else."""

    about: str
    choices: tuple[Choice, ...] = ()
    primary: Choice | None = None  #: the one that stands out
    or_else: str = ""  #: said between that one and the others
    skip: Choice | None = None
    words: WordsBox | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An answer in the summary; `place` is its question's, from 1, for changing it (0 can't be changed)."""

    name: str
    answer: str
    place: int = 0
    change: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A link to another page of the same survey: "?svara", "nej" or "" for the survey itself."""

    to: str
    label: str
    primary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One page. `step` and `steps` are 0 where there is no progress to show."""

    heading: str
    lead: tuple[str, ...] = ()
    step: int = 0
    steps: int = 0
    said: tuple[Notice, ...] = ()
    unsent: str = ""  #: words that came too late, and that the page has no field for
    forms: tuple[Form, ...] = ()
    extra: Form | None = None  #: folded away under `extra_heading`
    extra_heading: str = ""
    about_case: tuple[str, ...] = ()
    introduction: tuple[str, ...] = ()
    summary: tuple[Line, ...] = ()
    back: int = 0  #: the question to go back to, from 1
    keep: str = ""  #: the label of the way back to where the survey is
    ways: tuple[Way, ...] = ()  #: where to go from a page that asks nothing
    place: int = 0  #: the question that is asked, from 1: the browser's own way back leads to it
    open: bool = False  #: a question is asked: other ways to answer are worth showing


@dataclass(frozen=True, slots=True, kw_only=True)
class StopView:
    """The page to say no on. `this` and `all`: which of the two can be declined; `back`: the label of the way back."""

    heading: str
    lead: tuple[str, ...]
    this: bool = False
    all: bool = False
    back: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """What the texts need to know of the case and the organisation; "" or None for what isn't known. Local times."""

    organisation: str
    reasons: tuple[str, ...]
    until: datetime  #: when the survey closes
    subject: str = ""
    unit: str = ""
    closed_on: date | None = None
    recheck: bool = False  #: asked again, after what was poor has been mended
    contact: str = ""
    hours: tuple[str, str] = ("09:00", "20:00")  #: when we call
