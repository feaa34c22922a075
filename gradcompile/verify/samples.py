"""Where formulas are looked at: sizes of the dimensions, and points at which the formula is defined.

Values are multiples of 1/256, so that floats, mpmath and SymPy start from the same numbers.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import sympy

from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import DType
from gradcompile.syntax.program import Argument, Program
from gradcompile.verify.arrays import Array
from gradcompile.verify.fields import Field, SympyField

Sizes = dict[str, int]
RANGES = [(-2.0, 2.0), (0.2, 2.0), (0.05, 0.95), (1.1, 3.0), (2.0, 12.0), (-12.0, -2.0), (20.0, 90.0)]
NEAR = 1e-6  # points closer to a kink than this are not used
TRIES = 60


@dataclass(frozen=True)
class Point:
    """Values of all arguments (floats, ints and bools, as object arrays) at some sizes."""

    sizes: Sizes
    values: dict[str, Array]
    low: dict[str, float]  # the lower end of the range that each argument was drawn from

    def numbers(self, field: Field) -> dict[str, Array]:
        """Return the values as elements of a field of numbers."""
        return {name: _each(field.number, value) for name, value in self.values.items()}


def _each(function: Callable[[Any], Any], value: Array) -> Array:
    result = np.empty(value.shape, dtype=object)
    for position in np.ndindex(value.shape):
        result[position] = function(value[position])
    return result


def shape_of(argument: Argument, sizes: Sizes) -> tuple[int, ...]:
    """Return an argument's shape at given sizes."""
    return tuple(e.evaluate(sizes) for e in argument.shape)


def symbols(program: Program, point: Point) -> dict[str, Array]:
    """Return a real symbol for each element (positive where the point was drawn from a positive range).

    Whole numbers and truth values stay those of the point: sizes and indices must be known.
    """
    result = {}
    for argument in program.arguments:
        value = point.values[argument.name]
        result[argument.name] = value
        if argument.dtype is DType.REAL:
            facts = {"positive": True} if point.low[argument.name] > 0 else {"real": True}
            named = np.empty(value.shape, dtype=object)
            for position in np.ndindex(value.shape):
                named[position] = sympy.Symbol("_".join([argument.name, *map(str, position)]), **facts)
            result[argument.name] = named
    return result


def substitution(program: Program, named: Mapping[str, Array], point: Point) -> dict[Any, Any]:
    """Return the point's exact value of every symbol."""
    exact = point.numbers(SympyField())
    return {
        named[a.name][p]: sympy.sympify(exact[a.name][p])
        for a in program.arguments
        if a.dtype is DType.REAL
        for p in np.ndindex(named[a.name].shape)
    }


def alike(program: Program, point: Point, other: Point) -> bool:
    """Return whether the `symbols` of one point hold at another: its whole numbers, truth values and signs."""
    return all(
        (point.low[a.name] > 0) == (other.low[a.name] > 0)
        if a.dtype is DType.REAL
        else np.array_equal(point.values[a.name], other.values[a.name])
        for a in program.arguments
    )


def allowed(program: Program, sizes: Sizes, extents: Iterable[Extent]) -> bool:
    """Return whether all extents come out at 0 or more, and the requirements are met."""
    for requirement in program.requirements:
        left, right = requirement.left.evaluate(sizes), requirement.right.evaluate(sizes)
        if not (left == right if requirement.relation == "==" else left >= right):
            return False
    return all(e.evaluate(sizes) >= 0 for e in extents)


def extents_of(program: Program) -> set[Extent]:
    """Return every extent of the program, declared or derived."""
    declared = {e for a in program.arguments for e in a.shape}
    return declared | {axis.extent for node in program.graph.nodes for axis in node.axes}


def small_sizes(program: Program) -> Sizes | None:
    """Return small, pairwise different sizes that are allowed; alike where it cannot be helped; None if none are."""
    names = program.dimensions
    if not names:
        return {}
    extents = extents_of(program)
    constants = {e.constant for e in extents}
    candidates = [
        dict(zip(names, sizes, strict=True))
        for sizes in itertools.islice(itertools.product(range(2, 4 + len(names)), repeat=len(names)), 50_000)
    ]

    def badness(sizes: Sizes) -> tuple[int, int]:
        shapes = {e.evaluate(sizes) for e in extents}
        alike = len(names) - len(set(sizes.values())) + len(constants & set(sizes.values()))
        return 10 * alike + len(extents) - len(shapes), sum(sizes.values())

    for sizes in sorted(candidates, key=badness) if len(names) < 4 else _distinct(names):
        if allowed(program, sizes, extents):
            return sizes
    wider = itertools.product(range(1, 9), repeat=min(len(names), 5))
    return next((s for w in wider if allowed(program, s := dict(zip(names, w, strict=False)), extents)), None)


def _distinct(names: list[str]) -> Iterator[Sizes]:
    for start in (2, 3, 4, 1):
        yield {n: start + i for i, n in enumerate(names)}
        yield {n: start + len(names) - 1 - i for i, n in enumerate(names)}


def other_sizes(program: Program, small: Sizes) -> list[tuple[str, Sizes]]:
    """Return the further sizes the code is run at: all 1, each 0 in turn, and one beyond any block or vector width."""
    names = program.dimensions
    if not names:
        return []
    chosen = [("all sizes 1", dict.fromkeys(names, 1))]
    chosen += [(f"{name} = 0", {**small, name: 0}) for name in names]
    for name, long in zip(names, itertools.cycle((33, 17, 37, 19)), strict=False):
        chosen.append((f"{name} = {long}", {**small, name: long}))
    return chosen


def points(
    program: Program, sizes: Sizes, seed: int, defined: Callable[[Point], bool], tries: int = TRIES
) -> Iterator[Point]:
    """Yield points at which the formula is defined; the range that worked for the last is tried first."""
    draw = random.Random(f"{program.name}|{sorted(sizes.items())}|{seed}")
    worked: dict[str, tuple[float, float]] | None = None
    for attempt in range(tries):
        ranges = worked or _ranges(program, attempt, draw)
        point = Point(
            sizes, {a.name: _draw(a, sizes, ranges[a.name], draw) for a in program.arguments},
            {a.name: ranges[a.name][0] for a in program.arguments},
        )  # fmt: skip
        if defined(point):
            worked = ranges
            yield point
        elif attempt % 8 == 7:
            worked = None


def _ranges(program: Program, attempt: int, draw: random.Random) -> dict[str, tuple[float, float]]:
    if attempt < len(RANGES):
        chosen = {a.name: RANGES[attempt] for a in program.arguments}
    else:
        chosen = {a.name: draw.choice(RANGES) for a in program.arguments}
    for argument in program.arguments:
        default = argument.default
        if default and math.isfinite(default) and argument.dtype is DType.REAL and attempt % 3 != 2:
            chosen[argument.name] = tuple(sorted((0.75 * default, 1.25 * default)))  # type: ignore[assignment]
    return chosen


def _draw(argument: Argument, sizes: Sizes, bounds: tuple[float, float], draw: random.Random) -> Array:
    result = np.empty(shape_of(argument, sizes), dtype=object)
    low, high = bounds
    top = max(1, min([2, *(s for s in sizes.values() if s > 0)]))
    for position in np.ndindex(result.shape):
        if argument.dtype is DType.BOOL:
            result[position] = draw.random() < 0.5
        elif argument.dtype is DType.INT:
            result[position] = draw.randrange(top) if low < 1 else draw.randint(int(low), int(low) + 3)
        elif high - low < 0.05:
            result[position] = low + draw.randrange(1, 256) / 256 * (high - low)
        else:
            result[position] = draw.randrange(int(low * 256) + 1, int(high * 256)) / 256
    return result


def finite(values: list[Any]) -> bool:
    """Return whether all these elements are finite."""
    flat = [e for v in values for e in np.asarray(v, dtype=object).reshape(-1)]
    return all(isinstance(e, int) or bool(mpmath.isfinite(e)) for e in flat)
