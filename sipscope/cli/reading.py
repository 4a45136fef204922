"""Reading a capture for a command: with progress on a terminal, and with what is damaged said."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sipscope.cli.options import is_to_merge
from sipscope.cli.output import complain, printable
from sipscope.cli.stopping import remember_stop, stoppable
from sipscope.errors import EngineUnavailable, SipscopeError, UnreadableInput, UsageError
from sipscope.model.packets import GapKind

if TYPE_CHECKING:
    from sipscope.model.trace import Trace
    from sipscope.pipeline import Options, Progress

DAMAGE = frozenset({GapKind.TRUNCATED_FILE, GapKind.UNREADABLE_BLOCK})
"""Gaps that mean the file itself is damaged: what could be read is shown, and the exit code is 3."""


def grouped(paths: Sequence[str]) -> list[str | tuple[str, ...]]:
    """Which captures are to be read for themselves, and which as one: as told, else as their names say."""
    from sipscope.capture.ring import ring_sets

    chosen = is_to_merge()
    if chosen is not None:
        return [tuple(paths)] if chosen and len(paths) > 1 else list(paths)
    parts = ring_sets(paths)
    for part in parts:
        if not isinstance(part, str):
            complain(f"{part[0]} and {len(part) - 1} more are one capture by their names; --no-merge keeps them apart")
    return parts


def read_all(paths: Sequence[str | tuple[str, ...]], options: "Options") -> tuple[list["Trace"], bool]:
    """Analyse captures or sets of them, one after the other; one that can't be read does not keep the others back.

    Returns:
        The traces, and whether every capture could be read.

    Raises:
        UnreadableInput: The only capture can't be read.
        EngineUnavailable: The engine asked for isn't here, whatever the capture.
    """
    if len(paths) == 1:
        return [read(paths[0], options)], True
    traces: list[Trace] = []
    for path in paths:
        try:
            traces.append(read(path, options))
            if is_stopped(traces[-1]):
                break
        except EngineUnavailable:
            raise
        except UnreadableInput as error:
            complain(str(error))
    return traces, len(traces) == len(paths) or (bool(traces) and is_stopped(traces[-1]))


def read(path: str | tuple[str, ...], options: "Options") -> "Trace":
    """Analyse a capture, or several as one; say on standard error how it was read and what could not be read."""
    from sipscope.pipeline import analyze

    with _progress((path,) if isinstance(path, str) else path) as report, stoppable(keeps_on=path == "-") as stop:
        trace = analyze(path, replace(options, progress=report, is_stopped=stop))
    name = trace.facts.path
    for note in trace.facts.notes:
        complain(f"{name}: {note}")
    for gap in trace.gaps:
        if gap.kind in DAMAGE or gap.kind is GapKind.READING_STOPPED:
            complain(f"{name}: {gap.text}")
    if is_stopped(trace):
        remember_stop()
    elif not trace.messages:
        complain(f"{name}: no SIP in this capture ({_what_there_is(trace)})")
    return trace


def is_stopped(trace: "Trace") -> bool:
    """Whether the user stopped the reading."""
    return any(gap.kind is GapKind.READING_STOPPED for gap in trace.gaps)


def is_damaged(trace: "Trace") -> bool:
    """Whether part of the file could not be read."""
    return any(gap.kind in DAMAGE for gap in trace.gaps)


def calls_in(trace: "Trace") -> str:
    """The numbers of the calls there are, in words."""
    last = len(trace.calls)
    return "no calls" if not last else "call 1 alone" if last == 1 else f"calls 1 to {last}"


def nothing_to_show(trace: "Trace", text: str) -> SipscopeError:
    """The error for a capture that holds nothing of what was asked: the damage is to blame where there is any."""
    return UnreadableInput(text) if is_damaged(trace) else UsageError(text)


def exit_code(traces: "list[Trace]", fail_on: str) -> int:
    """3 where a file is damaged, 1 where findings reach the threshold, else 0."""
    from sipscope.model.defects import Severity
    from sipscope.rules.engine import at_least

    if any(is_damaged(trace) for trace in traces):
        return 3
    if fail_on == "never":
        return 0
    return int(any(at_least(trace.findings, Severity(fail_on)) for trace in traces))


def expectations_hold(traces: "list[Trace]") -> bool:
    """Whether everything holds that the configuration expects; what doesn't is said."""
    from sipscope.model.policy import Policy

    # A policy that says nothing expects nothing.
    traces = [trace for trace in traces if trace.policy != Policy()]
    if not traces:
        return True
    from sipscope.views.expectations import unmet_expectations

    unmet = [(trace.facts.path, text) for trace in traces for text in unmet_expectations(trace)]
    for path, text in unmet:
        complain(f"{path}: {text}")
    return not unmet


def _what_there_is(trace: "Trace") -> str:
    """The rest of the capture in a few words."""
    from sipscope.views.words import counted

    parts = [counted(trace.facts.frames, "frame")]
    if trace.media.rtp_packets:
        parts.append(counted(trace.media.rtp_packets, "RTP packet"))
    largest = sorted(trace.facts.set_aside.items(), key=lambda item: (-item[1], item[0]))[:3]
    parts.extend(f"{count} {reason}" for reason, count in largest)
    return ", ".join(parts)


@contextmanager
def _progress(paths: Sequence[str]) -> "Iterator[Callable[[Progress], None] | None]":
    """A line that tells how far reading has come, where standard error is a terminal and work takes long."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    shown, size = False, _size_of(paths)

    def report(progress: "Progress") -> None:
        nonlocal shown
        shown = True
        click.echo("\r\x1b[K" + progress_line(progress, size), nl=False, err=True)

    yield report
    if shown:
        click.echo("\r\x1b[K", nl=False, err=True)


def progress_line(progress: "Progress", size: int | None) -> str:
    """How far reading has come in one line; `size` is that of all files."""
    parts = [f"{progress.frames:,} frames", f"{progress.messages:,} SIP messages"]
    if progress.bytes_read is not None:
        read = f"{progress.bytes_read / 1e6:,.0f} MB"
        parts.insert(0, f"{read} of {size / 1e6:,.0f} MB ({progress.bytes_read / size:.0%})" if size else read)
    return f"{printable(Path(progress.path).name)}: {', '.join(parts)}"


def _size_of(paths: Sequence[str]) -> int | None:
    """Bytes of all files, None where one of them has no size."""
    try:
        return sum(Path(path).stat().st_size for path in paths)
    except (OSError, ValueError):
        return None
