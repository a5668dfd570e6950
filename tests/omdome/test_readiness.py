"""What is on, off and broken, judged by settings and secrets alone."""

import pytest

from omdome.config import parse_config
from omdome.credentials import Credentials
from omdome.overview import missing_steps
from omdome.readiness import State, features
from omdome.speech import survey_of

TOKEN = "123456:" + "a" * 35
BOT = '[telegram]\nenabled = true\nbot_username = "ProvBot"\n'
PAGE = '[web]\npublic_url = "https://omdome.example.se/"\n'
PHONE = '[contact]\nphone_after_days = 7\n[sip]\nhost = "pbx.example.se"\n'
WEBHOOK = BOT + 'mode = "webhook"\nwebhook_url = "https://omdome.example.se/telegram"\n'
MAIL = '[mail]\nhost = "smtp.example.se"\nsender = "omdome@example.se"\n'
RECIPIENT = '[[digest.recipients]]\nname = "Ledningen"\nmail = "ledning@example.se"\n'


def judged(name: str, text: str, **secrets: str) -> tuple[State, str]:
    found = features(parse_config(text), Credentials(**secrets))
    feature = next(each for each in found if each.name == name)
    return feature.state, f"{feature.why} → {feature.advice}"


@pytest.mark.parametrize(
    ("name", "text", "secrets", "state", "said"),
    [
        ("Telegram bot", "", {}, State.OFF, "@BotFather"),
        ("Telegram bot", BOT, {}, State.BROKEN, "OMDOME_TELEGRAM_TOKEN"),
        ("Telegram bot", BOT, {"telegram_token": "hej"}, State.BROKEN, "123456:AbC"),
        ("Telegram bot", BOT, {"telegram_token": "123456:AAH xxx"}, State.BROKEN, "copy it whole"),
        (
            "Telegram bot",
            WEBHOOK,
            {"telegram_token": TOKEN, "telegram_webhook_secret": "sp ce"},
            State.BROKEN,
            "which is all that Telegram takes",
        ),
        ("Telegram bot", "[telegram]\nenabled = true", {"telegram_token": TOKEN}, State.BROKEN, "bot_username"),
        ("Telegram bot", BOT, {"telegram_token": TOKEN}, State.ON, "@ProvBot, polling"),
        ("Telegram bot", WEBHOOK, {"telegram_token": TOKEN}, State.BROKEN, "without a secret anyone could answer"),
        (
            "Telegram bot",
            WEBHOOK,
            {"telegram_token": TOKEN, "telegram_webhook_secret": "x" * 20},
            State.ON,
            "https://omdome.example.se/telegram",
        ),
        (
            "Telegram bot",
            WEBHOOK + "[web]\nenabled = false",
            {"telegram_token": TOKEN, "telegram_webhook_secret": "x" * 20},
            State.BROKEN,
            "[web] enabled = true",
        ),
        ("selection", "", {}, State.OFF, "no channel"),
        ("selection", PAGE, {}, State.ON, "every closed case"),
        ("selection", PHONE, {}, State.ON, "every closed case"),
        ("invitations", PHONE, {}, State.ON, "a call after 7 days, working days"),
        ("survey page", "", {}, State.OFF, "public address"),
        ("survey page", "[web]\nsurvey_page = false", {}, State.OFF, "not asked for"),
        ("survey page", PAGE + "enabled = false", {}, State.BROKEN, "[web] enabled = true"),
        ("survey page", PAGE, {}, State.ON, "https://omdome.example.se/s/…"),
        ("managers' page", "", {}, State.OFF, "nobody may look"),
        ("managers' page", RECIPIENT, {}, State.ON, "http://127.0.0.1:8080/rapport, by `report link` alone"),
        ("managers' page", PAGE + RECIPIENT, {}, State.ON, "`report link` alone: mail is off"),
        ("managers' page", PAGE + MAIL + RECIPIENT, {}, State.ON, "/rapport, by the link in each mailed digest"),
        ("managers' page", PAGE + "report = false\n" + RECIPIENT, {}, State.OFF, "not asked for"),
        ("invitations", "", {}, State.OFF, "nothing to link to"),
        ("invitations", PAGE, {}, State.OFF, "neither mail nor SMS is on → set [mail] host"),
        ("invitations", PAGE + "[contact]\norder = []", {}, State.OFF, "written to by nobody"),
        (
            "invitations",
            PAGE + MAIL,
            {},
            State.ON,
            "by mail, one reminder after 3 days, working days 09:00-20:00, at most 3",
        ),
        (
            "invitations",
            BOT + MAIL + '[sms]\ngateway = "file"\n[contact]\norder = ["sms", "mail"]\nphone_after_days = 7',
            {},
            State.ON,
            "by SMS (to a file: nobody gets it), else mail, one reminder after 3 days, a call after 7 days",
        ),
        ("selection", BOT + '[selection]\nmethod = "share"\nshare = 0.25', {}, State.ON, "25% of closed cases"),
        ("API", "[web]\ncase_api = true\nenabled = false", {}, State.BROKEN, "web server is off"),
        ("API", "[web]\ncase_api = true", {}, State.ON, "/api/, for `omdome token list`"),
        ("API", "[web]\ncase_api = true", {"api_token": "kort"}, State.BROKEN, "shorter than 16"),
        ("API", "[web]\ncase_api = true", {"api_token": "x" * 16}, State.ON, "OMDOME_API_TOKEN and"),
        ("metrics", "", {}, State.OFF, "not asked for"),
        ("metrics", "[web]\nmetrics = true", {}, State.ON, "/metrics"),
        ("watched folder", '[intake]\nwatched_folder = "ingenstans"', {}, State.BROKEN, "is no folder"),
        ("mail", MAIL, {}, State.ON, "smtp.example.se:587, starttls, from omdome@example.se"),
        ("mail", '[mail]\nhost = "smtp.example.se"', {}, State.BROKEN, "[mail] sender"),
        ("mail", MAIL + 'username = "u"', {}, State.BROKEN, "OMDOME_SMTP_PASSWORD"),
        (
            "mail",
            MAIL + 'username = "u"\nsecurity = "none"',
            {"smtp_password": "p"},
            State.BROKEN,
            "would go unencrypted",
        ),
        ("weekly digest", "", {}, State.OFF, "[[digest.recipients]]"),
        ("weekly digest", RECIPIENT, {}, State.BROKEN, "Ledningen wants mail, but mail is off"),
        ("weekly digest", RECIPIENT + MAIL, {}, State.ON, "monday 07:00, 1 recipient"),
        ("weekly digest", RECIPIENT + 'via = ["telegram"]\n' + MAIL, {}, State.BROKEN, "wants Telegram"),
        ("alerts to handlers", "", {}, State.OFF, "neither mail nor Telegram"),
        ("alerts to handlers", MAIL, {}, State.ON, "dåligt and praise, 30 min"),
        ("storage", "", {"database_password": "p"}, State.BROKEN, "SQLite has no password"),
        ("languages", '[organisation]\nlanguages = ["sv", "fi"]', {}, State.BROKEN, "there is no locales/fi/"),
        ("languages", '[survey]\nquestions = ["vantetid"]', {}, State.BROKEN, "lacks vantetid.name, vantetid.ask"),
        ("retention", "[privacy]\nreplies_days = 0\ncomments_days = 0\ncontacts_days = 0", {}, State.OFF, "for ever"),
    ],
)
def test_each_feature_is_judged_with_advice(
    name: str, text: str, secrets: dict[str, str], state: State, said: str
) -> None:
    judgement, words = judged(name, text, **secrets)
    assert judgement is state
    assert said in words


@pytest.mark.parametrize(
    ("text", "planned"), [("", False), (MAIL, True), (BOT, True), ("[alerts]\npoor = false", False)]
)
def test_no_alert_is_planned_that_nothing_could_deliver(text: str, planned: bool) -> None:
    assert survey_of(parse_config(text)).alerts.poor is planned


def test_going_live_has_steps_until_nothing_is_missing() -> None:
    organisation = (
        '[organisation]\nname = "Norrköpings kommun"\nprivacy_url = "https://www.example.se/personuppgifter"\n'
    )
    ready = parse_config(organisation + BOT + MAIL + RECIPIENT)
    secrets = Credentials(telegram_token=TOKEN)
    assert missing_steps(ready, features(ready, secrets)) == []
    fresh = parse_config("")
    assert len(missing_steps(fresh, features(fresh, Credentials()))) == 5
