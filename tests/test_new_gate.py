"""A gate that nothing else knows of: its record alone takes it through parsing, both targets, verification, claims."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import mpmath
import numpy as np
import pytest
import sympy

import gradcompile
from gradcompile.gates.record import Gate
from gradcompile.gates.registry import registered

BUMP = Gate(
    "bump",
    "x w",
    "exp(-(x/w)^2), a bell of width w.",
    partials=("-2 * x / w ** 2 * out", "2 * x ** 2 / w ** 3 * out"),
    numpy="np.exp(-(x / w) ** 2)",
    numba="_bump(x, w)",
    helper="""
def _bump(x, w):
    return math.exp(-(x / w) * (x / w))
""",
    sympy=lambda x, w: sympy.exp(-((x / w) ** 2)),
    mpmath=lambda x, w: mpmath.exp(-((x / w) ** 2)),
    domain=((-2, 2), (0.5, 2)),
    aliases=("bell",),
)

TEXT = """
x: Param[N]
w: Param
y = bell(x, w)
loss = sum(y * bump(y, 2))
assert grad(sum(y), w) == sum(2 * x**2 / w**3 * y)
"""


@pytest.fixture
def bump() -> Iterator[Gate]:
    with registered(BUMP) as gate:
        yield gate


@pytest.mark.usefixtures("bump")
@pytest.mark.parametrize("target", ["numpy", "numba"])
def test_a_new_gate_works_everywhere(target: str) -> None:
    compiled = gradcompile.compile(TEXT, target=target)
    assert compiled.certificate is not None
    assert compiled.certificate.passed
    assert "undecided" not in "\n".join(compiled.certificate.lines)
    assert compiled.module is not None
    x, w, step = np.array([0.3, -1.2, 0.8]), 0.9, 1e-6
    value, gradient = compiled.module.value_and_grad(x, w)
    y = np.exp(-((x / w) ** 2))
    assert value == pytest.approx(float(np.sum(y * np.exp(-((y / 2) ** 2)))), rel=1e-14)
    slope = (compiled.module.value(x, w + step) - compiled.module.value(x, w - step)) / (2 * step)
    assert gradient.w == pytest.approx(slope, rel=1e-8)


@pytest.mark.usefixtures("bump")
def test_its_claims_are_judged() -> None:
    (verdict,) = gradcompile.check(TEXT)
    assert verdict.verdict == "proved"


@pytest.mark.usefixtures("bump")
def test_its_second_derivative_needs_nothing_more() -> None:
    compiled = gradcompile.compile("x: Real\ng = grad(bump(x, 1), x)", target="numpy")
    assert compiled.module is not None
    assert compiled.module.value_and_grad(0.5)[1].x == pytest.approx((4 * 0.25 - 2) * math.exp(-0.25), rel=1e-14)


def test_a_wrong_local_gradient_is_refuted() -> None:
    wrong = replace(BUMP, partials=("2 * x / w ** 2 * out", BUMP.partials[1]))
    with registered(wrong), pytest.raises(gradcompile.Refuted):
        gradcompile.compile(TEXT, target="numpy")


def test_the_gate_is_gone_behind_the_with_block() -> None:
    with pytest.raises(gradcompile.FormulaError, match="bump"):
        gradcompile.compile("f = bump(x, 1)")
