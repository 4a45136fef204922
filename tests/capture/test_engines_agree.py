"""The native engine against Wireshark's dissectors: the same messages and the same media, frame by frame."""

import gzip
from collections import Counter
from pathlib import Path

import pytest

from sipscope.capture import open_capture
from sipscope.decode import Decoder
from tests.capture.builders import A4, A6, B4, B6, OPTIONS, RINGING, ipv4, ipv6, pcap, rtp, udp
from tests.capture.encapsulations import LINKS
from tests.capture.hep import carried, hep3, hep_fixed, over_tcp
from tests.capture.sctp import FIRST, LAST
from tests.capture.sctp import chunk as data_chunk
from tests.capture.sctp import packet as sctp_packet
from tests.reference_table import captures_in

pytestmark = pytest.mark.tshark

SAMPLES = captures_in(Path(__file__).parents[2] / "samples")

DATAGRAMS = ((OPTIONS, 5060, 5060), (RINGING, 5060, 5060), (rtp(), 4000, 4002))


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


@pytest.mark.parametrize("name", LINKS)
def test_engines_agree_on_encapsulations(tmp_path: Path, name: str):
    link, wrap = LINKS[name]
    short, long = ({"source": A4, "destination": B4}, {"source": A6, "destination": B6})
    frames = [
        *(wrap(ipv4(udp(payload, *ports), **short), 0x0800) for payload, *ports in DATAGRAMS),
        *(wrap(ipv6(udp(payload, *ports), **long), 0x86DD) for payload, *ports in DATAGRAMS),
    ]
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap(frames, link))
    compared(path)


def test_engines_agree_on_reference_captures(shared: Path):
    paths = captures_in(shared / "captures")
    assert paths
    for path in paths:
        compared(path)


@pytest.mark.parametrize(
    "datagrams",
    [
        [hep_fixed(1, OPTIONS), hep_fixed(2, RINGING)],
        [hep3(gzip.compress(OPTIONS), content=16), hep3(RINGING, ends=(A6, B6), protocol=6)],
        [hep3(b'{"MOS":4.1}', kind=35), hep3(OPTIONS, kind=100)],
    ],
    ids=["fixed", "compressed", "no-sip"],
)
def test_engines_agree_on_hep(tmp_path: Path, datagrams: list[bytes]):
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap([carried(datagram) for datagram in datagrams]))
    compared(path)


REPORT = (
    b'{"ssrc":9,"type":201,"report_blocks":[{"source_ssrc":7,"fraction_lost":64,"packets_lost":12,'
    b'"highest_seq_no":3543,"ia_jitter":80,"lsr":0,"dlsr":0}]}'
)


@pytest.mark.parametrize("step", [40, 100, 250, 5000])
def test_engines_agree_on_hep_over_tcp(tmp_path: Path, step: int):
    data = hep3(OPTIONS) + hep3(RINGING, protocol=6) + hep3(REPORT, kind=5) + hep3(OPTIONS, ends=(A6, B6))
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap(over_tcp(*(data[begin : begin + step] for begin in range(0, len(data), step)))))
    compared(path)
    assert len(content(path, "native")[0]) == 3


@pytest.mark.parametrize(
    "packets",
    [
        [sctp_packet(data_chunk(OPTIONS, 1), data_chunk(RINGING, 2))],
        [sctp_packet(data_chunk(OPTIONS, 1)), sctp_packet(data_chunk(RINGING, 2)), sctp_packet(data_chunk(OPTIONS, 1))],
        [
            sctp_packet(data_chunk(OPTIONS[:30], 1, FIRST)),
            sctp_packet(data_chunk(OPTIONS[30:50], 2, 0)),
            sctp_packet(data_chunk(OPTIONS[50:], 3, LAST)),
        ],
        [
            sctp_packet(data_chunk(OPTIONS[:30], 1, FIRST)),
            sctp_packet(data_chunk(OPTIONS[30:], 2, LAST), data_chunk(RINGING, 3, stream_sequence=1)),
        ],
    ],
    ids=["several", "sent-again", "fragmented", "fragment-and-message"],
)
def test_engines_agree_on_sctp(tmp_path: Path, packets: list[bytes]):
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap(packets))
    compared(path)
