"""The native engine against Wireshark's dissectors: the same messages and the same media, frame by frame."""

from collections import Counter
from pathlib import Path

import pytest

from sipscope.capture import open_capture
from sipscope.decode import Decoder
from tests.reference_table import captures_in

pytestmark = pytest.mark.tshark

SAMPLES = captures_in(Path(__file__).parents[2] / "samples")


def content(path: Path, engine: str) -> tuple[Counter, Counter, list]:
    """Messages by identity, media by hop and SSRC, control packets by frame."""
    reader, decoder, media, control = open_capture(str(path), engine=engine), Decoder(), Counter(), []
    for chunk in reader.chunks():
        control.extend((packet.frames[-1], packet.payload) for packet in decoder.add(chunk.packets))
        if chunk.datagrams is not None:
            columns = chunk.datagrams
            rows = zip(columns.frame.tolist(), columns.hop.tolist(), columns.length.tolist(), columns.head, strict=True)
            media.update((frame, columns.hops[hop], length, head.tobytes()) for frame, hop, length, head in rows)
    decoder.finish()
    messages = Counter(
        # Which duplicate of a fragment belongs to a message is a matter of taste; the frame that completes it isn't.
        (message.at, message.frames[-1], message.hop, message.payload)
        for message in decoder.messages
    )
    return messages, media, control


def compared(path: Path) -> None:
    native, wireshark = content(path, "native"), content(path, "wireshark")
    assert native[0] == wireshark[0]
    assert native[1:] == wireshark[1:]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_engines_agree_on_samples(path: Path):
    compared(path)


def test_engines_agree_on_reference_captures(shared: Path):
    paths = captures_in(shared / "captures")
    assert paths
    for path in paths:
        compared(path)
