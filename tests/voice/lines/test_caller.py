"""A recorded caller's acts: one after the other, whole, and never before their time."""

from hypothesis import given
from hypothesis import strategies as st

from voice.line import SILENCE
from voice.lines.caller import Act, Caller, Moment

pauses = st.integers(0, 30).map(lambda frames: frames / 50)


@st.composite
def acts(draw: st.DrawFn) -> list[Act]:
    """Some acts, each with a sound of its own."""
    made = []
    for number in range(draw(st.integers(0, 6))):
        frames = draw(st.integers(1, 10))
        sound = tuple(bytes([number + 1, frame + 1]) * 160 for frame in range(frames))
        keys = ((draw(st.integers(0, 10)), str(number)),) if draw(st.booleans()) else ()
        made.append(Act(pause=draw(pauses), after=draw(st.none() | pauses), sound=sound, keys=keys))
    return made


#: A call: so many frames of prompt, then so many of silence, again and again.
prompts = st.lists(st.tuples(st.integers(1, 20), st.integers(0, 60)), max_size=8)


def held(queued: list[Act], call: list[tuple[int, int]]) -> tuple[list[Moment], list[bool]]:
    """The caller's side and ours."""
    caller = Caller()
    for act in queued:
        caller.add(act)
    playing = [is_prompt for said, silent in call for is_prompt in [True] * said + [False] * silent]
    return [caller.next(is_playing) for is_playing in playing], playing


@given(acts(), prompts)
def test_acts_come_in_order_and_none_is_broken_off_or_doubled(queued: list[Act], call: list[tuple[int, int]]) -> None:
    moments, _ = held(queued, call)
    said = [moment.frame for moment in moments if moment.frame != SILENCE]
    wanted = [frame for act in queued for frame in act.sound]
    assert said == wanted[: len(said)]
    pressed = "".join(moment.keys for moment in moments)
    assert "".join(key for act in queued for _, key in act.keys).startswith(pressed)


@given(acts(), prompts)
def test_replies_begin_in_our_silence_and_after_something_was_said(
    queued: list[Act], call: list[tuple[int, int]]
) -> None:
    polite = [Act(pause=act.pause, sound=act.sound) for act in queued]
    moments, playing = held(polite, call)
    beginnings = {act.sound[0]: act.pause for act in polite}
    for at, moment in enumerate(moments):
        if moment.frame in beginnings:
            silent = round(beginnings[moment.frame] * 50)
            assert any(playing[: at - silent])
            assert not any(playing[at - silent : at + 1])


@given(acts(), prompts)
def test_all_is_done_once_enough_was_said(queued: list[Act], call: list[tuple[int, int]]) -> None:
    caller = Caller()
    for act in queued:
        caller.add(act)
    for said, silent in [*call, *[(1, 60)] * (len(queued) + 1)]:
        for _ in range(said):
            caller.next(True)
        for _ in range(silent):
            caller.next(False)
    assert caller.idle


def test_who_has_left_stays_away() -> None:
    caller = Caller()
    caller.add(Act(leaves=True, after=0.02))
    caller.add(Act(sound=(b"x" * 320,), after=0))
    assert [caller.next(True).gone for _ in range(5)] == [False, True, True, True, True]
