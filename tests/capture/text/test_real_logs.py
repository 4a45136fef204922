"""Excerpts of logs from the field; skipped where they are not at hand."""

import pytest

from sipscope.capture import open_capture

NAT = "192.168.2.48:5060"


@pytest.mark.parametrize(
    ("name", "log_format", "messages"),
    [
        (
            "asterisk_pjsip_logger_extract.txt",
            "asterisk-pjsip-log",
            [
                ("192.168.100.12:60773", "192.168.100.10:5060", "ACK"),
                ("192.168.100.10:5060", "192.168.100.12:60773", "SIP/2.0 100"),
                ("192.168.100.10:5060", "192.168.100.11:64565", "INVITE"),
                ("192.168.100.11:64565", "192.168.100.10:5060", "SIP/2.0 100"),
            ],
        ),
        (
            "freeswitch_siptrace_extract.txt",
            "freeswitch-siptrace",
            [
                (NAT, "192.168.2.50:5060", "SIP/2.0 100"),
                ("192.168.3.43:5060", NAT, "SIP/2.0 180"),
                ("192.168.3.43:5060", NAT, "SIP/2.0 200"),
                (NAT, "192.168.3.43:5060", "ACK"),
            ],
        ),
        (
            "cucm_sdl_extract.txt",
            "cisco-cucm-sdl",
            [
                ("10.48.32.90:5060", "10.48.32.170:5060", "INVITE"),
                ("10.48.32.170:5060", "10.48.32.90:5060", "SIP/2.0 200"),
                ("10.48.32.90:5060", "10.48.32.170:5060", "ACK"),
                ("10.48.38.102:50147", "10.48.38.5:5060", "INVITE"),
            ],
        ),
        (
            "cisco_ios_ccsip_extract.txt",
            "cisco-ios-ccsip",
            [
                ("192.168.106.50:5060", "192.168.106.66:5060", "NOTIFY"),
                ("192.168.106.66:5060", "192.168.106.50:5060", "SIP/2.0 200"),
                ("172.18.193.250:5060", "172.18.193.251:5060", "SIP/2.0 183"),
                ("172.18.193.251:5060", "172.18.193.250:5060", "ACK"),
            ],
        ),
        (
            "publish_vq-rtcpxr_snom.sip",
            "sip-text",
            [("10.0.3.13:3072", "87.103.120.253:9070", "PUBLISH")],
        ),
    ],
)
def test_excerpt_gives_every_message_with_its_ends(shared, name, log_format, messages):
    reader = open_capture(str(shared / "text-traces" / name))
    packets = [packet for chunk in reader.chunks() for packet in chunk.packets]
    found = [(str(packet.hop.source), str(packet.hop.destination), packet.payload) for packet in packets]
    assert reader.facts().format == log_format
    assert [(source, destination) for source, destination, _ in found] == [message[:2] for message in messages]
    assert all(payload.startswith(message[2].encode()) for (*_, payload), message in zip(found, messages, strict=True))
