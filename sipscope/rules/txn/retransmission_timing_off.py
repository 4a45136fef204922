"""A sender repeats a message at a fixed interval instead of doubling it.

What it finds
    Over UDP, requests before their first response, and final responses to INVITE before their ACK, that were sent four
    times and more at even intervals of less than three seconds. Told once for a sender and kind of message. Another
    first interval than half a second is right where it doubles, and so is an even interval of four seconds.
Why it matters
    On a link that is full already, copies at a fixed pace keep it full; RFC 3261 doubles the interval to let it drain.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
        1.0   alice -> bob  INVITE again
        2.0   alice -> bob  INVITE again
        3.0   alice -> bob  INVITE again
        3.1   bob -> alice  486
        3.2   alice -> bob  ACK
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
        0.5   alice -> bob  INVITE again
        0.6   bob -> alice  486
        0.7   alice -> bob  ACK
        40    end
What to check
    - Set the timers T1 and T2 of the sender to those of RFC 3261: 0.5 and 4 seconds.
    - Is it the application that repeats, or a script, instead of the SIP stack?
Sources
    RFC 3261 §13.3.1.4; RFC 3261 §17.1.1.2; RFC 3261 §17.1.2.2; RFC 3261 §17.2.1
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Response
from sipscope.model.time import Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import label_of
from sipscope.rules.retransmissions import SERIES, repeated_evenly

Series = tuple[Message, tuple[Message, ...], Duration]
"""A message, its copies, and the interval between them."""


@rule("TXN-010", name="retransmission-timing-off", severity=WARNING, since="0.1", subject=Trace, needs=("copies",))
def retransmission_timing_off(trace: Trace, _: Trace) -> Iterator[Hit]:
    """The interval doubles with each retransmission (RFC 3261 §17.1.1.2, §17.1.2.2, §17.2.1)."""
    found: dict[tuple[str, bool], list[Series]] = {}
    for transaction in trace.transactions:
        if transaction.copies < SERIES:
            continue
        series = repeated_evenly(transaction)
        if series is not None:
            key = (series[0].hop.source.address, isinstance(series[0], Response))
            found.setdefault(key, []).append(series)
    for (sender, is_response), several in found.items():
        yield _hit(sender, is_response, several)


def _hit(sender: str, is_response: bool, several: list[Series]) -> Hit:
    message, copies, interval = max(several, key=lambda series: len(series[1]))
    kind = "response" if is_response else "request"
    many = "" if len(several) == 1 else f", and {len(several) - 1} more {kind}s likewise"
    evidence = [Evidence(frame=message.frames[-1], note=f"{label_of(message)} sent")]
    evidence += [
        Evidence(frame=copy.frames[-1], note=f"again after {in_seconds(copy.at - message.at):.1f} s") for copy in copies
    ]
    return Hit(
        text=(
            f"{sender} repeated {label_of(message)} {len(copies)} times at a fixed interval of "
            f"{in_seconds(interval):.1f} s, which is to double each time{many}."
        ),
        evidence=tuple(evidence),
        at=copies[-1].at,
        identity=(sender, is_response),
    )
