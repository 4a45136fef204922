"""SDP: bytes to `SessionDescription` (RFC 8866). Pure functions; bad bytes become defects, nothing raises."""

from sipscope.sdp.parser import parse_description

__all__ = ["parse_description"]
