"""What a held call came to, for the dialler to go by."""

from models.calling import CallOutcome
from voice.call import CallReport, Ending
from voice.line import Line
from voice.lines.sip.line import LOST, SipLine
from workflow.call_plan import Called, CallState

_ENDS = {Ending.MACHINE: CallState.MACHINE, Ending.TECHNICAL: CallState.BROKEN}


def called(report: CallReport, *, lost: bool = False) -> Called:
    """What an answered call came to; `lost`: the line went because of us."""
    end = _ENDS.get(report.ending, CallState.HELD)
    if lost and report.ending is Ending.HUNG_UP:
        end = CallState.BROKEN
    return Called(outcome=CallOutcome.ANSWERED, end=end, refused=report.refusal_unsaved)


def lost(line: Line) -> bool:
    """Whether the line went because of us."""
    return isinstance(line, SipLine) and line.ended is not None and line.ended.cause == LOST
