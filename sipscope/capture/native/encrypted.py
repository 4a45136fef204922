"""The TLS connections of a capture: both directions of each, brought together."""

from typing import TYPE_CHECKING

from sipscope.capture.native.tls_names import TLS_1_3, alert_name, cipher_suite_name, version_name
from sipscope.capture.native.tls_side import TlsSide
from sipscope.model.network import Transport
from sipscope.model.packets import EncryptedFlow, TlsAlert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipscope.capture.native.hops import Hops
    from sipscope.model.network import Endpoint
    from sipscope.model.time import Instant

FLOWS_TOLD = 200
"""How many connections are told one by one, those on ports of SIP first; the others are counted."""

SIP_PORTS = (5061, 5071)
"""Where SIP over TLS listens (RFC 3261 §19.1.2), and where IMS and session border controllers put it."""

# The shortest first record of a client that finishes is Finished with a hash of 32 bytes: 4 + 32 + 1 + 16 bytes; an
# alert takes 2 + 1 + 16 (RFC 8446 §4.4.4, §5.2, §6).
_LARGEST_ALERT = 40

_Key = tuple[bytes, int, int]
_Connection = dict[_Key, TlsSide]


class EncryptedFlows:
    """Remembers what the directions tell, by connection."""

    def __init__(self, hops: "Hops") -> None:
        self.untold = 0
        self._hops = hops
        self._connections: list[_Connection] = []
        self._current: dict[_Key, _Connection] = {}
        self._room = {True: FLOWS_TOLD, False: FLOWS_TOLD}

    def side(self, key: _Key, frame: int, at: "Instant") -> TlsSide | None:
        """A direction that begins; None when there are too many."""
        name = min(key, _back(key))
        connection = self._current.get(name)
        if connection is None or key in connection:
            is_sip = key[1] in SIP_PORTS or key[2] in SIP_PORTS
            if not self._room[is_sip]:
                # Each connection is counted once, by the direction towards its server.
                self.untold += key[2] <= key[1]
                return None
            self._room[is_sip] -= 1
            connection = self._current[name] = {}
            self._connections.append(connection)
        connection[key] = TlsSide(frame, at)
        return connection[key]

    def flows(self) -> tuple[EncryptedFlow, ...]:
        """The connections so far, in the order of their first frames."""
        flows = sorted(self._flows(), key=lambda flow: (flow.server.port not in SIP_PORTS, flow.frame))
        self.untold += max(0, len(flows) - FLOWS_TOLD)
        return tuple(sorted(flows[:FLOWS_TOLD], key=lambda flow: flow.frame))

    def _flows(self) -> "Iterator[EncryptedFlow]":
        for connection in self._connections:
            if any(side.is_tls for side in connection.values()):
                yield self._flow(connection)

    def _flow(self, connection: _Connection) -> EncryptedFlow:
        key = _client_key(connection)
        hop = self._hops.hop(*key, Transport.TLS)
        client, server = connection.get(key), connection.get(_back(key))
        hello = client.hello if client is not None else None
        answer = server.hello if server is not None else None
        first = min(connection.values(), key=lambda side: side.frame)
        return EncryptedFlow(
            client=hop.source,
            server=hop.destination,
            frame=first.frame,
            at=first.at,
            version=None if answer is None else version_name(answer.version),
            cipher_suite=None if answer is None or answer.cipher is None else cipher_suite_name(answer.cipher),
            server_name=None if hello is None else hello.server_name,
            offered_protocols=() if hello is None else hello.protocols,
            chosen_protocol=None if answer is None or not answer.protocols else answer.protocols[0],
            certificate_names=() if server is None else server.certificate_names,
            alerts=(*_alerts(hop.source, client), *_alerts(hop.destination, server)),
            handshake_completed=_is_completed(client, server),
            client_bytes=0 if client is None else client.payload_bytes,
            server_bytes=0 if server is None else server.payload_bytes,
        )


def _back(key: _Key) -> _Key:
    """The other direction."""
    addresses, source_port, destination_port = key
    half = len(addresses) // 2
    return addresses[half:] + addresses[:half], destination_port, source_port


def _client_key(connection: _Connection) -> _Key:
    """The direction from the client: by the hellos, else towards the lower port."""
    for key, side in connection.items():
        if side.hello is not None:
            return key if side.hello.is_from_client else _back(key)
    key = next(iter(connection))
    return key if key[2] <= key[1] else _back(key)


def _alerts(sender: "Endpoint", side: TlsSide | None) -> "Iterator[TlsAlert]":
    for alert in side.alerts if side is not None else ():
        yield TlsAlert(
            frame=alert.frame, sender=sender, is_fatal=alert.is_fatal, description=alert_name(alert.description)
        )


def _is_completed(client: TlsSide | None, server: TlsSide | None) -> bool | None:
    """Whether both sides got to the end of the handshake; None where the capture doesn't show it."""
    if client is None or client.hello is None:
        return None
    failed = False if _is_given_up(client, server) else None
    if server is None or server.hello is None:
        return failed
    if server.hello.version < TLS_1_3:
        return True if client.is_finished and server.is_finished else failed
    if client.first_encrypted_bytes is None or client.hello.has_early_data:
        return failed
    return client.first_encrypted_bytes > _LARGEST_ALERT


def _is_given_up(client: TlsSide, server: TlsSide | None) -> bool:
    """Whether one of them said that it goes no further, or closed the connection before its end."""
    sides = [side for side in (client, server) if side is not None]
    if any(alert.is_fatal for side in sides for alert in side.alerts):
        return True
    return client.is_closed and not any(side.is_damaged for side in sides)
