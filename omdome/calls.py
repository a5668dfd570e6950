"""The phone, made from the configuration: what it hears with, what it says, and how patient it is."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal

from models.survey import Invitation
from omdome.config import Config
from omdome.console import MISUSE, Problem, complain
from omdome.lexicons import load_lexicon
from omdome.speech import survey_of
from omdome.texts import load_texts
from omdome.unsaved_refusals import SureInterview
from omdome.vocabularies import VocabularyError, load_machine_phrases, load_vocabulary
from voice.answering_machine import GreetingPolicy
from voice.call import CallPolicy, Prompts
from voice.interview import Interview, StoredInterview
from voice.recognition import Expecting, Recognizers

if TYPE_CHECKING:
    from omdome.wiring import Application
    from voice.lines.soundcard import SoundcardLine
    from voice.prompts.sources import PromptFolders
    from voice.vosk_engine.speech_model import SpeechModel

Engine = Literal["vosk", "answer_words"]
ANSWER_WORDS_LANGUAGE = "sv"  #: the only one that the embedded engine knows


def call_policy_of(config: Config, language: str) -> CallPolicy:
    """Reads locales; raises Problem where they lack words."""
    try:
        greeting = GreetingPolicy(phrases=load_machine_phrases(language))
        clear_words = clear_words_of(language)
    except VocabularyError as error:
        raise Problem(str(error)) from error
    return CallPolicy(
        reasons=config.survey.reasons,
        greets_first=config.voice.answering_machines,
        greeting=greeting,
        no_input_seconds=config.voice.no_input_seconds,
        clear_words=clear_words,
    )


def clear_words_of(language: str) -> Mapping[Expecting, frozenset[str]]:
    """Single words that answer what is asked alone: less silence after them will do. Raises VocabularyError."""
    return load_vocabulary(language).mistakable


def interview_of(app: "Application", invitation: Invitation) -> Interview:
    """The survey that a call about this invitation holds; a refusal in it is kept even where the store is away."""
    interview = StoredInterview(
        store=app.store,
        invitation_id=invitation.id,
        policy=survey_of(app.config),
        clock=app.clock,
        lexicon=load_lexicon(invitation.language),
        call_id=f"call {app.clock.now():%Y%m%dT%H%M%SZ} {secrets.token_hex(4)}",
    )
    return SureInterview(app, interview)


def speech_model_of(config: Config, language: str) -> "SpeechModel | None":
    """The installed Vosk model of the language, if there is one."""
    from voice.vosk_engine.speech_model import model_for

    return model_for(language, config.path(config.voice.speech_models_dir))


def engine_of(config: Config, language: str) -> Engine | None:
    """Which engine hears callers of this language; None where none can, and they use the keypad."""
    if config.voice.engine == "vosk" or (config.voice.engine == "auto" and speech_model_of(config, language)):
        return "vosk"
    return "answer_words" if language == ANSWER_WORDS_LANGUAGE else None


def prompt_folders_of(config: Config, language: str) -> "PromptFolders":
    from voice.prompts.sources import PromptFolders

    studio, cache = config.path(config.voice.studio_prompts), config.path(config.voice.prompt_cache)
    return PromptFolders.of(language, studio, cache)


def unsaid(config: Config, language: str) -> list[str]:
    """What calls need of `locales/<language>/voice.toml` and it lacks, for the configured questions and reasons."""
    texts = load_texts(language)
    keys = [f"question.{question}.{form}" for question in config.survey.questions for form in ("full", "short", "keys")]
    keys += [f"reason.choice.{reason}" for reason in config.survey.reasons]
    return [key for key in keys if not texts.has(f"voice.{key}")]


def prompts_of(config: Config, language: str) -> Prompts:
    """Every prompt of the language, rendered where needed. Raises Problem for one that has no sound."""
    from voice.audio_files import AudioFileError
    from voice.prompts.library import MissingPromptError, load_prompts, wordings_of
    from voice.prompts.synthesis import find_synthesiser

    if lacking := unsaid(config, language):
        raise Problem(f"locales/{language}/voice.toml lacks {', '.join(lacking)}: write what is to be said")
    wordings = wordings_of(load_texts(language), config.organisation.name)
    try:
        return load_prompts(wordings, prompt_folders_of(config, language), find_synthesiser())
    except (MissingPromptError, AudioFileError) as error:
        raise Problem(str(error)) from error


@asynccontextmanager
async def open_recognizers(
    config: Config, language: str, engine: Engine | None = None
) -> AsyncIterator[Recognizers | None]:
    """The engine that hears callers of `language`: `engine` or else the configured one; None: the keypad alone.

    Where the choice is ours ("auto") and the Vosk model doesn't load, Swedish is heard by answer_words.
    Raises Problem where the engine that is asked for can't be had.
    """
    chosen = engine or engine_of(config, language)
    if chosen is None:
        yield None
        return
    if chosen == "vosk":
        ours = engine is None and config.voice.engine == "auto"
        recognizers: Recognizers = await _vosk(config, language, or_answer_words=ours)
    else:
        recognizers = _answer_words(language)
    try:
        yield recognizers
    finally:
        await recognizers.close()


async def _vosk(config: Config, language: str, *, or_answer_words: bool) -> Recognizers:
    from voice.vosk_engine.recognizers import VoskRecognizers
    from voice.vosk_engine.settings import VoskSettings

    model = speech_model_of(config, language)
    if model is None:
        folder = config.path(config.voice.speech_models_dir)
        raise Problem(
            f"no Vosk model of the language {language!r} in {folder}; get one with "
            f'`python -m omdome {model_command(language)}`, or set [voice] engine = "auto"',
            MISUSE,
        )
    voice = config.voice
    settings = VoskSettings(workers=voice.vosk_workers, recognizers=voice.vosk_recognizers)
    recognizers = VoskRecognizers(model, load_vocabulary(language), settings)
    await recognizers.start()
    if or_answer_words and language == ANSWER_WORDS_LANGUAGE and not recognizers.pids:
        await recognizers.close()
        complain(f"{model.engine} doesn't load, so answer_words hears instead; fetch or add the model again")
        return _answer_words(language)
    return recognizers


def model_command(language: str) -> str:
    """What gets a Vosk model of the language: the public one, or one of your own."""
    from voice.vosk_engine.catalogue import public_model

    return f"voice models fetch {language}" if public_model(language) else "voice models add"


def _answer_words(language: str) -> Recognizers:
    from voice.answer_words.engine import AnswerWordsEngine

    if language != ANSWER_WORDS_LANGUAGE:
        raise Problem(f"answer_words knows Swedish only, not {language!r}: use the keypad, or a Vosk model", MISUSE)
    return AnswerWordsEngine()


def soundcard_of(config: Config) -> "SoundcardLine":
    """A call at this machine's microphone. Raises Problem where there is none; wants a running event loop."""
    from voice.lines.sound_devices import SoundcardError, chosen
    from voice.lines.soundcard import SoundcardLine

    voice = config.voice
    try:
        return SoundcardLine(chosen(voice.input_device), chosen(voice.output_device), headset=voice.headset)
    except SoundcardError as error:
        raise Problem(str(error)) from error
