"""Sound into the mel frames that Google's speech embedding was trained on.

Source of the numbers: the front end of TF Hub's google/speech_embedding (25 ms Hann windows every 10 ms, 512-point
spectrum at 16 kHz, magnitudes summed into 32 HTK mel bands of 60–3800 Hz, ln(mel + 0.001)). At 8 kHz a 256-point
spectrum has the very same bins, so nothing needs resampling; the magnitudes are doubled, as there are half as many
samples.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RATE = 8000
BLOCK = 160  #: samples in the 20 ms blocks that keypad tones are looked for in
WINDOW = 200
HOP = 80
SPECTRUM = 256
BANDS = 32

_HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


def _in_mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1127.0 * np.log1p(hertz / 700.0)  # HTK's formula, as TensorFlow has it


def _mel_weights() -> Floats:
    """Triangles in mel over the bins of the spectrum, the constant bin left out: (SPECTRUM / 2 + 1, BANDS)."""
    bins = _in_mel(np.linspace(0.0, RATE / 2, SPECTRUM // 2 + 1))[1:, None]
    lowest, highest = _in_mel(np.array([60.0, 3800.0]))
    edges = np.linspace(lowest, highest, BANDS + 2)
    low, peak, high = edges[:-2], edges[1:-1], edges[2:]
    triangles = np.maximum(0.0, np.minimum((bins - low) / (peak - low), (high - bins) / (high - peak)))
    return np.pad(triangles, ((1, 0), (0, 0))).astype(np.float32)


_MEL = _mel_weights()

_KEYPAD_HERTZ = np.array([697, 770, 852, 941, 1209, 1336, 1477, 1633])
_TURNS = 2 * np.pi * np.outer(np.arange(BLOCK), _KEYPAD_HERTZ) / RATE
_KEYPAD = np.hstack([np.cos(_TURNS), np.sin(_TURNS)]).astype(np.float32)
_QUIET = 0.003  # -50 dBFS: below it nothing is a tone


def samples_of(sound: bytes | bytearray) -> Floats:
    """16-bit little-endian PCM as -1…1; an odd byte at the end is left out."""
    return np.frombuffer(sound[: len(sound) // 2 * 2], "<i2").astype(np.float32) / np.float32(32768)


def keypad_tones(blocks: Floats) -> NDArray[np.bool_]:
    """Which 20 ms blocks, of (n, BLOCK), are one low and one high keypad tone and next to nothing else."""
    energy = np.einsum("nt,nt->n", blocks, blocks)
    parts = (blocks @ _KEYPAD) ** 2
    tones = 2.0 * (parts[:, :8] + parts[:, 8:]) / BLOCK
    low, high = tones[:, :4].max(1), tones[:, 4:].max(1)
    level = np.maximum(low, high) < 10.0 * np.minimum(low, high)
    loud = energy > BLOCK * _QUIET**2
    result: NDArray[np.bool_] = loud & level & (low + high > 0.75 * energy)
    return result


def without_keypad_tones(samples: Floats) -> Floats:
    """Whole blocks of `samples`; those with keypad tones, and the block before and after each, are silent."""
    blocks = samples[: len(samples) // BLOCK * BLOCK].reshape(-1, BLOCK)
    if not len(blocks):
        return blocks.reshape(-1)
    tone = np.pad(keypad_tones(blocks), 1)
    muted = tone[:-2] | tone[1:-1] | tone[2:]
    silenced: Floats = np.where(muted[:, None], np.float32(0), blocks).reshape(-1)
    return silenced


def spectrum(samples: Floats) -> tuple[Floats, Floats]:
    """Frames 10 ms apart: mel magnitudes (n, BANDS), and loudness (n,), 1.0 being full scale.

    `samples` are 8 kHz, -1…1. Keypad tones are muted first.
    """
    samples = without_keypad_tones(samples)
    if len(samples) < WINDOW:
        return np.zeros((0, BANDS), np.float32), np.zeros(0, np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    magnitudes = 2.0 * np.abs(np.fft.rfft(frames * _HANN, SPECTRUM)).astype(np.float32)
    loudness: Floats = np.sqrt(np.mean(frames**2, axis=1, dtype=np.float32))
    return np.asarray(magnitudes @ _MEL, np.float32), loudness
