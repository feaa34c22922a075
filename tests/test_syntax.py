"""What formulas mean: each construct, evaluated on its graph, against NumPy on the same arrays."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

from gradcompile.errors import FormulaError
from gradcompile.syntax import parse, require_parameters, require_scalar_result
from gradcompile.syntax.program import Program
from gradcompile.verify.evaluate import evaluate
from gradcompile.verify.fields import MpmathField

SIZES = {"N": 4, "D": 3, "C": 2, "K": 5}

DECLARED = """
X: Real[N, D]
Y: Real[N, D]
W: Real[D, C]
A: Real[N, N]
B: Real[D, D]
S: Real[K, N, D]
Z: Real[K, D, C]
F: Real[3, 3]
u: Real[N]
v: Real[D]
w: Real[N*D]
odd: Real[2*N + 1]
col: Real[N, 1]
one: Real[1]
a: Real
b: Real
k: Int
i: Int[N]
j: Int[2, D]
h: Int[N]
m: Bool[N, D]
t: Bool
"""


class Inputs(dict[str, Any]):
    """The arrays by name, as attributes for the lambdas below."""

    __getattr__ = dict.__getitem__


def inputs() -> Inputs:
    """Return arrays for all that is declared."""
    draw = np.random.default_rng(7)
    n, d, c, k = (SIZES[s] for s in "NDCK")
    shapes = {
        "X": (n, d), "Y": (n, d), "W": (d, c), "A": (n, n), "B": (d, d), "S": (k, n, d), "Z": (k, d, c), "F": (3, 3),
        "u": (n,), "v": (d,), "w": (n * d,), "odd": (2 * n + 1,), "col": (n, 1), "one": (1,), "a": (), "b": (),
    }  # fmt: skip
    arrays: dict[str, Any] = {name: draw.uniform(0.3, 2.0, shape) for name, shape in shapes.items()}
    arrays |= {"k": np.int64(-2), "i": np.array([0, 2, -1, 2]), "j": np.array([[0, 1, 3], [2, 2, 1]])}
    arrays |= {"h": np.array([1, 0, 3, 2]), "m": draw.uniform(size=(n, d)) > 0.5, "t": np.bool_(True)}
    return Inputs(arrays)


def full(program: Program, place: int, arrays: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Return a result as an array of its full shape, in the order of its axes."""
    value = program.results[place][1]
    (raw,) = evaluate([value.node], arrays, SIZES, MpmathField())
    own = [a for a in value.axes if a in value.node.axes]
    raw = np.transpose(raw, [value.node.axes.index(a) for a in own])
    shape = tuple(s.evaluate(SIZES) for s in value.shape)
    spread = raw.reshape([n if a in own else 1 for a, n in zip(value.axes, shape, strict=True)])
    return np.broadcast_to(spread, shape).astype(float)


def softmax(x: Any, axis: int = -1) -> Any:
    return special.softmax(x, axis=axis)


Case = tuple[str, Callable[[Inputs], Any]]

ELEMENTWISE: list[Case] = [
    ("X + Y", lambda p: p.X + p.Y),
    ("X * u[:, None] - v", lambda p: p.X * p.u[:, None] - p.v),
    ("a / X ** 2", lambda p: p.a / p.X**2),
    ("-X // 0.5", lambda p: -p.X // 0.5),
    ("+X % 0.7", lambda p: p.X % 0.7),
    ("A - A.T", lambda p: p.A - p.A.T),
    ("A + u", lambda p: p.A + p.u),
    ("u + A.T", lambda p: p.u + p.A.T),
    ("A.T * u[:, None]", lambda p: p.A.T * p.u[:, None]),
    ("u[:, None] - u", lambda p: p.u[:, None] - p.u),
    ("X + col", lambda p: p.X + p.col),
    ("col + one", lambda p: p.col + p.one),
    ("col - col.T", lambda p: p.col - p.col.T),
    ("one * a", lambda p: p.one * p.a),
    ("S * X", lambda p: p.S * p.X),
    ("u[:, None, None] + u[:, None] + u", lambda p: p.u[:, None, None] + p.u[:, None] + p.u),
    ("exp(X) + sin(a)", lambda p: np.exp(p.X) + np.sin(p.a)),
    ("arctan2(X, v) + hypot(a, X)", lambda p: np.arctan2(p.X, p.v) + np.hypot(p.a, p.X)),
    ("asin(0.1*X) + expit(X) + ln(X)", lambda p: np.arcsin(0.1 * p.X) + special.expit(p.X) + np.log(p.X)),
    ("gammaln(X) + erf(X) + digamma(X)", lambda p: special.gammaln(p.X) + special.erf(p.X) + special.digamma(p.X)),
    ("maximum(X, v) - minimum(X, 1)", lambda p: np.maximum(p.X, p.v) - np.minimum(p.X, 1)),
    ("max(a, b, 0.5) + min(X, 1, a)", lambda p: max(p.a, p.b, 0.5) + np.minimum(np.minimum(p.X, 1), p.a)),
    ("clip(X, 0.5, 1) + clip(X, low=1)", lambda p: np.clip(p.X, 0.5, 1) + np.maximum(p.X, 1)),
    ("X > 1", lambda p: p.X > 1),
    ("0.5 < X <= v", lambda p: (p.X > 0.5) & (p.v >= p.X)),
    ("not X > 1 and (a == a or t)", lambda p: ~(p.X > 1)),
    ("(X > 1) & ~m | t", lambda p: (p.X > 1) & ~p.m | p.t),
    ("m * X + m", lambda p: p.m * p.X + p.m),
    ("X if m else -v", lambda p: np.where(p.m, p.X, -p.v)),
    ("where(X > 1, X, 0)", lambda p: np.where(p.X > 1, p.X, 0)),
    ("where(h, u, 0)", lambda p: np.where(p.h, p.u, 0)),
    ("where(m, 1, 0.5) + where(m, t, a)", lambda p: np.where(p.m, 1, 0.5) + np.where(p.m, p.t, p.a)),
    ("a if k < 0 else b", lambda p: p.a),
    ("pi * a + 2**10 + 10**12 * 10**12", lambda p: np.pi * p.a + 2**10 + 1e24),
    ("7 // 2 + 7 % 4 + -7 // 2 + 2**-1", lambda p: 3 + 3 - 4 + 0.5),
    ("X / N + N*D", lambda p: p.X / 4 + 12),
    ("1 / N + N**2 - N // 3", lambda p: 0.25 + 16 - 1),
    ("abs(-X) + sqrt(X) + square(X) + negative(X)", lambda p: np.sqrt(p.X) + p.X**2),
    ("stop_gradient(X)", lambda p: p.X),
    ("100000000000000000000 * a", lambda p: 1e20 * p.a),
]

REDUCTIONS: list[Case] = [
    ("sum(X)", lambda p: p.X.sum()),
    ("sum(X, axis=0)", lambda p: p.X.sum(0)),
    ("sum(X, -1)", lambda p: p.X.sum(1)),
    ("sum(S, axis=(0, -1))", lambda p: p.S.sum((0, 2))),
    ("sum(S, axis=(0, 2), keepdims=True)", lambda p: p.S.sum((0, 2), keepdims=True)),
    ("S - mean(S, axis=None, keepdims=True)", lambda p: p.S - p.S.mean()),
    ("X - mean(X, axis=1, keepdims=True)", lambda p: p.X - p.X.mean(1, keepdims=True)),
    ("prod(X, axis=0)", lambda p: p.X.prod(0)),
    ("prod(S)", lambda p: p.S.prod()),
    ("max(X, axis=1)", lambda p: p.X.max(1)),
    ("amin(X, 0) + amax(X) + min(X)", lambda p: p.X.min(0) + p.X.max() + p.X.min()),
    ("mean(X) + mean(S, axis=(0, 1))", lambda p: p.X.mean() + p.S.mean((0, 1))),
    ("var(X, axis=0) + var(X)", lambda p: p.X.var(0) + p.X.var()),
    ("std(X, axis=1, ddof=1, keepdims=True)", lambda p: p.X.std(1, ddof=1, keepdims=True)),
    ("logsumexp(X, axis=1) + logsumexp(S)", lambda p: special.logsumexp(p.X, axis=1) + special.logsumexp(p.S)),
    ("softmax(X) + softmax(X, axis=0)", lambda p: softmax(p.X) + softmax(p.X, 0)),
    ("log_softmax(S, 1)", lambda p: np.log(softmax(p.S, 1))),
    ("norm(u) + norm(X)", lambda p: np.linalg.norm(p.u) + np.linalg.norm(p.X)),
    ("norm(X, axis=0) + norm(X)", lambda p: np.linalg.norm(p.X, axis=0) + np.linalg.norm(p.X)),
    ("norm(u, 1) + norm(u, 2) + norm(X, inf, axis=0)[1]", lambda p: p.u.sum() + np.linalg.norm(p.u) + p.X.max(0)[1]),
    ("argmax(X, axis=1)", lambda p: p.X.argmax(1)),
    ("argmin(X) + argmax(u)", lambda p: p.X.argmin() + p.u.argmax()),
    ("argmax(X, axis=0, keepdims=True)", lambda p: p.X.argmax(0, keepdims=True)),
    ("any(m, axis=0)", lambda p: p.m.any(0)),
    ("all(X > 0) and any(m)", lambda p: True),
    ("sum(m) + mean(m)", lambda p: p.m.sum() + p.m.mean()),
    ("sum(a) + mean(a) + max(a) + norm(a)", lambda p: 4 * p.a),
    ("sum(ones((N, D))) + sum(zeros(K) + a, axis=0)", lambda p: 12 + 5 * p.a),
    ("sum(col, axis=1) + max(col, axis=-1) + norm(col, axis=1)", lambda p: 3 * p.col[:, 0]),
    ("argmax(col, axis=1) + sum(one)", lambda p: np.zeros(4) + p.one[0]),
    ("max(h) - argmax(h)", lambda p: 1),
    ("cumsum(u) + cumsum(X, axis=0)[:, 1]", lambda p: p.u.cumsum() + p.X.cumsum(0)[:, 1]),
    ("cumprod(S, axis=-1)", lambda p: p.S.cumprod(-1)),
    ("cumsum(X)", lambda p: p.X.cumsum()),
    ("cumsum(col, axis=1)", lambda p: p.col),
    ("diff(u)", lambda p: np.diff(p.u)),
    ("diff(S, axis=0)", lambda p: np.diff(p.S, axis=0)),
]

PRODUCTS: list[Case] = [
    ("X @ W", lambda p: p.X @ p.W),
    ("X @ v", lambda p: p.X @ p.v),
    ("u @ X", lambda p: p.u @ p.X),
    ("u @ u", lambda p: p.u @ p.u),
    ("X.T @ X", lambda p: p.X.T @ p.X),
    ("X @ X.T", lambda p: p.X @ p.X.T),
    ("A @ A", lambda p: p.A @ p.A),
    ("A @ A @ A - A.T @ A", lambda p: p.A @ p.A @ p.A - p.A.T @ p.A),
    ("u @ A @ u", lambda p: p.u @ p.A @ p.u),
    ("S @ W", lambda p: p.S @ p.W),
    ("S @ Z", lambda p: p.S @ p.Z),
    ("X @ Z", lambda p: p.X @ p.Z),
    ("S[None] @ Z[:, None, :, :]", lambda p: p.S[None] @ p.Z[:, None]),
    ("S @ v", lambda p: p.S @ p.v),
    ("v @ Z", lambda p: p.v @ p.Z),
    ("S @ S.T[:, :, 0]", lambda p: p.S @ p.S.T[:, :, 0]),
    ("col @ col.T", lambda p: p.col @ p.col.T),
    ("col.T @ col", lambda p: p.col.T @ p.col),
    ("dot(u, u) + dot(a, b)", lambda p: p.u @ p.u + p.a * p.b),
    ("dot(X, W)", lambda p: p.X @ p.W),
    ("matmul(X, W)", lambda p: p.X @ p.W),
    ("outer(u, v)", lambda p: np.outer(p.u, p.v)),
    ("outer(u, u)", lambda p: np.outer(p.u, p.u)),
    ("trace(A) + trace(A @ A)", lambda p: np.trace(p.A) + np.trace(p.A @ p.A)),
    ("trace(X.T @ X)", lambda p: np.trace(p.X.T @ p.X)),
    ("F @ F", lambda p: p.F @ p.F),
    ("m @ v", lambda p: p.m @ p.v),
    ("h @ h", lambda p: p.h @ p.h),
]

INDEXING: list[Case] = [
    ("X[0] + X[-1]", lambda p: p.X[0] + p.X[-1]),
    ("X[:, 1] + X[1:2, 1]", lambda p: p.X[:, 1] + p.X[1:2, 1]),
    ("X[1, 2] * X[-1, -2]", lambda p: p.X[1, 2] * p.X[-1, -2]),
    ("u[1:] - u[:-1]", lambda p: p.u[1:] - p.u[:-1]),
    ("u[2:] - 2*u[1:-1] + u[:-2]", lambda p: p.u[2:] - 2 * p.u[1:-1] + p.u[:-2]),
    ("u[::2]", lambda p: p.u[::2]),
    ("odd[::2] * 2 + odd[1::2][0]", lambda p: p.odd[::2] * 2 + p.odd[1::2][0]),
    ("u[::-1]", lambda p: p.u[::-1]),
    ("A[::-1, ::-1] + A[:, ::-1].T", lambda p: p.A[::-1, ::-1] + p.A[:, ::-1].T),
    ("u[3:0:-1]", lambda p: p.u[3:0:-1]),
    ("u[-1:-4:-2]", lambda p: p.u[-1:-4:-2]),
    ("odd[N:] + odd[:N+1]", lambda p: p.odd[4:] + p.odd[:5]),
    ("odd[N-1] + odd[-N]", lambda p: p.odd[3] + p.odd[-4]),
    ("F[:5, 1:] + F[-9:, :2]", lambda p: p.F[:5, 1:] + p.F[-9:, :2]),
    ("sum(F[3:])", lambda p: 0),
    ("S[..., 0]", lambda p: p.S[..., 0]),
    ("S[1, ..., None]", lambda p: p.S[1, ..., None]),
    ("S[:, None, 0, newaxis, 1:]", lambda p: p.S[:, None, 0, None, 1:]),
    ("X[None, :, None]", lambda p: p.X[None, :, None]),
    ("a + u[None][0]", lambda p: p.a + p.u),
    ("u[i]", lambda p: p.u[p.i]),
    ("X[i]", lambda p: p.X[p.i]),
    ("X[h, 1]", lambda p: p.X[p.h, 1]),
    ("A[i, h] + A[h][:, i][0]", lambda p: p.A[p.i, p.h] + p.A[p.h][:, p.i][0]),
    ("u[j]", lambda p: p.u[p.j]),
    ("X[j]", lambda p: p.X[p.j]),
    ("S[0, j, 1:]", lambda p: p.S[0, p.j, 1:]),
    ("S[0, :, i % D]", lambda p: p.S[0, :, p.i % 3]),
    ("S[:, h]", lambda p: p.S[:, p.h]),
    ("S[:, h, i % D]", lambda p: p.S[:, p.h, p.i % 3]),
    ("u[k] + X[k, 0]", lambda p: p.u[p.k] + p.X[p.k, 0]),
    ("u[argmax(u)] - max(u)", lambda p: 0),
    ("X[[2, 0, 1]]", lambda p: p.X[[2, 0, 1]]),
    ("A[arange(N), h]", lambda p: p.A[np.arange(4), p.h]),
    ("col[:, 0] + one[0] + col[i, 0]", lambda p: p.col[:, 0] + p.one[0] + p.col[p.i, 0]),
    ("u[1:3][::-1]", lambda p: p.u[1:3][::-1]),
    ("h[i] + i[h]", lambda p: p.h[p.i] + p.i[p.h]),
    ("m[1:, 0]", lambda p: p.m[1:, 0]),
]

SHAPES: list[Case] = [
    ("reshape(w, (N, D)) + X", lambda p: p.w.reshape(4, 3) + p.X),
    ("reshape(X, N*D) - w", lambda p: p.X.ravel() - p.w),
    ("reshape(X, (D, N))", lambda p: p.X.reshape(3, 4)),
    ("reshape(X, (D, -1)) @ X", lambda p: p.X.reshape(3, 4) @ p.X),
    ("reshape(S, (-1, D))", lambda p: p.S.reshape(-1, 3)),
    ("reshape(S, (K, -1))", lambda p: p.S.reshape(5, -1)),
    ("reshape(S, (N, K, D)) + reshape(S, (1, N, K, D))[0]", lambda p: 2 * p.S.reshape(4, 5, 3)),
    ("reshape(A, (N, 1, N))", lambda p: p.A.reshape(4, 1, 4)),
    ("reshape(reshape(A, -1), (N, N)) - A", lambda p: np.zeros((4, 4))),
    ("reshape(F, (9,)) + reshape(F, (-1, 1, 9))[0, 0]", lambda p: 2 * p.F.ravel()),
    ("reshape(a, (1, 1)) + reshape(one, ())", lambda p: np.full((1, 1), p.a + p.one[0])),
    ("reshape(arange(6), (2, 3)) @ F", lambda p: np.arange(6).reshape(2, 3) @ p.F),
    ("ravel(X) + flatten(X)", lambda p: 2 * p.X.ravel()),
    ("transpose(S) + transpose(S, (2, 1, 0))", lambda p: 2 * p.S.T),
    ("transpose(S, (1, 0, 2)) + swapaxes(S, 0, -2)", lambda p: 2 * p.S.transpose(1, 0, 2)),
    ("expand_dims(u, 0) + expand_dims(u, -1)", lambda p: p.u[None] + p.u[:, None]),
    ("squeeze(col) + squeeze(col, axis=1)", lambda p: 2 * p.col[:, 0]),
    ("broadcast_to(v, (N, D))", lambda p: np.broadcast_to(p.v, (4, 3))),
    ("broadcast_to(col, (N, D)) + broadcast_to(a, (N, D))", lambda p: np.broadcast_to(p.col, (4, 3)) + p.a),
    ("concatenate([u, v])", lambda p: np.concatenate([p.u, p.v])),
    ("concatenate((u, u, [1, a]))", lambda p: np.concatenate([p.u, p.u, [1, p.a]])),
    ("concatenate([X, Y], axis=1)", lambda p: np.concatenate([p.X, p.Y], 1)),
    ("concatenate([X, col, ones((N, 1))], axis=-1)", lambda p: np.concatenate([p.X, p.col, np.ones((4, 1))], -1)),
    ("concatenate([A, A.T, u[None]])", lambda p: np.concatenate([p.A, p.A.T, p.u[None]])),
    ("concatenate([m, m[:, :1]], axis=1)", lambda p: np.concatenate([p.m, p.m[:, :1]], 1)),
    ("concatenate([h, u])", lambda p: np.concatenate([p.h, p.u])),
    ("concatenate([u[:0], u])", lambda p: p.u),
    ("stack([u, u + 1])", lambda p: np.stack([p.u, p.u + 1])),
    ("stack([X, Y, X], axis=-1)", lambda p: np.stack([p.X, p.Y, p.X], -1)),
    ("stack([A, A.T], axis=1)", lambda p: np.stack([p.A, p.A.T], 1)),
    ("stack([a, b]) @ [[1, 2], [3, a]]", lambda p: np.array([p.a, p.b]) @ np.array([[1, 2], [3, p.a]])),
    ("[1, 2, 3] * F[0] + [0, 0, 0]", lambda p: np.array([1, 2, 3]) * p.F[0]),
    ("[[cos(a), -b], [sin(a), 0]]", lambda p: np.array([[np.cos(p.a), -p.b], [np.sin(p.a), 0]])),
    ("array([t, a > 5])", lambda p: np.array([True, False])),
    ("diag(u) + diag(diag(A))", lambda p: np.diag(p.u) + np.diag(np.diag(p.A))),
    ("diag(A.T @ A)", lambda p: np.diag(p.A.T @ p.A)),
    ("tril(A) + triu(A, 1) + tril(X, -1) @ X.T", lambda p: p.A + np.tril(p.X, -1) @ p.X.T),
    ("triu(S, k=-1)", lambda p: np.triu(p.S, -1)),
    ("eye(N) + A + eye(N, k=1)", lambda p: np.eye(4) + p.A + np.eye(4, k=1)),
    ("eye(N, D) * X", lambda p: np.eye(4, 3) * p.X),
    ("zeros((N, D)) + ones(D) + full((D,), a)", lambda p: np.ones((4, 3)) + p.a),
    ("zeros_like(X) + ones_like(v)", lambda p: np.ones((4, 3))),
    ("arange(N) + arange(1, N + 1) + arange(0, 2*N, 2)", lambda p: np.arange(4) * 4 + 1),
    ("zeros(N - 1) + u[1:]", lambda p: p.u[1:]),
]

STATEMENTS: list[Case] = [
    ("f = X\nf += 1\nf *= 2\nf -= v\nf /= 2\nf **= 2\nf", lambda p: ((p.X + 1) - p.v / 2) ** 2),
    ("p, q = u, v\nr = s = sum(p) + sum(q)\nr + s", lambda p: 2 * (p.u.sum() + p.v.sum())),
    ("p, q = [a, b]\n(p, q) = q, p\np / q", lambda p: p.b / p.a),
    ("c0, c1 = stack([u, u + 1])\nc0 - c1", lambda p: -np.ones(4)),
    ("def f(x, y=2, *, z=a):\n    '''doc'''\n    g = x * y\n    return g + z\nf(X) + f(y=1, x=v) + f(a, b, z=0)",
     lambda p: p.X * 2 + p.a + p.v + p.a + p.a * p.b),
    ("def f(x):\n    return x, x + 1\np, q = f(u)\nsum(q - p)", lambda p: 4),
    ("def relu(x):\n    return x * 3\nrelu(a)", lambda p: 3 * p.a),
    ("g = a * 2\ndef f(x):\n    return x * g + N\nf(b)", lambda p: p.a * p.b * 2 + 4),
    ("gamma = a\nsum = gamma * 2\nmax(sum, gamma) + gamma", lambda p: 3 * p.a),
    ("n = N - 1\nzeros(n) + u[:n]", lambda p: p.u[:3]),
    ("λ = a\nλ_2 = λ**2\nλ_2", lambda p: p.a**2),
    ("lambda_ = a\n(lambda_\n  + 1)", lambda p: p.a + 1),
    ("pi = 3\npi * a", lambda p: 3 * p.a),
]  # fmt: skip

DERIVATIVES: list[Case] = [
    ("grad(a**3 * b, a)", lambda p: 3 * p.a**2 * p.b),
    ("grad(sum(X**2), X)", lambda p: 2 * p.X),
    ("grad(u @ A @ u, u)", lambda p: (p.A + p.A.T) @ p.u),
    ("grad(sum(col * one), col) + grad(sum(col**2), one)", lambda p: np.zeros((4, 1)) + p.one),
    ("z = X @ W\ny = tanh(z)\nl = sum(y**2)\ngrad(l, y)", lambda p: 2 * np.tanh(p.X @ p.W)),
    ("z = X @ W\ny = exp(z)\nl = sum(y**2)\ngrad(l, z)", lambda p: 2 * np.exp(2 * p.X @ p.W)),
    ("z = a * b\ny = a * b * z\ngrad(y, z)", lambda p: p.a * p.b),
    ("z = a\ny = z * a\ngrad(y, z)", lambda p: p.a),
    ("z = a * b\nq = z\ny = z + q * q\ngrad(y, z)", lambda p: 1 + 2 * p.a * p.b),
    ("z = a * b\nz = z * z\ny = z**2\ngrad(y, z)", lambda p: 2 * (p.a * p.b) ** 2),
    ("z = a\nz += 1\ny = z**2\nq = 5\ny = y * q\nz = 7\ngrad(y, z)", lambda p: 0),
    ("z = a\nw2 = z\nz2 = 2.0\nw2 = 3.0\ngrad(w2 * z2 * z, z)", lambda p: 6),
    ("g = grad(a**4, a)\ngrad(g, a)", lambda p: 12 * p.a**2),
    ("z = a * b\nl = z**3\ng = grad(l, z)\ngrad(g, z)", lambda p: 6 * p.a * p.b),
    ("z = a * b\nl = z**3\ngrad(grad(l, z)**2, z)", lambda p: 36 * (p.a * p.b) ** 3),
    ("z = a * b\nl = z**3\ngrad(grad(l, z), a)", lambda p: 6 * p.a * p.b * p.b),
    ("l = sum(sin(X) * v)\ngrad(sum(grad(l, X)**2), v)", lambda p: 2 * p.v * (np.cos(p.X) ** 2).sum(0)),
    ("def f(x):\n    y = x**2\n    return grad(y * x, x)\nf(a * b)", lambda p: 3 * (p.a * p.b) ** 2),
    ("z = a * b\ndef f(x):\n    return x * z\ny = f(b)\ngrad(y, z)", lambda p: p.b),
    ("z = zeros(N)\ngrad(sum((z + 1)**2), z)", lambda p: 2 * np.ones(4)),
    ("z = col * 2\ngrad(sum(z**2), z)", lambda p: 4 * p.col),
    ("z = A @ A\ngrad(trace(z @ z), z)", lambda p: 2 * (p.A @ p.A).T),
    ("grad(stop_gradient(a) * a, a)", lambda p: p.a),
    ("z = a\ngrad(b, z) + grad(b, a)", lambda p: 0),
    ("z = X\ngrad(sum(z[1:] * z[:-1]), z)", lambda p: np.r_[p.X[1:], p.X[:1] * 0] + np.r_[p.X[:1] * 0, p.X[:-1]]),
    ("grad(max(a, 0) + max(0, a) + relu(a), a)", lambda p: 3),
    ("z = a - a\ngrad(max(z, 0) + max(0, z) + relu(z) + (z if z > 0 else 0), z)", lambda p: 0),
    ("z = 2\ngrad(z**3 * a, z)", lambda p: 12 * p.a),
]

ALL = ELEMENTWISE + REDUCTIONS + PRODUCTS + INDEXING + SHAPES + STATEMENTS + DERIVATIVES


@pytest.mark.parametrize(("formula", "meaning"), ALL, ids=[c[0].replace("\n", "; ")[:60] for c in ALL])
def test_meaning(formula: str, meaning: Callable[[Inputs], Any]) -> None:
    *before, last = formula.split("\n(") if "\n(lambda_" in formula else formula.rsplit("\n", 1)
    last = f"({last}" if "\n(lambda_" in formula else last
    arrays = inputs()
    program = parse("\n".join([DECLARED, *before, f"result = {last}"]), "<test>")
    found = full(program, 0, arrays)
    expected = np.asarray(meaning(arrays), dtype=float)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_plain_file() -> None:
    program = parse("g = w1*x1 + pi\nf = g * w0 + sin(t)\n", "<test>")
    assert [a.name for a in program.arguments] == ["w1", "x1", "w0", "t"]
    assert all(a.differentiated and not a.axes for a in program.arguments)
    assert [name for name, _ in program.results] == ["f"]


def test_functions_of_a_plain_file_have_free_names() -> None:
    program = parse("def f(x):\n    y = x * s\n    return y\nq = f(z)\n", "<test>")
    assert [a.name for a in program.arguments] == ["s", "z"]


@pytest.mark.parametrize(
    ("declarations", "wrt", "expected"),
    [
        ("x: Real\ny: Param\n", None, ["y"]),
        ("x: Real\ny: Real\nn: Int\n", None, ["x", "y"]),
        ("x: Real\ny: Param\n", ["x"], ["x"]),
        ("n: Int\nx: Bool\ny: Int\n", None, []),
    ],
)
def test_what_is_differentiated(declarations: str, wrt: list[str] | None, expected: list[str]) -> None:
    program = parse(declarations + "f = x * y", "<test>", wrt=wrt)
    assert [a.name for a in program.differentiated] == expected


def test_defaults() -> None:
    program = parse("x: Real\nl: Real = -1\nm: Real = 1/4\nn: Int = 3\nb: Bool = True\nf = x*l*m*n*b", "<test>")
    assert [a.default for a in program.arguments] == [None, -1.0, 0.25, 3, True]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a = x\nb = a + y\nreturn a", ["a"]),
        ("a = x\nreturn a, a * y, x", ["a", "result_2", "x"]),
        ("a = x\nreturn a + 1", ["result"]),
        ("a = x\nb = 2 * a\na = b", ["a"]),
        ("a = x\na += y", ["a"]),
    ],
)
def test_results(text: str, names: list[str]) -> None:
    assert [name for name, _ in parse(text, "<test>").results] == names


def requirements(text: str) -> list[str]:
    return [f"{r.left} {r.relation} {r.right}" for r in parse(text, "<test>").requirements]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x: Real[N]\nf = sum(x[1:])", ["N >= 1"]),
        ("x: Real[N + 1]\nf = sum(x[1:])", []),
        ("x: Real[N]\nf = sum(x[1:-1])", ["N - 1 >= 1"]),
        ("x: Real[N]\nf = x[2]", ["N - 1 >= 2"]),
        ("x: Real[N]\nf = max(x)", ["N >= 1"]),
        ("x: Real[N*(N-1)//2]\ny: Real[N, N]\nf = sum(x) + sum(y)", []),
        ("x: Real[2*N]\nf = sum(reshape(x, (2, N)))", []),
        ("x: Real[N]\ny: Real[M]\nf = sum(reshape(x, (2, -1)))", ["N == 2*(N//2)"]),
        ("x: Real[N, D]\nf = sum(x)", []),
    ],
)
def test_requirements(text: str, expected: list[str]) -> None:
    assert requirements(text) == expected


def test_sizes_are_decided_symbolically() -> None:
    parse("p: Real[N*(N-1)//2]\nx: Real[N]\nq: Real[(N*N - N)//2]\nf = sum(p * q)", "<test>")
    parse("x: Real[N]\ny: Real[2*N - 1]\nf = sum(concatenate([x, x[1:]]) * y)", "<test>")
    with pytest.raises(FormulaError, match="N and N - 1 differ"):
        parse("x: Real[N]\nf = sum(x * x[1:])", "<test>")


def test_the_same_text_is_the_same_node() -> None:
    text = "X: Real[N, D]\np = exp(X) / sum(exp(X), axis=1, keepdims=True)\nq = X @ X.T + (X @ X.T)"
    program = parse(text, "<test>")
    assert sum(n.name == "exp" for n in program.graph.nodes) == 1
    assert sum(n.name == "mul" for n in program.graph.nodes) == 1


def test_claims_keep_their_text() -> None:
    program = parse("f = x**2\nassert grad(f, x) == 2*x   # by hand\nassert f == [x, x]\n", "<test>")
    assert [c.text for c in program.claims] == ["grad(f, x) == 2*x", "f == [x, x]"]
    assert [c.span.line for c in program.claims] == [2, 3]


def test_nodes_know_their_place() -> None:
    program = parse("g = x * y\nf = g + sin(x)\n", "<test>")
    spans = [program.graph.origin_of(n).span for n in program.graph.nodes if n.name in ("mul", "add", "sin")]
    assert [(s.line, s.column, s.end_column) for s in spans if s] == [(1, 5, 10), (2, 9, 15), (2, 5, 15)]


@pytest.mark.parametrize("terms", [2000])
@pytest.mark.parametrize("operator", [" + ", "*x - "])
def test_a_long_expression(terms: int, operator: str) -> None:
    program = parse("f = " + operator.join(["x"] * terms), "<test>")
    assert len(program.graph.nodes) >= terms


@pytest.mark.parametrize("depth", [50, 150, 1000, 5000, 100_000])
@pytest.mark.parametrize(("before", "after"), [("(", ")"), ("sin(", ")"), ("-", ""), ("", "**x"), ("", "+x")])
def test_a_deep_expression_elaborates_or_says_so(before: str, after: str, depth: int) -> None:
    try:
        parse(f"f = {before * depth}x{after * depth}", "<test>")
    except FormulaError as refused:
        error = refused
    else:
        return
    assert "nested too deeply" in str(error)
    assert "Split" in error.hint


def test_a_chain_of_many_lines_takes_linear_time() -> None:
    lines = ["v0 = x"] + [f"v{k + 1} = {'sin' if k % 2 else 'exp'}(v{k}) * 0.5" for k in range(20_000)]
    start = time.process_time()
    program = parse("\n".join(lines), "<test>")
    assert len(program.graph.nodes) > 40_000
    assert time.process_time() - start < 10


def test_what_a_gradient_needs() -> None:
    for text, message in [
        ("x: Real[N]\nf = x * 2", "`f` has shape"),
        ("f = x * 2\nreturn f, x", "one result"),
        ("f = x > 2", "a condition"),
    ]:
        with pytest.raises(FormulaError, match=message):
            require_scalar_result(parse(text, "<test>"))
    require_scalar_result(parse("f = x", "<test>"))
    with pytest.raises(FormulaError, match="nothing to differentiate"):
        require_parameters(parse("n: Int\nf = n / 2", "<test>"))
