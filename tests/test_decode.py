"""Which packets are copies of one before, and which are messages of their own."""

from collections.abc import Iterable

import pytest

from sipscope import decode
from sipscope.decode import COPY_WINDOW, Decoder
from sipscope.model.network import Endpoint, Hop
from sipscope.model.packets import Packet


def _packet(at: int, call_id: str = "a", destination: str = "10.0.0.2") -> Packet:
    """A request on a hop of its own making, equal to that of others."""
    hop = Hop(Endpoint("10.0.0.1", 5060), Endpoint(destination, 5060))
    payload = f"OPTIONS sip:b SIP/2.0\r\nCall-ID: {call_id}\r\n\r\n".encode()
    return Packet(at=at, frames=(at + 1,), hop=hop, payload=payload)


def _decoded(packets: Iterable[Packet]) -> Decoder:
    decoder = Decoder()
    assert list(decoder.add(packets)) == []
    return decoder


def test_the_same_payload_on_an_equal_hop_soon_after_is_a_copy() -> None:
    assert _decoded([_packet(0), _packet(1)]).messages[0].copy_frames == (2,)


def test_the_same_payload_on_another_hop_is_a_message_of_its_own() -> None:
    assert len(_decoded([_packet(0), _packet(1, destination="10.0.0.3")]).messages) == 2


def test_a_copy_is_told_of_each_hop() -> None:
    packets = [_packet(0), _packet(1, destination="10.0.0.3"), _packet(2), _packet(3, destination="10.0.0.3")]
    assert [message.copy_frames for message in _decoded(packets).messages] == [(3,), (4,)]


def test_the_same_payload_later_is_a_retransmission() -> None:
    assert len(_decoded([_packet(0), _packet(COPY_WINDOW + 1)]).messages) == 2


@pytest.mark.parametrize(("between", "copies"), [(2, 1), (4, 0)])
def test_as_many_packets_as_promised_are_remembered(monkeypatch: pytest.MonkeyPatch, between: int, copies: int) -> None:
    monkeypatch.setattr(decode, "REMEMBERED_PACKETS", 2)
    others = [_packet(1 + number, f"other{number}", f"10.0.1.{number}") for number in range(between)]
    assert _decoded([_packet(0), *others, _packet(50)]).copies == copies
