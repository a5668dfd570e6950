"""The clips that are shipped for the tests; `python -m tools.answer_words clips` writes them anew."""

import wave
from pathlib import Path

CLIPS = sorted(Path(__file__).with_name("clips").glob("*.wav"))
ANSWERS = [clip for clip in CLIPS if "-not-" not in clip.stem]
OTHERS = [clip for clip in CLIPS if "-not-" in clip.stem]


def pcm(clip: Path) -> bytes:
    with wave.open(str(clip)) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8000, 2, 1)
        return file.readframes(-1)
