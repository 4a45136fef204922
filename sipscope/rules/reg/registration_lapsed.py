"""A binding ran out before its device refreshed it, so that nobody could call in between.

What it finds
    A binding whose granted time ended, counted from the 200, before the next REGISTER for it was sent, where the same
    contact was registered again later. A device that comes back with another Call-ID or with a restarted CSeq was
    switched off, and that is information. A device that doesn't come back is not told.
Why it matters
    The phone is unreachable for seconds or minutes, again and again.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
              Expires: 60
        0.1   reg -> alice  200
        75.0  alice -> reg  REGISTER
              Expires: 60
        75.1  reg -> alice  200
        80    end
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
              Expires: 60
        0.1   reg -> alice  200
        50.0  alice -> reg  REGISTER
              Expires: 60
        50.1  reg -> alice  200
        80    end
What to check
    - The device refreshes well before the time that was granted, not the time that it asked for.
    - Did a refresh fail, or was it never sent? Look at what the device did before the time ran out.
Sources
    RFC 3261 §10.2.4; RFC 3261 §10.2.1.1
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.subscription import Binding, BindingEvent, BindingEventKind, Registration
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import ERROR, INFO, Hit, rule

TOLERANCE: Duration = 2 * SECOND
"""A refresh so little too late may have been in time where the device is."""


@rule("REG-002", name="registration-lapsed", severity=ERROR, since="0.1", subject=Trace)
def registration_lapsed(_capture: Trace, trace: Trace) -> Iterator[Hit]:
    """A binding that isn't refreshed before its time is over is gone (RFC 3261 §10.2.4)."""
    attempts = {item.id: item for item in trace.registrations}
    for binding in trace.bindings:
        for ended, again in pairwise(binding.history):
            if ended.kind is BindingEventKind.EXPIRED and again.kind is BindingEventKind.ADDED:
                yield from _hits(binding, ended, again, attempts, trace)


def _hits(
    binding: Binding, ended: BindingEvent, again: BindingEvent, attempts: Mapping[str, Registration], trace: Trace
) -> Iterator[Hit]:
    before, after = attempts[ended.registration_id], attempts[again.registration_id]
    gap = after.started_at - ended.at
    lossy = guards.capture_lossy_near(trace, before.started_at, after.started_at)
    if gap <= TOLERANCE or before.request is None or after.request is None:
        return
    restarted = _restarted(before, after)
    yield Hit(
        text=(
            f"The binding of {binding.address_of_record} to {binding.contact.uri.text} ran out, and the next REGISTER "
            f"came {in_seconds(gap):.0f} s later: nobody could call in between."
            + (" The device had restarted." if restarted else "")
        ),
        evidence=(
            Evidence(frame=ended.frame, note=f"{before.expires_s} s granted" if before.expires_s else "time granted"),
            Evidence(frame=after.attempts[0].first.frames[-1], note=f"next REGISTER, {in_seconds(gap):.0f} s too late"),
        ),
        at=ended.at,
        severity=INFO if restarted else None,
        confidence=Confidence.POSSIBLE if lossy else Confidence.LIKELY,
        guards=("The capture itself lost packets in between.",)
        if lossy
        else ("A refresh that took another way, or a registrar that grants time on top, isn't seen here.",),
    )


def _restarted(before: Registration, after: Registration) -> bool:
    """Whether the device came back with another Call-ID or a smaller number: it was switched off in between."""
    one, other = before.attempts[-1].first, after.attempts[0].first
    if one.call_id != other.call_id or one.cseq is None or other.cseq is None:
        return True
    return other.cseq.number <= one.cseq.number
