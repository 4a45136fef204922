"""A REFER that doesn't name exactly one place to go.

What it finds
    A REFER without Refer-To, with more than one value of it, or with a URI out of angle brackets that holds a question
    mark or a URI parameter: without the brackets everything behind the first semicolon belongs to the header field.
    The text says whether the receiver refused it with 400, as it must, or accepted it. A REFER that requires
    multiple-refer names a list, and a message that the capture cut is let be.
Why it matters
    The transfer button does nothing, or the wrong address is dialled.
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
              Refer-To: <sip:carol@192.0.2.30>, <sip:dave@192.0.2.40>
        2.1   bob -> alice  202
        2.2   bob -> alice  NOTIFY call=1 sipfrag=503
        2.3   alice -> bob  200
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
    - The transferor must send one Refer-To, and put its URI in angle brackets.
    - Does something on the way add a Refer-To of its own?
Sources
    RFC 3515 §2.1; RFC 3515 §2.4.1; RFC 3515 §2.4.2; RFC 3261 §20
"""

from collections.abc import Iterator

from sipscope.model.header_values import Address
from sipscope.model.message import Request
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import is_cut
from sipscope.rules.transfers import refer_evidence, transfer_identity

URI_PARAMETERS = ("method", "transport", "user", "maddr", "ttl", "lr", "gr")
"""Parameters that mean something in a URI only."""


@rule("XFER-001", name="refer-to-cardinality", severity=ERROR, since="0.1", subject=Transfer)
def refer_to_cardinality(transfer: Transfer, trace: Trace) -> Iterator[Hit]:  # noqa: ARG001
    """A REFER contains exactly one Refer-To value (RFC 3515 §2.4.1)."""
    request, final = transfer.refer.request, transfer.refer.final
    if request is None or is_cut(request) or "multiple-refer" in request.require:
        return
    fault = _fault(request)
    if fault is None:
        return
    received = "" if final is None else f" It was answered {final.label}."
    if final is not None and final.is_success:
        received = f" It was accepted with {final.label} all the same."
    yield Hit(
        text=f"The REFER {fault}.{received}",
        evidence=refer_evidence(transfer),
        at=request.at,
        identity=transfer_identity(transfer),
    )


def _fault(request: Request) -> str | None:
    count = sum(_values_in(value) for value in request.headers.all("refer-to"))
    if count == 0:
        return "has no Refer-To"
    target = request.refer_to
    bare = target is not None and not target.bracketed
    if count > 1 and not bare:
        return f"has {count} values of Refer-To, and one is allowed"
    misplaced = None if target is None or not bare else _misplaced(target, count)
    return None if misplaced is None else f"has a Refer-To without angle brackets: {misplaced}"


def _values_in(text: str) -> int:
    """How many values a header line has: commas within brackets or quotes part none."""
    count, in_brackets, in_quotes = 1, False, False
    for place, char in enumerate(text):
        if char == '"' and text[place - 1 : place] != "\\":
            in_quotes = not in_quotes
        elif not in_quotes and char in "<>":
            in_brackets = char == "<"
        elif not in_quotes and not in_brackets and char == ",":
            count += 1
    return count if text.strip() else 0


def _misplaced(target: Address, count: int) -> str | None:
    """What a bare URI holds that it mustn't."""
    if target.uri.headers or "?" in target.uri.text:
        return "what follows its question mark can't be told from parameters of the header field"
    if count > 1:
        return "its comma ends the value"
    parameter = next((name for name in URI_PARAMETERS if name in target.parameters), None)
    return None if parameter is None else f"its parameter {parameter} belongs to the header field, not to the URI"
