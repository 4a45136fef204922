"""Measures what the form of a capture costs: `python -m tests.benchmarks.files`.

Compression, pcapng, size, parts and number of files, each as the ratio to the plain case, with the limit it is held
to. Machines are noisy: a ratio over its limit is a reason to measure again, then to look. The exit code is 1 when one
is over.
"""

import argparse
import gzip
import importlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.rtp import Measurement, measured
from tests.benchmarks.rtp_capture import write_rtp_capture

SMALL_CAPTURES = 200
GROWTH = 2.5
HELP_SECONDS = 0.15

_ANALYSE_ALL = (
    "import sys, resource, sipscope\n"
    "peaks = []\n"
    "for path in sys.argv[1:]:\n"
    "    assert sipscope.analyze(path).calls\n"
    "    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    "print(peaks[-1] / peaks[len(peaks) // 10])\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One thing that is measured.

    Attributes:
        name: What was compared.
        value: The ratio, or seconds.
        limit: What it should stay below.
    """

    name: str
    value: float
    limit: float


def main() -> None:
    """Write the captures, measure, print a table."""
    options = _options()
    over = 0
    with tempfile.TemporaryDirectory() as folder:
        for found in comparisons(Path(folder), calls=options.calls, packets=options.packets, runs=options.runs):
            mark = "" if found.value <= found.limit else "  over"
            over += bool(mark)
            sys.stdout.write(f"{found.name:58}{found.value:8.2f}  of {found.limit:.2f}{mark}\n")
            sys.stdout.flush()
    sys.exit(1 if over else 0)


def comparisons(folder: Path, *, calls: int, packets: int, runs: int) -> Iterator[Comparison]:
    """All comparisons, on captures of `calls` calls with `packets` packets each way."""
    plain = folder / "plain.pcap"
    write_rtp_capture(plain, calls=calls, packets_a_stream=packets)
    _analysed([plain], 1)
    base = _analysed([plain], runs)
    large = folder / "large.pcap"
    write_rtp_capture(large, calls=calls, packets_a_stream=int(packets * GROWTH))
    # Memory comes first: a child's peak begins with what this process holds when it forks.
    grown = _analysed([large], runs).peak_mib / base.peak_mib
    yield Comparison(name=f"memory for a file {GROWTH} times as large", value=grown, limit=1.3)
    large.unlink()
    yield from _of_many(folder, runs)
    yield from _of_forms(folder, plain, base, runs, calls=calls, packets=packets)
    shown = measured("help", [sys.executable, "-m", "sipscope", "--help"], 1, max(runs, 5))
    yield Comparison(name="CPU seconds of sipscope --help", value=shown.cpu_seconds, limit=HELP_SECONDS)


def _of_forms(
    folder: Path, plain: Path, base: Measurement, runs: int, *, calls: int, packets: int
) -> Iterator[Comparison]:
    """The same packets in another form."""
    blocks = folder / "plain.pcapng"
    write_rtp_capture(blocks, calls=calls, packets_a_stream=packets, pcapng=True)
    yield _ratio("CPU time of pcapng against pcap", [blocks], base, runs, limit=1.3)
    for name, compress, limit in _compressors():
        packed = folder / f"plain.{name}"
        packed.write_bytes(compress(plain.read_bytes()))
        yield _ratio(f"CPU time of {name} against plain", [packed], base, runs, limit=limit)
    parts = _halves(folder, plain)
    yield _ratio("CPU time of two files in turn against one", parts, base, runs, limit=1.3)


def _of_many(folder: Path, runs: int) -> Iterator[Comparison]:
    """Many small captures in one process."""
    paths = [folder / f"small-{number}.pcap" for number in range(SMALL_CAPTURES)]
    for path in paths:
        write_rtp_capture(path, calls=1, packets_a_stream=50)
    command = [sys.executable, "-c", _ANALYSE_ALL]
    one = measured("one", [*command, str(paths[0])], 1, max(runs, 3)).cpu_seconds
    all_of_them = measured("all", [*command, *map(str, paths)], 1, 1).cpu_seconds
    each = (all_of_them - one) / (SMALL_CAPTURES - 1)
    yield Comparison(name="seconds for each of 200 small captures in one process", value=each, limit=0.1)
    grown = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True, check=True)
    yield Comparison(name="memory after 200 small captures against 20", value=float(grown.stdout), limit=1.2)


def _ratio(name: str, paths: list[Path], base: Measurement, runs: int, *, limit: float) -> Comparison:
    return Comparison(name=name, value=_analysed(paths, runs).cpu_seconds / base.cpu_seconds, limit=limit)


def _analysed(paths: list[Path], runs: int) -> Measurement:
    merge = ["--merge"] if len(paths) > 1 else []
    command = [sys.executable, "-m", "sipscope", "analyze", *merge, *map(str, paths), "--format", "json"]
    return measured("analyze", command, 1, runs)


def _halves(folder: Path, path: Path) -> list[Path]:
    """A pcap file cut into two at a record."""
    content = path.read_bytes()
    place = 24
    while place < len(content) // 2:
        place += 16 + int.from_bytes(content[place + 8 : place + 12], "little")
    parts = [folder / "first.pcap", folder / "second.pcap"]
    parts[0].write_bytes(content[:place])
    parts[1].write_bytes(content[:24] + content[place:])
    return parts


def _compressors() -> Iterator[tuple[str, Callable[[bytes], bytes], float]]:
    """What compresses here, and what its expansion may add."""
    yield "gzip", lambda data: gzip.compress(data, 6), 4.0
    for name, module in (("zstd", "zstandard"), ("lz4", "lz4.frame")):
        try:
            yield name, importlib.import_module(module).compress, 2.5
        except ImportError:
            continue


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=40)
    parser.add_argument("--packets", type=int, default=5_000, help="RTP packets of a stream")
    parser.add_argument("--runs", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
