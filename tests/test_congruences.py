"""Products X M Xᵀ with a symmetric M: where they are found, what they are worth, and that their rules are right."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

from gradcompile import api
from gradcompile.explain import explain
from gradcompile.gates.count import operations
from gradcompile.ir.nodes import Kind, reachable, states_of
from gradcompile.pipeline import Unit, recognise, run_passes, start
from gradcompile.syntax import parse
from gradcompile.verify.evaluate import evaluate
from gradcompile.verify.fields import MpmathField

EXAMPLES = Path(__file__).parent.parent / "examples"
INPUTS = """
X: Param[K, N]
Z: Param[K, N]
A: Param[N, N]
P: Param & Symmetric[N]
R: Param & Symmetric[K]
D: Param & PositiveDefinite[N]
Q: Param[B, K, N]
w: Param[N]
y: Real[T]
"""


def recognised(formula: str) -> Unit:
    return recognise(start(parse(INPUTS + formula, "test.formula")))


def found(formula: str) -> list[str]:
    """Return the gates that a formula's products are found to be."""
    return [n.name for n in reachable(recognised(formula).roots) if n.op.startswith(("congruence", "solve"))]


@pytest.mark.parametrize(
    ("formula", "gates"),
    [
        ("f = sum(tanh(X @ P @ X.T))", ["congruence"]),
        ("f = sum(tanh(X @ (P @ X.T)))", ["congruence"]),
        ("f = sum(tanh(X @ (A + A.T) @ X.T))", ["congruence"]),
        ("f = sum(tanh(X.T @ R @ X))", ["congruence"]),
        ("f = sum(tanh(exp(X) @ P @ exp(X).T))", ["congruence"]),
        ("M = P @ X.T\nf = sum(tanh(X @ M)) + sum(M)", ["congruence"]),
        ("f = sum(tanh(X @ (X.T @ R @ X + diag(w)) @ X.T))", ["congruence", "congruence"]),
        ("f = sum(tanh([[sum(X[i, a] * P[a, b] * X[j, b] for a in range(N) for b in range(N)) "
         "for j in range(K)] for i in range(K)]))", []),  # one sum over both: no product of matrices
        ("f = sum(tanh(Q @ P @ swapaxes(Q, 1, 2)))", ["congruence"]),
        ("f = sum(tanh(X @ solve(P, X.T)))", ["solve_sym", "congruence_inv_sym"]),
        ("f = sum(tanh(X @ solve(D, X.T)))", ["solve_pd", "congruence_inv_pd"]),
        ("f = sum(tanh(X @ inv(D) @ X.T))", ["solve_pd", "congruence_inv_pd"]),
        ("f = sum(tanh(w[0] * X @ P @ X.T))", []),  # X has the factor, on one side
        ("f = sum(tanh(w[0] * (X @ P) @ X.T))", ["congruence"]),
        ("f = sum(tanh(0.5 * X @ solve(D, X.T)))", ["solve_pd", "congruence_inv_pd"]),
        ("f = sum(tanh(X @ A @ X.T))", []),
        ("f = sum(tanh(X @ P @ Z.T))", []),
        ("f = sum(tanh(X @ solve(A, X.T)))", ["solve"]),
        ("f = sum(tanh(X @ solve(P, Z.T)))", ["solve_sym"]),
        ("f = w @ P @ w", []),
    ],
)  # fmt: skip
def test_where_they_are_found(formula: str, gates: list[str]) -> None:
    names = found(formula)
    kept = [n for n in gates if n.startswith("congruence")]
    assert [n for n in names if n.startswith("congruence")] == kept
    assert {n for n in names if n.startswith("solve")} <= {n for n in gates if n.startswith("solve")}


LOOP = "S, C = eye(N), {start}\nfor t in range(T):\n    S, C = {step}\nf = sum(tanh(X @ S @ X.T)) + sum(y)"


@pytest.mark.parametrize(
    ("start", "step", "symmetric"),
    [
        ("eye(N)", "A @ S @ A.T + diag(exp(w)), C", [0, 1]),
        ("eye(N)", "S - S @ solve(S + C, S), A @ C @ A.T", [0, 1]),  # only as long as the other one is
        ("eye(N)", "A @ S @ A.T + C, C @ A", []),  # the second is not, so the first isn't
        ("A", "A @ S @ A.T + C, C", []),  # does not start so
        ("A + A.T", "A @ S @ A.T + C, 0.5 * C + P", [0, 1]),
    ],
)
def test_states_that_are_symmetric(start: str, step: str, symmetric: list[int]) -> None:
    unit = recognised(LOOP.format(start=start, step=step))
    (loop,) = [n for n in reachable(unit.roots) if n.kind is Kind.RECURRENCE]
    known = unit.roots[0].graph.symmetric
    slots = [slot for slot, init in enumerate(states_of(loop)[0]) if len(init.axes) == 2]
    assert [i for i, slot in enumerate(slots) if (loop, slot) in known] == symmetric
    assert ("congruence" in {n.op for n in reachable(unit.roots) if not n.carries}) == (0 in symmetric)


DERIVED = [
    "f = sum(tanh(X @ P @ X.T))",
    "f = sum(tanh(X @ (A + A.T) @ X.T) * (X @ X.T))",
    "f = sum(tanh(Q @ P @ swapaxes(Q, 1, 2)))",
    "f = sum(tanh(X @ solve(D, X.T)))",
    "f = sum(tanh(X @ solve(P + diag(w), X.T)))",
    "f = sum(tanh(w[0] * X @ solve(D, X.T)))",
    "S = eye(N)\nfor t in range(T):\n    S = A @ S @ A.T + diag(exp(w)) * y[t]\nf = sum(tanh(S))",
    "S = P\nfor t in range(T):\n    S = S + y[t] * X.T @ X - S @ solve(S + D, S)\nf = sum(tanh(S))",
]
SHAPES = {"X": (2, 3), "A": (3, 3), "P": (3, 3), "D": (3, 3), "Q": (2, 2, 3), "w": (3,), "y": (4,)}


def declared(formula: str) -> dict[str, str]:
    """Return the declarations that a formula needs, by name."""
    lines = [line for line in INPUTS.split("\n") if line]
    return {line[0]: line for line in lines if re.search(rf"\b{line[0]}\b", formula)}


def compiled(formula: str, **options: Any) -> Any:
    emit = ["value", "value_and_grad", "jvp", "vjp", "hvp", "hessian"]
    return api.compile("\n".join([*declared(formula).values(), formula]), target="numpy", emit=emit, **options)


def drawn(name: str, rng: np.random.Generator) -> Any:
    array = 0.5 * rng.normal(size=SHAPES[name])
    return array + array.T if name in "PD" else array


@pytest.mark.parametrize("formula", DERIVED)
def test_derivatives_agree_with_differences(formula: str) -> None:
    module, rng = compiled(formula, verify=False).module, np.random.default_rng(3)
    point = {name: drawn(name, rng) + (3 * np.eye(3) if name == "D" else 0) for name in declared(formula)}
    along = {name: drawn(name, rng) for name in point if name != "y"}
    (value, gradient), step = module.value_and_grad(**point), 1e-5
    (before, lower), (after, upper) = (
        module.value_and_grad(**{n: a + sign * step * along.get(n, 0.0) for n, a in point.items()}) for sign in (-1, 1)
    )
    directions = {f"d{name}": d for name, d in along.items()}
    tangent, product = module.jvp(**point, **directions)[1], module.hvp(**point, **directions)
    np.testing.assert_allclose(tangent, (after - before) / (2 * step), rtol=1e-7)
    np.testing.assert_allclose(sum(np.sum(d * getattr(gradient, n)) for n, d in along.items()), tangent, rtol=1e-12)
    np.testing.assert_allclose(module.value(**point), value, rtol=1e-14)
    for found, twice in zip(gradient, module.vjp(**point, cotangent=2.0), strict=True):
        np.testing.assert_allclose(twice, 2 * found, rtol=1e-12, atol=1e-14)
    for found, low, high in zip(product, lower, upper, strict=True):
        np.testing.assert_allclose(found, (high - low) / (2 * step), rtol=1e-6, atol=1e-7)
    flat = np.concatenate([d.ravel() for d in along.values()])
    whole = module.hessian(**point, flat=True) @ flat
    np.testing.assert_allclose(whole, np.concatenate([p.ravel() for p in product]), rtol=1e-10, atol=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("formula", DERIVED)
def test_derivatives_are_verified(formula: str) -> None:
    """SymPy, or differences at 50 digits where it gives up, judges every derivative of first and second order."""
    certificate = compiled(formula, verify_seconds=1000).certificate
    assert {f.verdict for f in certificate.graph} <= {"proved", "agrees"}
    assert {f.verdict for f in certificate.code} <= {"agrees"}


@pytest.mark.parametrize("gate", ["X @ P @ X.T", "X @ solve(D, X.T)"])
def test_the_gate_means_what_it_is_written_out_to(gate: str) -> None:
    program = parse(f"{INPUTS}f = sum(tanh({gate}))", "test.formula")
    whole, written = recognise(start(program)), run_passes(program, gradient=False)
    assert [n for n in reachable(whole.roots) if n.op.startswith("congruence")]
    assert not [n for n in reachable(written.roots) if n.op.startswith("congruence")]
    rng, sizes = np.random.default_rng(0), {"K": 2, "N": 3}
    half = rng.normal(size=(3, 3))
    point = {"X": rng.normal(size=(2, 3)), "P": half + half.T, "D": half @ half.T + np.eye(3)}
    numbers = {k: np.vectorize(mpmath.mpf, otypes=[object])(v) for k, v in point.items()}
    one, other = (evaluate(u.roots, numbers, sizes, MpmathField())[0] for u in (whole, written))
    assert abs(one[()] - other[()]) < mpmath.mpf(10) ** -14


def products(formula: str, function: str = "") -> int:
    """Return how many products of matrices a function takes, at sizes that are all the same."""
    program = api.read(formula)
    emit = ["value_and_grad", *([function] if function else [])]
    unit = api.translate(program, target="numpy", emit=emit, verified=False).unit
    count = unit.derived[function].operations if function else operations(unit.roots)
    return round(count.evaluate({"N": 10**6, "K": 10**6}) / 2e18)


def test_both_factors_receive_the_same() -> None:
    """Two products for the value; C X, (C X) M and Xᵀ (C X) for the gradient: one less than by the rule of products."""
    inputs = "X: Param[K, N]\nP: Param & Symmetric[N]\nA: Param[N, N]\n"
    assert products(f"{inputs}f = sum(tanh(X @ P @ X.T))") == 5
    assert products(f"{inputs}f = sum(tanh(X @ A @ X.T))") == 6
    assert products(f"{inputs}f = sum(tanh(X @ P @ X.T))", "hvp") == 11
    assert products(f"{inputs}f = sum(tanh(X @ A @ X.T))", "hvp") == 15


def test_a_symmetric_state_is_not_computed_twice() -> None:
    """What steps compute is what the rest reads, though they know by different means that it is symmetric."""
    found: Any = api.translate(api.read(EXAMPLES / "kalman.formula"), target="numpy", verified=False)
    loop, rest = found.source.split("def value_and_grad_kernel")[1].split("class Gradient")[0].split("dP[t] =")
    assert loop.count("0.5 * (") == 2  # the parts of what arrives at S and at P
    assert rest.count("einsum") == 3  # F once, H twice
    assert "@ H.T" not in rest


def test_it_is_explained_as_one_gate() -> None:
    told = str(explain("X: Param[K, N]\nP: Param & Symmetric[N]\nf = sum(tanh(X @ P @ X.T))"))
    assert "congruence" in told
    assert "X @ P @ X.T" in told
