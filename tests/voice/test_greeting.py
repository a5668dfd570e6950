"""Who answered our call, as the ears hear it."""

from dataclasses import dataclass

import numpy as np

from tests.voice.speech import noise, silence, spoken
from tests.voice.test_tones import sines
from voice.answering_machine import Callee, GreetingPolicy
from voice.ears import Ears
from voice.line import LineTraits
from voice.lines.recording import RecordingLine
from voice.outcomes import Key
from voice.recognition import Expecting, Hearing, Trust

PROMPT = noise(3.0)
GREETING = GreetingPolicy(phrases=frozenset({"efter tonen"}))


@dataclass
class Hears:
    """An engine that hears these words in everything."""

    words: str = ""
    transcribes: bool = False
    engine: str = "told/1"

    async def start(self, expecting: Expecting) -> None: ...

    async def feed(self, frame: bytes) -> str:
        return self.words

    async def finish(self) -> Hearing:
        return Hearing(words=self.words, confidence=0.9, trust=Trust.ACCEPT, engine=self.engine)

    async def close(self) -> None: ...


async def test_hello_is_a_person() -> None:
    line = RecordingLine()
    line.say(spoken("hallå"), after=0.7)
    assert await Ears(line, None).greeting(GREETING) is Callee.PERSON


async def test_a_long_message_is_a_machine() -> None:
    line = RecordingLine()
    message = "du har kommit till Anna och jag kan inte svara just nu men lämna gärna ett meddelande " * 2
    line.say(spoken(message, rate=180), after=0.7)
    assert await Ears(line, None).greeting(GREETING) is Callee.MACHINE


async def test_a_beep_is_a_machine() -> None:
    line = RecordingLine()
    line.say(sines(0.4, (1000, -20)), after=0.7)
    ears = Ears(line, None)
    assert await ears.greeting(GREETING) is Callee.MACHINE
    assert ears.seconds < 1.2


async def test_a_machine_that_passed_for_a_person_is_known_by_its_beep() -> None:
    line = RecordingLine()
    line.say(spoken("hej") + silence(1.5) + spoken("efter tonen") + sines(0.4, (1000, -20)), after=0.7)
    ears = Ears(line, None)
    assert await ears.greeting(GREETING) is Callee.PERSON
    assert not ears.machine_heard
    await ears.speak(PROMPT, interruptible=False)
    assert ears.machine_heard


async def test_a_machine_that_passed_for_a_person_is_known_by_talking_on() -> None:
    line = RecordingLine()
    line.say(
        spoken("hej") + silence(0.8) + spoken("du har kommit till anna och jag kan inte svara just nu men ring"),
        after=0.7,
    )
    ears = Ears(line, None)
    assert await ears.greeting(GREETING) is Callee.PERSON
    await ears.speak(noise(10.0), interruptible=False, machines=GREETING)
    assert ears.machine_heard
    assert ears.seconds < 7


async def test_who_says_hello_again_hears_us_to_the_end() -> None:
    line = RecordingLine()
    line.say(spoken("hallå") + silence(0.8) + spoken("hallå vem är det") + silence(2) + spoken("ja hej"), after=0.7)
    ears = Ears(line, None)
    assert await ears.greeting(GREETING) is Callee.PERSON
    await ears.speak(noise(10.0), interruptible=False, machines=GREETING)
    assert not ears.machine_heard


async def test_a_television_in_the_room_is_no_machine() -> None:
    television = spoken("och nu till vädret det blir regn i hela landet och kallare mot kvällen " * 3)
    quieter = (np.frombuffer(television, "<i2") // 4).astype("<i2").tobytes()
    line = RecordingLine(background=quieter)
    line.say(spoken("ja hallå"), after=1.2)
    ears = Ears(line, None)
    assert await ears.greeting(GREETING) is Callee.PERSON
    await ears.speak(noise(10.0), interruptible=False, machines=GREETING)
    assert not ears.machine_heard


async def test_what_only_machines_say_is_enough_where_the_engine_transcribes() -> None:
    line = RecordingLine()
    line.say(spoken("tala efter tonen"), after=0.2)
    assert await Ears(line, Hears("tala efter tonen", transcribes=True)).greeting(GREETING) is Callee.MACHINE
    assert await Ears(line, Hears("tala efter tonen")).greeting(GREETING) is Callee.PERSON


async def test_nobody_answers_but_the_line_is_up() -> None:
    assert await Ears(RecordingLine(), Hears()).greeting(GREETING) is Callee.SILENT


async def test_who_hangs_up_before_saying_anything_is_gone() -> None:
    line = RecordingLine()
    line.leave(after=0.5)
    assert await Ears(line, Hears()).greeting(GREETING) is Callee.GONE


async def test_nine_is_no_greeting() -> None:
    line = RecordingLine()
    line.press("9", after=0.3)
    assert await Ears(line, None).greeting(GREETING) == Key("9")


async def test_our_own_voice_coming_back_from_a_bad_line_is_no_machine() -> None:
    """Nobody says anything, and the line, which should have no echo, returns what we say 20 dB weaker."""

    class Returning(RecordingLine):
        @property
        def traits(self) -> LineTraits:
            return LineTraits(signals_keys=True, echo_free=True)

    ears = Ears(Returning(echo=0.1), None)
    assert await ears.greeting(GREETING) is Callee.SILENT
    await ears.speak(
        spoken("det här är ett automatiskt samtal från kommunen " * 3), interruptible=False, machines=GREETING
    )
    assert not ears.machine_heard
