"""The way to the exchange that is configured: found, and with TLS looked at, before the stack goes there."""

from voice.lines.sip.certificates import check_certificate
from voice.lines.sip.settings import SipAccount
from voice.lines.sip.targets import Exchange, resolved


async def reached(account: SipAccount) -> Exchange:
    """Raises OSError where its name means nothing just now, and CertificateError where its certificate isn't right."""
    exchange = await resolved(account.host, account.port, account.transport, account.domain)
    if account.transport == "tls":
        await check_certificate(account.host, exchange.address, account.port, account.ca_file)
    return exchange


def route(account: SipAccount, exchange: Exchange) -> str:
    """By address, so that the stack looks no name up; with TLS by name, as it checks whom the certificate names."""
    return f"{account.host}:{account.port};transport=tls" if account.transport == "tls" else str(exchange)
