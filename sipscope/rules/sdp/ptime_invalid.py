"""A packet time is stated that the codec or the description itself doesn't allow.

What it finds
    In an RTP section of an offer or answer that asks for media: `a=ptime` is zero or no number, exceeds
    `a=maxptime`, or is no multiple of the frame of the codec listed first (10 ms for G729, 20 ms for AMR, AMR-WB
    and GSM, 30 ms for G723). That offer and answer differ is no fault.
Why it matters
    Gateways with one packet time a channel refuse the call, or pick a default that the far end can't buffer.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 4 0
              a=ptime:20
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 4 0
              a=ptime:30
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - Set a packet time that suits every codec listed, or leave it out.
    - Is the packet time configured apart from the codec list?
Sources
    RFC 3264 §5.1; RFC 4566 §6
"""

from collections.abc import Iterator

from sipscope.model.description import DescriptionLine, MediaDescription
from sipscope.model.trace import Trace
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.descriptions import hit_of_faults, numbered_line
from sipscope.rules.remembered import of_form

FRAMES_MS = {"G729": 10, "G723": 30, "GSM": 20, "AMR": 20, "AMR-WB": 20}
"""Length of one frame of codecs that send frames; 20 ms of AMR are one frame."""


@rule(
    "SDP-010",
    name="ptime-invalid",
    severity=WARNING,
    since="0.1",
    subject=WrittenDescription,
    needs=("asks for media", "a=ptime"),
)
def ptime_invalid(written: WrittenDescription, trace: Trace) -> Iterator[Hit]:
    """The packet time is that of whole frames, and not above the maximum (RFC 4566 §6)."""
    sections = [section for section in written.promised_media if section.is_rtp and _has_faults(section)]
    if sections:
        yield from hit_of_faults(written, trace, [fault for section in sections for fault in _faults(section)])


@of_form
def _has_faults(section: MediaDescription) -> bool:
    return any(_faults(section))


def _faults(section: MediaDescription) -> Iterator[tuple[str, DescriptionLine]]:
    for attribute in section.attributes:
        if attribute.name == "ptime":
            fault = _fault(section)
            if fault:
                yield f"m-line {section.index + 1}: {fault}", numbered_line(section, attribute.line_number)
            return


def _fault(section: MediaDescription) -> str:
    ptime, longest = section.ptime_ms, section.maxptime_ms
    if not ptime:
        return "the packet time is no number above zero."
    if longest is not None and ptime > longest:
        return f"the packet time, {ptime:g} ms, is above the maximum, {longest:g} ms."
    codec = section.rtp_formats[0].encoding if section.rtp_formats else None
    frame = FRAMES_MS.get((codec or "").upper())
    if frame is not None and ptime % frame:
        return f"a packet time of {ptime:g} ms holds no whole frames of {codec}, which are {frame} ms."
    return ""
