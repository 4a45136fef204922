"""What joins the legs of a call, one row a fact."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from sipscope.model.call import Call, Correlation, CorrelationKind


def joining_of(call: Call) -> Iterator[Correlation]:
    """The correlations of a call, those by one Call-ID as one: none where that Call-ID was seen on one hop alone."""
    shared: dict[str, list[Correlation]] = {}
    for item in call.correlations:
        if item.kind is CorrelationKind.SAME_CALL_ID:
            shared.setdefault(item.first, []).append(item)
    for item in call.correlations:
        if item.kind is not CorrelationKind.SAME_CALL_ID:
            yield item
            continue
        alike = shared.pop(item.first, [])
        if alike and len(_hops(call, {item.first, *(other.second for other in alike)})) > 1:
            frames = sorted({frame for other in alike for frame in other.frames})
            yield replace(item, text="All carry the same Call-ID.", frames=tuple(frames))


def _hops(call: Call, nodes: Collection[str]) -> set[tuple[str, str]]:
    """Between which nodes those dialogs and INVITEs were seen; forks and later attempts on one hop are no other."""
    found = {(item.key.client, item.key.server) for item in call.invites if item.id in nodes}
    found.update(
        (leg.caller_node, leg.callee_node) for dialog in call.dialogs if dialog.id in nodes for leg in dialog.legs
    )
    return found
