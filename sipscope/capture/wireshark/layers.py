"""What pyshark tells of a frame, as plain values.

A layer comes as fields of text and, under its name and `_raw`, as bytes in hexadecimal. Where a layer or a field is
there several times, such as IP in IP, the innermost one, which is the last, is taken.
"""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sipscope.model.time import SECOND

if TYPE_CHECKING:
    from sipscope.model.time import Instant

_HEXADECIMAL = re.compile(r"(?:[0-9a-fA-F]{2})+")
_IN_PARTS = frozenset({"sctp"})
"""Layers that come in several parts where they carry several messages; each field is in one of them."""


class Layers:
    """The layers of one frame by name.

    Attributes:
        names: Their names from the outside in, such as `eth`, `ip`, `udp`, `sip`, `sdp`.
    """

    def __init__(self, packet: Any) -> None:
        self._frame = packet.frame_info
        self._layers: dict[str, Any] = {layer.layer_name: layer for layer in packet.layers}
        self.number = int(packet.number)
        self.at = instant(str(packet.sniff_timestamp))
        self.names = (self.frame_field("protocols") or "").split(":")

    def __contains__(self, name: str) -> bool:
        """Whether a layer of that name is there."""
        return name in self.names

    def frame_field(self, name: str) -> str | None:
        """A field of the frame itself, None where there is none."""
        return _last(_values(self._frame, name))

    def field(self, layer: str, name: str) -> str | None:
        """A field of the innermost layer of a name, None where there is none."""
        return _last(self.fields(layer, name))

    def fields(self, layer: str, name: str) -> list[str]:
        """All values of a field of the innermost layer of a name."""
        found = self._layers.get(layer)
        if found is None:
            return []
        if layer not in _IN_PARTS:
            return _values(found.duplicate_layers[-1] if found.duplicate_layers else found, name)
        parts = (*reversed(found.duplicate_layers), found)
        return next((values for part in parts if (values := _values(part, name))), [])

    def within(self, layer: str, name: str) -> list[str]:
        """All values of a field at any depth of the layers of a name."""
        found = self._layers.get(layer)
        # pyshark's own look-up knows the way to a field, but doesn't search for it.
        return [] if found is None else _deep([part._all_fields for part in (found, *found.duplicate_layers)], name)  # noqa: SLF001

    def number_of(self, layer: str, name: str) -> int | None:
        """A field that is a number, decimal or hexadecimal with `0x`."""
        text = self.field(layer, name)
        try:
            return None if text is None else int(text, 0)
        except ValueError:
            return None

    def field_bytes(self, layer: str, name: str) -> bytes | None:
        """The bytes of a field."""
        found = self.fields(layer, f"{name}_raw")
        return bytes.fromhex(found[0]) if found and _HEXADECIMAL.fullmatch(found[0]) else None

    def layer_bytes(self, layer: str) -> list[bytes]:
        """The bytes of each layer of a name, in their order in the frame."""
        found = self._layers.get(f"{layer}_raw")
        if found is None:
            return []
        values = [found.value, *(duplicate.value for duplicate in found.duplicate_layers)]
        heads = [value[0] if isinstance(value, list) else value for value in values]
        return [bytes.fromhex(head) for head in heads if isinstance(head, str) and _HEXADECIMAL.fullmatch(head)]

    def innermost(self, *names: str, before: str | None = None) -> str | None:
        """Which of some layers lies deepest, outside the first one named `before`."""
        end = self.names.index(before) if before in self.names else len(self.names)
        return next((name for name in reversed(self.names[:end]) if name in names), None)


def instant(text: str) -> "Instant":
    """A time as tshark writes it: seconds since 1970 with decimals, or ISO 8601 in UTC; never by way of a float."""
    if "T" in text:
        date, _, decimals = text.removesuffix("Z").partition(".")
        seconds = int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp())
        return seconds * SECOND + _nanoseconds(decimals)
    whole, _, decimals = text.partition(".")
    sign = -1 if whole.startswith("-") else 1
    return int(whole or "0") * SECOND + sign * _nanoseconds(decimals)


def _nanoseconds(decimals: str) -> int:
    return int(decimals[:9].ljust(9, "0")) if decimals else 0


def _values(layer: Any, name: str) -> list[str]:
    try:
        found = layer.get_field(name)
    except AttributeError:
        return []
    parts = found if isinstance(found, list) else [found]
    return [str(part) for part in parts]


def _deep(tree: Any, name: str) -> list[str]:
    if isinstance(tree, list):
        return [value for part in tree for value in _deep(part, name)]
    if not isinstance(tree, dict):
        return []
    found = []
    for key, value in tree.items():
        if key == name:
            found.extend(value if isinstance(value, list) else [value])
        elif isinstance(value, dict | list):
            found.extend(_deep(value, name))
    return found


def _last(values: list[str]) -> str | None:
    return values[-1] if values else None
