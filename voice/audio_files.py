"""Sound files in and out: any recording becomes 16-bit mono PCM, and PCM becomes WAV.

Reads WAV of every kind without help; MP3, OGG (Vorbis, Opus), M4A, FLAC and WebM with ffmpeg.
"""

import io
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soxr

from voice.compressed_audio import CompressedAudioError, kind_of, read_compressed
from voice.line import FRAME_BYTES, RATE
from voice.wav_reading import Samples, UncommonWavError, WavError, read_wav

LONGEST_SECONDS = 2 * 3600
RIGHT = "A recording as WAV, MP3, OGG, M4A, FLAC or WebM would be right"


class AudioFileError(Exception):
    """A file that can't be read or written: its name, what is wrong, and what would be right."""


def read_audio(path: Path, rate: int = RATE) -> bytes:
    """The sound of a file: 16-bit signed little-endian mono PCM of `rate` samples a second, at most two hours.

    Several channels are averaged, another rate is resampled, what is too loud is clipped; a WAV or MP3 that was cut off
    gives what is there. Takes 16 kB of memory a second (at 8 kHz), and some hundreds of MB beside for long compressed
    files. Raises AudioFileError for what is no recording, for one without any sound, and where ffmpeg is missing.
    """
    try:
        with path.open("rb") as file:
            audio = _read(file, rate)
    except OSError as error:
        raise AudioFileError(f"{path}: can't be read ({error.strerror or error})") from error
    except (WavError, CompressedAudioError) as error:
        raise AudioFileError(f"{path}: {error}") from error
    if not audio:
        raise AudioFileError(f"{path}: holds no sound at all, not one sample. {RIGHT}")
    return audio


def wav(audio: bytes, rate: int = RATE, channels: int = 1) -> bytes:
    """PCM as the content of a WAV file; `channels` of it are interleaved."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(audio)
    return file.getvalue()


def write_wav(path: Path, audio: bytes, rate: int = RATE, channels: int = 1) -> None:
    """Write PCM as a WAV file. Raises AudioFileError where that can't be done."""
    try:
        path.write_bytes(wav(audio, rate, channels))
    except OSError as error:
        raise AudioFileError(f"{path}: can't be written ({error.strerror or error})") from error


def stereo(left: bytes, right: bytes) -> bytes:
    """Two mono timelines that began together as one of two channels; the shorter one ends in silence."""
    both = np.zeros((max(len(left), len(right)) // 2, 2), "<i2")
    for channel, audio in enumerate((left, right)):
        both[: len(audio) // 2, channel] = np.frombuffer(audio, "<i2")
    return both.tobytes()


def added(one: bytes, other: bytes) -> bytes:
    """Two mono sounds at once, as long as the longer; what gets too loud is clipped."""
    total = np.zeros(max(len(one), len(other)) // 2, np.int32)
    for audio in (one, other):
        total[: len(audio) // 2] += np.frombuffer(audio, "<i2")
    return total.clip(-32768, 32767).astype("<i2").tobytes()


def in_frames(audio: bytes) -> bytes:
    """8 kHz PCM, filled up with silence to whole frames of 20 ms, as lines take it."""
    return audio + bytes(-len(audio) % FRAME_BYTES)


def _read(file: BinaryIO, rate: int) -> bytes:
    own_rate, blocks = _opened(file)
    pieces, seconds = [], 0.0
    for block in _resampled(blocks, own_rate, rate):
        seconds += len(block) / rate
        if seconds > LONGEST_SECONDS:
            raise WavError(f"is longer than {LONGEST_SECONDS // 3600} hours; cut out the part that is meant")
        pieces.append((block * np.float32(32768)).round().clip(-32768, 32767).astype("<i2").tobytes())
    return b"".join(pieces)


def _opened(file: BinaryIO) -> tuple[int, Iterator[Samples]]:
    beginning = file.read(12)
    if not beginning:
        raise WavError(f"is empty. {RIGHT}")
    if beginning[:4] in (b"RIFF", b"RF64") and beginning[8:] == b"WAVE":
        try:
            return read_wav(file)
        except UncommonWavError:
            return read_compressed(file, "wav")
    kind = kind_of(beginning)
    if kind is None:
        raise WavError(f"is no recording that Omdöme knows. {RIGHT}")
    return read_compressed(file, kind)


def _resampled(blocks: Iterator[Samples], own_rate: int, rate: int) -> Iterator[Samples]:
    if own_rate == rate:
        yield from blocks
        return
    stream = soxr.ResampleStream(own_rate, rate, 1, "float32", "HQ")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)
