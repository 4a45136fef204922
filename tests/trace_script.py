"""Trace scripts: ladders as text, compiled to captures, for tests and for the examples of the rules.

A script declares its parties, then tells what happens, one line an event, in any order of time:

    alice 192.0.2.10
    bob   192.0.2.20
    proxy 192.0.2.1 proxy record-route

    0.0   alice -> bob  INVITE
          m=audio 4000 RTP/AVP 0
          Supported: 100rel
    0.1   bob -> alice  180 tag=b1
    0.2   bob -> alice  200
          m=audio 5000 RTP/AVP 0
    0.3   alice -> bob  ACK
    0.3-5 alice => bob  PCMU loss=5%
    6.0   alice -> bob  BYE
    6.1   bob -> alice  200
    40    end

A request inside a call continues its dialog; a response answers the newest open request of its direction (`200 PRACK`
names another). Everything a message needs is filled in: Via with a new branch, tags, CSeq, Contact, the session-level
lines of an SDP whose `m=` lines are given, and its `o=` version, which rises when the description changes. Indented
lines add or replace header fields (`Name: value`, `Name:` alone removes it), SDP lines (`m=…`), or body text (`| …`).

Options of a message: `call=` label of another call between the same parties; `tag=` To tag of a response; `to=` callee
behind a proxy; `phrase=` reason phrase, with hyphens for blanks; `rseq=` makes a 1xx reliable; `rack=` number that a
PRACK acknowledges; `sipfrag=`, `state=` of a NOTIFY; `cseq=`, `branch=`, `from-tag=`, `to-tag=`, `uri=` override; `new`
starts a dialog where one exists; `again` repeats the newest message of equal label; `ip-id=` sets the IP
identification; `unseen` keeps it out of the capture.
Options of a stream: `pt=`, `ssrc=`, `loss=`, `jitter=`, `from=`, `to=`, `index=`, `ptime=`, `call=`, `event=`, `step=`.
"""

import re
import struct
from dataclasses import dataclass, field

PAYLOAD_TYPES = {"PCMU": 0, "GSM": 3, "G723": 4, "PCMA": 8, "G722": 9, "CN": 13, "G729": 18}
BASE = 1_700_000_000_000_000_000
WITH_CONTACT = {"INVITE", "SUBSCRIBE", "REFER", "NOTIFY", "UPDATE", "REGISTER"}
REASONS = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    302: "Moved Temporarily",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    420: "Bad Extension",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    503: "Service Unavailable",
    603: "Decline",
}


class ScriptError(Exception):
    """The script itself is wrong."""


@dataclass
class Party:
    name: str
    address: str
    port: int = 5060
    is_proxy: bool = False
    record_routes: bool = False

    @property
    def uri(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"sip:{self.name}@{host}" + ("" if self.port == 5060 else f":{self.port}")

    @property
    def sent_by(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"


@dataclass
class Event:
    at: float
    source: str
    target: str
    label: str
    options: dict[str, str]
    lines: list[str]
    number: int


@dataclass
class Flow:
    start: float
    end: float
    source: str
    target: str
    format: str
    options: dict[str, str]


@dataclass
class Sent:
    """A message as it went out, for answers, forwards and repetitions."""

    at: float
    source: str
    target: str
    label: str
    method: str
    status: int | None
    headers: list[tuple[str, str]]
    body: bytes
    start_line: str
    call: "Call"
    origin: "Sent | None" = None
    closed: bool = False
    rseq: int | None = None

    def get(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def payload(self) -> bytes:
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return f"{self.start_line}\r\n{head}\r\n".encode() + self.body


@dataclass
class Call:
    label: str
    call_id: str
    caller: str
    callee: str
    tags: dict[str, str] = field(default_factory=dict)
    cseq: dict[str, int] = field(default_factory=dict)
    established: bool = False
    confirmed: bool = False
    routes: list[str] = field(default_factory=list)
    versions: dict[str, tuple[str, int]] = field(default_factory=dict)

    def peer(self, name: str) -> str:
        return self.callee if name == self.caller else self.caller


def capture_of(script: str) -> bytes:
    """A pcap file with nanosecond times and Ethernet frames."""
    return Compiler(script).capture()


class Compiler:
    def __init__(self, script: str) -> None:
        self.parties: dict[str, Party] = {}
        self.events: list[Event] = []
        self.flows: list[Flow] = []
        self.ends: list[float] = []
        self.calls: dict[str, Call] = {}
        self.current: dict[frozenset[str], str] = {}
        self.sent: list[Sent] = []
        self.packets: list[tuple[float, int, bytes]] = []
        self.media: list[tuple[float, str, str, list[tuple[str, int]]]] = []
        self.branches = 0
        self.ip_ids = 0
        self._parse(script)

    # -- reading the script

    def _parse(self, script: str) -> None:
        for raw in script.splitlines():
            line = raw.split(" # ")[0].rstrip()
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            if self.events and re.match(r"\s+([a-z]=|[A-Za-z][\w-]*:|\|)", line):
                self.events[-1].lines.append(line.strip())
                continue
            self._parse_line(line.strip())

    def _parse_line(self, line: str) -> None:
        message = re.fullmatch(r"([\d.]+)\s+(\w+)\s*->\s*(\w+)\s+(\S+)\s*(.*)", line)
        flow = re.fullmatch(r"([\d.]+)-([\d.]+)\s+(\w+)\s*=>\s*(\w+)\s+(\S+)\s*(.*)", line)
        end = re.fullmatch(r"([\d.]+)\s+end", line)
        party = re.fullmatch(r"(\w+)\s+(\[[0-9a-f:]+\]|[\d.]+)(?::(\d+))?((?:\s+[\w-]+)*)", line)
        if message:
            at, source, target, label, rest = message.groups()
            words = rest.split()
            if words and label.isdigit() and re.fullmatch(r"[A-Z]+", words[0]):
                label = f"{label} {words.pop(0)}"
            self.events.append(Event(float(at), source, target, label, options_of(words), [], len(self.events)))
        elif flow:
            start, stop, source, target, name, rest = flow.groups()
            self.flows.append(Flow(float(start), float(stop), source, target, name, options_of(rest.split())))
        elif end:
            self.ends.append(float(end[1]))
        elif party:
            name, address, port, flags = party.groups()
            words = flags.split()
            self.parties[name] = Party(
                name, address.strip("[]"), int(port or 5060), "proxy" in words, "record-route" in words
            )
        else:
            raise ScriptError(f"not understood: {line!r}")

    # -- compiling

    def capture(self) -> bytes:
        for event in sorted(self.events, key=lambda item: (item.at, item.number)):
            self._emit(event)
        for flow in self.flows:
            self._stream(flow)
        for at in self.ends:
            self._packet(at, "192.0.2.254", 9, "192.0.2.253", 9, b"end of capture")
        head = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)
        records = []
        for at, _, frame in sorted(self.packets, key=lambda item: (item[0], item[1])):
            instant = BASE + round(at * 1e9)
            records.append(struct.pack("<IIII", instant // 10**9, instant % 10**9, len(frame), len(frame)) + frame)
        return head + b"".join(records)

    def _emit(self, event: Event) -> None:
        if "again" in event.options:
            sent = next(
                item
                for item in reversed(self.sent)
                if (item.source, item.target) == (event.source, event.target)
                and event.label in {item.label, item.label.split()[0]}
            )
            self._send(event, sent, remember=False)
            return
        status = event.label.split()[0]
        sent = self._response(event) if status.isdigit() else self._request(event)
        self._send(event, sent)

    def _send(self, event: Event, sent: Sent, *, remember: bool = True) -> None:
        source, target = self.parties[event.source], self.parties[event.target]
        identification = event.options.get("ip-id")
        if "unseen" not in event.options:
            self._packet(
                event.at,
                source.address,
                source.port,
                target.address,
                target.port,
                sent.payload,
                None if identification is None else int(identification),
            )
        if remember:
            self.sent.append(sent)

    # -- requests

    def _request(self, event: Event) -> Sent:
        if self.parties[event.source].is_proxy:
            invite = self._invite_this_way(event)
            if invite is not None:
                return self._beside_invite(event, invite)
            origin = self._to_forward(event)
            if origin is not None:
                return self._forwarded_request(event, origin)
        method = event.label
        call = self._call(event, method)
        sender = event.source
        initial = "new" in event.options or not call.established or method in {"CANCEL", "REGISTER"}
        invite = next(
            (
                item
                for item in reversed(self.sent)
                if item.call is call and item.method == "INVITE" and item.status is None and item.source == sender
            ),
            None,
        )
        reuse = method == "CANCEL" or (method == "ACK" and invite is not None and self._failed(invite))
        headers = [("Via", self._via(event, invite.get("Via") if reuse and invite else None))]
        headers += [("Max-Forwards", "70")]
        peer = call.peer(sender)
        tag = event.options.get("from-tag", call.tags.setdefault(sender, f"{sender}-{call.label}"))
        to_tag = event.options.get(
            "to-tag", "" if initial and not (method == "ACK" and reuse) else call.tags.get(peer, "")
        )
        headers.append(("From", f"<{self.parties[sender].uri}>;tag={tag}"))
        headers.append(("To", f"<{self.parties[peer].uri}>" + (f";tag={to_tag}" if to_tag else "")))
        headers.append(("Call-ID", call.call_id))
        headers.append(("CSeq", f"{self._cseq(event, call, method, invite)} {method}"))
        if method in WITH_CONTACT:
            headers.append(("Contact", f"<sip:{sender}@{self.parties[sender].sent_by}>"))
        if not initial and call.routes and self.parties[event.target].is_proxy:
            routes = call.routes if sender != call.callee else list(reversed(call.routes))
            headers += [("Route", route) for route in routes]
        if method == "PRACK":
            headers.append(("RAck", self._rack(event, call)))
        headers += self._notify_headers(event) if method == "NOTIFY" else []
        uri = event.options.get(
            "uri", self.parties[peer].uri if initial else f"sip:{peer}@{self.parties[peer].sent_by}"
        )
        if method == "REGISTER" and "uri" not in event.options:
            uri = "sip:" + self.parties[peer].sent_by.removesuffix(":5060")
        return self._built(event, call, method, None, f"{method} {uri} SIP/2.0", headers)

    def _call(self, event: Event, method: str) -> Call:
        pair = frozenset({event.source, self._peer_name(event)})
        label = event.options.get("call") or self.current.get(pair)
        if label is None:
            label = str(len(self.calls) + 1)
        if label not in self.calls:
            address = self.parties[event.source].address
            self.calls[label] = Call(label, f"{label}@{address}", event.source, self._peer_name(event))
        self.current[pair] = label
        call = self.calls[label]
        if method == "INVITE" and "new" in event.options:
            call.established = False
        return call

    def _peer_name(self, event: Event) -> str:
        if "to" in event.options:
            return event.options["to"]
        if not self.parties[event.target].is_proxy:
            return event.target
        for call in reversed(self.calls.values()):
            if event.source in {call.caller, call.callee}:
                return call.peer(event.source)
        return next(name for name, party in self.parties.items() if not party.is_proxy and name != event.source)

    def _failed(self, invite: Sent) -> bool:
        return any(item.origin is invite and item.status is not None and item.status >= 300 for item in self.sent)

    def _via(self, event: Event, previous: str | None) -> str:
        if previous is not None and "branch" not in event.options:
            return previous
        self.branches += 1
        branch = event.options.get("branch", f"z9hG4bK{self.branches:04d}")
        return f"SIP/2.0/UDP {self.parties[event.source].sent_by};branch={branch}"

    def _cseq(self, event: Event, call: Call, method: str, invite: Sent | None) -> str:
        if "cseq" in event.options:
            call.cseq[event.source] = max(call.cseq.get(event.source, 0), int(event.options["cseq"]))
            return event.options["cseq"]
        if method in {"ACK", "CANCEL"} and invite is not None:
            return invite.get("CSeq").split()[0]
        call.cseq[event.source] = call.cseq.get(event.source, 0) + 1
        return str(call.cseq[event.source])

    def _rack(self, event: Event, call: Call) -> str:
        reliable = [item for item in self.sent if item.call is call and item.rseq is not None]
        if not reliable:
            return event.options.get("rack", "1") + " 1 INVITE"
        number = event.options.get("rack", str(reliable[-1].rseq))
        return f"{number} {reliable[-1].get('CSeq')}"

    def _notify_headers(self, event: Event) -> list[tuple[str, str]]:
        if "sipfrag" not in event.options:
            return []
        final = int(event.options["sipfrag"]) >= 200
        state = event.options.get("state", "terminated;reason=noresource" if final else "active;expires=60")
        return [
            ("Event", "refer"),
            ("Subscription-State", state),
            ("Content-Type", "message/sipfrag;version=2.0"),
        ]

    # -- proxies

    def _to_forward(self, event: Event) -> Sent | None:
        return next(
            (
                item
                for item in reversed(self.sent)
                if item.target == event.source and item.status is None and item.method == event.label
            ),
            None,
        )

    def _invite_this_way(self, event: Event) -> Sent | None:
        """The INVITE that a proxy cancels, or whose failure it acknowledges, whatever its client does."""
        if event.label not in {"ACK", "CANCEL"}:
            return None
        invites = [
            item
            for item in self.sent
            if item.method == "INVITE"
            and item.status is None
            and (item.source, item.target) == (event.source, event.target)
            and ("call" not in event.options or item.call.label == event.options["call"])
        ]
        return invites[-1] if invites and (event.label == "CANCEL" or self._failed(invites[-1])) else None

    def _beside_invite(self, event: Event, invite: Sent) -> Sent:
        """A CANCEL, or an ACK to a failure: hop by hop, with the only Via of the INVITE's sender on this hop."""
        failure = next((item for item in reversed(self.sent) if item.origin is invite and item.status), None)
        to = failure.get("To") if event.label == "ACK" and failure is not None else invite.get("To")
        headers = [
            ("Via", invite.get("Via")),
            ("Max-Forwards", "70"),
            ("From", invite.get("From")),
            ("To", to),
            ("Call-ID", invite.get("Call-ID")),
            ("CSeq", f"{invite.get('CSeq').split()[0]} {event.label}"),
        ]
        line = f"{event.label} {invite.start_line.split()[1]} SIP/2.0"
        return self._built(event, invite.call, event.label, None, line, headers)

    def _forwarded_request(self, event: Event, origin: Sent) -> Sent:
        headers = [("Via", self._via(event, None))]
        record = [("Record-Route", f"<sip:{self.parties[event.source].sent_by};lr>")]
        initial = ";tag=" not in origin.get("To")
        if self.parties[event.source].record_routes and initial and event.label == "INVITE":
            headers += record
            if record[0][1] not in origin.call.routes:
                origin.call.routes.append(record[0][1])
        own_route = next(iter(origin.all("Route")), None)
        for name, value in origin.headers:
            if name == "Max-Forwards":
                headers.append((name, str(int(value) - 1)))
            elif name == "Route" and value == own_route:
                own_route = None
            elif name != "Content-Length":
                headers.append((name, value))
        headers.append(("Content-Length", str(len(origin.body))))
        for line in event.lines:
            if re.match(r"[A-Za-z][\w-]*:", line):
                headers = with_header(headers, *(part.strip() for part in line.split(":", 1)))
        uri = event.options.get("uri", origin.start_line.split()[1])
        return Sent(
            event.at,
            event.source,
            event.target,
            event.label,
            origin.method,
            None,
            headers,
            origin.body,
            f"{origin.method} {uri} SIP/2.0",
            origin.call,
            origin,
        )

    def _response(self, event: Event) -> Sent:
        words = event.label.split()
        status = int(words[0])
        request = self._answered(event, words[1] if len(words) > 1 else None, status)
        if self.parties[event.source].is_proxy:
            inner = next(
                (
                    item
                    for item in reversed(self.sent)
                    if item.target == event.source
                    and item.status == status
                    and item.origin is not None
                    and item.origin.origin is request
                ),
                None,
            )
            if inner is not None:
                headers = [item for number, item in enumerate(inner.headers) if number != 0]
                return Sent(
                    event.at,
                    event.source,
                    event.target,
                    event.label,
                    inner.method,
                    status,
                    headers,
                    inner.body,
                    inner.start_line,
                    inner.call,
                    request,
                    rseq=inner.rseq,
                )
        return self._own_response(event, request, status)

    def _answered(self, event: Event, method: str | None, status: int) -> Sent:
        candidates = [
            item
            for item in self.sent
            if item.status is None
            and (item.source, item.target) == (event.target, event.source)
            and item.method != "ACK"
            and (method is None or item.method == method)
            and ("call" not in event.options or item.call.label == event.options["call"])
        ]
        opened = [item for item in candidates if not item.closed]
        if not candidates:
            raise ScriptError(f"nothing to answer: {event.at} {event.label}")
        request = (opened or candidates)[-1]
        if status >= 200:
            request.closed = True
        return request

    def _own_response(self, event: Event, request: Sent, status: int) -> Sent:
        call, method = request.call, request.method
        headers: list[tuple[str, str]] = [("Via", value) for value in request.all("Via")]
        to = request.get("To")
        name = re.search(r"sip:(\w+)@", to)
        party = name[1] if name and name[1] in self.parties else event.source
        if status > 100 and ";tag=" not in to:
            tag = event.options.get("tag", call.tags.get(party) or f"{event.source}-{call.label}")
            to += f";tag={tag}"
            if method != "CANCEL" and (status < 300 or not call.established):
                call.tags[party] = tag
        if 101 <= status < 300 and method in {"INVITE", "SUBSCRIBE", "REFER"}:
            call.established = True
            call.confirmed = call.confirmed or status >= 200
        if status >= 300 and method == "INVITE" and not call.confirmed:
            call.established = False
        if 101 <= status < 300 and request.all("Record-Route"):
            headers += [("Record-Route", value) for value in request.all("Record-Route")]
        headers += [("From", request.get("From")), ("To", to), ("Call-ID", call.call_id), ("CSeq", request.get("CSeq"))]
        if method == "REGISTER" and status == 200:
            headers += bindings_granted(request)
        elif 101 <= status < 300 and method in WITH_CONTACT:
            headers.append(("Contact", f"<sip:{event.source}@{self.parties[event.source].sent_by}>"))
        if "rseq" in event.options:
            headers += [("Require", "100rel"), ("RSeq", event.options["rseq"])]
        phrase = event.options.get("phrase", "").replace("-", " ") or REASONS.get(status, "Response")
        line = f"SIP/2.0 {status} {phrase}"
        sent = self._built(event, call, method, status, line, headers)
        sent.origin = request
        sent.rseq = int(event.options["rseq"]) if "rseq" in event.options else None
        return sent

    # -- bodies

    def _built(
        self, event: Event, call: Call, method: str, status: int | None, start_line: str, headers: list[tuple[str, str]]
    ) -> Sent:
        sdp = [line for line in event.lines if re.match(r"[a-z]=", line)]
        text = [line[1:].removeprefix(" ") for line in event.lines if line.startswith("|")]
        for line in event.lines:
            if not line.startswith("|") and not re.match(r"[a-z]=", line):
                headers = with_header(headers, *(part.strip() for part in line.split(":", 1)))
        body = "".join(f"{line}\r\n" for line in text).encode()
        if sdp:
            body = self._description(event, call, sdp)
            headers = (
                [*headers, ("Content-Type", "application/sdp")]
                if not any(name.lower() == "content-type" for name, _ in headers)
                else headers
            )
        elif "sipfrag" in event.options and not text:
            frag = int(event.options["sipfrag"])
            body = f"SIP/2.0 {frag} {REASONS.get(frag, 'Response')}\r\n".encode()
        if not any(name.lower() == "content-length" for name, _ in headers):
            headers = [*headers, ("Content-Length", str(len(body)))]
        return Sent(event.at, event.source, event.target, event.label, method, status, headers, body, start_line, call)

    def _description(self, event: Event, call: Call, lines: list[str]) -> bytes:
        party = self.parties[event.source]
        kind = "IP6" if ":" in party.address else "IP4"
        head = list(lines[: next((i for i, line in enumerate(lines) if line[0] == "m"), len(lines))])
        rest = lines[len(head) :]
        given = {line[0]: line for line in head}
        session = [
            given.get("s", "s=-"),
            *([given["c"]] if "c" in given else [f"c=IN {kind} {party.address}"]),
            given.get("t", "t=0 0"),
            *(line for line in head if line[0] not in "vosct"),
        ]
        content = "\r\n".join([*session, *rest])
        before, version = call.versions.get(event.source, ("", 0))
        version = version if before == content else version + 1
        call.versions[event.source] = (content, version)
        number = 1000 + list(self.parties).index(event.source)
        origin = given.get("o", f"o={event.source} {number} {version} IN {kind} {party.address}")
        self._remember_media(event, call, session, rest)
        return "".join(f"{line}\r\n" for line in ["v=0", origin, *session, *rest]).encode()

    def _remember_media(self, event: Event, call: Call, session: list[str], rest: list[str]) -> None:
        address = next(line.split()[-1] for line in session if line.startswith("c="))
        sections: list[tuple[str, int]] = []
        for line in rest:
            if line.startswith("m="):
                sections.append((address, int(line.split()[1])))
            elif line.startswith("c=") and sections:
                sections[-1] = (line.split()[-1], sections[-1][1])
        self.media.append((event.at, call.label, event.source, sections))

    # -- media

    def _endpoint(self, flow: Flow, party: str, option: str) -> tuple[str, int]:
        if option in flow.options:
            address, _, port = flow.options[option].rpartition(":")
            return address.strip("[]"), int(port)
        index = int(flow.options.get("index", "0"))
        known = [
            item
            for item in self.media
            if item[2] == party and len(item[3]) > index and flow.options.get("call", item[1]) == item[1]
        ]
        if not known:
            raise ScriptError(f"{party} has no media description for a stream at {flow.start}")
        before = [item for item in known if item[0] <= flow.start] or known[:1]
        return before[-1][3][index]

    def _stream(self, flow: Flow) -> None:
        source = self._endpoint(flow, flow.source, "from")
        target = self._endpoint(flow, flow.target, "to")
        payload_type = int(flow.options.get("pt", PAYLOAD_TYPES.get(flow.format, 96)))
        ptime = float(flow.options.get("ptime", "20"))
        step = int(flow.options.get("step", str(round(ptime * 8))))
        ssrc = int(flow.options.get("ssrc", str(0x1000 + list(self.parties).index(flow.source))), 0)
        loss = float(flow.options.get("loss", "0%").rstrip("%"))
        jitter = float(flow.options.get("jitter", "0ms").removesuffix("ms"))
        every = round(100 / loss) if loss else 0
        count = max(1, int((flow.end - flow.start) * 1000 / ptime))
        for number in range(count):
            if every and number % every == every // 2:
                continue
            at = flow.start + number * ptime / 1000 + (jitter / 1000 if number % 2 else 0)
            marker = 0x80 if number == 0 else 0
            head = struct.pack("!BBHII", 0x80, marker | payload_type, number & 0xFFFF, number * step, ssrc)
            payload = bytes((number * 7 + i * 13) & 0xFF for i in range(round(ptime * 8)))
            if "event" in flow.options:
                ended = 0x80 if number >= count - 3 else 0
                duration = min(number + 1, count - 2) * step
                head = struct.pack("!BBHII", 0x80, marker | payload_type, number & 0xFFFF, 0, ssrc)
                payload = struct.pack("!BBH", int(flow.options["event"]), ended | 10, duration)
            self._packet(at, *source, *target, head + payload)

    # -- packets

    def _packet(
        self,
        at: float,
        source: str,
        source_port: int,
        target: str,
        target_port: int,
        payload: bytes,
        identification: int | None = None,
    ) -> None:
        self.ip_ids = self.ip_ids % 65535 + 1
        number = self.ip_ids if identification is None else identification
        udp = struct.pack("!HHHH", source_port, target_port, 8 + len(payload), 0) + payload
        if ":" in source:
            import ipaddress

            ip = struct.pack("!IHBB", 0x60000000, len(udp), 17, 64)
            ip += ipaddress.IPv6Address(source).packed + ipaddress.IPv6Address(target).packed
            ethertype = 0x86DD
        else:
            ip = struct.pack(
                "!BBHHHBBH4s4s", 0x45, 0xB8, 20 + len(udp), number, 0, 64, 17, 0, packed(source), packed(target)
            )
            ethertype = 0x0800
        frame = b"\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01" + struct.pack("!H", ethertype) + ip + udp
        self.packets.append((at, len(self.packets), frame))


def packed(address: str) -> bytes:
    return bytes(int(part) for part in address.split("."))


def bindings_granted(request: Sent) -> list[tuple[str, str]]:
    """The contacts of a REGISTER with the time asked for, as the registrar lists them in its 200."""
    contact, expires = request.get("Contact"), request.get("Expires") or "3600"
    if contact in {"", "*"} or expires == "0" or contact.endswith(";expires=0"):
        return []
    return [("Contact", contact if ";expires=" in contact else f"{contact};expires={expires}")]


def options_of(words: list[str]) -> dict[str, str]:
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def with_header(headers: list[tuple[str, str]], name: str, value: str) -> list[tuple[str, str]]:
    """Replace the field of that name in place, or add it; an empty value removes it. Refer-To and such are added."""
    if not value:
        return [item for item in headers if item[0].lower() != name.lower()]
    if any(item[0].lower() == name.lower() for item in headers) and name.lower() not in {"via", "record-route"}:
        return [(key, value if key.lower() == name.lower() else old) for key, old in headers]
    return [*headers, (name, value)]
