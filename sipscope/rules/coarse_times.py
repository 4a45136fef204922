"""What stands in a log whose clock tells whole seconds only.

Between 10:00:00 and 10:00:01 may lie a millisecond or nearly two seconds. Many rules hang on less: a race that excuses,
a retry that came too soon. So the messages are looked at again with other fractions that the log allows, and what
isn't found with all of them isn't told.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sipscope.model.finding import Finding
from sipscope.model.message import Request, Response
from sipscope.model.time import MILLISECOND, Duration


def other_times(messages: Sequence[Request | Response], step: Duration) -> Iterator[tuple[Request | Response, ...]]:
    """The messages with other times that a clock of such steps shows in the same way, their order kept.

    Every second step of the clock that has messages, or every second pair of them, is put to its end: so two that
    follow one another, or have one between them, come as near together as they can be, and as far apart.
    """
    places = {at: place for place, at in enumerate(sorted({message.at for message in messages}))}
    late = step - MILLISECOND
    for width, odd in ((1, 0), (1, 1), (2, 0), (2, 1)):
        yield tuple(
            replace(message, at=message.at + late) if places[message.at] // width % 2 == odd else message
            for message in messages
        )


def standing(findings: Iterable[Finding], others: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that are among the others too, about one of the same frames; ids count anew."""
    seen = {(finding.rule, frame) for finding in others for frame in finding.frames}
    kept = [finding for finding in findings if any((finding.rule, frame) in seen for frame in finding.frames)]
    return tuple(replace(finding, id=f"f{number}") for number, finding in enumerate(kept, start=1))
