"""A recording heard with a call's ears, engine and judgement. Where it is one utterance, the outcome is a call's.

A call acts on each utterance as it comes. A recording is one reply, so all that is said in it counts, which only ever
makes the outcome more careful.
"""

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
from voice.understanding import agreement, heard, is_sure, may_be_refusal, said

_BEFORE = 0.5  #: seconds of silence, as in a call: ears want to hear where a voice begins
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
    """Hears recordings in answer to one kind of question (None: to any). `clear_words` as in a call's policy."""

    def __init__(
        self, recognizers: Recognizers, lexicon: Lexicon, clear_words: frozenset[str], expecting: Expecting | None
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
        line.say(audio, after=_BEFORE)
        line.leave(after=_AFTERWARDS)
        long_enough = len(audio) / FRAME_BYTES * FRAME_SECONDS + _BEFORE + 2 * _AFTERWARDS
        policy = TurnPolicy(no_input_seconds=long_enough, clear_words=self._clear_words)
        expecting = self._expecting or Expecting.RATING  # in which engines listen for yes and no as well
        recognizer = await self._recognizers.recognizer()
        ears, utterances = Ears(line, recognizer), list[Utterance]()
        try:
            while not isinstance(outcome := await ears.turn(b"", expecting, policy), Gone):
                if isinstance(outcome, Utterance):
                    utterances.append(outcome)
        finally:
            await recognizer.close()
        return utterances


def judged(utterances: Sequence[Utterance], expecting: Expecting | None, lexicon: Lexicon) -> Understood:
    """What a recording with these utterances is taken for: all of its words count as one reply, and as sure as the
    least sure of them. What was said beside them, and not understood, is a reason to ask, and so is a rating that the
    first of them doesn't give alone. `expecting` None: what was asked isn't known, so that a yes, a no and "upprepa"
    are worth what the engine trusts them, and rate nothing.
    """
    spoken = [each for each in utterances if each.hearing.words or each.seconds > _NOISE_SECONDS]
    worded = [each for each in spoken if each.hearing.words]
    hearing = Hearing(
        words=" ".join(each.hearing.words for each in worded),
        confidence=min((each.hearing.confidence for each in worded), default=0.0),
        trust=_least([each.hearing.trust for each in worded]),
        engine=worded[0].hearing.engine if worded else "",
    )
    if len(worded) < len(spoken) and hearing.trust is Trust.ACCEPT:
        hearing = replace(hearing, trust=Trust.CONFIRM)
    seconds = sum(each.seconds for each in spoken)
    whole = Utterance(hearing, seconds, cut_off=any(each.cut_off for each in spoken))
    rating, decision = _decision(whole, expecting, lexicon)
    if rating and decision is Trust.ACCEPT and _decision(worded[0], expecting, lexicon) != (rating, decision):
        decision = Trust.CONFIRM
    return Understood(
        heard=hearing.words, confidence=hearing.confidence, rating=rating, decision=decision, seconds=seconds
    )


def _decision(utterance: Utterance, expecting: Expecting | None, lexicon: Lexicon) -> tuple[Rating | None, Trust]:
    """What `voice.dialogue` does about an answer to a question of that kind."""
    understood = heard(utterance, lexicon).understood
    if may_be_refusal(utterance, lexicon):
        return None, Trust.CONFIRM
    if expecting is None and (understood.kind is ReplyKind.REPEAT or " ".join(said(utterance)) in lexicon.spoken):
        trust = utterance.hearing.trust
        return None, Trust.CONFIRM if trust is Trust.ACCEPT and not is_sure(utterance) else trust
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
