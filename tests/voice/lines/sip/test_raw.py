"""Far ends that send what no program would: the SIP process and the call outlive it, and the outcome makes sense."""

import asyncio
import random
import re
import struct
from collections.abc import Iterable

import pytest

from models.calling import CallAttempt, CallOutcome
from tests.voice.lines.conftest import PhoneMaking
from tests.voice.lines.sip.raw import SILENCE, RawPhone, Reply, Request, answers, raw_phone, rtp
from voice.line import Heard
from voice.lines.sip.line import SipLine
from voice.lines.sip.settings import SipAccount
from voice.lines.sip.targets import on_this_machine

SEED = 5
GARBAGE = (b"\0" * 1000, b"\r\n\r\n", b"INVITE", b"SIP/2.0 180 \r\n" * 50, random.Random(SEED).randbytes(1400))
_CHALLENGE = b'WWW-Authenticate: Digest realm="\xff, nonce=, algorithm=FOO'


def busy(request: Request) -> bytes:
    return request.answered(b"SIP/2.0 486 Busy Here")


def answered_at(contact: bytes) -> Reply:
    return lambda request, phone: [request.answered(b"SIP/2.0 200 OK", phone.described(), more=[contact])]


def said(*statuses: bytes, more: tuple[bytes, ...] = ()) -> Reply:
    return lambda request, phone: [request.answered(b"SIP/2.0 " + each, more=more) for each in statuses]


OUTCOMES: dict[str, tuple[Reply, CallOutcome]] = {
    "no class of SIP's": (said(b"999 Odd"), CallOutcome.UNREACHED),
    "just beyond": (said(b"700 Odd"), CallOutcome.UNREACHED),
    "a long reason": (said(b"486 " + b"x" * 5000), CallOutcome.BUSY),
    "garbage first": (lambda request, phone: [*GARBAGE, busy(request)], CallOutcome.BUSY),
    "lengths that lie": (
        lambda request, phone: (
            [re.sub(rb"Length: 0", b"Length: " + each, busy(request)) for each in (b"99999", b"-5")] + [busy(request)]
        ),
        CallOutcome.BUSY,
    ),
    "no tag": (lambda request, phone: [busy(request).replace(b";tag=raw", b"")], CallOutcome.BUSY),
    "busy, and then an answer": (
        lambda request, phone: [busy(request), *answers(request, phone)],
        CallOutcome.BUSY,
    ),
    "a challenge that is none": (said(b"401 Unauthorized", more=(_CHALLENGE,)), CallOutcome.UNREACHED),
    "no sound described": (said(b"200 OK"), CallOutcome.NO_AUDIO),
    "can't be asked again": (answered_at(b'Contact: <fax:"%00@@[::>'), CallOutcome.NO_AUDIO),
    "a telephone's address": (answered_at(b"Contact: <tel:+46701740605>"), CallOutcome.NO_AUDIO),
}


async def test_whatever_the_answer_it_comes_to_something(start_phone: PhoneMaking) -> None:
    phone = await start_phone(hang_up_seconds=1.0, calls_at_once=len(OUTCOMES))
    before = phone.pid

    async def came(reply: Reply) -> SipLine | CallAttempt:
        async with raw_phone(reply) as far:
            return await phone.dial(on_this_machine(far.address))

    attempts = await asyncio.gather(*(came(reply) for reply, _ in OUTCOMES.values()))
    for (name, (_, outcome)), attempt in zip(OUTCOMES.items(), attempts, strict=True):
        assert isinstance(attempt, CallAttempt), name
        assert attempt.outcome is outcome, (name, attempt)
    assert phone.pid == before


def packets(kind: str) -> Iterable[bytes]:
    chance = random.Random(SEED)
    some = chance.randbytes
    numbers = range(400)
    match kind:
        case "garbage":
            return [some(chance.randrange(1400)) for _ in numbers]
        case "cut short":
            return [rtp(number)[: chance.randrange(14)] for number in numbers]
        case "any header":
            return [rtp(number, first=chance.randrange(256), kind=chance.randrange(256)) for number in numbers]
        case "any size":
            return [rtp(number, some(chance.randrange(1400))) for number in numbers]
        case "any time":
            return [rtp(chance.randrange(65536), stamp=chance.randrange(1 << 32)) for _ in numbers]
        case "any source":
            return [rtp(number)[:8] + some(4) + SILENCE for number in numbers]
        case "any event":
            return [rtp(number, some(4), kind=101) for number in numbers]
        case "events without end":
            return [
                rtp(n, struct.pack("!BBH", n // 5 % 16, 10, n % 5 * 160), kind=101, stamp=n // 5 * 800) for n in numbers
            ]
        case _:
            raise ValueError(kind)


@pytest.mark.parametrize("control", [False, True], ids=["RTP", "RTCP"])
async def test_no_packet_ends_a_call(start_phone: PhoneMaking, control: bool) -> None:
    kinds = (
        "garbage",
        "cut short",
        "any header",
        "any size",
        "any time",
        "any source",
        "any event",
        "events without end",
    )
    phone = await start_phone()
    before = phone.pid
    async with raw_phone(answers) as far:
        line = await phone.dial(on_this_machine(far.address))
        assert isinstance(line, SipLine), line
        for kind in kinds:
            for number, packet in enumerate(packets(kind)):
                far.say(packet, control=control)
                if number % 40 == 0:
                    await asyncio.sleep(0.01)
        heard = await still_heard(line, far)
        assert len(heard) > 20
        assert set("".join(each.keys for each in heard)) <= set("0123456789*#")
        assert line.ended is None
        await line.hang_up()
        assert far.methods[-1] == "BYE"
    assert phone.pid == before


async def still_heard(line: SipLine, far: RawPhone) -> list[Heard]:
    """What comes in, up to a second of proper sound after it all."""
    heard = []
    for number in range(50):
        far.say(rtp(5000 + number))
        heard.append(await line.listen())
        await asyncio.sleep(0.02)
    return heard


NASTY = b"See \x1b[2J\xe2\x80\xae+46 (70) 174-06-05, "


async def test_what_they_say_is_kept_and_told_as_one_short_line_without_numbers(start_phone: PhoneMaking) -> None:
    async with raw_phone(said(b"486 " + NASTY + b"x")) as far:
        attempt = await (await start_phone()).dial(on_this_machine(far.address))
        assert isinstance(attempt, CallAttempt)
        assert attempt.outcome is CallOutcome.BUSY
        assert attempt.reason == "See [2J …, x"


async def test_so_is_what_a_registrar_says(start_phone: PhoneMaking, caplog: pytest.LogCaptureFixture) -> None:
    async with raw_phone(said(b"403 " + NASTY + b"x" * 5000), "REGISTER") as far:
        phone = await start_phone(SipAccount(host="127.0.0.1", port=far.port, registers=True))
        assert re.fullmatch(r"127\.0\.0\.1 doesn't register us: 403 See \[2J …, x{50,90}", phone.trouble)
        assert phone.trouble in caplog.messages
