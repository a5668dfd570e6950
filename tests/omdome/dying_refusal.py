"""A process that is killed as a refusal is about to be stored: `python -m tests.omdome.dying_refusal CONFIG NUMBER`.

NUMBER is that of the invitation which the call is about.
"""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.conversation import OptedOut
from omdome.calls import interview_of
from omdome.config import load_config
from omdome.credentials import Credentials
from omdome.wiring import open_application


class Deadly:
    """A store in whose first step we die."""

    def step(self) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)


async def main(config: Path, number: int) -> None:
    async with open_application(load_config(config), Credentials()) as app:
        async with app.store.look() as tx:
            invitation = await tx.invitation(number)
        assert invitation is not None
        await interview_of(replace(app, store=Deadly()), invitation).take(OptedOut(), "key")  # type: ignore[arg-type]


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
