"""What the conversation looks like as a page: session + effects → view, with no HTTP and no HTML in it.

A page shows the session as it stands, so it can be loaded again at any time; of the effects only what is said in
passing ("Tack, vi har ändrat ditt svar") comes along, as keys in the address (`said_keys`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from models.conversation import Effect, Remind, Reprompt, Say, Session, Stage
from models.rating import Rating
from models.texts import Texts
from survey.session import any_rated, first_unanswered, is_given, rating_of
from web.survey_forms import About, about, given_as
from web.survey_view import Choice, Form, Line, Notice, PageContext, View, WordsBox

#: What may be said at the top of a page: keys of `web.said`.
SAID = frozenset(
    (
        "changed",
        "noted",
        "remark_noted",
        "comment_go_ahead",
        "already_done",
        "question_back",
        "permission_given",
        "permission_withdrawn",
        "answered_elsewhere",
        "moved_on",
        "kept_words",
        "words_unsent",
        "enough",
        "language",
        "call",
        "remind",
        "stop_question",
        "not_understood",
        "declined",
    )
)
_WARNINGS = frozenset(("answered_elsewhere", "moved_on", "kept_words", "words_unsent", "not_understood"))


def said_keys(effects: Iterable[Effect]) -> tuple[str, ...]:
    """What the effects say in passing, as keys; the rest shows in the session."""
    keys = []
    for effect in effects:
        match effect:
            case Say(key) if key in SAID:
                keys.append(key)
            case Remind():
                keys.append("remind")
            case Reprompt():
                keys.append("not_understood")
    return tuple(dict.fromkeys(keys))


def render(session: Session, said: Sequence[str], texts: Texts, context: PageContext) -> View:
    """The page of an open or finished survey (closed ones have `render_closed`)."""
    question = session.current or first_unanswered(session) or session.questions[0]
    match session.stage:
        case Stage.CONFIRM if session.pending is not None:
            view = _confirm(session, question, session.pending, texts)
        case Stage.REASON:
            view = _reason(session, question, texts, context)
        case Stage.COMMENT:
            view = _comment(session, texts)
        case Stage.PERMISSION:
            view = _permission(texts)
        case Stage.DONE:
            view = _done(session, texts, context)
        case _:
            view = _question(session, question, texts, context)
    return replace(view, said=said_texts(said, texts, context))


def render_change(
    session: Session,
    question: str,
    said: Sequence[str],
    texts: Texts,
    context: PageContext,
    chosen: Rating | None = None,
) -> View:
    """One question by itself, whatever is being asked: to change its answer, or (`chosen`, from a button in a mail) to
    confirm one with a single tap."""
    view = _question(session, question, texts, context)
    now = rating_of(session, question)
    if chosen is not None and chosen is not now:
        label = _rating(chosen, texts)
        primary = Choice(given_as(chosen), texts("web.preselected_send", rating=label), chosen.name.lower())
        others = tuple(each for each in view.forms[0].choices if each.value != primary.value)
        form = replace(view.forms[0], choices=others, primary=primary, or_else=texts("web.preselected_else"), skip=None)
        lead = (*view.lead, texts("web.preselected", rating=label))
        view = replace(view, forms=(form,), lead=lead)
    elif is_given(session, question):
        told = texts("web.changing", rating=_rating(now, texts)) if now else texts("web.changing_skipped")
        view = replace(view, lead=(*view.lead, told))
    if is_given(session, question):
        view = replace(view, back=0, keep=texts("web.cancel_change" if now else "web.cancel_change_skipped"))
    return replace(view, said=said_texts(said, texts, context))


def said_texts(said: Sequence[str], texts: Texts, context: PageContext) -> tuple[Notice, ...]:
    """The notices, of the keys that there are: the address may hold anything."""
    start, until = context.hours
    known = dict.fromkeys(key for key in said if key in SAID)
    values = {"reach": reach(texts, context), "start": start, "until": until}
    return tuple(Notice(key, texts(f"web.said.{key}", **values), key in _WARNINGS) for key in known)


def with_words(view: View, words: str, problem: str) -> View:
    """The page with what was written put back in its field, or shown by itself, and what was wrong with it."""

    def written(form: Form) -> Form:
        return replace(form, words=replace(form.words, written=words, problem=problem)) if form.words else form

    fields = [form for form in (*view.forms, view.extra) if form and form.words]
    extra = written(view.extra) if view.extra else None
    return replace(view, forms=tuple(map(written, view.forms)), extra=extra, unsent="" if fields else words)


def reach(texts: Texts, context: PageContext) -> str:
    """How the organisation is reached, in the middle of a sentence."""
    if not context.contact:
        return context.organisation
    return texts("web.reach", organisation=context.organisation, contact=context.contact)


def local_date(day: date, texts: Texts) -> str:
    """ "3 november"."""
    return texts("web.date", day=day.day, month=texts(f"web.months.{day.month}"))


def _question(session: Session, question: str, texts: Texts, context: PageContext) -> View:
    place, total = session.questions.index(question) + 1, len(session.questions)
    now = rating_of(session, question)
    heading, more = _split(texts(f"questions.{question}.ask"))
    choices = tuple(
        Choice(given_as(each), _rating(each, texts), each.name.lower(), chosen=each is now) for each in Rating
    )
    skip = None if is_given(session, question) else Choice("hoppa", texts("web.skip"))
    form = Form(
        about(About.QUESTION, question, given_as(now) if is_given(session, question) else ""), choices, skip=skip
    )
    fresh = not session.given
    return View(
        heading=heading,
        lead=(more,) if more else (),
        step=place if total > 1 else 0,
        steps=total,
        forms=(form,),
        about_case=_case(texts, context) if fresh else (),
        introduction=_introduction(total, texts, context) if fresh else (),
        back=place - 1,
        place=place,
        open=True,
    )


def _introduction(total: int, texts: Texts, context: PageContext) -> tuple[str, ...]:
    key = {1: "introduction_one", 3: "introduction"}.get(total, "introduction_some")
    return (texts(f"web.{key}"), texts("web.automated", organisation=context.organisation))


def _case(texts: Texts, context: PageContext) -> tuple[str, ...]:
    """What the customer knows the case by: its subject (or who had it), and when it was closed."""
    if context.recheck:
        key = "case_recheck_subject" if context.subject else "case_recheck"
        return (texts(f"web.{key}", subject=context.subject),)
    if context.closed_on is None:
        return ()
    day = local_date(context.closed_on, texts)
    if context.subject:
        return (texts("web.case_closed_subject", subject=context.subject, date=day),)
    closed = texts("web.case_closed", date=day)
    return (closed, texts("web.case_unit", unit=context.unit)) if context.unit else (closed,)


def _confirm(session: Session, question: str, pending: Rating, texts: Texts) -> View:
    label = _rating(pending, texts)
    yes = Choice("ja", texts("web.confirm_yes", rating=label.lower()), pending.name.lower())
    form = Form(
        about(About.CONFIRM, question, given_as(pending)), (Choice("nej", texts("web.confirm_no")),), primary=yes
    )
    about_what, more = _split(texts(f"questions.{question}.ask"))
    return View(
        heading=texts("web.confirm_heading", rating=label),
        lead=(f"{about_what} {more}".strip(),),
        step=session.questions.index(question) + 1 if len(session.questions) > 1 else 0,
        steps=len(session.questions),
        forms=(form,),
    )


def _reason(session: Session, question: str, texts: Texts, context: PageContext) -> View:
    choices = tuple(Choice(code, texts(f"questions.reasons.{code}")) for code in context.reasons)
    words = WordsBox(texts("web.reason_words"), texts("web.reason_words_hint"), texts("web.reason_send"))
    this = about(About.REASON, question)
    place = session.questions.index(question) + 1
    return View(
        heading=texts("web.reason_heading"),
        lead=(texts("web.reason_lead"),),
        step=place if len(session.questions) > 1 else 0,
        steps=len(session.questions),
        forms=(Form(this, choices), Form(this, words=words, skip=Choice("hoppa", texts("web.skip")))),
        back=place,
    )


def _comment(session: Session, texts: Texts) -> View:
    words = WordsBox(texts("web.comment_words"), texts("web.comment_hint"), texts("web.comment_send"))
    skip = Choice("hoppa", texts("web.comment_none"))
    return View(
        heading=texts("web.comment_heading"),
        forms=(Form(about(About.COMMENT), words=words, skip=skip),),
        back=len(session.questions),
    )


def _permission(texts: Texts) -> View:
    yes, no = Choice("ja", texts("web.permission_yes")), Choice("nej", texts("web.permission_no"))
    return View(heading=texts("web.permission_heading"), forms=(Form(about(About.PERMISSION), (yes, no)),))


def _done(session: Session, texts: Texts, context: PageContext) -> View:
    until, key = context.until, "web.done_text" if any_rated(session) else "web.done_text_nothing"
    lead = texts(key, date=local_date(until, texts), hour=f"{until:%H}", minute=f"{until:%M}")
    more = WordsBox(texts("web.comment_words"), texts("web.reason_words_hint"), texts("web.more_send"))
    return View(
        heading=texts("web.done_heading"),
        lead=(lead,),
        summary=tuple(_lines(session, texts)),
        extra=Form(about(About.MORE), words=more),
        extra_heading=texts("web.more_heading"),
    )


def _lines(session: Session, texts: Texts) -> Iterable[Line]:
    told = dict(session.reasons)
    for place, question in enumerate(session.questions, 1):
        rating = rating_of(session, question)
        answer = texts("web.summary_skipped") if rating is None else _rating(rating, texts)
        change = texts("web.summary_change_what", about=texts(f"questions.{question}.about"))
        yield Line(texts(f"questions.{question}.name"), answer, place, change)
        if rating is Rating.DALIGT and question in told:
            code = told[question]
            known = texts(f"questions.reasons.{code}") if texts.has(f"questions.reasons.{code}") else ""
            yield Line(texts("web.summary_reason"), known or texts("web.summary_words"))


def _rating(rating: Rating, texts: Texts) -> str:
    return texts(f"web.ratings.{rating.name.lower()}")


def _split(asked: str) -> tuple[str, str]:
    """The question itself, and what is said to explain it."""
    first, mark, rest = asked.partition("? ")
    return (first + "?", rest) if mark else (asked, "")
