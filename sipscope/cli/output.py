"""Writing: data to standard output or a file, complaints and progress to standard error."""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from sipscope.errors import UsageError


def complain(text: str) -> None:
    """One line on standard error, control characters made visible."""
    click.echo("sipscope: " + printable(text), err=True)


def printable(text: str) -> str:
    """Text of one line without anything that a terminal would obey, such as the name of a file."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def write_text(text: str, path: str | None) -> None:
    """Write to a file, or to standard output where none is named."""
    if path is None or path == "-":
        _to_standard_output(lambda: click.echo(text, nl=not text.endswith("\n")))
        return
    write_bytes(text.encode(errors="backslashreplace"), path)


def write_pieces(pieces: Iterable[str], path: str | None) -> None:
    """Write a long text that is made while it is written; it ends with a line end of its own.

    Raises:
        UsageError: The file can't be written.
    """
    if path is None or path == "-":
        _to_standard_output(lambda: _echo(pieces))
        return
    try:
        with Path(path).open("wb") as file:
            file.writelines(piece.encode(errors="backslashreplace") for piece in pieces)
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror}") from error


def _echo(pieces: Iterable[str]) -> None:
    for piece in pieces:
        click.echo(piece, nl=False)


def write_bytes(content: bytes, path: str) -> None:
    """Write to a file; `-` is standard output.

    Raises:
        UsageError: The file can't be written.
    """
    if path == "-":
        _to_standard_output(lambda: sys.stdout.buffer.write(content))
        return
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror}") from error


def _to_standard_output(write: Callable[[], object]) -> None:
    """Write and flush. A reader that stops early, as `head` does, has seen what it wanted: that is no error."""
    try:
        write()
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_the_rest()
    except OSError as error:
        _discard_the_rest()
        raise UsageError(f"can't write to standard output: {error.strerror}") from error


def _discard_the_rest() -> None:
    """Keep the interpreter from failing again on what is still buffered when it flushes at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def is_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout.isatty()


def wants_colour() -> bool:
    """Whether standard output is a terminal that shows colour, and its user hasn't declined it (no-color.org)."""
    return is_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_width() -> int:
    """Columns of the terminal; 120 where that is unknown."""
    import shutil

    return shutil.get_terminal_size((120, 40)).columns


def ending_of(path: str) -> str:
    """The ending of a file name without its dot, lower-case."""
    return Path(path).suffix.lower().lstrip(".")
