"""A client doesn't do what a 423 says, or a server sends one where it mustn't.

What it finds
    Behind a 423 with Min-Expires: a client that asks for less again, be it at once or in its next attempt; a request
    that is refused with 423 three times running; a SUBSCRIBE or PUBLISH behind which nothing more of the kind comes
    within three minutes, where REG-001 tells of a REGISTER.
    A 423 to a request that asked for no time at all, or, but for PUBLISH, for an hour or more. A client that leaves the
    time to the server is let be. All this goes for REGISTER, SUBSCRIBE and PUBLISH.
Why it matters
    A phone never registers after the shortest interval of the registrar was raised.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
              Expires: 60
        0.1   reg -> alice  423
              Min-Expires: 600
        0.2   alice -> reg  REGISTER
              Expires: 60
        0.3   reg -> alice  423
              Min-Expires: 600
        1.0   end
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
              Expires: 60
        0.1   reg -> alice  423
              Min-Expires: 600
        0.2   alice -> reg  REGISTER
              Expires: 600
        0.3   reg -> alice  200
        1.0   end
What to check
    - Raise the interval in the device to the Min-Expires of the 423; it counts for every contact of the request.
    - Does an element in between set the interval down again?
    - A server that refuses an hour or more can grant less instead.
Sources
    RFC 3261 §10.2.8; RFC 3261 §10.3; RFC 3261 §20.23; RFC 3903 §5; RFC 3903 §6;
    RFC 6665 §4.2.1.1
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Response
from sipscope.model.series import RequestSeries
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import WARNING, Hit, rule

_METHODS = frozenset({"REGISTER", "SUBSCRIBE", "PUBLISH"})
_HOUR_S = 3600
_PATIENCE: Duration = 180 * SECOND
TELLING_REFUSALS = 3


@rule(
    "REG-006",
    name="interval-too-brief-loop",
    severity=WARNING,
    since="0.1",
    subject=RequestSeries,
    needs=("response 423",),
)
def interval_too_brief_loop(series: RequestSeries, trace: Trace) -> Iterator[Hit]:
    """A retry asks for Min-Expires or more (RFC 3261 §10.2.8)."""
    if series.method not in _METHODS:
        return
    refused = [
        (number, attempt.first, attempt.final)
        for number, attempt in enumerate(series.attempts)
        if attempt.final is not None and attempt.final.status == 423
    ]
    if not refused:
        return
    if len(refused) >= TELLING_REFUSALS:
        words = f"was refused with 423 {len(refused)} times"
        yield _hit(series, words, [message for _, *pair in refused for message in pair])
    for number, request, final in refused:
        yield from _needless(series, request, final)
        if len(refused) < TELLING_REFUSALS and final.min_expires is not None:
            following = series.attempts[number + 1].first if number + 1 < len(series.attempts) else None
            yield from _left_as_it_was(series, request, final, following, trace)


def asked_of(message: Message) -> int | None:
    """The shortest interval a request asks for, in seconds; None where it leaves it to the server."""
    own = [message.expires if contact.lifetime_s is None else contact.lifetime_s for contact in message.contacts]
    asked = own if own and message.cseq is not None and message.cseq.method == "REGISTER" else [message.expires]
    return min((seconds for seconds in asked if seconds is not None), default=None)


def _needless(series: RequestSeries, request: Message, final: Response) -> Iterator[Hit]:
    """A server may refuse what lies between nothing and an hour (RFC 3261 §10.3, step 7)."""
    asked = asked_of(request)
    if asked == 0:
        yield _hit(series, "asked for no time at all, and was refused with 423", [request, final])
    elif asked is not None and asked >= _HOUR_S and series.method != "PUBLISH":
        yield _hit(series, f"asked for {asked} s, and was refused with 423", [request, final])


def _left_as_it_was(
    series: RequestSeries, request: Message, final: Response, following: Message | None, trace: Trace
) -> Iterator[Hit]:
    """A client that asks for less again, or for nothing more."""
    after = following if following is not None else _next(series, request, final, trace)
    due = final.min_expires
    if after is None:
        # A registration that ends so is told by REG-001.
        complete = series.method != "REGISTER" and guards.capture_continues(trace, final.at, _PATIENCE)
        if complete and not guards.capture_lossy_near(trace, final.at, final.at + _PATIENCE):
            words = f"was refused with 423, Min-Expires {due}, and not sent again"
            yield _hit(series, words, [request, final], Confidence.LIKELY)
        return
    asked = asked_of(after)
    if asked and due is not None and asked < due:
        words = f"asked for {asked} s again, behind a 423 that says Min-Expires {due}"
        yield _hit(series, words, [request, final, after])


def _next(series: RequestSeries, request: Message, final: Response, trace: Trace) -> Message | None:
    """The client's next request of the kind for the same user, whatever its Call-ID."""
    start = bisect_left(trace.series, final.at, key=_started_at)
    for number in range(start, len(trace.series)):
        other = trace.series[number]
        first = other.attempts[0].first
        if (other.client, other.method, _parties(first)) == (series.client, series.method, _parties(request)):
            return first
    return None


def _started_at(series: RequestSeries) -> Instant:
    return series.started_at


def _parties(message: Message) -> tuple[str | None, ...]:
    return tuple(None if party is None else party.uri.address_of_record for party in (message.from_, message.to))


def _hit(
    series: RequestSeries, words: str, messages: Sequence[Message], confidence: Confidence = Confidence.CERTAIN
) -> Hit:
    evidence = [Evidence(frame=message.frames[-1], note=_note(series.method, message)) for message in messages]
    return Hit(
        text=f"{series.method} of {series.client} {words}.",
        evidence=tuple(evidence),
        at=messages[-1].at,
        confidence=confidence,
        identity=(series.client, series.method, _parties(messages[0]), words),
    )


def _note(method: str, message: Message) -> str:
    if isinstance(message, Response):
        return f"{message.label}, Min-Expires {message.min_expires}"
    asked = asked_of(message)
    return f"{method} without an interval" if asked is None else f"{method} for {asked} s"
