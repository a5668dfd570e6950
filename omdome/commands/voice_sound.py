"""`voice devices` and `voice level`: whether this machine has ears and a mouth for a call, and how good they are."""

from typing import TYPE_CHECKING, Annotated

import typer

from omdome.console import Problem, config_of, console, escaped, run_async, say, say_json

if TYPE_CHECKING:
    from rich.text import Text

    from voice.lines.sound_level import Level
    from voice.lines.soundcard import SoundcardLine

METER_WIDTH = 40
METER_FLOOR_DB = -60.0
TONE_HERTZ, TONE_SECONDS = 440.0, 1.0
ECHO_DB = 6.0  #: louder than the room by that much: the microphone hears the loudspeaker


def devices(as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """List microphones and loudspeakers, with the numbers and names that config.toml takes."""
    from dataclasses import asdict

    from voice.lines import sound_devices

    try:
        found = sound_devices.devices()
    except sound_devices.SoundcardError as error:
        raise Problem(str(error)) from error
    if as_json:
        say_json([asdict(device) for device in found])
        return
    if not found:
        raise Problem("This machine has no sound device: plug one in, or hold a call by recording (call --replies)")
    from rich.table import Table

    table = Table("No.", "Name", "System", "In", "Out", "Rate", "Default", box=None, pad_edge=False)
    for device in found:
        default = [word for word, is_it in (("in", device.default_input), ("out", device.default_output)) if is_it]
        channels = (str(device.inputs or "–"), str(device.outputs or "–"))
        name, system = escaped(device.name), escaped(device.system)
        table.add_row(str(device.number), name, system, *channels, f"{device.rate} Hz", ", ".join(default))
    console().print(table)
    say("\nTest one with `voice level`; choose with \\[voice] input_device and output_device.")


def level(
    ctx: typer.Context,
    seconds: Annotated[float, typer.Option(min=1, max=60, help="How long to listen.")] = 5.0,
    microphone: Annotated[
        str, typer.Option(help="Number or part of the name. Default: the one in config.toml.", show_default=False)
    ] = "",
    loudspeaker: Annotated[
        str, typer.Option(help="Number or part of the name. Default: the one in config.toml.", show_default=False)
    ] = "",
) -> None:
    """Measure the microphone while you speak, play a tone, and say in plain words how good they are for a call."""
    voice = config_of(ctx).voice
    run_async(_test(microphone or voice.input_device, loudspeaker or voice.output_device, seconds))


async def _test(microphone: str, loudspeaker: str, seconds: float) -> None:
    from voice.lines.sound_level import judged

    line = _line(microphone, loudspeaker)
    try:
        say(f"Speak as in a call for {seconds:.0f} seconds …")
        measured = judged(await _heard(line, seconds))
        _tell(measured)
        echo = await _tone_heard(line)
    finally:
        await line.hang_up()
    say("A tone was played: if you didn't hear it, choose another loudspeaker (see `voice devices`).")
    if echo - measured.noise > ECHO_DB:
        say("The microphone hears the loudspeaker, so callers can't interrupt prompts by speaking. With a headset they")
        say("can: set \\[voice] headset = true.")
    if measured.verdict not in ("good", "no speech"):
        raise typer.Exit(1)


def _line(microphone: str, loudspeaker: str) -> "SoundcardLine":
    from voice.lines.sound_devices import SoundcardError, chosen
    from voice.lines.soundcard import SoundcardLine

    try:
        return SoundcardLine(chosen(microphone), chosen(loudspeaker))
    except SoundcardError as error:
        raise Problem(str(error)) from error


async def _heard(line: "SoundcardLine", seconds: float) -> list[bytes]:
    """The frames of so many seconds, with a live meter where there is a terminal."""
    from rich.live import Live

    frames: list[bytes] = []
    with Live(console=console(), transient=True, auto_refresh=False) as live:
        for number in range(round(seconds * 50)):
            frames.append(await _frame(line))
            if console().is_terminal and number % 4 == 3:
                live.update(_meter(frames[-4:]), refresh=True)
    return frames


async def _tone_heard(line: "SoundcardLine") -> float:
    """Play the tone, and measure what the microphone hears of it."""
    from voice.lines.sound_level import judged, tone

    line.play(tone(TONE_HERTZ, TONE_SECONDS))
    return judged([await _frame(line) for _ in range(round(2 * TONE_SECONDS * 50))]).speech


async def _frame(line: "SoundcardLine") -> bytes:
    heard = await line.listen()
    if heard.hung_up:
        raise Problem("The sound device went away in the middle, or gives nothing: plug it in, or choose another one")
    return heard.frame


def _meter(frames: list[bytes]) -> "Text":
    from rich.text import Text

    from voice.lines.sound_level import loudness

    decibels = max(loudness(frame) for frame in frames)
    filled = round(METER_WIDTH * (1 - max(METER_FLOOR_DB, decibels) / METER_FLOOR_DB))
    style = "red" if decibels > -6 else "green" if decibels > -40 else "dim"
    return Text("█" * filled, style) + Text("░" * (METER_WIDTH - filled) + f" {decibels:4.0f} dB", "dim")


def _tell(measured: "Level") -> None:
    from voice.lines.sound_level import Verdict

    say(
        {
            Verdict.NOTHING: "Nothing comes from this microphone: it is muted, or not the one that you speak into.",
            Verdict.CLIPPING: f"Too loud: {measured.clipped_frames} times it was clipped. Turn the microphone down, or "
            "hold it further away.",
            Verdict.TOO_QUIET: "Too quiet: turn the microphone up, or speak closer to it.",
            Verdict.NO_SPEECH: "No speech stood out: either nobody spoke, or the room is as loud as the voice.",
            Verdict.GOOD: "Good: the voice is loud and clear enough for a call.",
        }[measured.verdict]
    )
    say(f"  voice {measured.speech:.0f} dB, background noise {measured.noise:.0f} dB (0 dB is as loud as can be)")
