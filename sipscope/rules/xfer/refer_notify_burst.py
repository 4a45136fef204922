"""The transferor is told of one REFER too often.

What it finds
    More than three NOTIFYs about one REFER within a second, or one status told more than four times in a row. 100, 180
    and 200 one behind the other are natural.
Why it matters
    Over UDP the result may be read before the progress, and many NOTIFYs load the link for nothing.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> bob  INVITE call=1
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        2.0   alice -> bob  REFER call=1
              Refer-To: <sip:carol@192.0.2.30>
        2.1   bob -> alice  202
        2.20  bob -> alice  NOTIFY call=1 sipfrag=100
        2.25  alice -> bob  200
        2.30  bob -> alice  NOTIFY call=1 sipfrag=180
        2.35  alice -> bob  200
        2.40  bob -> alice  NOTIFY call=1 sipfrag=180
        2.45  alice -> bob  200
        2.50  bob -> alice  NOTIFY call=1 sipfrag=180
        2.55  alice -> bob  200
        2.60  bob -> alice  NOTIFY call=1 sipfrag=486
        2.65  alice -> bob  200
        3.0   alice -> bob  BYE call=1
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> bob  INVITE call=1
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        2.0   alice -> bob  REFER call=1
              Refer-To: <sip:carol@192.0.2.30>
        2.1   bob -> alice  202
        2.20  bob -> alice  NOTIFY call=1 sipfrag=100
        2.25  alice -> bob  200
        2.30  bob -> alice  NOTIFY call=1 sipfrag=180
        2.35  alice -> bob  200
        2.60  bob -> alice  NOTIFY call=1 sipfrag=486
        2.65  alice -> bob  200
        3.0   alice -> bob  BYE call=1
        3.1   bob -> alice  200
What to check
    - Let the transferee send a NOTIFY when the status changes, and at most one a second.
Sources
    RFC 3515 §3.10
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transfer import ProgressReport, Transfer
from sipscope.rules.api import INFO, Hit, rule
from sipscope.rules.transfers import report_evidence, transfer_identity

NATURAL = 3
"""NOTIFYs within a second that a call which is answered at once brings about."""

SAME = 4
"""How often one status may be told."""

WINDOW: Duration = SECOND


@rule("XFER-022", name="refer-notify-burst", severity=INFO, since="0.1", subject=Transfer)
def refer_notify_burst(transfer: Transfer, trace: Trace) -> Iterator[Hit]:  # noqa: ARG001
    """NOTIFYs of the refer event are sent no more often than once a second (RFC 3515 §3.10)."""
    burst = _burst(transfer.reports)
    if burst:
        yield _hit(transfer, burst, f"{len(burst)} NOTIFYs about one REFER came within a second.")
        return
    same = _repeated(transfer.reports)
    if same:
        yield _hit(transfer, same, f"The status {same[0].status} was told {len(same)} times one behind the other.")


def _burst(reports: Sequence[ProgressReport]) -> tuple[ProgressReport, ...]:
    """The first NOTIFYs within one second that are more than natural."""
    for place, first in enumerate(reports):
        within = tuple(item for item in reports[place:] if item.at <= first.at + WINDOW)
        if len(within) > NATURAL:
            return within
    return ()


def _repeated(reports: Sequence[ProgressReport]) -> tuple[ProgressReport, ...]:
    for status, group in groupby(reports, key=lambda report: report.status):
        told = tuple(group)
        if status is not None and len(told) > SAME:
            return told
    return ()


def _hit(transfer: Transfer, reports: Sequence[ProgressReport], text: str) -> Hit:
    return Hit(
        text=text,
        evidence=tuple(report_evidence(report) for report in reports),
        at=reports[0].at,
        identity=transfer_identity(transfer),
    )
