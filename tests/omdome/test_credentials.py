"""Secrets come from the environment or from a file that it names, and never show."""

from pathlib import Path

import pytest

from omdome.credentials import CredentialError, read_credentials


def test_a_secret_is_read_from_its_variable_or_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("12345:abc\n")
    found = read_credentials({"OMDOME_TELEGRAM_TOKEN_FILE": str(tmp_path / "token"), "OMDOME_API_TOKEN": "sesam"})
    assert (found.telegram_token, found.api_token, found.smtp_password) == ("12345:abc", "sesam", "")
    assert found.values() == ["12345:abc", "sesam"]
    assert "sesam" not in repr(found)


@pytest.mark.parametrize("password", ['se"sam', "se\\sam", "se\nsam"])
def test_a_password_that_the_sip_stack_cannot_take_is_refused_without_showing_it(password: str) -> None:
    with pytest.raises(CredentialError, match="OMDOME_SIP_PASSWORD: has a quote or a backslash") as told:
        read_credentials({"OMDOME_SIP_PASSWORD": password})
    assert password not in str(told.value)
    assert read_credentials({"OMDOME_SIP_PASSWORD": "se;sam, å<"}).sip_password == "se;sam, å<"


def test_both_or_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="OMDOME_API_TOKEN and OMDOME_API_TOKEN_FILE are both set"):
        read_credentials({"OMDOME_API_TOKEN": "x", "OMDOME_API_TOKEN_FILE": "y"})
    with pytest.raises(CredentialError, match=r"OMDOME_API_TOKEN_FILE: .*none can't be read"):
        read_credentials({"OMDOME_API_TOKEN_FILE": str(tmp_path / "none")})
