"""Renders the prompts that Omdöme ships: voice/default_prompts/<language>/*.wav and their index.

    uv venv .tools/prompts && uv pip install -p .tools/prompts -r tools/prompts/requirements.txt
    npm pack kokoro-js@1.2.1 --pack-destination .tools
    .tools/prompts/bin/python tools/prompts/render.py .tools/kokoro-js-1.2.1.tgz [sv|en] [--all | key …]

Without keys it renders what has no audio or says an old text; --all and keys are for a changed pronunciation or voice.
Nothing is random: the same texts, pronunciations and packages give the same files (on one kind of processor).
"""

import json
import re
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PROJECT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(PROJECT))

from omdome.texts import load_texts  # noqa: E402 - the checkout's rooms, found by the line above
from tools.prompts.kokoro import RATE, Kokoro  # noqa: E402
from tools.prompts.pronunciation import english, swedish  # noqa: E402
from voice.prompts.library import wordings_of  # noqa: E402
from voice.prompts.shaping import PHONE_RATE, shaped, trimmed  # noqa: E402
from voice.prompts.sources import INDEX, SHIPPED, shipped_texts  # noqa: E402
from voice.wav_reading import ALAW, DECODERS  # noqa: E402

Samples = NDArray[np.float32]

ORGANISATION = "Exempelkommunen"  # config.toml's as it comes, so that the demonstration has its name in the same voice
PAUSE_SECONDS = {".": 0.25, "!": 0.2, "?": 0.3, ":": 0.1}  # beside the margins of the sentences
SENTENCE = re.compile(r"[^.!?]+[.!?]*")


@dataclass(frozen=True)
class Speaker:
    """Who says a language's prompts."""

    phonemes: Callable[[str], str]
    blend: dict[str, float]
    speed: float


SPEAKERS = {
    "sv": Speaker(swedish, {"ef_dora": 1.0}, 0.95),
    "en": Speaker(english, {"bf_emma": 1.0}, 0.95),
}


def render(kokoro: Kokoro, speaker: Speaker, text: str) -> Samples:
    """A prompt as the telephone gets it, sentence by sentence, since Kokoro hurries through several."""
    voice = kokoro.voice(speaker.blend)
    pieces: list[Samples] = []
    for sentence in SENTENCE.findall(text):
        said = kokoro.say(speaker.phonemes(sentence.strip()), voice, speaker.speed)
        pause = PAUSE_SECONDS.get(sentence.rstrip()[-1], 0.0)
        pieces += [trimmed(said, RATE), np.zeros(round(pause * RATE), np.float32)]
    return shaped(np.concatenate(pieces[:-1]), RATE, PHONE_RATE)


def write_alaw(path: Path, samples: Samples) -> None:
    """A WAV of G.711 A-law: half the size, and all that a telephone network carries."""
    values = DECODERS[ALAW, 8](bytes(range(256)))
    order = np.argsort(values)
    between = (values[order][1:] + values[order][:-1]) / 2
    coded = order[np.searchsorted(between, samples)].astype(np.uint8).tobytes()
    header = struct.pack("<HHIIHHH", ALAW, 1, PHONE_RATE, PHONE_RATE, 1, 8, 0)
    chunks = [(b"fmt ", header), (b"fact", struct.pack("<I", len(coded))), (b"data", coded + bytes(len(coded) % 2))]
    body = b"WAVE" + b"".join(name + struct.pack("<I", len(chunk)) + chunk for name, chunk in chunks)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)


def write_index(folder: Path, speaker: Speaker, wordings: dict[str, str]) -> None:
    voice = " + ".join(f"{weight:g} {name}" for name, weight in speaker.blend.items())
    lines = [
        "# What is said in the audio files beside this one. Made by tools/prompts/render.py.",
        f'voice = "Kokoro-82M: {voice}, at speed {speaker.speed:g}"',
        "",
        "[texts]",
        *(f"{json.dumps(key)} = {json.dumps(text, ensure_ascii=False)}" for key, text in wordings.items()),
    ]
    (folder / INDEX).write_text("\n".join(lines) + "\n", "utf-8")


def main(voices: Path, languages: list[str], keys: list[str]) -> None:
    kokoro = Kokoro(voices)
    for language in languages or list(SPEAKERS):
        wordings, folder = wordings_of(load_texts(language), ORGANISATION), SHIPPED / language
        folder.mkdir(parents=True, exist_ok=True)
        said = {key: text for key, text in shipped_texts(folder).items() if key in wordings}
        outdated = [key for key in wordings if said.get(key) != wordings[key] or not (folder / f"{key}.wav").exists()]
        for key in wordings if keys == ["--all"] else keys or outdated:
            write_alaw(folder / f"{key}.wav", render(kokoro, SPEAKERS[language], wordings[key]))
            said[key] = wordings[key]
            print(language, key, flush=True)
        write_index(folder, SPEAKERS[language], {key: said[key] for key in wordings if key in said})
        for file in folder.glob("*.wav"):
            if file.stem not in wordings:
                file.unlink()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    given = sys.argv[2:]
    main(Path(sys.argv[1]), [g for g in given if g in SPEAKERS], [g for g in given if g not in SPEAKERS])
