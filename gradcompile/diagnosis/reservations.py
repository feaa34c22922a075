"""What there is to say of a claim that is right: where it fails all the same, at kinks or in floating point."""

from __future__ import annotations

import random
from collections.abc import Iterator

import mpmath
import numpy as np

from gradcompile.diagnosis.bench import Trial, close
from gradcompile.diagnosis.candidates import Case
from gradcompile.diagnosis.report import Diagnosis
from gradcompile.gates.kinks import kinks
from gradcompile.gates.record import Gate
from gradcompile.ir.nodes import DType, Kind, Node, reachable
from gradcompile.rewrite.simplify import recognising
from gradcompile.syntax.program import Value
from gradcompile.verify import draws, samples
from gradcompile.verify.arrays import Array
from gradcompile.verify.fields import MpmathField, OutOfTimeError
from gradcompile.verify.samples import Point

TIES = 6  # points with ties in them that are looked at
FAR = (40.0, 2000.0, -40.0, -2000.0)  # arguments are made about as large as this, to see what overflows
LARGEST, SMALLEST = mpmath.mpf(2) ** 1024, mpmath.mpf(2) ** -1075
LOST = 1e-6  # of the largest element: an error that is no rounding any more


def reservation(case: Case) -> Diagnosis | None:
    """Return where a claim that is right away from kinks, in exact arithmetic, is not right."""
    if case.right is None or case.claimed is None or not case.bench.trials:
        return None
    try:
        return _at_kinks(case, case.right, case.claimed) or _in_floats(case, case.right, case.claimed)
    except OutOfTimeError:
        return None


# Kinks


def _at_kinks(case: Case, right: Value, claimed: Value) -> Diagnosis | None:
    found = kinks([right.node, claimed.node])
    if not found:
        return None
    for point in _ties(case):
        trial = Trial(point, case.clock)
        mine, its = trial.array(claimed), trial.array(right)
        if its is not None and trial.field.margin == 0 and not (mine is not None and close(mine, its)):
            return _kink(case, trial, _met(trial, found) or found[0], its, mine)
    return None


def _met(trial: Trial, gates: list[Node]) -> Node | None:
    """Return the first of some gates that stands at its kink."""
    for node in gates:
        alone = Trial(trial.point, trial.clock)
        if alone.array(Value(node, node.axes)) is not None and alone.field.margin == 0:
            return node
    return None


def _ties(case: Case) -> Iterator[Point]:
    """Yield points at which there are ties: all 0, all 1, and few different values; at sizes of 1 first."""
    first = case.bench.trials[0].point
    ones = dict.fromkeys(first.sizes, 1)
    whole = any(a.dtype is not DType.REAL for a in case.program.arguments)
    if first.sizes and not whole and samples.allowed(case.program, ones, case.bench.extents):
        yield from _tied(case, first, ones)
    yield from _tied(case, first, first.sizes)


def _tied(case: Case, first: Point, sizes: samples.Sizes) -> Iterator[Point]:
    for attempt in range(TIES):
        draw, values = random.Random(attempt), dict(first.values)
        for argument in case.program.arguments:
            if argument.dtype is DType.REAL:
                array = np.empty(samples.shape_of(argument, sizes), dtype=object)
                for place in np.ndindex(array.shape):
                    array[place] = float(attempt if attempt < 2 else draw.randint(-1, 1))
                values[argument.name] = draws.formed(array, argument.structure)
        if all(draws.fits(a, values[a.name]) for a in case.program.arguments):
            yield Point(sizes, values, dict.fromkeys(values, 0.0))


def _kink(case: Case, trial: Trial, gate: Node, right: Array, claimed: Array | None) -> Diagnosis:
    names, where = case.names, ", ".join(_shown(case, trial))
    what = "is undefined there" if claimed is None else f"gives {_numbers(claimed)}"
    sentence = (
        f"Right except at kinks: at {where}, {names.at(gate)} is at its kink, where the convention gives "
        f"{_numbers(right)} and your side {what}."
    )
    return Diagnosis("kink", names.gate(gate), names.line(gate), sentence)


def _shown(case: Case, trial: Trial) -> Iterator[str]:
    read = {
        n.name for side in (case.right, case.claimed) if side for n in reachable([side.node]) if n.kind is Kind.INPUT
    }
    for name in sorted(read & trial.point.values.keys()):
        yield f"{name} = {_numbers(trial.point.values[name])}"


def _numbers(array: Array) -> str:
    if array.ndim == 0:
        return str(mpmath.nstr(mpmath.mpf(array[()]), 6)).removesuffix(".0")
    return f"[{', '.join(_numbers(np.asarray(part, dtype=object)) for part in array)}]"


# Floating point


class DoubleField(MpmathField):
    """Double precision: 53 bits, with overflow to infinity and underflow to 0."""

    def apply(self, record: Gate, args: tuple[object, ...]) -> object:
        """Apply a gate's meaning, and let it overflow."""
        return _double(super().apply(record, args))

    def line(self, name: str, values: list[object]) -> object:
        """Apply a reduction's meaning, and let it overflow."""
        return _double(super().line(name, values))


def _double(value: object) -> object:
    if not isinstance(value, mpmath.mpf) or not mpmath.isfinite(value):
        return value
    if abs(value) >= LARGEST:
        return mpmath.inf if value > 0 else -mpmath.inf
    return mpmath.mpf(0) if abs(value) < SMALLEST else value


def _in_floats(case: Case, right: Value, claimed: Value) -> Diagnosis | None:
    for far in FAR:
        point = _far(case, far)
        if point is None:
            continue
        exact = Trial(point, case.clock).array(right)
        if exact is None or not _is_good(case, point, right, exact) or _is_good(case, point, claimed, exact):
            continue
        return _unstable(case, point, claimed, exact)
    return None


def _far(case: Case, far: float) -> Point | None:
    """Return the first point with its values made larger."""
    point = case.bench.trials[0].point
    values = dict(point.values)
    for argument in case.program.arguments:
        if argument.dtype is DType.REAL and argument.differentiated and not argument.structure:
            values[argument.name] = np.asarray(point.values[argument.name] * (far / 2), dtype=object)
    good = all(draws.fits(a, values[a.name]) for a in case.program.arguments)
    return Point(point.sizes, values, point.low) if good else None


def _is_good(case: Case, point: Point, value: Value, exact: Array) -> bool:
    """Is a value right in double precision?"""
    array = Trial(point, case.clock, DoubleField(case.clock), 53).array(value)
    if array is None:
        return False
    scale = max((abs(mpmath.mpf(x)) for x in exact.reshape(-1)), default=mpmath.mpf(0))
    pairs = zip(array.reshape(-1), exact.reshape(-1), strict=True)
    return all(abs(mpmath.mpf(a) - mpmath.mpf(b)) <= LOST * scale for a, b in pairs)


def _unstable(case: Case, point: Point, claimed: Value, exact: Array) -> Diagnosis:
    rewriter = recognising()
    stable = rewriter.run([claimed.node])[claimed.node]
    new = [n for n in reachable([stable]) if n not in set(reachable([claimed.node]))]
    gates = dict.fromkeys(n.op for n in new if n.op in STABLE)
    helps = bool(gates) and _is_good(case, point, Value(stable, claimed.axes), exact)
    form = f"the stable form is by `{', '.join(gates)}`" if helps else "the form that the compiler derives is stable"
    sentence = f"Right but unstable: in double precision it overflows or cancels for large values; {form}."
    node = next((n for n in new if n.op in STABLE), None)
    gate, line = (None, None) if node is None else (node.op, case.names.line(node))
    return Diagnosis("unstable", gate, line, sentence)


STABLE = ("logsumexp", "softplus", "sigmoid", "log1p", "expm1", "logaddexp", "hypot", "norm", "tanh", "log_sigmoid")
