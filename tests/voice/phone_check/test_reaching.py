"""How far we come on the way to an exchange, with real sockets on this machine."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.voice.lines.sip.far_ends import free_port
from tests.voice.lines.sip.kamailio import certificate
from voice.phone_check.reaching import Reached, Whom, reached


@contextmanager
def datagrams(answers: Callable[[bytes], bytes]) -> Iterator[int]:
    """A port of UDP where each message gets an answer; b"" is none."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)

        def serve() -> None:
            while True:
                try:
                    asked, who = server.recvfrom(65535)
                except OSError:
                    return
                if answer := answers(asked):
                    server.sendto(answer, who)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]


def answer(asked: bytes) -> bytes:
    """As exchanges answer: with the question's own headers, and where it came from."""
    lines = [
        line for line in asked.decode().split("\r\n") if line.split(":")[0] in ("From", "To", "Call-ID", "CSeq", "Via")
    ]
    seen = [line + ";received=203.0.113.7" if line.startswith("Via") else line for line in lines]
    return "\r\n".join(["SIP/2.0 200 OK", *seen, "Server: a test", "Content-Length: 0", "", ""]).encode()


def whom(port: int, transport: str = "udp", host: str = "127.0.0.1", authorities: Path | str = "") -> Whom:
    return Whom(host=host, port=port, transport=transport, authorities=str(authorities))


def test_an_exchange_that_answers() -> None:
    with datagrams(answer) as port:
        came = reached(whom(port))
    assert (came.addresses, came.local, came.contact) == (("127.0.0.1",), "127.0.0.1", "answered")
    assert came.answer is not None
    assert came.answer.status == 200
    assert came.answer.header("server") == "a test"
    assert came.answer.seen_as == "203.0.113.7"


def test_one_that_says_nothing_or_nonsense() -> None:
    with datagrams(lambda _: b"") as port:
        assert reached(whom(port)).contact == "silent"
    with datagrams(lambda _: b"\xff\x00 go away") as port:
        assert reached(whom(port)).contact == "silent"


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_nobody_listens(transport: str) -> None:
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    assert reached(whom(free_port(kind), transport)).contact == "refused"


@pytest.mark.parametrize(
    ("host", "fault"), [("exchange.invalid", "unknown"), ("not a name", "unknown"), ("::1", "only_ipv6")]
)
def test_names(host: str, fault: str) -> None:
    told = reached(whom(5060, host=host)).name_fault
    assert told == fault or (host == "exchange.invalid" and told == "no_names")  # a machine without name servers


@contextmanager
def stream(pem: tuple[Path, Path] | None = None) -> Iterator[int]:
    """A port of TCP, with TLS where a certificate and its key are given, whose exchange answers OPTIONS."""
    context = None
    if pem:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*pem)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(await reader.readuntil(b"\r\n\r\n")))
        await writer.drain()
        writer.close()

    loop, ports = asyncio.new_event_loop(), []
    started = threading.Event()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])
        started.set()
        async with server:
            await stopped.wait()

    stopped = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    assert started.wait(10)
    yield ports[0]
    loop.call_soon_threadsafe(stopped.set)
    thread.join(10)
    loop.close()


def told(came: Reached) -> tuple[str, str]:
    return came.contact, came.certificate_fault


def test_over_tcp_and_tls(tmp_path: Path) -> None:
    ca, made, key = certificate(tmp_path)
    with stream() as port:
        assert told(reached(whom(port, "tcp"))) == ("answered", "")
    with stream((made, key)) as port:
        assert told(reached(whom(port, "tls", "localhost", ca))) == ("answered", "")
        assert told(reached(whom(port, "tls", "localhost"))) == ("answered", "untrusted")


def test_tls_with_somebody_who_speaks_none() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def hang_up() -> None:
            connection, _ = server.accept()
            with closing(connection):
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=hang_up, daemon=True).start()
        assert told(reached(whom(server.getsockname()[1], "tls", "localhost"))) == ("answered", "no_tls")


def test_certificates_of_others_and_old_ones(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    ca, made, key = certificate(tmp_path / "other", "pbx.example.se")
    with stream((made, key)) as port:
        came = reached(whom(port, "tls", "localhost", ca))
        assert told(came) == ("answered", "other_name")
        assert "localhost" in came.certificate_words
