"""Whole conversations, through the real bot, the real database and a fake Telegram on loopback."""

from dataclasses import replace

import pytest

from models.queues import InboxRow
from models.rating import Rating
from models.survey import Channel
from tests.bot.telegram_world import World

ANNA, BERTIL = 101, 202


@pytest.fixture
async def started(world: World) -> World:
    """Anna has opened her link, and sees the first question."""
    await world.say(ANNA, f"/start {(await world.invitation()).token}")
    return world


async def anna(world: World) -> dict[str, str | None]:
    async with world.store.look() as tx:
        invitation = await tx.latest_invitation(ANNA)
    assert invitation is not None
    return await world.ratings(invitation)


# --- taps ------------------------------------------------------------------------------------------------------


async def test_three_taps_and_a_comment(started: World) -> None:
    assert started.last(ANNA).startswith("Fråga 1 av 3")
    await started.tap(ANNA, "Bra")
    await started.tap(ANNA, "Ok")
    await started.tap(ANNA, "Bra")
    await started.say(ANNA, "Snabbt och vänligt, tack!")
    await started.tap(ANNA, "Ja, det går bra")
    assert "Tack för att du tog dig tid" in started.last(ANNA)
    assert await anna(started) == {"bemotande": "bra", "tillganglighet": "ok", "leverans": "bra"}


async def test_the_chosen_button_is_marked(started: World) -> None:
    assert started.labels(ANNA) == ["😊 Bra", "😐 Ok", "🙁 Dåligt", "Hoppa över"]
    await started.tap(ANNA, "Ok")
    assert started.labels(ANNA, 1) == ["😊 Bra", "✓ 😐 Ok", "🙁 Dåligt"]


async def test_a_change_of_mind_moves_the_mark(started: World) -> None:
    await started.tap(ANNA, "Ok")
    await started.tap(ANNA, "Bra", message=1)
    assert started.labels(ANNA, 1) == ["✓ 😊 Bra", "😐 Ok", "🙁 Dåligt"]
    assert await anna(started) == {"bemotande": "bra"}


async def test_a_double_tap_counts_once_and_asks_nothing_twice(started: World) -> None:
    await started.tap(ANNA, "Bra")
    said = started.texts(ANNA)
    await started.tap(ANNA, "Bra", message=1)
    assert started.texts(ANNA) == said
    assert await anna(started) == {"bemotande": "bra"}


async def test_the_same_update_twice_counts_once(started: World) -> None:
    await started.tap(ANNA, "Bra")
    said = started.texts(ANNA)
    async with started.store.look() as tx:
        rows = await tx.queue_state(started.clock.now())
    assert rows  # the queues can be looked at while they work
    message = {"message_id": 1_000_001, "date": 0, "chat": {"id": ANNA, "type": "private"}, "text": "/start"}
    await started.post("message", **message)
    started._updates -= 1  # Telegram sends the same number again
    await started.post("message", **message)
    assert len(started.texts(ANNA)) == len(said) + 1


async def test_taps_out_of_order_go_where_they_belong(started: World) -> None:
    await started.tap(ANNA, "Bra")
    await started.tap(ANNA, "Bra")
    await started.tap(ANNA, "Hoppa över")  # leverans
    await started.tap(ANNA, "Ok", message=2)  # tillgänglighet, again
    assert await anna(started) == {"bemotande": "bra", "tillganglighet": "ok", "leverans": None}


async def test_the_reason_after_a_daligt_is_marked_too(started: World) -> None:
    await started.tap(ANNA, "Dåligt")
    await started.tap(ANNA, "Inte åtgärdat")
    assert started.labels(ANNA, 2) == ["Ingen återkoppling", "✓ Inte åtgärdat", "Annat"]
    assert started.last(ANNA).startswith("Fråga 2 av 3")


async def test_a_tap_on_somebody_elses_survey_changes_nothing(started: World) -> None:
    """Callback data can be made up; only the owner's chat counts."""
    await started.say(BERTIL, "/start")
    await started.telegram.tap(BERTIL, started.telegram.messages[ANNA][-1], "Dåligt", started.clock.now())
    said = started.texts(BERTIL)
    await started.service.drain()
    assert await anna(started) == {}
    assert started.texts(BERTIL) == said


async def test_a_button_from_an_older_version_shows_the_present_question(started: World) -> None:
    query = {
        "id": "9",
        "from": {"id": ANNA, "is_bot": False, "first_name": "Kund"},
        "chat_instance": "1",
        "data": "something:old",
        "message": {"message_id": 3, "date": 0, "chat": {"id": ANNA, "type": "private"}},  # inaccessible
    }
    await started.post("callback_query", **query)
    assert started.last(ANNA).startswith("Fråga 1 av 3")
    assert len(started.texts(ANNA)) == 3


# --- words -----------------------------------------------------------------------------------------------------


async def test_a_typed_reply_marks_its_button(started: World) -> None:
    await started.say(ANNA, "helt okej")
    assert started.labels(ANNA, 1) == ["😊 Bra", "✓ 😐 Ok", "🙁 Dåligt"]
    assert started.last(ANNA).startswith("Fråga 2 av 3")


async def test_two_messages_in_a_row_dont_answer_two_questions(started: World) -> None:
    """The second was written before its question could be seen."""
    started.telegram._emulator.next_id = 50  # Telegram numbers both sides' messages in one row
    await started.service.inbox.put([typed(started, 48, "jättebra"), typed(started, 49, "mycket bra")])
    await started.service.drain()
    await started.seconds(1)
    assert await anna(started) == {"bemotande": "bra"}
    await started.say(ANNA, "bra")
    assert await anna(started) == {"bemotande": "bra", "tillganglighet": "bra"}


async def test_a_reply_whose_question_may_have_been_seen_waits_a_little_and_counts(started: World) -> None:
    """As after a crash between Telegram's "sent" and our note of it."""
    async with started.store.step() as tx:
        chat = await tx.chat(ANNA)
        assert chat is not None
        await tx.save_chat(replace(chat, question_message=None))
    await started.say(ANNA, "bra")
    assert await anna(started) == {}
    for _ in range(3):
        await started.seconds(1)
    assert await anna(started) == {"bemotande": "bra"}


def typed(world: World, message_id: int, text: str) -> InboxRow:
    message = {"message_id": message_id, "date": 0, "chat": {"id": ANNA, "type": "private"}, "text": text}
    update_id = 500_000 + message_id
    return InboxRow(update_id, {"update_id": update_id, "message": message}, world.clock.now())


async def test_an_edited_reply_is_read_anew(started: World) -> None:
    await started.say(ANNA, "bra")
    sent = 1_000_000 + started.telegram._sent
    edited = {"message_id": sent, "date": 0, "edit_date": 1, "chat": {"id": ANNA, "type": "private"}, "text": "dåligt"}
    await started.post("edited_message", **edited)
    assert await anna(started) == {"bemotande": "dåligt"}
    assert "Tack, jag har ändrat ditt svar." in started.last(ANNA)  # and asks what went wrong


async def test_an_edit_shows_what_now_counts(started: World) -> None:
    """Which message has that question's buttons isn't known any more, so the thanks carry them."""
    await started.say(ANNA, "bra")
    sent = 1_000_000 + started.telegram._sent
    edited = {"message_id": sent, "date": 0, "edit_date": 1, "chat": {"id": ANNA, "type": "private"}, "text": "okej"}
    await started.post("edited_message", **edited)
    assert started.last(ANNA) == "Tack, jag har ändrat ditt svar."
    assert started.labels(ANNA) == ["😊 Bra", "✓ 😐 Ok", "🙁 Dåligt"]


async def test_an_edit_can_make_a_reply_understood(started: World) -> None:
    await started.say(ANNA, "det var väl sisådär nånting i den stilen ungefär va")
    before = await anna(started)
    sent = 1_000_000 + started.telegram._sent
    edited = {"message_id": sent, "date": 0, "edit_date": 1, "chat": {"id": ANNA, "type": "private"}, "text": "bra"}
    await started.post("edited_message", **edited)
    assert (before, await anna(started)) == ({}, {"bemotande": "bra"})


async def test_stickers_get_one_kind_word_however_many_come(started: World) -> None:
    for number in range(3):
        await started.post(
            "message",
            message_id=1_100_000 + number,
            date=0,
            chat={"id": ANNA, "type": "private"},
            sticker={
                "file_id": "1",
                "file_unique_id": "1",
                "type": "regular",
                "width": 1,
                "height": 1,
                "is_animated": False,
                "is_video": False,
            },
        )
    assert [text for text in started.texts(ANNA) if "bara knappar och skriven text" in text] == [started.last(ANNA)]
    assert await anna(started) == {}


# --- commands --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["/stopp", "/STOP", "stopp"])
async def test_stop_ends_it_and_is_remembered(started: World, command: str) -> None:
    await started.say(ANNA, command)
    assert "frågar vi inte mer" in started.last(ANNA)
    async with started.store.look() as tx:
        case = (await tx.undecided(1))[0].case
        assert await tx.opted_out(case.addresses) == set(case.addresses)
    said = started.texts(ANNA)
    await started.tap(ANNA, "Bra", message=1)
    assert await anna(started) == {}
    assert len(started.texts(ANNA)) <= len(said) + 1


async def test_stop_from_a_stranger_is_accepted(world: World) -> None:
    await world.say(BERTIL, "/stopp")
    assert world.last(BERTIL) == "Jag ska inte skriva något mer till dig."


@pytest.mark.parametrize("command", ["/hjalp", "/hjälp", "/help"])
async def test_help_says_how_to_reach_us(world: World, command: str) -> None:
    await world.say(BERTIL, command)
    assert "0911-12 34 56" in world.last(BERTIL)
    assert "https://www.example.se/omdome" in world.last(BERTIL)


async def test_another_language_asks_the_same_question_again(started: World) -> None:
    await started.say(ANNA, "/språk")
    await started.tap(ANNA, "English")
    assert started.last(ANNA).startswith("Question 1 of 3")
    async with started.store.look() as tx:
        chat = await tx.chat(ANNA)
    assert chat is not None
    assert chat.language == "en"


async def test_an_unknown_command_is_told_so(started: World) -> None:
    await started.say(ANNA, "/bra")
    assert "/hjalp" in started.last(ANNA)
    assert await anna(started) == {}


async def test_start_again_repeats_the_question(started: World) -> None:
    await started.tap(ANNA, "Bra")
    await started.say(ANNA, "/start")
    assert started.last(ANNA).startswith("Fråga 2 av 3")


async def test_an_answer_is_dated_when_it_reached_us(started: World) -> None:
    await started.tap(ANNA, "Bra")
    async with started.store.look() as tx:
        invitation = await tx.latest_invitation(ANNA)
        assert invitation is not None
        answer = (await tx.answers(invitation.id))[0]
    assert (answer.received_at, answer.channel, answer.rating) == (started.clock.now(), Channel.CHAT, Rating.BRA)
