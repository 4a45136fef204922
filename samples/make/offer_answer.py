"""Small calls about offers and answers: one line a message, from which the SIPp scenarios of both parties are made.

    alice INVITE | audio 4000 8 101=telephone-event; video 4002 96=VP8 sendonly | Supported: 100rel
    bob 183 rseq=1 | audio 5000 8
    alice PRACK

A line is: who sends, the method or status, options; then the sections of a
description (`empty` for one without any), then header fields. A response is to
the newest open request of the other party; `200 PRACK` names another. Options:
`wait=` milliseconds before it is sent; `rseq=`, `rack=` numbers; `o=` version
in place of the next one; `tag=` To tag; `again` repeats the newest message of
that name; `multipart` puts the description beside another part. `bob RTP 5000
4000 12` sends that many packets of 100 ms.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

ADDRESS = {"alice": "192.0.2.10", "bob": "192.0.2.20"}
PHRASES = {180: "Ringing", 183: "Session Progress", 200: "OK", 481: "Call/Transaction Does Not Exist",
           488: "Not Acceptable Here", 500: "Server Internal Error", 504: "Server Time-out"}
CLOCKS = {"audio": 8000, "video": 90000}
BURST = Path(__file__).resolve().parent / "rtp_burst.py"

UP = """
alice INVITE | {offer}
bob 180
bob 200 INVITE wait=300 | {answer}
alice ACK
"""
DOWN = """
alice BYE wait=400
bob 200 BYE
"""
EARLY = """
alice INVITE | audio 4000 8 | Supported: 100rel | Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE
bob 183 rseq=1 | audio 5000 8 | Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE
alice PRACK
bob 200 PRACK
"""
ACCEPTED = """
bob 200 INVITE wait=300
alice ACK
"""


def up(offer: str, answer: str) -> str:
    return UP.format(offer=offer, answer=answer)


def change(by: str, offer: str, answer: str, more: str = "") -> str:
    other = "bob" if by == "alice" else "alice"
    return f"{by} INVITE wait=400 {more}| {offer}\n{other} 200 INVITE | {answer}\n{by} ACK\n"


TWO = "audio {0} 8; video {1} 96=VP8"
ALICE, BOB = TWO.format(4000, 4002), TWO.format(5000, 5002)
PHONE_A, PHONE_B = "audio 4000 8", "audio 5000 8"

CALLS = {
    # -- m-lines
    "answer-count": up(ALICE, PHONE_B) + DOWN,
    "answer-reordered": up(ALICE, "video 5002 96=VP8; audio 5000 8") + DOWN,
    "answer-retyped": up(ALICE, "audio 5000 8; image 5002 t38") + DOWN,
    "offer-reordered": up(ALICE, BOB)
    + change("alice", "video 4002 96=VP8; audio 4000 8", "video 5002 96=VP8; audio 5000 8") + DOWN,
    "offer-dropped": up(ALICE, BOB) + change("bob", PHONE_B, PHONE_A) + DOWN,
    # -- o=
    "origin-stale": up(PHONE_A, PHONE_B) + change("alice", "audio 4000 8 sendonly", "audio 5000 8 recvonly", "o=1 ") + DOWN,
    "origin-jump": up(PHONE_A, PHONE_B) + change("alice", "audio 4000 8 sendonly", "audio 5000 8 recvonly", "o=9 ") + DOWN,
    # -- codecs and directions
    "codec-not-offered": up("audio 4000 8", "audio 5000 0") + DOWN,
    "payload-remapped": up("audio 4000 8 97=iLBC", "audio 5000 97=iLBC")
    + change("alice", "audio 4000 8 97=speex", "audio 5000 8") + DOWN,
    "direction-illegal": up(PHONE_A, PHONE_B)
    + change("alice", "audio 4000 8 sendonly", "audio 5000 8 sendrecv")
    + change("alice", "audio 4000 8 recvonly", "audio 5000 8 recvonly")
    + change("alice", "audio 4000 8 inactive", "audio 5000 8 sendonly") + DOWN,
    # -- answers that don't come, or come as another one
    "offer-unanswered": up(PHONE_A, PHONE_B).replace(f"| {PHONE_B}", "") + DOWN,
    "delayed-offer-unanswered": up(PHONE_A, PHONE_B).replace(f"| {PHONE_A}", "") + DOWN,
    "preview-differs": f"alice INVITE | {PHONE_A}\nbob 183 | audio 5000 8\nbob 200 INVITE wait=600 | audio 5004 0\n"
    .replace("audio 4000 8", "audio 4000 8 0") + "alice ACK\n" + DOWN,
    "offer-while-pending": up(PHONE_A, PHONE_B)
    + "alice UPDATE wait=400 | audio 4004 8\nalice UPDATE wait=100 | audio 4008 8\n"
    + "bob 500 UPDATE | | Retry-After: 2\nbob 200 UPDATE wait=100 | audio 5000 8\n" + DOWN,
    "change-refused": up(PHONE_A, PHONE_B)
    + "alice INVITE wait=400 | audio 4000 18\nbob 488 | | Warning: 305 bob.example \"Incompatible media format\"\n"
    + "alice ACK\n" + DOWN,
    # -- reliable responses and UPDATE
    "prack-missing": "alice INVITE | audio 4000 8 | Supported: 100rel\nbob 183 rseq=1\nbob 183 again wait=500\n"
    + "bob 183 again wait=1000\nbob 183 again wait=2000\nbob 183 again wait=4000\nbob 504 wait=2000\nalice ACK\n",
    "rack-wrong": EARLY.replace("alice PRACK", "alice PRACK rack=7\nbob 481 PRACK\nalice PRACK")
    + ACCEPTED + DOWN,
    "rseq-jump": EARLY + "bob 180 rseq=5 wait=200\nalice PRACK rack=5\nbob 200 PRACK\n" + ACCEPTED + DOWN,
    "update-too-early": "alice INVITE | audio 4000 8 | Supported: 100rel\nbob 180\n"
    + "alice UPDATE wait=200 | audio 4004 8\nbob 500 UPDATE | | Retry-After: 2\n"
    + f"bob 200 INVITE wait=300 | {PHONE_B}\nalice ACK\n" + DOWN,
    # -- early media
    "dead-air": "alice INVITE | audio 4000 3\nbob 183 wait=200 | audio 5000 3\nbob 200 INVITE wait=7000 | audio 5000 3\n"
    + "alice ACK\nbob RTP 5000 4000 10\nalice RTP 4000 5000 10\nalice BYE wait=1300\nbob 200 BYE\n",
    "media-before-description": "alice INVITE | audio 4000 3\nbob 183 wait=100\nbob RTP 5000 4000 12\n"
    + "bob 200 INVITE wait=1400 | audio 5000 3\nalice ACK\nalice RTP 4000 5000 6\nalice BYE wait=900\nbob 200 BYE\n",
    # -- what is right
    "clean-hold": up(PHONE_A, PHONE_B)
    + change("alice", "audio 4000 8 sendonly", "audio 5000 8 recvonly") + change("alice", PHONE_A, PHONE_B)
    + change("bob", "audio 5000 8 inactive", "audio 4000 8 inactive") + change("bob", PHONE_B, PHONE_A) + DOWN,
    "clean-early-update": EARLY + "alice UPDATE wait=200 | audio 4000 8 inactive\nbob 200 UPDATE | audio 5000 8 inactive\n"
    + "bob UPDATE wait=200 | audio 5000 8 sendrecv\nalice 200 UPDATE | audio 4000 8 sendrecv\n" + ACCEPTED + DOWN,
    "clean-delayed-early": "alice INVITE | | Supported: 100rel\nbob 183 rseq=1 | audio 5000 8 0\n"
    + "alice PRACK | audio 4000 8\nbob 200 PRACK\n" + ACCEPTED + DOWN,
    "clean-fork": "alice INVITE | audio 4000 8\nbob 180 tag=one\nbob 183 tag=two wait=200 | audio 5000 8\n"
    + "bob 200 INVITE tag=two wait=400 | audio 5000 8\nalice ACK tag=two\n"
    + DOWN.replace("BYE wait", "BYE tag=two wait"),
    "clean-declined-video": up(ALICE, "audio 5000 8; video 0 96=VP8")
    + change("alice", "audio 4000 8; video 0 96=VP8", "audio 5000 8; video 0 96=VP8") + DOWN,
    "clean-slot-reuse": up(ALICE, BOB)
    + change("bob", "audio 5000 8; video 0 96=VP8", "audio 4000 8; video 0 96=VP8")
    + change("bob", "audio 5000 8; audio 5004 0", "audio 4000 8; audio 4004 0") + DOWN,
    "clean-fax": up(PHONE_A, PHONE_B) + change("bob", "audio 0 8; image 5002 t38", "audio 0 8; image 4002 t38") + DOWN,
    "clean-payload-types": up("audio 4000 8 101=telephone-event", "audio 5000 8 96=telephone-event") + DOWN,
    "clean-multipart": up(PHONE_A, PHONE_B).replace("alice INVITE", "alice INVITE multipart") + DOWN,
}  # fmt: skip
"""Every call by the name of its capture."""


@dataclass
class Message:
    """One message as it goes out."""

    who: str
    label: str
    wait: int
    text: str
    is_repeat: bool = False


@dataclass
class Request:
    """What answers need to know of a request."""

    who: str
    method: str
    number: int
    via: str
    uri: str
    final: int | None = None


@dataclass
class Script:
    """The messages of a call with everything filled in but the Call-ID."""

    text: str
    messages: list[Message] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=lambda: {"alice": 0, "bob": 100})
    tags: dict[str, str] = field(default_factory=lambda: {who: token() for who in ADDRESS})
    ids: dict[str, int] = field(default_factory=lambda: {who: random.randrange(10**9, 2**31) for who in ADDRESS})
    said: dict[str, tuple[str, int]] = field(default_factory=dict)
    early: dict[str, str] = field(default_factory=dict)
    reliable: int = 0

    def __post_init__(self) -> None:
        for line in filter(str.strip, self.text.splitlines()):
            self._add(line)

    def _add(self, line: str) -> None:
        head, *more = (part.strip() for part in line.split("|"))
        who, label, *words = head.split()
        if label == "RTP":
            self._media(who, words)
            return
        options = {name: value for name, _, value in (word.partition("=") for word in words if not word.isupper())}
        wait = int(options.get("wait", "40"))
        if "again" in options:
            text = next(each.text for each in reversed(self.messages) if (each.who, each.label) == (who, label))
            self.messages.append(Message(who, label, wait, text, is_repeat=True))
            return
        method = next((word for word in words if word.isupper()), None)
        first, fields, tag = (
            self._response(who, int(label), method, options) if label.isdigit() else self._request(who, label, options)
        )
        body = self._body(who, more[0], options) if more and more[0] else ("", "")
        lines = [first, *fields, f"Contact: <sip:{who}@{ADDRESS[who]}:5060>", *more[1:], "User-Agent: SIPp 3.6.1"]
        lines += [f"Content-Type: {body[0]}"] if body[0] else []
        text = "\n".join([*lines, "Content-Length: [len]", "", body[1]])
        self.messages.append(Message(who, label, wait, text))

    def _media(self, who: str, words: list[str]) -> None:
        other = "bob" if who == "alice" else "alice"
        command = f"python3 {BURST} {words[0]} {ADDRESS[other]} {words[1]} {words[2]}"
        self.messages.append(Message(who, "RTP", 40, command))

    def _request(self, who: str, method: str, options: dict[str, str]) -> tuple[str, list[str], str]:
        other = "bob" if who == "alice" else "alice"
        invite = next((each for each in reversed(self.requests) if (each.who, each.method) == (who, "INVITE")), None)
        tag = self._tag_of(other, options)
        known = f";tag={tag}" if self.messages else ""
        via = f"SIP/2.0/UDP {ADDRESS[who]}:5060;branch=z9hG4bK{token()}"
        uri = f"sip:{other}@{ADDRESS[other]}:5060"
        if method == "ACK" and invite is not None:
            number, via = invite.number, (via if (invite.final or 0) < 300 else invite.via)
        else:
            self.numbers[who] += 1
            number = self.numbers[who]
        request = Request(who, method, number, via, uri)
        if method != "ACK":
            self.requests.append(request)
        fields = [
            f"Via: {via}",
            "Max-Forwards: 70",
            f"From: <sip:{who}@{ADDRESS[who]}>;tag={self._tag_of(who, options)}",
            f"To: <sip:{other}@{ADDRESS[other]}>{known}",
            "Call-ID: [call_id]",
            f"CSeq: {number} {method}",
        ]
        if method == "PRACK" and self.requests:
            number = next(each.number for each in self.requests if each.method == "INVITE")
            fields.append(f"RAck: {options.get('rack', self.reliable)} {number} INVITE")
        return f"{method} {uri} SIP/2.0", fields, tag

    def _response(
        self, who: str, status: int, method: str | None, options: dict[str, str]
    ) -> tuple[str, list[str], str]:
        open_ones = [each for each in self.requests if each.who != who and method in {None, each.method}]
        request = next((each for each in reversed(open_ones) if each.final is None), open_ones[-1])
        if status >= 200:
            request.final = status
        other = request.who
        tag = self._tag_of(who, options)
        fields = [
            f"Via: {request.via}",
            f"From: <sip:{other}@{ADDRESS[other]}>;tag={self._tag_of(other, options)}",
            f"To: <sip:{who}@{ADDRESS[who]}>;tag={tag}",
            "Call-ID: [call_id]",
            f"CSeq: {request.number} {request.method}",
        ]
        if "rseq" in options:
            self.reliable = int(options["rseq"])
            fields += ["Require: 100rel", f"RSeq: {self.reliable}"]
        return f"SIP/2.0 {status} {PHRASES[status]}", fields, tag

    def _tag_of(self, who: str, options: dict[str, str]) -> str:
        if who == "bob" and "tag" in options:
            return self.early.setdefault(options["tag"], token())
        if who == "bob" and "two" in self.early:
            return self.early["two"]
        return self.tags[who]

    def _body(self, who: str, text: str, options: dict[str, str]) -> tuple[str, str]:
        """Content-Type and body."""
        sections = "" if text == "empty" else "".join(section_of(part) for part in text.split("; "))
        before, version = self.said.get(who, ("", 0))
        version = int(options["o"]) if "o" in options else version + (before != sections)
        self.said[who] = (sections, version)
        description = (
            f"v=0\no={who} {self.ids[who]} {version} IN IP4 {ADDRESS[who]}\ns=call\n"
            f"c=IN IP4 {ADDRESS[who]}\nt=0 0\n{sections}"
        )
        if "multipart" not in options:
            return "application/sdp", description
        part = f"--part\nContent-Type: application/sdp\n\n{description}\n--part\nContent-Type: text/plain\n\nhello\n--part--\n"
        return "multipart/mixed;boundary=part", part

    def scenario(self, who: str) -> str:
        """What SIPp does for that party: it sends its own messages, and awaits the other's."""
        steps = [step for message in self.messages for step in _steps(message, who)]
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n'
            f'<scenario name="{who}">\n' + "\n".join(steps) + "\n</scenario>\n"
        )


def _steps(message: Message, who: str) -> list[str]:
    if message.who != who:
        if message.is_repeat or message.label == "RTP":
            return []
        kind = "response" if message.label.isdigit() else "request"
        return [f'  <recv {kind}="{message.label}"/>']
    pause = f'  <pause milliseconds="{message.wait}"/>'
    if message.label == "RTP":
        return [f'  <nop><action><exec command="{message.text}"/></action></nop>']
    return [pause, f"  <send><![CDATA[\n\n{message.text}\n  ]]></send>"]


def section_of(text: str) -> str:
    """`audio 4000 8 101=telephone-event sendonly` as lines."""
    found = re.fullmatch(r"(\w+) (\d+) (.+?)(?: (sendrecv|sendonly|recvonly|inactive))?", text)
    assert found is not None, text
    kind, port, formats, direction = found.groups()
    pairs = [item.partition("=") for item in formats.split()]
    protocol = "RTP/AVP" if kind in CLOCKS else "udptl"
    lines = [f"m={kind} {port} {protocol} {' '.join(number for number, _, _ in pairs)}"]
    lines += [f"a=rtpmap:{number} {name}/{CLOCKS[kind]}" for number, _, name in pairs if name]
    lines += ["a=T38FaxVersion:0"] if kind == "image" else []
    lines += [f"a={direction}"] if direction else []
    return "".join(f"{line}\n" for line in lines)


def token() -> str:
    """A tag or the end of a branch."""
    return f"{random.getrandbits(40):010x}"


def scenarios(name: str, folder: Path) -> tuple[Path, Path]:
    """Files with the scenarios of Alice and Bob for a call."""
    script = Script(CALLS[name])
    paths = []
    for who in ADDRESS:
        path = folder / f"{name}-{who}.xml"
        path.write_text(script.scenario(who))
        paths.append(path)
    return paths[0], paths[1]
