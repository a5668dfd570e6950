"""Is the exchange who it says it is? Asked before the SIP stack calls there over TLS, to say plainly what is wrong.

The stack checks the certificate again, for each connection, but tells no more than "Protocol error".
"""

import asyncio
import ssl
from ipaddress import IPv4Address
from pathlib import Path

_PATIENCE_SECONDS = 10.0


class CertificateError(OSError):
    """The exchange isn't to be trusted, or we don't know whom to trust: what is wrong, and what would be right."""


def authorities(ca_file: str) -> tuple[str, str]:
    """Who is trusted to sign: a file and a folder of certificates (PEM), of which one may be "".

    `ca_file` alone, or where it is "" whom this machine trusts. Raises CertificateError where that is nobody.
    """
    if ca_file:
        if len(ca_file.split()) > 1:
            raise CertificateError(f"[sip] ca_file {ca_file!r}: write a path without spaces")
        return str(Path(ca_file).absolute()), ""
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath):
        raise CertificateError("this machine trusts nobody: install ca-certificates, or name a file in [sip] ca_file")
    return paths.cafile or "", "" if paths.cafile else paths.capath or ""


async def check_certificate(host: str, address: IPv4Address, port: int, ca_file: str) -> None:
    """Connect, and look at the certificate. Raises CertificateError, or OSError where nobody is there."""
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        why = "it holds no certificates" if isinstance(error, ssl.SSLError) else error.strerror
        raise CertificateError(f"[sip] ca_file {ca_file}: {why}; name a PEM file of who signs certificates") from None
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            _, connection = await asyncio.open_connection(str(address), port, ssl=context, server_hostname=host)
    except TimeoutError:
        raise CertificateError(
            f"port {port} doesn't respond; is it the exchange's TLS port (5061 as a rule)?"
        ) from None
    except ssl.SSLCertVerificationError as error:
        raise CertificateError(_told(error, host)) from None
    except ssl.SSLError as error:
        if "PROTOCOL" in (error.reason or ""):
            raise CertificateError("it speaks too old a TLS: it must be 1.2 or newer") from None
        raise CertificateError(f"no TLS at port {port}; is it the exchange's TLS port (5061 as a rule)?") from None
    connection.transport.abort()  # no goodbye is owed: it was to look at


def _told(error: ssl.SSLCertVerificationError, host: str) -> str:
    match error.verify_code:
        case 62:
            return f"its certificate is made out to another name: write that one as [sip] host instead of {host}"
        case 10:
            return "its certificate has expired: whoever runs the exchange must renew it"
        case 9:
            return "its certificate isn't valid yet: are the clocks here and there right?"
        case _:
            why = error.verify_message
            return f"its certificate isn't trusted ({why}): name the file of who signed it in [sip] ca_file"
