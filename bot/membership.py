"""Who blocks the bot, who comes back, and groups that it doesn't stay in."""

from aiogram import Router
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from bot.turn import Turn


class InPrivate(Filter):
    """Whether it happened in a chat of one person and the bot."""

    async def __call__(self, event: Message | CallbackQuery | ChatMemberUpdated) -> bool:
        if isinstance(event, CallbackQuery):
            return event.message is not None and event.message.chat.type == ChatType.PRIVATE
        return event.chat.type == ChatType.PRIVATE


def membership_router() -> Router:
    """my_chat_member, and everything else that comes from a group."""
    router = Router(name="membership")
    router.my_chat_member(InPrivate())(_blocked_or_back)
    router.my_chat_member()(_in_a_group)
    router.message(~InPrivate())(_ignored)
    router.edited_message(~InPrivate())(_ignored)
    router.callback_query(~InPrivate())(_ignored)
    return router


async def _blocked_or_back(event: ChatMemberUpdated, turn: Turn) -> None:
    """Telegram calls blocking "kicked" and unblocking "member"."""
    if turn.is_known:
        await turn.remember(dead=event.new_chat_member.status == ChatMemberStatus.KICKED)


async def _in_a_group(event: ChatMemberUpdated, turn: Turn) -> None:
    """A word of explanation, and out again: answers are nobody else's business."""
    if event.new_chat_member.status in (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR):
        if event.chat.type != ChatType.CHANNEL:
            turn.say("telegram.group")
        turn.put("LeaveChat")


async def _ignored(event: Message | CallbackQuery) -> None:
    return
