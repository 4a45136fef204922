"""What the rules about publications share."""

from sipscope.model.finding import Evidence
from sipscope.model.publication import Publication, PublicationStep


def publication_words(publication: Publication) -> str:
    """Event and resource: `presence of sip:bob@example.org`."""
    return f"{publication.event or 'no event'} of {publication.resource}"


def evidence_of(step: PublicationStep) -> tuple[Evidence, ...]:
    """The PUBLISH with what tells its operation, and its final response with what it gives."""
    request, final = step.request, step.transaction.final
    body = f"{len(request.body)} bytes of body" if request.body else "no body"
    asked = f"Expires {request.expires}" if request.expires is not None else "no Expires"
    found = [Evidence(frame=request.frames[-1], note=f"PUBLISH, {_tag(step.asked_tag)}, {asked}, {body}")]
    if final is not None:
        given = f", SIP-ETag {step.given_tag}" if step.given_tag is not None else ""
        found.append(Evidence(frame=final.frames[-1], note=f"{final.label}{given}"))
    return tuple(found)


def _tag(tag: str | None) -> str:
    return "no SIP-If-Match" if tag is None else f"SIP-If-Match {tag}"
