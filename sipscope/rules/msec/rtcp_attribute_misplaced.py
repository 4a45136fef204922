"""The attribute that names the RTCP port stands where it means nothing, or names the RTP port.

What it finds
    `a=rtcp` at session level, where it may not stand; or an accepted section whose `a=rtcp` names the section's own
    port, without `a=rtcp-mux` and outside of a BUNDLE group.
Why it matters
    Reports go to a port where nobody listens for them, and some products then end the call for lack of RTCP.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              | v=0
              | o=alice 1 1 IN IP4 192.0.2.10
              | s=-
              | c=IN IP4 192.0.2.10
              | t=0 0
              | a=rtcp:4001
              | m=audio 4000 RTP/AVP 0
              Content-Type: application/sdp
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              a=rtcp:53020
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - The product should write `a=rtcp` below the `m=` line it belongs to, with the port where it listens.
    - Where RTP and RTCP are to share a port, it should negotiate `a=rtcp-mux`.
Sources
    RFC 3605 §2.1; RFC 5761 §5.1.1
"""

from collections.abc import Iterator

from sipscope.model.description import DescriptionLine, MediaDescription
from sipscope.model.trace import Trace
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.descriptions import hit_of_faults
from sipscope.rules.media_keys import group_of, is_multiplexed


@rule(
    "MSEC-008",
    name="rtcp-attribute-misplaced",
    severity=WARNING,
    since="0.1",
    subject=WrittenDescription,
    needs=("promise", "a=rtcp"),
)
def rtcp_attribute_misplaced(written: WrittenDescription, trace: Trace) -> Iterator[Hit]:
    """The attribute belongs to a section, never to the session (RFC 3605 §2.1)."""
    if written.is_promise:
        yield from hit_of_faults(written, trace, tuple(_faults(written)))


def _faults(written: WrittenDescription) -> Iterator[tuple[str, DescriptionLine]]:
    for attribute in written.description.attributes:
        if attribute.name == "rtcp":
            lines = {line.number: line for line in written.description.lines}
            yield "a=rtcp stands at session level, where it has no meaning.", lines[attribute.line_number]
    for section in written.promised_media:
        if _names_own_port(section) and not group_of(section, written.description):
            line = next((item for item in section.lines if str(item).lower().startswith("a=rtcp:")), None)
            if line is not None:
                yield f"a=rtcp names port {section.port} of RTP itself, and there is no a=rtcp-mux.", line


def _names_own_port(section: MediaDescription) -> bool:
    """Whether RTCP is sent to where RTP is, though nothing says that both share it."""
    if section.rtcp_port != section.port or is_multiplexed(section):
        return False
    return section.rtcp_address in {None, section.address}
