"""Loudness after ITU-R BS.1770-4, of mono sound at any rate.

The K-weighting is the two filters of the recommendation, re-designed for the rate from their analogue prototypes (the
parameters that give back its 48 kHz table: Brecht De Man, "Evaluation of implementations of the EBU R128 loudness
measurement", AES 145, 2018). It is applied to the power spectrum of each gating block, which spares a recursive filter.
"""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]  #: mono, -1..1

BLOCK_SECONDS = 0.4
STEP_SECONDS = 0.1  # blocks overlap by three quarters
SILENT_LUFS = -70.0  #: the absolute gate: what is below counts as silence
RELATIVE_GATE = 10.0  # LU below the loudness of what passed the absolute gate

_SHELF_HZ, _SHELF_Q, _SHELF_DB = 1681.974450955533, 0.7071752369554196, 3.999843853973347
_HIGH_PASS_HZ, _HIGH_PASS_Q = 38.13547087602444, 0.5003270373238773


def loudness(samples: Samples, rate: int) -> float:
    """Gated loudness in LUFS; SILENT_LUFS for silence.

    A sound shorter than a gating block (0.4 s) is measured as it is, without gates.
    """
    powers = _block_powers(samples, rate)
    levels = _lufs(powers)
    loud = powers[levels > SILENT_LUFS]
    if not len(loud):
        return SILENT_LUFS
    gate = _lufs(loud.mean()) - RELATIVE_GATE
    return float(_lufs(loud[_lufs(loud) > gate].mean()))


def _lufs(power: "NDArray[np.float64] | np.float64") -> "NDArray[np.float64]":
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(power, 1e-12)))


def _block_powers(samples: Samples, rate: int) -> NDArray[np.float64]:
    length, step = round(BLOCK_SECONDS * rate), round(STEP_SECONDS * rate)
    if len(samples) < length:
        length = max(1, len(samples))
        samples = np.resize(samples, length) if len(samples) else np.zeros(1, np.float32)
    blocks = np.lib.stride_tricks.sliding_window_view(samples, length)[::step]
    spectrum = np.abs(np.fft.rfft(blocks.astype(np.float64), axis=1)) ** 2
    spectrum[:, 1 : (length + 1) // 2] *= 2  # the negative frequencies, by Parseval
    weighted = spectrum @ _k_weighting(length, rate)
    return np.asarray(weighted / length**2)


def _k_weighting(length: int, rate: int) -> NDArray[np.float64]:
    """The gain of the two filters, squared, at each frequency of a spectrum over `length` samples."""
    z = np.exp(2j * np.pi * np.arange(length // 2 + 1) / length)
    k, q = np.tan(np.pi * _SHELF_HZ / rate), _SHELF_Q
    high = 10 ** (_SHELF_DB / 20)
    band = high**0.4996667741545416
    poles = _polynomial(z, 1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k)
    shelf = _polynomial(z, high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k) / poles
    k, q = np.tan(np.pi * _HIGH_PASS_HZ / rate), _HIGH_PASS_Q
    poles = _polynomial(z, 1.0, 2 * (k * k - 1) / (1 + k / q + k * k), (1 - k / q + k * k) / (1 + k / q + k * k))
    high_pass = _polynomial(z, 1.0, -2.0, 1.0) / poles
    return np.asarray(np.abs(shelf * high_pass) ** 2)


def _polynomial(z: NDArray[np.complex128], b0: float, b1: float, b2: float) -> NDArray[np.complex128]:
    return b0 + b1 / z + b2 / z**2
