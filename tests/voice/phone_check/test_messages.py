"""SIP messages are read from the stack's trace as they came from the network: from anybody."""

from hypothesis import given
from hypothesis import strategies as st

from voice.phone_check.messages import Message, Sound, finals, has_proved_itself, is_private, parsed, without_proofs

OFFER = """TX UDP 192.168.1.20:45963 -> 198.41.0.4:5060
INVITE sip:+46701740605@198.41.0.4:5060;transport=udp SIP/2.0
Via: SIP/2.0/UDP 192.168.1.20:45963;branch=z9hG4bKaed3d;rport
CSeq: 28950 INVITE
Authorization: Digest username="kommun", realm="exchange", nonce="5f1a", uri="sip:x", response="0123456789abcdef"
Content-Type: application/sdp

v=0
o=- 4229506019 879469058 IN IP4 192.168.1.20
s=-
c=IN IP4 192.168.1.20
t=0 0
m=audio 30004 RTP/AVP 8 0 101
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=sendrecv
"""
ANSWER = """RX UDP 198.41.0.4:5060 -> 192.168.1.20:45963
SIP/2.0 200 OK
v: SIP/2.0/UDP 192.168.1.20:45963;branch=z9hG4bKaed3d;received=203.0.113.7;rport=61000
CSeq: 28950 INVITE
Server: Asterisk PBX 20.5.0

v=0
c=IN IP4 10.0.0.5
m=video 4000 RTP/AVP 96
c=IN IP4 10.0.0.6
a=inactive
m=audio 12000/2 RTP/SAVP 9 18
a=recvonly
m=audio 13000 RTP/AVP 8
"""


def read(text: str) -> Message:
    message = parsed(text.replace("\n", "\r\n").replace("\r\n", "\n", 1))
    assert message is not None
    return message


def test_an_offer_of_ours_and_its_answer() -> None:
    offer, answer = read(OFFER), read(ANSWER)
    assert (offer.ours, offer.method, offer.status) == (True, "INVITE", 0)
    assert offer.sound == Sound("192.168.1.20", 30004, ("PCMA", "PCMU"), signals_keys=True, protected=False)
    assert (answer.ours, answer.method, answer.status, answer.reason) == (False, "INVITE", 200, "OK")
    assert answer.header("server") == "Asterisk PBX 20.5.0"
    assert answer.seen_as == "203.0.113.7"  # the short name of Via, too
    assert finals([offer, answer], "INVITE") == [answer]
    assert has_proved_itself([answer, offer], "INVITE")
    assert not has_proved_itself([answer, offer], "REGISTER")


def test_of_several_streams_the_first_that_is_sound_counts() -> None:
    sound = read(ANSWER).sound
    assert sound == Sound("10.0.0.5", 12000, ("G722", "G729"), False, True, "recvonly")


def test_the_networks_own_cause() -> None:
    refusal = 'RX\nSIP/2.0 404 Not Found\nCSeq: 1 INVITE\nReason: SIP;cause=404, Q.850 ;cause=3;text="No route"\n\n'
    assert read(refusal).network_cause == 3
    assert read(ANSWER).network_cause == 0


def test_what_is_handed_on_has_nothing_of_the_password() -> None:
    handed_on = without_proofs(OFFER)
    assert "0123456789abcdef" not in handed_on
    assert 'username="kommun"' in handed_on


@given(
    st.text() | st.text().map(lambda text: f"RX\nSIP/2.0 200 OK\nCSeq:\n\nm=audio\nc=\na=rtpmap:{text}\nm=audio {text}")
)
def test_whatever_comes_is_read_or_passed_over(text: str) -> None:
    message = parsed(text)
    if message is not None:
        assert message.network_cause >= 0
        assert message.sound is None or message.sound.port >= 0


def test_addresses_that_mean_something_within_one_network() -> None:
    assert all(is_private(each) for each in ("10.0.0.5", "192.168.1.20", "172.16.0.1", "100.64.0.1", "127.0.0.1"))
    assert not any(is_private(each) for each in ("198.41.0.4", "pbx.example.se", ""))
