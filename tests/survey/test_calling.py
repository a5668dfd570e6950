"""What SIP's responses mean for whoever is called, and when another try makes sense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calling import CallOutcome, Retry
from survey.calling import aapor_code, outcome_of, retry_of


@pytest.mark.parametrize(
    ("code", "outcome", "retry"),
    [
        (0, CallOutcome.UNREACHED, Retry.MINUTES),  # nobody responded
        (200, CallOutcome.ANSWERED, Retry.NEVER),
        (301, CallOutcome.MOVED, Retry.NEVER),  # moved permanently
        (302, CallOutcome.MOVED, Retry.NEVER),  # moved temporarily
        (305, CallOutcome.BARRED, Retry.ANOTHER_DAY),  # use proxy
        (400, CallOutcome.BARRED, Retry.ANOTHER_DAY),  # bad request
        (401, CallOutcome.REFUSED_US, Retry.ANOTHER_DAY),  # unauthorized
        (402, CallOutcome.BARRED, Retry.ANOTHER_DAY),  # payment required
        (403, CallOutcome.BARRED, Retry.ANOTHER_DAY),  # forbidden
        (404, CallOutcome.WRONG_NUMBER, Retry.NEVER),  # not found: unallocated
        (405, CallOutcome.BARRED, Retry.ANOTHER_DAY),  # method not allowed
        (406, CallOutcome.REFUSED_US, Retry.ANOTHER_DAY),  # not acceptable
        (407, CallOutcome.REFUSED_US, Retry.ANOTHER_DAY),  # proxy authentication required
        (408, CallOutcome.NO_ANSWER, Retry.ANOTHER_DAY),  # request timeout
        (410, CallOutcome.WRONG_NUMBER, Retry.NEVER),  # gone: number changed
        (413, CallOutcome.REFUSED_US, Retry.ANOTHER_DAY),  # request entity too large
        (414, CallOutcome.BARRED, Retry.ANOTHER_DAY),  # request-URI too long
        (415, CallOutcome.REFUSED_US, Retry.ANOTHER_DAY),  # unsupported media type
        (416, CallOutcome.REFUSED_US, Retry.ANOTHER_DAY),  # unsupported URI scheme
        (420, CallOutcome.REFUSED_US, Retry.ANOTHER_DAY),  # bad extension
        (421, CallOutcome.REFUSED_US, Retry.ANOTHER_DAY),  # extension required
        (422, CallOutcome.REFUSED_US, Retry.ANOTHER_DAY),  # session interval too small
        (433, CallOutcome.BARRED, Retry.ANOTHER_DAY),  # anonymity disallowed
        (480, CallOutcome.NO_ANSWER, Retry.ANOTHER_DAY),  # temporarily unavailable: switched off
        (481, CallOutcome.CONGESTION, Retry.MINUTES),  # call does not exist
        (482, CallOutcome.CONGESTION, Retry.MINUTES),  # loop detected
        (483, CallOutcome.CONGESTION, Retry.MINUTES),  # too many hops
        (484, CallOutcome.WRONG_NUMBER, Retry.NEVER),  # address incomplete
        (485, CallOutcome.WRONG_NUMBER, Retry.NEVER),  # ambiguous
        (486, CallOutcome.BUSY, Retry.MINUTES),
        (487, CallOutcome.NO_ANSWER, Retry.ANOTHER_DAY),  # request terminated
        (488, CallOutcome.REFUSED_US, Retry.ANOTHER_DAY),  # not acceptable here: no codec in common
        (491, CallOutcome.CONGESTION, Retry.MINUTES),  # request pending
        (493, CallOutcome.REFUSED_US, Retry.ANOTHER_DAY),  # undecipherable
        (500, CallOutcome.CONGESTION, Retry.MINUTES),
        (501, CallOutcome.CONGESTION, Retry.MINUTES),
        (502, CallOutcome.CONGESTION, Retry.MINUTES),
        (503, CallOutcome.CONGESTION, Retry.MINUTES),  # all circuits busy
        (504, CallOutcome.CONGESTION, Retry.MINUTES),
        (580, CallOutcome.CONGESTION, Retry.MINUTES),  # precondition failure
        (600, CallOutcome.BUSY, Retry.MINUTES),  # busy everywhere
        (603, CallOutcome.DECLINED, Retry.ANOTHER_DAY),
        (604, CallOutcome.WRONG_NUMBER, Retry.NEVER),  # does not exist anywhere
        (606, CallOutcome.REFUSED_US, Retry.ANOTHER_DAY),  # not acceptable
        (607, CallOutcome.UNWANTED, Retry.NEVER),
        (608, CallOutcome.BARRED, Retry.ANOTHER_DAY),  # rejected by a machine on the way
    ],
)
def test_what_a_response_means(code: int, outcome: CallOutcome, retry: Retry) -> None:
    assert outcome_of(code) is outcome
    assert retry_of(outcome) is retry


@given(st.integers(300, 699))
def test_every_final_response_means_something_and_none_is_an_answer(code: int) -> None:
    assert outcome_of(code) not in (CallOutcome.ANSWERED, CallOutcome.UNREACHED, CallOutcome.FAULT)


@pytest.mark.parametrize("code", [-1, 1, 100, 180, 199, 700, 4040])
def test_what_is_no_final_response_is_refused(code: int) -> None:
    with pytest.raises(ValueError, match="no final response"):
        outcome_of(code)


@pytest.mark.parametrize("outcome", CallOutcome)
def test_every_outcome_has_a_rule_and_all_but_an_answer_a_code_of_aapor(outcome: CallOutcome) -> None:
    assert retry_of(outcome) in Retry
    assert bool(aapor_code(outcome)) == (outcome is not CallOutcome.ANSWERED)


def test_only_numbers_that_lead_nowhere_or_must_not_be_called_are_given_up() -> None:
    assert {outcome for outcome in CallOutcome if retry_of(outcome) is Retry.NEVER} == {
        CallOutcome.ANSWERED,
        CallOutcome.MOVED,
        CallOutcome.NOT_ALLOWED,
        CallOutcome.UNWANTED,
        CallOutcome.WRONG_NUMBER,
    }


@pytest.mark.parametrize(
    ("code", "cause", "outcome"),
    [
        (404, 1, CallOutcome.WRONG_NUMBER),  # unallocated
        (404, 3, CallOutcome.CONGESTION),  # no route: the number may well exist
        (480, 18, CallOutcome.NO_ANSWER),
        (480, 22, CallOutcome.WRONG_NUMBER),  # number changed
        (500, 17, CallOutcome.BUSY),
        (403, 21, CallOutcome.DECLINED),
        (503, 41, CallOutcome.CONGESTION),
        (404, 16, CallOutcome.WRONG_NUMBER),  # normal clearing: says nothing
        (488, 17, CallOutcome.REFUSED_US),  # our set-up
        (607, 1, CallOutcome.UNWANTED),  # their wish
        (0, 17, CallOutcome.UNREACHED),
    ],
)
def test_why_the_network_ended_a_call_refines_what_sip_says(code: int, cause: int, outcome: CallOutcome) -> None:
    assert outcome_of(code, cause) is outcome
