"""SIP: bytes to `Request` or `Response`. Pure functions, no I/O; bad bytes become defects, nothing raises."""

from sipscope.sip.address import parse_address
from sipscope.sip.fragment import FragmentStart, SipFragment, parse_sip_fragment
from sipscope.sip.framing import FramedLength, Framing, message_length
from sipscope.sip.parser import parse_message
from sipscope.sip.start_line import looks_like_sip, parse_status_line
from sipscope.sip.uri import parse_uri

__all__ = [
    "FragmentStart",
    "FramedLength",
    "Framing",
    "SipFragment",
    "looks_like_sip",
    "message_length",
    "parse_address",
    "parse_message",
    "parse_sip_fragment",
    "parse_status_line",
    "parse_uri",
]
