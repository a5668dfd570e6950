"""What an engine listens for: every phrase must mean something to the same rules as typed replies."""

import pytest

from models.rating import Interpretation, ReplyKind, Unclear
from omdome.lexicons import languages, load_lexicon
from omdome.vocabularies import VocabularyError, load_machine_phrases, load_vocabulary
from voice.recognition import Expecting
from workflow.converse import understood


@pytest.mark.parametrize("language", languages())
def test_what_answers_a_question_is_understood_as_an_answer(language: str) -> None:
    vocabulary, lexicon = load_vocabulary(language), load_lexicon(language)
    for phrase in vocabulary.answers[Expecting.RATING]:
        replied = understood(phrase, lexicon, digits_offered=True)
        assert replied.yes_no is not None or means_something(replied.understood), phrase
    for phrase in vocabulary.answers[Expecting.YES_NO]:
        replied = understood(phrase, lexicon)
        assert replied.yes_no is not None or means_something(replied.understood), phrase


def means_something(reading: Interpretation) -> bool:
    return reading.kind is not ReplyKind.NO_MATCH or reading.unclear in (Unclear.UNSURE, Unclear.QUESTION)


@pytest.mark.parametrize("language", languages())
def test_the_other_words_are_no_answers(language: str) -> None:
    vocabulary, lexicon = load_vocabulary(language), load_lexicon(language)
    rated = [word for word in vocabulary.others if understood(word, lexicon).understood.kind is ReplyKind.RATING]
    assert rated == []


def test_the_swedish_models_okay_is_okej() -> None:
    assert load_vocabulary("sv").spellings["uːkɛj"] == "okej"


def test_a_language_without_words_is_told() -> None:
    with pytest.raises(VocabularyError, match=r"there is no locales/fi/hearing.toml"):
        load_vocabulary("fi")


@pytest.mark.parametrize("language", languages())
def test_what_machines_say_is_no_greeting_of_a_persons(language: str) -> None:
    phrases, answers = load_machine_phrases(language), load_vocabulary(language).answers
    assert phrases
    said = ["hallå", "hej det är anna", "jag kan inte prata nu", "hello", "anna speaking", "i can't talk now"]
    said += [answer for each in answers.values() for answer in each]
    assert not [phrase for phrase in phrases for words in said if phrase in words]
