"""What the follow-up pages show of a case: finished words for the templates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from models.follow_up import FollowUp, FollowUpState
from models.rating import Rating
from models.texts import Texts
from survey.wording import Phrases


@dataclass(frozen=True, slots=True)
class Line:
    """One answer. `poor`: it is to stand out."""

    name: str
    answer: str
    poor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One follow-up. `again`: what became of asking again, in a few words; "" if nobody has asked."""

    number: int  #: of its invitation, for addresses
    heading: str
    unit: str
    answered: str
    closed: str
    state: str  #: FollowUpState's value
    state_label: str
    poor: str  #: the questions rated dåligt
    commented: bool
    again: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InFull:
    """The rest, for its own page."""

    ratings: tuple[Line, ...]
    reasons: tuple[str, ...]
    comments: tuple[str, ...]
    changed: str  #: when and by whom; "" if nobody has
    asked_again: str  #: that they were asked again, and when; "" if not
    verdict: str
    ratings_again: tuple[Line, ...]
    reasons_again: tuple[str, ...]
    comments_again: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    texts: Texts
    zone: ZoneInfo

    def __call__(self, key: str, **values: object) -> str:
        return self.texts(f"followup.{key}", **values)

    def shown(self, follow_up: FollowUp) -> Shown:
        case = follow_up.case
        key = "case_subject" if case.subject else "case"
        return Shown(
            number=case.invitation_id,
            heading=self(key, case_id=case.case_id, subject=case.subject),
            unit=case.unit or self("no_unit"),
            answered=self.day(case.answered_at),
            closed=self.day(case.closed_at),
            state=follow_up.state.value,
            state_label=self.state(follow_up.state),
            poor=self.questions(question for question, rating in case.ratings if rating is Rating.DALIGT),
            commented=any(comment.strip() for comment in case.comments),
            again=self(f"again.tag_{kind}") if (kind := _recheck(follow_up)) else "",
        )

    def in_full(self, follow_up: FollowUp) -> InFull:
        case, kind = follow_up.case, _recheck(follow_up)
        moment = self.moment(follow_up.changed_at) if follow_up.changed_at else ""
        return InFull(
            ratings=self._lines(case.ratings),
            reasons=self._reasons(case.reasons, case.ratings),
            comments=case.comments,
            changed=self("form.changed", moment=moment, who=follow_up.changed_by) if moment else "",
            asked_again=self._asked_again(follow_up),
            verdict=self(f"again.{kind}") if kind in ("waiting", "better", "poor") else "",
            ratings_again=self._lines(follow_up.recheck),
            reasons_again=self._reasons(follow_up.recheck_reasons, follow_up.recheck),
            comments_again=follow_up.recheck_comments,
        )

    def _asked_again(self, follow_up: FollowUp) -> str:
        if follow_up.asked_again_at is None:
            return ""
        told = follow_up.told_again_at
        return self("again.asked", date=self.day(told)) if told else self("again.soon")

    def state(self, state: FollowUpState) -> str:
        return self(f"state.{state.value}")

    def question(self, question: str) -> str:
        return self.texts.table.get(f"questions.{question}.name", question)

    def questions(self, questions: Iterable[str]) -> str:
        return ", ".join(map(self.question, questions))

    def about(self, questions: Sequence[str]) -> str:
        """In the middle of a sentence: "vårt bemötande och vår leverans"; "" of none."""
        return Phrases(self.texts).listed([self.texts.table.get(f"questions.{each}.about", each) for each in questions])

    def day(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return self("day", day=local.day, month=self.texts(f"digest.month.{local.month}"), year=local.year)

    def moment(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        month = self.texts(f"digest.month.{local.month}")
        clock = {"hour": f"{local:%H}", "minute": f"{local:%M}"}
        return self("moment", day=local.day, month=month, year=local.year, **clock)

    def _lines(self, ratings: Sequence[tuple[str, Rating | None]]) -> tuple[Line, ...]:
        return tuple(
            Line(
                self.question(question),
                self.texts(f"questions.ratings.{rating.name.lower()}") if rating else self("said.skipped"),
                rating is Rating.DALIGT,
            )
            for question, rating in ratings
        )

    def _reasons(
        self, reasons: Sequence[tuple[str, str, str]], ratings: Sequence[tuple[str, Rating | None]]
    ) -> tuple[str, ...]:
        """Of several for one question the last one counts; a question that has been made better needs none."""
        poor = {question for question, rating in ratings if rating is Rating.DALIGT}
        newest = {question: (code, words) for question, code, words in reasons if question in poor}
        return tuple(
            self("said.reason", question=self.question(question), reason=words or self._code(code))
            for question, (code, words) in newest.items()
            if words or code
        )

    def _code(self, code: str) -> str:
        return self.texts.table.get(f"questions.reasons.{code}", code)


def _recheck(follow_up: FollowUp) -> str:
    """ "soon" (nothing has left yet), "waiting", "poor", "better" or "answered" (something is not known); else ""."""
    if follow_up.recheck_id is None:
        return ""
    rated = dict(follow_up.recheck)
    if not rated:
        return "waiting" if follow_up.told_again_at else "soon"
    if Rating.DALIGT in rated.values():
        return "poor"
    first = {question for question, rating in follow_up.case.ratings if rating is Rating.DALIGT}
    return "better" if all(rated.get(question) for question in first) else "answered"
