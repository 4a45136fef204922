"""`sipscope watch`: audits the files of a rotating capture as they are completed."""

import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from sipscope.cli.commands.audit import store_in, tell_unmet
from sipscope.cli.options import alias_options, options_from, reading_options, size_in_bytes
from sipscope.cli.output import complain, printable
from sipscope.errors import UsageError

if TYPE_CHECKING:
    from sipscope.audit.examination import Examination
    from sipscope.audit.store import Store


@click.command("watch", epilog="Example: sipscope watch /var/captures -o results")
@click.argument("directories", metavar="DIRECTORY...", nargs=-1, required=True, type=click.Path(readable=False))
@click.option(
    "-o",
    "--output",
    "directory",
    type=click.Path(file_okay=False),
    default="results",
    show_default=True,
    help="Directory of the database audit.duckdb, as of the command audit.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Captures at the same time; as many as there are processors.")
@click.option(
    "--settle",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    help="Seconds without a change after which a file is complete; one behind which another was begun is so at once.",
)
@click.option("--every", type=click.FloatRange(min=0.05), default=1.0, show_default=True, help="Seconds between looks.")
@click.option("--once", is_flag=True, help="End when nothing is left that isn't complete, instead of waiting for more.")
@click.option("--timeout", type=click.FloatRange(min=0.1), default=600.0, show_default=True, help="Seconds a capture.")
@click.option(
    "--memory",
    metavar="BYTES",
    default="4G",
    show_default=True,
    callback=size_in_bytes,
    help="Memory a capture; with K, M or G.",
)
@alias_options
@reading_options
def command(
    directories: tuple[str, ...],
    directory: str,
    jobs: int | None,
    settle: float,
    every: float,
    once: bool,
    timeout: float,
    memory: int,
    engine: str,
    keylog: str | None,
    media_expected: bool,
) -> None:
    """Audit the files of a rotating capture as they are completed, and tell what is found; Ctrl-C ends it.

    Each file is a capture of its own; a call that two of them share is open in the first and begun in the second.
    Files that are deleted later stay in the database.
    """
    for path in directories:
        if not os.path.isdir(path):  # noqa: PTH112 -- a check, no path is made
            raise UsageError(f"{path} is no directory: name the one that a capture writes into")
    from concurrent.futures import ThreadPoolExecutor

    from sipscope.audit.run import Limits, audit
    from sipscope.audit.supervision import close_all
    from sipscope.audit.watching import Watch

    limits = Limits(jobs=jobs or os.cpu_count() or 1, timeout_s=timeout, memory_bytes=memory)
    options = options_from(engine, keylog, media_expected=media_expected, directory=directory)
    watch = Watch(directories, settle_s=settle)
    executor = ThreadPoolExecutor(limits.jobs, thread_name_prefix="examine")
    with store_in(directory) as store:
        try:
            while True:
                sources = watch.completed(time.monotonic())
                if sources:
                    audit(sources, store, options, limits, tell=_told_by(store), executor=executor)
                elif once and not watch.is_waiting:
                    return
                time.sleep(every)
        except KeyboardInterrupt:
            complain("stopped; what is done is kept")
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
            close_all()


def _told_by(store: "Store") -> "Callable[[object, Sequence[Examination]], None]":
    def tell(_advance: object, several: "Sequence[Examination]") -> None:
        from sipscope.views.words import counted

        for item in several:
            if item.is_unchanged:
                continue
            if item.error:
                complain(f"{item.capture}: {item.error}")
            rules = store.query(
                "SELECT rule, count(*) FROM findings WHERE capture = ? AND severity <> 'info' AND suppressed IS NULL "
                "GROUP BY rule, severity ORDER BY severity, rule",
                [item.capture],
            )
            words = [counted(item.calls, "call"), counted(item.errors, "error"), counted(item.warnings, "warning")]
            found = ", ".join(f"{rule} × {count}" if count != 1 else str(rule) for rule, count in rules)
            click.echo(printable(f"{item.capture}: {', '.join(words)}" + (f": {found}" if found else "")))
            tell_unmet(store, [item.capture])

    return tell
