"""An audit is whole, whatever stops it, and the same however it is run."""

import json
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from sipscope.audit.examination import Examination, Task, examine
from sipscope.audit.run import Advance, Limits, audit, judgement_of
from sipscope.audit.sources import sources_of
from sipscope.audit.store import Store
from sipscope.audit.tables import OF_A_CAPTURE, RUNS
from sipscope.errors import UnreadableInput
from sipscope.pipeline import Options
from tests.benchmarks.audit_captures import write_captures

_ONE = Limits(jobs=1, timeout_s=60.0)


def _audited(
    store: Store,
    *paths: Path,
    options: Options | None = None,
    limits: Limits = _ONE,
    executor: Executor | None = None,
) -> Advance:
    return audit(sources_of(list(map(str, paths))), store, options or Options(), limits, executor=executor)


def _content(store: Store) -> str:
    """Everything that captures gave, in order."""
    return "\n".join(json.dumps(row) for table in OF_A_CAPTURE for row in store.rows_of(table))


def _another(capture: bytes, number: int) -> bytes:
    """A pcapng capture with the same frames in other bytes: a block of a kind that every reader passes over."""
    return capture + struct.pack("<IIII", 0x0000_0F00, 16, number, 16)


def test_every_capture_is_in_the_database_once(captures: Path, tmp_path: Path, here: Executor) -> None:
    with Store(tmp_path / "audit.duckdb") as store:
        advance = _audited(store, captures, executor=here)
        assert (advance.done, advance.analysed, advance.failed) == (5, 5, 0)
        assert store.query("SELECT count(*), count(DISTINCT capture) FROM captures") == [(5, 5)]


def test_counts_of_a_capture_are_those_of_its_rows(captures: Path, tmp_path: Path, here: Executor) -> None:
    with Store(tmp_path / "audit.duckdb") as store:
        _audited(store, captures, executor=here)
        wrong = store.query(
            "SELECT capture FROM captures AS c WHERE calls <> (SELECT count(*) FROM calls WHERE capture = c.capture) "
            "OR errors <> (SELECT count(*) FROM findings WHERE capture = c.capture AND severity = 'error')"
        )
        assert wrong == []
        assert store.query("SELECT sum(calls) > 0 FROM captures") == [(True,)]


def test_small_captures_are_written_together_and_each_is_told(captures: Path, tmp_path: Path, here: Executor) -> None:
    sources = sources_of([str(captures)])
    told: list[tuple[int, int]] = []
    with Store(tmp_path / "audit.duckdb") as store:

        def tell(advance: Advance, several: Sequence[Examination]) -> None:
            ((written,),) = store.query("SELECT count(*) FROM captures")
            told.append((advance.done, int(str(written))))
            assert len(several) == 5

        audit(sources, store, Options(), _ONE, tell=tell, executor=here)
    assert told == [(5, 5)]


def test_what_had_come_when_the_user_stopped_is_written(tmp_path: Path) -> None:
    class Stopped(Executor):
        """Five captures are submitted ahead; the user stops it at the sixth."""

        count = 0

        def submit(self, _work: object, task: Task) -> Future[Examination]:  # type: ignore[override]
            self.count += 1
            if self.count == 6:
                raise KeyboardInterrupt
            future: Future[Examination] = Future()
            future.set_result(examine(task))
            return future

    write_captures(tmp_path / "captures", captures=7)
    with Store(tmp_path / "audit.duckdb") as store:
        with pytest.raises(KeyboardInterrupt):
            _audited(store, tmp_path / "captures", executor=Stopped())
        assert store.query("SELECT count(*) FROM captures") == [(5,)]


def test_a_second_run_does_nothing_again(captures: Path, tmp_path: Path, here: Executor) -> None:
    with Store(tmp_path / "audit.duckdb") as store:
        _audited(store, captures, executor=here)
        before = _content(store)
        advance = _audited(store, captures, executor=here)
        assert (advance.unchanged, advance.analysed) == (5, 0)
        assert _content(store) == before


def test_a_changed_capture_is_done_again_and_takes_the_place_of_its_rows(
    captures: Path, tmp_path: Path, here: Executor
) -> None:
    first, second = sorted(captures.glob("[!.]*.pcapng"))[:2]
    with Store(tmp_path / "audit.duckdb") as store:
        _audited(store, captures, executor=here)
        first.write_bytes(_another(second.read_bytes(), 1))
        advance = _audited(store, captures, executor=here)
        assert (advance.unchanged, advance.analysed) == (4, 1)
        rows = store.query("SELECT call_ids FROM calls WHERE capture = ? ORDER BY call", [str(first)])
        assert rows == store.query("SELECT call_ids FROM calls WHERE capture = ? ORDER BY call", [str(second)])


def test_another_configuration_judges_again(captures: Path, tmp_path: Path, here: Executor) -> None:
    with Store(tmp_path / "audit.duckdb") as store:
        _audited(store, captures, executor=here)
        assert _audited(store, captures, options=Options(media_expected=True), executor=here).analysed == 5
    assert judgement_of(Options()) != judgement_of(Options(aliases={"192.0.2.1": "SBC"}))


def test_jobs_and_executor_change_nothing_in_what_is_found(captures: Path, tmp_path: Path) -> None:
    contents = set()
    for number, executor in enumerate((None, None, ThreadPoolExecutor(3))):
        with Store(tmp_path / f"{number}.duckdb") as store:
            limits = Limits(jobs=1 + number, timeout_s=60.0)
            audit(sources_of([str(captures)]), store, Options(), limits, executor=executor)
            contents.add(_content(store).replace(f"{number}.duckdb", ""))
        if executor is not None:
            executor.shutdown()
    assert len(contents) == 1


def test_captures_that_fail_leave_the_others_whole(captures: Path, tmp_path: Path) -> None:
    (captures / "letter.pcap").write_text("Dear Sir or Madam,")
    os.mkfifo(captures / "never-written.pcap")
    cut = captures / "cut.pcapng"
    cut.write_bytes(min(captures.glob("[!.]*.pcapng")).read_bytes()[:-7])
    paths = [captures, captures / "never-written.pcap"]
    with Store(tmp_path / "audit.duckdb") as store:
        advance = _audited(store, *paths, limits=Limits(jobs=2, timeout_s=6.0))
        assert advance.failed == 2
        rows = dict(store.query("SELECT split_part(capture, '/', -1), status FROM captures WHERE status <> 'read'"))
        assert rows == {"letter.pcap": "unreadable", "never-written.pcap": "timed-out", "cut.pcapng": "damaged"}
        assert store.query("SELECT count(*) FROM captures WHERE status = 'read'") == [(5,)]


def test_what_timed_out_is_tried_again(captures: Path, tmp_path: Path) -> None:
    os.mkfifo(captures / "never-written.pcap")
    paths = [captures, captures / "never-written.pcap"]
    with Store(tmp_path / "audit.duckdb") as store:
        _audited(store, *paths, limits=Limits(jobs=2, timeout_s=6.0))
        advance = _audited(store, *paths, limits=Limits(jobs=2, timeout_s=6.0))
        assert (advance.unchanged, advance.failed) == (5, 1)


def test_a_run_that_is_killed_loses_and_doubles_nothing(captures: Path, tmp_path: Path) -> None:
    for number in range(15):
        for path in sorted(captures.glob("[!.]*.pcapng"))[:4]:
            if not path.name.startswith("copy"):
                (captures / f"copy-{number}-{path.name}").write_bytes(_another(path.read_bytes(), number))
    # A capture that hangs keeps the run from coming to its end before it is killed.
    os.mkfifo(tmp_path / "never-written.pcap")
    paths = [str(captures), str(tmp_path / "never-written.pcap")]
    command = [sys.executable, "-m", "sipscope", "audit", *paths, "-o", str(tmp_path / "killed"), "--jobs", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    database = tmp_path / "killed" / "audit.duckdb"
    # Once rows have reached the log of the database, some captures are done and others aren't.
    log = database.with_name("audit.duckdb.wal")
    while process.poll() is None and not (log.exists() and log.stat().st_size > 50_000):
        time.sleep(0.005)
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    sources = sources_of([str(captures)])
    with Store(database) as store:
        ((before,),) = store.query("SELECT count(*) FROM captures")
        advance = audit(sources, store, Options(), _ONE)
        resumed = _content(store)
    with Store(tmp_path / "whole.duckdb") as store:
        audit(sources, store, Options(), _ONE)
        assert _content(store) == resumed
    assert 0 < int(str(before)) <= len(sources)
    assert advance.unchanged == before


def test_runs_are_noted(captures: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "sipscope",
        "audit",
        str(captures),
        "-o",
        str(tmp_path / "r"),
        "--fail-on",
        "never",
    ]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    with Store(tmp_path / "r" / "audit.duckdb", read_only=True) as store:
        (row,) = list(store.rows_of(RUNS))
    assert (row["run"], row["captures"], row["analysed"], row["failed"]) == (1, 5, 5, 0)
    assert row["ended_at"] is not None


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "audit.duckdb"
    duckdb.connect(str(path)).execute("CREATE TABLE letters (text VARCHAR)")
    with pytest.raises(UnreadableInput, match="no database of sipscope"):
        Store(path)


def test_a_database_of_another_schema_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "audit.duckdb"
    with Store(path) as store:
        store.query("UPDATE about SET schema = 999")
    with pytest.raises(UnreadableInput, match="schema 999"):
        Store(path)


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "audit.duckdb"
    path.write_text("Dear Sir or Madam," * 1000)
    with pytest.raises(UnreadableInput, match="can't open"):
        Store(path)


def test_the_same_rows_give_the_same_parquet(captures: Path, tmp_path: Path, here: Executor) -> None:
    digests = set()
    for jobs in (1, 3):
        with Store(tmp_path / f"{jobs}.duckdb") as store:
            _audited(store, captures, limits=Limits(jobs=jobs, timeout_s=60.0), executor=here)
            store.export_parquet(tmp_path / f"parquet-{jobs}")
            ((calls,),) = store.query(f"SELECT count(*) FROM read_parquet('{tmp_path}/parquet-{jobs}/calls/*/*')")
            assert store.query("SELECT count(*) FROM calls") == [(calls,)]
        folder = tmp_path / f"parquet-{jobs}"
        digests.add(
            tuple((str(path.relative_to(folder)), path.read_bytes()) for path in sorted(folder.rglob("*.parquet")))
        )
    assert len(digests) == 1
    assert any("day=" in name for name, _ in digests.pop())
