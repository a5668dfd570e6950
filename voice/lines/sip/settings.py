"""What the organisation, its exchange and its machine decide about calls over SIP."""

from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network

from voice.lines.sip.targets import Transport
from workflow.backoff import Backoff


@dataclass(frozen=True, slots=True, kw_only=True)
class SipAccount:
    """Who we are to which exchange. Without a `host` only this machine can be called."""

    host: str = ""  #: the registrar or trunk: a name or, without TLS, an IPv4 address
    port: int = 5060
    domain: str = ""  #: what stands after the @ of its numbers and of ours; "" is `host`
    transport: Transport = "udp"
    username: str = "omdome"
    auth_username: str = ""  #: by which the password is asked for; "" is `username`
    ca_file: str = ""  #: TLS: who signs the exchange's certificate (PEM); "" is whom this machine trusts
    srtp: bool = False  #: the sound encrypted too (SDES); a call without that fails
    password: str = field(default="", repr=False)
    registers: bool = False
    caller_id: str = ""  #: +46…, what is shown to whoever is called (RFC 3325); "" is what the exchange has for us
    countries: tuple[str, ...] = ("SE",)  #: whose numbers may be called
    region: str = "SE"  #: the country of callers' numbers that name none
    listen_port: int = 0  #: where calls to us come in; 0 is any free one, which is enough where we register
    calls_from: tuple[IPv4Network, ...] = ()  #: where calls to us may come from beside the exchange's own addresses
    codecs: tuple[str, ...] = ("pcma", "pcmu")  #: in our order; G.711 alone is heard and spoken here


@dataclass(frozen=True, slots=True, kw_only=True)
class SipPolicy:
    """How patient we are; seconds."""

    ring_seconds: float = 30.0
    silence_seconds: float = 10.0  #: without any response to a call: there is no exchange
    calls_at_once: int = 4
    dead_seconds: int = 10  #: without a packet: the far end is gone
    rtp_ports: tuple[int, int] = (30000, 30999)
    hang_up_seconds: float = 5.0  #: for a far end to agree that it is over
    ready_seconds: float = 20.0  #: a process that isn't ready by then is ended
    silent_seconds: float = 10.0  #: likewise one that says nothing for so long
    backoff: Backoff = field(
        default_factory=lambda: Backoff(first=timedelta(seconds=0.5), longest=timedelta(seconds=60))
    )
