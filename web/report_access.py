"""Who looks at the managers' page: a session in a cookie, and what its recipient may see by today's configuration."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from models.digest import Recipient, ReportRole
from workflow.ports import Clock, Store
from workflow.sign_in import signed_in

SIGN_IN = "/rapport/logga-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who is signed in. `units` () is the whole organisation."""

    name: str
    role: ReportRole
    units: tuple[str, ...]  #: whose single cases they may see, if `identified`
    identified: bool
    language: str

    @property
    def figures_of(self) -> tuple[str, ...]:
        """The units whose figures they see: an analyst and an administrator see all."""
        return self.units if self.role is ReportRole.MANAGER else ()


@dataclass(frozen=True, slots=True)
class Access:
    """Reads the session of a request. `https`: the page's public address is."""

    store: Store
    clock: Clock
    recipients: Mapping[str, Recipient]
    https: bool

    @property
    def cookie(self) -> str:
        """The browser keeps a __Host- cookie only if we set it over https: no neighbour on a subdomain can."""
        return "__Host-omdome_report" if self.https else "omdome_report"

    @property
    def path(self) -> str:
        return "/" if self.https else "/rapport"  # a __Host- cookie has no other

    async def viewer(self, request: web.Request) -> Viewer | None:
        token = request.cookies.get(self.cookie, "")
        if not token:
            return None
        async with self.store.look() as tx:
            recipient = await signed_in(tx, token, self.recipients, self.clock.now())
        return viewer_of(recipient) if recipient else None


ACCESS: web.AppKey[Access] = web.AppKey("report_access", Access)


def viewer_of(recipient: Recipient) -> Viewer:
    return Viewer(
        name=recipient.name,
        role=recipient.role,
        units=recipient.units,
        identified=recipient.identified,
        language=recipient.language,
    )


async def viewer(request: web.Request) -> Viewer:
    """Who asks. Sends everybody who isn't signed in to the page that lets them (303)."""
    found = await request.app[ACCESS].viewer(request)
    if found is None:
        raise web.HTTPSeeOther(SIGN_IN)
    return found
