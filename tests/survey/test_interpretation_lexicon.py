"""Reading a lexicon: what is refused, and what the message says."""

from typing import Any

import pytest

from models.rating import Rating, ReplyKind
from omdome.lexicons import languages, load_lexicon
from survey.interpretation import interpret
from survey.lexicon import LexiconError, parse_lexicon


def test_a_third_language_needs_no_code() -> None:
    table: dict[str, Any] = {
        "language": "suomi",
        "verdict": {"bra": {"words": ["hyvä"]}, "ok": {"words": ["ok"]}, "dåligt": {"words": ["huono"]}},
        "negation": {"words": ["ei", "eivät"]},
        "filler": {"words": ["ollut", "se"]},
        "skip": {"phrases": ["en tiedä"]},
    }
    lexicon = parse_lexicon(table)
    assert interpret("Se ei ollut hyvä", lexicon).rating is Rating.DALIGT
    assert interpret("hyva", lexicon).rating is Rating.BRA
    assert interpret("en tiedä", lexicon).kind is ReplyKind.SKIP


@pytest.mark.parametrize(
    ("table", "path", "remedy"),
    [
        ({"verdicts": {}}, "verdicts:", "no such section; use one of absolute"),
        ({"verdict": {"great": {}}}, "verdict.great:", "use one of bra, ok, dåligt"),
        ({"verdict": {"bra": ["bra"]}}, "verdict.bra:", "must be a table"),
        ({"verdict": {"bra": {"words": "bra"}}}, "verdict.bra.words:", "must be a list of texts"),
        ({"verdict": {"bra": {"words": ["bra", 7]}}}, "verdict.bra.words[1]:", "must be a text"),
        ({"verdict": {"bra": {"words": [" "]}}}, "verdict.bra.words[0]:", "isn't empty"),
        ({"verdict": {"bra": {"word": []}}}, "verdict.bra.word:", "use one of words"),
        ({"verdict": {"bra": {"words": ["helt bra"]}}}, "verdict.bra.words[0]:", "among the phrases"),
        ({"verdict": {"bra": {"phrases": ["bra"]}}}, "verdict.bra.phrases[0]:", "at least two words"),
        ({"verdict": {"bra": {"phrases": ["(helt bra"]}}}, "verdict.bra.phrases[0]:", "word|word"),
        ({"verdict": {"bra": {"phrases": ["helt| bra"]}}}, "verdict.bra.phrases[0]:", "empty alternative"),
        ({"verdict": {"bra": {"phrases": ["… helt bra"]}}}, "verdict.bra.phrases[0]:", "between words"),
        ({"negation": {"words": ["inte"]}, "filler": {"words": ["inte"]}}, "filler.words[0]:", "negation.words[0]"),
        ({"degree": {"words": ["hemskt"]}}, "degree.words[0]:", "must also be a verdict"),
        ({"digits": {"one": ["1"]}}, "digits.one:", "use one of bra, ok, dåligt"),
        ({"prefixes": {"strong": ["jätte"]}}, "prefixes.strong:", "use intensifier or downtoner"),
        ({"score": {"numbers": {"ett": "1"}}}, "score.numbers.ett:", "whole number"),
        ({"spelling": {"misspellings": {"bra": ["bar"]}}}, "spelling.misspellings.bra:", "stands nowhere else"),
    ],
)
def test_faults_are_named_with_their_place_and_remedy(table: dict[str, Any], path: str, remedy: str) -> None:
    with pytest.raises(LexiconError) as raised:
        parse_lexicon(table)
    assert str(raised.value).startswith(path)
    assert remedy in str(raised.value)


def test_unknown_languages_are_answered_with_the_known_ones() -> None:
    assert languages() == ["en", "sv"]
    with pytest.raises(LexiconError, match="there is one for en, sv"):
        load_lexicon("../sv")
