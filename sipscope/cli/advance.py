"""How far an audit has come: a bar on a terminal, nothing elsewhere."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sipscope.cli.output import complain

if TYPE_CHECKING:
    from sipscope.audit.examination import Examination
    from sipscope.audit.run import Advance


def complain_of(several: "Sequence[Examination]") -> None:
    """Say of each capture that could not be read, or not to its end, why."""
    for item in several:
        if item.error:
            complain(f"{item.capture}: {item.error}")


@contextmanager
def shown_advance() -> "Iterator[Callable[[Advance], None]]":
    """A bar on standard error with the rate and the time that is left, by bytes."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _advance: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("audit", total=None)

        def show(advance: "Advance") -> None:
            failed = f", {advance.failed} not read" if advance.failed else ""
            text = f"{advance.done:,} of {advance.captures:,} captures{failed}, {advance.errors:,} errors"
            bar.update(task, description=text, total=advance.bytes, completed=advance.bytes_done)

        yield show
