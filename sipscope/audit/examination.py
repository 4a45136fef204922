"""One capture into rows, in this process: what a worker does."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum
from pathlib import Path

from sipscope.audit.remote import local_copies
from sipscope.errors import UnreadableInput
from sipscope.pipeline import Options
from sipscope.values import dataclass

_SURROGATE = re.compile("[\ud800-\udfff]")


class Status(StrEnum):
    """How the examination of a capture ended."""

    READ = "read"
    DAMAGED = "damaged"
    UNREADABLE = "unreadable"
    TIMED_OUT = "timed-out"
    OUT_OF_MEMORY = "out-of-memory"
    CRASHED = "crashed"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A capture that is to be examined.

    Attributes:
        capture: Its name in the database.
        files: Paths of its files.
        bytes: Of all files.
        options: How to read it.
        known: Digests of content that were judged in this same way before: there is nothing to do for them.
        timeout_s: Seconds after which it is given up.
        memory_bytes: Memory that it may take.
    """

    capture: str
    files: tuple[str, ...]
    bytes: int
    options: Options = field(default_factory=Options)
    known: frozenset[str] = frozenset()
    timeout_s: float = 600.0
    memory_bytes: int = 4 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What came of a task.

    Attributes:
        capture: Its name in the database.
        content: Digest of its bytes; empty where they could not be read.
        is_unchanged: Whether it was known, so that nothing was done.
        status: How it ended.
        error: Why, in words; empty when all is well.
        lines: Rows by table as JSON, a line each.
        calls: How many calls it holds.
        errors: How many of its findings are errors.
        warnings: How many are warnings.
    """

    capture: str
    content: str = ""
    is_unchanged: bool = False
    status: Status = Status.READ
    error: str = ""
    lines: Mapping[str, bytes] = field(default_factory=dict)
    calls: int = 0
    errors: int = 0
    warnings: int = 0


def examine(task: Task) -> Examination:
    """Analyse a capture, unless its content is known."""
    from sipscope.audit.rows import rows_of
    from sipscope.pipeline import analyze

    content, paths = "", task.files
    try:
        with local_copies(task.files) as paths:
            content = content_of(paths)
            if content in task.known:
                return Examination(capture=task.capture, content=content, is_unchanged=True)
            options = replace(task.options, name=task.capture)
            trace = analyze(paths[0] if len(paths) == 1 else paths, options)
    except UnreadableInput as error:
        return failure(task, Status.UNREADABLE, _in_their_own_names(str(error), paths, task.files), content=content)
    rows = rows_of(trace)
    facts = rows["captures"][0]
    facts.update(files=list(task.files), bytes=task.bytes, content=content)
    return Examination(
        capture=task.capture,
        content=content,
        status=Status(str(facts["status"])),
        error=str(facts["error"] or ""),
        lines=_lines(task.capture, rows),
        calls=len(trace.calls),
        errors=int(str(facts["errors"])),
        warnings=int(str(facts["warnings"])),
    )


def _in_their_own_names(text: str, paths: Sequence[str], files: Sequence[str]) -> str:
    """A text that names files where they were found, not where they were copied to."""
    for path, file in zip(paths, files, strict=True):
        text = text.replace(path, file)
    return text


def beyond_memory(task: Task) -> str:
    """That a capture needs more memory than it may take, in words."""
    return f"it needs more than {task.memory_bytes / (1 << 30):.1f} GiB of memory"


def failure(task: Task, status: Status, error: str, *, content: str = "") -> Examination:
    """What is kept of a capture that could not be analysed."""
    row: dict[str, object] = {
        "files": list(task.files),
        "bytes": task.bytes,
        "content": content,
        "status": status.value,
        "error": error,
    }
    lines = _lines(task.capture, {"captures": [row]})
    return Examination(capture=task.capture, content=content, status=status, error=error, lines=lines)


def duplicate(task: Task, original: str, content: str) -> Examination:
    """What is kept of a capture whose bytes are those of another."""
    row: dict[str, object] = {
        "files": list(task.files),
        "bytes": task.bytes,
        "content": content,
        "status": Status.DUPLICATE.value,
        "same_as": original,
    }
    lines = _lines(task.capture, {"captures": [row]})
    return Examination(capture=task.capture, content=content, status=Status.DUPLICATE, lines=lines)


def content_of(files: Sequence[str]) -> str:
    """A digest of the bytes of all files in order.

    Raises:
        UnreadableInput: One of them can't be read.
    """
    digests = []
    for path in files:
        try:
            with Path(path).open("rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
        except OSError as error:
            raise UnreadableInput(f"can't read {path}: {error.strerror}") from error
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def _lines(capture: str, rows: Mapping[str, Sequence[Mapping[str, object]]]) -> dict[str, bytes]:
    """Rows as JSON, a line each, named by the columns of their tables."""
    from sipscope.audit.tables import OF_A_CAPTURE

    encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
    found: dict[str, bytes] = {}
    for table in OF_A_CAPTURE:
        # A column that these rows don't have is null.
        columns = [(column.name, column.source) for column in table.columns[1:]]
        lines = [
            encode({"capture": capture, **{name: row.get(source) for name, source in columns}})
            for row in rows.get(table.name, ())
        ]
        if lines:
            found[table.name] = _encoded("\n".join(lines) + "\n")
    return found


def _encoded(text: str) -> bytes:
    """UTF-8; bytes of a capture that were none stand as replacement characters."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text).encode()
