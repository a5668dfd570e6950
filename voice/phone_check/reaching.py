"""Whether the exchange can be reached, before anything is asked of it: name, way, port, certificate."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from secrets import token_hex

from voice.phone_check.messages import Message, parsed

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 1.0  #: for one asking
_ASKINGS = 3
_LARGEST = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How far we came."""

    addresses: tuple[str, ...] = ()  #: IPv4, of the exchange's name
    name_fault: str = ""  #: unknown, no_names (nobody to ask) or only_ipv6
    local: str = ""  #: our address on the way there; "" where there is none
    contact: str = ""  #: answered, silent (to a question that nobody must answer), refused, or unreached
    answer: Message | None = None
    certificate_fault: str = ""  #: no_tls, early, expired, other_name, untrusted, old or failed
    certificate_words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """The exchange that is to be reached. `authorities`: a file of certificates in PEM; "" is the system's own."""

    host: str
    port: int
    transport: str  #: udp, tcp or tls
    authorities: str = ""


class NoTlsError(Exception):
    """Somebody is there, who doesn't answer when we begin with TLS."""


def reached(whom: Whom) -> Reached:
    """Takes up to ten seconds or so. Never raises."""
    addresses, fault = _resolved(whom)
    if fault:
        return Reached(name_fault=fault)
    local = _local(addresses[0], whom.port)
    if not local:
        return Reached(addresses=addresses)
    try:
        with _connected(whom, addresses[0]) as connection:
            answer = _asked(connection, whom, local)
    except (ssl.SSLError, NoTlsError) as error:
        fault, words = _tls_fault(error)
        return Reached(
            addresses=addresses, local=local, contact="answered", certificate_fault=fault, certificate_words=words
        )
    except ConnectionError:
        return Reached(addresses=addresses, local=local, contact="refused")
    except OSError:
        return Reached(addresses=addresses, local=local, contact="unreached")
    return Reached(addresses=addresses, local=local, contact="answered" if answer else "silent", answer=answer)


def _resolved(whom: Whom) -> tuple[tuple[str, ...], str]:
    try:
        found = socket.getaddrinfo(whom.host, whom.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return (), "no_names" if error.errno == socket.EAI_AGAIN else "unknown"
    except (OSError, UnicodeError):
        return (), "unknown"
    addresses = tuple(dict.fromkeys(str(each[4][0]) for each in found if each[0] == socket.AF_INET))
    return addresses, "" if addresses else "only_ipv6"


def _local(address: str, port: int) -> str:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.connect((address, port))  # sends nothing
        except OSError:
            return ""
        return str(probe.getsockname()[0])


@contextmanager
def _connected(whom: Whom, address: str) -> Iterator[socket.socket]:
    if whom.transport == "udp":
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as datagrams:
            datagrams.connect((address, whom.port))
            yield datagrams
        return
    with closing(socket.create_connection((address, whom.port), _CONNECT_SECONDS)) as stream:
        if whom.transport != "tls":
            yield stream
            return
        context = ssl.create_default_context(cafile=whom.authorities or None)
        try:
            protected = context.wrap_socket(stream, server_hostname=whom.host)
        except (TimeoutError, ConnectionError) as error:
            raise NoTlsError(str(error)) from error
        with closing(protected):
            yield protected


def _asked(connection: socket.socket, whom: Whom, local: str) -> Message | None:
    """The answer to OPTIONS (RFC 3261 §11), or None. Raises ConnectionError where the port is closed."""
    question = _options(whom, local, int(connection.getsockname()[1]))
    connection.settimeout(_ANSWER_SECONDS)
    for number in range(_ASKINGS):
        if number == 0 or whom.transport == "udp":
            connection.sendall(question)
        try:
            told = connection.recv(_LARGEST)
        except TimeoutError:
            continue
        return parsed("RX\n" + told.decode("utf-8", "replace")) if told else None
    return None


def _options(whom: Whom, local: str, port: int) -> bytes:
    host = f"{whom.host}:{whom.port}"
    lines = [
        f"OPTIONS sip:{host} SIP/2.0",
        f"Via: SIP/2.0/{whom.transport.upper()} {local}:{port};branch=z9hG4bK{token_hex(8)};rport",
        "Max-Forwards: 70",
        f"From: <sip:omdome@{local}>;tag={token_hex(6)}",
        f"To: <sip:{host}>",
        f"Call-ID: {token_hex(10)}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:omdome@{local}:{port}>",
        "Accept: application/sdp",
        "Content-Length: 0",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _tls_fault(error: ssl.SSLError | NoTlsError) -> tuple[str, str]:
    if isinstance(error, NoTlsError):
        return "no_tls", str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        words = error.verify_message
        if error.verify_code in (9, 10):  # X509_V_ERR_CERT_NOT_YET_VALID, …_HAS_EXPIRED
            return "early" if error.verify_code == 9 else "expired", words
        return ("other_name" if "match" in words or error.verify_code in (62, 64) else "untrusted"), words
    words = error.reason or str(error)
    if words in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return "no_tls", words
    if words in ("UNSUPPORTED_PROTOCOL", "SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_ALERT_PROTOCOL_VERSION"):
        return "old", words
    return "failed", words
