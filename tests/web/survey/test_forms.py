"""The pure part: what forms mean, whatever order they come in, and that every state has a page."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from models.conversation import (
    Accepted,
    Rated,
    RecordAnswer,
    RecordOptOut,
    RecordReason,
    Replied,
    Script,
    Session,
    Stage,
)
from models.rating import Rating
from survey.conversation import advance, start
from survey.session import is_given, rating_of
from tests.web.survey.conftest import LEXICONS, QUESTIONS, REASONS, TEXTS
from web.survey_closed import render_closed
from web.survey_forms import About, Sent, Unfit, cleaned, event_of, given_as, perhaps_stop, subject_of
from web.survey_rendering import SAID, render, render_change, said_keys
from web.survey_view import Form, PageContext, View
from workflow.converse import understood

SCRIPT = Script(reasons=REASONS)
CONTEXT = PageContext(
    organisation="Exempelkommunen",
    reasons=REASONS,
    until=datetime(2026, 12, 3, 13, tzinfo=UTC),
    subject="Potthål",
    closed_on=date(2026, 11, 17),
)
WORDS = ("bra", "nej", "ja", "Ingen ringde tillbaka", "när kommer ni?", "ok", "stopp", "hoppa över", "–", "Tack!")


def forms_of(view: View) -> list[Form]:
    return [*view.forms, *([view.extra] if view.extra else [])]


def ways_to_send(view: View) -> list[Sent]:
    """Every button on the page."""
    sent = []
    for form in forms_of(view):
        buttons = [*form.choices, *(each for each in (form.primary, form.skip) if each)]
        sent += [Sent(form.about, button.value) for button in buttons]
        sent += [Sent(form.about, "ord", words) for words in WORDS if form.words]
    return sent


def seen_as(session: Session, question: str) -> str:
    return given_as(rating_of(session, question)) if is_given(session, question) else ""


@settings(max_examples=150)
@given(
    picks=st.lists(st.tuples(st.integers(0, 10**6), st.booleans(), st.integers(0, 2)), max_size=12),
    wanted=st.booleans(),
)
def test_no_form_ever_answers_what_its_page_did_not_show(picks: list[tuple[int, bool, int]], wanted: bool) -> None:
    """A survey by buttons of present pages and of any earlier one, such as from other tabs and doubled taps."""
    session = start(QUESTIONS, permission_wanted=wanted)
    seen: list[Sent] = []
    for number, late, place in picks:
        change = render_change(session, QUESTIONS[place], (), TEXTS["sv"], CONTEXT, [*Rating][number % 3])
        views = [render(session, (), TEXTS["sv"], CONTEXT), change]
        fresh = [sent for view in views for sent in ways_to_send(view)]
        seen += fresh
        sent = (seen if late else fresh)[number % len(seen if late else fresh)]
        event = event_of(sent, session, REASONS, LEXICONS["sv"])
        if isinstance(event, Unfit):
            assert event is not Unfit.UNREADABLE
            continue
        step = advance(session, perhaps_stop(event) or event, SCRIPT)
        what, question, shown = subject_of(sent)
        for effect in step.effects:
            if isinstance(effect, RecordAnswer):
                assert what in (About.QUESTION, About.CONFIRM), sent
                assert effect.question == question, sent
                if what is About.QUESTION:
                    assert seen_as(session, question) == shown, "only what its sender had seen is replaced"
            if isinstance(effect, RecordReason):
                assert (what, question) == (About.REASON, effect.question), sent
            if isinstance(effect, RecordOptOut):
                assert sent.words == "stopp"
        session = step.session
        if session.stage is Stage.CLOSED:
            return
        assert set(said_keys(step.effects)) <= SAID


@given(picks=st.lists(st.integers(0, 10**6), max_size=10), language=st.sampled_from(["sv", "en"]))
@settings(max_examples=60)
def test_every_state_has_a_page_that_can_be_answered(picks: list[int], language: str) -> None:
    session, texts = start(QUESTIONS, permission_wanted=True), TEXTS[language]
    for number in picks:
        view = render(session, tuple(SAID), texts, CONTEXT)
        assert view.heading
        assert len(view.said) == len(SAID)
        assert session.stage is Stage.DONE or ways_to_send(view)
        sent = ways_to_send(view)[number % len(ways_to_send(view))]
        event = event_of(sent, session, REASONS, LEXICONS[language])
        if not isinstance(event, Unfit):
            session = advance(session, event, SCRIPT).session
        if session.stage is Stage.CLOSED:
            assert render_closed(session, texts, CONTEXT, refused=True, expired=False).heading
            return


def test_a_survey_confirmed_in_the_chat_is_confirmed_here_word_for_word() -> None:
    session = advance(start(QUESTIONS, permission_wanted=False), Accepted(), SCRIPT).session
    session = advance(session, understood("kanske dåligt", LEXICONS["sv"]), SCRIPT).session
    assert session.stage is Stage.CONFIRM
    view = render(session, (), TEXTS["sv"], CONTEXT)
    [yes, no] = ways_to_send(view)[::-1]
    step = advance(session, event_of(yes, session, REASONS, LEXICONS["sv"]), SCRIPT)  # type: ignore[arg-type]
    assert next(effect for effect in step.effects if isinstance(effect, RecordAnswer)).reply == "kanske dåligt"
    assert event_of(no, replace(session, pending=Rating.OK), REASONS, LEXICONS["sv"]) is Unfit.MOVED_ON


def test_a_longer_text_is_no_stop_of_itself() -> None:
    lexicon = LEXICONS["sv"]
    assert perhaps_stop(understood("stopp", lexicon)) is None
    assert perhaps_stop(understood("Allt gick bra tack vare Åsa", lexicon)) is None
    kept = perhaps_stop(understood("Ring mig aldrig före nio, tack", lexicon))
    assert isinstance(kept, Replied)
    assert kept.text == "Ring mig aldrig före nio, tack"


def test_of_a_long_text_only_the_beginning_is_read_and_all_is_kept() -> None:
    session = advance(start(("leverans",), permission_wanted=False), Accepted(), SCRIPT).session
    session = advance(session, Rated("leverans", Rating.BRA), SCRIPT).session
    long = "inte " * 399 + "stopp"
    event = event_of(Sent("kommentar", "ord", long), session, REASONS, LEXICONS["sv"])
    assert isinstance(event, Replied)
    assert event.text == long
    assert event.understood == understood("inte " * 40, LEXICONS["sv"]).understood


def test_words_are_cleaned_of_what_nobody_types() -> None:
    assert cleaned("  Hej\r\nhej\x00\x1b[31m\rå 👍🏽\ufeff ") == "Hej\nhej[31m\nå 👍🏽"
    assert cleaned("👩\u200d🔧 ❤\ufe0f") == "👩\u200d🔧 ❤\ufe0f"
