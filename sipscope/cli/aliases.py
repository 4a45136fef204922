"""Names that the user gives to addresses, on the command line or in a file."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from sipscope.errors import UsageError
from sipscope.model.node_names import node_name

_REMARK = re.compile(r"(?:^|\s)#.*")


def aliases_from(arguments: Iterable[str], path: str | None) -> dict[str, str]:
    """Names by address: those of a file, and over them those of arguments such as `192.0.2.1=SBC`.

    Raises:
        UsageError: The file can't be read, or something isn't an address with a name.
    """
    aliases = dict(_in_file(path)) if path is not None else {}
    for argument in arguments:
        address, _, name = argument.partition("=")
        aliases.update([_alias(address, name, f"--alias {argument}")])
    return aliases


def _in_file(path: str) -> Iterator[tuple[str, str]]:
    """The aliases of a file: a line each, address and name with blanks between them; `#` begins a remark."""
    try:
        text = Path(path).read_text("utf-8")
    except OSError as error:
        raise UsageError(f"can't read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"can't read {path}: it isn't UTF-8 text") from error
    for number, line in enumerate(text.splitlines(), start=1):
        words = _REMARK.sub("", line).split(maxsplit=1)
        if words:
            yield _alias(words[0], words[1] if len(words) > 1 else "", f"{path}, line {number}")


def _alias(address: str, name: str, place: str) -> tuple[str, str]:
    try:
        node = node_name(address.strip())
    except ValueError:
        raise UsageError(f"{place}: {address!r} is no address; write 192.0.2.1=SBC, or 192.0.2.1:5062=SBC") from None
    if not name.strip():
        raise UsageError(f"{place}: there is no name for {address}")
    return node, name.strip()
