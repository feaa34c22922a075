"""Where formulas are looked at: sizes with room, whole numbers that can be what the formula uses them for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcompile.pipeline import Unit
from gradcompile.syntax import parse
from gradcompile.syntax.program import Program
from gradcompile.verify import samples
from gradcompile.verify.fields import Clock
from gradcompile.verify.reference import Reference
from gradcompile.verify.samples import Point


def found(text: str, count: int = 3) -> tuple[Program, list[Point]]:
    program = parse(text, "s.formula", name="s")
    sizes = samples.small_sizes(program)
    assert sizes is not None
    points = Reference(program, Unit(program, ()), Clock(30)).points(sizes, count)
    assert len(points) == count
    return program, points


Look = Callable[[dict[str, Any], dict[str, int]], bool]

CASES: list[tuple[str, Look]] = [
    # an index reaches the last element of what it indexes, however long other things are
    ("y: Int[N]\nW: Param[D, K]\nr = sum(W[y[i], 0] for i in range(N))", lambda v, s: max(v["y"]) == s["D"] - 1),
    (
        "o: Int[P, 2]\nA: Param[C, 3]\nX: Param[M, 3]\n"
        "r = sum(A[o[p, 0], j] * X[o[p, 1], j] for p in range(P) for j in range(3))",
        lambda v, s: v["o"].max() == min(s["C"], s["M"]) - 1,
    ),
    (
        "t: Int[N]\nE: Param[V, D]\np: Int[N]\nx: Param[N]\nb = [sum(E[t[i], d] for d in range(D)) for i in range(N)]\n"
        "for i in range(N):\n    a[i] = x[i] + b[i] + (a[p[i]] if p[i] >= 0 else 0)\nr = sum(a)",
        lambda v, s: max(v["t"]) == s["V"] - 1 and all(v["p"][i] < i for i in range(s["N"])),
    ),
    ("k: Int[2]\nx: Param[3]\nr = x[k[0]] * x[k[1]]", lambda v, s: max(v["k"]) <= 2),
    ("p: Int[N]\nx: Param[N]\nr = sum(x[p[p[i]]] for i in range(N))", lambda v, s: max(v["p"]) == s["N"] - 1),
    # parents come before their children, roots may be -1
    (
        "p: Int[N]\nx: Param[N]\na[0] = x[0]\nfor i in range(1, N):\n    a[i] = x[i] + a[p[i]]\nr = sum(a)",
        lambda v, s: s["N"] > 2 and all(v["p"][i] < i for i in range(1, s["N"])),
    ),
    (
        "p: Int[N]\nx: Param[N]\nfor i in range(N):\n    a[i] = x[i] + (a[p[i]] if p[i] >= 0 else 0)\nr = sum(a)",
        lambda v, s: v["p"][0] == -1 and all(v["p"][i] < i for i in range(s["N"])),
    ),
    # counts
    ("n: Int\nx: Param\nr = x\nfor i in range(n):\n    r = r * x + 1", lambda v, s: 1 <= v["n"] <= 4),
    ("n: Int\nx: Param[N]\nr = sum(x[i] for i in range(n))", lambda v, s: 1 <= v["n"] <= s["N"]),
    ("n: Int\nm: Int\nx: Param[N]\nr = sum(x[i] for i in range(n, m))", lambda v, s: v["n"] <= v["m"] <= s["N"]),
    # the ranges of the reals are found beside the ways of the whole numbers
    (
        "l: Int[N]\nx: Param[M]\ny: Param[N]\nr = sum(log(y[i]) * x[l[i]] for i in range(N))",
        lambda v, s: min(v["y"]) > 0 and 0 <= min(v["l"]) <= max(v["l"]) < s["M"],
    ),
    ("x: Param\nr = x\nwhile r > 0.01:\n    r = r / 2", lambda v, s: True),
    # declared ranges and forms
    ("x: 0 < Param[N] < 1\nr = sum(log(x) * log(1 - x))", lambda v, s: 0 < min(v["x"]) < max(v["x"]) < 1),
    ("x: Param[N] > 5\nr = sum(log(x - 5))", lambda v, s: min(v["x"]) > 5),
    ("k: 2 <= Int[N] <= 3\nx: Param\nr = sum(x ** k)", lambda v, s: set(v["k"]) <= {2, 3}),
    (
        "A: Param & Symmetric[N]\nr = sum(A**2)",
        lambda v, s: np.array_equal(v["A"], v["A"].T) and len(set(v["A"].reshape(-1))) > 2,
    ),
    ("A: Param & PositiveDefinite[N]\nr = logdet(A)", lambda v, s: min(np.linalg.eigvalsh(v["A"].astype(float))) > 0),
    ("A: Param & LowerTriangular[N]\nr = sum(A**2)", lambda v, s: np.array_equal(v["A"], np.tril(v["A"]))),
]


@pytest.mark.parametrize(("text", "look"), CASES, ids=[t for t, _ in CASES])
def test_whole_numbers_are_what_the_formula_wants(text: str, look: Look) -> None:
    program, points = found(text)
    for point in points:
        values = {n: v[()] if v.ndim == 0 else v for n, v in point.values.items()}
        assert samples.meets(program, point)
    assert look({n: v[()] if v.ndim == 0 else v for n, v in points[0].values.items()}, points[0].sizes), values


def test_draws_repeat() -> None:
    text = CASES[2][0]
    first, again = found(text)[1], found(text)[1]
    for a, b in zip(first, again, strict=True):
        assert all(np.array_equal(a.values[n], b.values[n]) for n in a.values)
