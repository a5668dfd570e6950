"""A process of ours that may die, spoken to over its standard input and output, and started again when it ended.

For native libraries that kill their process on what ought to be errors: they take themselves down and nothing else.
"""

import asyncio
import contextlib
import logging
import os
import random
import signal
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from workflow.backoff import Backoff

log = logging.getLogger(__name__)

_CHECKOUT = Path(__file__).parent.parent
_TOLD_LINES = 5  #: of what it last wrote to standard error, when it has ended
_SETTLED_SECONDS = 60.0  #: one that ran this long starts again at the shortest wait


class ChildProcess:
    """One that runs, or has ended. `launch` makes it, `reap` ends it for good."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        self.replies: asyncio.StreamReader = process.stdout
        self._process = process
        self._last_words: deque[str] = deque(maxlen=_TOLD_LINES)
        self._listening = asyncio.create_task(self._take_last_words())

    @classmethod
    async def launch(cls, command: Sequence[str]) -> "ChildProcess":
        """Raises OSError where no process can be started."""
        return cls(
            await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=_CHECKOUT,
                start_new_session=True,  # Ctrl-C is for the supervisor, who ends it
            )
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, frame: bytes) -> None:
        """Never waits, and says nothing where nobody reads any more: that shows in `replies`."""
        if self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(frame)

    async def reap(self, grace_seconds: float = 0.0) -> None:
        """End it: by the end of its input, and after `grace_seconds` without asking."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if grace_seconds:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), grace_seconds)
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                # not Process.kill(): it may reap the process before asyncio does, and then nobody knows how it ended
                os.kill(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                await self._process.stdin.wait_closed()
        await asyncio.gather(self._listening, return_exceptions=True)

    def told(self, why: str) -> str:
        """Why it ended, with the signal and its last words."""
        code = self._process.returncode
        ended = why or (f"killed by signal {-code}" if code is not None and code < 0 else f"exit code {code}")
        return "; ".join([ended, *(line.strip() for line in self._last_words if line.strip())])

    async def _take_last_words(self) -> None:
        assert self._process.stderr is not None
        while line := await self._process.stderr.read(4096):
            self._last_words.extend(line.decode(errors="replace").splitlines())


async def keep_running(
    name: str, run: Callable[[], Awaitable[str]], backoff: Backoff, ended: Callable[[], None]
) -> None:
    """`run` a child to its end, which it says why, and another after that, ever more slowly; until cancelled.

    `ended` is called each time, before the wait.
    """
    loop = asyncio.get_running_loop()
    attempts = 0
    while True:
        began = loop.time()
        try:
            why = await run()
        except Exception:
            log.exception("%s", name)
            why = "a fault of ours"
        ended()
        attempts = 1 if loop.time() - began > _SETTLED_SECONDS else attempts + 1
        delay = backoff.delay(attempts, random.random()).total_seconds()  # noqa: S311 - jitter
        log.warning("%s ended (%s); another in %.1f s", name, why, delay)
        await asyncio.sleep(delay)
