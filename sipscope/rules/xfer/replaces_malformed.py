"""A Replaces header that can't be read, in a request or in the URI of Refer-To.

What it finds
    Replaces without exactly one to-tag and one from-tag; more than one Replaces; Replaces in a request that isn't an
    INVITE, or together with Join; in Refer-To, a Replaces whose characters aren't escaped, so that it falls apart at a
    semicolon, an equals sign or an at sign, or that was escaped twice. A tag of zero is a tag, and the characters
    that a header in a URI may hold need no escape.
Why it matters
    The target answers 400 or 481, or takes the transfer for a new call.
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
        1.0   alice -> carol INVITE call=c
              m=audio 4002 RTP/AVP 0
        1.1   carol -> alice 200 tag=c9
              m=audio 6002 RTP/AVP 0
        1.2   alice -> carol ACK
        2.0   alice -> bob  REFER call=1
              Refer-To: <sip:carol@192.0.2.30?Replaces=c@192.0.2.10;to-tag=c9;from-tag=alice-c>
        2.1   bob -> alice  202
        2.2   bob -> alice  NOTIFY call=1 sipfrag=100
        2.3   alice -> bob  200
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Replaces: c@192.0.2.10;to-tag=c9;from-tag=alice-c
              Referred-By: <sip:alice@192.0.2.10>
        2.5   carol -> bob  200 call=2
              m=audio 6000 RTP/AVP 0
        2.6   bob -> carol  ACK call=2
        2.65  carol -> alice BYE call=c
        2.66  alice -> carol 200
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
        1.0   alice -> carol INVITE call=c
              m=audio 4002 RTP/AVP 0
        1.1   carol -> alice 200 tag=c9
              m=audio 6002 RTP/AVP 0
        1.2   alice -> carol ACK
        2.0   alice -> bob  REFER call=1
              Refer-To: <sip:carol@192.0.2.30?Replaces=c%40192.0.2.10%3Bto-tag%3Dc9%3Bfrom-tag%3Dalice-c>
        2.1   bob -> alice  202
        2.2   bob -> alice  NOTIFY call=1 sipfrag=100
        2.3   alice -> bob  200
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Replaces: c@192.0.2.10;to-tag=c9;from-tag=alice-c
              Referred-By: <sip:alice@192.0.2.10>
        2.5   carol -> bob  200 call=2
              m=audio 6000 RTP/AVP 0
        2.6   bob -> carol  ACK call=2
        2.65  carol -> alice BYE call=c
        2.66  alice -> carol 200
        2.7   bob -> alice  NOTIFY call=1 sipfrag=200
        2.8   alice -> bob  200
        3.0   alice -> bob  BYE call=1
        3.1   bob -> alice  200
        9.0   bob -> carol  BYE call=2
        9.1   carol -> bob  200 call=2
What to check
    - Whoever writes Refer-To must escape the value of Replaces once; whoever acts on it must decode it once.
    - Does an SBC rewrite Refer-To, and decode or encode it on the way?
Sources
    RFC 3891 §3; RFC 3891 §6.1; RFC 3261 §25.1
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import is_cut

_UNESCAPED = re.compile(r"[;=@]")
"""Characters of a Replaces value that no hvalue may hold (RFC 3261 §25.1)."""

_ESCAPED_TWICE = re.compile(r"%25(?:3B|3D|40)", re.IGNORECASE)


@rule(
    "XFER-013",
    name="replaces-malformed",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("request", ("replaces", "refer-to")),
)
def replaces_malformed(transaction: Transaction, trace: Trace) -> Iterator[Hit]:  # noqa: ARG001
    """Replaces has exactly one to-tag and one from-tag, and stands in an INVITE alone (RFC 3891 §3, §6.1)."""
    request = transaction.request
    if request is None or is_cut(request) or not {"replaces", "refer-to"} & set(request.headers.names):
        return
    fault = _fault_in_refer_to(request) if request.method == "REFER" else _fault_of_header(request)
    if fault is None:
        return
    header = "refer-to" if request.method == "REFER" else "replaces"
    final = transaction.final
    evidence = [Evidence(frame=request.frames[-1], note=f"{header.title()}: {request.headers.get(header) or ''}")]
    if final is not None:
        evidence.append(Evidence(frame=final.frames[-1], note=final.label))
    yield Hit(
        text=f"{fault}.",
        evidence=tuple(evidence),
        at=request.at,
        identity=(request.call_id, request.from_tag, request.cseq),
    )


def _fault_of_header(request: Request) -> str | None:
    values = request.headers.all("replaces")
    if not values:
        return None
    if request.method != "INVITE":
        return f"Replaces stands in {request.method}, and is defined for INVITE only"
    if len(values) > 1 or "," in values[0]:
        return "The INVITE has more than one Replaces"
    if "join" in request.headers:
        return "The INVITE has both Replaces and Join, which contradict each other"
    fault = _fault_of_tags(values[0])
    return None if fault is None else f"Replaces has {fault}: {values[0]}"


def _fault_in_refer_to(request: Request) -> str | None:
    headers = [] if request.refer_to is None else request.refer_to.uri.text.partition("?")[2].split("&")
    place = next((number for number, text in enumerate(headers) if text.lower().startswith("replaces=")), None)
    if place is None:
        return None
    value = headers[place].partition("=")[2]
    if _UNESCAPED.search(value):
        return f"Replaces in Refer-To isn't escaped: {value}"
    if _ESCAPED_TWICE.search(value):
        return f"Replaces in Refer-To was escaped twice: {value}"
    rest = headers[place + 1] if place + 1 < len(headers) else None
    if rest is not None and "=" not in rest:
        return f"Replaces in Refer-To is cut by an ampersand that isn't escaped: {value}&{rest}"
    fault = _fault_of_tags(unquote(value))
    return None if fault is None else f"Replaces in Refer-To has {fault}: {value}"


def _fault_of_tags(value: str) -> str | None:
    """Which tag is missing or there twice, in words."""
    names = [parameter.partition("=")[0].strip().lower() for parameter in value.split(";")[1:]]
    for name in ("to-tag", "from-tag"):
        count = names.count(name)
        if count != 1:
            return f"no {name}" if count == 0 else f"{count} times {name}"
    return None
