"""Words that sound alike: what a freely decoding model made of an answer that it misheard, or that it lacks.

"bar" for "bra", "dolit" for "dåligt", "okay" for "okej". What comes of it is only ever confirmed, never accepted.
"""

import re
from collections.abc import Collection, Sequence
from functools import cache

from rapidfuzz.distance import OSA

_SHORTEST = 3  #: sounds of a word that may differ in one; shorter ones must sound the same
_FARTHEST = 1  #: sounds left out, put in, changed or swapped

#: By language: spelling → sound, in this order. Distinctions that a telephone loses are dropped: voiced or voiceless,
#: long or short, o or å, e or ä. Swedish: Elert, Allmän och svensk fonetik; the silent letters are the usual ones.
_SOUNDS: dict[str, Sequence[tuple[str, str]]] = {
    "sv": [
        (r"[ːˈ'-]", ""),
        (r"^[hdgl]j", "j"),  # hjälp, djur, gjort, ljus
        (r"sch|stj|skj|sj", "S"),
        (r"igt\b", "it"),  # dåligt
        (r"ig\b", "i"),
        (r"[aeäɛ][jy]", "ej"),  # okej, okay
        (r"r([tdsnl])", r"\1"),  # one sound in most of Sweden
        (r"ck|c|q|g", "k"),
        (r"x", "ks"),
        (r"z", "s"),
        (r"w|v|ph", "f"),
        (r"b", "p"),
        (r"d", "t"),
        (r"[åuʊ]", "o"),
        (r"[äéèɛ]", "e"),
        (r"(.)\1+", r"\1"),
    ],
}
_VOWELS = "aeiouyåäö"


def sounds(word: str, language: str) -> str:
    """How `word` (lower case) sounds, roughly; itself where nothing is known of the language."""
    for spelling, sound in _compiled(language):
        word = spelling.sub(sound, word)
    return word


def neighbour(word: str, answers: Collection[str], language: str) -> str | None:
    """The one of `answers` that `word` may be a mishearing of; None where there is none, or more than one."""
    if language not in _SOUNDS:
        return None
    heard = sounds(word, language)
    near: dict[int, set[str]] = {}
    for answer in answers:
        said = sounds(answer, language)
        distance = OSA.distance(heard, said, score_cutoff=_FARTHEST)
        allowed = _FARTHEST if min(len(heard), len(said)) >= _SHORTEST else 0
        if distance <= allowed and _begins_alike(heard, said):
            near.setdefault(distance, set()).add(answer)
    nearest = near[min(near)] if near else set()
    return nearest.pop() if len(nearest) == 1 else None


def _begins_alike(one: str, other: str) -> bool:
    first = {"a" if sound in _VOWELS else sound for sound in (one[:1], other[:1])}
    return len(first) == 1


@cache
def _compiled(language: str) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(spelling), sound) for spelling, sound in _SOUNDS.get(language, ())]
