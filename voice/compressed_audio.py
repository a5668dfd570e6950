"""MP3, OGG, M4A, FLAC and WebM by pydub and ffmpeg, ten minutes at a time.

pydub's `from_file` asks ffprobe about a file first, which the wheel `imageio-ffmpeg` doesn't bring; its older way over
temporary files does without, and takes open files only, so that a name such as "-i.mp3" can't become an option.
"""

import shutil
import warnings
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from voice.wav_reading import Samples

if TYPE_CHECKING:
    from pydub import AudioSegment

PIECE_SECONDS = 600
LARGEST_BYTES = 500_000_000

#: How a file of each kind begins, and ffmpeg's name for it. ffmpeg is told, so that no other of its many readers (some
#: of which open what a file names: playlists) ever sees the file.
SIGNATURES = (
    (0, b"ID3", "mp3"),
    (0, b"OggS", "ogg"),
    (4, b"ftyp", "mp4"),
    (0, b"fLaC", "flac"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
)

NO_FFMPEG = (
    "needs ffmpeg to be read, which is not installed: apt-get install ffmpeg (Debian, Ubuntu), brew install ffmpeg "
    "(macOS), or the Python package imageio-ffmpeg. WAV files need nothing more"
)


class CompressedAudioError(Exception):
    """What is wrong with the file, as the rest of a sentence that begins with its name."""


def kind_of(beginning: bytes) -> str | None:
    """ffmpeg's name for a file that begins so (12 bytes are enough); None for what is no audio that we read."""
    for offset, signature, kind in SIGNATURES:
        if beginning[offset : offset + len(signature)] == signature:
            return kind
    if len(beginning) > 1 and beginning[0] == 0xFF:
        if beginning[1] & 0xE6 == 0xE2:  # an MP3 without tags: a frame of layer III
            return "mp3"
        if beginning[1] & 0xF6 == 0xF0:  # AAC without a container
            return "aac"
    return None


def read_compressed(file: BinaryIO, kind: str) -> tuple[int, Iterator[Samples]]:
    """The rate and the samples of an open file of that kind, its channels averaged into one.

    Raises CompressedAudioError: at once for most files, while iterating for damage more than ten minutes in.
    """
    if file.seek(0, 2) > LARGEST_BYTES:
        raise CompressedAudioError(f"is larger than {LARGEST_BYTES // 1_000_000} MB; cut out the part that is meant")
    first = _piece(file, kind, 0)
    return first.frame_rate, _pieces(first, file, kind)


def _pieces(piece: "AudioSegment", file: BinaryIO, kind: str) -> Iterator[Samples]:
    start = 0
    while True:
        yield _mono(piece)
        if piece.duration_seconds < PIECE_SECONDS:
            return
        start += PIECE_SECONDS
        piece = _piece(file, kind, start)


def _piece(file: BinaryIO, kind: str, start: int) -> "AudioSegment":
    segments = _pydub()
    from pydub.exceptions import CouldntDecodeError  # after _pydub, which silences what its modules warn of

    file.seek(0)
    try:
        # Told "wav", pydub would read the file itself; left to find out, ffmpeg does, and a RIFF file can't mislead it.
        told = None if kind == "wav" else kind
        return segments.from_file_using_temporary_files(file, format=told, start_second=start, duration=PIECE_SECONDS)
    except CouldntDecodeError as error:
        reason = str(error).strip().rpartition("\n")[2].strip()
        raise CompressedAudioError(f"is damaged, or no {kind} sound at all (ffmpeg: {reason})") from None


def _mono(piece: "AudioSegment") -> Samples:
    """ffmpeg writes WAV of 16 bits unless told otherwise, whatever it has read."""
    samples = np.frombuffer(piece.raw_data, "<i2").reshape(-1, piece.channels)
    mono: Samples = samples.mean(axis=1, dtype=np.float32) / np.float32(2**15)
    return mono


@cache
def _pydub() -> "type[AudioSegment]":
    """pydub's main class, told where ffmpeg is. Raises CompressedAudioError when it is nowhere."""
    ffmpeg = _ffmpeg()
    with warnings.catch_warnings():
        # Three things that pydub 0.25 does at import and that mean nothing here: escape sequences written in an old
        # way, `audioop` (which `audioop-lts` replaces from Python 3.13 on), and looking for ffmpeg itself.
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
    AudioSegment.converter = ffmpeg
    return AudioSegment  # type: ignore[no-any-return]  # pydub has no types


def _ffmpeg() -> str:
    on_path = shutil.which("ffmpeg")
    if on_path:
        return on_path
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        raise CompressedAudioError(NO_FFMPEG) from None
