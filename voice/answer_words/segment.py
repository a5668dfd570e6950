"""Where in an utterance somebody speaks, and the window that is put before the network."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voice.answer_words.spectrum import BANDS, Floats

FRAMES = 236  #: 10 ms frames in the window: 21 embeddings, 80 ms apart
LONGEST = 200  #: frames; no answer word takes 2 s, so what does is something else
SHORTEST = 6
MARGIN = 10
SOFTEST = 0.0008  #: -62 dBFS: what is softer is silence
LOUDNESS = 0.1  #: speech is scaled to it, so that how loud somebody speaks doesn't matter
_CLICK = 7  # frames: what is shorter, and this far from the rest, is a click
_ISOLATED = 15


@dataclass(frozen=True)
class Window:
    """The spoken part of an utterance, ready for the network."""

    features: Floats  #: (FRAMES, BANDS) log-mel
    seconds: float  #: of speech, as far as energy tells


@dataclass(frozen=True)
class Nothing:
    """No window: silence, a click, or speech too long for an answer word."""

    seconds: float


def _runs(active: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def spoken_part(loudness: Floats) -> tuple[int, int]:
    """First and last-plus-one frame of speech; (0, 0) if there is none.

    A frame counts when it stands out from the utterance's own background (its 20th percentile) by 8 dB and lies within
    32 dB of its peak.
    """
    if len(loudness) == 0 or float(loudness.max()) < SOFTEST:
        return 0, 0
    level = 20 * np.log10(np.convolve(loudness, np.ones(3) / 3, "same") + 1e-6)
    peak, background = float(level.max()), float(np.percentile(level, 20))
    runs = _runs(level > min(max(background + 8, peak - 32), peak - 10))
    kept = [
        run
        for n, run in enumerate(runs)
        if run[1] - run[0] >= _CLICK
        or (n > 0 and run[0] - runs[n - 1][1] < _ISOLATED)
        or (n + 1 < len(runs) and runs[n + 1][0] - run[1] < _ISOLATED)
    ]
    return (kept[0][0], kept[-1][1]) if kept else (0, 0)


def window(mel: Floats, loudness: Floats) -> Window | Nothing:
    """The window around the speech, from `spectrum.spectrum`."""
    start, end = spoken_part(loudness)
    seconds = (end - start) / 100
    if not SHORTEST <= end - start <= LONGEST:
        return Nothing(seconds)
    loud = float(np.percentile(loudness[start:end], 90))
    first = (start + end - FRAMES) // 2
    features = np.zeros((FRAMES, BANDS), np.float32)
    low, high = max(0, first), min(len(mel), first + FRAMES)
    features[low - first : high - first] = mel[low:high] * (LOUDNESS / max(loud, 1e-5))
    return Window(np.log(features + np.float32(0.001)), seconds)
