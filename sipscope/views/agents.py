"""Who told of messages that came from capture agents, in words."""

from collections.abc import Iterable, Sequence

from sipscope.model.message import Message


def agent_words(messages: Iterable[Message]) -> tuple[str, ...]:
    """The capture agents that messages came from, each once."""
    found: dict[str, None] = {}
    for agent in (message.agent for message in messages):
        if agent is not None:
            number = "" if agent.number is None else f" {agent.number}"
            more = ", ".join(text for text in (agent.name, agent.vendor) if text)
            found[f"capture agent{number}{f' ({more})' if more else ''}"] = None
    return tuple(sorted(found))


def correlation_ids(messages: Sequence[Message]) -> tuple[str, ...]:
    """What capture agents say belongs together, but for the Call-IDs that the messages show themselves."""
    told = {message.agent.correlation_id or "" for message in messages if message.agent is not None}
    return tuple(sorted(told - {"", *(message.call_id for message in messages if message.call_id is not None)}))
