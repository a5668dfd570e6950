"""Pages of a survey that asks nothing (more): refused, declined, or its time has passed."""

from models.conversation import Session, Stage
from models.survey import Disposition
from models.texts import Texts
from survey.session import any_rated
from web.survey_rendering import local_date, reach
from web.survey_view import PageContext, View, Way


def render_closed(
    session: Session, texts: Texts, context: PageContext, *, refused: bool, expired: bool, reachable: bool = True
) -> View:
    """`refused`: they have asked for no more surveys at all; `expired`: the deadline has passed; `reachable`: a no
    to all surveys could be remembered."""
    closed = session.stage is Stage.CLOSED
    if refused and closed:
        lead = (texts("web.closed.opted_out_text"),)
        return View(heading=texts("web.closed.opted_out_heading"), lead=lead)
    if expired:
        return _expired(session, texts, context)
    if closed and session.disposition in (Disposition.REFUSED, Disposition.PARTIAL):
        ways = (Way("nej", texts("web.closed.declined_all")),) if reachable else ()
        lead = (texts("web.closed.declined_text"),)
        return View(heading=texts("web.closed.declined_heading"), lead=lead, ways=ways)
    return _expired(session, texts, context)


def render_refused(texts: Texts) -> View:
    """Before the first question, to somebody who has refused: they may answer about this one case all the same."""
    ways = (Way("?svara", texts("web.closed.refused_answer"), primary=True),)
    lead = (texts("web.closed.refused_text"),)
    return View(heading=texts("web.closed.refused_heading"), lead=lead, ways=ways)


def _expired(session: Session, texts: Texts, context: PageContext) -> View:
    key = "web.closed.expired_answered" if any_rated(session) else "web.closed.expired_text"
    lead = [texts(key, date=local_date(context.until, texts))]
    if context.contact:
        lead.append(texts("web.closed.expired_reach", reach=reach(texts, context)))
    return View(heading=texts("web.closed.expired_heading"), lead=tuple(lead))
