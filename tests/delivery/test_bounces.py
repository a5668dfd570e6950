"""Reports of undelivered mail as mail servers write them: whose, why, and whether the address is dead."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.bounces import Returned, may_be_report, read_report
from tests.delivery.bounce_samples import (
    EXIM,
    GMAIL,
    ID,
    INTERNATIONAL,
    NOBODY,
    OTHERS,
    POSTFIX,
    SOMEBODY,
    TO,
    standard,
)


def only(raw: bytes) -> Returned:
    (returned,) = read_report(raw)
    return returned


def headers_of(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]


@pytest.mark.parametrize("server", NOBODY)
def test_nobody_is_there_says_every_server_in_its_own_way(server: str) -> None:
    returned = only(NOBODY[server])
    assert returned.recipients == {TO}
    assert returned.nobody_there
    assert ID in returned.message_ids
    assert may_be_report(headers_of(NOBODY[server]))


@pytest.mark.parametrize("name", SOMEBODY)
def test_reports_that_say_nothing_against_the_address(name: str) -> None:
    returned = only(SOMEBODY[name])
    assert returned.recipients == {TO}
    assert not returned.nobody_there
    assert ID in returned.message_ids


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_report_is_none(name: str) -> None:
    assert read_report(OTHERS[name]) == []


@pytest.mark.parametrize("name", ["out of office", "a customer who quotes a report", "read receipt", "complaint"])
def test_what_people_write_is_not_even_read(name: str) -> None:
    assert not may_be_report(headers_of(OTHERS[name]))


def test_a_code_is_told_without_the_servers_words() -> None:
    assert only(POSTFIX).code == "550 5.1.1"
    assert only(SOMEBODY["given up waiting"]).code == "4.4.1"
    assert only(SOMEBODY["given up waiting"]).failed
    assert only(EXIM).status == "5.1.1", "the true code, where the report has only 5.0.0"


def test_letters_beyond_ascii_in_addresses() -> None:
    """RFC 6533: as UTF-8, or escaped where the way was 7-bit."""
    returned = only(INTERNATIONAL)
    assert returned.recipients == {"åsa@kund.example.net"}
    assert returned.nobody_there
    assert ID in returned.message_ids


def test_latin_1_where_utf_8_was_promised() -> None:
    raw = INTERNATIONAL.decode().encode("latin-1")
    assert only(raw).recipients == {"åsa@kund.example.net"}


def test_one_report_on_several_recipients() -> None:
    first = f"Final-Recipient: rfc822; {TO}\nAction: failed\nStatus: 5.1.1"
    second = "Final-Recipient: rfc822; bo@kund.example.net\nAction: delayed\nStatus: 4.2.2"
    found = read_report(standard(f"Reporting-MTA: dns; mail.example.se\n\n{first}\n\n{second}\n"))
    assert [(each.recipients, each.nobody_there) for each in found] == [({TO}, True), ({"bo@kund.example.net"}, False)]


def test_a_forwarded_mail_names_both_addresses() -> None:
    status = f"Original-Recipient: rfc822; {TO}\nFinal-Recipient: rfc822; bo@annan.example.net\nAction: failed\n"
    assert only(standard(status)).recipients == {TO, "bo@annan.example.net"}


def test_a_status_in_base64_is_read() -> None:
    status = f"Final-Recipient: rfc822; {TO}\nAction: failed\nStatus: 5.1.1\n"
    coded = base64.encodebytes(status.encode()).decode()
    kind = "message/global-delivery-status\nContent-Transfer-Encoding: base64"
    assert only(standard(coded, status_type=kind)).nobody_there


def test_a_report_that_is_cut_off_is_read_as_far_as_it_goes() -> None:
    end = POSTFIX.index(b"Content-Type: text/rfc822-headers")
    assert only(POSTFIX[:end]).nobody_there
    assert only(POSTFIX[:end]).message_ids == frozenset(), "so nobody can know whose it is"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_nothing_that_is_sent_to_us_makes_it_fall(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from([POSTFIX, EXIM, GMAIL, INTERNATIONAL, *NOBODY.values()])))
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=12))
        raw = raw or bytearray(b"x")
    for returned in read_report(bytes(raw)):
        assert isinstance(returned.nobody_there, bool)
        assert isinstance(returned.code, str)
    may_be_report(bytes(raw))


@given(st.binary(max_size=400))
def test_noise_is_no_report(raw: bytes) -> None:
    assert read_report(raw) == []


LARGE = 262_144


@pytest.mark.timeout(30)  # minutes, where a pattern tries every beginning with every end
@pytest.mark.parametrize(
    "raw",
    [
        b"X-Failed-Recipients: " + b"a" * LARGE,
        b"X-Failed-Recipients: " + b"a@" * (LARGE // 2),
        b"From: postmaster@x\n\ndid not reach the following recipient\nto: " + b"a" * LARGE,
        b"From: postmaster@x\n\nHi. This is the \n<" + b"a" * LARGE,
        b"From: postmaster@x\n\nHi. This is the \n" + b"<a@b>:\nx" * (LARGE // 8),
        b"From: " + b"maildelivery-" * (LARGE // 13),
        b"X-Failed-Recipients: a@b.se\n\n" + b"5.1." * (LARGE // 4),
    ],
)
def test_a_mail_made_to_be_slow_is_read_like_any_other(raw: bytes) -> None:
    may_be_report(raw)
    read_report(raw)


def test_mails_in_mails_in_mails_are_no_report() -> None:
    assert read_report(b"Content-Type: message/rfc822\n\n" * 9000) == []
