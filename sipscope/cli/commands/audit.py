"""`sipscope audit`: many captures, into one database."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sipscope.cli.audit_reports import baseline_at, format_of, write_report
from sipscope.cli.options import alias_options, options_from, reading_options, size_in_bytes
from sipscope.cli.output import complain, is_terminal, terminal_width, wants_colour, write_text
from sipscope.errors import UnreadableInput, UsageError
from sipscope.version import VERSION

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from sipscope.audit.baseline import Baseline
    from sipscope.audit.examination import Examination
    from sipscope.audit.run import Advance, Limits
    from sipscope.audit.sources import Source
    from sipscope.audit.store import Store
    from sipscope.pipeline import Options
    from sipscope.views.tables import Table

_SHARD = re.compile(r"(\d{1,6})/(\d{1,6})")
_STOPPED = 130
_FAILING = {"error": ["error"], "warning": ["error", "warning"], "new": ["error", "warning"], "never": []}
"""Severities that make the exit code, by `--fail-on`."""


@click.command("audit", epilog="Example: sipscope audit captures/ -o results --jobs 4")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(readable=False))
@click.option(
    "-o",
    "--output",
    "directory",
    type=click.Path(file_okay=False),
    default="results",
    show_default=True,
    help="Directory of the database audit.duckdb; what is in it is kept, and captures done before are not done again.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Captures at the same time; as many as there are processors.")
@click.option(
    "--dask", metavar="ADDRESS", help="Scheduler of a dask cluster whose workers do the work: tcp://host:8786."
)
@click.option("--timeout", type=click.FloatRange(min=0.1), default=600.0, show_default=True, help="Seconds a capture.")
@click.option(
    "--memory",
    metavar="BYTES",
    default="4G",
    show_default=True,
    callback=size_in_bytes,
    help="Memory a capture; with K, M or G.",
)
@click.option("--shard", metavar="N/COUNT", help="Only the N-th of COUNT parts, such as 3/10, for several machines.")
@click.option("--again", is_flag=True, help="Analyse every capture, also those that were done before.")
@click.option("--parquet", is_flag=True, help="Write the tables as Parquet too, in the directory parquet beside it.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "new", "never"]),
    default="error",
    show_default=True,
    help="Exit with 1 when a capture has a finding of this severity; new is any error or warning that --baseline "
    "doesn't know.",
)
@click.option(
    "--baseline",
    metavar="RESULTS",
    type=click.Path(readable=False),
    help="Results of an earlier audit, or its database: only what is new or worse since then makes the exit code.",
)
@click.option(
    "--report",
    "reports",
    metavar="FILE",
    multiple=True,
    type=click.Path(dir_okay=False),
    help="Write a report of the database at the end, such as audit.html, audit.sarif or audit.xml; may be repeated.",
)
@alias_options
@reading_options
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    directory: str,
    jobs: int | None,
    dask: str | None,
    timeout: float,
    memory: int,
    shard: str | None,
    again: bool,
    parquet: bool,
    fail_on: str,
    baseline: str | None,
    reports: tuple[str, ...],
    engine: str,
    keylog: str | None,
    media_expected: bool,
) -> None:
    """Audit captures: files, directories with all below them, patterns, and URLs such as s3://bucket/.

    Each is analysed in a process of its own, so that one that crashes, hangs or needs too much memory costs no other.
    What is found goes to a DuckDB database. Stop with Ctrl-C at any time; the same command goes on where it stopped.
    """
    from sipscope.audit.run import Limits

    styles = {path: format_of(path) for path in reports}
    limits = Limits(jobs=jobs or os.cpu_count() or 1, timeout_s=timeout, memory_bytes=memory)
    options = options_from(engine, keylog, media_expected=media_expected, directory=directory)
    if fail_on == "new" and baseline is None:
        raise UsageError("--fail-on new needs an earlier audit to compare with: name its database with --baseline")
    sources = _sources(paths, shard)
    captures = [source.name for source in sources]
    before = None if baseline is None or not reports else baseline_at(baseline)
    with store_in(directory) as store, _workers(dask, limits) as (executor, limits):
        earlier = None if baseline is None else _earlier(store, baseline)
        if not _run(store, sources, options, limits, executor, paths=paths, again=again):
            context.exit(_STOPPED)
        if parquet:
            store.export_parquet(Path(directory) / "parquet")
        _show(store)
        for path, style in styles.items():
            write_report(store, style, path, baseline=before)
        tell_unmet(store, captures)
        if earlier is not None:
            _show_news(earlier, captures)
        context.exit(_exit_code(store, captures, fail_on, earlier))


def _sources(paths: Sequence[str], shard: str | None) -> "list[Source]":
    from sipscope.audit.sources import shard_of, sources_of

    sources = sources_of(paths)
    return sources if shard is None else shard_of(sources, *_parts_of(shard))


def store_in(directory: str) -> "Store":
    """The database in a directory, both made where there is none."""
    from sipscope.audit.store import NAME, Store

    place = Path(directory)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"can't make the directory {directory}: {error.strerror}") from error
    return Store(place / NAME)


@contextmanager
def _workers(dask: str | None, limits: "Limits") -> "Iterator[tuple[Executor | None, Limits]]":
    """Where the work is done, None for this machine, and how much of it at the same time."""
    if dask is None:
        yield None, limits
        return
    from sipscope.audit.cluster import cluster_at

    with cluster_at(dask) as cluster:
        yield cluster.executor, replace(limits, jobs=cluster.threads)


def _run(
    store: "Store",
    sources: "list[Source]",
    options: "Options",
    limits: "Limits",
    executor: "Executor | None",
    *,
    paths: Sequence[str],
    again: bool,
) -> bool:
    """Audit, and note the run; False where the user stopped it."""
    from sipscope.audit.run import audit, judgement_of
    from sipscope.cli.advance import complain_of, shown_advance

    judgement = judgement_of(options)
    run = store.begin(started_at=_now(), version=VERSION, judgement=judgement, paths=paths, captures=len(sources))
    try:
        with shown_advance() as show:

            def tell(advance: "Advance", several: "Sequence[Examination]") -> None:
                show(advance)
                complain_of(several)

            advance = audit(sources, store, options, limits, tell=tell, executor=executor, again=again)
    except KeyboardInterrupt:
        complain("stopped; what is done is kept, and the same command goes on from there")
        return False
    store.end(run, ended_at=_now(), analysed=advance.analysed, unchanged=advance.unchanged, failed=advance.failed)
    return True


def _parts_of(shard: str) -> tuple[int, int]:
    match = _SHARD.fullmatch(shard)
    number, count = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= number <= count:
        raise UsageError(f"--shard {shard} is no part of a whole: give it as 3/10, from 1/10 to 10/10")
    return number, count


def _show(store: "Store") -> None:
    from sipscope.audit.overview import headline_of, overview_of

    texts = [_drawn(table) for table in overview_of(store)]
    write_text("\n".join([f"{headline_of(store)}\n{store.path}\n", *texts]), None)


def _drawn(table: "Table") -> str:
    from sipscope.render.terminal import table_terminal
    from sipscope.render.text import table_text

    draw = table_terminal if wants_colour() else table_text
    return draw(table, width=terminal_width() if is_terminal() else 160)


def tell_unmet(store: "Store", captures: Sequence[str]) -> None:
    """Say each expectation that doesn't hold of one of these captures."""
    rows = store.query(
        "SELECT capture, name, array_to_string(failures, '; ') FROM expectations "
        "WHERE NOT holds AND capture IN (SELECT unnest(?)) ORDER BY capture, expectation",
        [captures],
    )
    for capture, name, failures in rows:
        complain(f"{capture}: {name} fails: {failures}")


def _earlier(store: "Store", path: str) -> "Baseline":
    from sipscope.audit.baseline import Baseline

    return Baseline(store, path)


def _show_news(earlier: "Baseline", captures: Sequence[str]) -> None:
    from sipscope.audit.overview import news_table

    news = earlier.news(captures, _FAILING["new"])
    write_text(f"\n{_drawn(news_table(news))}" if news else "\nNothing is new or worse than the baseline.\n", None)


def _exit_code(store: "Store", captures: Sequence[str], fail_on: str, earlier: "Baseline | None") -> int:
    """3 where one of these captures could not be read to its end, 1 where findings in them reach the threshold."""
    ((unread,),) = store.query(
        "SELECT count(*) FROM captures WHERE status NOT IN ('read', 'duplicate') AND capture IN (SELECT unnest(?))",
        [captures],
    )
    if unread:
        return UnreadableInput.exit_code
    if fail_on == "never":
        return 0
    if earlier is not None:
        return int(bool(earlier.news(captures, _FAILING[fail_on]) or earlier.failures(captures)))
    ((count,),) = store.query(
        "SELECT count(*) FROM findings WHERE confidence <> 'possible' AND suppressed IS NULL "
        "AND severity IN (SELECT unnest(?::VARCHAR[])) AND capture IN (SELECT unnest(?))",
        [_FAILING[fail_on], captures],
    )
    ((failed,),) = store.query(
        "SELECT count(*) FROM expectations WHERE NOT holds AND capture IN (SELECT unnest(?))", [captures]
    )
    return int(bool(count or failed))


def _now() -> str:
    return datetime.now(UTC).isoformat()
