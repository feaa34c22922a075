"""Level 1: the gradient graph against SymPy's derivatives of the formula, or against central differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import mpmath
import numpy as np
import sympy

from gradcompile.syntax.program import Argument
from gradcompile.verify.arrays import Array, elementwise
from gradcompile.verify.certificate import Finding
from gradcompile.verify.derivative import diff
from gradcompile.verify.fields import (
    Clock,
    MpmathField,
    OutOfTimeError,
    SympyField,
    TooLargeError,
    UndefinedError,
)
from gradcompile.verify.identity import proved_equal
from gradcompile.verify.reference import CARE, DIGITS, Reference, agreement
from gradcompile.verify.samples import Point, alike, same_whole, substitution, symbols

AGREE = 50  # digits
ROUNDED = 12  # digits that constants rounded to floats leave, many of them
POINTS = 3
EVALF = 3000  # operations of an expression that SymPy evaluates at a point
PROOF = 0.15  # of the time that is left, for one proof


Judged = tuple[str, str, str]  # verdict, tier, detail


@dataclass
class Symbolic:
    """The formula, its derivatives by SymPy and the graph, as expressions over the same symbols."""

    named: dict[str, Array]
    values: list[Array]
    graph_values: list[Array] | None
    graph_gradients: dict[str, Array]
    field: SympyField

    def derivative(self, argument: Argument) -> Array:
        """Return SymPy's gradient of the first result; raises TooLargeError where nothing could be done with it."""
        over = self.named[argument.name]
        y = sympy.sympify(self.values[0].reshape(())[()])
        result = np.empty(over.shape, dtype=object)
        for p in np.ndindex(over.shape):
            result[p] = 0
            if not isinstance(over[p], sympy.Symbol):
                continue
            found = diff(y, over[p], over.size, self.field)
            if argument.name not in self.graph_gradients and self.field.sizes[found] >= EVALF:
                raise TooLargeError("a derivative that is neither to be proved nor evaluated")
            # both elements that a symmetric matrix has of a symbol share its derivative
            shared = 2 if argument.structure in ("symmetric", "definite") and p[-1] != p[-2] else 1
            result[p] = self.field.thaw(found) / shared
        return result


def check_graph(reference: Reference, symbolic: Symbolic | None, points: Sequence[Point]) -> list[Finding]:
    """Return a finding for each result and each gradient."""
    checks: list[tuple[str, Callable[[], Judged]]] = [
        (f"value {name}", partial(_value, reference, symbolic, points, index))
        for index, (name, _) in enumerate(reference.program.results)
    ]
    checks += [
        (f"gradient {argument.name}", partial(_gradient, reference, symbolic, points, argument))
        for argument in reference.program.differentiated
        if argument.name in reference.unit.gradients
    ]
    return [budgeted(what, check) for what, check in checks]


def budgeted(what: str, check: Callable[[], Judged]) -> Finding:
    """Return the finding of a check, or that there was no time for it."""
    try:
        return Finding(what, *check())
    except OutOfTimeError:
        return Finding(what, "undecided", "", "the time budget was spent before")
    except UndefinedError as error:
        return Finding(what, "refuted", "mpmath", f"the graph is undefined where the formula is not: {error}")


def symbolic_of(reference: Reference, point: Point) -> Symbolic | None:
    """Return everything as expressions, or None where that is too large or takes too long."""
    clock = reference.clock.share(0.5)
    field = SympyField(clock)
    named = symbols(reference.program, point)
    try:
        values = reference.oracle(field, dict(named), point.sizes)
        try:
            graph_field = SympyField(clock, limit=20_000)
            graph_values, graph_gradients = reference.graph(graph_field, dict(named), point.sizes)
            thawed = {n: elementwise(graph_field.thaw, g) for n, g in graph_gradients.items()}
            known: list[Array] | None = [elementwise(graph_field.thaw, g) for g in graph_values]
        except (TooLargeError, UndefinedError):
            known, thawed = None, {}
        return Symbolic(named, values, known, thawed, field)
    except (TooLargeError, UndefinedError, OutOfTimeError, RecursionError):  # also where symbols go both ways at once
        return None


def _value(reference: Reference, symbolic: Symbolic | None, points: Sequence[Point], index: int) -> Judged:
    def both(point: Point) -> tuple[Array, Array]:
        got = reference.graph(MpmathField(reference.clock), point.numbers(MpmathField()), point.sizes)[0][index]
        wanted = reference.oracle(MpmathField(reference.clock), point.numbers(MpmathField()), point.sizes)[index]
        return got, wanted

    if symbolic is not None and symbolic.graph_values is not None:
        expected = elementwise(symbolic.field.thaw, symbolic.values[index])
        if (shape := _shapes(symbolic.graph_values[index], expected)) is not None:
            return shape
        if proved(symbolic.graph_values[index], expected, reference.clock):
            return for_other_whole_numbers("equal to the formula", reference, points, both)
    return numeric(points, both, "mpmath")


def _gradient(reference: Reference, symbolic: Symbolic | None, points: Sequence[Point], argument: Argument) -> Judged:
    def by_differences(point: Point) -> tuple[Array, Array]:
        return _graph_at(reference, argument, point), reference.differences(argument, point)

    derivative = None
    if symbolic is not None:
        try:
            derivative = symbolic.derivative(argument)
        except (TooLargeError, OutOfTimeError, RecursionError):
            derivative = None
    if derivative is not None and symbolic is not None and argument.name in symbolic.graph_gradients:
        got = symbolic.graph_gradients[argument.name]
        if proved(got, derivative, reference.clock):
            return for_other_whole_numbers("equal to SymPy's derivative", reference, points, by_differences)
    if derivative is not None and symbolic is not None and _small(derivative):
        exact, named = derivative, symbolic.named

        def by_sympy(point: Point) -> tuple[Array, Array]:
            if not alike(reference.program, point, points[0]):
                return by_differences(point)
            values = substitution(reference.program, named, point)
            return _graph_at(reference, argument, point), _evaluated(exact, values)

        every = all(alike(reference.program, p, points[0]) for p in points)
        return numeric(points, by_sympy, "sympy at points" if every else "sympy and finite differences at points")

    return numeric(points, by_differences, "finite differences")


def for_other_whole_numbers(
    proof: str, reference: Reference, points: Sequence[Point], both: Callable[[Point], tuple[Array, Array]]
) -> Judged:
    """A proof holds for the whole numbers and truth values of the first point: look at the points with others."""
    others = [p for p in points if not same_whole(reference.program, p, points[0])]
    if not others:
        return "proved", "sympy", proof
    verdict, tier, detail = numeric(others, both, "finite differences")
    if verdict == "refuted":
        return verdict, tier, detail
    return "proved", "sympy", f"{proof}, for some whole numbers; agrees for others {detail}"


def _graph_at(reference: Reference, argument: Argument, point: Point) -> Array:
    number = MpmathField(reference.clock)
    return reference.graph(number, point.numbers(number), point.sizes)[1][argument.name]


def _small(expressions: Array) -> bool:
    return all(sympy.count_ops(e) < EVALF for e in expressions.reshape(-1))


def _evaluated(expressions: Array, values: dict[Any, Any]) -> Array:
    floats = {s: sympy.Float(v, 2 * mpmath.mp.dps) if v.is_Rational else v for s, v in values.items()}

    def number(expression: Any) -> Any:  # of floats: SymPy spends minutes on simplifying a power of fractions
        found = sympy.N(sympy.sympify(expression).xreplace(floats), mpmath.mp.dps)
        return mpmath.mpf(found._mpf_) if found.is_Float else mpmath.mpf(int(found)) if found.is_Integer else mpmath.nan

    return elementwise(number, expressions)


def _shapes(got: Array, expected: Array) -> Judged | None:
    if got.shape == expected.shape:
        return None
    return "refuted", "shapes", f"has shape {got.shape}, the formula {expected.shape}"


def proved(got: Array, expected: Array, clock: Clock) -> bool:
    """Is the equality of all elements proved in a share of the time? What is not can still be compared at points."""
    pairs = zip(got.reshape(-1), expected.reshape(-1), strict=True)
    own = clock.share(PROOF)
    try:
        return all(proved_equal(a, b, own) for a, b in pairs)
    except OutOfTimeError:
        return False


def numeric(points: Sequence[Point], both: Callable[[Point], tuple[Array, Array]], tier: str) -> Judged:
    """Compare at every point to 50 digits; a doubt is settled at a higher precision before anything is refuted."""
    worst = float("inf")
    for point in points:
        for digits in (DIGITS, CARE):
            with mpmath.workdps(digits):
                got, expected = both(point)
                if (shape := _shapes(got, expected)) is not None:
                    return shape
                found = agreement(got, expected)
            if found >= AGREE:
                break
        worst = min(worst, found)
        if found < ROUNDED:
            return "refuted", tier, _difference(got, expected, point)
    if worst >= AGREE:
        return "agrees", tier, f"to {AGREE} digits at {_counted(len(points))}"
    return "agrees", tier, f"to {int(worst)} digits at {_counted(len(points))}: a constant of the graph is rounded"


def _difference(got: Array, expected: Array, point: Point) -> str:
    for p in np.ndindex(got.shape):
        if agreement([got[p]], [expected[p]]) < ROUNDED:
            at = f"[{', '.join(map(str, p))}]" if p else ""
            sides = f"{mpmath.nstr(got[p], 15)}, not {mpmath.nstr(expected[p], 15)}"
            return f"{at} is {sides}".strip() + _where(point)
    return "differs"


def _where(point: Point) -> str:
    sizes = ", ".join(f"{n} = {s}" for n, s in point.sizes.items())
    return f" (at {sizes})" if sizes else ""


def _counted(points: int) -> str:
    return "1 point" if points == 1 else f"{points} points"
