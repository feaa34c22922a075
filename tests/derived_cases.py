"""Formulas whose derivatives of all kinds are tested, and points at which they are defined."""

from __future__ import annotations

from functools import cache
from typing import Any

import mpmath
import numpy as np

from gradcompile.ir.nodes import DType
from gradcompile.syntax import parse
from gradcompile.verify import samples, search
from gradcompile.verify.evaluate import evaluate
from gradcompile.verify.fields import MpmathField

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
    "choices behind a factor": "S: PositiveDefinite[N]\nL = cholesky(S)\nB = inv(S + 3 * eye(N))\n"
    "loss = sum(where(L > 0.3, L**2, 0)) + sum(relu(B) * arange(N))",
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
    "a loop of matrices": "W: Param[D, D]\nx: Real[T, D]\nh = zeros(D)\n"
    "for t in range(T):\n    h = tanh(W @ h + x[t])\nreturn h, sum(h)",
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
