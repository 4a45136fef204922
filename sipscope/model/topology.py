"""The network that a capture shows: its hosts with the roles they played, and what went between them."""

from enum import StrEnum

from sipscope.model.defects import Confidence
from sipscope.values import dataclass


class Role(StrEnum):
    """What a host does in SIP, in the words of RFC 3261 §6 where it has one."""

    USER_AGENT_CLIENT = "user-agent-client"
    USER_AGENT_SERVER = "user-agent-server"
    PROXY = "proxy"
    OUTBOUND_PROXY = "outbound-proxy"
    INBOUND_PROXY = "inbound-proxy"
    REDIRECT_SERVER = "redirect-server"
    REGISTRAR = "registrar"
    B2BUA = "b2bua"
    PRESENCE_AGENT = "presence-agent"
    CONFERENCE_FOCUS = "conference-focus"
    GATEWAY = "gateway"
    MEDIA_RELAY = "media-relay"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSign:
    """What one transaction, call or pair of streams says of a host.

    Attributes:
        node: The host.
        role: What it acted as.
        confidence: How sure.
        text: What shows it, in words.
        frames: Where it shows.
        transaction_id: The transaction that it acted in; None where media show it.
    """

    node: str
    role: Role
    confidence: Confidence
    text: str
    frames: tuple[int, ...] = ()
    transaction_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRole:
    """A role of a host over the whole capture.

    Attributes:
        role: What it acted as.
        confidence: Of the surest sign.
        signs: How many signs there are.
        text: The surest sign in words, the first one where several are as sure.
        frames: Where that one shows.
    """

    role: Role
    confidence: Confidence
    signs: int
    text: str
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A SIP element, or an address that only media names.

    Attributes:
        node: Address, or `address:port` where an address hosts several elements.
        name: What the user or the capture calls it; None for nothing.
        roles: What tells it from others first, then its user agent roles, then what is merely possible.
        products: User-Agent and Server values of the requests and responses that it made itself, as they came.
        carries_signalling: Whether it sent or received SIP.
    """

    node: str
    name: str | None = None
    roles: tuple[HostRole, ...] = ()
    products: tuple[str, ...] = ()
    carries_signalling: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SignallingLink:
    """Requests from one host to another.

    Attributes:
        client: Host that sent the requests.
        server: Host that got them.
        transports: What carried them, sorted.
        methods: How many transactions of each method, in order of appearance.
        unanswered: How many of them, ACK aside, got no final response in the capture.
    """

    client: str
    server: str
    transports: tuple[str, ...]
    methods: tuple[tuple[str, int], ...]
    unanswered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLink:
    """RTP from one host to another.

    Attributes:
        source: Host that sent it.
        destination: Host that got it.
        codecs: Of its streams, in order of appearance; streams whose codec nothing names count as `unknown`.
        streams: How many streams.
        packets: Of all streams.
    """

    source: str
    destination: str
    codecs: tuple[str, ...]
    streams: int
    packets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """Hosts and what went between them, each in order of appearance."""

    hosts: tuple[Host, ...] = ()
    signalling: tuple[SignallingLink, ...] = ()
    media: tuple[MediaLink, ...] = ()
