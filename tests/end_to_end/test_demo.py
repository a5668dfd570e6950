"""The published figures of Norrköping 2015 come out of the customers' replies, all the way through the real bot."""

import re
from datetime import datetime, time

import pytest

from delivery.digest_text import digest_text
from models.case import CustomerType
from models.digest import Dimension, Figures
from models.rating import Rating
from omdome.config import load_config
from omdome.credentials import read_credentials
from omdome.demo import norrkoping
from omdome.demo.clock import SimulatedClock
from omdome.demo.telegram import FakeTelegram
from omdome.digests import figures
from omdome.policies import recipients_of
from omdome.texts import load_texts
from omdome.wiring import open_application

QUESTIONS = ("bemotande", "tillganglighet", "leverans")


@pytest.fixture
async def held(tmp_path):
    config = load_config(norrkoping.FOLDER / "config.toml")
    storage = config.storage.model_copy(update={"url": f"sqlite:///{tmp_path / 'norrkoping.db'}"})
    config = config.model_copy(update={"storage": storage})
    clock = SimulatedClock(datetime.combine(norrkoping.WEEK.monday, time(6), config.organisation.timezone))
    async with open_application(config, read_credentials({}), clock) as app, FakeTelegram().running() as telegram:
        survey = await norrkoping.load(app, clock)
        await norrkoping.hold(app, clock, telegram, survey, lambda done, total: None)
        texts = load_texts("sv")
        digest = await figures(app, norrkoping.WEEK, recipients_of(config)[0], texts)
        yield survey, digest, digest_text(digest, texts), telegram


def percents(cell):
    assert isinstance(cell, Figures)
    return tuple(cell.percent(rating) for rating in (Rating.BRA, Rating.OK, Rating.DALIGT))


@pytest.mark.timeout(600)  # some 450 updates through the whole bot: slow on a busy machine
async def test_the_published_figures_come_out_of_the_data(held):
    survey, digest, text, telegram = held

    assert survey.imported.stored == 560
    assert survey.selected.asked == 500
    assert sum(survey.selected.not_asked.values()) == 60
    assert len(survey.customers) == 64

    shares = {each.question: percents(each.week) for each in digest.questions}
    assert shares == {"bemotande": (87, 10, 3), "tillganglighet": (75, 18, 7), "leverans": (42, 26, 32)}
    assert [each.week.n for each in digest.questions] == [60, 60, 50]

    table = next(group for group in digest.groups if group.dimension is Dimension.CUSTOMER_TYPE)
    bra = {row.name: tuple(percents(cell.change.recent)[0] for cell in row.cells) for row in table.rows}
    assert bra == {CustomerType.MEDBORGARE: (83, 76, 45), CustomerType.FORETAG: (100, 72, 33)}

    for line in (
        "87 % bra   10 % ok    3 % dåligt",
        "75 % bra   18 % ok    7 % dåligt",
        "42 % bra   26 % ok   32 % dåligt",
    ):
        assert line in text
    assert re.search(r"Medborgare +83 % .* 76 % .* 45 %", text)
    assert re.search(r"Företag +100 % .* 72 % .* 33 %", text)

    for chat in survey.customers.values():
        asked = [message.text for message in telegram.messages[chat] if message.text.startswith("Fråga")]
        assert len(asked) == len(set(asked)) == len(QUESTIONS), "every question is asked exactly once"
        assert telegram.last(chat).text.startswith("Tack för att du tog dig tid")
