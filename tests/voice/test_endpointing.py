"""When a turn begins and ends. Time is only ever what is fed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.endpointing import Pauses, Phase, Turn, heard

PAUSES = Pauses()
FRAME = 0.02

sounds = st.lists(st.tuples(st.integers(1, 60), st.booleans()), max_size=60)  # (frames, whether there is voice)


def frames(pattern: list[tuple[int, bool]]) -> list[bool]:
    return [voice for count, voice in pattern for _ in range(count)]


def fed(*pattern: tuple[float, bool], turn: Turn | None = None, clear: bool = False, prompt: bool = False) -> Turn:
    turn = turn or Turn()
    for seconds, voice in pattern:
        for _ in range(round(seconds / FRAME)):
            turn = heard(turn, PAUSES, FRAME, voice, clear=clear, prompt=prompt)
    return turn


def length(voices: list[bool]) -> int | None:
    """How many frames a turn takes, None if it isn't over by the end of them."""
    turn = Turn()
    for number, voice in enumerate(voices, 1):
        turn = heard(turn, PAUSES, FRAME, voice)
        if turn.over:
            return number
    return None


def test_a_word_and_half_a_second_of_silence_are_an_utterance() -> None:
    assert fed((0.6, True), (0.48, False)).phase is Phase.SPEAKING
    ended = fed((0.6, True), (0.5, False))
    assert ended.phase is Phase.ENDED
    assert ended.spoken == pytest.approx(0.6)
    assert ended.silence == pytest.approx(0.5)


def test_one_clear_answer_needs_less_silence() -> None:
    said = fed((0.4, True), (0.2, False))
    assert fed((0.1, False), turn=said, clear=True).phase is Phase.ENDED
    assert fed((0.1, False), turn=said).phase is Phase.SPEAKING


def test_a_pause_for_breath_ends_nothing() -> None:
    turn = fed((0.5, True), (0.4, False), (0.5, True), (0.5, False))
    assert turn.phase is Phase.ENDED
    assert turn.spoken == pytest.approx(1.4)


def test_clicks_are_no_speech() -> None:
    clicks = [(0.04, True), (0.3, False)] * 14
    assert fed(*clicks).phase is Phase.WAITING
    assert fed(*clicks, (1.0, False)).phase is Phase.NO_INPUT


def test_nobody_speaks() -> None:
    assert fed((4.98, False)).phase is Phase.WAITING
    assert fed((5.0, False)).phase is Phase.NO_INPUT


def test_the_time_to_answer_begins_when_the_prompt_ends() -> None:
    after_the_prompt = fed((20.0, False), prompt=True)
    assert fed((4.98, False), turn=after_the_prompt).phase is Phase.WAITING
    assert fed((5.0, False), turn=after_the_prompt).phase is Phase.NO_INPUT


def test_who_begins_in_the_last_moment_is_heard() -> None:
    assert fed((4.96, False), (0.3, True)).phase is Phase.SPEAKING


def test_it_takes_more_voice_to_interrupt_a_prompt() -> None:
    assert fed((0.28, True), prompt=True).phase is Phase.WAITING
    assert fed((0.3, True), prompt=True).phase is Phase.SPEAKING


def test_a_word_that_ends_with_the_prompt_is_an_answer() -> None:
    beside = fed((0.2, True), prompt=True)
    assert fed((0.02, False), turn=beside).phase is Phase.SPEAKING
    earlier = fed((0.3, False), turn=beside, prompt=True)
    assert fed((0.02, False), turn=earlier).phase is Phase.WAITING


def test_who_never_stops_is_cut_off() -> None:
    turn = fed((30.0, True))
    assert turn.phase is Phase.TOO_LONG
    assert turn.length == PAUSES.longest


@given(sounds)
def test_every_turn_ends(pattern: list[tuple[int, bool]]) -> None:
    longest = PAUSES.no_input + PAUSES.onset + PAUSES.longest + FRAME
    ended = length([*frames(pattern), *[False] * 1000])
    assert ended is not None
    assert ended * FRAME <= longest


@given(sounds)
def test_only_silence_as_long_as_the_hangover_ends_an_utterance(pattern: list[tuple[int, bool]]) -> None:
    voices = [*frames(pattern), *[False] * 300]
    turn = Turn()
    for number, voice in enumerate(voices, 1):
        turn = heard(turn, PAUSES, FRAME, voice)
        if turn.phase is Phase.ENDED:
            hangover = round(PAUSES.hangover / FRAME)
            assert not any(voices[number - hangover : number])
            assert voices[number - hangover - 1]
            break


@given(sounds, st.lists(st.integers(1, 40), min_size=1), st.booleans(), st.booleans())
def test_how_the_time_is_cut_into_pieces_makes_no_difference(
    pattern: list[tuple[int, bool]], pieces: list[int], clear: bool, prompt: bool
) -> None:
    whole = in_pieces = Turn()
    for number, (count, voice) in enumerate([*pattern, (300, False)]):
        for _ in range(count):
            whole = heard(whole, PAUSES, FRAME, voice, clear=clear, prompt=prompt)
        while count:
            piece = min(count, pieces[number % len(pieces)])
            in_pieces = heard(in_pieces, PAUSES, piece * FRAME, voice, clear=clear, prompt=prompt)
            count -= piece
    assert in_pieces.phase is whole.phase
    assert (in_pieces.length, in_pieces.silence) == pytest.approx((whole.length, whole.silence))


@given(sounds, st.integers(0, 500))
def test_more_voice_in_an_utterance_never_ends_it_sooner(pattern: list[tuple[int, bool]], where: int) -> None:
    onset = [True] * round(PAUSES.onset / FRAME)
    voices = [*onset, *frames(pattern), *[False] * 500]
    more = [*voices]
    more[len(onset) + where % (len(more) - len(onset))] = True
    assert (length(more) or 0) >= (length(voices) or 0)


@given(sounds)
def test_a_clear_answer_never_makes_a_turn_longer(pattern: list[tuple[int, bool]]) -> None:
    clear = plain = Turn()
    for voice in [*frames(pattern), *[False] * 300]:
        clear, plain = heard(clear, PAUSES, FRAME, voice, clear=True), heard(plain, PAUSES, FRAME, voice)
        assert clear.over or not plain.over


@given(sounds, st.floats(0.001, 5), st.booleans())
def test_what_is_over_stays_as_it_is(pattern: list[tuple[int, bool]], seconds: float, voice: bool) -> None:
    over = fed(*[(count * FRAME, voice) for count, voice in pattern], (10.0, False))
    assert heard(over, PAUSES, seconds, voice) == over


def test_pauses_can_be_chosen() -> None:
    patient = replace(PAUSES, hangover=1.0)
    turn = heard(heard(Turn(), patient, 0.5, True), patient, 0.9, False)
    assert turn.phase is Phase.SPEAKING
    assert heard(turn, patient, 0.1, False).phase is Phase.ENDED
