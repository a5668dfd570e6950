"""Who answered: how many machines are found, how many people are taken for one, and how long people wait for us.

Greetings are said by espeak-ng, or are those in the folder OMDOME_BENCH_GREETINGS (`tools.greetings` makes one; real
recordings in the same form may lie beside them). Half of them set the numbers in `voice.answering_machine`; reported is
the other half. A machine is found if we hang up before we ask anything: at once, or while we say who we are.
"""

import asyncio
import os
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench._greetings import Answered, Sound, answered, in_noisy_places, recorded, share
from omdome.calls import prompts_of
from omdome.config import load_config
from omdome.vocabularies import load_machine_phrases
from voice.answering_machine import Callee, GreetingPolicy
from voice.audio_files import read_audio
from voice.ears import Ears
from voice.line import FRAME_BYTES
from voice.lines.recording import RecordingLine
from voice.outcomes import Gone, Key
from voice.recognition import Expecting, Hearing, Trust
from voice.rendering import Occasion, opening, who_we_are

ROOT = Path(__file__).parent.parent
WORDS_LATE = 0.5  #: seconds after its end that a transcribing engine has written a phrase
PHRASES = load_machine_phrases("sv") | load_machine_phrases("en")


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one call. Seconds since it was answered."""

    call: Answered
    machine: bool
    at_once: bool  #: before we said anything
    decided: float  #: we began to speak, or hung up

    @property
    def waited(self) -> float:
        """Seconds of silence that a person heard after their last word before our first, or from the beginning."""
        ends = [self.call.begins + end for _, end, _ in self.call.said.parts]
        return self.decided - max((end for end in ends if end < self.decided), default=0.0)

    @property
    def spoken_over(self) -> bool:
        """Whether we began in the middle of what they said before waiting for us."""
        parts = [(self.call.begins + start, self.call.begins + end) for start, end, _ in self.call.said.parts]
        return any(start - 0.5 < self.decided < end - 0.3 for start, end in parts)


class Transcriber:
    """The best that an engine which transcribes could do: every word right, half a second after it was said."""

    transcribes, engine = True, "told/1"

    def __init__(self, call: Answered) -> None:
        self._call, self._frames = call, 0

    async def start(self, expecting: Expecting) -> None: ...

    async def feed(self, frame: bytes) -> str:
        self._frames += 1
        heard = self._frames * 0.02 - WORDS_LATE - self._call.begins
        return " ".join(_said_by(heard, part) for part in self._call.said.parts).lower()

    async def finish(self) -> Hearing:
        return Hearing(words="", confidence=0.0, trust=Trust.ASK_AGAIN, engine=self.engine)

    async def close(self) -> None: ...


def main() -> None:
    """Print the tables."""
    folder = os.environ.get("OMDOME_BENCH_GREETINGS")
    said = recorded(Path(folder) if folder else None)
    files = sorted((Path(folder) / "music").glob("*.wav")) if folder else []
    music: list[Sound] = [np.frombuffer(read_audio(file), "<i2") / 32768 for file in files]
    half = os.environ.get("OMDOME_BENCH_HALF", "judge")
    said = [each for each in said if each.half == half]
    calls = [*answered(said, music), *in_noisy_places(said, music)]
    print(f"{len(calls)} calls; said by {'espeak-ng' if folder is None else 'the recordings'}")
    print("\nTaken for a machine, with answer_words or keys alone:")
    _table(asyncio.run(_judged(calls, transcribed=False)))
    print("\nThe machines again, with an engine that transcribes every word, half a second after it was said:")
    _table(asyncio.run(_judged([call for call in calls if call.said.group == "machine"], transcribed=True)))


async def _judged(calls: Iterable[Answered], *, transcribed: bool) -> list[Judged]:
    prompts = prompts_of(load_config(ROOT / "config.toml"), "sv")
    introduction = [
        b"".join(map(prompts.audio, keys)) for keys in (who_we_are(Occasion.FIRST), opening(3, Occasion.FIRST))
    ]
    policy = GreetingPolicy(phrases=PHRASES)
    return [await _held(call, introduction, policy, Transcriber(call) if transcribed else None) for call in calls]


async def _held(
    call: Answered, introduction: Sequence[bytes], policy: GreetingPolicy, engine: Transcriber | None
) -> Judged:
    line = RecordingLine()
    line.say(call.sound[: len(call.sound) // FRAME_BYTES * FRAME_BYTES], after=0)
    ears = Ears(line, engine)
    at_once = await ears.greeting(policy) is Callee.MACHINE
    decided = ears.seconds
    for prompt in () if at_once else introduction:
        left = await ears.speak(prompt, interruptible=True, machines=policy)
        assert not isinstance(left, Gone | Key), f"{call.said.name}: {left}"
        if ears.machine_heard:
            return Judged(call, True, False, decided)
    return Judged(call, at_once, at_once, decided)


def _table(judged: Sequence[Judged]) -> None:
    groups: dict[tuple[str, str], list[Judged]] = {}
    for each in judged:
        groups.setdefault((each.call.said.group, each.call.kind), []).append(each)
    for (group, kind), rows in sorted(groups.items()):
        print(f"  {group:<8}{kind:<22}{_row(rows)}", flush=True)
    people = [each for each in judged if each.call.said.group == "person"]
    loud = [each for each in people if each.call.kind.startswith("in noise")]
    quiet = [each for each in people if each not in loud]
    machines = [each for each in judged if each.call.said.group == "machine"]
    for name, rows in (("people, quiet", quiet), ("people, in noise", loud), ("machines", machines)):
        if rows:
            print(f"  {name:<30}{_row(rows)}")
    for rows in (quiet, loud):
        if rows:
            _waits(rows)


def _row(rows: Sequence[Judged]) -> str:
    found = sum(each.machine for each in rows)
    return f"{share(found, len(rows)):<26} before we spoke {sum(each.at_once for each in rows)}"


def _waits(people: Sequence[Judged]) -> None:
    spoken = [each for each in people if each.call.said.parts and not each.machine]
    waits = sorted(each.waited for each in spoken if not each.spoken_over)
    over = share(sum(each.spoken_over for each in spoken), len(spoken))
    p50, p90 = statistics.median(waits), waits[round(0.9 * (len(waits) - 1))]
    print(f"  last word -> our first: p50 {p50:.2f} s, p90 {p90:.2f} s, longest {waits[-1]:.2f} s; spoken over {over}")


def _said_by(seconds: float, part: tuple[float, float, str]) -> str:
    """How much of a part has been said by then, word by word."""
    start, end, text = part
    words = text.split()
    return " ".join(words[: max(0, int(len(words) * (seconds - start) / max(end - start, 0.01)))])


if __name__ == "__main__":
    main()
