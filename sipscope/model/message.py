"""SIP messages: ordered lossless headers, typed fields, bodies (RFC 3261 §7)."""

from collections.abc import Iterator, Sequence
from dataclasses import field

from sipscope.model.defects import Defect, Span
from sipscope.model.description import SessionDescription
from sipscope.model.header_values import (
    Address,
    AuthenticationValue,
    CSeq,
    DialogReference,
    HeaderValues,
    MediaType,
    Parameters,
    Parametrised,
    RAck,
    Uri,
    Via,
    WarningValue,
)
from sipscope.model.network import Hop
from sipscope.model.packets import AgentRecord
from sipscope.model.time import Instant
from sipscope.model.typed_values import TypedValues
from sipscope.values import dataclass


@dataclass(frozen=True, slots=True)
class HeaderField:
    """One header line, unfolded.

    Attributes:
        name: Canonical name: lower-case and long (`v` becomes `via`).
        raw_name: As it came.
        value: Without surrounding blanks, folds replaced by one space; decoded as UTF-8 with `surrogateescape`.
        span: From the first byte of the name to the end of the value, in the payload.
    """

    name: str
    raw_name: str
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in the order they came, with repeats and spelling, looked up without regard to case.

    Attributes:
        fields: The lines.
        values: Parsed values by canonical name, of the type that the property of `Message` says; a name whose
            every value is malformed is absent.
        names: Canonical names of the lines, in order.
    """

    fields: Sequence[HeaderField] = ()
    values: HeaderValues = field(default_factory=HeaderValues)
    names: tuple[str, ...] = field(default=(), repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take the names from the lines, where the maker doesn't give them."""
        if not self.names and self.fields:
            object.__setattr__(self, "names", tuple([line.name for line in self.fields]))

    def get(self, name: str) -> str | None:
        """Value of the first line of that canonical name."""
        return self.fields[self.names.index(name)].value if name in self else None

    def all(self, name: str) -> tuple[str, ...]:
        """Values of all lines of that canonical name."""
        return tuple(line.value for line in self.lines(name))

    def lines(self, name: str) -> tuple[HeaderField, ...]:
        """All lines of that canonical name."""
        count = self.names.count(name)
        if count < 2:
            # Most fields come once: the other lines need not be made for it.
            return (self.fields[self.names.index(name)],) if count else ()
        return tuple(line for line in self.fields if line.name == name)

    def count(self, name: str) -> int:
        """How many lines have that canonical name; cheap, as no line is made for it."""
        return self.names.count(name)

    def __contains__(self, name: object) -> bool:
        """Whether a line of that canonical name is present."""
        return name in self.names

    def __iter__(self) -> Iterator[HeaderField]:
        """The lines in order."""
        return iter(self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyPart:
    """A body, or one part of a multipart body (RFC 3261 §7.4, RFC 5621).

    Attributes:
        content_type: None when the message has a body without Content-Type.
        disposition: Content-Disposition, lower-case, such as `early-session`; None when absent. SDP without one
            means `session` (RFC 3261 §20.11).
        headers: Headers of the part; empty for a body that is not multipart.
        content: The bytes.
        offset: Where the content starts in the message's payload.
        description: The SDP in it, when it is SDP.
    """

    content_type: MediaType | None
    disposition: str | None = None
    headers: Headers = Headers()
    content: bytes = b""
    offset: int = 0
    description: SessionDescription | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What requests and responses share.

    Attributes:
        id: `m1`, `m2` … in capture order.
        frames: Frames that carried it, counted from 1.
        copy_frames: Frames that hold the same packet captured a second time (mirror ports, `any`, tunnel layers);
            these are not retransmissions.
        at: When its last byte was captured.
        hop: Source, destination, transport.
        payload: The bytes of the whole message.
        headers: All header fields.
        parts: Body parts, empty when there is no body.
        body_offset: Where the body starts in the payload.
        defects: What is wrong with the bytes, in order.
        agent: What a capture agent tells of it; None for what was captured itself.
        call_id: Call-ID (RFC 3261 §20.8).
        cseq: CSeq (RFC 3261 §20.16).
        from_tag: Tag of From; None when absent.
        to_tag: Tag of To; None when absent.
        vias: Via values, topmost first (RFC 3261 §20.42).
        contacts: Contact values (RFC 3261 §20.10); empty for `*`, see `contact_is_star`.
        description: The SDP of disposition `session`, stated or implied; the first one where there are several.
    """

    id: str
    frames: tuple[int, ...]
    copy_frames: tuple[int, ...] = ()
    at: Instant
    hop: Hop
    payload: bytes
    headers: Headers
    parts: tuple[BodyPart, ...] = ()
    body_offset: int = 0
    defects: tuple[Defect, ...] = ()
    agent: AgentRecord | None = None
    call_id: str | None = field(init=False, repr=False, compare=False)
    cseq: CSeq | None = field(init=False, repr=False, compare=False)
    from_tag: str | None = field(init=False, repr=False, compare=False)
    to_tag: str | None = field(init=False, repr=False, compare=False)
    vias: tuple[Via, ...] = field(init=False, repr=False, compare=False)
    contacts: tuple[Address, ...] = field(init=False, repr=False, compare=False)
    description: SessionDescription | None = field(init=False, repr=False, compare=False)

    def __derived__(self) -> tuple[object, ...]:
        """What everybody asks of the header fields and parts."""
        values = self.headers.values
        typed: object = values
        if typed.__class__ is TypedValues and typed.places.usual is not None:
            call_id, cseq, sender, receiver, vias = typed.places.usual(typed.kept)
            contact = typed.places.of.get("contact")
            return (
                call_id,
                cseq,
                sender.tag,
                receiver.tag,
                vias,
                () if contact is None else typed.kept[contact],
                _session_description(self.parts) if self.parts else None,
            )
        from_, to = values.get("from"), values.get("to")
        return (
            values.get("call-id"),
            values.get("cseq"),
            None if from_ is None else from_.tag,
            None if to is None else to.tag,
            values.get("via", ()),
            values.get("contact", ()),
            _session_description(self.parts) if self.parts else None,
        )

    @property
    def body(self) -> bytes:
        """The bytes behind the empty line, Content-Length applied."""
        return self.payload[self.body_offset :]

    @property
    def from_(self) -> Address | None:
        """From (RFC 3261 §20.20)."""
        return self.headers.values.get("from")

    @property
    def to(self) -> Address | None:
        """To (RFC 3261 §20.39)."""
        return self.headers.values.get("to")

    @property
    def contact_is_star(self) -> bool:
        """Whether Contact is `*`: all bindings (RFC 3261 §10.2.2)."""
        return self.headers.get("contact") == "*"

    @property
    def max_forwards(self) -> int | None:
        """Max-Forwards (RFC 3261 §20.22)."""
        return self.headers.values.get("max-forwards")

    @property
    def routes(self) -> tuple[Address, ...]:
        """Route values (RFC 3261 §20.34)."""
        return self.headers.values.get("route", ())

    @property
    def record_routes(self) -> tuple[Address, ...]:
        """Record-Route values (RFC 3261 §20.30)."""
        return self.headers.values.get("record-route", ())

    @property
    def path(self) -> tuple[Address, ...]:
        """Path values (RFC 3327 §4)."""
        return self.headers.values.get("path", ())

    @property
    def service_route(self) -> tuple[Address, ...]:
        """Service-Route values (RFC 3608 §5)."""
        return self.headers.values.get("service-route", ())

    @property
    def require(self) -> tuple[str, ...]:
        """Option tags of Require, lower-case (RFC 3261 §20.32)."""
        return self.headers.values.get("require", ())

    @property
    def proxy_require(self) -> tuple[str, ...]:
        """Option tags of Proxy-Require, lower-case (RFC 3261 §20.29)."""
        return self.headers.values.get("proxy-require", ())

    @property
    def supported(self) -> tuple[str, ...]:
        """Option tags of Supported, lower-case (RFC 3261 §20.37)."""
        return self.headers.values.get("supported", ())

    @property
    def unsupported(self) -> tuple[str, ...]:
        """Option tags of Unsupported, lower-case (RFC 3261 §20.40)."""
        return self.headers.values.get("unsupported", ())

    @property
    def allow(self) -> tuple[str, ...]:
        """Methods of Allow, as they came (RFC 3261 §20.5)."""
        return self.headers.values.get("allow", ())

    @property
    def allow_events(self) -> tuple[str, ...]:
        """Event packages of Allow-Events (RFC 6665 §8.2.2)."""
        return self.headers.values.get("allow-events", ())

    @property
    def accept(self) -> tuple[Parametrised, ...]:
        """Accept values (RFC 3261 §20.1)."""
        return self.headers.values.get("accept", ())

    @property
    def expires(self) -> int | None:
        """Expires in seconds (RFC 3261 §20.19)."""
        return self.headers.values.get("expires")

    @property
    def min_expires(self) -> int | None:
        """Min-Expires in seconds (RFC 3261 §20.23)."""
        return self.headers.values.get("min-expires")

    @property
    def retry_after(self) -> Parametrised | None:
        """Retry-After; `value` is the number of seconds, the comment removed (RFC 3261 §20.33)."""
        return self.headers.values.get("retry-after")

    @property
    def event(self) -> Parametrised | None:
        """Event: package and parameters such as `id` (RFC 6665 §8.2.1)."""
        return self.headers.values.get("event")

    @property
    def subscription_state(self) -> Parametrised | None:
        """Subscription-State: state, `reason`, `expires`, `retry-after` (RFC 6665 §8.2.3)."""
        return self.headers.values.get("subscription-state")

    @property
    def session_expires(self) -> Parametrised | None:
        """Session-Expires: seconds and `refresher` (RFC 4028 §4)."""
        return self.headers.values.get("session-expires")

    @property
    def session_interval_s(self) -> int | None:
        """Seconds of Session-Expires; None when absent or not a number (RFC 4028 §4)."""
        expires = self.session_expires
        if expires is None or not (expires.value.isascii() and expires.value.isdigit()) or len(expires.value) > 10:
            return None
        return int(expires.value)

    @property
    def min_se(self) -> int | None:
        """Min-SE in seconds (RFC 4028 §5)."""
        return self.headers.values.get("min-se")

    @property
    def rseq(self) -> int | None:
        """RSeq (RFC 3262 §7.1)."""
        return self.headers.values.get("rseq")

    @property
    def rack(self) -> RAck | None:
        """RAck (RFC 3262 §7.2)."""
        return self.headers.values.get("rack")

    @property
    def sip_etag(self) -> str | None:
        """SIP-ETag (RFC 3903 §11.3.1)."""
        return self.headers.values.get("sip-etag")

    @property
    def sip_if_match(self) -> str | None:
        """SIP-If-Match (RFC 3903 §11.3.2)."""
        return self.headers.values.get("sip-if-match")

    @property
    def challenges(self) -> tuple[AuthenticationValue, ...]:
        """WWW-Authenticate and Proxy-Authenticate, in order (RFC 3261 §20.44, §20.27)."""
        return self.headers.values.get("www-authenticate", ()) + self.headers.values.get("proxy-authenticate", ())

    @property
    def credentials(self) -> tuple[AuthenticationValue, ...]:
        """Authorization and Proxy-Authorization, in order (RFC 3261 §20.7, §20.28)."""
        return self.headers.values.get("authorization", ()) + self.headers.values.get("proxy-authorization", ())

    @property
    def reasons(self) -> tuple[Parametrised, ...]:
        """Reason values: protocol, `cause`, `text` (RFC 3326 §2)."""
        return self.headers.values.get("reason", ())

    @property
    def warnings(self) -> tuple[WarningValue, ...]:
        """Warning values (RFC 3261 §20.43)."""
        return self.headers.values.get("warning", ())

    @property
    def replaces(self) -> DialogReference | None:
        """Replaces (RFC 3891 §6.1)."""
        return self.headers.values.get("replaces")

    @property
    def join(self) -> DialogReference | None:
        """Join (RFC 3911 §7.1)."""
        return self.headers.values.get("join")

    @property
    def target_dialog(self) -> DialogReference | None:
        """Target-Dialog (RFC 4538 §7)."""
        return self.headers.values.get("target-dialog")

    @property
    def refer_to(self) -> Address | None:
        """Refer-To (RFC 3515 §2.1)."""
        return self.headers.values.get("refer-to")

    @property
    def refer_to_replaces(self) -> DialogReference | None:
        """The Replaces header embedded in the Refer-To URI, unescaped once (RFC 3261 §19.1.5, RFC 3891 §6.1)."""
        return self.headers.values.get("refer-to-replaces")

    @property
    def referred_by(self) -> Address | None:
        """Referred-By (RFC 3892 §3)."""
        return self.headers.values.get("referred-by")

    @property
    def refer_sub(self) -> str | None:
        """Refer-Sub: `true` or `false`, lower-case (RFC 4488 §4)."""
        return self.headers.values.get("refer-sub")

    @property
    def session_id(self) -> Parametrised | None:
        """Session-ID: local UUID and `remote` (RFC 7989 §5)."""
        return self.headers.values.get("session-id")

    @property
    def asserted_identities(self) -> tuple[Address, ...]:
        """P-Asserted-Identity values (RFC 3325 §9.1)."""
        return self.headers.values.get("p-asserted-identity", ())

    @property
    def preferred_identities(self) -> tuple[Address, ...]:
        """P-Preferred-Identity values (RFC 3325 §9.2)."""
        return self.headers.values.get("p-preferred-identity", ())

    @property
    def privacy(self) -> tuple[str, ...]:
        """Privacy values, lower-case (RFC 3323 §4.2)."""
        return self.headers.values.get("privacy", ())

    @property
    def history_info(self) -> tuple[Address, ...]:
        """History-Info entries (RFC 7044 §5)."""
        return self.headers.values.get("history-info", ())

    @property
    def diversion(self) -> tuple[Address, ...]:
        """Diversion entries (RFC 5806)."""
        return self.headers.values.get("diversion", ())

    @property
    def info_package(self) -> str | None:
        """Info-Package (RFC 6086 §7.1)."""
        return self.headers.values.get("info-package")

    @property
    def recv_info(self) -> tuple[str, ...]:
        """Recv-Info packages (RFC 6086 §7.2)."""
        return self.headers.values.get("recv-info", ())

    @property
    def p_early_media(self) -> tuple[str, ...]:
        """P-Early-Media values, lower-case (RFC 5009 §8)."""
        return self.headers.values.get("p-early-media", ())

    @property
    def user_agent(self) -> str | None:
        """User-Agent of a request, Server of a response (RFC 3261 §20.41, §20.35)."""
        product = self.headers.values.get("user-agent")
        return product if product is not None else self.headers.values.get("server")

    @property
    def content_type(self) -> MediaType | None:
        """Content-Type (RFC 3261 §20.15)."""
        return self.headers.values.get("content-type")

    @property
    def content_length(self) -> int | None:
        """Content-Length as declared (RFC 3261 §20.14); None when absent or not a number."""
        return self.headers.values.get("content-length")

    @property
    def content_disposition(self) -> Parametrised | None:
        """Content-Disposition, value lower-case (RFC 3261 §20.11)."""
        return self.headers.values.get("content-disposition")

    @property
    def early_description(self) -> SessionDescription | None:
        """The SDP of disposition `early-session` (RFC 3959 §4)."""
        for part in self.parts:
            if part.description is not None and part.disposition == "early-session":
                return part.description
        return None


def _session_description(parts: tuple[BodyPart, ...]) -> SessionDescription | None:
    for part in parts:
        if part.description is not None and part.disposition in {None, "session"}:
            return part.description
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Message):
    """A request (RFC 3261 §7.1).

    Attributes:
        method: As it came; methods are compared with regard to case.
        request_uri: None when it could not be parsed; `request_uri_text` keeps the bytes.
        request_uri_text: As it came.
    """

    method: str
    request_uri: Uri | None
    request_uri_text: str = ""

    @property
    def label(self) -> str:
        """What a ladder writes on the arrow: the method."""
        return self.method


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(Message):
    """A response (RFC 3261 §7.2).

    Attributes:
        status: The status code; 0 when it is not a number.
        reason_phrase: As it came.
        is_provisional: 1xx.
        is_success: 2xx.
        is_final: 200 or above.
    """

    status: int
    reason_phrase: str = ""
    is_provisional: bool = field(init=False, repr=False, compare=False)
    is_success: bool = field(init=False, repr=False, compare=False)
    is_final: bool = field(init=False, repr=False, compare=False)

    def __derived__(self) -> tuple[object, ...]:
        """What everybody asks of any message, and the class of the status."""
        status = self.status
        return (*Message.__derived__(self), 100 <= status < 200, 200 <= status < 300, status >= 200)

    @property
    def method(self) -> str:
        """The method of the request it answers, from CSeq; empty when there is none."""
        cseq = self.cseq
        return "" if cseq is None else cseq.method

    @property
    def label(self) -> str:
        """What a ladder writes on the arrow: status and reason phrase."""
        return f"{self.status} {self.reason_phrase}".strip()

    @property
    def is_reliable_provisional(self) -> bool:
        """A 1xx other than 100 with `Require: 100rel` and RSeq (RFC 3262 §3)."""
        return 101 <= self.status < 200 and "100rel" in self.require and self.rseq is not None


AnyMessage = Request | Response

__all__ = [
    "Address",
    "AnyMessage",
    "BodyPart",
    "HeaderField",
    "Headers",
    "Message",
    "Parameters",
    "Request",
    "Response",
]
