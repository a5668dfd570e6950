"""What a result of Vosk's is worth: words and their confidences → a hearing."""

from collections.abc import Sequence

from voice.recognition import Expecting, Hearing, Trust
from voice.vosk_engine.framing import UNKNOWN_WORDS
from voice.vosk_engine.settings import Thresholds
from voice.vosk_engine.vocabulary import Vocabulary


def judged(
    result: Sequence[tuple[str, float]],
    expecting: Expecting,
    vocabulary: Vocabulary,
    thresholds: Thresholds,
    engine: str,
) -> Hearing:
    """The hearing of one utterance; `result` is each word with its confidence, 0..1."""
    known = [(word, confidence) for word, confidence in result if word not in UNKNOWN_WORDS]
    words = [vocabulary.spellings.get(word, word) for word, _ in known]
    confidence = min((confidence for _, confidence in known), default=0.0)
    trust = _trust(confidence, thresholds)
    if trust is Trust.ACCEPT and len(known) < len(result):
        trust = Trust.CONFIRM  # something else was said as well
    if expecting is Expecting.COMMENT and words:
        trust = Trust.ACCEPT  # kept as transcribed, and rates nothing
    return Hearing(words=" ".join(words), confidence=min(confidence, 1.0), trust=trust, engine=engine)


def _trust(confidence: float, thresholds: Thresholds) -> Trust:
    if confidence >= thresholds.accept:
        return Trust.ACCEPT
    return Trust.CONFIRM if confidence >= thresholds.confirm else Trust.ASK_AGAIN
