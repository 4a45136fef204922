"""Transfers between three parties who speak over plain sockets: one line a message.

    alice INVITE bob | audio 4000 8
    bob 180
    bob 200 wait=300 | audio 5000 8
    alice ACK bob
    bob REFER alice | | Refer-To: <sip:carol@192.0.2.30:5060>

A line is: who sends, a method and to whom or a status, options; then the body,
then header fields. A body is the sections of a description as in
offer_answer.py, `sipfrag` with a status line, or `text`. A response is to the
newest open request that its sender got; `200 NOTIFY` names another. Options:
`call=` another call between the same two; `wait=` milliseconds before it is
sent. `{bob-carol:...}` in a header field is a value of that call: `id`,
`escaped-id`, or the tag of a party.

Each party waits for what is sent to it before it goes on, so the order of the
lines is that of the capture wherever one party sees both.
"""

from __future__ import annotations

import json
import random
import re
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from offer_answer import section_of, token

ADDRESS = {"alice": "192.0.2.10", "bob": "192.0.2.20", "carol": "192.0.2.30"}
PHRASES = {100: "Trying", 180: "Ringing", 200: "OK", 202: "Accepted", 400: "Bad Request", 480: "Temporarily Unavailable",
           481: "Call/Transaction Does Not Exist", 486: "Busy Here", 487: "Request Terminated", 603: "Decline"}
TIMEOUT_S = 60

UP = """
alice INVITE bob | audio 4000 8
bob 180
bob 200 wait=300 | audio 5000 8
alice ACK bob
"""
HELD = UP + """
bob INVITE alice wait=500 | audio 5000 8 sendonly
alice 200 | audio 4000 8 recvonly
bob ACK alice
"""
REFER = """
bob REFER alice wait=500 | | Refer-To: <sip:carol@192.0.2.30:5060> | Referred-By: <sip:bob@192.0.2.20>
"""
ACCEPTED = "alice 202\n"
TRYING = """
alice NOTIFY bob | sipfrag 100 Trying | Event: refer | Subscription-State: active;expires=60
bob 200
"""
BLIND = HELD + REFER + ACCEPTED + TRYING
CALL = """
alice INVITE carol | audio 4002 8 | Referred-By: <sip:bob@192.0.2.20>
carol 180
"""
TALK = """
carol 200 wait=600 | audio 6000 8
alice ACK carol
"""
BUSY = """
carol 486 wait=300
alice ACK carol
"""
LEAVE = """
bob BYE alice
alice 200
"""
RESUME = """
bob INVITE alice wait=500 | audio 5000 8 sendrecv
alice 200 | audio 4000 8 sendrecv
bob ACK alice
"""
PART = """
carol BYE alice wait=1500
alice 200
"""
LATER = """
carol OPTIONS alice call=later wait=7000
alice 200 OPTIONS
"""
REPLACES = "{bob-carol:id};to-tag={bob-carol:carol};from-tag={bob-carol:bob}"
SWAPPED = "{bob-carol:id};to-tag={bob-carol:bob};from-tag={bob-carol:carol}"
CONSULTED = HELD + """
bob INVITE carol wait=300 | audio 5002 8
carol 180
carol 200 wait=300 | audio 6002 8
bob ACK carol
"""


def told(status: str, state: str = "terminated;reason=noresource") -> str:
    return f"alice NOTIFY bob | sipfrag {status} | Event: refer | Subscription-State: {state}\nbob 200\n"


def escaped(replaces: str) -> str:
    return replaces.replace(";", "%3B").replace("=", "%3D").replace("id}", "escaped-id}")


def attended(replaces: str) -> str:
    """With consultation, up to the INVITE with Replaces."""
    asked = REFER.replace(":5060>", f":5060?Replaces={escaped(replaces)}>")
    return CONSULTED + asked + ACCEPTED + TRYING + CALL.replace("Referred-By", f"Replaces: {replaces} | Referred-By") \
        .replace("carol 180\n", "")


CALLS = {
    # -- what is told is wrong, or isn't told
    "success-told-busy": BLIND + CALL + BUSY + told("200 OK") + LEAVE,
    "success-told-early": BLIND + CALL + told("200 OK") + TALK + LEAVE + PART,
    "result-never-told": BLIND + CALL + TALK + PART.replace("1500", "6000") + LEAVE.replace("alice", "alice wait=9000", 1),
    "body-not-sipfrag": BLIND + CALL + TALK
    + "alice NOTIFY bob | text 200 OK | Event: refer | Subscription-State: terminated;reason=noresource\nbob 200\n"
    + LEAVE + PART,
    "active-at-the-end": BLIND + CALL + TALK + told("200 OK", "active;expires=60") + LEAVE + PART,
    "result-rejected": BLIND + CALL + TALK + told("200 OK").replace("bob 200", "bob 481") + LEAVE + PART,
    # -- what is asked for is wrong, or refused
    "two-refer-to": HELD + REFER.replace(" | Referred", " | Refer-To: <sip:dave@192.0.2.40> | Referred") + "alice 400\n"
    + RESUME + LEAVE.replace("alice", "alice wait=500", 1),
    "tags-swapped": attended(SWAPPED) + "carol 481\nalice ACK carol\n"
    + told("481 Call/Transaction Does Not Exist") + RESUME
    + "bob BYE carol wait=300\ncarol 200\n" + LEAVE,
    "refused": HELD + REFER + "alice 603\n" + RESUME + LEAVE.replace("alice", "alice wait=500", 1),
    # -- who is left
    "left-before-busy": HELD + REFER + ACCEPTED + TRYING + CALL
    + LEAVE.replace("alice", "alice wait=200", 1) + BUSY + told("486 Busy Here") + LATER,
    "left-on-hold": BLIND + CALL + BUSY + told("486 Busy Here") + "alice BYE bob wait=17000\nbob 200\n",
    # -- what is right
    "clean-attended": attended(REPLACES) + "carol 200 | audio 6004 8\nalice ACK carol\n"
    + "carol BYE bob\nbob 200\n" + told("200 OK") + LEAVE + PART,
    "clean-busy": BLIND + CALL + BUSY + told("486 Busy Here") + RESUME + LEAVE.replace("alice", "alice wait=500", 1),
    "clean-cancelled": BLIND + CALL + "alice CANCEL carol wait=800\ncarol 200 CANCEL\ncarol 487 INVITE\nalice ACK carol\n"
    + told("487 Request Terminated") + RESUME + LEAVE.replace("alice", "alice wait=500", 1),
    "clean-left-early": HELD + REFER + ACCEPTED + TRYING + LEAVE + CALL + TALK + told("200 OK") + PART,
    "clean-notify-first": HELD + REFER + TRYING.replace("bob 200\n", "") + "alice 202\nbob 200 NOTIFY\n"
    + CALL + TALK + told("200 OK") + LEAVE + PART,
    "clean-no-subscription": HELD + REFER.replace(" | Referred", " | Refer-Sub: false | Supported: norefersub | Referred")
    + "alice 202 | | Refer-Sub: false | Supported: norefersub\n" + CALL + TALK + LEAVE + PART,
}  # fmt: skip
"""Every transfer by the name of its capture."""


@dataclass
class Call:
    """What the messages of one call share."""

    id: str
    caller: str
    tags: dict[str, str]
    numbers: dict[str, int]
    answered: bool = False


@dataclass
class Open:
    """What answers need to know of a request."""

    by: str
    to: str
    method: str
    number: int
    via: str
    call: Call
    known: str
    final: bool = False


@dataclass
class Script:
    """The messages of all calls with everything filled in."""

    text: str
    messages: list[dict[str, object]] = field(default_factory=list)
    calls: dict[str, Call] = field(default_factory=dict)
    open: list[Open] = field(default_factory=list)
    said: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=lambda: {who: random.randrange(10**9, 2**31) for who in ADDRESS})

    def __post_init__(self) -> None:
        for line in filter(str.strip, self.text.splitlines()):
            self._add(line)

    def _add(self, line: str) -> None:
        head, *more = (part.strip() for part in line.split("|"))
        who, label, *words = head.split()
        options = {name: value for name, _, value in (word.partition("=") for word in words if "=" in word)}
        plain = [word for word in words if "=" not in word]
        if label.isdigit():
            to, lines, call = self._response(who, int(label), plain)
        else:
            to, lines, call = self._request(who, label, plain[0], options.get("call", ""))
        kind, body = self._body(who, call, more[0]) if more and more[0] else ("", "")
        name = "Server" if label.isdigit() else "User-Agent"
        lines += [f"Contact: <sip:{who}@{ADDRESS[who]}:5060>"] if _makes_a_target(lines) else []
        lines += [*map(self._filled, more[1:]), f"{name}: {who}/1"]
        lines += [f"Content-Type: {kind}"] if kind else []
        text = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])
        self.messages.append({"by": who, "to": to, "wait": int(options.get("wait", "60")), "text": text})

    def _call(self, who: str, to: str, label: str) -> Call:
        key = "-".join(sorted((who, to))) + label
        if key not in self.calls:
            tags = {party: token() for party in (who, to)}
            self.calls[key] = Call(f"{token()}@{ADDRESS[who]}", who, tags, {who: 0, to: 100})
        return self.calls[key]

    def _request(self, who: str, method: str, to: str, label: str) -> tuple[str, list[str], Call]:
        call = self._call(who, to, label)
        invites = [item for item in self.open if item.call is call and item.by == who and item.method == "INVITE"]
        via = f"SIP/2.0/UDP {ADDRESS[who]}:5060;branch=z9hG4bK{token()}"
        known = f";tag={call.tags[to]}" if call.answered or who != call.caller else ""
        if method in {"ACK", "CANCEL"}:
            number, refused = invites[-1].number, not call.answered
            via = invites[-1].via if refused or method == "CANCEL" else via
            known = f";tag={call.tags[to]}" if method == "ACK" else invites[-1].known
        else:
            call.numbers[who] += 1
            number = call.numbers[who]
        if method != "ACK":
            self.open.append(Open(who, to, method, number, via, call, known))
        return to, [
            f"{method} sip:{to}@{ADDRESS[to]}:5060 SIP/2.0",
            f"Via: {via}",
            "Max-Forwards: 70",
            f"From: <sip:{who}@{ADDRESS[who]}>;tag={call.tags[who]}",
            f"To: <sip:{to}@{ADDRESS[to]}>{known}",
            f"Call-ID: {call.id}",
            f"CSeq: {number} {method}",
        ], call

    def _response(self, who: str, status: int, words: list[str]) -> tuple[str, list[str], Call]:
        mine = [item for item in self.open if item.to == who and (not words or item.method == words[0])]
        request = next(item for item in reversed(mine) if not item.final)
        request.final = status >= 200
        call = request.call
        call.answered = call.answered or (request.method == "INVITE" and 200 <= status < 300)
        return request.by, [
            f"SIP/2.0 {status} {PHRASES[status]}",
            f"Via: {request.via}",
            f"From: <sip:{request.by}@{ADDRESS[request.by]}>;tag={call.tags[request.by]}",
            f"To: <sip:{who}@{ADDRESS[who]}>;tag={call.tags[who]}",
            f"Call-ID: {call.id}",
            f"CSeq: {request.number} {request.method}",
        ], call

    def _filled(self, header: str) -> str:
        def value(found: re.Match[str]) -> str:
            call = self.calls[found[1]]
            known = {"id": call.id, "escaped-id": call.id.replace("@", "%40"), **call.tags}
            return known[found[2]]

        return re.sub(r"\{([a-z-]+):([a-z-]+)\}", value, header)

    def _body(self, who: str, call: Call, text: str) -> tuple[str, str]:
        """Content-Type and body."""
        kind, _, rest = text.partition(" ")
        if kind == "sipfrag":
            return "message/sipfrag;version=2.0", f"SIP/2.0 {rest}\r\n"
        if kind == "text":
            return "text/plain", f"{rest}\r\n"
        sections = "".join(section_of(part) for part in text.split("; "))
        before, version = self.said.get((who, call.id), ("", 0))
        version += before != sections
        self.said[who, call.id] = (sections, version)
        lines = f"v=0\no={who} {self.ids[who]} {version} IN IP4 {ADDRESS[who]}\ns=call\nc=IN IP4 {ADDRESS[who]}\nt=0 0\n"
        return "application/sdp", (lines + sections).replace("\n", "\r\n")


def _makes_a_target(lines: list[str]) -> bool:
    """Whether a message has a Contact: requests that make or refresh a dialog's target, and what accepts them."""
    method = lines[-1].split()[-1]
    refuses = lines[0].startswith("SIP/2.0") and int(lines[0].split()[1]) >= 300
    return method in {"INVITE", "REFER", "NOTIFY"} and not refuses


def write_script(name: str, folder: Path) -> Path:
    """A file with the messages of a transfer, for all parties to play."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(Script(CALLS[name]).messages))
    return path


def play(path: str, who: str) -> None:
    """Send one's own messages, each behind those that one waits for."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind((ADDRESS[who], 5060))
    sender.settimeout(TIMEOUT_S)
    early: list[str] = []
    for message in json.loads(Path(path).read_text()):
        if message["by"] == who:
            time.sleep(message["wait"] / 1000)
            sender.sendto(message["text"].encode(), (ADDRESS[message["to"]], 5060))
        elif message["to"] == who:
            while message["text"] not in early:
                early.append(sender.recv(65535).decode())


if __name__ == "__main__":
    play(sys.argv[1], sys.argv[2])
