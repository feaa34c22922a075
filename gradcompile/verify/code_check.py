"""Level 2: the emitted module itself, run, against the reference values at several sizes."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import ModuleType
from typing import Any

import mpmath
import numpy as np

from gradcompile.derived import BY_ENTRY, DERIVED, arguments, extras, keyword, label
from gradcompile.emit.direct import hurry
from gradcompile.ir.nodes import DType, Kind, Node
from gradcompile.syntax.program import Argument
from gradcompile.verify import objective, samples
from gradcompile.verify.arrays import Array, elementwise
from gradcompile.verify.certificate import Finding
from gradcompile.verify.derived_check import outputs, with_directions
from gradcompile.verify.evaluate import counts
from gradcompile.verify.fields import MpmathField, OutOfTimeError, ProbeField, UndefinedError
from gradcompile.verify.precision import Precision
from gradcompile.verify.reference import Reference
from gradcompile.verify.samples import Point, Sizes
from gradcompile.verify.search import points as points_of
from gradcompile.verify.sparse import NotSparseError, dense, taken_apart
from gradcompile.verify.units import Expected, Refuted, carried, errors

PROBES = 3
DIGITS = 50  # of the reference values
CANCELLED = 400  # of those that a doubt is settled by: log(1 + exp(-x)) keeps its digits down to the smallest float
EASY = 40_000  # up to which several probes are made


CLEAN = (ValueError, IndexError, ZeroDivisionError, RuntimeError)  # what a module raises where it has no value
COUNTS = (0, 17)  # steps of a loop
BEYOND = 1_000_000  # a whole number that is no index


def check_code(
    reference: Reference, module: ModuleType, functions: Sequence[str], small: Sizes, points: Sequence[Point]
) -> list[Finding]:
    """Return a finding for each kind of sizes at which the module was run."""
    hurry(module)
    runner = Runner(reference, module, functions)
    label = ", ".join(f"{n} = {s}" for n, s in small.items()) or "scalars"
    findings = [_finding(label, lambda: runner.agree(points[:2]))]
    for what, sizes in samples.other_sizes(reference.program, small, runner.work, _rows_of(module)):
        findings.append(_finding(what, lambda s=sizes: runner.at(s)))  # type: ignore[misc]
    bounds = {name for extent in reference.extents for name in extent.names}
    for argument in reference.program.arguments:
        if argument.dtype is DType.INT and argument.axes:
            findings += runner.out_of_range(argument, points[0])
        elif argument.dtype is DType.INT and argument.name in bounds:
            findings += runner.counting(argument, points[0])
    return findings


def _rows_of(module: ModuleType) -> set[str]:
    """Return the sizes for which a module has loops of their own where they are large."""
    conditions = re.findall(r"if (.*) >= _LONG_ROW:", inspect.getsource(module))
    return {name for condition in conditions for name in re.findall(r"\w+", condition)}


def _finding(what: str, check: Callable[[], tuple[str, str]]) -> Finding:
    try:
        verdict, detail = check()
    except Refuted as error:
        return Finding(what, "refuted", "", str(error))
    except OutOfTimeError:
        return Finding(what, "undecided", "", "the time budget was spent before")
    return Finding(what, verdict, "", detail)


@dataclass
class Runner:
    """Runs the module's functions and compares."""

    reference: Reference
    module: ModuleType
    functions: Sequence[str]

    @property
    def precision(self) -> Precision:
        """What the module computes in."""
        return self.reference.precision

    def argument(self, value: Array, dtype: DType) -> Any:
        """Return an argument as the module's functions are given it."""
        kind = {DType.REAL: self.precision.type, DType.INT: np.int64, DType.BOOL: np.bool_}[dtype]
        return value.item() if value.ndim == 0 else value.astype(kind)

    def at(self, sizes: Sizes) -> tuple[str, str]:
        """Compare at other sizes; where the formula has no value there, the module may refuse cleanly."""
        self.reference.clock.check()
        program = self.reference.program
        if not samples.allowed(program, sizes, self.reference.extents):
            return self._refused(sizes)
        if 0 in sizes.values():
            return self._empty(sizes)
        if self.work(sizes) > samples.MOST:
            return "undecided", f"more than {samples.MOST} elements to be computed at {DIGITS} digits"
        points = self.reference.points(sizes, 1)
        if not points:
            return "undecided", "no point was found at which the formula is defined"
        return self.agree(points)

    def agree(self, points: Sequence[Point]) -> tuple[str, str]:
        """Compare every function's answers at these points."""
        worst, holes = 0.0, False
        for point in points:
            self.reference.clock.check()
            expected = self.expected(point)
            answers = list(self.answers(point))
            try:
                worst = max([worst, *errors(answers, expected)])
            except Refuted:
                expected = self.expected(point, CANCELLED)
                worst = max([worst, *errors(answers, expected)])
            holes = holes or any(mpmath.isnan(e) for v in expected.values.values() for e in v.reshape(-1))
        bound = max(0, math.ceil(math.log2(worst))) if worst > 0 else 0
        return "agrees", f"within 2^{bound} {self.precision.words}" + ", NaN where the formula has it" * holes

    def work(self, sizes: Sizes) -> int:
        """Return about how many elements are computed: those of a recurrence's body once for each step."""
        nodes, steps = self.reference.program.graph.nodes, dict[int, int]()
        for node in nodes:
            if node.kind is Kind.RECURRENCE:
                axis, _, depth, _ = node.attrs
                steps[depth] = max(steps.get(depth, 1), samples.length(axis, sizes))
        return sum(_elements(node, sizes) * math.prod(steps.get(d, 1) for d in node.carries) for node in nodes)

    # Answers

    def answers(self, point: Point) -> Iterator[tuple[str, Any]]:
        """Yield (what, array) for everything that the module's functions return."""
        args = {a.name: self.argument(point.values[a.name], a.dtype) for a in self.reference.program.arguments}
        before = {n: np.copy(a) for n, a in args.items()}
        names = [name for name, _ in self.reference.program.results]
        if "value" in self.functions:
            yield from _labelled(names, self._call("value", args))
        if "value_and_grad" in self.functions:
            values, gradient = self._call("value_and_grad", args)
            yield from _labelled(names, values)
            yield from self._gradient(gradient)
            if self.reference.program.out:
                yield from self._written(args, gradient)
        if "grad" in self.functions:
            yield from self._gradient(self._call("grad", args))
        if "objective" in self.functions and "pack" in self.functions:
            yield from self._objective(args, point)
        for function in [f for f in DERIVED if f in self.functions]:
            yield from self._derived(function, point)
        for name, given in args.items():
            if not np.array_equal(given, before[name]):
                raise Refuted(f"{name} was modified")

    def _call(self, function: str, args: Mapping[str, Any], **options: Any) -> Any:
        try:
            with self.reference.clock.stopped(), np.errstate(all="ignore"):
                found = getattr(self.module, function)(*args.values(), **options)
        except Exception as error:
            raise Refuted(f"{function} failed with {type(error).__name__}: {error}") from error
        if wrong := {a.dtype for a in _arrays(found) if a.dtype.kind == "f"} - {np.dtype(self.precision.type)}:
            raise Refuted(f"{function} returns an array of {wrong.pop()}, not {self.precision.name}")
        return found

    def _gradient(self, gradient: Any) -> Iterator[tuple[str, Any]]:
        for name in self.reference.unit.gradients:
            yield f"d{name}", getattr(gradient, name)

    def _written(self, args: Mapping[str, Any], gradient: Any) -> Iterator[tuple[str, Any]]:
        """Yield the gradient again, written into the arrays of an earlier one."""
        arrays = [part for part in gradient if isinstance(part, np.ndarray)]
        for array in arrays:
            array.fill(np.nan)
        _, again = self._call("value_and_grad", args, **{keyword("out", args): gradient})
        if not all(a is b for a, b in zip(arrays, _arrays(again), strict=True)):
            raise Refuted("value_and_grad with `out` makes new arrays")
        yield from self._gradient(again)

    def _derived(self, function: str, point: Point) -> Iterator[tuple[str, Any]]:
        """Yield what a function beyond the gradient returns, block by block; a matrix has to be made of its blocks."""
        program = self.reference.program
        given = with_directions(self.reference, function, point)
        args = {a.name: self.argument(given.values[a.name], a.dtype) for a in arguments(program, function)}
        found = self._call(function, args)
        derived = self.reference.unit.derived[function]
        if derived.pattern is not None:
            yield from self._sparse(function, found, args, {**given.sizes, **counts(given.values)})
            return
        several = len(program.results) > 1
        parameters = [p.name for p in program.differentiated]
        for of, by in derived.outputs:
            if function == "jvp":
                part = found[1 if by else 0]
                part = getattr(part, of) if several else part
            elif function == "hessian" or (function == "jacobian" and several):
                part = getattr(getattr(found, of), by)
            else:
                part = getattr(found, by)
            yield label(function, of, by), part
        if function == "hessian":
            self._symmetric(found, parameters)
        if function in BY_ENTRY:
            self._flat(function, args, found if function == "hessian" or several else (found,), given)

    def _sparse(self, function: str, found: Any, args: Mapping[str, Any], sizes: Sizes) -> Iterator[tuple[str, Any]]:
        """Yield the blocks of a sparse matrix; with the pattern known it has to be the same."""
        again = self._call(function, args, **{keyword("pattern", args): self._call(f"{function}_pattern", args)})
        if not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(found, again, strict=True)):
            raise Refuted(f"{function} with its pattern given is another matrix")
        try:
            matrix = dense(found)
        except NotSparseError as error:
            raise Refuted(f"{function} is no sparse matrix: {error}") from error
        if function == "hessian" and not np.array_equal(matrix, matrix.T, equal_nan=True):
            raise Refuted("hessian is not symmetric")
        for (of, by), block in taken_apart(self.reference.program, function, sizes, matrix).items():
            yield label(function, of, by), block

    def _symmetric(self, found: Any, parameters: Sequence[str]) -> None:
        for p in parameters:
            for q in parameters:
                block, other = np.asarray(getattr(getattr(found, p), q)), np.asarray(getattr(getattr(found, q), p))
                rank = np.ndim(getattr(getattr(found, p), p)) // 2
                if not np.array_equal(
                    np.moveaxis(block, range(rank), range(-rank, 0)) if rank else block, other, equal_nan=True
                ):
                    raise Refuted(f"the Hessian's block {p}.{q} is not that of {q}.{p} transposed")

    def _flat(self, function: str, args: Mapping[str, Any], rows: Any, point: Point) -> None:
        flat = self._call(function, args, **{keyword("flat", args): True})
        blocks = [np.ravel(block) for row in rows for block in row]
        if flat.size != sum(b.size for b in blocks) or not np.array_equal(
            np.sort(flat, axis=None), np.sort(np.concatenate(blocks)), equal_nan=True
        ):
            raise Refuted(f"{function}(flat=True) is not made of the blocks")
        if function == "hessian" and not np.array_equal(flat, flat.T, equal_nan=True):
            raise Refuted("hessian(flat=True) is not symmetric")

    def _objective(self, args: Mapping[str, Any], point: Point) -> Iterator[tuple[str, Any]]:
        program, directions = self.reference.program, dict[str, Any]()
        sizes = {**point.sizes, **counts(point.values)}
        if "hvp" in self.functions:
            given = with_directions(self.reference, "hvp", point).values
            named = zip(program.differentiated, extras(program, "hvp"), strict=True)
            directions = {p.name: self.argument(given[e.name], DType.REAL) for p, e in named}
        try:
            yield from objective.answers(self.module, program, args, sizes, directions)
        except Exception as error:
            raise Refuted(f"objective failed with {type(error).__name__}: {error}") from error

    # Whole numbers that bound loops, and indices that are out of range

    def counting(self, argument: Argument, point: Point) -> list[Finding]:
        """Compare where a loop has no step, and where it has many."""
        found = []
        for count in COUNTS:
            other = _changed(point, argument, count)
            if samples.meets(self.reference.program, other) and not self._is_undefined(other):
                found.append(_finding(f"{argument.name} = {count}", partial(self.agree, [other])))
        return found

    def out_of_range(self, argument: Argument, point: Point) -> list[Finding]:
        """Give one element of an array of whole numbers a value that is no index: the module has to say so."""
        beyond = [p for p in map(partial(_changed, point, argument), (BEYOND, -BEYOND)) if self._is_undefined(p)]
        what = f"{argument.name} out of range"
        return [_finding(what, lambda: self._all_refuse(argument.name, beyond))] if beyond else []

    def _is_undefined(self, point: Point) -> bool:
        number = MpmathField(self.reference.clock)
        try:
            self.reference.oracle(number, point.numbers(number), point.sizes)
        except UndefinedError:
            return True
        except OutOfTimeError:
            return False
        return False

    def _all_refuse(self, name: str, points: Sequence[Point]) -> tuple[str, str]:
        for point in points:
            args = {a.name: self.argument(point.values[a.name], a.dtype) for a in self.reference.program.arguments}
            for function in [f for f in ("value", "value_and_grad", "grad") if f in self.functions]:
                try:
                    self._call(function, args)
                except Refuted as error:
                    if not isinstance(error.__cause__, CLEAN):
                        raise
                else:
                    raise Refuted(f"{function} returns, though {name} has an element that is no index")
        return "agrees", "the module says so"

    # References

    def expected(self, point: Point, digits: int = DIGITS) -> Expected:
        """Return what the module should give; results by the oracle, gradients by the graph that level 1 checked."""
        with mpmath.workdps(digits):
            number = MpmathField(self.reference.clock)
            values = self._named(number, point)
            results = self.reference.oracle(number, point.numbers(number), point.sizes)
            values |= dict(zip([name for name, _ in self.reference.program.results], results, strict=True))
            scales = {n: elementwise(abs, v) for n, v in values.items()}
            for seed in range(PROBES if self.work(point.sizes) < EASY else 1):
                probe = ProbeField(self.reference.clock, seed, self.precision)
                for name, moved in self._named(probe, point).items():
                    with_error = partial(carried, self.precision.nudge)
                    scales[name] = elementwise(with_error, scales[name], moved, values[name])
        return Expected(values, scales, self.precision)

    def _named(self, number: MpmathField, point: Point) -> dict[str, Array]:
        """Return results and gradients by the graph."""
        results, gradients = self.reference.graph(number, point.numbers(number), point.sizes)
        names = [name for name, _ in self.reference.program.results]
        named = dict(zip(names, results, strict=True)) | {f"d{n}": g for n, g in gradients.items()}
        for function in [f for f in DERIVED if f in self.functions]:
            given = with_directions(self.reference, function, point)
            found = outputs(self.reference, function, number, given.numbers(number), given.sizes)
            named |= {label(function, *key): values for key, values in found.items()}
        return named

    # Sizes at which little or nothing is left

    def _empty(self, sizes: Sizes) -> tuple[str, str]:
        point = next(points_of(self.reference.program, sizes, 0, lambda p: True))
        try:
            return self.agree([point])
        except UndefinedError as error:
            return self._clean(point, str(error))

    def _clean(self, point: Point, why: str) -> tuple[str, str]:
        try:
            list(self.answers(point))
        except Refuted as error:
            if not isinstance(error.__cause__, CLEAN):
                raise
            return "agrees", f"the formula is undefined ({why}), and the module says so"
        return "agrees", f"the formula is undefined ({why}), and the module returns"

    def _refused(self, sizes: Sizes) -> tuple[str, str]:
        if any(min(samples.shape_of(a, sizes), default=0) < 0 for a in self.reference.program.arguments):
            return "agrees", "impossible sizes"
        point = next(points_of(self.reference.program, sizes, 0, lambda p: True))
        try:
            list(self.answers(point))
        except Refuted as error:
            if isinstance(error.__cause__, ValueError):
                return "agrees", "the formula does not allow these sizes, and the module says so"
            raise
        return "refuted", "the formula does not allow these sizes, and the module does not say so"


def _elements(node: Node, sizes: Sizes) -> int:
    """Return the number of elements of a node; one of an array gate takes the work of a line of its matrix."""
    own = math.prod(samples.length(a, sizes) for a in node.axes)
    if node.kind is Kind.ARRAY:
        own *= max((samples.length(a, sizes) for eaten in node.attrs[0] for a in eaten), default=1) ** 2
    return own


def _changed(point: Point, argument: Argument, value: int) -> Point:
    """Return a point with the last element of an argument changed."""
    values = point.values[argument.name].copy()
    if values.size:
        values.reshape(-1)[-1] = value
    return replace(point, values={**point.values, argument.name: values})


def _arrays(found: Any) -> Iterator[Any]:
    """Yield the arrays in what a function returns."""
    if isinstance(found, tuple):
        for part in found:
            yield from _arrays(part)
    elif isinstance(found, np.ndarray):
        yield found


def _labelled(names: Sequence[str], found: Any) -> Iterator[tuple[str, Any]]:
    return zip(names, found if len(names) > 1 else [found], strict=True)
