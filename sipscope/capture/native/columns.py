"""Picks the plain UDP datagrams out of a batch of records, all at once, and the media among them as columns.

Plain is IPv4 without options and fragments, or IPv6 without extension headers, on a link type with at most VLAN
tags. Everything else goes one by one through `dissect`.
"""

from dataclasses import fields
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sipscope.capture.native.content import NAME_PORTS, RTP_BYTES
from sipscope.capture.native.dissect import MediaRow
from sipscope.capture.native.headers import IPV4_FIELDS, IPV6_FIELDS
from sipscope.capture.native.internet import UDP
from sipscope.capture.native.layers import IPV4, IPV6
from sipscope.model.packets import HEAD_BYTES, DatagramColumns
from sipscope.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sipscope.capture.native.hops import Hops
    from sipscope.capture.native.records import Records
    from sipscope.model.packets import ByteMatrix, IntegerColumn

_UDP_FIELDS: list[tuple[Any, ...]] = [
    ("ports", "<u4"),
    ("udp_length", ">u2"),
    ("udp_checksum", ">u2"),
    ("head", np.void, HEAD_BYTES),
]
_IPV4_UDP = np.dtype([*IPV4_FIELDS, *_UDP_FIELDS])
_IPV6_UDP = np.dtype([*IPV6_FIELDS, *_UDP_FIELDS])
_UDP_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Datagrams:
    """Plain UDP datagrams of a batch.

    Attributes:
        row: Which record each is in; ascending.
        payload: Offset of the payload in the window's buffer.
        length: Payload length as the UDP header says.
        available: How much of it was captured.
        hop: Number of its hop; −1 where it isn't media.
        dscp: Differentiated services code point.
        identification: IPv4 identification, −1 for IPv6.
        head: First bytes of the payload, one untyped value a row; what is behind its end is not cleared yet.
        is_media: Whether it looks like RTP.
    """

    row: "IntegerColumn"
    payload: "IntegerColumn"
    length: "IntegerColumn"
    available: "IntegerColumn"
    hop: "IntegerColumn"
    dscp: "IntegerColumn"
    identification: "IntegerColumn"
    head: "NDArray[np.void]"
    is_media: "NDArray[np.bool_]"


def plain_datagrams(
    records: "Records", ethertype: "IntegerColumn", offset: "IntegerColumn", hops: "Hops"
) -> Datagrams | None:
    """The plain UDP datagrams of a batch, whose network layers are where `locate` found them; None if it has none."""
    short = _of_version(records, hops, ethertype == IPV4, offset, _IPV4_KIND)
    long = _of_version(records, hops, ethertype == IPV6, offset, _IPV6_KIND)
    if short is None or long is None:
        return short or long
    order = np.argsort(np.concatenate((short.row, long.row)), kind="stable")
    names = (each.name for each in fields(Datagrams))
    columns = {name: np.concatenate((getattr(short, name), getattr(long, name)))[order] for name in names}
    return Datagrams(**columns)


def media_columns(
    records: "Records", datagrams: Datagrams, hops: "Hops", rows: "list[MediaRow]"
) -> DatagramColumns | None:
    """The media candidates of a batch as columns, those found one by one among them; None if there are none."""
    chosen = np.flatnonzero(datagrams.is_media)
    row = datagrams.row[chosen]
    columns: dict[str, NDArray[Any]] = {
        "frame": row + records.first_number,
        "at": records.at[row],
        "hop": datagrams.hop[chosen],
        "length": datagrams.length[chosen],
        "dscp": datagrams.dscp[chosen],
        "identification": datagrams.identification[chosen],
        "head": _cleared(_octets(datagrams.head[chosen]), datagrams.available[chosen]),
    }
    return with_rows(columns, hops, rows)


def with_rows(columns: "dict[str, NDArray[Any]]", hops: "Hops", rows: "list[MediaRow]") -> DatagramColumns | None:
    """Columns and single rows together, in the order of their frames; None if there are neither."""
    if rows:
        single: dict[str, NDArray[Any]] = {
            name: np.array([getattr(row, name) for row in rows], dtype=np.int64) for name in MediaRow._fields[:-1]
        }
        single["head"] = np.frombuffer(b"".join(row.head for row in rows), np.uint8).reshape(-1, HEAD_BYTES)
        if columns:
            single = {name: np.concatenate((columns[name], values)) for name, values in single.items()}
        order = np.argsort(single["frame"], kind="stable")
        columns = {name: values[order] for name, values in single.items()}
    if not columns or not len(columns["frame"]):
        return None
    return DatagramColumns(hops=hops.hops, **columns)


def _of_version(
    records: "Records", hops: "Hops", matching: "NDArray[np.bool_]", offset: "IntegerColumn", kind: "_Kind"
) -> Datagrams | None:
    """The plain datagrams among the records that carry one version of IP."""
    row = np.flatnonzero(matching)
    if not row.size:
        return None
    offset = offset[row]
    room = records.start[row] + records.captured[row] - offset
    headers = records.window.gather(kind.layout, offset)
    plain = kind.is_plain(headers) & (headers["protocol"] == UDP) & (room >= kind.header_bytes)
    plain &= headers["udp_length"] >= _UDP_BYTES
    if not plain.all():
        row, offset, room, headers = row[plain], offset[plain], room[plain], headers[plain]
        if not row.size:
            return None
    length = headers["udp_length"].astype(np.int64) - _UDP_BYTES
    available = np.minimum(length, room - kind.header_bytes)
    ports = headers["ports"].astype(np.uint64)
    octets = headers.view(np.uint8).reshape(len(headers), -1)
    is_media = _is_media(octets[:, -HEAD_BYTES], octets[:, 1 - HEAD_BYTES], available, ports)
    media = np.flatnonzero(is_media)
    # A column of its own first: numpy picks from unaligned fields one by one.
    words = [headers["addresses"][:, word].copy()[media] for word in range(kind.address_words)]
    hop = np.full(len(row), -1, dtype=np.int64)
    hop[media] = hops.numbers([*words, ports[media]])
    return Datagrams(
        row=row,
        payload=offset + kind.header_bytes,
        length=length,
        available=available,
        hop=hop,
        dscp=kind.dscp(headers),
        identification=kind.identification(headers),
        head=headers["head"],
        is_media=is_media,
    )


def _is_media(
    first: "NDArray[np.uint8]", second: "NDArray[np.uint8]", available: "IntegerColumn", ports: "NDArray[np.uint64]"
) -> "NDArray[np.bool_]":
    """Whether payloads look like RTP, by their first two bytes: the rule of `content.likeness` for columns."""
    is_media: NDArray[np.bool_] = ((first & 0xC0) == 0x80) & ((second & 0xE0) != 0xC0) & (available >= RTP_BYTES)
    # The ports lie in the word as they lie in the packet, each with its high byte first.
    source, destination = ports & np.uint64(0xFFFF), ports >> np.uint64(16)
    for port in NAME_PORTS:
        swapped = np.uint64((port & 0xFF) << 8 | port >> 8)
        is_media &= (source != swapped) & (destination != swapped)
    return is_media


def _octets(head: "NDArray[np.void]") -> "ByteMatrix":
    """Untyped values as rows of bytes."""
    return head.view(np.uint8).reshape(-1, HEAD_BYTES)


def _cleared(head: "ByteMatrix", available: "IntegerColumn") -> "ByteMatrix":
    """Heads with zeros behind the end of their payload, where the buffer has the next record."""
    short = np.flatnonzero(available < HEAD_BYTES)
    if short.size:
        behind = np.arange(HEAD_BYTES) >= available[short][:, None]
        head[short] = np.where(behind, 0, head[short])
    return head


def _is_plain_ipv4(headers: "NDArray[Any]") -> "NDArray[np.bool_]":
    """Neither options nor a fragment, and the lengths of IP and UDP fit together."""
    plain: NDArray[np.bool_] = (headers["version"] == 0x45) & ((headers["fragment"] & 0x3FFF) == 0)
    plain &= headers["length"].astype(np.int64) >= headers["udp_length"].astype(np.int64) + 20
    return plain


def _is_plain_ipv6(headers: "NDArray[Any]") -> "NDArray[np.bool_]":
    """The lengths of IP and UDP fit together."""
    plain: NDArray[np.bool_] = ((headers["first"] >> 12) == 6) & (headers["length"] >= headers["udp_length"])
    return plain


class _Kind(NamedTuple):
    """What differs between the versions of IP."""

    layout: "np.dtype[Any]"
    header_bytes: int
    address_words: int
    is_plain: "Callable[[NDArray[Any]], NDArray[np.bool_]]"
    dscp: "Callable[[NDArray[Any]], IntegerColumn]"
    identification: "Callable[[NDArray[Any]], IntegerColumn]"


_IPV4_KIND = _Kind(
    layout=_IPV4_UDP,
    header_bytes=28,
    address_words=1,
    is_plain=_is_plain_ipv4,
    dscp=lambda headers: headers["service"].astype(np.int64) >> 2,
    identification=lambda headers: headers["identification"].astype(np.int64),
)
_IPV6_KIND = _Kind(
    layout=_IPV6_UDP,
    header_bytes=48,
    address_words=4,
    is_plain=_is_plain_ipv6,
    dscp=lambda headers: headers["first"].astype(np.int64) >> 6 & 0x3F,
    identification=lambda headers: np.full(len(headers), -1, dtype=np.int64),
)
