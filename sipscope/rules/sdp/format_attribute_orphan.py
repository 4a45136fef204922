"""An attribute speaks of a payload type that its m-line doesn't list, or one type is mapped twice.

What it finds
    In an RTP section of an offer or answer that asks for media: `a=rtpmap`, `a=fmtp` or `a=rtcp-fb` for a payload
    type that isn't in the format list, or two `a=rtpmap`, or two `a=fmtp`, for one type. `rtcp-fb:*` means all
    types. It is told once a call.
Why it matters
    Usually an element in between filtered the codec list and left the attributes. Peers that go by the attributes
    may choose a codec that was filtered out.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              a=rtpmap:0 PCMU/8000
              a=rtpmap:18 G729/8000
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 18
              a=rtpmap:0 PCMU/8000
              a=rtpmap:18 G729/8000
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - Which element filters codecs? It must filter their attributes as well.
    - Compare the same message one hop earlier: does the format list still have the type there?
Sources
    RFC 4566 §6
"""

from collections.abc import Iterator

from sipscope.model.description import DescriptionLine, MediaDescription
from sipscope.model.trace import Trace
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.descriptions import hit_of_faults, numbered_line
from sipscope.rules.remembered import of_form

FORMAT_ATTRIBUTES = ("rtpmap", "fmtp", "rtcp-fb")
ONCE = frozenset({"rtpmap", "fmtp"})
ATTRIBUTES = tuple(f"a={name}" for name in FORMAT_ATTRIBUTES)


@rule(
    "SDP-007",
    name="format-attribute-orphan",
    severity=WARNING,
    since="0.1",
    subject=WrittenDescription,
    needs=("asks for media", ATTRIBUTES),
)
def format_attribute_orphan(written: WrittenDescription, trace: Trace) -> Iterator[Hit]:
    """Up to one rtpmap for each format specified (RFC 4566 §6)."""
    sections = [section for section in written.promised_media if section.is_rtp]
    if not any(map(_has_faults, sections)):
        return
    faults = [fault for section in sections for fault in _faults(section)]
    yield from hit_of_faults(written, trace, faults, lines=[section.lines[0] for section in sections if faults])


@of_form
def _has_faults(section: MediaDescription) -> bool:
    return any(_faults(section))


def _faults(section: MediaDescription) -> Iterator[tuple[str, DescriptionLine]]:
    seen: set[tuple[str, str]] = set()
    for attribute in section.attributes:
        if attribute.name not in FORMAT_ATTRIBUTES or not attribute.value:
            continue
        number = attribute.value.split()[0]
        if number.isdigit() and number not in section.formats:
            text = f"{attribute.name} of payload type {number}, which m-line {section.index + 1} doesn't list."
            yield text, numbered_line(section, attribute.line_number)
        elif attribute.name in ONCE and (attribute.name, number) in seen:
            text = f"m-line {section.index + 1} has two {attribute.name} lines for payload type {number}."
            yield text, numbered_line(section, attribute.line_number)
        seen.add((attribute.name, number))
