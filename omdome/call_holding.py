"""A survey held by telephone, whoever rang whom."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from omdome.calls import interview_of
from omdome.stopping import Stopping
from omdome.taping import hold_recorded
from omdome.voices import Voice
from omdome.wiring import Application
from voice.call import CallReport
from voice.line import Line
from voice.recognition import Recognizer
from voice.rendering import Occasion
from voice.transcript import Entry
from workflow.dialling import CallAbout

Watch = Callable[[CallAbout, Entry], None]  #: told each entry of the transcript of a call that goes on


def call_lock(app: Application, invitation_id: int) -> Path:
    """For `omdome.only_one`: held by every call about this survey, from here or to here."""
    return app.folder / "calls" / f"{invitation_id}.lock"


async def hold_about(
    app: Application,
    about: CallAbout,
    line: Line,
    ears: Recognizer | None,
    voice: Voice,
    occasion: Occasion,
    stopping: Stopping,
    watch: Watch | None,
) -> CallReport:
    """Hold the survey over a line that is up, to its end or until the service stops."""
    interview = interview_of(app, about.invitation)
    policy = replace(voice.policy, occasion=occasion)
    told = partial(watch, about) if watch else None
    with stopping.stoppable(line) as held:
        return await hold_recorded(app, held, ears, voice.prompts, interview, policy, told)
