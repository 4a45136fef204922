#!/usr/bin/env python3
"""A small RTP/RTCP end point for the SIPp phones of the sample lab.

It binds the media port a SIPp scenario announces in its SDP and is steered by
one-line commands read from a FIFO (the scenarios write to it with <exec>):

    send IP:PORT PT [PTIME]   start (or go on) sending to IP:PORT
    stop                      stop sending, keep the socket open
    quit                      send RTCP BYE and exit

G.711 A-law (PT 8) or mu-law (PT 0), or silent GSM frames (PT 3); 20 ms packets,
timestamp +160, unless another ptime is asked for;
one random SSRC per agent.  RTCP sender/receiver reports with SDES CNAME go out
from port + 1 about every 5 s while media flows, with real reception figures.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import selectors
import socket
import struct
import time

NTP_EPOCH = 2208988800


def alaw(sample: int) -> int:
    sign = 0x80 if sample >= 0 else 0x00
    mag = min(abs(sample), 32767) >> 3
    if mag >= 32:
        exp = mag.bit_length() - 5
        code = (exp << 4) | ((mag >> exp) & 0x0F)
    else:
        code = mag >> 1
    return (code | sign) ^ 0x55


def ulaw(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0x00
    mag = min(abs(sample), 32635) + 132
    exp = max(mag.bit_length() - 8, 0)
    return ~(sign | (exp << 4) | ((mag >> (exp + 3)) & 0x0F)) & 0xFF


def tone(freq: float, coder) -> bytes:
    """One second of tone: a whole number of 20 ms frames."""
    return bytes(
        coder(int(9000 * math.sin(2 * math.pi * freq * n / 8000))) for n in range(8000)
    )


# a silent GSM 06.10 frame (20 ms)
GSM_SILENCE = bytes.fromhex("d820a2e15a50004924924924" + "50004924924924" * 3)


class Agent:
    def __init__(self, ip: str, port: int, fifo: str, freq: float, cname: str, rtcp: bool):
        fam = socket.AF_INET6 if ":" in ip else socket.AF_INET
        self.rtp = socket.socket(fam, socket.SOCK_DGRAM)
        self.rtp.bind((ip, port))
        self.rtcp = socket.socket(fam, socket.SOCK_DGRAM)
        self.rtcp.bind((ip, port + 1))
        self.use_rtcp = rtcp
        self.fifo = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
        self.sel = selectors.DefaultSelector()
        for fd, fn in ((self.rtp, self.on_rtp), (self.rtcp, self.on_rtcp), (self.fifo, self.on_cmd)):
            self.sel.register(fd, selectors.EVENT_READ, fn)
        self.audio = {8: tone(freq, alaw), 0: tone(freq, ulaw)}
        self.cname = cname.encode()
        self.ssrc = random.getrandbits(32)
        self.seq = random.getrandbits(15)
        self.ts0 = random.getrandbits(31)
        self.t0 = None
        self.dest = None
        self.rtcp_dest = None
        self.pt = 8
        self.per = 1  # 20 ms frames per packet
        self.next = 0.0
        self.next_rtcp = 0.0
        self.frame = 0
        self.mark = True
        self.npkt = self.noct = 0
        self.buf = b""
        self.run = True
        # reception
        self.r_ssrc = None
        self.r_base = self.r_max = self.r_cycles = self.r_count = 0
        self.r_prior_exp = self.r_prior_rcv = 0
        self.jitter = 0.0
        self.transit = None
        self.lsr = 0
        self.lsr_at = 0.0

    # -- commands ---------------------------------------------------------
    def on_cmd(self) -> None:
        self.buf += os.read(self.fifo, 4096)
        while b"\n" in self.buf:
            line, self.buf = self.buf.split(b"\n", 1)
            word = line.decode().split()
            if not word:
                continue
            if word[0] == "send":
                host, port = word[1].rsplit(":", 1)
                self.dest = (host.strip("[]"), int(port))
                self.rtcp_dest = (self.dest[0], self.dest[1] + 1)
                self.pt = int(word[2])
                self.per = int(word[3]) // 20 if len(word) > 3 else 1
                now = time.monotonic()
                if self.t0 is None:
                    self.t0 = now
                    self.next_rtcp = now + random.uniform(1.5, 2.5)
                # the media clock runs on through a pause
                self.frame = round((now - self.t0) / 0.02)
                self.next = self.t0 + self.frame * 0.02
                self.mark = True
            elif word[0] == "stop":
                self.dest = None
            elif word[0] == "quit":
                self.dest = None
                if self.t0 is not None:
                    self.send_rtcp(bye=True)
                self.run = False

    # -- RTP --------------------------------------------------------------
    def send_frame(self) -> None:
        off = (self.frame * 160) % 8000
        if self.pt == 3:
            data = GSM_SILENCE * self.per
        else:
            data = (self.audio[self.pt] * 2)[off : off + 160 * self.per]
        ts = (self.ts0 + self.frame * 160) & 0xFFFFFFFF
        head = struct.pack(
            "!BBHII", 0x80, self.pt | (0x80 if self.mark else 0), self.seq & 0xFFFF, ts, self.ssrc
        )
        self.mark = False
        try:
            self.rtp.sendto(head + data, self.dest)
        except OSError:
            pass  # no route to the peer's media address: nothing leaves the host
        self.seq += 1
        self.frame += self.per
        self.npkt += 1
        self.noct += len(data)
        self.next = self.t0 + self.frame * 0.02

    def on_rtp(self) -> None:
        data = self.rtp.recv(2048)
        now = time.monotonic()
        if len(data) < 12 or data[0] >> 6 != 2:
            return
        seq, ts, ssrc = struct.unpack("!HII", data[2:12])
        if ssrc != self.r_ssrc:
            self.r_ssrc, self.r_base, self.r_max = ssrc, seq, seq
            self.r_cycles = self.r_count = self.r_prior_exp = self.r_prior_rcv = 0
            self.jitter, self.transit = 0.0, None
        if (seq - self.r_max) & 0xFFFF < 0x8000:
            if seq < self.r_max:
                self.r_cycles += 0x10000
            self.r_max = seq
        self.r_count += 1
        transit = now * 8000 - ts
        if self.transit is not None:
            d = abs(transit - self.transit)
            if d < 8000:  # not across a pause
                self.jitter += (d - self.jitter) / 16
        self.transit = transit

    # -- RTCP -------------------------------------------------------------
    def on_rtcp(self) -> None:
        data = self.rtcp.recv(2048)
        if len(data) >= 28 and data[1] == 200:
            self.lsr = struct.unpack("!I", data[10:14])[0]
            self.lsr_at = time.monotonic()

    def send_rtcp(self, bye: bool = False) -> None:
        if not self.use_rtcp or self.rtcp_dest is None:
            return
        now = time.monotonic()
        block = b""
        if self.r_ssrc is not None:
            ext = self.r_cycles + self.r_max
            expected = ext - self.r_base + 1
            lost = max(-0x800000, min(0x7FFFFF, expected - self.r_count))
            de, dr = expected - self.r_prior_exp, self.r_count - self.r_prior_rcv
            frac = max(0, min(255, ((de - dr) << 8) // de)) if de > 0 else 0
            self.r_prior_exp, self.r_prior_rcv = expected, self.r_count
            dlsr = int((now - self.lsr_at) * 65536) if self.lsr else 0
            block = struct.pack(
                "!IIIIII",
                self.r_ssrc,
                (frac << 24) | (lost & 0xFFFFFF),
                ext & 0xFFFFFFFF,
                int(self.jitter),
                self.lsr,
                dlsr,
            )
        rc = 1 if block else 0
        if self.npkt:
            ntp = time.time() + NTP_EPOCH
            sec = int(ntp)
            rts = (self.ts0 + int((now - self.t0) * 8000)) & 0xFFFFFFFF
            body = struct.pack(
                "!IIIIII", self.ssrc, sec, int((ntp - sec) * 2**32), rts, self.npkt, self.noct
            ) + block
            out = struct.pack("!BBH", 0x80 | rc, 200, len(body) // 4) + body
        else:
            body = struct.pack("!I", self.ssrc) + block
            out = struct.pack("!BBH", 0x80 | rc, 201, len(body) // 4) + body
        item = struct.pack("!I", self.ssrc) + bytes([1, len(self.cname)]) + self.cname
        item += b"\0" * (4 - len(item) % 4)
        out += struct.pack("!BBH", 0x81, 202, len(item) // 4) + item
        if bye:
            out += struct.pack("!BBHI", 0x81, 203, 1, self.ssrc)
        try:
            self.rtcp.sendto(out, self.rtcp_dest)
        except OSError:
            pass

    def loop(self) -> None:
        while self.run:
            now = time.monotonic()
            if self.dest and now >= self.next:
                self.send_frame()
                continue
            if self.t0 is not None and now >= self.next_rtcp:
                self.send_rtcp()
                self.next_rtcp = now + random.uniform(4.0, 6.0)
            wait = self.next - now if self.dest else 0.2
            for key, _ in self.sel.select(max(0.0, min(wait, 0.2))):
                key.data()


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("ip")
    ap.add_argument("port", type=int)
    ap.add_argument("fifo")
    ap.add_argument("--freq", type=float, default=440.0)
    ap.add_argument("--cname", default="")
    ap.add_argument("--no-rtcp", action="store_true")
    a = ap.parse_args()
    Agent(a.ip, a.port, a.fifo, a.freq, a.cname or f"phone@{a.ip}", not a.no_rtcp).loop()


if __name__ == "__main__":
    main()
