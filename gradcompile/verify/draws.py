"""How the values of one argument are drawn: reals in a range and of the declared form, whole numbers in some way.

What whole numbers are for cannot be told from their declaration: they may index, count, label, or name the parent of
each node of a tree. So there are several ways of drawing them, and `samples.Search` finds the one that fits.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradcompile.ir.nodes import DType
from gradcompile.syntax.program import Argument
from gradcompile.verify.arrays import Array

Range = tuple[float, float]
Draw = Callable[[random.Random, int, int], int]  # of one element: its place along the first axis, and the bound

WAYS: dict[str, Draw] = {
    "index": lambda draw, place, bound: draw.randrange(bound),
    "count": lambda draw, place, bound: draw.randint(1, bound),
    "last": lambda draw, place, bound: bound - 1,
    "most": lambda draw, place, bound: bound,
    "earlier": lambda draw, place, bound: draw.randrange(max(1, place)),
    "parent": lambda draw, place, bound: draw.randrange(place) if place else -1,
    "zero": lambda draw, place, bound: 0,
    "one": lambda draw, place, bound: 1,
    "bit": lambda draw, place, bound: draw.randrange(2),
    "few": lambda draw, place, bound: draw.randint(1, 4),
    "more": lambda draw, place, bound: draw.randint(3, 6),
    "place": lambda draw, place, bound: place,
}

TRIED = [  # in this order: for arrays, and for single numbers
    ("index", "count"), ("earlier", "few"), ("parent", "count"), ("zero", "one"), ("index", "index"), ("sorted", "few"),
    ("shuffled", "index"), ("bit", "bit"), ("few", "few"), ("place", "more"), ("index", "zero"), ("count", "more"),
]  # fmt: skip


def whole(argument: Argument, shape: Sequence[int], way: str, bound: int, draw: random.Random) -> Array:
    """Return whole numbers drawn in a way, inside the declared range."""
    result = np.empty(shape, dtype=object)
    one = WAYS.get(way, WAYS["index"])
    for position in np.ndindex(result.shape):
        result[position] = one(draw, position[0] if position else 0, bound)
    if way == "index" and result.size > 1:  # so that one of them is the last there is
        result.reshape(-1)[draw.randrange(result.size)] = bound - 1
    if way == "sorted" and result.ndim:
        result = np.array(np.sort(result, axis=0), dtype=object)
    if way == "shuffled" and result.ndim:
        for column in np.ndindex(result.shape[1:]):
            result[(slice(None), *column)] = draw.sample(range(len(result)), len(result))
    low, high = argument.domain
    if math.isfinite(low) or math.isfinite(high):
        result = _between(result, low, high, argument.declared.closed)
    return result


def _between(values: Array, low: float, high: float, closed: tuple[bool, bool]) -> Array:
    """Move whole numbers into a range by as many of its lengths as it takes."""
    least = low if not math.isfinite(low) else math.floor(low) + (not closed[0] or low != math.floor(low))
    most = high if not math.isfinite(high) else math.ceil(high) - (not closed[1] or high != math.ceil(high))

    def moved(value: int) -> int:
        if least <= value <= most:
            return value
        if math.isfinite(least) and math.isfinite(most):
            return int(least) + (value - int(least)) % (int(most) - int(least) + 1)
        return int(least) + abs(value) if math.isfinite(least) else int(most) - abs(value)

    return np.array([moved(v) for v in values.reshape(-1)], dtype=object).reshape(values.shape)


def real(argument: Argument, shape: Sequence[int], bounds: Range, draw: random.Random) -> Array:
    """Return multiples of 1/256 in a range, of the declared form."""
    result = np.empty(shape, dtype=object)
    low, high = bounds
    for position in np.ndindex(result.shape):
        if high - low < 0.05:
            result[position] = low + draw.randrange(1, 256) / 256 * (high - low)
        else:
            result[position] = draw.randrange(int(low * 256) + 1, int(high * 256)) / 256
    return formed(result, argument.structure)


def formed(values: Array, structure: str) -> Array:
    """Return matrices of a declared form, made of any numbers."""
    if not structure:
        return values
    rows, columns = np.indices(values.shape[-2:])
    lower = np.where(rows >= columns, values, 0.0)
    if structure == "symmetric":
        return np.asarray(np.where(rows >= columns, values, np.swapaxes(lower, -1, -2)), dtype=object)
    if structure == "definite":
        return _definite(lower)
    safe = np.where(rows == columns, np.vectorize(_away, otypes=[object])(values) if values.size else values, values)
    return np.asarray(
        np.where((rows >= columns) if structure == "lower" else (rows <= columns), safe, 0.0), dtype=object
    )


def _definite(lower: Array) -> Array:
    """Return L Lᵀ + 1 of a triangle L with entries rounded to 1/16 and not above 1, so that it is exact."""
    small = np.vectorize(lambda v: round(16 * math.tanh(v / 2)) / 16, otypes=[float])(lower) if lower.size else lower
    factor = np.asarray(small, dtype=float)
    return np.asarray(factor @ np.swapaxes(factor, -1, -2) + np.eye(lower.shape[-1]), dtype=object)


def _away(value: Any) -> Any:
    """Return a number that is not near 0, for a diagonal."""
    return value if abs(value) >= 0.25 else value + (0.5 if value >= 0 else -0.5)


def inside(argument: Argument, wanted: Range) -> Range:
    """Return the part of a range that is in the argument's domain, or another range that is."""
    low, high = argument.domain
    if argument.dtype is not DType.REAL or (math.isinf(low) and math.isinf(high)):
        return wanted
    both = max(low, wanted[0]), min(high, wanted[1])
    if both[1] - both[0] >= 0.05 or (both[1] - both[0]) >= 0.5 * (high - low):
        return both
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    return (low, low + 2) if math.isfinite(low) else (high - 2, high)


def fits(argument: Argument, values: Array) -> bool:
    """Are all elements in the declared range?"""
    (low, high), (at_low, at_high) = argument.domain, argument.declared.closed
    if argument.dtype is DType.BOOL:
        return True
    return all((low < v or (at_low and v == low)) and (v < high or (at_high and v == high)) for v in values.reshape(-1))
