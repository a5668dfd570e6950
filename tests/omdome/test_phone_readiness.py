"""What check-config says about the phone."""

from pathlib import Path

import pytest

from omdome.config import Config, ConfigError, parse_config
from omdome.credentials import Credentials
from omdome.phone_readiness import phone_features
from omdome.readiness import Feature, State
from voice.audio_files import write_wav


def judged(config: Config, **secrets: str) -> dict[str, Feature]:
    return {feature.name: feature for feature in phone_features(config, Credentials(**secrets))}


def installation(folder: Path, text: str = "") -> Config:
    config = parse_config(text)
    config._home = folder
    return config


def test_without_a_model_the_embedded_engine_hears_swedish_and_others_use_the_keypad(tmp_path: Path) -> None:
    found = judged(installation(tmp_path))
    assert found["phone: hears sv"].state is State.ON
    assert "answer_words" in found["phone: hears sv"].why
    assert found["phone: hears en"].state is State.OFF
    assert "keypad" in found["phone: hears en"].why


def test_an_engine_without_its_model_is_told_with_what_gets_one(tmp_path: Path) -> None:
    feature = judged(installation(tmp_path, '[voice]\nengine = "vosk"'))["phone: hears sv"]
    assert feature.state is State.OFF
    assert "voice models fetch sv" in feature.advice


def test_a_model_that_is_installed_is_named(tmp_path: Path) -> None:
    model = tmp_path / "data" / "speech_models" / "vosk-model-small-sv-rhasspy-0.15"
    for name in ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/HCLG.fst", "graph/words.txt"):
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).write_text("--sample-frequency=16000\n")
    feature = judged(installation(tmp_path))["phone: hears sv"]
    assert (feature.state, feature.why) == (State.ON, "vosk/vosk-model-small-sv-rhasspy-0.15")


def test_a_recording_of_a_text_that_has_changed_since_is_pointed_out(tmp_path: Path) -> None:
    studio = tmp_path / "data" / "studio_prompts" / "sv"
    studio.mkdir(parents=True)
    write_wav(studio / "hello.wav", bytes(320))
    (studio / "hello.txt").write_text("Goddag!", "utf-8")
    assert "recorded before the text was changed: hello" in judged(installation(tmp_path))["phone: speaks sv"].why


def test_a_question_of_ones_own_needs_its_spoken_texts(tmp_path: Path) -> None:
    feature = judged(installation(tmp_path, '[survey]\nquestions = ["vantetid"]'))["phone: speaks sv"]
    assert feature.state is State.OFF
    assert "locales/sv/voice.toml lacks question.vantetid.full" in feature.why


def test_a_language_without_texts_is_told_of_elsewhere(tmp_path: Path) -> None:
    found = judged(installation(tmp_path, '[organisation]\nlanguages = ["sv", "fi"]'))
    assert [name for name in found if name.endswith((" sv", " fi"))] == ["phone: hears sv", "phone: speaks sv"]


def test_answer_words_hears_no_english_and_no_model_is_promised_where_none_can_be_fetched(tmp_path: Path) -> None:
    for text in ("", '[voice]\nengine = "answer_words"'):
        feature = judged(installation(tmp_path, text))["phone: hears en"]
        assert feature.state is State.OFF
        assert "keypad alone" in feature.why
        assert "voice models add" in feature.advice
        assert "fetch" not in feature.advice


def test_a_broken_recording_is_named(tmp_path: Path) -> None:
    studio = tmp_path / "data" / "studio_prompts" / "sv"
    studio.mkdir(parents=True)
    (studio / "hello.wav").write_bytes(b"RIFFnothing")
    assert "broken, so other audio is used: hello" in judged(installation(tmp_path))["phone: speaks sv"].why


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    assert not [name for name in judged(installation(tmp_path)) if name.startswith("phone: s") and "_" in name]
    (tmp_path / "data").mkdir()
    for setting in ("studio_prompts", "prompt_cache", "speech_models"):
        (tmp_path / "data" / setting).touch()
    found = judged(installation(tmp_path))
    for setting in ("studio_prompts", "prompt_cache", "speech_models_dir"):
        assert "is a file, no folder" in found[f"phone: {setting}"].why
        assert found[f"phone: {setting}"].state is State.OFF


def test_that_calls_are_recorded_is_told_only_where_they_are(tmp_path: Path) -> None:
    assert "phone: recording" not in judged(installation(tmp_path))
    told = judged(installation(tmp_path, "[voice]\nrecording = true\nrecording_days = 14"))["phone: recording"]
    assert (told.state, "kept for 14 days" in told.why) == (State.ON, True)


def test_recordings_are_never_kept_for_ever() -> None:
    with pytest.raises(ConfigError, match="recording_days"):
        parse_config("[voice]\nrecording_days = 0")


def test_workers_are_bounded() -> None:
    for setting in ("vosk_workers", "vosk_recognizers"):
        parse_config(f"[voice]\n{setting} = 16")
        with pytest.raises(ConfigError):
            parse_config(f"[voice]\n{setting} = 17")


def test_calls_over_sip_need_an_exchange(tmp_path: Path) -> None:
    pytest.importorskip("baresip", reason="no baresip-python for this system")
    assert "[sip] host" in judged(installation(tmp_path))["phone: SIP"].advice
    feature = judged(installation(tmp_path, '[sip]\nhost = "192.168.10.5"'))["phone: SIP"]
    assert (feature.state, feature.why) == (
        State.ON,
        "through 192.168.10.5, nothing encrypted: on your own network alone",
    )


def test_who_could_press_keys_in_calls_is_told_where_the_exchange_may_be_anywhere(tmp_path: Path) -> None:
    pytest.importorskip("baresip", reason="no baresip-python for this system")

    def why(host: str, more: str = "") -> str:
        return judged(installation(tmp_path, f'[sip]\nhost = "{host}"\n{more}'))["phone: SIP"].why

    warning = "whoever reaches UDP 30000 to 30999 here can press keys in a call: let the exchange alone through"
    for host in ("pbx.example.se", "9.9.9.9"):
        assert warning in why(host)
    assert warning in why("pbx.example.se", 'transport = "tls"')
    assert warning not in why("pbx.example.se", 'transport = "tls"\nsrtp = true')
    for host in ("10.0.0.5", "127.0.0.1", "localhost"):
        assert warning not in why(host)


def test_calls_over_tls_need_to_know_whom_to_trust(tmp_path: Path) -> None:
    pytest.importorskip("baresip", reason="no baresip-python for this system")
    tls = '[sip]\nhost = "pbx.example.se"\ntransport = "tls"\n'
    feature = judged(installation(tmp_path, tls + 'ca_file = "none.pem"'))["phone: SIP"]
    assert (feature.state, feature.why) == (State.BROKEN, "none.pem is no file")
    (tmp_path / "ours.pem").touch()
    assert judged(installation(tmp_path, tls + 'ca_file = "ours.pem"'))["phone: SIP"].state is State.ON
    feature = judged(installation(tmp_path, tls + "srtp = true"))["phone: SIP"]
    assert (feature.state, feature.why) == (State.ON, "through pbx.example.se, all encrypted")


def test_who_registers_needs_a_password(tmp_path: Path) -> None:
    pytest.importorskip("baresip", reason="no baresip-python for this system")
    config = installation(tmp_path, '[sip]\nhost = "pbx.example.se"\nusername = "kommun"\nregisters = true')
    feature = judged(config)["phone: SIP"]
    assert (feature.state, "OMDOME_SIP_PASSWORD" in feature.advice) == (State.BROKEN, True)
    assert judged(config, sip_password="sesam")["phone: SIP"].state is State.ON


def test_who_is_called_is_told_by_whom(tmp_path: Path) -> None:
    called = '[contact]\nphone_after_days = 7\n[sip]\nhost = "10.0.0.5"\n'
    assert judged(installation(tmp_path, called))["phone: speaks sv"].state is State.ON  # Exempelkommunen's is there
    named = '[organisation]\nname = "Bergbyns kommun"\n'
    feature = judged(installation(tmp_path, named + called))["phone: speaks sv"]
    assert (feature.state, "without your name" in feature.why) == (State.BROKEN, True)
    assert judged(installation(tmp_path, named))["phone: speaks sv"].state is State.ON
