"""A REFER was accepted with 202 by a peer that knows better.

What it finds
    A REFER answered 202 where the peer shows that it follows RFC 6665: its Contact is a GRUU, or it supports gruu,
    tdialog or explicitsub. Older peers must answer 202, and both codes mean the same.
Why it matters
    Nothing breaks; a strict test of conformance fails.
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
              Supported: replaces, tdialog
        2.2   bob -> alice  NOTIFY call=1 sipfrag=100
        2.3   alice -> bob  200
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Referred-By: <sip:alice@192.0.2.10>
        2.5   carol -> bob  200 call=2
              m=audio 6000 RTP/AVP 0
        2.6   bob -> carol  ACK call=2
        2.7   bob -> alice  NOTIFY call=1 sipfrag=200
        2.8   alice -> bob  200
        3.0   alice -> bob  BYE call=1
        3.1   bob -> alice  200
        9.0   bob -> carol  BYE call=2
        9.1   carol -> bob  200 call=2
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
        2.1   bob -> alice  200
              Supported: replaces, tdialog
        2.2   bob -> alice  NOTIFY call=1 sipfrag=100
        2.3   alice -> bob  200
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Referred-By: <sip:alice@192.0.2.10>
        2.5   carol -> bob  200 call=2
              m=audio 6000 RTP/AVP 0
        2.6   bob -> carol  ACK call=2
        2.7   bob -> alice  NOTIFY call=1 sipfrag=200
        2.8   alice -> bob  200
        3.0   alice -> bob  BYE call=1
        3.1   bob -> alice  200
        9.0   bob -> carol  BYE call=2
        9.1   carol -> bob  200 call=2
What to check
    - Let the transferee answer 200.
Sources
    RFC 6665 §8.3.1; RFC 7647 §5
"""

from collections.abc import Iterator

from sipscope.model.message import Response
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer
from sipscope.rules.api import INFO, Hit, rule
from sipscope.rules.transfers import refer_evidence, transfer_identity

MODERN = frozenset({"gruu", "tdialog", "explicitsub"})


@rule("XFER-003", name="accepted-code-deprecated", severity=INFO, since="0.1", subject=Transfer)
def accepted_code_deprecated(transfer: Transfer, trace: Trace) -> Iterator[Hit]:  # noqa: ARG001
    """202 is kept for historical purposes only (RFC 6665 §8.3.1)."""
    final = transfer.refer.final
    if final is not None and final.status == 202 and _is_modern(final):
        yield Hit(
            text="The REFER was accepted with 202, and its receiver shows that it knows RFC 6665, by which it is 200.",
            evidence=refer_evidence(transfer),
            at=final.at,
            identity=transfer_identity(transfer),
        )


def _is_modern(response: Response) -> bool:
    return bool(MODERN & set(response.supported)) or any("gr" in item.uri.parameters for item in response.contacts)
