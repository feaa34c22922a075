"""Level 3: every `assert` of a formula, as an identity of its own: proved, agreed to, or refuted."""

from __future__ import annotations

import ast
import math
import random
from dataclasses import dataclass
from functools import partial
from typing import Any

import mpmath

from gradcompile.errors import InternalError
from gradcompile.gates.kinks import kinks
from gradcompile.ir.nodes import DType
from gradcompile.syntax.program import Claim, Program
from gradcompile.verify import samples
from gradcompile.verify.arrays import Array, array, elementwise
from gradcompile.verify.certificate import ClaimVerdict
from gradcompile.verify.examples import point_text, sides_text, small_points
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
SAFETY = 8  # times an estimated error is what a difference may be
CLEAR = 4  # digits; sides that agree to fewer at high precision are not apart by the rounding of a decimal
NUDGES = 2  # other roundings of the decimals that are looked at
SHORT = 2.0**20  # a decimal that is a whole number of these parts is meant exactly


def check_claims(program: Program, *, seconds: float = 60.0) -> list[ClaimVerdict]:
    """Return a verdict for every claim of a program, within a time budget for all of them together."""
    clock = Clock(seconds)
    checker = Checker(program, clock)
    return [checker.verdict(claim) for claim in program.claims]


@dataclass(frozen=True)
class Look:
    """Both sides of a claim at a point, to how many digits they agree, and how far from a kink that is.

    `differs`: they are further apart than the error of their evaluation and the rounding of their decimals explain.
    """

    point: Point
    left: Array
    right: Array
    digits: float
    margin: Any
    differs: bool


class _Seen(Exception):  # noqa: N818  (nothing is wrong but the claim)
    """A point at which the sides differ: no other one has to be looked at."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look


class RoundedField(MpmathField):
    """Numbers in which the decimals of a formula are rounded to another one of the floats that are nearest."""

    def __init__(self, clock: Clock | None, seed: int) -> None:
        super().__init__(clock)
        self.draw = random.Random(seed)

    def number(self, value: float) -> Any:
        """Return a literal, up or down by half a unit in the last place where it may be rounded."""
        exact = super().number(value)
        if isinstance(value, int) or not math.isfinite(value) or (value * SHORT).is_integer():
            return exact
        return exact * (1 + self.draw.choice((-1, 1)) * mpmath.mpf(2) ** -53)


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
            return "refuted", "shapes", f"A side has no value: {claim.error.message}", self._half(claim)
        sizes = samples.small_sizes(self.program)
        if sizes is None:
            return "undecided", "", "No sizes were found that the formula allows.", None
        looks = self._looks(claim, sizes)
        if not looks:
            return self._one_sided(claim, sizes)
        for look in looks:
            if look.left.shape != look.right.shape:
                sentence = f"The left side has shape {look.left.shape}, the right side {look.right.shape}."
                return "refuted", "shapes", sentence, self._smallest(claim, look)
            if look.differs:
                return "refuted", "mpmath", "The sides differ.", self._smallest(claim, look)
        if self._proved(claim, looks[0].point):
            apart = " away from kinks" if kinks([s.node for s in (claim.left, claim.right) if s is not None]) else ""
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
        rough: tuple[Array, Array] | None = None
        for digits in (DIGITS, 3 * DIGITS):
            with mpmath.workdps(digits):
                number = MpmathField(self.clock)
                left, right = self._sides(claim, number, dict(point.numbers(number)), point.sizes, turns)
                if not samples.finite([left, right]):
                    return None
                if left.shape != right.shape:
                    return Look(point, left, right, 0.0, number.margin, differs=True)
                found = agreement(left, right)
            if found >= AGREE:
                return Look(point, left, right, found, number.margin, differs=False)
            rough = rough or (left, right)
        assert rough is not None
        differs = found < CLEAR or self._differs(claim, point, rough, (left, right), turns)
        return Look(point, left, right, found, number.margin, differs)

    def _differs(
        self, claim: Claim, point: Point, rough: tuple[Array, Array], fine: tuple[Array, Array], turns: int
    ) -> bool:
        """Are the sides further apart than errors explain: of the evaluation, and of the rounding of decimals?"""
        with mpmath.workdps(3 * DIGITS):
            apart = fine[0] - fine[1]
            errors = [fine[0] - rough[0], fine[1] - rough[1]]
            inputs = dict(point.numbers(MpmathField(self.clock)))
            for seed in range(NUDGES):
                left, right = self._sides(claim, RoundedField(self.clock, seed), dict(inputs), point.sizes, turns)
                if left.shape == fine[0].shape == right.shape:
                    errors.append(left - right - apart)
            allowed = sum((elementwise(abs, array(e)) for e in errors), start=array(0))
            return any(abs(d) > SAFETY * e for d, e in zip(array(apart).flat, array(allowed).flat, strict=True))

    def _looks(self, claim: Claim, sizes: Sizes) -> list[Look]:
        looks: dict[int, Look] = {}

        def margin(point: Point, turns: int) -> Any:
            look = self._look(claim, point, turns)
            if look is not None:
                looks[id(point)] = look
                if look.differs and look.margin > NEAR:
                    raise _Seen(look)
            return None if look is None else look.margin

        try:
            return [looks[id(point)] for point in away(self.program, sizes, claim.span.line, margin, POINTS)]
        except _Seen as seen:
            return [seen.look]

    def _one_sided(self, claim: Claim, sizes: Sizes) -> tuple[str, str, str, str | None]:
        """Judge a claim of which no point was found at which both sides are defined."""
        for name, place in (("left", 0), ("right", 1)):
            points = away(self.program, sizes, claim.span.line, partial(self._margin_of, claim, place), POINTS)
            if len(points) == POINTS:
                other = "right" if name == "left" else "left"
                sentence = f"The {other} side is undefined wherever the {name} side was found to have a value."
                return "refuted", "mpmath", sentence, point_text(self.program, points[0])
        return "undecided", "", "No point was found at which both sides are defined.", None

    def _margin_of(self, claim: Claim, side: int, point: Point, turns: int) -> Any:
        """Return how far a point is from a kink of one side, None where that side is not finite."""
        value, margin = self._one_side(claim, side, point, turns)
        return margin if samples.finite([value]) else None

    def _one_side(self, claim: Claim, side: int, point: Point, turns: int) -> tuple[Array, Any]:
        """Return one side at a point, and how far that is from a kink."""
        with mpmath.workdps(DIGITS):
            number = MpmathField(self.clock)
            oracle = oracle_of(self.program, number, dict(point.numbers(number)), point.sizes, turns)
            oracle.execute(next(i for i, s in enumerate(self.program.tree.body) if s is claim.tree))
            assert isinstance(claim.tree.test, ast.Compare)
            value = oracle.evaluate([claim.tree.test.left, *claim.tree.test.comparators][side])
            return array(value), number.margin

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
        """Return the smallest counterexample found; of sides of different shapes, one at which they differ."""
        apart = known.left.shape != known.right.shape
        for point in small_points(self.program, known.point.sizes):
            try:
                look = self._differing(claim, point)
            except OutOfTimeError:  # it is refuted all the same
                break
            if look is not None and (look.left.shape != look.right.shape) >= apart:
                return self._example(look)
        return self._example(known)

    def _differing(self, claim: Claim, point: Point) -> Look | None:
        try:
            look = self._look(claim, point)
        except UndefinedError:
            return None
        return look if look is not None and look.differs and look.margin > NEAR else None

    def _example(self, look: Look) -> str:
        """Return a counterexample as text: the sizes, the values, and both sides entry by entry."""
        return f"{point_text(self.program, look.point)}: {sides_text(look.left, look.right)}"

    def _half(self, claim: Claim) -> str | None:
        """Return the smallest example for a claim of which one side has no value: what the other one is there."""
        sizes, side = samples.small_sizes(self.program), int(claim.left is None)
        if sizes is None or (claim.left is None and claim.right is None):
            return None
        for point in small_points(self.program, sizes):
            try:
                value = self._value(claim, side, point)
                other = self._value(claim, 1 - side, point)
            except OutOfTimeError:  # it is refuted all the same
                break
            if value is not None and any(value.flat) and other is None:
                pair = (None, value) if side else (value, None)
                return f"{point_text(self.program, point)}: {sides_text(*pair)}"
        return None

    def _value(self, claim: Claim, side: int, point: Point) -> Array | None:
        """Return one side at a point; None where it has no value, or its sizes do not fit."""
        try:
            value, _ = self._one_side(claim, side, point, TURNS)
        except (UndefinedError, InternalError, ValueError, IndexError):
            return None
        return value if samples.finite([value]) else None
