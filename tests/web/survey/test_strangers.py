"""What strangers send: other sites, scanners, floods, and bytes of any kind. No answer of theirs is recorded."""

import asyncio
import gzip
import logging
import sqlite3
from contextlib import closing
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

import pytest
from aiohttp import ClientSession, web
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from tests.web.survey.conftest import CASE, TOKEN, World
from web.app import serving
from web.rate_limit import RateLimit, client_of
from web.survey_forms import About

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PATHS = (f"/s/{TOKEN}", f"/s/{TOKEN}/nej", f"/s/{TOKEN}/avregistrera", "/s/AAAAAAAAAAAAAAAAAAAAAA", "/s/x")


async def raw(world: World, request: bytes) -> int:
    """The status that these bytes are answered with; 0 when the connection is just closed."""
    where = urlsplit(world.address)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(request)
    line = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    await writer.wait_closed()
    return int(line.split()[1]) if line else 0


@pytest.mark.parametrize("path", [f"/s/{TOKEN}", f"/s/{TOKEN}/nej", "/tillganglighet", "/personuppgifter", "/s/okand"])
async def test_pages_let_nothing_in_and_tell_nobody_where_one_came_from(world: World, path: str) -> None:
    page = await world.get(path)
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in page.headers
    elsewhere = [part for part in page.text.split('"') if part.startswith(("http:", "https:", "//"))]
    assert all(part.startswith(("https://www.digg.se", "https://www.imy.se")) for part in elsewhere)
    for inline in ("<style", " style=", "<script>", " onclick"):
        assert inline not in page.text


async def test_the_redirect_after_a_form_is_as_careful(world: World) -> None:
    body = {"about": "fraga:bemotande", "choice": "bra"}
    async with world.http.post(f"{world.address}/s/{TOKEN}", data=body, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, TOKEN)
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({}, True),  # a browser too old to say
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "null"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "https://evil.example.org"}, False),
        ({"Origin": "https://[evil"}, False),
    ],
)
async def test_a_form_of_another_site_is_not_taken(world: World, headers: dict[str, str], taken: bool) -> None:
    body = {"about": "fraga:bemotande", "choice": "bra"}
    async with world.http.post(f"{world.address}/s/{TOKEN}", data=body, headers=headers) as response:
        assert response.status == (200 if taken else 403)
    async with world.http.post(f"{world.address}/s/{TOKEN}/nej", data={"choice": "denna"}, headers=headers) as response:
        assert response.status == (200 if taken else 403)
    assert await world.answers() == ({"bemotande": "bra"} if taken else {})


async def test_our_own_origin_is_ours(world: World) -> None:
    body = {"about": "fraga:bemotande", "choice": "bra"}
    headers = {"Origin": world.address}
    async with world.http.post(f"{world.address}/s/{TOKEN}", data=body, headers=headers) as response:
        assert response.status == 200


async def test_too_often_for_one_survey(world: World) -> None:
    pages = [await world.get() for _ in range(41)]
    assert [page.status for page in pages] == [200] * 40 + [429]
    assert pages[-1].heading == "Vänta lite"
    assert 1 <= int(pages[-1].headers["Retry-After"]) <= 5
    page = await world.post("fraga:bemotande", "bra")
    assert (page.status, await world.answers()) == (429, {})
    world.seconds[0] += 5
    assert (await world.post("fraga:bemotande", "bra")).status == 200


async def test_too_often_from_one_client_behind_a_proxy(open_world) -> None:
    async with open_world(trusted_proxies=1) as world:
        await world.invite()

        async def look(forwarded: str, number: int) -> int:
            return (await world.get(f"/s/Guess{number:020}", X_Forwarded_For=forwarded)).status

        tries = [await look(f"203.0.113.{n % 250}, 198.51.100.7", n) for n in range(125)]
        assert (set(tries[:120]), set(tries[120:])) == ({404}, {429})
        assert await look("198.51.100.7, 203.0.113.9", 999) == 404, "somebody else's"
        assert (await world.get(X_Forwarded_For="203.0.113.10")).status == 200


@pytest.mark.parametrize(
    ("forwarded", "proxies", "client"),
    [
        ("203.0.113.9, 198.51.100.7", 1, "198.51.100.7"),
        ("203.0.113.9, 198.51.100.7", 2, "203.0.113.9"),
        ("203.0.113.9", 2, ""),  # came past a proxy: whoever connected, and that is this machine
        ("203.0.113.9", 0, ""),
        ("203.0.113.9:51234", 1, "203.0.113.9"),
        ("::ffff:203.0.113.9", 1, "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", 1, "2001:db8:1:2::"),
        ("[2001:db8:1:2::9]:443", 1, "2001:db8:1:2::"),
        ("::1", 1, ""),
        ("unknown", 1, ""),
        ("", 1, ""),
    ],
)
async def test_who_comes_by_the_entries_that_our_proxies_wrote(forwarded: str, proxies: int, client: str) -> None:
    async def tell(request: web.Request) -> web.Response:
        return web.Response(text=client_of(request, proxies))

    app = web.Application()
    app.router.add_get("/", tell)
    headers = {"X-Forwarded-For": forwarded}
    async with (
        serving(app, "127.0.0.1", 0) as port,
        ClientSession() as http,
        http.get(f"http://127.0.0.1:{port}/", headers=headers) as response,
    ):
        assert await response.text() == client


def test_a_bucket_fills_again_and_forgets_the_oldest() -> None:
    limit = RateLimit(per_minute=60, burst=2)
    assert [limit.wait("a", 0.0) for _ in range(3)] == [0, 0, 2]
    assert limit.wait("b", 0.0) == 0
    assert [limit.wait("a", 1.0), limit.wait("a", 1.0)] == [0, 2]
    for number in range(20_001):
        limit.wait(str(number), 1.0)
    assert limit.wait("a", 1.0) == 0


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"about=fraga%3Abemotande&choice=bra" + b"x" * 40_000, "application/x-www-form-urlencoded", 413),
        (b"about=fraga%3Abemotande&choice=bra", "text/plain", 415),
        (b'{"about": "fraga:bemotande", "choice": "bra"}', "application/json", 415),
        (b"about=fraga%3Abemotande&choice=bra&" + b"a=1&" * 30, "application/x-www-form-urlencoded", 400),
        ("about=fråga".encode(), "application/x-www-form-urlencoded", 400),
        (b"", "application/x-www-form-urlencoded", 400),
    ],
)
async def test_bodies_that_are_no_forms_of_ours(world: World, body: bytes, content_type: str, status: int) -> None:
    headers = {"Content-Type": content_type}
    async with world.http.post(f"{world.address}/s/{TOKEN}", data=body, headers=headers) as response:
        assert (response.status, response.content_type) == (status, "text/html")
    assert await world.answers() == {}


async def test_a_small_body_that_unpacks_to_a_large_one(world: World) -> None:
    packed = gzip.compress(b"about=" + b"x" * 10_000_000)
    headers = FORM | {"Content-Encoding": "gzip"}
    async with world.http.post(f"{world.address}/s/{TOKEN}", data=packed, headers=headers) as response:
        assert response.status == 413


async def test_what_case_systems_write_is_text_and_no_more(open_world) -> None:
    async with open_world() as world:
        odd = '<script>alert(1)</script> & "{{ 7 * 7 }}" \' %s {subject}'
        await world.invite(case=replace(CASE, subject=odd))
        page = await world.get()
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; " in page.text
        assert "{{ 7 * 7 }}" in page.text


async def test_somebody_who_hangs_up_half_way(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    where = urlsplit(world.address)
    for path in PATHS[:3]:
        _, writer = await asyncio.open_connection(where.hostname, where.port)
        kind = "Content-Type: application/x-www-form-urlencoded"
        writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\n{kind}\r\nContent-Length: 500\r\n\r\nabout=fraga".encode())
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.close()
        await writer.wait_closed()
    await asyncio.sleep(0.2)
    assert (await world.get()).status == 200
    logged = [record for record in caplog.records if record.levelno >= logging.WARNING or record.exc_info]
    assert logged == []
    assert not [record for record in caplog.records if " 500 " in record.getMessage()]


async def test_the_link_is_in_no_log_not_even_when_something_breaks(
    world: World, store_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await world.get()
    await world.post("fraga:bemotande", "bra")
    await world.post("kommentar", "ord", "Hemliga ord")
    with closing(sqlite3.connect(store_url.removeprefix("sqlite:///"))) as database:
        database.execute("ALTER TABLE invitations RENAME TO gone")
    page = await world.get(f"/s/{TOKEN}?bra")
    assert (page.status, page.heading) == (500, "Något gick fel hos oss")
    assert TOKEN not in page.text
    await asyncio.sleep(0.05)
    ours = [record for record in caplog.records if not record.name.startswith("aiosqlite")]
    logged = "\n".join(logging.Formatter().format(record) for record in ours)
    assert "GET /s/{token} 200" in logged
    for secret in (TOKEN, "Hemliga", "127.0.0.1"):
        assert secret not in logged


# --- any bytes --------------------------------------------------------------------------------------------------

_letters = st.text(max_size=40)
_abouts = st.one_of(
    _letters,
    st.builds(
        lambda what, question, seen: ":".join((what, question, seen)),
        st.sampled_from([*About]),
        st.sampled_from(["bemotande", "leverans", "annat", "", "\x00"]),
        st.sampled_from(["", "bra", "hoppad", "daligt", "x"]),
    ),
)
_choices = st.one_of(_letters, st.sampled_from(["bra", "hoppa", "ord", "ja", "nej", "annat", "en", "\udcff", "BRA"]))
_fields = st.fixed_dictionaries({"about": _abouts, "choice": _choices, "words": st.text(max_size=80)})


async def test_whatever_is_sent_nothing_breaks_and_only_a_whole_form_answers(world: World) -> None:
    """Each example is its own little conversation; the loop is Hypothesis's, run in a thread beside the server."""
    loop = asyncio.get_running_loop()

    async def send(body: bytes, query: str, path: str) -> None:
        world.seconds[0] += 60
        before = await world.answers()
        for method in ("GET", "POST"):
            head = f"{method} {path}{query} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
            kind = "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
            status = await raw(world, (head + kind).encode("utf-8", "surrogateescape") + body)
            assert 0 <= status < 500, (method, path, query, body)
        asked = dict(pair.split("=", 1) for pair in body.decode("ascii", "replace").split("&") if "=" in pair)
        about = asked.get("about", "")
        if not about.startswith(("fraga%3A", "stammer%3A", "skal%3A")) or path != PATHS[0]:
            assert await world.answers() == before, (path, query, body)

    @settings(max_examples=60)
    @given(
        fields=_fields, junk=st.binary(max_size=30), query=_letters, path=st.sampled_from(PATHS), whole=st.booleans()
    )
    def anything(fields: dict[str, str], junk: bytes, query: str, path: str, whole: bool) -> None:
        body = urlencode(fields, errors="surrogatepass").encode() + (b"" if whole else junk)
        asked = "?" + urlencode({query: query, "fraga": query, "sagt": query}, errors="surrogatepass")
        asyncio.run_coroutine_threadsafe(send(body, asked, path), loop).result(30)

    await asyncio.to_thread(anything)


@pytest.mark.parametrize(
    "line",
    [b"GET /s/" + TOKEN.encode() + b"?\xff\xfe HTTP/1.1", b"GET /s/%00%0a%0d HTTP/1.1", b"POST /s/\xc3\xa5 HTTP/1.1"],
)
async def test_malformed_addresses(world: World, line: bytes) -> None:
    assert await raw(world, line + b"\r\nHost: x\r\nConnection: close\r\n\r\n") < 500


async def test_fields_that_come_twice_and_odd_query_strings(world: World) -> None:
    fields = CIMultiDict([("about", "fraga:bemotande"), ("choice", "bra"), ("choice", "daligt")])
    async with world.http.post(f"{world.address}/s/{TOKEN}", data=fields) as response:
        assert response.status == 200
    assert await world.answers() == {"bemotande": "bra"}
    for query in ("?fraga=0", "?fraga=99", "?fraga=²", "?fraga=-1", "?fraga=" + "9" * 5000, "?sagt=" + "a," * 3000):
        assert (await world.get(f"/s/{TOKEN}{query}")).status == 200
    page = await world.get(f"/s/{TOKEN}?sagt=changed,<script>,opted_out")
    assert page.notices == ["Tack, vi har ändrat ditt svar."]
