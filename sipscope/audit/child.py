"""The process in which captures are examined: tasks come in on standard input, results go out.

`python -m sipscope.audit.child` is started by `supervision` and by nobody else. It ends when its standard input does.
What it prints goes to standard error, so that nothing gets between the results.
"""

import os
import pickle
import signal
import struct
import sys
from importlib import import_module
from typing import BinaryIO

from sipscope.audit.examination import Examination, Status, Task, beyond_memory, examine, failure

LENGTH = struct.Struct("!Q")
"""What goes before each task and each result: how long it is."""

READY = b"ready"
"""What comes before the first result: the process has started."""

_GRACE_S = 5
"""How much later than its supervisor a process ends itself, for when there is no supervisor any more."""


def read_from(stream: BinaryIO) -> bytes | None:
    """The next task or result; None at the end, also where it comes in the middle of one."""
    front = stream.read(LENGTH.size)
    if len(front) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(front)
    content = stream.read(length)
    return content if len(content) == length else None


def write_to(stream: BinaryIO, content: bytes) -> None:
    """Write one task or result."""
    stream.write(LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def main() -> None:
    """Examine task after task."""
    source = sys.stdin.buffer
    target = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _load()
    write_to(target, READY)
    while (content := read_from(source)) is not None:
        # Both ends are this program: nothing of a capture is ever unpickled.
        task: Task = pickle.loads(content)  # noqa: S301
        _limit(task)
        result, goes_on = _examined(task)
        if hasattr(signal, "alarm"):
            signal.alarm(0)
        write_to(target, pickle.dumps(result))
        if not goes_on:
            return


def _load() -> None:
    """Load all that an examination needs, so that its time is the capture's own."""
    for name in ("audit.rows", "calls.calls", "capture.native.engine", "decode", "media", "rules.registry"):
        import_module(f"sipscope.{name}")


def _examined(task: Task) -> tuple[Examination, bool]:
    """The result, and whether this process is still good for more."""
    try:
        return examine(task), True
    except MemoryError:
        return failure(task, Status.OUT_OF_MEMORY, beyond_memory(task)), False


def _limit(task: Task) -> None:
    """Hold this process to the task's time and memory, where the system can."""
    if hasattr(signal, "alarm"):
        signal.alarm(int(task.timeout_s) + _GRACE_S)
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = task.memory_bytes if hard == resource.RLIM_INFINITY else min(task.memory_bytes, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


if __name__ == "__main__":
    main()
