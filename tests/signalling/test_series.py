"""Attempts of one intent: what belongs together, why, and how it ended (RFC 3261 §8.1.3, §22, RFC 3263 §4.3)."""

from collections.abc import Callable

import pytest

from sipscope.model.series import RequestSeries
from sipscope.model.trace import Trace

TraceOf = Callable[[str], Trace]

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\ncarol 192.0.2.30\nproxy 192.0.2.1 proxy\n"
CREDENTIALS = '      Authorization: Digest username="alice", realm="r", nonce="n", uri="sip:bob", response="0"\n'
PROXY_CREDENTIALS = CREDENTIALS.replace("Authorization", "Proxy-Authorization")
FAILED_FIRST = "0.0 alice -> bob INVITE\n0.1 bob -> alice {status}\n0.2 alice -> bob ACK\n"
AGAIN = "{at} alice -> bob INVITE new\n{lines}"
ANSWERED = "5.0 bob -> alice 200\n5.1 alice -> bob ACK\n"


def series(trace: Trace, method: str = "INVITE") -> list[RequestSeries]:
    return [item for item in trace.series if item.method == method]


def reasons(item: RequestSeries) -> list[str]:
    return [attempt.reason.value for attempt in item.attempts]


@pytest.mark.parametrize(
    ("status", "lines", "reason"),
    [
        (401, CREDENTIALS, "credentials"),
        (407, PROXY_CREDENTIALS, "credentials"),
        (302, "", "redirect"),
        (415, "", "content"),
        (420, "", "extension"),
        (422, "      Session-Expires: 1800\n", "session-interval"),
        (488, "", "description"),
        (491, "", "glare"),
    ],
)
def test_correction_is_an_attempt_of_the_same_intent(trace_of: TraceOf, status: int, lines: str, reason: str) -> None:
    flow = FAILED_FIRST.format(status=status) + AGAIN.format(at=1.0, lines=lines) + ANSWERED
    (only,) = series(trace_of(PARTIES + flow))
    assert (reasons(only), only.outcome.value) == (["first", reason], "succeeded")


@pytest.mark.parametrize(
    ("status", "at", "lines"),
    [
        pytest.param(486, 1.0, "", id="busy is an answer: calling again is a new intent"),
        pytest.param(401, 1.0, "", id="no credentials answer the challenge"),
        pytest.param(503, 1.0, "", id="the same server asked again is no fail-over"),
        pytest.param(407, 400.0, PROXY_CREDENTIALS, id="minutes later it is another call"),
    ],
)
def test_new_intent_is_a_series_of_its_own(trace_of: TraceOf, status: int, at: float, lines: str) -> None:
    flow = FAILED_FIRST.format(status=status) + AGAIN.format(at=at, lines=lines)
    flow += f"{at + 1} bob -> alice 200\n{at + 1.1} alice -> bob ACK\n"
    assert [item.outcome.value for item in series(trace_of(PARTIES + flow))] == ["failed", "succeeded"]


def test_three_challenges_are_one_series_that_failed(trace_of: TraceOf) -> None:
    flow = FAILED_FIRST.format(status=401)
    for at in (1.0, 2.0):
        flow += AGAIN.format(at=at, lines=CREDENTIALS)
        flow += f"{at + 0.1} bob -> alice 401\n{at + 0.2} alice -> bob ACK\n"
    (only,) = series(trace_of(PARTIES + flow))
    assert (reasons(only), only.outcome.value) == (["first", "credentials", "credentials"], "failed")
    assert only.final is not None
    assert only.final.at == only.attempts[-1].transactions[0].responses[-1].at


def test_retry_of_a_proxy_is_no_attempt_of_the_caller(trace_of: TraceOf) -> None:
    flow = (
        "0.0 alice -> proxy INVITE to=bob\n"
        "0.1 proxy -> bob INVITE\n0.2 bob -> proxy 486\n0.3 proxy -> bob ACK\n"
        "0.4 proxy -> carol INVITE\n0.5 carol -> proxy 200\n0.6 proxy -> alice 200\n"
    )
    (only,) = series(trace_of(PARTIES + flow))
    assert (reasons(only), only.client, len(only.transactions)) == (["first"], "192.0.2.10", 1)


def test_series_without_an_answer_is_unanswered_only_when_its_time_is_over(trace_of: TraceOf) -> None:
    asked = "0.0 alice -> bob OPTIONS\n"
    (short,) = series(trace_of(PARTIES + asked), "OPTIONS")
    (long,) = series(trace_of(PARTIES + asked + "40 end\n"), "OPTIONS")
    assert (short.outcome.value, long.outcome.value) == ("pending", "unanswered")


def test_requests_within_a_dialog_are_told_from_those_that_begin_one(trace_of: TraceOf) -> None:
    flow = (
        "0.0 alice -> bob INVITE\n0.1 bob -> alice 200\n0.2 alice -> bob ACK\n"
        "1.0 alice -> bob INVITE\n1.1 bob -> alice 200\n1.2 alice -> bob ACK\n"
        "2.0 alice -> bob BYE\n2.1 bob -> alice 200\n"
    )
    trace = trace_of(PARTIES + flow)
    assert [(item.method, item.in_dialog) for item in trace.series] == [
        ("INVITE", False),
        ("INVITE", True),
        ("BYE", True),
    ]
    assert all(
        trace.index.series_of_transaction[each.id] is item for item in trace.series for each in item.transactions
    )
