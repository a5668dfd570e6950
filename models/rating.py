"""What a reply was understood as."""

from dataclasses import dataclass
from enum import StrEnum


class Rating(StrEnum):
    """The three ratings, worst last. Their values are stored, printed and counted as they stand."""

    BRA = "bra"
    OK = "ok"
    DALIGT = "dåligt"


class ReplyKind(StrEnum):
    """What a reply turned out to be."""

    RATING = "rating"  #: a rating, sure enough to be stored without asking
    SKIP = "skip"  #: "vet inte", "hoppa över": next question, nothing rated
    OPT_OUT = "opt_out"  #: "stopp": never ask this respondent again
    REPEAT = "repeat"  #: "upprepa", "va?": say the question once more
    NO_MATCH = "no_match"  #: ask again, or confirm `Interpretation.rating` if there is one


class Unclear(StrEnum):
    """Why a reply is `NO_MATCH`, so that the reprompt can be to the point."""

    UNKNOWN = "unknown"  #: no verdict found
    CONTRADICTION = "contradiction"  #: two verdicts: "bra bemötande men dålig återkoppling"
    UNSURE = "unsure"  #: one verdict, probably `Interpretation.rating`: confirm it
    YES_NO = "yes_no"  #: "ja" or "nej", to a question that was about more than that
    QUESTION = "question"  #: the respondent asks something back: "vem är det här?"


@dataclass(frozen=True, slots=True)
class Interpretation:
    """How one reply was understood.

    `rating` is set for RATING (stored without asking) and, as a candidate to confirm, for NO_MATCH with
    `Unclear.UNSURE`. `confidence` is 0..1. `unclear` is set only for NO_MATCH.
    """

    kind: ReplyKind
    rating: Rating | None = None
    confidence: float = 0.0
    unclear: Unclear | None = None
