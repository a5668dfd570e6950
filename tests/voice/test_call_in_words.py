"""Whole calls with somebody who speaks: real voices, the embedded engine, and sounds that are no answers."""

from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pytest

from models.conversation import Event, Rated, Session
from models.rating import Rating
from models.survey import Channel, Disposition
from storage.database import SqlStore
from tests.voice.answer_words.shipped_clips import CLIPS, pcm
from tests.voice.call_world import POLICY, Customer, customer_in, presses, prompts
from tests.voice.speech import noise, silence, spoken
from voice.answer_words.engine import AnswerWordsEngine
from voice.call import Ending, hold_call
from voice.interview import StoredInterview
from voice.lines.recording import RecordingLine
from voice.transcript import Entry, Who
from workflow.converse import Origin, Spoken, converse


@pytest.fixture
async def customer(store: SqlStore) -> Customer:
    return await customer_in(store)


CLIP = {clip.stem.rpartition("-")[0]: clip for clip in reversed(CLIPS)}  #: by what it says, the first of each


def tones(seconds: float) -> bytes:
    """Three voices of a harmony that changes every half second."""
    at = np.arange(round(seconds * 8000)) / 8000
    root = 220 * 2 ** (np.floor(at * 2) % 8 / 12)
    chord = sum(np.sin(2 * np.pi * np.cumsum(root * step) / 8000) for step in (1, 1.26, 1.5))
    return bytes((chord * 5000).astype("<i2").tobytes())


def clipped(audio: bytes) -> bytes:
    loud = np.frombuffer(audio, "<i2").astype(np.int32) * 30
    return bytes(np.clip(loud, -32768, 32767).astype("<i2").tobytes())


def speaks(**clips: str) -> Callable[[RecordingLine, Entry], None]:
    """A caller who says a shipped clip, or presses a key, at each prompt of these kinds."""

    def act(line: RecordingLine, entry: Entry) -> None:
        kind, _, rest = entry.prompt.partition(".")
        clip = clips.get(f"{kind}_{rest.partition('.')[0]}") or clips.get(kind)
        if entry.who is Who.WE and clip and (kind in ("question", "confirm") or rest in ("full", "short", "keys")):
            line.press(clip) if clip.isdecimal() else line.say(pcm(CLIP[clip]))

    return act


async def test_a_call_in_words(customer: Customer) -> None:
    caller = speaks(
        consent="1", question_bemotande="bra", question_tillganglighet="ok", question_leverans="daligt",
        confirm="1", reason="1",
    )  # fmt: skip
    report = await customer.called(caller, await AnswerWordsEngine().recognizer())
    assert (report.ending, report.disposition) == (Ending.FINISHED, Disposition.COMPLETED)
    answers = await customer.answers()
    assert [answer.rating for answer in answers] == [Rating.BRA, Rating.OK, Rating.DALIGT]
    assert [answer.reply for answer in answers] == ["bra", "okej", "dåligt"]
    assert all(answer.engine.startswith("answer_words/") and 0 < answer.confidence <= 1 for answer in answers)
    heard = [entry for entry in report.transcript if entry.rating]
    assert all(entry.key == "1" or entry.trust == "accept" for entry in heard), heard


async def test_talk_is_no_rating(customer: Customer) -> None:
    caller = speaks(consent="1", question="speech-not", confirm="2")
    report = await customer.called(caller, await AnswerWordsEngine().recognizer())
    assert report.ending in (Ending.GIVEN_UP, Ending.FINISHED)
    assert [answer.rating for answer in await customer.answers() if answer.rating] == []


ODD = {
    "noise": noise(30, 0.3),
    "music": tones(30),
    "clipped": clipped(spoken("bra okej dåligt ja nej " * 6)),
    "a word cut off": pcm(CLIP["bra"])[: len(pcm(CLIP["bra"])) // 3],
    "talk": pcm(CLIP["speech-not"]) * 8,
}


@pytest.mark.parametrize("odd", ODD)
async def test_whatever_is_played_the_call_ends_and_nothing_is_made_up(customer: Customer, odd: str) -> None:
    line = RecordingLine(background=ODD[odd] + silence(1.0))
    report = await customer.called(presses(consent="1"), await AnswerWordsEngine().recognizer(), line)
    assert report.ending in (Ending.GIVEN_UP, Ending.FINISHED, Ending.DECLINED)
    accepted = {entry.trust for entry in report.transcript if entry.rating}
    assert accepted <= {"accept"}
    if odd in ("noise", "music", "talk"):
        assert [answer.rating for answer in await customer.answers() if answer.rating] == []


async def test_a_barge_in_is_heard_but_not_during_who_we_are(customer: Customer) -> None:
    """The caller talks all the time: the first word that counts comes after the introduction."""

    def eager(line: RecordingLine, entry: Entry) -> None:
        if entry.prompt in ("hello", "why"):
            line.say(pcm(CLIP["ja"]), after=0.1)
        elif entry.prompt == "consent.full":
            line.press("1")
        elif entry.prompt.startswith("question"):
            line.say(silence(1.9) + pcm(CLIP["ok"]), after=0)
        elif entry.prompt.startswith("confirm"):
            line.press("1")

    report = await customer.called(eager, await AnswerWordsEngine().recognizer())
    first = next(at for at, entry in enumerate(report.transcript) if entry.who is Who.CALLER)
    assert [entry.prompt for entry in report.transcript[:first]][-1] == "consent.full"
    assert report.ending is Ending.FINISHED


async def test_a_spoken_answer_never_lands_on_a_question_that_the_caller_was_not_asked(customer: Customer) -> None:
    """While the second question is asked on the phone, it is answered in the chat."""
    one, taken = customer.interview(), []

    class Beside(StoredInterview):
        async def take(self, event: Event, engine: str = "", *, seen: Session | None = None) -> Spoken:
            taken.append(event)
            if len(taken) == 3:
                async with self.store.step() as tx:
                    tapped = Rated("tillganglighet", Rating.BRA)
                    chat = Origin(Channel.CHAT)
                    await converse(tx, customer.invitation, tapped, chat, POLICY, self.clock.now())
            return await StoredInterview.take(self, event, engine, seen=seen)

    beside = Beside(**{each.name: getattr(one, each.name) for each in fields(one)})
    line, caller = RecordingLine(), speaks(consent="1", question_tillganglighet="daligt", question="bra", confirm="1")
    ears = await AnswerWordsEngine().recognizer()
    report = await hold_call(line, ears, prompts(), beside, customer.policy, lambda entry: caller(line, entry))
    assert report.ending is Ending.FINISHED
    assert [answer.rating for answer in await customer.answers()] == [Rating.BRA] * 3
