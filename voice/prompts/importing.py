"""Your own recordings as prompts: trimmed, levelled, in the telephone's rate and as a 16 kHz master."""

from pathlib import Path

from voice.audio_files import AudioFileError, read_audio, write_wav
from voice.prompts.loudness import Samples
from voice.prompts.shaping import MASTER_RATE, PHONE_RATE, Measured, UnusableSoundError, measured, shaped
from voice.prompts.sources import PromptFolders
from voice.prompts.synthesis import pcm, samples_of

RECORDING_RATE = 48000  #: what recordings are taken and read at, whatever they were made at
MASTERS = "16khz"  #: the folder, beside the prompts, of their better copies
LONGEST_SECONDS = 60


def import_recording(file: Path, key: str, text: str, folders: PromptFolders) -> Measured:
    """Make the sound of a file the prompt `key`, which says `text`. How the recording was is returned.

    Reads WAV, MP3, OGG, M4A, FLAC and WebM. Raises AudioFileError for what is no recording of a prompt.
    """
    return keep_recording(samples_of(read_audio(file, RECORDING_RATE)), key, text, folders, str(file))


def keep_recording(samples: Samples, key: str, text: str, folders: PromptFolders, name: str = "recording") -> Measured:
    """The same for sound of RECORDING_RATE that was just recorded; `name` stands in the error."""
    if len(samples) > LONGEST_SECONDS * RECORDING_RATE:
        raise AudioFileError(f"{name}: is longer than {LONGEST_SECONDS} s; a prompt is one file with one text")
    try:
        phone, master = (shaped(samples, RECORDING_RATE, rate) for rate in (PHONE_RATE, MASTER_RATE))
    except UnusableSoundError as error:
        raise AudioFileError(f"{name}: {error}") from error
    (folders.studio / MASTERS).mkdir(parents=True, exist_ok=True)
    write_wav(folders.studio / MASTERS / f"{key}.wav", pcm(master), MASTER_RATE)
    write_wav(folders.studio_wav(key), pcm(phone), PHONE_RATE)
    folders.studio_text(key).write_text(text + "\n", "utf-8")
    return measured(samples, RECORDING_RATE)
