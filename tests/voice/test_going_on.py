"""Who goes on talking: after what wasn't understood, in their own words, and while the engine is at work."""

import asyncio
from dataclasses import replace

import pytest

from tests.voice.call_world import ScriptedEars
from tests.voice.speech import noise, silence, spoken
from tests.voice.test_tones import sines
from voice import arms_length
from voice.answering_machine import Callee, GreetingPolicy
from voice.ears import Ears, TurnPolicy
from voice.line import FRAME_BYTES
from voice.lines.recording import RecordingLine
from voice.outcomes import Gone, Key, NoInput, Outcome, Unheard, Utterance
from voice.recognition import Expecting, Trust

PROMPT = noise(3.0)
POLICY = TurnPolicy()
RATING, COMMENT = Expecting.RATING, Expecting.COMMENT
FREELY = replace(POLICY, ends_with="#", hangover_seconds=1.5, max_seconds=60.0)
ASK_AGAIN, ACCEPT, CONFIRM = Trust.ASK_AGAIN, Trust.ACCEPT, Trust.CONFIRM
PROMPT_SECONDS = len(PROMPT) / FRAME_BYTES / 50


def trust(outcome: Outcome) -> Trust:
    assert isinstance(outcome, Utterance)
    return outcome.hearing.trust


# --- not … good ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pause", [0.8, 1.1, 1.5])
async def test_the_rest_of_what_was_not_understood_interrupts_no_reprompt(pause: float) -> None:
    line = RecordingLine()
    line.say(spoken("det var inte"), after=3.5)
    line.say(spoken("bra"), after=pause)
    ears = Ears(line, ScriptedEars([("", ASK_AGAIN), ("bra", ACCEPT)]))
    assert trust(await ears.turn(PROMPT, RATING, POLICY)) is ASK_AGAIN
    began = ears.seconds
    assert await ears.turn(PROMPT, RATING, POLICY) == NoInput()
    assert ears.seconds - began > PROMPT_SECONDS + 4.9


async def test_nor_after_what_only_the_survey_did_not_understand() -> None:
    line = RecordingLine()
    line.say(spoken("det var inte"), after=3.5)
    line.say(spoken("bra"), after=1.0)
    ears = Ears(line, ScriptedEars([("det var inte", ACCEPT), ("bra", ACCEPT)]))
    await ears.turn(PROMPT, RATING, POLICY)
    assert await ears.turn(PROMPT, RATING, replace(POLICY, missed=True)) == NoInput()


async def test_who_talks_on_through_the_reprompt_is_never_surely_heard() -> None:
    line = RecordingLine()
    story = spoken("jag ringde och ringde och ringde och ingen svarade på hela dagen och " * 6)
    line.say(story[: FRAME_BYTES * 50 * 12] + silence(0.3) + spoken("dåligt"), after=3.2)
    ears = Ears(line, ScriptedEars([("", ASK_AGAIN), ("dåligt", ACCEPT), ("dåligt", ACCEPT)]))
    await ears.turn(PROMPT, RATING, POLICY)
    assert trust(await ears.turn(PROMPT, RATING, POLICY)) is CONFIRM


async def test_who_lets_us_finish_is_heard_as_ever() -> None:
    line = RecordingLine()
    line.say(spoken("det var inte"))
    line.say(spoken("dåligt"))
    ears = Ears(line, ScriptedEars([("", ASK_AGAIN), ("dåligt", ACCEPT)]))
    await ears.turn(PROMPT, RATING, POLICY)
    assert trust(await ears.turn(PROMPT, RATING, POLICY)) is ACCEPT


async def test_voice_before_the_question_is_known_interrupts_nothing() -> None:
    line = RecordingLine()
    line.say(spoken("bra"), after=1.0)
    policy = replace(POLICY, voice_guard_seconds=2.5, key_guard_seconds=0.0)
    assert await Ears(line, ScriptedEars([("bra", ACCEPT)])).turn(PROMPT, RATING, policy) == NoInput()


# --- free speech -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pause", "believed"), [(0.2, CONFIRM), (3.5, ACCEPT)])
async def test_a_rating_right_after_free_speech_may_be_the_rest_of_it(pause: float, believed: Trust) -> None:
    line = RecordingLine()
    line.say(spoken("jag ringde tre gånger"), after=0.1)
    line.press("#", after=0.2)
    line.say(spoken("och det var dåligt"), after=pause)
    ears = Ears(line, ScriptedEars([("jag ringde tre gånger", ACCEPT), ("och det var dåligt", ACCEPT)]))
    assert trust(await ears.turn(b"", COMMENT, FREELY)) is ACCEPT
    assert trust(await ears.turn(b"", RATING, POLICY)) is believed


async def test_a_cheek_on_the_keypad_does_not_lose_a_comment() -> None:
    line = RecordingLine()
    line.say(spoken("det var en lång väntan"), after=0.1)
    line.press("5", after=0)
    line.say(spoken("på besked"), after=0.1)
    outcome = await Ears(line, ScriptedEars([("det var en lång väntan på besked", ACCEPT)])).turn(b"", COMMENT, FREELY)
    assert isinstance(outcome, Utterance)
    assert outcome.seconds > 2


async def test_nine_stops_a_comment() -> None:
    line = RecordingLine()
    line.say(spoken("det var en lång väntan"), after=0.1)
    line.press("59", after=0)
    assert await Ears(line, ScriptedEars([])).turn(b"", COMMENT, FREELY) == Key("9")


@pytest.mark.parametrize(("pressed", "outcome"), [("#", Utterance), ("9", Key)])
async def test_an_impatient_key_while_the_engine_works(pressed: str, outcome: type) -> None:
    line = RecordingLine(paced=True)
    line.say(spoken("bra", rate=300), after=0.3)
    line.press("#", after=0.1)
    line.press(pressed, after=0.1)
    ears = Ears(line, ScriptedEars([("det var bra", ACCEPT)], slow=0.6))
    assert isinstance(await ears.turn(b"", COMMENT, FREELY), outcome)


# --- the engine is shared --------------------------------------------------------------------------------------------


async def test_an_utterance_that_nobody_hears_out_gives_the_engine_back() -> None:
    line, engine = RecordingLine(), ScriptedEars([], transcribes=True)
    line.say(spoken("hallå"), after=0.7)
    ears = Ears(line, engine)
    assert await ears.greeting(GreetingPolicy()) is Callee.PERSON
    assert not engine.under_way
    line.say(spoken("eh jag tycker"), after=0.1)
    line.press("2", after=0)
    assert await ears.turn(b"", RATING, POLICY) == Key("2")
    assert not engine.under_way
    line.say(spoken("eh jag tycker nog att"), after=0.1)
    line.leave(after=0)
    assert await ears.turn(b"", RATING, POLICY) == Gone()
    assert not engine.under_way


async def test_an_engine_that_lags_behind_an_utterance_hears_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(ScriptedEars):
        async def feed(self, frame: bytes) -> str:
            await asyncio.sleep(0.05)
            return ""

    monkeypatch.setattr(arms_length, "LATENESS", 0.2)
    line, engine = RecordingLine(), Slow([("bra", ACCEPT)])
    line.say(spoken("det var väl ganska bra"), after=0.1)
    assert await Ears(line, engine).turn(b"", RATING, POLICY) == Unheard()
    assert not engine.under_way


# --- keys, beeps and broken lines ------------------------------------------------------------------------------------


async def test_nine_goes_before_every_other_key() -> None:
    for keys in ("19", "91"):
        line = RecordingLine()
        line.press(keys, after=1.0)
        assert await Ears(line, None).speak(PROMPT, interruptible=False) == Key("9")


async def test_only_nine_cuts_a_statement() -> None:
    line = RecordingLine()
    line.press("1", after=1.0)
    ears = Ears(line, None)
    assert await ears.speak(PROMPT, interruptible=True) == Key("1")
    assert ears.seconds > PROMPT_SECONDS


class Mute(RecordingLine):
    """Plays nothing of what it is given."""

    def play(self, audio: bytes) -> None: ...


async def test_a_line_that_plays_nothing_is_a_broken_one() -> None:
    line = Mute()
    line.press("1", after=9.5)
    assert await Ears(line, None).turn(PROMPT, RATING, POLICY) == Gone()
    assert await Ears(Mute(), None).speak(PROMPT, interruptible=False) == Gone()


@pytest.mark.parametrize("machines", [GreetingPolicy(), None])
async def test_a_beep_ends_what_we_say_to_a_machine_and_is_then_forgotten(machines: GreetingPolicy | None) -> None:
    line = RecordingLine()
    line.say(sines(0.4, (1000, -20)), after=1.0)
    ears = Ears(line, None)
    assert await ears.speak(PROMPT, interruptible=False, machines=machines) is None
    assert ears.machine_heard
    assert (ears.seconds < 2) is (machines is not None)
    assert await ears.turn(b"", RATING, POLICY) == NoInput()
    assert not ears.machine_heard


async def test_a_beep_ends_the_turn_of_a_machine() -> None:
    line = RecordingLine()
    line.say(sines(0.4, (1000, -20)), after=1.0)
    ears = Ears(line, None)
    assert await ears.turn(PROMPT, RATING, replace(POLICY, beep_ends=True)) == NoInput()
    assert ears.machine_heard
    assert ears.seconds < 2
