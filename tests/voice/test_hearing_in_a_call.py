"""Real engines behind real ears: recorded callers are understood, however they answer."""

from tests.voice.speech import spoken
from tests.voice.vosk_engine.conftest import KOREAN, korean  # noqa: F401  # a fixture
from voice.ears import Ears, TurnPolicy
from voice.lines.recording import RecordingLine
from voice.outcomes import Utterance
from voice.recognition import Expecting
from voice.vosk_engine.recognizers import VoskRecognizers
from voice.vosk_engine.settings import VoskSettings
from voice.vosk_engine.speech_model import SpeechModel

PROMPT = spoken("Hur var vårt bemötande? Bra, okej eller dåligt?")


async def test_vosk_hears_a_whole_call(korean: SpeechModel) -> None:  # noqa: F811
    answers = {"좋아요": Expecting.RATING, "엉망": Expecting.RATING, "아니요": Expecting.YES_NO}
    line = RecordingLine()
    for said in answers:
        line.say(spoken(said, "ko"))
    recognizers = VoskRecognizers(korean, KOREAN, VoskSettings(recognizers=1))
    await recognizers.start()
    try:
        ears = Ears(line, await recognizers.recognizer())
        outcomes = [await ears.turn(PROMPT, expecting, TurnPolicy()) for expecting in answers.values()]
    finally:
        await recognizers.close()
    assert [each.hearing.words for each in outcomes if isinstance(each, Utterance)] == list(answers)
