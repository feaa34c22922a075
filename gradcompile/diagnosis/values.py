"""Claims of which there are only values: from a function, or arrays at a point."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from gradcompile.diagnosis.bench import Bench, Trial
from gradcompile.diagnosis.candidates import Case
from gradcompile.diagnosis.claimed import asserting, result_text
from gradcompile.diagnosis.diagnose import diagnose
from gradcompile.diagnosis.relations import Pair
from gradcompile.errors import FormulaError
from gradcompile.ir.nodes import DType
from gradcompile.syntax.program import Argument, Program, Value
from gradcompile.verify import ClaimVerdict
from gradcompile.verify.arrays import Array, elementwise
from gradcompile.verify.fields import Clock, OutOfTimeError, ProbeField
from gradcompile.verify.precision import DOUBLES
from gradcompile.verify.samples import Point

Inputs = dict[str, Any]  # floats and NumPy arrays by name
Evaluate = Callable[[Sequence[Inputs]], list[Any]]
"""Gives what is claimed at each of several points."""

UNIT = 2.0**-53
SAFETY = 32.0
MOST = 5000  # numbers of a point at which a derivation can be looked at gate by gate
NUDGES = 2


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

    def pairs(self) -> list[Pair]:
        """Return both sides at every point."""
        found = []
        for trial, array, error in zip(self.bench.trials, self.arrays, self.errors, strict=True):
            right = trial.array(self.right) if self.right is not None else None
            if right is None:
                return []
            largest = _largest(right)
            tolerance = mpmath.mpf(error) / largest if largest else mpmath.mpf(1)
            found.append(Pair(right, array, self._scalars(trial), max(tolerance, mpmath.mpf(UNIT))))
        return found


def judge_values(
    program: Program, name: str, text: str, evaluate: Evaluate, *, at: Inputs | None = None, seconds: float = 60.0
) -> ClaimVerdict:
    """Return the verdict on values of the gradient by a name; `text` is what they are called, `at` their one point."""
    clock = Clock(seconds)
    claim = asserting(program, [f"grad({result_text(program)}, {name}) == 0 * {name}"])
    point = None if at is None else point_of(claim, at)
    bench = Bench(claim, [claim.claims[0].left], 0, clock, [] if point is None else [point])  # type: ignore[list-item]
    about = f"grad({result_text(program)}, {name}) == {text}"
    place = program.file, _line(program, name), about
    if not bench.trials:
        return ClaimVerdict(*place, "undecided", "", "No point was found at which the formula is defined.")
    arrays, errors = measured(bench, evaluate, nudge=point is None)
    called = text if text.isidentifier() else "yours"
    case = ValuesCase(claim, claim.claims[0], clock, arrays, errors, called)
    case.bench = bench
    rights = [trial.array(case.right) for trial in bench.trials]  # type: ignore[arg-type]
    if any(right is None for right in rights):
        return ClaimVerdict(*place, "undecided", "", "The formula is not defined at the point.")
    errors = [e + _rounding(case, t) for e, t in zip(errors, bench.trials, strict=True)]
    case.errors = errors
    verdict = [_agree(r, a, e) for r, a, e in zip(rights, arrays, errors, strict=True)]
    if all(verdict):
        digits = min(_digits(r, a) for r, a in zip(rights, arrays, strict=True) if r is not None)
        points = "1 point" if len(verdict) == 1 else f"{len(verdict)} points"
        return ClaimVerdict(*place, "agrees", "values", f"The values agree to {digits} digits at {points}.")
    return _refuted(case, place, rights, verdict.index(False))


def _refuted(case: ValuesCase, place: tuple[str, int, str], rights: Sequence[Any], worst: int) -> ClaimVerdict:
    try:
        found = diagnose(case)
    except OutOfTimeError:
        return ClaimVerdict(*place, "refuted", "values", "The values differ.")
    example = (
        f"{_point_text(case.bench.trials[worst])}: left {_shown(rights[worst])}, right {_shown(case.arrays[worst])}"
    )
    return ClaimVerdict(
        *place, "refuted", "values", found.sentence, found.kind, found.gate, found.gate_line, found.repair, example
    )


def _line(program: Program, name: str) -> int:
    """Return the line on which something is declared or assigned."""
    for statement in program.tree.body:
        if any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in ast.walk(statement)):
            return statement.lineno
    return 1


# Points


def point_of(program: Program, values: Mapping[str, Any]) -> Point:
    """Return values by name as a point. Raises FormulaError for what does not fit the declarations."""
    sizes: dict[str, int] = {}
    arrays: dict[str, Array] = {}
    for argument in program.arguments:
        if argument.name not in values and argument.default is None:
            raise FormulaError(f"the point has no value of `{argument.name}`.", hint="Save every input by its name.")
        array = np.asarray(values.get(argument.name, argument.default))
        arrays[argument.name] = _elements(argument, array)
        for extent, length in zip(argument.shape, array.shape, strict=True):
            if len(extent.names) == 1 and str(extent).isidentifier():
                sizes.setdefault(str(extent), length)
    for argument in program.arguments:
        if tuple(e.evaluate(sizes) for e in argument.shape) != arrays[argument.name].shape:
            raise FormulaError(
                f"`{argument.name}` has shape {arrays[argument.name].shape}, but is declared otherwise.",
                hint=f"The sizes are {', '.join(f'{n} = {s}' for n, s in sizes.items())} by the first inputs.",
            )
    if sum(a.size for a in arrays.values()) > MOST:
        raise FormulaError(f"the point has more than {MOST} numbers.", hint="A derivation shows at smaller sizes too.")
    return Point(sizes, arrays, dict.fromkeys(arrays, 0.0))


def _elements(argument: Argument, array: Any) -> Array:
    if array.ndim != len(argument.axes) or array.dtype.kind not in "biuf":
        hint = "Give real numbers in the declared shape."
        raise FormulaError(f"`{argument.name}` has {array.ndim} axes, {len(argument.axes)} are declared.", hint=hint)
    kind: Callable[[Any], Any] = {DType.REAL: float, DType.INT: int, DType.BOOL: bool}[argument.dtype]
    result = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        result[place] = kind(array[place])
    return result


def inputs_of(program: Program, point: Point) -> Inputs:
    """Return a point as floats and NumPy arrays, with the sizes of dimensions beside them."""
    kinds = {DType.REAL: np.float64, DType.INT: np.int64, DType.BOOL: np.bool_}
    found: Inputs = dict(point.sizes)
    for argument in program.arguments:
        array: Any = np.array(point.values[argument.name], dtype=kinds[argument.dtype])
        found[argument.name] = array if array.ndim else array[()].item()
    return found


# Errors


def measured(bench: Bench, evaluate: Evaluate, *, nudge: bool) -> tuple[list[Array], list[float]]:
    """Return what is claimed at each point, and by how much it moves when the inputs are rounded otherwise."""
    points = [inputs_of(bench.program, t.point) for t in bench.trials]
    each = 1 + NUDGES if nudge else 1
    asked = [_nudged(point, n) if n else point for point in points for n in range(each)]
    found = [_numbers(value) for value in evaluate(asked)]
    arrays: list[Array] = []
    errors: list[float] = []
    for start in range(0, len(found), each):
        first, *others = found[start : start + each]
        moved = [float(np.max(np.abs(o - first), initial=0.0)) for o in others if o.shape == first.shape]
        arrays.append(elementwise(mpmath.mpf, np.asarray(first, dtype=object)))
        errors.append(SAFETY * (max(moved, default=0.0) + UNIT * float(np.max(np.abs(first), initial=0.0))))
    return arrays, errors


def _numbers(value: Any) -> Any:
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise FormulaError("what is claimed is no array of numbers.", hint="Return one array of floats.") from None
    if not np.all(np.isfinite(array)):
        raise FormulaError("what is claimed is not finite at a point where the right one is.")
    return array


def _nudged(point: Inputs, seed: int) -> Inputs:
    draw = np.random.default_rng(seed)

    def one(value: Any) -> Any:
        array = np.asarray(value)
        if array.dtype.kind != "f":
            return value
        moved = array * (1 + draw.choice([-2, 2], size=array.shape) * UNIT)
        return moved if array.ndim else float(moved)

    return {name: one(value) for name, value in point.items()}


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


def _point_text(trial: Trial) -> str:
    parts = [f"{n} = {s}" for n, s in trial.point.sizes.items()]
    return ", ".join([*parts, *(f"{n} = {_shown(v)}" for n, v in trial.point.values.items())])


def _shown(array: Array) -> str:
    if array.ndim == 0:
        return str(mpmath.nstr(mpmath.mpf(array[()]), 6)).removesuffix(".0")
    return f"[{', '.join(_shown(np.asarray(part, dtype=object)) for part in array)}]"
