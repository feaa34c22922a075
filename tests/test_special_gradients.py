"""Every gate's local gradients over its whole domain, by the gates' code, against mpmath's derivatives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import mpmath
import numpy as np
import pytest
from whole_domain import DIGITS, EPSILON, ORDERS, RECORDS, Code, exact, points, slope

from gradcompile.autodiff.reverse import gradient
from gradcompile.gates import build
from gradcompile.gates.record import Gate
from gradcompile.gates.registry import GATES
from gradcompile.gates.template import formula
from gradcompile.ir.nodes import Graph, Node
from gradcompile.verify.evaluate import evaluate
from gradcompile.verify.fields import Field, MpmathField

by_name = {"ids": lambda record: record.name}
INF = math.inf

# Of what a local gradient is exact to a few units in the last place, besides itself and its arguments' roundings.
GRADIENT_SCALE: dict[str, tuple[str, str]] = {
    "tanh": ("1", "1 - out^2, the rule of the lecture, in which out is near 1"),
    "sigmoid": ("1", "out * (1 - out), the rule of the lecture, in which out is near 1"),
    "i0e": ("out", "two large terms that nearly cancel for large x"),
    "i1e": ("out", "two large terms that nearly cancel for large x"),
    "ive": ("out", "two large terms that nearly cancel for large x"),
    "erfcx": ("1", "2*x*out - 2/sqrt(pi), where both are near each other for large x"),
    "excess": ("1", "1 - mills*out, where both are near each other on the left"),
    "digamma_rise": ("trigamma", "a difference of two trigammas, which a second derivative of betaln alone needs"),
}


@pytest.fixture(scope="module")
def code() -> Code:
    return Code()


class CodeField(Field):
    """Floats, by the gates' NumPy code."""

    def __init__(self, code: Code) -> None:
        super().__init__()
        self.code = code

    def number(self, value: float) -> Any:
        return value if isinstance(value, int) else np.float64(value)

    def apply(self, record: Gate, args: tuple[Any, ...]) -> Any:
        return self.code.array(record)(*map(np.asarray, args))[()]

    def line(self, name: str, values: list[Any]) -> Any:
        raise NotImplementedError


def local_gradient(record: Gate, rule: str) -> Node:
    graph = Graph()
    operands = [build.argument(graph, name) for name in record.arguments]
    return formula(rule).build(
        graph, dict(zip(record.arguments, operands, strict=True)) | {"out": build.gate(record.name, *operands)}
    )


def at(node: Node, record: Gate, point: Sequence[float], field: Field) -> Any:
    """The value of a graph over a gate's arguments."""
    inputs = {n: np.array(x, dtype=object) for n, x in zip(record.arguments, map(np.float64, point), strict=True)}
    if isinstance(field, MpmathField):
        inputs = {n: np.array(mpmath.mpf(float(x[()])), dtype=object) for n, x in inputs.items()}
    return evaluate([node], inputs, {}, field)[0][()]


def gradient_size(record: Gate, point: Sequence[float], position: int, value: Any) -> Any:
    """The number in units of whose last place the error of a local gradient is measured."""
    size = max(abs(value), abs(point[position] * slope(record, point, position, 2)))
    for i, x in enumerate(point):
        if i != position and record.name not in ORDERS:
            size = max(size, abs(x * _mixed(record, point, position, i)))
    kind = GRADIENT_SCALE.get(record.name, ("", ""))[0]
    if kind == "trigamma":
        size = max(size, exact(GATES["trigamma"], point[:1]))
    return max(size, {"": 0, "1": 1, "out": abs(exact(record, point))}.get(kind, 0))


def _mixed(record: Gate, point: Sequence[float], i: int, j: int) -> Any:
    moved = list(map(mpmath.mpf, point))
    step = abs(moved[j]) * mpmath.mpf(10) ** -20
    moved[j] += step
    return (slope(record, moved, i) - slope(record, point, i)) / step


def gradient_points(record: Gate, count: int) -> list[tuple[float, ...]]:
    """Points away from kinks, at which the value and the local gradients are no overflow."""
    columns = [np.asarray(c) for c in points(record, 300)]
    chosen = np.random.default_rng(0).permutation(columns[0].size)
    found: list[tuple[float, ...]] = []
    for i in chosen.tolist():
        point = tuple(float(c[i]) for c in columns)
        field = MpmathField()
        value = field.gate(record.name, *map(mpmath.mpf, point))
        regular = all(1e-60 < abs(x) < 1e60 for k, x in enumerate(point) if k or record.name not in ORDERS)
        if regular and mpmath.isfinite(value) and field.margin > 1e-6 * max(map(abs, point)):
            found.append(point)
        if len(found) == count:
            break
    return found


def wrong_gradients(record: Gate, code: Code, count: int) -> list[str]:
    found = []
    rules = [(i, local_gradient(record, rule)) for i, rule in enumerate(record.partials) if rule is not None]
    for point in gradient_points(record, count) if rules else []:
        for position, node in rules:
            with mpmath.workdps(DIGITS), np.errstate(all="ignore"):
                value = slope(record, point, position)
                if not 1e-290 < abs(value) < 1e290:
                    continue
                got = float(at(node, record, point, CodeField(code)))
                error = abs(got - value)
                allowed = 24 * EPSILON * abs(value)
                if not error <= allowed and not error <= 24 * EPSILON * gradient_size(record, point, position, value):
                    units = float(error / abs(value)) / EPSILON
                    found.append(f"d{record.name}{point}/d{position} is {got}, not {float(value)}: {units:.3g} units")
    return found


@pytest.mark.parametrize("record", [g for g in RECORDS if any(g.partials)], **by_name)
def test_gradients(record: Gate, code: Code) -> None:
    assert wrong_gradients(record, code, 25) == []


@pytest.mark.slow
@pytest.mark.parametrize("record", [g for g in RECORDS if any(g.partials)], **by_name)
def test_gradients_at_many_points(record: Gate, code: Code) -> None:
    assert wrong_gradients(record, code, 400) == []


# Local gradients by operand, at places where a careless rule has none
PLACES: list[tuple[str, tuple[float, ...], tuple[float, ...]]] = [
    ("sinc", (0.0,), (0.0,)),
    ("sinc", (1e-200,), (-(math.pi**2) / 3 * 1e-200,)),
    ("sinc", (-1e-9,), (math.pi**2 / 3 * 1e-9,)),
    ("sinc", (2.0,), (0.5,)),
    ("xlogy", (0.0, 0.0), (0.0, 0.0)),
    ("xlogy", (0.0, 2.0), (math.log(2), 0.0)),
    ("xlogy", (3.0, 0.0), (-INF, INF)),
    ("xlog1py", (0.0, -1.0), (0.0, 0.0)),
    ("xlog1py", (0.0, 1.0), (math.log(2), 0.0)),
    ("log_ndtr", (-1e5,), (1e5 + 1e-5,)),
    ("log_ndtr", (-1e100,), (1e100,)),
    ("log_ndtr", (40.0,), (0.0,)),
    ("i1", (0.0,), (0.5,)),
    ("j1", (0.0,), (0.5,)),
    ("i0e", (0.0,), (0.0,)),
    ("erf", (INF,), (0.0,)),
    ("cbrt", (0.0,), (INF,)),
    ("cbrt", (-1e-300,), (1e200 / 3,)),
    ("hypot", (0.0, 0.0), (0.0, 0.0)),
    ("hypot", (3e200, 4e200), (0.6, 0.8)),
    ("arctan2", (1e-200, 1e-200), (5e199, -5e199)),
    ("arctan2", (3e200, 4e200), (1.6e-201, -1.2e-201)),
    ("arcsinh", (1e200,), (1e-200,)),
    ("arcsin", (1 - 2.0**-53,), (2.0**26,)),
    ("arctanh", (1 - 2.0**-53,), (2.0**52,)),
    ("logaddexp", (1e9, 1e9 + 1), (0.2689414213699951, 0.7310585786300049)),
    ("mod", (-5.0, INF), (1.0, 1.0)),
    ("mod", (7.5, -2.0), (1.0, 4.0)),
    ("betaln", (1e15, 1.0), (-1e-15, -math.log(1e15) - 0.5772156649015329)),
    ("lgamma", (-1e15 - 0.5,), (math.log(1e15),)),
    ("digamma", (-1e15 - 0.5,), (math.pi**2,)),
    ("erfinv", (1.0,), (INF,)),
    ("ndtri", (0.5,), (math.sqrt(2 * math.pi),)),
    ("logit", (0.0,), (INF,)),
]


@pytest.mark.parametrize(("name", "point", "expected"), PLACES)
def test_gradients_at_special_places(
    name: str, point: tuple[float, ...], expected: tuple[float, ...], code: Code
) -> None:
    record = GATES[name]
    with np.errstate(all="ignore"):
        found = [float(at(local_gradient(record, r), record, point, CodeField(code))) for r in record.partials if r]
    assert found == pytest.approx(expected, rel=1e-14, abs=0)


SECOND: list[tuple[str, float, float]] = [
    ("sinc(x)", 0.0, -(math.pi**2) / 3),
    ("sinc(x)", 1e-150, -(math.pi**2) / 3),
    ("sinc(x)", 1e-5, -(math.pi**2) / 3 + math.pi**4 / 10 * 1e-10),
    ("log_ndtr(x)", -1e6, -1 + 1e-12),
    ("log_ndtr(x)", 38.0, -0.0),
    ("i1(x)", 0.0, 0.0),
    ("i1(x)", 1e-8, 0.375e-8),
    ("j1(x)", 1e-8, -0.375e-8),
    ("lgamma(x)", -2.5, float(mpmath.polygamma(1, -2.5))),
    ("xlogy(x, x)", 0.5, 2.0),
]


@pytest.mark.parametrize(("text", "x", "expected"), SECOND)
def test_second_derivatives_at_special_places(text: str, x: float, expected: float, code: Code) -> None:
    graph = Graph()
    operand = build.argument(graph, "x")
    first = gradient(formula(text).build(graph, {"x": operand}), [operand])
    (second,) = gradient(first[0], [operand])
    with np.errstate(all="ignore"):
        found = evaluate([second], {"x": np.array(np.float64(x), dtype=object)}, {}, CodeField(code))[0][()]
    assert float(found) == pytest.approx(expected, rel=1e-13, abs=1e-300)
