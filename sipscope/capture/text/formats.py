"""How programs announce a SIP message in their logs.

A format is a regular expression for the line in front of a message, with named groups for what that line tells.
"""

import re
from dataclasses import replace

from sipscope.capture.text.addresses import endpoint_of
from sipscope.capture.text.stamps import MOMENT, Stamp, stamp_in, stamp_of_unix_time
from sipscope.model.network import Endpoint, Transport
from sipscope.values import dataclass

_SENT = {b"transmitting", b"retransmitting", b"send", b"sent", b"outgoing"}
_TRANSPORTS = {transport.value.lower(): transport for transport in Transport} | {"t": Transport.TCP, "u": Transport.UDP}
_STAMP = rb"(?P<stamp>" + re.sub(rb"\?P<\w+>", b"?:", MOMENT) + rb")"

START_LINE = re.compile(
    rb"(?:SIP/2\.0 [1-6]\d\d(?: .*)?|[A-Za-z0-9.!%*_+`'~-]{1,64} [A-Za-z][A-Za-z0-9+.-]{0,31}:\S{1,4096} SIP/2\.0)\s*"
)
"""A whole request line or status line (RFC 3261 §7.1, §7.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a log says of a message in front of it.

    Attributes:
        sent: Whether the program that logs sent it; None where the log is none of an end.
        remote: The other end, for a log of one end that tells it.
        source: Who sent it, for a log that tells both ends.
        destination: Who received it, likewise.
        transport: What carried it.
        stamp: When, None if only the beginning of a line tells.
    """

    sent: bool | None = None
    remote: Endpoint | None = None
    source: Endpoint | None = None
    destination: Endpoint | None = None
    transport: Transport | None = None
    stamp: Stamp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFormat:
    """One kind of log.

    Attributes:
        name: As capture facts tell it.
        heading: What the line in front of a message looks like; None where there is none.
        detail: Lines between that line and the message, with groups `key` and `value` where they tell something.
        end: A line that ends a message; None where only the message itself tells.
        dotted: Each CR is written as a dot at the end of its line.
        may_be_bare: Messages may also come without such a line.
    """

    name: str
    heading: re.Pattern[bytes] | None
    detail: re.Pattern[bytes] | None = None
    end: re.Pattern[bytes] | None = None
    dotted: bool = False
    may_be_bare: bool = False

    def heading_of(self, text: bytes) -> Heading | None:
        """What a line announces, None when it announces nothing."""
        match = None if self.heading is None else self.heading.match(text)
        if match is None:
            return None
        told = match.groupdict()
        way = told.get("way")
        sent = None if way is None else way.lower() in _SENT
        ends = told.get("source"), told.get("destination")
        if told.get("own"):
            ends = (told["own"], told["remote"]) if sent else (told["remote"], told["own"])
        source, destination = (_endpoint(end, has_port=True) for end in ends)
        return Heading(
            sent=sent,
            remote=_endpoint(told.get("remote")),
            source=source,
            destination=destination,
            transport=_transport(told.get("transport")),
            stamp=stamp_in(told["stamp"]) if told.get("stamp") else None,
        )

    def with_detail(self, heading: Heading, text: bytes) -> Heading | None:
        """A heading with what one more line tells of the message; None when the line is none of those."""
        match = None if self.detail is None else self.detail.match(text)
        if match is None:
            return None
        told = match.groupdict()
        return _with(heading, told["key"], told["value"]) if told.get("key") else heading


ASTERISK_PJSIP = LogFormat(
    name="asterisk-pjsip-log",
    heading=re.compile(
        rb"\s*<--- (?P<way>Received|Transmitting) SIP (?:request|response) \(\d+ bytes\) (?:from|to) "
        rb"(?P<transport>[A-Za-z]+)6?:(?P<remote>\S+) --->"
    ),
)
ASTERISK_SIP = LogFormat(
    name="asterisk-sip-log",
    heading=re.compile(
        rb"\s*(?:<--- )?(?:Reliably )?(?P<way>SIP read|Transmitting|Retransmitting)(?: #\d+)?"
        rb"(?: from| \((?:no )?(?:NAT|rport)\) to) (?:(?P<transport>UDP|TCP|TLS|WSS?):(?://)?)?"
        rb"(?P<remote>[^\s>]+?)(?: --->|:?\s*$)"
    ),
    end=re.compile(rb"<-{5,}>\s*$|---\s*$|--- \(\d+ headers"),
)
FREESWITCH = LogFormat(
    name="freeswitch-siptrace",
    heading=re.compile(
        rb"(?:.{0,80}?\W|)(?P<way>recv|send|sent) \d+ bytes (?:from|to) (?P<transport>[a-z]+)/"
        rb"(?P<remote>\[[^\]\s]+\]:\d+)\S* at " + _STAMP
    ),
    detail=re.compile(rb"\s*-{20,}\s*$"),
    end=re.compile(rb"\s*-{20,}\s*$|\x0b"),
)
SNGREP = LogFormat(name="sngrep-text", heading=re.compile(rb"\s*(?P<source>\S+:\d+) -> (?P<destination>\S+:\d+)\s*$"))
NGREP = LogFormat(
    name="ngrep-text",
    heading=re.compile(
        rb"#*(?P<transport>[UT])(?: \+\d+\.\d+| " + _STAMP + rb")?"
        rb" (?P<source>\S+:\d+) -> (?P<destination>\S+:\d+)(?: \[\w+\])?(?: #\d+)?\s*$"
    ),
    end=re.compile(rb"$|#+$"),
    dotted=True,
)
KAMAILIO_SIPDUMP = LogFormat(
    name="kamailio-sipdump",
    heading=re.compile(rb"={20}$"),
    detail=re.compile(rb"(?P<key>[a-z]+): (?P<value>.*)$|~{20}$"),
    end=re.compile(rb"\|{20}$"),
)
CISCO_CUCM = LogFormat(
    name="cisco-cucm-sdl",
    heading=re.compile(
        rb".{0,200}?(?P<way>Incoming|Outgoing) SIP (?P<transport>UDP|TCP|TLS) [Mm]essage (?:size \d+ )?(?:from|to) "
        rb"(?P<remote>\S+ on port \d+|\[[0-9A-Fa-f:.]+\](?::\[?\d+\]?)?|[^\s:]+(?::\[?\d+\]?)?)"
    ),
    detail=re.compile(rb"\[\d+,\w+\]\s*$"),
)
CISCO_IOS = LogFormat(
    name="cisco-ios-ccsip", heading=re.compile(rb"\s*(?P<way>Received|Sent):\s*$"), detail=re.compile(rb"\s*$")
)
ORACLE_SIPMSG = LogFormat(
    name="oracle-sipmsg",
    heading=re.compile(
        rb"(?:\d\d:\d\d\.\d+)? ?On \[\d+:\d+\](?P<own>\S+:\d+) "
        rb"(?P<way>received|sent) (?:from|to) (?P<remote>\S+:\d+)\s*$"
    ),
    end=re.compile(rb"-{20,}$"),
)
SIPP = LogFormat(
    name="sipp-message-log",
    heading=re.compile(rb"(?P<transport>UDP|TCP|TLS|SCTP) (?:control )?message (?P<way>sent|received) [\[(]\d+"),
)
_IP_END = rb"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9A-Fa-f:.]+\]):\d{1,5}"
_SCRIPT = rb"[A-Z]{2,8}: ?(?:\{[^}]{0,300}\} ?)?(?:<script>|script): ?|xlog: ?"
KAMAILIO_XLOG = LogFormat(
    name="kamailio-xlog",
    heading=re.compile(
        rb"\s*(?:\d+\(\d+\) |\[\d{1,9}\] )?(?:" + _SCRIPT + rb"|(?<=\] ))"
        rb"(?=.*(?:" + _IP_END + rb"|: ?$)|\s*$)"
        rb"(?:.{0,200}?(?P<source>" + _IP_END + rb") ?(?:->|=>) ?(?:[a-z]{2,5}:)?(?P<destination>" + _IP_END + rb")"
        rb"|.{0,200}?\b(?P<way>from) (?:(?P<transport>udp|tcp|tls|wss?|sctp):)?(?P<remote>" + _IP_END + rb"))?"
    ),
    may_be_bare=True,
)
SCRIPT_FRONT = re.compile(rb"(?:\b(?:" + _SCRIPT + rb")|\A\S* ?[\w: ]{0,24}\[\d{1,9}\] )")
"""What Kamailio and OpenSIPS put in front of what their scripts write."""

BARE = LogFormat(name="sip-text", heading=None, may_be_bare=True)
"""SIP messages one after another, with nothing in front of them."""

HEADED = (
    KAMAILIO_XLOG,
    ASTERISK_PJSIP,
    ASTERISK_SIP,
    FREESWITCH,
    SNGREP,
    NGREP,
    KAMAILIO_SIPDUMP,
    CISCO_CUCM,
    CISCO_IOS,
    ORACLE_SIPMSG,
    SIPP,
)
"""Every format that announces its messages."""


def _with(heading: Heading, key: bytes, value: bytes) -> Heading:
    """A heading with one more fact, as Kamailio's sipdump lists them."""
    if key == b"time":
        return replace(heading, stamp=stamp_of_unix_time(value))
    if key == b"proto":
        return replace(heading, transport=_transport(value.split(b" ")[0]))
    if key in {b"srcip", b"srcport"}:
        return replace(heading, source=_joined(heading.source, key, value))
    if key in {b"dstip", b"dstport"}:
        return replace(heading, destination=_joined(heading.destination, key, value))
    return heading


def _joined(before: Endpoint | None, key: bytes, value: bytes) -> Endpoint | None:
    """An endpoint whose address and port come on lines of their own, the address first."""
    if key.endswith(b"ip"):
        return endpoint_of(b"[" + value.strip().strip(b"[]") + b"]")
    return None if before is None else endpoint_of(b"[" + before.address.encode("latin-1") + b"]:" + value.strip())


def _endpoint(text: bytes | None, *, has_port: bool = False) -> Endpoint | None:
    if text is None:
        return None
    address, told, port = text.partition(b" on port ")
    return endpoint_of(b"[" + address.strip(b"[]") + b"]:" + port if told else text, has_port=has_port)


def _transport(text: bytes | None) -> Transport | None:
    return None if text is None else _TRANSPORTS.get(text.decode("latin-1").lower())
