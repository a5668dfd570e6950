"""A line that records: from a moment on, both sides, in files that are whole at any time."""

import stat
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.voice.speech import noise
from voice.audio_files import read_audio
from voice.line import FRAME_BYTES, SILENCE, Heard, Line
from voice.lines.recording import RecordingLine
from voice.lines.taped import Taped
from voice.transcript import Entry, Who

OURS, THEIRS = noise(0.4, seed=1), noise(0.6, seed=2)
FRAMES = 20
Taping = Callable[[Line], Taped]


def sides(file: Path) -> tuple[bytes, bytes]:
    """The caller's (to the right) and ours (to the left), as any program reads them."""
    with wave.open(str(file)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 2, 2)
        both = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, 2)
    return both[:, 1].tobytes(), both[:, 0].tobytes()


async def pass_by(line: Line, frames: int = FRAMES) -> list[Heard]:
    return [await line.listen() for _ in range(frames)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "recordings" / "one.wav"


def content(file: Path) -> bytes:
    return file.read_bytes()


@pytest.fixture
def tape(file: Path) -> Iterator[Taping]:
    """Makes a line record to `file`."""
    made: list[Taped] = []

    def make(line: Line) -> Taped:
        made.append(Taped(line, file))
        return made[-1]

    yield make
    for each in made:
        each.stop()


async def test_we_are_on_the_left_and_the_caller_is_on_the_right(file: Path, tape: Taping) -> None:
    line = RecordingLine()
    taped = tape(line)
    assert taped.begin()
    line.say(THEIRS, after=0.1)
    taped.play(OURS)
    heard = b"".join(each.frame for each in await pass_by(taped, 40))
    theirs, ours = sides(file)
    assert theirs == heard
    assert ours == OURS + SILENCE * 20
    assert THEIRS in theirs


async def test_before_it_begins_there_is_no_file_and_nothing_of_before_is_in_it(file: Path, tape: Taping) -> None:
    line = RecordingLine()
    taped = tape(line)
    taped.note(Entry(who=Who.WE, seconds=0, text="before"))
    taped.play(OURS)
    line.say(THEIRS, after=0)
    before = await pass_by(taped, 10)
    assert not file.parent.exists()
    taped.begin()
    after = await pass_by(taped, 30)
    theirs, ours = sides(file)
    assert theirs == b"".join(each.frame for each in after)
    assert before[5].frame not in theirs
    assert ours == OURS[10 * FRAME_BYTES :] + SILENCE * 20
    assert file.with_suffix(".jsonl").read_text() == ""


async def test_nothing_comes_after_it_has_stopped(file: Path, tape: Taping) -> None:
    taped = tape(RecordingLine(background=noise(1.0)))
    taped.begin()
    await pass_by(taped)
    taped.stop()
    taped.note(Entry(who=Who.WE, seconds=0, text="after"))
    whole = content(file)
    await pass_by(taped)
    assert not taped.recording
    assert content(file) == whole
    assert file.with_suffix(".jsonl").read_text() == ""
    await taped.hang_up()


async def test_a_nine_stops_it_before_anybody_has_understood_it(file: Path, tape: Taping) -> None:
    line = RecordingLine(background=noise(1.0))
    taped = tape(line)
    taped.begin()
    line.press("9", after=0.2)
    heard = await pass_by(taped, 40)
    pressed = next(at for at, each in enumerate(heard) if each.keys)
    assert len(sides(file)[0]) == pressed * FRAME_BYTES


async def test_what_is_cut_is_not_said(file: Path, tape: Taping) -> None:
    taped = tape(RecordingLine())
    taped.begin()
    taped.play(OURS * 5)
    await pass_by(taped, 5)
    taped.cut()
    taped.play(THEIRS)
    await pass_by(taped, 5)
    assert sides(file)[1] == OURS[: 5 * FRAME_BYTES] + THEIRS[: 5 * FRAME_BYTES]


async def test_the_file_is_whole_after_every_frame(file: Path, tape: Taping) -> None:
    taped = tape(RecordingLine(background=noise(1.0)))
    taped.begin()
    for number in range(1, 6):
        await taped.listen()
        assert len(sides(file)[0]) == number * FRAME_BYTES
        assert len(read_audio(file)) == number * FRAME_BYTES


async def test_it_is_its_owners_alone(file: Path, tape: Taping) -> None:
    file.parent.mkdir(mode=0o755)
    taped = tape(RecordingLine())
    taped.begin()
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()] == [0o600, 0o600]


async def test_a_call_whose_recording_cannot_be_made_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    taped = Taped(RecordingLine(), tmp_path / "file" / "one.wav")
    assert not taped.begin()
    assert "goes on without" in caplog.text
    assert len((await taped.listen()).frame) == FRAME_BYTES


async def test_nothing_is_recorded_over(file: Path, tape: Taping) -> None:
    taped = tape(RecordingLine())
    taped.begin()
    await pass_by(taped)
    taped.stop()
    whole = content(file)
    assert not tape(RecordingLine()).begin()
    assert content(file) == whole


async def test_a_full_disk_ends_the_recording_and_not_the_call(
    file: Path, tape: Taping, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = pytest.importorskip("resource", reason="a limit on files' sizes needs Unix")
    import signal

    taped = tape(RecordingLine(background=noise(1.0)))
    taped.begin()
    await pass_by(taped, 5)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (44 + 5 * 640 + 100, before[1]))
        heard = await pass_by(taped, 5)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert len(heard) == 5
    assert not taped.recording
    assert len(sides(file)[0]) == 5 * FRAME_BYTES
    assert "ended early" in caplog.text
