"""`voice doctor` as people run it, in Swedish and English, and as scripts do."""

import stat
from pathlib import Path

import pytest

from tests.omdome.conftest import Installation
from tests.voice.lines.sip import scenarios
from tests.voice.lines.sip.far_ends import OurTelephone, Sipp
from tests.voice.lines.sip.kamailio import Kamailio, certificate

pytest.importorskip("baresip", reason="no baresip-python for this system")


def test_an_echo_in_swedish(installation: Installation, tmp_path: Path) -> None:
    with Sipp(tmp_path / "far", scenario=scenarios.answers(), answers_with_echo=True) as far:
        told = installation.run("voice", "doctor", far.address, "--echo")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "✓ Ljud dit       Vårt ljud hördes där\n" in told.stdout
    well, delayed = (
        "Allt fungerar. Telefonin är klar att användas.\n",
        "Det fungerar, men titta på det som har ett utropstecken.\n",
    )
    assert told.stdout.endswith((well, delayed))  # a busy machine delays sound so much that it is told


def test_who_presses_a_key_is_no_echo(installation: Installation, tmp_path: Path) -> None:
    with OurTelephone(tmp_path / "person", replies=["key:5"]) as far:
        told = installation.run("voice", "doctor", far.address, "--echo")
    assert told.returncode == 1, told.stdout + told.stderr
    assert "✓ Knappar        Knapp 5 kom fram" in told.stdout
    assert "✗ Ljud dit       Ljud kommer, men vårt kommer inte tillbaka.\n" in told.stdout
    assert "ge ett nummer som skickar tillbaka ljudet (*43 i FreePBX)" in " ".join(told.stdout.split())
    assert "Allt fungerar" not in told.stdout


def test_what_is_wrong_and_what_to_do_in_english(installation: Installation, tmp_path: Path) -> None:
    with Sipp(tmp_path / "far", scenario=scenarios.refuses("488 Not Acceptable Here", rings=False)) as far:
        told = installation.run("voice", "doctor", far.address, "--language", "en")
    assert told.returncode == 1
    assert "✗ Call          The exchange speaks none of our sound formats (488 Not Acceptable Here).\n" in told.stdout
    assert "Do this: Allow G.711 A-law (alaw, PCMA)" in told.stdout
    assert told.stdout.endswith("The rest can’t be tried before that is mended.\n")


def test_for_scripts_and_for_whoever_looks_after_the_exchange(installation: Installation, tmp_path: Path) -> None:
    installation.secrets["OMDOME_SIP_PASSWORD"] = "fel"
    trace = tmp_path / "trace.txt"
    with Kamailio(tmp_path / "exchange") as exchange:
        installation.configure(
            f'[sip]\nhost = "localhost"\nport = {exchange.port}\nusername = "kommun"\nregisters = true\n'
        )
        found = installation.json("voice", "doctor", "--trace", str(trace))
    assert [(each["step"], each["verdict"], each["key"]) for each in found][-1] == (
        "register",
        "wrong",
        "wrong_password",
    )
    assert "OMDOME_SIP_PASSWORD" in found[-1]["do"]
    messages = trace.read_text("utf-8")
    assert "REGISTER sip:localhost" in messages
    assert 'response="…"' in messages
    assert stat.S_IMODE(trace.stat().st_mode) == 0o600


def test_an_exchange_with_tls(installation: Installation, tmp_path: Path) -> None:
    ca, made, key = certificate(tmp_path)
    installation.secrets["OMDOME_SIP_PASSWORD"] = "sesam-7"
    with Kamailio(tmp_path / "exchange", certificate=made, key=key) as exchange:
        encrypted = f'[sip]\nhost = "localhost"\nport = {exchange.port}\ntransport = "tls"\nusername = "kommun"\n'
        installation.configure(f"{encrypted}registers = true\n")
        untrusted = installation.json("voice", "doctor")
        installation.configure(f'{encrypted}registers = true\nca_file = "{ca}"\n')
        trusted = installation.run("voice", "doctor")
    assert [each["key"] for each in untrusted if each["verdict"] == "wrong"] == ["untrusted"]
    assert trusted.returncode == 0, trusted.stdout
    assert "✓ Certifikat" in trusted.stdout
    assert "Så långt fungerar allt." in trusted.stdout


def test_wrong_usage(installation: Installation) -> None:
    told = installation.run("voice", "doctor", "070-17406")
    assert told.returncode == 2
    assert told.stderr.startswith("'070-17406' can't be called: write a whole phone number such as 070-174 06 05")
    assert told.stdout == ""


@pytest.mark.parametrize(
    ("callee", "told"),
    [
        ("112", "112 är ett nödnummer. Sådana rings aldrig."),
        ("0900-123456", "0900-123456 är ett nummer med eget pris (0900, 077 och liknande). Sådana rings aldrig."),
        ("+4791234567", "+4791234567 går till ett annat land än dem vi ringer (SE)."),
    ],
)
def test_whom_nobody_is_put_through_to(installation: Installation, callee: str, told: str) -> None:
    installation.configure('[sip]\nhost = "exchange.invalid"\n')
    shown = installation.run("voice", "doctor", callee)
    assert shown.returncode == 1
    assert f"✗ Samtal         {told}\n" in shown.stdout
    assert "Ringer" not in shown.stdout
    assert shown.stdout.endswith("Ingen är uppringd, och inget annat är provat.\n")
    assert shown.stderr == ""


def test_nothing_of_the_log_comes_between(installation: Installation, tmp_path: Path) -> None:
    installation.secrets["OMDOME_SIP_PASSWORD"] = "fel"
    with Kamailio(tmp_path / "exchange") as exchange:
        installation.configure(
            f'[sip]\nhost = "localhost"\nport = {exchange.port}\nusername = "kommun"\nregisters = true\n'
        )
        shown = installation.run("voice", "doctor")
    assert "✗ Registrering" in shown.stdout
    assert shown.stderr == ""
