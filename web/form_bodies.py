"""The body of a POST from a page: small, and read with care. What isn't a form of ours is refused."""

from urllib.parse import parse_qsl

from aiohttp import web

MOST_BYTES = 32_000  # two thousand letters of any script, percent-encoded, and some
_MOST_FIELDS = 20


async def read_form(request: web.Request) -> dict[str, str]:
    """The fields of an `application/x-www-form-urlencoded` body; of one that comes twice, the first.

    Raises HTTPRequestEntityTooLarge, HTTPUnsupportedMediaType or HTTPBadRequest.
    """
    if request.content_type != "application/x-www-form-urlencoded":
        raise web.HTTPUnsupportedMediaType
    body = b""
    async for chunk in request.content.iter_any():  # unpacked, so a small body can't grow large here
        body += chunk
        if len(body) > MOST_BYTES:
            raise web.HTTPRequestEntityTooLarge(max_size=MOST_BYTES, actual_size=len(body))
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace")
    except ValueError as error:
        raise web.HTTPBadRequest from error
    return dict(reversed(pairs))
