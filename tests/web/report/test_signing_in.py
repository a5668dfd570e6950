"""Who gets in, and how one gets out."""

import asyncio
from datetime import timedelta

import pytest

from models.digest import Recipient
from models.queues import OutboxKind
from storage.database import SqlStore
from tests.web.report.conftest import House, a_house
from web.report_sign_in import SIGN_IN_HANDLERS, SignIn


async def test_without_a_session_there_is_only_the_way_in(empty_house: House) -> None:
    for path in ("/rapport", "/rapport/arenden", "/rapport/siffror.csv", "/rapport/siffror.xlsx"):
        got = await empty_house.get(path)
        assert got.url.endswith("/rapport/logga-in")
        assert "Du loggar in med länken i ditt veckobrev." in got.words
        assert not got.shows_figures


async def test_opening_the_link_uses_nothing_up_and_pressing_the_button_once_signs_in(empty_house: House) -> None:
    link = await empty_house.link("parkchefen")
    for _ in range(3):  # a mail scanner, a preview, the reader
        assert "parkchefen" in (await empty_house.get(link)).words
    assert (await empty_house.get(who="parkchefen")).url.endswith("/logga-in")
    assert "Inloggad: parkchefen" in (await empty_house.post(link, "parkchefen")).words
    assert "Inloggad: parkchefen" in (await empty_house.get(who="parkchefen")).words
    again = await empty_house.post(link, "somebody else")
    assert (again.status, "Länken går inte att använda." in again.words) == (410, True)
    assert (await empty_house.get(link)).status == 410
    assert (await empty_house.get(who="somebody else")).url.endswith("/logga-in")


async def test_the_cookie_is_for_nobody_else(store: SqlStore) -> None:
    async with a_house(store) as house:
        plain = await house.post(await house.link("chefen"), allow_redirects=False)
        assert {"HttpOnly", "Path=/rapport", "SameSite=Lax", "Max-Age=43200"} <= set(
            plain.headers["Set-Cookie"].split("; ")
        )
    async with a_house(store, "https://omdome.example.se") as house:
        secure = await house.post(await house.link("chefen"), allow_redirects=False)
        cookie = secure.headers["Set-Cookie"]
        assert cookie.startswith("__Host-omdome_report=")
        assert {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


async def test_nobodys_session_is_taken_over(empty_house: House) -> None:
    """A cookie that somebody else has put into the browser is worth nothing, before or after."""
    foreign = {"omdome_report": "AAAAAAAAAAAAAAAAAAAAAA"}
    first = await empty_house.post(await empty_house.link("chefen"), allow_redirects=False, cookies=foreign)
    assert "AAAAAAAAAAAAAAAAAAAAAA" not in first.headers["Set-Cookie"]
    assert (await empty_house.get(who="other", cookies=foreign)).url.endswith("/logga-in")


async def test_links_and_sessions_end(empty_house: House) -> None:
    link = await empty_house.link("chefen")
    await empty_house.sign_in("parkchefen")
    empty_house.clock.time += timedelta(hours=12)
    assert (await empty_house.get(who="parkchefen")).url.endswith("/logga-in")
    empty_house.clock.time += timedelta(days=8)
    assert (await empty_house.post(link, "chefen")).status == 410


async def test_a_bad_link_signs_nobody_out(empty_house: House) -> None:
    await empty_house.sign_in("chefen")
    assert (await empty_house.post("/rapport/in/nonsense", "chefen")).status == 410
    assert "Inloggad: chefen" in (await empty_house.get(who="chefen")).words


async def test_signing_out(empty_house: House) -> None:
    await empty_house.sign_in("chefen")
    cookies = {each.key: each.value for each in empty_house.browser("chefen").cookie_jar}
    assert "Du är utloggad." in (await empty_house.post("/rapport/logga-ut", "chefen")).words
    assert (await empty_house.get(who="chefen")).url.endswith("/logga-in")
    assert (await empty_house.get(who="thief", cookies=cookies)).url.endswith("/logga-in"), "the session is gone"


async def test_another_site_can_neither_sign_in_nor_out(empty_house: House) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    link = await empty_house.link("chefen")
    assert (await empty_house.post(link, headers=elsewhere)).status == 403
    await empty_house.post(link, "chefen")
    assert (await empty_house.post("/rapport/logga-ut", "chefen", headers=elsewhere)).status == 403
    assert (await empty_house.post("/rapport/logga-in", headers=elsewhere, data={"mail": "x"})).status == 403
    assert "Inloggad" in (await empty_house.get(who="chefen")).words


async def test_the_link_leads_to_its_digests_week(empty_house: House) -> None:
    link = await empty_house.link("chefen")
    assert "Vecka 46 2026" in (await empty_house.post(f"{link}?vecka=2026-W46", "chefen")).words
    odd = await empty_house.link("chefen")
    assert "Vecka 48 2026" in (await empty_house.post(f"{odd}?vecka=//elsewhere.example", "chefen")).words


async def asked_for(house: House, mail: str) -> str:
    return (await house.post("/rapport/logga-in", data={"mail": mail})).words


async def mails(house: House) -> list[dict[str, str]]:
    await house.server[SIGN_IN_HANDLERS].finish()  # they are written after the answer
    async with house.store.step() as tx:
        rows = await tx.claim([OutboxKind.MAIL], house.clock.now(), timedelta(minutes=1), 99)
    return [row.payload for row in rows]


async def test_a_new_link_comes_by_mail_and_nobody_learns_who_gets_the_digest(empty_house: House) -> None:
    known = await asked_for(empty_house, " Parkchefen@EXAMPLE.org ")
    [mail] = await mails(empty_house)
    assert (mail["to"], mail["subject"]) == ("parkchefen@example.org", "Länk till rapporten från Omdöme")
    path = next(line for line in mail["text"].splitlines() if "/rapport/in/" in line).removeprefix("http://127.0.0.1:1")
    assert "Inloggad: parkchefen" in (await empty_house.post(path, "parkchefen")).words
    for stranger in ("nobody@example.org", "", "å" * 300, "\r\nBcc: x@example.org", "' OR 1=1"):
        assert await asked_for(empty_house, stranger) == known
    assert await mails(empty_house) == []


async def test_what_was_asked_for_is_stored_before_the_server_is_down(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = SignIn._send

    async def slowly(self: SignIn, wanted: list[Recipient]) -> None:
        await asyncio.sleep(0.5)
        await send(self, wanted)

    monkeypatch.setattr(SignIn, "_send", slowly)
    async with a_house(store) as house:
        await asked_for(house, "chefen@example.org")
    async with store.step() as tx:
        assert len(await tx.claim([OutboxKind.MAIL], house.clock.now(), timedelta(minutes=1), 99)) == 1


async def test_a_fault_in_making_the_link_is_told_without_the_address(
    empty_house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def falls(*_: object) -> None:
        raise ValueError("chefen@example.org")

    monkeypatch.setattr(SignIn, "_mail", falls)
    await asked_for(empty_house, "chefen@example.org")
    assert await mails(empty_house) == []
    assert "a link that was asked for could not be made (ValueError)" in caplog.text
    assert "chefen" not in caplog.text


async def test_an_hour_is_one_hour(store: SqlStore) -> None:
    async with a_house(store, more="[report]\nsession_hours = 1") as house:
        assert "Du är inloggad i en timme på den här enheten." in (await house.get(await house.link("chefen"))).words


async def test_a_mailbox_is_not_filled(empty_house: House) -> None:
    for _ in range(9):
        answer = await asked_for(empty_house, "chefen@example.org")
        assert "kommer det strax ett mejl" in answer
    assert len(await mails(empty_house)) == 3


@pytest.mark.parametrize("path", ["/rapport", "/rapport/in/x", "/rapport/logga-in", "/rapport/arenden"])
async def test_pages_are_kept_by_nobody_and_tell_nobody(empty_house: House, path: str) -> None:
    headers = (await empty_house.get(path)).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]


async def test_who_is_signed_in_and_opens_the_same_link_again_goes_on_to_its_week(empty_house: House) -> None:
    link = await empty_house.link("chefen")
    await empty_house.post(link, "chefen")
    again = await empty_house.get(f"{link}?vecka=2026-W46", "chefen")
    assert (again.status, "Vecka 46 2026" in again.words) == (200, True)
    newer = await empty_house.link("chefen")
    assert "Vecka 48 2026" in (await empty_house.get(newer, "chefen")).words
    assert "Inloggad: chefen" in (await empty_house.post(newer, "at home")).words, "looking didn't use it up"
    await empty_house.post("/rapport/logga-ut", "chefen")
    assert (await empty_house.get(link, "chefen")).status == 410, "it lets nobody in again"


async def test_somebody_elses_link_is_not_the_one_who_is_signed_in(empty_house: House) -> None:
    await empty_house.sign_in("chefen")
    other = await empty_house.link("parkchefen")
    assert "Länken är till ”parkchefen”" in (await empty_house.get(other, "chefen")).words
    await empty_house.post(other, "parkchefen")
    used = await empty_house.get(other, "chefen")
    assert (used.status, "Länken går inte att använda." in used.words) == (410, True)
