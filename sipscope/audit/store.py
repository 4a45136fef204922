"""The database: one file of DuckDB, which one process writes.

What one capture gave is written whole or not at all, so a run that is killed leaves the captures it had done, each
once, and none by halves.
"""

import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sipscope.audit.examination import Examination, Status
from sipscope.audit.migrations import migrated
from sipscope.audit.tables import OF_A_CAPTURE, RUNS, SCHEMA, TABLES, Table
from sipscope.errors import EngineUnavailable, UnreadableInput

NAME = "audit.duckdb"
"""Name of the database in the directory of results."""

_TRIED_AGAIN = (Status.TIMED_OUT, Status.OUT_OF_MEMORY, Status.CRASHED)
"""What may go better another time."""

_HELD = re.compile(r"Conflicting lock is held .*\(PID (\d+)\)")
"""How DuckDB says that another process has the file open."""


class Store:
    """An open database."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open a database, and make it where there is none.

        Raises:
            UnreadableInput: It is no database of this program, of another version's schema, or in use elsewhere.
            EngineUnavailable: DuckDB isn't installed.
        """
        try:
            import duckdb
        except ImportError as error:
            raise EngineUnavailable("the audit keeps its results in DuckDB: pip install duckdb") from error
        self._path = path
        try:
            self._connection = duckdb.connect(str(path), read_only=read_only)
        except duckdb.IOException as error:
            raise UnreadableInput(_why_not_open(path, _first_line(error))) from error
        self._asked("SET TimeZone = 'UTC'")
        try:
            self._make_tables(read_only=read_only)
        except UnreadableInput:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        """The open database."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._path

    def attach(self, path: Path, name: str) -> None:
        """Let queries read another database by a name.

        Raises:
            UnreadableInput: It is no database.
        """
        import duckdb

        quoted = str(path).replace("'", "''")
        try:
            self._asked(f"ATTACH '{quoted}' AS {name} (READ_ONLY)")
        except duckdb.Error as error:
            raise UnreadableInput(_why_not_open(path, _first_line(error))) from error

    def _asked(self, text: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Have a statement carried out; Ctrl-C meanwhile is Ctrl-C, for which DuckDB raises an error of its own."""
        try:
            return self._connection.execute(text, list(values)).fetchall()
        except RuntimeError as error:
            if "interrupted" not in str(error).lower():
                raise
            raise KeyboardInterrupt from error

    def query(self, text: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Rows of a query."""
        return self._asked(text, values)

    def rows_of(self, table: Table) -> Iterator[dict[str, object]]:
        """All rows of a table in their order, as values that JSON knows."""
        names = [column.name for column in table.columns]
        shown = ", ".join(f'"{name}"' for name in names)
        order = ", ".join(f'"{name}" NULLS FIRST' for name in table.order)
        cursor = self._connection.cursor()
        cursor.execute(
            f"SELECT to_json(struct_pack({_packed(table)})) FROM (SELECT {shown} FROM {table.name}) ORDER BY {order}"
        )
        while rows := cursor.fetchmany(1000):
            yield from (json.loads(row[0]) for row in rows)

    def done(self, judgement: str) -> dict[str, str]:
        """Captures that were judged in this way, and the digest of their content."""
        rows = self.query(
            "SELECT capture, content, status FROM captures WHERE judgement = ? AND same_as IS NULL", [judgement]
        )
        return {str(capture): str(content) for capture, content, status in rows if status not in _TRIED_AGAIN}

    def duplicates(self) -> dict[str, tuple[str, str]]:
        """Captures that are known as duplicates: what each is the same as, and the digest of both."""
        rows = self.query("SELECT capture, same_as, content FROM captures WHERE same_as IS NOT NULL")
        return {str(capture): (str(original), str(content)) for capture, original, content in rows}

    def begin(self, *, started_at: str, version: str, judgement: str, paths: Sequence[str], captures: int) -> int:
        """Note that a run begins, and give it its number."""
        ((number,),) = self.query("SELECT coalesce(max(run), 0) + 1 FROM runs")
        self.query(
            "INSERT INTO runs VALUES (?, ?, NULL, ?, ?, ?, ?, 0, 0, 0)",
            [number, started_at, version, judgement, list(paths), captures],
        )
        return int(str(number))

    def end(self, run: int, *, ended_at: str, analysed: int, unchanged: int, failed: int) -> None:
        """Note how a run ended, and put the log into the file."""
        self.query(
            "UPDATE runs SET ended_at = ?, analysed = ?, unchanged = ?, failed = ? WHERE run = ?",
            [ended_at, analysed, unchanged, failed, run],
        )
        self._asked("CHECKPOINT")

    def add(self, examinations: Sequence[Examination], judgement: str) -> None:
        """Write what captures gave, in the place of what was known of them: all of it, or nothing."""
        changed = [item for item in examinations if not item.is_unchanged]
        if not changed:
            return
        with self._transaction():
            names = [item.capture for item in changed]
            self._remove(names)
            for table in OF_A_CAPTURE:
                self._insert(table, [item.lines[table.name] for item in changed if table.name in item.lines])
            self._asked("UPDATE captures SET judgement = ? WHERE capture IN (SELECT unnest(?))", [judgement, names])

    def forget_others(self, captures: Iterable[str]) -> int:
        """Take out captures that are not among these, and say how many they were."""
        kept = set(captures)
        gone = [str(name) for (name,) in self.query("SELECT capture FROM captures") if name not in kept]
        if gone:
            with self._transaction():
                self._remove(gone)
        return len(gone)

    def export_parquet(self, directory: Path) -> None:
        """Write every table as Parquet, by the day on which its capture begins; the same rows give the same files."""
        self._asked("SET threads = 1")
        for table in OF_A_CAPTURE:
            (directory / table.name).mkdir(parents=True, exist_ok=True)
            target = str(directory / table.name).replace("'", "''")
            day = "strftime(make_timestamp(epoch_ns(c.first_packet_at) // 1000), '%Y-%m-%d') AS day"
            order = ", ".join(f't."{name}" NULLS FIRST' for name in table.order)
            columns = ", ".join(f't."{column.name}"' for column in table.columns)
            rows = f"{table.name} AS t JOIN captures AS c USING (capture) ORDER BY {order}"
            self._asked(
                f"COPY (SELECT {columns}, {day} FROM {rows}) "
                f"TO '{target}' (FORMAT parquet, PARTITION_BY (day), COMPRESSION zstd, OVERWRITE, "
                "FILENAME_PATTERN 'part')"
            )
        self._asked("RESET threads")

    def _remove(self, captures: Sequence[str]) -> None:
        """Take out all rows of captures; those that aren't there cost no search in the large tables."""
        rows = self.query("SELECT capture FROM captures WHERE capture IN (SELECT unnest(?))", [list(captures)])
        known = [name for (name,) in rows]
        for table in OF_A_CAPTURE if known else ():
            self._asked(f"DELETE FROM {table.name} WHERE capture IN (SELECT unnest(?))", [known])

    def _insert(self, table: Table, lines: Sequence[bytes]) -> None:
        """Add rows that are lines of JSON, through a file: that is many times faster than one by one."""
        if not lines:
            return
        kinds = "{" + ", ".join(f"'{column.name}': '{column.kind}'" for column in table.columns) + "}"
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        with tempfile.NamedTemporaryFile(dir=self._path.parent, prefix=".rows-", suffix=".json") as file:
            file.writelines(lines)
            file.flush()
            self._asked(
                f"INSERT INTO {table.name} ({names}) SELECT {names} FROM read_json(?, format = 'newline_delimited', "
                f"columns = {kinds}, maximum_object_size = {_longest(lines)})",
                [file.name],
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._asked("BEGIN")
        is_whole = False
        try:
            yield
            is_whole = True
        finally:
            self._asked("COMMIT" if is_whole else "ROLLBACK")

    def _make_tables(self, *, read_only: bool) -> None:
        """Make what isn't there, and refuse what is another program's or another schema's."""
        found = {str(name) for (name,) in self.query("SELECT table_name FROM duckdb_tables()")}
        if not found and not read_only:
            with self._transaction():
                self._asked("CREATE TABLE about (schema BIGINT)")
                self._asked("INSERT INTO about VALUES (?)", [SCHEMA])
                for table in TABLES:
                    columns = ", ".join(f'"{column.name}" {column.kind}' for column in table.columns)
                    self._asked(f"CREATE TABLE {table.name} ({columns})")
            return
        if "about" not in found or RUNS.name not in found:
            raise UnreadableInput(f"{self._path} is no database of sipscope audit")
        ((schema,),) = self.query("SELECT schema FROM about")
        if schema == SCHEMA:
            return
        if read_only:
            raise UnreadableInput(
                f"{self._path} has schema {schema}, this version knows {SCHEMA}: an audit into it brings an older one "
                "up to date, a newer one needs the sipscope that wrote it"
            )
        with self._transaction():
            migrated(self._connection.execute, int(str(schema)), self._path)


def _packed(table: Table) -> str:
    """The columns as parts of a structure, times as the report writes them."""
    parts = []
    for column in table.columns:
        value = f'"{column.name}"'
        if column.kind == "TIMESTAMP_NS":
            second = f"strftime(make_timestamp(epoch_ns({value}) // 1000), '%Y-%m-%dT%H:%M:%S.')"
            value = f"{second} || lpad((epoch_ns({value}) % 1000000000)::VARCHAR, 9, '0') || 'Z'"
        parts.append(f'"{column.name}" := {value}')
    return ", ".join(parts)


def _longest(lines: Sequence[bytes]) -> int:
    """Room for the longest row, and for a mebibyte at least."""
    return max(1 << 20, *(max(map(len, text.splitlines()), default=0) + 1 for text in lines))


def _why_not_open(path: Path, error: str) -> str:
    holder = _HELD.search(error)
    if holder is None:
        return f"can't open {path}: {error}"
    return f"{path} is in use by process {holder[1]}: nobody can read it while an audit writes it, so wait for its end"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
