"""Writing: data to standard output or a file, complaints and progress to standard error."""

import sys
from pathlib import Path

import click

from sipscope.errors import UsageError


def complain(text: str) -> None:
    """One line on standard error, control characters made visible."""
    click.echo("sipscope: " + "".join(character if character.isprintable() else "�" for character in text), err=True)


def write_text(text: str, path: str | None) -> None:
    """Write to a file, or to standard output where none is named."""
    if path is None or path == "-":
        click.echo(text, nl=not text.endswith("\n"))
        return
    write_bytes(text.encode(errors="backslashreplace"), path)


def write_bytes(content: bytes, path: str) -> None:
    """Write to a file; `-` is standard output.

    Raises:
        UsageError: The file can't be written.
    """
    if path == "-":
        sys.stdout.buffer.write(content)
        return
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror}") from error


def terminal_width() -> int:
    """Columns of the terminal; 120 where that is unknown."""
    import shutil

    return shutil.get_terminal_size((120, 40)).columns


def ending_of(path: str) -> str:
    """The ending of a file name without its dot, lower-case."""
    return Path(path).suffix.lower().lstrip(".")
