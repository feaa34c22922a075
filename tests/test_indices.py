"""Index notation: each construct on its graph against Python loops over the same arrays, and against whole arrays."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

from gradcompile.ir.nodes import Graph, Kind, Node, reachable
from gradcompile.ir.text import print_graph
from gradcompile.syntax import parse
from gradcompile.syntax.program import Program
from gradcompile.verify.evaluate import evaluate
from gradcompile.verify.fields import MpmathField, UndefinedError

SIZES = {"N": 5, "M": 4, "D": 3, "K": 6, "T": 7, "n": 4}
INF = float("inf")

DECLARED = """
A: Real[N, N]
X: Real[N, D]
W: Real[D, M]
C: Real[K, D]
l: Real[N*(N - 1)//2]
x: Real[N]
y: Real[N]
h: Real[D]
z: Real[T]
odd: Real[2*N + 1]
s: Real
p: Int[N]
q: Int[T, 2]
tok: Int[T]
n: Int
c: Bool[N]
"""


class Inputs(dict[str, Any]):
    """The arrays by name, as attributes for the lambdas below."""

    __getattr__ = dict.__getitem__


def inputs() -> Inputs:
    """Return arrays for all that is declared."""
    draw = np.random.default_rng(11)
    N, M, D, K, T = (SIZES[name] for name in "NMDKT")
    shapes = {
        "A": (N, N), "X": (N, D), "W": (D, M), "C": (K, D), "l": (N * (N - 1) // 2,), "x": (N,), "y": (N,), "h": (D,),
        "z": (T,), "odd": (2 * N + 1,), "s": (),
    }  # fmt: skip
    arrays: dict[str, Any] = {name: draw.uniform(0.3, 2.0, shape) for name, shape in shapes.items()}
    arrays |= {"p": np.array([0, 3, -1, 2, 3]), "tok": np.array([5, 0, 2, 2, -6, 1, 4]), "n": np.int64(4)}
    arrays |= {"q": draw.integers(0, N, (T, 2)), "c": np.array([True, False, True, True, False])}
    return Inputs(arrays)


def result(text: str, arrays: dict[str, Any] | None = None, sizes: dict[str, int] | None = None) -> Any:
    """Return the result of a formula over the declared inputs, as an array of its full shape."""
    program = parse(DECLARED + text, "<test>")
    return full(program, inputs() if arrays is None else arrays, SIZES if sizes is None else sizes)


def full(program: Program, arrays: dict[str, Any], sizes: dict[str, int]) -> Any:
    value = program.results[0][1]
    (raw,) = evaluate([value.node], arrays, sizes, MpmathField())
    own = [a for a in value.axes if a in value.node.axes]
    raw = np.transpose(raw, [value.node.axes.index(a) for a in own])
    shape = tuple(s.evaluate(sizes) for s in value.shape)
    spread = raw.reshape([m if a in own else 1 for a, m in zip(value.axes, shape, strict=True)])
    return np.broadcast_to(spread, shape).astype(float)


N, M, D, K, T = (SIZES[name] for name in "NMDKT")

CASES: list[tuple[str, Callable[[Inputs], Any]]] = [
    # reductions
    ("f = sum(x[i]*y[i] for i in range(N))", lambda a: a.x @ a.y),
    ("f = sum(x[i] for i in range(N) for j in range(M))", lambda a: M * a.x.sum()),
    ("f = prod(x[i] + 1 for i in range(N))", lambda a: np.prod(a.x + 1)),
    ("f = max(x[i] - y[i] for i in range(N))", lambda a: max(a.x - a.y)),
    ("f = min(x[i] - y[i] for i in range(N))", lambda a: min(a.x - a.y)),
    ("f = mean(A[i, j] for i in range(N) for j in range(N))", lambda a: a.A.mean()),
    ("f = logsumexp(x[i] for i in range(N))", lambda a: special.logsumexp(a.x)),
    ("f = 1 if any(x[i] > 1.9 for i in range(N)) else 2", lambda a: 1 if any(a.x > 1.9) else 2),
    ("f = 1 if all(x[i] > 0.1 for i in range(N)) else 2", lambda a: 1),
    ("f = sum(x[i]*h for i in range(N))", lambda a: a.x.sum() * a.h),
    ("f = sum(X[i] for i in range(N))", lambda a: a.X.sum(0)),
    ("f = max(X[i] for i in range(N))", lambda a: a.X.max(0)),
    ("f = sum(sum(A[i, j]*x[j] for j in range(N))**2 for i in range(N))", lambda a: sum((a.A @ a.x) ** 2)),
    ("f = sum(max(A[i, j] for j in range(N)) for i in range(N))", lambda a: a.A.max(1).sum()),
    ("f = sum(min((X[i, d] - C[k, d])**2 for k in range(K)) for i in range(N) for d in range(D))",
     lambda a: ((a.X[:, None] - a.C[None]) ** 2).min(1).sum()),
    ("f = sum(i*x[i] for i in range(N))", lambda a: np.arange(N) @ a.x),
    ("f = sum(1 for i in range(N) if c[i])", lambda a: a.c.sum()),
    ("f = sum(0.5 for _ in range(N))", lambda a: 0.5 * N),
    ("f = sum(x[0] for i in range(3))", lambda a: 3 * a.x[0]),
    ("f = sum(x[i] for i in range(1))", lambda a: a.x[0]),
    ("f = sum(x[i] for i in range(0)) + s", lambda a: a.s),
    # filters
    ("f = sum(A[i, j] for i in range(N) for j in range(N) if i != j)", lambda a: a.A.sum() - np.trace(a.A)),
    ("f = sum(A[i, j] for i in range(N) if c[i] for j in range(N) if x[j] > 1)", lambda a: a.A[a.c][:, a.x > 1].sum()),
    ("f = prod(x[i] for i in range(N) if c[i])", lambda a: a.x[a.c].prod()),
    ("f = max(x[i] for i in range(N) if not c[i])", lambda a: a.x[~a.c].max()),
    ("f = min(x[i] for i in range(N) if c[i])", lambda a: a.x[a.c].min()),
    ("f = mean(x[i] for i in range(N) if c[i])", lambda a: a.x[a.c].mean()),
    ("f = mean(A[i, j] for i in range(N) for j in range(N) if c[i])", lambda a: a.A[a.c].mean()),
    ("f = logsumexp(x[i] for i in range(N) if c[i])", lambda a: special.logsumexp(a.x[a.c])),
    ("f = sum(x[i] for i in range(N) if x[i] > 9)", lambda a: 0),
    ("f = max(x[i] for i in range(N) if x[i] > 9)", lambda a: -INF),
    ("f = min(x[i] for i in range(N) if x[i] > 9)", lambda a: INF),
    ("f = logsumexp(x[i] for i in range(N) if x[i] > 9)", lambda a: -INF),
    ("f = sum(log(x[i] - 1) for i in range(N) if x[i] > 1)", lambda a: np.log(a.x[a.x > 1] - 1).sum()),
    ("f = sum(x[i-1] for i in range(N) if i > 0 if x[i-1] > 1)", lambda a: sum(v for v in a.x[:-1] if v > 1)),
    ("f = sum(x[i] for i in range(N) if i > 0 and x[i-1] > 1)",
     lambda a: sum(a.x[i] for i in range(1, N) if a.x[i - 1] > 1)),
    ("f = sum(x[i] for i in range(N) if i == 0 or x[i-1] > 1)",
     lambda a: sum(a.x[i] for i in range(N) if i == 0 or a.x[i - 1] > 1)),
    ("f = 1 if any(x[i] > 1 for i in range(N) if not c[i]) else 0", lambda a: float(any(a.x[~a.c] > 1))),
    ("f = 1 if all(x[i] > 1 for i in range(N) if c[i]) else 0", lambda a: float(all(a.x[a.c] > 1))),
    ("f = sum(x[i]*h for i in range(N) if c[i])", lambda a: a.x[a.c].sum() * a.h),
    # ranges
    ("f = sum(x[i] for i in range(1, N))", lambda a: a.x[1:].sum()),
    ("f = sum(x[i] for i in range(0, N, 2))", lambda a: a.x[::2].sum()),
    ("f = sum(x[i]*(N - i) for i in range(N - 1, -1, -1))", lambda a: sum(a.x[i] * (N - i) for i in range(N))),
    ("f = sum(z[i] for i in range(6, 0, -2))", lambda a: a.z[6] + a.z[4] + a.z[2]),
    ("f = sum(odd[2*i + 1] for i in range(N))", lambda a: a.odd[1::2].sum()),
    ("f = sum(x[i] for i in range(n))", lambda a: a.x[:4].sum()),
    ("f = sum(x[i] for i in range(n - 2, n + 1))", lambda a: a.x[2:].sum()),
    ("f = sum(A[i, j] for i in range(N) for j in range(i))", lambda a: np.tril(a.A, -1).sum()),
    ("f = sum(A[i, j] for i in range(N) for j in range(i + 1, N))", lambda a: np.triu(a.A, 1).sum()),
    ("f = sum(A[i, j] for i in range(N) for j in range(i, -1, -1))", lambda a: np.tril(a.A).sum()),
    ("f = sum(A[i, j] for i in range(N) for j in range(i, N, 2))",
     lambda a: sum(a.A[i, j] for i in range(N) for j in range(i, N, 2))),
    ("f = sum(x[i]*x[j]*x[k] for i in range(N) for j in range(i) for k in range(j))",
     lambda a: sum(a.x[i] * a.x[j] * a.x[k] for i in range(N) for j in range(i) for k in range(j))),
    ("f = sum(x[i]*x[j] for i in range(N) for j in range(max(0, i - 2), min(N, i + 3)))",
     lambda a: sum(a.x[i] * a.x[j] for i in range(N) for j in range(max(0, i - 2), min(N, i + 3)))),
    ("f = sum(odd[j] for i in range(N) for j in range(i, i + 3))",
     lambda a: sum(a.odd[j] for i in range(N) for j in range(i, i + 3))),
    ("f = sum(sum(x[j] for j in range(i))**2 for i in range(N))", lambda a: sum(a.x[:i].sum() ** 2 for i in range(N))),
    ("f = sum(x[j] for i in range(3) for j in range(i*i))", lambda a: sum(a.x[: i * i].sum() for i in range(3))),
    ("f = sum(x[j] for i in range(n) for j in range(n - i))", lambda a: sum(a.x[: 4 - i].sum() for i in range(4))),
    ("f = mean(A[i, j] for i in range(N) for j in range(i))", lambda a: a.A[np.tril_indices(N, -1)].mean()),
    ("f = sum(x[j] for i in range(N) for j in range(min(p[i] + 1, N)))",
     lambda a: sum(a.x[: max(0, min(a.p[i] + 1, N))].sum() for i in range(N))),
    # indices
    ("f = sum(x[i]*x[i-1] for i in range(1, N))", lambda a: a.x[1:] @ a.x[:-1]),
    ("f = sum(x[i]*x[i-1] for i in range(N))", lambda a: a.x @ np.roll(a.x, 1)),
    ("f = sum(x[i]*(x[i-1] if i > 0 else x[N-1]*2) for i in range(N))",
     lambda a: a.x[1:] @ a.x[:-1] + 2 * a.x[0] * a.x[-1]),
    ("f = sum(x[i+1] - x[i] if i + 1 < N else 0 for i in range(N))", lambda a: a.x[-1] - a.x[0]),
    ("f = sum(x[i]*x[N-1-i] for i in range(N))", lambda a: a.x @ a.x[::-1]),
    ("f = sum(x[i]*x[-1-i] for i in range(N))", lambda a: a.x @ a.x[::-1]),
    ("f = sum(x[i]*x[(i + 2) % N] for i in range(N))", lambda a: a.x @ np.roll(a.x, -2)),
    ("f = sum(x[max(i-1, 0)]*x[min(i+1, N-1)] for i in range(N))",
     lambda a: sum(a.x[max(i - 1, 0)] * a.x[min(i + 1, N - 1)] for i in range(N))),
    ("f = sum(x[abs(i - j)] for i in range(N) for j in range(N))",
     lambda a: sum(a.x[abs(i - j)] for i in range(N) for j in range(N))),
    ("f = sum(x[i]*x[(i-1)//2] for i in range(1, N))", lambda a: sum(a.x[i] * a.x[(i - 1) // 2] for i in range(1, N))),
    ("f = sum(A[i, i] for i in range(N))", lambda a: np.trace(a.A)),
    ("f = sum(A[i, j]*A[j, i] for i in range(N) for j in range(N))", lambda a: np.trace(a.A @ a.A)),
    ("f = sum(x[p[i]] for i in range(N))", lambda a: a.x[a.p].sum()),
    ("f = sum(x[p[p[i]]] for i in range(N))", lambda a: a.x[a.p[a.p]].sum()),
    ("f = sum(C[tok[t], d]*h[d] for t in range(T) for d in range(D))", lambda a: (a.C[a.tok] @ a.h).sum()),
    ("f = sum(x[q[t, 0]]*x[q[t, 1]] for t in range(T))", lambda a: a.x[a.q[:, 0]] @ a.x[a.q[:, 1]]),
    ("f = sum(A[p[i], p[j]] for i in range(N) for j in range(N))", lambda a: a.A[np.ix_(a.p, a.p)].sum()),
    ("f = sum(x[p[i-1]] if i > 0 else 0 for i in range(N))", lambda a: a.x[a.p[:-1]].sum()),
    ("f = sum(x[argmax(A[i])] for i in range(N))", lambda a: a.x[a.A.argmax(1)].sum()),
    ("f = sum(l[i*(i-1)//2 + j] for i in range(N) for j in range(i))", lambda a: a.l.sum()),
    ("f = sum((i - j)*l[j*N - j*(j+1)//2 + i - j - 1] for j in range(N) for i in range(j + 1, N))",
     lambda a: sum((i - j) * a.l[j * N - j * (j + 1) // 2 + i - j - 1] for j in range(N) for i in range(j + 1, N))),
    ("f = sum(x[i:i+2] @ y[1:3] for i in range(N - 1))",
     lambda a: sum(a.x[i : i + 2] @ a.y[1:3] for i in range(N - 1))),
    ("f = sum(odd[2*i:2*i + 3:2] @ x[:2] for i in range(N))",
     lambda a: sum(a.odd[2 * i : 2 * i + 3 : 2] @ a.x[:2] for i in range(N))),
    # arrays
    ("f = [x[i]**2 for i in range(N)]", lambda a: a.x**2),
    ("f = [[A[i, j]*2 for j in range(N)] for i in range(N)]", lambda a: a.A * 2),
    ("f = [[A[j, i] for j in range(N)] for i in range(N)]", lambda a: a.A.T),
    ("f = [[[x[i]*y[j]*h[d] for d in range(D)] for j in range(N)] for i in range(N)]",
     lambda a: np.einsum("i,j,d->ijd", a.x, a.y, a.h)),
    ("f = [[A[i, j] if i > j else 0 for j in range(N)] for i in range(N)]", lambda a: np.tril(a.A, -1)),
    ("f = [[l[i*(i-1)//2 + j] if j < i else (1 if i == j else 0) for j in range(N)] for i in range(N)]",
     lambda a: np.array([[a.l[i * (i - 1) // 2 + j] if j < i else float(i == j) for j in range(N)] for i in range(N)])),
    ("f = [sum(X[i, d]*h[d] for d in range(D)) for i in range(N)]", lambda a: a.X @ a.h),
    ("f = [X[i] for i in range(1, N)]", lambda a: a.X[1:]),
    ("f = [x[i] for i in range(N - 1, -1, -1)]", lambda a: a.x[::-1]),
    ("f = [x[i]*y[j] for i in range(N) for j in range(2)]", lambda a: np.outer(a.x, a.y[:2]).ravel()),
    ("f = [[x[i], y[i]] for i in range(N)]", lambda a: np.stack([a.x, a.y], 1)),
    ("f = [s for i in range(3)]", lambda a: np.full(3, a.s)),
    ("f = [[x[i] for j in range(N)] for i in range(N)]", lambda a: np.repeat(a.x[:, None], N, 1)),
    ("f = [x[i] for i in range(1)]", lambda a: a.x[:1]),
    ("f = [x[i] for i in range(n)]", lambda a: a.x[:4]),
    ("f = sum([x[i]*y for i in range(N)], axis=1)", lambda a: a.x * a.y.sum()),
    ("f = argmax([x[i] - y[i] for i in range(N)])", lambda a: np.argmax(a.x - a.y)),
    ("f = [[A[i, j] for j in range(N)] @ x for i in range(N)]", lambda a: a.A @ a.x),
    ("f = [x[i] for i in range(N)][1:]", lambda a: a.x[1:]),
    ("f = [sum(x[j] for j in range(i)) for i in range(N)]", lambda a: np.array([a.x[:i].sum() for i in range(N)])),
    ("f = zeros(n) + arange(n)", lambda a: np.arange(4)),
    # through the language
    ("def f(i):\n    return x[i]*2\ng = sum(f(i) for i in range(N))", lambda a: 2 * a.x.sum()),
    ("def norm2(v):\n    return sum(v[d]**2 for d in range(D))\ng = sum(norm2(X[i]) for i in range(N))",
     lambda a: (a.X**2).sum()),
    ("def k(a, b):\n    return exp(-sum((a - b)**2))\nf = [[k(X[i], X[j]) for j in range(N)] for i in range(N)]",
     lambda a: np.exp(-((a.X[:, None] - a.X[None]) ** 2).sum(-1))),
    ("f = sum(reshape(A[i], (N, 1))[0] * i for i in range(N))", lambda a: np.arange(N) @ a.A[:, :1]),
    ("f = sum(concatenate([X[i], h]) for i in range(N))", lambda a: np.concatenate([a.X.sum(0), N * a.h])),
    ("f = sum(stack([x[i], y[i], 1.0]) for i in range(N))", lambda a: np.array([a.x.sum(), a.y.sum(), N])),
    ("f = sum(cumsum(X[i])[D-1] for i in range(N))", lambda a: a.X.sum()),
    ("f = sum(outer(X[i], X[i]) for i in range(N))", lambda a: a.X.T @ a.X),
    ("f = sum(trace(A * x[i]) for i in range(N))", lambda a: np.trace(a.A) * a.x.sum()),
    ("f = sum(diag(X[i]) for i in range(N))", lambda a: np.diag(a.X.sum(0))),
    ("f = sum(tril(A * x[i], k=-1) for i in range(N))", lambda a: np.tril(a.A, -1) * a.x.sum()),
    ("f = sum(X[i] @ W for i in range(N))", lambda a: (a.X @ a.W).sum(0)),
    ("f = sum(softmax(X[i])[0] for i in range(N))", lambda a: special.softmax(a.X, 1)[:, 0].sum()),
    ("f = sum(max(x[i], y[i], 0.5) for i in range(N))", lambda a: np.maximum(np.maximum(a.x, a.y), 0.5).sum()),
    ("f = sum(var(X[i]) for i in range(N))", lambda a: a.X.var(1).sum()),
    ("f = sum(norm(X[i] - C[k]) for i in range(N) for k in range(K))",
     lambda a: np.linalg.norm(a.X[:, None] - a.C[None], axis=-1).sum()),
    ("f = sum(x[i] if 0 < i < N - 1 else -x[i] for i in range(N))", lambda a: a.x[1:-1].sum() - a.x[0] - a.x[-1]),
    ("v = [x[i]**2 for i in range(N)]\nf = sum(v[i]*v[i-1] for i in range(1, N))",
     lambda a: a.x[1:] ** 2 @ a.x[:-1] ** 2),
    ("g = x @ y\nf = sum(x[i]*g for i in range(N)) + sum(x[i] for i in range(N))",
     lambda a: a.x.sum() * (a.x @ a.y + 1)),
    # one-hots
    ("f = [sum(C[k, d] for k in range(K) if k == tok[t]) for d in range(D) for t in range(T)]",
     lambda a: np.where((a.tok >= 0)[None], a.C.T[:, a.tok], 0).ravel()),
    ("f = sum(where(arange(K) == tok[:, None], C[:, 0], 0), axis=1)", lambda a: np.where(a.tok >= 0, a.C[a.tok, 0], 0)),
    ("f = sum((arange(K) == tok[:, None]) * log(C[:, 0]))", lambda a: np.log(a.C[a.tok[a.tok >= 0], 0]).sum()),
    ("v = log_softmax(x)\nf = sum(v[k] for k in range(N) if k == p[1])",
     lambda a: a.x[a.p[1]] - special.logsumexp(a.x)),
    ("v = softmax(A, axis=0)\nf = [sum(v[k, i] for k in range(N) if k == p[1]) for i in range(N)]",
     lambda a: special.softmax(a.A, 0)[a.p[1]]),
    ("f = eye(N) @ x", lambda a: a.x),
    ("f = sum(eye(N)*A)", lambda a: np.trace(a.A)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_like_loops(text: str, expected: Callable[[Inputs], Any]) -> None:
    arrays = inputs()
    found, wanted = result(text, arrays), np.asarray(expected(arrays), dtype=float)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("size", [0, 1, 2])
@pytest.mark.parametrize("text", [text for text, _ in CASES if "A" in text and "x[0]" not in text and "C[" not in text])
def test_short_ranges(text: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A formula over short ranges is what it is over long ones whose other elements are padding that is not read."""
    program = parse(DECLARED + text, "<test>")
    sizes = SIZES | {"N": size}
    if any(r.left.evaluate(sizes) < r.right.evaluate(sizes) for r in program.requirements if r.relation == ">="):
        return
    arrays = inputs()
    expected = next(function for known, function in CASES if known == text)
    cut = Inputs(arrays)
    for name in ("A", "X", "x", "y", "p", "c"):
        cut[name] = arrays[name][:size]
    cut["A"], cut["l"] = arrays["A"][:size, :size], arrays["l"][: size * (size - 1) // 2]
    cut["p"] = np.zeros(size, dtype=int)
    monkeypatch.setattr(f"{__name__}.N", size)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
            wanted = np.asarray(expected(cut), dtype=float)
    except ValueError:  # an empty maximum
        return
    found = full(program, cut, sizes)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


SAME = [
    ("f = sum(x[i] for i in range(N))", "f = sum(x)"),
    ("f = [[A[i, j]*2 for j in range(N)] for i in range(N)]", "f = A*2"),
    ("f = [[A[j, i]*2 for j in range(N)] for i in range(N)]", "f = A.T*2"),
    ("f = [[sum(X[i, k]*W[k, j] for k in range(D)) for j in range(M)] for i in range(N)]", "f = X @ W"),
    ("f = [[sum(A[i, k]*A[k, j] for k in range(N)) for j in range(N)] for i in range(N)]", "f = A @ A"),
    ("f = [[sum(X[k, i]*X[k, j] for k in range(N)) for j in range(D)] for i in range(D)]", "f = X.T @ X"),
    ("f = [[sum(X[i, k]*X[j, k] for k in range(D)) for j in range(N)] for i in range(N)]", "f = X @ X.T"),
    ("f = [sum(A[i, j]*x[j] for j in range(N)) for i in range(N)]", "f = A @ x"),
    ("f = sum(A[i, i] for i in range(N))", "f = trace(A)"),
    ("f = sum(exp(A[i, j]) for i in range(N) for j in range(N))", "f = sum(exp(A))"),
    ("f = [max(A[i, j] for j in range(N)) for i in range(N)]", "f = max(A, axis=1)"),
    ("f = [logsumexp(A[i, j] for i in range(N)) for j in range(N)]", "f = logsumexp(A, axis=0)"),
    ("f = mean(X[i, d]**2 for i in range(N) for d in range(D))", "f = mean(X**2)"),
    ("f = [[x[i] - y[j] for j in range(N)] for i in range(N)]", "f = x[:, None] - y"),
    ("f = [C[tok[t]] for t in range(T)]", "f = C[tok]"),
    ("v = exp(x)\nf = sum(v[i]*y[i] for i in range(N))", "v = exp(x)\nf = sum(v*y)"),
    ("f = [sum(C[k, 0] for k in range(K) if k == tok[t]) for t in range(T)]",
     "f = sum(where(arange(K) == tok[:, None], C[:, 0], 0), axis=1)"),
]  # fmt: skip


@pytest.mark.parametrize(("indexed", "whole"), SAME, ids=[pair[0] for pair in SAME])
def test_the_same_graph_as_over_whole_arrays(indexed: str, whole: str) -> None:
    one, two = (parse(DECLARED + text, "<test>").results[0][1] for text in (indexed, whole))
    assert _written(one.node) == _written(two.node)
    assert one.axes == two.axes


def _written(node: Node) -> str:
    """Return a graph's text with its nodes in the order of the formula; what a check says quotes the formula."""
    graph, copies, stack = Graph(), dict[Node, Node](), [node]
    while stack:
        current = stack[-1]
        waiting = [o for o in reversed(current.operands) if o not in copies]
        stack += waiting
        if not waiting:
            stack.pop()
            operands = tuple(copies[o] for o in current.operands)
            attrs = current.attrs if current.kind is not Kind.CHECK else ("",)
            copies[current] = graph.make(current.kind, current.name, operands, attrs, current.dtype)
    return print_graph({"f": copies[node]})


def nodes(text: str, kind: Kind) -> list[Node]:
    """Return the nodes of a kind that a formula over the declared inputs is made of."""
    program = parse(DECLARED + text, "<test>")
    return [n for n in reachable([v.node for _, v in program.results]) if n.kind is kind]


PROVED = [
    "f = sum(x[i] for i in range(N))",
    "f = sum(x[i-1] for i in range(1, N))",
    "f = sum(x[i-1] if i > 0 else 0 for i in range(N))",
    "f = sum(x[i-1] if i >= 1 else 0 for i in range(N))",
    "f = sum(x[i-1] if not i < 1 else 0 for i in range(N))",
    "f = sum(x[i-1] if i != 0 else 0 for i in range(N))",
    "f = sum(0 if i == 0 else x[i-1] for i in range(N))",
    "f = sum(x[i+1] for i in range(N) if i + 1 < N)",
    "f = sum(x[i+1] for i in range(N) if i < N - 1)",
    "f = sum(x[i+1] - x[i-1] for i in range(1, N-1))",
    "f = sum(x[i-1] + x[i+1] if i > 0 and i + 1 < N else 0 for i in range(N))",
    "f = sum(x[i-1] if 0 < i < N else 0 for i in range(N))",
    "f = sum(x[N-1-i] + x[-1-i] + x[i-1] for i in range(N))",
    "f = sum(odd[2*i+1] + odd[2*i] for i in range(N))",
    "f = sum(x[i]*x[j] for i in range(N) for j in range(i))",
    "f = sum(x[i-j] for i in range(N) for j in range(i))",
    "f = sum(l[i*(i-1)//2 + j] for i in range(N) for j in range(i))",
    "f = sum(l[j*N - j*(j+1)//2 + i - j - 1] for j in range(N) for i in range(j+1, N))",
    "f = sum(A[max(i-1, 0), min(i+1, N-1)] for i in range(N))",
    "f = sum(A[(i+3) % N, (i-1)//2] for i in range(1, N))",
    "f = sum(x[abs(i-j)] for i in range(N) for j in range(N))",
    "f = sum(x[j] for i in range(N) for j in range(max(0, i-2), min(N, i+3)))",
    "f = sum(x[i:i+3] @ x[2:5] for i in range(N-2))",
    "f = sum(x[argmin(A[i])] for i in range(N))",
    "f = sum(A[i//2, (N-1)//2] for i in range(N))",
]


@pytest.mark.parametrize("text", PROVED)
def test_needs_no_check(text: str) -> None:
    assert not nodes(text, Kind.CHECK)


CHECKED = [
    ("f = sum(x[p[i]] for i in range(N))", "an index into x is out of range: p[i] is {index}, the length is {size}"),
    ("f = sum(C[tok[t], d]*h[d] for t in range(T) for d in range(D))", "into C is out of range: tok[t] is {index}"),
    ("f = sum(x[q[t, 1]] for t in range(T))", "an index into x is out of range: q[t, 1] is {index}"),
    ("f = sum(x[i] for i in range(n))", "an index into x is out of range: i is {index}"),
    ("f = sum(A[i, :][p[i]] for i in range(N))", "an index into A[i, :] is out of range: p[i] is {index}"),
    ("f = sum(x[n + i] for i in range(2))", "an index into x is out of range: n + i is {index}"),
    (
        "f = sum(z[p[i]:p[i] + 2] @ y[:2] for i in range(N))",
        "an index into z is out of range: p[i]:p[i] + 2 is {index}",
    ),
    ("f = sum(x[p])", "an index into x is out of range: p is {index}"),
]


@pytest.mark.parametrize(("text", "message"), CHECKED)
def test_is_checked_when_it_runs(text: str, message: str) -> None:
    checks = nodes(text, Kind.CHECK)
    assert checks
    assert any(message in c.attrs[0] for c in checks)
    assert all(c.attrs[0].endswith("(line 18)") for c in checks)


@pytest.mark.parametrize(("text", "_"), CHECKED)
def test_an_index_out_of_range_is_an_error(text: str, _: str) -> None:
    arrays = inputs()
    arrays["p"], arrays["tok"], arrays["q"] = arrays["p"] + 9, arrays["tok"] + 9, arrays["q"] + 9
    arrays["n"] = np.int64(9)
    with pytest.raises(UndefinedError):
        result(text, arrays, SIZES | {"n": 9})


def test_what_is_masked_is_not_read() -> None:
    arrays = inputs()
    arrays["p"] = np.array([0, 99, 3, -77, 99])
    found = result("f = sum(x[p[i]] for i in range(N) if p[i] >= 0 and p[i] < N)", arrays)
    assert np.isclose(found, arrays["x"][0] + arrays["x"][3])
    found = result("f = [x[p[i]] if 0 <= p[i] < N else s for i in range(N)]", arrays)
    np.testing.assert_allclose(found[[1, 3, 4]], arrays["s"])


def test_a_guard_is_the_condition_that_is_needed() -> None:
    takes = nodes("f = sum(x[i-1]*y[i] if i > 0 else 0 for i in range(N) if c[i])", Kind.TAKE)
    assert [t.operands[2].op for t in takes] == ["gt"]


def test_a_read_that_needs_no_guard_has_none() -> None:
    assert not nodes("f = sum(A[i, j] for i in range(N) if c[i] for j in range(i))", Kind.TAKE)


def test_index_names_are_kept_for_code() -> None:
    program = parse(DECLARED + "f = [sum(C[kk, dd] for dd in range(D)) for kk in range(K)]", "<test>")
    names = program.graph.index_names
    assert {names[a] for n in reachable([program.results[0][1].node]) for a in n.axes} == {"dd", "kk"}


def test_many_indices_are_read_quickly() -> None:
    terms = " + ".join(f"sum(x[i]*y[p[i] + i - {k}] for i in range({k}, N) if c[i])" for k in range(60))
    start = time.process_time()
    parse(DECLARED + f"f = {terms}", "<test>")
    assert time.process_time() - start < 5


def test_a_plain_file_takes_no_index_for_an_input() -> None:
    program = parse("f = sum(a*i**2 for i in range(5)) + b", "<test>")
    assert [a.name for a in program.arguments] == ["a", "b"]
