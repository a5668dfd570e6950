"""A call's transcript as lines for reading along."""

from omdome.call_display import Transcript
from voice.transcript import Entry, Who


def lines(*entries: Entry) -> list[str]:
    transcript = Transcript()
    return [line.plain for entry in entries if (line := transcript.line(entry)) is not None]


def test_each_speaker_and_moment_begins_a_line_of_its_own() -> None:
    assert lines(
        Entry(who=Who.WE, seconds=61.24, text="Bra, tack.", prompt="heard.bra"),
        Entry(who=Who.WE, seconds=61.24, text="Hur blev resultatet?", prompt="question.leverans.full"),
        Entry(who=Who.CALLER, seconds=64.0, text="dåligt", confidence=0.914, trust="ask_again"),
        Entry(who=Who.CALLER, seconds=70.0, key="3", rating="dåligt"),
    ) == [
        "  1:01.2  Omdöme  Bra, tack.",
        "                  Hur blev resultatet?",
        "  1:04.0  caller  dåligt   0.91, ask again",
        "  1:10.0  caller  [3]   → dåligt",
    ]


def test_a_choice_and_its_key_are_one_sentence() -> None:
    assert (
        lines(
            Entry(who=Who.WE, seconds=2, text="Vad gick fel?", prompt="reason.full"),
            Entry(who=Who.WE, seconds=2, text="Om ingen återkom till dig,", prompt="reason.choice.ingen_aterkoppling"),
            Entry(who=Who.WE, seconds=2, text="tryck ett.", prompt="reason.press.1"),
        )[1].strip()
        == "Om ingen återkom till dig, tryck ett."
    )
