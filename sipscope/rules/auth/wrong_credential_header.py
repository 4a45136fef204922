"""Credentials stand in the header field of the other kind of challenge, or a challenge in that of the other status.

What it finds
    Behind a challenge in Proxy-Authenticate a request whose credentials for that realm stand in Authorization and not
    in Proxy-Authorization, and the reverse; a 407 that has WWW-Authenticate and no Proxy-Authenticate, and a 401 with
    Proxy-Authenticate and no WWW-Authenticate. Either may have challenges of both kinds where a proxy forked.
Why it matters
    Whoever challenged doesn't find the credentials, and challenges again until the client gives up.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  407
              Proxy-Authenticate: Digest realm="p", nonce="a"
        0.2   alice -> bob  ACK
        0.3   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Authorization: Digest username="al", realm="p", nonce="a", uri="sip:bob@192.0.2.20", response="0"
        0.4   bob -> alice  407
              Proxy-Authenticate: Digest realm="p", nonce="b"
        0.5   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  407
              Proxy-Authenticate: Digest realm="p", nonce="a"
        0.2   alice -> bob  ACK
        0.3   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Proxy-Authorization: Digest username="al", realm="p", nonce="a", uri="sip:bob@192.0.2.20", response="0"
        0.4   bob -> alice  486
        0.5   alice -> bob  ACK
What to check
    - WWW-Authenticate in a 401 asks for Authorization, Proxy-Authenticate in a 407 for Proxy-Authorization.
    - Is the element that challenges configured as a proxy where it should be a server, or the reverse?
Sources
    RFC 3261 §22.2; RFC 3261 §22.3; RFC 3261 §20.7; RFC 3261 §20.28
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.header_values import AuthenticationValue
from sipscope.model.message import Response
from sipscope.model.series import RequestSeries
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.digest import ANSWERING, CHALLENGING, SPELT, Round, digests, realm_of, rounds_of

_DUE = {401: "www-authenticate", 407: "proxy-authenticate"}


@rule(
    "AUTH-004",
    name="wrong-credential-header",
    severity=ERROR,
    since="0.1",
    subject=RequestSeries,
    needs=(("response 401", "response 407"),),
)
def wrong_credential_header(series: RequestSeries, _trace: Trace) -> Iterator[Hit]:
    """401 pairs with Authorization, 407 with Proxy-Authorization (RFC 3261 §22.2, §22.3)."""
    for attempt in series.attempts:
        final = attempt.final
        if final is not None and final.status in CHALLENGING and _has_the_other_kind_alone(final):
            yield _challenge_hit(series, final)
    for item in rounds_of(series):
        for challenge in digests(item.challenge.challenges):
            found = _misplaced(item, challenge)
            if found is not None:
                yield _hit(series, item, challenge, found)


def _has_the_other_kind_alone(final: Response) -> bool:
    kinds = {value.header for value in final.challenges}
    return bool(kinds) and _DUE[final.status] not in final.headers


def _misplaced(item: Round, challenge: AuthenticationValue) -> AuthenticationValue | None:
    """Credentials for the realm of a challenge that stand in the other header field alone."""
    realm = realm_of(challenge)
    wanted = {(value.header, realm_of(value)) for value in item.challenge.challenges}
    if _DUE[item.challenge.status] != challenge.header:
        return None
    own = [value for value in digests(item.retry.credentials) if realm_of(value) == realm]
    if not own or any(value.header == ANSWERING[challenge.header] for value in own):
        return None
    other = next(header for header in ANSWERING if header != challenge.header)
    already = {(value.header, realm_of(value)) for value in item.challenged.credentials}
    # One realm may serve a proxy and a server: credentials for the other one ride along.
    if (other, realm) in wanted or (own[0].header, realm) in already:
        return None
    return own[0]


def _hit(series: RequestSeries, item: Round, challenge: AuthenticationValue, found: AuthenticationValue) -> Hit:
    due, used = SPELT[ANSWERING[challenge.header]], SPELT[found.header]
    return Hit(
        text=(
            f"The {item.challenge.status} asked for {due}, but {series.method} came with {used} for realm "
            f"“{realm_of(challenge)}”: whoever challenged won't find the credentials."
        ),
        evidence=(
            Evidence(frame=item.challenge.frames[-1], note=f"{SPELT[challenge.header]} in the {item.challenge.label}"),
            Evidence(frame=item.retry.frames[-1], note=f"{used} instead of {due}"),
        ),
        at=item.retry.at,
        identity=(series.client, challenge.header, realm_of(challenge)),
    )


def _challenge_hit(series: RequestSeries, final: Response) -> Hit:
    due, used = SPELT[_DUE[final.status]], SPELT[final.challenges[0].header]
    return Hit(
        text=f"The {final.label} has {used} and no {due}, so the client can't know what is asked of it.",
        evidence=(Evidence(frame=final.frames[-1], note=f"{final.label} with {used}"),),
        at=final.at,
        identity=(series.client, final.hop.source, final.status, used),
    )
