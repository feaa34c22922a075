"""Every rewrite row says the same on both sides: by SymPy, at 50 digits, and on random floats."""

from __future__ import annotations

import ast
import math
import random
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy

from gradcompile.autodiff.reverse import gradients_of_arguments
from gradcompile.emit.expression import apply, reduce_text
from gradcompile.gates import build
from gradcompile.gates.registry import GATES, REDUCE
from gradcompile.gates.template import Template, formula
from gradcompile.ir.check import check_graph
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, Graph, Kind, Node, reachable
from gradcompile.rewrite import rows as tables
from gradcompile.rewrite.engine import Rewriter
from gradcompile.rewrite.rows import (
    ALGEBRA,
    CANONICAL,
    COMPOSITES,
    LOOP_FORM,
    POWERS,
    RECOGNISE,
    SELECTION,
    SIMPLIFY,
    SUMS,
    Row,
)
from gradcompile.rewrite.sharing import shared
from gradcompile.rewrite.simplify import simplified
from gradcompile.verify.evaluate import evaluate
from gradcompile.verify.fields import MpmathField, SympyField

ROWS = [*COMPOSITES, *POWERS, *CANONICAL, *ALGEBRA, *SELECTION, *SUMS, *LOOP_FORM]
K, J = Axis(Extent.of(2), 0), Axis(Extent.of(3), 0)
POSITIVE = ("log of a mean", "divisor", "power", "cube", "reciprocal")


def test_every_table_is_looked_at() -> None:
    listed = [row for name, table in vars(tables).items() if name.isupper() for row in table if isinstance(row, Row)]
    assert set(listed) == set(ROWS)
    assert len({row.name for row in ROWS}) == len(ROWS)


def _names(template: Template) -> set[str]:
    own = {template.axis} if template.op == "name" else set()
    return own.union(*(_names(a) for a in template.args))


def _conditions(template: Template) -> set[str]:
    """Return the names that stand where a condition is wanted."""
    count = {"where": 1, "and": 2, "or": 2, "not": 1}.get(template.op, 0)
    wanted = template.args[:count]
    return {a.axis for a in wanted if a.op == "name"}.union(*(_conditions(a) for a in template.args))


def _sides(row: Row, seed: int) -> tuple[Node, Node, dict[str, list[Fraction]]]:
    """Build both sides of a row over arguments, and a point at which both are defined."""
    draw, graph, point, bound = random.Random(seed), Graph(), {}, {"k": K, "j": J}
    pattern = formula(row.pattern)
    low = 0.2 if any(word in row.name for word in POSITIVE) or "log" in row.pattern else -2.0
    for name in sorted(_names(pattern)):
        values = [Fraction(draw.randint(int(low * 100), 90), 100) or Fraction(1, 3) for _ in range(6)]
        if name.startswith("c"):
            bound[name] = build.const(graph, draw.choice([0.5, -0.25, 1.5, -3.0]))
            continue
        if name == "i" or (name == "y" and row.when is not None):
            bound[name] = build.const(graph, 1 if name == "i" else 3)
            continue
        reduced = "sum(" in row.pattern or "take(" in row.pattern
        swept = reduced and not (row.when is not None and name == "a") and name != "y"
        axes = [K, J] if swept and "j)" in row.pattern else [K] if swept else []
        if reduced and name in _conditions(pattern):
            axes = [J]
        node = build.argument(graph, name, axes)
        point[name] = values[: math.prod(a.extent.constant or 0 for a in axes)]
        bound[name] = build.gate("gt", node, build.const(graph, 0)) if name in _conditions(pattern) else node
    return pattern.build(graph, bound), formula(row.replacement).build(graph, bound), point


def _shaped(root: Node, point: dict[str, list[Fraction]], convert: type) -> dict[str, np.ndarray]:
    shapes = {n.name: [a.extent.constant for a in n.attrs] for n in reachable([root]) if n.kind is Kind.INPUT}
    inputs = {}
    for name, shape in shapes.items():
        array = np.empty(len(point[name]), dtype=object)
        array[:] = [convert(v) for v in point[name]]
        inputs[name] = array.reshape(shape)
    return inputs


def _exact(value: Fraction) -> sympy.Rational:
    return sympy.Rational(value.numerator, value.denominator)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_both_sides_agree(row: Row) -> None:
    for seed in range(4):
        left, right, point = _sides(row, seed)
        exact = [evaluate([side], _shaped(side, point, _exact), {}, SympyField())[0] for side in (left, right)]
        for a, b in zip(*(np.broadcast_arrays(*exact)[i].ravel() for i in (0, 1)), strict=True):
            if isinstance(a, (sympy.logic.boolalg.BooleanAtom, bool)):
                assert bool(a) == bool(b)
            else:
                assert abs(sympy.N(a - b, 50, chop=True)) < sympy.Float("1e-45"), (row.name, a, b)
        floats = [_float_value(side, _shaped(side, point, float)) for side in (left, right)]
        np.testing.assert_allclose(*floats, rtol=1e-12, atol=1e-14)


def _float_value(root: Node, inputs: dict[str, np.ndarray]) -> np.ndarray:
    """Evaluate with the NumPy code of the gates' own records."""
    values: dict[Node, np.ndarray] = {}
    for node in reachable([root]):
        axes = node.axes
        match node.kind:
            case Kind.CONST:
                values[node] = np.float64(node.value)
            case Kind.INPUT:
                array = inputs[node.name].astype(float)
                values[node] = np.transpose(array, [node.attrs.index(a) for a in axes])
            case Kind.REDUCE:
                (x,) = node.operands
                code = reduce_text(node.name, "x", str(x.axes.index(node.attrs[0])))
                values[node] = _run(code, {"x": values[x]}, node.name)
            case Kind.TAKE:
                x, index = node.operands
                values[node] = np.take(values[x], int(values[index]), axis=x.axes.index(node.attrs[0]))
            case Kind.GATE:
                spread = {}
                for i, operand in enumerate(node.operands):
                    shape = [a.extent.constant if a in operand.axes else 1 for a in axes]
                    spread[f"a{i}"] = np.reshape(values[operand], shape)
                values[node] = _run(apply(node.name, list(spread), "numpy"), spread, node.name)
            case _:
                raise AssertionError(node.kind)
    return values[root]


def _run(code: str, values: dict[str, np.ndarray], name: str) -> np.ndarray:
    scope: dict[str, object] = {"np": np, "math": math}
    for table in (GATES, REDUCE):
        if name in table:
            exec(table[name].helper, scope)
    with np.errstate(all="ignore"):
        return eval(compile(ast.parse(code, mode="eval"), "gate", "eval"), scope, dict(values))  # type: ignore[no-any-return]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_fires_and_comes_to_rest(row: Row) -> None:
    left, _right, _point = _sides(row, 0)
    rewriter = Rewriter([row])
    new = rewriter.run([left])[left]
    assert rewriter.fired[row.name] >= 1
    check_graph([new], build.result_type)


RECOGNISED = [
    ("log(1 + exp(x))", "softplus(x)"),
    ("1 / (exp(-x) + 1)", "sigmoid(x)"),
    ("sqrt(x * x)", "abs(x)"),
    ("log(1 / (1 + exp(-x)))", "-softplus(-x)"),
    ("log(exp(x) / sum(exp(x), k))", "x - logsumexp(x, k)"),
    ("exp(x) / sum(exp(x), k)", "exp(x - logsumexp(x, k))"),
    ("sqrt(sum(x ** 2, k))", "norm(x, k)"),
    ("(exp(x) - exp(-x)) / (exp(x) + exp(-x))", "tanh(x)"),
    ("max(x, 0)", "relu(x)"),
]


@pytest.mark.parametrize(("written", "found"), RECOGNISED)
def test_composites_are_recognised(written: str, found: str) -> None:
    graph = Graph()
    bound = {"x": build.argument(graph, "x", [K]), "k": K}
    node = formula(written).build(graph, bound)
    assert Rewriter(RECOGNISE).run([node])[node] is formula(found).build(graph, bound)


SIMPLER = [
    ("x / s - (y / s) * z", "(x - y * z) / s"),
    ("x / s + z * (y / s)", "(x + y * z) / s"),
    ("-x - y", "-(x + y)"),
    ("sum(-x * z - y, k)", "-sum(x * z + y, k)"),
    ("where(x > y, -z, 0)", "-where(x > y, z, 0)"),
    ("where(x > y, 0, -z)", "-where(x > y, 0, z)"),
    ("x * y + y * x", "2 * (x * y)"),
    ("x * y - max(y * x, s)", "x * y - max(x * y, s)"),
]


@pytest.mark.parametrize(("written", "found"), SIMPLER)
def test_what_becomes_simpler(written: str, found: str) -> None:
    """Before and after, and the same values."""
    graph = Graph()
    bound = {name: build.argument(graph, name, [] if name == "s" else [K]) for name in "xyzs"} | {"k": K}
    before = formula(written).build(graph, bound)
    after = Rewriter(SIMPLIFY).run([before])[before]
    assert after is formula(found).build(graph, bound)
    point = {name: np.array([0.7, -1.3]) * i for i, name in enumerate("xyz", 1)} | {"s": np.array(0.3)}
    values = [_float_value(n, {k: v for k, v in point.items() if k in _inputs(n)}) for n in (before, after)]
    np.testing.assert_allclose(*values, rtol=1e-14)


def _inputs(root: Node) -> set[str]:
    return {n.name for n in reachable([root]) if n.kind is Kind.INPUT}


N = Axis(Extent.of(3), 1)


def _lower(x: Node, row: Axis, column: Axis) -> Node:
    condition = build.gate("ge", build.iota(x.graph, row), build.iota(x.graph, column))
    return build.gate("where", condition, x, build.const(x.graph, 0.0))


def test_the_triangle_of_a_triangle_is_the_same() -> None:
    """Of what is 0 there by its form: a masked matrix, a diagonal, and sums of these."""
    graph = Graph()
    a, d = build.argument(graph, "a", [J, N]), build.argument(graph, "d", [J])
    inner = build.gate("sub", build.scatter(d, N, build.iota(graph, J), ()), _lower(a, J, N))
    outer = _lower(inner, J, N)
    assert simplified([outer]) == simplified([inner])
    for kept in (_lower(a, J, N), _lower(inner, N, J), _lower(build.gate("mul", _lower(a, J, N), a), J, N)):
        assert simplified([kept]) == [kept]
    point = {"a": np.arange(9.0).reshape(3, 3) + 1, "d": np.array([0.5, -2.0, 4.0])}
    values = evaluate(simplified([outer]), point, {}, MpmathField())[0].astype(float)
    np.testing.assert_allclose(values, np.diag(point["d"]) - np.tril(point["a"]))


def test_a_quotient_for_which_another_serves_is_left_out() -> None:
    graph = Graph()
    a, x, z = (build.argument(graph, name, [K]) for name in "axz")
    roots = [formula(text).build(graph, {"a": a, "x": x, "z": z}) for text in ("z / x", "exp(a / x * z)")]
    left = shared(roots)
    assert [left[r] for r in roots] == [roots[0], build.gate("exp", build.gate("mul", roots[0], a))]
    point = {"a": np.array([0.7, -1.3]), "x": np.array([0.2, 3.0]), "z": np.array([-1.1, 0.4])}
    np.testing.assert_allclose(*(_float_value(n, point) for n in (roots[1], left[roots[1]])), rtol=1e-14)


@pytest.mark.parametrize(
    "texts", [("exp(a / x * z)",), ("z / x", "a / x", "a / x * z"), ("z / x", "a / x * z", "sin(a / x)")]
)
def test_a_quotient_that_is_needed_stays(texts: tuple[str, ...]) -> None:
    graph = Graph()
    bound = {name: build.argument(graph, name, [K]) for name in "axz"}
    roots = [formula(text).build(graph, bound) for text in texts]
    left = shared(roots)
    assert [left[r] for r in roots] == roots


def test_normal_form_is_normal() -> None:
    """Applying the rows to what they produced changes nothing."""
    graph = Graph()
    bound = {"x": build.argument(graph, "x", [K]), "y": build.argument(graph, "y"), "k": K}
    node = formula("-(sum(-x * y, k) - 3 * (2 * y)) + log(exp(x)) * 1 + x ** 2").build(graph, bound)
    once = Rewriter(SIMPLIFY).run([node])[node]
    assert Rewriter(SIMPLIFY).run([once])[once] is once


UNARY = ["neg", "exp", "log", "square", "abs", "relu", "sqrt", "sigmoid", "tanh", "softplus"]
BINARY = ["add", "sub", "mul", "div", "max", "min"]


def _random_formula(draw: random.Random) -> tuple[Node, dict[str, list[Axis]]]:
    """Return a random scalar over x[K], y[K] and s, with literals that do and do not fold exactly."""
    graph = Graph()
    pool = [build.argument(graph, "x", [K]), build.argument(graph, "s"), build.argument(graph, "y", [K])]
    pool += [build.const(graph, draw.choice([0.1, 0.3, -0.7, 2, 1, -1, 0, 0.5, math.pi])) for _ in range(2)]
    for _ in range(14):
        a, b = draw.choice(pool), draw.choice(pool[-6:])
        step = draw.choice([*UNARY, *BINARY, "pow", "where", "sum"])
        if step in UNARY:
            pool.append(build.gate(step, a))
        elif step == "pow":
            pool.append(build.gate("pow", a, build.const(graph, draw.choice([0, 1, 2, 3, -1, 0.5, -2, 1.5]))))
        elif step == "where":
            pool.append(build.gate("where", build.gate("gt", a, b), a, b))
        elif step == "sum":
            pool.append(build.reduce("sum", a, K))
        else:
            pool.append(build.gate(step, a, b))
    return build.reduce("sum", build.as_real(pool[-1]), K), {"x": [K], "s": [], "y": [K]}


@pytest.mark.parametrize("seed", range(150))
def test_all_rows_together_keep_values_and_come_to_rest(seed: int) -> None:
    result, arguments = _random_formula(random.Random(seed))
    found = Rewriter(RECOGNISE).run([result])[result]
    gradients = gradients_of_arguments(found, arguments)
    roots = [found, *gradients.values()]
    normal = Rewriter(SIMPLIFY).run(roots)
    check_graph([normal[r] for r in roots], build.result_type)
    inputs = {"x": [0.6, 1.3], "y": [0.9, 0.35], "s": 0.8}
    point = {name: np.vectorize(mpmath.mpf, otypes=[object])(v) for name, v in inputs.items()}
    with mpmath.workdps(60):
        for before, after in [(result, normal[found]), *((g, normal[g]) for g in gradients.values())]:
            try:
                wanted = np.ravel(evaluate([before], point, {}, MpmathField())[0])
            except ArithmeticError:  # it overflows, or has no value here
                continue
            got = np.ravel(evaluate([after], point, {}, MpmathField())[0])
            for a, b in zip(*np.broadcast_arrays(wanted, got), strict=True):
                if mpmath.isfinite(a) and not isinstance(a, mpmath.mpc):
                    assert mpmath.almosteq(a, b, mpmath.mpf(10) ** -40, mpmath.mpf(10) ** -40)
