"""`python -m tests.voice.dying_call URL INVITATION`: a call whose process is killed as the second question is asked."""

import asyncio
import os
import signal
import sys

from omdome.lexicons import load_lexicon
from storage.database import open_store
from tests.voice.call_world import CALLS, POLICY, FixedClock, presses, prompts
from voice.call import hold_call
from voice.interview import StoredInterview
from voice.lines.recording import RecordingLine
from voice.transcript import Entry


async def main(url: str, invitation: int) -> None:
    store = await open_store(url, POLICY.zone)
    interview = StoredInterview(
        store=store,
        invitation_id=invitation,
        policy=POLICY,
        clock=FixedClock(),
        lexicon=load_lexicon("sv"),
        call_id="call-0",
    )
    line, caller = RecordingLine(), presses(consent="1", question="1")

    def act(entry: Entry) -> None:
        if entry.prompt == "question.tillganglighet.full":
            os.kill(os.getpid(), signal.SIGKILL)
        caller(line, entry)

    await hold_call(line, None, prompts(), interview, CALLS, act)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
