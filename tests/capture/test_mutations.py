"""Damaged captures raise nothing but `UnreadableInput`, never hang, and take no more memory than whole ones."""

import gzip
import random
import resource
import signal
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sipscope.capture.native.engine import NativeReader
from sipscope.decode import Decoder
from sipscope.errors import UnreadableInput
from sipscope.pipeline import Options, analyze
from tests.capture.builders import (
    OPTIONS,
    START,
    enhanced,
    ethernet,
    interface,
    ipv4,
    ipv6,
    obsolete,
    option,
    pcap,
    pcapng,
    rtp,
    section,
    simple,
    tcp,
    udp,
    with_options,
)
from tests.capture.hep import carried, hep3, hep_fixed, over_tcp
from tests.capture.sctp import FIRST, LAST
from tests.capture.sctp import chunk as data_chunk
from tests.capture.sctp import packet as sctp_packet
from tests.trace_script import capture_of

MUTATIONS_A_SEED = 420
SEEDS = 24
PIPELINE_SEEDS = 8
PIPELINE_MUTATIONS = 45

LONGEST_SECONDS = 20
"""For one mutation, which takes milliseconds; machines are busy."""

MOST_MEBIBYTES = 256
"""By which the process may grow: a record may claim 16 MiB, and the window grows to hold it."""

CALL = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  INVITE
      m=audio 4000 RTP/AVP 0 101
      a=rtpmap:101 telephone-event/8000
0.1   bob -> alice  180
0.2   bob -> alice  200
      m=audio 5000 RTP/AVP 0
0.3   alice -> bob  ACK
0.4-1 alice => bob  PCMU
0.4-1 bob => alice  PCMU
2.0   alice -> bob  REFER
2.1   bob -> alice  202
2.2   bob -> alice  NOTIFY
2.3   alice -> bob  200
4.0   alice -> bob  BYE
4.1   bob -> alice  200
"""


def _streams() -> bytes:
    """SIP over TCP in pieces, fragments, tunnels, IPv6, tags."""
    whole = udp(OPTIONS * 3)
    inner = ipv4(udp(OPTIONS))
    frames = [
        *(ethernet(ipv4(tcp(OPTIONS[n : n + 90], 1000 + n), protocol=6)) for n in range(0, len(OPTIONS), 90)),
        ethernet(ipv4(whole[:400], fragment=0x2000, identification=9)),
        ethernet(ipv4(whole[400:], fragment=50, identification=9)),
        ethernet(ipv6(udp(OPTIONS)), 0x86DD),
        ethernet(ipv4(udp(OPTIONS)), tags=(0x8100, 0x88A8)),
        ethernet(ipv4(b"\0\0\x08\0" + inner, protocol=47)),
        ethernet(ipv4(udp(b"\x08" + bytes(7) + ethernet(inner), 4000, 4789))),
        ethernet(ipv4(udp(b"\x30\xff" + len(inner).to_bytes(2) + bytes(4) + inner, 2152, 2152))),
        *(ethernet(ipv4(udp(rtp(n), 4000, 5000))) for n in range(20)),
    ]
    return pcap(frames)


def _blocks() -> bytes:
    """Every kind of block, in two sections of either byte order."""
    data = ethernet(ipv4(udp(OPTIONS)))
    comment = option(1, b"remark") + bytes(4)
    little = section() + interface(options=option(9, b"\x09") + bytes(4))
    little += enhanced(data, START) + with_options(data, comment) + simple(data) + obsolete(data)
    big = section(">") + interface(order=">") + enhanced(data, order=">") + simple(data, order=">")
    return little + big


def _agents() -> bytes:
    """HEP over UDP and TCP with SIP and reports, SCTP in fragments, TZSP."""
    report = (
        b'{"ssrc":9,"type":201,"report_blocks":[{"source_ssrc":7,"fraction_lost":64,"packets_lost":12,'
        b'"highest_seq_no":3543,"ia_jitter":80,"lsr":0,"dlsr":0}],"sdes_ssrc":9,"sdes_information":[{"type":1,"text":"a"}]}'
    )
    told = hep3(OPTIONS) + hep3(report, kind=5, ports=(4001, 4003)) + hep3(zlib.compress(OPTIONS), content=16)
    frames = [
        *over_tcp(*(told[begin : begin + 120] for begin in range(0, len(told), 120))),
        *(
            carried(each)
            for each in (hep3(OPTIONS), hep3(report, kind=5), hep_fixed(2, OPTIONS), hep_fixed(1, OPTIONS))
        ),
        sctp_packet(data_chunk(OPTIONS, 1), data_chunk(OPTIONS[:30], 2, FIRST)),
        sctp_packet(data_chunk(OPTIONS[30:], 3, LAST)),
        ethernet(ipv4(udp(b"\x01\x00\x00\x01\x0a\x01\x05\x01" + ethernet(ipv4(udp(OPTIONS))), 999, 37008))),
    ]
    return pcap(frames)


SEEDLINGS: dict[str, Callable[[], bytes]] = {
    "call": lambda: capture_of(CALL)[:24_000],
    "pcap": _streams,
    "pcapng": _blocks,
    "agents": _agents,
    "long pcapng": lambda: pcapng([ethernet(ipv4(udp(rtp(n), 4000, 5000))) for n in range(40)]),
}


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Data with some damage of several kinds."""
    content = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5))):
        if len(content) < 2:
            break
        _DAMAGES[chance.randrange(len(_DAMAGES))](content, chance)
    return bytes(content)


def _cut(content: bytearray, chance: random.Random) -> None:
    del content[chance.randrange(len(content)) :]


def _flip(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 4, 40))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def _flip_front(content: bytearray, chance: random.Random) -> None:
    content[chance.randrange(min(64, len(content)))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))


def _overwrite(content: bytearray, chance: random.Random) -> None:
    place = chance.randrange(len(content))
    word = chance.choice(
        (b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x01", b"\x0c\0\0\0")
    )
    content[place : place + 4] = word


def _drop(content: bytearray, chance: random.Random) -> None:
    place = chance.randrange(len(content))
    del content[place : place + chance.choice((1, 4, 16, 300))]


def _repeat(content: bytearray, chance: random.Random) -> None:
    begin, place = chance.randrange(len(content)), chance.randrange(len(content))
    content[place:place] = content[begin : begin + chance.choice((4, 16, 500))]


def _shuffle(content: bytearray, chance: random.Random) -> None:
    size = chance.choice((16, 64, 333))
    pieces = [bytes(content[n : n + size]) for n in range(0, len(content), size)]
    one, other = chance.randrange(len(pieces)), chance.randrange(len(pieces))
    pieces[one], pieces[other] = pieces[other], pieces[one]
    content[:] = b"".join(pieces)


_DAMAGES = (_cut, _flip, _flip_front, _overwrite, _drop, _repeat, _shuffle)


@contextmanager
def bounded() -> Iterator[None]:
    """Fail when what is inside hangs."""

    def late(_signal: int, _frame: object) -> None:
        raise TimeoutError(f"not done within {LONGEST_SECONDS} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def peak_mebibytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def decoded(path: Path, window_bytes: int) -> None:
    """Read and decode a capture, as the pipeline does."""
    reader = NativeReader(str(path), window_bytes=window_bytes)
    decoder = Decoder()
    for chunk in reader.chunks():
        for _ in decoder.add(chunk.packets):
            pass
    decoder.finish()
    reader.facts()


def survives(run: Callable[[], object], path: Path, data: bytes) -> None:
    """Run on damaged data; the bytes stay beside the test where they do harm."""
    path.write_bytes(data)
    with bounded():
        try:
            run()
        except UnreadableInput:
            pass
        except BaseException as error:
            error.add_note(f"the bytes are in {path}")
            raise


@pytest.mark.parametrize("name", SEEDLINGS)
def test_whole_captures_are_read(tmp_path, name):
    (tmp_path / "whole").write_bytes(SEEDLINGS[name]())
    decoded(tmp_path / "whole", 1 << 16)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_damaged_captures_are_read_or_unreadable(tmp_path, seed):
    chance = random.Random(seed)
    contents = [make() for make in SEEDLINGS.values()]
    before = peak_mebibytes()
    for number in range(MUTATIONS_A_SEED):
        data = mutated(chance.choice(contents), chance)
        if chance.random() < 0.05:
            data = mutated(gzip.compress(data, 1), chance)
        path = tmp_path / str(number)
        survives(lambda path=path: decoded(path, chance.choice((4096, 1 << 16))), path, data)
        path.unlink()
    assert peak_mebibytes() - before < MOST_MEBIBYTES


@pytest.mark.parametrize("seed", range(PIPELINE_SEEDS))
def test_damaged_captures_are_analysed_or_unreadable(tmp_path, seed):
    chance = random.Random(1000 + seed)
    contents = [SEEDLINGS["call"](), _streams()]
    before = peak_mebibytes()
    for number in range(PIPELINE_MUTATIONS):
        path = tmp_path / str(number)
        data = mutated(chance.choice(contents), chance)
        survives(lambda path=path: analyze(str(path), Options(engine="native")), path, data)
        path.unlink()
    assert peak_mebibytes() - before < MOST_MEBIBYTES
