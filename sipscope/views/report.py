"""The report: one document of plain values for other programs.

Its names are a promise. Times are ISO 8601 in UTC with nanoseconds, every other number carries its unit in its name,
and what was not seen is None. Lists are sorted by time, then by id. Keys of SDES (RFC 4568 §6.1) are masked.
"""

from collections.abc import Iterator

from sipscope.calls.topology import topology_of
from sipscope.model.defects import Severity
from sipscope.model.finding import Finding
from sipscope.model.time import iso8601
from sipscope.model.trace import Trace
from sipscope.views.availability import probes_report
from sipscope.views.conferences import conferences_report
from sipscope.views.conversations import conversations_report
from sipscope.views.encrypted import encrypted_report
from sipscope.views.expectations import expectations_report
from sipscope.views.publications import publications_report
from sipscope.views.report_calls import calls_report, transfers_report
from sipscope.views.report_findings import findings_report
from sipscope.views.report_media import reported_report, streams_report
from sipscope.views.report_messages import messages_report, transactions_report
from sipscope.views.report_sessions import (
    dialogs_report,
    exchanges_report,
    folded_exchanges,
    registrations_report,
    subscriptions_report,
)
from sipscope.views.topology_report import hosts_report

SCHEMA = 1
"""Counts up when a name of the report changes or goes."""


def report_of(trace: Trace, *, version: str, messages: bool = False) -> dict[str, object]:
    """The whole trace as plain values.

    Args:
        trace: What was reconstructed and found.
        version: Version of the program, for the `sipscope` key.
        messages: Whether to list every message.
    """
    sections = report_sections(trace, version=version, messages=messages)
    return {key: list(value) if isinstance(value, Iterator) else value for key, value in sections}


def report_sections(trace: Trace, *, version: str, messages: bool = False) -> Iterator[tuple[str, object]]:
    """The same report a section at a time, each made when it is asked for; arguments as for `report_of`.

    The long lists are iterators: each item is made when it is its turn, and need not be kept.
    """
    exchanges = folded_exchanges(trace)
    yield "schema", SCHEMA
    yield "sipscope", version
    yield "capture", capture_report(trace)
    if messages:
        yield "messages", messages_report(trace)
    yield "hosts", hosts_report(topology_of(trace))
    yield "transactions", transactions_report(trace)
    yield "dialogs", dialogs_report(trace)
    yield "exchanges", exchanges_report(exchanges)
    yield "subscriptions", subscriptions_report(trace)
    yield "registrations", registrations_report(trace)
    yield "publications", publications_report(trace)
    yield "conversations", conversations_report(trace)
    yield "probes", probes_report(trace)
    yield "transfers", transfers_report(trace)
    yield "conferences", conferences_report(trace)
    yield "calls", calls_report(trace)
    yield "streams", streams_report(trace)
    if trace.media.reported:
        yield "reported_streams", reported_report(trace)
    yield "findings", findings_report(trace, exchanges)
    yield "expectations", expectations_report(trace)
    yield "totals", totals_report(trace)


def capture_report(trace: Trace) -> dict[str, object]:
    """What the capture is, and what was counted in it."""
    facts = trace.facts
    return {
        "path": facts.path,
        "format": facts.format,
        "engine": facts.engine,
        "link_types": list(facts.link_types),
        "packets": facts.frames,
        "first_packet_at": None if facts.first_packet_at is None else iso8601(facts.first_packet_at),
        "last_packet_at": None if facts.last_packet_at is None else iso8601(facts.last_packet_at),
        "sip_messages": len(trace.messages),
        "sip_duplicates": trace.message_copies,
        "rtp_packets": trace.media.rtp_packets,
        "rtcp_packets": trace.media.rtcp_packets,
        "set_aside": dict(sorted(facts.set_aside.items())),
        "gaps": [{"kind": gap.kind.value, "frames": list(gap.frames), "text": gap.text} for gap in facts.gaps],
        "notes": list(facts.notes),
        "encrypted_flows": encrypted_report(facts.encrypted_flows),
        "names": dict(facts.names),
    }


def totals_report(trace: Trace) -> dict[str, object]:
    """How many of each thing there are."""
    severities = (Severity.ERROR, Severity.WARNING, Severity.INFO)
    return {
        "calls": len(trace.calls),
        "dialogs": len(trace.dialogs),
        "transactions": len(trace.transactions),
        "streams": len(trace.streams),
        "findings": {
            **{item.value: sum(_counts(finding, item) for finding in trace.findings) for item in severities},
            "suppressed": sum(finding.suppressed is not None for finding in trace.findings),
        },
    }


def _counts(finding: Finding, severity: Severity) -> bool:
    """Whether a finding has this severity, and no policy knows of it."""
    return finding.severity is severity and finding.suppressed is None
