"""Where each prompt's audio comes from, and that a call never begins without all of it."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from models.texts import Texts
from tests.voice.speech import spoken
from voice.audio_files import AudioFileError, in_frames, read_audio, write_wav
from voice.line import FRAME_BYTES
from voice.prompts.importing import import_recording
from voice.prompts.library import MissingPromptError, load_prompts, wordings_of
from voice.prompts.sources import INDEX, PromptFolders, Source, find_prompts
from voice.prompts.synthesis import SynthesisError, espeak_library, render

WORDINGS = {"hello": "Hej!", "thanks.completed": "Tack för hjälpen!"}


@pytest.fixture
def folders(tmp_path: Path) -> PromptFolders:
    return PromptFolders.of("sv", tmp_path / "studio", tmp_path / "cache", tmp_path / "shipped")


def ship(folders: PromptFolders, key: str, text: str) -> None:
    folders.shipped.mkdir(parents=True, exist_ok=True)
    write_wav(folders.shipped / f"{key}.wav", spoken(text))
    with (folders.shipped / INDEX).open("a", encoding="utf-8") as index:
        index.write(("" if index.tell() else "[texts]\n") + f'"{key}" = "{text}"\n')


def record(folders: PromptFolders, key: str, text: str, said: str) -> None:
    folders.studio.mkdir(parents=True, exist_ok=True)
    recording = folders.studio / "recording.wav"
    write_wav(recording, spoken(said))
    import_recording(recording, key, text, folders)


def sources(wordings: dict[str, str], folders: PromptFolders) -> dict[str, Source]:
    return {prompt.key: prompt.source for prompt in find_prompts(wordings, folders)}


def test_a_studio_recording_comes_first_then_ours_then_a_render(folders: PromptFolders) -> None:
    wordings = WORDINGS | {"heard.bra": "Bra, tack.", "heard.ok": "Okej, tack."}
    for key in ("hello", "thanks.completed", "heard.bra"):
        render(find_prompts({key: wordings[key]}, folders)[0], folders, espeak_library())
    ship(folders, "hello", "Hej!")
    ship(folders, "thanks.completed", "Tack för hjälpen!")
    record(folders, "hello", "Hej!", "Hej hej!")
    assert sources(wordings, folders) == {
        "hello": Source.STUDIO,
        "thanks.completed": Source.SHIPPED,
        "heard.bra": Source.CACHE,
        "heard.ok": Source.MISSING,
    }


def test_ours_is_not_used_for_another_text(folders: PromptFolders) -> None:
    ship(folders, "hello", "Hej!")
    assert sources({"hello": "Goddag!"}, folders) == {"hello": Source.MISSING}


def test_a_studio_recording_of_an_older_text_is_used_and_pointed_out(folders: PromptFolders) -> None:
    record(folders, "hello", "Hej!", "Hej!")
    assert not any(prompt.stale for prompt in find_prompts({"hello": "Hej!"}, folders))
    assert all(prompt.stale for prompt in find_prompts({"hello": "Goddag!"}, folders))
    assert load_prompts({"hello": "Goddag!"}, folders).audio("hello")


def test_a_wav_that_was_copied_there_by_hand_is_a_studio_recording(folders: PromptFolders) -> None:
    folders.studio.mkdir(parents=True)
    write_wav(folders.studio_wav("hello"), spoken("Hej!"), 16000)
    found = find_prompts({"hello": "Hej!"}, folders)[0]
    assert (found.source, found.stale) == (Source.STUDIO, False)


def test_what_nobody_recorded_is_rendered_once(folders: PromptFolders) -> None:
    library = load_prompts(WORDINGS, folders, espeak_library())
    renders = {file: file.stat().st_mtime_ns for file in folders.cache.iterdir()}
    assert len(renders) == 2
    again = load_prompts(WORDINGS, folders, espeak_library())
    assert {file: file.stat().st_mtime_ns for file in folders.cache.iterdir()} == renders
    assert all(library.audio(key) == again.audio(key) for key in WORDINGS)
    assert load_prompts(WORDINGS, folders, None).audio("hello") == library.audio("hello")  # without espeak-ng, too


def test_a_changed_text_is_rendered_anew_and_its_old_render_goes(folders: PromptFolders) -> None:
    before = load_prompts({"hello": "Hej!"}, folders, espeak_library()).audio("hello")
    assert load_prompts({"hello": "Goddag!"}, folders, espeak_library()).audio("hello") != before
    assert len(list(folders.cache.iterdir())) == 1


def test_audio_is_whole_frames_of_phone_sound(folders: PromptFolders) -> None:
    library = load_prompts(WORDINGS, folders, espeak_library())
    for key, text in WORDINGS.items():
        audio = library.audio(key)
        assert len(audio) % FRAME_BYTES == 0
        assert 0.3 < len(audio) / 16000 < 4
        assert library.text(key) == text


def test_what_has_no_audio_is_named_with_the_command_that_mends_it(folders: PromptFolders) -> None:
    ship(folders, "hello", "Hej!")
    with pytest.raises(MissingPromptError, match=r"1 prompt.* 'sv' .* thanks\.completed\. .* voice prompts render"):
        load_prompts(WORDINGS, folders)


def test_why_rendering_failed_is_told(folders: PromptFolders) -> None:
    strange = PromptFolders("xx-nowhere", folders.studio, folders.cache, folders.shipped)
    with pytest.raises(MissingPromptError, match=r"espeak-ng can't say .* there is no voice 'xx-nowhere'"):
        load_prompts(WORDINGS, strange, espeak_library())
    with pytest.raises(SynthesisError):
        espeak_library().speak("Hej!", "xx-nowhere")


def test_an_unknown_key_says_where_texts_are_written(folders: PromptFolders) -> None:
    library = load_prompts({}, folders)
    with pytest.raises(MissingPromptError, match=r"no prompt 'hullo': write its text in locales/\*/voice\.toml"):
        library.audio("hullo")


def test_a_damaged_recording_is_named(folders: PromptFolders) -> None:
    ship(folders, "hello", "Hej!")
    (folders.shipped / "hello.wav").write_bytes(b"RIFF....WAVEfmt ")
    with pytest.raises(AudioFileError, match=r"hello\.wav"):
        load_prompts({"hello": "Hej!"}, folders)


NAMING = Texts("sv", {"voice.identification": "Från {organisation}.", "voice.identification_default": "Från kommunen."})


def test_the_organisations_name_is_said_where_it_can_be(folders: PromptFolders) -> None:
    wordings = wordings_of(NAMING, "Åmåls kommun")
    ship(folders, "identification_default", "Från kommunen.")
    without = load_prompts(wordings, folders)
    assert without.text("identification") == "Från kommunen."
    assert without.audio("identification") == without.audio("identification_default")
    named = load_prompts(wordings, folders, espeak_library())
    assert named.text("identification") == "Från Åmåls kommun."
    assert named.audio("identification") != without.audio("identification")


def test_a_name_with_braces_stays_as_it_is() -> None:
    assert wordings_of(NAMING, "{x} & Co")["identification"] == "Från {x} & Co."


def test_an_import_leaves_the_phones_version_the_master_and_the_text(folders: PromptFolders) -> None:
    record(folders, "hello", "Hej!", "Hej!")
    assert {str(file.relative_to(folders.studio)) for file in folders.studio.rglob("*.*")} == {
        "hello.wav",
        "hello.txt",
        "16khz/hello.wav",
        "recording.wav",
    }
    phone, master = read_audio(folders.studio_wav("hello")), read_audio(folders.studio / "16khz" / "hello.wav", 16000)
    assert len(master) == pytest.approx(2 * len(phone), rel=0.05)


def test_an_hour_is_no_prompt(folders: PromptFolders, tmp_path: Path) -> None:
    shutil.rmtree(folders.studio, ignore_errors=True)
    file = tmp_path / "long.wav"
    write_wav(file, np.resize(np.frombuffer(spoken("Hej!"), "<i2"), 61 * 8000).tobytes())
    with pytest.raises(AudioFileError, match=r"long\.wav: is longer than 60 s"):
        import_recording(file, "hello", "Hej!", folders)
    assert not folders.studio.exists()


def test_a_broken_recording_of_yours_gives_way_to_what_comes_next(
    folders: PromptFolders, caplog: pytest.LogCaptureFixture
) -> None:
    ship(folders, "hello", "Hej!")
    folders.studio.mkdir(parents=True)
    folders.studio_wav("hello").write_bytes(b"RIFFnothing")
    library = load_prompts({"hello": "Hej!"}, folders)
    assert library.audio("hello") == in_frames(read_audio(folders.shipped / "hello.wav"))
    assert "hello.wav" in caplog.text
