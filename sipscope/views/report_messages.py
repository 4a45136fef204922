"""Messages and transactions in the report."""

from collections.abc import Iterator
from functools import lru_cache

from sipscope.model.description import SessionDescription
from sipscope.model.message import AnyMessage, Request
from sipscope.model.packets import AgentRecord
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.views.report_values import frames_of, masked, number_of, text_or_none, time_of, who


def messages_report(trace: Trace) -> Iterator[dict[str, object]]:
    """Every message, retransmissions included."""
    ordered = sorted(trace.messages, key=lambda item: (item.at, item.frames))
    return (_message(message) for message in ordered)


def _message(message: AnyMessage) -> dict[str, object]:
    cseq, description = message.cseq, message.description
    is_request = isinstance(message, Request)
    return {
        "id": message.id,
        "frames": list(message.frames),
        "at": time_of(message.at),
        "source": str(message.hop.source),
        "destination": str(message.hop.destination),
        "transport": message.hop.transport.value,
        "kind": "request" if is_request else "response",
        "method": text_or_none(message.method),
        "request_uri": message.request_uri_text if isinstance(message, Request) else None,
        "status": None if isinstance(message, Request) else message.status or None,
        "reason_phrase": None if isinstance(message, Request) else text_or_none(message.reason_phrase),
        "call_id": message.call_id,
        "cseq": None if cseq is None else f"{cseq.number} {cseq.method}",
        "from": who(message.from_),
        "from_tag": message.from_tag,
        "to": who(message.to),
        "to_tag": message.to_tag,
        "branch": message.vias[0].branch if message.vias else None,
        "user_agent": message.user_agent,
        "content_type": None if message.content_type is None else str(message.content_type),
        "body_bytes": len(message.body),
        "sdp": None if description is None else list(_lines_of(description)),
        "defects": [
            {"code": item.code, "severity": item.severity.value, "text": masked(item.text), "standard": item.standard}
            for item in message.defects
        ],
        "agent": None if message.agent is None else _agent(message.agent),
    }


@lru_cache(maxsize=1024)
def _lines_of(description: SessionDescription) -> tuple[str, ...]:
    """The lines without keys; several messages carry one description."""
    return tuple([_without_keys(text) for text in description.texts])


_without_keys = lru_cache(maxsize=4096)(masked)
"""The lines of one product come again in all its descriptions."""


def _agent(agent: AgentRecord) -> dict[str, object]:
    return {
        "number": agent.number,
        "name": text_or_none(agent.name),
        "vendor": agent.vendor,
        "correlation_id": text_or_none(agent.correlation_id),
    }


def transactions_report(trace: Trace) -> Iterator[dict[str, object]]:
    """Every transaction on every hop."""
    ordered = sorted(trace.transactions, key=lambda item: (item.started_at, number_of(item.id)))
    return (_transaction(transaction) for transaction in ordered)


def _transaction(transaction: Transaction) -> dict[str, object]:
    method, key, hop = transaction.method, transaction.key, transaction.hop
    own, others, responses = [], [], []
    for message in transaction.all_messages:
        if not isinstance(message, Request):
            responses.append(message)
        elif message.method == method:
            own.append(message)
        else:
            others.append(message)
    return {
        "id": transaction.id,
        "at": time_of(transaction.started_at),
        "method": text_or_none(method),
        "branch": text_or_none(key.branch),
        "sent_by": text_or_none(key.sent_by),
        "source": str(hop.source),
        "destination": str(hop.destination),
        "state": transaction.state.value,
        "request_frames": frames_of(own),
        "response_frames": frames_of(responses),
        "ack_frames": frames_of(others),
        "final_status": transaction.final_status,
        "copies": transaction.copies,
    }
