"""What single customers said, for named recipients: never part of the statistics, never without redaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.counts import SurveyedCase
from models.digest import Voice
from models.rating import Rating
from survey.lexicon import Lexicon
from survey.praise import is_praise
from survey.redaction import Markers, redact
from survey.scope import within


@dataclass(frozen=True, slots=True)
class Voices:
    """Each case is in at most one of the lists, oldest answer first."""

    follow_ups: tuple[Voice, ...] = ()  #: something was dåligt
    praise: tuple[Voice, ...] = ()  #: nothing but bra, and a comment that reads as praise
    comments: tuple[Voice, ...] = ()  #: any other comment


def voices(
    cases: Iterable[SurveyedCase], units: Sequence[str], markers: Markers, lexicons: Sequence[Lexicon]
) -> Voices:
    """Sort the cases of `units` (none: all); those without a dåligt and without a comment are left out."""
    follow_ups: list[Voice] = []
    praise: list[Voice] = []
    comments: list[Voice] = []
    ours = within(units)
    for case in sorted(cases, key=lambda case: (case.answered_at, case.case_id)):
        if not ours(case.unit):
            continue
        given = {rating for _, rating in case.ratings if rating}
        if Rating.DALIGT in given:
            follow_ups.append(voice(case, markers))
        elif any(comment.strip() for comment in case.comments):
            said = voice(case, markers)
            (praise if given == {Rating.BRA} and is_praise(said.comments, lexicons) else comments).append(said)
    return Voices(tuple(follow_ups), tuple(praise), tuple(comments))


def voice(case: SurveyedCase, markers: Markers) -> Voice:
    """The case as it may be read, redacted."""
    poor = {question for question, rating in case.ratings if rating is Rating.DALIGT}
    # of several reasons for one question the last one counts; a question that has been made better needs none
    reasons = {question: (code, text) for question, code, text in case.reasons if question in poor}
    return Voice(
        case_id=case.case_id,
        subject=redact(case.subject, markers),
        unit=case.unit,
        closed_at=case.closed_at,
        answered_at=case.answered_at,
        ratings=case.ratings,
        reasons=tuple((question, code, redact(text, markers)) for question, (code, text) in reasons.items()),
        comments=tuple(redact(comment, markers) for comment in case.comments if comment.strip()),
        invitation_id=case.invitation_id,
    )
