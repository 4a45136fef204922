"""What is told of TLS connections that weren't decrypted: lines for people, plain values for programs."""

from collections.abc import Iterable, Sequence

from sipscope.model.network import Endpoint
from sipscope.model.packets import EncryptedFlow, TlsAlert
from sipscope.model.time import iso8601
from sipscope.views.words import counted

LINES_SHOWN = 8
"""How many servers are told one by one."""

_SIP_PORTS = (5061, 5071)
_HEP_PORTS = (9060, 9061)
"""Where collectors of what capture agents tell listen."""


def encrypted_lines(flows: Sequence[EncryptedFlow]) -> list[str]:
    """One line for each server, those on ports of SIP first."""
    by_server: dict[Endpoint, list[EncryptedFlow]] = {}
    for flow in sorted(flows, key=lambda item: item.server.port not in _SIP_PORTS):
        by_server.setdefault(flow.server, []).append(flow)
    lines = [_line(server, found) for server, found in by_server.items()]
    if len(lines) > LINES_SHOWN:
        rest = counted(len(lines) - LINES_SHOWN, "more server")
        return [*lines[:LINES_SHOWN], f"{rest}: see the JSON report"]
    return lines


def encrypted_report(flows: Sequence[EncryptedFlow]) -> list[dict[str, object]]:
    """The same as plain values, one for each connection."""
    return [
        {
            "client": str(flow.client),
            "server": str(flow.server),
            "packet": flow.frame,
            "at": iso8601(flow.at),
            "version": flow.version,
            "cipher_suite": flow.cipher_suite,
            "server_name": flow.server_name,
            "offered_protocols": list(flow.offered_protocols),
            "chosen_protocol": flow.chosen_protocol,
            "certificate_names": list(flow.certificate_names),
            "alerts": [_alert_report(alert) for alert in flow.alerts],
            "handshake_completed": flow.handshake_completed,
            "client_bytes": flow.client_bytes,
            "server_bytes": flow.server_bytes,
        }
        for flow in flows
    ]


def _line(server: Endpoint, flows: list[EncryptedFlow]) -> str:
    said = [
        *_each(flow.version for flow in flows),
        *(f"SNI {name}" for name in _each(flow.server_name for flow in flows)),
        *(f"certificate {name}" for name in _each(name for flow in flows for name in flow.certificate_names[:1])),
    ]
    words = f" ({', '.join(said)})" if said else ""
    cure = "HEP by its port: give --keylog" if server.port in _HEP_PORTS else "give --keylog"
    line = f"{counted(len(flows), 'flow')} to {server}{words}, encrypted: {cure}"
    failed = sum(flow.handshake_completed is False for flow in flows)
    if not failed:
        return line
    alerts = _each(f"{_sender(flow, alert)} sent {alert.description}" for flow in flows for alert in flow.alerts)
    told = f" ({', '.join(alerts)})" if alerts else ""
    return f"{line}; {counted(failed, 'handshake')} not completed{told}"


def _each(values: Iterable[str | None]) -> list[str]:
    """What is known, each once, in order of appearance."""
    return [value for value in dict.fromkeys(values) if value is not None]


def _sender(flow: EncryptedFlow, alert: TlsAlert) -> str:
    return "the client" if alert.sender == flow.client else "the server"


def _alert_report(alert: TlsAlert) -> dict[str, object]:
    return {
        "packet": alert.frame,
        "sender": str(alert.sender),
        "fatal": alert.is_fatal,
        "description": alert.description,
    }
