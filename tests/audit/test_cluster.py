"""A dask cluster finds what one machine finds."""

import json
from pathlib import Path

import pytest

from sipscope.audit.cluster import cluster_at
from sipscope.audit.run import Limits, audit
from sipscope.audit.sources import sources_of
from sipscope.audit.store import Store
from sipscope.audit.tables import OF_A_CAPTURE
from sipscope.errors import UsageError
from sipscope.pipeline import Options
from tests.benchmarks.audit_captures import write_captures

distributed = pytest.importorskip("distributed")


def _content(store: Store) -> str:
    return "\n".join(json.dumps(row) for table in OF_A_CAPTURE for row in store.rows_of(table))


def test_a_cluster_writes_the_same_rows(captures: Path, tmp_path: Path) -> None:
    sources = sources_of([str(captures)])
    with Store(tmp_path / "here.duckdb") as store:
        audit(sources, store, Options(), Limits(jobs=2))
        here = _content(store)
    made = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with made, cluster_at(made.scheduler_address) as cluster, Store(tmp_path / "there.duckdb") as store:
        assert cluster.threads == 2
        advance = audit(sources, store, Options(), Limits(jobs=cluster.threads), executor=cluster.executor)
        assert advance.analysed == len(sources)
        assert _content(store) == here


def test_many_captures_of_all_kinds_give_the_same_rows_on_a_cluster(tmp_path: Path) -> None:
    write_captures(tmp_path / "captures", captures=60)
    sources = sources_of([str(tmp_path / "captures")])
    with Store(tmp_path / "here.duckdb") as store:
        audit(sources, store, Options(), Limits(jobs=2))
        here = _content(store)
        statuses = store.query("SELECT status, count(*) FROM captures GROUP BY status ORDER BY status")
    made = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with made, cluster_at(made.scheduler_address) as cluster, Store(tmp_path / "there.duckdb") as store:
        audit(sources, store, Options(), Limits(jobs=cluster.threads), executor=cluster.executor)
        assert _content(store) == here
    assert statuses == [("damaged", 2), ("read", 56), ("unreadable", 2)]


def test_an_address_without_a_scheduler_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sipscope.audit.cluster._PATIENCE_S", 1)
    with pytest.raises(UsageError, match="no dask scheduler"), cluster_at("tcp://127.0.0.1:9"):
        pass
