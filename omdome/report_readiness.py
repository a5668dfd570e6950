"""Whether managers can look, and how they come in: for `omdome.readiness`."""

from omdome.config import Config
from omdome.readiness import Feature, State
from omdome.report import report_url


def report_feature(config: Config) -> Feature:
    name, web = "managers' page", config.web
    if not web.report:
        return Feature(name, State.OFF, "not asked for", "set [web] report = true")
    if not config.digest.recipients:
        return Feature(name, State.OFF, "nobody may look", "write a [[digest.recipients]] table")
    if not web.enabled:
        return Feature(name, State.OFF, "the web server is off", "set [web] enabled = true")
    if not web.public_url:
        where = f"http://{web.host}:{web.port}/rapport"
        return Feature(
            name, State.ON, f"{where}, by `report link` alone", "set [web] public_url: digests then carry links"
        )
    if not config.mail.host:
        return Feature(name, State.ON, f"{report_url(config)}/rapport, by `report link` alone: mail is off")
    return Feature(name, State.ON, f"{report_url(config)}/rapport, by the link in each mailed digest")
