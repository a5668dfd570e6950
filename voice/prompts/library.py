"""The prompts of one language, in memory before the first call: nothing is read or synthesised during one."""

import logging
from collections.abc import Mapping

from models.texts import Texts
from voice.audio_files import in_frames, read_audio
from voice.prompts.sources import Prompt, PromptFolders, find_prompts
from voice.prompts.synthesis import Synthesiser, SynthesisError, render

log = logging.getLogger(__name__)

UNNAMED = "_default"  # ends the key of what says "kommunen" where its fellow says the organisation's name


class MissingPromptError(Exception):
    """Prompts without audio: which ones, and the command that mends it."""


class PromptLibrary:
    """What a call says, by key: "question.bemotande.full"."""

    def __init__(self, wordings: Mapping[str, str], audio: Mapping[str, bytes]) -> None:
        """Every key of `wordings` has its audio: 8 kHz 16-bit mono PCM in whole frames of 20 ms."""
        self._wordings, self._audio = wordings, audio

    def audio(self, key: str) -> bytes:
        """8 kHz 16-bit mono PCM, whole frames. Raises MissingPromptError for a key that the texts don't have."""
        try:
            return self._audio[key]
        except KeyError:
            raise MissingPromptError(f"no prompt {key!r}: write its text in locales/*/voice.toml") from None

    def text(self, key: str) -> str:
        """What the audio says. Raises MissingPromptError likewise."""
        try:
            return self._wordings[key]
        except KeyError:
            raise MissingPromptError(f"no prompt {key!r}: write its text in locales/*/voice.toml") from None


def wordings_of(texts: Texts, organisation: str) -> dict[str, str]:
    """Every prompt's text by key, in the file's order; the organisation's name is put where it belongs."""
    return {key: text.replace("{organisation}", organisation) for key, text in texts.below("voice").items()}


def load_prompts(
    wordings: Mapping[str, str], folders: PromptFolders, synthesiser: Synthesiser | None = None
) -> PromptLibrary:
    """All prompts of a language. What has no audio is rendered into the cache when there is a synthesiser.

    A recording of yours that is broken is passed over, with a warning in the log. Where a prompt with the
    organisation's name can't be had, the one without (its key ends in `_default`) is said in its place.
    Raises MissingPromptError naming every other prompt without audio, and AudioFileError for damaged audio of ours.
    """
    prompts = find_prompts(wordings, folders)
    for prompt in prompts:
        if prompt.broken:
            log.warning("%s; other audio is used until it is recorded again", prompt.broken)
    failure = ""
    if synthesiser:
        prompts, failure = _rendered(prompts, folders, synthesiser)
    audio = {prompt.key: in_frames(read_audio(prompt.path)) for prompt in prompts if prompt.path is not None}
    said = dict(wordings)
    for unnamed in [key for key in audio if key.endswith(UNNAMED)]:
        named = unnamed.removesuffix(UNNAMED)
        if named in said and named not in audio:
            audio[named], said[named] = audio[unnamed], said[unnamed]
    if missing := [key for key in wordings if key not in audio]:
        raise MissingPromptError(
            f"{len(missing)} prompt(s) of {folders.language!r} have no audio: {', '.join(missing)}. Render them with "
            "`python -m omdome voice prompts render` (needs espeak-ng), or record them: "
            f"`python -m omdome voice prompts record`{failure}"
        )
    return PromptLibrary(said, audio)


def _rendered(prompts: list[Prompt], folders: PromptFolders, synthesiser: Synthesiser) -> tuple[list[Prompt], str]:
    """The prompts with what was missing rendered, and why that failed where it did."""
    found, failure = [], ""
    for prompt in prompts:
        try:
            found.append(prompt if prompt.path else render(prompt, folders, synthesiser))
        except (SynthesisError, OSError) as error:
            found.append(prompt)
            failure = f" ({error})"
    return found, failure
