"""The origin line of a session description is malformed.

What it finds
    An `o=` line that hasn't six fields, such as one with a blank in the user name; whose session id or version
    isn't a number of 63 bits; or whose address isn't of the address type it states.
Why it matters
    Peers compare the version to know whether anything changed. With such values they compare wrongly, and a
    re-INVITE that holds or resumes is ignored.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Content-Type: application/sdp
              | v=0
              | o=John Doe 1706695200 1 IN IP4 192.0.2.10
              | s=-
              | c=IN IP4 192.0.2.10
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
              | o=- 1706695200 1 IN IP4 192.0.2.10
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
    - The writing product should send `-` for the user name, and counters of 31 bits for id and version.
    - Is a display name configured where a user name is expected?
Sources
    RFC 4566 §5.2; RFC 3264 §5
"""

from collections.abc import Iterator

from sipscope.model.trace import Trace
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.descriptions import hit_of_defects


@rule(
    "SDP-004",
    name="origin-line-malformed",
    severity=WARNING,
    since="0.1",
    subject=WrittenDescription,
    needs=("defect origin-line-malformed",),
)
def origin_line_malformed(written: WrittenDescription, trace: Trace) -> Iterator[Hit]:
    """Six fields, the user name without blanks, id and version numeric (RFC 4566 §5.2, RFC 3264 §5)."""
    yield from hit_of_defects(written, trace, "origin-line-malformed")
