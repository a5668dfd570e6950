"""Who may call the API: bearer tokens, what each may do, and how often."""

import asyncio
import hmac
from contextlib import suppress
from datetime import timedelta

from aiohttp import web

from models.access import Scope
from web.problems import ProblemError
from web.rate_limit import RateLimit, client_of
from workflow.api_tokens import digest_of
from workflow.ports import Clock, Store, StoreUnavailableError
from workflow.store_parts import ApiToken

_NOTED_EVERY = timedelta(hours=1)
_PRICE_OF_A_WRONG_TOKEN = 20  # requests: a client who tries tokens is soon held back

#: What OMDOME_API_TOKEN may do: what the case system does.
ENVIRONMENT_SCOPES = frozenset({Scope.CASES_WRITE, Scope.CASES_READ})


class Access:
    """One for all of /api/ and /metrics. `environment_token` "" is none; `trusted_proxies` as in `client_of`.

    `requests_per_minute` are for each token and each client; half of them may come at once.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        environment_token: str = "",
        trusted_proxies: int = 0,
        requests_per_minute: int = 1200,
    ) -> None:
        self._store, self._clock, self._proxies = store, clock, trusted_proxies
        self._environment = digest_of(environment_token) if environment_token else ""
        self._clients = RateLimit(requests_per_minute, burst=requests_per_minute // 2)
        self._tokens = RateLimit(requests_per_minute, burst=requests_per_minute // 2)

    async def scopes(self, request: web.Request, wanted: Scope) -> frozenset[Scope]:
        """What the caller may do, `wanted` included. Raises ProblemError 401, 403 or 429."""
        client = client_of(request, self._proxies)
        if client:  # "" is everybody behind a proxy that we don't know of: one must not shut out the others
            self._hold_back(self._clients, client)
        digest = digest_of(_bearer(request.headers.get("Authorization", "")))
        found = await self._known(digest)
        if found is None:
            for _ in range(_PRICE_OF_A_WRONG_TOKEN if client else 0):
                self._clients.wait(client, _seconds())
            detail = "send the header Authorization: Bearer, with a token made by `omdome token create`"
            raise ProblemError(401, "Unauthorized", detail, {"WWW-Authenticate": "Bearer"})
        self._hold_back(self._tokens, digest)
        if wanted not in found:
            detail = f"this token lacks the scope {wanted}; it has {', '.join(sorted(found))}"
            told = f'Bearer error="insufficient_scope", scope="{wanted}"'
            raise ProblemError(403, "Forbidden", detail, {"WWW-Authenticate": told})
        return found

    async def _known(self, digest: str) -> frozenset[Scope] | None:
        # hashes have equal lengths, and whoever tries tokens doesn't choose them: the comparison's time tells nothing
        if self._environment and hmac.compare_digest(digest, self._environment):
            return ENVIRONMENT_SCOPES
        async with self._store.look() as tx:
            token = await tx.api_token(digest)
        if token is None:
            return None
        await self._note_use(token, digest)
        return frozenset(Scope(scope) for scope in token.scopes if scope in set(Scope))

    async def _note_use(self, token: ApiToken, digest: str) -> None:
        now = self._clock.now()
        if token.last_used_at is None or now - token.last_used_at >= _NOTED_EVERY:
            with suppress(StoreUnavailableError):  # the call itself may need no writing
                async with self._store.step() as tx:
                    await tx.note_use(digest, now)

    def _hold_back(self, limit: RateLimit, key: str) -> None:
        if seconds := limit.wait(key, _seconds()):
            detail = f"too many requests; send the next one in {seconds} s"
            raise ProblemError(429, "Too Many Requests", detail, {"Retry-After": str(seconds)})


def _seconds() -> float:
    return asyncio.get_running_loop().time()


def _bearer(header: str) -> str:
    """The token; "" for another scheme."""
    scheme, _, given = header.partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""
