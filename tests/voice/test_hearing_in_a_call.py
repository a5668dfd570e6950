"""The shipped engine behind real ears: a prompt before an utterance, and pauses around it, change nothing."""

from pathlib import Path

import pytest

from tests.voice.answer_words.shipped_clips import ANSWERS, OTHERS, pcm
from tests.voice.speech import frames, spoken
from voice.answer_words.engine import AnswerWordsEngine
from voice.ears import Ears, TurnPolicy
from voice.lines.recording import RecordingLine
from voice.outcomes import Utterance
from voice.recognition import Expecting, Hearing, Recognizer, Trust

PROMPT = spoken("Hur var vårt bemötande? Bra, okej eller dåligt?")


async def alone(recognizer: Recognizer, said: bytes, expecting: Expecting) -> Hearing:
    await recognizer.start(expecting)
    for frame in frames(said):
        await recognizer.feed(frame)
    return await recognizer.finish()


async def in_a_call(recognizer: Recognizer, said: bytes, expecting: Expecting) -> Hearing:
    line = RecordingLine()
    line.say(said)
    outcome = await Ears(line, recognizer).turn(PROMPT, expecting, TurnPolicy())
    assert isinstance(outcome, Utterance)
    return outcome.hearing


@pytest.mark.parametrize("clip", ANSWERS, ids=lambda clip: clip.stem)
async def test_a_word_is_heard_in_a_call_as_it_is_alone(clip: Path) -> None:
    expecting = Expecting.YES_NO if clip.stem[:2] in ("ja", "ne") else Expecting.RATING
    recognizer = await AnswerWordsEngine().recognizer()
    word = await alone(recognizer, pcm(clip), expecting)
    assert (await in_a_call(recognizer, pcm(clip), expecting)).words == word.words


@pytest.mark.parametrize("clip", OTHERS, ids=lambda clip: clip.stem)
async def test_what_is_no_answer_is_not_accepted_in_a_call(clip: Path) -> None:
    hearing = await in_a_call(await AnswerWordsEngine().recognizer(), pcm(clip), Expecting.RATING)
    assert hearing.trust is not Trust.ACCEPT
