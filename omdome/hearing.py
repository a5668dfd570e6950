"""A recording heard as a call would hear it: the same ears, engine and judgement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.rating import Rating, ReplyKind, Unclear
from survey.lexicon import Lexicon
from voice.audio_files import read_audio
from voice.ears import Ears, TurnPolicy
from voice.line import FRAME_BYTES, FRAME_SECONDS
from voice.lines.recording import RecordingLine
from voice.outcomes import Gone, Utterance
from voice.recognition import Expecting, Hearing, Recognizers, Trust
from voice.understanding import agreement, heard

_AFTERWARDS = 2.0  #: seconds of silence that let the last utterance end
_NOISE_SECONDS = 0.2  #: a sound without words that is no longer than this is a click, a breath, a chair


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a call would make of a recording. `rating` None: none was given, or it isn't sure enough even to confirm."""

    heard: str
    confidence: float
    rating: Rating | None
    decision: Trust
    seconds: float  #: of speech, pauses included


class Ear:
    """Hears recordings in answer to one kind of question. `clear_words` as in a call's policy."""

    def __init__(
        self, recognizers: Recognizers, lexicon: Lexicon, clear_words: frozenset[str], expecting: Expecting
    ) -> None:
        self._recognizers = recognizers
        self._lexicon = lexicon
        self._clear_words = clear_words
        self._expecting = expecting

    async def listen(self, file: Path) -> Understood:
        """Hear one recording out. Raises AudioFileError, and RecognizerLostError when there is no recogniser."""
        return judged(await self._utterances(read_audio(file)), self._expecting, self._lexicon)

    async def _utterances(self, audio: bytes) -> list[Utterance]:
        line = RecordingLine()
        line.say(audio, after=0)
        line.leave(after=_AFTERWARDS)
        long_enough = len(audio) / FRAME_BYTES * FRAME_SECONDS + 2 * _AFTERWARDS
        policy = TurnPolicy(no_input_seconds=long_enough, clear_words=self._clear_words)
        recognizer = await self._recognizers.recognizer()
        ears, utterances = Ears(line, recognizer), list[Utterance]()
        try:
            while not isinstance(outcome := await ears.turn(b"", self._expecting, policy), Gone):
                if isinstance(outcome, Utterance):
                    utterances.append(outcome)
        finally:
            await recognizer.close()
        return utterances


def judged(utterances: Sequence[Utterance], expecting: Expecting, lexicon: Lexicon) -> Understood:
    """What a recording with these utterances is taken for: all of its words count as one reply, and as sure as the
    least sure of them. What was said beside them, and not understood, is a reason to ask."""
    said = [each for each in utterances if each.hearing.words or each.seconds > _NOISE_SECONDS]
    worded = [each.hearing for each in said if each.hearing.words]
    hearing = Hearing(
        words=" ".join(each.words for each in worded),
        confidence=min((each.confidence for each in worded), default=0.0),
        trust=_least([each.trust for each in worded]),
        engine=worded[0].engine if worded else "",
    )
    if len(worded) < len(said) and hearing.trust is Trust.ACCEPT:
        hearing = replace(hearing, trust=Trust.CONFIRM)
    seconds = sum(each.seconds for each in said)
    whole = Utterance(hearing, seconds, cut_off=any(each.cut_off for each in said))
    rating, decision = _decision(whole, expecting, lexicon)
    return Understood(
        heard=hearing.words, confidence=hearing.confidence, rating=rating, decision=decision, seconds=seconds
    )


def _decision(utterance: Utterance, expecting: Expecting, lexicon: Lexicon) -> tuple[Rating | None, Trust]:
    """What `voice.dialogue` does about an answer to a question of that kind."""
    understood = heard(utterance, lexicon).understood
    if understood.kind in (ReplyKind.SKIP, ReplyKind.OPT_OUT, ReplyKind.REPEAT):
        return None, Trust.ACCEPT
    if expecting is Expecting.YES_NO:
        return None, Trust.ASK_AGAIN if agreement(utterance, lexicon) is None else Trust.ACCEPT
    if understood.kind is ReplyKind.RATING:
        return understood.rating, Trust.ACCEPT
    return (understood.rating, Trust.CONFIRM) if understood.unclear is Unclear.UNSURE else (None, Trust.ASK_AGAIN)


def _least(trusts: Sequence[Trust]) -> Trust:
    order = (Trust.ASK_AGAIN, Trust.CONFIRM, Trust.ACCEPT)
    return min(trusts, key=order.index, default=Trust.ASK_AGAIN)
