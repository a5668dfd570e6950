"""A recording heard as a call would hear it: the same ears, engine and judgement."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.rating import Rating, ReplyKind, Unclear
from omdome.lexicons import load_lexicon
from survey.lexicon import Lexicon
from voice.audio_files import read_audio
from voice.ears import Ears, TurnPolicy
from voice.line import FRAME_BYTES, FRAME_SECONDS
from voice.lines.recording import RecordingLine
from voice.outcomes import Gone, Utterance
from voice.recognition import Expecting, Recognizers, Trust
from workflow.converse import understood

_AFTERWARDS = 2.0  #: seconds of silence that let the last utterance end
_NOISE_SECONDS = 0.25  #: a sound without words that is no longer than this is a click, a breath, a chair


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a call would make of a recording. `rating` None: none was given, or it isn't sure enough even to confirm."""

    heard: str
    confidence: float
    rating: Rating | None
    decision: Trust
    seconds: float  #: of speech, pauses included


class Ear:
    """Hears recordings in answer to one kind of question."""

    def __init__(self, recognizers: Recognizers, language: str, expecting: Expecting) -> None:
        self._recognizers = recognizers
        self._lexicon = load_lexicon(language)
        self._expecting = expecting

    async def listen(self, file: Path) -> Understood:
        """Hear one recording out. Raises AudioFileError, and RecognizerLostError when there is no recogniser."""
        return judged(await self._utterances(read_audio(file)), self._expecting, self._lexicon)

    async def _utterances(self, audio: bytes) -> list[Utterance]:
        line = RecordingLine()
        line.say(audio, after=0)
        line.leave(after=_AFTERWARDS)
        long_enough = len(audio) / FRAME_BYTES * FRAME_SECONDS + 2 * _AFTERWARDS
        recognizer = await self._recognizers.recognizer()
        ears, heard = Ears(line, recognizer), []
        try:
            while not isinstance(
                outcome := await ears.turn(b"", self._expecting, TurnPolicy(no_input_seconds=long_enough)), Gone
            ):
                if isinstance(outcome, Utterance):
                    heard.append(outcome)
        finally:
            await recognizer.close()
        return heard


def judged(utterances: Sequence[Utterance], expecting: Expecting, lexicon: Lexicon) -> Understood:
    """What a recording with these utterances is taken for: all of its words count as one reply, and as sure as the
    least sure of them. What was said beside them, and not understood, is a reason to ask."""
    said = [each for each in utterances if each.hearing.words or each.seconds > _NOISE_SECONDS]
    worded = [each.hearing for each in said if each.hearing.words]
    heard = " ".join(each.words for each in worded)
    trust = _least([each.trust for each in worded])
    if len(worded) < len(said) and trust is Trust.ACCEPT:
        trust = Trust.CONFIRM
    if any(each.cut_off for each in said):
        trust = Trust.ASK_AGAIN
    rating, decision = _meaning(heard, trust, expecting, lexicon)
    return Understood(
        heard=heard,
        confidence=min((each.confidence for each in worded), default=0.0),
        rating=rating,
        decision=decision,
        seconds=sum(each.seconds for each in said),
    )


def _meaning(heard: str, trust: Trust, expecting: Expecting, lexicon: Lexicon) -> tuple[Rating | None, Trust]:
    if not heard or trust is Trust.ASK_AGAIN:
        return None, Trust.ASK_AGAIN
    rated = expecting is Expecting.RATING
    replied = understood(heard, lexicon, digits_offered=rated)
    reading = replied.understood
    commanded = reading.kind not in (ReplyKind.RATING, ReplyKind.NO_MATCH)
    if commanded or (replied.yes_no is not None and not rated):
        return None, trust
    if rated and reading.kind is ReplyKind.RATING:
        return reading.rating, trust
    if rated and reading.unclear is Unclear.UNSURE and reading.rating:
        return reading.rating, Trust.CONFIRM
    return None, Trust.ASK_AGAIN


def _least(trusts: Sequence[Trust]) -> Trust:
    order = (Trust.ASK_AGAIN, Trust.CONFIRM, Trust.ACCEPT)
    return min(trusts, key=order.index, default=Trust.ASK_AGAIN)
