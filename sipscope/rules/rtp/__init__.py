"""RTP media."""
