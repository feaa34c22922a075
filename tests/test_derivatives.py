"""Derivatives inside formulas against what they are by hand, evaluated on the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcompile.errors import FormulaError
from gradcompile.syntax import parse
from gradcompile.syntax.program import Value
from gradcompile.verify.evaluate import evaluate
from gradcompile.verify.fields import MpmathField

N, M, T = 4, 3, 5
SIZES = {"N": N, "M": M, "T": T}

DECLARED = """
x: Real[N]
v: Real[N]
u: Real[M]
W: Real[M, N]
A: Real[N, N]
col: Real[N, 1]
z: Real[T]
a: Real
b: Real
p: Int[N]
"""


class Inputs(dict[str, Any]):
    """The arrays by name, as attributes for the lambdas below."""

    __getattr__ = dict.__getitem__


def inputs() -> Inputs:
    """Return arrays for all that is declared."""
    draw = np.random.default_rng(5)
    shapes: dict[str, tuple[int, ...]] = {
        "x": (N,), "v": (N,), "u": (M,), "W": (M, N), "A": (N, N), "col": (N, 1), "z": (T,), "a": (), "b": (),
    }  # fmt: skip
    arrays: dict[str, Any] = {name: draw.uniform(0.3, 1.5, shape) for name, shape in shapes.items()}
    arrays["p"] = np.array([2, 0, 3, 2])
    return Inputs(arrays)


def full(value: Value, arrays: dict[str, Any]) -> Any:
    """Return a value as an array of its full shape."""
    (raw,) = evaluate([value.node], arrays, SIZES, MpmathField())
    own = [a for a in value.axes if a in value.node.axes]
    raw = np.transpose(raw, [value.node.axes.index(a) for a in own])
    shape = tuple(s.evaluate(SIZES) for s in value.shape)
    spread = raw.reshape([m if a in own else 1 for a, m in zip(value.axes, shape, strict=True)])
    return np.broadcast_to(spread, shape).astype(float)


def one_by_one(step: Callable[[Any], Any], x: Any) -> Any:
    """Return a Jacobian by complex steps."""
    x, columns = np.asarray(x), []
    for i in range(x.size):
        moved = x.astype(complex).ravel()
        moved[i] += 1e-30j
        columns.append(np.imag(step(moved.reshape(x.shape))) / 1e-30)
    return np.stack(columns, -1).reshape((*np.shape(columns[0]), *x.shape))


CASES: list[tuple[str, Callable[[Inputs], Any]]] = [
    # grad
    ("grad(sum(x[i]**3 for i in range(N)), x)", lambda q: 3 * q.x**2),
    ("grad(sum(x[p[i]]*x[i] for i in range(N)), x)",
     lambda q: q.x[q.p] + np.array([sum(q.x[q.p == j]) for j in range(N)])),
    ("grad(sum(x[i]*x[i-1] for i in range(1, N)), x)", lambda q: np.r_[q.x[1:], 0] + np.r_[0, q.x[:-1]]),
    ("grad(sum(x[i]*x[j] for i in range(N) for j in range(i)), x)", lambda q: q.x.sum() - q.x),
    ("grad(max((x[i] - v[i])**2 for i in range(N)), x)",
     lambda q: 2 * (q.x - q.v) * (np.arange(N) == np.argmax((q.x - q.v) ** 2))),
    ("grad(max(A), A)", lambda q: (q.A.max() == q.A).astype(float)),
    ("f, g = grad(a*b**2, (a, b))\nf + 10*g", lambda q: q.b**2 + 20 * q.a * q.b),
    ("y = a*b\nw = y*a\ng, h = grad(w*y, (y, a))\ng + 10*h", lambda q: 2 * q.a * q.a * q.b + 30 * q.a**2 * q.b**2),
    ("sum(grad(sum(tanh(W @ x)), x)**2)", lambda q: sum((q.W.T @ (1 - np.tanh(q.W @ q.x) ** 2)) ** 2)),
    ("grad(sum(grad(sum(x**3), x)**2), x)", lambda q: 36 * q.x**3),
    ("grad(grad(grad(a**5, a), a), a)", lambda q: 60 * q.a**2),
    ("grad(sum(x[i]*grad(sum(x**2), x)[i] for i in range(N)), x)", lambda q: 4 * q.x),
    ("grad(a * stop_gradient(a**2), a)", lambda q: q.a**2),
    ("y = x**2\ngrad(sum(stop_gradient(y)*y), y)", lambda q: q.x**2),
    # the others
    ("jvp(x**2, x, v)", lambda q: 2 * q.x * q.v),
    ("jvp(tanh(W @ x), x, v)", lambda q: (1 - np.tanh(q.W @ q.x) ** 2) * (q.W @ q.v)),
    ("jvp(a**3, a, 2.0)", lambda q: 6 * q.a**2),
    ("jvp(sum(grad(sum(x**3), x) * v), x, v)", lambda q: (6 * q.x * q.v * q.v).sum()),
    ("jvp(grad(sum(x**3), x), x, v)", lambda q: 6 * q.x * q.v),
    ("jvp(v, x, v)", lambda q: 0 * q.v),
    ("vjp(tanh(W @ x), x, u)", lambda q: q.W.T @ (q.u * (1 - np.tanh(q.W @ q.x) ** 2))),
    ("f, g = vjp(W @ x, (x, W), u)\nsum(f) + sum(g)", lambda q: (q.W.T @ q.u).sum() + np.outer(q.u, q.x).sum()),
    ("vjp(ones(M), x, u)", lambda q: 0 * q.x),
    ("vjp([a, b, a*b], a, x[:3])", lambda q: q.x[0] + q.b * q.x[2]),
    ("grad(a*b**2, [a, b])", lambda q: np.array([q.b**2, 2 * q.a * q.b])),
    ("jacobian(W @ x, x)", lambda q: q.W),
    ("jacobian(x**2, x)", lambda q: np.diag(2 * q.x)),
    ("jacobian(tanh(W @ x), x)", lambda q: (1 - np.tanh(q.W @ q.x) ** 2)[:, None] * q.W),
    ("jacobian(W @ x, W)", lambda q: np.einsum("ik,j->ikj", np.eye(M), q.x)),
    ("jacobian(A @ A, A)", lambda q: one_by_one(lambda A: A @ A, q.A)),
    ("jacobian(a*b, a)", lambda q: q.b),
    ("jacobian(a*x, a)", lambda q: q.x),
    ("jacobian(sum(x**2), x)", lambda q: 2 * q.x),
    ("jacobian(cumsum(x)**2, x)", lambda q: 2 * np.cumsum(q.x)[:, None] * np.tri(N)),
    ("jacobian(softmax(x), x)", lambda q: one_by_one(lambda x: np.exp(x) / np.exp(x).sum(), q.x)),
    ("jacobian(col**2, col)", lambda q: one_by_one(lambda c: c**2, q.col)),
    ("jacobian(x[p], x)", lambda q: np.eye(N)[q.p]),
    ("jacobian(solve(A + 5*eye(N), x), x)", lambda q: np.linalg.inv(q.A + 5 * np.eye(N))),
    ("y = exp(x)\njacobian(y * sum(y), y)", lambda q: np.exp(q.x)[:, None] + np.exp(q.x).sum() * np.eye(N)),
    ("hessian(sum(x**3), x)", lambda q: np.diag(6 * q.x)),
    ("hessian(x @ A @ x, x)", lambda q: q.A + q.A.T),
    ("hessian(a**4, a)", lambda q: 12 * q.a**2),
    ("hessian(a*b, a)", lambda q: 0),
    ("hessian(logsumexp(x), x)",
     lambda q: one_by_one(lambda x: np.exp(x) / np.exp(x).sum(), q.x)),
    ("x - solve(hessian(sum(exp(x)) + sum(x)**2, x), grad(sum(exp(x)) + sum(x)**2, x))",
     lambda q: q.x - np.linalg.solve(np.diag(np.exp(q.x)) + 2, np.exp(q.x) + 2 * q.x.sum())),
    ("trace(hessian(sum(x**4), x))", lambda q: 12 * sum(q.x**2)),
    ("sum(jacobian(W @ x, x)[i, i] for i in range(M)) if M <= N else 0", lambda q: np.trace(q.W)),
    # inside index notation
    ("y = x**2\n[[grad(y[i]**2*x[j], y)[j] for j in range(N)] for i in range(N)]",
     lambda q: np.diag(2 * q.x**3)),
    ("[grad(sum(x**2)*v[i], x)[i] for i in range(N)]", lambda q: 2 * q.x * q.v),
    ("[grad(a**2*v[i], a) for i in range(N)]", lambda q: 2 * q.a * q.v),
    ("[grad(sum(A[i, j]*x[j]**2 for j in range(N)), x) for i in range(N)]", lambda q: 2 * q.A * q.x),
    ("[grad(x[i]**3, x)[i] for i in range(N)]", lambda q: 3 * q.x**2),
    ("[jvp(x[i]*x[0], x, v) for i in range(N)]", lambda q: q.v * q.x[0] + q.x * q.v[0]),
    ("[vjp(x*v[i], x, v)[i] for i in range(N)]", lambda q: q.v**2),
    ("sum(hessian(x[i]**3, x)[i, i] for i in range(N))", lambda q: 6 * q.x.sum()),
    ("sum(sum(jacobian(x*v[i], x)) for i in range(N))", lambda q: N * q.v.sum()),
    ("def f(s):\n    return grad(s**3*a, s)\n[f(x[i]) for i in range(N)]", lambda q: 3 * q.x**2 * q.a),
    ("def f(s, t):\n    return grad(s**3*t, s)\n[[f(x[i], v[j]) for j in range(N)] for i in range(N)]",
     lambda q: 3 * q.x[:, None] ** 2 * q.v),
    # inside functions
    ("def f(s):\n    t = s**2\n    w = t*s\n    return grad(w*t, t)\nf(a)", lambda q: 2 * q.a**3),
    ("def f(s):\n    return grad(sum(s**2)*a, s)\nf(x)", lambda q: 2 * q.x * q.a),
    ("y = exp(x)\ndef f(s):\n    return grad(sum(y**2)*s, y)\nf(a)", lambda q: 2 * np.exp(q.x) * q.a),
    ("y = exp(x)\nw = y*2\ndef f():\n    return grad(sum(w*y), y)\nf()", lambda q: 4 * np.exp(q.x)),
    ("y = a*b\ndef g(t):\n    return t*y\ndef f(s):\n    h = g(y)\n    return grad(h*s, y)\nf(a)",
     lambda q: 2 * q.a * q.b * q.a),
    ("y = exp(x)\ndef f(s):\n    return grad(s*sum(y), y)\nf(y[0])",
     lambda q: np.exp(q.x[0]) + np.exp(q.x).sum() * np.eye(N)[0]),
    ("y = a*b\nc = y**2\nw = a*b\ndef f(s, t=y):\n    r = s*t\n    return grad(r*y, y)\nf(c) + 10*f(w) + 100*f(w, t=w)",
     lambda q: 4 * (q.a * q.b) ** 3 + 20 * (q.a * q.b) ** 2 + 100 * (q.a * q.b) ** 2),
    ("y = a*b\ndef g(s):\n    return grad(s**2, y)\ndef f(s):\n    return g(s*y)\nf(y)",
     lambda q: 4 * (q.a * q.b) ** 3),
    ("y = x*a\ndef f(s):\n    return grad(s*s, y)\nsum(f(y[i]*y[i])[i] for i in range(N))",
     lambda q: 4 * sum((q.x * q.a) ** 3)),
    ("y = a*b\ndef f(y):\n    return grad(y**2, y)\nf(b)", lambda q: 2 * q.b),
    ("def f(s):\n    return grad(s*a, a)\nf(a)", lambda q: 2 * q.a),
    ("def f(s):\n    return s - grad(s**3, s)/hessian(s**3, s)\nf(f(a))", lambda q: q.a / 4),
    # loops
    ("w = a\nfor k in range(6):\n    w = w - 0.1*grad((w - b)**2, w)\nw", lambda q: q.b + (q.a - q.b) * 0.8**6),
    ("w = x\nfor k in range(T):\n    g = z[k]*w\n    w = w - 0.1*grad(sum(g*w), w)\nw",
     lambda q: q.x * np.prod(1 - 0.2 * q.z)),
    ("h = a\nfor t in range(T):\n    h = h*b + z[t]\ngrad(h, b)",
     lambda q: one_by_one(lambda b: sum(q.z[t] * b ** (T - 1 - t) for t in range(T)) + q.a * b**T, q.b)),
    ("h = a\nfor t in range(T):\n    h = h*b\njvp(h, b, 1.0) + grad(h, a)", lambda q: T * q.a * q.b**4 + q.b**T),
    ("s = a*b\nh = 0.0\nfor t in range(T):\n    h = h + s*z[t]*h + s\ngrad(h, s)",
     lambda q: one_by_one(lambda s: _run(s, q.z), q.a * q.b)),
    ("h = x\nfor t in range(T):\n    h = tanh(h*z[t])\njacobian(h, x)", lambda q: np.diag(_slopes(q.x, q.z))),
]  # fmt: skip


def _run(s: Any, z: Any) -> Any:
    h = 0.0
    for t in range(T):
        h = h + s * z[t] * h + s
    return h


def _slopes(x: Any, z: Any) -> Any:
    slope = np.ones(N)
    for t in range(T):
        x = np.tanh(x * z[t])
        slope = slope * z[t] * (1 - x**2)
    return slope


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_by_hand(text: str, expected: Callable[[Inputs], Any]) -> None:
    *lines, last = text.split("\n")
    program = parse("\n".join([DECLARED, *lines, f"result = {last}"]), "<test>")
    arrays = inputs()
    found, wanted = full(program.results[0][1], arrays), np.asarray(expected(arrays), dtype=float)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_a_derivative_may_be_claimed() -> None:
    claims = "f = sum(x**3)\nassert hessian(f, x) == 6*diag(x)\nassert jvp(f, x, v) == 3*x**2 @ v"
    program = parse(DECLARED + claims, "<test>")
    for claim in program.claims:
        np.testing.assert_allclose(full(claim.left, inputs()), full(claim.right, inputs()), rtol=1e-12)


def test_a_state_of_a_loop_has_a_past() -> None:
    text = "w = a*b\nh = 1.0\nfor t in range(T):\n    g = h*w\n    h = h + grad(g*g, w)\n"
    with pytest.raises(FormulaError, match="reads a state of the loop, which depends on `w`"):
        parse(DECLARED + text, "<test>")
