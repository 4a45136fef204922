"""A PUBLISH is none of the four that there are.

What it finds
    A PUBLISH without Event, or with several entity-tags in SIP-If-Match; one that removes state and has a body; one
    without entity-tag that has no body, or asks for Expires 0, and isn't accepted. As a warning: a removal with a body
    that is accepted all the same, and a PUBLISH of the same event that is sent before the one before it was answered. A
    first publication without a body is left alone where it is accepted, since its package may have a meaning for it.
Why it matters
    It is refused with 400, 412 or 489, so presence isn't updated; or it wipes state that was meant to stay.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  PUBLISH new call=1
              Event: presence
              Expires: 3600
        0.1   bob -> alice  400
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  PUBLISH new call=1
              Event: presence
              Expires: 3600
              SIP-If-Match: dx200xyz
        0.1   bob -> alice  200
              SIP-ETag: kwj449x
              Expires: 1800
What to check
    - Initial: a body and no SIP-If-Match. Refresh: SIP-If-Match and no body. Modify: both. Remove: SIP-If-Match,
      Expires 0 and no body.
    - Did the client lose its entity-tag, and refresh without it?
Sources
    RFC 3903 §4; RFC 3903 §4.1; RFC 3903 §4.2; RFC 3903 §4.5; RFC 3903 §6
"""

from collections.abc import Iterator

from sipscope.model.defects import Severity
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.publication import Publication
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.publications import evidence_of, publication_words


@rule("EVT-014", name="publish-malformed", severity=ERROR, since="0.1", subject=Trace)
def publish_malformed(trace: Trace, _same: Trace) -> Iterator[Hit]:
    """Body, SIP-If-Match and Expires tell which of four operations a PUBLISH is (RFC 3903 §4.1)."""
    for publication in trace.publications:
        for step in publication.steps:
            fault = _fault(step.transaction, step.request)
            if fault is None:
                continue
            severity, words = fault
            yield Hit(
                text=f"A PUBLISH of {publication_words(publication)} {words}; {_answer(step.transaction)}.",
                evidence=evidence_of(step),
                at=step.at,
                severity=severity,
                identity=(publication.resource, publication.event, publication.client, words),
            )
    yield from _overlapping(trace)


def _fault(transaction: Transaction, request: Request) -> tuple[Severity, str] | None:
    if request.event is None and not request.headers.get("event"):
        return ERROR, "has no Event"
    tags = ",".join(request.headers.all("sip-if-match"))
    if "," in tags:
        return ERROR, "names several entity-tags in SIP-If-Match"
    final = transaction.final
    return _tagged_fault(request, final) if tags else _initial_fault(request, final)


def _tagged_fault(request: Request, final: Response | None) -> tuple[Severity, str] | None:
    if request.expires != 0 or not _has_body(request):
        return None
    return (WARNING if final is not None and final.is_success else ERROR), "removes the state and has a body"


def _initial_fault(request: Request, final: Response | None) -> tuple[Severity, str] | None:
    if final is None or final.is_success:
        return None
    if not _has_body(request):
        return ERROR, "has neither an entity-tag nor a body"
    return (ERROR, "has no entity-tag and asks for Expires 0") if request.expires == 0 else None


def _has_body(request: Request) -> bool:
    """Whether it has one, or says so where the capture cut it."""
    return bool(request.body) or bool(request.content_length)


def _answer(transaction: Transaction) -> str:
    return "no answer is in the capture" if transaction.final is None else f"the answer was {transaction.final.label}"


def _overlapping(trace: Trace) -> Iterator[Hit]:
    """A client waits for the answer before it publishes again for one Request-URI (RFC 3903 §4)."""
    steps = [(publication, step) for publication in trace.publications for step in publication.steps]
    steps.sort(key=lambda pair: (pair[1].at, pair[1].request.frames))
    pending: dict[tuple[str, str, str], tuple[Publication, Transaction]] = {}
    for publication, step in steps:
        # Behind a proxy the client node stands for many clients.
        if len(step.request.vias) != 1:
            continue
        key = (publication.resource, publication.event, publication.client)
        before = pending.get(key)
        final = None if before is None else before[1].final
        if before is not None and final is not None and final.at > step.at:
            yield Hit(
                text=(
                    f"A PUBLISH of {publication_words(publication)} was sent before the one before it was answered "
                    f"({final.label})."
                ),
                evidence=(
                    Evidence(frame=before[1].first.frames[-1], note="PUBLISH"),
                    Evidence(frame=step.request.frames[-1], note="the next PUBLISH"),
                    Evidence(frame=final.frames[-1], note=f"{final.label} to the first"),
                ),
                at=step.at,
                severity=WARNING,
                identity=(*key, "overlapping"),
            )
        pending[key] = (publication, step.transaction)
