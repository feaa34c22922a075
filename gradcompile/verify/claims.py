"""Level 3: every `assert` of a formula, as an identity of its own: proved, agreed to, or refuted."""

from __future__ import annotations

import ast
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from gradcompile.ir.nodes import DType
from gradcompile.syntax.program import Claim, Program
from gradcompile.verify import samples
from gradcompile.verify.arrays import Array, array
from gradcompile.verify.certificate import ClaimVerdict
from gradcompile.verify.fields import (
    Clock,
    Field,
    MpmathField,
    OutOfTimeError,
    SympyField,
    TooLargeError,
    UndefinedError,
)
from gradcompile.verify.identity import proved_equal
from gradcompile.verify.oracle import Oracle
from gradcompile.verify.reference import agreement
from gradcompile.verify.samples import Point, Sizes, symbols

DIGITS = 50
AGREE = 30
POINTS = 5
ROUNDED = 14  # digits to which a claim with a rounded decimal in it can be right
SMALLEST = 8  # values tried for the smallest counterexample, per assignment of sizes


def check_claims(program: Program, *, seconds: float = 60.0) -> list[ClaimVerdict]:
    """Return a verdict for every claim of a program, within a time budget for all of them together."""
    clock = Clock(seconds)
    checker = Checker(program, clock)
    return [checker.verdict(claim) for claim in program.claims]


@dataclass
class Checker:
    """Judges the claims of one program."""

    program: Program
    clock: Clock

    def verdict(self, claim: Claim) -> ClaimVerdict:
        """Return what comes of a claim."""
        try:
            verdict, tier, sentence, example = self._judge(claim)
        except OutOfTimeError:
            verdict, tier, sentence, example = "undecided", "", "The time budget was spent before a verdict.", None
        place = self.program.file, claim.span.line, claim.text
        return ClaimVerdict(*place, verdict, tier, sentence, counterexample=example)

    def _judge(self, claim: Claim) -> tuple[str, str, str, str | None]:
        sizes = samples.small_sizes(self.program)
        if sizes is None:
            return "undecided", "", "No sizes were found that the formula allows.", None
        points = self._points(claim, sizes, POINTS)
        if not points:
            return "undecided", "", "No point was found at which both sides are defined.", None
        worst = float("inf")
        for point in points:
            left, right, digits = self._numbers(claim, point)
            if left.shape != right.shape:
                sentence = f"The left side has shape {left.shape}, the right side {right.shape}."
                return "refuted", "shapes", sentence, self._example(point, left, right)
            if digits < ROUNDED:
                return "refuted", "mpmath", "The sides differ.", self._smallest(claim, point)
            worst = min(worst, digits)
        if self._proved(claim, points[0]):
            return "proved", "sympy", "Both sides are equal, whatever the values (at small sizes).", None
        if worst >= AGREE:
            return "agrees", "mpmath", f"Both sides agree to {AGREE} digits at {len(points)} points.", None
        sentence = f"Both sides agree to {int(worst)} digits at {len(points)} points: a decimal in them is rounded."
        return "agrees", "mpmath", sentence, None

    def _sides(self, claim: Claim, number: Field, inputs: dict[str, Any], sizes: Sizes) -> tuple[Array, Array]:
        oracle = Oracle(self.program.tree, number, inputs, sizes)
        oracle.execute(next(i for i, s in enumerate(self.program.tree.body) if s is claim.tree))
        left, right = oracle.sides(claim.tree)
        return array(left), array(right)

    def _numbers(self, claim: Claim, point: Point) -> tuple[Array, Array, float]:
        """Return both sides at a point, and to how many digits they agree; a doubt is looked at more closely."""
        for digits in (DIGITS, 3 * DIGITS):
            with mpmath.workdps(digits):
                number = MpmathField(self.clock)
                left, right = self._sides(claim, number, dict(point.numbers(number)), point.sizes)
                found = agreement(left, right) if left.shape == right.shape else 0.0
            if found >= AGREE:
                break
        return left, right, found

    def _points(self, claim: Claim, sizes: Sizes, count: int) -> list[Point]:
        for near in (samples.NEAR, -1.0):
            found = samples.points(self.program, sizes, claim.span.line, lambda p, n=near: self._defined(claim, p, n))  # type: ignore[misc]
            if points := list(itertools.islice(found, count)):
                return points
        return []

    def _defined(self, claim: Claim, point: Point, near: float) -> bool:
        number = MpmathField(self.clock)
        with mpmath.workdps(20):
            try:
                sides = self._sides(claim, number, dict(point.numbers(number)), point.sizes)
            except UndefinedError:
                return False
        return samples.finite(list(sides)) and number.margin > near

    def _proved(self, claim: Claim, point: Point) -> bool:
        clock = Clock(min(max(0.5, 0.5 * self.clock.left), self.clock.left))
        field = SympyField(clock)
        try:
            left, right = self._sides(claim, field, dict(symbols(self.program, point)), point.sizes)
            pairs = zip(left.reshape(-1), right.reshape(-1), strict=True)
            return all(proved_equal(field.thaw(a), field.thaw(b), clock) for a, b in pairs)
        except (TooLargeError, OutOfTimeError, RecursionError, UndefinedError):
            return False

    # Counterexamples

    def _smallest(self, claim: Claim, known: Point) -> str:
        """Return the smallest counterexample found, from size 1 and small whole values upward."""
        extents = samples.extents_of(self.program)
        for sizes in _rising(self.program, known.sizes):
            if not samples.allowed(self.program, sizes, extents):
                continue
            for point in _whole_points(self.program, sizes):
                if self.clock.left <= 0:
                    break
                if self._defined(claim, point, samples.NEAR):
                    left, right, digits = self._numbers(claim, point)
                    if digits < ROUNDED:
                        return self._example(point, left, right)
        left, right, _ = self._numbers(claim, known)
        return self._example(known, left, right)

    def _example(self, point: Point, left: Array, right: Array) -> str:
        """Return a counterexample as text: the sizes, the values, and both sides entry by entry."""
        parts = [f"{name} = {size}" for name, size in point.sizes.items()]
        read = {n.id for n in ast.walk(self.program.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        parts += [f"{a.name} = {_shown(point.values[a.name])}" for a in self.program.arguments if a.name in read]
        return f"{', '.join(parts)}: left {_shown(left)}, right {_shown(right)}"


def _rising(program: Program, known: Sizes) -> Iterator[Sizes]:
    names = list(program.dimensions)
    tuples = itertools.product(range(1, 4), repeat=len(names)) if len(names) < 5 else iter(())
    for sizes in sorted(tuples, key=lambda s: (sum(s), s)):
        if sum(sizes) <= sum(known.values()):
            yield dict(zip(names, sizes, strict=True))


def _whole_points(program: Program, sizes: Sizes) -> Iterator[Point]:
    for attempt in range(SMALLEST):
        draw = random.Random(f"{sorted(sizes.items())}|{attempt}")
        top = 1 + attempt // 2
        values = {}
        for argument in program.arguments:
            value = np.empty(samples.shape_of(argument, sizes), dtype=object)
            for p in np.ndindex(value.shape):
                value[p] = _small_value(argument.dtype, draw, top, min([2, *sizes.values()]))
            values[argument.name] = value
        yield Point(sizes, values, dict.fromkeys(values, 0.0))


def _small_value(dtype: DType, draw: random.Random, top: int, extent: int) -> float | int | bool:
    if dtype is DType.BOOL:
        return draw.random() < 0.5
    if dtype is DType.INT:
        return draw.randrange(max(1, extent))
    return float(draw.randint(1 if top < 3 else -top, top))


def _shown(values: Array) -> str:
    def one(value: Any) -> str:
        if isinstance(value, int):
            return str(value)
        return mpmath.nstr(mpmath.mpf(value), 6, strip_zeros=True).removesuffix(".0")

    if values.ndim == 0:
        return one(values[()])
    return f"[{', '.join(_shown(v if isinstance(v, np.ndarray) else array(v)) for v in values)}]"
