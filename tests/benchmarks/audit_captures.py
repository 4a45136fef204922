"""Writes many small captures that differ: calls of several kinds, with and without media, at several trunks.

The same arguments give the same bytes. Each capture is named by its number; some lie below others, one in fifty is cut
off and one in fifty is no capture at all, as directories of captures are.
"""

import random
from pathlib import Path

from tests.trace_script import capture_of

CAPTURES = 1000

_PARTIES = "{a} 192.0.2.{x}\n{b} 198.51.100.{y}\nregistrar 192.0.2.250\n"

_ANSWERED = """
{t:.3f}  {a} -> {b}  INVITE call={n}
         m=audio 4000 RTP/AVP 0
         User-Agent: Phone/{v}
{t1:.3f} {b} -> {a}  100 INVITE call={n}
{t2:.3f} {b} -> {a}  180 INVITE call={n}
{t3:.3f} {b} -> {a}  200 INVITE call={n}
         m=audio 5000 RTP/AVP 0
         Server: Gateway/{v}
{t4:.3f} {a} -> {b}  ACK call={n}
{t4:.3f}-{t5:.3f} {a} => {b} PCMU call={n} loss={loss}%
{t4:.3f}-{t5:.3f} {b} => {a} PCMU call={n}
{t6:.3f} {a} -> {b}  BYE call={n}
{t7:.3f} {b} -> {a}  200 BYE call={n}
"""

_REFUSED = """
{t:.3f}  {a} -> {b}  INVITE call={n}
         m=audio 4000 RTP/AVP 0 8
{t1:.3f} {b} -> {a}  100 INVITE call={n}
{t2:.3f} {b} -> {a}  {status} INVITE call={n}
{t4:.3f} {a} -> {b}  ACK call={n}
"""

_CANCELLED = """
{t:.3f}  {a} -> {b}  INVITE call={n}
         m=audio 4000 RTP/AVP 0
{t2:.3f} {b} -> {a}  180 INVITE call={n}
{t4:.3f} {a} -> {b}  CANCEL call={n}
{t5:.3f} {b} -> {a}  200 CANCEL call={n}
{t6:.3f} {b} -> {a}  487 INVITE call={n}
{t7:.3f} {a} -> {b}  ACK call={n}
"""

_REGISTERED = """
{t:.3f}  {a} -> registrar REGISTER call={n}
         Expires: 60
{t2:.3f} registrar -> {a} 200 REGISTER call={n}
"""

_KINDS = (_ANSWERED, _ANSWERED, _REFUSED, _CANCELLED, _REGISTERED)


def write_captures(directory: Path, *, captures: int = CAPTURES) -> int:
    """Write them into a directory; how many bytes they have."""
    return sum(_write(directory, number) for number in range(captures))


def _write(directory: Path, number: int) -> int:
    chance = random.Random(number)
    folder = directory / f"{number % 10}" if number % 3 else directory
    folder.mkdir(parents=True, exist_ok=True)
    content = capture_of(_script(number, chance))
    if number % 50 == 7:
        content = content[: -chance.randrange(1, 40)]
    elif number % 50 == 8:
        content = f"Letter {number}: the capture will be late.".encode()
    return (folder / f"{number:06}.pcap").write_bytes(content)


def _script(number: int, chance: random.Random) -> str:
    a, b = f"phone{number % 20}", f"gateway{number % 5}"
    parts = [_PARTIES.format(a=a, b=b, x=10 + number % 20, y=10 + number % 5)]
    start = 0.0
    for call in range(chance.randrange(1, 6)):
        start += chance.random() * 3
        steps = sorted(start + chance.random() * 8 for _ in range(7))
        times = {f"t{index}": at for index, at in enumerate(steps, start=1)}
        status, loss = chance.choice((404, 486, 488, 503)), chance.choice((0, 0, 2, 8))
        form = chance.choice(_KINDS)
        parts.append(form.format(a=a, b=b, n=f"c{call}", v=number % 4, t=start, status=status, loss=loss, **times))
    return "".join(parts) + f"{start + 60:.3f} end\n"
