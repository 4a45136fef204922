"""Writes the messages of a capture the way programs log them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from sipscope.model.packets import Packet
from sipscope.model.time import SECOND

DASHES = b"-" * 72


def moment(packet: Packet, form: str) -> bytes:
    seconds, nanoseconds = divmod(packet.at, SECOND)
    return f"{datetime.fromtimestamp(seconds, tz=UTC):{form}}.{nanoseconds // 1000:06d}".encode()


def ways(packets: Iterable[Packet], own: str) -> Iterable[tuple[Packet, bool, bytes, bytes]]:
    """What a server sends and receives: the packet, whether it sends it, the other end's address and port."""
    for packet in packets:
        for end, other in ((packet.hop.source, packet.hop.destination), (packet.hop.destination, packet.hop.source)):
            if end.address == own:
                yield packet, end is packet.hop.source, other.address.encode(), str(other.port).encode()


def pjsip(packets: Iterable[Packet], own: str) -> bytes:
    log = b""
    for packet, sent, address, port in ways(packets, own):
        kind = b"response" if packet.payload.startswith(b"SIP/") else b"request"
        way = b"Transmitting SIP %s (%d bytes) to" if sent else b"Received SIP %s (%d bytes) from"
        log += b"[%s] VERBOSE[812] res_pjsip_logger.c: <--- " % moment(packet, "%Y-%m-%d %H:%M:%S")
        log += way % (kind, len(packet.payload)) + b" %s:%s:%s --->\n" % (b"UDP", bracketed(address), port)
        log += packet.payload + b"\n    -- Called PJSIP/1101\n"
    return log


def chan_sip(packets: Iterable[Packet], own: str) -> bytes:
    log = b""
    for packet, sent, address, port in ways(packets, own):
        end = bracketed(address) + b":" + port
        if not sent:
            log += b"\n<--- SIP read from UDP:%s --->\n%s\n<------------->\n" % (end, packet.payload)
            log += b"--- (12 headers 0 lines) ---\nSending to %s (NAT)\n" % end
        else:
            log += b"Reliably Transmitting (NAT) to %s:\n%s\n---\n" % (end, packet.payload)
    return log


def freeswitch(packets: Iterable[Packet], own: str) -> bytes:
    log = b""
    for packet, sent, address, port in ways(packets, own):
        way = b"send %d bytes to" if sent else b"recv %d bytes from"
        log += way % len(packet.payload) + b" udp/[%s]:%s at %s:\n" % (address, port, moment(packet, "%H:%M:%S"))
        log += b"   " + DASHES + b"\n"
        log += b"".join(b"   " + line + b"\n" for line in packet.payload.splitlines()) + b"   " + DASHES + b"\n"
        log += b"2026-05-01 10:00:00.000000 [DEBUG] sofia.c:7291 Channel entering state\n"
    return log


def cucm(packets: Iterable[Packet], own: str) -> bytes:
    log = b""
    for number, (packet, sent, address, port) in enumerate(ways(packets, own)):
        way = b"Outgoing SIP UDP message to" if sent else b"Incoming SIP UDP message size %d from" % len(packet.payload)
        log += b"%08d.001 |%s |AppInfo  |SIPUdp - x: %s " % (number, moment(packet, "%H:%M:%S"), way)
        log += b"%s:[%s]:\n[%d,NET]\n%s\n" % (bracketed(address), port, number, packet.payload)
    return log


def ios(packets: Iterable[Packet], own: str) -> bytes:
    log = b""
    for number, (packet, sent, _, _) in enumerate(ways(packets, own)):
        log += b"%06d: *%s: //-1/xxxxxxxxxxxx/SIP/Msg/ccsipDisplayMsg:\n" % (number, moment(packet, "%b %d %H:%M:%S"))
        log += (b"Sent:" if sent else b"Received:") + b"\n" + packet.payload + b"\n"
    return log


def sipp(packets: Iterable[Packet], own: str) -> bytes:
    log = b""
    for packet, sent, _, _ in ways(packets, own):
        way = b"sent (%d bytes)" if sent else b"received [%d] bytes "
        log += b"-" * 47 + b" " + moment(packet, "%Y-%m-%d %H:%M:%S") + b"\n"
        log += b"UDP message " + way % len(packet.payload) + b":\n\n" + packet.payload + b"\n"
    return log


def sngrep(packets: Iterable[Packet]) -> bytes:
    ends = (
        (moment(packet, "%Y/%m/%d %H:%M:%S"), str(packet.hop.source), str(packet.hop.destination), packet)
        for packet in packets
    )
    return b"".join(
        b"%s %s -> %s\n%s\n\n" % (at, source.encode(), destination.encode(), packet.payload)
        for at, source, destination, packet in ends
    )


def ngrep(packets: Iterable[Packet]) -> bytes:
    log = b""
    for packet in packets:
        source, destination = (
            f"{end.address}:{end.port}".encode() for end in (packet.hop.source, packet.hop.destination)
        )
        log += b"#\nU %s %s -> %s #7\n" % (moment(packet, "%Y/%m/%d %H:%M:%S"), source, destination)
        log += packet.payload.replace(b"\r\n", b".\n") + b"\n\n"
    return log


def sipdump(packets: Iterable[Packet]) -> bytes:
    log = b""
    for packet in packets:
        log += b"=" * 20 + b"\ntag: rcv\npid: 890\nprocess: 1\ntime: %d.%06d\n" % divmod(packet.at // 1000, 10**6)
        log += b"date: Fri May  1 10:00:00 2026\nproto: udp ipv4\n"
        for side, end in ((b"src", packet.hop.source), (b"dst", packet.hop.destination)):
            log += b"%sip: %s\n%sport: %d\n" % (side, end.address.encode(), side, end.port)
        log += b"~" * 20 + b"\n" + packet.payload + b"|" * 20 + b"\n"
    return log


def bracketed(address: bytes) -> bytes:
    return b"[%s]" % address if b":" in address else address


ONE_SIDED: dict[str, Callable[[Iterable[Packet], str], bytes]] = {
    "asterisk-pjsip-log": pjsip,
    "asterisk-sip-log": chan_sip,
    "freeswitch-siptrace": freeswitch,
    "cisco-cucm-sdl": cucm,
    "cisco-ios-ccsip": ios,
    "sipp-message-log": sipp,
}
"""Logs of one server."""

TWO_SIDED: dict[str, Callable[[Iterable[Packet]], bytes]] = {
    "sngrep-text": sngrep,
    "ngrep-text": ngrep,
    "kamailio-sipdump": sipdump,
}
"""Logs that tell both ends."""
