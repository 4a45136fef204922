"""Writes a large capture of calls without media, taken at a proxy: every message shows on both of its sides.

A call is INVITE, 100, 180, 200 and ACK, BYE and 200; of every ten calls one is challenged first, one is held and
resumed, and one is cancelled. The same arguments give the same bytes. Calls overlap, one begins every 20 ms.
"""

import heapq
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path

CALLS = 1000

_EPOCH_MICROSECONDS = 1_790_000_000_000_000
_CALL_INTERVAL_MICROSECONDS = 20_000
_PROXY = "198.51.100.5"
_RECORD_ROUTE = f"Record-Route: <sip:{_PROXY};lr>"
_REALM = "proxy.example.com"
_CAPABILITIES = (
    "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, REFER, NOTIFY, INFO, MESSAGE",
    "Supported: timer, replaces, norefersub, gruu",
)


def write_sip_capture(path: Path, *, calls: int = CALLS) -> int:
    """Write the capture to `path`; how many frames it has, each of them one message."""
    frames = 0
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for at, frame in heapq.merge(*(_Call(number).frames() for number in range(calls))):
            frames += 1
            file.write(struct.pack("<IIII", at // 1_000_000, at % 1_000_000, len(frame), len(frame)) + frame)
    return frames


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exchange:
    """One request of a call, as often as it is sent.

    Attributes:
        method: The method of the request.
        cseq: Its sequence number.
        branch: What its branch parameters have in common.
        tagged: Whether the To tag is known.
        in_dialog: Whether it goes by the route set to the remote target.
        body: Its session description, or nothing.
    """

    method: str
    cseq: int
    branch: str
    tagged: bool = False
    in_dialog: bool = False
    body: str = ""

    def acknowledged(self, *, accepted: bool) -> "_Exchange":
        """The ACK: a transaction of its own where the INVITE was accepted (RFC 3261 §13.2.2.4, §17.1.1.3)."""
        branch = self.branch + "ack" if accepted else self.branch
        return _Exchange(method="ACK", cseq=self.cseq, branch=branch, tagged=True, in_dialog=accepted)


class _Call:
    """The messages of one call, by its number."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._seed = md5(str(number).encode(), usedforsecurity=False).hexdigest()
        self._caller = f"12.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self._callee = f"11.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self._at = _EPOCH_MICROSECONDS + number * _CALL_INTERVAL_MICROSECONDS

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """Every message with its time, in microseconds."""
        kind = self._number % 10
        first = _Exchange(method="INVITE", cseq=1, branch=self._seed[:10], body=self._description(1))
        if kind == 3:
            yield from self._challenged(first)
            first = _Exchange(method="INVITE", cseq=2, branch=self._seed[1:11], body=first.body)
        yield from self._invited(first, challenged=kind == 3)
        if kind == 7:
            yield from self._cancelled(first)
            return
        yield from self._accepted(first)
        if kind == 5:
            yield from self._changed(3, "sendonly", "recvonly")
            yield from self._changed(4, "sendrecv", "sendrecv")
        self._at += 2_000_000
        bye = _Exchange(method="BYE", cseq=9, branch=self._seed[9:19], in_dialog=True)
        yield from self._through(bye)
        yield from self._answered(bye, "200 OK")

    def _challenged(self, invite: _Exchange) -> Iterator[tuple[int, bytes]]:
        challenge = f'Proxy-Authenticate: Digest realm="{_REALM}", nonce="{self._seed}", algorithm=MD5, qop="auth"'
        yield self._request(invite, inner=False)
        yield self._response(invite, "407 Proxy Authentication Required", inner=False, more=(challenge,))
        yield self._request(invite.acknowledged(accepted=False), inner=False)

    def _invited(self, invite: _Exchange, *, challenged: bool) -> Iterator[tuple[int, bytes]]:
        credentials = (
            f'Proxy-Authorization: Digest username="caller{self._number}", realm="{_REALM}", nonce="{self._seed}", '
            f'uri="sip:callee{self._number}@example.net", response="{self._seed[::-1]}", algorithm=MD5, qop=auth, '
            f'cnonce="{self._seed[:8]}", nc=00000001'
        )
        yield self._request(invite, inner=False, more=(credentials,) if challenged else ())
        yield self._response(invite, "100 Trying", inner=False)
        yield self._request(invite, inner=True)
        self._at += 100_000
        yield from self._answered(invite, "180 Ringing")
        self._at += 1_000_000

    def _changed(self, cseq: int, direction: str, answer: str) -> Iterator[tuple[int, bytes]]:
        body = self._description(cseq - 1, direction)
        again = _Exchange(method="INVITE", cseq=cseq, branch=self._seed[cseq : cseq + 10], in_dialog=True, body=body)
        yield from self._through(again)
        yield from self._accepted(again, answer)

    def _accepted(self, invite: _Exchange, direction: str = "sendrecv") -> Iterator[tuple[int, bytes]]:
        version = invite.cseq - 1 if invite.in_dialog else 1
        yield from self._answered(invite, "200 OK", self._description(version, direction, callee=True))
        yield from self._through(invite.acknowledged(accepted=True))

    def _cancelled(self, invite: _Exchange) -> Iterator[tuple[int, bytes]]:
        cancel = _Exchange(method="CANCEL", cseq=invite.cseq, branch=invite.branch)
        for inner in (False, True):
            yield self._request(cancel, inner=inner)
            yield self._response(cancel, "200 OK", inner=inner)
        for inner in (True, False):
            yield self._response(invite, "487 Request Terminated", inner=inner)
            yield self._request(invite.acknowledged(accepted=False), inner=inner)

    def _through(self, exchange: _Exchange) -> Iterator[tuple[int, bytes]]:
        for inner in (False, True):
            yield self._request(exchange, inner=inner)

    def _answered(self, exchange: _Exchange, status: str, body: str = "") -> Iterator[tuple[int, bytes]]:
        for inner in (True, False):
            yield self._response(exchange, status, inner=inner, body=body)

    def _request(self, exchange: _Exchange, *, inner: bool, more: tuple[str, ...] = ()) -> tuple[int, bytes]:
        """A request from the caller to the proxy, or on its inner side from there to the callee."""
        at_callee = inner or exchange.in_dialog
        target = f"sip:callee{self._number}@{self._callee if at_callee else 'example.net'}"
        described = bool(exchange.body)
        lines = (
            f"{exchange.method} {target}{':5060' if at_callee else ''} SIP/2.0",
            *self._shared(exchange, inner=inner, tagged=exchange.tagged or exchange.in_dialog),
            f"Max-Forwards: {69 if inner else 70}",
            *((f"Contact: <sip:caller{self._number}@{self._caller}:5060>", *_CAPABILITIES) if described else ()),
            *((_RECORD_ROUTE,) if inner and described else ()),
            *((f"Route: <sip:{_PROXY};lr>",) if exchange.in_dialog and not inner else ()),
            *more,
            "User-Agent: Example Desk Phone/6.4.2 (build 20260111)",
        )
        return self._frame(lines, exchange.body, *(_PROXY, self._callee) if inner else (self._caller, _PROXY))

    def _response(
        self, exchange: _Exchange, status: str, *, inner: bool, body: str = "", more: tuple[str, ...] = ()
    ) -> tuple[int, bytes]:
        """A response from the callee to the proxy, or on its outer side from there to the caller."""
        creates = status[:3] in {"180", "200"} and exchange.method == "INVITE"
        contact = f"Contact: <sip:callee{self._number}@{self._callee}:5060>"
        lines = (
            f"SIP/2.0 {status}",
            *self._shared(exchange, inner=inner, tagged=not status.startswith("100")),
            *((_RECORD_ROUTE, contact, *_CAPABILITIES) if creates else ()),
            *more,
            "Server: Example Gateway/2.1",
        )
        return self._frame(lines, body, *(self._callee, _PROXY) if inner else (_PROXY, self._caller))

    def _shared(self, exchange: _Exchange, *, inner: bool, tagged: bool) -> Iterator[str]:
        """What a request has in common with its responses (RFC 3261 §8.2.6.2)."""
        if inner:
            yield f"Via: SIP/2.0/UDP {_PROXY}:5060;branch=z9hG4bKp{exchange.branch}"
        yield f"Via: SIP/2.0/UDP {self._caller}:5060;branch=z9hG4bK{exchange.branch};rport"
        yield f'From: "Caller {self._number}" <sip:caller{self._number}@example.com>;tag={self._seed[4:14]}'
        to_tag = f";tag={self._seed[14:24]}" if tagged else ""
        yield f"To: <sip:callee{self._number}@example.net>{to_tag}"
        yield f"Call-ID: {self._seed}@{self._caller}"
        yield f"CSeq: {exchange.cseq} {exchange.method}"

    def _description(self, version: int, direction: str = "sendrecv", *, callee: bool = False) -> str:
        address, session = (self._callee, 77) if callee else (self._caller, 33)
        port = 20000 + self._number % 4000 * 2
        lines = (
            *("v=0", f"o=- {session}{self._number} {version} IN IP4 {address}", "s=-", f"c=IN IP4 {address}", "t=0 0"),
            *(f"m=audio {port} RTP/AVP {'8 101' if callee else '8 0 9 18 101'}", "a=rtpmap:8 PCMA/8000"),
            *(() if callee else ("a=rtpmap:0 PCMU/8000", "a=rtpmap:9 G722/8000", "a=rtpmap:18 G729/8000")),
            *("a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16", "a=ptime:20", f"a={direction}", ""),
        )
        return "\r\n".join(lines)

    def _frame(self, lines: tuple[str, ...], body: str, source: str, destination: str) -> tuple[int, bytes]:
        """An Ethernet frame with the message over UDP, a millisecond behind the one before."""
        self._at += 1000
        typed = ("Content-Type: application/sdp",) if body else ()
        payload = ("\r\n".join((*lines, *typed, f"Content-Length: {len(body)}")) + "\r\n\r\n" + body).encode()
        udp = struct.pack(">HHHH", 5060, 5060, len(payload) + 8, 0) + payload
        internet = struct.pack(">BBHHHBBH", 0x45, 0, len(udp) + 20, 0, 0, 64, 17, 0) + _octets(source)
        return self._at, bytes(12) + b"\x08\x00" + internet + _octets(destination) + udp


def _octets(address: str) -> bytes:
    return bytes(int(octet) for octet in address.split("."))
