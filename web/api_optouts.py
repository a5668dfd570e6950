"""`POST /api/optouts`: somebody doesn't want to be asked, and has told the organisation so by phone or letter."""

from collections.abc import Callable

from aiohttp import web

from models.case import Address, AddressKind
from web.api_operations import Call, read_shape, unprocessable
from web.api_shapes import Refusal
from web.case_bodies import check_json, json_of
from web.problems import ProblemError
from workflow.converse import SurveyPolicy
from workflow.ports import Clock, Store
from workflow.refusals import refuse

_MOST_BYTES = 10_000

#: Reads an address as intake does; raises ValueError saying what would be right. "" stays "".
ReadAddress = Callable[[AddressKind, str], str]


class OptOuts:
    """The handler."""

    def __init__(self, store: Store, clock: Clock, read: ReadAddress, policy: SurveyPolicy) -> None:
        self._store, self._clock, self._read, self._policy = store, clock, read, policy

    async def handle(self, call: Call) -> web.Response:
        """204, whether they were known to us or not."""
        check_json(call.request)
        wanted = read_shape(Refusal, json_of(await _small_body(call.request)))
        assert isinstance(wanted, Refusal)
        addresses = self._addresses({AddressKind.MAIL: wanted.mail, AddressKind.PHONE: wanted.phone})
        now = self._clock.now()
        async with self._store.step() as tx:
            await refuse(tx, addresses, self._policy, now)
        return web.Response(status=204)

    def _addresses(self, given: dict[AddressKind, str | None]) -> list[Address]:
        found, faults = [], []
        for kind, text in given.items():
            if text is None:
                continue
            try:
                value = self._read(kind, text)
            except ValueError as error:
                faults.append((kind.value, text, str(error)))
                continue
            if value:
                found.append(Address(kind, value))
            else:
                faults.append((kind.value, text, "is empty; leave it out"))
        if faults:
            raise unprocessable(faults)
        if not found:
            raise unprocessable([("", {}, "give mail, phone or both")])
        return found


async def _small_body(request: web.Request) -> bytes:
    body = b""
    async for part in request.content.iter_chunked(_MOST_BYTES):
        body += part
        if len(body) > _MOST_BYTES:
            raise ProblemError(413, "Content Too Large", f"more than {_MOST_BYTES} bytes; send one at a time")
    return body
