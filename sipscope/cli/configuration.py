"""The user's configuration: which file it is, and what it says."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sipscope.errors import UsageError

if TYPE_CHECKING:
    from sipscope.policy.in_force import InForce

NAME = "sipscope.toml"
"""Name of the file."""

PROJECT = "pyproject.toml"
"""A file that may hold the same in its table `tool.sipscope`."""

_LARGEST = 1 << 20


def configuration_at(path: str | None) -> "InForce":
    """What a file says; the defaults where there is none.

    Raises:
        UsageError: It can't be read, or is wrong.
    """
    from sipscope.policy.in_force import InForce

    if path is None:
        return InForce()
    from sipscope.policy.loading import in_force

    return in_force(path, document_at, today=datetime.now(UTC).date())


def configuration_for(directory: Path | None = None) -> str | None:
    """The nearest configuration file: in a directory or beside it, else in the current directory or above it."""
    nearest = () if directory is None else (directory, directory.parent)
    here = Path.cwd()
    for place in (*nearest, here, *here.parents):
        if (place / NAME).is_file():
            return _shown(place / NAME, here)
        if (place / PROJECT).is_file() and "sipscope" in _tools_of(place / PROJECT):
            return _shown(place / PROJECT, here)
    return None


def document_at(path: str) -> Mapping[str, object]:
    """The document in a file; of a pyproject.toml, its table `tool.sipscope`.

    Raises:
        UsageError: It can't be read, or isn't TOML.
    """
    import tomllib

    try:
        with Path(path).open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise UsageError(f"can't read {path}: a configuration has no more than {_LARGEST >> 20} MiB")
        document = tomllib.loads(content.decode())
    except OSError as error:
        raise UsageError(f"can't read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"can't read {path}: it isn't UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"can't read {path}: {error}") from error
    if Path(path).name != PROJECT:
        return document
    own = document.get("tool", {}).get("sipscope", {})
    if not isinstance(own, dict):
        raise UsageError(f"{path}: tool.sipscope is a table: write [tool.sipscope]")
    return own


def _tools_of(path: Path) -> Mapping[str, object]:
    """The tools that a pyproject.toml speaks of; none where it is another's and can't be read."""
    import tomllib

    try:
        tools = tomllib.loads(path.read_text("utf-8")).get("tool", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}
    return tools if isinstance(tools, dict) else {}


def _shown(path: Path, here: Path) -> str:
    """A path as short as it can be said."""
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
