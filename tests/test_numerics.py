"""Kinks, branches that are not taken, and stable forms: the values and gradients that the language promises."""

from __future__ import annotations

import math
from types import ModuleType

import numpy as np
import pytest

import gradcompile

TARGETS = ["numpy", "numba"]


def _module(text: str, target: str) -> ModuleType:
    compiled = gradcompile.compile(text, target=target, verify=False, name="formula")
    assert compiled.module is not None
    return compiled.module


RELU_FORMS = ["max(x, 0)", "max(0, x)", "relu(x)", "(x if x > 0 else 0)", "where(x > 0, x, 0)"]


@pytest.mark.parametrize("target", TARGETS)
def test_every_way_to_write_relu_has_the_same_gradient(target: str) -> None:
    points = np.array([-2.0, -1e-300, -0.0, 0.0, 1e-300, 0.5, 3.0])
    expected = np.where(points > 0, 3 * points**2 + 1, 0.0)
    gradients = set()
    for form in RELU_FORMS:
        module = _module(f"x: Param[N]\ny = {form}\nf = sum(y**3 + y)", target)
        found = module.value_and_grad(points)[1].x
        gradients.add(found.tobytes())
        np.testing.assert_allclose(found, expected, rtol=1e-15)
    assert len(gradients) == 1


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("formula", "point", "gradient"),
    [
        ("f = abs(x)", 0.0, 0.0),
        ("f = sqrt(x*x)", 0.0, 0.0),
        ("f = max(x, x)", 1.0, 1.0),
        ("f = min(0, x)", 0.0, 0.0),
        ("f = max(2*x, x + 1)", 1.0, 2.0),
        ("f = min(x + 1, 2*x)", 1.0, 1.0),
        ("f = norm([x, 2*x])", 0.0, 0.0),
        ("f = hypot(x, 0)", 0.0, 0.0),
        ("f = std([x, 2*x])", 0.0, 0.0),
        ("f = x**0", 0.0, 0.0),
    ],
)
def test_kinks(formula: str, point: float, gradient: float, target: str) -> None:
    assert _module(formula, target).value_and_grad(point)[1].x == gradient


@pytest.mark.parametrize("target", TARGETS)
def test_a_tie_in_a_reduction_goes_to_the_first(target: str) -> None:
    x = np.array([[1.0, 3.0, 3.0], [3.0, 0.0, 3.0]])
    rows = _module("x: Param[N, D]\nf = sum(max(x, axis=1))", target).value_and_grad(x)[1].x
    np.testing.assert_array_equal(rows, [[0, 1, 0], [1, 0, 0]])
    everything = _module("x: Param[N, D]\nf = max(x)", target).value_and_grad(x)[1].x
    np.testing.assert_array_equal(everything, [[0, 1, 0], [0, 0, 0]])


BRANCHES = [
    ("where(x > 0, log(x), 0)", lambda x: 1 / x, lambda x: -1 / x**2),
    ("where(x > 0, sqrt(x), 0)", lambda x: 0.5 / math.sqrt(x), lambda x: -0.25 * x**-1.5),
    ("where(x > 0, x*log(x), 0)", lambda x: math.log(x) + 1, lambda x: 1 / x),
    ("(log(x)**2 if x > 0 else 0)", lambda x: 2 * math.log(x) / x, lambda x: (2 - 2 * math.log(x)) / x**2),
    ("where(x > 0, x**1.5, 0) + where(x > 0, 2*x**1.5, 0)", lambda x: 4.5 * x**0.5, lambda x: 2.25 * x**-0.5),
    ("where(x <= 0, 0, 1/x)", lambda x: -1 / x**2, lambda x: 2 / x**3),
    ("sum(where([x, 2*x] > 0, log([x, 2*x]), 0))", lambda x: 2 / x, lambda x: -2 / x**2),
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("formula", "first", "second"), BRANCHES)
def test_the_branch_not_taken_never_puts_a_nan_into_a_gradient(formula, first, second, target) -> None:  # type: ignore[no-untyped-def]
    once = _module(f"f = {formula}", target)
    twice = _module(f"x: Real\nf = {formula}\ng = grad(f, x)", target)
    for point in (0.0, -1.0):
        assert once.value_and_grad(point)[1].x == 0.0
        slope, curvature = twice.value_and_grad(point)
        assert (slope, curvature.x) == (0.0, 0.0)
    for point in (0.5, 2.0):
        assert once.value_and_grad(point)[1].x == pytest.approx(first(point), rel=1e-14)
        slope, curvature = twice.value_and_grad(point)
        assert slope == pytest.approx(first(point), rel=1e-14)
        assert curvature.x == pytest.approx(second(point), rel=1e-13)


@pytest.mark.parametrize("target", TARGETS)
def test_a_value_behind_a_branch_and_a_sum(target: str) -> None:
    """The condition has to travel through the sum: no sample takes the branch, and log(v) is infinite at 0."""
    module = _module("v: Param\nx: Real[N]\ns = log(v)\nf = sum(where(x > 0, s*x, 1))", target)
    assert module.value_and_grad(0.0, -np.ones(4))[1].v == 0.0
    assert module.value_and_grad(2.0, np.ones(4))[1].v == pytest.approx(2.0)


STABLE = [
    ("log(1 + exp(x))", 1000.0, 1000.0, 1.0),
    ("log(1 + exp(x))", -1000.0, 0.0, 0.0),
    ("log(1 + exp(-x))", -1000.0, 1000.0, -1.0),
    ("log(sigmoid(x))", -800.0, -800.0, 1.0),
    ("log(sigmoid(x))", 800.0, 0.0, 0.0),
    ("log(1 - sigmoid(x))", 800.0, -800.0, -1.0),
    ("log(1/(1 + exp(-x)))", -800.0, -800.0, 1.0),
    ("1/(1 + exp(-x))", -1000.0, 0.0, 0.0),
    ("exp(x)/(1 + exp(x))", 1000.0, 1.0, 0.0),
    ("(exp(x) - exp(-x))/(exp(x) + exp(-x))", 1000.0, 1.0, 0.0),
    ("sqrt(x*x)", -1e200, 1e200, -1.0),
    ("log(exp(x) + exp(3))", 1000.0, 1000.0, 1.0),
    ("logsumexp([x, 0])", -1000.0, 0.0, 0.0),
    ("log(sum(exp([x, x])))", 1000.0, 1000.0 + math.log(2), 1.0),
    ("log(softmax([x, 0])[1])", 1000.0, -1000.0, -1.0),
    ("log(softmax([x, 0]))[0]", -1000.0, -1000.0, 1.0),
    ("log(exp(x)/sum(exp([x, 0])))", -1000.0, -1000.0, 1.0),
    ("log(1 + x)", 1e-20, 1e-20, 1.0),
    ("exp(x) - 1", 1e-20, 1e-20, 1.0),
    ("norm([x, x])", 3.0, 3 * math.sqrt(2), math.sqrt(2)),
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("formula", "point", "value", "gradient"), STABLE)
def test_stable_forms(formula: str, point: float, value: float, gradient: float, target: str) -> None:
    found, slope = _module(f"x: Real\nf = {formula}", target).value_and_grad(point)
    assert found == pytest.approx(value, rel=1e-15, abs=1e-300)
    assert slope.x == pytest.approx(gradient, rel=1e-15, abs=1e-300)


@pytest.mark.parametrize("target", TARGETS)
def test_nan_and_infinity_keep_their_meaning(target: str) -> None:
    module = _module("x: Param[N]\nf = sum(x*x) + max(x)", target)
    assert math.isnan(module.value(np.array([1.0, np.nan])))
    assert module.value(np.array([1.0, np.inf])) == math.inf
    scores = _module("s: Param[C]\nf = logsumexp(s)", target)
    assert scores.value(np.array([-np.inf, 2.0])) == 2.0
    assert scores.value(np.array([-np.inf, -np.inf])) == -math.inf
    assert scores.value(np.array([np.inf, 0.0])) == math.inf


NESTED = [  # grad inside a formula, and the gradient of that
    ("log(1 + exp(x))", 1000.0, 1.0, 0.0),
    ("log(sigmoid(x))", -800.0, 1.0, 0.0),
    ("log(sum(exp([x, 0])))", 1000.0, 1.0, 0.0),
    ("log(softmax([x, 0]))[1]", 1000.0, -1.0, 0.0),
    ("sqrt(x*x)", 0.0, 0.0, 0.0),
    ("sqrt(sum([x, 2*x]**2))", 0.0, 0.0, 0.0),
    ("x / (1 + exp(-x))", -1000.0, 0.0, 0.0),
    ("2 / (1 + exp(-2*x)) - 1", -1000.0, 0.0, 0.0),
    ("exp(-x) / (1 + exp(-x))**2", -1000.0, 0.0, 0.0),
    ("log(cosh(x))", -1000.0, -1.0, 0.0),
    ("log(cosh(x))", 0.0, 0.0, 1.0),
    ("log((exp(x) + exp(-x)) / 2)", 1000.0, 1.0, 0.0),
    ("log(exp(x) + exp(0) + exp(1))", 1000.0, 1.0, 0.0),
    ("log(3 * sum(exp([x, 0])))", -1000.0, 0.0, 0.0),
    ("where(x > 0, log(x), 0)", 0.0, 0.0, 0.0),
    ("where(x > 0, sqrt(x), 0)", -1.0, 0.0, 0.0),
    ("where(x > 0, sum(cumsum([log(x), x])), 0)", 0.0, 0.0, 0.0),
    ("where(x > 0, prod([log(x), x]), 0)", 0.0, 0.0, 0.0),
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("formula", "point", "first", "second"), NESTED)
def test_gradients_of_gradients(formula: str, point: float, first: float, second: float, target: str) -> None:
    found, slope = _module(f"x: Real\ny = {formula}\nf = grad(y, x)", target).value_and_grad(point)
    assert found == pytest.approx(first, rel=1e-15, abs=1e-300)
    assert slope.x == pytest.approx(second, rel=1e-15, abs=1e-300)
