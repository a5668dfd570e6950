"""What the digest says about its figures, sentence by sentence."""

from models.digest import (
    Account,
    CannotSay,
    Cell,
    Change,
    Digest,
    Direction,
    Figures,
    Hidden,
    Highlight,
    HighlightKind,
    Interval,
    QuestionFigures,
    Recovery,
    Target,
)
from models.rating import Rating
from survey.wording import Phrases, capital, percent


def headline(digest: Digest, say: Phrases) -> str:
    """The week in one line: what matters most, or that nothing sure has happened."""
    if digest.nothing:
        return say(f"headline.{'words' if digest.voices else 'nothing_yet' if digest.preliminary else 'nothing'}")
    if digest.highlights:
        return capital(_about(digest.highlights[0], "headline", say))
    if not any(isinstance(question.week, Figures) for question in digest.questions):
        return say("headline.too_few")
    if all(question.change.reason is CannotSay.NO_HISTORY for question in digest.questions):
        return say("headline.first")
    return say("headline.steady")


def subject(digest: Digest, say: Phrases) -> str:
    """The mail's subject: the week, the answers, and the most urgent finding."""
    week = say("week_short", week=digest.week.week)
    if digest.nothing:
        return say("subject_words" if digest.voices else "subject_nothing", week=week)
    counts = [question.week.n for question in digest.questions if isinstance(question.week, Figures)]
    if not counts:
        return say("subject_too_few", week=week)
    answers = say.counted("answers", max(counts))
    if not digest.highlights:
        return say("subject", week=week, answers=answers)
    return say("subject_with", week=week, answers=answers, finding=_about(digest.highlights[0], "finding", say))


def _about(highlight: Highlight, table: str, say: Phrases) -> str:
    name = say.definite(highlight.question) if table == "headline" else say.question(highlight.question).lower()
    if highlight.dimension is None:
        return say(f"{table}.{highlight.kind.value}", question=name)
    among = say(f"among.{highlight.dimension.value if highlight.group else 'unknown'}", group=highlight.group)
    return say(f"{table}.{highlight.kind.value}_group", question=name, among=among)


def lead(digest: Digest, say: Phrases) -> str:
    """How many answers there were; never a figure that is hidden below."""
    cells = [question.week for question in digest.questions]
    if all(isinstance(cell, Figures) for cell in cells):
        said = say("lead.all", answers=say.answers(cells))
    else:
        said = say("lead.some" if any(isinstance(cell, Figures) for cell in cells) else "lead.none")
    return f"{said} {say('preliminary')}" if digest.preliminary else said


def scope(digest: Digest, say: Phrases) -> str:
    """ "Gäller Park Natur": whose figures these are."""
    return say("scope", units=say.listed(digest.units)) if digest.units else say("shared_scope")


def point(highlight: Highlight, digest: Digest, say: Phrases) -> tuple[str, str]:
    """A highlight as what happened and its numbers; numbers "" when the digest doesn't hold them."""
    shown, change, target = _figures_of(highlight, digest)
    title = say(f"point.{highlight.kind.value}", question=say.definite(highlight.question))
    if highlight.dimension is not None:
        title = say("point.in_group", group=say.group(highlight.group), point=title)
    if highlight.kind is HighlightKind.BELOW_TARGET:
        if not isinstance(shown, Figures) or target is None:
            return capital(title), ""
        values = {"percent": shown.percent(Rating.BRA), "n": say.number(shown.n), "target": percent(target.share)}
        period = "week" if highlight.dimension is None else "recent"
        return capital(title), say(f"point.{period}", weeks=digest.recent_weeks, **values)
    compared = _compared(change, digest, say) if change else {}
    return capital(title), say("point.compared", **compared) if compared else ""


def _figures_of(highlight: Highlight, digest: Digest) -> tuple[Cell | None, Change | None, Target | None]:
    question = next((each for each in digest.questions if each.question == highlight.question), None)
    target = question.target if question else None
    if highlight.dimension is None:
        return (question.week, question.change, target) if question else (None, None, None)
    for table in digest.groups:
        for row in table.rows:
            if table.dimension is highlight.dimension and row.name == highlight.group:
                for cell in row.cells:
                    if cell.question == highlight.question:
                        return cell.recent, cell.change, target
    return None, None, target


def _compared(change: Change, digest: Digest, say: Phrases) -> dict[str, object]:
    if not (isinstance(change.recent, Figures) and isinstance(change.base, Figures)):
        return {}
    return {
        "recent": change.recent.percent(Rating.BRA),
        "recent_n": say.number(change.recent.n),
        "base": change.base.percent(Rating.BRA),
        "base_n": say.number(change.base.n),
        "weeks": digest.recent_weeks,
        "base_weeks": digest.base_weeks,
    }


def change(made: Change, digest: Digest, say: Phrases) -> str:
    """ "Oförändrat …", "Sämre: …", or why it can't be said."""
    key = made.reason.value if made.reason else made.direction.value
    values = _compared(made, digest, say)
    if key == CannotSay.UNCERTAIN.value and not values:
        key = CannotSay.TOO_FEW.value
    return say(f"change.{key}", **(values or {"base_weeks": digest.base_weeks}))


def change_label(made: Change, say: Phrases) -> str:
    if made.reason is CannotSay.NO_HISTORY and isinstance(made.recent, Figures):
        return say("change.label_no_history")
    return say(f"change.label_{made.direction.value}")


def change_mark(made: Change, say: Phrases) -> str:
    """Only for a sure change: a table full of "can't say" would hide it."""
    sure = made.direction in (Direction.BETTER, Direction.WORSE)
    return say(f"change.mark_{made.direction.value}") if sure else ""


def interval(figures: Figures, say: Phrases) -> str:
    bounds: Interval = figures.bra_interval
    answers = say.counted("answers", figures.n)
    return say("interval.plain", answers=answers, low=percent(bounds.low), high=percent(bounds.high))


def target(question: QuestionFigures, say: Phrases) -> str:
    if question.target is None:
        return ""
    result = question.target.result
    return say(f"target.{result.value if result else 'none'}", target=percent(question.target.share))


def hidden(cell: Cell, say: Phrases, whole_question: bool = False) -> str:
    """Why a cell has no figures; "" when it has."""
    if not isinstance(cell, Hidden):
        return ""
    return say(f"hidden.{cell.why.value}{'_question' if whole_question else ''}")


def account(account: Account, say: Phrases) -> str:
    """The response account in one sentence."""
    if not account.closed:
        return say("account.none")
    closed = say.counted("account.cases", account.closed)
    if not account.asked:
        return say("account.none_asked", closed=closed)
    return say(
        "account.sentence" if account.answered else "account.sentence_nothing",
        closed=closed,
        asked=say.number(account.asked),
        reached=say.number(account.reached),
        answered=say.number(account.answered),
    )


def recovery(recovery: Recovery, weeks: int, say: Phrases) -> tuple[str, ...]:
    """How many were asked again after a fix, and for how many nothing is dåligt any more."""
    asked = say("recovered.asked", customers=say.counted("recovered.customers", recovery.asked), weeks=weeks)
    return asked, _how_it_went(recovery, "recovered", say)


def recovery_in_short(recovery: Recovery, say: Phrases) -> str:
    """The same in a few words."""
    return _how_it_went(recovery, "recovered.short", say)


def _how_it_went(recovery: Recovery, table: str, say: Phrases) -> str:
    answered = say.number(recovery.answered)
    if not recovery.answered:
        return say(f"{table}.nobody")
    if recovery.recovered is None or recovery.percent is None:
        return say(f"{table}.too_few", answered=answered, minimum=recovery.minimum)
    share = say.percent(recovery.percent)
    return say(f"{table}.share", recovered=say.number(recovery.recovered), answered=answered, share=share)
