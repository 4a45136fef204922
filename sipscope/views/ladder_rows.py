"""The values a ladder is made of. Rows name lanes by their position, counted from 0."""

from typing import TypeAlias

from sipscope.model.defects import Severity
from sipscope.model.time import Duration, Instant
from sipscope.values import dataclass
from sipscope.views.tone import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A vertical line: one node, all of whose ports share it.

    Attributes:
        node: Address, or `address:port` where an address hosts several nodes.
        lines: What stands beneath the head: the node where the head is a name, parties, then the product.
        carries_signalling: False for an address that only media came from or went to.
        name: What the user or the capture file calls the node; None for no name.
    """

    node: str
    lines: tuple[str, ...] = ()
    carries_signalling: bool = True
    name: str | None = None

    @property
    def head(self) -> str:
        """What stands at its head: its name, else the node."""
        return self.name or self.node


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A finding, as a mark beside a row.

    Attributes:
        code: Code of the rule, such as `OA-003`.
        severity: How bad.
        text: What it says.
        finding_id: Id of the finding.
    """

    code: str
    severity: Severity
    text: str
    finding_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """One message on one hop, its retransmissions folded into it.

    Attributes:
        offset: Since the first message of the ladder.
        at: When it was captured.
        source: Lane it starts from.
        destination: Lane it ends at; equal to `source` where a node sends to itself.
        label: Method, or status and reason phrase.
        sequence: CSeq, such as `2 INVITE`; None when the message has none.
        details: Lines about what it carries.
        frame: Its first frame.
        tone: What it means.
        repeats: How many retransmissions were seen.
        repeated_until: Time of the last of them since this message; None without any.
        badges: Findings about it.
        call: The call it belongs to; None when it belongs to none.
    """

    offset: Duration
    at: Instant
    source: int
    destination: int
    label: str
    sequence: str | None = None
    details: tuple[str, ...] = ()
    frame: int
    tone: Tone
    repeats: int = 0
    repeated_until: Duration | None = None
    badges: tuple[Badge, ...] = ()
    call: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One direction of a band.

    Attributes:
        stream_id: The stream.
        packets: Received.
        loss_percent: 0–100; None when nothing was expected.
        mos: Estimate; None when there is none.
    """

    stream_id: str
    packets: int
    loss_percent: float | None
    mos: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Media between two lanes, both directions in one where they belong together.

    Attributes:
        offset: Its first packet since the first message of the ladder; negative when it came before.
        at: Its first packet.
        until: Its last packet since the first message of the ladder.
        first: Left lane.
        second: Right lane; equal to `first` where media stays on one node.
        codec: Name of the codec, of both where they differ; None when nothing names it.
        kind: `audio`, `video` …; None when unknown.
        rightward: From `first` to `second`; None when no packet went that way.
        leftward: From `second` to `first`.
        details: Lines such as the digits that were pressed.
        frame: First frame.
        badges: Findings about it.
        call: The call it belongs to.
    """

    offset: Duration
    at: Instant
    until: Duration
    first: int
    second: int
    codec: str | None
    kind: str | None = None
    rightward: Flow | None = None
    leftward: Flow | None = None
    details: tuple[str, ...] = ()
    frame: int
    badges: tuple[Badge, ...] = ()
    call: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A remark across all lanes: a service, or a finding that no arrow and no band carries.

    Attributes:
        offset: Since the first message of the ladder.
        at: When.
        text: One line.
        tone: What it means.
        frame: The frame it rests on; None when on none.
        badges: The finding it stands for.
        call: The call it belongs to.
    """

    offset: Duration
    at: Instant
    text: str
    tone: Tone
    frame: int | None = None
    badges: tuple[Badge, ...] = ()
    call: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A long time without signalling.

    Attributes:
        offset: When it begins, since the first message of the ladder.
        at: When it begins.
        duration: How long it lasts.
    """

    offset: Duration
    at: Instant
    duration: Duration


Row: TypeAlias = Arrow | Band | Note | Break


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Who sent what to whom, and when.

    Attributes:
        title: One line.
        subtitle: Lines beneath it: how each call ended, what the diagnosis says.
        started_at: Time that offsets count from; None for an empty ladder.
        lanes: From left to right: the caller, the hops, the callee.
        rows: From top to bottom, by time.
        findings: All findings that the rows show, by time.
        calls: Numbers of the calls in the picture.
    """

    title: str
    subtitle: tuple[str, ...] = ()
    started_at: Instant | None = None
    lanes: tuple[Lane, ...] = ()
    rows: tuple[Row, ...] = ()
    findings: tuple[Badge, ...] = ()
    calls: tuple[int, ...] = ()
