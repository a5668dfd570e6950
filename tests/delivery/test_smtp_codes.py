"""Which refusals mean that nobody is at an address, in the words of servers that there are."""

import pytest

from delivery.smtp_codes import enhanced_in, nobody_there, reply_in

NOBODY = [
    "550 5.1.1 <anna@kund.example.net>: Recipient address rejected: User unknown in virtual mailbox table",
    "550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    "550 5.1.2 Bad destination host",
    "553 5.1.3 The recipient address <anna@kund> is not a valid RFC 5321 address",
    "550 5.2.1 The email account that you tried to reach is disabled",
    "556 Domain does not accept mail",
    "550 No such user here",
    "550 anna@kund.example.net... User unknown",
    "550 Unknown recipient",
    "550 Invalid recipient",
    "553 sorry, no mailbox here by that name",
    "550 5.0.0 Mailbox does not exist",
    "550 5.0.0 smtp; 550 5.1.1 User unknown",
    "551 account not found",
]
SOMEBODY_PERHAPS = [
    "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents",
    "451 4.7.1 Greylisted: unknown user",
    "550 5.7.1 Our system has detected that this message is likely unsolicited mail",
    "550 5.7.26 This mail is unauthenticated",
    "554 5.7.1 <anna@kund.example.net>: Relay access denied",
    "550 5.1.0 Sender denied",
    "550 5.1.7 The sender's address was invalid",
    "550 5.1.8 Bad sender's system address",
    "552 5.2.2 Mailbox full",
    "552 5.2.3 Message too large",
    "550 5.4.4 Unable to route",
    "550 5.4.7 Delivery time expired",
    "550 5.5.0 Requested action not taken: mailbox unavailable",
    "550 mailbox unavailable",
    "550 Blocked: recipient not found in your own reputation list",
    "550 Sender unknown: user does not exist",
    "553 Relaying denied",
    "550",
    "554 Transaction failed",
]


@pytest.mark.parametrize("said", NOBODY)
def test_nobody_is_there(said: str) -> None:
    assert nobody_there(reply_in(said), enhanced_in(said), said)


@pytest.mark.parametrize("said", SOMEBODY_PERHAPS)
def test_somebody_may_be_there(said: str) -> None:
    assert not nobody_there(reply_in(said), enhanced_in(said), said)


def test_an_ip_address_or_a_version_is_no_code() -> None:
    assert enhanced_in("192.0.2.1 said: 550 5.1.1 no") == "5.1.1"
    assert enhanced_in("host 5.1.1.9 said nothing; version 5.1.1.2") == ""
    assert reply_in("host[192.0.2.250] said no") == 0
