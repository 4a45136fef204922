"""What Ctrl-C does while a capture is read: the first one ends the reading, the second one the program."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

EXIT_CODE = 130
"""128 and the number of the signal, as shells have it."""

_STOPPED = f"{__name__}.stopped"
_WORDS = b"\nsipscope: stopping; Ctrl-C once more gives up\n"


@contextmanager
def stoppable(*, keeps_on: bool) -> "Iterator[Callable[[], bool] | None]":
    """Whether Ctrl-C was pressed, to be asked again and again; what `keeps_on` is never asked.

    Standard input keeps on: Ctrl-C ends the program in front of the pipe as well, and with it the capture.
    """
    if threading.current_thread() is not threading.main_thread():
        yield None
        return
    is_asked = False

    def ask(_number: int, _frame: object) -> None:
        nonlocal is_asked
        if is_asked:
            raise KeyboardInterrupt
        is_asked = True
        # A signal may come in the middle of a write, which the stream doesn't allow within another one.
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, _WORDS)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield None if keeps_on else lambda: is_asked
    finally:
        signal.signal(signal.SIGINT, before)


def remember_stop() -> None:
    """The exit code is to be that of a program stopped by Ctrl-C."""
    context = click.get_current_context(silent=True)
    if context is not None:
        context.meta[_STOPPED] = True


def exit_code_of(context: click.Context, code: int) -> int:
    """The exit code where the command's own is `code`."""
    return EXIT_CODE if context.meta.get(_STOPPED) else code
