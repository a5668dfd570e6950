"""What calls are held with in each language: what is said, how, and what hears. Loaded once, when first wanted."""

import asyncio
import logging
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

from omdome.calls import call_policy_of, open_recognizers, prompts_of
from omdome.wiring import Application
from voice.call import CallPolicy, Prompts
from voice.recognition import Recognizer, RecognizerLostError, Recognizers

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """All that a call in one language needs."""

    prompts: Prompts
    policy: CallPolicy
    recognizers: Recognizers | None

    async def ears(self) -> Recognizer | None:
        """For one call, which gives them back; None: the keypad must do."""
        try:
            return await self.recognizers.recognizer() if self.recognizers else None
        except RecognizerLostError as error:
            log.warning("the speech engine doesn't work, so a call goes by keypad: %s", error)
            return None


async def give_back(ears: Recognizer | None) -> None:
    """Of a call that came to nothing."""
    if ears is not None:
        with suppress(RecognizerLostError):
            await ears.close()


class Voices:
    """Of one process. What is loaded is closed with `stack`."""

    def __init__(self, app: Application, stack: AsyncExitStack) -> None:
        self._app, self._stack = app, stack
        self._loaded: dict[str, Voice] = {}
        self._loading = asyncio.Lock()

    async def of(self, language: str) -> Voice:
        """Raises Problem where something is missing."""
        async with self._loading:
            if language not in self._loaded:
                config = self._app.config
                self._loaded[language] = Voice(
                    prompts=await asyncio.to_thread(prompts_of, config, language),
                    policy=call_policy_of(config, language),
                    recognizers=await self._stack.enter_async_context(open_recognizers(config, language)),
                )
            return self._loaded[language]
