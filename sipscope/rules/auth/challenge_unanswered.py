"""A client never answers a challenge with credentials.

What it finds
    A 401 or 407 to a request without credentials for its realm, behind which the same client sends nothing with
    credentials for it within 64·T1 (32 s). For OPTIONS and BYE, which some leave unanswered on purpose, and for clients
    that never answer any challenge of the capture, as scanners do, it is information.
Why it matters
    The call or registration fails at once: the client has no credentials for that realm, doesn't know the algorithm,
    or never got the challenge.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  407
              Proxy-Authenticate: Digest realm="trunk.example.net", nonce="a"
        0.2   alice -> bob  ACK
        60    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  407
              Proxy-Authenticate: Digest realm="trunk.example.net", nonce="a"
        0.2   alice -> bob  ACK
        0.3   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Proxy-Authorization: Digest username="al", realm="trunk.example.net", nonce="a", uri="sip:x", response="0"
        0.4   bob -> alice  486
        0.5   alice -> bob  ACK
        60    end
What to check
    - Are credentials configured for exactly this realm?
    - Does the client know the algorithm that the challenge asks for?
    - Does the challenge reach the client? An INVITE's ACK shows that it did.
Sources
    RFC 3261 §8.1.3.5; RFC 3261 §22.2; RFC 3261 §22.3
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.series import RequestSeries
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.digest import CHALLENGING, SPELT, answered_later, realm_of
from sipscope.rules.unanswered import DEADLINE

_LEFT_ON_PURPOSE = frozenset({"OPTIONS", "BYE"})


@rule(
    "AUTH-002",
    name="challenge-unanswered",
    severity=WARNING,
    since="0.1",
    subject=RequestSeries,
    needs=(("response 401", "response 407"),),
)
def challenge_unanswered(series: RequestSeries, trace: Trace) -> Iterator[Hit]:
    """A client that is challenged sends its request again with credentials, if it is able to (RFC 3261 §22.2)."""
    challenge = series.final
    if challenge is None or challenge.status not in CHALLENGING:
        return
    last = series.attempts[-1].first
    if not isinstance(last, Request) or not guards.capture_continues(trace, challenge.at, DEADLINE):
        return
    realms = {realm_of(value) for value in challenge.challenges}
    if not realms or realms & {realm_of(value) for value in last.credentials} or answered_later(series, trace, realms):
        return
    yield _hit(series, trace, challenge, last)


def _answers_none(client: str, trace: Trace) -> bool:
    """Whether a client leaves several challenges and answers none: a scanner, or a probe."""
    challenged = [item for item in trace.series if item.client == client and _was_challenged(item)]
    return len(challenged) >= 3 and not any(
        item.first.credentials for series in challenged for item in series.transactions
    )


def _was_challenged(series: RequestSeries) -> bool:
    return any(item.final_status in CHALLENGING for item in series.transactions)


def _hit(series: RequestSeries, trace: Trace, challenge: Response, last: Request) -> Hit:
    doubts, confidence = [], Confidence.CERTAIN
    if all(item.ack is None for item in series.attempts[-1].transactions):
        doubts.append("Nothing shows that the challenge reached the client.")
        confidence = Confidence.LIKELY
    if guards.capture_lossy_near(trace, challenge.at, challenge.at + DEADLINE):
        doubts.append("The capture itself lost packets at that time.")
        confidence = Confidence.POSSIBLE
    value = challenge.challenges[0]
    probe = series.method in _LEFT_ON_PURPOSE or _answers_none(series.client, trace)
    algorithms = ", ".join(item.parameters.get("algorithm") or "MD5" for item in challenge.challenges)
    return Hit(
        text=(
            f"{series.client} never answered the {challenge.label} to its {series.method}: no request of it had "
            f"credentials for realm “{realm_of(value)}” ({algorithms}) within 32 s."
        ),
        evidence=(
            Evidence(frame=last.frames[-1], note=f"{series.method} without credentials for the realm"),
            Evidence(frame=challenge.frames[-1], note=f"{SPELT[value.header]} with realm “{realm_of(value)}”"),
        ),
        at=challenge.at,
        severity=INFO if probe else None,
        confidence=confidence,
        guards=tuple(doubts),
        identity=(series.client, series.method, value.header, realm_of(value)),
    )
