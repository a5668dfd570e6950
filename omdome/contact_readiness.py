"""Where customers can answer, and how those are turned to who have no chat: for `omdome.readiness`."""

from importlib.util import find_spec

from omdome.config import Config
from omdome.policies import calls_are_made, can_be_answered, contact_of, hours_of, page_url_of
from omdome.readiness import Feature, State
from workflow.call_plan import CallingPolicy

_NAMES = {"mail": "mail", "sms": "SMS"}
_SETTINGS = {"mail": "[mail] host", "sms": "[sms] gateway"}


def page_feature(config: Config) -> Feature:
    name, web = "survey page", config.web
    if not web.survey_page:
        return Feature(name, State.OFF, "not asked for", "set [web] survey_page = true and public_url")
    if not web.enabled:
        if web.public_url:
            return Feature(name, State.BROKEN, "the web server is off", "set [web] enabled = true")
        return Feature(name, State.OFF, "the web server is off", "set [web] enabled = true and public_url")
    if not web.public_url:
        return Feature(name, State.OFF, "nobody knows where it is", "set [web] public_url to its public address")
    return Feature(name, State.ON, f"{page_url_of(config)}/s/…")


def contact_feature(config: Config) -> Feature:
    name, rules = "invitations", config.contact
    if not rules.order and not rules.phone_after_days:
        return Feature(name, State.OFF, "those without a chat are written to by nobody", "set [contact] order")
    if not can_be_answered(config):
        advice = "set [web] public_url, or turn the Telegram bot on"
        return Feature(name, State.OFF, "there is nothing to link to", advice)
    policy = contact_of(config)
    if not policy.on:
        named = " nor ".join(_NAMES[way] for way in rules.order)
        why = f"neither {named} is on" if len(rules.order) > 1 else f"{named} is off"
        hints = " or ".join(_SETTINGS[way] for way in rules.order)
        other = "" if len(rules.order) > 1 else ", or name another way in [contact] order"
        return Feature(name, State.OFF, why, f"set {hints}{other}")
    names = _NAMES | ({"sms": "SMS (to a file: nobody gets it)"} if config.sms.gateway == "file" else {})
    parts = ["by " + ", else ".join(names[way] for way in policy.ways)] if policy.ways else []
    if policy.ways and policy.reminder_after:
        parts.append(f"one reminder after {_days(policy.reminder_after.days)}")
    if policy.phone_after:
        parts.append(f"a call after {_days(policy.phone_after.days)}")
    hours = policy.hours
    parts.append(f"{'any day' if hours.weekends else 'working days'} {hours.start:%H:%M}-{hours.until:%H:%M}")
    parts.append(f"at most {policy.max_attempts} {'time' if policy.max_attempts == 1 else 'times'} a case")
    return Feature(name, State.ON, ", ".join(parts))


def calls_feature(config: Config) -> Feature:
    name, days, sip = "calls", config.contact.phone_after_days, config.sip
    if not days:
        return Feature(name, State.OFF, "not asked for", "set [contact] phone_after_days, and [sip] host")
    if not sip.host:
        return Feature(name, State.OFF, "calls are only queued: there is no exchange to dial", "set [sip] host")
    if find_spec("baresip") is None:
        why = "the SIP stack baresip-python has no wheel for this system"
        return Feature(name, State.BROKEN, why, 'use Linux on x86_64 or aarch64, or macOS 15; or set [sip] host = ""')
    policy = CallingPolicy(zone=config.organisation.timezone, hours=hours_of(config))
    hours = policy.calling_hours
    if hours is None:
        why = "[survey] contact_from to contact_until has no hour within 09:00-20:00"
        return Feature(name, State.BROKEN, why, "calls are made within both: change those hours")
    how = f"through {sip.host}, working days {hours.start:%H:%M}-{hours.until:%H:%M}, {sip.calls_at_once} at once"
    limits = f"at most {policy.a_day} a day and {policy.in_all} in all"
    countries = ", ".join(sip.countries or (config.intake.phone_region,))
    return Feature(name, State.ON, f"{how}, {limits}, numbers of {countries}")


def calling_back_feature(config: Config) -> Feature:
    name, sip = "calling back", config.sip
    if not calls_are_made(config):
        return Feature(name, State.OFF, "nobody is called, so nobody rings back")
    if not sip.answers:
        return Feature(name, State.OFF, "who rings back hears busy", "set [sip] answers = true")
    if not (sip.registers or sip.listen_port):
        why = "the exchange doesn't know where to put calls to us through"
        return Feature(name, State.OFF, why, "set [sip] registers = true, or listen_port and tell the exchange")
    shown = f"{sip.caller_id}, " if sip.caller_id else ""
    return Feature(name, State.ON, f"{shown}the survey goes on where it stands; others hear who called")


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"
