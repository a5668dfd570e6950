"""The digest as one Telegram message: the chart, and under it the week in a few lines."""

import base64

from delivery.chart import chart_png
from delivery.page import Page
from delivery.paging import page
from models.counts import IsoWeek
from models.digest import Digest
from models.queues import Payload
from models.texts import Texts

CAPTION = 1024  #: characters under a photo: https://core.telegram.org/bots/api#sendphoto


def digest_telegram(digest: Digest, texts: Texts, chat_id: int, *, chart: bool, mailed: bool) -> Payload:
    """The payload of an outbox row of kind TELEGRAM. `mailed`: the whole digest goes to the same reader by mail."""
    said = page(digest, texts)
    closing = texts("digest.telegram.mailed") if mailed and not digest.nothing else ""
    words = caption(said, closing)
    if digest.nothing or not chart:
        return {"method": "SendMessage", "arguments": {"chat_id": chat_id, "text": words}}
    photo = {"filename": file_name(digest.week, "png"), "base64": base64.b64encode(chart_png(digest, texts)).decode()}
    return {"method": "SendPhoto", "arguments": {"chat_id": chat_id, "photo": photo, "caption": words}}


def caption(said: Page, closing: str) -> str:
    """Plain text that fits under a photo; findings beyond that are left out, last ones first."""
    top = [f"{said.name} · {said.week}, {said.days}", said.scope]
    if said.lines:
        return "\n".join([*top, "", *said.lines])
    questions = []
    for question in said.questions:
        shares = ", ".join(f"{bar.share} {bar.label}" for bar in question.bars)
        figures = f"{shares} (n = {question.n})" if shares else question.missing.rstrip(".").lower()
        questions.append(
            " ".join(f"{part}." for part in (f"{question.name}: {figures}", question.change_label) if part)
        )
    again = [said.recovery.short] if said.recovery else []
    for kept in range(len(said.points), -1, -1):
        points = [f"• {point.title}." for point in said.points[:kept]]
        if said.more_points and kept == len(said.points):
            points.append(said.more_points)
        blocks = [[*top, "", f"{said.headline}. {said.lead}", *points], questions, again, [closing]]
        text = "\n\n".join("\n".join(block) for block in blocks if any(block))
        if len(text) <= CAPTION:
            return text
    return text[: CAPTION - 1] + "…"


def file_name(week: IsoWeek, ending: str) -> str:
    """ "omdome-2026-W47.png", in every language."""
    return f"omdome-{week}.{ending}"
