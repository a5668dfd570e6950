"""Whose survey it is: links, neighbours, second cases, leave to ask again, blocked chats, groups and handlers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.registration import handler_link
from bot.unasked import expire_in_chats, invite_in_chat, remind_in_chats
from models.survey import Invitation
from tests.bot.telegram_world import World, a_speech

ANNA, BERTIL = 101, 202


async def opened(world: World, chat: int, name: str = "1", subject: str = "Hål i vägen") -> Invitation:
    invitation = await world.invitation(name, subject)
    await world.say(chat, f"/start {invitation.token}")
    return invitation


async def finish(world: World, chat: int, *, permission: str = "Nej tack") -> None:
    for _ in range(3):
        await world.tap(chat, "Bra")
    await world.tap(chat, "Nej tack")
    await world.tap(chat, permission)


def member(chat: int, status: str, kind: str = "private") -> dict[str, object]:
    bot = {"id": 1, "is_bot": True, "first_name": "Bot"}
    new: dict[str, object] = {"user": bot, "status": status}
    if status == "kicked":
        new["until_date"] = 0
    return {
        "chat": {"id": chat, "type": kind, "title": "Grannarna"},
        "from": {"id": 1, "is_bot": False, "first_name": "Kund"},
        "date": 0,
        "old_chat_member": {"user": bot, "status": "left"},
        "new_chat_member": new,
    }


# --- links -----------------------------------------------------------------------------------------------------


async def test_a_forwarded_link_is_of_no_use_to_a_neighbour(world: World) -> None:
    invitation = await opened(world, ANNA)
    await world.say(BERTIL, f"/start {invitation.token}")
    assert "redan öppnats i en annan chatt" in world.last(BERTIL)
    await world.say(BERTIL, "dåligt")
    assert await world.ratings(invitation) == {}


async def test_a_token_that_happens_to_begin_as_a_handlers_link_opens_its_survey(world: World) -> None:
    invitation = await opened(world, ANNA, name="h_1")
    await world.tap(ANNA, "Bra")
    assert await world.ratings(invitation) == {"bemotande": "bra"}


async def test_an_unknown_link(world: World) -> None:
    await world.say(ANNA, "/start nosuchtokenatallnosuch")
    assert world.last(ANNA).startswith("Den här länken känner jag inte igen")


async def test_a_link_after_the_deadline(world: World) -> None:
    invitation = await world.invitation()
    world.clock.move_to(invitation.expires_at + timedelta(hours=1))
    await world.say(ANNA, f"/start {invitation.token}")
    assert world.last(ANNA).startswith("Svarstiden för")


async def test_plain_start_explains_itself_to_a_stranger(world: World) -> None:
    await world.say(BERTIL, "/start")
    assert "automatisk tjänst från Exempelkommunen" in world.last(BERTIL)
    await world.say(BERTIL, "bra")
    assert world.last(BERTIL).startswith("Just nu har jag ingen fråga")


# --- several cases ---------------------------------------------------------------------------------------------


async def test_a_second_case_waits_for_the_first(world: World) -> None:
    first = await opened(world, ANNA, "1")
    second = await opened(world, ANNA, "2", "Trasig lampa")
    assert "Vi tar ett ärende i taget" in world.texts(ANNA)[-2]
    assert world.last(ANNA).startswith("Fråga 1 av 3")
    await finish(world, ANNA)
    assert await world.ratings(first) == dict.fromkeys(("bemotande", "tillganglighet", "leverans"), "bra")
    assert "Trasig lampa" in world.texts(ANNA)[-2]
    await world.say(ANNA, "dåligt")
    assert await world.ratings(second) == {"bemotande": "dåligt"}


async def test_an_old_link_does_not_push_the_present_case_aside(world: World) -> None:
    first = await opened(world, ANNA, "1")
    await finish(world, ANNA)
    second = await opened(world, ANNA, "2")
    await world.say(ANNA, f"/start {first.token}")
    assert world.last(ANNA).startswith("Fråga 1 av 3")
    await world.say(ANNA, "okej")
    assert await world.ratings(second) == {"bemotande": "ok"}


async def test_after_the_first_case_is_done_the_second_link_begins_at_once(world: World) -> None:
    first = await opened(world, ANNA, "1")
    await finish(world, ANNA)
    await opened(world, ANNA, "2")
    assert "Vi tar ett ärende i taget" not in "".join(world.texts(ANNA))
    assert (await world.ratings(first))["leverans"] == "bra"


async def test_after_the_first_case_has_expired_the_second_link_begins_at_once(world: World) -> None:
    await opened(world, ANNA, "1")
    world.clock.move_to(world.clock.now() + timedelta(days=14, minutes=1))
    async with world.store.step() as tx:
        await expire_in_chats(tx, a_speech(), world.clock.now())
    second = await opened(world, ANNA, "2", "Trasig lampa")
    assert "Trasig lampa" in world.texts(ANNA)[-2]
    await world.tap(ANNA, "Bra")
    assert await world.ratings(second) == {"bemotande": "bra"}


async def test_who_has_said_stop_is_not_asked_but_may_answer(world: World) -> None:
    await opened(world, ANNA, "1")
    await world.say(ANNA, "stopp")
    second = await opened(world, ANNA, "2", "Trasig lampa")
    assert world.last(ANNA).startswith("Du har bett oss att inte fråga")
    async with world.store.look() as tx:
        found = await tx.invitation(second.id)
    assert found is not None
    assert found.chat_id is None
    await world.tap(ANNA, "Ja, jag vill svara")
    assert "Trasig lampa" in world.texts(ANNA)[-2]
    await world.tap(ANNA, "Bra")
    world.clock.move_to(world.clock.now() + timedelta(days=3, hours=1))
    async with world.store.step() as tx:
        assert await remind_in_chats(tx, a_speech(), world.clock.now()) == 0
    await world.tap(ANNA, "Bra")
    await world.tap(ANNA, "Bra")
    await world.tap(ANNA, "Nej tack")
    assert "nästa gång" not in world.last(ANNA)  # nor is leave asked to ask again
    assert set((await world.ratings(second)).values()) == {"bra"}


async def test_a_neighbour_cannot_answer_anyway(world: World) -> None:
    await opened(world, ANNA, "1")
    await world.say(ANNA, "stopp")
    second = await opened(world, ANNA, "2")
    await world.say(BERTIL, f"/start {second.token}")
    await world.tap(ANNA, "Ja, jag vill svara")
    assert await world.ratings(second) == {}
    assert world.last(ANNA).startswith("Du har bett oss")


async def test_a_chosen_language_outlives_the_next_link(world: World) -> None:
    await world.say(ANNA, "/språk")
    await world.tap(ANNA, "English")
    await opened(world, ANNA, "1")
    assert world.last(ANNA).startswith("Question 1 of 3")


async def test_buttons_of_the_waiting_case_still_mean_their_own(world: World) -> None:
    """Words belong to the current case, taps to the case they were shown for."""
    first = await opened(world, ANNA, "1")
    await finish(world, ANNA)
    second = await opened(world, ANNA, "2")
    await world.tap(ANNA, "Ok", message=1)
    assert (await world.ratings(first))["bemotande"] == "ok"
    assert await world.ratings(second) == {}


async def test_after_a_yes_the_next_case_comes_straight_to_the_chat(world: World) -> None:
    await opened(world, ANNA, "1")
    await finish(world, ANNA, permission="Ja, det går bra")
    async with world.store.look() as tx:
        linked = await tx.chat_addresses(ANNA)
    assert {address.value for address in linked} == {"kund1@example.org"}
    invitation = await invited(world, ANNA)
    await world.service.drain()
    assert "Hej igen!" in world.texts(ANNA)[-2]
    await world.tap(ANNA, "Bra")
    assert await world.ratings(invitation) == {"bemotande": "bra"}


async def test_without_a_yes_nothing_is_linked(world: World) -> None:
    await opened(world, ANNA, "1")
    await finish(world, ANNA, permission="Nej tack")
    async with world.store.look() as tx:
        assert await tx.chat_addresses(ANNA) == set()


async def test_nobody_is_written_to_at_night(world: World) -> None:
    world.clock.move_to(world.clock.now().replace(hour=22))
    await invited(world, ANNA)
    await world.service.drain()
    assert world.texts(ANNA) == []
    world.clock.move_to(world.clock.now() + timedelta(hours=10, minutes=1))  # 09:01 in Stockholm
    await world.service.drain()
    assert len(world.texts(ANNA)) == 2


async def test_the_next_case_is_asked_about_when_the_first_one_has_expired(world: World) -> None:
    await opened(world, ANNA, "1")
    world.clock.move_to(world.clock.now() + timedelta(days=7))
    await invited(world, ANNA)
    await world.service.drain()
    before = len(world.texts(ANNA))
    world.clock.move_to(world.clock.now() + timedelta(days=7, minutes=1))
    async with world.store.step() as tx:
        assert await expire_in_chats(tx, a_speech(), world.clock.now()) == 1
    await world.service.drain()
    assert len(world.texts(ANNA)) == before + 2


async def invited(world: World, chat: int) -> Invitation:
    """An invitation that goes straight to the chat, as the selection does it."""
    made = await world.invitation("7", "Snö på gångbanan")
    async with world.store.step() as tx:
        owned = await tx.invitation(made.id)
        assert owned is not None
        await tx.save_invitation(replace(owned, chat_id=chat))
        await invite_in_chat(tx, a_speech(), replace(owned, chat_id=chat), world.clock.now())
    return made


async def test_one_reminder_and_no_more(world: World) -> None:
    await opened(world, ANNA)
    said = len(world.texts(ANNA))
    world.clock.move_to(world.clock.now() + timedelta(days=3, hours=1))
    for _ in range(2):
        async with world.store.step() as tx:
            await remind_in_chats(tx, a_speech(), world.clock.now())
        await world.service.drain()
    assert len(world.texts(ANNA)) == said + 1
    assert "undrar fortfarande" in world.last(ANNA)
    await world.say(ANNA, "bra")
    assert world.last(ANNA).startswith("Fråga 2 av 3")


# --- chats that come and go ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "dead"), [("kicked", True), ("member", False)])
async def test_blocking_and_unblocking(world: World, status: str, dead: bool) -> None:
    await opened(world, ANNA)
    await world.post("my_chat_member", **member(ANNA, "kicked"))
    await world.post("my_chat_member", **member(ANNA, status))
    async with world.store.look() as tx:
        chat = await tx.chat(ANNA)
    assert chat is not None
    assert chat.dead is dead


async def test_start_revives_a_chat_and_goes_on(world: World) -> None:
    await opened(world, ANNA)
    await world.post("my_chat_member", **member(ANNA, "kicked"))
    await world.say(ANNA, "/start")
    async with world.store.look() as tx:
        chat = await tx.chat(ANNA)
    assert chat is not None
    assert not chat.dead
    assert world.last(ANNA).startswith("Fråga 1 av 3")


async def test_a_group_is_told_why_and_left(world: World) -> None:
    await world.post("my_chat_member", **member(-500, "member", "group"))
    assert world.texts(-500) == ["Jag svarar bara i en egen chatt, så att ingen annan ser vad du tycker. Hej då!"]
    async with world.store.look() as tx:
        state = await tx.queue_state(world.clock.now())
    assert "telegram" in str(state)  # leaving was tried; the emulator doesn't know how


async def test_what_is_said_in_a_group_is_nothing_to_us(world: World) -> None:
    invitation = await world.invitation()
    text = f"/start {invitation.token}"
    await world.post("message", message_id=1, date=0, chat={"id": -500, "type": "group", "title": "G"}, text=text)
    async with world.store.look() as tx:
        found = await tx.invitation(invitation.id)
    assert found is not None
    assert found.chat_id is None
    assert world.texts(-500) == []


# --- handlers --------------------------------------------------------------------------------------------------


async def test_a_handler_registers_once(world: World) -> None:
    async with world.store.step() as tx:
        link = await handler_link(tx, "H1@example.se", "ExempelOmdomeBot", world.clock.now())
    assert link.startswith("https://t.me/ExempelOmdomeBot?start=h_")
    token = link.partition("=")[2]
    await world.say(ANNA, f"/start {token}")
    assert world.last(ANNA).startswith("Klart!")
    await world.say(BERTIL, f"/start {token}")
    assert world.last(BERTIL).startswith("Den här länken gäller inte längre")
    async with world.store.look() as tx:
        assert await tx.handler_chat("h1@example.se") == ANNA


async def test_a_handlers_link_grows_old(world: World) -> None:
    async with world.store.step() as tx:
        link = await handler_link(tx, "h1@example.se", "ExempelOmdomeBot", world.clock.now())
    world.clock.move_to(world.clock.now() + timedelta(days=31))
    await world.say(ANNA, f"/start {link.partition('=')[2]}")
    async with world.store.look() as tx:
        assert await tx.handler_chat("h1@example.se") is None


async def test_a_handler_who_says_stop_gets_no_more_here(world: World) -> None:
    async with world.store.step() as tx:
        await tx.register_handler("h1@example.se", ANNA, world.clock.now())
    await world.say(ANNA, "/stopp")
    assert world.last(ANNA).startswith("Då får du inga fler meddelanden")
    async with world.store.look() as tx:
        assert await tx.handler_chat("h1@example.se") is None
