"""A server doesn't know an event package, and is asked for it again and again, or says elsewhere that it does.

What it finds
    A SUBSCRIBE or PUBLISH of one client for one event and resource that is answered 489 twice or more. A single 489
    whose own Allow-Events, or the newest one that the same server sent before, lists the event. One 489 after which the
    client gives up is how it should be; a SUBSCRIBE with Expires 0 asks whether the event is known, and is let be.
Why it matters
    The feature doesn't exist on that server: no lamps, no synchronised settings. Clients that go on asking are load.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  SUBSCRIBE call=1
              Event: as-feature-event
              Expires: 600
        0.1   bob -> alice  489
        60.0  alice -> bob  SUBSCRIBE call=2
              Event: as-feature-event
              Expires: 600
        60.1  bob -> alice  489
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  SUBSCRIBE call=1
              Event: as-feature-event
              Expires: 600
        0.1   bob -> alice  489
              Allow-Events: dialog, presence
        90    end
What to check
    - Is the event package turned on at the server? Its Allow-Events tells what it knows.
    - Turn the feature off in the settings of the devices where the server hasn't got it.
Sources
    RFC 6665 §4.2.1.1; RFC 6665 §4.4.4; RFC 6665 §8.3.2; RFC 3903 §6
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.series import RequestSeries
from sipscope.model.time import in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import is_cut

_METHODS = frozenset({"SUBSCRIBE", "PUBLISH"})
TELLING_TIMES = 2

_Refused = tuple[RequestSeries, Request, Response]


@rule(
    "EVT-011",
    name="event-package-unsupported",
    severity=WARNING,
    since="0.1",
    subject=Trace,
    needs=("event", "response 489"),
)
def event_package_unsupported(_capture: Trace, trace: Trace) -> Iterator[Hit]:
    """A server that doesn't know the event answers 489 (RFC 6665 §4.2.1.1)."""
    refused: dict[tuple[str | None, ...], list[_Refused]] = {}
    for series in trace.series:
        if series.method not in _METHODS:
            continue
        final, request = series.final, series.attempts[-1].first
        if final is None or final.status != 489 or not isinstance(request, Request) or request.event is None:
            continue
        if request.expires == 0 or is_cut(request):
            continue
        refused.setdefault(_key(series, request), []).append((series, request, final))
    for items in refused.values():
        listing = _listing(items[0], trace)
        if listing is not None or len(items) >= TELLING_TIMES:
            yield _hit(items, listing)


def _key(series: RequestSeries, request: Request) -> tuple[str | None, ...]:
    resource = None if request.to is None else request.to.uri.address_of_record
    server = series.attempts[-1].transactions[0].key.server
    return (series.client, server, series.method, _event(request), resource)


def _event(request: Request) -> str:
    return "" if request.event is None else request.event.value.lower()


def _listing(item: _Refused, trace: Trace) -> Response | None:
    """The answer of that server in which Allow-Events lists the event: the 489 itself, or the newest before."""
    _, request, final = item
    if final.allow_events:
        return final if _lists(final, request) else None
    said = [
        message
        for message in trace.messages
        if isinstance(message, Response)
        and message.allow_events
        and message.at < final.at
        and message.hop.source == final.hop.source
    ]
    return said[-1] if said and _lists(said[-1], request) else None


def _lists(message: Response, request: Request) -> bool:
    return _event(request) in {event.lower() for event in message.allow_events}


def _hit(items: list[_Refused], listing: Response | None) -> Hit:
    series, request, final = items[0]
    words = f"{series.method} of {series.client} for {_event(request)} was answered {final.label}"
    if len(items) > 1:
        lasted = in_seconds(items[-1][1].at - request.at)
        words += f" {len(items)} times in {lasted:.0f} s"
    evidence = []
    if listing is not None:
        words += ", although Allow-Events of the server lists it"
        note = f"Allow-Events: {', '.join(listing.allow_events)}"
        evidence = [Evidence(frame=listing.frames[-1], note=note)]
    for _, asked, answer in items:
        evidence.append(Evidence(frame=asked.frames[-1], note=f"{series.method}, Event: {_event(asked)}"))
        if answer is not listing:
            evidence.append(Evidence(frame=answer.frames[-1], note=answer.label))
    return Hit(
        text=f"{words}.",
        evidence=tuple(evidence),
        at=items[min(len(items), TELLING_TIMES) - 1][2].at,
        identity=_key(series, request),
    )
