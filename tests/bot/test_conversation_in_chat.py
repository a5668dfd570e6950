"""Whole conversations, through the real bot, the real database and a fake Telegram on loopback."""

from tests.bot.telegram_world import World

ANNA, BERTIL = 101, 202


async def test_three_taps_and_a_comment(world: World) -> None:
    invitation = await world.invitation()
    await world.say(ANNA, f"/start {invitation.token}")
    assert world.last(ANNA).startswith("Fråga 1 av 3")
    await world.tap(ANNA, "Bra")
    await world.tap(ANNA, "Ok")
    await world.tap(ANNA, "Bra")
    await world.say(ANNA, "Snabbt och vänligt, tack!")
    await world.tap(ANNA, "Ja, det går bra")
    assert "Tack för att du tog dig tid" in world.last(ANNA)
    assert await world.ratings(invitation) == {"bemotande": "bra", "tillganglighet": "ok", "leverans": "bra"}
