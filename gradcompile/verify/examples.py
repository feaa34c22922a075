"""Counterexamples: the points at which they are looked for, from the smallest upward, and how they are written."""

from __future__ import annotations

import ast
import itertools
import random
from collections.abc import Iterator

import mpmath
import numpy as np

from gradcompile.ir.nodes import DType
from gradcompile.syntax.program import Program
from gradcompile.verify import draws, samples
from gradcompile.verify.arrays import Array, array
from gradcompile.verify.samples import Point, Sizes

TOPS = (1, 0, 2, 2, 3, 3, 3, 3, 5, 5)  # the largest values tried for the smallest counterexample; 0: count 1, 2, 3, …
DIGITS = (6, 17, 50)  # that are written: enough for the two sides to look different


def small_points(program: Program, known: Sizes) -> Iterator[Point]:
    """Yield points of small whole values that the formula allows, from sizes of 1 up to some known ones."""
    extents = samples.extents_of(program)
    for sizes in _rising(program, known):
        if samples.allowed(program, sizes, extents):
            yield from (point for point in _whole_points(program, sizes) if samples.meets(program, point))


def _rising(program: Program, known: Sizes) -> Iterator[Sizes]:
    names = list(program.dimensions)
    tuples = itertools.product(range(1, 4), repeat=len(names)) if len(names) < 5 else iter(())
    for sizes in sorted(tuples, key=lambda s: (sum(s), s)):
        if sum(sizes) <= sum(known.values()):
            yield dict(zip(names, sizes, strict=True))


def _whole_points(program: Program, sizes: Sizes) -> Iterator[Point]:
    for attempt in range(len(TOPS)):
        draw = random.Random(f"{sorted(sizes.items())}|{attempt}")
        top = TOPS[attempt]
        values = {}
        counter = itertools.count(1)
        for argument in program.arguments:
            shape = samples.shape_of(argument, sizes)
            if argument.dtype is DType.INT:
                way = draws.TRIED[attempt][0 if argument.axes else 1]
                values[argument.name] = draws.whole(argument, shape, way, min([2, *sizes.values()]), draw)
                continue
            value = np.empty(shape, dtype=object)
            for p in np.ndindex(value.shape):
                value[p] = _small_value(argument.dtype, draw, top or next(counter), exact=top == 0)
            values[argument.name] = draws.formed(value, argument.structure)
        if all(draws.fits(a, values[a.name]) for a in program.arguments):
            yield Point(sizes, values, dict.fromkeys(values, 0.0))


def _small_value(dtype: DType, draw: random.Random, top: int, *, exact: bool) -> float | bool:
    if dtype is DType.BOOL:
        return draw.random() < 0.5
    return float(top if exact else draw.randint(1 if top < 3 else -top, top))


# In words


def point_text(program: Program, point: Point) -> str:
    """Return the sizes and the values that the formula reads."""
    parts = [f"{name} = {size}" for name, size in point.sizes.items()]
    read = {n.id for n in ast.walk(program.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    parts += [f"{a.name} = {number_text(point.values[a.name])}" for a in program.arguments if a.name in read]
    return ", ".join(parts)


def sides_text(left: Array | None, right: Array | None) -> str:
    """Return both sides entry by entry, with their shapes where these differ; None is a side without a value."""
    if left is None or right is None or left.shape != right.shape:
        return f"left {_shaped(left)}, right {_shaped(right)}"
    for digits in DIGITS:
        texts = number_text(left, digits), number_text(right, digits)
        if texts[0] != texts[1]:
            break
    return f"left {texts[0]}, right {texts[1]}"


def _shaped(side: Array | None) -> str:
    if side is None:
        return "has no value"
    return f"{number_text(side)} {f'of shape {side.shape}' if side.ndim else '(a scalar)'}"


def number_text(values: Array, digits: int = DIGITS[0]) -> str:
    """Return a number, or an array entry by entry."""

    def one(value: object) -> str:
        if isinstance(value, int):
            return str(value)
        return str(mpmath.nstr(mpmath.mpf(value), digits, strip_zeros=True)).removesuffix(".0")

    if values.ndim == 0:
        return one(values[()])
    return f"[{', '.join(number_text(v if isinstance(v, np.ndarray) else array(v), digits) for v in values)}]"
