"""The shipped model hears shipped clips: held-out synthetic voices, telephone band, A-law, 20 dB SNR.

Their names are what is said: bra-1.wav, negation-not-1.wav.
"""

from pathlib import Path

import pytest

from tests.voice.answer_words.shipped_clips import ANSWERS, CLIPS, OTHERS, pcm
from voice.answer_words.engine import WORDS, AnswerWords, AnswerWordsEngine
from voice.answer_words.model import shipped_model
from voice.line import FRAME_BYTES
from voice.recognition import Expecting, Hearing, Trust

ASKED = {
    **{word: (word, Expecting.RATING) for word in ("bra", "ok", "upprepa")},
    "daligt": ("dåligt", Expecting.RATING),
    **{word: (word, Expecting.YES_NO) for word in ("ja", "nej")},
    **{word: (word, Expecting.REASON) for word in ("ett", "tre")},
    "tva": ("två", Expecting.REASON),
}


async def hear(ears: AnswerWords, sound: bytes, expecting: Expecting) -> Hearing:
    await ears.start(expecting)
    for start in range(0, len(sound), FRAME_BYTES):
        await ears.feed(sound[start : start + FRAME_BYTES])
    return await ears.finish()


@pytest.fixture
async def ears():
    return await AnswerWordsEngine().recognizer()


def test_there_are_clips_of_every_word_and_of_other_speech():
    assert {clip.stem.split("-")[0] for clip in ANSWERS} == set(ASKED)
    assert len(OTHERS) >= 8
    assert sum(clip.stat().st_size for clip in CLIPS) <= 300_000


@pytest.mark.parametrize("clip", ANSWERS, ids=lambda clip: clip.stem)
async def test_an_answer_word_is_heard(ears, clip):
    word, expecting = ASKED[clip.stem.split("-")[0]]
    hearing = await hear(ears, pcm(clip), expecting)
    assert hearing.words == WORDS[expecting][word]
    assert hearing.trust in (Trust.ACCEPT, Trust.CONFIRM)
    assert 0.0 <= hearing.confidence <= 1.0
    assert hearing.engine == shipped_model().version


@pytest.mark.parametrize("expecting", [Expecting.RATING, Expecting.YES_NO, Expecting.REASON])
@pytest.mark.parametrize("clip", OTHERS, ids=lambda clip: clip.stem)
async def test_other_speech_is_never_accepted(ears, clip, expecting):
    assert (await hear(ears, pcm(clip), expecting)).trust is not Trust.ACCEPT


@pytest.mark.parametrize("clip", ANSWERS, ids=lambda clip: clip.stem)
async def test_a_word_that_was_not_asked_for_is_never_accepted(ears, clip):
    word, _ = ASKED[clip.stem.split("-")[0]]
    for expecting in Expecting:
        if word not in WORDS[expecting]:
            assert (await hear(ears, pcm(clip), expecting)).trust is not Trust.ACCEPT


async def test_one_instance_hears_a_whole_call(ears):
    alone = [await hear(AnswerWords(shipped_model()), pcm(clip), Expecting.RATING) for clip in CLIPS]
    assert [await hear(ears, pcm(clip), Expecting.RATING) for clip in CLIPS] == alone


async def test_an_unfinished_utterance_is_forgotten(ears):
    await ears.start(Expecting.RATING)
    await ears.feed(pcm(OTHERS[0]))
    fresh = AnswerWords(shipped_model())
    assert await hear(ears, pcm(ANSWERS[0]), Expecting.RATING) == await hear(fresh, pcm(ANSWERS[0]), Expecting.RATING)
    await ears.close()


async def test_the_model_is_loaded_once_and_small(ears):
    assert shipped_model() is shipped_model()
    folder = Path(__file__).parents[3] / "voice" / "answer_words"
    assert sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) <= 4_000_000
