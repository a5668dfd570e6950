"""Every golden conversation, held anew through the core and the renderers of chat, phone and web."""

from functools import cache
from pathlib import Path

import pytest

from models.conversation import Rated
from models.rating import Rating
from omdome.golden import Golden, GoldenError, Turn, Voice, format_golden, parse_golden, play
from omdome.lexicons import load_lexicon
from omdome.texts import load_texts

FILES = sorted((Path(__file__).parent.parent / "golden" / "conversations").glob("*.toml"))
ELSEWHERE = ("out_of_order",)  # on a page that shows all questions at once; the chat shows one, then the next


@cache
def voice(language: str) -> Voice:
    return Voice(load_lexicon(language), load_texts(language))


def read(file: Path) -> Golden:
    return parse_golden(file.read_text("utf-8"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_golden_conversation(file: Path) -> None:
    golden = read(file)
    prompts = load_texts(golden.language)
    offered = []
    for number, (told, played) in enumerate(zip(golden.turns, play(golden, voice(golden.language)), strict=True), 1):
        where = f"{file.name}, turn {number}: {told.kind} {told.value}"
        assert played.turn.effects == told.effects, where
        if told.chat is not None:
            assert played.turn.chat == told.chat, where
        if told.voice is not None:
            assert played.turn.voice == told.voice, where
        if told.web is not None:
            assert played.turn.web == told.web, where
        assert all(f"voice.{key}" in prompts.table for key in played.turn.voice or ()), where
        if told.kind == "tap" and file.stem not in ELSEWHERE:
            assert played.event in offered, f"{where}: no such button has been shown"
        offered += [button.event for message in played.messages for row in message.buttons for button in row]


def test_there_are_enough_of_them_and_they_tell_apart() -> None:
    assert len(FILES) >= 20
    assert sum(any(turn.web for turn in read(file).turns) for file in FILES) >= 20
    titles = [read(file).title for file in FILES]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_written_is_what_was_read(file: Path) -> None:
    assert format_golden(read(file)) == file.read_text("utf-8")


def test_odd_letters_survive_the_file() -> None:
    odd = 'hon sa "nej"\\ \x00\x7f\n"""\tå 😀"'
    turn = Turn("customer", odd, effects=(odd,), chat=(odd, odd + "\nslut", "rad\nrad"))
    golden = Golden(title=odd, turns=(turn,))
    assert parse_golden(format_golden(golden)) == golden


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "title is required"),
        ('title = "x"\n[[turn]]\nshouts = "bra"', "turn 1: give one of customer, tap, edit, happens"),
        ('title = "x"\nlang = "sv"', "lang"),
    ],
)
def test_a_faulty_file_says_what_would_be_right(text: str, message: str) -> None:
    with pytest.raises(GoldenError, match=message):
        parse_golden(text)


def test_an_unknown_happening_names_the_known_ones() -> None:
    golden = Golden(title="x", turns=(Turn("happens", "earthquake"),))
    with pytest.raises(GoldenError, match="happens is one of opened, offered"):
        play(golden, voice("sv"))


def test_a_tap_is_an_event_of_the_state_machine() -> None:
    golden = Golden(title="x", turns=(Turn("happens", "opened"), Turn("tap", "bra", "leverans")))
    assert play(golden, voice("sv"))[1].event == Rated("leverans", Rating.BRA)
