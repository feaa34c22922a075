"""Level 1 for the functions beyond the gradient: jvp, vjp, hvp, jacobian and hessian.

Where SymPy can, every entry is proved against its derivatives of the formula. Elsewhere an array of derivatives is
multiplied by random directions until a number is left, and that is compared with central differences of the formula
along these directions: a wrong entry shows, and the work does not grow with the number of entries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import sympy

from gradcompile.derived import DERIVED, SECOND_ORDER, blocks_of, extras, label
from gradcompile.syntax.program import Argument
from gradcompile.verify.arrays import Array, array, elementwise
from gradcompile.verify.certificate import Finding
from gradcompile.verify.derivative import derivative, diff, projected
from gradcompile.verify.evaluate import Evaluator, counts
from gradcompile.verify.fields import Field, MpmathField, OutOfTimeError, SympyField, TooLargeError, UndefinedError
from gradcompile.verify.graph_check import Judged, Symbolic, budgeted, for_other_whole_numbers, numeric, proved
from gradcompile.verify.reference import Reference, spread
from gradcompile.verify.samples import Point
from gradcompile.verify.sparse import assembled, own_colours

if TYPE_CHECKING:
    from gradcompile.pipeline import Unit

Outputs = dict[tuple[str, str], Array]  # by (of, by), as in `pipeline.Derived.outputs`


def check_derived(reference: Reference, symbolic: Symbolic | None, points: Sequence[Point]) -> list[Finding]:
    """Return a finding for each array that is beyond the gradient."""
    found, values = [], _Values(reference)
    for function in [f for f in DERIVED if f in reference.unit.derived]:
        graphs = cache(partial(_expressions, reference, symbolic, function, points[0]))
        for key in keys(reference, function):
            if (function, key[1]) != ("jvp", ""):  # that is the value
                looked = points[:1] if function in SECOND_ORDER else points  # four evaluations of the formula for each
                check = partial(_judge, values, symbolic, function, key, looked, graphs)
                found.append(budgeted(label(function, *key), check))
    return found


class _Values:
    """What the graphs of the functions come to; all blocks of one function at a point are found at once."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.known: dict[tuple[str, int, int], Outputs] = {}

    def at(self, function: str, point: Point) -> Outputs:
        """Return the outputs of a function at a point with the current number of digits."""
        key = function, id(point), mpmath.mp.dps
        if key not in self.known:
            number = MpmathField(self.reference.clock)
            given = with_directions(self.reference, function, point)
            self.known[key] = outputs(self.reference, function, number, given.numbers(number), given.sizes)
        return self.known[key]


def outputs(
    reference: Reference, function: str, number: Field, inputs: Mapping[str, Any], sizes: Mapping[str, int]
) -> Outputs:
    """Return what the graph of a function comes to; `inputs` has directions and cotangents as well."""
    derived = reference.unit.derived[function]
    if derived.pattern is None:
        return dict(zip(derived.outputs, _evaluated(derived.unit, number, inputs, sizes), strict=True))
    given, known = inputs, {**sizes, **counts(inputs)}
    if derived.dependence is not None:
        found = dict(zip(derived.blocks, _evaluated(derived.dependence, number, inputs, sizes), strict=True))
        tables = own_colours(reference.program, function, known, found)
        given = {**inputs, **dict(zip([t.name for t in derived.tables], tables, strict=True))}
        (colours,) = derived.tables[-1].shape[-1].names
        sizes = {**sizes, colours: tables[-1].shape[-1]}
    arrays, places = (_evaluated(u, number, given, sizes) for u in (derived.unit, derived.pattern))
    return assembled(reference.program, function, known, arrays, places)


def _evaluated(unit: Unit, number: Field, inputs: Mapping[str, Any], sizes: Mapping[str, int]) -> list[Array]:
    evaluator = Evaluator(inputs, sizes, number)
    found = evaluator.run([v.node for v in unit.values])
    return [spread(v, f, evaluator.memory.sizes) for v, f in zip(unit.values, found, strict=True)]


def keys(reference: Reference, function: str) -> Sequence[tuple[str, str]]:
    """Return what each array that a function returns is of and by; all blocks of a sparse matrix."""
    derived = reference.unit.derived[function]
    if derived.pattern is None:
        return derived.outputs
    names = [p.name for p in reference.program.differentiated]
    rows = [name for name, _ in blocks_of(reference.program, function)]
    return [(of, by) for of in rows for by in (names[: names.index(of) + 1] if function == "hessian" else names)]


def with_directions(reference: Reference, function: str, point: Point) -> Point:
    """Return the point with a value for each direction or cotangent that the function takes."""
    rng = np.random.default_rng(len(function) + sum(point.sizes.values()))
    sizes = {**point.sizes, **counts(point.values)}
    given = {
        e.name: _random(rng, tuple(s.evaluate(sizes) for s in e.shape)) for e in extras(reference.program, function)
    }
    return Point(point.sizes, {**point.values, **given}, point.low)


def _random(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Return numbers between -1 and 1 that are not 0."""
    odd = 2 * rng.integers(-64, 64, size=shape) + 1
    values = np.empty(shape, dtype=object)
    for p in np.ndindex(shape):
        values[p] = int(odd[p] if shape else odd) / 128
    return values


# -- by SymPy ------------------------------------------------------------------------------------------------------


def _expressions(reference: Reference, symbolic: Symbolic | None, function: str, point: Point) -> Outputs | None:
    """Return what the graph comes to, over symbols, or None where that is too large."""
    if symbolic is None or reference.unit.derived[function].dependence is not None:
        return None
    field = SympyField(reference.clock.share(0.3), limit=20_000)
    try:
        found = outputs(reference, function, field, symbolic.named | _symbols(reference, function, point), point.sizes)
    except (TooLargeError, UndefinedError, OutOfTimeError, RecursionError):
        return None
    return {key: elementwise(field.thaw, values) for key, values in found.items()}


def _symbols(reference: Reference, function: str, point: Point) -> dict[str, Array]:
    shapes = {
        e.name: with_directions(reference, function, point).values[e.name].shape
        for e in extras(reference.program, function)
    }
    named = {}
    for name, shape in shapes.items():
        named[name] = np.empty(shape, dtype=object)
        for p in np.ndindex(shape):
            named[name][p] = sympy.Symbol("_".join([name, *map(str, p)]), real=True)
    return named


class _Derivatives:
    """SymPy's derivatives of the formula, of first and second order."""

    def __init__(self, reference: Reference, symbolic: Symbolic, function: str, point: Point) -> None:
        self.reference, self.symbolic, self.function = reference, symbolic, function
        self.given = _symbols(reference, function, point)
        self.parameters = {p.name: p for p in reference.program.differentiated}
        self.results = [name for name, _ in reference.program.results]

    def wanted(self, of: str, by: str) -> Array:
        """Return what one output should be."""
        extra = extras(self.reference.program, self.function)
        match self.function:
            case "jvp":
                parts = zip(self.parameters.values(), extra, strict=True)
                return _total([_contracted(self.first(of, p), self.given[e.name]) for p, e in parts])
            case "vjp":
                p = self.parameters[by]
                given = zip(self.results, extra, strict=True)
                return _total([_weighted(self.first(r, p), self.given[e.name]) for r, e in given])
            case "jacobian":
                return self.first(of, self.parameters[by])
            case "hvp":
                parts = zip(self.parameters.values(), extra, strict=True)
                p = self.parameters[by]
                return _total([_contracted(self.second(p, q), self.given[e.name]) for q, e in parts])
        return self.second(self.parameters[of], self.parameters[by])

    def first(self, result: str, parameter: Argument) -> Array:
        """Return the derivatives of a result: its axes, then those of the parameter."""
        y = self.symbolic.values[self.results.index(result)]
        return self._derivatives(y, parameter)

    def second(self, first: Argument, second: Argument) -> Array:
        """Return the second derivatives of the only result."""
        return self._derivatives(self.first(self.results[0], first), second)

    def _derivatives(self, y: Array, parameter: Argument) -> Array:
        field, over = self.symbolic.field, self.symbolic.named[parameter.name]
        result = np.empty(y.shape + over.shape, dtype=object)
        for of in np.ndindex(y.shape):
            expression = sympy.sympify(y[of])
            field.sizes.setdefault(expression, int(sympy.count_ops(expression)))
            for p in np.ndindex(over.shape):
                result[of + p] = 0
                if isinstance(over[p], sympy.Symbol):
                    shared = 2 if parameter.structure in ("symmetric", "definite") and p[-1] != p[-2] else 1
                    found = diff(expression, over[p], over.size * y.size, field)
                    result[of + p] = field.thaw(found) / shared
        return result


def _contracted(derivatives: Array, direction: Array) -> Array:
    """Return the sum of derivatives times a direction over the axes of the direction, which come last."""
    rank = derivatives.ndim - direction.ndim
    return array(array(derivatives * direction).sum(axis=tuple(range(rank, derivatives.ndim))))


def _weighted(derivatives: Array, cotangent: Array) -> Array:
    """Return the sum of derivatives times a cotangent over the axes of the cotangent, which come first."""
    wide = cotangent.reshape(cotangent.shape + (1,) * (derivatives.ndim - cotangent.ndim))
    return array(array(derivatives * wide).sum(axis=tuple(range(cotangent.ndim))))


def _total(parts: Sequence[Array]) -> Array:
    total = parts[0]
    for part in parts[1:]:
        total = array(total + part)
    return total


# -- by differences ------------------------------------------------------------------------------------------------


def _judge(
    values: _Values,
    symbolic: Symbolic | None,
    function: str,
    key: tuple[str, str],
    points: Sequence[Point],
    graphs: Callable[[], Outputs | None],
) -> Judged:
    reference = values.reference
    both = partial(_both, values, function, key)
    if symbolic is not None and (expressions := graphs()) is not None:
        try:
            wanted = _Derivatives(reference, symbolic, function, points[0]).wanted(*key)
        except (TooLargeError, OutOfTimeError, RecursionError):
            return numeric(points, both, "finite differences")
        if expressions[key].shape != wanted.shape:
            return "refuted", "shapes", f"has shape {expressions[key].shape}, not {wanted.shape}"
        if proved(expressions[key], wanted, reference.clock):
            return for_other_whole_numbers("equal to SymPy's derivative", reference, points, both)
    return numeric(points, both, "finite differences")


def _both(values: _Values, function: str, key: tuple[str, str], point: Point) -> tuple[Array, Array]:
    """Return an output of the graph, and what the formula says of it, both along the same directions."""
    reference = values.reference
    given = with_directions(reference, function, point)
    got = values.at(function, point)[key]
    of, by = key
    program = reference.program
    parameters = {p.name: p for p in program.differentiated}
    extra = {e.name: given.values[e.name] for e in extras(program, function)}
    probe = partial(_along, point, seed=1)
    match function:
        case "jvp":
            moves = [dict(zip(parameters, extra.values(), strict=True))]
            return got, _slope(reference, point, moves)[of]
        case "vjp":
            direction = probe(parameters[by])
            slopes = _slope(reference, point, [{by: direction}])
            parts = [_weighted(slopes[r], c) for (r, _), c in zip(program.results, extra.values(), strict=True)]
            return _contracted(got, direction), _total(parts)
        case "jacobian":
            direction = probe(parameters[by])
            return _contracted(got, direction), _slope(reference, point, [{by: direction}])[of]
        case "hvp":
            direction = probe(parameters[by])
            moves = [dict(zip(parameters, extra.values(), strict=True)), {by: direction}]
            return _contracted(got, direction), _slope(reference, point, moves)[program.results[0][0]]
    left, right = probe(parameters[of]), _along(point, parameters[by], seed=2)
    moves = [{of: left}, {by: right}]
    return _contracted(_contracted(got, right), left), _slope(reference, point, moves)[program.results[0][0]]


def _along(point: Point, parameter: Argument, seed: int) -> Array:
    return _random(np.random.default_rng(seed), point.values[parameter.name].shape)


def _slope(reference: Reference, point: Point, moves: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """Return the derivative of each result along one move of the parameters, or along one and then another."""
    program, number = reference.program, MpmathField(reference.clock)
    shapes: list[tuple[int, ...]] = []

    def at(inputs: Mapping[str, Any], rest: Sequence[Mapping[str, Array]], field: Field) -> Array:
        if rest:
            return array(derivative(lambda s, f: at(_moved(reference, inputs, rest[0], s, f), rest[1:], f), 0, field))
        results = reference.oracle(field, dict(inputs), point.sizes)
        shapes[:] = [r.shape for r in results]
        return np.concatenate([r.reshape(-1) for r in results])

    flat = at(point.numbers(number), moves, number)
    found, start = {}, 0
    for (name, _), shape in zip(program.results, shapes, strict=True):
        size = int(np.prod(shape, dtype=int))
        found[name] = flat[start : start + size].reshape(shape)
        start += size
    return found


def _moved(
    reference: Reference, inputs: Mapping[str, Any], move: Mapping[str, Array], step: Any, field: Field
) -> dict[str, Any]:
    """Return inputs with some moved by a step; of a declared form only what keeps it moves."""
    forms = {p.name: p.structure for p in reference.program.differentiated}
    moved = dict(inputs)
    for name, direction in move.items():
        way = array(projected(elementwise(field.number, direction), forms[name], field))
        moved[name] = array(inputs[name]) + way * step
    return moved
