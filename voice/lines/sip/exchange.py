"""The way to the exchange that is configured: found, and with TLS looked at, before the SIP stack goes there."""

import errno
import socket
from ipaddress import IPv4Address

from voice.lines.sip.certificates import authorities, check_certificate
from voice.lines.sip.settings import SipAccount, SipPolicy
from voice.lines.sip.targets import Exchange, Transport, local_address, resolved


async def reached(account: SipAccount) -> Exchange | None:
    """None where no exchange is configured.

    Raises OSError where its name means nothing just now, and CertificateError where its certificate isn't right.
    """
    if not account.host:
        return None
    exchange = await resolved(account.host, account.port, account.transport, account.domain)
    if account.transport == "tls":
        await check_certificate(account.host, exchange.address, account.port, account.ca_file)
    return exchange


def configured(
    account: SipAccount, policy: SipPolicy, exchange: Exchange | None, *, answers: bool, traces: bool
) -> dict[str, object]:
    """What the process that holds the calls is told. Raises OSError where that can't be.

    Who doesn't answer calls doesn't take `listen_port` from a process that does.
    """
    local = local_address(exchange) if exchange else IPv4Address("127.0.0.1")
    listen_port = account.listen_port if answers else 0
    if listen_port:
        _expect_free(local, listen_port, account.transport)
    ca_file, ca_folder = authorities(account.ca_file) if account.transport == "tls" else ("", "")
    return {
        "local": str(local),
        "listen_port": listen_port,
        "take_calls_from": [str(each) for each in (*exchange.addresses, *account.calls_from)] if exchange else [],
        "rtp_ports": policy.rtp_ports,
        "dead_seconds": policy.dead_seconds,
        "username": account.username,
        "auth_username": account.auth_username,
        "password": account.password,
        "domain": account.domain or account.host or str(local),
        "numbers_at": exchange.domain if exchange else "",
        "exchange": _route(account, exchange) if exchange else "",
        "ca_file": ca_file,
        "ca_folder": ca_folder,
        "srtp": account.srtp,
        "transport": account.transport,
        "registers": account.registers,
        "codecs": account.codecs,
        "traces": traces,
    }


def shown(account: SipAccount) -> dict[str, str]:
    """The headers by which whoever is called sees our number. Ours to wish for (RFC 3325): exchanges decide."""
    if not account.caller_id:
        return {}
    identity = f"<sip:{account.caller_id}@{account.domain or account.host}>"
    return {"P-Preferred-Identity": identity, "P-Asserted-Identity": identity}  # some read the latter alone


def _expect_free(local: IPv4Address, port: int, transport: Transport) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM) as probe:
        if transport != "udp":  # connections that have ended don't hold it
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((str(local), port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise OSError(errno.EADDRINUSE, f"[sip] listen_port {port} is taken by another program") from None


def _route(account: SipAccount, exchange: Exchange) -> str:
    """By address, so that the stack looks no name up; with TLS by name, as it checks whom the certificate names."""
    return f"{account.host}:{account.port};transport=tls" if account.transport == "tls" else str(exchange)
