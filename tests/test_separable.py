"""Log-sum-exps that become products: which exponentials are left, and sums that are too small to be such products."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
from loop_form import form_of

from gradcompile import api
from gradcompile.loops.form import Blocks, Dot, If, Let, Loop, Statement, within

CHAIN = """
first: Param[K]
move: Param[K, K]
seen: Real[T, K]

s[0] = first
for t in range(1, T):
    s[t] = logsumexp(s[t - 1, :, None] + move, axis=0) + seen[t]
f = logsumexp(s[T - 1])
"""
PAIRS = "a: Param[N, K]\nb: Param[M, K]\nf = sum(sin(logsumexp(a[:, None, :] + b[None, :, :], axis=2)))"
STATES, STEPS = 5, 6


def _where(statements: Sequence[Statement], gate: str, sizes: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the lengths of the loops around each gate of a name, leaving out what stands under a condition."""
    for statement in statements:
        match statement:
            case Let(_, name) if name == gate:
                yield tuple(sorted(sizes))
            case Loop(size=size, body=body) | Blocks(of=size, body=body):
                inner = () if isinstance(statement, Blocks) else (str(size),)
                yield from _where(body, gate, (*sizes, *inner))


def _under_conditions(form: Sequence[Statement]) -> bool:
    """Are there exponentials that are only taken where a condition holds?"""
    return any(list(_where(s.body, "exp")) for s in within(form) if isinstance(s, If) and not s.otherwise)


def test_a_loop_takes_the_exponentials_of_what_stays_the_same_once() -> None:
    form = form_of(CHAIN)
    lengths = set(_where(form, "exp"))
    assert ("K", "K") in lengths  # of `move`
    assert not {size for size in lengths if size.count("K") == 2 and len(size) > 2}
    assert _under_conditions(form)  # of sums that are rare


def test_weights_of_a_gradient_fall_apart_too() -> None:
    blocks = [s for s in form_of(CHAIN) if isinstance(s, Blocks)]
    assert [s for s in within(blocks) if isinstance(s, Dot)]


def test_pairs_of_rows_take_the_exponentials_of_the_rows() -> None:
    form = form_of(PAIRS)
    assert not {size for size in _where(form, "exp") if len(size) > 2}
    assert [s for s in within(form) if isinstance(s, Dot)]


@pytest.mark.parametrize(
    "text",
    [
        "x: Param[N, K]\nb: Param[K]\nf = sum(logsumexp(x + b, axis=1))",  # no fewer exponentials
        "x: Param[3, K]\ny: Param[2, K]\nf = sum(logsumexp(x[:, None, :] + y, axis=2)**2)",  # hardly fewer
        "x: Param[N, M]\nf = sum(logsumexp(x * x, axis=1))",
    ],
)
def test_what_saves_nothing_stays(text: str) -> None:
    assert not _under_conditions(form_of(text))


@pytest.mark.parametrize("operator", ["+", "*"])
def test_shared_terms_and_long_products_take_no_time(operator: str) -> None:
    doubled = "\n".join(f"x{i + 1} = x{i} {operator} x{i}" for i in range(60))
    chain = "\n".join(f"y{i + 1} = y{i} {operator} a" for i in range(1200))
    form = form_of(f"a: Param[K]\nx0 = a\n{doubled}\ny0 = a\n{chain}\nf = logsumexp(x60) + sum(x60) + sum(y1200)")
    assert any(isinstance(s, Loop) for s in form)


@cache
def compiled(text: str, target: str, dtype: str = "float64") -> Any:
    """Return the module."""
    return api.compile(text, target=target, dtype=dtype, verify=False).module


def _chain() -> dict[str, Any]:
    draw = np.random.default_rng(2)
    return {
        "first": draw.normal(size=STATES),
        "move": draw.normal(size=(STATES, STATES)),
        "seen": draw.normal(size=(STEPS, STATES)),
    }


def _changed(**changes: tuple[Any, Any]) -> dict[str, Any]:
    """Return inputs of the chain with some elements set: by argument, where and to what."""
    found = _chain()
    for name, (where, value) in changes.items():
        found[name][where] = value
    return found


SPECIAL = {
    "as they are": _chain(),
    "large numbers": {n: 1e4 * v for n, v in _chain().items()},
    "one state to start in": _changed(first=(slice(1, None), -np.inf)),
    "a state that is hard to leave": _changed(first=(slice(1, None), -2e3), move=((0, slice(1, None)), -1e3)),
    "nearly too hard": _changed(first=(slice(1, None), -400.0), move=((0, slice(1, None)), -340.0)),
    "one rare step": _changed(seen=((3, slice(1, None)), -5e3), move=((0, slice(1, None)), -3e2)),
    "no way from a state": _changed(move=(0, -np.inf)),
    "no way to a state": _changed(move=((slice(None), 2), -np.inf)),
    "a sure way": _changed(move=((1, 2), np.inf)),
    "nothing is possible": _changed(first=(slice(None), -np.inf)),
    "NaN in a step": _changed(seen=((2, 1), np.nan)),
    "NaN in what stays": _changed(move=((2, 1), np.nan)),
}


@pytest.mark.parametrize("name", SPECIAL)
def test_special_numbers_mean_what_they_meant(name: str) -> None:
    """The numpy target has the log-sum-exp as it stands."""
    (value, gradient), (wanted, by_numpy) = (
        compiled(CHAIN, target).value_and_grad(**SPECIAL[name]) for target in api.TARGETS
    )
    np.testing.assert_allclose(value, wanted, rtol=1e-13)
    for found, expected in zip(gradient, by_numpy, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["as they are", "a state that is hard to leave", "one rare step", "NaN in a step"])
def test_float32_has_a_range_of_its_own(name: str) -> None:
    value, gradient = compiled(CHAIN, "numba", "float32").value_and_grad(**SPECIAL[name])
    wanted, exact = compiled(CHAIN, "numpy").value_and_grad(**SPECIAL[name])
    np.testing.assert_allclose(value, wanted, rtol=1e-5)
    for found, expected in zip(gradient, exact, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.slow
def test_pairs_agree_where_some_are_rare() -> None:
    draw = np.random.default_rng(3)
    a, b = draw.normal(size=(9, 7)), draw.normal(size=(10, 7))
    a[3] = [0, *[-900.0] * 6]
    b[4] = [-900.0, *[0] * 6]
    a[5, 2] = np.nan
    (value, gradient), (wanted, by_numpy) = (compiled(PAIRS, target).value_and_grad(a=a, b=b) for target in api.TARGETS)
    np.testing.assert_allclose(value, wanted, rtol=1e-13)
    for found, expected in zip(gradient, by_numpy, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-13)


def test_what_runs_under_a_condition_leaves_nothing_undone() -> None:
    text = """
x: Param[N, M]
c: Real[T]
s = 0.5
for t in range(T):
    y = [sum((x[i, j] * s)**2 if c[t] + s > 0 else 0 for j in range(M)) for i in range(N)]
    s = s + sum(sin(y)) + 0.1 * s**2 + c[t]
f = s
"""
    given = {"x": np.arange(1.0, 7.0).reshape(2, 3) / 7, "c": np.array([0.1, -5.0, -0.3, 6.0, 0.2])}
    (value, (gradient,)), (wanted, (by_numpy,)) = (
        compiled(text, target).value_and_grad(**given) for target in api.TARGETS
    )
    np.testing.assert_allclose(value, wanted, rtol=1e-13)
    np.testing.assert_allclose(gradient, by_numpy, rtol=1e-11)


@pytest.mark.parametrize("reduction", ["prod", "max", "argmax", "min"])
def test_what_is_chosen_otherwise_counts(reduction: str) -> None:
    text = f"x: Param[N, M]\nc: Real[N]\nw: Param\nf = sum({reduction}(where(c[:, None] > 0, x, 3), axis=1) * w)"
    given = {"x": np.arange(-4.0, 5.0).reshape(3, 3), "c": np.array([1.0, -1.0, 1.0]), "w": 0.5}
    value, wanted = (compiled(text, target).value(**given) for target in api.TARGETS)
    assert value == pytest.approx(wanted, rel=1e-14)
