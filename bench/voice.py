"""The phone: how long callers wait for the next prompt, what a call costs, and how well it hears in noise.

Held against Vosk's own endpointer, and (only where it is installed: faster-whisper, and the folder of a model in
OMDOME_BENCH_WHISPER) against Whisper, which is no engine of ours: a yardstick.
"""

import asyncio
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench._calls import BriefPrompts, Measured, at_once, invited, korean, measured
from bench._processes import cpu_of, largest_child, megabytes, megabytes_of
from omdome.calls import open_recognizers, prompts_of
from omdome.config import load_config
from omdome.hearing import Ear
from omdome.lexicons import load_lexicon
from omdome.texts import load_texts
from storage.database import SqlStore, open_store
from survey.lexicon import Lexicon
from voice.audio_files import read_audio
from voice.recognition import Expecting, Recognizers, Trust

ROOT = Path(__file__).parent.parent
REPLIES = ROOT / "demo" / "replies"
CLIPS = ROOT / "tests" / "voice" / "answer_words" / "clips"
CALLS = (1, 5, 10, 20, 40)
VOSK_CALLS = (1, 2, 4)
SNRS = (None, 20, 10, 5)


def main() -> None:
    """Print the tables."""
    asyncio.run(_measure())


async def _measure() -> None:
    config = load_config(ROOT / "config.toml")
    shipped = prompts_of(config, "sv")
    prompts = BriefPrompts(load_texts("sv"), shipped.audio)
    print("Calls at once, in real time: end of a reply -> first sound of the next prompt")
    print(f"  {'engine':<14}{'calls':>6}{'p50':>9}{'p95':>9}{'CPU/s of call':>15}{'rated':>8}")
    async with open_recognizers(config, "sv", "answer_words") as recognizers:
        assert recognizers
        replies = [read_audio(REPLIES / name) for name in ("bra.wav", "okej.wav", "daligt.wav")]
        await _ramp("answer_words", recognizers, load_lexicon("sv"), prompts, replies, CALLS)
    await _vosk(prompts)
    print(f"\nMemory of this process, which heard with answer_words: {megabytes():.0f} MB")
    await _accuracy(config.path("config.toml"))


async def _ramp(
    engine: str,
    recognizers: Recognizers,
    lexicon: Lexicon,
    prompts: BriefPrompts,
    replies: Sequence[bytes],
    ramp: Sequence[int],
    worker: int | None = None,
) -> None:
    for calls in ramp:
        with tempfile.TemporaryDirectory() as folder:
            store = await open_store(
                f"sqlite:///{folder}/bench.db", load_config(ROOT / "config.toml").organisation.timezone
            )
            ids = await invited(store, calls)

            async def hold(number: int, store: SqlStore = store, ids: Sequence[int] = ids) -> Measured:
                return await measured(store, ids[number], recognizers, lexicon, prompts, replies)

            before = cpu_of(worker)
            held, cpu = await at_once(hold, calls)
            cpu += cpu_of(worker) - before
            await store.close()
        waits = sorted(wait for call in held for wait in call.waits)
        rated = sum(call.rated for call in held)
        p50, p95 = statistics.median(waits), waits[int(0.95 * (len(waits) - 1))]
        share = cpu / sum(call.seconds for call in held)
        print(f"  {engine:<14}{calls:>6}{p50:>8.2f}s{p95:>8.2f}s{share:>14.3f}s{rated:>5}/{3 * calls}", flush=True)


async def _vosk(prompts: BriefPrompts) -> None:
    async with korean() as heard:
        if heard is None:
            print("  vosk: not measured; its Korean model isn't installed (uv sync --inexact --group speech-tests)")
            return
        worker = largest_child()
        await _ramp("vosk, grammar", heard.recognizers, heard.lexicon, prompts, heard.replies, VOSK_CALLS, worker)
        print(f"  its worker's memory: {megabytes_of(worker):.0f} MB")
        own = _own_endpointer(heard.folder, heard.replies)
    print(f"  Vosk's own endpointer, end of speech -> end of utterance: {own}")


def _own_endpointer(model: Path, replies: Sequence[bytes]) -> str:
    """In a process of its own, as Vosk must be: seconds of silence that it wants after each reply."""
    script = (
        "import json, sys, base64; import vosk; vosk.SetLogLevel(-1)\n"
        "model = vosk.Model(sys.argv[1]); out = []\n"
        "for reply in json.load(sys.stdin):\n"
        "    sound = base64.b64decode(reply); heard = vosk.KaldiRecognizer(model, 16000); waited = 0.0\n"
        "    for at in range(0, len(sound), 640): heard.AcceptWaveform(sound[at:at + 640])\n"
        "    while waited < 5 and not heard.AcceptWaveform(bytes(640)): waited += 0.02\n"
        "    out.append(waited)\n"
        "print(json.dumps(out))\n"
    )
    import base64

    import soxr

    wide = [
        base64.b64encode(soxr.resample(np.frombuffer(reply, "<i2"), 8000, 16000).tobytes()).decode()
        for reply in replies
    ]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(model)],
        input=json.dumps(wide),
        capture_output=True,
        text=True,
        check=True,
    )
    return ", ".join(f"{seconds:.2f}s" for seconds in json.loads(done.stdout.splitlines()[-1]))


# --- how well it hears ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clip:
    sound: bytes  #: 8 kHz PCM
    word: str  #: the answer word that it is, "" for something else
    expecting: Expecting


async def _accuracy(config_file: Path) -> None:
    clips = _clips()
    print(f"\nanswer_words on the {len(clips)} shipped clips (docs/answer-words.md has thousands), white noise:")
    print(f"  {'':<8}{'accepted right':>16}{'to confirm':>12}{'asked again':>13}{'accepted wrong':>16}")
    config = load_config(config_file)
    whisper = _whisper()
    async with open_recognizers(config, "sv", "answer_words") as recognizers:
        assert recognizers
        for snr in SNRS:
            counts = dict.fromkeys(("right", "confirm", "again", "wrong"), 0)
            for clip in clips:
                counts[await _outcome(recognizers, clip, _noisy(clip.sound, snr))] += 1
            row = "".join(f"{counts[name]:>{width}}" for name, width in zip(counts, (16, 12, 13, 16), strict=True))
            print(f"  {f'{snr} dB' if snr else 'clean':<8}{row}", flush=True)
    if whisper is None:
        print("  Whisper: not measured (pip install faster-whisper, and OMDOME_BENCH_WHISPER=folder of a model)")
        return
    print("  Whisper, which can't pass on what is no answer: right of the answer words, seconds a clip")
    answers = [clip for clip in clips if clip.word]
    for snr in SNRS:
        began = time.perf_counter()
        right = sum(clip.word in whisper(_noisy(clip.sound, snr)) for clip in answers)
        seconds = (time.perf_counter() - began) / len(answers)
        print(f"  {f'{snr} dB' if snr else 'clean':<8}{right}/{len(answers)}  {seconds:.1f}s")


async def _outcome(recognizers: Recognizers, clip: Clip, sound: bytes) -> str:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        with wave.open(file.name, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(8000)
            out.writeframes(sound)
        heard = await Ear(recognizers, load_lexicon("sv"), frozenset(), clip.expecting).listen(Path(file.name))
    if heard.decision is Trust.ACCEPT:
        return "right" if clip.word and clip.word in heard.heard else "wrong"
    return "confirm" if heard.decision is Trust.CONFIRM else "again"


def _clips() -> list[Clip]:
    words = {"bra": "bra", "ok": "okej", "daligt": "dåligt", "ja": "ja", "nej": "nej", "upprepa": "upprepa"}
    words |= {"ett": "ett", "tva": "två", "tre": "tre"}
    found = []
    for file in sorted(CLIPS.glob("*.wav")):
        name = file.stem.rsplit("-", 1)[0]
        expecting = Expecting.YES_NO if name in ("ja", "nej") else Expecting.RATING
        found.append(Clip(read_audio(file), "" if "-not" in file.stem else words[name], expecting))
    return found


def _noisy(sound: bytes, snr: int | None) -> bytes:
    samples = np.frombuffer(sound, "<i2").astype(float)
    if snr is None:
        return sound
    loud = samples[np.abs(samples) > 300]
    power = float(np.mean(loud**2)) if loud.size else 1.0
    noise = np.random.default_rng(7).normal(0, (power / 10 ** (snr / 10)) ** 0.5, samples.size)
    return (samples + noise).clip(-32768, 32767).astype("<i2").tobytes()


def _whisper() -> Callable[[bytes], str] | None:
    folder = os.environ.get("OMDOME_BENCH_WHISPER")
    if not folder or importlib.util.find_spec("faster_whisper") is None:
        return None
    import soxr
    from faster_whisper import WhisperModel

    model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=1)

    def heard(sound: bytes) -> str:
        wide = soxr.resample(np.frombuffer(sound, "<i2").astype(np.float32) / 32768, 8000, 16000)
        segments, _ = model.transcribe(wide, language="sv", initial_prompt="bra, okej, dåligt, ja, nej, ett, två, tre")
        return " ".join(segment.text for segment in segments).lower()

    return heard
