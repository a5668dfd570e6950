"""A reply as terms: each word, phrase, emoji and mark of it with what it does, however it was spelt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from models.rating import Rating
from survey.lexemes import UNKNOWN, Entry, Role
from survey.lexicon import Lexicon
from survey.normalisation import Mark, Token, fold, plain, skeleton, tokenise
from survey.phrases import longest_match

_MARKS = {Mark.COMMA: Role.COMMA, Mark.STOP: Role.STOP, Mark.ASKS: Role.ASKS, Mark.QUOTE: Role.QUOTE}
_COMPOUNDING = (Role.VERDICT, Role.HINT)
_STRENGTHENING = (Role.NEGATION, Role.INTENSIFIER, Role.DOWNTONER, Role.LIGHT, Role.ABSOLUTE)
_SHORTEST_GUESS = 5
_SHORTEST_BASE = 3
_SHORTEST_GLUED = 4
_LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Term:
    """A word, phrase, symbol or mark. `text` is the lexicon's spelling; `guessed` if the reply's wasn't listed."""

    text: str
    entry: Entry
    guessed: bool = False
    phrase: bool = False
    negative: bool = False  #: a phrase with a negation in it: "inga klagomål"

    @property
    def role(self) -> Role:
        return self.entry.role

    @property
    def rating(self) -> Rating | None:
        return self.entry.rating


def recognise(reply: str, lexicon: Lexicon) -> list[Term]:
    """The terms of `reply`, phrases put together, the longest first in each place."""
    terms: list[Term] = []
    for token in tokenise(plain(reply), (symbol for symbol in lexicon.symbols if symbol.isascii())):
        terms.extend(_terms(token, lexicon))
    return list(_with_phrases(terms, lexicon))


def _terms(token: Token, lexicon: Lexicon) -> Iterator[Term]:
    if token.mark is Mark.SYMBOL:
        entry = lexicon.symbols.get(token.text)
        if entry:
            yield Term(token.text, entry)
    elif token.mark is Mark.NUMBER:
        yield Term(token.text, lexicon.words.get(token.text, Entry(Role.NUMBER)))
    elif token.mark is Mark.WORD:
        yield from _spelt(token.text.strip(), lexicon)
    else:
        yield Term(token.text, Entry(_MARKS[token.mark]))


def _spelt(word: str, lexicon: Lexicon) -> Iterator[Term]:
    """The term a word stands for: as listed, joined or split at its hyphens, compounded, or one slip of a key away."""
    if len(word) > _LONGEST_WORD:
        yield Term(word, UNKNOWN)
        return
    parts = word.split("-")
    listed = _listed(word, lexicon) or _listed("".join(parts), lexicon)
    if not listed or listed.entry == UNKNOWN:  # part of a phrase, perhaps a compound on its own
        listed = _compound("".join(parts), lexicon) or listed
    if listed:
        yield listed
    elif len(parts) > 1:
        for part in parts:
            yield from _spelt(part, lexicon)
    else:
        yield from _glued(word, lexicon) or [_guessed(word, lexicon)]


def _listed(word: str, lexicon: Lexicon) -> Term | None:
    if word in lexicon.words:
        return Term(word, lexicon.words[word])
    right = lexicon.misspellings.get(word)
    if not right and word not in lexicon.real_words:
        right = lexicon.folded.get(fold(word)) or lexicon.skeletons.get(skeleton(word))
    return Term(right, lexicon.words[right], guessed=True) if right else None


def _compound(word: str, lexicon: Lexicon) -> Term | None:
    """ "jättebra", "skitdåligt": a strengthening prefix and a verdict; "kundbemötande": a compound of a topic."""
    bones = skeleton(word)
    if word in lexicon.real_words:
        return None
    for end in range(len(word) - _SHORTEST_BASE, 1, -1):
        prefix = _prefix(skeleton(word[:end]), lexicon)
        if not prefix:
            continue
        base = _listed(word[end:], lexicon)
        if not base or base.entry == UNKNOWN:
            base = _compound(word[end:], lexicon)
        if base and base.role in _COMPOUNDING and not base.entry.verb:
            return Term(word, _prefixed(base.entry, prefix), guessed=base.guessed)
    for ending in lexicon.topic_endings:
        if bones.endswith(skeleton(ending)):
            rated = lexicon.words.get(word.removesuffix(ending), UNKNOWN)  # "toppenservice" is praise
            return Term(word, rated if rated.role is Role.VERDICT else Entry(Role.TOPIC))
    return None


def _prefix(bones: str, lexicon: Lexicon) -> Role | None:
    """The role of a prefix; a long one may have one slip: "jättrebra"."""
    if bones in lexicon.prefixes or len(bones) < _SHORTEST_GUESS:
        return lexicon.prefixes.get(bones)
    near = (prefix for prefix in lexicon.prefixes if len(prefix) >= _SHORTEST_GUESS - 1 and prefix[0] == bones[0])
    return next((lexicon.prefixes[prefix] for prefix in near if _one_slip(bones, prefix)), None)


def _prefixed(entry: Entry, prefix: Role) -> Entry:
    if entry.rating is Rating.OK or prefix is Role.DOWNTONER:
        return replace(entry, role=Role.HINT, degree=False)  # "superokej", "halvbra": somewhere between two ratings
    return replace(entry, strong=True, mild=False, degree=False)


def _glued(word: str, lexicon: Lexicon) -> list[Term]:
    """ "intebra", "heltokej": a forgotten blank after a word that only makes sense before a verdict."""
    for end in range(_SHORTEST_GLUED, len(word) - 1):
        first, second = lexicon.words.get(word[:end]), _listed(word[end:], lexicon)
        if first and first.role in _STRENGTHENING and second and second.role is Role.VERDICT:
            return [Term(word[:end], first), second]
    return []


def _guessed(word: str, lexicon: Lexicon) -> Term:
    """The one meaning within one slip of a key (a letter wrong, missing, doubled or two swapped), else unknown."""
    if word in lexicon.real_words:
        return Term(word, UNKNOWN)
    key = fold(word)
    if len(key) >= _SHORTEST_GUESS - 1 and any(_one_slip(key, fold(negation)) for negation in lexicon.negations):
        return Term(word, Entry(Role.LIKE_NEGATION))
    if len(key) < _SHORTEST_GUESS:
        return Term(word, UNKNOWN)
    choices = lexicon.guessable
    found = process.extract(key, choices.values(), scorer=OSA.distance, score_cutoff=1, limit=None)
    near = [right for right in (list(choices)[at] for _, _, at in found) if right[0] == word[0]]
    if len({(lexicon.words[right].role, lexicon.words[right].rating) for right in near}) != 1:
        return Term(word, UNKNOWN)
    return Term(near[0], lexicon.words[near[0]], guessed=True)


def _one_slip(written: str, right: str) -> bool:
    if abs(len(written) - len(right)) > 1:
        return False
    return OSA.distance(written, right, score_cutoff=1) <= 1


def _with_phrases(terms: Sequence[Term], lexicon: Lexicon) -> Iterator[Term]:
    words = [term.text for term in terms]
    at = 0
    while at < len(terms):
        matches = [
            (longest_match(phrase.elements, words, at, lexicon.small_words), phrase)
            for phrase in lexicon.phrases.get(words[at], ())
        ]
        end, phrase = max(matches, key=lambda match: match[0], default=(at, None))
        if phrase and end > at:
            parts = terms[at:end]
            yield Term(
                " ".join(words[at:end]),
                phrase.meaning,
                guessed=any(part.guessed for part in parts),
                phrase=True,
                negative=any(part.role is Role.NEGATION for part in parts),
            )
            at = end
        else:
            yield terms[at]
            at += 1
