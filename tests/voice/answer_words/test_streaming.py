"""However the sound is cut into pieces, the same is heard."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.voice.answer_words.shipped_clips import ANSWERS, pcm
from voice.answer_words.engine import AnswerWords
from voice.answer_words.model import shipped_model
from voice.recognition import Expecting


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 3000), max_size=12), st.sampled_from(ANSWERS))
async def test_pieces_make_no_difference(cuts, clip):
    sound = pcm(clip)
    whole, pieces = AnswerWords(shipped_model()), AnswerWords(shipped_model())
    await whole.start(Expecting.RATING)
    await whole.feed(sound)
    await pieces.start(Expecting.RATING)
    for cut in cuts:
        await pieces.feed(sound[:cut])
        sound = sound[cut:]
    await pieces.feed(sound)
    assert pieces.candidates() == whole.candidates()
