"""What the commands that list one kind of thing share: their options, and a page or a JSON document of each capture."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack

import click

from sipscope.cli import reading
from sipscope.cli.options import CAPTURES, options_from, reading_options
from sipscope.cli.output import is_terminal, terminal_width, wants_colour, write_text
from sipscope.errors import UnreadableInput
from sipscope.version import VERSION

if TYPE_CHECKING:
    from sipscope.model.trace import Trace
    from sipscope.views.summary import Summary

F = TypeVar("F", bound=Callable[..., Any])

PIPED_WIDTH = 160
"""Columns of the tables where standard output is no terminal."""


class Given(TypedDict):
    """What the user chose, by the names of the options."""

    captures: tuple[str, ...]
    style: str
    output: str | None
    engine: str
    keylog: str | None
    media_expected: bool


def listing_options(command: F) -> F:
    """Captures, format, output and how to read."""
    return _with_formats(
        command, ["text", "json"], "Tables for people, or one JSON document (an array of them for several captures)."
    )


def listing_options_with_rows(command: F) -> F:
    """The same, with rows for spreadsheets as another format."""
    return _with_formats(
        command,
        ["text", "json", "csv"],
        "Tables for people, one JSON document (an array of them for several captures), or rows for spreadsheets.",
    )


def _with_formats(command: F, formats: list[str], words: str) -> F:
    style = click.option("--format", "style", type=click.Choice(formats), default="text", show_default=True, help=words)
    output = click.option("-o", "--output", type=click.Path(), help="Write to this file instead of standard output.")
    decorated: F = CAPTURES(style(output(reading_options(command))))
    return decorated


def write_listing(
    context: click.Context,
    page: "Callable[[Trace], Summary]",
    document: "Callable[..., dict[str, object]]",
    rows: "Callable[[Sequence[Trace]], str] | None" = None,
    **given: Unpack[Given],
) -> None:
    """Read the captures, write what was asked for, and exit.

    Args:
        context: Of the command.
        page: A capture for people.
        document: A capture as plain values.
        rows: All captures as comma-separated values; None where the command has no such format.
        given: What the user chose.
    """
    parts = reading.grouped(given["captures"])
    options = options_from(given["engine"], given["keylog"], media_expected=given["media_expected"])
    traces, all_readable = reading.read_all(parts, options)
    output = given["output"]
    if given["style"] == "json":
        documents = [document(trace, version=VERSION) for trace in traces]
        write_text(_json(documents, several=len(parts) > 1), output)
    elif given["style"] == "csv" and rows is not None:
        write_text(rows(traces), output)
    elif output is None and wants_colour():
        _show([page(trace) for trace in traces])
    else:
        width = terminal_width() if output is None and is_terminal() else PIPED_WIDTH
        write_text(_text([page(trace) for trace in traces], width=width), output)
    whole = all_readable and not any(reading.is_damaged(trace) for trace in traces)
    context.exit(0 if whole else UnreadableInput.exit_code)


def _json(documents: list[dict[str, object]], *, several: bool) -> str:
    """One document, or an array of them."""
    from sipscope.render.json import report_json

    texts = [report_json(document).strip() for document in documents]
    return "[\n" + ",\n".join(texts) + "\n]\n" if several else texts[0] + "\n"


def _text(pages: "list[Summary]", *, width: int) -> str:
    from sipscope.render.text import summary_text

    return "\n".join(summary_text(page, width=width) for page in pages)


def _show(pages: "list[Summary]") -> None:
    from sipscope.render.terminal import summary_terminal

    for page in pages:
        click.echo(summary_terminal(page, width=terminal_width()), nl=False)
