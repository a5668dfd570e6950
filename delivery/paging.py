"""From the digest's figures to the page of finished sentences."""

from dataclasses import replace
from itertools import accumulate, pairwise

from delivery import sentences
from delivery.page import (
    AccountPart,
    AccountStep,
    Bar,
    GroupCellPart,
    GroupPart,
    Page,
    Point,
    QuestionPart,
    RecoveryPart,
    VoicePart,
    VoicesPart,
)
from models.case import CustomerType
from models.digest import (
    Account,
    Cell,
    Digest,
    Dimension,
    Direction,
    Figures,
    GroupCell,
    GroupTable,
    Hidden,
    QuestionFigures,
    Voice,
    Why,
)
from models.rating import Rating
from models.texts import Texts
from survey.wording import Phrases, capital

POINTS = 5  #: things to see first
ROWS = 12  #: of groups, in all tables together; more of them get no bars, which are most of a mail's bytes
VOICES = 15  #: cases in one list of a mail; all of them are in the attached file
QUOTE = 300  #: characters of a comment in a mail; the file has them all
COLUMNS = 3  #: questions side by side in a group table; more go into a further table


def page(digest: Digest, texts: Texts, unsubscribe_mail: str = "", voices: int = VOICES) -> Page:
    """The whole page, in the language of `texts`. `unsubscribe_mail`: who takes recipients off the list, if anybody.

    `voices`: how many cases a list shows.
    """
    say = Phrases(texts)
    scope = sentences.scope(digest, say)
    footer = [say("footer.made", organisation=digest.organisation)]
    if unsubscribe_mail:
        footer.append(say("footer.unsubscribe", mail=unsubscribe_mail))
    empty = Page(
        language=texts.language,
        subject=sentences.subject(digest, say),
        name=say("name"),
        organisation=digest.organisation,
        week=say("week", week=digest.week.week),
        days=say.days(digest.week),
        scope=scope,
        stamp=" · ".join([digest.organisation, *([say("preliminary_short")] if digest.preliminary else []), scope]),
        headline=sentences.headline(digest, say),
        lead="" if digest.nothing else sentences.lead(digest, say),
        footer=tuple(footer),
    )
    empty = replace(empty, voices=_voices(digest, say, voices), private=say("voices.private"))
    return _nothing(empty, digest, say) if digest.nothing else _filled(empty, digest, say)


def _nothing(empty: Page, digest: Digest, say: Phrases) -> Page:
    """Three lines; and what single customers wrote or changed, which belongs to nobody's figures."""
    kind = "words" if digest.voices else "yet" if digest.preliminary else "answers"
    answers = say(f"nothing.{kind}", week=empty.week.lower(), days=empty.days)
    lines = (answers, sentences.account(digest.account, say), say("nothing.next"))
    return replace(empty, lines=lines)


def _filled(empty: Page, digest: Digest, say: Phrases) -> Page:
    points = tuple(Point(each.kind, *sentences.point(each, digest, say)) for each in digest.highlights[:POINTS])
    more = len(digest.highlights) - POINTS
    rows = sum(len(row.cells) for table in digest.groups for row in table.rows) / COLUMNS
    return replace(
        empty,
        points=points,
        more_points=say("point.more", number=more) if more > 0 else "",
        questions=tuple(_question(each, digest, say) for each in digest.questions),
        groups_title=say("groups.title"),
        groups_caption=say("groups.caption", weeks=digest.recent_weeks),
        groups=tuple(part for table in digest.groups for part in _group(table, rows > ROWS, say)),
        account=_account(digest.account, say),
        recovery=_recovery(digest, say),
        reading_title=say("reading.title"),
        reading=_reading(digest, say),
    )


def _recovery(digest: Digest, say: Phrases) -> RecoveryPart | None:
    if digest.recovered is None:
        return None
    said = sentences.recovery(digest.recovered, digest.recent_weeks, say)
    return RecoveryPart(say("recovered.title"), said, sentences.recovery_in_short(digest.recovered, say))


def bars(cell: Cell, say: Phrases) -> tuple[Bar, ...]:
    """The parts of a bar, bra first, their widths made to sum to 100; () without figures."""
    if not isinstance(cell, Figures):
        return ()
    edges = list(accumulate((cell.count(rating) for rating in Rating), initial=0))
    widths = [round(100 * high / cell.n) - round(100 * low / cell.n) for low, high in pairwise(edges)]
    return tuple(
        Bar(rating.value, say.rating(rating), cell.percent(rating), width, say.percent(cell.percent(rating)))
        for rating, width in zip(Rating, widths, strict=True)
    )


def _question(question: QuestionFigures, digest: Digest, say: Phrases) -> QuestionPart:
    cell = question.week
    # a week that isn't over and has too few answers says so by itself
    unsaid = digest.preliminary and isinstance(cell, Hidden) and question.change.direction is Direction.CANNOT_SAY
    return QuestionPart(
        name=say.question(question.question),
        bars=bars(cell, say),
        n=say.number(cell.n) if isinstance(cell, Figures) else "",
        missing=sentences.hidden(cell, say, whole_question=True),
        interval=sentences.interval(cell, say) if isinstance(cell, Figures) else "",
        direction=question.change.direction,
        change_label="" if unsaid else sentences.change_label(question.change, say),
        change="" if unsaid else sentences.change(question.change, digest, say),
        target=sentences.target(question, say),
    )


def _group(table: GroupTable, dense: bool, say: Phrases) -> list[GroupPart]:
    """One part for every COLUMNS questions."""
    if not table.rows:
        return []
    width = len(table.rows[0].cells)
    return [
        GroupPart(
            title=say(f"dimension.{table.dimension.value}"),
            questions=tuple(say.question(cell.question) for cell in table.rows[0].cells[start : start + COLUMNS]),
            rows=tuple(
                (
                    _name(row.name, table.dimension, say),
                    tuple(_cell(cell, say) for cell in row.cells[start : start + COLUMNS]),
                )
                for row in table.rows
            ),
            dense=dense,
        )
        for start in range(0, width, COLUMNS)
    ]


def _name(name: str, dimension: Dimension, say: Phrases) -> str:
    """Units and departments as they write themselves."""
    own = dimension in (Dimension.UNIT, Dimension.DEPARTMENT)
    return say.group(name) if own else capital(say.group(name))


def _cell(cell: GroupCell, say: Phrases) -> GroupCellPart:
    figures = cell.recent if isinstance(cell.recent, Figures) else None
    return GroupCellPart(
        bars=bars(cell.recent, say),
        share=say("groups.share", percent=figures.percent(Rating.BRA)) if figures else "",
        n=say("groups.n", n=say.number(figures.n)) if figures else "",
        missing=sentences.hidden(cell.recent, say),
        direction=cell.change.direction,
        mark=sentences.change_mark(cell.change, say),
    )


def _account(account: Account, say: Phrases) -> AccountPart:
    title, sentence = say("account.title"), sentences.account(account, say)
    if not account.closed:
        return AccountPart(title, sentence, (), ())

    def step(name: str, value: int, of: str, whole: int) -> AccountStep:
        share = say(f"account.{of}", percent=round(100 * value / whole)) if of and whole else ""
        return AccountStep(say(f"account.{name}"), say.number(value), share, round(100 * value / account.closed))

    steps = (
        step("closed", account.closed, "", 0),
        step("asked", account.asked, "of_closed", account.closed),
        step("reached", account.reached, "of_asked", account.asked),
        step("answered", account.answered, "of_asked", account.asked),
    )
    details = []
    if account.channels:
        items = [_item(say(f"channel.{channel.value}"), count, say) for channel, count in account.channels]
        details.append(say("account.channels", channels=", ".join(items)))
    if account.not_asked:
        items = [_item(say(f"not_asked.{reason.value}"), count, say) for reason, count in account.not_asked]
        total = say.number(sum(count for _, count in account.not_asked))
        details.append(say("account.not_asked", number=total, reasons=", ".join(items)))
    return AccountPart(title, sentence, steps, (*details, say("account.note")))


def _item(what: str, number: int, say: Phrases) -> str:
    return say("account.item", what=what, number=say.number(number))


def _voices(digest: Digest, say: Phrases, most: int) -> tuple[VoicesPart, ...]:
    """The lists that the digest carries; a general copy carries none."""
    if not digest.identified:
        return ()
    found = []
    for kind, voices in (("follow_ups", digest.follow_ups), ("praise", digest.praise), ("comments", digest.comments)):
        if voices:
            opening = say("voices.follow_ups_lead") if kind == "follow_ups" else ""
            title = f"{say(f'voices.{kind}')} ({len(voices)})"
            shown = tuple(_voice(voice, say) for voice in voices[:most])
            more = say("voices.more", number=len(voices) - most) if len(voices) > most else ""
            if not more and any(len(comment) > QUOTE for voice in voices for comment in voice.comments):
                more = say("voices.attached")
            found.append(VoicesPart(kind, title, opening, shown, more))
    return tuple(found)


def _voice(voice: Voice, say: Phrases) -> VoicePart:
    reasons = [say.reason(code, words) for _, code, words in voice.reasons]
    return VoicePart(
        heading=" · ".join(
            part for part in (voice.subject or say("voices.untitled"), voice.unit, voice.case_id) if part
        ),
        ratings=tuple(
            (say.question(question), say.rating(rating), rating.value if rating else "skipped")
            for question, rating in voice.ratings
        ),
        reason=say("voices.reason", reasons=", ".join(reasons)) if reasons else "",
        quotes=tuple(say("voices.quote", words=_shortened(comment)) for comment in voice.comments),
        number=voice.invitation_id if voice.poor else 0,
    )


def _shortened(comment: str) -> str:
    return comment if len(comment) <= QUOTE else comment[:QUOTE].rsplit(maxsplit=1)[0] + " …"


def _reading(digest: Digest, say: Phrases) -> tuple[str, ...]:
    """How to read the figures; about protection only where something is protected."""
    cells = [("", question.week) for question in digest.questions]
    cells += [("", question.change.recent) for question in digest.questions]
    cells += [(row.name, cell.recent) for table in digest.groups for row in table.rows for cell in row.cells]
    lines = []
    if any(isinstance(cell, Figures) for _, cell in cells):
        lines += [say("reading.n"), say("reading.interval")]
        lines.append(say("reading.change", weeks=digest.recent_weeks, base_weeks=digest.base_weeks))
    least: dict[int, str] = {}
    for name, cell in cells:
        if isinstance(cell, Hidden) and cell.why is Why.PROTECTED:
            key = "minimum_foretag" if name == CustomerType.FORETAG else "minimum"
            least.setdefault(cell.minimum, say(f"reading.{key}", number=cell.minimum))
    if least:
        lines.append(say("reading.protected", minimum=", ".join(least.values())))
    return tuple(lines)
