"""The engine as a whole: chunk borders, cut files, damage, and real captures."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sipscope.errors import UnreadableInput
from tests.capture.builders import OPTIONS, RINGING, ethernet, ipv4, ipv6, pcap, pcapng, read, rtp, tcp, udp


def mixture(count: int) -> list[bytes]:
    """Frames of all kinds: media, signalling, noise, fragments, streams."""
    frames, sequence = [], 100
    for n in range(count):
        payload = udp(OPTIONS, 5060, 5060 + n)
        frames += [
            ethernet(ipv4(udp(rtp(n), 4000 + n % 5, 5000), identification=n)),
            ethernet(ipv6(udp(rtp(n, bytes(n % 40)), 4000, 5000)), 0x86DD),
            ethernet(ipv4(udp(rtp(n), 4000, 5000)), tags=(0x8100,)),
            ethernet(ipv4(payload[:48], fragment=0x2000, identification=n)),
            ethernet(ipv4(payload[48:], fragment=6, identification=n)),
            ethernet(ipv4(tcp(RINGING, sequence), protocol=6)),
            ethernet(ipv4(payload)),
            ethernet(bytes(28), 0x0806),
        ]
        sequence += len(RINGING)
    return frames


FILES = [pcap(mixture(40)), pcapng(mixture(40))]


@pytest.mark.parametrize("data", FILES, ids=["pcap", "pcapng"])
@pytest.mark.parametrize("window_bytes", [64, 100, 1000, 4096, 50_000])
def test_size_of_the_window_changes_nothing(reading, data, window_bytes):
    whole = reading(data)
    parts = reading(data, window_bytes=window_bytes, stretch=128)
    assert parts.rows == whole.rows
    assert parts.facts == whole.facts
    assert parts.packets == whole.packets


@pytest.mark.parametrize("data", FILES, ids=["pcap", "pcapng"])
def test_every_frame_is_used_or_counted(reading, data):
    content = reading(data)
    assert content.facts.frames == 320
    assert content.adds_up


def test_packets_are_in_capture_order(reading):
    numbers = [packet.frames[-1] for packet in reading(FILES[0]).packets]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("data", [pcap(mixture(2)), pcapng(mixture(2))], ids=["pcap", "pcapng"])
def test_file_cut_anywhere_gives_the_front_of_it(reading, data):
    whole = reading(data)
    for size in [*range(100), *range(100, len(data), 11)]:
        try:
            part = reading(data[:size], window_bytes=512, stretch=64)
        except UnreadableInput:
            assert size < 28
            continue
        assert part.rows == whole.rows[: len(part.rows)]
        assert part.facts.frames <= whole.facts.frames
        assert part.adds_up


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32), st.sampled_from([pcap(mixture(4)), pcapng(mixture(4))]))
def test_damage_never_raises_and_everything_adds_up(reading, seed, data):
    rng = random.Random(seed)
    spoiled = bytearray(data)
    for _ in range(rng.randrange(1, 40)):
        spoiled[rng.randrange(28, len(spoiled))] = rng.randrange(256)
    content = reading(bytes(spoiled), window_bytes=rng.choice([256, 4096, 1 << 16]), stretch=rng.choice([64, 512]))
    assert content.adds_up


def test_real_captures_are_read_and_add_up(shared):
    captures = sorted((shared / "captures").iterdir())
    wrong = [path.name for path in captures if path.suffix not in {".md", ".tsv"} and not read(path).adds_up]
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "packets", "rows"),
    [
        ("irontec__sngrep__aaa.pcap", 82, 9),
        ("irontec__sngrep__ipv6frag.pcap", 32, 0),
        ("irontec__sngrep__ipip.pcap", 4, 0),
        ("goffinet__sip_captures__uac-uas-scenario-sipp.pcapng", 4618, 0),
        ("sipcapture__heplify__erspan_sip_ipv4_udp.pcapng", 140, 0),
        ("sipcapture__heplify__sip_sctp.pcap", 4, 0),
        ("realjimmy__sample-captures__DTMFsipinfo.pcap", 32, 0),
        ("realjimmy__sample-captures__h263-over-rtp.pcap", 4, 45),
        ("realjimmy__sample-captures__sip-tls-1.3-and-rtcp.zip__sip.pcap", 92, 4414),
        ("realjimmy__sample-captures__rtp_example.raw.gz", 1, 465),
        ("t0data__PCAP_wireshark__SIP_CALL_RTP_G711", 42, 2884),
        ("zeek__zeek__sip-long-request-response-paths.pcap", 2, 0),
    ],
)
def test_real_captures_hold_what_wireshark_finds(shared, name, packets, rows):
    content = read(shared / "captures" / name)
    assert (len(content.packets), len(content.rows)) == (packets, rows)


def test_not_a_capture_says_what_it_is_and_what_is_read(reading):
    with pytest.raises(UnreadableInput, match=r"begins with 48 65 6c 6c 6f 2c 20 77 \(Hello, w\).*pcapng"):
        reading(b"Hello, world")
