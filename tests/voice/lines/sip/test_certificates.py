"""What is wrong with an exchange's certificate is told in a way that says what to do. Real TLS, on loopback."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from tests.voice.lines.sip.kamailio import certificate
from voice.lines.sip.certificates import CertificateError, authorities, check_certificate

HERE = IPv4Address("127.0.0.1")


@asynccontextmanager
async def exchange(made: Path | None, key: Path | None) -> AsyncIterator[int]:
    """Its port; without a certificate it speaks no TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if made else None
    if context and made:
        context.load_cert_chain(made, key)

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SIP/2.0 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(met, str(HERE), 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def told(made: Path | None, key: Path | None, ca_file: str) -> str:
    async with exchange(made, key) as port:
        with pytest.raises(CertificateError) as error:
            await check_certificate("localhost", HERE, port, ca_file)
    return str(error.value).replace(str(port), "PORT")


async def test_a_right_certificate_is_nothing_to_tell(tmp_path: Path) -> None:
    ca, made, key = certificate(tmp_path)
    async with exchange(made, key) as port:
        await check_certificate("localhost", HERE, port, str(ca))


async def test_what_is_wrong_with_a_certificate(tmp_path: Path) -> None:
    ca, made, key = certificate(tmp_path)
    assert "isn't trusted" in await told(made, key, "")
    ca, made, key = certificate(tmp_path, days=-1)
    assert await told(made, key, str(ca)) == "its certificate has expired: whoever runs the exchange must renew it"
    ca, made, key = certificate(tmp_path, "pbx.example.se")
    assert "write that one as [sip] host instead of localhost" in await told(made, key, str(ca))
    assert await told(None, None, str(ca)) == "no TLS at port PORT; is it the exchange's TLS port (5061 as a rule)?"


async def test_what_is_wrong_with_whom_we_trust(tmp_path: Path) -> None:
    missing, empty = tmp_path / "none.pem", tmp_path / "empty.pem"
    empty.write_text("no certificate\n")
    assert await told(None, None, str(missing)) == (
        f"[sip] ca_file {missing}: No such file or directory; name a PEM file of who signs certificates"
    )
    assert "it holds no certificates" in await told(None, None, str(empty))
    with pytest.raises(CertificateError, match="write a path without spaces"):
        authorities("our ca.pem")
    assert authorities(str(missing)) == (str(missing), "")
