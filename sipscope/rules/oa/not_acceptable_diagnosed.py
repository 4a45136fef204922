"""An offer is refused as not acceptable; what may be the reason.

What it finds
    A 488, 606 or 415 to an INVITE, UPDATE or PRACK with an offer. The probable reason is the Warning header field if
    there is one; else what the refusing side accepted or offered elsewhere in this capture, or lists in the body of
    the refusal, is compared with the offer: transport, type of media, address family, codecs, payload types without
    rtpmap. It is a warning where a 488 doesn't tell its reason in a Warning header field; a remark otherwise, and
    for refused fax and video, from which callers go back to what they had.
Why it matters
    It is the most frequent reason for a call that isn't set up, and the response itself rarely says why.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/SAVP 0 8
              a=fingerprint:sha-1 4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD
              a=setup:actpass
        0.1   bob -> alice  488
        0.2   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 8
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 8
        0.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - Compare the codec lists and the transport (RTP/AVP or RTP/SAVP) that the two products are set to.
    - Ask the refusing side for its log, or for a Warning header field that names the reason.
    - Offer plain G.711 over RTP/AVP on IPv4 once, to see whether it is the offer at all.
Sources
    RFC 3261 §14.2; RFC 3261 §20.43; RFC 3261 §21.4.26; RFC 3261 §21.6.4
"""

from collections.abc import Iterator, Sequence

from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, connection_words, label_of, media_lines, speaks

_REFUSALS = frozenset({488, 606, 415})
_OFFERING = frozenset({"INVITE", "UPDATE", "PRACK"})


@rule(
    "OA-026",
    name="not-acceptable-diagnosed",
    severity=INFO,
    since="0.1",
    subject=Transaction,
    needs=(("response 415", "response 488", "response 606"), "request", "sdp"),
)
def not_acceptable_diagnosed(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """Warning codes name what is incompatible (RFC 3261 §20.43); most refusals have none."""
    refusal = _refusal_of(transaction)
    request = transaction.request
    if refusal is None or request is None or request.description is None:
        return
    hops = [item for other in trace.index.same_request(transaction) if (item := _refusal_of(other)) is not None]
    # Told where it was refused first; the other hops only pass it on.
    if min(hops, key=lambda item: (item.at, item.frames)) is not refusal:
        return
    yield _hit(trace, request, request.description, refusal)


def _refusal_of(transaction: Transaction) -> Response | None:
    final = transaction.final
    return final if final is not None and final.status in _REFUSALS and transaction.method in _OFFERING else None


def _hit(trace: Trace, request: Request, offer: SessionDescription, refusal: Response) -> Hit:
    known = _known_from(trace, refusal)
    told = [f"{item.code} {item.text}".strip() for item in refusal.warnings]
    guessed = _reason(offer, [description for _, description in known])
    evidence = [
        Evidence(frame=anchor(request), note=f"offer: {connection_words(offer)}{media_lines(offer)}"),
        Evidence(frame=anchor(refusal), note=f"Warning: {'; '.join(told)}" if told else "no Warning header field"),
    ]
    if guessed and known:
        evidence.append(Evidence(frame=known[0][0], note=f"the same side elsewhere: {media_lines(known[0][1])}"))
    return Hit(
        text=f"{refusal.hop.source} refused the offer with {label_of(refusal)}: {_words(told, guessed)}.",
        evidence=tuple(evidence),
        at=refusal.at,
        severity=WARNING if _is_mute(request, refusal, offer) else INFO,
    )


def _words(told: Sequence[str], guessed: str) -> str:
    if told:
        return f"its Warning says “{'; '.join(told)}”" + (f", and {guessed}" if guessed else "")
    return guessed or "it doesn't say why, and nothing else in the capture tells"


def _is_mute(request: Request, refusal: Response, offer: SessionDescription) -> bool:
    """Whether a 488 owes a reason: a refused change to fax or video is part of the usual fall-back."""
    falls_back = request.to_tag is not None and any(
        section.port and section.kind in {"image", "video"} for section in offer.media
    )
    return refusal.status == 488 and not refusal.warnings and not falls_back


def _known_from(trace: Trace, refusal: Response) -> list[tuple[int, SessionDescription]]:
    """What the refusing side lists in its refusal, or else has offered and answered elsewhere, with the frames."""
    if refusal.description is not None:
        return [(anchor(refusal), refusal.description)]
    return [
        (anchor(message), message.description)
        for message in trace.index.described_from.get(refusal.hop.source, ())
        if message.description is not None
    ]


def _reason(offer: SessionDescription, known: Sequence[SessionDescription]) -> str:
    """What of the offer that side never showed to support; the offer's own faults where it showed nothing."""
    live = [section for section in offer.media if section.port]
    theirs = [section for description in known for section in description.media if section.port]
    for section in live:
        kind = [other for other in theirs if other.kind == section.kind]
        found = _unmapped(section) or (_difference(section, kind, theirs) if theirs else "")
        if found:
            return found
    return ""


def _unmapped(section: MediaDescription) -> str:
    """A section of which no format has a name."""
    formats = section.rtp_formats
    if not section.is_rtp or not formats or any(item.encoding is not None for item in formats):
        return ""
    return f"no payload type of m-line {section.index + 1} has an rtpmap"


def _difference(section: MediaDescription, kind: Sequence[MediaDescription], theirs: Sequence[MediaDescription]) -> str:
    """The first thing that none of that side's sections has in common with the offered one."""
    if not kind:
        others = ", ".join(sorted({other.kind for other in theirs}))
        return f"{section.kind} was offered, and that side has shown {others} alone"
    transports = {other.protocol.upper() for other in kind}
    if section.protocol.upper() not in transports:
        return f"{section.protocol} was offered, and that side has shown {', '.join(sorted(transports))} alone"
    families = {_family(other) for other in kind} - {None}
    if _family(section) is not None and families and _family(section) not in families:
        return f"{_family(section)} was offered, and that side has shown {', '.join(map(str, families))} alone"
    codecs = {item.key: str(item) for other in kind for item in other.rtp_formats if speaks(item.encoding)}
    offered = {item.key: str(item) for item in section.rtp_formats if speaks(item.encoding)}
    if codecs and offered and not offered.keys() & codecs.keys():
        return f"{', '.join(offered.values())} was offered, and that side has shown {', '.join(codecs.values())} alone"
    return ""


def _family(section: MediaDescription) -> str | None:
    return None if section.connection is None else section.connection.address_type
