"""What stops the program, each with its exit code.

Wire content never raises: bad bytes become defects, gaps and findings. An exception here speaks of an unusable
file, command line or installation, and its message says what happened, where, and what to try.

    SipscopeError
    ├── UsageError            2
    └── UnreadableInput       3
        └── EngineUnavailable 3
"""


class SipscopeError(Exception):
    """The common base: one line for a person, and the exit code of the program."""

    exit_code = 1


class UsageError(SipscopeError):
    """The command line asks for something that doesn't exist or doesn't fit together."""

    exit_code = 2


class UnreadableInput(SipscopeError):
    """A capture is missing, unreadable, empty, or in no format that is known."""

    exit_code = 3


class EngineUnavailable(UnreadableInput):
    """The capture engine asked for can't run here, such as Wireshark's where tshark isn't installed."""
