"""Databases of older versions are brought up to date, their rows kept."""

from pathlib import Path

import duckdb
import pytest

from sipscope.audit.migrations import STEPS
from sipscope.audit.store import Store
from sipscope.audit.tables import SCHEMA, TABLES
from sipscope.errors import UnreadableInput

_SINCE_1 = {
    "captures": {"same_as", "suppressed"},
    "attempts": {"trying_at", "setup_ms", "ringing_ms", "released_at", "release_outcome"},
    "findings": {"suppressed"},
}
"""Columns that schema 1 doesn't have. What is added to a table goes here, and has its step."""


@pytest.fixture
def first_schema(tmp_path: Path) -> Path:
    """A database of schema 1 with one capture."""
    path = tmp_path / "audit.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE about (schema BIGINT)")
        connection.execute("INSERT INTO about VALUES (1)")
        for table in (item for item in TABLES if item.name != "expectations"):
            columns = [item for item in table.columns if item.name not in _SINCE_1.get(table.name, set())]
            definition = ", ".join(f'"{item.name}" {item.kind}' for item in columns)
            connection.execute(f"CREATE TABLE {table.name} ({definition})")
        connection.execute("INSERT INTO captures (capture, status, calls) VALUES ('night.pcap', 'read', 3)")
        connection.execute("INSERT INTO attempts (capture, attempt, method) VALUES ('night.pcap', 'a1', 'INVITE')")
    return path


def test_there_is_a_step_from_every_older_schema() -> None:
    assert list(STEPS) == list(range(1, SCHEMA))


def test_rows_of_schema_1_are_kept(first_schema: Path) -> None:
    with Store(first_schema) as store:
        assert store.query("SELECT capture, status, calls, same_as FROM captures") == [("night.pcap", "read", 3, None)]
        assert store.query("SELECT attempt, trying_at FROM attempts") == [("a1", None)]


def test_schema_1_becomes_the_present_one(first_schema: Path) -> None:
    with Store(first_schema) as store:
        assert store.query("SELECT schema FROM about") == [(SCHEMA,)]
        found = set(store.query("SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"))
    expected = {(table.name, item.name, item.kind) for table in TABLES for item in table.columns}
    assert found - {("about", "schema", "BIGINT")} == expected


def test_a_reader_leaves_an_older_database_as_it_is_and_says_what_to_do(first_schema: Path) -> None:
    with pytest.raises(UnreadableInput, match=f"schema 1, this version knows {SCHEMA}: an audit into it brings"):
        Store(first_schema, read_only=True)
    with duckdb.connect(str(first_schema), read_only=True) as connection:
        assert connection.execute("SELECT schema FROM about").fetchall() == [(1,)]


def test_a_step_that_fails_leaves_the_database_as_it_was(first_schema: Path) -> None:
    with duckdb.connect(str(first_schema)) as connection:
        connection.execute("DROP TABLE attempts")
    with pytest.raises(duckdb.CatalogException):
        Store(first_schema)
    with duckdb.connect(str(first_schema), read_only=True) as connection:
        names = connection.execute("SELECT column_name FROM duckdb_columns() WHERE table_name = 'captures'").fetchall()
    assert ("same_as",) not in names


def test_new_sessions_get_what_their_call_shows(first_schema: Path) -> None:
    with duckdb.connect(str(first_schema)) as connection:
        connection.execute(
            "INSERT INTO calls (capture, call, setup_ms, ringing_ms) VALUES ('night.pcap', 1, 400, 1600)"
        )
        connection.execute("""
            INSERT INTO attempts (capture, attempt, method, call, in_dialog, is_origin, outcome, started_at) VALUES
            ('night.pcap', 'i', 'INVITE', 1, false, true, 'succeeded', '2026-01-31 10:00:00'),
            ('night.pcap', 're', 'INVITE', 1, true, true, 'succeeded', '2026-01-31 10:00:05'),
            ('night.pcap', 'b2', 'BYE', 1, true, true, 'unanswered', '2026-01-31 10:00:20'),
            ('night.pcap', 'b1', 'BYE', 1, true, true, 'succeeded', '2026-01-31 10:00:10')
        """)
    with Store(first_schema) as store:
        columns = "attempt, setup_ms, ringing_ms, released_at::VARCHAR, release_outcome"
        rows = store.query(f"SELECT {columns} FROM attempts WHERE method = 'INVITE' AND call = 1 ORDER BY attempt")
    assert rows == [("i", 400.0, 1600.0, "2026-01-31 10:00:10", "succeeded"), ("re", None, None, None, None)]
