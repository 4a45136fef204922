"""A payload type with a fixed meaning is mapped to something else.

What it finds
    An `a=rtpmap` of a payload type below 35 whose encoding or clock isn't that of the static table of RFC 3551, in
    a section of an offer or answer that asks for media. Common names of the same codec, such as `G729A` on 18, are
    information. The clocks that SDP-008 judges are left to it; reserved and unassigned types are not judged.
Why it matters
    Many products look at the number alone: the two ends then decode with different codecs, which is noise or
    silence.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 8
              a=rtpmap:8 G726-32/8000
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 8 96
              a=rtpmap:8 PCMA/8000
              a=rtpmap:96 G726-32/8000
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - The writing product must use a dynamic type (96–127) for anything that isn't the registered encoding.
    - Is a codec table edited by hand, on that product or on an element in between?
Sources
    RFC 3551 §3; RFC 3551 §6
"""

from collections.abc import Iterator

from sipscope.model.description import MediaDescription, RtpFormat
from sipscope.model.payload_types import STATIC_PAYLOAD_TYPES
from sipscope.model.trace import Trace
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.codec_clocks import clock_fault
from sipscope.rules.descriptions import hit_of_faults, mapping_line
from sipscope.rules.remembered import of_form

ALIASES = ("G729", "G723")
"""Codecs whose annexes and rates stand in many names: `G729A`, `G729AB`, `G723.1`."""


@rule(
    "SDP-006",
    name="static-pt-rebound",
    severity=WARNING,
    since="0.1",
    subject=WrittenDescription,
    needs=("asks for media", "a=rtpmap"),
)
def static_pt_rebound(written: WrittenDescription, trace: Trace) -> Iterator[Hit]:
    """Static types mean what the table says (RFC 3551 §6); anything else takes a dynamic one (§3)."""
    rebound = [(section, item) for section in written.promised_media for item in _rebound(section)]
    if not rebound:
        return
    for severity, wanted in ((None, False), (INFO, True)):
        faults = [
            (_words(section, item), mapping_line(section, item))
            for section, item in rebound
            if _is_alias(item) is wanted
        ]
        yield from hit_of_faults(written, trace, faults, severity=severity)


@of_form
def _rebound(section: MediaDescription) -> tuple[RtpFormat, ...]:
    return tuple([item for item in section.rtp_formats if _differs(item)])


def _differs(item: RtpFormat) -> bool:
    static = STATIC_PAYLOAD_TYPES.get(item.payload_type)
    if static is None or not item.stated or item.encoding is None or clock_fault(item) is not None:
        return False
    return (item.encoding.upper(), item.clock_rate_hz) != (static[0].upper(), static[1])


def _is_alias(item: RtpFormat) -> bool:
    """Whether it is another name of the same codec, with the same clock."""
    name, clock, _ = STATIC_PAYLOAD_TYPES[item.payload_type]
    plain = "".join(letter for letter in (item.encoding or "").upper() if letter.isalnum())
    return name in ALIASES and plain.startswith(name) and item.clock_rate_hz == clock


def _words(section: MediaDescription, item: RtpFormat) -> str:
    name, clock, _ = STATIC_PAYLOAD_TYPES[item.payload_type]
    return (
        f"Payload type {item.payload_type} of m-line {section.index + 1} is mapped to {item}, and is {name}/{clock} by "
        "the static table."
    )
