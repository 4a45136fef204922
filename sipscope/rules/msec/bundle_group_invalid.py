"""A BUNDLE group doesn't fit the sections, or the offer.

What it finds
    `a=group:BUNDLE` names a `mid` that no section has; an answer makes a group where the offer had none, or puts a
    `mid` into one that wasn't offered in it; an offered section is `a=bundle-only` and has a port; or sections of
    one answered group have different addresses or ports. Answered sections with port 0 in a group are accepted,
    because older answerers write them so.
Why it matters
    Audio or video of a call between WebRTC and SIP is missing: the peer looks for it on another port.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              a=group:BUNDLE a
              m=audio 4000 RTP/AVP 0
              a=mid:a
        0.1   bob -> alice  200
              a=group:BUNDLE a b
              m=audio 5000 RTP/AVP 0
              a=mid:a
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              a=group:BUNDLE a
              m=audio 4000 RTP/AVP 0
              a=mid:a
        0.1   bob -> alice  200
              a=group:BUNDLE a
              m=audio 5000 RTP/AVP 0
              a=mid:a
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - The answering product may only group what was offered in a group, at one address and port.
    - Does an element in between remove sections or `a=mid` and leave the group? Compare its two sides.
Sources
    RFC 9143 §7.3; RFC 9143 §7.3.1; RFC 5888 §9.2
"""

from collections.abc import Iterator

from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.finding import Evidence
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, is_answered, party_words, written_in
from sipscope.rules.media_keys import groups_of


@rule(
    "MSEC-009",
    name="bundle-group-invalid",
    severity=WARNING,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=(("a=group", "a=bundle-only"),),
)
def bundle_group_invalid(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """A group holds sections of its description, and an answered one those of an offered one (RFC 9143 §7.3)."""
    for side, description, message in written_in(exchange):
        faults = list(_of_description(description))
        if side is exchange.offerer:
            faults += _of_offer(description)
        elif is_answered(exchange):
            faults += _of_answer(exchange.offer, description)
        if faults:
            yield Hit(
                text=f"The BUNDLE group of {party_words(exchange, trace, side)}: {' '.join(faults)}",
                evidence=(Evidence(frame=anchor(message), note=_words(description)),),
                at=message.at,
                identity=(message.call_id, side, *faults),
            )


def _of_description(description: SessionDescription) -> Iterator[str]:
    mids = {section.mid for section in description.media}
    for mid in dict.fromkeys(mid for group in groups_of(description) for mid in group if mid not in mids):
        yield f"it names {mid}, and no section has that mid."


def _of_offer(offer: SessionDescription) -> Iterator[str]:
    for section in offer.media:
        if section.is_bundle_only and section.port:
            yield f"m-line {section.index + 1} is bundle-only and has port {section.port}."


def _of_answer(offer: SessionDescription, answer: SessionDescription) -> Iterator[str]:
    offered = groups_of(offer)
    for group in groups_of(answer):
        if group and not offered:
            yield "it is answered, and none was offered."
            continue
        grouped = {mid for each in offered for mid in each}
        known = {section.mid for section in answer.media}
        # A mid that no section of the answer has is told already.
        for mid in (mid for mid in group if mid not in grouped and mid in known):
            yield f"it takes in {mid}, which wasn't offered in a group."
        transports = {_transport(section) for section in answer.media if section.mid in group and section.port}
        if len(transports) > 1:
            yield f"its sections have {len(transports)} addresses or ports: {', '.join(sorted(transports))}."


def _transport(section: MediaDescription) -> str:
    return f"{section.address}:{section.port}"


def _words(description: SessionDescription) -> str:
    groups = " ".join("a=group:BUNDLE " + " ".join(group) for group in groups_of(description)) or "no group"
    sections = ", ".join(f"{section.media_line} (mid {section.mid})" for section in description.media)
    return f"{groups}; {sections}"
