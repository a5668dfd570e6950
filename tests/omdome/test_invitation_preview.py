"""`invitations preview` writes the mails that customers get, and sends nothing."""

from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from delivery.message import Sending
from omdome.commands.invitation_preview import mailed_case
from omdome.config import load_config
from omdome.console import Problem
from omdome.credentials import Credentials
from omdome.invitation_mails import mail_writer
from omdome.invitation_preview import previews
from omdome.wiring import open_application
from tests.contracts.examples import NOW, a_case
from tests.omdome.conftest import Installation


def test_every_mail_in_every_language_with_links_that_nobody_can_answer_by(
    installation: Installation, tmp_path: Path
) -> None:
    told = installation.run("invitations", "preview", "--out", str(tmp_path / "ut"))
    assert told.returncode == 0, told.stderr
    assert "[web] public_url isn't set: the links lead to https://omdome.example.se, which is nowhere" in told.stderr
    names = {file.name for file in (tmp_path / "ut").iterdir()}
    kinds = {
        f"{kind}-{each}" for kind in ("invitation", "reminder", "reminder-begun", "recheck") for each in ("sv", "en")
    }
    assert names == {f"{kind}.{suffix}" for kind in kinds for suffix in ("eml", "html")}
    mail = message_from_bytes((tmp_path / "ut" / "invitation-sv.eml").read_bytes(), policy=policy.default)
    assert mail["Subject"] == "Hur gick det med ditt ärende?"
    assert (tmp_path / "ut" / "invitation-sv.eml").stat().st_mode & 0o077 == 0, "it may name a customer"
    assert "/s/SAMPLE-AnswersNobody00?bra" in mail.get_body(("plain",)).get_content()


async def test_a_case_of_our_own_as_configured(installation: Installation) -> None:
    installation.configure(
        '[web]\npublic_url = "https://svar.example.se/"\n[telegram]\nenabled = true\nbot_username = "ExempelBot"\n'
    )
    config = load_config(installation.folder / "config.toml")
    async with open_application(config, Credentials()) as app, app.store.step() as tx:
        await tx.put_cases([a_case("SK-9", mail="bo@kund.example.net"), a_case("SK-10", mail="")], NOW)
    case = await mailed_case(config, "SK-9")
    writer = mail_writer(config)
    assert writer is not None
    files = previews(writer, Sending(from_mail="omdome@example.se"), case, timedelta(days=14), NOW)
    html = files["reminder-sv.html"].decode()
    assert "Hål i vägen" in html
    assert "https://svar.example.se/s/SAMPLE-AnswersNobody00/nej" in html
    assert 'src="data:image/png;base64,' in html
    assert b"To: bo@kund.example.net" in files["reminder-sv.eml"]
    with pytest.raises(Problem, match="case SK-10 has no mail address"):
        await mailed_case(config, "SK-10")
    with pytest.raises(Problem, match="there is no case SK-11"):
        await mailed_case(config, "SK-11")
