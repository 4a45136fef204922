"""What a reader of the findings must know of a log."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipscope.capture.text.ends import Ends
    from sipscope.capture.text.stamps import Clock

NO_CAPTURE = "This is a log, not a capture: frame numbers are line numbers, and media is not in it."
WITHOUT_DATE = "The log tells times without a date: they are put on 1970-01-01 and the days after it."
WITHOUT_YEAR = "The log tells dates without a year: they are put into 1972."
BY_ITSELF = frozenset({NO_CAPTURE, WITHOUT_DATE, WITHOUT_YEAR})
"""What doesn't hold where a log is read together with captures."""


def notes_on(clock: "Clock", ends: "Ends", *, messages: int, refitted: int) -> tuple[str, ...]:
    """Sentences about what the log leaves out, and how that was filled in."""
    if not messages:
        return ()
    return (
        NO_CAPTURE,
        *_on_time(clock),
        *_on_ends(ends, messages),
        *_on_bodies(refitted),
    )


def _on_time(clock: "Clock") -> "Iterator[str]":
    if not clock.timed:
        yield "The log tells no times: the order of messages is known, durations and the date are not."
        return
    if not clock.dated:
        yield WITHOUT_DATE
    elif not clock.has_year:
        yield WITHOUT_YEAR
    if not clock.has_fraction:
        yield "The log tells whole seconds only: durations are a second off at most."


def _on_ends(ends: "Ends", messages: int) -> "Iterator[str]":
    if ends.own_inferred:
        own = ", ".join(str(end) for end in sorted(ends.own_inferred))
        yield f"The log doesn't tell its server's own address: {own} is taken from Via, Contact and Request-URI."
    if ends.others_inferred:
        yield f"It doesn't tell the peers' addresses either: {ends.others_inferred} of {messages} are taken from there."
    if ends.guessed:
        yield "Nothing tells who sent the messages and who received them: it is taken from Via and Request-URI."
    if ends.unknown:
        yield f"Nothing tells both ends of {ends.unknown} of {messages} messages: own-side or other-side stands there."


def _on_bodies(refitted: int) -> "Iterator[str]":
    if refitted:
        yield f"{refitted} messages have longer bodies than their Content-Length says: the log was edited."
