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
#: Why the telephone network cleared a call (ITU-T Q.850 §2.2.7), where that says more than SIP's code: gateways send
#: 404 also where they know no way to a number that exists.
_BY_CAUSE: Mapping[int, CallOutcome] = {
    1: CallOutcome.WRONG_NUMBER,  # unallocated
    2: CallOutcome.CONGESTION,  # no route to the transit network
    3: CallOutcome.CONGESTION,  # no route to the destination
    17: CallOutcome.BUSY,
    18: CallOutcome.NO_ANSWER,  # no user responding
    19: CallOutcome.NO_ANSWER,
    20: CallOutcome.NO_ANSWER,  # subscriber absent: switched off
    21: CallOutcome.DECLINED,
    22: CallOutcome.WRONG_NUMBER,  # number changed
    27: CallOutcome.CONGESTION,  # destination out of order
    28: CallOutcome.WRONG_NUMBER,  # invalid number format
    34: CallOutcome.CONGESTION,  # no circuit
    38: CallOutcome.CONGESTION,  # network out of order
    41: CallOutcome.CONGESTION,  # temporary failure
    42: CallOutcome.CONGESTION,  # switching equipment congested
    44: CallOutcome.CONGESTION,  # requested circuit not available
    47: CallOutcome.CONGESTION,  # no resources
    52: CallOutcome.BARRED,  # outgoing calls
    55: CallOutcome.BARRED,  # incoming calls, in a closed group
    57: CallOutcome.BARRED,  # bearer capability not authorised
}
#: What no cause changes: it is about us or about their wish, and a gateway has no say in it.
_SIP_ALONE = frozenset((CallOutcome.REFUSED_US, CallOutcome.UNWANTED, CallOutcome.MOVED))

_RETRY: Mapping[CallOutcome, Retry] = {
    CallOutcome.ANSWERED: Retry.NEVER,
    CallOutcome.BUSY: Retry.MINUTES,
    CallOutcome.NO_ANSWER: Retry.ANOTHER_DAY,
    CallOutcome.DECLINED: Retry.ANOTHER_DAY,
    CallOutcome.UNWANTED: Retry.NEVER,
    CallOutcome.WRONG_NUMBER: Retry.NEVER,
    CallOutcome.MOVED: Retry.NEVER,
    CallOutcome.NOT_ALLOWED: Retry.NEVER,
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
    CallOutcome.NOT_ALLOWED: "4.10",
    CallOutcome.BARRED: "3.15",
    CallOutcome.CONGESTION: "3.16",
    CallOutcome.UNREACHED: "3.16",
    CallOutcome.REFUSED_US: "3.16",
    CallOutcome.NO_AUDIO: "3.16",
    CallOutcome.FAULT: "3.16",
}


def outcome_of(sip_code: int, q850: int = 0) -> CallOutcome:
    """What a final response to our INVITE means. 0 is no response at all; 200 to 299 is an answer.

    `q850`: the cause in its `Reason` header (RFC 3326), where the call came to an end in the telephone network; else 0.

    Raises ValueError for what is no final response.
    """
    if sip_code == 0:
        return CallOutcome.UNREACHED
    if 200 <= sip_code < 300:
        return CallOutcome.ANSWERED
    if not 300 <= sip_code < 700:
        raise ValueError(f"{sip_code} is no final response of SIP")
    by_sip = _BY_CODE.get(sip_code, _BY_CLASS[sip_code // 100])
    return by_sip if by_sip in _SIP_ALONE else _BY_CAUSE.get(q850, by_sip)


def retry_of(outcome: CallOutcome) -> Retry:
    """When another try makes sense, as far as this one tells. NEVER for an answer: what was said there decides."""
    return _RETRY[outcome]


def aapor_code(outcome: CallOutcome) -> str:
    """AAPOR's code; "" for an answered call, whose survey has a `Disposition`."""
    return _AAPOR.get(outcome, "")
