"""Files that a capture writes one after the other: which of them are complete."""

from collections.abc import Sequence
from pathlib import Path

from sipscope.audit.sources import Source, files_at
from sipscope.capture.ring import ring_sets
from sipscope.values import dataclass


@dataclass(slots=True)
class _Seen:
    """A file as it was last seen: how it was, and since when it has been so."""

    state: tuple[int, int]
    since: float


class Watch:
    """Looks again and again at directories, and tells each file once it is complete, and again when it was changed.

    A file is complete when a later one of its ring buffer is there, or when it hasn't changed for some seconds.
    Each file counts for itself, so that memory doesn't grow with the length of a recording.
    """

    def __init__(self, directories: Sequence[str], *, settle_s: float) -> None:
        self._directories = directories
        self._settle_s = settle_s
        self._seen: dict[str, _Seen] = {}
        self._told: dict[str, tuple[int, int]] = {}

    def completed(self, now: float) -> list[Source]:
        """Files that have become complete.

        Args:
            now: Seconds by a clock that never goes back.
        """
        states = {path: state for path in files_at(self._directories) if (state := _state_of(path)) is not None}
        for path, state in states.items():
            if path not in self._seen or self._seen[path].state != state:
                self._seen[path] = _Seen(state, now)
        for gone in self._seen.keys() - states.keys():
            del self._seen[gone]
            self._told.pop(gone, None)
        behind = _not_the_last(sorted(states))
        complete = [
            path
            for path, state in states.items()
            if self._told.get(path) != state and (path in behind or now - self._seen[path].since >= self._settle_s)
        ]
        self._told.update((path, states[path]) for path in complete)
        return [Source(name=path, files=(path,), bytes=states[path][0]) for path in sorted(complete)]

    @property
    def is_waiting(self) -> bool:
        """Whether there are files that are not complete yet."""
        return any(self._told.get(path) != seen.state for path, seen in self._seen.items())


def _not_the_last(paths: Sequence[str]) -> set[str]:
    """Files behind which another of their ring buffer was begun."""
    return {path for part in ring_sets(paths) if not isinstance(part, str) for path in part[:-1]}


def _state_of(path: str) -> tuple[int, int] | None:
    """Size and time of the last change; None where the file is gone or empty."""
    try:
        facts = Path(path).stat()
    except OSError:
        return None
    return (facts.st_size, facts.st_mtime_ns) if facts.st_size else None
