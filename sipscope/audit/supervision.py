"""Examinations in a process of their own: one that crashes, hangs or eats all memory costs nobody else anything.

Whatever executor runs `examine_apart`, threads here or workers of a cluster, each of its threads keeps one process
and starts it anew when it was lost, so that start-up is paid once.
"""

import atexit
import contextlib
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
from typing import BinaryIO

from sipscope.audit.child import read_from, write_to
from sipscope.audit.examination import Examination, Status, Task, beyond_memory, failure

COMMAND = (sys.executable, "-m", "sipscope.audit.child")
"""How a process is started."""

_LAST_WORDS = 400


class Supervisor:
    """One process, replaced whenever it is lost."""

    def __init__(self, command: tuple[str, ...] = COMMAND) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: BinaryIO | None = None

    def examine(self, task: Task) -> Examination:
        """Have a task done; when the process doesn't survive it, the result says how it ended."""
        process = self._running()
        timed_out = threading.Event()

        def give_up() -> None:
            timed_out.set()
            _kill(process)

        timer = threading.Timer(task.timeout_s, give_up)
        timer.daemon = True
        timer.start()
        try:
            content = self._asked(process, task)
        finally:
            timer.cancel()
        if content is None:
            status, error = self._lost(process, is_late=timed_out.is_set(), task=task)
            return failure(task, status, error)
        result: Examination = pickle.loads(content)  # noqa: S301 -- from our own process
        if result.status is Status.OUT_OF_MEMORY:
            self._end()
        return result

    def close(self) -> None:
        """End the process."""
        self._end()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._errors = tempfile.TemporaryFile()  # noqa: SIM115 -- lives as long as the process
            self._process = subprocess.Popen(  # noqa: S603 -- the program is this interpreter
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,
            )
            if self._process.stdout is not None:
                # Starting takes as long as it takes, and counts for no capture. Whoever dies of it is found below.
                read_from(self._process.stdout)  # type: ignore[arg-type]
        return self._process

    @staticmethod
    def _asked(process: "subprocess.Popen[bytes]", task: Task) -> bytes | None:
        """The answer to a task; None where the process ended before it gave one."""
        if process.stdin is None or process.stdout is None:
            return None
        try:
            write_to(process.stdin, pickle.dumps(task))  # type: ignore[arg-type]
        except BrokenPipeError:
            return None
        return read_from(process.stdout)  # type: ignore[arg-type]

    def _lost(self, process: "subprocess.Popen[bytes]", *, is_late: bool, task: Task) -> tuple[Status, str]:
        """Why a process gave no answer, in words."""
        code = process.wait()
        words = self._last_words()
        self._end()
        if is_late or code == -getattr(signal, "SIGALRM", 0):
            return Status.TIMED_OUT, f"it took longer than {task.timeout_s:g} s"
        if "MemoryError" in words:
            return Status.OUT_OF_MEMORY, beyond_memory(task)
        end = f"signal {-code}" if code < 0 else f"exit code {code}"
        return Status.CRASHED, f"the analysis ended with {end}" + (f": {words}" if words else "")

    def _last_words(self) -> str:
        """The last line that the process wrote to standard error."""
        if self._errors is None:
            return ""
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:_LAST_WORDS] if lines else ""

    def _end(self) -> None:
        process, errors = self._process, self._errors
        self._process = self._errors = None
        if process is not None:
            _kill(process)
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()
        if errors is not None:
            errors.close()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process and all that it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


_own = threading.local()
_all: list[Supervisor] = []


def examine_apart(task: Task) -> Examination:
    """Have a task done by the process of this thread: the function that executors run."""
    supervisor: Supervisor | None = getattr(_own, "supervisor", None)
    if supervisor is None:
        supervisor = _own.supervisor = Supervisor()
        _all.append(supervisor)
    return supervisor.examine(task)


def close_all() -> None:
    """End every process of this one; a task that is under way fails."""
    while _all:
        _all.pop().close()
    vars(_own).clear()


atexit.register(close_all)
