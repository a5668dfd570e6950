"""Reports of undelivered mail in the forms that mail servers give them, and mails that are none.

Written after the standards and those servers' formats, with invented addresses. `ID` is the Message-ID of the mail that
came back, which was to `TO`.
"""

ID = "<c4722294d24d483b94a4ccc45e6ea6ed@example.se>"
TO = "anna@kund.example.net"
RETURNED = f"""\
Received: by mail.example.se; Mon, 23 Nov 2026 09:30:00 +0100
From: Exempelkommunen <omdome@example.se>
To: {TO}
Subject: Hur gick det med ditt =?utf-8?q?=C3=A4rende=3F?=
Message-ID: {ID}
Auto-Submitted: auto-generated
"""


def standard(
    status: str,
    *,
    notice: str = "Det gick inte att leverera ditt mejl.",
    status_type: str = "message/delivery-status",
    returned_type: str = "text/rfc822-headers",
    returned: str = RETURNED,
    headers: str = "",
) -> bytes:
    """A multipart/report as of RFC 3464. `status`: the delivery status, from its first field on."""
    text = f"""\
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mail.example.se>
To: omdome@example.se
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <20261123083001.4F1@mail.example.se>
{headers}MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="=_report"

This is a MIME-encapsulated message.

--=_report
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{notice}

--=_report
Content-Description: Delivery report
Content-Type: {status_type}

{status}
--=_report
Content-Type: {returned_type}

{returned}
--=_report--
"""
    return text.replace("\n", "\r\n").encode()


def plain(sender: str, subject: str, body: str, headers: str = "") -> bytes:
    text = f"""\
From: {sender}
To: omdome@example.se
Subject: {subject}
Message-ID: <17.4@mail.example.net>
{headers}Content-Type: text/plain; charset=utf-8

{body}"""
    return text.encode()


POSTFIX = standard(
    f"""\
Reporting-MTA: dns; mail.example.se
X-Postfix-Queue-ID: 4F1
X-Postfix-Sender: rfc822; omdome@example.se
Arrival-Date: Mon, 23 Nov 2026 09:30:00 +0100 (CET)

Final-Recipient: rfc822; {TO}
Original-Recipient: rfc822;{TO}
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.kund.example.net
Diagnostic-Code: smtp; 550 5.1.1 <{TO}>: Recipient address rejected: User
    unknown in virtual mailbox table
"""
)
EXIM = standard(
    f"""\
Reporting-MTA: dns; mail.example.se

Action: failed
Final-Recipient: rfc822;{TO}
Status: 5.0.0
Remote-MTA: dns; mx.kund.example.net
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.
""",
    returned_type="message/rfc822",
    returned=RETURNED + "\nHej! Hur gick det?\n",
)
EXCHANGE_ONLINE = standard(
    f"""\
Reporting-MTA: dns;mail.protection.example.com
Received-From-MTA: dns;mail.example.se
Arrival-Date: Mon, 23 Nov 2026 08:30:00 +0000

Final-Recipient: rfc822;{TO.upper()}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {TO} not found by SMTP address lookup
X-Display-Name: Anna
""",
    returned_type="message/rfc822",
    returned=RETURNED + "\nHej! Hur gick det?\n",
    headers=f"In-Reply-To: {ID}\nReferences: {ID}\n",
)
GMAIL = standard(
    f"""\
Reporting-MTA: dns; googlemail.com
Arrival-Date: Mon, 23 Nov 2026 00:30:00 -0800 (PST)
X-Original-Message-ID: {ID}

Final-Recipient: rfc822; {TO}
Action: failed
Status: 5.2.1
Remote-MTA: dns; gmail-smtp-in.l.google.com. (192.0.2.27, the server for the domain.)
Diagnostic-Code: smtp; 550-5.2.1 The email account that you tried to reach is disabled. Learn more at
 550 5.2.1  https://support.example.com/mail/?p=DisabledUser - gsmtp
Last-Attempt-Date: Mon, 23 Nov 2026 00:30:01 -0800 (PST)
""",
    headers=f"X-Failed-Recipients: {TO}\n",
)
INTERNATIONAL = standard(
    """\
Reporting-MTA: dns; mail.example.se

Original-Recipient: utf-8; \\x{E5}sa@kund.example.net
Final-Recipient: utf-8; åsa@kund.example.net
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 Användaren finns inte
""",
    status_type="message/global-delivery-status",
    returned_type="message/global-headers",
    returned=RETURNED.replace(TO, "åsa@kund.example.net"),
)
SENDMAIL = standard(
    f"""\
Reporting-MTA: dns; mail.example.se
Arrival-Date: Mon, 23 Nov 2026 09:30:00 +0100

Final-Recipient: RFC822; {TO}
Action: failed
Status: 5.1.2
Remote-MTA: DNS; kund.example.net
Diagnostic-Code: SMTP; 550 5.1.2 Host unknown (Name server: kund.example.net: host not found)
"""
)
QMAIL = plain(
    "MAILER-DAEMON@mail.example.net",
    "failure notice",
    f"""\
Hi. This is the qmail-send program at mail.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{TO}>:
192.0.2.25 does not like recipient.
Remote host said: 550 5.1.1 <{TO}>: no such user
Giving up on 192.0.2.25.

--- Below this line is a copy of the message.

Return-Path: <omdome@example.se>
{RETURNED}
Hej! Hur gick det?
""",
)
EXIM_OLD = plain(
    "Mail Delivery System <Mailer-Daemon@mail.example.net>",
    "Mail delivery failed: returning message to sender",
    f"""\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {TO}
    SMTP error from remote mail server after RCPT TO:<{TO}>:
    host mx.kund.example.net [192.0.2.25]: 550 User unknown

------ This is a copy of the message, including all the headers. ------

{RETURNED}
Hej! Vi har haft problem med spam.
""",
    headers=f"X-Failed-Recipients: {TO}\n",
)
EXCHANGE_OLD = f"""\
From: System Administrator <postmaster@kund.example.net>
To: omdome@example.se
Subject: Undeliverable: Hur gick det med ditt =?utf-8?q?=C3=A4rende=3F?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="_=_part"

--_=_part
Content-Type: text/plain; charset=iso-8859-1

Your message did not reach some or all of the intended recipients.

      Subject: Hur gick det med ditt ärende?
      Sent: 2026-11-23 09:30

The following recipient(s) could not be reached:

      Anna on 2026-11-23 09:30
            The e-mail account does not exist at the organization this message was sent to.
            <exchange.kund.example.net #5.1.1>

--_=_part
Content-Type: message/rfc822

{RETURNED}
Hej! Hur gick det?
--_=_part--
""".encode("latin-1")

#: What servers say when nobody is there.
NOBODY = {
    "Postfix": POSTFIX,
    "Exim": EXIM,
    "Exchange Online": EXCHANGE_ONLINE,
    "Gmail": GMAIL,
    "sendmail": SENDMAIL,
    "qmail": QMAIL,
    "Exim before 4.90": EXIM_OLD,
    "Exchange 2000": EXCHANGE_OLD,
}


def postfix(action: str, status: str, diagnostic: str) -> bytes:
    return standard(
        f"Reporting-MTA: dns; mail.example.se\n\nFinal-Recipient: rfc822; {TO}\nAction: {action}\n"
        f"Status: {status}\nDiagnostic-Code: smtp; {diagnostic}\n"
    )


#: Reports that say nothing against the address.
SOMEBODY = {
    "full mailbox": postfix("failed", "5.2.2", "552 5.2.2 Mailbox full"),
    "spam": postfix("failed", "5.7.1", "550 5.7.1 Message rejected as spam: user unknown to us"),
    "given up waiting": postfix("failed", "4.4.1", "connect to mx.kund.example.net: Connection timed out"),
    "delayed": postfix("delayed", "4.1.1", "450 4.1.1 User unknown, for now"),
    "delayed, but with a harsh code": postfix("delayed", "5.1.1", "550 5.1.1 User unknown"),
    "relayed": postfix("relayed (to a server that reports nothing)", "2.1.9", "250 2.1.5 OK"),
    "delivered": postfix("delivered", "2.0.0", "250 2.0.0 OK"),
    "Gmail waits": plain(
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "Delivery Status Notification (Delay)",
        f"This is an automatically generated Delivery Status Notification\n\nTHIS IS A WARNING MESSAGE ONLY.\n\n"
        f"Delivery to the following recipient has been delayed:\n\n     {TO}\n\nMessage will be retried.\n"
        f"550 5.1.1\n\n----- Original message -----\n\n{RETURNED}",
        headers=f"X-Failed-Recipients: {TO}\n",
    ),
}

#: Mails that are no reports at all.
OTHERS = {
    "out of office": plain(
        f"Anna <{TO}>",
        "Autosvar: Hur gick det med ditt ärende?",
        "Jag är på semester till den 1 december. User unknown 550 5.1.1, hälsar katten.\n",
        headers=f"In-Reply-To: {ID}\nAuto-Submitted: auto-replied\n",
    ),
    "a customer who quotes a report": plain(
        f"Anna <{TO}>", "Re: Hur gick det?", f"Jag fick det här:\n\n{POSTFIX.decode()}", headers=f"In-Reply-To: {ID}\n"
    ),
    "read receipt": POSTFIX.replace(b"report-type=delivery-status", b"report-type=disposition-notification").replace(
        b"message/delivery-status", b"message/disposition-notification"
    ),
    "complaint": POSTFIX.replace(b"report-type=delivery-status", b"report-type=feedback-report").replace(
        b"message/delivery-status", b"message/feedback-report"
    ),
    "a postmaster who writes himself": plain(
        "Postmaster <postmaster@kund.example.net>", "Hej", "Vi byter server på fredag.\n"
    ),
    "nothing": b"",
}
