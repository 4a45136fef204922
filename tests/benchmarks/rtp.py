"""Measures the analysis of two million RTP packets against tshark and tcpdump: `python -m tests.benchmarks.rtp`.

CPU seconds are user and system time of the whole child process, the median of several runs; machines are noisy, so
only the ratios of one run mean something. The capture is written to a temporary folder, or kept where `--keep`
says.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.rtp_capture import CALLS, PACKETS_A_STREAM, write_rtp_capture

_READ_ALL = (
    "import sys\n"
    "from sipscope.capture import open_capture\n"
    "reader = open_capture(sys.argv[1], engine='native')\n"
    "for chunk in reader.chunks(): pass\n"
    "print(reader.facts().frames)\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One command on one capture.

    Attributes:
        name: What was run.
        cpu_seconds: Median of user and system time.
        peak_mib: Largest resident set of all runs, mebibytes.
        packets_a_second: Packets of the capture divided by the CPU seconds.
    """

    name: str
    cpu_seconds: float
    peak_mib: float
    packets_a_second: int


def main() -> None:
    """Write the capture, run everything that is installed, print a table and JSON."""
    options = _options()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        for pcapng in (False, True) if options.pcapng else (False,):
            path = folder / f"rtp.{'pcapng' if pcapng else 'pcap'}"
            frames = write_rtp_capture(path, calls=options.calls, packets_a_stream=options.packets, pcapng=pcapng)
            results = [measured(name, command, frames, options.runs) for name, command in _commands(path, options.only)]
            sys.stdout.write(table(path, frames, results))
            sys.stdout.write(json.dumps([asdict(result) for result in results], indent=2) + "\n")


def measured(name: str, command: list[str], frames: int, runs: int) -> Measurement:
    """Run a command several times and take its figures."""
    costs = [_cost(command) for _ in range(runs)]
    seconds = statistics.median(cost for cost, _ in costs)
    peak = max(peak for _, peak in costs)
    return Measurement(
        name=name, cpu_seconds=round(seconds, 3), peak_mib=round(peak, 1), packets_a_second=round(frames / seconds)
    )


def table(path: Path, frames: int, results: list[Measurement]) -> str:
    """The measurements for people, with each one's ratio to the first."""
    size = path.stat().st_size / 1e6
    lines = [
        f"{path.name}: {frames} frames, {size:.0f} MB",
        f"{'':28}{'CPU s':>9}{'MiB':>8}{'packets/s':>13}{'ratio':>8}",
    ]
    for result in results:
        ratio = result.cpu_seconds / results[0].cpu_seconds
        lines.append(
            f"{result.name:28}{result.cpu_seconds:9.2f}{result.peak_mib:8.0f}{result.packets_a_second:13}{ratio:8.2f}"
        )
    return "\n".join(lines) + "\n"


def _cost(command: list[str]) -> tuple[float, float]:
    """CPU seconds and peak resident mebibytes of one run."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    # The exit code 1 of sipscope says that there are findings.
    if child.returncode not in (0, 1):
        raise SystemExit(f"{command[0]} ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _commands(path: Path, only: list[str]) -> list[tuple[str, list[str]]]:
    """What can be run here, by name."""
    script = Path(sys.executable).with_name("sipscope")
    commands = [("native engine", [sys.executable, "-c", _READ_ALL, str(path)])]
    if script.exists():
        commands.append(("sipscope analyze", [str(script), "analyze", str(path), "--format", "json"]))
    if shutil.which("tcpdump"):
        commands.append(("tcpdump -w /dev/null", ["tcpdump", "-r", str(path), "-w", "/dev/null"]))
    if shutil.which("tshark"):
        commands.append(("tshark -z rtp,streams", ["tshark", "-q", "-z", "rtp,streams", "-r", str(path)]))
    return [(name, command) for name, command in commands if not only or any(word in name for word in only)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--packets", type=int, default=PACKETS_A_STREAM, help="RTP packets of a stream")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--pcapng", action="store_true", help="measure the same packets as pcapng too")
    parser.add_argument("--keep", type=Path, help="write the capture to this folder and keep it")
    parser.add_argument("--only", nargs="*", default=[], help="run only what has one of these words in its name")
    return parser.parse_args()


if __name__ == "__main__":
    main()
