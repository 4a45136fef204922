"""A server that is out of service fails a request although another one could have served it.

What it finds
    A proxy that passes on the 503 of its only next hop; a request outside a dialog that ends with 503 at one server
    although the same client reaches the same domain by another server in the capture; and a client that turns to
    another server behind a 503 with the branch of the request that failed. Which servers a client knows by its
    configuration or from the DNS isn't known here, so a 503 alone is no fault.
Why it matters
    One dead server fails its share of all calls, while its neighbours have time.
Example
    Bad:
        alice 192.0.2.10
        proxy 192.0.2.1 proxy record-route
        bob   192.0.2.20
        0.0   alice -> proxy INVITE to=bob
              m=audio 4000 RTP/AVP 0
        0.01  proxy -> bob  INVITE
        0.1   bob -> proxy  503
        0.11  proxy -> alice 503
        0.12  proxy -> bob  ACK
        0.2   alice -> proxy ACK
        40    end
    Good:
        alice 192.0.2.10
        proxy 192.0.2.1
        bob   192.0.2.20
        0.0   alice -> proxy INVITE
              m=audio 4000 RTP/AVP 0
        0.1   proxy -> alice 503
        0.2   alice -> proxy ACK
        0.3   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.4   bob -> alice  486
        0.5   alice -> bob  ACK
        40    end
What to check
    - Does the client have the other server in its configuration, or in the SRV records of the domain?
    - A proxy answers 500 itself where its only next hop is out of service, or tries the next one.
    - Does the client send OPTIONS to its servers, and pass by those that don't answer?
Sources
    RFC 3261 §8.1.1.7; RFC 3261 §16.7; RFC 3261 §21.5.4
"""

from collections.abc import Iterator, Mapping, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.network_scope import Scope, scope_of
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule

OUT_OF_SERVICE = 503
"""Service Unavailable."""

Failed = tuple[Transaction, Request, Response]
"""A transaction with its request and the 503 to it."""


@rule(
    "RTE-002",
    name="server-failure-without-failover",
    severity=WARNING,
    since="0.1",
    subject=Trace,
    needs=("response 503",),
)
def server_failure_without_failover(trace: Trace, _: Trace) -> Iterator[Hit]:
    """A client that gets a 503 turns to another server (RFC 3261 §21.5.4), and a proxy keeps it (§16.7 step 6)."""
    failed = [
        (item, item.request, item.final)
        for item in trace.transactions
        if item.final is not None and item.final.status == OUT_OF_SERVICE and item.request is not None
    ]
    if not failed:
        return
    ways = _ways(trace)
    for item in failed:
        hit = _passed_on(trace, item) or _same_branch(trace, item) or _not_tried(trace, item, ways)
        if hit is not None:
            yield hit


def _passed_on(trace: Trace, failed: Failed) -> Hit | None:
    """A proxy that sends its client the 503 that the only next hop gave it."""
    transaction, request, final = failed
    onward = [
        item
        for item in trace.index.same_request(transaction)
        if item.key.client == transaction.key.server and len(item.first.vias) > len(request.vias)
    ]
    if len(onward) != 1 or onward[0].final is None or onward[0].final.status != OUT_OF_SERVICE:
        return None
    inner = onward[0].final
    if inner.to_tag != final.to_tag or inner.at > final.at:
        return None
    proxy = final.hop.source.address
    return Hit(
        text=(
            f"{proxy} passed on the {inner.label} of {inner.hop.source.address}, its only next hop for the "
            f"{request.method}: upstream it means that {proxy} itself is out of service."
        ),
        evidence=(
            Evidence(frame=request.frames[-1], note=request.method),
            Evidence(frame=inner.frames[-1], note=f"{inner.label} from the next hop"),
            Evidence(frame=final.frames[-1], note=f"{final.label} passed on"),
        ),
        at=final.at,
        confidence=Confidence.LIKELY,
        guards=("A proxy that can serve no request at all may pass the 503 on.",),
        identity=("passed on", proxy, inner.hop.source.address),
    )


def _same_branch(trace: Trace, failed: Failed) -> Hit | None:
    """The same client behind the 503, at another server, with the branch that the first one knows."""
    transaction, request, final = failed
    retry = next(
        (
            item.request
            for item in trace.index.same_request(transaction)
            if item.request is not None
            and item.key.client == transaction.key.client
            and item.key.server != transaction.key.server
            and item.key.branch == transaction.key.branch
            and item.started_at > final.at
        ),
        None,
    )
    if retry is None:
        return None
    return Hit(
        text=(
            f"{request.hop.source.address} turned from {request.hop.destination.address}, which is out of service, to "
            f"{retry.hop.destination.address} with the same branch: each attempt is a transaction of its own."
        ),
        evidence=(
            Evidence(frame=request.frames[-1], note=f"{request.method}, branch {transaction.key.branch}"),
            Evidence(frame=final.frames[-1], note=final.label),
            Evidence(frame=retry.frames[-1], note="the same branch to another server"),
        ),
        at=retry.at,
        identity=("branch", request.hop.source.address),
    )


Ways = Mapping[tuple[str, str], Sequence[Transaction]]
"""Requests outside dialogs that had an answer but 5xx, by their client and the domain they were sent to."""


def _ways(trace: Trace) -> Ways:
    found: dict[tuple[str, str], list[Transaction]] = {}
    for item in trace.transactions:
        domain = None if item.request is None else _domain(item.request)
        status = item.final_status
        if domain is not None and status is not None and not 500 <= status < 600 and status != 408:
            found.setdefault((item.key.client, domain), []).append(item)
    return found


def _domain(request: Request) -> str | None:
    """The domain of a request outside a dialog; None for an address, which is one server."""
    uri = request.request_uri
    if request.to_tag is not None or uri is None or scope_of(uri.host) is not Scope.NAME:
        return None
    return uri.host


def _not_tried(trace: Trace, failed: Failed, ways: Ways) -> Hit | None:
    """The 503 ends the attempt, and the client knows another server for the domain: it used that with success."""
    transaction, request, final = failed
    domain = _domain(request)
    series = trace.index.series_of_transaction.get(transaction.id)
    if domain is None or series is None or series.final is not final:
        return None
    servers = {item.key.server for item in series.transactions}
    other = next(
        (
            item
            for item in ways.get((transaction.key.client, domain), ())
            if item.method == transaction.method and item.key.server not in servers and item.started_at < request.at
        ),
        None,
    )
    if other is None or other.final is None:
        return None
    return Hit(
        text=(
            f"The {request.method} of {request.hop.source.address} to {domain} ended with {final.label} of "
            f"{request.hop.destination.address}, though {other.hop.destination.address} serves that domain as well."
        ),
        evidence=(
            Evidence(frame=other.first.frames[-1], note=f"{other.method} to the other server"),
            Evidence(frame=other.final.frames[-1], note=other.final.label),
            Evidence(frame=request.frames[-1], note=request.method),
            Evidence(frame=final.frames[-1], note=final.label),
        ),
        at=final.at,
        confidence=Confidence.LIKELY,
        identity=("not tried", request.hop.source.address, request.hop.destination.address, domain),
    )
