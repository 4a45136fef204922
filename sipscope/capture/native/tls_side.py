"""What one direction of a TLS connection tells without keys, up to where encryption begins (RFC 8446, RFC 5246)."""

from typing import TYPE_CHECKING, NamedTuple

from sipscope.capture.native.certificate import names_of

if TYPE_CHECKING:
    from sipscope.capture.native.direction import Piece
    from sipscope.model.time import Instant

LARGEST_HANDSHAKE = 256 << 10
"""Bytes that are looked at for a handshake: more than the longest chain of certificates that is met."""

_CHANGE_CIPHER_SPEC, _ALERT, _HANDSHAKE, _APPLICATION_DATA = 20, 21, 22, 23
_CLIENT_HELLO, _SERVER_HELLO, _CERTIFICATE = 1, 2, 11
_SERVER_NAME, _PROTOCOLS, _EARLY_DATA, _SUPPORTED_VERSIONS = 0, 16, 42, 43
_HEADER_BYTES = 5
# A record holds 2^14 bytes, and 2048 more once compressed or encrypted (RFC 5246 §6.2.3).
_LARGEST_RECORD = (1 << 14) + 2048


class Hello(NamedTuple):
    """A ClientHello or ServerHello (RFC 8446 §4.1).

    Attributes:
        is_from_client: Which of them.
        version: The version offered or, by a server, chosen.
        cipher: The cipher suite chosen; None from a client, which offers many.
        server_name: The host that the client asks for (RFC 6066 §3).
        protocols: Protocols offered or chosen (ALPN, RFC 7301).
        has_early_data: The client sends data before the handshake is over (RFC 8446 §4.2.10).
    """

    is_from_client: bool
    version: int
    cipher: int | None
    server_name: str | None
    protocols: tuple[str, ...]
    has_early_data: bool


class Alert(NamedTuple):
    """An alert in the clear (RFC 8446 §6)."""

    frame: int
    is_fatal: bool
    description: int


class TlsSide:
    """Reads one direction.

    Attributes:
        payload_bytes: Bytes of TCP payload.
        frame: Its first frame.
        at: When that was captured.
        hello: Its last ClientHello or ServerHello: the first server's may ask the client to try again.
        certificate_names: Names in the first certificate it shows.
        alerts: Those in the clear.
        is_finished: It sent a handshake message behind ChangeCipherSpec, which is Finished (RFC 5246 §7.4.9).
        first_encrypted_bytes: Length of its first record of application data, None before it.
        is_tls: At least one record has the header of TLS.
        is_closed: The connection was closed or reset while this side had not come to its end.
        is_damaged: Bytes are missing, or are no TLS, so the rest isn't read.
    """

    def __init__(self, frame: int, at: "Instant") -> None:
        self.payload_bytes = 0
        self.frame = frame
        self.at = at
        self.hello: Hello | None = None
        self.certificate_names: tuple[str, ...] = ()
        self.alerts: list[Alert] = []
        self.is_finished = False
        self.first_encrypted_bytes: int | None = None
        self.is_tls = False
        self.is_closed = False
        self.is_damaged = False
        self._is_changed = False
        self._read_bytes = 0
        self._buffer = bytearray()
        self._handshake = bytearray()

    @property
    def is_done(self) -> bool:
        """Whether the rest is encrypted, or can't be read."""
        return self.is_damaged or self.is_finished or self.first_encrypted_bytes is not None

    def close(self) -> None:
        """Learn that the connection was closed or reset by either end."""
        self.is_closed = not self.is_done

    def add(self, piece: "Piece") -> None:
        """Take stream bytes in."""
        is_first = not self.payload_bytes
        self.payload_bytes += len(piece.payload)
        self._read_bytes += len(piece.payload)
        if (piece.behind_gap and not is_first) or self._read_bytes > LARGEST_HANDSHAKE:
            self.is_damaged = True
        if self.is_done:
            return
        self._buffer += piece.payload
        while size := self._record(piece.origin.frames[-1]):
            del self._buffer[:size]

    def _record(self, frame: int) -> int:
        """Read the record in front (RFC 8446 §5.1); its size, 0 when more has to come or nothing more is read."""
        if self.is_done or len(self._buffer) < _HEADER_BYTES:
            return 0
        kind, length = self._buffer[0], int.from_bytes(self._buffer[3:5], "big")
        if not _is_header(self._buffer, length):
            self.is_damaged = True
            return 0
        self.is_tls = True
        if kind == _APPLICATION_DATA:
            self.first_encrypted_bytes = length
        if len(self._buffer) < _HEADER_BYTES + length:
            return 0
        self._content(kind, bytes(self._buffer[_HEADER_BYTES : _HEADER_BYTES + length]), frame)
        return _HEADER_BYTES + length

    def _content(self, kind: int, content: bytes, frame: int) -> None:
        if kind == _CHANGE_CIPHER_SPEC:
            self._is_changed = True
        elif kind == _HANDSHAKE and self._is_changed:
            self.is_finished = True
        elif kind == _HANDSHAKE:
            self._handshake += content
            self._messages()
        elif kind == _ALERT and not self._is_changed and len(content) == 2:
            self.alerts.append(Alert(frame, content[0] == 2, content[1]))

    def _messages(self) -> None:
        """Read the handshake messages that are whole (RFC 8446 §4)."""
        while len(self._handshake) >= 4:
            end = 4 + int.from_bytes(self._handshake[1:4], "big")
            if len(self._handshake) < end:
                return
            kind, body = self._handshake[0], bytes(self._handshake[4:end])
            del self._handshake[:end]
            if kind in {_CLIENT_HELLO, _SERVER_HELLO}:
                self.hello = hello_of(body, is_from_client=kind == _CLIENT_HELLO) or self.hello
            elif kind == _CERTIFICATE and not self.certificate_names:
                # certificate_list<0..2^24-1> of ASN.1Cert<1..2^24-1>, the sender's own first (RFC 5246 §7.4.2).
                self.certificate_names = names_of(_vector(_vector(body, 0, 3)[0], 0, 3)[0])


def hello_of(body: bytes, *, is_from_client: bool) -> Hello | None:
    """A hello without the header of its message; None when it is too short to be one."""
    if len(body) < 35:
        return None
    version, cipher = int.from_bytes(body[:2], "big"), None
    _, position = _vector(body, 34, 1)
    if is_from_client:
        _, position = _vector(body, position, 2)
        _, position = _vector(body, position, 1)
    else:
        cipher = int.from_bytes(body[position : position + 2], "big")
        position += 3
    extensions = _extensions(_vector(body, position, 2)[0])
    versions = extensions.get(_SUPPORTED_VERSIONS, b"")
    if len(versions) == 2 and not is_from_client:
        version = int.from_bytes(versions, "big")
    return Hello(
        is_from_client=is_from_client,
        version=version,
        cipher=cipher,
        server_name=_server_name(extensions.get(_SERVER_NAME, b"")),
        protocols=_protocols(extensions.get(_PROTOCOLS, b"")),
        has_early_data=_EARLY_DATA in extensions,
    )


def _is_header(data: bytearray, length: int) -> bool:
    known = _CHANGE_CIPHER_SPEC <= data[0] <= _APPLICATION_DATA
    return known and data[1] == 3 and data[2] <= 4 and 0 < length <= _LARGEST_RECORD


def _vector(data: bytes, position: int, size: int) -> tuple[bytes, int]:
    """A vector with a length of `size` bytes in front (RFC 8446 §3.4), cut where the bytes end, and what is behind."""
    begin = position + size
    end = begin + int.from_bytes(data[position:begin], "big")
    return data[begin:end], end


def _extensions(data: bytes) -> dict[int, bytes]:
    """Extensions by their number (RFC 8446 §4.2)."""
    found: dict[int, bytes] = {}
    position = 0
    while position + 4 <= len(data):
        kind = int.from_bytes(data[position : position + 2], "big")
        found[kind], position = _vector(data, position + 2, 2)
    return found


def _server_name(data: bytes) -> str | None:
    entry, _ = _vector(data, 0, 2)
    if len(entry) < 4 or entry[0] != 0:
        return None
    return _vector(entry, 1, 2)[0].decode("ascii", "backslashreplace")


def _protocols(data: bytes) -> tuple[str, ...]:
    entries, _ = _vector(data, 0, 2)
    found: list[str] = []
    position = 0
    while position < len(entries):
        name, position = _vector(entries, position, 1)
        found.append(name.decode("ascii", "backslashreplace"))
    return tuple(found)
