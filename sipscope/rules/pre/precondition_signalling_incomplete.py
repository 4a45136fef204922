"""An offer sets preconditions, and its message doesn't name the extensions that they need.

What it finds
    An offer with `a=des` lines whose message has the option tag `precondition` neither in Require nor in Supported;
    or an INVITE of a new dialog with such an offer that doesn't list `100rel`. Mandatory preconditions of a message
    that has the tag in Supported alone aren't told: 3GPP's networks do so on purpose, to reach callees that don't
    know the extension.
Why it matters
    The callee takes the lines for unknown attributes, and rings before there are resources; or it can't tell its own
    status before the answer.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Supported: 100rel
              m=audio 4000 RTP/AVP 0
              a=curr:qos local none
              a=curr:qos remote none
              a=des:qos optional local sendrecv
              a=des:qos none remote sendrecv
        0.1   bob -> alice  180
        0.2   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.3   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Supported: 100rel, precondition
              m=audio 4000 RTP/AVP 0
              a=curr:qos local none
              a=curr:qos remote none
              a=des:qos optional local sendrecv
              a=des:qos none remote sendrecv
        0.1   bob -> alice  180
        0.2   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.3   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - The offering product should set `Require: precondition` where a strength is mandatory, else
      `Supported: precondition`, and `Supported: 100rel` in each case.
    - Does an element at the border of the network strip option tags? Compare the message on its other side.
Sources
    RFC 3312 §11
"""

from collections.abc import Iterator, Sequence

from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, is_cut, label_of, party_words
from sipscope.rules.preconditions import OPTION_TAG, Demand, demands_of


@rule(
    "PRE-001",
    name="precondition-signalling-incomplete",
    severity=WARNING,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("a=des",),
)
def precondition_signalling_incomplete(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """The tag stands in Require or Supported, and 100rel in Supported beside it (RFC 3312 §11)."""
    carrier = exchange.offer_message
    demands = demands_of(exchange.offer)
    if not demands:
        return
    missing = _missing(carrier)
    if not missing or is_cut(carrier):
        return
    shown = _strongest(demands)
    yield Hit(
        text=(
            f"{party_words(exchange, trace, exchange.offerer).capitalize()} offers {shown.strength} preconditions in "
            f"its {label_of(carrier)}, which names {missing} neither in Require nor in Supported."
        ),
        evidence=(Evidence(frame=anchor(carrier), note=f"{shown.section.media_line}, {shown}; {_tags(carrier)}"),),
        at=exchange.at,
        identity=(carrier.call_id, carrier.cseq, exchange.offerer, missing),
    )


def _missing(carrier: Message) -> str:
    """The option tag that isn't there; empty where none is missed."""
    named = {*carrier.require, *carrier.supported}
    if OPTION_TAG not in named:
        return OPTION_TAG
    begins = isinstance(carrier, Request) and carrier.method == "INVITE" and carrier.to_tag is None
    return "100rel" if begins and "100rel" not in named else ""


def _strongest(demands: Sequence[Demand]) -> Demand:
    """The mandatory demand that there is, else the first."""
    return next((demand for demand in demands if demand.is_mandatory), demands[0])


def _tags(carrier: Message) -> str:
    required = f"Require: {', '.join(carrier.require)}" if carrier.require else "no Require"
    supported = f"Supported: {', '.join(carrier.supported)}" if carrier.supported else "no Supported"
    return f"{required}, {supported}"
