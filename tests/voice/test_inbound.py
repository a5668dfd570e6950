"""Calls to us from somebody whom we have nothing to ask: what they hear, and how they are left alone for good."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omdome.lexicons import load_lexicon
from tests.voice.call_world import ScriptedEars, once, prompts
from tests.voice.speech import noise
from voice.inbound import Visit, tell_caller
from voice.lines.cut_short import Stoppable
from voice.lines.recording import RecordingLine
from voice.recognition import Trust
from voice.transcript import Entry

Act = Callable[[RecordingLine, Entry], None]
SILENT = once()
TOLD = ["inbound.identification", "inbound.nothing", "inbound.opt_out"]
LEFT_ALONE = "goodbye.opted_out"


@dataclass
class Register:
    """Those who are not to be called; `faults` times it can't be written."""

    faults: int = 0
    refusals: list[str] = field(default_factory=list)

    async def refuse(self) -> None:
        if self.faults:
            self.faults -= 1
            raise OSError("away")
        self.refusals.append("refused")


async def visited(
    act: Act, register: Register | None, says: Sequence[tuple[str, Trust]] = (), line: RecordingLine | None = None
) -> Visit:
    on = line or RecordingLine()
    ears = ScriptedEars(list(says)) if says else None
    refuse = register.refuse if register else None
    return await tell_caller(on, ears, prompts(), load_lexicon("sv"), refuse, lambda entry: act(on, entry))


def said(visit: Visit) -> list[str]:
    return [entry.prompt for entry in visit.transcript if entry.prompt]


def speaks(line: RecordingLine) -> None:
    line.say(noise(0.8))


async def test_who_says_nothing_hears_who_we_are_and_the_call_ends() -> None:
    register = Register()
    visit = await visited(SILENT, register)
    assert said(visit) == TOLD
    assert not visit.refused
    assert register.refusals == []
    assert visit.seconds < 10


async def test_nine_at_any_time_is_for_good() -> None:
    for prompt, after in (("inbound_identification", 0.1), ("inbound_nothing", 0.1), ("inbound_opt_out", 3.0)):
        register = Register()
        visit = await visited(once(**{prompt: lambda line, after=after: line.press("9", after=after)}), register)
        assert (visit.refused, visit.refusal_unsaved) == (True, False)
        assert register.refusals == ["refused"]
        assert said(visit)[-1] == LEFT_ALONE


async def test_it_can_be_said_as_well() -> None:
    register = Register()
    visit = await visited(once(inbound_opt_out=speaks), register, [("ring inte mer", Trust.ACCEPT)])
    assert (said(visit), register.refusals) == ([*TOLD, LEFT_ALONE], ["refused"])


async def test_what_is_heard_unsurely_is_asked_about() -> None:
    register = Register()
    unsure = ("ring inte mer", Trust.CONFIRM)
    answers = {"inbound_opt_out": speaks, "no_match_stop_question": speaks}
    visit = await visited(once(**answers), register, [unsure, ("ja", Trust.ACCEPT)])
    assert said(visit) == [*TOLD, "no_match.stop_question", LEFT_ALONE]
    register = Register()
    visit = await visited(once(**answers), register, [unsure, ("nej", Trust.ACCEPT)])
    assert said(visit) == [*TOLD, "no_match.stop_question", "inbound.nothing", "inbound.opt_out"]
    assert (visit.refused, register.refusals) == (False, [])


async def test_who_asks_who_we_are_hears_it_again_but_not_for_ever() -> None:
    def asks(line: RecordingLine, entry: Entry) -> None:
        if entry.prompt == "inbound.opt_out":
            speaks(line)

    visit = await visited(asks, Register(), [("vem är det", Trust.ACCEPT)] * 9)
    assert said(visit).count("inbound.nothing") == 3
    assert visit.seconds < 60


async def test_of_a_hidden_number_nothing_can_be_stored_and_nothing_is_promised() -> None:
    visit = await visited(once(inbound_hidden=lambda line: line.press("9", after=0.1)), None)
    assert said(visit) == ["inbound.identification", "inbound.hidden", "inbound.goodbye"]
    again = await visited(once(inbound_goodbye=lambda line: line.press("9")), None)
    assert said(again) == ["inbound.identification", *["inbound.hidden", "inbound.goodbye"] * 2]
    spoken = await visited(once(inbound_goodbye=speaks), None, [("ring inte mer", Trust.ACCEPT)])
    assert said(spoken) == said(again)
    assert not any(each.refused for each in (visit, again, spoken))


async def test_a_refusal_is_tried_again_while_we_say_goodbye_and_else_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voice.inbound.RETRY_SECONDS", (0.0, 0.01, 0.01))

    def nine() -> Act:
        return once(inbound_opt_out=lambda line: line.press("9"))

    register = Register(faults=1)
    visit = await visited(nine(), register)
    assert (visit.refused, visit.refusal_unsaved, register.refusals) == (True, False, ["refused"])
    register = Register(faults=99)
    visit = await visited(nine(), register)
    assert (visit.refused, visit.refusal_unsaved, register.refusals) == (True, True, [])


async def test_hanging_up_ends_it_at_once() -> None:
    visit = await visited(once(inbound_nothing=lambda line: line.leave(after=0.1)), Register())
    assert "inbound.opt_out" in said(visit)  # queued with it
    assert visit.seconds < 3
    assert not visit.refused


async def test_when_the_service_stops_they_hear_goodbye() -> None:
    line = Stoppable(RecordingLine())

    def stop(entry: Entry) -> None:
        if entry.prompt == "inbound.nothing":
            line.cut_short()

    visit = await tell_caller(line, None, prompts(), load_lexicon("sv"), Register().refuse, stop)
    assert said(visit) == [*TOLD, "inbound.goodbye"]


NO_REFUSAL = ("ja", "nej tack", "hallå", "vem är det", "bra", "nio", "ring upp mig", "")
DEEDS = st.one_of(
    st.sampled_from("012345678*#").map(lambda key: lambda line: line.press(key, after=0.1)),
    st.just(speaks),
    st.just(lambda line: line.leave(after=0.4)),
    st.none(),
)


@given(
    deeds=st.lists(DEEDS, max_size=12),
    words=st.lists(st.tuples(st.sampled_from(NO_REFUSAL), st.sampled_from(Trust)), min_size=1, max_size=8),
    hidden=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_whatever_they_do_the_call_ends_and_only_who_asks_is_left_alone(
    deeds: list[Callable[[RecordingLine], None] | None], words: list[tuple[str, Trust]], hidden: bool
) -> None:
    left = list(deeds)

    def act(line: RecordingLine, entry: Entry) -> None:
        deed = left.pop(0) if left else None
        if deed is not None:
            deed(line)

    register = Register()

    async def held() -> Visit:
        return await visited(act, None if hidden else register, words)

    visit = asyncio.run(held())
    assert visit.seconds < 60
    assert (visit.refused, register.refusals) == (False, [])
