"""Microphones and loudspeakers: which there are, and what they can do. Everything here may raise SoundcardError."""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from voice.line import FRAME_SECONDS

NO_PORTAUDIO = (
    "PortAudio is not installed, without which there is no microphone and no loudspeaker. Debian and Ubuntu: "
    "apt-get install libportaudio2. macOS and Windows: reinstall the Python package sounddevice, which brings it. "
    "Nothing else of Omdöme needs it"
)
LATENCY = 0.06  #: seconds of sound that a device is asked to hold: what is cut is silent that soon

Direction = Literal["input", "output"]
Stream = Any  #: of sounddevice, which has no types

#: Takes what ALSA would print. Kept for as long as the program lasts, as C goes on calling it.
_UNSAID = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)(
    lambda *_: None
)


class SoundcardError(Exception):
    """There is no such device, or it can't be used: what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Device:
    """A sound device as the system lists it."""

    number: int
    name: str
    system: str  #: the sound system: "ALSA", "Core Audio" …
    inputs: int  #: channels
    outputs: int
    rate: int  #: the samples a second that it prefers
    default_input: bool
    default_output: bool


def devices() -> list[Device]:
    """All devices, as numbered by the system."""
    sound = sounddevice()
    systems = sound.query_hostapis()
    default_input, default_output = sound.default.device
    return [
        Device(
            number=each["index"],
            name=each["name"],
            system=systems[each["hostapi"]]["name"],
            inputs=each["max_input_channels"],
            outputs=each["max_output_channels"],
            rate=round(each["default_samplerate"]),
            default_input=each["index"] == default_input,
            default_output=each["index"] == default_output,
        )
        for each in sound.query_devices()
    ]


def chosen(setting: str) -> int | str | None:
    """A device as people write it: its number, a part of its name, or nothing for the system's own choice."""
    return int(setting) if setting.isdecimal() else setting.strip() or None


@cache
def sounddevice() -> Any:
    """The library, with PortAudio at work."""
    try:
        import sounddevice as library
    except OSError as error:  # so the wheel says when it finds no PortAudio
        raise SoundcardError(NO_PORTAUDIO) from error
    _quieten_alsa()
    return library


def _quieten_alsa() -> None:
    """ALSA prints each underrun and each missing device on the terminal, in the middle of what is shown there.

    What matters of that comes back as PortAudio's errors.
    """
    with suppress(OSError, AttributeError):  # not on this system
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_UNSAID)


@dataclass(frozen=True, slots=True)
class Opened:
    """A running stream of 16-bit samples with `channels` interleaved."""

    stream: Stream
    rate: int
    channels: int


def open_stream(
    direction: Direction,
    device: int | str | None,
    callbacks: Callable[[int, int], Callable[..., None]],
    ended: Callable[[], None],
) -> Opened:
    """Open and start the device with that number or part of its name, or the system's own choice.

    `callbacks(rate, channels)` gives the callback for the stream as it will be: PortAudio's, called in a thread of its
    own with blocks of 20 ms. `ended` is called when the stream is over, also when the device was pulled out.
    """
    sound = sounddevice()
    facts = _facts(direction, device)
    stream_type = sound.RawInputStream if direction == "input" else sound.RawOutputStream
    problem: Exception | None = None
    for rate, channels in _formats(round(facts["default_samplerate"]), facts[f"max_{direction}_channels"]):
        try:
            stream = stream_type(
                device=facts["index"],
                samplerate=rate,
                channels=channels,
                dtype="int16",
                blocksize=round(rate * FRAME_SECONDS),
                latency=LATENCY,
                callback=callbacks(rate, channels),
                finished_callback=ended,
            )
        except sound.PortAudioError as error:
            problem = error
            continue
        try:
            stream.start()
        except sound.PortAudioError as error:
            problem = error
            stream.close()
        else:
            return Opened(stream, rate, channels)
    raise SoundcardError(
        f"The {_word(direction)} {facts['name']!r} can't be opened ({_reason(problem)}). Is another program using it? "
        "`python -m omdome voice devices` lists what there is"
    )


def _facts(direction: Direction, device: int | str | None) -> dict[str, Any]:
    sound = sounddevice()
    try:
        facts: dict[str, Any] = sound.query_devices(device, direction)
    except (ValueError, sound.PortAudioError) as error:
        wanted = _word(direction) if device is None else f"{_word(direction)} {device!r}"
        reason = "" if device is None else f" ({_reason(error)})"
        raise SoundcardError(
            f"There is no {wanted} on this machine{reason}. `python -m omdome voice devices` lists what there is"
        ) from error
    return facts


def _formats(own_rate: int, most_channels: int) -> Iterator[tuple[int, int]]:
    """What to try. The device's own rate first: resampling here is better than what many sound systems do.

    Some systems mix no channels either: then all of a device's have to be taken.
    """
    for rate in dict.fromkeys((own_rate, 48_000, 44_100, 16_000, 8_000)):
        for channels in dict.fromkeys((1, 2, most_channels)):
            yield rate, channels


def _word(direction: Direction) -> str:
    return "microphone" if direction == "input" else "loudspeaker"


def _reason(error: Exception | None) -> str:
    return " ".join(str(error).split())
