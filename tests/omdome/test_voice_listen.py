"""`voice listen`: recordings as people make them, heard as a call hears them."""

import json
from pathlib import Path

import numpy as np
import soxr

from omdome.config import CHECKOUT
from tests.omdome.conftest import Installation
from voice.audio_files import read_audio, wav, write_wav

REPLIES = CHECKOUT / "demo" / "replies"


def samples(name: str, rate: int) -> np.ndarray:
    heard = np.frombuffer(read_audio(REPLIES / f"{name}.wav", 16_000), "<i2").astype(np.float32)
    return np.asarray(soxr.resample(heard, 16_000, rate))


def test_each_recording_is_a_line_of_json_and_what_cannot_be_read_is_told(installation: Installation) -> None:
    files = [str(REPLIES / name) for name in ("bra.wav", "README.md", "inte_bra.wav")]
    told = installation.run("voice", "listen", "--json", *files)
    assert told.returncode == 1
    assert "README.md: is no recording that Omdöme knows" in told.stderr
    assert len(told.stderr.splitlines()) == 1
    bra, unread, not_bra = (json.loads(line) for line in told.stdout.splitlines())
    assert list(bra) == ["file", "heard", "confidence", "rating", "decision", "seconds"]
    assert unread.keys() == {"file", "error"}
    assert unread["file"] == files[1]
    assert "is no recording that Omdöme knows" in unread["error"]
    assert (bra["file"], bra["heard"], bra["rating"]) == (files[0], "bra", "bra")
    assert bra["decision"] in ("accept", "confirm")
    assert 0.2 < bra["seconds"] < 0.8
    assert (not_bra["rating"], not_bra["decision"]) != ("bra", "accept")


def test_rate_channels_level_and_silence_make_no_difference(installation: Installation, tmp_path: Path) -> None:
    studio = samples("bra", 48_000)
    quiet = np.repeat((studio * 0.05).astype("<i2"), 2)
    waiting = np.concatenate((np.zeros(3 * 48_000), studio, np.zeros(3 * 48_000))).astype("<i2")
    waiting[24_000:24_060] = 20_000  # a click
    (tmp_path / "quiet_stereo.wav").write_bytes(wav(quiet.tobytes(), 48_000, channels=2))
    write_wav(tmp_path / "waiting.wav", waiting.tobytes(), 48_000)
    told = installation.run("voice", "listen", "--json", *map(str, sorted(tmp_path.glob("*.wav"))))
    assert [json.loads(line)["rating"] for line in told.stdout.splitlines()] == ["bra", "bra"], told.stderr


def test_yes_and_no_are_heard_and_rate_nothing(installation: Installation) -> None:
    files = [str(REPLIES / name) for name in ("ja.wav", "nej.wav")]
    told = installation.run("voice", "listen", "--json", "--expecting", "yes_no", *files)
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert [(row["heard"], row["rating"]) for row in rows] == [("ja", None), ("nej", None)]


def test_a_recording_that_begins_with_the_word_is_heard_whole(installation: Installation, tmp_path: Path) -> None:
    loud = np.abs(samples("bra", 16_000)) > 600
    write_wav(tmp_path / "at_once.wav", samples("bra", 16_000)[np.argmax(loud) :].astype("<i2").tobytes(), 16_000)
    upprepa = CHECKOUT / "tests" / "voice" / "answer_words" / "clips" / "upprepa-1.wav"
    told = installation.run("voice", "listen", "--json", str(tmp_path / "at_once.wav"), str(upprepa))
    assert [json.loads(line)["heard"] for line in told.stdout.splitlines()] == ["bra", "upprepa"]


def test_a_mixed_set_is_heard_without_telling_what_was_asked(installation: Installation) -> None:
    names = ("bra", "okej", "daligt", "ja", "nej")
    told = installation.run("voice", "listen", "--json", *(str(REPLIES / f"{name}.wav") for name in names))
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert [row["heard"] for row in rows] == ["bra", "okej", "dåligt", "ja", "nej"]
    assert [row["rating"] for row in rows] == ["bra", "ok", "dåligt", None, None]
    assert {row["decision"] for row in rows} <= {"accept", "confirm"}


def test_an_engine_without_a_model_is_told(installation: Installation) -> None:
    told = installation.run("voice", "listen", "--engine", "vosk", str(REPLIES / "bra.wav"))
    assert told.returncode == 2
    assert "no Vosk model of the language 'sv'" in told.stderr
    assert "voice models fetch sv" in told.stderr
