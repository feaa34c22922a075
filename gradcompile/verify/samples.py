"""Where formulas are looked at: sizes of the dimensions, and points at which the formula is defined.

Values are multiples of 1/256, so that floats, mpmath and SymPy start from the same numbers.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import sympy

from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Kind
from gradcompile.syntax.program import Argument, Program, Requirement
from gradcompile.verify.arrays import Array, elementwise
from gradcompile.verify.evaluate import counts
from gradcompile.verify.fields import Field, SympyField

Sizes = dict[str, int]
DERIVATIVES = {"grad", "jvp", "vjp", "hessian", "jacobian"}  # their references take several evaluations per element
BEYOND = ((33, 9), (25, 7), (37, 11), (29, 10))  # sizes that are no multiples of a block or vector width
MODERATE = 60_000  # elements that are computed, up to which the larger of them are taken
MOST = 400_000  # elements that are computed at all
UNKNOWN = 50  # how many steps a `while` is taken to have, where that matters for the work


@dataclass(frozen=True)
class Point:
    """Values of all arguments (floats, ints and bools, as object arrays) at some sizes."""

    sizes: Sizes
    values: dict[str, Array]
    low: dict[str, float]  # the lower end of the range that each argument was drawn from

    def numbers(self, field: Field) -> dict[str, Array]:
        """Return the values as elements of a field of numbers."""
        return {name: elementwise(field.number, value) for name, value in self.values.items()}


def shape_of(argument: Argument, sizes: Sizes) -> tuple[int, ...]:
    """Return an argument's shape at given sizes."""
    return tuple(e.evaluate(sizes) for e in argument.shape)


def symbols(program: Program, point: Point) -> dict[str, Array]:
    """Return a real symbol for each element (positive where the point was drawn from a positive range).

    Whole numbers and truth values stay those of the point: sizes and indices must be known. A symmetric matrix has
    the same symbol on both sides, a triangle has zeros.
    """
    result = {}
    for argument in program.arguments:
        value = point.values[argument.name]
        result[argument.name] = value
        if argument.dtype is DType.REAL:
            facts = {"positive": True} if point.low[argument.name] > 0 and not argument.structure else {"real": True}
            named = np.empty(value.shape, dtype=object)
            for position in np.ndindex(value.shape):
                named[position] = _symbol(argument, position, facts)
            result[argument.name] = named
    return result


def _symbol(argument: Argument, position: tuple[int, ...], facts: dict[str, bool]) -> Any:
    if argument.structure:
        row, column = position[-2:]
        if (argument.structure, row < column) in (("lower", True), ("upper", False)) and row != column:
            return 0
        if argument.structure in ("symmetric", "definite"):
            position = (*position[:-2], max(row, column), min(row, column))
    return sympy.Symbol("_".join([argument.name, *map(str, position)]), **facts)


def substitution(program: Program, named: Mapping[str, Array], point: Point) -> dict[Any, Any]:
    """Return the point's exact value of every symbol."""
    exact = point.numbers(SympyField())
    return {
        named[a.name][p]: sympy.sympify(exact[a.name][p])
        for a in program.arguments
        if a.dtype is DType.REAL
        for p in np.ndindex(named[a.name].shape)
        if isinstance(named[a.name][p], sympy.Symbol)
    }


def alike(program: Program, point: Point, other: Point) -> bool:
    """Return whether the `symbols` of one point hold at another: its whole numbers, truth values and signs."""
    signs = [(point.low[a.name] > 0, other.low[a.name] > 0) for a in program.arguments if a.dtype is DType.REAL]
    return same_whole(program, point, other) and all(a == b for a, b in signs)


def same_whole(program: Program, point: Point, other: Point) -> bool:
    """Return whether two points have the same whole numbers and truth values."""
    whole = [a.name for a in program.arguments if a.dtype is not DType.REAL]
    return all(np.array_equal(point.values[n], other.values[n]) for n in whole)


def allowed(program: Program, sizes: Sizes, extents: Iterable[Extent]) -> bool:
    """Return whether all extents come out at 0 or more, and the requirements are met, as far as the sizes say."""
    known = [r for r in program.requirements if _names(r) <= sizes.keys()]
    return all(_holds(r, sizes) for r in known) and all(
        e.evaluate(sizes) >= 0 for e in extents if e.names <= sizes.keys()
    )


def meets(program: Program, point: Point) -> bool:
    """Return whether the whole numbers among the inputs meet the requirements that there are of them."""
    known = {**point.sizes, **counts(point.values)}
    asked = [r for r in program.requirements if not _names(r) <= point.sizes.keys()]
    return all(_holds(r, known) for r in asked if _names(r) <= known.keys())


def _names(requirement: Requirement) -> frozenset[str]:
    return requirement.left.names | requirement.right.names


def _holds(requirement: Requirement, sizes: Sizes) -> bool:
    left, right = requirement.left.evaluate(sizes), requirement.right.evaluate(sizes)
    return left == right if requirement.relation == "==" else left >= right


def length(axis: Axis, sizes: Sizes) -> int:
    """Return how long an axis is, or about as long as it may get where only a run can tell."""
    return axis.extent.evaluate({**dict.fromkeys(axis.extent.names, UNKNOWN), **sizes})


def extents_of(program: Program) -> set[Extent]:
    """Return every extent of the program, declared or derived."""
    declared = {e for a in program.arguments for e in a.shape}
    return declared | {axis.extent for node in program.graph.nodes for axis in node.axes}


def small_sizes(program: Program) -> Sizes | None:
    """Return small, pairwise different sizes that are allowed; alike where it cannot be helped; None if none are."""
    names = program.dimensions
    if not names:
        return {}
    extents = {e for e in extents_of(program) if e.names <= set(names)}
    constants = {e.constant for e in extents}
    least = 3 if _wants_room(program) else 2
    ranges = itertools.product(range(least, 2 + least + len(names)), repeat=len(names))
    candidates = [dict(zip(names, sizes, strict=True)) for sizes in itertools.islice(ranges, 50_000)]

    def badness(sizes: Sizes) -> tuple[int, int]:
        shapes = {e.evaluate(sizes) for e in extents}
        alike = len(names) - len(set(sizes.values())) + len(constants & set(sizes.values()))
        return 10 * alike + len(extents) - len(shapes), sum(sizes.values())

    for sizes in sorted(candidates, key=badness) if len(names) < 4 else _distinct(names):
        if allowed(program, sizes, extents):
            return sizes
    wider = itertools.product(range(1, 9), repeat=min(len(names), 5))
    return next((s for w in wider if allowed(program, s := dict(zip(names, w, strict=False)), extents)), None)


def _wants_room(program: Program) -> bool:
    """Are two of each too few to tell a step from the first, or an index from another?"""
    whole = any(a.dtype is DType.INT and a.axes for a in program.arguments)
    return whole or any(n.kind is Kind.RECURRENCE for n in program.graph.nodes)


def _distinct(names: list[str]) -> Iterator[Sizes]:
    for start in (2, 3, 4, 1):
        yield {n: start + i for i, n in enumerate(names)}
        yield {n: start + len(names) - 1 - i for i, n in enumerate(names)}


def other_sizes(
    program: Program, small: Sizes, work: Callable[[Sizes], int], rows: Container[str]
) -> list[tuple[str, Sizes]]:
    """Return the further sizes the code is run at: all 1, each 0 in turn, and one beyond any block or vector width.

    Where `work` finds that too much, a size beyond the width of most vectors has to do, or one that is just larger.
    `rows` are sizes for which the code has loops of their own where they are large.
    """
    names = program.dimensions
    if not names:
        return []
    chosen = [("all sizes 1", dict.fromkeys(names, 1))]
    chosen += [(f"{name} = 0", {**small, name: 0}) for name in names]
    slow = DERIVATIVES & {n.id for n in ast.walk(program.tree) if isinstance(n, ast.Name)}
    for name, (long, medium) in zip(names, itertools.cycle(BEYOND), strict=False):
        heavy = slow or work({**small, name: long}) > MODERATE
        size = medium if heavy and name not in rows else long
        if work({**small, name: size}) > MOST:
            size = small[name] + 1
        chosen.append((f"{name} = {size}", {**small, name: size}))
    return chosen


def finite(values: list[Any]) -> bool:
    """Return whether all these elements are finite."""
    flat = [e for v in values for e in np.asarray(v, dtype=object).reshape(-1)]
    return all(isinstance(e, int) or bool(mpmath.isfinite(e)) for e in flat)
