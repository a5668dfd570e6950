"""What the customer sees."""

from datetime import date

import pytest

from bot.rendering import Button, ChatContext, Outgoing, render, render_choice, render_reason_choice
from models.conversation import (
    Ask,
    AskComment,
    AskPermission,
    AskReason,
    Confirm,
    Confirmed,
    Effect,
    Finish,
    PermissionGiven,
    Rated,
    ReasonChosen,
    RecordAnswer,
    RecordOptOut,
    Remind,
    Reprompt,
    Say,
    Skipped,
    Stage,
)
from models.rating import Rating, Unclear
from models.survey import Disposition
from omdome.texts import languages, load_texts

SV = load_texts("sv")
CASE = ChatContext(
    organisation="Exempelkommunen",
    questions=3,
    subject="Potthål på <Gata & park>",
    closed_on=date(2026, 11, 3),
    contact="kontakt@example.org",
    privacy_url="https://example.org/personuppgifter",
)
SAYINGS = [
    "welcome",
    "welcome_again",
    "thanks",
    "changed",
    "noted",
    "remark_noted",
    "comment_go_ahead",
    "already_done",
    "already_closed",
    "opted_out",
    "question_back",
    "permission_given",
    "permission_withdrawn",
]
PROMPTS = (
    Ask("bemotande", 1, 3),
    Ask("leverans", 3, 3, again=True),
    *(Reprompt("leverans", unclear, attempt) for unclear in Unclear for attempt in (1, 2, 3)),
    Confirm("bemotande", Rating.DALIGT),
    AskReason("leverans", ("ingen_aterkoppling", "annat")),
    AskComment(),
    AskPermission(),
    Remind(),
)


def shown(*effects: Effect) -> list[Outgoing]:
    return render(effects, SV, CASE)


def labels(message: Outgoing) -> list[list[str]]:
    return [[button.label for button in row] for row in message.buttons]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("effect", [*(Say(key) for key in SAYINGS), *PROMPTS], ids=repr)
def test_everything_can_be_said_in_every_language(language: str, effect: Effect) -> None:
    bare = ChatContext(organisation="Exempelkommunen", questions=1)
    for context in (CASE, bare):
        (message,) = render([effect], load_texts(language), context)
        assert message.text.strip() == message.text != ""
        assert "{" not in message.text


def test_the_first_message_says_who_why_what_and_how_to_stop() -> None:
    greeting, question = shown(Say("welcome"), Ask("bemotande", 1, 3))
    for told in (
        "Exempelkommunen",
        "automatisk enkät",
        "ditt ärende ”Potthål på <Gata & park>” som avslutades den 3 november",
        "tre snabba frågor",
        "Handläggaren som ansvarar för ärendet, och de som följer upp det hos oss, kan få se dem",
        "Skriv STOPP",
        "https://example.org/personuppgifter",
    ):
        assert told in greeting.text
    assert question.text == "Fråga 1 av 3\nHur upplevde du vårt bemötande?"
    assert labels(question) == [["😊 Bra"], ["😐 Ok"], ["🙁 Dåligt"], ["Hoppa över"]]
    assert question.question == "bemotande"


def test_what_is_not_known_is_not_mentioned() -> None:
    (greeting,) = render([Say("welcome")], SV, ChatContext(organisation="Exempelkommunen", questions=2))
    assert "Den gäller ditt ärende.\n" in greeting.text
    assert "två snabba frågor" in greeting.text
    assert greeting.text.endswith("så frågar vi inte mer.")


def test_a_remark_comes_in_the_same_message_as_the_next_question() -> None:
    (message,) = shown(RecordAnswer("bemotande", Rating.OK, "ok", 1.0), Say("changed"), Ask("leverans", 3, 3))
    assert message.text.startswith("Tack, jag har ändrat ditt svar.\n\nFråga 3 av 3\n")
    assert message.question == "leverans"


def test_storing_says_nothing() -> None:
    assert shown(RecordOptOut(), Finish(Disposition.REFUSED)) == []


def test_the_choice_is_marked_and_can_be_changed_but_not_skipped() -> None:
    rows = render_choice("leverans", Rating.OK, SV)
    assert [row[0].label for row in rows] == ["😊 Bra", "✓ 😐 Ok", "🙁 Dåligt"]
    assert [row[0].event for row in rows] == [Rated("leverans", rating) for rating in Rating]
    assert [row[0].chosen for row in rows] == [False, True, False]


def test_a_yes_to_a_confirmation_is_the_rating_itself() -> None:
    (message,) = shown(Confirm("leverans", Rating.DALIGT))
    assert message.buttons == (
        (Button("Ja, dåligt", Rated("leverans", Rating.DALIGT)),),
        (Button("Nej", Confirmed(False)),),
    )


def test_reasons_can_be_tapped_and_skipped() -> None:
    (message,) = shown(AskReason("leverans", ("ingen_aterkoppling", "annat")))
    assert [row[0].event for row in message.buttons] == [
        ReasonChosen("leverans", "ingen_aterkoppling"),
        ReasonChosen("leverans", "annat"),
        Skipped("leverans", Stage.REASON),
    ]
    chosen = render_reason_choice("leverans", ("ingen_aterkoppling", "annat"), "annat", SV)
    assert [row[0].label for row in chosen] == ["Ingen återkoppling", "✓ Annat"]


def test_the_last_prompts_have_a_way_past_them() -> None:
    comment, permission = shown(AskComment(), AskPermission())
    assert comment.buttons[-1][-1].event == Skipped(stage=Stage.COMMENT)
    assert [row[0].event for row in permission.buttons] == [PermissionGiven(True), PermissionGiven(False)]


def test_a_reprompt_is_to_the_point_and_gives_up_kindly() -> None:
    first, second, last = (shown(Reprompt("leverans", Unclear.CONTRADICTION, n))[0].text for n in (1, 2, 3))
    assert first == "Det låter som att något var bra och något sämre. Vad blir det sammantaget för vår leverans?"
    assert "knapparna" in second
    assert "Hoppa över" in last
