"""A session description lacks a mandatory line, or has one twice.

What it finds
    A description that doesn't start with `v=0`, or hasn't exactly one `o=`, exactly one `s=` and at least one
    `t=` in front of its first `m=`. Missing `e=` and `p=` are no fault. Messages that the capture or their
    Content-Length cut short are not judged. It is a warning in messages that negotiate nothing, such as OPTIONS.
Why it matters
    Strict parsers reject the whole body: the call fails with 400 or 488, or is set up without any media.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Content-Type: application/sdp
              | v=0
              | o=- 1 1 IN IP4 192.0.2.10
              | c=IN IP4 192.0.2.10
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
    - Which product wrote the description? Read its `User-Agent` or `Server`; the line must come from there.
    - It must send `s=-` where there is no name, and `t=0 0` in every SIP session.
    - Does an element in between rewrite bodies? Compare the same message on the other side of it.
Sources
    RFC 4566 §5; RFC 4566 §5.1; RFC 3264 §5
"""

from collections.abc import Iterator

from sipscope.model.trace import Trace
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.descriptions import hit_of_defects


@rule(
    "SDP-001",
    name="sdp-required-line-missing",
    severity=ERROR,
    since="0.1",
    subject=WrittenDescription,
    needs=("defect sdp-required-line-missing",),
)
def sdp_required_line_missing(written: WrittenDescription, trace: Trace) -> Iterator[Hit]:
    """v=, o=, s= and t= are required (RFC 4566 §5), and a session of SIP has `t=0 0` (RFC 3264 §5)."""
    yield from hit_of_defects(written, trace, "sdp-required-line-missing")
