"""What the survey's page shows after a turn of a golden conversation, as the files have it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from models.conversation import Effect, Event, RecordOptOut, Session, Stage, TimedOut
from models.texts import Texts
from web.survey_closed import render_closed
from web.survey_rendering import render, said_keys
from web.survey_view import Form, PageContext, View


def shown_pages(
    steps: Iterable[tuple[Event, Session, Sequence[Effect]]], texts: Texts, context: PageContext
) -> Iterable[str]:
    """One page for each step: what somebody sees who loads it then, after what was just said."""
    refused = expired = False
    for event, session, effects in steps:
        refused |= any(isinstance(effect, RecordOptOut) for effect in effects)
        expired |= isinstance(event, TimedOut)
        if session.stage is Stage.CLOSED:
            yield shown_page(render_closed(session, texts, context, refused=refused, expired=expired))
        else:
            yield shown_page(render(session, said_keys(effects), texts, context))


def shown_page(view: View) -> str:
    """A page as text: what is said, what is asked, its buttons in brackets, and its field as [field: …]."""
    progress = [f"{view.step}/{view.steps}"] if view.step else []
    lines = [*(f"({notice.text})" for notice in view.said), *view.about_case, *progress, view.heading, *view.lead]
    lines += filter(None, (_form(form) for form in view.forms))
    lines += (f"{line.name}: {line.answer}" + (" [→]" if line.place else "") for line in view.summary)
    if view.extra is not None:
        lines.append(_form(replace(view.extra, or_else=view.extra_heading)))
    lines += (f"[{way.label}]" for way in view.ways)
    return "\n".join(lines)


def _form(form: Form) -> str:
    choices = [form.primary, *form.choices] if form.primary else [*form.choices]
    parts = [f"{form.or_else}"] if form.or_else else []
    parts += [f"[{'✓ ' if choice.chosen else ''}{choice.label}]" for choice in choices]
    if form.words:
        parts += [f"[{form.words.label}: …]", f"[{form.words.send}]"]
    if form.skip:
        parts.append(f"[{form.skip.label}]")
    return " ".join(parts)
