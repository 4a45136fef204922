"""Credentials were made for another URI than the one that the request is sent to, and the request was rejected.

What it finds
    A request straight from its client, one Via on top, whose credentials have a uri parameter that differs from its
    Request-URI, and that was answered 400, 401, 403 or 407 without `stale=true`, and never accepted in a later attempt.
    Proxies change the Request-URI on the way, and a server may let both differ: neither is told, and nothing is said of
    a server that accepts another URI elsewhere in the capture.
Why it matters
    Strict servers reject the request whatever the password. Numbers that are rewritten behind the hash, and URI
    parameters such as `;transport=tcp`, are the common causes.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  MESSAGE uri=sip:100@example.org;transport=udp
        0.1   bob -> alice  407
              Proxy-Authenticate: Digest realm="r", nonce="a"
        0.3   alice -> bob  MESSAGE uri=sip:100@example.org;transport=udp
              Proxy-Authorization: Digest username="al", realm="r", nonce="a", uri="sip:100@example.org", response="0"
        0.4   bob -> alice  403
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  MESSAGE uri=sip:100@example.org
        0.1   bob -> alice  407
              Proxy-Authenticate: Digest realm="r", nonce="a"
        0.3   alice -> bob  MESSAGE uri=sip:100@example.org
              Proxy-Authorization: Digest username="al", realm="r", nonce="a", uri="sip:100@example.org", response="0"
        0.4   bob -> alice  403
What to check
    - The client hashes, and writes into uri, exactly the Request-URI that it sends, parameters included.
    - Does something rewrite the number between the making of the credentials and the sending?
Sources
    RFC 3261 §22.4
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.header_values import AuthenticationValue
from sipscope.model.message import Request, Response
from sipscope.model.series import RequestSeries, SeriesOutcome
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.digest import CHALLENGING, SPELT, digests, is_rejection, nonce_of, realm_of
from sipscope.rules.exchanges import is_cut


@rule(
    "AUTH-008",
    name="digest-uri-mismatch",
    severity=WARNING,
    since="0.1",
    subject=RequestSeries,
    needs=(("authorization", "proxy-authorization"), "response failure"),
)
def digest_uri_mismatch(series: RequestSeries, trace: Trace) -> Iterator[Hit]:
    """The uri of credentials is the Request-URI (RFC 3261 §22.4, items 3 and 6)."""
    if series.outcome is SeriesOutcome.SUCCEEDED:
        return
    for attempt in series.attempts:
        request, final = attempt.first, attempt.final
        if not request.credentials or final is None or not is_rejection(final) or not isinstance(request, Request):
            continue
        # Behind a proxy the Request-URI may have been changed rightly.
        if len(request.vias) != 1 or is_cut(request):
            continue
        for value in digests(request.credentials):
            hashed = value.parameters.get("uri")
            if not hashed or not nonce_of(value) or hashed == request.request_uri_text:
                continue
            lenient = (attempt.transactions[0].key.server, realm_of(value)) in trace.index.accepting_other_uris
            if _judges(value, final) and not lenient:
                yield _hit(series, request, final, value, hashed)


def _judges(value: AuthenticationValue, final: Response) -> bool:
    """Whether a rejection may be about these credentials: a challenge names its realm, another status nothing."""
    if final.status not in CHALLENGING:
        return True
    return any(one.parameters.get("realm") == value.parameters.get("realm") for one in final.challenges)


def _hit(series: RequestSeries, request: Request, final: Response, value: AuthenticationValue, hashed: str) -> Hit:
    sent = request.request_uri_text
    sure = final.status in CHALLENGING
    return Hit(
        text=(
            f"The credentials of {series.method} were made for {hashed}, but it was sent to {sent}, and answered "
            f"{final.label}."
        ),
        evidence=(
            Evidence(frame=request.frames[-1], note=f'{SPELT[value.header]} with uri="{hashed}", Request-URI {sent}'),
            Evidence(frame=final.frames[-1], note=final.label),
        ),
        at=request.at,
        confidence=Confidence.LIKELY if sure else Confidence.POSSIBLE,
        guards=("A server may let both differ; then something else was rejected.",),
        identity=(series.client, series.method, value.header, hashed, sent),
    )
