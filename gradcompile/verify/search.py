"""The search for points at which a formula is defined, and away from its kinks."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from gradcompile.ir.nodes import DType
from gradcompile.syntax.program import Argument, Program
from gradcompile.verify import draws
from gradcompile.verify.fields import UndefinedError
from gradcompile.verify.precision import DOUBLES, PRECISIONS
from gradcompile.verify.samples import Point, Sizes, meets, shape_of

RANGES = [(-2.0, 2.0), (0.2, 2.0), (0.05, 0.95), (1.1, 3.0), (2.0, 12.0), (-12.0, -2.0), (20.0, 90.0)]
NEAR = DOUBLES.near
TRIES = ((24, 300), (60, 10_000))  # attempts, and the steps that a `while` may take in them

Margin = Callable[[Point, int], Any]  # how far a point is from a kink, given the steps of a `while`; None: not finite


def away(program: Program, sizes: Sizes, seed: int, margin: Margin, count: int) -> list[Point]:
    """Return up to `count` points at which the formula is defined: away from kinks if there are any, else the farthest.

    An iteration that ends when its steps have become small is always near a kink of what it measures them by.
    """
    limit = PRECISIONS[program.dtype].near
    found: list[Point] = []
    near: list[tuple[Any, Point]] = []
    for tries, turns in TRIES:
        near.clear()

        def defined(point: Point, turns: int = turns) -> bool:
            distance = margin(point, turns)
            if distance is not None and distance <= limit:
                near.append((distance, point))
            return distance is not None and distance > limit

        found = list(itertools.islice(points(program, sizes, seed, defined, tries), count))
        if len(found) == count or (near and not found):
            break
    return found or [point for _, point in sorted(near, key=lambda pair: -pair[0])[:count]]


def points(
    program: Program, sizes: Sizes, seed: int, defined: Callable[[Point], bool], tries: int = TRIES[-1][0]
) -> Iterator[Point]:
    """Yield points at which the formula is defined: `defined` says so, or raises UndefinedError.

    The ranges that worked for the last are tried first. With whole numbers among the inputs, the way of drawing them
    is changed where an index is wrong, and the ranges of the reals where a value is not finite.
    """
    draw = random.Random(f"{program.name}|{sorted(sizes.items())}|{seed}")
    search = Search(program, sizes, draw)
    for _ in range(tries * (1 + bool(search.whole))):
        point = search.point()
        try:
            good = meets(program, point) and defined(point)
        except UndefinedError:
            search.undefined()
            continue
        if not good:
            search.failed()
            continue
        if not search.worked:
            point = search.widened(point, defined)
        search.worked = search.worked or search.ranges
        yield point


class Search:
    """Ranges for the real arguments and ways for the whole ones: the ones in use, and which come next."""

    def __init__(self, program: Program, sizes: Sizes, draw: random.Random) -> None:
        self.program, self.sizes, self.draw = program, sizes, draw
        self.whole = [a for a in program.arguments if a.dtype is DType.INT]
        self.attempt = self.way = 0
        lengths = {n for a in program.arguments for n in shape_of(a, sizes)} | set(sizes.values())
        self.lengths = sorted(n for n in lengths if n > 0)
        self.bound = min([*self.lengths, 4])
        self.worked: dict[str, draws.Range] | None = None
        self.ranges = self._ranges()
        self.ways = self._ways()

    def point(self) -> Point:
        """Return values of all arguments."""
        values = {}
        for a in self.program.arguments:
            shape = shape_of(a, self.sizes)
            if a.dtype is DType.REAL:
                values[a.name] = draws.real(a, shape, self.ranges[a.name], self.draw)
            elif a.dtype is DType.INT:
                values[a.name] = draws.whole(a, shape, *self.ways[a.name], self.draw)
            else:
                flat = [self.draw.random() < 0.5 for _ in range(math.prod(shape))]
                values[a.name] = np.array(flat, dtype=object).reshape(shape)
        return Point(self.sizes, values, {n: low for n, (low, _) in self.ranges.items()})

    def failed(self) -> None:
        """Go on to other ranges: a value was not finite, or near a kink."""
        self.attempt += 1
        if self.worked is None or self.attempt % 8 == 0:
            self.worked = None
            self.ranges = self._ranges()

    def undefined(self) -> None:
        """Go on to other ways: an index was out of range, or a loop did not end."""
        self.way += 1
        if self.whole and self.worked is None:
            self.ways = self._ways()
        if not self.whole or self.way % len(draws.TRIED) == 0:
            self.failed()

    def widened(self, point: Point, defined: Callable[[Point], bool]) -> Point:
        """Let each index and each count run as far as the formula is defined there; return the last such point."""
        for a in self.whole:
            way, now = self.ways[a.name]
            wanted, end = ("index", "last") if a.axes else ("count", "most")
            for bound in reversed(self.lengths):
                if way == wanted and bound <= now:
                    break
                far, wider = (self._moved(point, a, w, bound) for w in (end, wanted))
                if _is_defined(far, defined) and _is_defined(wider, defined):
                    self.ways[a.name] = wanted, bound
                    point = wider
                    break
        return point

    def _moved(self, point: Point, a: Argument, way: str, bound: int) -> Point:
        values = draws.whole(a, shape_of(a, self.sizes), way, bound, self.draw)
        return replace(point, values={**point.values, a.name: values})

    def _ways(self) -> dict[str, tuple[str, int]]:
        tried = draws.TRIED
        again, place = divmod(self.way, len(tried))
        chosen = {}
        for a in self.whole:
            row = self.draw.choice(tried) if again % 2 else tried[place]
            chosen[a.name] = row[0 if a.axes else 1], self.bound
        return chosen

    def _ranges(self) -> dict[str, draws.Range]:
        arguments, attempt = self.program.arguments, self.attempt
        if attempt < len(RANGES):
            chosen = {a.name: RANGES[attempt] for a in arguments}
        else:
            chosen = {a.name: self.draw.choice(RANGES) for a in arguments}
        for argument in arguments:
            default = argument.default
            if default and math.isfinite(default) and argument.dtype is DType.REAL and attempt % 3 != 2:
                chosen[argument.name] = tuple(sorted((0.75 * default, 1.25 * default)))  # type: ignore[assignment]
        return {a.name: draws.inside(a, chosen[a.name]) for a in arguments}


def _is_defined(point: Point, defined: Callable[[Point], bool]) -> bool:
    try:
        return defined(point)
    except UndefinedError:
        return False
