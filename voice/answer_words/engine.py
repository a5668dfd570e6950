"""`answer_words` as a Recognizer: frames in, one of a handful of words out, or nothing.

It is asked for the words that would answer the question, and hears all others as something else. While sound comes in
it is only kept; all the work is done once, when the utterance is over: about 10 ms on one core.
"""

import asyncio
from collections.abc import Mapping

from voice.answer_words.model import OTHER, Model, shipped_model
from voice.answer_words.segment import Window, window
from voice.answer_words.spectrum import RATE, samples_of, spectrum
from voice.recognition import Expecting, Hearing, Trust

LONGEST_BYTES = 2 * RATE * 20  #: 20 s; an utterance that goes on longer is no answer word, and no more of it is kept

# how each class is written for survey.interpretation; whether a word answers what was asked is for the dialogue to say
_WRITTEN: Mapping[str, str] = {
    "bra": "bra", "ok": "okej", "dåligt": "dåligt", "ja": "ja", "nej": "nej", "upprepa": "upprepa",
    "ett": "ett", "två": "två", "tre": "tre",
}  # fmt: skip
WORDS: Mapping[Expecting, Mapping[str, str]] = {
    Expecting.RATING: _WRITTEN,
    Expecting.YES_NO: _WRITTEN,
    Expecting.REASON: {word: word for word in ("ett", "två", "tre", "nej", "upprepa")},
    Expecting.COMMENT: {"upprepa": "upprepa"},
}


class AnswerWords:
    """One caller's ears; see voice.recognition.Recognizer. Never raises RecognizerLostError: it has nothing to lose."""

    transcribes = False

    def __init__(self, model: Model) -> None:
        self._model = model
        self._sound = bytearray()
        self._expecting = Expecting.RATING

    @property
    def engine(self) -> str:
        return self._model.version

    async def start(self, expecting: Expecting) -> None:
        self._expecting = expecting
        self._sound.clear()

    async def feed(self, frame: bytes) -> str:
        """Any number of bytes; always "", as words are known at the end only."""
        if len(self._sound) <= LONGEST_BYTES:
            self._sound += frame
        return ""

    async def finish(self) -> Hearing:
        return await asyncio.to_thread(self._hearing)

    async def close(self) -> None:
        self._sound.clear()

    def candidates(self) -> dict[str, float]:
        """Calibrated probability of every class for the utterance so far; {} when there was no speech, or too much."""
        if len(self._sound) > LONGEST_BYTES:
            return {}
        found = window(*spectrum(samples_of(self._sound)))
        return self._model.probabilities(found.features) if isinstance(found, Window) else {}

    def _hearing(self) -> Hearing:
        chances = self.candidates()
        written = WORDS[self._expecting]
        word = max(written, key=lambda each: chances.get(each, 0.0))
        chance = chances.get(word, 0.0)
        trust = self._model.thresholds.trust(word, chance)
        unasked = max((each for name, each in chances.items() if name not in written and name != OTHER), default=0.0)
        if chance < unasked / 2:  # "nej" where a rating was asked for is no doubtful rating
            trust = Trust.ASK_AGAIN
        if trust is Trust.ASK_AGAIN and chance <= chances.get(OTHER, 1.0):
            return Hearing(words="", confidence=chances.get(OTHER, 1.0), trust=trust, engine=self.engine)
        return Hearing(words=written[word], confidence=chance, trust=trust, engine=self.engine)


class AnswerWordsEngine:
    """Where calls get their ears; see voice.recognition.Recognizers. There are always some: they are cheap."""

    def __init__(self, model: Model | None = None) -> None:
        self._model = model or shipped_model()

    @property
    def engine(self) -> str:
        return self._model.version

    async def recognizer(self) -> AnswerWords:
        return AnswerWords(self._model)

    async def close(self) -> None:
        """Nothing to give back."""
