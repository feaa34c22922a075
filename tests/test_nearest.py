"""Nearest points: which searches are found, and that the filter in single precision never decides wrongly."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from loop_form import form_of

import gradcompile
from gradcompile.loops.form import Nearest, within

SEARCH = """
x: Param[N, D]
c: Param[K, D]
w: Real[N]
d2 = [[sum((x[n, d] - c[k, d])**2 for d in range(D)) for k in range(K)] for n in range(N)]
"""
PLACES = f"{SEARCH}f = sum(w[n] * argmin(d2[n, :], axis=0) for n in range(N))\n"
NEAREST = f"{SEARCH}f = sum(w[n] * min(d2[n, k] for k in range(K)) for n in range(N))\n"
BACK = "back = sum(min(d2[n, k] for n in range(N)) for k in range(K))"
BOTH_WAYS = f"{NEAREST.replace('f =', 'there =')}{BACK}\nf = there + back\n"
SMOOTH = f"{NEAREST.replace('f =', 'hard =')}f = hard - sum(logsumexp(-d2, axis=1))\n"
MOVED = NEAREST.replace("x[n, d] - c", "(3 * x[n, d] + w[n]) - c")
KNOWN = NEAREST.replace("[N, D]", "[N, 3]").replace("[K, D]", "[K, 3]").replace("range(D)", "range(3)")
FEW = NEAREST.replace("[K, D]", "[5, D]").replace("range(K)", "range(5)")
OTHER_NORM = NEAREST.replace(")**2", ")**4")
IN_STEPS = """
x: Real[N, D]
c: Param[K, D]
w: Real[T]

s[0] = c
for t in range(1, T):
    far = mean(min(sum((x[n, d] - s[t - 1, k, d])**2 for d in range(D)) for k in range(K)) for n in range(N))
    s[t] = s[t - 1] * (1 + 0.1 * w[t] * far)
f = sum(s[T - 1])
"""
NAN, INF = float("nan"), float("inf")


def searches(formula: str) -> list[Nearest]:
    """Return the searches in a formula's value and gradient."""
    return [s for s in within(form_of(formula)) if isinstance(s, Nearest)]


FOUND = [(PLACES, 1), (NEAREST, 1), (MOVED, 1), (KNOWN, 1), (BOTH_WAYS, 2)]
OTHERS = [(SMOOTH, 0), (FEW, 0), (OTHER_NORM, 0), (IN_STEPS, 0)]  # the last one's gradient keeps all distances


@pytest.mark.parametrize(("formula", "count"), [*FOUND, *OTHERS])
def test_searches_are_found_where_nothing_else_needs_the_distances(formula: str, count: int) -> None:
    assert len({s.among.partition("[")[0] for s in searches(formula)}) == count


@cache
def module(formula: str, **options: Any) -> Any:
    """Return the compiled module."""
    return gradcompile.compile(formula, verify=False, name="near", **options).module


def chosen(x: Any, c: Any, **options: Any) -> list[int]:
    """Return what a module finds to be the nearest of each point: it adds them up, each in digits of its own."""
    found = []
    for n in range(len(x)):
        w = np.zeros(len(x))
        w[n] = 1
        found.append(int(module(PLACES, **options).value(x=x, c=c, w=w)))
    return found


def exact(x: Any, c: Any) -> list[int]:
    """Return the same by all distances: the first of the smallest, or of those that are no number."""
    with np.errstate(all="ignore"):
        return [int(np.argmin(((point - c) ** 2).sum(1))) for point in x]


def points(count: int, width: int, seed: int = 0) -> Any:
    """Return random points."""
    return np.random.default_rng(seed).normal(size=(count, width))


def beside(c: Any, width: int) -> Any:
    """Return points that are equally far from two of c, but for the last bits."""
    r = np.random.default_rng(3)
    pairs = r.integers(0, len(c), (40, 2))
    middles = (c[pairs[:, 0]] + c[pairs[:, 1]]) / 2
    return middles * (1 + 1e-15 * r.integers(-3, 4, (40, width)))


def whole(count: int, width: int) -> Any:
    """Return points of small whole numbers, many of which are equally far from others."""
    return np.random.default_rng(4).integers(-2, 3, (count, width)).astype(float)


C = points(37, 5, 1)
BAD = C.copy()
BAD[20, 2] = NAN
FAR = C.copy()
FAR[3] = 1e25
ONE = points(1, 5)
CASES = {
    "random": (points(300, 5), C),
    "beside": (beside(C, 5), C),
    "whole": (whole(60, 3), whole(50, 3)),
    "the same": (points(9, 5), np.repeat(ONE, 6, axis=0)),
    "on the points": (C[::-1].copy(), C),
    "far off": (points(60, 5) + 1e9, C + 1e9),
    "apart": (points(60, 5) + 1e6, C - 1e6),
    "huge": (points(40, 5) * 1e30, C * 1e30),
    "tiny": (points(40, 5) * 1e-30, C * 1e-30),
    "subnormal": (points(40, 5) * 1e-310, C * 1e-310),
    "overflow": (points(40, 5) * 1e200, C * 1e200),
    "one far": (np.vstack([points(20, 5), np.full((2, 5), 1e25)]), FAR),
    "no number searched": (points(7, 5), BAD),
    "no number": (np.vstack([points(3, 5), BAD[20:21], points(2, 5)]), C),
    "infinite": (np.vstack([points(3, 5), np.full((1, 5), INF)]), np.vstack([C, np.full((1, 5), -INF)])),
    "a single one": (points(5, 4), points(1, 4)),
    "no coordinates": (np.zeros((3, 0)), np.zeros((4, 0))),
    "many coordinates": (points(20, 70), points(33, 70)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_first_nearest_is_found(case: str) -> None:
    x, c = CASES[case]
    if case in ("beside", "whole"):  # the order of a sum decides there: whole numbers have none
        x, c = np.round(x * 64) / 64, np.round(c * 64) / 64
    assert chosen(x, c) == exact(x, c)


@pytest.mark.parametrize("case", ["beside", "random", "far off"])
def test_no_point_is_nearer_than_the_one_that_is_found(case: str) -> None:
    x, c = CASES[case]
    distances = ((x[:, None].astype(np.longdouble) - c) ** 2).sum(2)
    least, found = distances.min(1), distances[np.arange(len(x)), chosen(x, c)]
    assert (found <= least * (1 + 1e-15)).all()


def test_float32_finds_what_its_own_distances_say() -> None:
    x, c = points(200, 6).astype(np.float32), points(90, 6, 1).astype(np.float32)
    distances = ((x[:, None].astype(float) - c) ** 2).sum(2)
    found = distances[np.arange(len(x)), chosen(x, c, dtype="float32")]
    assert (found <= distances.min(1) * (1 + 1e-6)).all()


@pytest.mark.parametrize(
    "formula",
    [BOTH_WAYS, *(pytest.param(text, marks=pytest.mark.slow) for text in (NEAREST, MOVED, KNOWN, IN_STEPS))],
)
def test_gradients_agree_with_those_of_the_readable_target(formula: str) -> None:
    width = 3 if formula is KNOWN else 6
    weights = points(4 if formula is IN_STEPS else 310, 1, 2)[:, 0]
    given = {"x": points(310, width), "c": points(40, width, 1), "w": weights}
    fast = module(formula).value_and_grad(**given)
    slow = gradcompile.compile(formula, target="numpy", verify=False, name="near").module.value_and_grad(**given)
    assert fast[0] == pytest.approx(slow[0], rel=1e-13)
    for one, other in zip(fast[1], slow[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-13)


def test_a_search_among_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one term"):
        module(NEAREST).value(x=np.ones((2, 3)), c=np.ones((0, 3)), w=np.ones(2))
