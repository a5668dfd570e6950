"""Real people's recordings, for judging only: never trained on, never used to set a threshold, not shipped.

They are listed in a tab-separated file with the columns path, transcript and language, a heading first. A transcript
that is one of the answer words counts as that word; any other as something else.
"""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from math import gcd
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly
from tqdm import tqdm

from tools.answer_words.augmentation import JUDGED, through
from tools.answer_words.codecs import coded
from tools.answer_words.examples import SNRS, Example, window_of
from tools.answer_words.synthesis import SEED

WRITTEN = {
    "bra": "bra",
    "ok": "ok",
    "okej": "ok",
    "dåligt": "dåligt",
    "ja": "ja",
    "nej": "nej",
    "nä": "nej",
    "upprepa": "upprepa",
    "ett": "ett",
    "två": "två",
    "tre": "tre",
}
PER_LANGUAGE = 20
NEIGHBOURS = ("da", "nb", "nn")  # their bra, ja, nei and tre are ours
# the same words in other languages: neither right nor wrong to take for ours
COGNATES = {
    "ok",
    "okay",
    "okej",
    "bra",
    "ja",
    "nei",
    "nej",
    "nein",
    "nee",
    "yes",
    "no",
    "to",
    "tre",
    "et",
    "ett",
    "ei",
    "en",
    "trei",
    "trois",
    "tres",
    "twee",
    "drie",
}


def heard(path: Path) -> np.ndarray:
    """Any sound file as 8 kHz mono."""
    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return resample_poly(sound.mean(1), 8000 // gcd(8000, rate), rate // gcd(8000, rate))


def recorded(manifest: Path, kept: Path) -> tuple[list[Example], np.ndarray]:
    """Examples at phone quality and every SNR: all Swedish files, and some short ones of each other language.

    They are kept in the file `kept`, which is read instead where it exists.
    """
    if not kept.exists():
        examples, features = _heard_all(manifest)
        rows = json.dumps([vars(example) for example in examples], ensure_ascii=False)
        np.savez(kept, rows=np.array(rows), features=features.astype(np.float16))
    with np.load(kept) as file:
        return [Example(**row) for row in json.loads(str(file["rows"]))], file["features"]


def _heard_all(manifest: Path) -> tuple[list[Example], np.ndarray]:
    rng = np.random.default_rng(SEED)
    with manifest.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    rng.shuffle(rows)
    taken: dict[str, int] = {}
    examples, features = [], []
    for row in tqdm(rows, desc="recordings"):
        language, said = row["language"], row["transcript"].strip().lower()
        if (language != "sv" and taken.get(language, 0) >= PER_LANGUAGE) or (
            language in NEIGHBOURS or (language != "sv" and said in COGNATES)
        ):
            continue
        sound = heard(Path(row["path"]))
        if len(sound) < 800 or (language != "sv" and len(sound) > 8000 * 2.5):
            continue
        taken[language] = taken.get(language, 0) + 1
        label = WRITTEN.get(said, "other") if language == "sv" else "other"
        kind = "word" if label != "other" else "human"
        sound = np.concatenate([np.zeros(2400), 0.5 * sound / (np.abs(sound).max() + 1e-6), np.zeros(2400)])
        for snr in SNRS:
            line = replace(JUDGED, snr=snr)
            found, seconds = window_of(coded([through(rng, line, sound, [])], [line.codec])[0])
            voice = f"{language}/{Path(row['path']).parent.name}"
            examples.append(
                Example(
                    "human",
                    language,
                    voice,
                    kind,
                    label,
                    1.0,
                    said or Path(row["path"]).stem,
                    snr,
                    seconds,
                    found is not None,
                )
            )
            features.append(np.zeros((236, 32), np.float32) if found is None else found)
    return examples, np.array(features)
