"""Phrases of several words, as they are written in a lexicon, and where they occur in a reply.

A pattern is words between blanks. `kan|kunde` is either word, `(ha)` may be left out, `…` is up to three small
words such as "det", "faktiskt" or "så": "fick … aldrig … svar" is also "fick faktiskt aldrig något svar".
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

GAP = "..."  #: "…" after `survey.normalisation.plain`
LONGEST_GAP = 3

_ELEMENT = re.compile(r"\((?P<optional>[^()\s]+)\)|(?P<needed>[^()\s]+)")

Meaning = TypeVar("Meaning")


@dataclass(frozen=True, slots=True)
class Element:
    """One place in a pattern: any of `words`, or a gap when there are none."""

    words: frozenset[str]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Phrase(Generic[Meaning]):
    """A pattern and what it means."""

    elements: tuple[Element, ...]
    meaning: Meaning


def parse_pattern(pattern: str) -> tuple[Element, ...]:
    """The elements of a pattern.

    Raises ValueError where it isn't one: empty, a bracket left open, fewer than two words needed, or a gap at an end.
    """
    elements = []
    for part in pattern.split():
        found = _ELEMENT.fullmatch(part)
        if not found:
            raise ValueError(f"{part!r} is not a word, word|word or (word)")
        words = frozenset((found["optional"] or found["needed"]).split("|"))
        if "" in words:
            raise ValueError(f"{part!r} has an empty alternative")
        is_gap = words == {GAP}
        elements.append(Element(frozenset() if is_gap else words, optional=bool(found["optional"]) or is_gap))
    if sum(not element.optional for element in elements) < 2:
        raise ValueError(f"{pattern!r} needs at least two words that can't be left out; put one word among the words")
    if not elements[0].words or not elements[-1].words:
        raise ValueError("… belongs between words, not at an end")
    return tuple(elements)


def longest_match(elements: Sequence[Element], words: Sequence[str], start: int, small_words: Collection[str]) -> int:
    """Where the longest match of `elements` from `words[start]` ends, or `start` when there is none."""
    if not elements:
        return start
    element, rest = elements[0], elements[1:]
    ends = [0]
    if element.words:
        if start < len(words) and words[start] in element.words:
            ends.append(_rest_of_match(rest, words, start + 1, small_words))
        if element.optional:
            ends.append(_rest_of_match(rest, words, start, small_words))
    else:
        for skipped in range(LONGEST_GAP + 1):
            ends.append(_rest_of_match(rest, words, start + skipped, small_words))
            if start + skipped >= len(words) or not _is_small(words[start + skipped], small_words):
                break
    return max(max(ends), start)


def _is_small(word: str, small_words: Collection[str]) -> bool:
    return word in small_words or word.isdigit()


def _rest_of_match(elements: Sequence[Element], words: Sequence[str], start: int, small_words: Collection[str]) -> int:
    """The end of the match, 0 when the needed elements don't match."""
    if not elements:
        return start
    end = longest_match(elements, words, start, small_words)
    if end > start:
        return end
    return start if all(element.optional for element in elements) else 0
