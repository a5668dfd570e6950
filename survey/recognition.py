"""A reply as terms: each word, phrase, emoji and mark of it with what it does, however it was spelt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from models.rating import Rating
from survey.lexemes import UNKNOWN, Entry, Role
from survey.lexicon import Lexicon
from survey.normalisation import Mark, Token, fold, plain, skeleton, tokenise, undoubled
from survey.phrases import longest_match

_MARKS = {Mark.COMMA: Role.COMMA, Mark.STOP: Role.STOP, Mark.ASKS: Role.ASKS, Mark.QUOTE: Role.QUOTE}
_COMPOUNDING = (Role.VERDICT, Role.HINT)
_STRENGTHENING = (Role.NEGATION, Role.INTENSIFIER, Role.DOWNTONER, Role.LIGHT, Role.ABSOLUTE)
_SHORTEST_GUESS = 5
_SHORTEST_MISTYPED = 2  #: of a common word: "dt"
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
    def is_symbol(self) -> bool:
        """An emoji or a smiley: a verdict that no negation reaches."""
        return not self.text[0].isalnum()

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
        right = lexicon.folded.get(fold(word)) or _drawn_out(word, lexicon)
    return Term(right, lexicon.words[right], guessed=True) if right else None


def _drawn_out(word: str, lexicon: Lexicon) -> str | None:
    """ "braaaa". Not of small words and things: "hals" is not "hålls"."""
    right = lexicon.skeletons.get(skeleton(word))
    if not right or lexicon.words[right].role not in (Role.FILLER, Role.TOPIC):
        return None if not right or _turns_around(word, right, lexicon) else right
    return right if undoubled(word) == undoubled(right) and len(right) >= _SHORTEST_BASE else None


def _compound(word: str, lexicon: Lexicon) -> Term | None:
    """ "jättebra", "skitdåligt": a strengthening prefix and a verdict; "kundbemötande": a compound of a topic."""
    if word in lexicon.real_words:
        return None
    for prefix_of in (_prefix, _mistyped_prefix):
        for end in range(len(word) - _SHORTEST_BASE, 1, -1):
            prefix = prefix_of(skeleton(word[:end]) if end > _SHORTEST_MISTYPED else word[:end], lexicon)
            base = _base(word[end:], lexicon, guessing=end >= _SHORTEST_GLUED) if prefix else None
            if prefix and base:
                return Term(word, _prefixed(base.entry, prefix), guessed=base.guessed)
    for end in range(_SHORTEST_GLUED, len(word) - _SHORTEST_BASE):
        rated, thing = lexicon.words.get(word[:end]), lexicon.words.get(word[end:])
        if rated and rated.role in _COMPOUNDING and not rated.verb and thing and thing.role in (Role.TOPIC, Role.EVENT):
            return Term(word, rated)  # "toppenkille" is praise
    for beginning in lexicon.compounds:
        rest = _listed(word.removeprefix(beginning), lexicon) if word.startswith(beginning) else None
        if rest and rest.role in (Role.TOPIC, Role.EVENT, Role.TROUBLE):
            return Term(word, Entry(Role.TOPIC))
    return None


def _base(word: str, lexicon: Lexicon, *, guessing: bool) -> Term | None:
    """The verdict that `word` is, perhaps with a prefix of its own, perhaps with a slip."""
    base = _listed(word, lexicon)
    if not base or base.entry == UNKNOWN:
        base = _compound(word, lexicon)
    if not base and guessing and len(word) >= _SHORTEST_GUESS:
        base = _guessed(word, lexicon)
    return base if base and base.role in _COMPOUNDING and not base.entry.verb else None


def _prefix(bones: str, lexicon: Lexicon) -> Role | None:
    return lexicon.prefixes.get(bones)


def _mistyped_prefix(bones: str, lexicon: Lexicon) -> Role | None:
    """The role of a long prefix with one slip: "jättrebra"."""
    if len(bones) < _SHORTEST_GUESS:
        return None
    near = (prefix for prefix in lexicon.prefixes if len(prefix) >= _SHORTEST_GUESS - 1 and prefix[0] == bones[0])
    return next((lexicon.prefixes[prefix] for prefix in near if _one_slip(bones, prefix)), None)


def _prefixed(entry: Entry, prefix: Role) -> Entry:
    if entry.rating is Rating.OK or prefix is Role.DOWNTONER:
        return replace(entry, role=Role.HINT, degree=False)  # "superokej", "halvbra": somewhere between two ratings
    return replace(entry, strong=True, mild=False, degree=False)


def _glued(word: str, lexicon: Lexicon) -> list[Term]:
    """ "intebra", "heltokej": a forgotten blank after a word that only makes sense before a verdict."""
    for end in range(_SHORTEST_BASE, len(word) - 1):
        first, second = _listed(word[:end], lexicon), _listed(word[end:], lexicon)
        if first and second and _is_glue(first, second):
            return [first, second]
    return []


def _is_glue(first: Term, second: Term) -> bool:
    """Whether a blank was forgotten between them: "intebra", "detvar"; not "hemtjänst"."""
    if second.role is Role.VERDICT:
        return first.role in _STRENGTHENING and len(first.text) >= _SHORTEST_GLUED
    return (first.entry.subject or first.entry.speaker) and second.entry.finite


def _guessed(word: str, lexicon: Lexicon) -> Term:
    """The one meaning within one slip of a key (a letter wrong, missing, doubled or two swapped), else unknown."""
    if word in lexicon.real_words:
        return Term(word, UNKNOWN)
    key = fold(word)
    if len(key) >= _SHORTEST_GUESS - 1 and any(_one_slip(key, fold(negation)) for negation in lexicon.negations):
        return Term(word, Entry(Role.LIKE_NEGATION))
    if len(key) < _SHORTEST_MISTYPED:
        return Term(word, UNKNOWN)
    choices = lexicon.guessable.get(word[0], {})
    found = process.extract(key, choices, scorer=OSA.distance, score_cutoff=1, limit=None)
    near = [right for _, _, right in found]
    if len(key) < _SHORTEST_GUESS:
        near = [right for right in near if len(right) < _SHORTEST_GUESS and lexicon.words[right].role is Role.FILLER]
    if len({_meaning(lexicon.words[right]) for right in near}) != 1:
        return Term(word, UNKNOWN)
    if _turns_around(word, near[0], lexicon):
        return Term(word, UNKNOWN)
    return Term(near[0], lexicon.words[near[0]], guessed=True)


def _turns_around(word: str, guess: str, lexicon: Lexicon) -> bool:
    """Whether `word` may as well be a verdict that says other than `guess`: "håligt" is "dåligt" or "härligt"."""
    meant = lexicon.words[guess]
    if meant.role not in _COMPOUNDING or len(undoubled(word)) < _SHORTEST_GUESS - 1:
        return False
    key = fold(word)
    return any(
        lexicon.words[right].role is Role.VERDICT and lexicon.words[right].rating is not meant.rating
        for choices in lexicon.guessable.values()
        for _, _, right in process.extract(key, choices, scorer=OSA.distance, score_cutoff=1, limit=None)
    )


def _meaning(entry: Entry) -> tuple[Role, Rating | None]:
    """What must be the same in all that a mistyped word could be; topics are small words here."""
    return (Role.FILLER if entry.role is Role.TOPIC else entry.role), entry.rating


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
            opens = parts[0].role is Role.VERDICT and parts[0].rating is phrase.meaning.rating
            yield Term(
                " ".join(words[at:end]),
                replace(phrase.meaning, idiom=False) if opens else phrase.meaning,  # "inte (lätt att nå)"
                guessed=any(part.guessed for part in parts),
                phrase=True,
                negative=any(part.role is Role.NEGATION for part in parts),
            )
            at = end
        else:
            yield terms[at]
            at += 1
