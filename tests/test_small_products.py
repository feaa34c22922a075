"""Products of a block of samples with a matrix: by loops where it is small, by BLAS where it is large."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from loop_form import form_of

import gradcompile
from gradcompile.loops.form import Blocks, Columns, Copy, Dot, Turn, Update, View, within

EXAMPLES = Path(__file__).parent.parent / "examples"
LAYER = "X: Real[N, D]\nW: Param[D, H]\nV: Param[H, C]\nY: Real[N, C]\nf = sum(((X @ W)**2 @ V)**2 * Y)\n"
SIZES = [(1, 1, 1, 1), (3, 2, 1, 2), (70, 5, 3, 1), (300, 10, 7, 5), (9, 64, 65, 2), (40, 65, 63, 4), (10, 70, 90, 23)]


def test_products_of_a_block_know_where_samples_are_side_by_side() -> None:
    form = list(within(form_of(LAYER)))
    across = [s for s in form if isinstance(s, Dot) and s.columns]
    assert {len(s.columns) for s in across} == {1, 2}
    copied = {s.target for s in form if isinstance(s, Columns)}
    assert len(copied) == 1  # X, once for the value and for the gradient
    assert sum(bool(copied & {*s.columns}) for s in across) == 2


@cache
def module(dtype: str) -> Any:
    """Return the compiled module."""
    return gradcompile.compile(LAYER, verify=False, name="layer", emit="value_and_grad", dtype=dtype).module


def by_hand(X: Any, W: Any, V: Any, Y: Any) -> tuple[Any, Any, Any]:
    """Return value and gradient."""
    before = X @ W
    scores = before**2 @ V
    up = 2 * scores * Y
    return np.sum(scores**2 * Y), X.T @ (up @ V.T * 2 * before), (before**2).T @ up


@pytest.mark.parametrize("name", ["gru", "softmax_regression", "two_layer_network", "attention"])
def test_what_a_block_makes_is_not_copied_where_it_starts(name: str) -> None:
    form = form_of((EXAMPLES / f"{name}.formula").read_text(encoding="utf-8"))
    copies = 0
    for block in [s for s in within(form) if isinstance(s, Blocks)]:
        body = list(within(block.body))
        views = {s.target: s.source for s in body if isinstance(s, View)}
        changed = {s.target.partition("[")[0] for s in body if isinstance(s, Copy | Update | Turn | Dot)}
        for copy in [s for s in body if isinstance(s, Columns)]:
            assert copy.source in views
            assert copy.source not in changed
            copies += 1
    assert copies


def drawn(n: int, d: int, h: int, c: int) -> dict[str, Any]:
    """Return inputs of these sizes."""
    r = np.random.default_rng(n + d + h + c)
    shapes = {"X": (n, d), "W": (d, h), "V": (h, c), "Y": (n, c)}
    return {name: r.normal(size=shape) for name, shape in shapes.items()}


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=pytest.mark.slow)])
def test_both_ways_give_the_same(sizes: tuple[int, int, int, int], dtype: str) -> None:
    given = {name: x.astype(dtype) for name, x in drawn(*sizes).items()}
    value, gradient = module(dtype).value_and_grad(**given)
    wanted = by_hand(**{name: x.astype(float) for name, x in given.items()})
    for found, exact in zip([value, *gradient], wanted, strict=True):
        close = (1e-12 if dtype == "float64" else 1e-5) * (1 + np.abs(exact).max())
        np.testing.assert_allclose(found, exact, rtol=0, atol=close)


@pytest.mark.parametrize("sizes", [(300, 10, 7, 5), (40, 65, 63, 4)], ids=str)
def test_what_is_no_number_spreads_as_it_does_in_products(sizes: tuple[int, int, int, int]) -> None:
    given = drawn(*sizes)
    given["X"][7, 3] = np.nan
    _, gradient = module("float64").value_and_grad(**given)
    assert np.isnan(gradient.W).all()
    given = drawn(*sizes)
    given["Y"][7, 0] = np.nan
    _, gradient = module("float64").value_and_grad(**given)
    assert np.isnan(gradient.V[:, 0]).all()
    assert not np.isnan(gradient.V[:, 1:]).any()
