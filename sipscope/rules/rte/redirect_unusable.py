"""A redirection leads nowhere.

What it finds
    A request that ends with 300, 301, 302 or 305 whose only Contacts are the Request-URI itself; a client that follows
    redirections to a URI where it was before; more than five redirections in a row. As a warning: such a response
    without any Contact. Two URIs that differ in a parameter, such as transport, are two. What another attempt mends is
    left alone, and so is 380.
Why it matters
    Calls that are forwarded fail, or go round in circles until somebody hangs up.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE call=1
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  302
              Contact: <sip:bob@192.0.2.20>
        0.2   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE call=1
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  302
              Contact: <sip:carol@198.51.100.9>
        0.2   alice -> bob  ACK
What to check
    - Who forwards to whom? The chain of Request-URIs and Contacts names the number that closes the circle.
    - Does the redirect server look its target up in the same table that led to it?
Sources
    RFC 3261 §8.1.3.4; RFC 3261 §8.3; RFC 3261 §13.3.1.2; RFC 3261 §21.3
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Severity
from sipscope.model.finding import Evidence
from sipscope.model.header_values import Uri
from sipscope.model.series import Attempt, AttemptReason, RequestSeries, SeriesOutcome
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule

_STATUSES = frozenset({300, 301, 302, 305})
_USE_PROXY = 305
_MOST_STEPS = 5


@rule("RTE-001", name="redirect-unusable", severity=ERROR, since="0.1", subject=RequestSeries, needs=("response 3xx",))
def redirect_unusable(series: RequestSeries, _trace: Trace) -> Iterator[Hit]:
    """Nobody redirects a request to the URI in its Request-URI (RFC 3261 §8.3), or tries one twice (§8.1.3.4)."""
    redirected = [item for item in series.attempts if item.final is not None and 300 <= item.final.status < 400]
    if not redirected or series.outcome is SeriesOutcome.SUCCEEDED:
        return
    visited_again = _visited_again(series.attempts)
    if visited_again is not None:
        yield _hit(series, redirected, f"came back to {visited_again}, where it had been before", ERROR)
    elif len(redirected) > _MOST_STEPS:
        yield _hit(series, redirected, f"was redirected {len(redirected)} times in a row", ERROR)
    else:
        yield from _dead_end(series, redirected)


def _dead_end(series: RequestSeries, redirected: Sequence[Attempt]) -> Iterator[Hit]:
    """The last attempt, where it was redirected to nothing but itself, or to nothing."""
    last = series.attempts[-1]
    request, final = last.transactions[-1].request, last.final
    if request is None or final is None or final.status not in _STATUSES or series.in_dialog:
        return
    if "contact" not in final.headers:
        yield _hit(series, redirected[-1:], f"was answered {final.label} without a Contact to try", WARNING)
        return
    asked = request.request_uri
    if asked is not None and final.contacts and all(_same(asked, item.uri) for item in final.contacts):
        yield _hit(series, redirected[-1:], f"was redirected to {asked.text}, which it had asked for", ERROR)


def _visited_again(attempts: Sequence[Attempt]) -> str | None:
    """The first URI that the Contacts of a redirection led to a second time; 305 leads to a proxy, not to a URI."""
    seen: list[Uri] = []
    for before, attempt in zip((None, *attempts), attempts, strict=False):
        uris = [item.request.request_uri for item in attempt.transactions if item.request is not None]
        known = [uri for uri in uris if uri is not None]
        final = None if before is None else before.final
        if attempt.reason is AttemptReason.REDIRECT and final is not None and final.status != _USE_PROXY:
            named = [uri for uri in known if any(_same(uri, item.uri) for item in final.contacts)]
            again = next((uri for uri in named if any(_same(uri, other) for other in seen)), None)
            if again is not None:
                return again.text
        seen += known
    return None


def _same(one: Uri, other: Uri) -> bool:
    """Whether two URIs are equal in every part, which is stricter than RFC 3261 §19.1.4: in doubt they differ."""
    return _parts(one) == _parts(other)


def _parts(uri: Uri) -> tuple[object, ...]:
    parameters = sorted((name.lower(), (value or "").lower()) for name, value in uri.parameters)
    return (uri.scheme, uri.user, uri.password, uri.host, uri.port, parameters, uri.headers)


def _hit(series: RequestSeries, shown: Sequence[Attempt], words: str, severity: Severity) -> Hit:
    return Hit(
        text=f"The {series.method} {words}.",
        evidence=tuple(evidence for attempt in shown for evidence in _evidence(attempt)),
        at=shown[-1].first.at,
        severity=severity,
        identity=(series.call_id, series.method, series.attempts[0].first.cseq, severity),
    )


def _evidence(attempt: Attempt) -> Iterator[Evidence]:
    for item in attempt.transactions:
        request = item.request
        if request is not None:
            yield Evidence(frame=request.frames[-1], note=f"{request.method} {request.request_uri_text}")
    final = attempt.final
    if final is not None:
        contacts = ", ".join(final.headers.all("contact")) or "none"
        yield Evidence(frame=final.frames[-1], note=f"{final.label}, Contact: {contacts}")
