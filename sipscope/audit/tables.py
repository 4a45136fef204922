"""What the database holds: every table with its columns, as one literal description.

The definitions in the database, the rows that a capture gives, and the reference page come from here. Names are those
of the JSON report where it has them; `at`, a keyword of SQL, is `occurred_at`.
"""

from sipscope.values import dataclass

SCHEMA = 4
"""Counts up when columns change; `migrations` holds the step from each older one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column.

    Attributes:
        name: In the database.
        kind: Type in DuckDB's words.
        text: What it holds, in a few words.
        key: Its name in the rows of a capture, where it differs.
    """

    name: str
    kind: str
    text: str
    key: str = ""

    @property
    def source(self) -> str:
        """Its name in the rows of a capture."""
        return self.key or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table.

    Attributes:
        name: In the database.
        text: What a row is.
        columns: In order; the first is the capture, but for `runs`.
        order: Columns that put its rows in an order that never changes.
    """

    name: str
    text: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]


def _columns(*rows: tuple[str, str, str] | tuple[str, str, str, str]) -> tuple[Column, ...]:
    return tuple(Column(name=row[0], kind=row[1], text=row[2], key=row[3] if len(row) > 3 else "") for row in rows)


_TEXT, _WHOLE, _TIME, _NUMBER, _YES = "VARCHAR", "BIGINT", "TIMESTAMP_NS", "DOUBLE", "BOOLEAN"
_FRAMES, _TEXTS = "BIGINT[]", "VARCHAR[]"
_CAPTURE = ("capture", _TEXT, "Path of the capture as it was found")

CAPTURES = Table(
    name="captures",
    text="A capture: one file, or several that are parts of one",
    columns=_columns(
        _CAPTURE,
        ("files", _TEXTS, "Its files in order"),
        ("bytes", _WHOLE, "Of all its files, as they lie there"),
        ("content", _TEXT, "SHA-256 of its bytes"),
        ("judgement", _TEXT, "Digest of version, rules and configuration that it was judged with"),
        ("status", _TEXT, "`read`, `damaged`, `unreadable`, `timed-out`, `out-of-memory`, `crashed` or `duplicate`"),
        ("error", _TEXT, "Why it could not be read, or not to its end"),
        ("same_as", _TEXT, "Of a duplicate: the capture with the same bytes, whose rows count for both"),
        ("format", _TEXT, "Format of the file"),
        ("engine", _TEXT, "What read it"),
        ("packets", _WHOLE, "Frames"),
        ("first_packet_at", _TIME, "Time of the first frame"),
        ("last_packet_at", _TIME, "Time of the last frame"),
        ("sip_messages", _WHOLE, "SIP messages, without duplicated frames"),
        ("sip_duplicates", _WHOLE, "Duplicated SIP messages"),
        ("rtp_packets", _WHOLE, "RTP packets"),
        ("rtcp_packets", _WHOLE, "RTCP packets"),
        ("calls", _WHOLE, "Calls"),
        ("errors", _WHOLE, "Findings of severity error"),
        ("warnings", _WHOLE, "Findings of severity warning"),
        ("remarks", _WHOLE, "Findings of severity info"),
        ("suppressed", _WHOLE, "Findings that the policy suppresses; they are in none of the other counts"),
        ("set_aside", "JSON", "Frames that were set aside, by reason"),
        ("gaps", _TEXTS, "What is missing in the capture, in words"),
    ),
    order=("capture",),
)

CALLS = Table(
    name="calls",
    text="A call, with all its legs",
    columns=_columns(
        _CAPTURE,
        ("call", _WHOLE, "Its number in the capture", "id"),
        ("call_ids", _TEXTS, "Call-ID of each leg"),
        ("caller", _TEXT, "Address of record in From"),
        ("callee", _TEXT, "Address of record in To"),
        ("source", _TEXT, "Host that sent the first INVITE"),
        ("destination", _TEXT, "Host that it was sent to"),
        ("caller_agent", _TEXT, "User-Agent of the INVITE"),
        ("callee_agent", _TEXT, "Server or User-Agent of the response that decided"),
        ("started_at", _TIME, "First message"),
        ("ringing_at", _TIME, "First ringing"),
        ("answered_at", _TIME, "Answer"),
        ("ended_at", _TIME, "End"),
        ("outcome", _TEXT, "`answered`, `rejected`, `cancelled`, `redirected`, `unanswered` or `open`"),
        ("final_status", _WHOLE, "Status that decided it"),
        ("released_by", _TEXT, "`caller`, `callee` or `network`"),
        ("setup_ms", _NUMBER, "From the first INVITE to ringing, else to the answer"),
        ("ringing_ms", _NUMBER, "From ringing to the answer or end"),
        ("talking_ms", _NUMBER, "From the answer to the end"),
        ("streams", _WHOLE, "RTP streams"),
        ("mos_min", _NUMBER, "Lowest MOS of its streams"),
        ("loss_percent_max", _NUMBER, "Highest loss of its streams"),
        ("jitter_ms_max", _NUMBER, "Highest mean jitter of its streams"),
        ("codecs", _TEXTS, "Codecs of its streams"),
        ("services", _TEXTS, "What happened in it: hold, blind-transfer, …"),
        ("rules", _TEXTS, "Codes of its findings", "findings"),
        ("errors", _WHOLE, "Findings of severity error"),
        ("warnings", _WHOLE, "Findings of severity warning"),
        ("user_agents", _TEXTS, "Every User-Agent and Server in it"),
        ("headline", _TEXT, "Why it failed, in a sentence"),
    ),
    order=("capture", "call"),
)

ATTEMPTS = Table(
    name="attempts",
    text="What a person means by one attempt: a request with its challenges, redirections and fail-overs",
    columns=_columns(
        _CAPTURE,
        ("attempt", _TEXT, "Its id in the capture", "id"),
        ("method", _TEXT, "Method"),
        ("call", _WHOLE, "Number of the call"),
        ("is_origin", _YES, "No leg that a B2BUA made of another"),
        ("is_partial", _YES, "The capture begins behind its first request"),
        ("in_dialog", _YES, "The first request had a To tag"),
        ("source", _TEXT, "Host that sent the first request"),
        ("destination", _TEXT, "Host that it was sent to"),
        ("agent", _TEXT, "User-Agent of the request"),
        ("server", _TEXT, "Server or User-Agent of the response that decided"),
        ("started_at", _TIME, "First request"),
        ("trying_at", _TIME, "First 100"),
        ("provisional_at", _TIME, "First response from 101 to 199"),
        ("final_at", _TIME, "Response that decided"),
        ("final_status", _WHOLE, "Its status"),
        ("outcome", _TEXT, "`succeeded`, `failed`, `unanswered` or `pending`"),
        ("requests", _WHOLE, "Attempts that it took"),
        ("challenged", _YES, "Credentials were asked for"),
        ("redirected", _YES, "A redirection was followed"),
        ("cancelled", _YES, "The client cancelled it"),
        ("replaces", _YES, "It replaces a dialog (RFC 3891)"),
        ("retransmissions", _WHOLE, "Requests and responses that were sent again"),
        ("setup_ms", _NUMBER, "Of a new session: `setup_ms` of its call"),
        ("ringing_ms", _NUMBER, "Of a new session: `ringing_ms` of its call"),
        ("released_at", _TIME, "Of a new session that was answered: the first BYE of its call"),
        ("release_outcome", _TEXT, "Of that: its outcome"),
    ),
    order=("capture", "started_at", "attempt"),
)

DIALOGS = Table(
    name="dialogs",
    text="A dialog",
    columns=_columns(
        _CAPTURE,
        ("dialog", _TEXT, "Its id in the capture", "id"),
        ("call", _WHOLE, "Number of the call"),
        ("call_id", _TEXT, "Call-ID"),
        ("caller_tag", _TEXT, "Tag of the side that sent the first request"),
        ("callee_tag", _TEXT, "Tag of the other side"),
        ("state", _TEXT, "`early`, `confirmed` or `terminated`"),
        ("created_by", _TEXT, "Method that created it"),
        ("occurred_at", _TIME, "First request", "at"),
        ("confirmed_at", _TIME, "Confirmation"),
        ("ended_at", _TIME, "End"),
        ("ended_by", _TEXT, "Message that ended it"),
        ("release_kind", _TEXT, "How it ended"),
        ("release_by", _TEXT, "Side that ended it"),
        ("release_reason", _TEXT, "Reason that was given (RFC 3326)"),
        ("usages", _TEXTS, "What it was used for"),
    ),
    order=("capture", "occurred_at", "dialog"),
)

EXCHANGES = Table(
    name="exchanges",
    text="An offer with its answer",
    columns=_columns(
        _CAPTURE,
        ("exchange", _TEXT, "Its id in the capture", "id"),
        ("dialog", _TEXT, "Id of the dialog"),
        ("occurred_at", _TIME, "Time of the offer", "at"),
        ("pattern", _TEXT, "Messages that carried it, such as `INVITE/200`"),
        ("offerer", _TEXT, "Side that offered"),
        ("outcome", _TEXT, "`answered`, `rejected`, `unanswered`, `pending`, `broken` or `unknown`"),
        ("offer_frames", _FRAMES, "Frames of the offer"),
        ("answer_frames", _FRAMES, "Frames of the answer"),
        ("media", "JSON", "m-lines: index, kind, port_offer, port_answer, codecs, direction"),
    ),
    order=("capture", "occurred_at", "exchange"),
)

STREAMS = Table(
    name="streams",
    text="An RTP stream",
    columns=_columns(
        _CAPTURE,
        ("stream", _TEXT, "Its id in the capture", "id"),
        ("call", _WHOLE, "Number of the call"),
        ("dialog", _TEXT, "Id of the dialog"),
        ("ssrc", _TEXT, "Synchronization source"),
        ("source", _TEXT, "Address and port"),
        ("destination", _TEXT, "Address and port"),
        ("codec", _TEXT, "Codec"),
        ("media_kind", _TEXT, "`audio`, `video` …"),
        ("encrypted", _YES, "SRTP"),
        ("first_packet_at", _TIME, "First packet"),
        ("last_packet_at", _TIME, "Last packet"),
        ("packets", _WHOLE, "Packets"),
        ("expected", _WHOLE, "Packets that the sequence numbers promise"),
        ("lost", _WHOLE, "Packets that are missing"),
        ("loss_percent", _NUMBER, "Share of them"),
        ("duplicates", _WHOLE, "Duplicated packets"),
        ("reordered", _WHOLE, "Packets out of order"),
        ("jitter_ms_mean", _NUMBER, "Mean interarrival jitter"),
        ("jitter_ms_max", _NUMBER, "Highest interarrival jitter"),
        ("delta_ms_max", _NUMBER, "Longest time between two packets"),
        ("burst_ratio", _NUMBER, "How much loss comes in bursts"),
        ("ptime_ms", _NUMBER, "Speech in a packet"),
        ("dscp", _WHOLE, "Marking of the first packet"),
        ("r_factor", _NUMBER, "R factor (G.107)"),
        ("mos", _NUMBER, "MOS from the R factor"),
    ),
    order=("capture", "first_packet_at", "stream"),
)

TRANSFERS = Table(
    name="transfers",
    text="A REFER with what became of it",
    columns=_columns(
        _CAPTURE,
        ("transfer", _TEXT, "Its id in the capture", "id"),
        ("call", _WHOLE, "Number of the call"),
        ("resulting_call", _WHOLE, "Number of the call that it made"),
        ("occurred_at", _TIME, "Time of the REFER", "at"),
        ("kind", _TEXT, "`blind`, `attended`, `semi-attended` …"),
        ("transferor", _TEXT, "Who sent the REFER"),
        ("transferee", _TEXT, "Whom it was sent to"),
        ("target", _TEXT, "Whom it names"),
        ("refer_frame", _WHOLE, "Frame of the REFER"),
        ("outcome", _TEXT, "`succeeded`, `failed`, `refused` or `unknown`"),
        ("reported_status", _WHOLE, "Last status that a NOTIFY reported"),
        ("observed_status", _WHOLE, "Status that the new request got"),
    ),
    order=("capture", "occurred_at", "transfer"),
)

REGISTRATIONS = Table(
    name="registrations",
    text="An attempt to register",
    columns=_columns(
        _CAPTURE,
        ("registration", _TEXT, "Its id in the capture", "id"),
        ("occurred_at", _TIME, "First REGISTER", "at"),
        ("aor", _TEXT, "Address of record"),
        ("contacts", _TEXTS, "Contacts"),
        ("outcome", _TEXT, "How it ended"),
        ("expires_s", _WHOLE, "Expiry that was granted"),
        ("frames", _FRAMES, "Frames"),
    ),
    order=("capture", "occurred_at", "registration"),
)

FINDINGS = Table(
    name="findings",
    text="Something that a rule found",
    columns=_columns(
        _CAPTURE,
        ("finding", _TEXT, "Its id in the capture", "id"),
        ("call", _WHOLE, "Number of the call"),
        ("rule", _TEXT, "Code of the rule"),
        ("name", _TEXT, "Name of the rule"),
        ("severity", _TEXT, "`error`, `warning` or `info`"),
        ("confidence", _TEXT, "`certain`, `likely` or `possible`"),
        ("text", _TEXT, "What was found"),
        ("occurred_at", _TIME, "When", "at"),
        ("frames", _FRAMES, "Where"),
        ("subject_kind", _TEXT, "What it speaks of"),
        ("subject_id", _TEXT, "Id of that"),
        ("standards", _TEXTS, "Clauses"),
        ("next_steps", _TEXTS, "What to try"),
        ("caused_by", _TEXT, "Finding that it follows from"),
        ("guards", _TEXTS, "Why confidence was lowered"),
        ("suppressed", _TEXT, "Why the policy counts it as known; none where it doesn't"),
    ),
    order=("capture", "occurred_at", "finding"),
)

HOPS = Table(
    name="hops",
    text="Signalling that one host sent another",
    columns=_columns(
        _CAPTURE,
        ("source", _TEXT, "Host"),
        ("destination", _TEXT, "Host"),
        ("requests", _WHOLE, "Requests, retransmissions in"),
        ("responses", _WHOLE, "Responses, retransmissions in"),
        ("retransmissions", _WHOLE, "How many of both were sent again"),
    ),
    order=("capture", "source", "destination"),
)

EXPECTATIONS = Table(
    name="expectations",
    text="What the configuration expects of a capture, and whether it holds",
    columns=_columns(
        _CAPTURE,
        ("expectation", _WHOLE, "Counted from 1 in each capture", "id"),
        ("name", _TEXT, "Its name"),
        ("holds", _YES, "Whether it holds"),
        ("failures", _TEXTS, "What doesn't hold, in words"),
    ),
    order=("capture", "expectation"),
)

RUNS = Table(
    name="runs",
    text="A run of the audit; the only table that the clock has a part in",
    columns=_columns(
        ("run", _WHOLE, "Counted from 1"),
        ("started_at", _TIME, "When it began"),
        ("ended_at", _TIME, "When it ended; none while it goes on, or where it was broken off"),
        ("version", _TEXT, "Version of sipscope"),
        ("judgement", _TEXT, "Digest of version, rules and configuration"),
        ("paths", _TEXTS, "What was to be audited"),
        ("captures", _WHOLE, "Captures that were found"),
        ("analysed", _WHOLE, "Captures that were analysed in this run"),
        ("unchanged", _WHOLE, "Captures that an earlier run had done"),
        ("failed", _WHOLE, "Captures of this run that could not be read"),
    ),
    order=("run",),
)

OF_A_CAPTURE = (
    CAPTURES,
    CALLS,
    ATTEMPTS,
    DIALOGS,
    EXCHANGES,
    STREAMS,
    TRANSFERS,
    REGISTRATIONS,
    FINDINGS,
    HOPS,
    EXPECTATIONS,
)
"""Tables whose rows belong to a capture."""

TABLES = (RUNS, *OF_A_CAPTURE)
"""All tables."""
