"""A media section has no connection line, neither its own nor one of the session.

What it finds
    An offer or answer with a section whose port isn't 0, and neither that section nor the session has a `c=`
    line. What OPTIONS or a refusal such as 488 carry tells capabilities and is not judged.
Why it matters
    The peer has no destination for RTP. Some products fall back to the address of the SIP packet: that works on
    a LAN and is one-way behind NAT.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Content-Type: application/sdp
              | v=0
              | o=- 1 1 IN IP4 192.0.2.10
              | s=-
              | t=0 0
              | m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Content-Type: application/sdp
              | v=0
              | o=- 1 1 IN IP4 192.0.2.10
              | s=-
              | c=IN IP4 192.0.2.10
              | t=0 0
              | m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - The writing product should put one `c=` at session level.
    - Has an element in between removed it? Compare the same message one hop earlier.
Sources
    RFC 4566 §5.7
"""

from collections.abc import Iterator

from sipscope.model.trace import Trace
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.descriptions import hit_of_defects


@rule(
    "SDP-003",
    name="connection-line-missing",
    severity=ERROR,
    since="0.1",
    subject=WrittenDescription,
    needs=("promise", "defect connection-line-missing"),
)
def connection_line_missing(written: WrittenDescription, trace: Trace) -> Iterator[Hit]:
    """There is a c= in each section, or one at session level (RFC 4566 §5.7)."""
    if written.is_promise:
        yield from hit_of_defects(written, trace, "connection-line-missing")
