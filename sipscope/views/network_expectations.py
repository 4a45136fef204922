"""What the policy wants of every call of a network: codecs, and how digits are sent."""

from collections.abc import Iterable, Iterator

from sipscope.model.description import SessionDescription
from sipscope.model.offer_answer import ExchangeOutcome
from sipscope.model.policy import Digits
from sipscope.model.trace import Trace

_WAYS = {Digits.EVENTS: "RTP events", Digits.INFO: "INFO"}
"""How the services of a call name the ways."""


def network_failures(trace: Trace) -> Iterator[tuple[str, list[str]]]:
    """What the policy says of codecs and digits, each with what breaks it; nothing where it says nothing."""
    policy = trace.policy
    if policy.required_codecs or policy.forbidden_codecs:
        told = dict.fromkeys((*_agreed(trace), *_not_offered(trace)))
        yield "codecs of the network", list(told)
    if policy.digits is not None:
        yield "digits of the network", list(_digits(trace, _WAYS[policy.digits]))


def _agreed(trace: Trace) -> Iterator[str]:
    """Forbidden codecs in answers, once a call."""
    forbidden = {name.upper() for name in trace.policy.forbidden_codecs}
    seen: set[tuple[str, str]] = set()
    for exchange in trace.exchanges:
        if exchange.outcome is not ExchangeOutcome.ANSWERED or exchange.answer_message is None:
            continue
        for name in sorted(forbidden & set(_encodings(exchange.answer))):
            call = _call(trace, exchange.dialog_id)
            if (call, name) not in seen:
                seen.add((call, name))
                yield f"{call}: {name} is agreed on in frame {exchange.answer_message.frames[0]}"


def _not_offered(trace: Trace) -> Iterator[str]:
    """Required codecs that the first offer of a call lacks, once a call; an offer of no audio is asked for none."""
    seen: set[tuple[str, str]] = set()
    for exchange in trace.exchanges:
        offered = set(_encodings(exchange.offer, "audio"))
        if not exchange.is_initial or not exchange.history_complete or not offered:
            continue
        for name in trace.policy.required_codecs:
            call = _call(trace, exchange.dialog_id)
            if name.upper() not in offered and (call, name) not in seen:
                seen.add((call, name))
                yield f"{call}: {name} isn't offered in frame {exchange.offer_message.frames[0]}"


def _digits(trace: Trace, way: str) -> Iterator[str]:
    for call in trace.calls:
        for service in call.services:
            if service.name == "digits" and not service.detail.endswith(f" by {way}"):
                # Which digits they are is nobody's business here: they may be somebody's PIN.
                yield f"call {call.id}: digits by {service.detail.rpartition(' by ')[2]} in frame {service.frames[0]}"


def _encodings(description: SessionDescription | None, kind: str | None = None) -> Iterable[str]:
    """Names of the codecs in sections that aren't refused, in capitals."""
    for section in () if description is None else description.media:
        if section.port and kind in {None, section.kind}:
            yield from (item.encoding.upper() for item in section.rtp_formats if item.encoding is not None)


def _call(trace: Trace, dialog_id: str) -> str:
    number = trace.index.call_of_dialog.get(dialog_id)
    return "outside of calls" if number is None else f"call {number}"
