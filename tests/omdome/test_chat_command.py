"""`omdome chat`: the survey in the terminal, and the golden conversation of it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from omdome.cli import app
from omdome.golden import Voice, parse_golden, play
from omdome.lexicons import load_lexicon
from omdome.texts import load_texts

RUN = CliRunner()
HAPPY = Path(__file__).parent.parent / "golden" / "conversations" / "happy_path.toml"


def held(*lines: str) -> str:
    result = RUN.invoke(app, ["chat"], input="".join(f"{line}\n" for line in lines))
    assert result.exit_code == 0, result.output
    return result.output


def test_a_conversation_is_held_and_written_down() -> None:
    output = held("Jättebra!", "3", "ingen ringde tillbaka", ":edit bemotande ok", "2", "nej", "1")
    assert "Fråga 2 av 3" in output
    golden = parse_golden(output[output.index("title = ") :])
    assert [turn.value for turn in golden.turns] == [
        "opened",
        "Jättebra!",
        "dåligt",
        "ingen ringde tillbaka",
        "ok",
        "ok",
        "nej",
        "yes",
    ]
    assert golden.turns[4].effects == ("change bemotande bra to ok", "say changed")
    assert golden.turns[-1].effects == ("permission yes", "say thanks", "finish completed")
    again = play(golden, Voice(load_lexicon("sv"), load_texts("sv")))
    assert [one.turn for one in again] == list(golden.turns)


def test_it_ends_when_the_survey_is_closed() -> None:
    output = held("stopp", "this is never read")
    assert parse_golden(output[output.index("title = ") :]).turns[-1].value == "stopp"


def test_a_mistyped_command_is_told_and_not_written_down() -> None:
    output = held(":earthquake", "bra")
    assert "happens is one of opened, offered" in output
    assert len(parse_golden(output[output.index("title = ") :]).turns) == 2


def test_a_golden_conversation_is_replayed_as_it_stands(tmp_path: Path) -> None:
    result = RUN.invoke(app, ["chat", "--replay", str(HAPPY), "--save", str(tmp_path / "again.toml")])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "again.toml").read_text("utf-8") == HAPPY.read_text("utf-8")


def test_an_unknown_language_is_one_clear_message() -> None:
    result = RUN.invoke(app, ["chat", "--lang", "xx"])
    assert result.exit_code != 0
    with pytest.raises(Exception, match="'xx'; there is one for"):
        raise result.exception or AssertionError(result.output)
