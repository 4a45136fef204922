"""Chooses the engine for a capture.

Start-up imports this module, so the engines, and numpy with them, are imported where they are chosen.
"""

from typing import TYPE_CHECKING

from sipscope.capture.native.source import MAX_EXPANDED
from sipscope.errors import EngineUnavailable, UnreadableInput, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipscope.capture.reader import CaptureReader
    from sipscope.capture.text.formats import LogFormat

ENGINES = ("auto", "native", "wireshark", "text")
"""The engines by the names a user may give."""


def open_capture(
    path: "str | Sequence[str]", *, engine: str = "auto", keylog: str | None = None, max_expanded: int = MAX_EXPANDED
) -> "CaptureReader":
    """A reader for the capture at `path`; `-` is standard input. Compressed ones give at most `max_expanded` bytes.

    Captures at several paths are read as one, merged by time, and so are logs, also both together.

    `auto` reads natively, takes logs of SIP servers as such, and asks Wireshark for what neither can read: foreign
    file formats, foreign link types, and TLS with the key log file `keylog` or with keys in the capture itself.

    Raises:
        UnreadableInput: The file is missing, empty, unreadable or no capture.
        EngineUnavailable: Only Wireshark's engine could read it, and it isn't here.
        UsageError: There is no engine of that name, or it can't use a key log.
    """
    if engine not in ENGINES:
        raise UsageError(f"there is no capture engine {engine!r}: choose one of {', '.join(ENGINES)}")
    if not isinstance(path, str):
        return _merging(path, max_expanded, engine=engine, keylog=keylog)
    if engine == "wireshark":
        return _wireshark(path, keylog=keylog, reason=None)
    if engine in {"native", "text"}:
        if keylog is not None:
            raise UsageError(f"the {engine} engine decrypts nothing: use the engine wireshark with a key log")
        return _native(path, max_expanded) if engine == "native" else _text(path, max_expanded)
    if keylog is not None:
        return _wireshark(path, keylog=keylog, reason="a key log was given, and Wireshark decrypts with it")
    return _automatic(path, max_expanded)


def _automatic(path: str, max_expanded: int) -> "CaptureReader":
    from sipscope.capture.native.probe import probe
    from sipscope.capture.native.source import is_binary

    # The formats of logs are loaded for what may be one. Standard input can be read only once: text alone is taken.
    if path == "-" or not is_binary(path):
        from sipscope.capture.text.recognition import is_text_waiting, log_format_at

        log_format = None if path == "-" else log_format_at(path)
        if log_format is not None or (path == "-" and is_text_waiting()):
            return _text(path, max_expanded, log_format)
    found = probe(path)
    if found.foreign is None:
        return _native(path, max_expanded)
    try:
        return _wireshark(path, keylog=None, reason=found.foreign)
    except EngineUnavailable as error:
        if not found.readable:
            raise EngineUnavailable(f"{found.foreign}; {error}") from None
        # Some interfaces are better than none; what the others carried is counted as set aside.
        return _native(path, max_expanded, notes=(f"{found.foreign}, and Wireshark's engine is not here to read it",))


def _merging(paths: "Sequence[str]", max_expanded: int, *, engine: str, keylog: str | None) -> "CaptureReader":
    if not paths:
        raise UsageError("there is no capture to read: name at least one")
    if engine in {"native", "text"}:
        if keylog is not None:
            raise UsageError(f"the {engine} engine decrypts nothing: use the engine wireshark with a key log")
        return _native(paths, max_expanded) if engine == "native" else _logs(paths, max_expanded)
    readable = [path for path in paths if path != "-" and _opens(path)]
    logs = [path for path in readable if _is_log(path)]
    if not logs:
        return _captures(paths, readable, max_expanded, engine=engine, keylog=keylog)
    if len(logs) == len(readable) and "-" not in paths:
        return _logs(paths, max_expanded)
    others = [path for path in paths if path not in logs]
    return _mixed(others, logs, max_expanded, engine=engine, keylog=keylog)


def _mixed(
    captures: "Sequence[str]", logs: "Sequence[str]", max_expanded: int, *, engine: str, keylog: str | None
) -> "CaptureReader":
    from sipscope.capture.mixed.reader import MixedSet
    from sipscope.capture.text.merging import LogSet

    if "-" in captures:
        raise UsageError("standard input can't be merged with files: name the files")
    path = captures[0] if len(captures) == 1 else captures
    return MixedSet(
        lambda: open_capture(path, engine=engine, keylog=keylog, max_expanded=max_expanded),
        LogSet(logs, max_expanded=max_expanded),
    )


def _captures(
    paths: "Sequence[str]", readable: "Sequence[str]", max_expanded: int, *, engine: str, keylog: str | None
) -> "CaptureReader":
    """Captures alone; `readable` are those that can be opened."""
    if engine == "wireshark" or keylog is not None:
        reason = None if engine == "wireshark" else "a key log was given, and Wireshark decrypts with it"
        return _wireshark(paths, keylog=keylog, reason=reason)
    foreign = _foreign(readable)
    if foreign is None:
        return _native(paths, max_expanded)
    try:
        return _wireshark(paths, keylog=None, reason=foreign)
    except EngineUnavailable:
        return _native(paths, max_expanded, notes=(f"{foreign}, and Wireshark's engine is not here to read it",))


def _opens(path: str) -> bool:
    """Whether there is something in a file; what can't be opened is told by whoever reads the set."""
    from sipscope.capture.native.source import Source

    try:
        Source(path).close()
    except UnreadableInput:
        return False
    return True


def _is_log(path: str) -> bool:
    from sipscope.capture.text.recognition import log_format_at

    return log_format_at(path) is not None


def _foreign(paths: "Sequence[str]") -> str | None:
    """What only Wireshark can read of some captures."""
    from sipscope.capture.native.probe import probe

    for path in paths:
        try:
            found = probe(path).foreign
        except UnreadableInput:
            continue
        if found is not None:
            return found
    return None


def _native(path: "str | Sequence[str]", max_expanded: int, *, notes: tuple[str, ...] = ()) -> "CaptureReader":
    from sipscope.capture.native.engine import NativeReader

    return NativeReader(path, notes=notes, max_expanded=max_expanded)


def _text(path: str, max_expanded: int, log_format: "LogFormat | None" = None) -> "CaptureReader":
    from sipscope.capture.text.engine import TextReader

    return TextReader(path, log_format, max_expanded=max_expanded)


def _logs(paths: "Sequence[str]", max_expanded: int) -> "CaptureReader":
    from sipscope.capture.text.merging import LogSet

    return LogSet(paths, max_expanded=max_expanded)


def _wireshark(path: "str | Sequence[str]", *, keylog: str | None, reason: str | None) -> "CaptureReader":
    from sipscope.capture.wireshark.engine import WiresharkReader

    return WiresharkReader(path, keylog=keylog, reason=reason)
