"""Nests with sines and cosines: for small arguments without a table, and again where an argument is not small."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from loop_form import form_of

import gradcompile
from gradcompile.loops.form import Copy, If, Loop, Statement, within

WAVES = "x: Param[N]\nw: Real[N]\nf = sum(w * sin(x) * cos(2 * x))\n"
TANGENT = "x: Real[N, D]\nw: Param[D]\nf = sum(tan(sum(x * w, axis=1))**2)\n"
IN_STEPS = (
    "x: Param[N]\nw: Real[N]\ns[0] = x\nfor t in range(1, 5):\n    s[t] = s[t - 1] + sin(s[t - 1]) * w\nf = sum(s[4])\n"
)
GATHERED = "a: Param[K]\ni: Int[N]\nw: Real[N]\nf = sum(w * sin(2 * a[i]))\n"
ONE = "x: Param\nf = sin(x) * cos(x)\n"


def twice(statements: list[Statement]) -> list[If]:
    """Return the statements that run a nest again."""
    return [s for s in within(statements) if isinstance(s, If) and "_NEAR" in s.condition]


@pytest.mark.parametrize(("formula", "count"), [(WAVES, 1), (GATHERED, 1), (ONE, 0)])
def test_nests_are_written_twice(formula: str, count: int) -> None:
    assert len(twice(form_of(formula))) == count


def test_sums_start_again_from_what_they_were() -> None:
    form = form_of(WAVES)
    (again,) = twice(form)
    *restored, loop = again.body
    assert isinstance(loop, Loop)
    (back,) = restored
    assert isinstance(back, Copy)
    saved = [s for s in form if isinstance(s, Copy) and s.target == back.source]
    assert [s.source for s in saved] == [back.target]
    assert not loop.near
    assert sum(isinstance(s, Loop) and s.near for s in within(form)) == 1


@cache
def module(formula: str, **options: Any) -> Any:
    """Return the compiled module."""
    return gradcompile.compile(formula, verify=False, name="waves", emit="value_and_grad", **options).module


@pytest.mark.parametrize("far", [1.0, 9.9e7, 1e9, 1e15, 1e22, -3e300, np.inf, np.nan])
@pytest.mark.parametrize(
    "options", [{}, pytest.param({"parallel": True}, marks=pytest.mark.slow)], ids=["", "parallel"]
)
def test_one_large_argument_counts(far: float, options: dict[str, Any]) -> None:
    r = np.random.default_rng(0)
    x, w = r.normal(size=300), r.normal(size=300)
    x[123] = far
    value, (gradient,) = module(WAVES, **options).value_and_grad(x=x, w=w)
    with np.errstate(invalid="ignore"):
        wanted = w * (np.cos(x) * np.cos(2 * x) - 2 * np.sin(x) * np.sin(2 * x))
        np.testing.assert_allclose(value, np.sum(w * np.sin(x) * np.cos(2 * x)), rtol=1e-12)
    np.testing.assert_allclose(gradient, wanted, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("far", [1.0, 9e3, 1e6, np.inf])
def test_one_large_argument_counts_in_float32(far: float) -> None:
    x = np.linspace(-3, 3, 50).astype(np.float32)
    x[17] = far
    w = np.ones_like(x)
    _, (gradient,) = module(WAVES, dtype="float32").value_and_grad(x=x, w=w)
    x = x.astype(float)
    with np.errstate(invalid="ignore"):
        wanted = np.cos(x) * np.cos(2 * x) - 2 * np.sin(x) * np.sin(2 * x)
    np.testing.assert_allclose(gradient, wanted, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("formula", [TANGENT, IN_STEPS])
def test_other_nests_agree_with_the_readable_target(formula: str) -> None:
    r = np.random.default_rng(1)
    sizes = {"x": (40, 3), "w": (3,)} if formula is TANGENT else {"x": (40,), "w": (40,)}
    for far in (0.5, 1e12):
        given = {name: 0.3 * r.normal(size=size) for name, size in sizes.items()}
        given["x"].flat[5] = far
        fast = module(formula).value_and_grad(**given)
        slow = gradcompile.compile(formula, target="numpy", verify=False, name="waves").module.value_and_grad(**given)
        assert fast[0] == pytest.approx(slow[0], rel=1e-9)
        np.testing.assert_allclose(fast[1][0], slow[1][0], rtol=1e-8, atol=1e-9)


def test_where_a_nest_adds_to_an_array_its_arguments_are_looked_at_first() -> None:
    (both,) = twice(form_of(GATHERED))
    assert both.condition.endswith(" < _NEAR")
    assert [s.near for s in [*both.body, *both.otherwise] if isinstance(s, Loop)] == [True, False]


@pytest.mark.parametrize("far", [1.0, 1e12, np.inf])
def test_what_is_added_to_an_array_is_added_once(far: float) -> None:
    r = np.random.default_rng(2)
    a, i, w = r.normal(size=7), r.integers(0, 7, 60), r.normal(size=60)
    a[3] = far
    value, (gradient,) = module(GATHERED).value_and_grad(a=a, i=i, w=w)
    with np.errstate(invalid="ignore"):
        wanted = np.bincount(i, w * 2 * np.cos(2 * a[i]), 7)
        np.testing.assert_allclose(value, np.sum(w * np.sin(2 * a[i])), rtol=1e-12)
    np.testing.assert_allclose(gradient, wanted, rtol=1e-12)
