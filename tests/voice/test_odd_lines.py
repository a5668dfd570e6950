"""No audio, however odd, raises or hangs: every turn ends after a bounded number of listens."""

import asyncio
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.voice.call_world import ScriptedEars
from tests.voice.speech import frames as speech_frames
from tests.voice.speech import noise, silence, spoken
from voice.answering_machine import GreetingPolicy
from voice.ears import Ears, TurnPolicy
from voice.line import FRAME_BYTES, Heard, LineTraits
from voice.recognition import Expecting


def frames(seconds: float) -> int:
    return round(seconds * 50)


@dataclass
class OddLine:
    """A line whose far end sends anything at all, and that may never play what it is given."""

    sounds: list[bytes]
    plays: bool
    behind: bool
    traits: LineTraits
    queued: int = 0
    listens: int = 0

    def play(self, audio: bytes) -> None:
        self.queued += len(audio) // FRAME_BYTES

    def cut(self) -> None:
        self.queued = 0

    async def listen(self) -> Heard:
        frame = self.sounds[self.listens % len(self.sounds)]
        playing = self.plays and self.queued > 0
        self.queued -= playing
        self.listens += 1
        return Heard(frame, playing=playing, behind=self.behind)

    async def hang_up(self) -> None: ...


odd_frames = st.one_of(
    st.binary(max_size=400),
    st.integers(0, 9).map(lambda seed: noise(0.02, level=0.5, seed=seed)),
    st.sampled_from([silence(0.02), b"\xff\x7f" * 160, b"\x00\x80" * 160, b"\xff\x7f\x00\x80" * 80, b""]),
    st.sampled_from(speech_frames(spoken("jag vet inte riktigt vad jag ska säga om det"))),
)


@settings(max_examples=12)
@given(st.lists(odd_frames, min_size=1, max_size=120), st.booleans(), st.booleans(), st.booleans())
def test_whatever_is_sent_every_turn_ends_in_time(sounds: list[bytes], plays: bool, behind: bool, echo: bool) -> None:
    line = OddLine(sounds, plays, behind, LineTraits(signals_keys=False, echo_free=not echo))
    policy = TurnPolicy(no_input_seconds=1.0, max_seconds=2.0)
    prompt = silence(1.0)

    async def call() -> None:
        ears = Ears(line, ScriptedEars([], transcribes=True))
        assert await ears.greeting(GreetingPolicy())
        assert line.listens <= frames(GreetingPolicy().longest)
        for _ in range(3):
            before = line.listens
            await ears.turn(prompt, Expecting.RATING, policy)
            assert line.listens - before <= frames(1.0 + 6.0 + 1.0 + 0.1 + 2.0 + 3.0) + 2
        before = line.listens
        await ears.speak(prompt, interruptible=False)
        assert line.listens - before <= frames(1.0 + 6.0) + 1

    asyncio.run(call())
