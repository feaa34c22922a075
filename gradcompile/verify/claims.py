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

from gradcompile.gates.registry import GATES
from gradcompile.ir.nodes import DType, Kind, reachable
from gradcompile.syntax.program import Claim, Program
from gradcompile.verify import draws, samples
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
from gradcompile.verify.oracle import TURNS
from gradcompile.verify.reference import agreement, oracle_of
from gradcompile.verify.samples import Point, Sizes, symbols
from gradcompile.verify.search import NEAR, away

DIGITS = 50
AGREE = 30
POINTS = 3
PROOF = 0.2  # of the time that is left, for one proof
ROUNDED = 14  # digits to which a claim with a rounded decimal in it can be right
TOPS = (1, 0, 2, 2, 3, 3, 3, 3, 5, 5)  # the largest values tried for the smallest counterexample; 0: count 1, 2, 3, …


def check_claims(program: Program, *, seconds: float = 60.0) -> list[ClaimVerdict]:
    """Return a verdict for every claim of a program, within a time budget for all of them together."""
    clock = Clock(seconds)
    checker = Checker(program, clock)
    return [checker.verdict(claim) for claim in program.claims]


@dataclass(frozen=True)
class Look:
    """Both sides of a claim at a point, to how many digits they agree, and how far from a kink that is."""

    point: Point
    left: Array
    right: Array
    digits: float
    margin: Any


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
        if claim.error is not None:
            return "refuted", "shapes", f"A side has no value: {claim.error.message}", None
        sizes = samples.small_sizes(self.program)
        if sizes is None:
            return "undecided", "", "No sizes were found that the formula allows.", None
        looks = self._looks(claim, sizes)
        if not looks:
            return "undecided", "", "No point was found at which both sides are defined.", None
        for look in looks:
            if look.left.shape != look.right.shape:
                sentence = f"The left side has shape {look.left.shape}, the right side {look.right.shape}."
                return "refuted", "shapes", sentence, ", ".join(f"{n} = {s}" for n, s in sizes.items()) or None
            if look.digits < ROUNDED:
                return "refuted", "mpmath", "The sides differ.", self._smallest(claim, look)
        if self._proved(claim, looks[0].point):
            apart = " away from kinks" if _has_kinks(claim) else ""
            whole = any(a.dtype is not DType.REAL for a in self.program.arguments)
            which = "real numbers (at small sizes, for some whole numbers)" if whole else "values (at small sizes)"
            return "proved", "sympy", f"Both sides are equal{apart}, whatever the {which}.", None
        worst = min(look.digits for look in looks)
        if worst >= AGREE:
            return "agrees", "mpmath", f"Both sides agree to {AGREE} digits at {len(looks)} points.", None
        sentence = f"Both sides agree to {int(worst)} digits at {len(looks)} points: a decimal in them is rounded."
        return "agrees", "mpmath", sentence, None

    def _sides(
        self, claim: Claim, number: Field, inputs: dict[str, Any], sizes: Sizes, turns: int = TURNS
    ) -> tuple[Array, Array]:
        oracle = oracle_of(self.program, number, inputs, sizes, turns)
        oracle.execute(next(i for i, s in enumerate(self.program.tree.body) if s is claim.tree))
        left, right = oracle.sides(claim.tree)
        return array(left), array(right)

    def _look(self, claim: Claim, point: Point, turns: int = TURNS) -> Look | None:
        """Evaluate both sides at a point, a doubt more closely; None where they are not finite.

        Raises UndefinedError where one of them has no value.
        """
        for digits in (DIGITS, 3 * DIGITS):
            with mpmath.workdps(digits):
                number = MpmathField(self.clock)
                left, right = self._sides(claim, number, dict(point.numbers(number)), point.sizes, turns)
                if not samples.finite([left, right]):
                    return None
                found = agreement(left, right) if left.shape == right.shape else 0.0
            if found >= AGREE:
                break
        return Look(point, left, right, found, number.margin)

    def _looks(self, claim: Claim, sizes: Sizes) -> list[Look]:
        looks: dict[int, Look] = {}

        def margin(point: Point, turns: int) -> Any:
            look = self._look(claim, point, turns)
            if look is not None:
                looks[id(point)] = look
            return None if look is None else look.margin

        return [looks[id(point)] for point in away(self.program, sizes, claim.span.line, margin, POINTS)]

    def _proved(self, claim: Claim, point: Point) -> bool:
        clock = self.clock.share(PROOF)
        field = SympyField(clock)
        try:
            left, right = self._sides(claim, field, dict(symbols(self.program, point)), point.sizes)
            pairs = zip(left.reshape(-1), right.reshape(-1), strict=True)
            return all(proved_equal(a, b, clock, field.meanings) for a, b in pairs)
        except (TooLargeError, OutOfTimeError, RecursionError, UndefinedError):
            return False

    # Counterexamples

    def _smallest(self, claim: Claim, known: Look) -> str:
        """Return the smallest counterexample found, from size 1 and small whole values upward."""
        extents = samples.extents_of(self.program)
        for sizes in _rising(self.program, known.point.sizes):
            if not samples.allowed(self.program, sizes, extents):
                continue
            for point in _whole_points(self.program, sizes):
                if self.clock.left <= 0:
                    break
                if (look := self._differing(claim, point)) is not None:
                    return self._example(look)
        return self._example(known)

    def _differing(self, claim: Claim, point: Point) -> Look | None:
        if not samples.meets(self.program, point):
            return None
        try:
            look = self._look(claim, point)
        except UndefinedError:
            return None
        return look if look is not None and look.digits < ROUNDED and look.margin > NEAR else None

    def _example(self, look: Look) -> str:
        """Return a counterexample as text: the sizes, the values, and both sides entry by entry."""
        point = look.point
        parts = [f"{name} = {size}" for name, size in point.sizes.items()]
        read = {n.id for n in ast.walk(self.program.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        parts += [f"{a.name} = {_shown(point.values[a.name])}" for a in self.program.arguments if a.name in read]
        for digits in (6, 17, 50):  # enough for the two sides to look different
            left, right = _shown(look.left, digits), _shown(look.right, digits)
            if left != right:
                break
        return f"{', '.join(parts)}: left {left}, right {right}"


def _has_kinks(claim: Claim) -> bool:
    """Is there a gate on either side, or behind it, at whose kink the sides may differ?"""
    nodes = reachable([side.node for side in (claim.left, claim.right) if side is not None])
    return any(n.kind is Kind.GATE and GATES[n.name].kink for n in nodes)


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


def _shown(values: Array, digits: int = 6) -> str:
    def one(value: Any) -> str:
        if isinstance(value, int):
            return str(value)
        return str(mpmath.nstr(mpmath.mpf(value), digits, strip_zeros=True)).removesuffix(".0")

    if values.ndim == 0:
        return one(values[()])
    return f"[{', '.join(_shown(v if isinstance(v, np.ndarray) else array(v), digits) for v in values)}]"
