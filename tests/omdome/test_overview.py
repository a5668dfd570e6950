"""What the program says of itself is what a newcomer can do next."""

import pytest

from omdome.config import Config, parse_config
from omdome.credentials import Credentials
from omdome.overview import missing_steps, show_steps
from omdome.readiness import features
from tests.omdome.conftest import Installation

OWN = '[organisation]\nname = "Norrköpings kommun"\nprivacy_url = "https://www.example.se/personuppgifter"\n'
PAGE = '[web]\npublic_url = "https://omdome.example.se"\n'
HERE = PAGE.replace("https://omdome.example.se", "http://127.0.0.1:8080")
MAIL = '[mail]\nhost = "smtp.example.se"\nsender = "omdome@example.se"\n'
RECIPIENT = '[[digest.recipients]]\nname = "Ledningen"\nmail = "ledning@example.se"\n'
IN_CHAT = RECIPIENT + 'via = ["telegram"]\n'
BOT = '[telegram]\nenabled = true\nbot_username = "ProvBot"\n'
BY_SMS = '[contact]\norder = ["sms"]\n'


def steps(text: str) -> list[str]:
    config: Config = parse_config(text)
    return missing_steps(config, features(config, Credentials(telegram_token="123456:" + "a" * 35)))


def why(name: str, text: str) -> str:
    found = features(parse_config(text), Credentials())
    return next(f"{each.why} → {each.advice}" for each in found if each.name == name)


def test_mail_is_asked_for_once() -> None:
    assert [step for step in steps(OWN + PAGE + RECIPIENT) if "[mail]" in step] == [
        "for invitations, digests and alerts by mail, set [mail] host and sender"
    ]


def test_mail_is_not_asked_for_where_nobody_is_to_get_any() -> None:
    assert steps(OWN + PAGE + BOT + IN_CHAT + BY_SMS) == []
    assert steps(OWN + PAGE + BOT + IN_CHAT) != []


def test_a_file_reaches_nobody() -> None:
    to_a_file = OWN + PAGE + MAIL + RECIPIENT + '[sms]\ngateway = "file"\n'
    assert steps(to_a_file) == ['set [sms] gateway = "http": nobody gets what is written to a file']
    assert "SMS (to a file: nobody gets it)" in why("invitations", to_a_file)
    assert "nobody gets it" in why("SMS", to_a_file)


def test_the_way_that_was_named_is_advised() -> None:
    told = "SMS is off → set [sms] gateway, or name another way in [contact] order"
    assert why("invitations", PAGE + BY_SMS) == told
    assert why("invitations", PAGE + "[contact]\norder = ['mail', 'sms']").endswith("set [mail] host or [sms] gateway")


def test_whoever_is_called_can_ring_back() -> None:
    pytest.importorskip("baresip", reason="no baresip-python for this system")
    called = OWN + PAGE + MAIL + RECIPIENT + '[contact]\nphone_after_days = 7\n[sip]\nhost = "10.0.0.5"\n'
    (step,) = steps(called)
    assert step.startswith("let customers ring back the number that calls them: set [sip] registers = true")
    assert steps(called + "registers = true") == []
    assert steps(called + "answers = false") == []


@pytest.mark.parametrize(("page", "said"), [(PAGE, "Ready to go live"), (HERE, "customers can't reach 127.0.0.1")])
def test_what_only_this_machine_reaches_is_no_going_live(
    capsys: pytest.CaptureFixture[str], page: str, said: str
) -> None:
    config = parse_config(OWN + page + MAIL + RECIPIENT)
    show_steps(config, features(config, Credentials()))
    told = capsys.readouterr().out
    assert said in told
    assert ("go live" in told) is (page is PAGE)


def test_what_can_be_done_is_listed_and_can_be_run(installation: Installation) -> None:
    told = " ".join(installation.run().stdout.split())
    for command in ("invitations preview", "sms preview", "report link NAME", "token create NAME"):
        assert command in told
        words = command.removesuffix(" NAME").split()
        assert installation.run(*words, "--help").returncode == 0
