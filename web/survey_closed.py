"""Pages of a survey that asks nothing (more): refused, declined, or its time has passed."""

from models.conversation import Session, Stage
from models.survey import Disposition
from models.texts import Texts
from survey.session import any_rated
from web.survey_rendering import local_date, reach
from web.survey_view import PageContext, StopView, View, Way


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
        lead = (texts("web.closed.declined_text"), *(() if reachable else (_no_address(texts, context),)))
        return View(heading=texts("web.closed.declined_heading"), lead=lead, ways=ways)
    return _expired(session, texts, context)


def render_refused(texts: Texts) -> View:
    """Before the first question, to somebody who has refused: they may answer about this one case all the same."""
    ways = (Way("?svara", texts("web.closed.refused_answer"), primary=True),)
    lead = (texts("web.closed.refused_text"),)
    return View(heading=texts("web.closed.refused_heading"), lead=lead, ways=ways)


def render_stop(
    session: Session, texts: Texts, context: PageContext, *, refused: bool, expired: bool, reachable: bool
) -> StopView:
    """What there is left to say no to. Only what can be kept is offered: without an address nobody can be left out."""
    closed = expired or session.stage is Stage.CLOSED
    back = "" if closed else texts("web.stop.over_back")
    if refused:
        told = (texts("web.stop.refused_text"),)
        return StopView(heading=texts("web.stop.refused_heading"), lead=told, back=back)
    no_address = () if reachable else (_no_address(texts, context),)
    if closed or session.stage is Stage.DONE:
        over = texts("web.stop.closed" if closed else "web.stop.done")
        more = no_address or (texts("web.stop.say_so"),)
        return StopView(heading=texts("web.stop.over_heading"), lead=(over, *more), all=reachable, back=back)
    lead = (texts("web.stop.text" if reachable else "web.stop.text_this"), *no_address)
    back = texts("web.stop.back")
    return StopView(heading=texts("web.stop.heading"), lead=lead, this=True, all=reachable, back=back)


def _no_address(texts: Texts, context: PageContext) -> str:
    return texts("web.closed.no_address", reach=reach(texts, context))


def _expired(session: Session, texts: Texts, context: PageContext) -> View:
    key = "web.closed.expired_answered" if any_rated(session) else "web.closed.expired_text"
    lead = [texts(key, date=local_date(context.until, texts))]
    if context.contact:
        lead.append(texts("web.closed.expired_reach", reach=reach(texts, context)))
    return View(heading=texts("web.closed.expired_heading"), lead=tuple(lead))
