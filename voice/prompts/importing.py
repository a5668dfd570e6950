"""Your own recordings as prompts: trimmed, levelled, in the telephone's rate and as a 16 kHz master."""

from pathlib import Path
from tempfile import TemporaryFile

from voice.audio_files import AudioFileError, read_audio, write_wav
from voice.prompts.loudness import Samples
from voice.prompts.shaping import MASTER_RATE, PHONE_RATE, Measured, UnusableSoundError, measured, shaped, trimmed
from voice.prompts.sources import PromptFolders
from voice.prompts.synthesis import pcm, samples_of

RECORDING_RATE = 48000  #: what recordings are taken and read at, whatever they were made at
MASTERS = "16khz"  #: the folder, beside the prompts, of their better copies
LONGEST_SECONDS = 60
LETTERS_A_SECOND = 13.0  #: of calm reading
TOO_LONG = 3.0  # times as long as its text takes: it says something else
SPEECHLESS_DB = 1.0  # between the loudest and the quietest of a hum; speech has pauses


def import_recording(file: Path, key: str, text: str, folders: PromptFolders, *, force: bool = False) -> Measured:
    """Make the sound of a file the prompt `key`, which says `text`. How the recording was is returned.

    Reads WAV, MP3, OGG, M4A, FLAC and WebM. Raises AudioFileError for what is no recording of a prompt; also, unless
    `force`, for what holds no speech, or is far too long for its text.
    """
    samples = samples_of(read_audio(file, RECORDING_RATE))
    if len(samples) <= LONGEST_SECONDS * RECORDING_RATE and not force and (doubt := _doubt(samples, text)):
        raise AudioFileError(f"{file}: {doubt}; --force imports it all the same")
    return keep_recording(samples, key, text, folders, str(file))


def make_studio(folders: PromptFolders) -> None:
    """The folder for your own recordings of a language. Raises AudioFileError where it can't be made or written."""
    try:
        (folders.studio / MASTERS).mkdir(parents=True, exist_ok=True)
        for folder in (folders.studio, folders.studio / MASTERS):
            TemporaryFile(dir=folder).close()
    except OSError as error:
        raise AudioFileError(
            f"{folders.studio}: can't be written ({error.strerror}); set [voice] studio_prompts to a folder of yours"
        ) from error


def keep_recording(samples: Samples, key: str, text: str, folders: PromptFolders, name: str = "recording") -> Measured:
    """The same for sound of RECORDING_RATE that was just recorded; `name` stands in the error."""
    if len(samples) > LONGEST_SECONDS * RECORDING_RATE:
        raise AudioFileError(f"{name}: is longer than {LONGEST_SECONDS} s; a prompt is one file with one text")
    try:
        phone, master = (shaped(samples, RECORDING_RATE, rate) for rate in (PHONE_RATE, MASTER_RATE))
    except UnusableSoundError as error:
        raise AudioFileError(f"{name}: {error}") from error
    make_studio(folders)
    write_wav(folders.studio / MASTERS / f"{key}.wav", pcm(master), MASTER_RATE)
    write_wav(folders.studio_wav(key), pcm(phone), PHONE_RATE)
    try:
        folders.studio_text(key).write_text(text + "\n", "utf-8")
    except OSError as error:
        raise AudioFileError(f"{folders.studio_text(key)}: can't be written ({error.strerror})") from error
    return measured(samples, RECORDING_RATE)


def _doubt(samples: Samples, text: str) -> str:
    """Why it hardly is a recording of the text; "" when it may be."""
    try:
        seconds = len(trimmed(samples, RECORDING_RATE)) / RECORDING_RATE
    except UnusableSoundError as error:
        return str(error)
    expected = max(1.0, len(text) / LETTERS_A_SECOND)
    if seconds > TOO_LONG * expected:
        return f"takes {seconds:.1f} s to say what should take about {expected:.1f}: is it another text?"
    if measured(samples, RECORDING_RATE).signal_to_noise_db <= SPEECHLESS_DB:
        return "holds no speech, only a steady sound"
    return ""
