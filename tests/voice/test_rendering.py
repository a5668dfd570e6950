"""What a call can say is written, in every language, and nothing is written that no call says."""

from itertools import product

import pytest

from models.conversation import (
    AskComment,
    AskPermission,
    AskReason,
    Finish,
    RecordAnswer,
    RecordComment,
    Remind,
    Say,
    Session,
    Stage,
)
from models.rating import Rating, Unclear
from models.survey import Disposition
from omdome.texts import languages, load_texts
from tests.voice.call_world import QUESTIONS, REASONS
from voice.inbound import HIDDEN, NOTHING
from voice.rendering import (
    MAX_REASONS,
    Occasion,
    Variant,
    instead,
    lead_in,
    opening,
    present_prompt,
    reason_prompt,
    render,
    reprompt,
    who_we_are,
)

SAYS = (
    "welcome", "changed", "noted", "remark_noted", "comment_go_ahead", "already_done", "already_closed", "declined",
    "opted_out", "question_back", "thanks",
)  # fmt: skip
BY_THE_CALL = {  # said by voice.call and voice.moves themselves
    "identification_default", "who.full", "no_input.first", "no_input.second",
    "no_match.wrong_key", "no_match.use_keys", "no_match.stop_question", "goodbye.technical", "goodbye.too_long",
    "goodbye.no_answer", "goodbye.given_up", "thanks.partial", "thanks.nothing", "heard.daligt", "heard.bra",
    "heard.ok", "heard.skipped", "heard.comment", "disclosure_recorded",
    "recording.full", "recording.short", "recording.keys", "recording.on", "recording.off",
    "inbound.identification_default", "doctor.hello", "doctor.press", "doctor.speak", "doctor.done",
}  # fmt: skip


def all_prompts() -> set[str]:
    said = {*BY_THE_CALL, *NOTHING, *HIDDEN}
    for key in SAYS:
        said.update(render((Say(key),), transcribes=True))
    for number, occasion in product(range(1, 10), Occasion):
        said.update(who_we_are(occasion))
        said.update(opening(number, occasion))
        said.update(instead(occasion).values())
    for question, unclear, attempt in product(QUESTIONS, Unclear, (1, 2, 3)):
        said.update(reprompt(question, unclear, attempt))
    for variant in Variant:
        said.update(reason_prompt((*REASONS, *REASONS), variant, transcribes=True))
        said.add(f"consent.{variant}")
        for question, rating in product(QUESTIONS, Rating):
            asked = Session(questions=QUESTIONS, stage=Stage.QUESTION, current=question)
            unsure = Session(questions=QUESTIONS, stage=Stage.CONFIRM, current=question, pending=rating)
            wanted = Session(questions=QUESTIONS, stage=Stage.COMMENT)
            for session in (asked, unsure, wanted):
                said.update(present_prompt(session, REASONS, variant, transcribes=True))
    return said


@pytest.mark.parametrize("language", languages())
def test_every_prompt_is_written_and_every_text_is_said(language: str) -> None:
    assert all_prompts() == set(load_texts(language).below("voice"))


@pytest.mark.parametrize("language", languages())
def test_prompts_are_fixed_texts_but_for_the_organisations_name(language: str) -> None:
    blanks = {key for key, text in load_texts(language).below("voice").items() if "{" in text}
    assert blanks == {"identification", "inbound.identification"}


def test_a_chats_own_affairs_are_not_spoken_of() -> None:
    assert render((AskPermission(), Remind(), Say("permission_given")), transcribes=True) == ()


def test_own_words_are_asked_for_only_where_they_become_text() -> None:
    assert render((AskComment(),), transcribes=False) == ()
    assert "reason.own_words" not in render((AskReason("leverans", REASONS),), transcribes=False)


def test_a_rating_is_said_back_unless_what_follows_tells_it() -> None:
    stored = RecordAnswer("leverans", Rating.DALIGT, "dåligt", 0.9)
    assert render((stored, AskComment()), transcribes=True) == ("heard.daligt", "comment.full")
    assert render((stored, AskReason("leverans", REASONS)), transcribes=True)[0] == "reason.full"


def test_the_same_thing_is_said_once() -> None:
    assert render((RecordComment("tack"), Say("remark_noted")), transcribes=True) == ("heard.comment",)


def test_a_ninth_reason_has_no_key() -> None:
    prompt = reason_prompt([f"r{number}" for number in range(12)], Variant.FULL, transcribes=False)
    assert [key for key in prompt if key.startswith("reason.press")][-1] == f"reason.press.{MAX_REASONS}"


def test_what_comes_before_the_question() -> None:
    assert lead_in(("heard.bra", "question.leverans.full")) == ("heard.bra",)
    assert lead_in(("confirm.bra.full",)) == ()
    assert lead_in(("goodbye.closed",)) == ()


def test_thanks_are_for_what_was_given() -> None:
    said = {end: render((Say("thanks"), Finish(end)), transcribes=True) for end in Disposition}
    assert said[Disposition.COMPLETED] == ("thanks.completed",)
    assert said[Disposition.BREAK_OFF] == ("thanks.nothing",)
