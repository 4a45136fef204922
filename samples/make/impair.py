#!/usr/bin/env python3
"""A lossy link: joins two interfaces at layer 2, drops and delays UDP media.

    impair.py IF1 IF2 [--loss 0.03] [--jitter 30] [--delay 20] [--port 16384-32767]

Every frame is passed on; only IPv4/UDP frames to a port of the range are
impaired (so that the signalling of the sample stays clean).  The delay is
DELAY + a share of JITTER ms that wanders (random walk with spikes), which may
also put packets out of order.
"""

from __future__ import annotations

import argparse
import heapq
import random
import select
import socket
import time

ETH_P_ALL = 3


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("a")
    ap.add_argument("b")
    ap.add_argument("--loss", type=float, default=0.03)
    ap.add_argument("--jitter", type=float, default=30.0)
    ap.add_argument("--delay", type=float, default=20.0)
    ap.add_argument("--port", default="16384-32767")
    ap.add_argument("--seed", type=int, default=5)
    o = ap.parse_args()
    lo, hi = (int(x) for x in o.port.split("-"))
    rnd = random.Random(o.seed)
    socks = []
    for name in (o.a, o.b):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        s.bind((name, ETH_P_ALL))
        s.setblocking(False)
        socks.append(s)
    queue: list[tuple[float, int, int, bytes]] = []
    n = 0
    while True:
        wait = max(0.0, queue[0][0] - time.monotonic()) if queue else 1.0
        for s in select.select(socks, [], [], wait)[0]:
            while True:
                try:
                    data, addr = s.recvfrom(65535)
                except BlockingIOError:
                    break
                if addr[2] == socket.PACKET_OUTGOING:
                    continue
                out = 1 - socks.index(s)
                due = time.monotonic()
                if data[12:14] == b"\x08\x00" and data[23] == 17:
                    hl = (data[14] & 15) * 4
                    dport = int.from_bytes(data[14 + hl + 2 : 14 + hl + 4], "big")
                    if lo <= dport <= hi:
                        if rnd.random() < o.loss:
                            continue
                        due += (o.delay + o.jitter * abs(rnd.gauss(0, 0.6))) / 1000
                n += 1
                heapq.heappush(queue, (due, n, out, data))
        now = time.monotonic()
        while queue and queue[0][0] <= now:
            _, _, out, data = heapq.heappop(queue)
            socks[out].send(data)


if __name__ == "__main__":
    main()
