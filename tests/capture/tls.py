"""TLS connections between two ends in memory: the bytes are those of OpenSSL."""

import ssl
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.capture.builders import A4, B4, ethernet, ipv4, tcp

PORTS = (40000, 5061)


def certificate(folder: Path) -> Path:
    """A self-signed certificate with its key."""
    path = folder / "certificate.pem"
    names = "subjectAltName=DNS:sip.example,DNS:proxy.example,URI:sip:example"
    request = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /O=Example/CN=sip.example"
    )
    subprocess.run(
        [*request.split(), "-addext", names, "-keyout", str(path), "-out", f"{path}.crt"],
        check=True,
        capture_output=True,
    )
    with path.open("ab") as both:
        both.write(Path(f"{path}.crt").read_bytes())
    return path


def contexts(path: Path, *, version: ssl.TLSVersion, trusts: bool = True) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Client and server of one version; a client that doesn't trust refuses the certificate."""
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if trusts:
        client.load_verify_locations(str(path))
    client.set_alpn_protocols(["sip/2"])
    server.set_alpn_protocols(["sip/2"])
    server.load_cert_chain(str(path))
    client.minimum_version = client.maximum_version = version
    return client, server


@dataclass
class Talk:
    """Segments of a connection as frames, with the bytes that each side sent."""

    ports: tuple[int, int] = PORTS
    frames: list[bytes] = field(default_factory=list)
    sent: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    begin: int = 1000

    def say(self, payload: bytes, *, is_client: bool, size: int = 1400) -> None:
        for place in range(0, len(payload), size):
            part = payload[place : place + size]
            ends = {} if is_client else {"source": B4, "destination": A4}
            ports = self.ports if is_client else self.ports[::-1]
            self.frames.append(
                ethernet(ipv4(tcp(part, self.begin + self.sent[is_client], ports=ports), protocol=6, **ends))
            )
            self.sent[is_client] += len(part)

    def opening(self) -> None:
        """The segment that opens the connection."""
        self.frames.append(ethernet(ipv4(tcp(b"", self.begin - 1, flags=2, ports=self.ports), protocol=6)))


def handshake(
    talk: Talk, client: ssl.SSLContext, server: ssl.SSLContext, *, size: int = 1400, data: int = 0, says: bytes = b""
) -> None:
    """Let both ends finish, or fail; then exchange `data` times a kilobyte, and let the client say something."""
    boxes = {is_client: (ssl.MemoryBIO(), ssl.MemoryBIO()) for is_client in (True, False)}
    ends = {
        True: client.wrap_bio(*boxes[True], server_hostname="sip.example"),
        False: server.wrap_bio(*boxes[False], server_side=True),
    }
    open_ends = set(ends)
    for _ in range(6):
        for is_client, end in ends.items():
            if is_client in open_ends:
                try:
                    end.do_handshake()
                except ssl.SSLWantReadError:
                    pass
                except ssl.SSLError:
                    open_ends.discard(is_client)
            _carry(talk, boxes, is_client=is_client, size=size)
    for _ in range(data):
        for is_client, end in ends.items():
            end.write(bytes(1000))
            _carry(talk, boxes, is_client=is_client, size=size)
    if says:
        ends[True].write(says)
        _carry(talk, boxes, is_client=True, size=size)


class Connection:
    """A connection whose ends have finished their handshake, and go on to talk."""

    def __init__(self, client: ssl.SSLContext, server: ssl.SSLContext, *, ports: tuple[int, int] = PORTS) -> None:
        self.talk = Talk(ports=ports)
        self.talk.opening()
        self._boxes = {is_client: (ssl.MemoryBIO(), ssl.MemoryBIO()) for is_client in (True, False)}
        self._ends = {
            True: client.wrap_bio(*self._boxes[True], server_hostname="sip.example"),
            False: server.wrap_bio(*self._boxes[False], server_side=True),
        }
        for _ in range(4):
            for is_client, end in self._ends.items():
                with suppress(ssl.SSLWantReadError):
                    end.do_handshake()
                _carry(self.talk, self._boxes, is_client=is_client, size=1400)

    def say(self, content: bytes, *, is_client: bool) -> None:
        self._ends[is_client].write(content)
        _carry(self.talk, self._boxes, is_client=is_client, size=1400)


def _carry(talk: Talk, boxes: dict[bool, tuple[ssl.MemoryBIO, ssl.MemoryBIO]], *, is_client: bool, size: int) -> None:
    payload = boxes[is_client][1].read()
    talk.say(payload, is_client=is_client, size=size)
    boxes[not is_client][0].write(payload)
