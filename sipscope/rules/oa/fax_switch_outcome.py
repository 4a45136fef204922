"""A call switches to fax by T.38, or tries to.

What it finds
    A new offer with T.38 in a call that had none, and what became of it. Accepted: information, or a warning where the
    answer raises the version, or changes the rate management or the error correction. Refused with 488, 415 or 606:
    information where the call goes on, for fax then passes as audio, and an error where a BYE follows within 10 s.
    Answered with port 0: a warning. Where offer or answer leave audio and fax to choose from, it is a choice.
Why it matters
    Failed faxes are negotiated away silently: the operator sees a short call and nothing else.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 8
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 8
        0.2   alice -> bob  ACK
        5.0   bob -> alice  INVITE
              m=image 6000 udptl t38
              a=T38FaxVersion:0
        5.1   alice -> bob  488
        5.2   bob -> alice  ACK
        6.0   bob -> alice  BYE
        6.1   alice -> bob  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 8
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 8
        0.2   alice -> bob  ACK
        5.0   bob -> alice  INVITE
              m=audio 5002 RTP/AVP 8
        5.1   alice -> bob  200
              m=audio 4000 RTP/AVP 8
        5.2   bob -> alice  ACK
        60.0  bob -> alice  BYE
        60.1  alice -> bob  200
What to check
    - Let the gateway that is refused go on with G.711, without silence suppression and echo cancellation.
    - Is T.38 enabled on both ends, and on every SBC between them?
    - The answer keeps to the offered version, rate management and error correction, or lowers the version.
Sources
    RFC 3264 §8.3.3; RFC 3362 §3.1
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence, Severity
from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Response
from sipscope.model.offer_answer import ExchangeOutcome, NegotiatedMedia, OfferAnswerExchange
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, INFO, WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, exchange_identity, label_of, media_lines, pair_evidence

SOON: Duration = 10 * SECOND
"""A call that ends so soon behind the refusal ends because of it."""

_REFUSALS = frozenset({415, 488, 606})
_KEPT = ("t38faxratemanagement", "t38faxudpec")
"""What the answer may not change (ITU-T T.38 Annex D)."""


@rule(
    "OA-033",
    name="fax-switch-outcome",
    severity=WARNING,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("described before",),
)
def fax_switch_outcome(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """A media type changes in its slot by a new offer (RFC 3264 §8.3.3)."""
    fax = next((item for item in exchange.offer.media if _is_fax(item)), None)
    if fax is None or exchange.is_initial or exchange.previous_offerer is None or _has_fax(exchange.previous_offerer):
        return
    if exchange.outcome is ExchangeOutcome.REJECTED:
        yield from _refused(exchange, trace, fax)
    elif exchange.outcome is ExchangeOutcome.ANSWERED and exchange.answer is not None:
        media = next((item for item in exchange.media if item.index == fax.index), None)
        if media is not None:
            yield from _answered(exchange, exchange.answer, trace, media)


def _is_fax(section: MediaDescription) -> bool:
    """T.38 over UDPTL, TCP or RTP, with a port."""
    return section.kind == "image" and bool(section.port) and "t38" in {item.lower() for item in section.formats}


def _has_fax(description: SessionDescription) -> bool:
    return any(_is_fax(section) for section in description.media)


def _refused(exchange: OfferAnswerExchange, trace: Trace, fax: MediaDescription) -> Iterator[Hit]:
    refusal = exchange.answer_message
    if not isinstance(refusal, Response) or refusal.status not in _REFUSALS:
        return
    bye = _bye_behind(exchange, refusal, trace)
    outcome, severity = "the call goes on, and fax passes as audio if at all", INFO
    evidence = [
        Evidence(frame=anchor(exchange.offer_message), note=f"offer: {fax.media_line}"),
        Evidence(frame=anchor(refusal), note=label_of(refusal)),
    ]
    if bye is not None:
        outcome, severity = f"a BYE follows {in_seconds(bye.at - refusal.at):.1f} s later", ERROR
        evidence.append(Evidence(frame=anchor(bye), note="BYE"))
    yield _hit(exchange, trace, f"was refused with {label_of(refusal)}: {outcome}", severity, tuple(evidence))


def _bye_behind(exchange: OfferAnswerExchange, refusal: Response, trace: Trace) -> Message | None:
    """A BYE soon behind the refusal, where no other offer came between."""
    ledger = trace.index.ledgers.get((exchange.leg_id, exchange.dialog_id))
    later = () if ledger is None else ledger.exchanges[exchange.number :]
    dialog = trace.index.dialogs[exchange.dialog_id]
    for bye in dialog.byes:
        request = bye.request
        if request is not None and refusal.at < request.at <= refusal.at + SOON:
            return None if any(item.at < request.at for item in later) else request
    return None


def _answered(
    exchange: OfferAnswerExchange, answer: SessionDescription, trace: Trace, media: NegotiatedMedia
) -> Iterator[Hit]:
    if media.offer is None:
        return
    lines = pair_evidence(exchange, media.offer.media_line, media_lines(answer))
    if media.answer is None or not _is_fax(media.answer):
        if not _chose_audio(exchange, answer):
            yield _hit(exchange, trace, "was answered without it", WARNING, lines)
        return
    changed = tuple(_changes(media.offer, media.answer))
    if changed:
        text = f"was accepted, but the answer changes {' and '.join(changed)}"
        yield _hit(exchange, trace, text, WARNING, pair_evidence(exchange, _stated(media.offer), _stated(media.answer)))
    else:
        yield _hit(exchange, trace, "was accepted", INFO, lines)


def _chose_audio(exchange: OfferAnswerExchange, answer: SessionDescription) -> bool:
    """Whether audio was offered beside it, and taken."""
    offered = {item.index for item in exchange.offer.media if item.kind == "audio" and item.port}
    return any(item.index in offered and item.kind == "audio" and item.port for item in answer.media)


def _changes(offered: MediaDescription, answered: MediaDescription) -> Iterator[str]:
    before, after = _attributes(offered), _attributes(answered)
    version = before.get("t38faxversion", "0"), after.get("t38faxversion", "0")
    if all(item.isdecimal() for item in version) and int(version[1]) > int(version[0]):
        yield f"T38FaxVersion from {version[0]} to {version[1]}"
    for name in _KEPT:
        if name in before and name in after and before[name].lower() != after[name].lower():
            yield f"{name} from {before[name]} to {after[name]}"


def _attributes(section: MediaDescription) -> dict[str, str]:
    return {item.name.lower(): (item.value or "").strip() for item in section.attributes}


def _stated(section: MediaDescription) -> str:
    told = [f"a={item.name}:{item.value}" for item in section.attributes if item.name.lower().startswith("t38")]
    return ", ".join((section.media_line, *told))


def _hit(
    exchange: OfferAnswerExchange, trace: Trace, outcome: str, severity: Severity, evidence: tuple[Evidence, ...]
) -> Hit:
    return Hit(
        text=f"The {exchange.offerer} offered T.38 fax in its {label_of(exchange.offer_message)}; that {outcome}.",
        evidence=evidence,
        at=exchange.at,
        severity=severity,
        confidence=Confidence.LIKELY,
        identity=exchange_identity(exchange, trace, "fax"),
    )
