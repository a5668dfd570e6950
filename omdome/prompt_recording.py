"""The recording session: one prompt after the other, each shown, recorded, played back and kept or done again."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from rich.live import Live
from rich.text import Text

from omdome.console import console, escaped, say
from voice.audio_files import AudioFileError
from voice.prompts.importing import RECORDING_RATE, keep_recording
from voice.prompts.shaping import FULL_SCALE

if TYPE_CHECKING:
    from voice.prompts.recording import Studio, Take
    from voice.prompts.sources import Prompt, PromptFolders

COUNTDOWN_SECONDS = 3
METER_WIDTH = 40
METER_FLOOR_DB = -50.0

Ask = Callable[[str], str]  #: shows a question and gives the answer


def record_prompts(prompts: list["Prompt"], folders: "PromptFolders", studio: "Studio", ask: Ask) -> int:
    """Record them in turn until all are done or the speaker has had enough. How many were kept."""
    count = "1 prompt" if len(prompts) == 1 else f"{len(prompts)} prompts"
    say(f"{count} to record. Speak as to one person, with the same distance to the microphone.\n")
    kept = 0
    for number, prompt in enumerate(prompts, 1):
        say(f"[dim]{number}/{len(prompts)}  {escaped(prompt.key)}[/]\n\n  [bold]{escaped(prompt.text)}[/]\n")
        choice = _record_one(prompt, folders, studio, ask)
        kept += choice == "k"
        if choice == "q":
            break
    return kept


def _record_one(prompt: "Prompt", folders: "PromptFolders", studio: "Studio", ask: Ask) -> str:
    """Takes of one prompt, until it is kept (k), skipped (s), or the session ends (q)."""
    while True:
        if (choice := ask("Enter records, s skips, q quits: ").strip().lower()) in ("s", "q"):
            return choice
        samples = _take(studio, ask)
        studio.play(samples, RECORDING_RATE)
        choice = ask("Enter keeps it, a does it again, s skips, q quits: ").strip().lower()
        if choice in ("s", "q"):
            return choice
        if choice != "a" and _kept(samples, prompt, folders):
            return "k"


def _kept(samples: "np.ndarray[tuple[int], np.dtype[np.float32]]", prompt: "Prompt", folders: "PromptFolders") -> bool:
    try:
        how = keep_recording(samples, prompt.key, prompt.text, folders)
    except AudioFileError as error:
        say(f"  [red]{escaped(str(error))}[/]\n")
        return False
    for complaint in how.complaints:
        say(f"  [yellow]{escaped(complaint)}[/]")
    say(f"  kept: {how.seconds:.1f} s\n")
    return True


def _take(studio: "Studio", ask: Ask) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    if console().is_terminal:
        for left in range(COUNTDOWN_SECONDS, 0, -1):
            say(f"  {left} …")
            time.sleep(1)
    take = studio.record()
    with Live(get_renderable=lambda: meter(take), console=console(), transient=True, refresh_per_second=12):
        ask("")
    return take.stop()


def meter(take: "Take") -> Text:
    """A bar of the level; red where the recording clips."""
    level = max(METER_FLOOR_DB, 20 * float(np.log10(max(take.level, 1e-6))))
    filled = round((1 - level / METER_FLOOR_DB) * METER_WIDTH)
    colour = "red" if take.level >= FULL_SCALE else "yellow" if level > -6 else "green"
    bar = Text("█" * filled, style=colour) + Text("·" * (METER_WIDTH - filled), style="dim")
    return Text("  ● ", style="red") + bar + Text(f" {level:5.0f} dB   Enter stops", style="dim")
