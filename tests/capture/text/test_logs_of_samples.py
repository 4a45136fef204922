"""A log of what a capture holds gives what the capture gives."""

from collections import Counter
from functools import cache

import pytest

from sipscope.capture import open_capture
from sipscope.model.packets import Packet
from sipscope.pipeline import reconstruct
from tests.capture.text.writers import ONE_SIDED, TWO_SIDED
from tests.conftest import REPOSITORY

DAY = 86400 * 10**9
PHONES = [
    ("basic-call", "192.0.2.10"),
    ("blind-transfer", "192.0.2.10"),
    ("digest-registration", "192.0.2.10"),
    ("ipv6-call", "2001:db8::20"),
]
SERVERS = [
    ("basic-call", "192.0.2.1"),
    ("cancelled", "192.0.2.1"),
    ("digest-registration", "192.0.2.1"),
    ("forked-call-cancel", "192.0.2.1"),
    ("invite-unanswered", "192.0.2.1"),
]
TELL_THE_PEER = [name for name in ONE_SIDED if name not in {"cisco-ios-ccsip", "sipp-message-log"}]


@cache
def packets_of(sample: str) -> tuple[Packet, ...]:
    reader = open_capture(str(REPOSITORY / "samples" / f"{sample}.pcapng"))
    return tuple(packet for chunk in reader.chunks() for packet in chunk.packets if b"SIP/2.0" in packet.payload)


def at(packets: tuple[Packet, ...], own: str) -> list[Packet]:
    return [packet for packet in packets if own in {packet.hop.source.address, packet.hop.destination.address}]


@pytest.mark.parametrize(("sample", "own"), PHONES)
@pytest.mark.parametrize("name", ONE_SIDED)
def test_log_of_a_phone_gives_payloads_and_addresses(log, name, sample, own):
    expected = at(packets_of(sample), own)
    read = log(ONE_SIDED[name](expected, own))
    assert read.facts.format == name
    assert [(packet.payload, packet.hop) for packet in read.packets] == [
        (packet.payload, packet.hop) for packet in expected
    ]


@pytest.mark.parametrize(("sample", "own"), SERVERS)
@pytest.mark.parametrize("name", TELL_THE_PEER)
def test_log_of_a_server_gives_payloads_and_addresses(log, name, sample, own):
    expected = at(packets_of(sample), own)
    assert [(packet.payload, packet.hop) for packet in log(ONE_SIDED[name](expected, own)).packets] == [
        (packet.payload, packet.hop) for packet in expected
    ]


@pytest.mark.parametrize("name", [name for name in ONE_SIDED if name != "asterisk-sip-log"])
def test_times_of_day_are_kept_to_the_microsecond(log, name):
    expected = at(packets_of("basic-call"), "192.0.2.10")
    assert [packet.at // 1000 % (DAY // 1000) for packet in log(ONE_SIDED[name](expected, "192.0.2.10")).packets] == [
        packet.at // 1000 % (DAY // 1000) for packet in expected
    ]


@pytest.mark.parametrize("sample", ["basic-call", "attended-transfer", "forked-call-cancel", "ipv6-call"])
@pytest.mark.parametrize("name", TWO_SIDED)
def test_log_of_both_ends_gives_everything(log, name, sample):
    expected = packets_of(sample)
    assert [(packet.payload, packet.hop, packet.at // 1000) for packet in log(TWO_SIDED[name](expected)).packets] == [
        (packet.payload, packet.hop, packet.at // 1000) for packet in expected
    ]


@pytest.mark.parametrize("sample", ["basic-call", "attended-transfer", "forked-call-cancel", "busy"])
def test_calls_are_those_of_the_capture(tmp_path, sample):
    path = tmp_path / "sngrep.txt"
    path.write_bytes(TWO_SIDED["sngrep-text"](packets_of(sample)))
    capture, read = reconstruct(str(REPOSITORY / "samples" / f"{sample}.pcapng")), reconstruct(str(path))
    assert Counter(call.outcome for call in read.calls) == Counter(call.outcome for call in capture.calls)
    assert [dialog.key for dialog in read.dialogs] == [dialog.key for dialog in capture.dialogs]
