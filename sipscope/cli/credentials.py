"""Passwords in a file that the user names, to check digests with."""

from collections.abc import Iterator
from pathlib import Path

from sipscope.errors import UsageError
from sipscope.model.passwords import Passwords

_FIELDS = 3


def passwords_in(path: str | None) -> Passwords:
    """The passwords of a file: a line each with realm, user and password; none where no file is named.

    Raises:
        UsageError: The file can't be read, or a line isn't of three fields; what stands in it isn't repeated.
    """
    return Passwords() if path is None else Passwords(dict(_in_file(path)))


def _in_file(path: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Fields with tabs between them, or blanks where there is no tab; lines that begin with `#` are remarks."""
    try:
        text = Path(path).read_text("utf-8")
    except OSError as error:
        raise UsageError(f"can't read {path}: {error.strerror}") from error
    except UnicodeDecodeError:
        # The error itself would hold the bytes of the file.
        raise UsageError(f"can't read {path}: it isn't UTF-8 text") from None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t" if "\t" in line else None, _FIELDS - 1)
        if len(fields) != _FIELDS:
            raise UsageError(f"{path}, line {number}: give realm, user and password, with tabs or blanks between them")
        realm, user, password = fields
        yield (realm.strip(), user.strip()), password
