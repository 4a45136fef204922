"""Arrows: one message on one hop, with what a reader wants to know of it without opening it."""

from collections.abc import Iterator, Mapping, Sequence

from sipscope.model.header_values import Address
from sipscope.model.message import Message, Request, Response
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.time import Instant
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.views.ladder_rows import Arrow
from sipscope.views.tone import Tone, tone_of_status
from sipscope.views.words import media_lines_of


def arrows_of(
    transactions: Sequence[Transaction], lane_numbers: Mapping[str, int], trace: Trace, started_at: Instant
) -> Iterator[Arrow]:
    """An arrow for every message that is no retransmission."""
    roles = description_roles(trace.exchanges)
    for transaction in transactions:
        client, server = lane_numbers[transaction.key.client], lane_numbers[transaction.key.server]
        call = call_of(transaction, trace)
        for message in transaction.messages:
            from_client = isinstance(message, Request)
            copies = transaction.copies_of(message)
            last_copy = max((copy.at for copy in copies), default=None)
            yield Arrow(
                offset=message.at - started_at,
                at=message.at,
                source=client if from_client else server,
                destination=server if from_client else client,
                label=label_of(message),
                sequence=None if message.cseq is None else f"{message.cseq.number} {message.cseq.method}",
                details=tuple(_details(message, roles.get(message.id))),
                frame=message.frames[0],
                tone=_tone(message),
                repeats=len(copies),
                repeated_until=None if last_copy is None else last_copy - message.at,
                call=call,
            )


def call_of(transaction: Transaction, trace: Trace) -> int | None:
    """The call of a transaction: by its dialog, else by its Call-ID, as for CANCEL and PRACK."""
    known = trace.index.call_of_transaction.get(transaction.id)
    if known is not None:
        return known
    call_id = transaction.first.call_id
    return next((call.id for call in trace.calls if call_id is not None and call_id in call.call_ids), None)


def label_of(message: Message) -> str:
    """What stands on the arrow: method, or status and reason phrase."""
    return message.label if isinstance(message, Request | Response) else ""


def description_roles(exchanges: Sequence[OfferAnswerExchange]) -> dict[str, str]:
    """What the description in a message is, by message id: offer, answer, preview, or an answer said again."""
    roles: dict[str, str] = {}
    for exchange in exchanges:
        for repeat in exchange.repeats:
            roles.setdefault(repeat.id, "answer again")
        if exchange.preview_message is not None:
            roles[exchange.preview_message.id] = "preview"
        if exchange.answer_message is not None and exchange.answer is not None:
            roles[exchange.answer_message.id] = "answer"
        roles[exchange.offer_message.id] = "offer"
    return roles


def _tone(message: Message) -> Tone:
    return tone_of_status(message.status) if isinstance(message, Response) else Tone.REQUEST


def _details(message: Message, role: str | None) -> Iterator[str]:
    if isinstance(message, Request):
        yield from _request_details(message)
    elif isinstance(message, Response):
        yield from _response_details(message)
    for reason in message.reasons:
        words = [reason.value, reason.parameters.get("cause") or "", _quoted(reason.parameters.get("text"))]
        yield "Reason: " + " ".join(word for word in words if word)
    if message.description is not None:
        for line in media_lines_of(message.description, message.hop.source.address):
            yield f"{role or 'SDP'}: {line}"
    if message.early_description is not None:
        for line in media_lines_of(message.early_description, message.hop.source.address):
            yield f"early session: {line}"


def _request_details(request: Request) -> Iterator[str]:
    if request.to_tag is None and request.method == "INVITE":
        yield f"to {request.request_uri_text}"
    if request.replaces is not None:
        yield f"Replaces: {request.replaces.call_id}"
    if request.refer_to is not None:
        yield f"Refer-To: {_uri(request.refer_to)}"
    if request.refer_to_replaces is not None:
        yield f"  replaces {request.refer_to_replaces.call_id}"
    if request.event is not None:
        yield _event_line(request)
    yield from _fragment_lines(request)
    if request.method == "REGISTER":
        yield from _binding_lines(request)
    if request.credentials:
        yield "with credentials"


def _binding_lines(request: Request) -> Iterator[str]:
    """What a REGISTER asks for; a contact's own expires stands before Expires (RFC 3261 §10.2.1.1)."""
    if request.contact_is_star:
        yield "Contact: * (removes every binding)"
    for contact in request.contacts:
        yield f"Contact: {_uri(contact)}"
    stated = next((contact.parameters.get("expires") for contact in request.contacts), None)
    expires = stated if stated is not None else request.expires
    if expires is not None:
        yield f"expires {expires} s"


def _event_line(request: Request) -> str:
    words = [f"Event: {request.event.value}" if request.event is not None else ""]
    state = request.subscription_state
    if state is not None:
        reason = state.parameters.get("reason")
        words.append(state.value if reason is None else f"{state.value} ({reason})")
    elif request.expires is not None:
        words.append(f"expires {request.expires} s")
    return " · ".join(words)


def _fragment_lines(request: Request) -> Iterator[str]:
    """The first line of each message/sipfrag body (RFC 3420), which tells a transferor how far things are."""
    for part in request.parts:
        if part.content_type is not None and str(part.content_type) == "message/sipfrag":
            first = part.content.split(b"\r", 1)[0].split(b"\n", 1)[0]
            yield f"reports {first.decode('utf-8', 'surrogateescape').removeprefix('SIP/2.0 ')}"


def _response_details(response: Response) -> Iterator[str]:
    if 300 <= response.status < 400:
        yield from (f"Contact: {_uri(contact)}" for contact in response.contacts)
    if response.is_reliable_provisional:
        yield f"reliable, RSeq {response.rseq}"
    if response.challenges:
        realm = response.challenges[0].parameters.get("realm")
        yield "challenge" if realm is None else f'challenge, realm "{realm}"'
    if response.retry_after is not None:
        yield f"Retry-After: {response.retry_after.value} s"
    if response.min_se is not None and response.status == 422:
        yield f"Min-SE: {response.min_se} s"
    if response.status == 420 and response.unsupported:
        yield f"Unsupported: {', '.join(response.unsupported)}"
    for warning in response.warnings:
        yield f"Warning: {warning.code} {_quoted(warning.text)}"


def _uri(address: Address) -> str:
    """The URI without its headers, which may hold a whole Replaces."""
    return address.uri.text.partition("?")[0]


def _quoted(text: str | None) -> str:
    return f'"{text}"' if text else ""
