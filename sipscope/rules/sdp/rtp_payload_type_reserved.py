"""A payload type is listed that can't be told from RTCP, or that doesn't exist.

What it finds
    In an RTP section of an offer or answer that asks for media: a payload type of 72–76, which RTCP would be taken
    for; one above 127; or, where `a=rtcp-mux` is stated, one of 64–95. Without `a=rtcp-mux` the other types of
    64–95 are information.
Why it matters
    Such packets look like RTCP on one port: audio goes to the RTCP parser, and the stream is silent.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 72
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 111
              a=rtpmap:111 opus/48000/2
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - The writing product should take 96–127 first, and 35–63 when those run out.
Sources
    RFC 3551 §6
"""

from collections.abc import Iterator

from sipscope.model.description import MediaDescription
from sipscope.model.trace import Trace
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.descriptions import hit_of_faults
from sipscope.rules.remembered import of_form

RESERVED = range(72, 77)
LIKE_RTCP = range(64, 96)
HIGHEST = 127


@rule(
    "SDP-009",
    name="rtp-payload-type-reserved",
    severity=WARNING,
    since="0.1",
    subject=WrittenDescription,
    needs=("asks for media",),
)
def rtp_payload_type_reserved(written: WrittenDescription, trace: Trace) -> Iterator[Hit]:
    """72 to 76 are reserved so that RTCP and RTP packets can be told apart (RFC 3551 §6)."""
    told = [(section, _faults(section)) for section in written.promised_media if section.is_rtp]
    for place, severity in enumerate((None, INFO)):
        faults = [(texts[place], section.lines[0]) for section, texts in told if texts[place]]
        if faults:
            yield from hit_of_faults(written, trace, faults, severity=severity)


@of_form
def _faults(section: MediaDescription) -> tuple[str, str]:
    """What is said of its types that nobody may use, and of those that are merely unwise; empty where it has none."""
    numbers = [int(text) for text in section.formats if text.isascii() and text.isdigit() and len(text) < 10]
    bad = [number for number in numbers if _is_bad(number, section)]
    unwise = [number for number in numbers if number in LIKE_RTCP and number not in bad]
    return _words(section, bad), _words(section, unwise)


def _words(section: MediaDescription, numbers: list[int]) -> str:
    return f"m-line {section.index + 1} lists payload type {', '.join(map(str, numbers))}." if numbers else ""


def _is_bad(number: int, section: MediaDescription) -> bool:
    return number > HIGHEST or number in RESERVED or (section.rtcp_mux and number in LIKE_RTCP)
