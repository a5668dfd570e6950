"""A caller's turn: recorded callers on a line, real voice detection, and an engine that hears what it is told to."""

import asyncio
from dataclasses import dataclass, field, replace

import pytest

from tests.voice.speech import noise, spoken
from voice import arms_length
from voice.ears import Ears, TurnPolicy
from voice.line import FRAME_BYTES
from voice.lines.recording import RecordingLine
from voice.outcomes import Gone, Key, NoInput, Unheard, Utterance
from voice.recognition import Expecting, Hearing, RecognizerLostError, Trust

PROMPT = spoken("Hur var vårt bemötande? Bra, okej eller dåligt?")
POLICY = TurnPolicy(clear_words=frozenset({"bra"}))
RATING = Expecting.RATING


@dataclass
class Engine:
    """Hears `words` in everything, after the frames that a real one would need, and remembers what it was fed."""

    words: str = "bra"
    trust: Trust = Trust.ACCEPT
    fails: Exception | None = None
    slow: float = 0.0  # seconds that it takes to finish
    fed: bytes = b""
    started: list[Expecting] = field(default_factory=list)
    engine: str = "told/1"
    transcribes: bool = False

    async def start(self, expecting: Expecting) -> None:
        self.fed = b""
        self.started.append(expecting)

    async def feed(self, frame: bytes) -> str:
        if self.fails:
            raise self.fails
        self.fed += frame
        return self.words

    async def finish(self) -> Hearing:
        await asyncio.sleep(self.slow)
        return Hearing(words=self.words, confidence=0.9, trust=self.trust, engine=self.engine)

    async def close(self) -> None: ...


def frames(seconds: float) -> int:
    return round(seconds * 50)


async def test_an_answer_after_the_prompt_is_heard_out() -> None:
    line, engine = RecordingLine(), Engine()
    line.say(spoken("bra"))
    outcome = await Ears(line, engine).turn(PROMPT, RATING, POLICY)
    assert isinstance(outcome, Utterance)
    assert outcome.hearing.words == "bra"
    assert 0.2 < outcome.seconds < 1.0
    assert not outcome.cut_off
    assert engine.started == [RATING]


async def test_one_clear_answer_ends_the_turn_sooner() -> None:
    waits = []
    for words in ("bra", "det var"):
        line = RecordingLine()
        line.say(spoken("bra"))
        outcome = await Ears(line, Engine(words)).turn(PROMPT, RATING, POLICY)
        assert isinstance(outcome, Utterance)
        waits.append(outcome.waited)
    assert waits == pytest.approx([0.3, 0.5])


async def test_the_engine_hears_a_short_word_from_its_beginning() -> None:
    word = spoken("ja")
    line, engine = RecordingLine(), Engine("ja")
    line.say(word)
    await Ears(line, engine).turn(PROMPT, Expecting.YES_NO, POLICY)
    assert word in engine.fed
    assert engine.fed.index(word) >= frames(0.3) * FRAME_BYTES


async def test_nobody_says_anything() -> None:
    line = RecordingLine()
    ears = Ears(line, Engine())
    assert await ears.turn(PROMPT, RATING, POLICY) == NoInput()
    assert ears.seconds == pytest.approx(len(PROMPT) / FRAME_BYTES / 50 + 5.0, abs=0.05)


@pytest.mark.parametrize("in_band", [False, True])
async def test_a_key_answers_and_cuts_the_prompt(in_band: bool) -> None:
    line = RecordingLine(in_band_keys=in_band)
    line.press("3", after=1.0)
    ears = Ears(line, Engine())
    assert await ears.turn(PROMPT, RATING, POLICY) == Key("3")
    assert ears.seconds < 1.2


async def test_a_key_beats_what_is_being_said() -> None:
    line = RecordingLine()
    line.say(spoken("eh jag tycker"))
    line.press("2", after=0)
    assert await Ears(line, Engine()).turn(PROMPT, RATING, POLICY) == Key("2")


@pytest.mark.parametrize("in_band", [False, True])
async def test_the_second_of_a_double_press_does_not_answer_the_next_question(in_band: bool) -> None:
    line = RecordingLine(in_band_keys=in_band)
    line.press("11", after=2.0)
    ears = Ears(line, Engine())
    assert await ears.turn(PROMPT, RATING, POLICY) == Key("1")
    assert await ears.turn(PROMPT, RATING, POLICY) == NoInput()


async def test_stop_counts_whenever_it_is_pressed() -> None:
    line = RecordingLine()
    line.press("19", after=2.0)
    ears = Ears(line, Engine())
    assert await ears.turn(PROMPT, RATING, POLICY) == Key("1")
    assert await ears.turn(PROMPT, RATING, POLICY) == Key("9")


async def test_voice_interrupts_a_prompt_where_it_may() -> None:
    line = RecordingLine()
    line.say(spoken("det var dåligt"), after=1.5)
    ears = Ears(line, Engine())
    assert isinstance(await ears.turn(PROMPT, RATING, POLICY), Utterance)
    assert ears.seconds < 3.5


@pytest.mark.parametrize("echo", [0.0, 0.3])
async def test_voice_during_a_prompt_that_may_not_be_interrupted_is_ignored(echo: float) -> None:
    line, engine = RecordingLine(echo=echo), Engine()
    line.say(spoken("bra"), after=1.0)
    policy = replace(POLICY, barge_in=echo > 0)
    assert await Ears(line, engine).turn(PROMPT, RATING, policy) == NoInput()
    assert engine.started == []


async def test_our_own_prompt_coming_back_is_nobodys_answer() -> None:
    line, engine = RecordingLine(echo=0.5), Engine()
    assert await Ears(line, engine).turn(PROMPT, RATING, POLICY) == NoInput()


async def test_the_engine_hears_nothing_of_our_own_prompt() -> None:
    word = spoken("ja")
    line, engine = RecordingLine(echo=0.5), Engine("ja")
    line.say(word)
    await Ears(line, engine).turn(PROMPT, Expecting.YES_NO, POLICY)
    before, _, _ = engine.fed.partition(word)
    assert before
    assert not before.strip(b"\0")


async def test_who_talks_on_is_cut_off_and_does_not_interrupt_the_next_prompt() -> None:
    line = RecordingLine()
    line.say(spoken("jag ringde och ringde och ringde och ingen svarade på hela dagen och " * 6))
    ears = Ears(line, Engine())
    first = await ears.turn(PROMPT, RATING, POLICY)
    assert isinstance(first, Utterance)
    assert first.cut_off
    assert first.seconds == pytest.approx(8.0, abs=0.5)
    before = ears.seconds
    await ears.turn(PROMPT, RATING, POLICY)
    assert ears.seconds > before + len(PROMPT) / FRAME_BYTES / 50


@pytest.mark.parametrize("engine", [None, Engine(fails=RecognizerLostError("killed"))])
async def test_speech_that_no_engine_hears_is_unheard_and_the_next_turn_tries_again(engine: Engine | None) -> None:
    line = RecordingLine()
    for _ in range(2):
        line.say(spoken("bra"))
    ears = Ears(line, engine)
    assert await ears.turn(PROMPT, RATING, POLICY) == Unheard()
    if engine:
        engine.fails = None
        assert isinstance(await ears.turn(PROMPT, RATING, POLICY), Utterance)


async def test_hanging_up_ends_the_turn_at_once() -> None:
    line = RecordingLine()
    line.leave(after=1.0)
    ears = Ears(line, Engine())
    assert await ears.turn(PROMPT, RATING, POLICY) == Gone()
    assert ears.seconds < 1.1
    assert await ears.turn(PROMPT, RATING, POLICY) == Gone()


async def test_a_statement_is_played_to_its_end() -> None:
    line = RecordingLine()
    line.say(spoken("jaha, jaha, jaha"), after=0.5)
    ears = Ears(line, Engine())
    assert await ears.speak(PROMPT, interruptible=True) is None
    assert ears.seconds == pytest.approx(len(PROMPT) / FRAME_BYTES / 50, abs=0.05)


@pytest.mark.parametrize("interruptible", [True, False])
async def test_a_key_during_a_statement_is_reported(interruptible: bool) -> None:
    line = RecordingLine()
    line.press("9", after=1.0)
    ears = Ears(line, Engine())
    assert await ears.speak(PROMPT, interruptible=interruptible) == Key("9")
    assert (ears.seconds < 1.2) is interruptible


async def test_hanging_up_during_a_statement() -> None:
    line = RecordingLine()
    line.leave(after=0.5)
    assert await Ears(line, Engine()).speak(PROMPT, interruptible=False) == Gone()


async def test_an_engine_that_hangs_is_unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arms_length, "PATIENCE", 0.01)
    line = RecordingLine()
    line.say(spoken("bra"))
    assert await Ears(line, Engine(slow=3600)).turn(PROMPT, RATING, POLICY) == Unheard()


async def test_an_engine_with_a_fault_is_unheard(caplog: pytest.LogCaptureFixture) -> None:
    line, engine = RecordingLine(), Engine(fails=ValueError("a fault"))
    line.say(spoken("bra"))
    assert await Ears(line, engine).turn(PROMPT, RATING, POLICY) == Unheard()
    assert "the speech engine failed" in caplog.text


async def test_a_key_pressed_while_the_engine_works_beats_what_was_said() -> None:
    """In real time: the line goes on meanwhile, and says that it is behind."""
    line, engine = RecordingLine(paced=True), Engine(slow=0.3)
    line.say(spoken("bra", rate=300), after=0)
    line.press("3", after=0.45)
    policy = replace(POLICY, key_guard_seconds=0)
    assert await Ears(line, engine).turn(b"", RATING, policy) == Key("3")


async def test_after_an_interruption_that_led_nowhere_the_next_prompt_is_played_to_its_end() -> None:
    line, engine = RecordingLine(), Engine("", Trust.ASK_AGAIN)
    line.say(spoken("vad är det för något"), after=1.5)
    ears = Ears(line, engine)
    assert isinstance(await ears.turn(PROMPT, RATING, POLICY), Utterance)
    began = ears.seconds
    line.say(spoken("det är ju inte klokt"), after=1.5)
    await ears.turn(PROMPT, RATING, POLICY)
    assert ears.seconds - began > len(PROMPT) / FRAME_BYTES / 50


async def test_who_answers_and_hangs_up_has_answered() -> None:
    line = RecordingLine()
    line.say(spoken("bra"))
    line.leave(after=0.24)
    ears = Ears(line, Engine())
    assert isinstance(await ears.turn(PROMPT, RATING, replace(POLICY, clear_words=frozenset())), Utterance)
    assert await ears.turn(PROMPT, RATING, POLICY) == Gone()


@pytest.mark.parametrize(("expecting", "outcome"), [(RATING, Gone), (Expecting.COMMENT, Utterance)])
async def test_of_what_is_broken_off_only_a_comment_is_kept(expecting: Expecting, outcome: type) -> None:
    line = RecordingLine()
    line.say(spoken("jag ringde flera gånger och")[: frames(0.8) * FRAME_BYTES])
    line.leave(after=0)
    assert isinstance(await Ears(line, Engine()).turn(PROMPT, expecting, POLICY), outcome)


async def test_a_key_may_end_a_comment_which_is_then_heard_out() -> None:
    line, policy = RecordingLine(), replace(POLICY, ends_with="#", hangover_seconds=3.0, clear_words=frozenset())
    line.say(spoken("ingen svarade"))
    line.press("#", after=0.5)
    outcome = await Ears(line, Engine("ingen svarade")).turn(PROMPT, Expecting.COMMENT, policy)
    assert isinstance(outcome, Utterance)
    assert outcome.waited == pytest.approx(0.5, abs=0.2)
    line.press("#")
    assert await Ears(line, Engine()).turn(PROMPT, Expecting.COMMENT, policy) == Key("#")


async def test_the_same_call_is_the_same_frame_by_frame() -> None:
    calls = []
    for _ in range(2):
        line = RecordingLine(in_band_keys=True, background=noise(2.0, level=0.002))
        line.say(spoken("det var bra"), after=1.0)
        line.press("2")
        line.say(spoken("nej"))
        ears = Ears(line, Engine())
        outcomes = [await ears.turn(PROMPT, RATING, POLICY) for _ in range(4)]
        calls.append((outcomes, ears.seconds, line.mix()))
    assert calls[0] == calls[1]
    assert [type(each) for each in calls[0][0]] == [Utterance, Key, Utterance, NoInput]
