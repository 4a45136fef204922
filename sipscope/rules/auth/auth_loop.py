"""Credentials that were made for a challenge are challenged again: a wrong password, or a wrong hash.

What it finds
    A request whose credentials have the realm and nonce of the challenge before it, and that is challenged again for
    the same realm in the same way without `stale=true`, where the attempt did not succeed in the end; or three
    challenges of one realm in an attempt that failed. Where the retry came more than ten seconds after the challenge,
    or the server says so, the nonce may be what was rejected, and that is not told. A challenge by a proxy and one by a
    server behind it are two realms, and no fault. Repeated attempts of one client are told once.
Why it matters
    The user is shut out, and the account may be locked. A registration that fails so looks like a time-out.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
        0.1   reg -> alice  401
              WWW-Authenticate: Digest realm="example.org", nonce="a"
        0.2   alice -> reg  REGISTER
              Authorization: Digest username="al", realm="example.org", nonce="a", uri="sip:192.0.2.1", response="0"
        0.3   reg -> alice  401
              WWW-Authenticate: Digest realm="example.org", nonce="b"
        40    end
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
        0.1   reg -> alice  401
              WWW-Authenticate: Digest realm="example.org", nonce="a"
        0.2   alice -> reg  REGISTER
              Authorization: Digest username="al", realm="example.org", nonce="a", uri="sip:192.0.2.1", response="0"
        0.3   reg -> alice  200
        40    end
What to check
    - Are user name and password those of this realm? The realm belongs to what is hashed.
    - Does the uri parameter of the credentials equal the Request-URI that was hashed?
    - Does an element in between change the method, the Request-URI or the credentials?
Sources
    RFC 3261 §22.1; RFC 3261 §22.2; RFC 3261 §22.3
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.header_values import AuthenticationValue
from sipscope.model.message import Response
from sipscope.model.series import RequestSeries, SeriesOutcome
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.digest import CHALLENGING, Round, answers, digests, is_stale, realm_of, rounds_of

PATIENCE: Duration = 10 * SECOND
"""How old a nonce may be and surely still be known to its server."""

TELLING_ROUNDS = 3
"""Challenges of one realm that no legitimate chain needs: one, and one more for a nonce that was stale."""


@rule(
    "AUTH-001",
    name="auth-loop",
    severity=ERROR,
    since="0.1",
    subject=RequestSeries,
    needs=("several attempts", ("response 401", "response 407")),
)
def auth_loop(series: RequestSeries, _trace: Trace) -> Iterator[Hit]:
    """A client must not try again with credentials that were just rejected (RFC 3261 §22.1)."""
    if len(series.attempts) < 2 or series.outcome is SeriesOutcome.SUCCEEDED:
        return
    found = _rejected(series) or _challenged_often(series)
    if found is not None:
        yield _hit(series, *found)


def _rejected(series: RequestSeries) -> tuple[Response, AuthenticationValue, str] | None:
    """The first challenge of credentials that were made for the challenge before."""
    for item in rounds_of(series):
        if item.answer is None or item.answer.status not in CHALLENGING or _nonce_may_be_old(item, item.answer):
            continue
        for credentials in digests(item.retry.credentials):
            made_for = [
                challenge for challenge in digests(item.challenge.challenges) if answers(credentials, challenge)
            ]
            for again in digests(item.answer.challenges):
                same = any((again.header, realm_of(again)) == (one.header, realm_of(one)) for one in made_for)
                if same and not is_stale(again):
                    return item.answer, again, credentials.parameters.get("username") or ""
    return None


def _nonce_may_be_old(item: Round, answer: Response) -> bool:
    """Whether the nonce may be what was rejected, although `stale=true` is missing: servers tell it in words, or not.

    A password that a person types takes longer than some nonces live.
    """
    phrase = answer.reason_phrase.lower()
    return item.retry.at - item.challenge.at > PATIENCE or "nonce" in phrase or "stale" in phrase


def _challenged_often(series: RequestSeries) -> tuple[Response, AuthenticationValue, str] | None:
    """The last of three challenges of one realm that had credentials for it before them."""
    counts: dict[tuple[str, str], int] = {}
    for item in rounds_of(series):
        users = {realm_of(value): value.parameters.get("username") or "" for value in digests(item.retry.credentials)}
        if item.answer is None or item.answer.status not in CHALLENGING:
            continue
        for again in digests(item.answer.challenges):
            key = (again.header, realm_of(again))
            counts[key] = counts.get(key, 1) + (realm_of(again) in users)
            if counts[key] >= TELLING_ROUNDS:
                return item.answer, again, users.get(realm_of(again), "")
    return None


def _hit(series: RequestSeries, again: Response, challenge: AuthenticationValue, user: str) -> Hit:
    final = series.final
    ending = "" if final is None or final is again else f" The attempt ended with {final.label}."
    lasted = in_seconds((again if final is None else final).at - series.started_at)
    evidence = []
    for transaction in series.transactions:
        note = "without credentials" if not transaction.first.credentials else "with credentials"
        evidence.append(Evidence(frame=transaction.first.frames[-1], note=f"{transaction.method} {note}"))
        if transaction.final is not None:
            evidence.append(Evidence(frame=transaction.final.frames[-1], note=transaction.final.label))
    return Hit(
        text=(
            f"The credentials of user “{user}” for realm “{realm_of(challenge)}” were rejected: {series.method} was "
            f"challenged again although it answered the challenge before, {len(series.attempts)} attempts in "
            f"{lasted:.1f} s.{ending}"
        ),
        evidence=tuple(evidence),
        at=again.at,
        identity=(series.client, series.method, challenge.header, realm_of(challenge), user),
    )
