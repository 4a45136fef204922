#!/usr/bin/env python3
"""Sends a few silent GSM packets and ends: rtp_burst.py PORT ADDRESS PORT PACKETS [PTIME_MS].

One SSRC for each port; sequence and timestamps go on from the clock, so that
two bursts of a port are one stream with a pause.
"""

from __future__ import annotations

import socket
import struct
import sys
import time

GSM_SILENCE = bytes.fromhex("d820a2e15a50004924924924" + "50004924924924" * 3)


def main(source: int, address: str, port: int, packets: int, ptime: int = 100) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.bind(("", source))
        begin = time.monotonic()
        first = int(begin * 1000 / ptime)
        for number in range(packets):
            time.sleep(max(0.0, begin + number * ptime / 1000 - time.monotonic()))
            at = first + number
            mark = 0x80 if number == 0 else 0
            head = struct.pack("!BBHII", 0x80, mark | 3, at & 0xFFFF, at * ptime * 8 & 0xFFFFFFFF, 0x5150000 + source)
            out.sendto(head + GSM_SILENCE * (ptime // 20), (address, port))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:]))
