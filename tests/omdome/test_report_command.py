"""`omdome report link`: a way in for who has no digest at hand."""

from tests.omdome.conftest import Installation

CONFIG = """
[web]
public_url = "https://omdome.example.se/"
{more}
[[digest.recipients]]
name = "park"
mail = "park@example.se"
"""


def test_a_link_is_printed_for_a_known_recipient_and_each_is_another(installation: Installation) -> None:
    installation.configure(CONFIG.replace("{more}", ""))
    first, second = (installation.json("report", "link", "park") for _ in range(2))
    assert first["link"].startswith("https://omdome.example.se/rapport/in/")
    assert first["link"] != second["link"]
    assert (first["recipient"], first["days"]) == ("park", 8)
    assert "For park, once, within 8 days" in installation.run("report", "link", "park").stdout


def test_an_unknown_name_and_a_page_that_is_off_are_refused(installation: Installation) -> None:
    installation.configure(CONFIG.replace("{more}", ""))
    unknown = installation.run("report", "link", "gata")
    assert (unknown.returncode, "there is no such recipient of the digest; there is park" in unknown.stderr) == (
        2,
        True,
    )
    installation.configure(CONFIG.replace("{more}", "report = false"))
    off = installation.run("report", "link", "park")
    assert (off.returncode, "set [web] enabled and report" in off.stderr) == (2, True)


def test_all_links_of_a_recipient_can_be_ended(installation: Installation) -> None:
    installation.configure(CONFIG.replace("{more}", ""))
    installation.run("report", "link", "park")
    assert "park: links and sessions ended: 1" in installation.run("report", "revoke", "park").stdout
    assert "park: links and sessions ended: 0" in installation.run("report", "revoke", "park").stdout
