"""Words that don't exist, of one to three syllables, none of them near an answer word: other speech without end."""

from __future__ import annotations

import numpy as np

from tools.answer_words.wordings import CLASSES, all_wordings

ONSETS = (
    "", "b", "d", "f", "ɡ", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "ʃ", "ɕ", "w", "z", "tʃ", "dʒ", "ɹ",
    "ɾ", "x", "θ", "ts", "bl", "br", "dr", "fl", "fr", "ɡl", "ɡr", "kl", "kn", "kr", "kv", "pl", "pr", "sk", "sl", "sm",
    "sn", "sp", "st", "sv", "tr", "tv", "str", "nj", "bj", "mj", "hj",
)  # fmt: skip
NUCLEI = (
    "ɑː", "a", "aː", "ɛː", "ɛ", "eː", "e", "iː", "ɪ", "oː", "ɔ", "uː", "ʊ", "yː", "øː", "œ", "ɨː", "ə", "æ", "ʌ", "aɪ",
    "aʊ", "eɪ", "ɔɪ", "oʊ", "ɛj", "ɑː", "ɒ", "ɜ",
)  # fmt: skip
CODAS = (
    "", "", "", "b", "d", "f", "ɡ", "k", "l", "m", "n", "ŋ", "p", "r", "s", "t", "v", "ʃ", "ks", "lt", "nd", "nt", "rd",
    "rt", "st", "sk", "ŋk", "mp", "ns", "ts", "tʃ", "z",
)  # fmt: skip
_PLAIN = str.maketrans(
    {"ɑ": "a", "ɒ": "a", "æ": "e", "ɛ": "e", "ə": "e", "œ": "e", "ø": "e", "ɜ": "e", "ɔ": "o", "ʊ": "o", "u": "o",
     "ɪ": "i", "ɨ": "i", "y": "i", "ʌ": "a", "ɹ": "r", "ɾ": "r", "ɻ": "r", "ʁ": "r", "ʋ": "v", "w": "v", "p": "b",
     "t": "d", "ɡ": "k", "z": "s", "ʃ": "s", "ɕ": "s", "θ": "s", "ʝ": "j",
     "ː": None, "ˈ": None, "ˌ": None, "ʰ": None, "ʔ": None, " ": None}
)  # fmt: skip


def _distance(one: str, other: str) -> int:
    """Levenshtein's."""
    row = list(range(len(other) + 1))
    for at, left in enumerate(one, 1):
        before, row[0] = row[0], at
        for n, right in enumerate(other, 1):
            before, row[n] = row[n], min(row[n] + 1, row[n - 1] + 1, before + (left != right))
    return row[-1]


def far_from_answers(ipa: str) -> bool:
    """At least two sounds, coarsely told apart, differ from every way to say an answer word."""
    ways = {
        way.translate(_PLAIN)
        for wording in all_wordings()
        if wording.kind == "word" and wording.label in CLASSES[:-1]
        for way in wording.ipa
    }
    return all(_distance(ipa.translate(_PLAIN), way) >= 2 for way in ways)


def nonsense(rng: np.random.Generator) -> str:
    """IPA; one to three syllables, stressed on any of them."""
    while True:
        count = int(rng.choice([1, 2, 3], p=[0.45, 0.4, 0.15]))
        stressed = int(rng.integers(count))
        parts = []
        for number in range(count):
            sounds = (str(rng.choice(ONSETS)), str(rng.choice(NUCLEI)), str(rng.choice(CODAS)))
            parts.append(sounds[0] + ("ˈ" if number == stressed else "") + sounds[1] + sounds[2])
        if far_from_answers(ipa := "".join(parts)):
            return ipa
