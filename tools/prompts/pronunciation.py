"""How the prompts' words are pronounced, in the IPA symbols that Kokoro knows."""

import ctypes
import re
from functools import cache
from pathlib import Path

WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)?")
HERE = Path(__file__).parent

#: Swedish sounds that no language of Kokoro's has, and the ones that were understood best in their place (measure.py).
SWEDISH_SOUNDS = {
    "ʏ": "ɨ", "ʉ": "u", "ɵ": "ʊ", "ɧ": "ʃ", "ə": "e",
    "ʈ": "rt", "ɖ": "rd", "ɳ": "rn",  # as said in Finland; "korta" must not become "kåta"
}  # fmt: skip
#: Kokoro writes English diphthongs and affricates as one symbol each.
ENGLISH_SOUNDS = {
    "eɪ": "A", "aɪ": "I", "aʊ": "W", "ɔɪ": "Y", "əʊ": "Q", "oʊ": "O", "tʃ": "ʧ", "dʒ": "ʤ",
    "ɐ": "ə", "r": "ɹ", "ɚ": "ə", "ᵻ": "ɪ", "e": "ɛ", "ʲ": "", "̩": "", "x": "k",
}  # fmt: skip


class UnknownWordError(Exception):
    """A Swedish word without a pronunciation."""


def swedish(text: str) -> str:
    """IPA by our own lexicon: espeak-ng's Swedish has too many faults ("samtˈɑːl", "ok" as "uːk")."""
    lexicon = _lexicon()
    phrases = "|".join(key for key in lexicon if " " in key)  # a few are said otherwise than word by word
    found = re.compile(rf"\b(?:{phrases})\b|{WORD.pattern}", re.IGNORECASE)
    if unknown := sorted({word.lower() for word in found.findall(text)} - set(lexicon)):
        raise UnknownWordError(f"write their IPA in tools/prompts/pronunciation_sv.tsv: {', '.join(unknown)}")
    return _replaced(found.sub(lambda word: lexicon[word[0].lower()], text), SWEDISH_SOUNDS)


def english(text: str) -> str:
    """IPA by espeak-ng (British), clause by clause, so that the punctuation stays."""
    pieces = re.split(r"([,.:;!?]\s*)", text)
    spoken = [_espeak(piece) if index % 2 == 0 and piece else piece for index, piece in enumerate(pieces)]
    return _replaced("".join(spoken), ENGLISH_SOUNDS)


def _replaced(phonemes: str, sounds: dict[str, str]) -> str:
    for sound, known in sounds.items():
        phonemes = phonemes.replace(sound, known)
    return phonemes


@cache
def _lexicon() -> dict[str, str]:
    lines = (HERE / "pronunciation_sv.tsv").read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


@cache
def _library() -> ctypes.CDLL:
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    folder = str(espeakng_loader.get_data_path()).removesuffix("espeak-ng-data").encode()
    assert library.espeak_Initialize(1, 0, folder, 0x8000) > 0, "espeak-ng would not start"
    assert library.espeak_SetVoiceByName(b"en") == 0
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    return library


def _espeak(text: str) -> str:
    rest = ctypes.c_char_p(text.encode())
    spoken = _library().espeak_TextToPhonemes(ctypes.byref(rest), 1, 0x02)
    return spoken.decode().strip()
