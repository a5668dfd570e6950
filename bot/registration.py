"""Case handlers who want to hear of their own cases in a chat: a personal link binds their mail address to it."""

import json
import secrets
from datetime import datetime, timedelta

from bot.turn import Turn
from survey.links import chat_link
from workflow.ports import Transaction

HANDLER_PREFIX = "h_"
_VALID_FOR = timedelta(days=30)


async def handler_link(tx: Transaction, mail: str, username: str, now: datetime) -> str:
    """A link that registers whoever opens it first, within 30 days, as the handler with this mail address.

    `username` is the bot's. Give it to nobody but the handler: the chat will be told of that handler's cases.
    """
    token = HANDLER_PREFIX + secrets.token_urlsafe(16)
    await tx.set_fact(_fact(token), json.dumps({"mail": mail.lower(), "until": (now + _VALID_FOR).isoformat()}), now)
    return chat_link(username, token)


async def register(turn: Turn, token: str) -> None:
    """Bind the handler's address to this chat. The same chat may open its link again; another can't."""
    kept = await turn.tx.fact(_fact(token))
    link = json.loads(kept) if kept else {}
    chat_id = turn.chat.chat_id
    fits = link.get("chat") == chat_id or ("chat" not in link and link and _is_valid(link["until"], turn.now))
    if not fits:
        turn.say("telegram.handler_unknown")
        return
    await turn.tx.register_handler(link["mail"], chat_id, turn.now)
    await turn.tx.set_fact(_fact(token), json.dumps({**link, "chat": chat_id}), turn.now)
    turn.say("telegram.handler_registered")


def _fact(token: str) -> str:
    return f"handler_link:{token}"


def _is_valid(until: str, now: datetime) -> bool:
    return now <= datetime.fromisoformat(until)
