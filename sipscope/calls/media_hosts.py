"""Which host of the signalling a stream came from and went to."""

from sipscope.model.dialog import Side
from sipscope.model.stream import RtpStream
from sipscope.model.trace import Trace


class MediaHosts:
    """Names the ends of streams as the elements of the signalling are named."""

    def __init__(self, trace: Trace) -> None:
        """Learn which elements each address hosts."""
        self._legs = trace.index.legs
        self._nodes: dict[str, dict[str, None]] = {}
        # Without streams nobody asks.
        for item in trace.transactions if trace.streams else ():
            self._nodes.setdefault(item.hop.source.address, {})[item.key.client] = None
            self._nodes.setdefault(item.hop.destination.address, {})[item.key.server] = None

    def source(self, stream: RtpStream) -> str:
        """The host that sent a stream; its address where only media names it."""
        return self._node(stream, stream.hop.source.address, is_source=True)

    def destination(self, stream: RtpStream) -> str:
        """The host that a stream went to."""
        return self._node(stream, stream.hop.destination.address, is_source=False)

    def _node(self, stream: RtpStream, address: str, *, is_source: bool) -> str:
        """Where an address hosts several elements, the leg that the stream is bound to tells which one is meant."""
        nodes = self._nodes.get(address, {})
        leg = None if stream.binding is None else self._legs.get(stream.binding.leg_id)
        if len(nodes) > 1 and leg is not None and stream.binding is not None:
            is_callee = (stream.binding.receiver is Side.CALLEE) != is_source
            node = leg.callee_node if is_callee else leg.caller_node
            if node in nodes:
                return node
        return next(iter(nodes), address) if len(nodes) == 1 else address
