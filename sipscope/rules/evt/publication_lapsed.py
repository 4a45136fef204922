"""A publication ran out before its client refreshed it, so that watchers saw nothing of the user in between.

What it finds
    A PUBLISH with the newest SIP-ETag that is sent more than two seconds behind the end of what was granted, counted
    from the 2xx, and refused with 412. And a new initial PUBLISH of the same client behind that end, where the client
    sent something else about the time when it should have refreshed: one that was silent was switched off, and is let
    be, and so is one that took its publication back.
Why it matters
    Watchers see the user off-line until the next publication, again and again.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  PUBLISH new call=1
              Event: presence
              Expires: 120
              | <presence/>
              Content-Type: application/pidf+xml
        0.1   bob -> alice  200
              SIP-ETag: a1
              Expires: 120
        150   alice -> bob  PUBLISH new call=2
              Event: presence
              SIP-If-Match: a1
        150.1 bob -> alice  412
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  PUBLISH new call=1
              Event: presence
              Expires: 120
              | <presence/>
              Content-Type: application/pidf+xml
        0.1   bob -> alice  200
              SIP-ETag: a1
              Expires: 120
        100   alice -> bob  PUBLISH new call=2
              Event: presence
              SIP-If-Match: a1
        100.1 bob -> alice  200
              SIP-ETag: a2
              Expires: 120
What to check
    - The client counts from the Expires of the 2xx, which may be less than it asked for, and refreshes well before.
    - Did a refresh fail, or was it never sent?
Sources
    RFC 3903 §4.2; RFC 3903 §4.3
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.publication import Publication, PublicationOperation, PublicationStep
from sipscope.model.time import SECOND, Duration, Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.publications import evidence_of, publication_words

TOLERANCE: Duration = 2 * SECOND
"""A refresh so little too late may have been in time where the client is."""

_Key = tuple[str, ...]
_Ended = tuple[PublicationStep, Instant]


@rule("EVT-016", name="publication-lapsed", severity=WARNING, since="0.1", subject=Trace)
def publication_lapsed(_capture: Trace, trace: Trace) -> Iterator[Hit]:
    """A publication that isn't refreshed before its time is over expires (RFC 3903 §4.2, §4.3)."""
    ended: dict[_Key, _Ended] = {}
    for publication in trace.publications:
        key = _key(publication)
        first = publication.steps[0]
        before = ended.get(key)
        renewed = before is not None and first.operation is PublicationOperation.INITIAL and _is_late(before, first)
        if renewed and before is not None and _active(publication.client, *before, trace):
            yield _hit(publication, *before, first, trace)
        granted: _Ended | None = None
        for step in publication.steps:
            if granted is not None and step.transaction.final_status == 412 and _is_late(granted, step):
                yield _hit(publication, *granted, step, trace)
                # Its client publishes afresh behind the 412, and that was told.
                granted = None
                break
            granted = _granted(step) or (granted if step.transaction.final is None else None)
        if granted is None:
            ended.pop(key, None)
        else:
            ended[key] = granted


def _key(publication: Publication) -> _Key:
    """The client as it names itself, so that two behind one address stay apart."""
    vias = publication.steps[0].request.vias
    return (publication.client, publication.resource, publication.event, vias[-1].sent_by if vias else "")


def _granted(step: PublicationStep) -> _Ended | None:
    """The step, and when what it was granted ends; None for a removal and without a time."""
    final, seconds = step.transaction.final, step.granted_s
    if final is None or not seconds or step.operation is PublicationOperation.REMOVE:
        return None
    return step, final.at + seconds * SECOND


def _is_late(before: _Ended, step: PublicationStep) -> bool:
    newest = step.asked_tag in {None, before[0].given_tag}
    return newest and step.at > before[1] + TOLERANCE


def _active(client: str, granted: PublicationStep, ends: Instant, trace: Trace) -> bool:
    """Whether the client sent any request about the time when it should have refreshed."""
    quarter = (ends - granted.at) // 4
    return any(
        item.key.client == client and ends - quarter <= item.started_at <= ends + quarter
        for item in trace.transactions
        if item.method != "PUBLISH"
    )


def _hit(publication: Publication, before: PublicationStep, ends: Instant, late: PublicationStep, trace: Trace) -> Hit:
    lossy = guards.capture_lossy_near(trace, before.at, late.at)
    answer = late.transaction.final
    ending = f" with {answer.label}" if answer is not None and not answer.is_success else ""
    granted = evidence_of(before)[-1]
    return Hit(
        text=(
            f"The publication of {publication_words(publication)} ran out after {before.granted_s} s, and the next "
            f"PUBLISH came {in_seconds(late.at - ends):.0f} s later{' and ended' if ending else ''}{ending}: watchers "
            f"saw nothing in between."
        ),
        evidence=(
            Evidence(frame=granted.frame, note=f"{granted.note}, {before.granted_s} s granted"),
            *evidence_of(late),
        ),
        at=late.at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.LIKELY,
        guards=("The capture itself lost packets in between.",)
        if lossy
        else ("A refresh that took another way isn't seen here.",),
        identity=(publication.resource, publication.event, publication.client),
    )
