"""Credentials answer no challenge: realm, nonce, opaque or algorithm is not what was asked for.

What it finds
    A request sent again behind a challenge, in whose credentials of the right kind the realm is none that was asked
    for, or the nonce is none that the capture shows, or opaque or algorithm differs from the challenge with that nonce.
    Credentials for other realms may ride along, and those that a client kept from before are let be.
Why it matters
    The request is rejected whatever the password. A session border controller or a load balancer often is the cause: it
    sends the retry to a node that did not issue the nonce, or changes the realm.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
        0.1   reg -> alice  401
              WWW-Authenticate: Digest realm="example.org", nonce="a"
        0.2   alice -> reg  REGISTER
              Authorization: Digest username="al", realm="sip.example.org", nonce="a", uri="sip:192.0.2.1", response="0"
        0.3   reg -> alice  401
              WWW-Authenticate: Digest realm="example.org", nonce="b"
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
        0.1   reg -> alice  401
              WWW-Authenticate: Digest realm="example.org", nonce="a"
        0.2   alice -> reg  REGISTER
              Authorization: Digest username="al", realm="example.org", nonce="a", uri="sip:192.0.2.1", response="0"
        0.3   reg -> alice  200
What to check
    - Realm, nonce and opaque are copied from the challenge as they are, letter by letter.
    - Do several nodes share one address? Then they must share their nonces, or keep a client at one node.
    - Is the realm set by hand in the client? Let it take the one of the challenge.
Sources
    RFC 3261 §22.1; RFC 3261 §22.3; RFC 3261 §22.4
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.header_values import AuthenticationValue
from sipscope.model.series import RequestSeries
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.digest import Round, answers, answers_kind, digests, nonce_of, realm_of, rounds_of


@rule(
    "AUTH-005",
    name="realm-or-nonce-mismatch",
    severity=ERROR,
    since="0.1",
    subject=RequestSeries,
    needs=("several attempts", ("response 401", "response 407")),
)
def realm_or_nonce_mismatch(series: RequestSeries, trace: Trace) -> Iterator[Hit]:
    """The realm string alone defines what credentials protect (RFC 3261 §22.1)."""
    if len(series.attempts) < 2:
        return
    for item in rounds_of(series):
        difference = _difference(item, trace)
        if difference is not None and not guards.capture_lossy_near(trace, item.challenge.at, item.retry.at):
            yield _hit(series, item, difference)


def _difference(item: Round, trace: Trace) -> str | None:
    """What is wrong with the credentials, in words."""
    challenges = digests(item.challenge.challenges)
    # An empty nonce is how IMS clients tell their name before any challenge.
    given = [value for value in digests(item.retry.credentials) if nonce_of(value)]
    fitting = [value for value in given if any(answers_kind(value, challenge) for challenge in challenges)]
    if not fitting or len(challenges) != len(item.challenge.challenges):
        return None
    realms = {realm_of(challenge) for challenge in challenges}
    if not realms & {realm_of(value) for value in given}:
        return _foreign_realm(item, fitting, realms)
    for value in fitting:
        difference = _parameter_difference(value, challenges, trace)
        if realm_of(value) in realms and difference is not None:
            return difference
    return None


def _foreign_realm(item: Round, fitting: list[AuthenticationValue], realms: set[str]) -> str | None:
    """The realm that was made up: neither asked for, nor one whose credentials the request had before."""
    before = {realm_of(value) for value in item.challenged.credentials}
    made_up = [realm_of(value) for value in fitting if realm_of(value) not in before]
    asked = " or ".join(f"“{realm}”" for realm in sorted(realms))
    return f"the realm is “{made_up[0]}”, asked for is {asked}" if made_up else None


def _parameter_difference(
    value: AuthenticationValue, challenges: list[AuthenticationValue], trace: Trace
) -> str | None:
    same_realm = [one for one in challenges if answers_kind(value, one) and realm_of(one) == realm_of(value)]
    own = [one for one in same_realm if answers(value, one)]
    if not same_realm:
        return None
    if not own:
        issued = _is_issued(nonce_of(value), trace)
        return None if issued else f"the nonce “{nonce_of(value)}” is none that was issued"
    for name, default in (("opaque", ""), ("algorithm", "MD5")):
        given = value.parameters.get(name) or default
        wanted = [one.parameters.get(name) or default for one in own]
        if name == "algorithm":
            given, wanted = given.upper(), [text.upper() for text in wanted]
        if given not in wanted:
            return f"{name} is “{given}”, asked for is “{wanted[0]}”"
    return None


def _is_issued(nonce: str, trace: Trace) -> bool:
    """Whether any answer of the capture has that nonce, in a challenge or in Authentication-Info."""
    for message in trace.messages:
        if any(nonce_of(value) == nonce for value in message.challenges):
            return True
        if nonce in (message.headers.get("authentication-info") or ""):
            return True
    return False


def _hit(series: RequestSeries, item: Round, difference: str) -> Hit:
    answer = "" if item.answer is None else f" It was answered {item.answer.label}."
    return Hit(
        text=f"The credentials of {series.method} don't fit the challenge before: {difference}.{answer}",
        evidence=(
            Evidence(frame=item.challenge.frames[-1], note=item.challenge.label),
            Evidence(frame=item.retry.frames[-1], note=difference),
        ),
        at=item.retry.at,
        identity=(series.client, series.method, difference),
    )
