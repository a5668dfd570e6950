"""Golden conversations: what a customer does, what comes of it, and what the chat then shows, as readable TOML.

    [[turn]]
    customer = "inte så bra"            # words; or  tap = "bra", edit = "…", happens = "opened"
    effects = ["answer bemotande dåligt", "ask reason bemotande"]
    voice = ["reason.full", …]          # prompts of the phone, in the conversations that it is told of
    chat = ["Vad gick fel? …"]          # likewise what the chat shows
    web = "Vad gick fel? …"             # and the page, as somebody sees it who loads it then

`play` holds the conversation anew; the tests compare it with the file, and `omdome chat` writes such files.
"""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from bot.rendering import ChatContext, Outgoing, render
from models.conversation import (
    Accepted,
    Confirmed,
    Declined,
    Effect,
    Event,
    FollowUp,
    HungUp,
    Offered,
    OptedOut,
    PermissionGiven,
    Rated,
    ReasonChosen,
    Reminded,
    Script,
    Session,
    Skipped,
    Stage,
    TimedOut,
)
from models.rating import Rating
from models.texts import Texts
from omdome.golden_effects import described
from omdome.golden_web import shown_pages
from survey.conversation import advance, dump, load, start
from survey.lexicon import Lexicon
from voice.rendering import render as prompts_of
from web.survey_view import PageContext
from workflow.converse import corrected, understood

HAPPENINGS: dict[str, Event] = {
    "opened": Accepted(),
    "offered": Offered(),
    "reminder": Reminded(),
    "deadline": TimedOut(),
    "hung up": HungUp(),
    "declined": Declined(),  #: a no to this survey alone
    "refused": OptedOut(),  #: by a button or a command, not in words
}


class GoldenError(ValueError):
    """A golden conversation that can't be read. The message says where and what would be right."""


@dataclass(frozen=True, slots=True)
class Turn:
    """`kind` is customer, tap, edit or happens; `on` names the question of a tap or an edit, "" for the current one.

    A skip left behind by an earlier prompt says which: "comment", "reason/leverans".
    """

    kind: str
    value: str
    on: str = ""
    effects: tuple[str, ...] = ()
    chat: tuple[str, ...] | None = None  #: None: not told, not compared
    voice: tuple[str, ...] | None = None  #: likewise
    web: str | None = None  #: likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    title: str
    language: str = "sv"
    questions: tuple[str, ...] = ("bemotande", "tillganglighet", "leverans")
    reasons: tuple[str, ...] = ("ingen_aterkoppling", "inte_atgardat", "svart_att_na", "bemotandet", "annat")
    follow_up: FollowUp = FollowUp.FIRST
    permission: bool = False
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Voice:
    """What a conversation is understood and rendered with."""

    lexicon: Lexicon
    texts: Texts
    organisation: str = "Exempelkommunen"
    subject: str = "Potthål på Storgatan"
    closed_on: date = field(default_factory=lambda: date(2026, 11, 3))
    contact: str = "kontakt@example.se"
    privacy_url: str = "https://www.example.se/personuppgifter"

    def context(self, questions: int) -> ChatContext:
        return ChatContext(
            organisation=self.organisation,
            questions=questions,
            subject=self.subject,
            closed_on=self.closed_on,
            contact=self.contact,
            privacy_url=self.privacy_url,
        )

    def page_context(self, reasons: tuple[str, ...]) -> PageContext:
        return PageContext(
            organisation=self.organisation,
            reasons=reasons,
            subject=self.subject,
            closed_on=self.closed_on,
            until=datetime(2026, 11, 19, 12, tzinfo=UTC),
            contact=self.contact,
        )


@dataclass(frozen=True, slots=True)
class Played:
    """One turn, held anew."""

    turn: Turn  #: with what really came of it
    event: Event
    session: Session  #: after it
    effects: tuple[Effect, ...]
    messages: tuple[Outgoing, ...]


def play(golden: Golden, voice: Voice) -> list[Played]:
    """Hold the conversation, its session stored and loaded again between every two steps."""
    session, played = start(golden.questions, golden.permission), []
    for turn in golden.turns:
        one = play_turn(session, turn, golden, voice)
        session = load(json.loads(json.dumps(dump(one.session))))
        played.append(one)
    context = voice.page_context(golden.reasons)
    pages = shown_pages(((each.event, each.session, each.effects) for each in played), voice.texts, context)
    return [replace(each, turn=replace(each.turn, web=page)) for each, page in zip(played, pages, strict=True)]


def play_turn(session: Session, turn: Turn, golden: Golden, voice: Voice) -> Played:
    event = event_of(turn, session, voice.lexicon)
    step = advance(session, event, Script(reasons=golden.reasons, follow_up=golden.follow_up))
    messages = tuple(render(step.effects, voice.texts, voice.context(len(golden.questions))))
    happened = replace(
        turn,
        effects=tuple(map(described, step.effects)),
        chat=tuple(map(shown, messages)),
        voice=prompts_of(step.effects, transcribes=True),
    )
    return Played(happened, event, step.session, step.effects, messages)


def event_of(turn: Turn, session: Session, lexicon: Lexicon) -> Event:
    """What the turn is to the state machine; GoldenError if it is nothing."""
    question = turn.on or session.current or ""
    match turn.kind:
        case "customer":
            return understood(turn.value, lexicon)
        case "edit":
            return corrected(question, turn.value, lexicon)
        case "happens" if turn.value in HAPPENINGS:
            return HAPPENINGS[turn.value]
        case "tap":
            return _tapped(turn, session, question)
    raise GoldenError(f"nothing {turn.kind} {turn.value!r}; happens is one of {', '.join(HAPPENINGS)}")


def _tapped(turn: Turn, session: Session, question: str) -> Event:
    yes = {"yes": True, "no": False}.get(turn.value)
    if turn.value in set(Rating):
        return Rated(question, Rating(turn.value))
    if turn.value == "skip":
        prompt, _, about = turn.on.partition("/")
        if prompt in set(Stage):
            return Skipped(about or None, Stage(prompt))
        if not turn.on and session.stage in (Stage.REASON, Stage.COMMENT):
            return Skipped(session.current, session.stage)
        return Skipped(question)
    if yes is None:
        return ReasonChosen(question, turn.value)
    if session.stage is not Stage.CONFIRM or turn.on == Stage.PERMISSION:
        return PermissionGiven(yes)
    return Rated(question, session.pending) if yes and session.pending else Confirmed(yes)


def turn_of(event: Event, session: Session) -> Turn:
    """The tap that means `event`, for writing one down."""
    match event:
        case Rated(question, rating):
            return Turn("tap", rating.value, "" if question == session.current else question)
        case Skipped(question, None):
            return Turn("tap", "skip", "" if question == session.current else question or "")
        case Skipped(question, stage) if stage is not None:
            here = stage is session.stage and question == session.current
            return Turn("tap", "skip", "" if here else "/".join(filter(None, (stage.value, question))))
        case ReasonChosen(question, code):
            return Turn("tap", code, "" if question == session.current else question)
        case Confirmed(yes) | PermissionGiven(yes):
            return Turn("tap", "yes" if yes else "no")
    raise GoldenError(f"no tap means {event}")


def shown(message: Outgoing) -> str:
    """A message as the golden files have it: the text, and its buttons in brackets below."""
    buttons = " ".join(f"[{button.label}]" for row in message.buttons for button in row)
    return f"{message.text}\n{buttons}" if buttons else message.text


def parse_golden(text: str) -> Golden:
    """Read a golden conversation; GoldenError or a TOML error says what is wrong."""
    table = tomllib.loads(text)
    turns = tuple(_turn(turn, number) for number, turn in enumerate(table.pop("turn", ()), 1))
    for key, read in (("questions", tuple), ("reasons", tuple), ("follow_up", FollowUp)):
        if key in table:
            table[key] = read(table[key])
    try:
        return Golden(**table, turns=turns)
    except TypeError as error:
        raise GoldenError(f"title is required, other keys are known ones: {error}") from error


def _turn(table: dict[str, Any], number: int) -> Turn:
    kinds = [kind for kind in ("customer", "tap", "edit", "happens") if kind in table]
    if len(kinds) != 1 or set(table) - {*kinds, "on", "effects", "voice", "chat", "web"}:
        raise GoldenError(
            f"turn {number}: give one of customer, tap, edit, happens; then on, effects, voice, chat, web at most"
        )
    chat, voice = (tuple(table[told]) if told in table else None for told in ("chat", "voice"))
    return Turn(
        kinds[0], table[kinds[0]], table.get("on", ""), tuple(table.get("effects", ())), chat, voice, table.get("web")
    )


def format_golden(golden: Golden) -> str:
    """The conversation as TOML that `parse_golden` reads; settings at their defaults are left out."""
    usual = Golden(title="")
    head = [f"title = {_quoted(golden.title)}"]
    for name in ("language", "questions", "reasons", "follow_up", "permission"):
        value = getattr(golden, name)
        if value != getattr(usual, name):
            head.append(f"{name} = {_listed(value) if isinstance(value, tuple) else json.dumps(value)}")
    return "\n\n".join(["\n".join(head), *map(_formatted, golden.turns)]) + "\n"


def _formatted(turn: Turn) -> str:
    lines = ["[[turn]]", f"{turn.kind} = {_quoted(turn.value)}"]
    if turn.on:
        lines.append(f"on = {_quoted(turn.on)}")
    lines.append(f"effects = {_listed(turn.effects)}")
    if turn.voice is not None:
        lines.append(f"voice = {_listed(turn.voice)}")
    if turn.chat is not None:
        blocks = [_block(message) for message in turn.chat]
        lines.append(f"chat = [{', '.join(blocks)}]" if len(blocks) < 2 else "chat = [\n" + ",\n".join(blocks) + ",\n]")
    if turn.web is not None:
        lines.append(f"web = {_block(turn.web)}")
    return "\n".join(lines)


def _listed(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, values))}]"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _block(text: str) -> str:
    """A text of several lines as people would write it, where TOML allows."""
    if "\n" not in text or any(ord(letter) < 32 and letter != "\n" for letter in text):
        return _quoted(text)
    safe = text.replace("\\", "\\\\").replace('"""', '""\\"')
    return f'"""\n{safe}"""' if not safe.endswith('"') else _quoted(text)
