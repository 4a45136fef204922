"""Measures the analysis of calls without media against tshark: `python -m tests.benchmarks.sip`.

CPU seconds are user and system time of the whole child process, the median of several runs; machines are noisy, so
only the ratios of one run mean something. Everything is measured a second time with twice the calls: what grows in
proportion takes twice as long.
"""

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.rtp import Measurement, measured, table
from tests.benchmarks.sip_capture import CALLS, write_sip_capture

_FIELDS = (
    "frame.number",
    "frame.time_epoch",
    "ip.src",
    "ip.dst",
    "sip.Method",
    "sip.Status-Code",
    "sip.Call-ID",
    "sip.CSeq",
)


def main() -> None:
    """Write both captures, run everything that is installed, print tables and JSON."""
    options = _options()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        single = _report(folder, options.calls, options.runs)
        double = _report(folder, 2 * options.calls, options.runs)
    for before, after in zip(single, double, strict=True):
        growth = after.cpu_seconds / before.cpu_seconds
        memory = (after.peak_mib - before.peak_mib) * 1024 / options.calls
        sys.stdout.write(f"{after.name:28}twice the calls: {growth:.2f} times the CPU, {memory:.0f} KiB more a call\n")


def _report(folder: Path, calls: int, runs: int) -> list[Measurement]:
    """Measure one capture and print its figures."""
    path = folder / f"sip-{calls}.pcap"
    frames = write_sip_capture(path, calls=calls)
    results = [measured(name, command, frames, runs) for name, command in _commands(path)]
    sys.stdout.write(table(path, frames, results))
    sys.stdout.write(json.dumps([asdict(result) for result in results], indent=2) + "\n")
    return results


def _commands(path: Path) -> list[tuple[str, list[str]]]:
    """What can be run here, by name; tshark comes first, so that the ratios are to it."""
    script = str(Path(sys.executable).with_name("sipscope"))
    commands = [
        ("sipscope analyze, text", [script, "analyze", str(path)]),
        ("sipscope analyze, json", [script, "analyze", str(path), "--format", "json"]),
    ]
    if shutil.which("tshark"):
        fields = [word for name in _FIELDS for word in ("-e", name)]
        commands.insert(0, ("tshark, eight fields", ["tshark", "-r", str(path), "-Y", "sip", "-T", "fields", *fields]))
    return commands


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="write the captures to this folder and keep them")
    return parser.parse_args()


if __name__ == "__main__":
    main()
