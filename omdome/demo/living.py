"""The half-year goes by in a process of its own, while the first act is on: where there are two cores, nobody waits."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from omdome.console import Problem
from omdome.demo import invented
from omdome.demo.half_year import WEEKS
from omdome.demo.staging import stage
from voice.child_process import ChildProcess


class GoingBy:
    """A half-year that is being lived through; made by `going_by`."""

    def __init__(self, process: ChildProcess, weeks: int) -> None:
        self._process, self._weeks = process, weeks

    async def over(self, told: Callable[[int, int], None]) -> int:
        """Returns how many have answered, when it is over and can be opened; `told` gets (weeks done, of).

        Raises Problem where it couldn't be lived through.
        """
        done = answered = 0
        while line := await self._process.replies.readline():
            done, answered = map(int, line.split())
            told(done, self._weeks)
        if done < self._weeks:
            raise Problem(f"the invented half-year ended after {done} weeks: {self._process.told('it gave up')}")
        return answered


@asynccontextmanager
async def going_by(out: Path, weeks: int = WEEKS) -> AsyncIterator[GoingBy]:
    """Begins with an empty database in `out`. Who leaves before it is over ends it."""
    try:
        process = await ChildProcess.launch(_command(out, weeks))
    except OSError as error:
        raise Problem(f"no process can be started ({error.strerror})") from error
    try:
        yield GoingBy(process, weeks)
    finally:
        await process.reap()


def _command(out: Path, weeks: int) -> tuple[str, ...]:
    return (sys.executable, "-m", "omdome.demo.living", str(out.absolute()), str(weeks))


async def _live(out: Path, weeks: int) -> None:
    async with stage(invented.FOLDER, out, invented.WEEK.shifted(1 - weeks).monday) as (app, clock):
        await invented.live_through(app, clock, lambda done, answered: print(done, answered, flush=True), weeks)


if __name__ == "__main__":
    asyncio.run(_live(Path(sys.argv[1]), int(sys.argv[2])))
