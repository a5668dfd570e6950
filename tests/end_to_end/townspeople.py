"""Who lives in the town that is called, and what may come of calling them."""

import re
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from models.survey import Disposition
from tests.voice.lines.sip import misbehaving, scenarios
from tests.voice.lines.sip.far_ends import DebianBaresip, OurTelephone, Sipp
from tests.voice.lines.sip.misbehaving import BODIES
from tests.voice.lines.sip.relay import LossyRelay, Network
from voice.audio_files import in_frames, read_audio, wav
from voice.line import FRAME_BYTES, RATE

FIRST, LAST = 5, 99  #: the numbers' ends: +46701740605 to +46701740699, which are nobody's
BAD_NIGHT = Network(loss=0.02, jitter_seconds=0.03, doubled=0.01)
_CLIPS = Path(__file__).parents[1] / "voice" / "answer_words" / "clips"
_MANY = 100_000

Open = Callable[[ExitStack, Path], str]  #: starts a far end; its address


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One kind of telephone. `came`: what may be stored of each call to it, up to the first ","."""

    opened: Open
    came: tuple[str, ...]
    dispositions: tuple[Disposition | None, ...] = (None,)


def _sipp(scenario: str, *, echo: bool = False) -> Open:
    def opened(stack: ExitStack, folder: Path) -> str:
        return stack.enter_context(_PatientSipp(folder, scenario=scenario, answers_with_echo=echo, calls=_MANY)).address

    return opened


def _baresip(sound: Callable[[], bytes]) -> Open:
    def opened(stack: ExitStack, folder: Path) -> str:
        folder.mkdir()
        (folder / "sound.wav").write_bytes(wav(sound()))
        return stack.enter_context(_Baresip(folder, plays=folder / "sound.wav")).address

    return opened


def telephone(*replies: str, network: Network | None = None) -> Open:
    def opened(stack: ExitStack, folder: Path) -> str:
        address = stack.enter_context(OurTelephone(folder, replies=replies)).address
        return stack.enter_context(LossyRelay(address, network)).address if network else address

    return opened


class _PatientSipp(Sipp):
    """One that stays for the day, and whose calls must all have come to their end when it goes."""

    def command(self) -> list[str]:
        told = super().command()
        told[told.index("-timeout") + 1] = "86400"
        return told

    def __exit__(self, *error: object) -> None:
        self.process.send_signal(signal.SIGUSR1)  # takes no more calls, and ends with its last
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"a call is stuck: {self.log()[-2000:]}") from None
        finally:
            super().__exit__(None, None, None)


class _Baresip(DebianBaresip):
    """One that takes as many calls at once as come."""

    def command(self) -> list[str]:
        command = super().command()
        with (self.folder / "config").open("a") as config:
            config.write("call_max_calls 0\n")
        return command


def _silence() -> bytes:
    return bytes(2 * RATE * 300)


def _music() -> bytes:
    """Chords, one a second, as a queue plays them."""
    at = np.arange(RATE * 60) / RATE
    chords = np.array([[262, 330, 392], [220, 277, 330], [294, 370, 440], [196, 247, 294]])[(at.astype(int) % 4)]
    sound = np.sin(2 * np.pi * chords.T * at).sum(axis=0) * (1 - 0.6 * (at % 1))
    return bytes((sound / 3 * 9000).astype("<i2").tobytes())


def talk(seconds: float) -> bytes:
    """Somebody who doesn't stop for breath, nor says anything that would answer us."""
    clips = sorted([*_CLIPS.glob("speech-*.wav"), *_CLIPS.glob("near-*.wav")])
    frames = np.frombuffer(b"".join(in_frames(read_audio(each)) for each in clips), "<i2").reshape(-1, FRAME_BYTES // 2)
    once = frames[frames.std(axis=1) > 300].ravel()
    return bytes(np.resize(once, round(seconds * RATE)).astype("<i2").tobytes())


def _voicemail() -> bytes:
    """Somebody speaks for a moment; then a beep, and it listens."""
    at = np.arange(RATE // 2) / RATE
    beep = (8000 * np.sin(2 * np.pi * 1000 * at)).astype("<i2").tobytes()
    return bytes(RATE) + talk(3) + bytes(RATE // 2) + beep + bytes(2 * RATE * 60)


_KEYS = ("key:1",) * 4  #: yes, and each question
_COMPLETED = (Disposition.COMPLETED,)
_OFTEN = 60  #: keys in a storm

TOWN: Mapping[str, Neighbour] = {
    "busy": Neighbour(_sipp(scenarios.refuses("486 Busy Here")), ("busy",)),
    "answers by keys": Neighbour(telephone(*_KEYS), ("held",), _COMPLETED),
    "declines": Neighbour(_sipp(scenarios.refuses("603 Decline")), ("declined",)),
    "answers from a bad network": Neighbour(telephone(*_KEYS, network=BAD_NIGHT), ("held",), _COMPLETED),
    "no such number": Neighbour(_sipp(scenarios.refuses("404 Not Found")), ("wrong_number",)),
    "is silent": Neighbour(_baresip(_silence), ("nobody",)),
    "has no room": Neighbour(_sipp(scenarios.refuses("503 Service Unavailable")), ("congestion",)),
    "plays music": Neighbour(_baresip(_music), ("machine", "held", "nobody")),
    "never answers": Neighbour(_sipp(scenarios.rings_for_ever()), ("no_answer",)),
    "is a voicemail": Neighbour(_baresip(_voicemail), ("machine",)),
    "is away": Neighbour(_sipp(scenarios.refuses("480 Temporarily Unavailable")), ("no_answer",)),
    "hangs up": Neighbour(_sipp(scenarios.hangs_up()), ("held",)),
    "holds": Neighbour(_sipp(scenarios.holds_and_resumes(), echo=True), ("held", "machine", "nobody")),
    "is mute": Neighbour(_sipp(scenarios.answers()), ("no_audio",)),
    "never again": Neighbour(telephone("key:9"), ("held",), (Disposition.REFUSED,)),
    "speaks no SDP": Neighbour(_sipp(misbehaving.answers_with(BODIES["not SDP"])), ("no_audio",)),
    "storms": Neighbour(
        _sipp(misbehaving.storms_of_info(_OFTEN, pause=100), echo=True),
        ("held", "nobody"),
        (*Disposition, None),  # whatever they happen to press
    ),
    "rings like mad": Neighbour(_sipp(misbehaving.rings_like_mad(40, "486 Busy Here")), ("busy",)),
    "offers anew": Neighbour(_sipp(misbehaving.negotiates(""), echo=True), ("held", "machine", "nobody")),
    "describes no sound": Neighbour(_sipp(misbehaving.answers_with(BODIES["port 0"])), ("no_audio",)),
}


@dataclass
class Town:
    """Its far ends run while it is entered."""

    folder: Path
    neighbours: Mapping[str, Neighbour] = field(default_factory=lambda: TOWN)
    _addresses: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> "Town":
        self.folder.mkdir()
        with ExitStack() as stack:
            for name, each in self.neighbours.items():
                self._addresses[name] = each.opened(stack, self.folder / re.sub(r"\W", "-", name))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def numbers(self, count: int) -> list[str]:
        """Of so many people, at most as many as there are numbers."""
        return [f"+467017406{end:02}" for end in range(FIRST, LAST + 1)][:count]

    def owner(self, number: str) -> str:
        """Whose it is."""
        return list(self.neighbours)[(int(number[-2:]) - FIRST) % len(self.neighbours)]

    def address(self, number: str) -> str:
        return self.address_of(self.owner(number))

    def address_of(self, neighbour: str) -> str:
        return self._addresses[neighbour]
