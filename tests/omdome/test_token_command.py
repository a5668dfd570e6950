"""`token`: who may call the API, and for what."""

from tests.omdome.conftest import Installation


def test_a_token_is_shown_once_and_can_be_taken_back(installation: Installation) -> None:
    told = installation.run("token", "create", "ärendesystemet", "--scope", "cases:write", "--scope", "cases:read")
    assert told.returncode == 0
    [token] = [word for word in told.stdout.split() if word.startswith("omd_")]
    assert len(token) >= 4 + 43  # 256 bits
    assert "the API is off: set [web] case_api = true" in told.stderr

    listed = installation.run("token", "list", OMDOME_API_TOKEN="x" * 20)
    assert "ärendesystemet: cases:read, cases:write; never used" in listed.stdout
    assert "OMDOME_API_TOKEN: cases:write, cases:read" in listed.stdout
    assert token not in listed.stdout
    for file in installation.folder.rglob("*"):
        assert not file.is_file() or token.encode() not in file.read_bytes()

    assert installation.run("token", "revoke", "ärendesystemet").returncode == 0
    [kept] = installation.json("token", "list")
    assert kept["name"] == "ärendesystemet"
    assert kept["revoked_at"]


def test_what_can_not_be_is_told_without_a_traceback(installation: Installation) -> None:
    made = installation.json("token", "create", "prometheus", "--scope", "metrics")
    assert made["scopes"] == ["metrics"]
    taken = installation.run("token", "create", "prometheus", "--scope", "metrics")
    assert (taken.returncode, taken.stderr) == (
        2,
        "prometheus: there is, or has been, a token of that name; take another\n",
    )
    assert installation.run("token", "create", "a\nb", "--scope", "metrics").returncode == 2
    assert "results:read" in installation.run("token", "create", "x", "--scope", "everything").stderr
    unknown = installation.run("token", "revoke", "promtheus")
    assert (unknown.returncode, unknown.stderr) == (2, "promtheus: no such token works; there is prometheus\n")
