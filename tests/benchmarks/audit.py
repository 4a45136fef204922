"""Measures audits: `python -m tests.benchmarks.audit`, and questions to a large database with `--store`.

Many small captures of several kinds and all samples are audited with one job and with two, and by a dask cluster of
two workers on this machine; the rows must be the same to the byte. Machines are noisy: seconds are those of the
fastest of several runs, and the ratio of one and two jobs means something only where nothing else runs. The exit code
is 1 when rows differ.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sipscope.audit.metrics import METRICS, figures_of
from sipscope.audit.store import NAME, Store
from sipscope.audit.tables import OF_A_CAPTURE
from tests.benchmarks.audit_captures import CAPTURES, write_captures
from tests.benchmarks.audit_store import CALLS, questions, write_store

SAMPLES = Path(__file__).parents[2] / "samples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What an audit took.

    Attributes:
        name: How it was run.
        wall_seconds: From its start to its end.
        cpu_seconds: User and system time of all its processes; without workers that were there before.
        peak_mib: Resident memory of its largest process.
        digest: Of all rows.
    """

    name: str
    wall_seconds: float
    cpu_seconds: float
    peak_mib: float
    digest: str


def main() -> None:
    """Measure what is asked for, and print it."""
    options = _options()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        if options.store:
            _tell_questions(folder, options.calls)
            return
        directory = folder / "captures"
        size = write_captures(directory, captures=options.captures)
        runs = list(_runs([directory, SAMPLES], folder, options.runs, dask=not options.without_dask))
        _tell_runs(runs, options.captures, size, folder / "jobs-1-0" / NAME)
    sys.exit(0 if len({run.digest for run in runs}) == 1 else 1)


def _runs(paths: Sequence[Path], folder: Path, runs: int, *, dask: bool) -> Iterator[Run]:
    for number in range(runs):
        for jobs in (1, 2):
            yield _run(f"{jobs} job{'s' * (jobs > 1)}", paths, folder / f"jobs-{jobs}-{number}", f"--jobs={jobs}")
    if dask:
        with _cluster(workers=2) as address:
            for number in range(runs):
                yield _run("2 dask workers", paths, folder / f"dask-{number}", f"--dask={address}")


def _run(name: str, paths: Sequence[Path], output: Path, how: str) -> Run:
    script = str(Path(sys.executable).with_name("sipscope"))
    command = [script, "audit", *map(str, paths), "-o", str(output), "--fail-on=never", how]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, _, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    return Run(
        name=name,
        wall_seconds=wall,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_mib=usage.ru_maxrss / 1024,
        digest=digest_of(output / NAME),
    )


@contextmanager
def _cluster(workers: int) -> Iterator[str]:
    from distributed import LocalCluster

    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


def digest_of(database: Path) -> str:
    """A digest of everything that captures gave."""
    digest = hashlib.sha256()
    with Store(database, read_only=True) as store:
        for table in OF_A_CAPTURE:
            for row in store.rows_of(table):
                digest.update(json.dumps(row).encode())
    return digest.hexdigest()[:16]


def _tell_runs(runs: Sequence[Run], captures: int, size: int, database: Path) -> None:
    for run in runs:
        _say(
            f"{run.name:16}{run.wall_seconds:8.1f} s{run.cpu_seconds:8.1f} CPU s{run.peak_mib:8.0f} MiB"
            f"{captures / run.wall_seconds:8.1f} captures/s  rows {run.digest}"
        )
    fastest = {name: min(run.wall_seconds for run in runs if run.name == name) for name in {run.name for run in runs}}
    _say(f"two jobs against one: {fastest['1 job'] / fastest['2 jobs']:.2f} times as fast")
    with Store(database, read_only=True) as store:
        ((calls, megabytes),) = store.query("SELECT sum(calls), sum(bytes) / 1e6 FROM captures")
    cpu = min(run.cpu_seconds for run in runs if run.name == "1 job")
    _say(f"{calls} calls, {megabytes:.1f} MB in all, {size / 1e6:.1f} MB generated")
    _say(f"of one CPU second: {int(str(calls)) / cpu:.1f} calls, {float(str(megabytes)) / cpu:.2f} MB")
    _tell_size(database)


def _tell_size(database: Path) -> None:
    """The file that many transactions left, against one that was filled at once."""
    import duckdb

    at_once = database.with_name("at-once.duckdb")
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{database}' AS old (READ_ONLY)")
        connection.execute(f"ATTACH '{at_once}' AS new")
        connection.execute("COPY FROM DATABASE old TO new")
    grown, whole = database.stat().st_size / 1e6, at_once.stat().st_size / 1e6
    _say(f"database: {grown:.1f} MB; filled at once: {whole:.1f} MB; {grown / whole:.2f} times as large")


def _tell_questions(folder: Path, calls: int) -> None:
    database = folder / "large.duckdb"
    if not database.exists():
        write_store(database, calls=calls)
    _say(f"{calls} calls, {database.stat().st_size / 1e6:.0f} MB; seconds by the clock, and of CPU")
    with Store(database, read_only=True) as store:
        for title, query in questions():
            began, used = time.perf_counter(), time.process_time()
            store.query(query)
            _say(f"{time.perf_counter() - began:8.2f}{time.process_time() - used:8.2f}  {title}")
        for metric in METRICS:
            for by in (None, "trunk"):
                began, used = time.perf_counter(), time.process_time()
                found = figures_of(store, by=by, metrics=[metric])
                if found:
                    name = metric.name if by is None else f"{metric.name} by {by}"
                    _say(f"{time.perf_counter() - began:8.2f}{time.process_time() - used:8.2f}  {name}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", action="store_true", help="time questions to a large database instead")
    parser.add_argument("--calls", type=int, default=CALLS, help="in that database")
    parser.add_argument("--captures", type=int, default=CAPTURES)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--without-dask", action="store_true")
    parser.add_argument("--keep", type=Path, help="write everything to this folder and keep it")
    return parser.parse_args()


if __name__ == "__main__":
    main()
