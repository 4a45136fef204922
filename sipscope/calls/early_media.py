"""The time before the answer of a call: who answered provisionally, and what media came to the caller meanwhile."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sipscope.calls.pick_up import pick_up_of
from sipscope.model.call import Call
from sipscope.model.description import MediaDescription
from sipscope.model.dialog import Dialog, Side
from sipscope.model.early_media import EarlyPhase, Gate, can_receive
from sipscope.model.message import Message, Request, Response
from sipscope.model.network import Endpoint
from sipscope.model.stream import RtpStream
from sipscope.model.time import Instant
from sipscope.model.transaction import Transaction
from sipscope.values import replace


def with_early_phases(
    calls: Sequence[Call], streams: Sequence[RtpStream], capture_ended_at: Instant | None
) -> tuple[Call, ...]:
    """The calls with the time before their answer, and the moment of it.

    Args:
        calls: All calls.
        streams: All streams, with the id of their call in the binding.
        capture_ended_at: Where an open call is cut.
    """
    own: dict[int, list[RtpStream]] = {}
    unbound: dict[Endpoint, list[RtpStream]] = {}
    for stream in streams:
        if stream.binding is None:
            unbound.setdefault(stream.hop.destination, []).append(stream)
        elif stream.binding.call_id is not None:
            own.setdefault(stream.binding.call_id, []).append(stream)
    found: list[Call] = []
    for call in calls:
        early = early_phase_of(call, own.get(call.id, ()), unbound, capture_ended_at)
        pick_up = pick_up_of(call, own.get(call.id, ()))
        found.append(call if early is None and pick_up is None else replace(call, early=early, pick_up=pick_up))
    return tuple(found)


def early_phase_of(
    call: Call,
    streams: Sequence[RtpStream],
    unbound: Mapping[Endpoint, Sequence[RtpStream]],
    capture_ended_at: Instant | None,
) -> EarlyPhase | None:
    """The early phase of a call; None where nothing came before its final response, or the capture starts later.

    Args:
        call: The call.
        streams: Those bound to its dialogs.
        unbound: Streams that belong to no session, by where they were sent: an early session is none.
        capture_ended_at: Where an open call is cut.
    """
    invite = _last_attempt(call)
    if invite is None or invite.request is None:
        return None
    provisionals = tuple([item for item in invite.provisionals if item.status > 100])
    end = invite.final.at if invite.final is not None else capture_ended_at
    said = _messages_before(call, end)
    sessions = _early_sessions(invite, said, end)
    towards = (*_to_caller(call, streams), *_of_early_sessions(sessions, call, unbound)) if streams or sessions else ()
    heard = {item.id: item for item in towards}
    began = [at for item in heard.values() if (at := item.first_packet_after(invite.started_at)) is not None]
    if end is None or not (provisionals or any(at < end for at in began)):
        return None
    return EarlyPhase(
        invite=invite,
        provisionals=provisionals,
        start=min([item.at for item in provisionals] + [at for at in began if at < end]),
        end=end,
        final=invite.final,
        streams=tuple(heard.values()),
        tag_of_stream=tuple(_tags(call, invite, heard.values())) if heard else (),
        media_seen=bool(streams or heard),
        caller_listens=_caller_listens(call, invite.request),
        gates=_gates(invite, said),
        early_sessions=sessions,
    )


def _last_attempt(call: Call) -> Transaction | None:
    """The newest INVITE of the caller, on the hop nearest to it."""
    if not call.invites:
        return None
    newest = call.invites[0]
    for item in call.invites:
        if _number(item) > _number(newest) and item.key.client == newest.key.client:
            newest = item
    return newest


def _number(invite: Transaction) -> int:
    return 0 if invite.first.cseq is None else invite.first.cseq.number


def _to_caller(call: Call, streams: Sequence[RtpStream]) -> Iterator[RtpStream]:
    """Streams towards the caller, on any leg, each SSRC once."""
    seen: set[int] = set()
    for dialog in call.caller_dialogs:
        for stream in streams:
            binding = stream.binding
            if binding is None or binding.dialog_id != dialog.id or binding.receiver is not Side.CALLER:
                continue
            if stream.ssrc not in seen:
                seen.add(stream.ssrc)
                yield stream


def _caller_listens(call: Call, invite: Request) -> bool:
    """Whether the callee's side knew before the answer where to send media.

    The offer in the INVITE says so. With a delayed offer, the answer does, in a PRACK (RFC 3262 §5) or not before the
    ACK.
    """
    if invite.description is not None:
        return can_receive(invite.description)
    requests = (
        item.request for dialog in call.caller_dialogs for item in dialog.transactions if item.method == "PRACK"
    )
    return any(request is not None and can_receive(request.description) for request in requests)


def _messages_before(call: Call, end: Instant | None) -> list[tuple[Dialog, Message]]:
    """What was said in the call's early dialogs on their first legs, the INVITE itself left out."""
    return [
        (dialog, message)
        for dialog in call.caller_dialogs
        for transaction in (dialog.legs[0].transactions if dialog.legs else ())
        if transaction.method in {"PRACK", "UPDATE"}
        for message in transaction.messages
        if end is None or message.at <= end
    ]


def _gates(invite: Transaction, said: Sequence[tuple[Dialog, Message]]) -> tuple[Gate, ...]:
    found: list[tuple[str | None, Message]] = [
        (item.to_tag, item)
        # A provisional response that is sent again may carry another value.
        for item in (*invite.provisionals, *invite.response_copies)
        if 100 < item.status < 200 and item.p_early_media
    ]
    found += [
        (dialog.key.callee_tag, message)
        for dialog, message in said
        if message.p_early_media and isinstance(message, Response | Request) and _is_of_callee(message, dialog)
    ]
    found.sort(key=lambda pair: (pair[1].at, pair[1].frames))
    return tuple([Gate(message=message, to_tag=tag, directions=_directions(message)) for tag, message in found])


def _directions(message: Message) -> tuple[str, ...]:
    return tuple(value for value in message.p_early_media if value in _DIRECTIONS)


_DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})


def _is_of_callee(message: Request | Response, dialog: Dialog) -> bool:
    tag = message.from_tag if isinstance(message, Request) else message.to_tag
    return tag == dialog.key.callee_tag


def _early_sessions(
    invite: Transaction, said: Sequence[tuple[Dialog, Message]], end: Instant | None
) -> tuple[Message, ...]:
    """Messages with a description for early media of its own, the INVITE's and its responses' included."""
    found = [message for message in invite.messages if message.parts and message.early_description is not None]
    found = [message for message in found if end is None or message.at <= end]
    found += [message for _, message in said if message.parts and message.early_description is not None]
    every = {message.id: message for message in found}
    return tuple(sorted(every.values(), key=lambda message: (message.at, message.frames))) if every else ()


def _of_early_sessions(
    sessions: Sequence[Message], call: Call, unbound: Mapping[Endpoint, Sequence[RtpStream]]
) -> Iterator[RtpStream]:
    """Streams to the places that the caller named for an early session."""
    for message in sessions:
        if message.early_description is None or not _is_of_caller(message, call):
            continue
        for section in message.early_description.media:
            if section.address is not None and section.port:
                yield from unbound.get(Endpoint(section.address.lower(), section.port), ())


def _is_of_caller(message: Message, call: Call) -> bool:
    tag = message.from_tag if isinstance(message, Request) else message.to_tag
    return any(dialog.key.caller_tag == tag for dialog in call.caller_dialogs)


def _tags(call: Call, invite: Transaction, streams: Iterable[RtpStream]) -> Iterator[tuple[str, str]]:
    """The early dialog of each stream: the one that announced its source, else the one that it is bound to.

    All forks share the caller's port (RFC 3264 §5.1), so that only the source tells them apart.
    """
    tags = {dialog.id: dialog.key.callee_tag for dialog in call.caller_dialogs}
    places: dict[Endpoint, str] = {}
    for message in invite.responses:
        for section in _sections(message):
            if section.address is not None and section.port and message.to_tag:
                places.setdefault(Endpoint(section.address.lower(), section.port), message.to_tag)
    for stream in streams:
        bound = None if stream.binding is None else tags.get(stream.binding.dialog_id)
        tag = places.get(stream.hop.source, bound)
        if tag:
            yield stream.id, tag


def _sections(message: Message) -> Iterator[MediaDescription]:
    for description in (message.description, message.early_description):
        if description is not None:
            yield from description.media
