"""What sipp does as a called party that misbehaves, message by message: after exchanges and phones as they are met."""

from tests.voice.lines.sip import scenarios as sip

_TRYING = sip._response("100 Trying")
_RINGING = sip._response("180 Ringing")


def described(version: int, direction: str = "sendrecv") -> str:
    """A session as it ought to be described."""
    return sip._SDP.format(version=version, direction=direction)


_SDP = described(1)

#: Answers with a body that is no proper description of a session, or a strange one (RFC 4566, RFC 3264).
BODIES = {
    "no body": "",
    "not SDP": "<html>Var god dröj</html>",
    "binary": "v=0\n\x7f\x01\x02=\x03\nm=audio",
    "no media line": _SDP.partition("m=audio")[0],
    "port 0": _SDP.replace("[media_port]", "0"),
    "port 99999": _SDP.replace("[media_port]", "99999"),
    "port -1": _SDP.replace("[media_port]", "-1"),
    "no such address": _SDP.replace("[media_ip]", "far.invalid"),
    "address 0.0.0.0": _SDP.replace("[media_ip]", "0.0.0.0"),
    "address 999": _SDP.replace("[media_ip]", "999.1.1.1"),
    "version 6": _SDP.replace("c=IN IP[media_ip_type] [media_ip]", "c=IN IP6 ::1"),
    "no connection": "\n".join(each for each in _SDP.splitlines() if not each.startswith("c=")),
    "codec not offered": _SDP.replace("RTP/AVP 8 101", "RTP/AVP 18").partition("\na=rtpmap:8")[0],
    "two streams": _SDP + "\nm=video 40000 RTP/AVP 96\na=rtpmap:96 H264/90000",
    "secure": _SDP.replace("RTP/AVP", "RTP/SAVP"),
    "attributes that go on": _SDP + "".join(f"\na=x-{number}:{'a' * 200}" for number in range(20)),
    "ptime 1000": _SDP.replace("ptime:20", "ptime:1000"),
    "rate 48000": _SDP.replace("PCMA/8000", "PCMA/48000"),
    "lines cut short": "v\no\nm=\nc=\na=rtpmap",
    "keys only": _SDP.replace("RTP/AVP 8 101", "RTP/AVP 101").replace("a=rtpmap:8 PCMA/8000\n", ""),
}

#: Asked within a call: method, body, and the body's type.
ASKED = {
    "OPTIONS": ("OPTIONS",),
    "UPDATE": ("UPDATE",),
    "REFER": ("REFER",),
    "NOTIFY": ("NOTIFY",),
    "SUBSCRIBE": ("SUBSCRIBE",),
    "PRACK": ("PRACK",),
    "an unknown method": ("FLY",),
    "MESSAGE": ("MESSAGE", "hej", "text/plain"),
    "INFO": ("INFO",),
    "a bare key": ("INFO", "5", "application/dtmf"),
    "a key that is none": ("INFO", "Signal=\x01\nDuration=-5", "application/dtmf-relay"),
}
#: Offered within a call, one after the other.
NEGOTIATED = {
    "no offer": ("",),
    "another codec": (described(2).replace("RTP/AVP 8 101", "RTP/AVP 0 101").replace("8 PCMA", "0 PCMU"),),
    "another port": (described(2).replace("[media_port]", "40404"),),
    "port 0 and back": (described(2).replace("[media_port]", "0"), described(3)),
    "inactive and back": (described(2, "inactive"), described(3)),
    "not SDP": ("v=0\nm=audio",),
    "a codec that we lack": (BODIES["codec not offered"].replace("655 1 IN", "655 2 IN"),),
}


def answers_with(body: str) -> str:
    """Rings, answers with that body, and waits for our goodbye."""
    return sip._scenario(sip._INVITE, _RINGING, sip._response("200 OK", body, again=True), sip._ACK, sip._GOODBYE)


def hangs_up_at_once() -> str:
    """Its goodbye comes with the answer, before ours can have been acknowledged."""
    answer = sip._response("200 OK", _SDP)
    bye = sip._request("BYE", 2).partition("<recv")[0]
    return sip._scenario(sip._INVITE, _RINGING, answer, bye, sip._ACK, '<recv response="200" timeout="10000"/>\n')


def asks(method: str, body: str = "", kind: str = "") -> str:
    """Something within the call that may be answered with anything but silence; then it goes on."""
    asked = sip._request(method, 2, body, kind).rpartition('<recv response="200"')[0]
    codes = (400, 403, 405, 415, 420, 481, 488, 489, 500, 501, 603)
    refusals = "".join(f'<recv response="{code}" optional="true" next="9"/>\n' for code in codes)
    answered = f'{refusals}<recv response="200" timeout="10000"/>\n<label id="9"/>\n'
    return sip._scenario(sip._INVITE, sip._ANSWER, sip._pause(300), asked, answered, sip._GOODBYE)


def negotiates(*bodies: str, pause: int = 400) -> str:
    """A re-INVITE with each body; refused or not, it goes on."""
    steps = []
    for number, body in enumerate(bodies, 2):
        kind = "application/sdp" if body else ""
        asked, _, acked = sip._request("INVITE", number, body, kind).partition(
            '<recv response="200" timeout="10000"/>\n'
        )
        steps += [
            asked,
            f'<recv response="488" optional="true" next="{10 + number}"/>\n<recv response="200" timeout="10000"/>\n',
            f'<label id="{10 + number}"/>\n{acked}',
            sip._pause(pause),
        ]
    return sip._scenario(sip._INVITE, sip._ANSWER, sip._pause(300), *steps, sip._GOODBYE)


def rings_like_mad(count: int, status: str) -> str:
    """So many provisional responses, and then that."""
    return sip._scenario(sip._INVITE, _TRYING, _RINGING * count, sip._response(status, again=True), sip._ACK)


def early_sound_then(status: str) -> str:
    """An announcement before the answer, as operators play them, and then no answer."""
    progress = sip._response("183 Session Progress", _SDP)
    return sip._scenario(sip._INVITE, progress, sip._pause(500), sip._response(status, again=True), sip._ACK)


def storms_of_info(count: int, pause: int = 0) -> str:
    """Keys by INFO, one after the other as fast as they are answered, or with so many milliseconds between them."""
    signals = "12345678*#"
    pressed = (
        sip._request(
            "INFO", 2 + number, f"Signal={signals[number % len(signals)]}\nDuration=160\n", "application/dtmf-relay"
        )
        + (sip._pause(pause) if pause else "")
        for number in range(count)
    )
    return sip._scenario(sip._INVITE, sip._ANSWER, sip._pause(300), *pressed, sip._GOODBYE)
