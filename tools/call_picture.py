"""Remakes docs/images/call.png: a call by recording, its sound and what was said.

`.venv/bin/python tools/call_picture.py` (needs Chromium, see tools/screenshots.py)
"""

import html
import json
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np

PROJECT = Path(__file__).parent.parent
sys.path.insert(0, str(PROJECT))

from tools.screenshots import IMAGES, screenshot  # noqa: E402 - the checkout's, found by the line above
from voice.line import RATE  # noqa: E402

REPLIES = [str(PROJECT / "demo" / "replies" / f"{name}.wav") for name in ("ja", "bra", "okej", "daligt")]
WIDTH, HEIGHT = 720, 950
LANES = (("Omdöme", "#0b4f4a"), ("caller", "#4b8f2f"))

STYLE = """
body{margin:0;background:#f4f7f8;font:15px/1.35 'Open Sans','DejaVu Sans',sans-serif;color:#10201f}
main{padding:16px 18px}
svg{display:block;background:#fff;border-radius:8px;margin-bottom:12px}
.line{display:flex;gap:10px;margin-top:6px;align-items:baseline}
.at{width:44px;color:#6b7b7a;font-size:12px;text-align:right;flex:none}
.we,.caller{padding:6px 11px;border-radius:12px;max-width:74%}
.we{background:#fff}
.caller{background:#d3f2c8;margin-left:auto}
.remark{color:#4d605e;font-size:12px;margin-left:8px}
"""


def held(folder: Path) -> tuple[np.ndarray, list[dict[str, object]]]:
    """The two channels of a call with the shipped replies, and its transcript."""
    sound, transcript = folder / "call.wav", folder / "call.jsonl"
    command = [sys.executable, "-m", "omdome", "call", "--dry-run", "--to", str(sound), "--transcript", str(transcript)]
    subprocess.run(
        [*command, "--say-consent", "--replies", *REPLIES], check=True, cwd=PROJECT, stdout=subprocess.DEVNULL
    )
    with wave.open(str(sound)) as opened:
        both = np.frombuffer(opened.readframes(opened.getnframes()), "<i2").reshape(-1, 2)
    return both, [json.loads(line) for line in transcript.read_text("utf-8").splitlines()]


def waves(both: np.ndarray) -> str:
    """Each side's loudness over time."""
    wide, lane = WIDTH - 36, 62
    step = len(both) // (wide - 90) + 1
    drawn = []
    for number, (name, colour) in enumerate(LANES):
        middle = lane * number + lane // 2 + 4
        drawn.append(f'<text x="10" y="{middle + 4}" font-size="13" fill="{colour}">{name}</text>')
        for x, at in enumerate(range(0, len(both), step)):
            peak = int(np.abs(both[at : at + step, number].astype(np.int32)).max()) / 32768 * lane
            top, height = f"{middle - peak / 2:.1f}", f"{max(peak, 0.6):.1f}"
            drawn.append(f'<rect x="{80 + x}" y="{top}" width="1" height="{height}" fill="{colour}"/>')
    seconds = len(both) / RATE
    for mark in range(0, int(seconds), 10):
        x = 80 + mark * RATE / step
        drawn.append(f'<text x="{x:.0f}" y="{lane * 2 + 18}" font-size="11" fill="#6b7b7a">{mark} s</text>')
    return f'<svg width="{wide}" height="{lane * 2 + 26}">{"".join(drawn)}</svg>'


def turns(transcript: list[dict[str, object]]) -> list[dict[str, object]]:
    """What each said at once, in one entry."""
    joined: list[dict[str, object]] = []
    for entry in transcript:
        if entry["who"] == "call":
            continue
        before = joined[-1] if joined else {}
        if (before.get("who"), before.get("seconds")) == (entry["who"], entry["seconds"]):
            before["text"] = f"{before['text']} {entry['text']}"
        else:
            joined.append(dict(entry))
    return joined


def lines(transcript: list[dict[str, object]]) -> str:
    drawn = []
    for entry in turns(transcript):
        at = f"{float(str(entry['seconds'])):.1f} s"
        said = f"[{entry['key']}]" if "key" in entry else str(entry.get("text", "…"))
        remark = ""
        if "confidence" in entry:
            rated = f" → {entry['rating']}" if "rating" in entry else ""
            remark = f'<span class="remark">{float(str(entry["confidence"])):.2f}{rated}</span>'
        spoken = f'<span class="{entry["who"]}">{html.escape(said)}{remark}</span>'
        drawn.append(f'<div class="line"><span class="at">{at}</span>{spoken}</div>')
    return "".join(drawn)


def page() -> str:
    with tempfile.TemporaryDirectory() as folder:
        both, transcript = held(Path(folder))
    main = f"<main>{waves(both)}{lines(transcript)}</main>"
    return f'<!DOCTYPE html><html lang="sv"><meta charset="utf-8"><style>{STYLE}</style>{main}'


if __name__ == "__main__":
    screenshot(page(), IMAGES / "call.png", WIDTH, HEIGHT, dark=False)
