"""Wireshark's dissectors as a capture engine, through pyshark."""
