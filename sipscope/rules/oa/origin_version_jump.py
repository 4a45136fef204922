"""The version in a party's `o=` line falls, or rises by more than one.

What it finds
    A description whose `o=` line names the same session as the one that party sent before, with a lower version:
    a warning. A version that rises by more than one is a remark, told once for each party: descriptions in between
    may be out of view, and clocks taken for versions jump by design. Going back to an earlier description with its
    own version, as after a refused offer, is no fall. Versions that are no numbers aren't judged, nor are rises where
    a call forked, whose branches share a counter.
Why it matters
    Peers that accept only a greater version take a lower one for old news and ignore it: the hold, the new port or
    the new codec never takes effect.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              o=- 7 5 IN IP4 192.0.2.10
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE
              o=- 7 4 IN IP4 192.0.2.10
              m=audio 4010 RTP/AVP 0
        3.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        3.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              o=- 7 5 IN IP4 192.0.2.10
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE
              o=- 7 6 IN IP4 192.0.2.10
              m=audio 4010 RTP/AVP 0
        3.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        3.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - The product that sent it must count versions for each dialog, one by one, and not take them from a clock.
    - Does an SBC write some of the o= lines and let others pass?
    - Does the peer follow the change nevertheless? Then it doesn't look at versions.
Sources
    RFC 3264 §8
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from sipscope.model.comparison import differences
from sipscope.model.defects import Confidence
from sipscope.model.description import Origin, SessionDescription
from sipscope.model.dialog import Dialog, Leg, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.offer_answer import Ledger, OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, is_another_attempt, label_of, party_words, written_in

_NUMBER = re.compile(r"[0-9]{1,20}")
"""A version: 64 bits in decimal at most (RFC 4566 §5.2 recommends an NTP timestamp). Longer ones are not counted."""

_Written = tuple[SessionDescription, Message]


@rule("OA-006", name="origin-version-jump", severity=WARNING, since="0.1", subject=Dialog, needs=("several exchanges",))
def origin_version_jump(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """The version must increment by one from the previous description (RFC 3264 §8)."""
    for leg in dialog.legs:
        ledger = trace.index.ledgers.get((leg.id, dialog.id))
        if ledger is not None and len(ledger.exchanges) > 1:
            forked = len(trace.index.dialogs_of_call_id.get(dialog.key.call_id, ())) > 1
            yield from _of_ledger(dialog, ledger, trace, None if forked else leg)


def _of_ledger(dialog: Dialog, ledger: Ledger, trace: Trace, leg: Leg | None) -> Iterator[Hit]:
    """Falls, and jumps where a leg is given."""
    written: dict[Side, list[_Written]] = {Side.CALLER: [], Side.CALLEE: []}
    told: set[Side] = set()
    for exchange, side, description, message in _by_time(ledger):
        if is_another_attempt(exchange) and description is exchange.offer:
            written = {Side.CALLER: [], Side.CALLEE: []}
        step = _step(written[side], description)
        falls = step < 0 and not _goes_back(written[side], description)
        jumps = step > 1 and leg is not None and side not in told and not _follows(description, leg)
        if falls or jumps:
            told.add(side)
            yield _hit(dialog, exchange, trace, side, written[side][-1], (description, message))
        written[side].append((description, message))


def _by_time(ledger: Ledger) -> list[tuple[OfferAnswerExchange, Side, SessionDescription, Message]]:
    """What both sides wrote, in the order it was sent: where offers cross, that isn't the order of the offers."""
    found = [(exchange, *item) for exchange in ledger.exchanges for item in written_in(exchange)]
    return sorted(found, key=lambda item: (item[3].at, item[3].frames))


def _step(written: list[_Written], description: SessionDescription) -> int:
    """How far the version is from that of the party's last description; 0 where that can't be told."""
    before = written[-1][0].origin if written else None
    after = description.origin
    if before is None or after is None or _session(before) != _session(after):
        return 0
    versions = before.session_version, after.session_version
    if not all(_NUMBER.fullmatch(version) for version in versions):
        return 0
    return int(versions[1]) - int(versions[0])


def _follows(description: SessionDescription, leg: Leg) -> bool:
    """Whether a description of the version before is on that hop outside the exchanges: an offer that crossed."""
    origin = description.origin
    if origin is None:
        return False
    due = replace(origin, session_version=str(int(origin.session_version) - 1))
    return any(item.description is not None and item.description.origin == due for item in leg.messages)


def _session(origin: Origin) -> tuple[str, str]:
    return (origin.username, origin.session_id)


def _goes_back(written: list[_Written], description: SessionDescription) -> bool:
    """Whether a description says again what the party said under that version."""
    return any(earlier.origin == description.origin and not differences(earlier, description) for earlier, _ in written)


def _hit(
    dialog: Dialog, exchange: OfferAnswerExchange, trace: Trace, side: Side, before: _Written, after: _Written
) -> Hit:
    first, second = (_version(item) for item in (before, after))
    falls = int(second) < int(first)
    verb = "falls" if falls else "jumps"
    doubtful = guards.capture_lossy_near(trace, before[1].at, after[1].at)
    return Hit(
        text=(
            f"The version in the o= line of {party_words(exchange, trace, side)} {verb} from {first} to {second} "
            f"in the {label_of(after[1])}; it must rise by one when the description changes."
        ),
        evidence=(
            Evidence(frame=anchor(before[1]), note=f"before: o= version {first}"),
            Evidence(frame=anchor(after[1]), note=f"then: o= version {second}"),
        ),
        at=after[1].at,
        severity=WARNING if falls else INFO,
        confidence=Confidence.POSSIBLE if doubtful else Confidence.CERTAIN,
        guards=("The capture itself lost packets at that time.",) if doubtful else (),
        identity=(dialog.key, side, first, second),
    )


def _version(written: _Written) -> str:
    origin = written[0].origin
    return "0" if origin is None else origin.session_version
