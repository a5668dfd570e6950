"""Sound cards for the tests: PortAudio on devices that the sound system makes up, as no test machine has real ones.

`silent_card` needs PortAudio alone (an ALSA "null" device, as fast as the machine is), `sound_server` a PulseAudio of
our own, whose loudspeaker is heard by its microphone in real time. What is missing skips, with what would bring it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from voice.lines.sip.incoming import Answering
from voice.lines.sip.phone import SipPhone
from voice.lines.sip.settings import SipAccount, SipPolicy
from voice.lines.sound_devices import SoundcardError, sounddevice

PULSE = Path("/usr/lib/x86_64-linux-gnu/alsa-lib/libasound_module_pcm_pulse.so")


@dataclass(frozen=True)
class Card:
    """A made-up sound card: the names of its devices."""

    microphone: str
    loudspeaker: str
    server: "subprocess.Popen[bytes] | None" = None


@contextmanager
def portaudio_with(config: str, folder: Path) -> Iterator[None]:
    """PortAudio sees the devices of that ALSA configuration, and afterwards the machine's own again."""
    if not sys.platform.startswith("linux"):
        pytest.skip("made-up sound cards need Linux (ALSA)")
    file = folder / "asound.conf"
    file.write_text(config)
    try:
        library = sounddevice()
    except SoundcardError:
        pytest.skip("no PortAudio: apt-get install libportaudio2")
    before = os.environ.get("ALSA_CONFIG_PATH")
    os.environ["ALSA_CONFIG_PATH"] = str(file)
    library._terminate()
    library._initialize()
    try:
        yield
    finally:
        if before is None:
            del os.environ["ALSA_CONFIG_PATH"]
        else:
            os.environ["ALSA_CONFIG_PATH"] = before
        library._terminate()
        library._initialize()


@pytest.fixture
def silent_card(tmp_path: Path) -> Iterator[Card]:
    """Swallows what is played, and hears silence."""
    # PortAudio leaves out what is called "null", and fails where there is no "default".
    with portaudio_with("pcm.quiet { type null }\npcm.!default { type null }\n", tmp_path):
        yield Card("quiet", "quiet")


@pytest.fixture
def no_card(tmp_path: Path) -> Iterator[None]:
    """A machine without any sound device."""
    with portaudio_with("pcm.!default { type hw card 31 }\n", tmp_path):
        yield


@pytest.fixture
def sound_server(tmp_path: Path) -> Iterator[Card]:
    """A card whose microphone hears its loudspeaker. Beside it a second room, of "mouth" and "mouth_ear"."""
    program = shutil.which("pulseaudio")
    if program is None or not PULSE.exists():
        pytest.skip("no sound server: apt-get install pulseaudio libasound2-plugins")
    socket = tmp_path / "sound.sock"
    options = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"]
    rooms = [f"module-null-sink sink_name={room} norewinds=1" for room in ("room", "mouth")]
    modules = [*rooms, f"module-native-protocol-unix socket={socket} auth-anonymous=1"]
    loaded = [part for module in modules for part in ("-L", module)]
    home = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    with subprocess.Popen([program, *options, *loaded], env=home, stderr=subprocess.PIPE) as server:
        try:
            _wait_for(socket, server)
            device = f'type pulse server "unix:{socket}"'
            devices = {"room": "room", "ear": "room.monitor", "mouth": "mouth", "mouth_ear": "mouth.monitor"}
            names = "".join(f"pcm.{name} {{ {device} device {of} }}\n" for name, of in devices.items())
            with portaudio_with(names + "pcm.!default { type null }\n", tmp_path):
                yield Card("ear", "room", server)
        finally:
            server.terminate()
            server.communicate()


def _wait_for(socket: Path, server: "subprocess.Popen[bytes]") -> None:
    import time

    for _ in range(100):
        if socket.exists():
            return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    pytest.skip("this machine's pulseaudio doesn't start")


PhoneMaking = Callable[..., Coroutine[Any, Any, SipPhone]]


class UtcClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
async def start_phone() -> AsyncIterator[PhoneMaking]:
    """Starts phones, of an account and with a policy of the test's."""
    pytest.importorskip("baresip", reason="no baresip-python for this system")
    async with AsyncExitStack() as stack:

        async def start(
            account: SipAccount | None = None, incoming: Answering | None = None, **policy: Any
        ) -> SipPhone:
            phone = SipPhone(account or SipAccount(), SipPolicy(**policy), UtcClock(), incoming=incoming)
            stack.push_async_callback(phone.close)
            await phone.start()
            return phone

        yield start
