"""Remakes docs/images/chat.png: a chat held with the real bot, drawn as a telephone shows it.

`.venv/bin/python tools/chat_picture.py` (needs Chromium, see tools/screenshots.py)
"""

import asyncio
import html
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

PROJECT = Path(__file__).parent.parent
sys.path.insert(0, str(PROJECT))

from models.case import ClosedCase  # noqa: E402 - the checkout's rooms, found by the line above
from omdome.config import load_config  # noqa: E402
from omdome.credentials import read_credentials  # noqa: E402
from omdome.deciding import decide_now  # noqa: E402
from omdome.demo.clock import SimulatedClock  # noqa: E402
from omdome.demo.norrkoping import bot_service  # noqa: E402
from omdome.demo.telegram import FakeTelegram, Line  # noqa: E402
from omdome.wiring import open_application  # noqa: E402
from tools.screenshots import IMAGES, screenshot  # noqa: E402

CHAT = 7
NOW = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)
CASE = ClosedCase(
    case_id="A-1",
    closed_at=datetime(2026, 11, 16, 13, 0, tzinfo=UTC),
    unit="Gata Trafik",
    subject="Trasig gatubelysning",
    mail="kund@example.net",
)
#: What the customer says; "[…]" is a tap.
SAYS = ("[Bra]", "sådär", "inte så bra", "[Inte åtgärdat]", "Två lampor lyser, men den vid trappan är lika trasig.")

STYLE = """
body{margin:0;background:#dfe7ec;font:15px/1.4 'Open Sans','DejaVu Sans','Noto Color Emoji',sans-serif;color:#10201f}
main{max-width:400px;margin:0 auto;padding:14px 12px 18px}
p{margin:0;white-space:pre-line}
.bot,.customer{padding:8px 12px;border-radius:14px;margin:8px 0 0;max-width:86%;width:fit-content}
.bot{background:#fff;border-bottom-left-radius:4px}
.customer{background:#d3f2c8;margin-left:auto;border-bottom-right-radius:4px}
.keys{display:flex;gap:4px;margin-top:4px;max-width:92%}
.keys span{flex:1;text-align:center;background:#0b4f4a;color:#fff;border-radius:8px;padding:6px;
font-size:13px}
"""


async def held() -> list[Line]:
    """The chat, held with the real bot over the emulator."""
    config = load_config(PROJECT / "config.toml")
    organisation = config.organisation.model_copy(update={"name": "Exempelkommunen", "languages": ("sv",)})
    with tempfile.TemporaryDirectory() as folder:
        storage = config.storage.model_copy(update={"url": f"sqlite:///{folder}/chat.db"})
        config = config.model_copy(update={"organisation": organisation, "storage": storage})
        clock = SimulatedClock(NOW)
        async with open_application(config, read_credentials({}), clock) as app, FakeTelegram().running() as telegram:
            async with app.store.step() as tx:
                await tx.put_cases([CASE], NOW)
            await decide_now(app, NOW)
            async with app.store.look() as tx:
                ((invitation, _),) = await tx.unopened_invitations(NOW)
            service = bot_service(app, clock, telegram)
            for words in (f"/start {invitation.token}", *SAYS):
                if words.startswith("["):
                    await telegram.tap(CHAT, telegram.last(CHAT), words.strip("[]"), NOW)
                else:
                    await telegram.say(CHAT, words, NOW)
                await service.drain()
            await service.close()
            return telegram.transcripts[CHAT][1:]  # nobody sees the /start of a link


def drawn(lines: list[Line]) -> str:
    """The chat as a page. A tap shows as it does in Telegram: marked on its button, and nowhere else."""
    parts = []
    for line in lines:
        if line.who == "customer" and line.text.startswith("["):
            continue
        parts.append(f'<div class="{line.who}"><p>{html.escape(line.text)}</p></div>')
        for row in line.rows:
            keys = "".join(f"<span>{html.escape(label)}</span>" for label in row)
            parts.append(f'<div class="keys">{keys}</div>')
    return f'<!DOCTYPE html><html lang="sv"><meta charset="utf-8"><style>{STYLE}</style><main>{"".join(parts)}</main>'


if __name__ == "__main__":
    screenshot(drawn(asyncio.run(held())), IMAGES / "chat.png", 424, 1530, dark=False)
