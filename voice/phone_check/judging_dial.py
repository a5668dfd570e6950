"""What came of dialling: the exchange's answer, in words that say whose fault it is. Pure.

Where the telephone network gives its own cause (Q.850) that is believed before SIP's code, which exchanges choose
freely.
"""

from collections.abc import Mapping

from models.calling import CallOutcome
from voice.phone_check.findings import Finding, Step, unknown, well, wrong
from voice.phone_check.messages import Message, finals, has_proved_itself
from voice.phone_check.trial import Trial

#: ITU-T Q.850 §2.2.7
_BY_CAUSE: Mapping[int, str] = {
    1: "no_such_number",
    2: "no_route",
    3: "no_route",
    17: "busy",
    18: "rang_out",
    19: "rang_out",
    20: "not_there",
    21: "declined",
    22: "no_such_number",
    27: "not_there",
    28: "no_such_number",
    34: "congestion",
    38: "congestion",
    41: "congestion",
    42: "congestion",
    44: "congestion",
    57: "barred",
    58: "barred",
    65: "codec",
    79: "codec",
    88: "codec",
}
#: RFC 3261 §21 and the later ones named
_BY_CODE: Mapping[int, str] = {
    402: "no_credit",
    403: "barred",
    404: "no_route",
    405: "wrong_port",
    406: "codec",
    408: "not_there",
    410: "no_such_number",
    415: "codec",
    420: "extension",
    421: "extension",
    428: "unsigned",  # RFC 8224
    433: "anonymous",  # RFC 5079
    436: "unsigned",
    437: "unsigned",
    438: "unsigned",
    480: "not_there",
    482: "loop",
    483: "loop",
    484: "incomplete",
    485: "incomplete",
    486: "busy",
    487: "rang_out",
    488: "codec",
    494: "encryption",  # RFC 3329
    502: "congestion",
    600: "busy",
    603: "declined",
    604: "no_such_number",
    606: "codec",
    607: "unwanted",  # RFC 8197
    608: "blocked",  # RFC 8688
}
_OF_WHO_IS_CALLED = frozenset(("busy", "rang_out", "declined", "not_there", "unwanted"))


def of_dialling(trial: Trial) -> list[Finding]:
    """DIAL and ANSWER."""
    seconds = trial.attempt.ring_seconds
    if trial.attempt.outcome in (CallOutcome.ANSWERED, CallOutcome.NO_AUDIO):
        return [well(Step.DIAL), well(Step.ANSWER, seconds=seconds)]
    if trial.attempt.outcome is CallOutcome.FAULT:
        return [wrong(Step.DIAL, "fault", words=trial.attempt.reason)]
    answers = finals(trial.messages, "INVITE")
    if not answers or (trial.attempt.sip_code == 0 and _rang(trial)):
        return [_unanswered(trial, seconds)]
    key, last = _why(trial, answers), answers[-1]
    values: dict[str, object] = {"code": last.status, "reason": last.reason, "caller_id": trial.caller_id}
    step = Step.ANSWER if key in _OF_WHO_IS_CALLED else Step.DIAL
    told = wrong(step, key, **values)
    return [well(Step.DIAL), told] if step is Step.ANSWER else [told]


def _rang(trial: Trial) -> bool:
    return any(each.status in (180, 183) for each in trial.messages)


def _unanswered(trial: Trial, seconds: float) -> Finding:
    if _rang(trial):
        return wrong(Step.ANSWER, "rang_out", code=0, reason="", caller_id=trial.caller_id)
    if any(each.status == 100 for each in trial.messages):
        return wrong(Step.DIAL, "stuck", seconds=seconds)
    return wrong(Step.DIAL, "silent", seconds=seconds)


def _why(trial: Trial, answers: list[Message]) -> str:
    last = answers[-1]
    if trial.goes_without_caller_id:
        return "caller_id"
    if last.network_cause in _BY_CAUSE:
        return _BY_CAUSE[last.network_cause]
    if last.status in (401, 407):
        proved = trial.has_password and has_proved_itself(trial.messages, "INVITE")
        return "wrong_password" if proved else "no_password"
    if last.status == 403 and has_proved_itself(trial.messages, "INVITE") and not _let_in(trial):
        return "barred_or_password"
    if last.status in _BY_CODE:
        return _BY_CODE[last.status]
    if 300 <= last.status < 400:
        return "moved"
    return "congestion" if 500 <= last.status < 600 else "refused"


def _let_in(trial: Trial) -> bool:
    """Whether the exchange has believed who we are: it went on with the call, or has registered us."""
    return any(each.status in (100, 180, 183) for each in trial.messages[-2:]) or any(
        each.status == 200 for each in finals(trial.messages, "REGISTER")
    )


def of_codec(trial: Trial) -> Finding:
    offer, answer = trial.offer, trial.answer
    if answer is None:
        return wrong(Step.CODEC, "no_answer")
    common = [each for each in answer.codecs if offer and each in offer.codecs]
    values: dict[str, object] = {
        "theirs": ", ".join(answer.codecs) or "–",
        "ours": ", ".join(offer.codecs) if offer else "–",
    }
    if offer and offer.protected != answer.protected:
        return wrong(Step.CODEC, "encryption")
    if answer.port == 0 or not common:
        return wrong(Step.CODEC, "none", **values)
    if trial.attempt.outcome is CallOutcome.NO_AUDIO:
        return wrong(Step.CODEC, "not_up", **values)
    key = "protected" if answer.protected else "ok"
    return well(Step.CODEC, key if answer.signals_keys else f"{key}_without_keys", codec=common[0])


def nothing_dialled() -> Finding:
    """No number was given."""
    return unknown(Step.DIAL, "no_number")
