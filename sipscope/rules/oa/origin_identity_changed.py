"""A party's `o=` line names another session in the middle of a dialog.

What it finds
    A description whose user name or session id in the `o=` line differs from that of the same party's description
    before, in the same dialog; where the address alone changed, it is a remark, because elements that rewrite
    addresses do so. It is told once for each party. An INVITE that is tried again is no change.
Why it matters
    By its definition that announces another session: some products refuse it with 488, others ignore it. It is the
    mark of a B2BUA that joins two calls after a transfer, for music on hold, or on fail-over, and what it does to
    versions and payload types is explained by it.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              o=alice 1 1 IN IP4 192.0.2.10
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE
              o=music 99 1 IN IP4 192.0.2.10
              m=audio 4000 RTP/AVP 0
              a=sendonly
        3.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=recvonly
        3.2   alice -> bob  ACK
        3.3   alice -> bob  INVITE
              o=music 99 2 IN IP4 192.0.2.10
              m=audio 4000 RTP/AVP 0
        3.4   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        3.5   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              o=alice 1 1 IN IP4 192.0.2.10
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE
              o=alice 1 2 IN IP4 192.0.2.10
              m=audio 4002 RTP/AVP 0
        3.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        3.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - The element that joins the calls should write an o= line of its own on each side, and count its version up.
    - Which service was at work at that moment: transfer, music on hold, fail-over, recording?
    - Where the peer refuses or ignores the change, does it accept a description that differs in the version alone?
Sources
    RFC 3264 §8
"""

from collections.abc import Iterator

from sipscope.model.description import Origin, SessionDescription
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.offer_answer import Ledger
from sipscope.model.trace import Trace
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, is_another_attempt, label_of, party_words, written_in


@rule(
    "OA-007",
    name="origin-identity-changed",
    severity=WARNING,
    since="0.1",
    subject=Dialog,
    needs=("several exchanges",),
)
def origin_identity_changed(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """The o= line of a description that modifies a session is the one before but for the version (RFC 3264 §8)."""
    for leg in dialog.legs:
        ledger = trace.index.ledgers.get((leg.id, dialog.id))
        if ledger is not None and len(ledger.exchanges) > 1:
            yield from _of_ledger(dialog, ledger, trace)


def _of_ledger(dialog: Dialog, ledger: Ledger, trace: Trace) -> Iterator[Hit]:
    before: dict[Side, tuple[SessionDescription, Message]] = {}
    told: set[Side] = set()
    for exchange in ledger.exchanges:
        if is_another_attempt(exchange):
            before.clear()
        for side, description, message in written_in(exchange):
            known = before.get(side)
            before[side] = (description, message)
            if known is None or side in told or not _changed(known[0].origin, description.origin):
                continue
            told.add(side)
            same = _number(known[0].origin) == _number(description.origin)
            what = "has another address" if same else "names another session"
            yield Hit(
                text=(
                    f"The o= line of {party_words(exchange, trace, side)} in the {label_of(message)} {what} than its "
                    "description before; within a dialog the version alone may change."
                ),
                evidence=(
                    Evidence(frame=anchor(known[1]), note=f"before: {_line(known[0].origin)}"),
                    Evidence(frame=anchor(message), note=f"then: {_line(description.origin)}"),
                ),
                at=message.at,
                severity=INFO if same else WARNING,
                identity=(dialog.key, side),
            )


def _changed(before: Origin | None, after: Origin | None) -> bool:
    return before is not None and after is not None and _session(before) != _session(after)


def _session(origin: Origin) -> tuple[str, ...]:
    return (origin.username, origin.session_id, origin.network_type, origin.address_type, origin.address)


def _number(origin: Origin | None) -> tuple[str, ...]:
    return () if origin is None else (origin.username, origin.session_id)


def _line(origin: Origin | None) -> str:
    if origin is None:
        return "no o= line"
    first, number, *rest = _session(origin)
    return f"o={first} {number} {origin.session_version} {' '.join(rest)}"
