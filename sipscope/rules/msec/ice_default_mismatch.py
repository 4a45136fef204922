"""The address of a section with ICE isn't among its candidates.

What it finds
    In an offer or answer: a section lists candidates, and its `c=` address and `m=` port are none of them; a
    description has `a=ice-mismatch`, by which the peer tells that; or a later description of a party changes only
    one of `a=ice-ufrag` and `a=ice-pwd`. The null address, port 9, host names and candidates with names are not
    judged: they stand for candidates that come later.
Why it matters
    An element in between rewrote `c=` and not the candidates: ICE is given up, and media goes to an address that
    suits nobody.
Example
    Bad:
        alice 203.0.113.5
        bob   203.0.113.9
        0.0   alice -> bob  INVITE
              c=IN IP4 203.0.113.5
              m=audio 4000 RTP/AVP 0
              a=ice-ufrag:8hhY
              a=ice-pwd:asd88fgpdd777uzjYhagZg
              a=candidate:1 1 UDP 2130706431 10.0.0.4 4000 typ host
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 203.0.113.5
        bob   203.0.113.9
        0.0   alice -> bob  INVITE
              c=IN IP4 203.0.113.5
              m=audio 4000 RTP/AVP 0
              a=ice-ufrag:8hhY
              a=ice-pwd:asd88fgpdd777uzjYhagZg
              a=candidate:1 1 UDP 2130706431 10.0.0.4 4000 typ host
              a=candidate:2 1 UDP 1694498815 203.0.113.5 4000 typ srflx raddr 10.0.0.4 rport 4000
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - Switch off the SIP application layer gateway of the router or firewall in between.
    - The writing product must take its default address from one of its candidates.
Sources
    RFC 8839 §4.2.5; RFC 8839 §5.3
"""

from collections.abc import Iterator

from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.finding import Evidence
from sipscope.model.network_scope import Scope, scope_of
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, is_another_attempt, party_words, written_in

DISCARD = 9
"""The port of a default that stands for candidates to come."""

SHOWN = 4


@rule(
    "MSEC-010",
    name="ice-default-mismatch",
    severity=WARNING,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=(("a=ice-mismatch", "a=candidate", "a=ice-ufrag", "a=ice-pwd"),),
)
def ice_default_mismatch(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """The default destination is one of the candidates; else the peer answers ice-mismatch (RFC 8839 §4.2.5)."""
    for side, description, message in written_in(exchange):
        before = exchange.previous_offerer if side is exchange.offerer else exchange.previous_answerer
        if is_another_attempt(exchange):
            before = None
        for section in description.media:
            fault = _fault(section, description, before) if section.port else ""
            if fault:
                yield Hit(
                    text=f"In m-line {section.index + 1}, {party_words(exchange, trace, side)} {fault}",
                    evidence=(Evidence(frame=anchor(message), note=_words(section)),),
                    at=message.at,
                    identity=(message.call_id, side, section.index, fault),
                )


def _fault(section: MediaDescription, description: SessionDescription, before: SessionDescription | None) -> str:
    if any(item.name == "ice-mismatch" for item in (*section.attributes, *description.attributes)):
        return "tells with ice-mismatch that the address it got is none of the candidates."
    destination = (section.address or "", section.port)
    candidates = [_place(candidate) for candidate in section.ice_candidates]
    if _is_judged(destination, candidates) and destination not in candidates:
        return f"asks for media at {destination[0]}:{destination[1]}, which is none of its candidates."
    if before is not None and len(before.media) > section.index:
        old, new = before.media[section.index].ice_credentials, section.ice_credentials
        if all(old) and all(new) and [one == other for one, other in zip(old, new, strict=True)].count(True) == 1:
            name = "ice-pwd" if old[0] == new[0] else "ice-ufrag"
            return f"changes {name} alone; both change when ICE starts again, and else none."
    return ""


def _place(candidate: str) -> tuple[str, int] | None:
    """Address and port of a candidate; None where it can't be read (RFC 8839 §5.1)."""
    fields = candidate.split()
    if len(fields) < 6 or not (fields[5].isascii() and fields[5].isdigit() and len(fields[5]) < 6):
        return None
    return fields[4].lower(), int(fields[5])


def _is_judged(destination: tuple[str, int], candidates: list[tuple[str, int] | None]) -> bool:
    """Whether both sides of the comparison are known: addresses, and no names."""
    if not candidates or destination[1] == DISCARD:
        return False
    if scope_of(destination[0]) in {Scope.NAME, Scope.UNSPECIFIED}:
        return False
    return all(place is not None and scope_of(place[0]) is not Scope.NAME for place in candidates)


def _words(section: MediaDescription) -> str:
    listed = ", ".join(" ".join(candidate.split()[4:8]) for candidate in section.ice_candidates[:SHOWN])
    return f"{section.media_line}, c= {section.address}; candidates: {listed or 'none'}"
