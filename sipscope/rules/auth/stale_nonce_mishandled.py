"""A nonce grew old, and the server doesn't say so, or the client gives up although it does.

What it finds
    A challenge with `stale=true` behind which its client sends nothing with credentials for the realm within 64·T1
    (32 s). A challenge without `stale=true` for credentials whose nonce the same server had accepted of the same user
    before: where the client gives up, and where the server had accepted the nonce twice or more, takes the user's next
    credentials at once, and so was not after the password. A server that takes each nonce once is let be.
Why it matters
    The device asks the user for a password that was right, or stays off-line although the server would have had it.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  OPTIONS call=1
              Authorization: Digest username="al", realm="r", nonce="a", uri="sip:reg@192.0.2.1", response="0"
        0.1   reg -> alice  200
        600.0 alice -> reg  MESSAGE call=2
              Authorization: Digest username="al", realm="r", nonce="a", uri="sip:reg@192.0.2.1", response="0"
        600.1 reg -> alice  401
              WWW-Authenticate: Digest realm="r", nonce="b"
        700   end
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  OPTIONS call=1
              Authorization: Digest username="al", realm="r", nonce="a", uri="sip:reg@192.0.2.1", response="0"
        0.1   reg -> alice  200
        600.0 alice -> reg  MESSAGE call=2
              Authorization: Digest username="al", realm="r", nonce="a", uri="sip:reg@192.0.2.1", response="0"
        600.1 reg -> alice  401
              WWW-Authenticate: Digest realm="r", nonce="b", stale=true
        600.2 alice -> reg  MESSAGE call=2
              Authorization: Digest username="al", realm="r", nonce="b", uri="sip:reg@192.0.2.1", response="0"
        600.3 reg -> alice  200
        700   end
What to check
    - The server sets `stale=true` where it knows the nonce and its time is over.
    - Do several nodes share one address? Then each must know the nonces of the others.
    - The client sends its request again with the new nonce, without asking anybody.
Sources
    RFC 3261 §22.1; RFC 3261 §22.4; RFC 3261 §25.1
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.header_values import AuthenticationValue
from sipscope.model.message import Response
from sipscope.model.series import Attempt, RequestSeries
from sipscope.model.time import in_seconds
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.digest import ANSWERING, CHALLENGING, answered_later, digests, is_stale, nonce_of, realm_of
from sipscope.rules.unanswered import DEADLINE

_LEFT_ON_PURPOSE = frozenset({"OPTIONS", "BYE"})

REUSED = 2
"""Times that a server must have accepted a nonce to show that it doesn't want a new one for each request."""

_Uses = dict[tuple[object, ...], list[Attempt]]


@rule(
    "AUTH-007",
    name="stale-nonce-mishandled",
    severity=WARNING,
    since="0.1",
    subject=Trace,
    needs=(("authorization", "proxy-authorization"), ("response 401", "response 407")),
)
def stale_nonce_mishandled(_capture: Trace, trace: Trace) -> Iterator[Hit]:
    """A challenge tells with `stale=true` that the nonce alone was at fault (RFC 3261 §25.1, stale)."""
    accepted: _Uses = {}
    for series in trace.index.authenticating:
        for number, attempt in enumerate(series.attempts):
            if not attempt.first.credentials or attempt.final is None:
                continue
            following = series.attempts[number + 1] if number + 1 < len(series.attempts) else None
            if attempt.final.is_success:
                for value in digests(attempt.first.credentials):
                    accepted.setdefault(_key(attempt, value), []).append(attempt)
            elif attempt.final.status in CHALLENGING:
                yield from _challenged(series, attempt, attempt.final, following, accepted, trace)


def _key(attempt: Attempt, value: AuthenticationValue) -> tuple[object, ...]:
    hop = attempt.first.hop
    user = value.parameters.get("username")
    return (hop.source.address, hop.destination, value.header, user, realm_of(value), nonce_of(value))


def _challenged(
    series: RequestSeries,
    attempt: Attempt,
    challenge: Response,
    following: Attempt | None,
    accepted: _Uses,
    trace: Trace,
) -> Iterator[Hit]:
    """What is wrong behind one challenge of credentials."""
    for asked in digests(challenge.challenges):
        own = [
            value
            for value in digests(attempt.first.credentials)
            if (value.header, realm_of(value)) == (ANSWERING[asked.header], realm_of(asked)) and nonce_of(value)
        ]
        if not own or nonce_of(own[0]) == nonce_of(asked):
            continue
        uses = _counted(accepted.get(_key(attempt, own[0]), []), own[0])
        given_up = following is None and _is_given_up(series, challenge, realm_of(asked), trace)
        if is_stale(asked):
            # A nonce that the server issued a moment ago can't be old: AUTH-001 tells of a server that says so.
            if given_up and not _is_fresh(series, nonce_of(own[0])):
                yield _hit(series, attempt, challenge, asked, None)
        elif uses and (given_up or (len(uses) >= REUSED and _succeeds(following, asked))):
            yield _hit(series, attempt, challenge, asked, uses[-1])


def _counted(uses: list[Attempt], value: AuthenticationValue) -> list[Attempt]:
    """The uses before; none where the count of the nonce doesn't rise, which is a reason to challenge again."""
    count = value.parameters.get("nc")
    known = [one.parameters.get("nc") for use in uses for one in digests(use.first.credentials)]
    return [] if count is not None and count in known else uses


def _is_given_up(series: RequestSeries, challenge: Response, realm: str, trace: Trace) -> bool:
    return (
        series.method not in _LEFT_ON_PURPOSE
        and guards.capture_continues(trace, challenge.at, DEADLINE)
        and not guards.capture_lossy_near(trace, challenge.at, challenge.at + DEADLINE)
        and not answered_later(series, trace, {realm})
    )


def _is_fresh(series: RequestSeries, nonce: str) -> bool:
    """Whether the nonce came in this very series."""
    return any(
        nonce_of(value) == nonce
        for attempt in series.attempts
        if attempt.final is not None
        for value in attempt.final.challenges
    )


def _succeeds(following: Attempt | None, asked: AuthenticationValue) -> bool:
    """Whether the next attempt has the new nonce and is accepted."""
    if following is None or following.final is None or not following.final.is_success:
        return False
    return any(nonce_of(value) == nonce_of(asked) for value in digests(following.first.credentials))


def _hit(
    series: RequestSeries, attempt: Attempt, challenge: Response, asked: AuthenticationValue, used: Attempt | None
) -> Hit:
    realm = realm_of(asked)
    if used is None:
        text = (
            f"{series.client} gave up its {series.method} although the {challenge.label} said that only the nonce was"
        )
        text += f" too old (stale=true, realm “{realm}”)."
        evidence = []
    else:
        age = in_seconds(attempt.first.at - used.first.at)
        text = f"{challenge.hop.source.address} rejected credentials for realm “{realm}” without stale=true, although"
        text += f" it had accepted the same nonce {age:.0f} s before."
        evidence = [Evidence(frame=used.first.frames[-1], note="the same nonce, accepted")]
    evidence.append(Evidence(frame=attempt.first.frames[-1], note=f"{series.method} with credentials"))
    evidence.append(Evidence(frame=challenge.frames[-1], note=challenge.label))
    return Hit(
        text=text,
        evidence=tuple(evidence),
        at=challenge.at,
        confidence=Confidence.LIKELY,
        identity=(series.client, challenge.hop.source.address, asked.header, realm, used is None),
    )
