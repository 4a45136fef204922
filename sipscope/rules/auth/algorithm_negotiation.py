"""Basic authentication, or Digest algorithms that are offered or answered to the weaker side.

What it finds
    A challenge or credentials with the scheme Basic, which is an error. As warnings: a 401 or 407 in which MD5 stands
    before a stronger algorithm for the same realm, so that a client that takes the first takes the weaker; one that
    challenges twice for the same realm with the same algorithm and nonce. As information: a client that answers MD5
    where a stronger algorithm stood above it, although it answered a stronger one elsewhere in the capture.
    A server that offers MD5 alone is like nearly all, and let be; so are the algorithms of IMS, and challenges of one
    realm that a forking proxy put together.
Why it matters
    Basic sends the password as good as in the clear. With the weaker algorithm first, the stronger is never used.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
        0.1   reg -> alice  401
              WWW-Authenticate: Basic realm="pbx"
        0.2   alice -> reg  REGISTER
              Authorization: Basic YWw6c2VjcmV0
        0.3   reg -> alice  200
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
        0.1   reg -> alice  401
              WWW-Authenticate: Digest realm="r", nonce="a", algorithm=SHA-256, Digest realm="r", nonce="b"
        0.2   alice -> reg  REGISTER
              Authorization: Digest username="al", realm="r", nonce="a", uri="sip:192.0.2.1", algorithm=SHA-256
        0.3   reg -> alice  200
What to check
    - Turn Basic off; change a password that was sent with it over anything but TLS.
    - One challenge for each algorithm, the best first, MD5 last for those that know nothing else.
Sources
    RFC 3261 §22; RFC 3261 §22.1; RFC 3261 §22.3; RFC 3261 §22.4
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Evidence
from sipscope.model.header_values import AuthenticationValue
from sipscope.model.message import Message
from sipscope.model.series import RequestSeries
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, INFO, WARNING, Hit, rule
from sipscope.rules.digest import SPELT, Round, answers, digests, nonce_of, realm_of, rounds_of

_STRENGTH = {"MD5": 0, "SHA-256": 1, "SHA-512-256": 1}
"""Which algorithms are stronger than which; the two longer hashes are as good as each other."""


@rule(
    "AUTH-010",
    name="algorithm-negotiation",
    severity=WARNING,
    since="0.1",
    subject=Trace,
    needs=(("authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate"),),
)
def algorithm_negotiation(_capture: Trace, trace: Trace) -> Iterator[Hit]:
    """Servers must not challenge with Basic, nor accept it (RFC 3261 §22)."""
    challenged: list[tuple[RequestSeries, Round]] = []
    strong: set[str] = set()
    for series in trace.index.authenticating:
        for attempt in series.attempts:
            credentials = attempt.first.credentials
            if credentials:
                yield from _basic_hits(series, attempt.first, credentials)
                if any((_strength(value) or 0) > 0 for value in credentials):
                    strong.add(series.client)
            if attempt.final is not None and attempt.final.challenges:
                yield from _basic_hits(series, attempt.final, attempt.final.challenges)
                yield from _order_hits(series, attempt.final)
        if len(series.attempts) > 1:
            challenged += [(series, item) for item in rounds_of(series) if len(item.challenge.challenges) > 1]
    for series, item in challenged:
        if series.client in strong:
            yield from _weaker_hits(series, item)


def _strength(value: AuthenticationValue) -> int | None:
    """How strong the algorithm is, MD5 being meant where none is named; None where it isn't known."""
    if value.scheme.lower() != "digest":
        return None
    return _STRENGTH.get(_algorithm(value).removesuffix("-SESS"))


def _algorithm(value: AuthenticationValue) -> str:
    return (value.parameters.get("algorithm") or "MD5").upper()


def _basic_hits(series: RequestSeries, message: Message, values: Sequence[AuthenticationValue]) -> Iterator[Hit]:
    for value in values:
        if value.scheme.lower() == "basic":
            words = f"{message.hop.source.address} sent {SPELT[value.header]} with Basic"
            yield _hit(series, [message], f"{words}: whoever reads the message reads the password.", ERROR, value)
            return


def _order_hits(series: RequestSeries, challenge: Message) -> Iterator[Hit]:
    """Two challenges for one realm in one response."""
    for one, other in combinations(digests(challenge.challenges), 2):
        if (one.header, realm_of(one)) != (other.header, realm_of(other)):
            continue
        server, realm = challenge.hop.source.address, realm_of(one)
        before, behind = _strength(one), _strength(other)
        if before is not None and behind is not None and before < behind:
            words = f"{server} offers {_algorithm(one)} before {_algorithm(other)} for realm “{realm}”: a client that "
            yield _hit(series, [challenge], f"{words}takes the first takes the weaker.", WARNING, one)
        elif (_algorithm(one), nonce_of(one)) == (_algorithm(other), nonce_of(other)):
            words = f"{server} challenges twice for realm “{realm}” with {_algorithm(one)} and the same nonce."
            yield _hit(series, [challenge], words, WARNING, one)


def _weaker_hits(series: RequestSeries, item: Round) -> Iterator[Hit]:
    """The weaker of two algorithms is answered, by a client that knows a stronger one."""
    for number, challenge in enumerate(digests(item.challenge.challenges)):
        given = [value for value in digests(item.retry.credentials) if answers(value, challenge)]
        if not given or any((_strength(value) or 0) > 0 for value in given):
            continue
        above = [
            one
            for one in digests(item.challenge.challenges)[:number]
            if realm_of(one) == realm_of(challenge) and (_strength(one) or 0) > 0
        ]
        if above and _strength(given[0]) == 0:
            words = (
                f"{series.client} answered with {_algorithm(given[0])} where {_algorithm(above[0])} stood first for "
            )
            words += f"realm “{realm_of(challenge)}”, although it uses a stronger algorithm elsewhere."
            yield _hit(series, [item.challenge, item.retry], words, INFO, given[0])
            return


def _hit(
    series: RequestSeries, messages: Sequence[Message], text: str, severity: Severity, value: AuthenticationValue
) -> Hit:
    # A proxy that forks puts challenges of several servers into one response (RFC 3261 §22.3).
    forked = severity is WARNING and series.method != "REGISTER"
    return Hit(
        text=text,
        evidence=tuple(
            Evidence(frame=message.frames[-1], note=", ".join(_noted(message, value.header))) for message in messages
        ),
        at=messages[-1].at,
        severity=severity,
        confidence=Confidence.LIKELY if forked else Confidence.CERTAIN,
        guards=("A proxy that forked may have put challenges of several servers together.",) if forked else (),
        identity=(text,),
    )


def _noted(message: Message, header: str) -> Iterator[str]:
    """Scheme and algorithm of each value, nothing secret: credentials of Basic are the password."""
    for value in (*message.challenges, *message.credentials):
        if value.header == header or len(message.challenges) > 1:
            yield f"{value.scheme} {_algorithm(value)}" if value.scheme.lower() == "digest" else value.scheme
