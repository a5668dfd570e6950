"""What single customers said, for named recipients: never part of the statistics, never without redaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.counts import SurveyedCase
from models.digest import Voice
from models.rating import Rating
from survey.redaction import Markers, redact


@dataclass(frozen=True, slots=True)
class Voices:
    """Each case is in at most one of the lists, oldest answer first."""

    follow_ups: tuple[Voice, ...] = ()  #: something was dåligt
    praise: tuple[Voice, ...] = ()  #: nothing but bra, and a comment
    comments: tuple[Voice, ...] = ()  #: any other comment


def voices(cases: Iterable[SurveyedCase], units: Sequence[str], markers: Markers) -> Voices:
    """Sort the cases of `units` (none: all); those without a dåligt and without a comment are left out."""
    follow_ups: list[Voice] = []
    praise: list[Voice] = []
    comments: list[Voice] = []
    for case in sorted(cases, key=lambda case: (case.answered_at, case.case_id)):
        if units and case.unit not in units:
            continue
        given = {rating for _, rating in case.ratings if rating}
        if Rating.DALIGT in given:
            follow_ups.append(_voice(case, markers))
        elif any(comment.strip() for comment in case.comments):
            (praise if given == {Rating.BRA} else comments).append(_voice(case, markers))
    return Voices(tuple(follow_ups), tuple(praise), tuple(comments))


def _voice(case: SurveyedCase, markers: Markers) -> Voice:
    return Voice(
        case_id=case.case_id,
        subject=redact(case.subject, markers),
        unit=case.unit,
        closed_at=case.closed_at,
        answered_at=case.answered_at,
        ratings=case.ratings,
        reasons=tuple((question, code, redact(text, markers)) for question, code, text in case.reasons),
        comments=tuple(redact(comment, markers) for comment in case.comments if comment.strip()),
    )
