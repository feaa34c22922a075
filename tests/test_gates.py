"""Every gate's record, checked: one parametrised file over the registry."""

from __future__ import annotations

import math
import random
from types import FunctionType

import mpmath
import numba
import numpy as np
import pytest
import sympy
from whole_domain import elementary_functions

from gradcompile.autodiff.reverse import gradient
from gradcompile.gates import build
from gradcompile.gates.record import Gate, Reduction
from gradcompile.gates.registry import GATES, REDUCE, by_name, reduction_by_name
from gradcompile.gates.template import formula
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Graph
from gradcompile.verify.evaluate import evaluate
from gradcompile.verify.fields import MpmathField, SympyField
from gradcompile.verify.reference import agreement

ULP = 2.0**-52
ELEMENTARY = elementary_functions()
GATE_LIST = list(GATES.values())
REAL_GATES = [g for g in GATE_LIST if g.result != "bool" and g.name not in ("where", "integer")]
SMOOTH = [g for g in REAL_GATES if any(g.partials) or any(g.routes)]
by_id = {"ids": lambda record: record.name}


def samples(record: Gate, count: int = 6) -> list[tuple[float, ...]]:
    """Points in the record's domain, multiples of 1/256, away from its kinks."""
    draw, found = random.Random(record.name), []
    while len(found) < count:
        point = tuple(
            draw.randint(math.ceil(low * 256), math.floor(high * 256)) / 256
            for low, high in (record.interval(i) for i in range(len(record.arguments)))
        )
        field = MpmathField()
        field.gate(record.name, *map(mpmath.mpf, point))
        if field.margin > 1e-3:
            found.append(point)
    return found


def numbers(point: tuple[float, ...]) -> list[mpmath.mpf]:
    return [mpmath.mpf(x) for x in point]


def slope(record: Gate, point: tuple[float, ...], position: int) -> mpmath.mpf:
    """The partial derivative of the mpmath meaning by central differences."""
    step = mpmath.mpf(10) ** -60
    with mpmath.workdps(200):
        ends = []
        for sign in (1, -1):
            moved = numbers(point)
            moved[position] += sign * step
            ends.append(MpmathField().gate(record.name, *moved))
        return (ends[0] - ends[1]) / (2 * step)


def partial_at(record: Gate, rule: str, point: tuple[float, ...]) -> mpmath.mpf:
    """What the record's rule comes to at a point: a local gradient, or 1 and 0 for a route."""
    graph = Graph()
    operands = [build.argument(graph, name) for name in record.arguments]
    node = formula(rule).build(
        graph, dict(zip(record.arguments, operands, strict=True)) | {"out": build.gate(record.name, *operands)}
    )
    return mpmath.mpf(evaluate([node], inputs_at(record, point), {}, MpmathField())[0][()])


def inputs_at(record: Gate, point: tuple[float, ...]) -> dict[str, np.ndarray]:
    return {n: np.array(x, dtype=object) for n, x in zip(record.arguments, numbers(point), strict=True)}


@pytest.mark.parametrize("record", SMOOTH, **by_id)
def test_partials_are_the_derivatives(record: Gate) -> None:
    """Against SymPy's derivative where it has one, and against central differences, to 50 digits."""
    names = sympy.symbols(record.arguments, real=True)
    exact = record.sympy(*names)
    with mpmath.workdps(70):
        for position, rule in enumerate(record.routes or record.partials):
            if rule is None:
                continue
            derivative = sympy.diff(exact, names[position])
            for point in samples(record):
                got = partial_at(record, rule, point)
                assert agreement([got], [slope(record, point, position)]) >= 50
                if not derivative.has(sympy.Derivative, sympy.Subs):
                    values = dict(zip(names, map(sympy.Rational, point), strict=True))
                    assert agreement([got], [_number(derivative, values)]) >= 50


def _number(expression: sympy.Expr, values: dict[sympy.Symbol, sympy.Rational]) -> mpmath.mpf:
    found = sympy.N(expression.xreplace(values), 70)
    return mpmath.mpf(found._mpf_) if found.is_Float else mpmath.mpf(int(found))


@pytest.mark.parametrize("record", [g for g in REAL_GATES if g.name != "round"], **by_id)
def test_the_two_meanings_agree(record: Gate) -> None:
    names = sympy.symbols(record.arguments, real=True)
    with mpmath.workdps(70):
        for point in samples(record):
            values = dict(zip(names, map(sympy.Rational, point), strict=True))
            expected = _number(sympy.sympify(record.sympy(*names)), values)
            assert agreement([MpmathField().gate(record.name, *numbers(point))], [expected]) >= 50


@pytest.mark.parametrize("record", [g for g in GATE_LIST if g.result == "bool"], **by_id)
def test_truth_tables(record: Gate) -> None:
    """SymPy, mpmath and both code texts say the same about every pair of small values."""
    kinds = (False, True) if record.name in ("and", "or", "not") else (-1.0, 0.0, 2.0)
    array, scalar = compiled(record)
    for a in kinds:
        for b in kinds if len(record.arguments) == 2 else (None,):
            args = (a,) if b is None else (a, b)
            expected = bool(record.mpmath(*args))
            assert bool(record.sympy(*map(sympy.S, args))) is expected
            assert bool(array(*map(np.array, args))) is expected
            assert bool(scalar(*args)) is expected


def compiled(record: Gate) -> tuple[object, object]:
    """The record's texts as functions: for arrays, and jitted for one element."""
    scope = dict(ELEMENTARY)
    lines = [record.helper]
    lines.append(f"def array({', '.join(record.arguments)}):\n    return {record.numpy}")
    lines.append(f"def scalar({', '.join(record.arguments)}):\n    return {record.numba or record.numpy}")
    exec("\n".join(lines), scope)  # the text is the project's own
    for name, value in list(scope.items()):
        if name.startswith("_") and isinstance(value, FunctionType):
            scope[name] = numba.njit(value)
    return scope["array"], numba.njit(scope["scalar"])


@pytest.mark.parametrize("record", REAL_GATES, **by_id)
def test_code_is_right_to_a_few_units_in_the_last_place(record: Gate) -> None:
    array, scalar = compiled(record)
    points = samples(record, 12)
    with np.errstate(all="ignore"):
        together = np.broadcast_to(array(*(np.array(c) for c in zip(*points, strict=True))), len(points))
    with mpmath.workdps(50):
        for point, from_array in zip(points, together, strict=True):
            exact = MpmathField().gate(record.name, *numbers(point))
            carried = [abs(x * slope(record, point, i)) for i, x in enumerate(numbers(point))]
            tolerance = 8 * ULP * float(max([abs(exact), *carried]))
            assert abs(float(from_array) - float(exact)) <= tolerance
            assert abs(float(scalar(*point)) - float(exact)) <= tolerance


@pytest.mark.parametrize("record", [g for g in GATE_LIST if g.special], **by_id)
def test_special_values(record: Gate) -> None:
    array, scalar = compiled(record)
    for args, result in record.special:
        assert float(MpmathField().gate(record.name, *numbers(args))) == result
        assert float(record.sympy(*map(sympy.Rational, args))) == result
        assert float(array(*map(np.float64, args))) == pytest.approx(result, rel=2 * ULP)
        assert float(scalar(*args)) == pytest.approx(result, rel=2 * ULP)


@pytest.mark.parametrize("record", GATE_LIST, **by_id)
def test_where_chooses_and_records_are_complete(record: Gate) -> None:
    assert record.doc.endswith((".", "?"))
    assert len(record.routes or record.partials) == len(record.arguments)
    assert record.numpy
    assert record.sympy is not None
    assert record.mpmath is not None
    if record.kink:
        field = MpmathField()
        field.gate(record.name, *[mpmath.mpf("0.7")] * len(record.arguments))
        assert field.margin < mpmath.inf
    for name in (record.name, *record.aliases):
        assert record.hidden or by_name(name) is record


def test_where_takes_one_branch() -> None:
    array, scalar = compiled(GATES["where"])
    for field in (SympyField(), MpmathField()):
        assert field.gate("where", True, 1, 2) == 1
        assert field.gate("where", False, 1, 2) == 2
    assert array(np.array([True, False]), 1.0, 2.0).tolist() == [1.0, 2.0]
    assert (scalar(True, 1.0, 2.0), scalar(False, 1.0, 2.0)) == (1.0, 2.0)


@pytest.mark.parametrize("record", [g for g in SMOOTH if g.name != "mod"], **by_id)
def test_second_order(record: Gate) -> None:
    """Differentiating the graph twice gives the second derivatives of the mpmath meaning."""
    graph = Graph()
    operands = [build.argument(graph, name) for name in record.arguments]
    first = gradient(build.gate(record.name, *operands), operands)
    rules = record.routes or record.partials
    for i, down in enumerate(first):
        for j, node in enumerate(gradient(down, operands)):
            if rules[i] is None or rules[j] is None:
                continue
            for point in samples(record, 3):
                with mpmath.workdps(60):
                    got = mpmath.mpf(evaluate([node], inputs_at(record, point), {}, MpmathField())[0][()])
                    assert agreement([got], [_second(record, point, i, j)]) >= 40, (i, j, point)


def _second(record: Gate, point: tuple[float, ...], i: int, j: int) -> mpmath.mpf:
    total, step = mpmath.mpf(0), mpmath.mpf(10) ** -60
    with mpmath.workdps(260):
        for s in (1, -1):
            for t in (1, -1):
                moved = numbers(point)
                moved[i] += s * step
                moved[j] += t * step
                total += s * t * MpmathField().gate(record.name, *moved)
        return total / (4 * step * step)


# Reductions

VALUES = [0.75, -1.25, 0.5, 1.5]
REDUCTION_LIST = list(REDUCE.values())


def line_of(graph: Graph, dtype: DType = DType.REAL) -> tuple[Axis, object]:
    axis = Axis(Extent.of("n"), 0)
    return axis, build.argument(graph, "x", [axis], dtype)


def inputs_of(values: list[object]) -> dict[str, object]:
    line = np.empty(len(values), dtype=object)
    line[:] = values
    return {"x": line}


@pytest.mark.parametrize("record", [r for r in REDUCTION_LIST if r.partial or r.route], **by_id)
@pytest.mark.parametrize("order", [1, 2])
def test_reductions_have_the_derivatives_of_their_meaning(record: Reduction, order: int) -> None:
    graph = Graph()
    axis, x = line_of(graph)
    out = build.reduce(record.name, x, axis)
    if order == 2:
        out = build.reduce("sum", build.gate("square", gradient(out, [x])[0]), axis)
    down = gradient(out, [x])[0]
    with mpmath.workdps(60):
        got = np.broadcast_to(evaluate([down], inputs_of(list(map(mpmath.mpf, VALUES))), {"n": 4}, MpmathField())[0], 4)
        expected = _line_slope(record, VALUES, order)
    assert agreement(got, expected) >= 40


def _line_slope(record: Reduction, values: list[float], order: int) -> list[mpmath.mpf]:
    def value(line: list[mpmath.mpf]) -> mpmath.mpf:
        return MpmathField().reduction(record.name, line)

    def squared_slopes(line: list[mpmath.mpf]) -> mpmath.mpf:
        return mpmath.fsum(d * d for d in central(value, line, mpmath.mpf(10) ** -130))

    def central(function: object, line: list[mpmath.mpf], step: mpmath.mpf) -> list[mpmath.mpf]:
        result = []
        for i in range(len(line)):
            up, low = list(line), list(line)
            up[i], low[i] = up[i] + step, low[i] - step
            result.append((function(up) - function(low)) / (2 * step))
        return result

    with mpmath.workdps(400):
        line = list(map(mpmath.mpf, values))
        return central(value if order == 1 else squared_slopes, line, mpmath.mpf(10) ** -60)


@pytest.mark.parametrize("record", REDUCTION_LIST, **by_id)
def test_reductions_mean_the_same_everywhere(record: Reduction) -> None:
    """SymPy, mpmath, the NumPy text, and the loop's start and step or its expansion."""
    values = [True, False, True] if record.name in ("any", "all") else VALUES
    exact, sympy_values = MpmathField(), [SympyField().number(v) for v in values]
    expected = float(exact.reduction(record.name, [exact.number(v) for v in values]))
    assert float(SympyField().reduction(record.name, sympy_values)) == pytest.approx(expected)
    scope = {"np": np, "math": math}
    exec(f"{record.helper}\ndef whole(x, axis):\n    return {record.numpy}", scope)
    matrix = np.array([values, values[::-1]]).T
    assert float(scope["whole"](matrix, 0)[0]) == pytest.approx(expected, rel=4 * ULP)
    if record.step and record.name not in ("argmax", "argmin"):
        exec(f"def run(x, acc):\n    return {record.step}\nstart = {record.start}", scope)
        acc = scope["start"]
        for v in values:
            acc = scope["run"](v, acc)
        assert float(acc) == pytest.approx(expected, rel=4 * ULP)
    if record.expand:
        graph = Graph()
        axis, x = line_of(graph)
        node = formula(record.expand).build(graph, {"x": x, "k": axis})
        found = evaluate([node], inputs_of(list(map(mpmath.mpf, values))), {"n": len(values)}, MpmathField())[0]
        assert float(found[()]) == pytest.approx(expected, rel=4 * ULP)
    assert record.doc.endswith((".", "?"))
    assert all(reduction_by_name(name) is record for name in (record.name, *record.aliases))


@pytest.mark.parametrize("record", REDUCTION_LIST, **by_id)
def test_reductions_of_what_does_not_vary(record: Reduction) -> None:
    """The closed form for an operand without the axis is the reduction of equal elements."""
    boolean = record.name in ("any", "all")
    value = True if boolean else mpmath.mpf("0.75")
    graph = Graph()
    axis, _ = line_of(graph)
    x = build.argument(graph, "x", [], DType.BOOL if boolean else DType.REAL)
    node = build.reduce(record.name, x, axis)
    found = evaluate([node], {"x": np.array(value, dtype=object)}, {"n": 3}, MpmathField())[0][()]
    assert float(found) == pytest.approx(float(MpmathField().reduction(record.name, [value] * 3)), rel=4 * ULP)
