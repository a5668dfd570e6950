"""`voice doctor` against far ends that really fail, each in its way."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from omdome.config import parse_config
from omdome.console import Problem
from omdome.credentials import Credentials
from omdome.phone_doctor import PhoneDoctor, Telling, Wanted
from omdome.wiring import SystemClock
from tests.voice.lines.sip import scenarios
from tests.voice.lines.sip.far_ends import CHECKOUT, FarEnd, OurTelephone, Sipp, free_port
from tests.voice.lines.sip.kamailio import Kamailio
from tests.voice.lines.sip.relay import LossyRelay, Network
from voice.phone_check.findings import Finding, Step, Verdict
from voice.phone_check.trial_call import Patience

pytest.importorskip("baresip", reason="no baresip-python for this system")

NUMBER = "+46701740605"
IN_HASTE = Patience(key=0.3, speech=1.0, settling=0.2, echo=1.0)
FOR_A_PERSON = Patience(key=5.0, speech=3.0)


async def examined(
    callee: str,
    config: str = "",
    password: str = "",
    *,
    echo: bool = False,
    says_heard: bool | None = None,
    patience: Patience = IN_HASTE,
    tells: Telling = lambda key, **values: None,
) -> list[Finding]:
    wanted = Wanted(callee=callee, echo=echo, asks=lambda: says_heard, tells=tells)
    doctor = PhoneDoctor(
        parse_config(config), Credentials(sip_password=password), SystemClock(), wanted, patience=patience
    )
    return [finding async for finding in doctor.examine()]


def keys(findings: Sequence[Finding]) -> dict[str, str]:
    return {finding.step.value: finding.key for finding in findings}


def wrong(findings: Sequence[Finding]) -> dict[str, str]:
    """Without the delay, which is a busy machine's own."""
    return keys([each for each in findings if each.verdict is Verdict.WRONG and each.step is not Step.DELAY])


def exchange(far: FarEnd, **more: object) -> str:
    settings = {"host": "localhost", "port": far.port, "username": "kommun"} | more
    written = (
        f"{name} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for name, value in settings.items()
    )
    return "\n".join(["[sip]", *written]).replace("'", '"')


@dataclass(frozen=True)
class Case:
    far: FarEnd
    wrong: dict[str, str]
    others: dict[str, str] = field(default_factory=dict)  # of what else is told
    echo: bool = False
    network: Network | None = None
    patience: Patience = IN_HASTE
    when: dict[str, float] = field(default_factory=dict)  # what went on, and when

    def tell(self, key: str, **values: object) -> None:
        self.when[key] = asyncio.get_running_loop().time()


async def held(cases: Sequence[Case], config: str = "") -> list[list[Finding]]:
    """Each on a line of its own, all at once: that takes no longer than the longest."""
    with ExitStack() as stack:

        def address(case: Case) -> str:
            far = stack.enter_context(case.far)
            return stack.enter_context(LossyRelay(far.address, case.network)).address if case.network else far.address

        called = [(case, address(case)) for case in cases]
        return await asyncio.gather(
            *(
                examined(callee, config, echo=case.echo, says_heard=False, patience=case.patience, tells=case.tell)
                for case, callee in called
            )
        )


async def test_calls_that_are_held(tmp_path: Path) -> None:
    replies = ["key:5", str(CHECKOUT / "demo/replies/bra.wav")]
    echoes = scenarios.answers()
    cases = [
        Case(
            Sipp(tmp_path / "echo", scenario=echoes, answers_with_echo=True),
            {},
            {"back": "ok", "there": "ok", "level": "echo", "keys": "ok", "hang_up": "ok"},
            echo=True,
        ),
        Case(
            Sipp(tmp_path / "lossy", scenario=echoes, answers_with_echo=True),
            {"loss": "echo_much"},
            {"there": "ok"},
            echo=True,
            network=Network(loss=0.08),
        ),
        Case(
            OurTelephone(tmp_path / "person", replies=replies), {}, {"keys": "ok", "there": "ok"}, patience=FOR_A_PERSON
        ),
        Case(OurTelephone(tmp_path / "unheard"), {"there": "unheard"}, {"back": "silent", "keys": "untold"}),
        Case(OurTelephone(tmp_path / "no echo"), {"there": "no_echo"}, echo=True),
        Case(Sipp(tmp_path / "mute", scenario=scenarios.answers()), {"back": "nothing", "there": "unheard"}),
        Case(Sipp(tmp_path / "short", scenario=scenarios.hangs_up()), {"hang_up": "early", "there": "unheard"}),
    ]
    found = await held(cases)
    assert [wrong(each) for each in found] == [case.wrong for case in cases]
    for each, case in zip(found, cases, strict=True):
        assert keys(each).items() >= case.others.items()
    person = cases[2].when
    assert person["press"] - person["hello"] > 4  # the greeting was heard to its end
    assert person["speak"] - person["press"] > 1


async def test_calls_that_come_to_nothing(tmp_path: Path) -> None:
    written = {
        "busy": (scenarios.refuses("486 Busy Here"), {"answer": "busy"}),
        "no codec": (scenarios.refuses("488 Not Acceptable Here", rings=False), {"dial": "codec"}),
        "no route": (scenarios.refuses("404 Not Found", rings=False), {"dial": "no_route"}),
        "another codec": (scenarios.answers_without_sound(), {"codec": "none"}),
        "nobody there": (scenarios.rings_for_ever(), {"answer": "rang_out"}),
        "no word": (scenarios.says_nothing(), {"dial": "silent"}),
    }
    cases = [Case(Sipp(tmp_path / name, scenario=each), expected) for name, (each, expected) in written.items()]
    found = await held(cases, "[sip]\nring_seconds = 5\n")
    assert [wrong(each) for each in found] == [case.wrong for case in cases]


async def test_a_number_of_ours_that_may_not_be_shown(tmp_path: Path) -> None:
    scenario = scenarios.refuses_to_show("+46701740699")
    with Sipp(tmp_path / "far", scenario=scenario, calls=9) as far:
        findings = await examined(NUMBER, exchange(far, host="127.0.0.1", caller_id="+46701740699"))
    assert wrong(findings) == {"dial": "caller_id"}


async def test_an_exchange_from_its_name_to_an_echo(tmp_path: Path) -> None:
    with (
        Sipp(tmp_path / "far", scenario=scenarios.answers(), answers_with_echo=True) as far,
        Kamailio(tmp_path / "exchange", routes={"*43": far.address, NUMBER: far.address}) as kamailio,
    ):
        config = exchange(kamailio, registers=True)
        findings = await examined("*43", config, "sesam-7", echo=True)
        assert wrong(findings) == {}
        assert list(keys(findings)) == [step for step in Step if step is not Step.CERTIFICATE]
        assert "kamailio" in str(findings[2].values["server"])
        at_each_call = exchange(kamailio, registers=False)
        others = await asyncio.gather(
            examined("+46701740606", config, "sesam-7"),
            examined(NUMBER, config, "fel"),
            examined(NUMBER, config),
            examined(NUMBER, at_each_call, "fel"),
            examined(NUMBER, at_each_call),
        )
    assert [wrong(each) for each in others] == [
        {"dial": "no_route"},
        {"register": "wrong_password"},
        {"register": "no_password"},
        {"dial": "wrong_password"},
        {"dial": "no_password"},
    ]


async def test_an_exchange_that_is_not_there() -> None:
    nobody = f'[sip]\nhost = "localhost"\nport = {free_port()}\n'
    assert wrong(await examined(NUMBER, nobody)) == {"port": "refused"}
    assert wrong(await examined(NUMBER, '[sip]\nhost = "exchange.invalid"\n')).keys() == {"name"}
    assert wrong(await examined(NUMBER)) == {"configuration": "no_host"}


@pytest.mark.parametrize("callee", ["*1", "1", "abc", "070-17406", "sip:far@192.0.2.1", "sip:far@127.0.0.1:0"])
async def test_whom_nobody_can_call(callee: str) -> None:
    with pytest.raises(Problem):
        await examined(callee, '[sip]\nhost = "exchange.invalid"\n')


@pytest.mark.parametrize(
    ("callee", "key", "config"),
    [
        ("112", "emergency", ""),
        ("0112", "emergency", ""),
        ("911", "emergency", ""),
        ("0900-123456", "premium", ""),
        ("0771-12 34 56", "premium", ""),
        ("+4791234567", "country", ""),
        (NUMBER, "country", 'countries = ["NO"]'),
    ],
)
async def test_whom_nobody_should_call(callee: str, key: str, config: str) -> None:
    announced: list[str] = []
    findings = await examined(
        callee, f'[sip]\nhost = "exchange.invalid"\n{config}', tells=lambda key, **values: announced.append(key)
    )
    assert keys(findings) == wrong(findings) == {"dial": key}
    assert findings[0].values["callee"] == callee
    assert announced == []
