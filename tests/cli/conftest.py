"""The command line as a user meets it: in this process where only its words matter, as a process where that matters."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sipscope.cli import main
from tests.trace_script import capture_of

Run = Callable[..., Result]
Process = Callable[..., "subprocess.CompletedProcess[bytes]"]

PROGRAM = (sys.executable, "-c", "from sipscope.cli import main; main(prog_name='sipscope')")

CALL = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  INVITE
      m=audio 4000 RTP/AVP 0
0.1   bob -> alice  180
1.0   bob -> alice  200
      m=audio 5000 RTP/AVP 0
1.1   alice -> bob  ACK
1.2-3 alice => bob  PCMU
1.2-3 bob => alice  PCMU
4.0   alice -> bob  BYE
4.1   bob -> alice  200
"""

TWO_CALLS = (
    CALL
    + """
9.0   alice -> bob  INVITE call=2
9.1   bob -> alice  486
9.2   alice -> bob  ACK
"""
)

FAULTY = """
alice 192.0.2.10
bob   192.0.2.20
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
     m=video 4002 RTP/AVP 96
     a=rtpmap:96 H264/90000
1.0  bob -> alice  200
     m=audio 5000 RTP/AVP 0
1.1  alice -> bob  ACK
4.0  alice -> bob  BYE
4.1  bob -> alice  200
"""
"""The answer lacks the second m-line: an error without a doubt (RFC 3264 §6)."""

NO_SIP = "alice 192.0.2.10\nbob 192.0.2.20\n0 end\n"


@pytest.fixture
def run() -> Run:
    """Run the command line in this process; its standard output is no terminal."""
    return lambda *arguments, **options: CliRunner().invoke(main, [str(item) for item in arguments], **options)


@pytest.fixture
def process(tmp_path: Path) -> Process:
    """Run the program as a process in a folder of its own."""

    def start(*arguments: object, **options: object) -> "subprocess.CompletedProcess[bytes]":
        chosen: dict[str, object] = {"capture_output": True, "timeout": 60, "cwd": tmp_path, **options}
        return subprocess.run([*PROGRAM, *map(str, arguments)], check=False, **chosen)  # type: ignore[call-overload,no-any-return]

    return start


@pytest.fixture
def capture(tmp_path: Path) -> Callable[..., Path]:
    """Compile a trace script to a capture of a name."""

    def write(script: str = CALL, name: str = "call.pcap") -> Path:
        path = tmp_path / name
        path.write_bytes(capture_of(script))
        return path

    return write
