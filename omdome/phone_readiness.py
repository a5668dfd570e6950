"""What the phone can do here: who hears, what it says with which voice, and whether there is a sound card.

Nothing of it stops the service: calls that nobody can be heard in go by keypad.
"""

import importlib.util
from collections import Counter
from ipaddress import ip_address

from omdome.calls import ANSWER_WORDS_LANGUAGE, engine_of, model_command, prompt_folders_of, speech_model_of, unsaid
from omdome.config import Config
from omdome.credentials import Credentials
from omdome.policies import calls_are_made
from omdome.readiness import Feature, State
from omdome.texts import languages as with_texts
from omdome.texts import load_texts
from voice.prompts.library import UNNAMED, wordings_of
from voice.prompts.sources import Source, find_prompts

_SOURCES = {
    Source.STUDIO: "of your own",
    Source.SHIPPED: "that came with Omdöme",
    Source.CACHE: "rendered here",
}


def phone_features(config: Config, secrets: Credentials) -> list[Feature]:
    """Looks at files and sound devices; loads no model."""
    languages = [language for language in config.organisation.languages if language in with_texts()]
    return [
        *_folders(config),
        *(_hearing(config, each) for each in languages),
        *(_prompts(config, each) for each in languages),
        _sound_card(config),
        _sip(config, secrets),
        *_recording(config),
    ]


def _folders(config: Config) -> list[Feature]:
    """Those of [voice] that can't be folders."""
    found = []
    for setting in ("studio_prompts", "prompt_cache", "speech_models_dir"):
        folder = config.path(getattr(config.voice, setting))
        for part in (folder, *folder.parents):
            if part.is_file():
                why = f"[voice] {setting}: {part} is a file, no folder"
                found.append(Feature(f"phone: {setting}", State.OFF, why, "name a folder, or move the file away"))
                break
    return found


def _hearing(config: Config, language: str) -> Feature:
    name = f"phone: hears {language}"
    engine, model = engine_of(config, language), speech_model_of(config, language)
    if engine == "vosk" and model is None:
        why, advice = 'engine = "vosk", but no model is installed', f"`{model_command(language)}`"
        return Feature(name, State.OFF, why, advice)
    if engine == "vosk" and model is not None:
        return Feature(name, State.ON, model.engine)
    if engine == "answer_words" and language == ANSWER_WORDS_LANGUAGE:
        return Feature(name, State.ON, f"answer_words: the answers alone; `{model_command(language)}` hears more")
    if config.voice.engine == "answer_words":
        advice = f'`{model_command(language)}`, and [voice] engine = "auto"'
        return Feature(name, State.OFF, "answer_words knows Swedish only: by keypad alone", advice)
    advice = f"install a Vosk model: `{model_command(language)}`"
    return Feature(name, State.OFF, "no engine: by keypad alone", advice)


def _prompts(config: Config, language: str) -> Feature:
    name = f"phone: speaks {language}"
    if lacking := unsaid(config, language):
        return Feature(name, State.OFF, f"locales/{language}/voice.toml lacks {_some(lacking)}", "write them there")
    wordings = wordings_of(load_texts(language), config.organisation.name)
    prompts = find_prompts(wordings, prompt_folders_of(config, language))
    count = Counter(prompt.source for prompt in prompts)
    why = ", ".join(f"{count[source]} {words}" for source, words in _SOURCES.items() if count[source])
    if stale := [prompt.key for prompt in prompts if prompt.stale]:
        why += f"; recorded before the text was changed: {_some(stale)}"
    if broken := [prompt.key for prompt in prompts if prompt.broken]:
        why += f"; broken, so other audio is used: {_some(broken)} (`voice prompts list` tells more)"
    if missing := [
        prompt.key for prompt in prompts if prompt.path is None and f"{prompt.key}{UNNAMED}" not in wordings
    ]:
        return Feature(name, State.OFF, f"{why}; no sound for {_some(missing)}".lstrip("; "), "`voice prompts render`")
    if count[Source.MISSING]:
        why += "; without your name"
        advice = "`voice prompts render` (espeak-ng), or record `identification` and `inbound.identification`"
        if calls_are_made(config):  # who is called must be told by whom
            return Feature(name, State.BROKEN, why, advice)
        return Feature(name, State.ON, f"{why} until `voice prompts render`")
    return Feature(name, State.ON, why)


def _sound_card(config: Config) -> Feature:
    from voice.lines.sound_devices import SoundcardError, devices

    name = "phone: sound card"
    try:
        found = devices()
    except SoundcardError:
        return Feature(
            name, State.OFF, "PortAudio is not installed", "apt-get install libportaudio2 (for --microphone)"
        )
    microphone = config.voice.input_device or next((each.name for each in found if each.default_input), "")
    loudspeaker = config.voice.output_device or next((each.name for each in found if each.default_output), "")
    if not (microphone and loudspeaker):
        lacking = " and ".join(
            what for what, there in (("microphone", microphone), ("loudspeaker", loudspeaker)) if not there
        )
        return Feature(name, State.OFF, f"no {lacking} here", "only `call --microphone` needs it")
    return Feature(name, State.ON, f"{microphone} and {loudspeaker}")


def _sip(config: Config, secrets: Credentials) -> Feature:
    name = "phone: SIP"
    if importlib.util.find_spec("baresip") is None:
        return Feature(name, State.OFF, "baresip-python has no wheel for this system", "needs Linux, or macOS 15")
    if not config.sip.host:
        return Feature(name, State.OFF, "no exchange is named", "[sip] host, for calls to telephones")
    if config.sip.ca_file and not config.path(config.sip.ca_file).is_file():
        return Feature(name, State.BROKEN, f"{config.sip.ca_file} is no file", "[sip] ca_file: who signs certificates")
    if config.sip.registers and not secrets.sip_password:
        who = f"registers at {config.sip.host} without a password"
        return Feature(name, State.BROKEN, who, "set OMDOME_SIP_PASSWORD, or [sip] registers = false")
    return Feature(name, State.ON, f"through {config.sip.host}, {_secrecy(config)}")


def _secrecy(config: Config) -> str:
    sip = config.sip
    if sip.srtp:
        return "all encrypted"
    told = "SIP encrypted, the sound not" if sip.transport == "tls" else "nothing encrypted: on your own network alone"
    if _is_near(sip.host):
        return told
    # the SIP stack takes sound and keys from anywhere
    reach = f"whoever reaches UDP {sip.rtp_first_port} to {sip.rtp_last_port} here can press keys in a call"
    return f"{told}; {reach}: let the exchange alone through the firewall"


def _is_near(host: str) -> bool:
    """Whether it is surely on a network of the organisation's own; what a name stands for isn't looked up."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost"


def _recording(config: Config) -> list[Feature]:
    if not config.voice.recording:
        return []
    days = config.voice.recording_days
    why = f"each caller is asked, and after a yes the call is kept for {days} {'day' if days == 1 else 'days'}"
    return [Feature("phone: recording", State.ON, why)]


def _some(keys: list[str]) -> str:
    return ", ".join(keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")
