"""Lines of a session description stand out of order, or have not the form of a line.

What it finds
    A description whose lines are out of the prescribed order (`v o s i u e c b t a` for the session, `m i c b a`
    for a section), are not a letter, `=` and a value, or are empty; and line ends that are not all CRLF. Bare LF
    throughout is told as information, because receivers are to tolerate it. One finding tells all of a body. A body
    without a single line of that form is no description at all, and SDP-001 speaks of it.
Why it matters
    The order means something to simple parsers: a `c=` behind `t=` is overlooked and media goes elsewhere, and an
    empty line ends the description early.
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
    - Which product wrote the description? It should write from a fixed template, with CRLF behind every line.
    - Did an application layer gateway put a line in? Compare the same message one hop earlier.
Sources
    RFC 4566 §5
"""

from collections.abc import Iterator

from sipscope.model.trace import Trace
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.descriptions import hit_of_defects


@rule(
    "SDP-002",
    name="sdp-line-order-or-form",
    severity=WARNING,
    since="0.1",
    subject=WrittenDescription,
    needs=("defect sdp-line-order-or-form",),
)
def sdp_line_order_or_form(written: WrittenDescription, trace: Trace) -> Iterator[Hit]:
    """All lines MUST appear in exactly the order given (RFC 4566 §5)."""
    for hit in hit_of_defects(written, trace, "sdp-line-order-or-form"):
        if any(line.type for line in written.description.lines):
            yield hit
