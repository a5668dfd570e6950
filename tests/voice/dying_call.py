"""A call whose process is killed as the second question is asked: `python -m tests.voice.dying_call URL INVITATION`.

With one word more, the name of a file, the call is recorded there.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from omdome.lexicons import load_lexicon
from storage.database import open_store
from tests.voice.call_world import CALLS, POLICY, FixedClock, presses, prompts
from voice.call import hold_call
from voice.interview import StoredInterview
from voice.lines.recording import RecordingLine
from voice.lines.taped import Taped
from voice.transcript import Entry


async def main(url: str, invitation: int, tape: Path | None) -> None:
    store = await open_store(url, POLICY.zone)
    interview = StoredInterview(
        store=store,
        invitation_id=invitation,
        policy=POLICY,
        clock=FixedClock(),
        lexicon=load_lexicon("sv"),
        call_id="call-0",
    )
    line, caller = RecordingLine(), presses(consent="1", recording="1", question="1")
    taped = Taped(line, tape) if tape else None

    def act(entry: Entry) -> None:
        if taped:
            taped.note(entry)
        if entry.prompt == "question.tillganglighet.full":
            os.kill(os.getpid(), signal.SIGKILL)
        caller(line, entry)

    await hold_call(taped or line, None, prompts(), interview, CALLS, act)


if __name__ == "__main__":
    url, number, *file = sys.argv[1:]
    asyncio.run(main(url, int(number), Path(file[0]) if file else None))
