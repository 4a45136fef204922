"""Finds where the IP packets of a batch of records start, for all records at once."""

from typing import TYPE_CHECKING

import numpy as np

from sipscope.capture.native.layers import IPV4, IPV6, NULL_IPV6_FAMILIES, VLAN_TAGS

if TYPE_CHECKING:
    from sipscope.capture.native.records import Records
    from sipscope.capture.native.window import Window
    from sipscope.model.packets import IntegerColumn

_TWO_BYTES = np.dtype(">u2")
_ONE_BYTE = np.dtype("u1")
_FOUR_BYTES = np.dtype("<u4")
_DEEPEST_TAGS = 3
_RAW = (12, 14, 101, 228, 229)
_NULL = (0, 108)
_TYPE_AND_HEADER = {1: (12, 14), 113: (14, 16), 276: (0, 20)}
"""Link types with an EtherType in their header: where it is, and how long the header is."""


def network_layers(records: "Records") -> "tuple[IntegerColumn, IntegerColumn]":
    """EtherType and offset of what each record carries, behind VLAN tags; EtherType 0 where it isn't found.

    Short records are not looked after: what is found may lie behind their end, which is for the caller to check.
    """
    link = records.link
    if len(link) and (link == link[0]).all():
        return _layers_of(records.window, records.start, int(link[0]))
    ethertype = np.zeros(len(link), dtype=np.int64)
    offset = records.start.copy()
    for link_type in np.unique(link).tolist():
        rows = np.flatnonzero(link == link_type)
        ethertype[rows], offset[rows] = _layers_of(records.window, records.start[rows], link_type)
    return ethertype, offset


def _layers_of(window: "Window", start: "IntegerColumn", link_type: int) -> "tuple[IntegerColumn, IntegerColumn]":
    if link_type in _TYPE_AND_HEADER:
        place, header_bytes = _TYPE_AND_HEADER[link_type]
        return _behind_tags(window, window.gather(_TWO_BYTES, start + place), start + header_bytes)
    if link_type in _RAW:
        version = window.gather(_ONE_BYTE, start) >> 4
        return np.where(version == 4, IPV4, np.where(version == 6, IPV6, 0)), start
    if link_type in _NULL:
        family = window.gather(_FOUR_BYTES, start)
        family = np.where(family > 0xFFFF, family.byteswap(), family)
        return np.where(family == 2, IPV4, np.where(np.isin(family, NULL_IPV6_FAMILIES), IPV6, 0)), start + 4
    return np.zeros(len(start), dtype=np.int64), start


def _behind_tags(
    window: "Window", ethertype: "IntegerColumn", offset: "IntegerColumn"
) -> "tuple[IntegerColumn, IntegerColumn]":
    """Pass VLAN tags: two bytes of control information, then the EtherType of what follows."""
    rows = np.flatnonzero(ethertype != IPV4)
    ethertype = ethertype.astype(np.int64)
    for _ in range(_DEEPEST_TAGS):
        if rows.size:
            rows = rows[np.isin(ethertype[rows], VLAN_TAGS)]
        if not rows.size:
            break
        # Damaged records could name tags beyond the buffer's guard, so offsets stay near their record.
        ethertype[rows] = window.gather(_TWO_BYTES, offset[rows] + 2)
        offset[rows] += 4
    return ethertype, offset
