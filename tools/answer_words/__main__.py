"""`python -m tools.answer_words build` rebuilds the recogniser, in an environment of requirements.txt beside this file.

Everything is kept in the work folder, so a build that was stopped goes on where it was; delete the folder to start
afresh. Needs npm, ffmpeg (with libgsm) and espeak-ng on the PATH. See docs/answer-words.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch

from tools.answer_words.calibration import calibrate
from tools.answer_words.card import measured, summary, write_card
from tools.answer_words.embedding import SpeechEmbedding, lower_layers
from tools.answer_words.evaluation import verdicts
from tools.answer_words.examples import examples_of, make_examples
from tools.answer_words.export import Whole, export
from tools.answer_words.recordings import recorded
from tools.answer_words.shipping import ship_clips
from tools.answer_words.synthesis import SEED, speak_all
from tools.answer_words.training import EPOCHS, SEEDS, Ensemble, logits_of, trained

ROOT = Path(__file__).resolve().parents[2]
CLIPS = {"espeak": 1200, "joe": 256, "kokoro": 4992, "words": 3968, "nonsense": 576}
STEPS = (
    "build: all of it; speak: one process of its synthesis; member: the training of one of its networks; "
    "clips: write the clips that the tests use"
)
KOKORO = ("kokoro", "words", "nonsense")
REPEATS = {"kokoro": 3, "words": 3, "nonsense": 2, "espeak": 1, "joe": 1}  # how often each training clip is varied


def fetch(work: Path) -> Path:
    """The voices (npm) and the embedding's weights (PyPI) into the work folder; the path of the weights."""
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "package" / "voices").exists():
        subprocess.run(["npm", "pack", "--silent", "kokoro-js@1.2.1"], cwd=work, check=True)
        subprocess.run(["tar", "xzf", "kokoro-js-1.2.1.tgz"], cwd=work, check=True)
    weights = work / "openwakeword" / "resources" / "models" / "embedding_model.onnx"
    if not weights.exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "openwakeword==0.5.1"]
        subprocess.run(pip, cwd=work, check=True)
        with zipfile.ZipFile(work / "openwakeword-0.5.1-py3-none-any.whl") as wheel:
            wheel.extract("openwakeword/resources/models/embedding_model.onnx", work)
    return weights


def at_once(commands: list[list[str]], processes: int) -> None:
    """Runs steps of this tool, so many at a time."""

    def run(command: list[str]) -> None:
        subprocess.run([sys.executable, "-m", "tools.answer_words", *command], cwd=ROOT, check=True)

    with ThreadPoolExecutor(processes) as pool:
        list(pool.map(run, commands))


def synthesise(work: Path, processes: int) -> None:
    for engine in ("espeak", "joe"):
        speak_all(work, engine, CLIPS[engine])
    at_once([["speak", "--work", str(work), "--part", f"{n}/{processes}"] for n in range(processes)], processes)


def member(args: argparse.Namespace) -> None:
    """Trains one of the networks, unless it is there."""
    embedding = SpeechEmbedding(fetch(args.work))
    examples, rows = examples_of(args.work, lower_layers(embedding, args.work / "lower.onnx"))
    trained(args.work, args.seed, examples, rows, embedding)


def build(args: argparse.Namespace) -> None:
    torch.set_num_threads(1)  # the networks are too small to gain by more
    weights = fetch(args.work)
    if not args.keep_clips:
        synthesise(args.work, args.processes)
    embedding = SpeechEmbedding(weights)
    lower = lower_layers(embedding, args.work / "lower.onnx")
    make_examples(args.work, REPEATS)
    examples, rows = examples_of(args.work, lower)
    at_once([["member", "--work", str(args.work), "--seed", str(seed)] for seed in SEEDS], args.processes)
    ensemble = Ensemble([trained(args.work, seed, examples, rows, embedding) for seed in SEEDS]).eval()
    tuning, judges = ([n for n, each in enumerate(examples) if each.split == split] for split in ("calibrate", "judge"))
    calibration = calibrate([examples[n] for n in tuning], logits_of(ensemble, rows[tuning]))
    judged = verdicts([examples[n] for n in judges], logits_of(ensemble, rows[judges]), calibration)
    notes = {
        "seed": SEED,
        "training_seeds": ", ".join(map(str, SEEDS)),
        "epochs": EPOCHS,
        "training_examples": sum(example.split == "train" and example.windowed for example in examples),
        **summary(judged),
    }
    if args.recordings:
        people, features = recorded(args.recordings, args.work / "recordings.npz")
        judged += verdicts(people, logits_of(ensemble, lower(features)), calibration)
    export(ROOT / "voice" / "answer_words", Whole(embedding, ensemble), calibration, args.version, notes)
    write_card(ROOT / "docs" / "answer-words.md", measured(judged, calibration))
    print("\n".join(f"{name}: {value}" for name, value in notes.items()))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.answer_words", description=__doc__)
    parser.add_argument("step", choices=["build", "speak", "member", "clips"], help=STEPS)
    parser.add_argument(
        "--work", type=Path, default=ROOT / "out" / "answer_words", help="folder for clips and examples, 2 GB"
    )
    parser.add_argument("--clips", type=int, help="how many clips of each of Kokoro's streams: half a second each")
    parser.add_argument("--stream", choices=["all", *KOKORO], default="all", help="speak: which of them")
    parser.add_argument("--seed", type=int, default=SEEDS[0], help="member: which of the networks")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--part", default="0/1", help="n/of: which share of the clips to speak")
    parser.add_argument("--keep-clips", action="store_true", help="train on the clips there are, and speak no more")
    parser.add_argument(
        "--recordings", type=Path, help="TSV of real recordings to judge by as well: path, transcript, language"
    )
    parser.add_argument("--version", default="answer_words/2026-11-22a", help="what is stored with every answer")
    args = parser.parse_args()
    if args.step == "speak":
        part, parts = map(int, args.part.split("/"))
        for stream in KOKORO if args.stream == "all" else [args.stream]:
            speak_all(args.work, stream, args.clips or CLIPS[stream], part=part, parts=parts)
    elif args.step == "member":
        torch.set_num_threads(1)
        member(args)
    elif args.step == "clips":
        ship_clips(args.work, ROOT / "tests" / "voice" / "answer_words" / "clips")
    else:
        build(args)


if __name__ == "__main__":
    main()
