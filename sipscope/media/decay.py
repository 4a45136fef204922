"""The recurrence y ← (1 − 1/16)·y + x for many series at once, with every value kept (RFC 3550 §A.8).

It is linear, so a block of 32 values is one product with a triangular matrix plus what the block before left over.
The left-overs of a series' blocks obey the same recurrence with the factor to the power of 32, and are computed by
the same function: each level has a thirty-second of the values of the one above.
"""

from functools import lru_cache

import numpy as np

from sipscope.media.growth import Floats, Integers

BLOCK = 32


def decayed_sums(added: Floats, starts: Integers, initial: Floats, factor: float) -> Floats:
    """Every value of y ← factor·y + x.

    Args:
        added: The x of all series, one series behind the other.
        starts: Where each series starts; ascending, the first 0, none empty.
        initial: The y before the first x of each series.
        factor: Between 0 and 1.

    Returns:
        The y behind each x.
    """
    lengths = np.diff(starts, append=len(added))
    blocks = (lengths + BLOCK - 1) // BLOCK
    first_block = np.cumsum(blocks) - blocks
    place = np.arange(len(added)) + np.repeat(first_block * BLOCK - starts, lengths)
    padded = np.zeros(int(blocks.sum()) * BLOCK)
    padded[place] = added
    triangle, powers = _kernel(factor)
    alone = padded.reshape(-1, BLOCK) @ triangle
    carried = _carried(alone[:, -1], first_block, blocks, initial, factor**BLOCK)
    alone += carried[:, None] * powers
    result: Floats = alone.reshape(-1)[place]
    return result


def _carried(left: Floats, first_block: Integers, blocks: Integers, initial: Floats, factor: float) -> Floats:
    """The y before each block. Only a series' last block may be padded, and nothing follows that one."""
    carried = np.empty(len(left))
    if int(blocks.max()) > 1:
        after = decayed_sums(left, first_block, initial, factor)
        carried[1:] = after[:-1]
    carried[first_block] = initial
    return carried


@lru_cache(maxsize=8)
def _kernel(factor: float) -> tuple[Floats, Floats]:
    """The triangular matrix of one block, and the powers that what was carried in is multiplied by."""
    exponent = np.arange(BLOCK)[None, :] - np.arange(BLOCK)[:, None]
    triangle = np.where(exponent >= 0, factor ** np.maximum(exponent, 0), 0.0)
    return triangle, factor ** np.arange(1.0, BLOCK + 1)
