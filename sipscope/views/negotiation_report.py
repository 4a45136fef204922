"""The negotiation of calls as plain values, for programs; secrets by their digests alone."""

from collections.abc import Sequence

from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.dialog import Side
from sipscope.model.message import Message
from sipscope.model.offer_answer import NegotiatedMedia, OfferAnswerExchange
from sipscope.model.time import iso8601
from sipscope.model.trace import Trace
from sipscope.views.negotiation import SeenNegotiation, negotiations_of, previous_of, section_of, status_of
from sipscope.views.negotiation_differences import differing
from sipscope.views.negotiation_others import OtherDescription
from sipscope.views.negotiation_words import agreed_codec, facts_of

SCHEMA = 1
"""Counts up when a name of the document changes or goes."""


def negotiation_document(trace: Trace, calls: Sequence[int], *, version: str) -> dict[str, object]:
    """The negotiations of some calls; times are ISO 8601 in UTC, and what was not seen is None."""
    return {
        "schema": SCHEMA,
        "sipscope": version,
        "path": trace.facts.path,
        "negotiations": [_report(item, call) for call in calls for item in negotiations_of(trace, call)],
    }


def _report(seen: SeenNegotiation, call: int) -> dict[str, object]:
    return {
        "call": call,
        "dialog": None if seen.dialog is None else seen.dialog.id,
        "session": "early-session" if seen.is_early else "session",
        "state": None if seen.dialog is None else seen.dialog.state.value,
        "hops": [{"caller": str(caller), "callee": str(callee)} for caller, callee in seen.hops],
        "exchanges": [_exchange(item) for item in seen.exchanges],
        "others": [_other(item) for item in seen.others],
    }


def _other(item: OtherDescription) -> dict[str, object]:
    return {
        "at": iso8601(item.message.at),
        "frames": list(item.message.frames),
        "by": item.side.value,
        "message": item.label,
        "role": item.role,
    }


def _exchange(item: OfferAnswerExchange) -> dict[str, object]:
    return {
        "id": item.id,
        "number": item.number,
        "at": iso8601(item.at),
        "offerer": item.offerer.value,
        "pattern": item.pattern.value,
        "outcome": item.outcome.value,
        "status": status_of(item),
        "offer": _description(item.offer, item.offer_message),
        "answer": _description(item.answer, item.answer_message),
        "preview": _preview(item),
        "media": [_media(each, item) for each in item.media],
    }


def _description(description: SessionDescription | None, message: Message | None) -> dict[str, object] | None:
    if description is None or message is None:
        return None
    origin = description.origin
    return {
        "frames": list(message.frames),
        "session_id": None if origin is None else origin.session_id,
        "session_version": None if origin is None else origin.session_version,
    }


def _preview(item: OfferAnswerExchange) -> dict[str, object] | None:
    shown = _description(item.preview, item.preview_message)
    if shown is None or item.preview is None:
        return None
    same = None if item.answer is None else not differing(item.preview, item.answer)
    return {**shown, "same_as_answer": same}


def _media(media: NegotiatedMedia, item: OfferAnswerExchange) -> dict[str, object]:
    codec = agreed_codec(media)
    return {
        "index": media.index,
        "accepted": media.is_accepted,
        "codec": None if codec is None else str(codec),
        "codecs": [str(each) for each in media.formats],
        "direction": None if media.direction is None else media.direction.value,
        **{side.value: _section(item, side, media.index) for side in Side},
    }


def _section(item: OfferAnswerExchange, side: Side, index: int) -> dict[str, object] | None:
    section = section_of(item.description_of(side), index)
    if section is None:
        return None
    previous = previous_of(item, side)
    return {
        "kind": section.kind,
        "port": section.port,
        "address": section.address,
        "protocol": section.protocol,
        "formats": [
            {"payload_type": each.payload_type, "codec": str(each), "parameters": each.parameters}
            for each in section.rtp_formats
        ]
        or list(section.formats),
        "direction": section.direction.value,
        "ptime_ms": section.ptime_ms,
        "mid": section.mid,
        "keys": next((fact.text for fact in facts_of(section) if fact.name == "keys"), None),
        "changed": None if previous is None else _changed(section, section_of(previous, index)),
    }


def _changed(section: MediaDescription, before: MediaDescription | None) -> list[str]:
    """Names of the properties that are not as in the last completed exchange."""
    known = {} if before is None else {fact.name: fact.meaning for fact in facts_of(before)}
    current = {fact.name: fact.meaning for fact in facts_of(section)}
    names = dict.fromkeys((*current, *known))
    return [name for name in names if current.get(name) != known.get(name)]
