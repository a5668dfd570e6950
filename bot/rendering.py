"""What the conversation's effects look like in a chat: texts and buttons, with no Telegram in them.

Everything is plain text (no parse mode), so a subject such as "<Gata & park>" needs no escaping anywhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from models.conversation import (
    Ask,
    AskComment,
    AskPermission,
    AskReason,
    Confirm,
    Confirmed,
    Effect,
    Event,
    PermissionGiven,
    Rated,
    ReasonChosen,
    Remind,
    Reprompt,
    Say,
    Skipped,
    Stage,
)
from models.rating import Rating
from models.texts import Texts


@dataclass(frozen=True, slots=True)
class Button:
    """`event` is what a tap on it means."""

    label: str
    event: Event
    chosen: bool = False


Keyboard = tuple[tuple[Button, ...], ...]  #: rows of buttons, from the top


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message. `question` is set where the keyboard is that question's, so that the choice can be marked on it."""

    text: str
    buttons: Keyboard = ()
    question: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatContext:
    """What the texts need to know of the case and the organisation; "" or None for what isn't known."""

    organisation: str
    questions: int  #: how many there are
    subject: str = ""
    closed_on: date | None = None  #: local date
    contact: str = ""  #: how the organisation is reached: "0911-12 34 56, kund@example.se"
    privacy_url: str = ""
    recheck: bool = False  #: asked again, after the fix, about what was rated dåligt


_GREETINGS = ("welcome", "welcome_again")


def render(effects: Iterable[Effect], texts: Texts, context: ChatContext) -> list[Outgoing]:
    """The messages to send, in order; effects that only store something say nothing.

    A plain remark goes in the same message as the prompt after it (one notification); a greeting stands alone, so
    that the question below it is easy to see.
    """
    messages: list[Outgoing] = []
    lead = ""
    for effect in effects:
        if isinstance(effect, Say | Remind):
            text = _said(effect, texts, context)
            if isinstance(effect, Say) and effect.key in _GREETINGS:
                messages.append(Outgoing(text))
            else:
                lead = f"{lead}\n\n{text}" if lead else text
            continue
        prompt = _prompt(effect, texts, context)
        if prompt:
            messages.append(replace(prompt, text=f"{lead}\n\n{prompt.text}") if lead else prompt)
            lead = ""
    if lead:
        messages.append(Outgoing(lead))
    return messages


def render_choice(question: str, rating: Rating | None, texts: Texts) -> Keyboard:
    """A question's keyboard, with `rating` marked. Once answered there is nothing to skip."""
    rows = [(_chosen(_rating_label(value, texts), Rated(question, value), value is rating, texts),) for value in Rating]
    if rating is None:
        rows.append((Button(texts("chat.skip"), Skipped(question)),))
    return tuple(rows)


def render_reason_choice(question: str, codes: Iterable[str], code: str, texts: Texts) -> Keyboard:
    """The reasons' keyboard, with `code` marked ("" for none yet)."""
    rows = [
        (_chosen(texts(f"questions.reasons.{each}"), ReasonChosen(question, each), each == code, texts),)
        for each in codes
    ]
    if not code:
        rows.append((Button(texts("chat.skip"), Skipped(question, Stage.REASON)),))
    return tuple(rows)


def _chosen(label: str, event: Event, chosen: bool, texts: Texts) -> Button:
    return Button(texts("chat.chosen", label=label) if chosen else label, event, chosen)


def _rating_label(rating: Rating, texts: Texts) -> str:
    return texts(f"chat.ratings.{rating.name.lower()}")


def _prompt(effect: Effect, texts: Texts, context: ChatContext) -> Outgoing | None:
    match effect:
        case Ask(question, number, total):
            asked = texts(f"questions.{question}.ask")
            text = texts("chat.ask", number=number, total=total, question=asked) if total > 1 else asked
            return Outgoing(text, render_choice(question, None, texts), question)
        case Reprompt(question):
            return Outgoing(_reprompt(effect, texts, context), render_choice(question, None, texts), question)
        case Confirm(question, rating):
            return _confirmation(question, rating, texts)
        case AskReason(question, codes):
            return Outgoing(texts("chat.ask_reason"), render_reason_choice(question, codes, "", texts))
        case AskComment():
            return Outgoing(
                texts("chat.ask_comment"), ((Button(texts("chat.no_comment"), Skipped(stage=Stage.COMMENT)),),)
            )
        case AskPermission():
            yes = Button(texts("chat.permission_yes"), PermissionGiven(True))
            return Outgoing(
                texts("chat.ask_permission"), ((yes,), (Button(texts("chat.permission_no"), PermissionGiven(False)),))
            )
    return None


def _confirmation(question: str, rating: Rating, texts: Texts) -> Outgoing:
    """ "Yes" is the rating itself, so that a stale or doubled tap can mean nothing else."""
    label = texts(f"questions.ratings.{rating.name.lower()}")
    yes = Button(texts("chat.confirm_yes", rating=label.lower()), Rated(question, rating))
    return Outgoing(
        texts("chat.confirm", rating=label), ((yes,), (Button(texts("chat.confirm_no"), Confirmed(False)),))
    )


def _reprompt(effect: Reprompt, texts: Texts, context: ChatContext) -> str:
    key = {1: effect.unclear.value, 2: "second"}.get(effect.attempt, "last")
    about = texts(f"questions.{effect.question}.about")
    return texts(f"chat.reprompt.{key}", about=about, reach=_reach(texts, context))


def _said(effect: Say | Remind, texts: Texts, context: ChatContext) -> str:
    key = effect.key if isinstance(effect, Say) else "remind"
    if context.recheck and key in _GREETINGS:
        key = "welcome_recheck"
    return texts(
        f"chat.{key}",
        organisation=context.organisation,
        questions=texts(f"chat.counts.{context.questions}"),
        case=_case(texts, context, key == "welcome"),
        reach=_reach(texts, context),
        privacy=texts("chat.privacy", privacy_url=context.privacy_url) if context.privacy_url else "",
    ).strip()


def _case(texts: Texts, context: ChatContext, closed: bool) -> str:
    """What the customer knows the case by: its subject, and when it was closed."""
    day = context.closed_on if closed else None
    key = "chat.case" + ("_closed" if day else "") + ("_subject" if context.subject else "")
    date_text = texts("chat.date", day=day.day, month=texts(f"chat.months.{day.month}")) if day else ""
    return texts(key, subject=context.subject, date=date_text)


def _reach(texts: Texts, context: ChatContext) -> str:
    if not context.contact:
        return context.organisation
    return texts("chat.reach", organisation=context.organisation, contact=context.contact)
