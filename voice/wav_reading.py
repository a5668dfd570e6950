"""WAV files of every kind that recorders write, block by block: an hour of them takes no more memory than a second.

pydub's own reader knows no float, A-law or µ-law, takes minutes for an hour of 24 bits and fails on a file that was
cut off; so the WAV files are read here, and pydub (with ffmpeg) has all the others.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]  #: mono, -1..1

BLOCK_FRAMES = 1 << 16
MOST_CHANNELS = 32
RATES = range(1_000, 768_001)
PCM, FLOAT, ALAW, MULAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE


class WavError(Exception):
    """What is wrong with the file, as the rest of a sentence that begins with its name."""


class UncommonWavError(WavError):
    """A compressed WAV, of a kind that ffmpeg may know."""


@dataclass(frozen=True, slots=True)
class WavFormat:
    """The file's "fmt " chunk."""

    code: int
    channels: int
    rate: int  #: samples a second
    bits: int  #: a sample

    @property
    def frame_bytes(self) -> int:
        return self.channels * self.bits // 8


def read_wav(file: BinaryIO) -> tuple[int, Iterator[Samples]]:
    """The rate and the samples of an open WAV file, its channels averaged into one.

    Where it was cut off, what is there is given. Raises WavError for what can't be a recording, at once.
    """
    wav = None
    for name, size in _chunks(file):
        if name == b"fmt ":
            wav = _format(file.read(size))
        elif name == b"data":
            if wav is None:
                raise WavError("says nothing about its format before the sound begins")
            return wav.rate, _blocks(file, wav, size)
        else:
            file.seek(size, 1)
        file.seek(size % 2, 1)  # chunks begin at even bytes
    raise WavError("ends before any sound begins")


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    file.seek(12)
    while len(header := file.read(8)) == 8:
        yield header[:4], struct.unpack("<I", header[4:])[0]


def _format(chunk: bytes) -> WavFormat:
    if len(chunk) < 16:
        raise WavError("is cut off in its header")
    code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
    if code == EXTENSIBLE and len(chunk) >= 26:
        code = struct.unpack_from("<H", chunk, 24)[0]
    wav = WavFormat(code, channels, rate, bits)
    if not 1 <= channels <= MOST_CHANNELS or rate not in RATES:
        raise WavError(f"says it has {channels} channels at {rate} samples a second, so its header is damaged")
    if (code, bits) not in DECODERS:
        raise UncommonWavError(f"holds WAV of a rare kind (format {code} with {bits} bits)")
    return wav


def _blocks(file: BinaryIO, wav: WavFormat, size: int) -> Iterator[Samples]:
    # A recorder that was stopped in the middle, or wrote to a pipe, left 0 or a size beyond the end: read to the end.
    left = size or 0xFFFFFFFF
    endless = left >= 0xFFFFFF00
    decode = DECODERS[wav.code, wav.bits]
    while left > 0:
        data = file.read(BLOCK_FRAMES * wav.frame_bytes if endless else min(left, BLOCK_FRAMES * wav.frame_bytes))
        whole = len(data) - len(data) % wav.frame_bytes
        if not whole:
            return
        yield decode(data[:whole]).reshape(-1, wav.channels).mean(axis=1, dtype=np.float32)
        left -= 0 if endless else len(data)


def _unsigned_8(data: bytes) -> Samples:
    return (np.frombuffer(data, np.uint8).astype(np.float32) - np.float32(128)) / np.float32(128)


def _signed_24(data: bytes) -> Samples:
    wide = np.zeros((len(data) // 3, 4), np.uint8)
    wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
    return (wide.view("<i4").reshape(-1) / 2**31).astype(np.float32)


def _integers(kind: str, full_scale: float) -> Callable[[bytes], Samples]:
    return lambda data: (np.frombuffer(data, kind) / full_scale).astype(np.float32)


def _floats(kind: str) -> Callable[[bytes], Samples]:
    """Beyond full scale is clipped, as a sound card would; what is no number is silence."""
    return lambda data: np.nan_to_num(np.frombuffer(data, kind).clip(-1, 1), nan=0.0).astype(np.float32)


def _alaw(data: bytes) -> Samples:
    """ITU-T G.711, table 1a."""
    code = np.frombuffer(data, np.uint8) ^ 0x55
    exponent, mantissa = (code >> 4) & 7, (code & 15).astype(np.int32)
    size = np.where(exponent == 0, mantissa * 16 + 8, (mantissa * 16 + 264) << np.maximum(exponent, 1) - 1)
    return (np.where(code & 0x80, size, -size) / 32768).astype(np.float32)


def _mulaw(data: bytes) -> Samples:
    """ITU-T G.711, table 2a."""
    code = ~np.frombuffer(data, np.uint8)
    exponent, mantissa = (code >> 4) & 7, (code & 15).astype(np.int32)
    size = ((mantissa * 8 + 132) << exponent) - 132
    return (np.where(code & 0x80, -size, size) / 32768).astype(np.float32)


DECODERS: dict[tuple[int, int], Callable[[bytes], Samples]] = {
    (PCM, 8): _unsigned_8,
    (PCM, 16): _integers("<i2", 2**15),
    (PCM, 24): _signed_24,
    (PCM, 32): _integers("<i4", 2**31),
    (FLOAT, 32): _floats("<f4"),
    (FLOAT, 64): _floats("<f8"),
    (ALAW, 8): _alaw,
    (MULAW, 8): _mulaw,
}
