"""A payload type that has no fixed meaning is listed without its mapping.

What it finds
    An RTP section of an offer or answer, port other than 0, that lists a dynamic payload type (96–127) or an
    unassigned one without `a=rtpmap`. Refused sections may drop their attributes. Reserved types are not judged.
Why it matters
    The peer drops the format, and with it perhaps the only common codec or the digits; or it guesses what 101 or
    97 used to mean, which works with one vendor.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 101
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 101
              a=rtpmap:101 telephone-event/8000
              a=fmtp:101 0-15
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - The writing product must send `a=rtpmap` for every dynamic type in that section.
    - Did an element in between filter attributes but not the format list? Compare the message one hop earlier.
Sources
    RFC 3264 §6.1; RFC 4566 §5.14; RFC 4566 §6; RFC 3551 §3
"""

from collections.abc import Iterator

from sipscope.model.trace import Trace
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.descriptions import hit_of_defects


@rule(
    "SDP-005",
    name="dynamic-pt-without-rtpmap",
    severity=ERROR,
    since="0.1",
    subject=WrittenDescription,
    needs=("promise", "defect dynamic-pt-without-rtpmap"),
)
def dynamic_pt_without_rtpmap(written: WrittenDescription, trace: Trace) -> Iterator[Hit]:
    """Dynamic payload types need an rtpmap (RFC 4566 §5.14, RFC 3264 §6.1)."""
    if written.is_promise:
        yield from hit_of_defects(written, trace, "dynamic-pt-without-rtpmap")
