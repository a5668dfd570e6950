"""Calls over SIP: what they cost, how many at once, and how long callers wait, over real signalling and real RTP.

The far end is a telephone of ours in a process of its own, on the same machine, so it takes its share of the cores too.
What was waited for is read off the two sides of each call as the far end recorded them.
"""

import asyncio
import statistics
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench._calls import (
    AUDIBLE,
    CALL,
    POLICY,
    QUESTIONS,
    BriefPrompts,
    Measured,
    Sound,
    SystemClock,
    at_once,
    invited,
    korean,
    waits_between,
)
from bench._processes import cpu_of, largest_child, megabytes, megabytes_of
from omdome.calls import open_recognizers, prompts_of
from omdome.config import load_config
from omdome.lexicons import load_lexicon
from omdome.texts import load_texts
from storage.database import SqlStore, open_store
from survey.lexicon import Lexicon
from voice.audio_files import read_audio, write_wav
from voice.call import hold_call
from voice.ears import Ears, TurnPolicy
from voice.interview import StoredInterview
from voice.line import RATE
from voice.lines.sip.line import SipLine
from voice.lines.sip.phone import SipPhone
from voice.lines.sip.settings import SipAccount, SipPolicy
from voice.recognition import Expecting, Recognizers
from voice.transcript import Entry, Who

ROOT = Path(__file__).parent.parent
REPLIES = ROOT / "demo" / "replies"
CALLS = (1, 10, 20, 40)
VOSK_CALLS = (1, 2, 4)
BARGES = 10
_PORT = 35060
_NUMBERS = [f"+467017406{end:02}" for end in range(5, 100)]


def main() -> None:
    """Print the tables."""
    asyncio.run(_measure())


async def _measure() -> None:
    config = load_config(ROOT / "config.toml")
    prompts = BriefPrompts(load_texts("sv"), prompts_of(config, "sv").audio)
    with tempfile.TemporaryDirectory() as folder:
        async with _world(Path(folder)) as world:
            print(
                "Calls at once over SIP, in real time. Waits: end of a reply -> first sound of the next prompt, at the"
            )
            print("far end. CPU seconds for each second of call; memory: what one more call takes of the SIP process.")
            print(f"  {'heard by':<14}{'calls':>6}{'p50':>9}{'p95':>9}{'ours':>9}{'SIP':>9}{'memory':>11}{'rated':>10}")
            lexicon = load_lexicon("sv")
            await _ramp(world, "keys", None, lexicon, prompts, (), CALLS)
            replies = [read_audio(REPLIES / name) for name in ("bra.wav", "okej.wav", "daligt.wav")]
            async with open_recognizers(config, "sv", "answer_words") as recognizers:
                assert recognizers
                await _ramp(world, "answer_words", recognizers, lexicon, prompts, replies, CALLS)
            async with korean() as heard:
                if heard is None:
                    print("  vosk: not measured (uv sync --inexact --group speech-tests)")
                else:
                    engine, worker = "vosk, grammar", largest_child()
                    await _ramp(
                        world, engine, heard.recognizers, heard.lexicon, prompts, heard.replies, VOSK_CALLS, worker
                    )
            async with open_recognizers(config, "sv", "answer_words") as recognizers:
                assert recognizers
                await _barge_in(world, recognizers, replies[0])
            here, there = megabytes(), megabytes_of(world.phone.pid)
            print(f"\nMemory: this process {here:.0f} MB at most, the SIP process {there:.0f} MB")


@dataclass
class World:
    """Our phone, and the telephone that it calls."""

    phone: SipPhone
    telephone: asyncio.subprocess.Process
    folder: Path
    _next: int = field(default=0)

    def number(self) -> str:
        """Of a telephone that nobody else speaks with."""
        self._next += 1
        return _NUMBERS[self._next % len(_NUMBERS)]

    def tell(self, number: str, reply: str) -> None:
        assert self.telephone.stdin is not None
        self.telephone.stdin.write(f"{number} {reply}\n".encode())

    async def recorded(self, number: str) -> tuple[Sound, Sound]:
        """What that telephone said in its last call, and what it heard; on one timeline."""
        for _ in range(200):
            heard = sorted(self.folder.glob(f"{number}-heard-*.wav"), key=lambda file: int(file.stem.rsplit("-", 1)[1]))
            if heard and heard[-1].stat().st_size > 44:
                await asyncio.sleep(0.2)
                said = heard[-1].with_name(heard[-1].name.replace("heard", "said"))
                sounds = [np.frombuffer(read_audio(each), "<i2") for each in (said, heard[-1])]
                for each in (said, heard[-1]):
                    each.unlink()
                return sounds[0], sounds[1]
            await asyncio.sleep(0.05)
        raise AssertionError("a call left no recording")


@asynccontextmanager
async def _world(folder: Path) -> AsyncIterator[World]:
    command = [sys.executable, "-m", "voice.lines.sip.telephone", str(_PORT), str(folder), *_NUMBERS]
    with (folder / "log").open("wb") as log:
        telephone = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=log, stderr=log)
    phone = SipPhone(SipAccount(host="127.0.0.1", port=_PORT), SipPolicy(calls_at_once=80), SystemClock())
    try:
        while "sip:" not in (folder / "log").read_text():  # noqa: ASYNC110 - its log alone tells
            await asyncio.sleep(0.05)
        await phone.start()
        yield World(phone, telephone, folder)
    finally:
        await phone.close()
        assert telephone.stdin is not None
        telephone.stdin.close()
        await telephone.wait()


async def _ramp(
    world: World,
    engine: str,
    recognizers: Recognizers | None,
    lexicon: Lexicon,
    prompts: BriefPrompts,
    replies: Sequence[bytes],
    ramp: Sequence[int],
    worker: int | None = None,
) -> None:
    files = [str(_saved(world.folder / f"{engine.split(',')[0]}-{at}.wav", each)) for at, each in enumerate(replies)]
    told = files or ["key:2"] * len(QUESTIONS)
    zone = load_config(ROOT / "config.toml").organisation.timezone
    for calls in ramp:
        with tempfile.TemporaryDirectory() as folder:
            store = await open_store(f"sqlite:///{folder}/bench.db", zone)
            ids = await invited(store, calls)

            async def hold(at: int, store: SqlStore = store, ids: Sequence[int] = ids) -> Measured:
                return await _held(world, store, ids[at], recognizers, lexicon, prompts, told)

            sip = world.phone.pid
            before, small = (cpu_of(sip), cpu_of(worker)), megabytes_of(sip)
            held, ours = await at_once(hold, calls)
            ours += cpu_of(worker) - before[1]
            theirs, grown = cpu_of(sip) - before[0], megabytes_of(sip) - small
            await store.close()
        waits = sorted(wait for call in held for wait in call.waits) or [float("nan")]
        seconds, rated = sum(call.seconds for call in held), sum(call.rated for call in held)
        p50, p95 = statistics.median(waits), waits[int(0.95 * (len(waits) - 1))]
        print(
            f"  {engine:<14}{calls:>6}{p50:>8.2f}s{p95:>8.2f}s{ours / seconds:>8.3f}s{theirs / seconds:>8.3f}s"
            f"{max(0.0, grown) / calls:>8.2f} MB{rated:>6}/{len(QUESTIONS) * calls}",
            flush=True,
        )


async def _held(
    world: World,
    store: SqlStore,
    invitation_id: int,
    recognizers: Recognizers | None,
    lexicon: Lexicon,
    prompts: BriefPrompts,
    replies: Sequence[str],
) -> Measured:
    """One call: a key gives consent, `replies` answer the questions, what is to be confirmed is by key."""
    number = world.number()
    line = await world.phone.call(number)
    assert isinstance(line, SipLine), line

    asked = list[str]()

    def act(entry: Entry) -> None:
        kind, _, rest = entry.prompt.partition(".")
        if entry.who is not Who.WE or kind not in ("question", "consent", "confirm"):
            return
        asked.append(kind)
        world.tell(number, replies[QUESTIONS.index(rest.partition(".")[0])] if kind == "question" else "key:1")

    interview = StoredInterview(
        store=store,
        invitation_id=invitation_id,
        policy=POLICY,
        clock=SystemClock(),
        lexicon=lexicon,
        call_id=f"{invitation_id}",
    )
    ears = await recognizers.recognizer() if recognizers else None
    report = await hold_call(line, ears, prompts, interview, CALL, act)
    said, heard = await world.recorded(number)
    rated = sum(bool(entry.rating) for entry in report.transcript)
    each = waits_between(said, heard)
    waits = (
        [wait for wait, kind in zip(each, asked, strict=True) if kind == "question"] if len(each) == len(asked) else []
    )
    return Measured(waits=waits, seconds=report.seconds, rated=rated)


async def _barge_in(world: World, recognizers: Recognizers, reply: bytes) -> None:
    """How long our prompt is still heard by whoever presses a key or speaks."""
    file = _saved(world.folder / "barge.wav", reply)
    prompt = np.random.default_rng(1).normal(0, 2000, 10 * RATE).astype("<i2").tobytes()
    print("\nOur prompt is heard for so long after the far end has begun, at the far end:")
    for what, barge in (("a key", "key:5@2"), ("speech", f"{file}@2")):
        waits = []
        for _ in range(BARGES):
            number = world.number()
            line = await world.phone.call(number)
            assert isinstance(line, SipLine), line
            world.tell(number, barge)
            ears = Ears(line, await recognizers.recognizer())
            await ears.turn(prompt, Expecting.RATING, TurnPolicy())
            await asyncio.sleep(0.5)
            await line.hang_up()
            waits.append(_until_silent(*await world.recorded(number)))
        waits.sort()
        print(f"  {what:<8} p50 {statistics.median(waits):.2f} s, longest {waits[-1]:.2f} s", flush=True)


def _until_silent(said: Sound, heard: Sound) -> float:
    began = int(np.flatnonzero(np.abs(said) > AUDIBLE)[0])
    return float(np.flatnonzero(np.abs(heard) > AUDIBLE)[-1] - began) / RATE


def _saved(file: Path, audio: bytes) -> Path:
    write_wav(file, audio)
    return file
