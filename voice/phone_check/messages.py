"""SIP messages as the stack's trace shows them (RFC 3261 §7), and the offers of sound in them (RFC 8866)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from voice.lines.sip.trace import Q850_CAUSE

_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_STATIC = {"0": "PCMU", "3": "GSM", "8": "PCMA", "9": "G722", "18": "G729"}  # RFC 3551 §6
_SHORT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length"}
_Q850 = re.compile(Q850_CAUSE, re.IGNORECASE)
_PROOF = re.compile(r'^((?:Proxy-)?Authorization:.*?\bresponse=")[0-9a-f]*', re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sound:
    """One side's offer or answer of sound."""

    address: str  #: where it wants to be sent the sound; "" where it names none
    port: int  #: 0: it wants none
    codecs: tuple[str, ...]  #: "PCMA", …, in its order, without telephone-event
    signals_keys: bool  #: takes keys as RFC 4733's events
    protected: bool  #: SRTP (RFC 3711)
    direction: str = "sendrecv"  #: or sendonly, recvonly, inactive


@dataclass(frozen=True, slots=True)
class Message:
    """One, that we sent or received."""

    ours: bool
    method: str  #: INVITE, …; of a response: what it answers
    status: int = 0  #: 0: a request
    reason: str = ""  #: that goes with the status
    headers: tuple[tuple[str, str], ...] = ()  #: names in small letters
    body: str = ""

    def header(self, name: str) -> str:
        """The first of that name, or ""."""
        return next((value for each, value in self.headers if each == name), "")

    @property
    def is_final(self) -> bool:
        return self.status >= 200

    @property
    def sound(self) -> Sound | None:
        """What it says of sound; None where it says nothing."""
        return _sound(self.body) if re.search(r"^m=audio", self.body, re.MULTILINE) else None

    @property
    def network_cause(self) -> int:
        """The telephone network's own word for why (ITU-T Q.850, in RFC 3326's header), or 0."""
        found = _Q850.match(self.header("reason"))
        return int(found[1]) if found else 0

    @property
    def seen_as(self) -> str:
        """Our address as the far end of this response saw it (RFC 3581's `received`); "" where it doesn't say."""
        found = re.search(r";\s*received=([0-9.]+)", self.header("via"))
        return found[1] if found else ""


def parsed(text: str) -> Message | None:
    """One entry of the trace: "TX UDP 192.0.2.9:5060 -> 192.0.2.1:5060", and then the message. None: it is none."""
    way, _, message = text.partition("\n")
    head, _, body = message.replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.split("\n")
    headers = tuple(_header(line) for line in lines if ":" in line)
    response = re.fullmatch(r"SIP/2\.0 (\d{3}) ?(.*)", first.strip())
    if response:
        method = next((value.split()[-1] for name, value in headers if name == "cseq" and value), "")
        return Message(way.startswith("TX"), method, int(response[1]), response[2], headers, body)
    request = re.fullmatch(r"([A-Z]+) \S+ SIP/2\.0", first.strip())
    return Message(way.startswith("TX"), request[1], headers=headers, body=body) if request else None


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    small = name.strip().lower()
    return _SHORT.get(small, small), value.strip()


def _sound(body: str) -> Sound:
    """Of the first stream of sound; what stands before all streams holds for each that says nothing else."""
    general, *streams = re.split(r"^m=", body, flags=re.MULTILINE)
    stream = next(each for each in streams if each.startswith("audio"))
    fields = [*stream.split("\n")[0].split(), "", ""]  # m=audio PORT KIND FORMAT…
    number, kind = fields[1].split("/")[0], fields[2]
    lines = [line.strip() for line in f"{general}\n{stream}".split("\n")]
    names = _STATIC | {
        named[1]: named[2].upper() for line in lines if (named := re.match(r"a=rtpmap:(\d+) ([^/\s]+)", line))
    }
    codecs = [names.get(each, each) for each in fields[3:] if each]
    addresses = [line.split()[2].split("/")[0] for line in lines if line.startswith("c=") and len(line.split()) == 3]
    directions = [line[2:] for line in lines if line.startswith("a=") and line[2:] in _DIRECTIONS]
    return Sound(
        address=addresses[-1] if addresses else "",
        port=int(number) if number.isascii() and number.isdecimal() else 0,
        codecs=tuple(each for each in codecs if each != "TELEPHONE-EVENT"),
        signals_keys="TELEPHONE-EVENT" in codecs,
        protected="SAVP" in kind,
        direction=directions[-1] if directions else "sendrecv",
    )


def finals(messages: Sequence[Message], method: str) -> list[Message]:
    """What we were told in the end about our requests of that method, in order."""
    return [each for each in messages if not each.ours and each.method == method and each.is_final]


def has_proved_itself(messages: Sequence[Message], method: str) -> bool:
    """Whether a request of ours of that method answered a challenge, with the password."""
    return any(
        each.ours
        and not each.status
        and each.method == method
        and (each.header("authorization") or each.header("proxy-authorization"))
        for each in messages
    )


def without_proofs(text: str) -> str:
    """A message to hand on: what was computed from the password is taken out."""
    return _PROOF.sub(r"\1…", text)


def is_private(address: str) -> bool:
    """Whether it means something only within one network (RFC 1918, RFC 6598 and the like), or nothing at all."""
    try:
        return not IPv4Address(address).is_global
    except ValueError:
        return False
