"""The addresses that customers and managers get. What answers there: `web/` and Telegram."""


def page_link(public_url: str, token: str) -> str:
    """The survey page of an invitation; `public_url` is [web] public_url, without a slash at its end."""
    return f"{public_url}/s/{token}"


def chat_link(bot_username: str, start: str) -> str:
    """Opens a chat with the bot, which is told `start` (1–64 of `[A-Za-z0-9_-]`): a survey's token, for one."""
    return f"https://t.me/{bot_username}?start={start}"


def sign_in_link(public_url: str, token: str) -> str:
    """A one-time link to the managers' page (`workflow.sign_in`)."""
    return f"{public_url}/rapport/in/{token}"
