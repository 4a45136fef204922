"""tshark as a child process, run by pyshark: where it is, how it is asked, how it ended."""

import asyncio
import shutil
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pyshark import FileCapture
from pyshark.capture.capture import TSharkCrashException

from sipscope.errors import EngineUnavailable, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LAYERS = "frame ip ipv6 udp tcp sctp tcp.segments websocket.fragments"
"""The layers told with all that is in them; of all the others only their names and bytes are."""

_TUNNELS = {"udp.port==8472": "vxlan"}
"""What Linux takes for VXLAN besides its registered port (RFC 7348 §5); the native engine does too."""


class TsharkProcess(FileCapture):  # type: ignore[misc]
    """pyshark's capture of a file, which waits for tshark to end by itself and keeps its last words."""

    def __init__(self, path: str, *, keylog: str | None = None, no_sip: "Iterable[int]" = ()) -> None:
        """Get ready to read the file at `path`; what TLS carries between ports of `no_sip` is told as it is.

        Raises:
            EngineUnavailable: tshark isn't installed.
        """
        require_tshark()
        preferences = {
            # Ports tell nothing certain of SIP, so content goes before them.
            "tcp.try_heuristic_first": "TRUE",
            "tcp.desegment_tcp_streams": "TRUE",
            "sip.strict_sip_version": "FALSE",
            "esp.enable_null_encryption_decode_heuristic": "TRUE",
        }
        if keylog is not None:
            preferences["tls.keylog_file"] = keylog
        super().__init__(
            path,
            keep_packets=False,
            use_json=True,
            include_raw=True,
            eventloop=asyncio.new_event_loop(),
            override_prefs=preferences,
            decode_as=_TUNNELS if keylog is None else _TUNNELS | _decrypted(no_sip),
            custom_parameters=["-J", _LAYERS],
        )
        self.complaint: str | None = None
        self._started: list[Any] = []

    def packets(self) -> "Iterator[Any]":
        """The packets as pyshark gives them, one a frame; then `complaint` says what tshark could not read."""
        try:
            yield from self._packets_from_tshark_sync()
        except TSharkCrashException:
            self.complaint = self.complaint or "tshark ended with an error"
        finally:
            self.end()

    def end(self) -> None:
        """Stop tshark if it still runs, and give everything back."""
        loop = self.eventloop
        if loop.is_closed():
            return
        self.close()
        loop.run_until_complete(self._give_back())
        loop.close()

    def _created_new_process(self, parameters: list[str], process: Any, process_name: str = "TShark") -> None:
        super()._created_new_process(parameters, process, process_name)
        self._started.append(process)

    async def _give_back(self) -> None:
        """Close the pipes of processes that have ended; asyncio leaves that to the garbage collector."""
        for process in self._started:
            process._transport.close()  # noqa: SLF001
        for _ in range(2):
            await asyncio.sleep(0)

    async def _cleanup_subprocess(self, process: Any) -> None:
        """Let a process that has said everything end by itself, so that its exit code is its own."""
        if self._eof_reached and process in self._running_processes:
            code = await process.wait()
            await asyncio.gather(*self._stderr_handling_tasks)
            self._running_processes.discard(process)
            if code != 0:
                self.complaint = _without_program(self._last_error_line or f"tshark ended with exit code {code}")
            return
        await super()._cleanup_subprocess(process)


def require_tshark() -> str:
    """The path of tshark.

    Raises:
        EngineUnavailable: It isn't installed.
    """
    found = shutil.which("tshark")
    if found is None:
        raise EngineUnavailable(
            "Wireshark's engine needs tshark, which is not installed here: install it with "
            "“apt install tshark” (Debian, Ubuntu), “dnf install wireshark-cli” (Fedora) or "
            "“brew install wireshark” (macOS), or use the native engine"
        )
    return found


def _decrypted(no_sip: "Iterable[int]") -> dict[str, str]:
    """What TLS carries is SIP on any port, unless its handshake names HTTP (ALPN, RFC 7301), as WebSocket begins.

    A dissector is taken by the port of either end, so the ranges leave out those of both.
    """
    ports = sorted(no_sip)
    ranges = ((before + 1, behind - 1) for before, behind in pairwise((0, *ports, 65536)))
    sip = {f"tls.port=={first}-{last}": "sip" for first, last in ranges if first <= last}
    return sip | {f"tls.port=={port}": "data" for port in ports}


def unreadable(path: str, complaint: str) -> UnreadableInput:
    """The error for a file of which tshark reads nothing."""
    return UnreadableInput(f"{path} is not read by Wireshark's engine: {complaint}")


def _without_program(line: str) -> str:
    return line.removeprefix("tshark: ").rstrip(".")
