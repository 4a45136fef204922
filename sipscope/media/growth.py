"""Numpy arrays that grow by rows: state is kept as one column a figure, one row a stream."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Integers: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Truths: TypeAlias = NDArray[np.bool_]

SMALLEST_CAPACITY = 64
"""Rows that the first growth makes room for."""


def grown(array: NDArray[Any], count: int, fill: float = 0) -> NDArray[Any]:
    """The array with room for at least `count` rows; capacity doubles, so that growing stays linear in all."""
    if len(array) >= count:
        return array
    capacity = max(SMALLEST_CAPACITY, count, 2 * len(array))
    shape = (capacity, *array.shape[1:])
    # Zeros cost no memory until they are written, so they are preferred where they can serve.
    larger = np.zeros(shape, dtype=array.dtype) if fill == 0 else np.full(shape, fill, dtype=array.dtype)
    larger[: len(array)] = array
    return larger


def integers(width: int | None = None, kind: type[np.integer[Any]] = np.int64) -> NDArray[Any]:
    """An empty integer column, or matrix of some width."""
    return np.zeros(0 if width is None else (0, width), dtype=kind)


def floats(width: int | None = None) -> Floats:
    """An empty float column, or matrix of some width."""
    return np.zeros(0 if width is None else (0, width), dtype=np.float64)
