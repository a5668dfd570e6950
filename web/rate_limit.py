"""How often one client may come: a bucket of tokens for each, filled at a steady rate. In memory, in this process."""

import ipaddress
from collections import OrderedDict

from aiohttp import web

_MOST_KEYS = 20_000


class RateLimit:
    """`burst` requests at once, then `per_minute`; for each key by itself. Remembers the latest 20,000 keys."""

    def __init__(self, per_minute: float, burst: int) -> None:
        self._per_second, self._burst = per_minute / 60, burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key → tokens left, at what time

    def wait(self, key: str, now: float) -> int:
        """0 when the request is within bounds (it is then counted), else after how many seconds to try again.

        `now` in seconds, of any clock that doesn't go back.
        """
        left, then = self._buckets.pop(key, (float(self._burst), now))
        left = min(float(self._burst), left + max(0.0, now - then) * self._per_second)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now)
        if len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, round((1 - left) / self._per_second + 0.5))


def client_of(request: web.Request, trusted_proxies: int) -> str:
    """Who comes, for a rate limit: an IPv4 address, an IPv6 /64 (one household), or "" for who can't be told apart.

    With n trusted proxies the n-th entry of X-Forwarded-For from the right is believed: what stands left of it may be
    anybody's invention. Without, a request from this machine is a proxy's that we don't know of: everybody's.
    """
    address = request.remote or ""
    if trusted_proxies:
        entries = [each.strip() for line in request.headers.getall("X-Forwarded-For", []) for each in line.split(",")]
        if len(entries) >= trusted_proxies:
            address = entries[-trusted_proxies]
    return _whose(address.strip())


def _whose(address: str) -> str:
    if address.count(":") == 1:  # some proxies add the port
        address = address.partition(":")[0]
    elif address.startswith("["):
        address = address[1:].partition("]")[0]
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            network = ipaddress.IPv6Network((int(found), 64), strict=False)
            return "" if found.is_loopback else str(network.network_address)
        found = found.ipv4_mapped
    return "" if found.is_loopback else str(found)
