"""What was heard at the other end of a real connection: alike, but with slips where this machine was busy."""

import numpy as np

_PIECE = 800  # samples: 0.1 s


def found(sound: bytes, within: bytes) -> float:
    """The share (0..1) of the sound's louder tenths of a second that are found again, wherever."""
    samples = np.frombuffer(sound, "<i2").astype(float)
    pieces = samples[: len(samples) // _PIECE * _PIECE].reshape(-1, _PIECE)
    heard = np.frombuffer(within, "<i2").astype(float)
    louder = [piece for piece in pieces if piece.std() > 0.3 * samples.std()]
    return float(np.mean([_likeness(piece, heard) > 0.9 for piece in louder]))


def _likeness(piece: np.ndarray, heard: np.ndarray) -> float:
    """The highest correlation with any part of what was heard."""
    size = len(heard) + len(piece)
    cross = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(piece, size)), size)[: len(heard) - len(piece)]
    sums = np.concatenate(([0.0], np.cumsum(heard**2)))
    energy = (sums[len(piece) :] - sums[: -len(piece)])[: len(cross)]
    return float(np.max(cross / np.sqrt(np.maximum(energy, 1e4) * np.sum(piece**2))))


def loud(sound: bytes) -> float:
    """Seconds of it in which something is heard."""
    frames = np.frombuffer(sound[: len(sound) // 320 * 320], "<i2").reshape(-1, 160)
    return float(np.count_nonzero(frames.std(axis=1) > 200) * 0.02)
