"""Whatever a caller does, turn by turn: the call ends, nothing unconfirmed is stored, and stop stops."""

from hypothesis import given, settings
from hypothesis import strategies as st

from models.conversation import Confirm, RecordAnswer, RecordOptOut
from models.rating import Rating, ReplyKind
from omdome.lexicons import load_lexicon
from omdome.texts import load_texts
from tests.voice.scripts import DEAF, SILENCE, Held, call
from voice.outcomes import Key, Outcome, Utterance
from voice.recognition import Hearing, Trust
from voice.understanding import heard, is_sure

LEXICON = load_lexicon("sv")
TEXTS = load_texts("sv").below("voice")
MOST_TURNS = 60
WORDS = (
    "bra", "okej", "dåligt", "ja", "nej", "ett", "två", "tre", "fyra", "upprepa", "hoppa över", "ring inte mer", "fisk",
    "vem är det", "inte bra", "ja bra", "nej dåligt", "de ringde aldrig tillbaka", "nej tack", "jag förstår", "jaha",
    "ja vänta", "säg ja eller nej", "stämmer det", "eller dåligt", "alls bra", "tryck två", "jag sa bra", "",
)  # fmt: skip
RATES = ("bra", "okej", "dåligt", "inte bra", "ja bra", "nej dåligt", "jag sa bra", "de ringde aldrig tillbaka")
hearings = st.builds(
    Hearing,
    words=st.sampled_from(WORDS),
    confidence=st.floats(0, 1),
    trust=st.sampled_from(Trust),
    engine=st.just("ears/1"),
)
outcomes: st.SearchStrategy[Outcome] = st.one_of(
    st.builds(Utterance, hearings, st.just(0.6), st.booleans()),
    st.builds(Utterance, hearings, st.just(0.6)),
    st.sampled_from([Key(key) for key in "012345678*#"]),
    st.sampled_from((SILENCE, DEAF)),
)
calls = st.lists(outcomes, max_size=MOST_TURNS, min_size=1)


def backed(held: Held, outcome: Outcome, rating: Rating) -> bool:
    """Whether what the caller has just done is a good reason to store this rating."""
    session = held.dialogue.session
    if isinstance(outcome, Key):
        return outcome.key in "123"
    if not isinstance(outcome, Utterance) or not is_sure(outcome):
        return False
    reply = heard(outcome, LEXICON)
    named = reply.understood.kind is ReplyKind.RATING and reply.understood.rating is rating
    words = outcome.hearing.words
    agreed = words == "ja" or (words == "ett" and rating is Rating.BRA)
    return (named and words in RATES) or (session.pending is rating and agreed)


@given(calls, st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_rating_is_stored_only_by_key_by_a_sure_hearing_or_by_a_sure_yes(
    sequence: list[Outcome], transcribes: bool
) -> None:
    talk = call(transcribes=transcribes)
    for outcome in sequence:
        if talk.ending is not None:
            break
        before, so_far = Held(talk.dialogue), len(talk.effects)
        said = talk.hears(outcome)
        assert said or talk.ending, "silent"
        assert all(key in TEXTS for key in said)
        for effect in talk.effects[so_far:]:
            if isinstance(effect, RecordAnswer) and effect.rating is not None:
                assert backed(before, outcome, effect.rating)
            if isinstance(effect, Confirm):
                assert talk.said[-1].startswith("confirm.")


@given(outcomes, st.lists(outcomes, max_size=6), st.booleans())
@settings(max_examples=200, deadline=None)
def test_every_call_ends(most: Outcome, first: list[Outcome], transcribes: bool) -> None:
    """Also that of a caller who does the same over and over."""
    talk = call(transcribes=transcribes)
    for turn in range(MOST_TURNS):
        if talk.ending is not None:
            return
        talk.hears(first[turn] if turn < len(first) else most)
    raise AssertionError(f"still at it: {talk.said}")


@given(calls, st.booleans())
@settings(max_examples=200, deadline=None)
def test_every_call_ends_whatever_is_mixed(sequence: list[Outcome], transcribes: bool) -> None:
    talk = call(transcribes=transcribes)
    turns = 0
    while talk.ending is None:
        talk.hears(sequence[turns % len(sequence)])
        turns += 1
        assert turns <= MOST_TURNS


@given(calls, st.booleans(), st.sampled_from([Key("9"), "ring inte mer"]))
@settings(max_examples=200, deadline=None)
def test_stop_stops_wherever_the_call_is(sequence: list[Outcome], transcribes: bool, stop: Key | str) -> None:
    talk = call(transcribes=transcribes)
    for outcome in sequence:
        if talk.ending is not None:
            return
        said = Hearing(words=str(stop), confidence=0.9, trust=Trust.ACCEPT, engine="ears/1")
        refusal = stop if isinstance(stop, Key) else Utterance(said, 0.9)
        stopped = Held(talk.dialogue)
        stopped.hears(refusal)
        assert stopped.said[-1] == "goodbye.opted_out"
        assert RecordOptOut() in stopped.effects
        talk.hears(outcome)
