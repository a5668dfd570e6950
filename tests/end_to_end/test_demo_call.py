"""The demonstration's call: recorded replies, real speech recognition, answers beside those of the chat."""

import wave
from datetime import datetime, time

from models.rating import Rating
from models.survey import Channel
from omdome.config import load_config
from omdome.credentials import read_credentials
from omdome.deciding import decide_now
from omdome.demo import invented
from omdome.demo.clock import SimulatedClock
from omdome.demo.half_year import WORSE_UNIT, half_year, monday_morning
from omdome.demo.phone_call import call_somebody
from omdome.digests import figures
from omdome.policies import recipients_of
from omdome.texts import load_texts
from omdome.wiring import open_application
from voice.call import Ending
from voice.transcript import Entry, Who
from workflow.intake import import_cases


async def test_somebody_is_called_and_counted(tmp_path):
    config = load_config(invented.FOLDER / "config.toml")
    storage = config.storage.model_copy(update={"url": f"sqlite:///{tmp_path / 'half-year.db'}"})
    voice = config.voice.model_copy(update={"engine": "answer_words"})
    config = config.model_copy(update={"storage": storage, "voice": voice})
    *_, week = half_year(invented.WEEK)
    clock = SimulatedClock(monday_morning(week.week))
    transcript: list[Entry] = []
    async with open_application(config, read_credentials({}), clock) as app:
        await import_cases(app.store, week.cases, clock.now())
        await decide_now(app, clock.now())
        called = await call_somebody(app, clock, tmp_path / "samtal.wav", transcript.append)
        clock.move_to(datetime.combine(week.week.shifted(1).monday, time(6), config.organisation.timezone))
        digest = await figures(app, week.week, recipients_of(config)[0], load_texts("sv"))

    assert called.case.case.unit == WORSE_UNIT
    assert called.report.ending is Ending.FINISHED
    assert [answer.rating for answer in called.answers] == [Rating.BRA, Rating.OK, Rating.DALIGT]
    assert {answer.channel for answer in called.answers} == {Channel.PHONE}
    assert dict(digest.account.channels) == {Channel.PHONE: 1}
    heard = {entry.text for entry in transcript if entry.who is Who.CALLER and entry.text}
    assert heard == {"ja", "bra", "okej", "dåligt"}, "“ja” also where it was asked whether that was heard rightly"
    with wave.open(str(tmp_path / "samtal.wav")) as sound:
        assert sound.getnframes() / sound.getframerate() > 60
