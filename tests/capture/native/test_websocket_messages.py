"""SIP over WebSocket, seen from outside: segments in a capture, packets out."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sipscope.model.network import Transport
from tests.capture.builders import A4, B4, OPTIONS, RINGING, Content, ethernet, ipv4, pcap, tcp
from tests.capture.websockets import Deflater, frame

REQUEST = (
    b"GET / HTTP/1.1\r\nHost: sip.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: sip\r\n\r\n"
)
RESPONSE = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
)
OTHER_REQUEST = REQUEST.replace(b"Protocol: sip", b"Protocol: graphql-ws")
MASK = b"\x12\x34\x56\x78"
PING, PONG, CLOSE = frame(b"?", first=0x89), frame(b"?", first=0x8A), frame(b"\x03\xe8", first=0x88)
PORTS = (40000, 80)


def segments(*payloads: bytes, begin: int = 100) -> list[bytes]:
    """One direction as segments that follow one another."""
    frames = []
    for payload in payloads:
        frames.append(ethernet(ipv4(tcp(payload, begin, ports=PORTS), protocol=6)))
        begin += len(payload)
    return frames


def backwards(*payloads: bytes) -> list[bytes]:
    """The same from the server's side."""
    frames, begin = [], 9000
    for payload in payloads:
        frames.append(ethernet(ipv4(tcp(payload, begin, ports=PORTS[::-1]), protocol=6, source=B4, destination=A4)))
        begin += len(payload)
    return frames


def payloads(content: Content) -> list[bytes]:
    assert content.adds_up
    return [packet.payload for packet in content.packets]


def test_messages_of_both_sides_are_packets_of_their_own(reading):
    frames = [*segments(REQUEST, frame(OPTIONS, mask=MASK)), *backwards(RESPONSE, frame(RINGING))]
    content = reading(pcap(frames))
    assert [(packet.payload, packet.frames, str(packet.hop.source)) for packet in content.packets] == [
        (OPTIONS, (2,), f"{A4}:40000"),
        (RINGING, (4,), f"{B4}:80"),
    ]
    assert {(packet.framed, packet.hop.transport) for packet in content.packets} == {(True, Transport.WS)}
    assert content.facts.set_aside == {"websocket-handshake": 2}


def test_message_in_several_segments_names_them_all(reading):
    whole = frame(OPTIONS, mask=MASK)
    content = reading(pcap(segments(REQUEST, whole[:5], whole[5:40], whole[40:])))
    assert [(packet.payload, packet.frames) for packet in content.packets] == [(OPTIONS, (2, 3, 4))]


def test_segment_with_several_messages_gives_each(reading):
    content = reading(pcap(segments(REQUEST + frame(OPTIONS, mask=MASK) + frame(RINGING, mask=MASK))))
    assert [(packet.payload, packet.frames) for packet in content.packets] == [(OPTIONS, (1,)), (RINGING, (1,))]


def test_fragments_are_joined_around_control_frames(reading):
    parts = [
        frame(OPTIONS[:20], first=0x01),
        PING,
        frame(OPTIONS[20:50], first=0x00),
        PONG,
        frame(OPTIONS[50:], first=0x80),
    ]
    content = reading(pcap(segments(REQUEST, *parts)))
    assert payloads(content) == [OPTIONS]
    assert content.facts.set_aside == {"websocket-handshake": 1, "websocket-control": 2}


@pytest.mark.parametrize("takes_over", [True, False])
def test_compressed_messages_are_read(reading, takes_over):
    deflater = Deflater(takes_over=takes_over)
    frames = [frame(deflater(text), first=0xC1, mask=MASK) for text in (OPTIONS, OPTIONS, RINGING)]
    assert payloads(reading(pcap(segments(REQUEST, *frames)))) == [OPTIONS, OPTIONS, RINGING]


def test_compressed_message_may_be_fragmented_and_follow_one_that_is_not(reading):
    packed = Deflater()(OPTIONS)
    frames = [frame(RINGING), frame(packed[:10], first=0x41), frame(packed[10:], first=0x80)]
    assert payloads(reading(pcap(segments(REQUEST, *frames)))) == [RINGING, OPTIONS]


def test_compressed_message_that_refers_to_lost_ones_is_counted(reading):
    deflater = Deflater()
    first, second, third = (frame(deflater(text), first=0xC1) for text in (OPTIONS, OPTIONS, OPTIONS))
    frames = segments(REQUEST, first, frame(RINGING), second, frame(RINGING), third)
    content = reading(pcap([*frames[:1], *frames[2:]]))
    assert payloads(content) == [RINGING, RINGING]
    assert content.facts.set_aside == {"websocket-handshake": 1, "websocket-not-inflatable": 2}


def test_keep_alive_in_a_frame_is_counted_so(reading):
    content = reading(pcap(segments(REQUEST, frame(b"\r\n\r\n", mask=MASK), frame(OPTIONS, mask=MASK))))
    assert payloads(content) == [OPTIONS]
    assert content.facts.set_aside == {"websocket-handshake": 1, "keep-alive": 1}


def test_connection_joined_in_the_middle_is_recognised_by_a_frame_with_sip(reading):
    rest = frame(OPTIONS, mask=MASK)[30:]
    content = reading(pcap(segments(rest, frame(RINGING, mask=MASK), frame(OPTIONS, mask=MASK))))
    assert payloads(content) == [RINGING, OPTIONS]
    assert content.facts.set_aside == {"tcp-before-first-message": 1}


def test_length_that_looks_like_a_line_end_hides_no_frame(reading):
    # 0x010A bytes: the second byte of the length is a line feed in front of the status line.
    padded = RINGING[:-2] + b"X: " + b"x" * (0x10A - len(RINGING) - 5) + b"\r\n\r\n"
    assert len(padded) == 0x10A
    content = reading(pcap(segments(frame(padded))))
    assert [(packet.payload, packet.hop.transport) for packet in content.packets] == [(padded, Transport.WS)]


def test_pings_in_front_of_the_first_message_decide_nothing(reading):
    content = reading(pcap(segments(*[PING] * 20, frame(OPTIONS, mask=MASK))))
    assert payloads(content) == [OPTIONS]


def test_hole_ends_a_message_and_reading_goes_on_at_the_next_that_begins_a_segment(reading):
    whole = frame(OPTIONS, mask=MASK)
    frames = segments(REQUEST, whole[:40], whole[40:60], whole[60:], PING, frame(RINGING, mask=MASK))
    content = reading(pcap([*frames[:2], *frames[3:]]))
    assert payloads(content) == [RINGING]
    assert content.facts.set_aside == {"websocket-handshake": 1, "websocket-incomplete": 3}
    assert "20 bytes" in content.facts.gaps[0].text


def test_bytes_that_are_no_frame_end_the_message(reading):
    content = reading(pcap(segments(REQUEST, b"\xf7garbage", frame(OPTIONS, mask=MASK))))
    assert payloads(content) == [OPTIONS]


def test_message_that_never_ends_is_set_aside(reading):
    content = reading(pcap(segments(REQUEST, frame(OPTIONS)[:-1])))
    assert payloads(content) == []
    assert content.facts.set_aside == {"websocket-handshake": 1, "websocket-incomplete": 1}


def test_close_is_a_control_frame(reading):
    content = reading(pcap(segments(REQUEST, frame(OPTIONS), CLOSE)))
    assert content.facts.set_aside == {"websocket-handshake": 1, "websocket-control": 1}


def test_connection_of_another_subprotocol_is_given_up(reading):
    content = reading(pcap(segments(OTHER_REQUEST, *[frame(b'{"type": "ping"}', mask=MASK)] * 30)))
    assert payloads(content) == []
    assert content.facts.set_aside["websocket-not-sip"] >= 29


def test_sip_is_found_without_its_subprotocol(reading):
    content = reading(pcap(segments(OTHER_REQUEST, frame(b"{}", mask=MASK), frame(OPTIONS, mask=MASK))))
    assert payloads(content) == [OPTIONS]


def test_request_repeated_with_credentials_is_still_the_handshake(reading):
    content = reading(pcap(segments(REQUEST, REQUEST, frame(OPTIONS, mask=MASK))))
    assert payloads(content) == [OPTIONS]
    assert content.facts.set_aside == {"websocket-handshake": 2}


def test_head_in_several_segments_is_one_head(reading):
    content = reading(pcap(segments(REQUEST[:30], REQUEST[30:120], REQUEST[120:], frame(OPTIONS, mask=MASK))))
    assert payloads(content) == [OPTIONS]
    assert content.facts.set_aside == {"websocket-handshake": 3}


def test_ports_used_again_start_with_a_new_handshake(reading):
    opening = ethernet(ipv4(tcp(b"", 99999, flags=2, ports=PORTS), protocol=6))
    second = segments(REQUEST, frame(RINGING, mask=MASK), begin=100000)
    content = reading(pcap([*segments(REQUEST, frame(OPTIONS, mask=MASK)[:30]), opening, *second]))
    assert payloads(content) == [RINGING]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_cut_into_segments_gives_the_messages(reading, data):
    deflater = Deflater()
    text = REQUEST + frame(OPTIONS, mask=MASK) + PING + frame(RINGING[:7], first=0x02) + PONG
    text += frame(RINGING[7:], first=0x80) + frame(deflater(OPTIONS), first=0xC1, mask=MASK) + CLOSE
    cuts = sorted(data.draw(st.sets(st.integers(len(REQUEST), len(text) - 1), max_size=12)))
    pieces = [text[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert payloads(reading(pcap(segments(*pieces)))) == [OPTIONS, RINGING, OPTIONS]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(min_size=1, max_size=60), max_size=6))
def test_any_bytes_behind_the_handshake_add_up(reading, pieces):
    assert reading(pcap(segments(REQUEST, *pieces))).adds_up
