"""A call that is held as any other, and recorded where that is on and the caller agrees."""

import logging
from collections.abc import Callable

from omdome.console import Problem
from omdome.recordings import delete, new_recording
from omdome.wiring import Application
from voice.call import CallPolicy, CallReport, Ending, Prompts, hold_call
from voice.interview import Interview
from voice.line import Line
from voice.lines.taped import Taped
from voice.recognition import Recognizer
from voice.transcript import Entry
from workflow.ports import StoreUnavailableError

log = logging.getLogger(__name__)


async def hold_recorded(
    app: Application,
    line: Line,
    recognizer: Recognizer | None,
    prompts: Prompts,
    interview: Interview,
    policy: CallPolicy,
    watch: Callable[[Entry], None] | None = None,
) -> CallReport:
    """`hold_call`; where [voice] recording is on, they are asked whether the call may be recorded.

    Of whoever says in it never to be called again no recording is kept.
    """
    if not app.config.voice.recording:
        return await hold_call(line, recognizer, prompts, interview, policy, watch)
    recorded = new_recording(app, interview.invitation_id)
    taped = Taped(line, recorded.sound)

    def told(entry: Entry) -> None:
        taped.note(entry)
        if watch is not None:
            watch(entry)

    report = await hold_call(taped, recognizer, prompts, interview, policy, told)
    if report.ending is Ending.OPTED_OUT and recorded.sound.exists():
        try:
            await delete(app, [recorded])
        except (Problem, StoreUnavailableError):  # what is left is found within the hour: `purge_recordings`
            log.exception("the recording of a call that ended in a refusal couldn't be deleted, or that not be logged")
    return report
