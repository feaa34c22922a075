"""Claims of which there are only values: from a function, or arrays at a point."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from gradcompile.diagnosis.bench import Bench, Trial
from gradcompile.diagnosis.candidates import Case
from gradcompile.diagnosis.claimed import asserting, line_of, result_text
from gradcompile.diagnosis.diagnose import diagnose
from gradcompile.diagnosis.inputs import UNIT, Inputs, fitted, inputs_of, nudged, numbers, point_of
from gradcompile.diagnosis.many import judge_many
from gradcompile.diagnosis.relations import Pair
from gradcompile.errors import FormulaError
from gradcompile.syntax.program import Program, Value
from gradcompile.verify import ClaimVerdict
from gradcompile.verify.arrays import Array, elementwise
from gradcompile.verify.examples import point_text, sides_text, small_points
from gradcompile.verify.fields import Clock, OutOfTimeError, ProbeField
from gradcompile.verify.precision import DOUBLES
from gradcompile.verify.samples import Point
from gradcompile.verify.search import NEAR

Evaluate = Callable[[Sequence[Inputs]], list[Any]]
"""Gives what is claimed at each of several points."""

SAFETY = 32.0
MOST = 5000  # numbers of a point at which a derivation is looked at gate by gate
NUDGES = 2
SMALL = 40  # points of small whole numbers that are looked at for a counterexample


@dataclass
class ValuesCase(Case):
    """A claim whose one side is values at the points of its bench, each with the error that they may have."""

    arrays: Sequence[Array] = ()
    errors: Sequence[float] = ()
    called: str = "yours"

    @property
    def claimed_tree(self) -> ast.expr:
        """A name for what is claimed."""
        return ast.Name(self.called, ast.Load(), lineno=1, col_offset=0, end_lineno=1, end_col_offset=0)

    @property
    def claimed(self) -> Value | None:
        """There is no expression."""
        return None

    @property
    def is_swapped(self) -> bool:
        """The right side is the one that the file gives."""
        return False

    @property
    def claimed_shape(self) -> tuple[int, ...] | None:
        """The shape of the values."""
        return tuple(self.arrays[0].shape)

    def is_claimed(self, value: Value) -> bool:
        """Is a value what is claimed?"""
        measured = zip(self.bench.trials, self.arrays, self.errors, strict=True)
        return all(_agree(trial.array(value), array, error) for trial, array, error in measured)

    def pairs_with(self, right: Value) -> list[Pair]:
        """Return some value, in the place of the right side, and the claimed side at every point."""
        found = []
        for trial, array, error in zip(self.bench.trials, self.arrays, self.errors, strict=True):
            if (value := trial.array(right)) is None:
                return []
            largest = _largest(value)
            tolerance = mpmath.mpf(error) / largest if largest else mpmath.mpf(1)
            found.append(Pair(value, array, self.scalars(trial), max(tolerance, mpmath.mpf(UNIT))))
        return found


def judge_values(
    program: Program, name: str, text: str, evaluate: Evaluate, *, at: Inputs | None = None, seconds: float = 60.0
) -> ClaimVerdict:
    """Return the verdict on values of the gradient by a name; `text` is what they are called, `at` their one point."""
    clock = Clock(seconds)
    gradient = f"grad({result_text(program)}, {name})"
    claim = asserting(program, [f"{gradient} == 0 * {name}"])
    place = program.file, line_of(program, name), f"{gradient} == {text}"
    points = []
    if at is not None:
        sizes, arrays = fitted(claim, at)
        if sum(a.size for a in arrays.values()) > MOST:
            return judge_many(program, gradient, place, evaluate, sizes, arrays)
        points = [point_of(claim, sizes, arrays)]
    try:
        return _judged(Values(claim, place, text, evaluate, clock), points)
    except OutOfTimeError:
        return ClaimVerdict(*place, "undecided", "", "The time budget was spent before a verdict.")


@dataclass
class Values:
    """What is claimed of a gradient by its values."""

    program: Program
    place: tuple[str, int, str]
    text: str
    evaluate: Evaluate
    clock: Clock


def _judged(values: Values, points: Sequence[Point]) -> ClaimVerdict:
    place, (claim,) = values.place, values.program.claims
    bench = Bench(values.program, [claim.left], 0, values.clock, points)  # type: ignore[list-item]
    if not bench.trials:
        return ClaimVerdict(*place, "undecided", "", "No point was found at which the formula is defined.")
    arrays, errors = measured(bench, values.evaluate, nudge=not points)
    called = values.text if values.text.isidentifier() else "yours"
    case = ValuesCase(values.program, claim, values.clock, arrays, errors, called)
    case.bench = bench
    rights = [trial.array(case.right) for trial in bench.trials]  # type: ignore[arg-type]
    if any(right is None for right in rights):
        return ClaimVerdict(*place, "undecided", "", "The formula is not defined at the point.")
    case.errors = [e + _rounding(case, t) for e, t in zip(errors, bench.trials, strict=True)]
    verdict = [_agree(r, a, e) for r, a, e in zip(rights, arrays, case.errors, strict=True)]
    if all(verdict):
        digits = min(_digits(r, a) for r, a in zip(rights, arrays, strict=True) if r is not None)
        many = "1 point" if len(verdict) == 1 else f"{len(verdict)} points"
        return ClaimVerdict(*place, "agrees", "values", f"The values agree to {digits} digits at {many}.")
    worst = verdict.index(False)
    example = _example(values.program, bench.trials[worst].point, rights[worst], arrays[worst])
    if not points:
        example = _smallest(values, case) or example
    return _refuted(case, place, example)


def _refuted(case: ValuesCase, place: tuple[str, int, str], example: str) -> ClaimVerdict:
    try:
        found = diagnose(case)
    except OutOfTimeError:
        return ClaimVerdict(*place, "refuted", "values", "The values differ.", counterexample=example)
    return ClaimVerdict(
        *place, "refuted", "values", found.sentence, found.kind, found.gate, found.gate_line, found.repair, example
    )


def _smallest(values: Values, case: ValuesCase) -> str | None:
    """Return the smallest counterexample among points of small whole numbers; None where none of them is one."""
    program, right = values.program, case.right
    assert right is not None
    trials = []
    for point in itertools.islice(small_points(program, case.bench.trials[0].point.sizes), SMALL):
        trial = Trial(point, values.clock)
        if trial.array(right) is not None and trial.field.margin > NEAR:
            trials.append(trial)
    try:
        claimed = values.evaluate([inputs_of(program, trial.point) for trial in trials])
    except (FormulaError, ArithmeticError, ValueError):  # it may be undefined at such points
        return None
    for trial, value in zip(trials, claimed, strict=True):
        mine, its = np.asarray(value, dtype=float), trial.array(right)
        error = SAFETY * UNIT * float(np.max(np.abs(mine), initial=0.0)) + _rounding(case, trial)
        exact = elementwise(mpmath.mpf, np.asarray(mine, dtype=object))
        if np.all(np.isfinite(mine)) and not _agree(its, exact, error):
            return _example(program, trial.point, its, exact)
    return None


def _example(program: Program, point: Point, right: Array | None, claimed: Array) -> str:
    return f"{point_text(program, point)}: {sides_text(right, claimed)}"


# Errors


def measured(bench: Bench, evaluate: Evaluate, *, nudge: bool) -> tuple[list[Array], list[float]]:
    """Return what is claimed at each point, and by how much it moves when the inputs are rounded otherwise."""
    points = [inputs_of(bench.program, t.point) for t in bench.trials]
    each = 1 + NUDGES if nudge else 1
    asked = [nudged(point, n) if n else point for point in points for n in range(each)]
    found = [numbers(value) for value in evaluate(asked)]
    arrays: list[Array] = []
    errors: list[float] = []
    for start in range(0, len(found), each):
        first, *others = found[start : start + each]
        moved = [float(np.max(np.abs(o - first), initial=0.0)) for o in others if o.shape == first.shape]
        arrays.append(elementwise(mpmath.mpf, np.asarray(first, dtype=object)))
        errors.append(SAFETY * (max(moved, default=0.0) + UNIT * float(np.max(np.abs(first), initial=0.0))))
    return arrays, errors


def _rounding(case: ValuesCase, trial: Trial) -> float:
    """Return how far the rounding of double precision carries in the right derivation."""
    assert case.right is not None
    probe = Trial(trial.point, case.budget, ProbeField(case.budget))
    moved, right = probe.array(case.right), trial.array(case.right)
    if moved is None or right is None:
        return 0.0
    largest = max((abs(mpmath.mpf(a) - mpmath.mpf(b)) for a, b in zip(moved.flat, right.flat, strict=True)), default=0)
    return SAFETY * float(mpmath.ldexp(largest, DOUBLES.nudge - DOUBLES.bits))


def _agree(right: Array | None, claimed: Array, error: float) -> bool:
    if right is None or right.shape != claimed.shape:
        return False
    return all(abs(mpmath.mpf(a) - b) <= error for a, b in zip(right.reshape(-1), claimed.reshape(-1), strict=True))


def _largest(array: Array) -> Any:
    return max((abs(mpmath.mpf(x)) for x in array.reshape(-1)), default=mpmath.mpf(0))


def _digits(right: Array, claimed: Array) -> int:
    """Return to how many digits two arrays agree, relative to the largest element."""
    scale, worst = _largest(right), mpmath.mpf(0)
    for a, b in zip(right.reshape(-1), claimed.reshape(-1), strict=True):
        worst = max(worst, abs(mpmath.mpf(a) - b))
    return 16 if not worst or not scale else min(16, int(-mpmath.log10(worst / scale)))
