"""What sipp does when it is called, message by message."""

_INVITE = '<recv request="INVITE" crlf="true" rrs="true"><action>\
<ereg regexp="(:.*)" search_in="hdr" header="From" assign_to="1"/>\
<ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="2"/></action></recv>\n'
_ACK = '<recv request="ACK" crlf="true"/>\n'
_SDP = """v=0
o=sipp 53655765 {version} IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=ptime:20
a={direction}"""


def _response(status: str, body: str = "", *, again: bool = False, contact: str = "", header: str = "") -> str:
    kind = (f"{header}\n" if header else "") + ("Content-Type: application/sdp\n" if body else "")
    where = contact or "<sip:sipp@[local_ip]:[local_port];transport=[transport]>"
    return f"""<send{' retrans="500"' if again else ""}><![CDATA[
SIP/2.0 {status}
[last_Via:]
[last_Record-Route:]
[last_From:]
[last_To:];tag=[pid]far[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: {where}
{kind}Content-Length: [len]

{body}
]]></send>
"""


def _request(method: str, cseq: int, body: str = "", kind: str = "") -> str:
    """Within the call, and its answer."""
    sent = f"""<send retrans="500"><![CDATA[
{method} [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:sipp@[local_ip]:[local_port]>;tag=[pid]far[call_number]
To[$1]
Call-ID: [call_id]
CSeq: {cseq} {method}
Max-Forwards: 70
Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>
{f"Content-Type: {kind}" if kind else ""}
Content-Length: [len]

{body}
]]></send>
<recv response="100" optional="true"/>
<recv response="200" timeout="10000"/>
"""
    if method != "INVITE":
        return sent
    return (
        sent
        + f"""<send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:sipp@[local_ip]:[local_port]>;tag=[pid]far[call_number]
To[$1]
Call-ID: [call_id]
CSeq: {cseq} ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
"""
    )


_OK_TO_LAST = """<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<timewait milliseconds="200"/>
"""
_ANSWER = _response("200 OK", _SDP.format(version=1, direction="sendrecv"), again=True) + _ACK
_GOODBYE = '<recv request="BYE" timeout="60000"/>\n' + _OK_TO_LAST


def _scenario(*steps: str) -> str:
    whole = "".join(steps)
    return (
        '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="far end">\n'
        f'{whole}<Reference variables="1,2"/>\n</scenario>\n'
    )


def _pause(milliseconds: int) -> str:
    return f'<pause milliseconds="{milliseconds}"/>\n'


def refuses(status: str, *, rings: bool = True, progress: str = "180 Ringing", header: str = "", takes: int = 0) -> str:
    """`takes`: milliseconds in which it is being tried."""
    before = _response("100 Trying") + (_pause(takes) if takes else "")
    before += _response(progress) + _pause(100) if rings else ""
    refusal = _response(status, again=True, header=header)
    return _scenario(_INVITE, before, refusal, _ACK, '<timewait milliseconds="100"/>\n')


def moved_to(address: str) -> str:
    return _scenario(_INVITE, _response("302 Moved Temporarily", again=True, contact=f"<{address}>"), _ACK)


def rings_for_ever() -> str:
    cancelled = """<recv request="CANCEL" timeout="60000"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]far[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<send retrans="500"><![CDATA[
SIP/2.0 487 Request Terminated
[last_Via:]
[last_From:]
[last_To:];tag=[pid]far[call_number]
[last_Call-ID:]
CSeq: [$2] INVITE
Content-Length: 0

]]></send>
"""
    return _scenario(_INVITE, _response("180 Ringing"), cancelled, _ACK)


def says_nothing() -> str:
    return _scenario(_INVITE, _pause(20000))


def answers() -> str:
    return _scenario(_INVITE, _response("180 Ringing"), _ANSWER, _GOODBYE)


def hangs_up() -> str:
    return _scenario(_INVITE, _response("180 Ringing"), _ANSWER, _pause(600), _request("BYE", 2))


def presses_by_info(keys: str) -> str:
    pressed = (
        _request("INFO", 2 + number, f"Signal={key}\nDuration=160\n", "application/dtmf-relay") + _pause(200)
        for number, key in enumerate(keys)
    )
    return _scenario(_INVITE, _ANSWER, _pause(300), *pressed, _GOODBYE)


def holds_and_resumes() -> str:
    """A session refresh as carriers send them, then hold, then resume."""
    again = (
        _request("INVITE", 2 + number, _SDP.format(version=2 + number, direction=direction), "application/sdp")
        + _pause(400)
        for number, direction in enumerate(("sendrecv", "sendonly", "sendrecv"))
    )
    return _scenario(_INVITE, _ANSWER, _pause(400), *again, _GOODBYE)


def answers_without_sound() -> str:
    """Takes the call, but speaks none of what we offered."""
    body = _SDP.format(version=1, direction="sendrecv").replace("RTP/AVP 8 101", "RTP/AVP 3").split("\na=")[0]
    return _scenario(_INVITE, _response("200 OK", body, again=True), _ACK, _GOODBYE)


_US = "omdome@[remote_ip]:[remote_port]"


def _calls(headers: str, to: str = _US) -> str:
    offer = _SDP.format(version=1, direction="sendrecv")
    return f"""<send retrans="500"><![CDATA[
INVITE sip:{to} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
To: <sip:{to}>
Call-ID: [call_id]
CSeq: 1 INVITE
Max-Forwards: 70
Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>
{headers}
Content-Type: application/sdp
Content-Length: [len]

{offer}
]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
"""


FROM = "From: <sip:0701740605@[local_ip]>;tag=[pid]near[call_number]"
_TO_THEM = """
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[routes]
[last_From:]
[last_To:]
[last_Call-ID:]
Max-Forwards: 70
Content-Length: 0

]]></send>
"""


def calls_and_hears_busy(headers: str = FROM) -> str:
    return calls_and_hears("486", headers)


def calls_and_hears(status: str, headers: str = FROM, *, to: str = _US) -> str:
    acknowledged = f"<send><![CDATA[\nACK [next_url] SIP/2.0\nCSeq: 1 ACK{_TO_THEM}"
    return _scenario(_calls(headers, to), f'<recv response="{status}" timeout="10000"/>\n', acknowledged).replace(
        '<Reference variables="1,2"/>', ""
    )


def calls_us(headers: str = FROM, *, to: str = _US, ends_after: int = 0) -> str:
    """Is answered, and hangs up after so many milliseconds, or waits for us to do so."""
    acknowledged = f"<send><![CDATA[\nACK [next_url] SIP/2.0\nCSeq: 1 ACK{_TO_THEM}"
    goodbye = f'<send retrans="500"><![CDATA[\nBYE [next_url] SIP/2.0\nCSeq: 2 BYE{_TO_THEM}<recv response="200"/>\n'
    ending = _pause(ends_after) + goodbye if ends_after else _GOODBYE
    answered = '<recv response="200" rrs="true" timeout="10000"/>\n'
    return _scenario(_calls(headers, to), answered, acknowledged, ending).replace('<Reference variables="1,2"/>', "")


def refuses_to_show(caller_id: str) -> str:
    """Takes calls, but none that is to show that number."""
    invite = (
        _INVITE.replace(
            "<action>",
            '<action><ereg regexp="X" search_in="hdr" header="P-Preferred-Identity:"\
 assign_to="3"/>',
        )
        .replace("X", caller_id[1:], 1)
        .replace('rrs="true">', 'rrs="true" next="1" test="3">')
    )
    refusal = _response("403 Forbidden", again=True) + _ACK
    goodbye = _GOODBYE.rpartition("<timewait")[0]
    return _scenario(invite, _ANSWER, goodbye, '<nop next="9"/>\n<label id="1"/>\n', refusal, '<label id="9"/>\n')


def exchange(username: str, password: str, number: str, caller_id: str) -> str:
    """Registers whoever knows the password, and lets them call that number, showing that caller id."""
    challenge = 'Digest realm="exchange", nonce="5f1a", algorithm=MD5'
    verify = f'<verifyauth assign_to="3" username="{username}" password="{password}"/>'
    shown = f'<ereg regexp="{caller_id[1:]}" search_in="hdr" header="P-Preferred-Identity:" check_it="true"\
 assign_to="4"/>'
    called = f'<ereg regexp="INVITE sip:.{number[1:]}@" search_in="msg" check_it="true" assign_to="5"/>'
    unauthorized = _response("401 Unauthorized").replace("Contact:", f"WWW-Authenticate: {challenge}\nContact:")
    prove = unauthorized.replace("<send>", '<send retrans="500">')  # not 407: sipp verifies no Proxy-Authorization
    invite_again = (
        f'<recv request="INVITE" rrs="true" next="2" test="3"><action>{verify}{shown}{called}</action></recv>\n'
    )
    whole = "".join(
        [
            '<recv request="REGISTER" optional="true" next="1"/>\n<recv request="INVITE"/>\n',
            prove,
            _ACK,
            invite_again,
            _response("403 Forbidden", again=True),
            _ACK,
            '<nop next="9"/>\n<label id="2"/>\n',
            _ANSWER,
            _GOODBYE.rpartition("<timewait")[0],
            '<nop next="9"/>\n<label id="1"/>\n',
            unauthorized,
            f'<recv request="REGISTER" next="3" test="3"><action>{verify}</action></recv>\n',
            _response("403 Forbidden"),
            '<nop next="9"/>\n<label id="3"/>\n',
            _response("200 OK").replace("transport=[transport]>", "transport=[transport]>;expires=600"),
            '<label id="9"/>\n',
        ]
    )
    return (
        '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="exchange">\n'
        f'{whole}<Reference variables="4,5"/>\n</scenario>\n'
    )
