"""Captures become packets here: the only package that opens capture files.

Two engines stand behind one protocol: `native`, our own reader with numpy columns, and `wireshark`, which asks
tshark for what the native engine can't read. Nothing here knows what a SIP, SDP or RTP field means.
"""

from sipscope.capture.opening import open_capture
from sipscope.capture.reader import CaptureReader

__all__ = ["CaptureReader", "open_capture"]
