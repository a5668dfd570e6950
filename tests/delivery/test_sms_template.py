"""Mistakes in [sms] are told at start, one clear message each; what passes can be sent."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.sms_template import SmsTemplate, template_faults

GOOD = SmsTemplate(
    url="https://api.example.com/sms",
    headers={"Authorization": "Basic {secret}"},
    body="from={sender}&to={to}&message={text}",
    sender="Exempelkom",
    secret="aGVtbGlndA==",
)


def faults(**changed: Any) -> list[str]:
    return template_faults(replace(GOOD, **changed))


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"url": "http://127.0.0.1:8000/sms"},
        {"url": "http://[::1]/sms"},
        {"url": "http://localhost/sms"},
        {
            "url": "https://api.example.com/{secret}/send?to={to}&text={text}",
            "method": "GET",
            "body": "",
            "headers": {},
        },
        {"body": '{"to": ["{to}"], "text": "{text}", "from": "{sender}"}', "body_type": "json"},
        {"sender": "+46701740605"},
        {"sender": "71717"},
        {"sender": "", "body": "to={to}&text={text}&account=9"},
        {"secret": "", "headers": {}},
    ],
)
def test_a_usable_template_has_no_faults(changed: dict[str, Any]) -> None:
    assert faults(**changed) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"url": ""}, "url is empty; write where the gateway takes messages, see docs/sms.md"),
        (
            {"url": "http://api.example.com/sms"},
            "url would go unencrypted; write https:// (http:// is for this machine only)",
        ),
        (
            {"url": "http://127.0.0.1.example.com/sms"},
            "url would go unencrypted; write https:// (http:// is for this machine only)",
        ),
        (
            {"url": "https://kommun:losen@api.example.com/"},
            "url holds a login; that belongs in the environment, not in this file",
        ),
        ({"url": "https://api.example.com:sms/"}, "url is no web address"),
        ({"url": "https:///sms"}, "url is no web address; write it whole, starting with https://"),
        (
            {"url": "https://{sender}.example.com/sms"},
            "url has a placeholder in its host; placeholders may stand after it",
        ),
        (
            {"url": "https://api.example.com/skicka sms"},
            "url has characters that need percent-encoding, such as %20 for a blank",
        ),
        (
            {"body": "to={to}&message={message}&text={text}&from={sender}"},
            "body has {message}, which is no placeholder; known are {to}, {text}, {sender}, {secret}",
        ),
        ({"body": "message={text}&from={sender}"}, "neither url nor body has {to}, where the customer's number goes"),
        ({"body": "to={to}&from={sender}"}, "neither url nor body has {text}, where the message goes"),
        ({"secret": ""}, "{secret} is used, but OMDOME_SMS_SECRET is not set"),
        ({"headers": {}}, "OMDOME_SMS_SECRET is set, but {secret} stands neither in url, headers nor body"),
        (
            {"secret": "lösen"},
            "OMDOME_SMS_SECRET goes into a header, and may then only have ASCII characters",
        ),
        (
            {"sender": "Exempelkommunen"},
            "sender isn't one that phones show; write 1 to 11 letters a-z and digits, or a number such as +46701740605",
        ),
        (
            {"sender": ""},
            "sender is empty; write 1 to 11 letters a-z and digits, or a number such as +46701740605",
        ),
        (
            {"headers": {"Authorization": "Basic {secret}", "X-Text": "{text}"}},
            "headers.X-Text has {text}, which a header can't carry; put it in body or url",
        ),
        (
            {"headers": {"Authorization": "Basic {secret}", "X-A": "a\r\nX-B: b"}},
            "headers.X-A may only have ASCII characters, on one line",
        ),
        (
            {"headers": {"Authorization": "Basic {secret}", "Content-Length": "3"}},
            "headers.'Content-Length' is no header that can be set",
        ),
        (
            {"body": '{"to": {to}, "text": "{text}", "from": "{sender}"}', "body_type": "json"},
            'body is not JSON; placeholders stand in quotes: \'{"to": "{to}", "text": "{text}"}\'',
        ),
        (
            {"body": '{"to": "{to}", "text": "{text}", "from": "{sender}"}'},
            'body is no form; write it like "to={to}&text={text}", or set body_type = "json"',
        ),
        (
            {"body": "to={to}&text={text}&from={sender}&tag=till kund"},
            "body has characters that need percent-encoding, such as %20 for a blank",
        ),
        ({"method": "GET"}, 'body is set, but method = "GET" sends none; put it in url, or set method = "POST"'),
    ],
)
def test_a_mistake_is_told_with_what_would_be_right(changed: dict[str, Any], told: str) -> None:
    assert faults(**changed) == [told]


def test_several_mistakes_are_told_at_once() -> None:
    assert len(faults(url="http://api.example.com/", body="x=1", sender="")) == 3


@given(text=st.text(), secret=st.text(), sender=st.text())
def test_nothing_that_is_put_in_can_become_a_field_of_its_own(text: str, secret: str, sender: str) -> None:
    body = "from={sender}&to={to}&message={text}&key={secret}"
    form = replace(GOOD, body=body, headers={}, secret=secret, sender=sender).request("+46701740605", text)
    assert parse_qsl(form.body.decode(), keep_blank_values=True) == [
        ("from", sender),
        ("to", "+46701740605"),
        ("message", text),
        ("key", secret),
    ]
    body = '{"from": "{sender}", "to": "{to}", "message": "{text}", "key": "{secret}"}'
    plain = replace(GOOD, body=body, body_type="json", headers={}, secret=secret, sender=sender)
    assert list(json.loads(plain.request("+46701740605", text).body).values()) == [sender, "+46701740605", text, secret]


def test_its_repr_shows_no_secret() -> None:
    assert "aGVtbGlndA" not in repr(GOOD)
    assert "aGVtbGlndA" not in repr(GOOD.request("+46701740605", "Hej"))
    assert "70174" not in repr(GOOD.request("+46701740605", "Hej"))
