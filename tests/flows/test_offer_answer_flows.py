"""Offers and answers of the standards' examples are told exchange by exchange; nobody who follows them is accused."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

import sipscope
from sipscope.model.offer_answer import NegotiatedMedia, OfferAnswerExchange
from sipscope.model.trace import Trace
from tests.flows.story import PARTIES, accusations_of
from tests.trace_script import capture_of

SECTION = re.compile(
    r"(?P<kind>\w+) (?P<port>\d+) (?P<formats>[\w= .-]+?)(?: (?P<direction>sendrecv|sendonly|recvonly|inactive))?"
    r"(?: at (?P<address>[\d.]+))?"
)
CLOCKS = {"audio": 8000, "video": 90000}
RELEASED = "20.0 alice -> bob BYE\n20.1 bob -> alice 200 BYE\n60 end\n"
RELIABLE = "\n    Require: 100rel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Negotiated:
    """A flow of a document with what its exchanges come to.

    Attributes:
        source: Document and section.
        title: What happens in it.
        script: A trace script.
        exchanges: `pattern offerer outcome: codecs and direction of each m-line`, the direction being the offerer's.
        findings: Codes of the errors and warnings that it must give.
    """

    source: str
    title: str
    script: str
    exchanges: tuple[str, ...]
    findings: tuple[str, ...] = ()


def flow(source: str, title: str, script: str, *exchanges: str, findings: str = "") -> Negotiated:
    """A flow between Alice and Bob; Alice ends it where the script doesn't."""
    whole = PARTIES + script + ("" if "BYE" in script or "60 end" in script else RELEASED)
    codes = tuple(findings.split())
    return Negotiated(source=source, title=title, script=whole, exchanges=exchanges, findings=codes)


def sdp(text: str) -> str:
    """The lines of a description: `audio 4000 0 97=iLBC sendonly at 192.0.2.9; video 0 31`; `empty` has no m-line."""
    lines = ["s=-"] if text == "empty" else []
    for part in text.split("; ") if text != "empty" else ():
        found = SECTION.fullmatch(part)
        assert found is not None, part
        pairs = [item.partition("=") for item in found["formats"].split()]
        protocol = "RTP/AVP" if found["kind"] in CLOCKS else "udptl"
        lines.append(f"m={found['kind']} {found['port']} {protocol} {' '.join(number for number, _, _ in pairs)}")
        lines.extend([f"c=IN IP4 {found['address']}"] if found["address"] else [])
        lines.extend(f"a=rtpmap:{number} {name}/{CLOCKS[found['kind']]}" for number, _, name in pairs if name)
        lines.extend([f"a={found['direction']}"] if found["direction"] else [])
    return "".join(f"\n    {line}" for line in lines)


def answered(offer: str, answer: str) -> str:
    """A call that Bob answers."""
    ringing = f"0.0 alice -> bob INVITE{sdp(offer)}\n0.1 bob -> alice 180\n"
    return ringing + f"1.0 bob -> alice 200{sdp(answer)}\n1.1 alice -> bob ACK\n"


def changed(at: int, by: str, offer: str, answer: str) -> str:
    """A re-INVITE and its answer."""
    other = "bob" if by == "alice" else "alice"
    return (
        f"{at}.0 {by} -> {other} INVITE{sdp(offer)}\n{at}.1 {other} -> {by} 200 INVITE{sdp(answer)}\n"
        f"{at}.2 {by} -> {other} ACK\n"
    )


def refused(at: int, by: str, offer: str, status: int) -> str:
    """A re-INVITE that is refused."""
    other = "bob" if by == "alice" else "alice"
    request = f"{at}.0 {by} -> {other} INVITE{sdp(offer)}\n"
    return request + f"{at}.1 {other} -> {by} {status} INVITE\n{at}.2 {by} -> {other} ACK\n"


def updated(at: int, by: str, offer: str, answer: str) -> str:
    """An UPDATE and its answer."""
    other = "bob" if by == "alice" else "alice"
    return f"{at}.0 {by} -> {other} UPDATE{sdp(offer)}\n{at}.1 {other} -> {by} 200 UPDATE{sdp(answer)}\n"


PHONE = "audio 49170 0"
RFC_3264 = (
    flow(
        "F06, RFC 3264 §10.1",
        "video refused, port changed, events added",
        answered("audio 49170 0; video 51372 31; video 53000 32", "audio 49920 0; video 0 31; video 53000 32")
        + changed(
            5,
            "bob",
            "audio 65422 0; video 0 31; video 53000 32; audio 51434 110=telephone-events recvonly",
            "audio 49170 0; video 0 31; video 53000 32; audio 53122 110=telephone-events sendonly",
        ),
        "INVITE/200 caller answered: PCMU sendrecv, refused, MPV sendrecv",
        "re-INVITE/200 callee answered: PCMU sendrecv, unused, MPV sendrecv, telephone-events recvonly",
    ),
    flow(
        "F07, RFC 3264 §10.2",
        "one of N codecs selected",
        answered("audio 62986 0 4 18 inactive", "audio 54344 0 4 inactive")
        + changed(3, "alice", "audio 62986 4 sendrecv", "audio 54344 4 sendrecv"),
        "INVITE/200 caller answered: PCMU/G723 inactive",
        "re-INVITE/200 caller answered: G723 sendrecv",
    ),
)

RFC_4317 = (
    flow(
        "RFC 4317 §2.1",
        "one codec of each accepted",
        answered("audio 49170 0 8 97=iLBC; video 51372 31 32", "audio 49174 0; video 49170 32"),
        "INVITE/200 caller answered: PCMU sendrecv, MPV sendrecv",
    ),
    flow(
        "RFC 4317 §2.2",
        "second offer limits the codecs to one",
        answered("audio 49170 0 8 97=iLBC; video 51372 31 32", "audio 49172 0 8; video 0 31")
        + changed(3, "alice", "audio 51372 0; video 0 31", "audio 49172 0; video 0 31"),
        "INVITE/200 caller answered: PCMU/PCMA sendrecv, refused",
        "re-INVITE/200 caller answered: PCMU sendrecv, unused",
    ),
    flow(
        "RFC 4317 §2.3",
        "other payload type for the same codec in the answer",
        answered("audio 49170 0 8 97=iLBC; video 51372 31 32", "audio 49172 99=iLBC; video 51374 31"),
        "INVITE/200 caller answered: iLBC sendrecv, H261 sendrecv",
        # Legal, and yet a warning: products that send with their own number are common.
        findings="OA-010",
    ),
    flow(
        "RFC 4317 §2.4",
        "events in a stream of their own",
        answered(
            "audio 49170 0 97=iLBC; audio 49172 98=telephone-event sendonly",
            "audio 49172 97=iLBC; audio 49174 98=telephone-event recvonly",
        ),
        "INVITE/200 caller answered: iLBC sendrecv, telephone-event sendonly",
    ),
    flow(
        "RFC 4317 §2.5",
        "callee moves its media, caller says the same again",
        answered("audio 49170 97=iLBC; video 51372 31", "audio 49174 97=iLBC; video 49170 31")
        + changed(
            3,
            "bob",
            "audio 49178 97=iLBC at 192.0.2.21; video 49188 31 at 192.0.2.21",
            "audio 49170 97=iLBC; video 51372 31",
        ),
        "INVITE/200 caller answered: iLBC sendrecv, H261 sendrecv",
        "re-INVITE/200 callee answered: iLBC sendrecv, H261 sendrecv",
    ),
    flow(
        "RFC 4317 §2.6",
        "one of two audio streams declined",
        answered(
            "audio 49170 0; audio 51372 97=iLBC 101=telephone-event",
            "audio 0 0; audio 49170 97=iLBC 101=telephone-event",
        ),
        "INVITE/200 caller answered: refused, iLBC/telephone-event sendrecv",
    ),
    flow(
        "RFC 4317 §2.7",
        "second video codec added",
        answered("audio 49170 99=iLBC; video 51372 31", "audio 49172 99=iLBC; video 51374 31")
        + changed(3, "alice", "audio 49170 99=iLBC; video 51372 31 32", "audio 49172 99=iLBC; video 51374 31 32"),
        "INVITE/200 caller answered: iLBC sendrecv, H261 sendrecv",
        "re-INVITE/200 caller answered: iLBC sendrecv, H261/MPV sendrecv",
    ),
    flow(
        "RFC 4317 §2.8",
        "video at another address",
        answered("audio 49170 0 8 97=iLBC; video 51372 31 32", "audio 49174 0; video 49172 32 at 192.0.2.22"),
        "INVITE/200 caller answered: PCMU sendrecv, MPV sendrecv",
    ),
    flow(
        "RFC 4317 §3.1",
        "callee answers on hold and resumes",
        answered("audio 49170 0 97=iLBC", "audio 49172 97=iLBC sendonly at 192.0.2.22")
        + changed(3, "bob", "audio 49170 97=iLBC", "audio 49178 97=iLBC"),
        "INVITE/200 caller answered: iLBC recvonly",
        "re-INVITE/200 callee answered: iLBC sendrecv",
    ),
    flow(
        "RFC 4317 §3.2",
        "one of two streams put on hold, answered with the first offer's sections",
        answered(
            "audio 49170 0 97=iLBC; audio 49172 98=telephone-event sendonly",
            "audio 49172 97=iLBC; audio 49174 98=telephone-event recvonly",
        )
        + changed(
            3,
            "bob",
            "audio 49172 97=iLBC sendonly; audio 49174 98=telephone-event recvonly",
            "audio 49170 0 97=iLBC recvonly; audio 49172 98=telephone-event sendonly",
        ),
        "INVITE/200 caller answered: iLBC sendrecv, telephone-event sendonly",
        "re-INVITE/200 callee answered: iLBC sendonly, telephone-event recvonly",
    ),
    flow(
        "RFC 4317 §4.1",
        "second audio stream added at a media server",
        answered("audio 49170 0 97=iLBC", "audio 49170 97=iLBC")
        + changed(
            3,
            "bob",
            "audio 49170 97=iLBC; audio 48282 98=telephone-event recvonly at 192.0.2.22",
            "audio 49170 97=iLBC; audio 49172 98=telephone-event sendonly at 192.0.2.10",
        ),
        "INVITE/200 caller answered: iLBC sendrecv",
        "re-INVITE/200 callee answered: iLBC sendrecv, telephone-event recvonly",
    ),
    flow(
        "RFC 4317 §4.2",
        "video added",
        answered("audio 49170 0", "audio 49172 0")
        + changed(3, "alice", "audio 49170 0; video 49172 31", "audio 49172 0; video 49168 31"),
        "INVITE/200 caller answered: PCMU sendrecv",
        "re-INVITE/200 caller answered: PCMU sendrecv, H261 sendrecv",
    ),
    flow(
        "RFC 4317 §4.3",
        "video deleted",
        answered("audio 49170 97=iLBC; video 51372 31", "audio 49174 97=iLBC; video 49170 31")
        + changed(3, "bob", "audio 49174 97=iLBC; video 0 31", "audio 49170 97=iLBC; video 0 31"),
        "INVITE/200 caller answered: iLBC sendrecv, H261 sendrecv",
        "re-INVITE/200 callee answered: iLBC sendrecv, unused",
    ),
    flow(
        "RFC 4317 §5.1",
        "no media, then audio added",
        answered("empty", "empty") + changed(3, "alice", "audio 49170 97=iLBC", "audio 49172 97=iLBC"),
        "INVITE/200 caller answered",
        "re-INVITE/200 caller answered: iLBC sendrecv",
    ),
    flow(
        "F10, RFC 4317 §5.2",
        "offer without an address, then with one",
        answered("audio 23442 97=iLBC at 0.0.0.0", "audio 49170 97=iLBC")
        + changed(3, "alice", "audio 49170 97=iLBC", "audio 49170 97=iLBC"),
        "INVITE/200 caller answered: iLBC sendrecv",
        "re-INVITE/200 caller answered: iLBC sendrecv",
    ),
    flow(
        "RFC 4317 §5.3",
        "answer without an address, then an offer with one",
        answered("audio 49170 97=iLBC", "audio 9322 97=iLBC at 0.0.0.0")
        + changed(3, "bob", "audio 49172 97=iLBC", "audio 49170 97=iLBC"),
        "INVITE/200 caller answered: iLBC sendrecv",
        "re-INVITE/200 callee answered: iLBC sendrecv",
    ),
)

CHANGES = (
    flow(
        "F08",
        "address and port changed, video added, codec refused",
        answered(PHONE, "audio 5000 0")
        + changed(3, "alice", "audio 49180 0 at 192.0.2.11", "audio 5000 0")
        + changed(5, "alice", "audio 49180 0 at 192.0.2.11; video 49182 31", "audio 5000 0; video 5002 31")
        + refused(7, "alice", "audio 49180 18 at 192.0.2.11; video 49182 31", 488),
        "INVITE/200 caller answered: PCMU sendrecv",
        "re-INVITE/200 caller answered: PCMU sendrecv",
        "re-INVITE/200 caller answered: PCMU sendrecv, H261 sendrecv",
        "re-INVITE/200 caller rejected: -, -",
    ),
    flow(
        "F09",
        "second offer with fewer m-lines",
        answered("audio 49170 0; video 49172 31", "audio 5000 0; video 5002 31")
        + changed(3, "alice", "audio 49170 0", "audio 5000 0"),
        "INVITE/200 caller answered: PCMU sendrecv, H261 sendrecv",
        "re-INVITE/200 caller answered: PCMU sendrecv",
        findings="OA-003",
    ),
    flow(
        "F09",
        "second offer with m-lines in another order",
        answered("audio 49170 0; video 49172 31", "audio 5000 0; video 5002 31")
        + changed(3, "alice", "video 49172 31; audio 49170 0", "video 5002 31; audio 5000 0"),
        "INVITE/200 caller answered: PCMU sendrecv, H261 sendrecv",
        "re-INVITE/200 caller answered: H261 sendrecv, PCMU sendrecv",
        findings="OA-003",
    ),
    flow(
        "F09",
        "answer with m-lines in another order",
        answered("audio 49170 0; video 49172 31", "video 5002 31; audio 5000 0"),
        "INVITE/200 caller answered: none sendrecv, none sendrecv",
        findings="OA-002",
    ),
    flow(
        "F09",
        "answer with another number of m-lines",
        answered("audio 49170 0; video 49172 31", "audio 5000 0"),
        "INVITE/200 caller answered: PCMU sendrecv, -",
        findings="OA-001",
    ),
    flow(
        "F10",
        "hold by sendonly and resume",
        answered(PHONE, "audio 5000 0")
        + changed(3, "alice", "audio 49170 0 sendonly", "audio 5000 0 recvonly")
        + changed(6, "alice", PHONE, "audio 5000 0"),
        "INVITE/200 caller answered: PCMU sendrecv",
        "re-INVITE/200 caller answered: PCMU sendonly",
        "re-INVITE/200 caller answered: PCMU sendrecv",
    ),
    flow(
        "F10",
        "hold by inactive and resume",
        answered(PHONE, "audio 5000 0")
        + changed(3, "bob", "audio 5000 0 inactive", "audio 49170 0 inactive")
        + changed(6, "bob", "audio 5000 0", PHONE),
        "INVITE/200 caller answered: PCMU sendrecv",
        "re-INVITE/200 callee answered: PCMU inactive",
        "re-INVITE/200 callee answered: PCMU sendrecv",
    ),
    flow(
        "F10",
        "both sides hold, resumed in the other order",
        answered(PHONE, "audio 5000 0")
        + changed(3, "alice", "audio 49170 0 sendonly", "audio 5000 0 recvonly")
        + changed(5, "bob", "audio 5000 0 inactive", "audio 49170 0 inactive")
        + changed(7, "alice", "audio 49170 0 recvonly", "audio 5000 0 sendonly")
        + changed(9, "bob", "audio 5000 0", PHONE),
        "INVITE/200 caller answered: PCMU sendrecv",
        "re-INVITE/200 caller answered: PCMU sendonly",
        "re-INVITE/200 callee answered: PCMU inactive",
        "re-INVITE/200 caller answered: PCMU recvonly",
        "re-INVITE/200 callee answered: PCMU sendrecv",
    ),
    flow(
        "F10",
        "music on hold from a third address",
        answered(PHONE, "audio 5000 0")
        + changed(3, "bob", "audio 6000 0 sendonly at 192.0.2.60", "audio 49170 0 recvonly")
        + changed(6, "bob", "audio 5000 0", PHONE),
        "INVITE/200 caller answered: PCMU sendrecv",
        "re-INVITE/200 callee answered: PCMU sendonly",
        "re-INVITE/200 callee answered: PCMU sendrecv",
    ),
    flow(
        "F11",
        "offer in the 200, answer in the ACK",
        f"0.0 alice -> bob INVITE\n0.1 bob -> alice 180\n1.0 bob -> alice 200{sdp('audio 5000 0 8')}\n"
        f"1.1 alice -> bob ACK{sdp('audio 49170 8')}\n",
        "200/ACK callee answered: PCMA sendrecv",
    ),
)

SWITCHES = (
    flow(
        "RFC 3264 §8.1",
        "slot of a removed stream used again for another medium",
        answered("audio 49170 0; video 49172 31", "audio 5000 0; video 5002 31")
        + changed(3, "bob", "audio 5000 0; video 0 31", "audio 49170 0; video 0 31")
        + changed(5, "bob", "audio 5000 0; audio 5004 97=iLBC", "audio 49170 0; audio 49174 97=iLBC"),
        "INVITE/200 caller answered: PCMU sendrecv, H261 sendrecv",
        "re-INVITE/200 callee answered: PCMU sendrecv, unused",
        "re-INVITE/200 callee answered: PCMU sendrecv, iLBC sendrecv",
    ),
    flow(
        "T.38",
        "fax takes the place of the audio in a stream of its own",
        answered(PHONE, "audio 5000 0") + changed(3, "bob", "audio 0 0; image 5004 t38", "audio 0 0; image 49174 t38"),
        "INVITE/200 caller answered: PCMU sendrecv",
        "re-INVITE/200 callee answered: unused, none sendrecv",
    ),
    flow(
        "T.38",
        "fax refused, the call stays one of audio",
        answered(PHONE, "audio 5000 0") + refused(3, "bob", "audio 0 0; image 5004 t38", 488),
        "INVITE/200 caller answered: PCMU sendrecv",
        "re-INVITE/200 callee rejected: -, -",
    ),
)

ALLOW = "    Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE\n"
INVITED = f"0.0 alice -> bob INVITE{sdp(PHONE)}\n    Supported: 100rel\n"
ANSWERED_EARLY = (
    f"0.1 bob -> alice 183 rseq=1{sdp('audio 5000 0')}\n0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n"
)
ACCEPTED = "9.0 bob -> alice 200 INVITE\n9.1 alice -> bob ACK\n"
DELAYED = (
    "0.0 alice -> bob INVITE\n    Supported: 100rel\n"
    f"0.1 bob -> alice 183 rseq=1{sdp('audio 5000 0 8')}\n0.2 alice -> bob PRACK{sdp('audio 49170 8')}\n"
    "0.3 bob -> alice 200 PRACK\n"
)

EARLY = (
    flow(
        "F24, RFC 3262 §5",
        "answer in a reliable 183",
        INVITED + ANSWERED_EARLY + ACCEPTED,
        "INVITE/183-PRACK caller answered: PCMU sendrecv",
    ),
    flow(
        "F25, RFC 3262 §5",
        "offer in a reliable 183, answer in the PRACK",
        DELAYED + ACCEPTED,
        "183/PRACK callee answered: PCMA sendrecv",
    ),
    flow(
        "F25, RFC 3262 §5",
        "further offer in the PRACK",
        INVITED
        + f"0.1 bob -> alice 183 rseq=1{sdp('audio 5000 0')}\n0.2 alice -> bob PRACK{sdp('audio 49170 0 sendonly')}\n"
        + f"0.3 bob -> alice 200 PRACK{sdp('audio 5000 0 recvonly')}\n"
        + ACCEPTED,
        "INVITE/183-PRACK caller answered: PCMU sendrecv",
        "PRACK/200 caller answered: PCMU sendonly",
    ),
    flow(
        "RFC 3262 §5",
        "several reliable responses, the offer answered in one of them",
        INVITED
        + "0.1 bob -> alice 180 rseq=1\n0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n"
        + f"1.1 bob -> alice 183 rseq=2{sdp('audio 5000 0')}\n1.2 alice -> bob PRACK\n1.3 bob -> alice 200 PRACK\n"
        + "2.1 bob -> alice 180 rseq=3\n2.2 alice -> bob PRACK\n2.3 bob -> alice 200 PRACK\n"
        + ACCEPTED,
        "INVITE/183-PRACK caller answered: PCMU sendrecv",
    ),
    flow(
        "F24",
        "refused early UPDATE leaves the early session as it was",
        INVITED
        + ALLOW
        + ANSWERED_EARLY
        + f"2.0 alice -> bob UPDATE{sdp('audio 49170 18')}\n2.1 bob -> alice 488 UPDATE\n"
        + '    Warning: 305 bob "Incompatible media format"\n'
        + ACCEPTED,
        "INVITE/183-PRACK caller answered: PCMU sendrecv",
        "UPDATE/200 caller rejected: -",
    ),
    flow(
        "F26",
        "420 for 100rel, then without it",
        f"0.0 alice -> bob INVITE{sdp(PHONE)}{RELIABLE}\n0.1 bob -> alice 420\n    Unsupported: 100rel\n"
        f"0.2 alice -> bob ACK\n0.3 alice -> bob INVITE{sdp(PHONE)}\n1.0 bob -> alice 200{sdp('audio 5000 0')}\n"
        "1.1 alice -> bob ACK\n",
        "INVITE/200 caller answered: PCMU sendrecv",
    ),
    flow(
        "F27, RFC 3311 §8",
        "held by UPDATE before the answer, resumed by the callee's",
        INVITED
        + ALLOW
        + f"0.1 bob -> alice 180 rseq=1{sdp('audio 5000 0')}\n"
        + ALLOW
        + "0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n"
        + updated(2, "alice", "audio 49170 0 inactive", "audio 5000 0 inactive")
        + updated(4, "bob", "audio 5000 0 sendrecv", "audio 49170 0 sendrecv")
        + ACCEPTED,
        "INVITE/183-PRACK caller answered: PCMU sendrecv",
        "UPDATE/200 caller answered: PCMU inactive",
        "UPDATE/200 callee answered: PCMU sendrecv",
    ),
    flow(
        "F27",
        "UPDATE before the first answer",
        INVITED
        + f"0.1 bob -> alice 183\n0.5 alice -> bob UPDATE{sdp('audio 49180 0')}\n0.6 bob -> alice 500 UPDATE\n"
        + "    Retry-After: 5\n"
        + f"9.0 bob -> alice 200 INVITE{sdp('audio 5000 0')}\n9.1 alice -> bob ACK\n",
        "INVITE/200 caller answered: PCMU sendrecv",
        "UPDATE/200 caller rejected: -",
        findings="UPD-002",
    ),
    flow(
        "F27",
        "re-INVITE crosses an UPDATE; both get 491, one comes back",
        answered(PHONE, "audio 5000 0")
        + f"3.0 alice -> bob UPDATE{sdp('audio 49180 0')}\n3.001 bob -> alice INVITE{sdp('audio 5010 0')}\n"
        + "3.1 bob -> alice 491 UPDATE\n3.101 alice -> bob 491 INVITE\n3.2 bob -> alice ACK\n"
        + updated(6, "alice", "audio 49180 0", "audio 5000 0"),
        "INVITE/200 caller answered: PCMU sendrecv",
        "UPDATE/200 caller rejected: -",
        "re-INVITE/200 callee rejected: -",
        "UPDATE/200 caller answered: PCMU sendrecv",
    ),
)

FLOWS = (*RFC_3264, *RFC_4317, *CHANGES, *SWITCHES, *EARLY)
EVERY_FLOW = pytest.mark.parametrize("flow", FLOWS, ids=lambda item: f"{item.source} {item.title}")


def trace_of(flow: Negotiated, folder: Path) -> Trace:
    path = folder / "flow.pcap"
    path.write_bytes(capture_of(flow.script))
    return sipscope.analyze(str(path))


def told(exchange: OfferAnswerExchange) -> str:
    """An exchange in the words of the table above."""
    media = ", ".join(_media(item) for item in exchange.media)
    head = f"{exchange.pattern} {exchange.offerer} {exchange.outcome}"
    return f"{head}: {media}" if exchange.media else head


def _media(media: NegotiatedMedia) -> str:
    if media.offer is None or media.answer is None:
        return "-"
    if not media.is_accepted:
        return "unused" if media.offer.port == 0 else "refused"
    codecs = "/".join(item.encoding or str(item.payload_type) for item in media.formats) or "none"
    return f"{codecs} {media.direction}"


@EVERY_FLOW
def test_exchanges_are_told_as_the_document_tells_them(flow: Negotiated, tmp_path: Path) -> None:
    assert tuple(told(item) for item in trace_of(flow, tmp_path).exchanges) == flow.exchanges


@EVERY_FLOW
def test_nobody_is_accused_but_those_who_break_the_rules(flow: Negotiated, tmp_path: Path) -> None:
    assert accusations_of(trace_of(flow, tmp_path)) == flow.findings


def test_every_flow_has_a_name_of_its_own() -> None:
    names = Counter((flow.source, flow.title) for flow in FLOWS)
    assert [name for name, count in names.items() if count > 1] == []
