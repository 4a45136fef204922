"""The rows that metrics are about, as queries, and what figures can be told by."""

from collections.abc import Mapping

from sipscope.values import dataclass

DIMENSIONS = {
    "capture": "capture",
    "source": "source",
    "destination": "destination",
    "trunk": "source || ' → ' || destination",
    "caller_agent": "coalesce(agent, '(not told)')",
    "callee_agent": "coalesce(server, '(not told)')",
    "aor": "aor",
    "hour": "strftime(make_timestamp(started_ns // 1000), '%Y-%m-%dT%H:00Z')",
    "day": "strftime(make_timestamp(started_ns // 1000), '%Y-%m-%d')",
}
"""What figures can be told by, and the expression for it."""

_AGENTS = frozenset({"caller_agent", "callee_agent"})
_HOSTS = frozenset({"source", "destination", "trunk"})
_AOR = frozenset({"aor"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Rows that metrics are about.

    Attributes:
        query: What gives them; each has `started_ns`, and what its dimensions need.
        untold: Dimensions that say nothing of these rows.
        is_series: Each row is a series of requests, which `requests` counts.
        alone: What gives them without hosts and products, where that takes less; empty where it takes the same.
    """

    query: str
    alone: str = ""
    untold: frozenset[str] = _AOR
    is_series: bool = False

    def told_by(self, dimension: str | None) -> str:
        """The query that serves for a dimension."""
        return self.query if dimension in _HOSTS | _AGENTS or not self.alone else self.alone


_SERIES = """
    a.capture, a.source, a.destination, a.agent, a.server, a.outcome, a.final_status, a.requests,
    epoch_ns(a.started_at) AS started_ns,
    epoch_ns(a.trying_at) AS trying_ns,
    epoch_ns(a.provisional_at) AS provisional_ns,
    epoch_ns(a.final_at) AS final_ns,
    epoch_ns(a.released_at) AS release_ns,
    a.release_outcome, a.setup_ms, a.ringing_ms,
    coalesce(a.final_status BETWEEN 300 AND 399, false) AS is_redirected
"""

# A removal begins another spell: what follows it isn't late. An unknown expiry covers everything.
_RENEWALS = """
    SELECT capture, aor, started_ns, started_ns - covered_until AS gap_ns
    FROM (
        SELECT *, max(covers_until) OVER (
            PARTITION BY capture, aor, spell ORDER BY started_ns, registration
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_until
        FROM (
            SELECT capture, aor, registration, outcome, epoch_ns(occurred_at) AS started_ns,
                   coalesce(epoch_ns(occurred_at) + expires_s * 1000000000, 9223372036854775807) AS covers_until,
                   count(*) FILTER (outcome = 'removed') OVER (
                       PARTITION BY capture, aor ORDER BY occurred_at, registration
                   ) AS spell
            FROM registrations WHERE outcome IN ('registered', 'removed') AND aor IS NOT NULL
        ) WHERE outcome = 'registered'
    ) WHERE covered_until IS NOT NULL
"""

BASES: Mapping[str, Base] = {
    "registrations": Base(
        query=f"SELECT {_SERIES} FROM attempts AS a WHERE a.method = 'REGISTER' AND NOT a.is_partial", is_series=True
    ),
    "releases": Base(
        query=f"SELECT {_SERIES} FROM attempts AS a WHERE a.method = 'BYE' AND a.is_origin AND NOT a.is_partial",
        is_series=True,
    ),
    "options": Base(
        query=f"""
            SELECT {_SERIES} FROM attempts AS a
            WHERE a.method = 'OPTIONS' AND NOT a.in_dialog AND NOT a.is_partial
        """,
        is_series=True,
    ),
    "sessions": Base(
        query=f"""
            SELECT {_SERIES} FROM attempts AS a
            WHERE a.method = 'INVITE' AND NOT a.in_dialog AND a.is_origin AND NOT a.is_partial
        """,
        is_series=True,
    ),
    "calls": Base(
        query="""
            SELECT a.capture, coalesce(a.source, '(not told)') AS source,
                   coalesce(a.destination, '(not told)') AS destination,
                   a.caller_agent AS agent, a.callee_agent AS server,
                   epoch_ns(a.started_at) AS started_ns,
                   epoch_ns(coalesce(a.ended_at, c.last_packet_at)) AS ended_ns
            FROM calls AS a JOIN captures AS c USING (capture)
        """
    ),
    "renewals": Base(query=_RENEWALS, untold=_AGENTS | _HOSTS),
    "hops": Base(
        query="""
            SELECT h.capture, h.source, h.destination, h.requests + h.responses AS messages,
                   h.retransmissions AS copies, epoch_ns(c.first_packet_at) AS started_ns
            FROM hops AS h JOIN captures AS c USING (capture)
        """,
        untold=_AOR | _AGENTS,
    ),
    "streams": Base(
        alone="""
            SELECT capture, loss_percent, jitter_ms_mean, mos, epoch_ns(first_packet_at) AS started_ns FROM streams
        """,
        query="""
            SELECT s.capture, coalesce(c.source, '(no call)') AS source,
                   coalesce(c.destination, '(no call)') AS destination,
                   c.caller_agent AS agent, c.callee_agent AS server, s.loss_percent, s.jitter_ms_mean, s.mos,
                   epoch_ns(s.first_packet_at) AS started_ns
            FROM streams AS s LEFT JOIN calls AS c ON c.capture = s.capture AND c.call = s.call
        """,
    ),
}
"""By name; hops count at the time of their capture, streams with the hosts and products of their call."""
