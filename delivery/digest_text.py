"""The digest as plain text, 72 columns: the mail's text alternative, and what the terminal shows."""

import textwrap
from collections.abc import Iterable, Iterator

from delivery.page import AccountPart, GroupCellPart, GroupPart, Page, QuestionPart, VoicesPart
from delivery.paging import page
from models.digest import Digest
from models.texts import Texts
from survey.wording import unbroken

WIDTH = 72


def digest_text(digest: Digest, texts: Texts) -> str:
    """The whole digest, ending with a line break."""
    return text_of(page(digest, texts))


def text_of(page: Page) -> str:
    """A page as text. Shares are written "87 %" with an ordinary space, so that scripts can find them."""
    blocks = [_top(page)]
    if page.report:
        blocks.append(f"{page.report.label}:\n{page.report.address}")
    if page.lines:
        blocks += ["\n".join(_wrapped(page.lines)), *_all_voices(page)]
    else:
        blocks += _filled(page)
    if page.report:
        blocks.append("\n".join([f"{page.report.label}:", page.report.address, *_wrapped([page.report.note])]))
    blocks.append("\n".join(["-" * WIDTH, *_wrapped(page.footer)]))
    text = "\n\n".join(block for block in blocks if block) + "\n"
    return text.replace("\N{NO-BREAK SPACE}", " ")


def _top(page: Page) -> str:
    title = f"{page.name.upper()}  {page.organisation}"
    return "\n".join([title, f"{page.week}, {page.days}", *_wrapped([page.scope])])


def _filled(page: Page) -> Iterator[str]:
    opening = _wrapped([page.lead]) + [
        line for each in page.points for line in _wrapped([f"{each.title}. {each.numbers}"], "* ")
    ]
    opening += _wrapped([page.more_points])
    yield "\n".join([*_heading(page.headline), *opening])
    name_width = max((len(question.name) for question in page.questions), default=0) + 1
    for question in page.questions:
        yield "\n".join(_question(question, name_width))
    if page.groups:
        yield "\n".join([*_heading(page.groups_title), *_wrapped([page.groups_caption])])
    for group in page.groups:
        yield "\n".join(_group(group))
    if page.account:
        yield "\n".join(_account(page.account))
    if page.recovery:
        yield "\n".join([*_heading(page.recovery.title), *_wrapped(page.recovery.sentences)])
    yield from _all_voices(page)
    yield "\n".join(
        [*_heading(page.reading_title), *(line for each in page.reading for line in _wrapped([each], "* "))]
    )


def _all_voices(page: Page) -> Iterator[str]:
    if page.voices:
        yield "\n".join(_wrapped([page.private]))
    for voices in page.voices:
        yield _voices(voices)


def _question(question: QuestionPart, width: int) -> list[str]:
    """ "Bemötande      87 % bra   10 % ok    3 % dåligt   (n = 60)", and what to think of it."""
    name = question.name.ljust(width)
    if question.bars:
        shares = "  ".join(f"{bar.share:>5} {bar.label}" for bar in question.bars)
        first = f"{name}{shares}   (n = {question.n})"
    else:
        first = f"{name} {question.missing}"
    change = f"{question.change_label}: {question.change}" if question.change else ""
    return [first, *_wrapped([question.interval, change, question.target], "  ")]


def _group(group: GroupPart) -> list[str]:
    column = 16
    name_width = WIDTH - column * len(group.questions)
    lines = [
        group.title.ljust(name_width) + "".join(f" {name}"[: column - 1].ljust(column) for name in group.questions)
    ]
    for name, cells in group.rows:
        start, *rest = textwrap.wrap(name, name_width - 1) or [""]
        lines.append("  ".rstrip() + start.ljust(name_width) + "".join(_cell(cell).ljust(column) for cell in cells))
        lines += [f"  {line}" for line in rest]
        if any(cell.mark for cell in cells):
            lines.append(" " * name_width + "".join(f" {cell.mark}".ljust(column) for cell in cells))
    return [line.rstrip() for line in lines]


def _cell(cell: GroupCellPart) -> str:
    return f"{cell.share:>5} ({cell.n})" if cell.share else f" {cell.missing}"


def _account(account: AccountPart) -> list[str]:
    lines = [*_heading(account.title), *_wrapped([account.sentence])]
    if account.steps:
        width = max(len(step.label) for step in account.steps) + 2
        steps = [f"  {step.label.ljust(width)}{step.number:>7}   {step.share}".rstrip() for step in account.steps]
        lines += ["", *steps, ""]
    return lines + _wrapped(account.details)


def _voices(part: VoicesPart) -> str:
    lines = [*_heading(part.title), *_wrapped([part.lead])]
    for voice in part.voices:
        ratings = ", ".join(f"{question.lower()} {label}" for question, label, _ in voice.ratings)
        lines += ["", *_wrapped([voice.heading], "* "), *_wrapped([ratings, voice.reason, *voice.quotes], "  ")]
    if part.more:
        lines += ["", part.more]
    return "\n".join(lines)


def _heading(title: str) -> list[str]:
    lines = textwrap.wrap(title, WIDTH)
    return [*lines, "=" * max(map(len, lines), default=0)]


def _wrapped(sentences: Iterable[str], start: str = "") -> list[str]:
    """Each sentence on lines of its own, `start` ("* ", "  ") before it, following lines indented as much."""
    lines: list[str] = []
    indent = " " * len(start)
    for sentence in filter(None, sentences):
        glued = unbroken(sentence)
        wrapped = textwrap.wrap(glued, WIDTH, initial_indent=start, subsequent_indent=indent, break_on_hyphens=False)
        lines += [line.replace("\N{NO-BREAK SPACE}", " ") for line in wrapped]
    return lines
