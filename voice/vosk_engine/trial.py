"""Whether Vosk can load a model, tried out in a worker: it ends the process over some faults."""

import asyncio
from collections.abc import Sequence

from voice.vosk_engine.process import COMMAND, WorkerProcess
from voice.vosk_engine.settings import VoskSettings
from voice.vosk_engine.speech_model import NoModelError, SpeechModel


async def load_once(model: SpeechModel, settings: VoskSettings | None = None, command: Sequence[str] = COMMAND) -> None:
    """Load `model` and let it go. Raises NoModelError, with Vosk's own words, where that doesn't work."""
    patience = settings or VoskSettings()
    ready = asyncio.Event()
    try:
        worker = await WorkerProcess.launch(model, {}, 1, command)
    except OSError as error:
        raise NoModelError(f"{model.directory}: no worker can be started to try it ({error.strerror})") from error
    running = asyncio.create_task(worker.run(patience.load_seconds, patience.hang_seconds, ready.set))
    waiting = asyncio.create_task(ready.wait())
    try:
        await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
        if not ready.is_set():
            raise NoModelError(f"{model.directory}: Vosk can't load it: {running.result()}")
    finally:
        running.cancel()
        waiting.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)
