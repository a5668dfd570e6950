"""Makes the recorded caller of the demonstration: demo/replies/*.wav. Set up as for tools/prompts/render.py, then

    .tools/prompts/bin/python tools/demo_replies.py .tools/kokoro-js-1.2.1.tgz

The voice is one that the embedded recogniser was neither trained nor tuned with (tools/answer_words/voices.py, JUDGES).
"""

import sys
from pathlib import Path

import numpy as np
import soxr

PROJECT = Path(__file__).parent.parent
sys.path.insert(0, str(PROJECT))

from tools.prompts.kokoro import RATE, Kokoro  # noqa: E402 - found by the line above
from voice.audio_files import write_wav  # noqa: E402

VOICE, SPEED = "am_michael", 0.95
WAV_RATE = 16_000
PEAK = 0.3  # of full scale
SILENCE_SECONDS = 0.35  # before and after
SAID = {
    "bra": "brˈɑː.",
    "okej": "ʊkˈɛj.",
    "daligt": "dˈoːlɪɡt.",
    "ja": "jˈɑː.",
    "nej": "nˈɛj.",
    "inte_bra": "ˈɪntə brˈɑː.",
    "det_var_okej": "dɛ vɑː ʊkˈɛj.",
}


def main() -> None:
    kokoro = Kokoro(Path(sys.argv[1]))
    for name, phonemes in SAID.items():
        said = soxr.resample(kokoro.say(phonemes, kokoro.voice({VOICE: 1.0}), SPEED), RATE, WAV_RATE)
        said *= PEAK / np.abs(said).max()
        quiet = np.zeros(round(SILENCE_SECONDS * WAV_RATE), np.float32)
        pcm = (np.concatenate((quiet, said, quiet)) * 32767).round().astype("<i2").tobytes()
        write_wav(PROJECT / "demo" / "replies" / f"{name}.wav", pcm, WAV_RATE)


if __name__ == "__main__":
    main()
