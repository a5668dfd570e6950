"""The body of a POST from a page: small, and read with care. What isn't a form of ours is refused."""

from urllib.parse import parse_qsl

from aiohttp import web

MOST_BYTES = 32_000  # two thousand letters of any script, percent-encoded, and some
_MOST_FIELDS = 20
_URL_ENCODED, _PARTS = "application/x-www-form-urlencoded", "multipart/form-data"


async def read_form(request: web.Request) -> dict[str, str]:
    """The fields of an `application/x-www-form-urlencoded` body; of one that comes twice, the first.

    Raises HTTPRequestEntityTooLarge, HTTPUnsupportedMediaType or HTTPBadRequest.
    """
    if request.content_type != _URL_ENCODED:
        raise web.HTTPUnsupportedMediaType
    return _fields(await _read(request))


async def is_one_click(request: web.Request) -> bool:
    """Whether it is a mail program's one-click unsubscribe (RFC 8058), which may come in either encoding of forms."""
    body = await _read(request)
    if request.content_type == _PARTS:
        return any(_is_one_click(part) for part in body.split(b"\r\n--"))
    return request.content_type == _URL_ENCODED and _fields(body).get("List-Unsubscribe") == "One-Click"


def _is_one_click(part: bytes) -> bool:
    head, _, value = part.partition(b"\r\n\r\n")
    return b'name="list-unsubscribe"' in head.lower() and value.strip() == b"One-Click"


async def _read(request: web.Request) -> bytes:
    body = b""
    try:
        async for chunk in request.content.iter_any():  # unpacked, so a small body can't grow large here
            body += chunk
            if len(body) > MOST_BYTES:
                raise web.HTTPRequestEntityTooLarge(max_size=MOST_BYTES, actual_size=len(body))
    except ConnectionError as error:  # they hung up half-way: nobody will read the answer
        raise web.HTTPBadRequest from error
    return body


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace")
    except ValueError as error:
        raise web.HTTPBadRequest from error
    return dict(reversed(pairs))
