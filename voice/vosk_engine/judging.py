"""What a result of Vosk's is worth: words and their confidences → a hearing."""

from collections.abc import Sequence

from voice.recognition import Expecting, Hearing, Trust
from voice.vosk_engine.framing import UNKNOWN_WORDS
from voice.vosk_engine.phonetics import neighbour
from voice.vosk_engine.settings import Thresholds
from voice.vosk_engine.vocabulary import Vocabulary

_PAUSES = 2.5  #: seconds: the silence around an answer, and a breath within it
_SHORT = 2  #: words of a reply; in longer ones the words around tell what was meant


def judged(
    result: Sequence[tuple[str, float]],
    expecting: Expecting,
    vocabulary: Vocabulary,
    thresholds: Thresholds,
    engine: str,
    *,
    by_grammar: bool,
    unexplained: float = 0.0,
) -> Hearing:
    """The hearing of one utterance; `result` is each word with its confidence, 0..1, heard `by_grammar` or freely.

    It is as sure as its least sure word. Accepted is only what was heard as it stands, with nothing unknown beside it,
    and not much of the audio (`unexplained`, in seconds) that is in no word.
    """
    known = [(word, confidence) for word, confidence in result if word not in UNKNOWN_WORDS]
    heard = [vocabulary.spellings.get(word, word) for word, _ in known]
    words = heard if by_grammar else _mishearings_undone(heard, expecting, vocabulary)
    confidence = min(1.0, min((confidence for _, confidence in known), default=0.0))
    trust = _trust(confidence, thresholds)
    closed = by_grammar and not vocabulary.others  # such a grammar hears an answer in everything, and is sure of it
    more = len(known) < len(result) or unexplained > _PAUSES
    if trust is Trust.ACCEPT and (closed or more or words != heard):
        trust = Trust.CONFIRM
    return Hearing(words=" ".join(words), confidence=confidence, trust=trust, engine=engine)


def _mishearings_undone(words: list[str], expecting: Expecting, vocabulary: Vocabulary) -> list[str]:
    """In a short reply, words that mean nothing become the answers that they sound like."""
    answers = vocabulary.mistakable.get(expecting, frozenset())
    if len(words) > _SHORT:
        return words
    kept = answers | vocabulary.meaningful
    return [word if word in kept else neighbour(word, answers, vocabulary.language) or word for word in words]


def _trust(confidence: float, thresholds: Thresholds) -> Trust:
    if confidence >= thresholds.accept:
        return Trust.ACCEPT
    return Trust.CONFIRM if confidence >= thresholds.confirm else Trust.ASK_AGAIN
