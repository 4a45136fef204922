"""Joins MESSAGEs outside of dialogs to conversations of two parties."""

from collections.abc import Sequence
from dataclasses import replace

from sipscope.model.conversation import Conversation, PagerMessage
from sipscope.model.message import Message
from sipscope.model.series import RequestSeries
from sipscope.model.time import SECOND, Duration, Instant

RELAY: Duration = 2 * SECOND
"""How soon behind its arrival a server sends a message on; what it kept for later is a message of its own."""


def conversations_of(series: Sequence[RequestSeries]) -> tuple[Conversation, ...]:
    """All conversations by time of their first message, of series by time."""
    found: dict[frozenset[str], list[PagerMessage]] = {}
    recent: dict[frozenset[str], list[int]] = {}
    for item in series:
        if item.method != "MESSAGE" or item.in_dialog:
            continue
        sender, receiver = _parties(item.attempts[-1].first)
        parties = frozenset({sender, receiver})
        messages = found.setdefault(parties, [])
        # What is too old for this one to be its relay is too old for all that follow.
        places = [place for place in recent.get(parties, ()) if item.started_at <= _sent_at(messages[place]) + RELAY]
        recent[parties] = places
        place = next((place for place in reversed(places) if _is_relay(messages[place], item)), None)
        if place is None:
            places.append(len(messages))
            messages.append(PagerMessage(sender=sender, series=item))
        else:
            messages[place] = replace(messages[place], relays=(*messages[place].relays, item))
    ordered = sorted(found.values(), key=lambda messages: (messages[0].at, messages[0].message.frames))
    return tuple(
        Conversation(id=f"i{number}", parties=_parties(messages[0].message), messages=tuple(messages))
        for number, messages in enumerate(ordered, start=1)
    )


def _parties(message: Message) -> tuple[str, str]:
    sender, receiver = ("" if party is None else party.uri.address_of_record for party in (message.from_, message.to))
    return sender, receiver


def _sent_at(message: PagerMessage) -> Instant:
    """When the attempt was sent that decided, behind which its relay comes."""
    return message.decided_by.attempts[-1].first.at


def _is_relay(before: PagerMessage, item: RequestSeries) -> bool:
    """Whether the server of a message sent the same on: same parties, same body, and soon."""
    last = before.decided_by
    one, other = last.attempts[-1], item.attempts[0]
    return (
        item.client in {transaction.key.server for transaction in one.transactions}
        and item.call_id != last.call_id
        and _parties(one.first) == _parties(other.first)
        and one.first.body == other.first.body
        and 0 <= other.first.at - one.first.at <= RELAY
    )
