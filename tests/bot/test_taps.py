"""Every button there is comes back as the event it stands for, in at most 64 bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.taps import Tap, event_of, tap_for
from models.conversation import (
    Accepted,
    Confirmed,
    Event,
    PermissionGiven,
    Rated,
    ReasonChosen,
    Session,
    Skipped,
    Stage,
)
from models.rating import Rating

TOKEN = "Az09_-" * 3 + "Az09"  # 22 characters, as ours are
SESSION = Session(questions=("bemotande", "tillganglighet", "leverans"), stage=Stage.QUESTION, current="leverans")

questions = st.sampled_from(SESSION.questions)
events = st.one_of(
    st.builds(Rated, questions, st.sampled_from(Rating)),
    st.builds(Skipped, st.none() | questions, st.none() | st.sampled_from(Stage)),
    st.builds(ReasonChosen, questions, st.from_regex(r"[a-z_]{1,30}", fullmatch=True)),
    st.builds(Confirmed, st.booleans()),
    st.builds(PermissionGiven, st.booleans()),
)


@given(events)
def test_there_and_back(event: Event) -> None:
    packed = tap_for(event, TOKEN, SESSION).pack()
    assert len(packed.encode()) <= 64
    tap = Tap.unpack(packed)
    assert tap.token == TOKEN
    assert event_of(tap, SESSION) == event


@given(st.text(max_size=1), st.integers(-5, 5), st.text(max_size=10))
def test_made_up_taps_mean_a_known_event_or_nothing(kind: str, question: int, value: str) -> None:
    event = event_of(Tap(token=TOKEN, kind=kind, question=question, value=value), SESSION)
    assert event is None or isinstance(event, Rated | Skipped | ReasonChosen | Confirmed | PermissionGiven)


def test_a_confirmation_of_a_question_that_is_no_longer_asked_means_nothing() -> None:
    earlier = Session(questions=SESSION.questions, stage=Stage.CONFIRM, current="bemotande")
    tap = tap_for(Confirmed(True), TOKEN, earlier)
    assert event_of(tap, earlier) == Confirmed(True)
    assert event_of(tap, SESSION) is None


def test_what_no_button_can_mean_is_refused() -> None:
    with pytest.raises(ValueError, match="no button can mean Accepted"):
        tap_for(Accepted(), TOKEN, SESSION)
