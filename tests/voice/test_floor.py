"""Whose turn it is while a prompt is played: lines differ in what they say of it."""

from voice.floor import Floor
from voice.line import FRAME_BYTES, SILENCE
from voice.listening import Moment

PROMPT = bytes(FRAME_BYTES * 100)  # 2 s


def passed(floor: Floor, seconds: float, *, playing: bool = True, voice: bool = False, behind: bool = False) -> Floor:
    for _ in range(round(seconds * 50)):
        floor.pass_by(
            Moment(
                frame=SILENCE,
                keys="",
                is_speech=voice,
                is_near=voice,
                loudness=-20.0,
                beep=False,
                playing=playing,
                echoing=False,
                behind=behind,
                hung_up=False,
            )
        )
    return floor


def floor(prompt: bytes = PROMPT, guard: float = 0.5) -> Floor:
    return Floor(prompt, guard=guard, interruptible=True)


def test_a_prompt_is_over_when_it_falls_silent() -> None:
    assert passed(floor(), 2.0).ours
    assert not passed(passed(floor(), 2.0), 0.02, playing=False).ours


def test_the_end_of_the_prompt_before_is_not_the_end_of_this_one() -> None:
    remains = passed(passed(floor(), 0.06), 0.2, playing=False)
    assert remains.ours
    assert passed(remains, 2.0).ours


def test_a_prompt_that_stops_half_way_or_never_begins_is_over_some_time() -> None:
    assert not passed(passed(floor(), 1.0), 0.5, playing=False).ours
    assert passed(floor(), 2.0, playing=False).ours
    assert not passed(floor(), 8.02, playing=False).ours
    assert not passed(floor(), 8.02, playing=True, behind=True).ours


def test_nothing_to_say_is_over_at_once() -> None:
    assert not floor(b"").ours


def test_a_question_is_known_half_a_second_into_it() -> None:
    assert not passed(floor(), 0.48).question_known
    assert passed(floor(), 0.5).question_known
    assert floor(guard=0.0).question_known


def test_what_is_listened_to_late_was_not_a_question_heard() -> None:
    assert not passed(floor(), 1.0, behind=True).question_known


def test_only_a_voice_that_begins_after_that_counts() -> None:
    assert not passed(floor(), 0.4).voice_counts
    assert passed(floor(), 0.5).voice_counts
    talking_on = passed(floor(), 1.0, voice=True)
    assert not talking_on.voice_counts
    assert passed(talking_on, 0.2).voice_counts


def test_every_voice_counts_when_the_prompt_is_over() -> None:
    assert passed(passed(floor(), 2.0, voice=True), 0.02, playing=False, voice=True).voice_counts
