"""The words a language has for rating a service, built from a parsed `locales/<lang>/lexicon.toml`."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from models.rating import Rating
from survey.lexemes import UNKNOWN, Entry, Role
from survey.normalisation import fold, plain, skeleton
from survey.phrases import Phrase, parse_pattern

RATED = (Role.VERDICT, Role.HINT, Role.COMPARISON)
PLAIN = (
    Role.EVENT, Role.TROUBLE, Role.MODAL, Role.STILL, Role.NEGATION, Role.NEITHER, Role.WITHOUT, Role.LIGHT,
    Role.ABSOLUTE,
    Role.INTENSIFIER, Role.DOWNTONER, Role.HEDGE, Role.MILD_HEDGE, Role.EXPECTS, Role.CORRECTION, Role.MEANS,
    Role.FOREIGN,
    Role.UNREAL, Role.IRONY, Role.CONTRAST, Role.AND,
    Role.OR, Role.YES, Role.NO, Role.FILLER, Role.TOPIC, Role.NEUTRAL, Role.SKIP, Role.OPT_OUT, Role.OPT_OUT_ALONE,
    Role.REPEAT, Role.QUESTION, Role.QUESTION_WORD,
)  # fmt: skip

_FLAGS: Mapping[str, Callable[[Entry], Entry]] = {
    "words": lambda entry: entry,
    "strong": lambda entry: replace(entry, strong=True),
    "mild": lambda entry: replace(entry, mild=True),
    "threshold": lambda entry: replace(entry, threshold=True),
    "speakers": lambda entry: replace(entry, speaker=True),
    "subjects": lambda entry: replace(entry, subject=True),
    "finite": lambda entry: replace(entry, finite=True),
    "verbs": lambda entry: replace(entry, verb=True, threshold=True),
    "symbols": lambda entry: entry,
    "mild_symbols": lambda entry: replace(entry, mild=True),
}
_SYMBOLS = ("symbols", "mild_symbols")
_FORMS = {"adjectives": "words", **{f"{key}_adjectives": key for key in ("strong", "mild", "threshold")}}
_INFLECTED = {"inflected": "words", "inflected_verbs": "verbs"}
_ELSEWHERE = ("phrases", "light_phrases", "alone", "also", "openers", "compounds", "in_calls", "consents", "remainders")
_OTHER_SECTIONS = ("language", "endings", "degree", "digits", "score", "prefixes", "spelling")
_SMALL = (Role.FILLER, Role.LIGHT, Role.INTENSIFIER, Role.DOWNTONER, Role.ABSOLUTE, Role.MILD_HEDGE, Role.NUMBER)
_GUESSABLE = (Role.VERDICT, Role.HINT, Role.EVENT, Role.TROUBLE, Role.TOPIC, Role.FILLER, Role.INTENSIFIER, Role.SKIP)
_SHORTEST_GUESS = 5
_SHORTEST_SMALL_GUESS = 6  #: shorter ones are too near to things that aren't the municipality's
_SHORTEST_NEGATION = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """One language's words. Build it with `parse_lexicon`."""

    language: str
    words: Mapping[str, Entry]  #: by spelling, lower case
    phrases: Mapping[str, tuple[Phrase[Entry], ...]]  #: by each word they can begin with
    symbols: Mapping[str, Entry]  #: emoji without skin tone, and text smileys
    digits: Mapping[str, Rating]  #: "1", "ettan", … as they are offered on the keypad
    numbers: Mapping[str, int]  #: "fem": 5, for "fem av fem"
    out_of: frozenset[str]  #: "av", "/": between the two numbers of a score
    prefixes: Mapping[str, Role]  #: "jätte": INTENSIFIER, by `skeleton`
    misspellings: Mapping[str, str]  #: listed ones: wrong to right
    real_words: frozenset[str]  #: never taken for misspellings of other words
    folded: Mapping[str, str]  #: `fold` of each word, where one word only has it
    skeletons: Mapping[str, str]  #: `skeleton` of each word, where one word only has it
    guessable: Mapping[str, Mapping[str, str]]  #: by first letter: words looked for one slip away, with their `fold`
    confirms: Mapping[str, Role]  #: yes or no to "Menade du …?" only: "👍"
    spoken: Mapping[str, bool]  #: whole replies that are a yes or no in a call; nothing else is
    consents: frozenset[str]  #: likewise yes to "may I ask?" alone: "det går bra"
    alone: Mapping[str, Role]  #: commands that count only as the whole reply: "va?"
    openers: frozenset[str]  #: what may stand before an opt-out: "snälla", "jag vill att ni"
    corrects: frozenset[str]  #: what a correction of the answer before begins with: "jag sa"
    remainders: frozenset[str]  #: what is left of a negated reply whose beginning wasn't heard: "(inte) alls bra"
    negations: tuple[str, ...]  #: negations long enough to be mistyped recognisably
    small_words: frozenset[str]  #: what a gap in a phrase may skip
    compounds: tuple[str, ...]  #: what compounds of topics may begin with: "kund" in "kundbemötande"


class LexiconError(ValueError):
    """The table isn't a lexicon. The message begins with the path of the fault: `verdict.bra.words[3]: …`."""


def parse_lexicon(table: Mapping[str, object]) -> Lexicon:
    """The lexicon in `table`, an already parsed TOML file. Raises LexiconError."""
    known = {*RATED, *PLAIN, *_OTHER_SECTIONS}
    for section in table:
        if section not in known:
            raise LexiconError(f"{section}: no such section; use one of {', '.join(sorted(known))}")
    endings = _texts(_section(table, "endings"), "adjective", "endings") or [""]
    words: dict[str, Entry] = {}
    symbols: dict[str, Entry] = {}
    phrases: list[Phrase[Entry]] = []
    homes: dict[str, str] = {}
    for path, entry, content in _entry_sections(table):
        for where, form, meaning in _forms(path, content, entry, endings):
            target = symbols if where.split("[")[0].split(".")[-1] in _SYMBOLS else words
            _add(target, homes, form, meaning, where)
        phrases.extend(_phrases(path, content, entry))
    for where, word in _listed(_section(table, "degree"), "words", "degree"):
        if word not in words:
            raise LexiconError(f"{where}: {word!r} must also be a verdict or a hint")
        words[word] = replace(words[word], degree=True)
    return _assemble(table, words, symbols, phrases)


def _entry_sections(table: Mapping[str, object]) -> Iterator[tuple[str, Entry, Mapping[str, object]]]:
    for role in RATED:
        section = _section(table, role)
        for name in section:
            if name not in list(Rating):
                raise LexiconError(f"{role}.{name}: not a rating; use one of {', '.join(Rating)}")
            yield f"{role}.{name}", Entry(role, Rating(name)), _section(section, name, role)
    for role in PLAIN:
        yield role, Entry(role), _section(table, role)


def _forms(
    path: str, section: Mapping[str, object], entry: Entry, endings: list[str]
) -> Iterator[tuple[str, str, Entry]]:
    """Where it stands, the written form and its meaning, for each word and symbol in a section."""
    for key in section:
        if key in _ELSEWHERE:
            continue
        if key not in (*_FLAGS, *_FORMS, *_INFLECTED):
            allowed = ", ".join([*_FLAGS, *_FORMS, *_INFLECTED, *_ELSEWHERE])
            raise LexiconError(f"{path}.{key}: no such list; use one of {allowed}")
        meaning = _FLAGS.get(_FORMS.get(key, _INFLECTED.get(key, key)), _FLAGS["words"])(entry)
        for where, written in _listed(section, key, path):
            for form in _inflections(key, written, endings):
                yield where, form, meaning


def _inflections(key: str, written: str, endings: list[str]) -> list[str]:
    """ "trevlig" with the endings of an adjective; "lamp/a/an" is "lampa" and "lampan"."""
    if key in _FORMS:
        return [written + ending for ending in endings]
    if key in _INFLECTED and "/" in written:
        stem, *own = written.split("/")
        return [stem + ending for ending in own]
    return [written]


def _add(target: dict[str, Entry], homes: dict[str, str], form: str, entry: Entry, where: str) -> None:
    if " " in form:
        raise LexiconError(f"{where}: {form!r} is several words; put it among the phrases")
    if target.get(form, entry) != entry:
        raise LexiconError(f"{where}: {form!r} also stands in {homes[form]}; keep one of them")
    target[form] = entry
    homes[form] = where


def _phrases(path: str, section: Mapping[str, object], entry: Entry) -> Iterator[Phrase[Entry]]:
    listed = [(*one, False) for one in _listed(section, "phrases", path)]
    listed += [(*one, True) for one in _listed(section, "light_phrases", path)]
    for where, pattern, light in listed:
        try:
            yield Phrase(parse_pattern(pattern), replace(entry, idiom=True, light=light))
        except ValueError as error:
            raise LexiconError(f"{where}: {error}") from error


def _assemble(
    table: Mapping[str, object], words: dict[str, Entry], symbols: dict[str, Entry], phrases: list[Phrase[Entry]]
) -> Lexicon:
    score = _section(table, "score")
    spelling = _section(table, "spelling")
    numbers = _numbers(_section(score, "numbers", "score"))
    digits = _digits(_section(table, "digits"))
    for word in numbers:
        words.setdefault(word, Entry(Role.NUMBER))
    for word in [*digits, *(word for phrase in phrases for part in phrase.elements for word in part.words)]:
        words.setdefault(word, UNKNOWN)
    meaningful = {word for word, entry in words.items() if entry is not UNKNOWN}
    return Lexicon(
        language=str(table.get("language", "")),
        words=words,
        phrases=_by_first_word(phrases),
        symbols=symbols,
        digits=digits,
        numbers=numbers,
        out_of=frozenset(_texts(score, "out_of", "score")),
        prefixes=_prefixes(_section(table, "prefixes")),
        misspellings=_misspellings(_section(spelling, "misspellings", "spelling"), words),
        real_words=frozenset(_texts(spelling, "real_words", "spelling")),
        folded=_unambiguous(words, fold),
        skeletons=_unambiguous(words, skeleton),
        guessable=_by_first_letter(_guessable(words, _texts(spelling, "common", "spelling"))),
        confirms={
            word: role for role in (Role.YES, Role.NO) for word in _texts(_section(table, role), "also", role)
        },
        spoken={
            text: role is Role.YES
            for role in (Role.YES, Role.NO) for text in _texts(_section(table, role), "in_calls", role)
        },
        consents=frozenset(_texts(_section(table, Role.YES), "consents", Role.YES)),
        alone={
            word: role
            for role in (Role.SKIP, Role.OPT_OUT, Role.REPEAT)
            for word in _texts(_section(table, role), "alone", role)
        },
        openers=frozenset(_texts(_section(table, Role.OPT_OUT), "openers", Role.OPT_OUT)),
        corrects=frozenset(_texts(_section(table, Role.CORRECTION), "openers", Role.CORRECTION)),
        remainders=frozenset(_texts(_section(table, Role.NEGATION), "remainders", Role.NEGATION)),
        negations=tuple(
            word for word in sorted(meaningful)
            if words[word].role in (Role.NEGATION, Role.NEITHER) and len(word) >= _SHORTEST_NEGATION
        ),
        small_words=frozenset(word for word in words if words[word].role in _SMALL),
        compounds=tuple(_texts(_section(table, Role.TOPIC), "compounds", Role.TOPIC)),
    )  # fmt: skip


def _guessable(words: Mapping[str, Entry], common: Collection[str]) -> Iterator[str]:
    for word, entry in sorted(words.items()):
        shortest = _SHORTEST_SMALL_GUESS if entry.role in (Role.TOPIC, Role.FILLER) else _SHORTEST_GUESS
        if entry.role in _GUESSABLE and (len(word) >= shortest or word in common):
            yield word


def _by_first_letter(words: Iterable[str]) -> dict[str, dict[str, str]]:
    index: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for word in words:
        index[word[0]][word] = fold(word)
    return index


def _by_first_word(phrases: Iterable[Phrase[Entry]]) -> dict[str, tuple[Phrase[Entry], ...]]:
    index: defaultdict[str, list[Phrase[Entry]]] = defaultdict(list)
    for phrase in phrases:
        for element in phrase.elements:
            for word in element.words:
                index[word].append(phrase)
            if not element.optional:
                break
    return {word: tuple(found) for word, found in index.items()}


def _unambiguous(words: Mapping[str, Entry], key: Callable[[str], str]) -> dict[str, str]:
    """Each key to its word; keys of words that mean different things are left out."""
    found: dict[str, str] = {}
    clashes = set()
    for word in sorted(words, key=lambda word: (words[word] is UNKNOWN, word)):
        first = found.setdefault(key(word), word)
        if words[first] not in (words[word], UNKNOWN) and words[word] is not UNKNOWN:
            clashes.add(key(word))
    return {folded: word for folded, word in found.items() if folded not in clashes}


def _digits(section: Mapping[str, object]) -> dict[str, Rating]:
    digits = {}
    for name in section:
        if name not in list(Rating):
            raise LexiconError(f"digits.{name}: not a rating; use one of {', '.join(Rating)}")
        digits.update({word: Rating(name) for _, word in _listed(section, name, "digits")})
    return digits


def _numbers(section: Mapping[str, object]) -> dict[str, int]:
    for word, value in section.items():
        if not isinstance(value, int):
            raise LexiconError(f"score.numbers.{word}: must be a whole number")
    return {word: value for word, value in section.items() if isinstance(value, int)}


def _prefixes(section: Mapping[str, object]) -> dict[str, Role]:
    allowed = (Role.INTENSIFIER, Role.DOWNTONER)
    prefixes = {}
    for name in section:
        if name not in allowed:
            raise LexiconError(f"prefixes.{name}: use {' or '.join(allowed)}")
        prefixes.update({skeleton(word): Role(name) for _, word in _listed(section, name, "prefixes")})
    return prefixes


def _misspellings(section: Mapping[str, object], words: Mapping[str, Entry]) -> dict[str, str]:
    listed = {}
    for right in section:
        if right not in words:
            raise LexiconError(f"spelling.misspellings.{right}: {right!r} stands nowhere else in the lexicon")
        listed.update({wrong: right for _, wrong in _listed(section, right, "spelling.misspellings")})
    return listed


def _section(table: Mapping[str, object], name: str, within: str = "") -> Mapping[str, object]:
    section = table.get(name, {})
    if not isinstance(section, Mapping):
        raise LexiconError(f"{within}{'.' * bool(within)}{name}: must be a table, [{name}]")
    return section


def _listed(section: Mapping[str, object], key: str, path: str) -> list[tuple[str, str]]:
    """Each text of a list with its path, in the form replies are compared in."""
    listed = section.get(key, [])
    if not isinstance(listed, list):
        raise LexiconError(f'{path}.{key}: must be a list of texts, ["…", "…"]')
    for position, text in enumerate(listed):
        if not isinstance(text, str) or not (plain(text) or key == "adjective"):
            raise LexiconError(f"{path}.{key}[{position}]: must be a text that isn't empty")
    return [(f"{path}.{key}[{position}]", plain(text)) for position, text in enumerate(listed)]


def _texts(section: Mapping[str, object], key: str, path: str) -> list[str]:
    return [text for _, text in _listed(section, key, path)]
