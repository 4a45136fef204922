"""A run: every capture that isn't done is examined, side by side, and what is found goes to the database."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import chain

from sipscope.audit.copies import copies_among
from sipscope.audit.examination import Examination, Status, Task, duplicate
from sipscope.audit.sources import Source
from sipscope.audit.store import Store
from sipscope.audit.supervision import close_all, examine_apart
from sipscope.audit.tables import SCHEMA
from sipscope.pipeline import Options
from sipscope.values import dataclass
from sipscope.version import VERSION

_AHEAD = 4
"""How many tasks wait for each that is under way: enough to keep all busy, few enough to stop at once."""


_TOGETHER = 32
"""How many captures are written in one transaction: that of one costs nearly as much as that of all."""

_BYTES_TOGETHER = 4 << 20
"""Captures of more bytes took seconds to examine, and are written at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a run may take.

    Attributes:
        jobs: Captures at the same time.
        timeout_s: Seconds for one capture.
        memory_bytes: Memory for one capture.
    """

    jobs: int
    timeout_s: float = 600.0
    memory_bytes: int = 4 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """How far a run has come.

    Attributes:
        captures: How many there are to look at.
        bytes: Of all of them.
        done: How many are done.
        bytes_done: Of those.
        unchanged: How many of those an earlier run had done.
        failed: How many of those could not be read.
        errors: Findings of severity error so far.
    """

    captures: int
    bytes: int
    done: int = 0
    bytes_done: int = 0
    unchanged: int = 0
    failed: int = 0
    errors: int = 0

    @property
    def analysed(self) -> int:
        """How many were analysed in this run."""
        return self.done - self.unchanged


Tell = Callable[[Advance, Sequence[Examination]], None]
"""Called with how far the run has come, and with what has come since the last time."""


def judgement_of(options: Options) -> str:
    """A digest of all that decides what is found in a given capture: version, rules, configuration."""
    from sipscope.rules.registry import RULES

    parts: list[object] = [VERSION, SCHEMA, *sorted((rule.code, rule.name, rule.severity.value) for rule in RULES)]
    parts += [options.engine, options.media_expected, options.max_expanded]
    parts += [sorted(options.aliases.items()), options.call_id_headers, options.keylog, options.policy]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def audit(
    sources: Sequence[Source],
    store: Store,
    options: Options,
    limits: Limits,
    *,
    tell: Tell | None = None,
    executor: Executor | None = None,
    again: bool = False,
) -> Advance:
    """Examine captures, largest first, and keep what is found; of those with the same bytes only the first by name.

    Args:
        sources: The captures.
        store: Where results go.
        options: How to read them.
        limits: What it may take.
        tell: Called as captures are done.
        executor: What runs examinations; processes on this machine where none is given.
        again: Examine those as well that were done before.

    Returns:
        How far it came: to the end.
    """
    judgement = judgement_of(options)
    done = {} if again else store.done(judgement)
    tasks = [
        Task(
            capture=source.name,
            files=source.files,
            bytes=source.bytes,
            options=options,
            known=frozenset({done[source.name]}) if source.name in done else frozenset(),
            timeout_s=limits.timeout_s,
            memory_bytes=limits.memory_bytes,
        )
        for source in sorted(sources, key=lambda source: (-source.bytes, source.name))
    ]
    sizes = {task.capture: task.bytes for task in tasks}
    advance = Advance(captures=len(tasks), bytes=sum(sizes.values()))
    copies = copies_among(sources)
    known_copies = {} if again else store.duplicates()
    apart = [_copy(task, copies[task.capture], known_copies) for task in tasks if task.capture in copies]
    tasks = [task for task in tasks if task.capture not in copies]
    own = ThreadPoolExecutor(limits.jobs, thread_name_prefix="examine") if executor is None else None
    try:
        examined = chain([apart] if apart else [], _examined(tasks, executor or own, limits.jobs))
        for several in _gathered(examined, sizes):
            store.add(several, judgement)
            advance = _further(advance, several, sizes)
            if tell is not None:
                tell(advance, several)
    finally:
        if own is not None:
            own.shutdown(wait=False, cancel_futures=True)
            close_all()
    return advance


def _copy(task: Task, copy: tuple[str, str], known: Mapping[str, tuple[str, str]]) -> Examination:
    """A capture that is the copy of another, which is not read for it."""
    original, content = copy
    if known.get(task.capture) == copy:
        return Examination(capture=task.capture, content=content, status=Status.DUPLICATE, is_unchanged=True)
    return duplicate(task, original, content)


def _examined(tasks: Iterable[Task], executor: Executor | None, jobs: int) -> Iterable[list[Examination]]:
    """Results as they come, all together that have come in the meantime."""
    if executor is None:
        return
    waiting = iter(tasks)
    running: set[Future[Examination]] = set()
    while True:
        for task in waiting:
            running.add(executor.submit(examine_apart, task))
            if len(running) >= jobs * (1 + _AHEAD):
                break
        if not running:
            return
        finished, running = wait(running, return_when=FIRST_COMPLETED)
        yield sorted((future.result() for future in finished), key=lambda item: item.capture)


def _gathered(examined: Iterable[list[Examination]], sizes: Mapping[str, int]) -> Iterable[list[Examination]]:
    """Results as many at a time as one transaction should have; what has come is not lost where the user stops."""
    held: list[Examination] = []
    try:
        for several in examined:
            held += several
            if len(held) >= _TOGETHER or sum(sizes[item.capture] for item in held) >= _BYTES_TOGETHER:
                yield held
                held = []
    except KeyboardInterrupt:
        if held:
            yield held
        raise
    if held:
        yield held


def _further(advance: Advance, several: Sequence[Examination], sizes: Mapping[str, int]) -> Advance:
    failed = (Status.UNREADABLE, Status.TIMED_OUT, Status.OUT_OF_MEMORY, Status.CRASHED)
    return replace(
        advance,
        done=advance.done + len(several),
        bytes_done=advance.bytes_done + sum(sizes[item.capture] for item in several),
        unchanged=advance.unchanged + sum(item.is_unchanged for item in several),
        failed=advance.failed + sum(item.status in failed for item in several),
        errors=advance.errors + sum(item.errors for item in several),
    )
