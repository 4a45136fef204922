"""The count of a nonce doesn't rise: a server must take the request for a replay.

What it finds
    Two requests of one client and user whose credentials have the same realm and nonce, where the later one has an nc
    that is not higher; and an nc that is not eight hexadecimal digits. An error where the server then rejected the
    request, else a warning. Forks and copies of one request share their count, as its ACK and its CANCEL do; requests
    within a second of each other may have changed places.
Why it matters
    A server takes a count that it has seen for a replay and challenges again: calls get another round trip now and
    then, or fail.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  OPTIONS call=1
              Authorization: Digest username="al", realm="r", nonce="a", uri="x", qop=auth, nc=00000001, cnonce="c"
        0.1   reg -> alice  200
        60.0  alice -> reg  OPTIONS call=2
              Authorization: Digest username="al", realm="r", nonce="a", uri="x", qop=auth, nc=00000001, cnonce="d"
        60.1  reg -> alice  200
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  OPTIONS call=1
              Authorization: Digest username="al", realm="r", nonce="a", uri="x", qop=auth, nc=00000001, cnonce="c"
        0.1   reg -> alice  200
        60.0  alice -> reg  OPTIONS call=2
              Authorization: Digest username="al", realm="r", nonce="a", uri="x", qop=auth, nc=00000002, cnonce="d"
        60.1  reg -> alice  200
What to check
    - The client counts each nonce, over all its requests and over refreshes, and begins at 00000001.
    - Do several lines or processes of a device use one nonce, each with a count of its own?
Sources
    RFC 3261 §22.4; RFC 3261 §25.1
"""

import re
from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.header_values import AuthenticationValue
from sipscope.model.series import Attempt, AttemptReason
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.digest import SPELT, digests, is_rejection, nonce_of, realm_of
from sipscope.rules.exchanges import is_cut

REORDERING: Duration = SECOND
"""Requests so near to each other may have changed places."""

_COUNT = re.compile(r"[0-9A-Fa-f]{8}")

_Use = tuple[Attempt, AuthenticationValue]


@rule(
    "AUTH-006",
    name="nonce-count-broken",
    severity=ERROR,
    since="0.1",
    subject=Trace,
    needs=(("authorization", "proxy-authorization"),),
)
def nonce_count_broken(_capture: Trace, trace: Trace) -> Iterator[Hit]:
    """The nc of eight hexadecimal digits counts the requests with a nonce (RFC 3261 §25.1, nonce-count)."""
    newest: dict[tuple[object, ...], _Use] = {}
    for attempt, value in _uses(trace):
        count = value.parameters.get("nc") or ""
        if _COUNT.fullmatch(count) is None:
            yield _form_hit(attempt, value, count)
            continue
        # Port and user keep apart the devices behind one address, which may have got the same nonce.
        source = attempt.first.hop.source
        key = (source, value.header, value.parameters.get("username"), realm_of(value), nonce_of(value))
        before = newest.get(key)
        if before is None or _count_of(value) > _count_of(before[1]):
            newest[key] = (attempt, value)
        elif not _excused(before[0], attempt):
            yield _repeat_hit(before, (attempt, value))


def _uses(trace: Trace) -> Iterator[_Use]:
    """Every attempt with each of its credentials that counts, by time."""
    attempts = [
        attempt
        for series in trace.index.authenticating
        for attempt in series.attempts
        if attempt.first.credentials and not is_cut(attempt.first)
    ]
    for attempt in sorted(attempts, key=lambda attempt: (attempt.first.at, attempt.first.frames)):
        for value in digests(attempt.first.credentials):
            if "nc" in value.parameters and nonce_of(value):
                yield attempt, value


def _count_of(value: AuthenticationValue) -> int:
    return int(value.parameters.get("nc") or "0", 16)


def _excused(before: Attempt, after: Attempt) -> bool:
    """Whether both are one request, or may have changed places."""
    one, other = before.first, after.first
    if (one.call_id, one.cseq) == (other.call_id, other.cseq) or other.at - one.at < REORDERING:
        return True
    # Another server, or the same one that may have got nothing: the request is sent as it was.
    return after.reason is AttemptReason.FAILOVER or before.final is None


def _repeat_hit(before: _Use, after: _Use) -> Hit:
    (one, old), (other, value) = before, after
    counts = f"{old.parameters.get('nc')}, then {value.parameters.get('nc')}"
    final = other.final
    answer = "" if final is None else f" It was answered {final.label}."
    return Hit(
        text=(
            f"{SPELT[value.header]} of {other.first.hop.source.address} counts the nonce “{nonce_of(value)}” {counts}: "
            f"the server must take the later request for a replay.{answer}"
        ),
        evidence=(
            Evidence(frame=one.first.frames[-1], note=f"nc={old.parameters.get('nc')}"),
            Evidence(frame=other.first.frames[-1], note=f"nc={value.parameters.get('nc')} with the same nonce"),
        ),
        at=other.first.at,
        severity=None if is_rejection(final) else WARNING,
        identity=(other.first.hop.source, value.header, realm_of(value), value.parameters.get("username"), "repeated"),
    )


def _form_hit(attempt: Attempt, value: AuthenticationValue, count: str) -> Hit:
    request = attempt.first
    return Hit(
        text=f"{SPELT[value.header]} of {request.hop.source.address} has nc “{count}”, which is not eight hex digits.",
        evidence=(Evidence(frame=request.frames[-1], note=f"nc={count}"),),
        at=request.at,
        severity=None if is_rejection(attempt.final) else WARNING,
        identity=(request.hop.source, value.header, realm_of(value), value.parameters.get("username"), "form"),
    )
