"""Which servers accept credentials that were made for another URI than the one the request is sent to."""

from collections.abc import Iterable

from sipscope.model.message import Request
from sipscope.model.series import RequestSeries, SeriesOutcome


def accepting_other_uris(series: Iterable[RequestSeries]) -> frozenset[tuple[str, str]]:
    """Servers and realms that are seen to accept them, as a server may (RFC 3261 §22.4 items 3 and 6)."""
    found: set[tuple[str, str]] = set()
    for item in series:
        attempt = item.attempts[-1]
        request = attempt.first
        if not isinstance(request, Request) or not request.credentials:
            continue
        if item.outcome is not SeriesOutcome.SUCCEEDED:
            continue
        for value in request.credentials:
            uri = value.parameters.get("uri")
            if uri and uri != request.request_uri_text:
                found.add((attempt.transactions[0].key.server, value.parameters.get("realm") or ""))
    return frozenset(found)
