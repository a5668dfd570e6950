"""What a try to call comes to: from SIP's response codes to an outcome, its AAPOR code, and when to try again."""

from collections.abc import Mapping

from models.calling import CallOutcome, Retry

#: Final responses by what they mean for whoever is called (RFC 3261 §21, RFC 8197, RFC 8688).
_BY_CODE: Mapping[int, CallOutcome] = {
    301: CallOutcome.MOVED,
    302: CallOutcome.MOVED,
    305: CallOutcome.BARRED,  # use a proxy: our set-up names the only one
    401: CallOutcome.REFUSED_US,
    404: CallOutcome.WRONG_NUMBER,
    406: CallOutcome.REFUSED_US,
    407: CallOutcome.REFUSED_US,
    408: CallOutcome.NO_ANSWER,
    410: CallOutcome.WRONG_NUMBER,
    413: CallOutcome.REFUSED_US,
    415: CallOutcome.REFUSED_US,
    416: CallOutcome.REFUSED_US,
    420: CallOutcome.REFUSED_US,
    421: CallOutcome.REFUSED_US,
    422: CallOutcome.REFUSED_US,
    480: CallOutcome.NO_ANSWER,
    481: CallOutcome.CONGESTION,
    482: CallOutcome.CONGESTION,
    483: CallOutcome.CONGESTION,
    484: CallOutcome.WRONG_NUMBER,
    485: CallOutcome.WRONG_NUMBER,
    486: CallOutcome.BUSY,
    487: CallOutcome.NO_ANSWER,
    488: CallOutcome.REFUSED_US,
    491: CallOutcome.CONGESTION,
    493: CallOutcome.REFUSED_US,
    600: CallOutcome.BUSY,
    603: CallOutcome.DECLINED,
    604: CallOutcome.WRONG_NUMBER,
    606: CallOutcome.REFUSED_US,
    607: CallOutcome.UNWANTED,
    608: CallOutcome.BARRED,
}
#: What an unknown code is treated as: the x00 of its class (RFC 3261 §8.1.3.2).
_BY_CLASS: Mapping[int, CallOutcome] = {
    3: CallOutcome.MOVED,
    4: CallOutcome.BARRED,
    5: CallOutcome.CONGESTION,
    6: CallOutcome.DECLINED,
}

_RETRY: Mapping[CallOutcome, Retry] = {
    CallOutcome.ANSWERED: Retry.NEVER,
    CallOutcome.BUSY: Retry.MINUTES,
    CallOutcome.NO_ANSWER: Retry.ANOTHER_DAY,
    CallOutcome.DECLINED: Retry.ANOTHER_DAY,
    CallOutcome.UNWANTED: Retry.NEVER,
    CallOutcome.WRONG_NUMBER: Retry.NEVER,
    CallOutcome.MOVED: Retry.NEVER,
    CallOutcome.BARRED: Retry.ANOTHER_DAY,
    CallOutcome.CONGESTION: Retry.MINUTES,
    CallOutcome.UNREACHED: Retry.MINUTES,
    CallOutcome.REFUSED_US: Retry.ANOTHER_DAY,
    CallOutcome.NO_AUDIO: Retry.ANOTHER_DAY,
    CallOutcome.FAULT: Retry.MINUTES,
}

#: Final disposition codes of telephone surveys (AAPOR, Standard Definitions, 9th edition, 2016, table 1).
_AAPOR: Mapping[CallOutcome, str] = {
    CallOutcome.BUSY: "3.12",
    CallOutcome.NO_ANSWER: "3.13",
    CallOutcome.DECLINED: "2.20",
    CallOutcome.UNWANTED: "2.10",
    CallOutcome.WRONG_NUMBER: "4.30",
    CallOutcome.MOVED: "4.41",
    CallOutcome.BARRED: "3.15",
    CallOutcome.CONGESTION: "3.16",
    CallOutcome.UNREACHED: "3.16",
    CallOutcome.REFUSED_US: "3.16",
    CallOutcome.NO_AUDIO: "3.16",
    CallOutcome.FAULT: "3.16",
}


def outcome_of(sip_code: int) -> CallOutcome:
    """What a final response to our INVITE means. 0 is no response at all; 200 to 299 is an answer.

    Raises ValueError for what is no final response.
    """
    if sip_code == 0:
        return CallOutcome.UNREACHED
    if 200 <= sip_code < 300:
        return CallOutcome.ANSWERED
    if not 300 <= sip_code < 700:
        raise ValueError(f"{sip_code} is no final response of SIP")
    return _BY_CODE.get(sip_code, _BY_CLASS[sip_code // 100])


def retry_of(outcome: CallOutcome) -> Retry:
    """When another try makes sense, as far as this one tells. NEVER for an answer: what was said there decides."""
    return _RETRY[outcome]


def aapor_code(outcome: CallOutcome) -> str:
    """AAPOR's code; "" for an answered call, whose survey has a `Disposition`."""
    return _AAPOR.get(outcome, "")
