"""A gateway's request, as templates: {to}, {text}, {sender} and {secret} are put into the url, headers and body.

Each is written as its place demands (percent-encoded, or escaped as JSON), all at once, so that nothing that a
customer or a case system wrote can become a placeholder, a second field or a header of its own.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

from delivery.http_request import Request, address_fault

PLACEHOLDERS = ("to", "text", "sender", "secret")
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTENT_TYPES = {"form": "application/x-www-form-urlencoded; charset=utf-8", "json": "application/json"}
_SENDER = re.compile(r"\+[1-9][0-9]{4,14}|[0-9]{3,15}|[A-Za-z0-9 ._&-]{1,11}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsTemplate:
    """How one gateway wants to be asked; see docs/sms.md. `secret` goes where {secret} stands."""

    url: str = field(repr=False)
    method: Literal["POST", "GET", "PUT"] = "POST"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: str = field(default="", repr=False)
    body_type: Literal["form", "json"] = "form"
    sender: str = ""
    secret: str = field(default="", repr=False)
    timeout_seconds: float = 30.0

    def request(self, to: str, text: str) -> Request:
        """The request that sends `text` to `to` (E.164)."""
        values = {"to": to, "text": text, "sender": self.sender, "secret": self.secret}
        headers = {name: _filled(value, values, str) for name, value in self.headers.items()}
        if self.body and "content-type" not in {name.lower() for name in headers}:
            headers["Content-Type"] = _CONTENT_TYPES[self.body_type]
        return Request(
            method=self.method,
            url=_filled(self.url, values, _quoted),
            headers=headers,
            body=self._body(values).encode(),
            timeout_seconds=self.timeout_seconds,
        )

    def _body(self, values: Mapping[str, str]) -> str:
        if self.body and self.body_type == "json":
            return json.dumps(_filled_json(json.loads(self.body), values), ensure_ascii=False)
        return _filled(self.body, values, _quoted)


def _quoted(value: str) -> str:
    return quote(value, safe="")


def _filled(template: str, values: Mapping[str, str], written: Callable[[str], str]) -> str:
    return _PLACEHOLDER.sub(lambda found: written(values[found[1]]), template)


def _filled_json(template: object, values: Mapping[str, str]) -> object:
    match template:
        case str():
            return _filled(template, values, str)
        case list():
            return [_filled_json(each, values) for each in template]
        case dict():
            return {key: _filled_json(value, values) for key, value in template.items()}
    return template


def template_faults(template: SmsTemplate) -> list[str]:
    """What is wrong with it, each with what would be right; [] if it can be used. Never repeats a secret."""
    return [*_url_faults(template), *_placeholder_faults(template), *_header_faults(template), *_body_faults(template)]


def _url_faults(template: SmsTemplate) -> Iterator[str]:
    if not template.url:
        yield "url is empty; write where the gateway takes messages, see docs/sms.md"
    elif fault := address_fault(_PLACEHOLDER.sub("x", template.url)):
        yield f"url {fault}"
    elif _PLACEHOLDER.search(template.url.partition("?")[0].split("/", 3)[2]):
        yield "url has a placeholder in its host; placeholders may stand after it"
    elif not template.url.isascii() or re.search(r"\s", template.url):
        yield "url has characters that need percent-encoding, such as %20 for a blank"


def _placeholder_faults(template: SmsTemplate) -> Iterator[str]:
    places = {"url": template.url, "body": template.body}
    places |= {f"headers.{name}": value for name, value in template.headers.items()}
    met = {name: _PLACEHOLDER.findall(text) for name, text in places.items()}
    for place, names in met.items():
        if unknown := sorted(set(names) - set(PLACEHOLDERS)):
            known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
            yield f"{place} has {{{unknown[0]}}}, which is no placeholder; known are {known}"
        if place.startswith("headers.") and "text" in names:
            yield f"{place} has {{text}}, which a header can't carry; put it in body or url"
    used = {name for names in met.values() for name in names}
    for name, what in (("to", "the customer's number"), ("text", "the message")):
        if name not in used:
            yield f"neither url nor body has {{{name}}}, where {what} goes"
    if "secret" in used and not template.secret:
        yield "{secret} is used, but OMDOME_SMS_SECRET is not set"
    if template.secret and "secret" not in used:
        yield "OMDOME_SMS_SECRET is set, but {secret} stands neither in url, headers nor body"
    if "sender" in used and not _SENDER.fullmatch(template.sender):
        wrong = "isn't one that phones show" if template.sender else "is empty"
        yield f"sender {wrong}; write 1 to 11 letters a-z and digits, or a number such as +46701740605"


def _header_faults(template: SmsTemplate) -> Iterator[str]:
    for name, value in template.headers.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in ("content-length", "host", "transfer-encoding"):
            yield f"headers.{name[:40]!r} is no header that can be set"
        elif not value.isascii() or not value.isprintable():
            yield f"headers.{name} may only have ASCII characters, on one line"
    in_header = any("{secret}" in value for value in template.headers.values())
    if in_header and not (template.secret.isascii() and template.secret.isprintable()):
        yield "OMDOME_SMS_SECRET goes into a header, and may then only have ASCII characters"


def _body_faults(template: SmsTemplate) -> Iterator[str]:
    if template.body and template.method == "GET":
        yield 'body is set, but method = "GET" sends none; put it in url, or set method = "POST"'
    if template.body and template.body_type == "json":
        try:
            json.loads(template.body)
        except ValueError:
            yield 'body is not JSON; placeholders stand in quotes: \'{"to": "{to}", "text": "{text}"}\''
    elif template.body and "=" not in template.body:
        yield 'body is no form; write it like "to={to}&text={text}", or set body_type = "json"'
    elif template.body and (not template.body.isascii() or re.search(r"\s", template.body)):
        yield "body has characters that need percent-encoding, such as %20 for a blank"
