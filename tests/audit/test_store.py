"""The database in the hands of one writer."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path

import pytest

from sipscope.audit.run import Limits, audit
from sipscope.audit.sources import sources_of
from sipscope.audit.store import Store
from sipscope.errors import UnreadableInput
from sipscope.pipeline import Options


@contextmanager
def _written_elsewhere(path: Path) -> Iterator[int]:
    """Another process that has a database open for writing, by its number."""
    code = f"import duckdb; c = duckdb.connect({str(path)!r}); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.stdin.write(b"\n")


@pytest.mark.parametrize("read_only", [True, False])
def test_a_database_that_an_audit_writes_is_said_to_be_in_use(tmp_path: Path, *, read_only: bool) -> None:
    path = tmp_path / "audit.duckdb"
    Store(path).close()
    with _written_elsewhere(path) as pid, pytest.raises(UnreadableInput, match=f"in use by process {pid}: .* wait"):
        Store(path, read_only=read_only)


def test_the_end_of_a_run_leaves_no_log_beside_the_database(captures: Path, tmp_path: Path, here: Executor) -> None:
    path = tmp_path / "audit.duckdb"
    with Store(path) as store:
        run = store.begin(started_at="2026-01-31T10:00Z", version="1", judgement="j", paths=["p"], captures=5)
        audit(sources_of([str(captures)]), store, Options(), Limits(jobs=1), executor=here)
        store.end(run, ended_at="2026-01-31T10:01Z", analysed=5, unchanged=0, failed=0)
        log = path.with_name("audit.duckdb.wal")
        assert not log.exists() or not log.stat().st_size


def test_captures_that_are_taken_out_leave_no_rows(captures: Path, tmp_path: Path, here: Executor) -> None:
    sources = sources_of([str(captures)])
    with Store(tmp_path / "audit.duckdb") as store:
        audit(sources, store, Options(), Limits(jobs=1), executor=here)
        assert store.forget_others([source.name for source in sources[1:]]) == 1
        left = store.query("SELECT count(*) FROM attempts WHERE capture = ?", [sources[0].name])
        assert left == [(0,)]
