"""Recordings as people send them: every kind of WAV, compressed files, damaged ones, and what is none."""

import io
import struct
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice import audio_files, compressed_audio
from voice.audio_files import AudioFileError, added, in_frames, read_audio, stereo, wav, write_wav
from voice.compressed_audio import CompressedAudioError

pcm = st.binary(max_size=2000).map(lambda audio: audio[: len(audio) // 2 * 2])


def tone(hertz: float = 440, rate: int = 44100, seconds: float = 1.0) -> np.ndarray:
    """Half of full scale."""
    return np.asarray(0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate))


def riff(
    code: int, bits: int, data: bytes, channels: int = 1, rate: int = 44100, said_bytes: int | None = None
) -> bytes:
    """A WAV file with a header of its own choice."""
    frame = channels * bits // 8
    header = struct.pack("<HHIIHH", code, channels, rate, rate * frame, frame, bits)
    size = len(data) if said_bytes is None else said_bytes
    body = (
        b"fmt "
        + struct.pack("<I", len(header))
        + header
        + b"LIST\x03\x00\x00\x00abc\x00data"
        + struct.pack("<I", size)
        + data
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def hears_tone(audio: bytes, hertz: float = 440, rate: int = 8000, seconds: float = 1.0) -> bool:
    """Whether it is that tone at half of full scale, as long as it should be."""
    samples = np.frombuffer(audio, "<i2") / 32768
    spectrum = np.abs(np.fft.rfft(samples))
    right_pitch = abs(spectrum.argmax() * rate / len(samples) - hertz) < 2
    return bool(right_pitch and abs(len(samples) / rate - seconds) < 0.1 and abs(samples.std() - 0.3536) < 0.03)


ENCODINGS: dict[str, Callable[[np.ndarray], bytes]] = {
    "8 bits": lambda sound: riff(1, 8, (sound * 127 + 128).astype("u1").tobytes()),
    "16 bits": lambda sound: riff(1, 16, (sound * 32767).astype("<i2").tobytes()),
    "24 bits": lambda sound: riff(
        1, 24, (sound * (2**23 - 1)).astype("<i4").view("u1").reshape(-1, 4)[:, :3].tobytes()
    ),
    "32 bits": lambda sound: riff(1, 32, (sound * (2**31 - 1)).astype("<i4").tobytes()),
    "float": lambda sound: riff(3, 32, sound.astype("<f4").tobytes()),
    "double": lambda sound: riff(3, 64, sound.astype("<f8").tobytes()),
    "stereo": lambda sound: riff(1, 16, np.repeat((sound * 32767).astype("<i2"), 2).tobytes(), channels=2),
    "unknown length": lambda sound: riff(1, 16, (sound * 32767).astype("<i2").tobytes(), said_bytes=0),
    "piped": lambda sound: riff(1, 16, (sound * 32767).astype("<i2").tobytes(), said_bytes=0xFFFFFFFF),
    "cut off": lambda sound: riff(1, 16, (sound * 32767).astype("<i2").tobytes()[:-33], said_bytes=90000),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_kind_of_wav_sounds_the_same(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "reply.wav"
    file.write_bytes(ENCODINGS[encoding](tone()))
    assert hears_tone(read_audio(file))


@pytest.mark.parametrize("codec", ["pcm_alaw", "pcm_mulaw", "adpcm_ms"])
def test_telephone_wav_sounds_the_same(tmp_path: Path, codec: str) -> None:
    assert hears_tone(read_audio(encoded(tmp_path, "reply.wav", "-c:a", codec)))


@pytest.mark.parametrize("name", ["a.mp3", "a.ogg", "a.opus", "a.m4a", "a.flac", "a.webm", "a.aac", "-i.mp3"])
def test_compressed_files_sound_the_same(tmp_path: Path, name: str) -> None:
    assert hears_tone(read_audio(encoded(tmp_path, name)))


def test_a_compressed_file_may_have_any_name(tmp_path: Path) -> None:
    assert hears_tone(read_audio(encoded(tmp_path, "a.mp3").rename(tmp_path / "reply.wav")))


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 48000, 96000])
def test_any_rate(tmp_path: Path, rate: int) -> None:
    file = tmp_path / "reply.wav"
    file.write_bytes(riff(1, 16, (tone(rate=rate) * 32767).astype("<i2").tobytes(), rate=rate))
    assert hears_tone(read_audio(file))
    assert hears_tone(read_audio(file, 16000), rate=16000)


def test_what_a_telephone_cant_carry_is_filtered_out_and_not_folded_back(tmp_path: Path) -> None:
    file = tmp_path / "whistle.wav"
    file.write_bytes(riff(3, 32, tone(5000).astype("<f4").tobytes()))
    assert np.abs(np.frombuffer(read_audio(file), "<i2")[400:-400]).max() < 10


@given(pcm.filter(bool))
def test_what_was_written_is_read_as_it_was(audio: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", lambda *_: io.BytesIO(wav(audio)))
        assert read_audio(Path("reply.wav")) == audio


def test_what_is_no_number_or_beyond_full_scale_is_clipped(tmp_path: Path) -> None:
    file = tmp_path / "loud.wav"
    file.write_bytes(riff(3, 32, np.array([3.0, -3.0, np.nan, np.inf], "<f4").tobytes(), rate=8000))
    assert np.frombuffer(read_audio(file), "<i2").tolist() == [32767, -32768, 0, 32767]


BAD = {
    "is empty": b"",
    "is no recording": b"<!DOCTYPE html><title>Logga in</title>",
    "ends before any sound": riff(1, 16, b"")[:40],
    "holds no sound at all": riff(1, 16, b""),
    "is cut off in its header": b"RIFF\x00\x00\x00\x00WAVEfmt \x02\x00\x00\x00\x01\x00",
    "its header is damaged": riff(1, 16, b"\x00\x00", rate=0),
    "nothing about its format": b"RIFF\x00\x00\x00\x00WAVEdata\x02\x00\x00\x00\x01\x00",
}


@pytest.mark.parametrize("problem", BAD)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path: Path, problem: str) -> None:
    file = tmp_path / "reply.wav"
    file.write_bytes(BAD[problem])
    with pytest.raises(AudioFileError, match=rf"reply\.wav: .*{problem}"):
        read_audio(file)


@pytest.mark.parametrize(
    "beginning", [b"ID3\x03", b"OggS\x00", b"\x00\x00\x00\x20ftypM4A ", b"fLaC", b"\xff\xfb\x90\x00"]
)
def test_a_damaged_compressed_file_is_told_in_one_line(tmp_path: Path, beginning: bytes) -> None:
    needs_ffmpeg()
    file = tmp_path / "reply.mp3"
    file.write_bytes(beginning + bytes(range(256)) * 8)
    with pytest.raises(AudioFileError, match="is damaged, or no ") as told:
        read_audio(file)
    assert "\n" not in str(told.value)


@given(cut=st.integers(0, 1200), changes=st.lists(st.tuples(st.integers(0, 80), st.integers(0, 255)), max_size=4))
@settings(max_examples=60)
def test_a_wav_however_damaged_gives_sound_or_one_clear_line(
    tmp_path_factory: pytest.TempPathFactory, cut: int, changes: list[tuple[int, int]]
) -> None:
    damaged = bytearray(riff(1, 24, tone(rate=8000, seconds=0.04).astype("<f4").tobytes(), rate=8000))
    for at, value in changes:
        damaged[at] = value
    file = tmp_path_factory.getbasetemp() / "damaged.wav"
    file.write_bytes(damaged[: len(damaged) - cut])
    try:
        outcome: bytes | str = read_audio(file)
    except AudioFileError as problem:
        outcome = str(problem)
    if isinstance(outcome, str):
        assert outcome.startswith(f"{file}: ")
        assert "\n" not in outcome
    else:
        assert len(outcome) % 2 == 0


def test_a_wav_of_a_rare_kind_that_was_cut_off_is_left_to_ffmpeg(tmp_path: Path) -> None:
    needs_ffmpeg()
    file = tmp_path / "rare.wav"
    file.write_bytes(riff(1, 20, bytes(range(200)) * 3 + b"x", channels=2))
    with pytest.raises(AudioFileError, match="is damaged, or no wav sound"):
        read_audio(file)


def test_an_mp3_that_was_cut_off_gives_what_is_there(tmp_path: Path) -> None:
    file = encoded(tmp_path, "a.mp3")
    file.write_bytes(file.read_bytes()[:-2000])
    assert 0.3 < len(read_audio(file)) / 16000 < 0.99


def test_files_that_arent_there_or_cant_be_written(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match=r"nix\.wav: can't be read \(No such file"):
        read_audio(tmp_path / "nix.wav")
    with pytest.raises(AudioFileError, match=r"x\.wav: can't be written \(No such file"):
        write_wav(tmp_path / "no folder" / "x.wav", b"")


def test_hours_on_end_are_refused_before_they_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "long.wav"
    write_wav(file, bytes(16000 * 20))
    assert len(read_audio(file)) == 16000 * 20
    monkeypatch.setattr(audio_files, "LONGEST_SECONDS", 19)
    with pytest.raises(AudioFileError, match="is longer than"):
        read_audio(file)


def test_a_long_compressed_file_is_read_in_pieces_that_fit_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = encoded(tmp_path, "a.flac")
    whole = read_audio(file)
    monkeypatch.setattr(compressed_audio, "PIECE_SECONDS", 0.25)
    assert read_audio(file) == whole


def test_without_ffmpeg_wav_still_works_and_the_rest_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mp3 = tmp_path / "a.mp3"
    mp3.write_bytes(b"ID3" + bytes(100))
    write_wav(tmp_path / "a.wav", b"\x01\x00")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    compressed_audio._pydub.cache_clear()
    with pytest.raises(AudioFileError, match=r"a\.mp3: needs ffmpeg .*apt-get install ffmpeg"):
        read_audio(mp3)
    assert read_audio(tmp_path / "a.wav") == b"\x01\x00"


def test_reading_an_mp3_warns_of_nothing_in_a_new_process(tmp_path: Path) -> None:
    file = encoded(tmp_path, "a.mp3")
    program = "import pathlib, sys, voice.audio_files as v; print(len(v.read_audio(pathlib.Path(sys.argv[1]))))"
    command = [sys.executable, "-W", "error", "-c", program, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert abs(int(done.stdout) - 16000) < 2000


@given(pcm, pcm)
def test_stereo_keeps_both_sides_and_the_longer_length(left: bytes, right: bytes) -> None:
    both = np.frombuffer(stereo(left, right), "<i2").reshape(-1, 2)
    for channel, audio in enumerate((left, right)):
        assert both[:, channel].tobytes() == audio + bytes(2 * len(both) - len(audio))
    with wave.open(io.BytesIO(wav(both.tobytes(), channels=2))) as file:
        assert file.getnframes() == max(len(left), len(right)) // 2


@given(pcm, pcm)
def test_sounds_add_up_in_either_order_and_never_wrap_around(one: bytes, other: bytes) -> None:
    assert added(one, other) == added(other, one)
    assert added(one, b"") == one
    loudest = b"\xff\x7f" * (len(one) // 2)
    assert added(loudest, loudest) == loudest


@given(pcm)
def test_frames_are_whole_and_keep_the_sound(audio: bytes) -> None:
    framed = in_frames(audio)
    assert len(framed) % 320 == 0
    assert 0 <= len(framed) - len(audio) < 320
    assert framed.startswith(audio)


def needs_ffmpeg() -> str:
    try:
        return compressed_audio._ffmpeg()
    except CompressedAudioError:
        pytest.skip("no ffmpeg: uv sync --inexact --group speech-tests brings one")


def encoded(folder: Path, name: str, *options: str) -> Path:
    """A second of the tone, encoded by ffmpeg as the name's ending says."""
    ffmpeg = needs_ffmpeg()
    original, file = folder / "original.wav", folder / name
    write_wav(original, (tone() * 32767).astype("<i2").tobytes(), 44100)
    command = [ffmpeg, "-v", "error", "-i", str(original), *options, str(file)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return file
