"""An entity-tag of a publication is used again, or isn't given as it must.

What it finds
    A client that sends the same SIP-If-Match again behind a 412, or one that is older than the newest SIP-ETag it was
    given. A compositor whose 2xx to PUBLISH has no SIP-ETag or no Expires, gives a tag that it gave before for the same
    resource, or grants more time than was asked. A 2xx that may not have reached the client doesn't count, and what a
    2xx to a removal gives doesn't either.
Why it matters
    The client is refused with 412 for ever, and presence stands still; or two states of one user stand side by side.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  PUBLISH new call=1
              Event: presence
              SIP-If-Match: a1
        0.1   bob -> alice  412
        1.0   alice -> bob  PUBLISH new call=2
              Event: presence
              SIP-If-Match: a1
        1.1   bob -> alice  412
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  PUBLISH new call=1
              Event: presence
              SIP-If-Match: a1
        0.1   bob -> alice  412
        1.0   alice -> bob  PUBLISH new call=2
              Event: presence
              Content-Type: application/pidf+xml
              | <presence/>
        1.1   bob -> alice  200
              SIP-ETag: b1
              Expires: 600
What to check
    - The client stores the tag of every 2xx; on 412 it drops its tag and publishes afresh, with a body.
    - Does another process or device use the same stored tag?
    - Do several servers stand behind one address, without sharing their tags?
Sources
    RFC 3903 §4.1; RFC 3903 §4.3; RFC 3903 §5; RFC 3903 §6; RFC 3903 §8.2
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.publication import Publication, PublicationOperation, PublicationStep
from sipscope.model.time import MILLISECOND, Duration
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.publications import evidence_of, publication_words

_SETTLED: Duration = 500 * MILLISECOND
"""Behind a response by as much, its client has it (T1, RFC 3261 §17.1.1.1)."""


@rule("EVT-015", name="entity-tag-misused", severity=ERROR, since="0.1", subject=Trace)
def entity_tag_misused(trace: Trace, _same: Trace) -> Iterator[Hit]:
    """A client names the state by the newest tag, which the compositor made anew (RFC 3903 §6, §8.2)."""
    given: dict[tuple[str, str, str], set[str]] = {}
    for publication in trace.publications:
        yield from _repeated(publication)
        yield from _older(publication, trace)
        for step in publication.steps:
            server = step.transaction.key.server
            known = given.setdefault((server, publication.resource, publication.event), set())
            for words in _faults_of_answer(step, known):
                yield _hit(publication, words, evidence_of(step), step, Confidence.CERTAIN)
            if step.given_tag is not None:
                known.add(step.given_tag)


def _repeated(publication: Publication) -> Iterator[Hit]:
    """The same tag again behind its 412 (RFC 3903 §5)."""
    refused: dict[tuple[str, str], PublicationStep] = {}
    for step in publication.steps:
        if step.asked_tag is None:
            continue
        key = (step.transaction.key.client, step.asked_tag)
        before = refused.get(key)
        final = None if before is None else before.transaction.final
        if before is not None and final is not None and step.at >= final.at + _SETTLED:
            words = f"names the entity-tag {step.asked_tag} again, which was refused with 412"
            yield _hit(publication, words, (*evidence_of(before), *evidence_of(step)), step, Confidence.CERTAIN)
        elif step.transaction.final_status == 412:
            refused[key] = step


def _older(publication: Publication, trace: Trace) -> Iterator[Hit]:
    """A tag that a 2xx had replaced before (RFC 3903 §4.3)."""
    newest: PublicationStep | None = None
    earlier: set[str] = set()
    for step in publication.steps:
        tag = step.asked_tag
        final = None if newest is None else newest.transaction.final
        if newest is not None and final is not None and tag in earlier and tag != newest.given_tag:
            # A 2xx that was lost shows by retransmissions of the PUBLISH, or was lost by the capture too.
            settled = step.at >= final.at + _SETTLED and not newest.transaction.copies
            same = step.transaction.key.client == newest.transaction.key.client
            if settled and same and not guards.capture_lossy_near(trace, final.at):
                words = f"names the entity-tag {tag}, which {newest.given_tag} had replaced"
                yield _hit(publication, words, (*evidence_of(newest), *evidence_of(step)), step, Confidence.LIKELY)
        if step.given_tag is not None:
            earlier |= {each for each in (step.asked_tag, newest.given_tag if newest else None) if each is not None}
            newest = step


def _faults_of_answer(step: PublicationStep, known: set[str]) -> Iterator[str]:
    """What is wrong with the 2xx (RFC 3903 §6)."""
    final = step.transaction.final
    if final is None or not final.is_success or step.operation is PublicationOperation.REMOVE:
        return
    if step.given_tag is None:
        yield "was accepted without SIP-ETag"
    elif step.given_tag in known or step.given_tag == step.asked_tag:
        yield f"was given the entity-tag {step.given_tag} a second time"
    asked = step.request.expires
    if final.expires is None:
        yield "was accepted without Expires"
    elif asked is not None and final.expires > asked:
        yield f"was granted {final.expires} s, more than the {asked} s it asked for"


def _hit(
    publication: Publication, words: str, evidence: tuple[Evidence, ...], step: PublicationStep, confidence: Confidence
) -> Hit:
    return Hit(
        text=f"A PUBLISH of {publication_words(publication)} {words}.",
        evidence=evidence,
        at=step.at,
        confidence=confidence,
        identity=(publication.resource, publication.event, publication.client, words),
    )
