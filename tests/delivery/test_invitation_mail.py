"""The invitation by mail: what it says in each case, where its links lead, and how it arrives."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from delivery.invitation_letter import Asker, letter
from delivery.invitation_mail import html_of, qr_png
from delivery.invitation_text import WIDTH, text_of
from delivery.mail import MailSender, SmtpServer
from delivery.message import Sending
from models.queues import OutboxKind, OutboxRow, Payload
from models.survey import Purpose
from omdome.texts import languages, load_texts
from tests.delivery.invitations import (
    BOTH,
    CASE,
    CHAT,
    CHAT_ALONE,
    NOW,
    PAGE,
    TOKEN,
    VARIANTS,
    WEB_ALONE,
    about,
    mails,
)
from workflow.inviting import About
from workflow.ports import PermanentError

SV = load_texts("sv")


class Monday:
    def now(self) -> datetime:
        return NOW


class Reader(HTMLParser):
    """Every link with its words, every picture, and all the words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: dict[str, str] = {}
        self.pictures: list[dict[str, str | None]] = []
        self.words = ""
        self._at = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._at = dict(attrs)["href"] or ""
            self.links[self._at] = ""
        if tag == "img":
            self.pictures.append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._at = ""

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._at:
            self.links[self._at] += data


def text(said: About, asker: Asker = BOTH) -> str:
    return str(mails(asker).payload(said)["text"])


def links(said: About, asker: Asker = BOTH) -> dict[str, str]:
    return Reader(str(mails(asker).payload(said)["html"])).links


async def arrived(serve: Any, mailbox: Any, payload: Payload) -> Any:
    row = OutboxRow(kind=OutboxKind.MAIL, key="contact:9", payload=payload, due_at=NOW)
    sending = Sending(from_mail="omdome@example.se", from_name="Exempelkommunen")
    async with serve() as port:
        await MailSender(SmtpServer(host="127.0.0.1", port=port, security="none"), sending, Monday()).send(row)
    return mailbox.messages[-1]


def test_the_swedish_invitation_word_by_word() -> None:
    assert (
        text(about())
        == f"""\
Hej! Hur gick det?

Ditt ärende ”Trasig gatlykta på Storgatan” kom in den 3 november och
avslutades den 20 november. Nu undrar vi vad du tyckte. Du får tre
snabba frågor. Några tryck, så är du klar.

Fråga 1 av 3: Hur upplevde du vårt bemötande?

Bra:
{PAGE}?bra
Ok:
{PAGE}?ok
Dåligt:
{PAGE}?daligt

Du kommer till en webbsida där du bekräftar ditt svar.

Öppna enkäten på webben:
{PAGE}

Svara i Telegram i stället:
{CHAT}

Du kan svara fram till den 7 december.

{"-" * WIDTH}
Exempelkommunen

Handläggaren som ansvarar för ärendet, och de som följer upp det hos
oss, kan få se dina svar.

Du får det här mejlet för att du har haft ett ärende hos Exempelkommunen
och din e-postadress finns i det. Enkäten skickas automatiskt och är
ingen reklam.

Har du frågor? Hör av dig till Exempelkommunen (070-174 06 05 /
kund@example.se).

Så hanterar vi dina uppgifter:
https://omdome.example.se/personuppgifter

Tacka nej till fler frågor från oss:
{PAGE}/nej
"""
    )


def test_html_and_text_say_the_same_and_lead_to_the_same_places() -> None:
    for said in VARIANTS.values():
        for asker in (BOTH, WEB_ALONE, CHAT_ALONE):
            payload = mails(asker).payload(said)
            reader = Reader(str(payload["html"]))
            plain = " ".join(str(payload["text"]).split())
            assert set(re.findall(r"https://\S+", plain)) == set(reader.links)
            for words in reader.links.values():
                assert f"{words.split(maxsplit=1)[-1] if words[0] in '😊😐🙁' else words}:" in plain


def test_three_buttons_alike_for_the_first_question_and_one_plain_link() -> None:
    found = links(about())
    assert found[f"{PAGE}?bra"] == "😊 Bra"
    assert found[f"{PAGE}?ok"] == "😐 Ok"
    assert found[f"{PAGE}?daligt"] == "🙁 Dåligt"
    assert found[PAGE] == "Öppna enkäten på webben"
    assert found[CHAT] == "Svara i Telegram i stället"
    assert found[f"{PAGE}/nej"] == "Tacka nej till fler frågor från oss"
    html = str(mails().payload(about())["html"])
    looks = re.findall(r'<a [^>]*href="[^"]*\?(?:bra|ok|daligt)"([^>]*)>', html)
    assert len(looks) == 3
    assert len(set(looks)) == 1, "none of the three may look better than another"


def test_with_telegram_alone_the_button_leads_there_and_refusing_is_explained() -> None:
    assert links(about(), CHAT_ALONE) == {CHAT: "Svara i Telegram"}
    said = text(about(), CHAT_ALONE).replace("\n", " ")
    assert "skriv STOPP i chatten" in said
    assert "webb" not in said


def test_without_telegram_nothing_is_said_of_it() -> None:
    payload = mails(WEB_ALONE).payload(about())
    assert "elegram" not in str(payload["text"]) + str(payload["html"])
    assert "inline" not in payload


def test_an_invitation_that_leads_nowhere_is_never_written() -> None:
    with pytest.raises(ValueError, match="survey page or a Telegram bot"):
        replace(BOTH, public_url="", bot_username="")


def test_a_reminder_says_that_it_is_one() -> None:
    payload = mails().payload(VARIANTS["reminder"])
    assert payload["subject"] == "Påminnelse: hur gick det med ditt ärende?"
    assert "Vi undrar fortfarande vad du tyckte." in str(payload["text"]).replace("\n", " ")


def test_who_has_begun_is_led_on_and_not_asked_the_first_question_again() -> None:
    said = text(VARIANTS["begun"])
    assert "Tack för att du började svara" in said
    assert "bemötande" not in said
    assert links(VARIANTS["begun"])[PAGE] == "Fortsätt där du slutade"
    assert links(VARIANTS["begun"], CHAT_ALONE) == {CHAT: "Fortsätt där du slutade"}


def test_asking_again_after_a_fix_says_why_and_asks_only_what_was_poor() -> None:
    said = text(VARIANTS["recheck"])
    assert "Du tyckte att något blev dåligt i ditt ärende ”Trasig gatlykta på\nStorgatan”." in said
    assert "Hur upplevde du vår leverans?" in said
    assert "Vad tycker du nu?" in said
    assert "Fråga 1" not in said, "there is only one"
    assert "avslutades" not in said, "that was when it was mended"


def test_a_case_without_subject_or_beginning_and_one_of_last_year() -> None:
    bare = replace(CASE, subject="", opened_at=None)
    assert "Ditt ärende avslutades den 20 november." in text(about(case=bare))
    old = replace(CASE, opened_at=datetime(2025, 12, 30, tzinfo=UTC))
    assert "kom in den 30 december 2025 och" in text(about(case=old)).replace("\n", " ")


def test_days_are_those_of_the_organisations_own_zone() -> None:
    late = replace(CASE, closed_at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
    assert "den 21 november" in text(about(case=late)).replace("\n", " ")


def test_what_stands_in_the_case_is_text_and_never_html() -> None:
    subject = '<img src=x onerror=alert(1)> {organisation} & "Söner"'
    payload = mails().payload(about(case=replace(CASE, subject=subject)))
    reader = Reader(str(payload["html"]))
    assert [picture["src"] for picture in reader.pictures] == ["cid:qr"]
    assert subject in reader.words
    assert subject in str(payload["text"]).replace("\n", " ")


def test_a_subject_with_a_link_is_left_out_since_a_stranger_may_have_written_it() -> None:
    for subject in ("Vinn! https://example.net/x", "läs på example.net", "skriv till bo@example.net"):
        payload = mails().payload(about(case=replace(CASE, subject=subject)))
        assert "Ditt ärende kom in" in str(payload["text"])
        assert "example.net" not in str(payload["text"]) + str(payload["html"])


def test_a_case_without_a_mail_address_is_tried_another_way() -> None:
    with pytest.raises(PermanentError, match="no mail address"):
        mails().payload(about(case=replace(CASE, mail="")))


def test_a_subject_as_long_as_a_letter_is_cut() -> None:
    assert "ord …”" in text(about(case=replace(CASE, subject="ord " * 200)))


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_language_has_every_variant(language: str, variant: str) -> None:
    said = letter(VARIANTS[variant], load_texts(language), BOTH)
    assert "{" not in text_of(said) + said.subject
    assert f'<html lang="{language}"' in html_of(said)
    assert len(said.subject) <= 55, "phones cut what is longer"
    assert "Exempelkommunen" in text_of(said)
    assert TOKEN not in said.subject


def test_an_invitation_in_a_language_that_is_not_spoken_here_is_in_the_organisations() -> None:
    assert mails().payload(about(language="fi"))["subject"] == SV("invitation.subject.invitation")


def test_nothing_is_fetched_and_nobody_is_followed() -> None:
    html = str(mails().payload(about())["html"])
    assert re.findall(r'(?:src|background)="([^"]*)"', html) == ["cid:qr"]
    assert not re.search(r"url\(|<link|<script|@import|utm_", html)
    assert {link.partition("?")[0] for link in Reader(html).links} == {
        PAGE,
        f"{PAGE}/nej",
        "https://omdome.example.se/personuppgifter",
        "https://t.me/exempel_bot",
    }


async def test_it_arrives_whole_in_seven_bits(serve: Any, mailbox: Any) -> None:
    message = await arrived(serve, mailbox, mails().payload(about()))
    raw = mailbox.received[0]
    assert raw.isascii()
    assert len(raw) < 25_000
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    picture = message.get_body(("html",)).get_content()
    assert 'src="cid:qr"' in picture
    (image,) = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert image["Content-ID"] == "<qr>"
    assert image.get_content_disposition() == "inline"
    assert image.get_content() == qr_png(CHAT)
    assert [part["alt"] for part in Reader(picture).pictures] == ["QR-kod som öppnar enkäten i Telegram"]


async def test_headers_keep_answering_machines_quiet_and_offer_a_way_out(serve: Any, mailbox: Any) -> None:
    message = await arrived(serve, mailbox, mails().payload(about()))
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert "OOF" in message["X-Auto-Response-Suppress"]
    assert "NDR" not in message["X-Auto-Response-Suppress"].split(", "), "reports of dead addresses are wanted"
    assert message["List-Unsubscribe"] == f"<{PAGE}/avregistrera>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Content-Language"] == "sv"
    assert message["Subject"] == "Hur gick det med ditt ärende?"
    assert "anna" not in message["Subject"].lower()


def test_one_click_is_only_promised_over_https() -> None:
    for asker in (CHAT_ALONE, replace(BOTH, public_url="http://127.0.0.1:8080")):
        headers = mails(asker).payload(about())["headers"]
        assert isinstance(headers, dict)
        assert "List-Unsubscribe" not in headers


async def test_the_message_id_is_the_same_each_time_and_differs_for_the_reminder(serve: Any, mailbox: Any) -> None:
    first = await arrived(serve, mailbox, mails().payload(about()))
    again = await arrived(serve, mailbox, mails().payload(about()))
    reminder = await arrived(serve, mailbox, mails().payload(about(Purpose.REMINDER)))
    assert first["Message-ID"] == again["Message-ID"] != reminder["Message-ID"]
    assert TOKEN not in first["Message-ID"]
