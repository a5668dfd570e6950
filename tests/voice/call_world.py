"""A called customer in a real store, a recorded line, and prompts that are short: whole calls in milliseconds."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from models.case import ClosedCase
from models.conversation import FollowUp, Script
from models.survey import Answer, Invitation
from models.texts import Texts
from omdome.lexicons import load_lexicon
from omdome.texts import load_texts
from tests.voice.speech import noise
from voice.call import CallPolicy, CallReport, hold_call
from voice.interview import StoredInterview
from voice.lines.recording import RecordingLine
from voice.recognition import Expecting, Hearing, Recognizer, Trust
from voice.transcript import Entry, Who
from workflow.converse import SurveyPolicy
from workflow.ports import Store

TUESDAY = datetime(2026, 11, 17, 12, tzinfo=UTC)
QUESTIONS = ("bemotande", "tillganglighet", "leverans")
REASONS = ("ingen_aterkoppling", "inte_atgardat", "svart_att_na", "bemotandet", "annat")
POLICY = SurveyPolicy(
    questions=QUESTIONS,
    script=Script(reasons=REASONS, follow_up=FollowUp.FIRST),
    zone=ZoneInfo("Europe/Stockholm"),
)
CALLS = CallPolicy(reasons=REASONS, greets_first=False)


@dataclass
class ShortPrompts:
    """The real texts, each a moment of sound."""

    texts: Texts
    sound: bytes

    def audio(self, key: str) -> bytes:
        self.text(key)
        return self.sound

    def text(self, key: str) -> str:
        return self.texts(f"voice.{key}")


@cache
def prompts(language: str = "sv", seconds: float = 0.6) -> ShortPrompts:
    return ShortPrompts(load_texts(language), noise(seconds))


@dataclass
class ScriptedEars:
    """Hears what it is told to, one utterance after the other, and then nothing that it knows."""

    script: list[tuple[str, Trust]]
    transcribes: bool = False
    slow: float = 0.0  # seconds that it takes to finish
    engine: str = "scripted/1"
    under_way: bool = False  # an utterance that others have to wait for

    async def start(self, expecting: Expecting) -> None:
        self.under_way = True

    async def feed(self, frame: bytes) -> str:
        return ""

    async def finish(self) -> Hearing:
        await asyncio.sleep(self.slow)
        self.under_way = False
        words, trust = self.script.pop(0) if self.script else ("", Trust.ASK_AGAIN)
        return Hearing(words=words, confidence=0.95 if trust is Trust.ACCEPT else 0.6, trust=trust, engine=self.engine)

    async def close(self) -> None:
        self.under_way = False


@dataclass
class FixedClock:
    time: datetime = TUESDAY

    def now(self) -> datetime:
        return self.time


@dataclass
class Customer:
    """Somebody to call. `act` is told each thing that is said or done in the call, and may use the line."""

    store: Store
    invitation: Invitation
    case: ClosedCase
    clock: FixedClock = field(default_factory=FixedClock)
    policy: CallPolicy = CALLS
    prompt_seconds: float = 0.6

    def interview(self) -> StoredInterview:
        return StoredInterview(
            store=self.store,
            invitation_id=self.invitation.id,
            policy=POLICY,
            clock=self.clock,
            lexicon=load_lexicon(self.invitation.language),
            call_id="call-1",
        )

    async def called(
        self,
        act: Callable[[RecordingLine, Entry], None],
        recognizer: Recognizer | None = None,
        line: RecordingLine | None = None,
        interview: StoredInterview | None = None,
    ) -> CallReport:
        on = line or RecordingLine()
        spoken = prompts(self.invitation.language, self.prompt_seconds)
        holding = interview or self.interview()
        return await hold_call(on, recognizer, spoken, holding, self.policy, lambda entry: act(on, entry))

    async def answers(self) -> list[Answer]:
        async with self.store.look() as tx:
            return await tx.answers(self.invitation.id)

    async def stored(self) -> Invitation:
        async with self.store.look() as tx:
            found = await tx.invitation(self.invitation.id)
        assert found is not None
        return found


async def customer_in(
    store: Store, case_id: str = "SK-1", language: str = "sv", phone: str = "+46701740605"
) -> Customer:
    case = ClosedCase(
        case_id=case_id,
        closed_at=TUESDAY - timedelta(days=1),
        unit="Gata",
        handler_mail="h1@example.org",
        phone=phone,
    )
    async with store.step() as tx:
        await tx.put_cases([case], TUESDAY)
        (number,) = [each.id for each in await tx.undecided(100) if each.case.case_id == case_id]
        invitation = Invitation(
            id=0,
            case_number=number,
            token=f"{number:022}",
            language=language,
            created_at=TUESDAY,
            expires_at=TUESDAY + timedelta(days=14),
        )
        (invitation,) = await tx.put_invitations([invitation])
    return Customer(store, replace(invitation), case)


def presses(**by_prompt: str) -> Callable[[RecordingLine, Entry], None]:
    """A caller who presses a key at each prompt of these kinds: `question_leverans="2"`, `consent="1"`."""

    def act(line: RecordingLine, entry: Entry) -> None:
        kind, _, rest = entry.prompt.partition(".")
        name = rest.partition(".")[0]
        exact = by_prompt.get(f"{kind}_{name}")
        asks = name in ("full", "short", "keys") or kind in ("question", "confirm")
        key = exact or (by_prompt.get(kind) if asks else None)
        if entry.who is Who.WE and key:
            line.press(key)

    return act


def once(**by_prompt: Callable[[RecordingLine], None]) -> Callable[[RecordingLine, Entry], None]:
    """A caller who does something the first time that each of these prompts comes: `consent_full=…`."""
    left = dict(by_prompt)

    def act(line: RecordingLine, entry: Entry) -> None:
        left.pop(entry.prompt.replace(".", "_"), lambda _: None)(line)

    return act


def said(report: CallReport) -> Sequence[str]:
    """The prompts of the call, by key, and what the caller did, in brackets."""
    return [entry.prompt or f"[{entry.key or entry.text}]" for entry in report.transcript]
