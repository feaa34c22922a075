"""Where repairs are tried: points away from kinks, and the values that a graph has there to 25 digits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import mpmath

from gradcompile.errors import InternalError
from gradcompile.syntax.program import Program, Value
from gradcompile.verify import samples
from gradcompile.verify.arrays import Array
from gradcompile.verify.evaluate import Evaluator
from gradcompile.verify.fields import Clock, MpmathField, TooLargeError, UndefinedError
from gradcompile.verify.memory import NotYetError
from gradcompile.verify.reference import spread
from gradcompile.verify.samples import Point, Sizes
from gradcompile.verify.search import away

BITS = 83  # of precision: 25 digits
CLOSE = mpmath.mpf(10) ** -12  # relative: what the rounding of the formula's decimals leaves
POINTS = 2
SEEDS = 12  # other draws of points, where the first do not tell two values apart


class Trial:
    """A point, and the values of nodes there, each computed once."""

    def __init__(self, point: Point, clock: Clock, field: MpmathField | None = None, bits: int = BITS) -> None:
        self.point, self.clock, self.bits = point, clock, bits
        self.field = field or MpmathField(clock)
        with mpmath.workprec(bits):
            self.evaluator = Evaluator(point.numbers(self.field), point.sizes, self.field)
        self.known: dict[Value, Array | None] = {}

    def array(self, value: Value) -> Array | None:
        """Return a value as an array; None where it is not defined, or not finite."""
        if value not in self.known:
            self.known[value] = self._array(value)
        return self.known[value]

    def _array(self, value: Value) -> Array | None:
        self.clock.check()
        with mpmath.workprec(self.bits):
            try:
                (found,) = self.evaluator.run([value.node])
                result = spread(value, found, self.evaluator.memory.sizes)
            except (UndefinedError, TooLargeError, NotYetError, InternalError, ValueError, KeyError, IndexError):
                return None
        return result if samples.finite([result]) else None


class Bench:
    """Trials at small sizes and, to see how something depends on sizes, one at others; or at points that are given."""

    def __init__(
        self, program: Program, values: Sequence[Value], seed: int, clock: Clock, given: Sequence[Point] = ()
    ) -> None:
        self.program, self.values, self.clock = program, values, clock
        self.extents = samples.extents_of(program)
        if given:
            self.trials = [Trial(point, clock) for point in given]
            return
        small = samples.small_sizes(program)
        points = [] if small is None else self._points(small, seed, POINTS)
        if points and (other := self._other(points[0].sizes)) is not None:
            points += self._points(other, seed, 1)
        self.trials = [Trial(point, clock) for point in points]
        if small is not None and points:
            self._tell_apart(small, seed)

    def _tell_apart(self, sizes: Sizes, seed: int) -> None:
        """Add a point at which the values differ, if they do not at any yet: a branch may be taken nowhere so far."""
        if len(self.values) != 2 or not self.same(*self.values):
            return
        for other in range(seed + 1, seed + SEEDS):
            for point in self._points(sizes, other, POINTS):
                trial = Trial(point, self.clock)
                if not close(trial.array(self.values[0]), trial.array(self.values[1])):
                    self.trials.insert(0, trial)
                    return

    def _points(self, sizes: Sizes, seed: int, count: int) -> list[Point]:
        nodes = [v.node for v in self.values]

        def margin(point: Point, turns: int) -> Any:
            field = MpmathField(self.clock)
            with mpmath.workprec(BITS):
                found = Evaluator(point.numbers(field), point.sizes, field).run(nodes)
            return field.margin if samples.finite(found) else None

        return away(self.program, sizes, seed, margin, count)

    def _other(self, sizes: Sizes) -> Sizes | None:
        """Return sizes all of which differ from some sizes."""
        for shift in ([1] * len(sizes), list(range(1, len(sizes) + 1)), list(range(len(sizes), 0, -1))):
            other = {n: size + by for (n, size), by in zip(sizes.items(), shift, strict=True)}
            if other and samples.allowed(self.program, other, self.extents):
                return other
        return None

    def same(self, one: Value, other: Value) -> bool:
        """Are two values equal at every point?"""
        return bool(self.trials) and all(close(t.array(one), t.array(other)) for t in self.trials)

    def pairs(self, one: Value, other: Value) -> Iterator[tuple[Trial, Array, Array]]:
        """Yield what two values are at every point at which both are defined."""
        for trial in self.trials:
            a, b = trial.array(one), trial.array(other)
            if a is not None and b is not None:
                yield trial, a, b

    def sizes_of(self, value: Value) -> tuple[int, ...]:
        """Return the shape of a value at the first point."""
        sizes = self.trials[0].evaluator.memory.sizes
        return tuple(a.extent.evaluate(sizes) for a in value.axes)


def close(one: Array | None, other: Array | None, tolerance: Any = CLOSE) -> bool:
    """Are two arrays of one shape equal, up to rounding?"""
    if one is None or other is None or one.shape != other.shape:
        return False
    pairs = [(mpmath.mpf(a), mpmath.mpf(b)) for a, b in zip(one.reshape(-1), other.reshape(-1), strict=True)]
    scale = max((abs(x) for pair in pairs for x in pair), default=mpmath.mpf(0))
    exact = tolerance is CLOSE
    return all(abs(a - b) <= tolerance * (max(abs(a), abs(b), scale * CLOSE) if exact else scale) for a, b in pairs)
