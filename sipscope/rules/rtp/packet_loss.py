"""RTP packets of a stream are missing.

What it finds
    A stream of which 1 % or more of the expected packets never came (5 % and more is an error), or 3 % or more
    within some ten seconds. Expected is counted from the lowest to the highest sequence number; packets that came
    late or twice are not lost. Where the capture dropped packets meanwhile, RTCP of the receiver reports next to no
    loss, more than half is missing, or nearly all of it in one run of more than 250 packets, the packets may have
    gone another way: then it is possible only, and a warning.
Why it matters
    Choppy speech; fax fails above some tenths of a percent.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        0.2-9 alice => bob  PCMU loss=4%
        0.2-9 bob => alice  PCMU
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        0.2-9 alice => bob  PCMU
        0.2-9 bob => alice  PCMU
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - Capture next to the sender as well: loss that is there already comes from the sender or its LAN, loss that
      is only here from the way between.
    - Look for Wi-Fi, an overloaded uplink without priority for voice, or a policer.
    - Compare with the receiver reports of RTCP, which tell the loss of the whole way.
Sources
    RFC 3550 §6.4.1; RFC 3550 Appendix A.3; RFC 3611 §4.7.1
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.offer_answer import Basis, MediaInForce
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import ERROR, WARNING, Hit, rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOW: Duration = 10 * SECOND
FEWEST_EXPECTED = 100
FEWEST_LOST = 3
LONGEST_OUTAGE = 250
"""Packets in one run, 5 s of speech, beyond which a hole is an interruption and no loss of single packets."""


@rule("RTP-018", name="packet-loss", severity=WARNING, since="0.1", subject=RtpStream)
def packet_loss(stream: RtpStream, trace: Trace) -> Iterator[Hit]:
    """Loss is expected minus received, late and double packets aside (RFC 3550 Appendix A.3)."""
    if stream.expected < FEWEST_EXPECTED or stream.lost < FEWEST_LOST or _moved_meanwhile(stream, trace):
        return
    threshold = trace.policy.threshold
    if stream.loss_percent < threshold("loss_warning_percent"):
        worst = _worst_window(stream)
        if worst is None or worst < threshold("loss_window_percent"):
            return
    confidence, doubts = _confidence(stream, trace)
    is_grave = stream.loss_percent >= threshold("loss_error_percent") and confidence is not Confidence.POSSIBLE
    ratio = "" if stream.burst_ratio is None else f", burst ratio {stream.burst_ratio:.2f}"
    codec = stream.codec or f"payload type {stream.payload_types[0]}"
    yield Hit(
        text=(
            f"{stream.lost} of {stream.expected} packets ({stream.loss_percent:.1f} %) of the {codec} stream "
            f"{stream.hop} are missing, at most {stream.longest_loss_run} in a row{ratio}."
        ),
        evidence=(
            Evidence(frame=stream.first_frame, note=f"first packet of SSRC 0x{stream.ssrc:08x}"),
            Evidence(frame=stream.last_frame, note="last packet"),
        ),
        at=stream.first_packet_at,
        severity=ERROR if is_grave else None,
        confidence=confidence,
        guards=doubts,
    )


def _moved_meanwhile(stream: RtpStream, trace: Trace) -> bool:
    """Whether the receiver asked for its media elsewhere for a while: the missing part went there."""
    binding = stream.binding
    ledger = None if binding is None else trace.index.ledgers.get((binding.leg_id, binding.dialog_id))
    if binding is None or ledger is None:
        return False
    sections = ledger.sections(binding.receiver, binding.media_index)
    return any(
        _elsewhere(item, stream) and stream.first_packet_at < item.since < stream.last_packet_at for item in sections
    )


def _elsewhere(item: MediaInForce, stream: RtpStream) -> bool:
    target = stream.hop.destination
    if (item.media.address, item.media.port) != (target.address, target.port) or not item.direction.receives:
        return True
    # A fax that was agreed on may take over the port that speech had.
    return item.basis is Basis.ANSWER and not item.media.is_rtp


def _worst_window(stream: RtpStream) -> float | None:
    """Highest loss in percent over ten seconds, from the series; None where the stream is shorter."""
    series = stream.series
    if series is None or stream.last_packet_at - stream.first_packet_at < WINDOW or series.width > WINDOW:
        return None
    bins = min(max(1, WINDOW // series.width), len(series.lost))
    missing, received = _sums(series.lost, bins), _sums(series.packets, bins)
    enough = missing + received >= FEWEST_EXPECTED
    if not enough.any():
        return 0.0
    return float((100.0 * missing[enough] / (missing + received)[enough]).max())


def _sums(counts: "NDArray[np.int64]", bins: int) -> "NDArray[np.int64]":
    """The sum of every `bins` counts that follow one another."""
    total = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(counts)))
    return total[bins:] - total[:-bins]


def _confidence(stream: RtpStream, trace: Trace) -> tuple[Confidence, tuple[str, ...]]:
    if guards.capture_lossy_near(trace, stream.first_packet_at, stream.last_packet_at):
        return Confidence.POSSIBLE, ("The capture itself lost packets at that time.",)
    reports = stream.rtcp.receiver_reports
    if len(reports) >= 2 and reports[-1].cumulative_lost < stream.lost / 10:
        text = f"The receiver reports only {reports[-1].cumulative_lost} lost by RTCP: the capture may have lost them."
        return Confidence.POSSIBLE, (text,)
    if stream.longest_loss_run >= 0.9 * stream.lost and stream.longest_loss_run > LONGEST_OUTAGE:
        text = f"{stream.longest_loss_run} of them in one run: the sender may have sent elsewhere, such as a fax."
        return Confidence.POSSIBLE, (text,)
    if stream.loss_percent > 50:
        text = "More than half is missing: the capture may hold only a part of the stream."
        return Confidence.POSSIBLE, (text,)
    return Confidence.CERTAIN, ()
