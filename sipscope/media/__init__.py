"""Columns of datagrams → RTP streams: sequence, loss, jitter, bursts, key presses, scores."""

from sipscope.media.payloads import FormatLookup
from sipscope.media.tracker import StreamTracker

__all__ = ["FormatLookup", "StreamTracker"]
