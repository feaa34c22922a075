"""The functions beyond the gradient, called: jvp, vjp, hvp, hessian and jacobian against each other and differences."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import mpmath
import numpy as np
import pytest
from click.testing import CliRunner

from gradcompile import FormulaError, api
from gradcompile.cli import main
from gradcompile.derived import DERIVED, extras, typical_sizes, work
from gradcompile.emit.load import load
from gradcompile.gates import build
from gradcompile.gates.substitute import substitute
from gradcompile.ir.count import operations
from gradcompile.ir.nodes import DType, Kind, Node, reachable
from gradcompile.pipeline import Unit
from gradcompile.syntax import parse
from gradcompile.syntax.program import Argument, Program
from gradcompile.verify import samples, search
from gradcompile.verify.certificate import Finding
from gradcompile.verify.code_check import check_code
from gradcompile.verify.derived_check import check_derived
from gradcompile.verify.evaluate import evaluate
from gradcompile.verify.fields import Clock, MpmathField
from gradcompile.verify.graph_check import symbolic_of
from gradcompile.verify.reference import Reference

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.formula"))

# Formulas with one scalar result, all of whose functions are tested.
SCALAR = {
    "a matrix": "X: Real[N, D]\nW: Param[D, K]\nb: Param[K]\nloss = sum(tanh(X @ W + b)**2)",
    "a tensor": "T: Param[A, B, C]\nu: Param[B]\nloss = sum(exp(0.3 * T) * u[:, None]) + sum(T[0] @ T[0].T)",
    "scalars": "x: Param\ny: Param\nf = sin(x * y) + x**3 / (2 + y**2)",
    "one scalar": "x: Param\nf = exp(x) * x",
    "one column": "X: Real[N, D]\nW: Param[D, 1]\nc: Param[1]\nloss = sum(sigmoid(X @ W + c)**2)",
    "for": "x: Real[T]\nU: Param[H]\nV: Param[H, H]\nh = zeros(H)\n"
    "for t in range(T):\n    h = tanh(U * x[t] + V @ h)\nloss = sum(h**2)",
    "while": "s: Param\nr = s**2 + 1\nq = s\n"
    "while abs(r * r - 2) > 1e-9:\n    r = 0.5 * (r + 2 / r)\n    q = sin(q * r)\nloss = q * q",
    "a filled array": "y: Real[T]\nw: Param\na: Param\nb: Param\nh[0] = w**2\n"
    "for t in range(1, T):\n    h[t] = w**2 + a**2 * y[t - 1]**2 + b**2 * h[t - 1]\nloss = sum(log(h) + y**2 / h)",
    "nested loops": "x: Real[T]\nW: Param[L]\nh = 0.5\n"
    "for t in range(T):\n    for l in range(L):\n        h = tanh(W[l] * h + x[t])\nloss = h",
    "a tree": "p: Int[N]\nx: Param[N]\nfor i in range(N):\n    a[i] = x[i] * (a[p[i]] if p[i] >= 0 else 1)\n"
    "loss = sum(a**2)",
    "gathers": "o: Int[P, 2]\nA: Param[C, 3]\nX: Param[M, 3]\n"
    "loss = sum((A[o[p, 0], j] * X[o[p, 1], j])**2 for p in range(P) for j in range(3))",
    "updates": "x: Param[N]\nk: Int[N]\na = zeros(N)\n"
    "for i in range(N):\n    a[k[i]] = a[k[i]] * x[i] + x[i]**2\nloss = sum(a**2 * x)",
    "winners": "x: Real[N, D]\nm: Param[K, D]\n"
    "loss = sum(min(sum((x[i, d] - m[k, d])**2 for d in range(D)) for k in range(K)) for i in range(N))",
    "choices": "x: Param[N]\nloss = sum(where(x > 0.1, x**3, sin(x))) + sum(abs(x) * x**2) + max(x)**2 + min(x * x[0])",
    "solve": "A: Real[N, N]\nb: Param[N]\nc: Param\nx = solve(A + (6 + c**2) * eye(N), b)\nloss = x @ x",
    "cholesky": "A: Param[N, N]\nL = cholesky(A @ A.T + 3 * eye(N))\nloss = sum(L**2 * arange(N)) + L[1, 0]",
    "logdet": "S: PositiveDefinite[N]\nx: Real[N]\nloss = logdet(S) + x @ solve(S, x)",
    "eigh": "S: Symmetric[N]\nw = eigvalsh(S)\nloss = sum(w**3) + sum(exp(w) * arange(N))",
    "triangular": "L: LowerTriangular[N]\nx: Real[N]\ny = solve_triangular(L + 3 * eye(N), x, lower=True)\n"
    "loss = y @ y + sum(L**3)",
    "two forms": "S: Symmetric[N]\nL: LowerTriangular[N]\nv: Param[N]\nloss = v @ S @ L @ v + sum(S**2 * L)",
    "special": "x: Positive[N]\na: Param\nloss = sum(lgamma(x + a**2 + 1) + erf(a * x)) + sum(digamma(x) * a)",
    "cumsum": "x: Param[N]\nloss = sum(cumsum(x)**2 * x) + sum(cumprod(x)) + prod(x)",
    "def": "x: Param[N]\na: Param\ndef f(u, v):\n    return u * tanh(v * u)\nloss = sum(f(x, a)) + f(a, x[0])",
    "a gradient inside": "x: Param[N]\nv: Param[N]\nf = sum(exp(x) * x[0])\nloss = sum(grad(f, x) * v**2)",
    "a default": "x: Param[N]\nlam: Param = 0.5\nk: Real = 2.0\nloss = k * sum(x**4) + lam**2 * sum(x**2)",
    "not all parameters": "x: Param[N]\ny: Param[M]\nz: Param\nloss = sum(x**3) * z",
    "linear": "x: Param[N]\ny: Param\nloss = sum(x) + 2 * y",
    "constant along an axis": "w: Param\nv: Param[N]\na = zeros(N) + w * w\nloss = sum(a * a) + sum(v)",
    "logsumexp": "X: Real[N, D]\nW: Param[D, K]\nk: Int[N]\nz = X @ W\n"
    "loss = sum(logsumexp(z, axis=1)) - sum(z[i, k[i]] for i in range(N))",
    "softmax": "Q: Param[N, D]\nK: Param[M, D]\nV: Param[M, E]\nloss = sum((softmax(Q @ K.T, axis=1) @ V)**2)",
    "norms": "x: Param[N]\ny: Param[N]\nloss = norm(x) * norm(x - y) + sum(x / norm(y))",
    "stop": "x: Param[N]\nloss = sum(stop_gradient(x) * x**2) + var(x)",
}  # fmt: skip

# Formulas with an array or several as result.
ARRAYS = {
    "a product": "A: Param[N, M]\nx: Param[M]\ny = tanh(A @ x)",
    "a matrix result": "A: Param[N, M]\nB: Param[M, K]\nC = (A @ B)**2",
    "a copied result": "w: Param\nN: Int\ny = zeros(N) + w * 1",
    "copied rows": "w: Param[M]\nx: Real[N]\nY = zeros((N, M)) + w**2",
    "copied and not": "w: Param\nx: Param[N]\nY = [[w * x[i] for j in range(N)] for i in range(N)]",
    "several ranks": "x: Param[N]\nA: Param[N, M]\ns = sum(x**2)\ny = A.T @ x\nB = A * x[:, None] * s\nreturn s, y, B",
    "one independent": "x: Param[N]\ny: Param\na = sum(x)\nb = 2 * y\nc = x * 0 + 1\nreturn a, b, c",
    "a history": "w: Param\nx: Real[T]\nh = 1.0\nfor t in range(T):\n    h = tanh(w * h + x[t])\n    s[t] = h * h",
    "a loop of matrices": "W: Param[D, D]\nx: Real[T, D]\nh = zeros(D)\nfor t in range(T):\n    h = tanh(W @ h + x[t])\n"
    "return h, sum(h)",
    "solutions": "A: Param[N, N]\nB: Param[N, K]\nX = solve(A + 7 * eye(N), B)",
    "a factor": "S: PositiveDefinite[N]\nL = cholesky(S + 3 * eye(N))",
    "an inverse": "S: Symmetric[N]\nB = inv(S + 9 * eye(N))",
    "eigenvalues": "S: Symmetric[N]\nw = eigvalsh(S)",
    "running sums": "x: Param[N]\ny = cumsum(x) * cumprod(x)",
    "gathered": "x: Param[N]\nk: Int[M]\ny = x[k]**2 * x[0]",
    "the largest": "A: Param[N, M]\ny = max(A, axis=1) * min(A, axis=1)",
    "a softmax": "X: Param[N, K]\np = softmax(X, axis=1)",
    "itself": "x: Param[N]\ny = x",
    "transposed": "A: Param[N, M]\nB = A.T",
    "of one column": "W: Param[D, 1]\nX: Real[N, D]\ny = X @ W",
    "a default too": "x: Param[N]\nk: Real = 3.0\nc: Param = 1.5\ny = k * x**2 + c",
}
ALL = {**SCALAR, **ARRAYS}
FIRST, SECOND = ("jvp", "vjp", "jacobian"), ("grad", "hvp", "hessian")


@cache
def compiled(text: str, emit: tuple[str, ...], target: str = "numpy", mode: str | None = None) -> api.Compiled:
    """Compile without verification, which is what this is independent of."""
    program = parse(text, "test.formula", name="test")
    program = replace(program, mode=mode or "")
    return api.load_module(api.translate(program, target=target, emit=emit, verified=False))


def module_of(text: str, emit: tuple[str, ...], target: str = "numpy", mode: str | None = None) -> Any:
    """Return the loaded module."""
    return compiled(text, emit, target, mode).module


def emit_of(text: str) -> tuple[str, ...]:
    """Return all functions that a formula has."""
    return ("value", *FIRST, *SECOND, "pack") if text in SCALAR.values() else ("value", *FIRST)


@cache
def point_of(text: str, seed: int = 1) -> dict[str, Any]:
    """Return arguments at which the formula is defined: structures are kept, indices in range, nothing near a kink."""
    program = parse(text, "test.formula", name="test")
    sizes = samples.small_sizes(program)
    assert sizes is not None
    results = [value.node for _, value in program.results]

    def defined(point: samples.Point) -> bool:
        found = evaluate(results, point.numbers(MpmathField()), point.sizes, MpmathField())
        return all(mpmath.isfinite(v) for value in found for v in value.reshape(-1))

    point = next(search.points(program, sizes, seed, defined))
    return {a.name: argument(point.values[a.name], a.dtype) for a in program.arguments}


def argument(value: Any, dtype: DType) -> Any:
    """Return a value as a module takes it."""
    kind = {DType.REAL: np.float64, DType.INT: np.int64, DType.BOOL: np.bool_}[dtype]
    return np.asarray(value).astype(kind)[()] if np.ndim(value) == 0 else np.asarray(value).astype(kind)


def formed(direction: Any, structure: str) -> Any:
    """Return a direction in which a matrix keeps its form."""
    if structure in ("lower", "upper"):
        return (np.tril if structure == "lower" else np.triu)(direction)
    return (direction + np.swapaxes(direction, -1, -2)) / 2 if structure else direction


def directions(text: str, seed: int = 3) -> dict[str, Any]:
    """Return a random direction for each parameter, by the parameter's name."""
    draw, program, point = np.random.default_rng(seed), parse(text, "test.formula"), point_of(text)
    return {p.name: formed(draw.normal(size=np.shape(point[p.name])), p.structure) for p in program.differentiated}


def named(text: str, function: str, given: Any) -> dict[str, Any]:
    """Return directions or cotangents under the names that a function has for them."""
    program = parse(text, "test.formula")
    return dict(zip([e.name for e in extras(program, function)], given, strict=True))


def several(text: str) -> bool:
    return len(parse(text, "test.formula").results) > 1


def results_of(text: str, found: Any) -> list[Any]:
    return list(found) if several(text) else [found]


def inner(left: Any, right: Any) -> float:
    return float(sum(np.sum(np.multiply(a, b)) for a, b in zip(left, right, strict=True)))


def scaled(text: str, flat: Any) -> Any:
    return flat


@pytest.mark.parametrize("name", ALL)
def test_a_cotangent_times_a_tangent_is_the_product_times_the_direction(name: str) -> None:
    dot_product(ALL[name], "numpy")


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_dot_product_in_fused_loops(name: str) -> None:
    dot_product(ALL[name], "numba")


def dot_product(text: str, target: str) -> None:
    module, point, moves = module_of(text, emit_of(text), target), point_of(text), directions(text)
    value, tangent = module.jvp(**point, **named(text, "jvp", moves.values()))
    values, tangents = results_of(text, value), results_of(text, tangent)
    plain = results_of(text, module.value(**point))
    draw = np.random.default_rng(5)
    cotangents = [draw.normal(size=np.shape(v)) for v in values]
    for got, wanted, along in zip(values, plain, tangents, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-13, atol=1e-13)
        assert np.shape(along) == np.shape(wanted)
        assert type(along) is type(wanted)
    product = module.vjp(**point, **named(text, "vjp", cotangents))
    assert product._fields == tuple(moves)
    for name, part in product._asdict().items():
        assert np.shape(part) == np.shape(point[name])
        assert isinstance(part, np.ndarray if np.ndim(point[name]) else float)
    left, right = inner(cotangents, tangents), inner(product, moves.values())
    assert left == pytest.approx(right, rel=1e-9, abs=1e-9)
    rows = module.jacobian(**point)
    rows = list(rows) if several(text) else [rows]
    for row, along in zip(rows, tangents, strict=True):
        total = 0.0
        for block, move in zip(row, moves.values(), strict=True):
            assert np.shape(block) == np.shape(along) + np.shape(move)
            total = total + np.tensordot(block, move, axes=np.ndim(move))
        np.testing.assert_allclose(total, along, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", SCALAR)
def test_second_order(name: str) -> None:
    second_order(SCALAR[name], "numpy")


@pytest.mark.slow
@pytest.mark.parametrize("name", SCALAR)
def test_second_order_in_fused_loops(name: str) -> None:
    second_order(SCALAR[name], "numba")


def second_order(text: str, target: str) -> None:
    module, point, moves = module_of(text, emit_of(text), target), point_of(text), directions(text)
    blocks = module.hessian(**point)
    flat = module.hessian(**point, flat=True)
    for p, q in itertools.product(moves, repeat=2):
        block = getattr(getattr(blocks, p), q)
        assert np.shape(block) == np.shape(point[p]) + np.shape(point[q])
        assert isinstance(block, np.ndarray if np.ndim(block) else float)
    np.testing.assert_array_equal(flat, flat.T)
    np.testing.assert_array_equal(
        flat,
        np.block([[np.reshape(b, (np.size(point[p]), -1)) for b in getattr(blocks, p)] for p in moves]),
    )
    product = module.hvp(**point, **named(text, "hvp", moves.values()))
    direction = packed(moves.values())
    np.testing.assert_allclose(packed(product), flat @ direction, rtol=1e-8, atol=1e-8)
    step = 1e-5

    def gradient(size: float) -> Any:
        return packed(module.grad(**{k: v + size * moves[k] if k in moves else v for k, v in point.items()}))

    slope = (8 * (gradient(step) - gradient(-step)) - gradient(2 * step) + gradient(-2 * step)) / (12 * step)
    scale = 1 + np.abs(flat @ direction).max()
    np.testing.assert_allclose(packed(product) / scale, slope / scale, rtol=1e-5, atol=1e-6)


def packed(parts: Any) -> Any:
    return np.concatenate([np.ravel(part) for part in parts])


@pytest.mark.parametrize("name", ALL)
def test_both_modes_agree(name: str) -> None:
    text = ALL[name]
    functions = ("jacobian", "hessian") if text in SCALAR.values() else ("jacobian",)
    forward, reverse = (compiled(text, functions, mode=mode) for mode in ("forward", "reverse"))
    for function in functions:
        one, two = (getattr(c.module, function)(**point_of(text), flat=True) for c in (forward, reverse))
        np.testing.assert_allclose(one, two, rtol=1e-8, atol=1e-8 * (1 + np.abs(one).max(initial=0)))
        for c, mode in ((forward, "forward"), (reverse, "reverse")):
            assert re.search(rf"^# {function}: {mode} mode, .*", c.source, re.M)
            assert c.unit.derived[function].mode == mode
