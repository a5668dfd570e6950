"""What a held call came to, for the dialler to go by."""

from models.calling import CallOutcome
from voice.call import CallReport, Ending
from voice.line import Line
from voice.lines.sip.framing import GONE, NO_AUDIO
from voice.lines.sip.line import LOST, SipLine
from voice.transcript import SILENCE, Who
from workflow.call_plan import Called, CallState

_ENDS = {Ending.MACHINE: CallState.MACHINE, Ending.TECHNICAL: CallState.BROKEN}


def called(report: CallReport, *, lost: str = "") -> Called:
    """What an answered call came to; `lost`: why the line went, if that was nobody's wish."""
    end = _ENDS.get(report.ending, CallState.HELD)
    if report.ending is Ending.HUNG_UP and lost == NO_AUDIO:
        return Called(outcome=CallOutcome.NO_AUDIO, rang=True)
    if report.ending is Ending.HUNG_UP and lost:
        end = CallState.BROKEN
    if report.ending is Ending.GIVEN_UP and not _is_anybody(report):
        end = CallState.NOBODY
    return Called(outcome=CallOutcome.ANSWERED, end=end, refused=report.refusal_unsaved)


def _is_anybody(report: CallReport) -> bool:
    """Whether somebody pressed a key, or said anything that has words."""
    return any(each.key or each.text not in ("", SILENCE) for each in report.transcript if each.who is Who.CALLER)


def lost(line: Line) -> str:
    """Why the line went, where neither side hung up: the cause in `Closed`; else ""."""
    cause = line.ended.cause if isinstance(line, SipLine) and line.ended is not None else ""
    return cause if cause in (LOST, GONE, NO_AUDIO) else ""
