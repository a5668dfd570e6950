"""One recipient's digest, from what is stored now."""

from collections.abc import Sequence

from models.counts import IsoWeek
from models.digest import Digest, Recipient
from models.texts import Texts
from omdome.config import Config
from omdome.lexicons import load_lexicon
from omdome.policies import digest_of, languages_of
from omdome.wiring import Application
from survey.digest_times import week_span
from survey.lexicon import Lexicon
from survey.redaction import Markers
from survey.scope import unknown_units
from survey.tallies import weeks_looked_at
from workflow.digests import copy_for, digest_figures


async def figures(app: Application, week: IsoWeek, recipient: Recipient, texts: Texts) -> Digest:
    """The figures that `recipient` may see of `week`, finished or not; `texts` are those of their language."""
    async with app.store.look() as tx:
        return await digest_figures(
            tx,
            copy_for(recipient, markers_of(texts), lexicons_of(app.config) if recipient.identified else ()),
            digest_of(app.config),
            week,
            app.config.organisation.timezone,
            app.clock.now(),
        )


async def unheard_of(app: Application, units: Sequence[str], week: IsoWeek) -> str:
    """That some of `units` had no case in `week` nor an answer in the half-year before it, and which there are; or "".

    Nothing is said before there is any case at all.
    """
    async with app.store.look() as tx:
        counts = await tx.answer_counts(weeks_looked_at(digest_of(app.config), week)[0], week)
        rows = await tx.account(*week_span(week, app.config.organisation.timezone))
    known = sorted(({each.unit for each in counts} | {each.unit for each in rows}) - {""})
    missing = unknown_units(units, known) if known else []
    if not missing:
        return ""
    names = ", ".join(repr(unit) for unit in missing)
    return f"no case of the unit {names} has been seen: are [[digest.recipients]] units spelt as in {', '.join(known)}?"


def lexicons_of(config: Config) -> tuple[Lexicon, ...]:
    """Those of every language that customers may comment in."""
    return tuple(load_lexicon(language) for language in languages_of(config))


def markers_of(texts: Texts) -> Markers:
    """What stands where something was taken out of a comment."""
    return Markers(
        phone=texts("redaction.phone"),
        mail=texts("redaction.mail"),
        personal_number=texts("redaction.personal_number"),
    )
