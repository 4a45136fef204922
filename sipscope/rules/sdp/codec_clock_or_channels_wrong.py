"""A codec is listed with a clock rate or number of channels that it doesn't have.

What it finds
    In an offer or answer that asks for media, an `a=rtpmap` whose clock isn't the RTP clock of that codec: 48000
    with two channels for opus, 16000 for AMR-WB, 8000 for AMR, G722, G723, G729, GSM and iLBC, and for PCMU and
    PCMA on their static types, 90000 for video codecs. PCMU, PCMA and L16 may have other clocks on dynamic types.
Why it matters
    Formats are matched by name, clock and channels, so a peer that does it right finds no common codec. One that
    matches by name plays the media at the wrong speed.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 9
              a=rtpmap:9 G722/16000
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 9
              a=rtpmap:9 G722/8000
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - The writing product must give the registered RTP clock, not the sampling rate: G722 samples at 16 kHz, and its
      clock is 8000.
    - opus is always `opus/48000/2`, whatever is sent.
    - Is a codec table edited by hand, on that product or on an element in between?
Sources
    RFC 3551 §4.5.2; RFC 3551 §6; RFC 4566 §6
"""

from collections.abc import Iterator

from sipscope.model.description import MediaDescription, RtpFormat
from sipscope.model.trace import Trace
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.codec_clocks import clock_fault
from sipscope.rules.descriptions import hit_of_faults, mapping_line
from sipscope.rules.remembered import of_form


@rule(
    "SDP-008",
    name="codec-clock-or-channels-wrong",
    severity=ERROR,
    since="0.1",
    subject=WrittenDescription,
    needs=("asks for media", "a=rtpmap"),
)
def codec_clock_or_channels_wrong(written: WrittenDescription, trace: Trace) -> Iterator[Hit]:
    """The rtpmap gives the RTP clock of the payload format (RFC 4566 §6, RFC 3551 §6)."""
    faults = [
        (f"{item} of m-line {section.index + 1} is {wanted} by its payload format.", mapping_line(section, item))
        for section in written.promised_media
        for item, wanted in _wrong(section)
    ]
    if faults:
        yield from hit_of_faults(written, trace, faults)


@of_form
def _wrong(section: MediaDescription) -> tuple[tuple[RtpFormat, str], ...]:
    """Formats with what each should be."""
    found = [(item, clock_fault(item)) for item in section.rtp_formats]
    return tuple([(item, wanted) for item, wanted in found if wanted is not None])
