"""Loops, element assignment, causal filling and recursion: the graph of each formula against a plain Python loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.special import eval_legendre

from gradcompile import api
from gradcompile.errors import FormulaError
from gradcompile.ir.nodes import Kind, Node, reachable
from gradcompile.syntax import parse
from gradcompile.syntax.program import Program
from gradcompile.verify.evaluate import evaluate
from gradcompile.verify.fields import MpmathField

T, D = 6, 3
DRAW = np.random.default_rng(11)
ARRAYS: dict[str, Any] = {
    "x": DRAW.normal(size=T), "X": DRAW.normal(size=(T, D)), "W": 0.4 * DRAW.normal(size=(D, D)),
    "U": DRAW.normal(size=(T, 3)), "v": DRAW.normal(size=D), "a": 0.7, "n": 5, "none": 0,
    "parent": np.array([0, 0, 1, 1, 3, 2]), "root": np.array([-1, 0, 1, 1, -1, 2]),
    "two": np.array([[0, 0], [0, 0], [1, 0], [2, 1], [0, 3], [4, 2]]), "z": DRAW.normal(size=8),
}  # fmt: skip
DECLARED = """
x: Real[T]
X: Real[T, D]
W: Real[D, D]
U: Real[T, 3]
v: Real[D]
a: Real
n: Int
none: Int
parent: Int[T]
root: Int[T]
two: Int[T, 2]
z: Real[8]
"""
SIZES = {"T": T, "D": D, "n": 5, "none": 0}


def program(text: str) -> Program:
    return parse(DECLARED + text, "<test>")


def values(found: Program) -> list[np.ndarray[Any, Any]]:
    """Return the results as arrays of their full shapes."""
    arrays = []
    for _, value in found.results:
        assert set(value.node.axes) <= set(value.axes)
        (raw,) = evaluate([value.node], ARRAYS, SIZES, MpmathField())
        own = [a for a in value.axes if a in value.node.axes]
        raw = np.transpose(raw, [value.node.axes.index(a) for a in own])
        shape = tuple(s.evaluate(SIZES) for s in value.shape)
        spread = raw.reshape([n if a in own else 1 for a, n in zip(value.axes, shape, strict=True)])
        arrays.append(np.broadcast_to(spread, shape).astype(float))
    return arrays


class Inputs(dict[str, Any]):
    """The arrays as attributes, for the functions below."""

    __getattr__ = dict.__getitem__


IN = Inputs(ARRAYS)


def nodes(text: str) -> list[Node]:
    return reachable([value.node for _, value in program(text).results])


def kinds(text: str) -> list[Kind]:
    return [node.kind for node in nodes(text)]


def decayed(x: Any, factor: float = 0.5) -> np.ndarray[Any, Any]:
    """Return h[t] = factor*h[t-1] + x[t]."""
    h = np.zeros(np.shape(x))
    for t in range(len(h)):
        h[t] = (factor * h[t - 1] if t > 0 else 0) + x[t]
    return h


def rnn() -> Any:
    h = np.zeros(D)
    for t in range(T):
        h = np.tanh(IN.W @ h + IN.X[t])
    return h


def layers() -> Any:
    h, s = np.zeros((2, D)), 0.0
    for t in range(T):
        y = IN.X[t]
        for k in range(2):
            y = np.tanh(IN.W @ y + h[k])
            h[k] = y
        s += y.sum()
    return s


def strided() -> Any:
    s = 0.0
    for t in range(1, T, 2):
        s = s * 0.5 + IN.x[t]
    for t in range(T - 1, -1, -1):
        s = s * 0.5 + IN.x[t]
    return s


def triangular() -> Any:
    s = 0.0
    for i in range(T):
        for j in range(i):
            s = 0.9 * (s + IN.x[i] * IN.x[j])
    return s


def between() -> Any:
    s = 0.0
    for i in range(T):
        for j in range(i + 1, T):
            s = 0.9 * (s + IN.x[i] * IN.x[j])
    return s


def first_above() -> Any:
    s, seen = 0.0, False
    for t in range(T):
        s += 0 if seen else IN.x[t]
        seen = seen or IN.x[t] > 0.2
    return s


def counted() -> Any:
    return sum(IN.x[k] * k for k in range(1, T))


def inner_while() -> Any:
    return np.sqrt(2 + IN.x**2).sum()


LOOPS: dict[str, tuple[str, Callable[[], Any]]] = {
    "decay": ("s = 0\nfor t in range(T):\n    s = s*0.5 + x[t]", lambda: decayed(IN.x)[-1]),
    "matrix state": ("h = zeros(D)\nfor t in range(T):\n    h = tanh(W @ h + X[t])", rnn),
    "in place": ("h = zeros(D)\nfor t in range(T):\n    h += X[t]**2\n    h *= 0.5", lambda: decayed(IN.X**2 / 2)[-1]),
    "a scalar becomes a vector": ("s = 0\nfor t in range(T):\n    s = s + X[t]", lambda: IN.X.sum(0)),
    "several states": (
        "p, q = a, 2.0\nfor k in range(n):\n    p, q = q, p + q\nreturn q - 0*p",
        lambda: 5 * IN.a + 8 * 2.0,
    ),
    "layers inside time steps": (
        "h = zeros((2, D))\ns = 0\nfor t in range(T):\n    y = X[t]\n    for k in range(2):\n"
        "        y = tanh(W @ y + h[k])\n        h[k] = y\n    s = s + sum(y)\nreturn s",
        layers,
    ),
    "steps and backwards": (
        "s = 0\nfor t in range(1, T, 2):\n    s = s*0.5 + x[t]\nfor t in range(T-1, -1, -1):\n    s = s*0.5 + x[t]",
        strided,
    ),
    "a triangle": (
        "s = 0\nfor i in range(T):\n    for j in range(i):\n        s = 0.9*(s + x[i]*x[j])", triangular
    ),
    "the other triangle": (
        "s = 0\nfor i in range(T):\n    for j in range(i + 1, T):\n        s = 0.9*(s + x[i]*x[j])", between
    ),
    "an Int input": (
        "y = a\nfor k in range(n):\n    y = y*a + k", lambda: IN.a**6 + IN.a**3 + 2 * IN.a**2 + 3 * IN.a + 4
    ),
    "no step": ("y = a\nfor k in range(none):\n    y = y*2", lambda: IN.a),
    "last value": ("for t in range(T):\n    y = x[t]**2\nreturn y", lambda: IN.x[-1] ** 2),
    "value before counts without a step": ("y = a\nfor t in range(none):\n    y = 2.0\nreturn y", lambda: IN.a),
    "an integer state": ("k = 0\ns = 0\nfor t in range(T - 1):\n    k = k + 1\n    s += x[k]*k\nreturn s", counted),
    "a condition as state": (
        "seen = False\ns = 0\nfor t in range(T):\n    s += 0 if seen else x[t]\n"
        "    seen = seen or x[t] > 0.2\nreturn s",
        first_above,
    ),
    "a loop that is written out": (
        "s = 0\nfor k in range(2):\n    s = s + sum(sum(X, axis=k)**2)",
        lambda: (IN.X.sum(0) ** 2).sum() + (IN.X.sum(1) ** 2).sum(),
    ),
    "written out as sizes ask for it": (
        "s = z\nfor k in range(3):\n    s = s[:4//2**k] + s[4//2**k:]\nreturn s[0]", IN.z.sum
    ),
    "literals": (
        "s = a\nfor p, q in ((1, 2), (3, 4)):\n    s = s*p + q\nfor r in [x, 2*x]:\n    s = s + r[0]",
        lambda: (IN.a + 2) * 3 + 4 + 3 * IN.x[0],
    ),
    "while": ("y = a\nwhile abs(y*y - a) > 1e-12:\n    y = 0.5*(y + a/y)", lambda: IN.a**0.5),
    "while inside for": (
        "s = 0\nfor t in range(T):\n    y = 1.0\n    while abs(y*y - (2 + x[t]**2)) > 1e-12:\n"
        "        y = 0.5*(y + (2 + x[t]**2)/y)\n    s += y\nreturn s",
        inner_while,
    ),
    "an index notation inside": (
        "s = 0\nfor t in range(T):\n    s = 0.5*s + sum(x[i]*x[t] for i in range(t + 1))",
        lambda: decayed(np.cumsum(IN.x) * IN.x)[-1],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), LOOPS.values(), ids=LOOPS.keys())
def test_loop(text: str, wanted: Callable[[], Any]) -> None:
    np.testing.assert_allclose(values(program(text))[0], wanted(), rtol=1e-10)


def second_order() -> Any:
    h = np.zeros(T)
    h[:2] = IN.x[:2]
    for t in range(2, T):
        h[t] = 0.5 * h[t - 1] + h[t - 2] * IN.x[t]
    return h


def tree() -> Any:
    h = np.zeros(T)
    h[0] = IN.x[0]
    for t in range(1, T):
        h[t] = 2 * h[IN.parent[t]] + IN.x[t]
    return h


def forest() -> Any:
    h = np.zeros((T, D))
    for t in range(T):
        h[t] = (2 * h[IN.root[t]] if IN.root[t] >= 0 else 0) + IN.X[t]
    return h


def convolved() -> Any:
    h = np.zeros(T)
    for t in range(T):
        h[t] = IN.x[t] + sum(h[j] * IN.x[t - j] for j in range(t))
    return h


def driven() -> Any:
    h = np.zeros((T, D))
    for t in range(T):
        h[t] = np.tanh(IN.X[t] + (IN.W @ h[t - 1] if t > 0 else IN.v))
    return h


def coupled() -> Any:
    p, q = np.ones(T), np.zeros(T)
    for t in range(1, T):
        q[t] = q[t - 1] - 0.1 * p[t - 1]
        p[t] = p[t - 1] + 0.1 * q[t]
    return p + 2 * q


def gathered() -> Any:
    h = np.zeros(T)
    h[0] = IN.x[0]
    for t in range(1, T):
        h[t] = 0.5 * h[IN.two[t]].sum() + IN.x[t]
    return h


def of_parts() -> Any:
    h = np.zeros((T, 3))
    h[0] = IN.U[0]
    for t in range(1, T):
        h[t] = [h[t - 1, 0], h[t - 1][1] + IN.U[t, 1], h[0, 2]]
    return h


GUARDED = "for t in range(T):\n    h[t] = (0.5*h[t-1] if t > 0 else 0) + "
FILLED: dict[str, tuple[str, Callable[[], Any]]] = {
    "first element given": (
        "h[0] = x[0]\nfor t in range(1, T):\n    h[t] = 0.5*h[t-1] + x[t]\nreturn h", lambda: decayed(IN.x)
    ),
    "guarded": (GUARDED + "x[t]\nreturn h", lambda: decayed(IN.x)),
    "guarded rows": (GUARDED + "X[t]\nreturn h", lambda: decayed(IN.X)),
    "shifted index": (
        "h[0] = x[0]\nfor t in range(T-1):\n    h[t+1] = 0.5*h[t] + x[t+1]\nreturn h", lambda: decayed(IN.x)
    ),
    "last element": (GUARDED + "x[t]\nreturn h[T-1]", lambda: decayed(IN.x)[-1]),
    "two before": (
        "h[0] = x[0]\nh[1] = x[1]\nfor t in range(2, T):\n    h[t] = 0.5*h[t-1] + h[t-2]*x[t]\nreturn h", second_order
    ),
    "parents": ("h[0] = x[0]\nfor t in range(1, T):\n    h[t] = h[parent[t]]*2 + x[t]\nreturn h", tree),
    "parents or none": (
        "for t in range(T):\n    h[t] = (h[root[t]] if root[t] >= 0 else 0)*2 + X[t]\nreturn h", forest
    ),
    "all before": (
        "for t in range(T):\n    h[t] = x[t] + sum(h[j]*x[t-j] for j in range(t))\nreturn h", convolved
    ),
    "rows from rows": (
        "for t in range(T):\n    h[t, :] = tanh(X[t] + (W @ h[t-1] if t > 0 else v))\nreturn h", driven
    ),
    "two arrays": (
        "q[0] = 0.0\np[0] = 1.0\nfor t in range(1, T):\n    q[t] = q[t-1] - 0.1*p[t-1]\n    p[t] = p[t-1] + 0.1*q[t]\n"
        "return p + 2*q",
        coupled,
    ),
    "several elements at once": (
        "h[0] = x[0]\nfor t in range(1, T):\n    h[t] = sum(h[two[t]])*0.5 + x[t]\nreturn h", gathered
    ),
    "parts of rows": (
        "h[0] = U[0]\nfor t in range(1, T):\n    h[t] = [h[t-1, 0], h[t-1][1] + U[t, 1], h[0, 2]]\nreturn h", of_parts
    ),
    "changed again in the step": (
        "for t in range(T):\n    h[t] = x[t]\n    h[t] += 1\n    h[t] = 2*h[t]\nreturn h", lambda: 2 * IN.x + 2
    ),
    "element by element": ("h[0] = a\nh[1] = 2*a\nh[2] = h[0] + h[1]\nreturn h", lambda: IN.a * np.array([1, 2, 3])),
}  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), FILLED.values(), ids=FILLED.keys())
def test_filled(text: str, wanted: Callable[[], Any]) -> None:
    np.testing.assert_allclose(values(program(text))[0], wanted(), rtol=1e-10)


def assigned_slices() -> Any:
    b = IN.x * 2
    b[1:-1] = IN.x[2:]
    b[-1] = 7
    b[0] += 3
    b[::2] *= 2
    b[::-1][0] = 5
    return b


def assigned_matrix() -> Any:
    A = IN.U * 2
    A[1:-1, 0] = 5
    A[:, 1] = IN.U[:, 0]
    A[::2, 2] += 1
    A[0] = [1.0, 2.0, 3.0]
    A[..., 2] -= IN.x
    return A


def table() -> Any:
    d = np.zeros((T + 1, D + 1))
    d[1:, 0] = 1
    for i in range(1, T + 1):
        for j in range(1, D + 1):
            d[i, j] = min(d[i - 1, j], d[i, j - 1] + 1, d[i - 1, j - 1] + abs(IN.x[i - 1] - IN.v[j - 1]))
    return d


def cholesky() -> Any:
    return np.linalg.cholesky(IN.X.T @ IN.X + np.eye(D))


def small() -> Any:
    y = np.zeros(3)
    for _ in range(20):
        y[0] = y[0] + 0.1 * y[1]
        y[1] += IN.a - y[0]
        y[2] = y[0] * y[1]
    return y


def backwards() -> Any:
    b = np.zeros(T)
    b[T - 1] = IN.x[T - 1]
    for t in range(T - 2, -1, -1):
        b[t] = 0.5 * b[t + 1] * IN.x[t] + IN.x[t]
    return b


ASSIGNED: dict[str, tuple[str, Callable[[], Any]]] = {
    "each element": (
        "b = zeros(T)\nfor t in range(T):\n    b[t] = x[t]**2\n    q = b[t] + 1\n    b[t] += q\nreturn b",
        lambda: 2 * IN.x**2 + 1,
    ),
    "slices": (
        "b = x*2\nb[1:-1] = x[2:]\nb[-1] = 7\nb[0] += 3\nb[::2] *= 2\nb[T-1] = 5\nreturn b", assigned_slices
    ),
    "parts of a matrix": (
        "A = U*2\nA[1:-1, 0] = 5\nA[:, 1] = U[:, 0]\nA[::2, 2] += 1\nA[0] = [1., 2., 3.]\nA[..., 2] -= x\nreturn A",
        assigned_matrix,
    ),
    "a value keeps what it was": ("b = x*1\nc = b\nb[0] = 9\nreturn c", lambda: IN.x),
    "a table": (
        "d = zeros((T + 1, D + 1))\nd[1:, 0] = 1\nfor i in range(1, T + 1):\n    for j in range(1, D + 1):\n"
        "        d[i, j] = min(d[i-1, j], d[i, j-1] + 1, d[i-1, j-1] + abs(x[i-1] - v[j-1]))\nreturn d",
        table,
    ),
    "a factorisation": (
        "B = X.T @ X + eye(D)\nL = zeros((D, D))\nfor j in range(D):\n"
        "    L[j, j] = sqrt(B[j, j] - sum(L[j, k]**2 for k in range(j)))\n    for i in range(j + 1, D):\n"
        "        L[i, j] = (B[i, j] - sum(L[i, k]*L[j, k] for k in range(j)))/L[j, j]\nreturn L",
        cholesky,
    ),
    "few elements": (
        "y = zeros(3)\nfor k in range(20):\n    y[0] = y[0] + 0.1*y[1]\n    y[1] += a - y[0]\n"
        "    y[2] = y[0]*y[1]\nreturn y",
        small,
    ),
    "written out": (
        "A = zeros((3, 3))\nfor i in range(3):\n    for j in range(3):\n"
        "        A[i, j] = U[0, i]*U[1, j] + i\nreturn A",
        lambda: np.outer(IN.U[0], IN.U[1]) + np.arange(3)[:, None],
    ),
    "backwards": (
        "b = zeros(T)\nb[T-1] = x[T-1]\nfor t in range(T-2, -1, -1):\n    b[t] = 0.5*b[t+1]*x[t] + x[t]\nreturn b",
        backwards,
    ),
    "at an index of data": (
        "b = zeros(T)\nfor t in range(T):\n    b[parent[t]] += x[t]\nreturn b",
        lambda: np.bincount(IN.parent, IN.x, T),
    ),
    "from the end": (
        "b = zeros(T)\nfor t in range(T):\n    b[-1 - t] = x[t]\nreturn b", lambda: IN.x[::-1]
    ),
    "several targets": ("b = zeros(2)\nb[0], b[1] = a, 2*a\nreturn b", lambda: IN.a * np.array([1, 2])),
}  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), ASSIGNED.values(), ids=ASSIGNED.keys())
def test_assigned(text: str, wanted: Callable[[], Any]) -> None:
    np.testing.assert_allclose(values(program(text))[0], wanted(), rtol=1e-10)


def smoothed() -> Any:
    s = np.zeros(D)
    for t in range(T):
        s = 0.5 * s + decayed(IN.X[t], 0.3)
    return s


def iterated(a: float, n: int) -> float:
    y = a
    for _ in range(n):
        y = y * y / 3 + a
    return y


MINORS = """
def minors(M, k):
    if k == 1:
        return M[0, 0]
    s = 0
    for j in range(k):
        s = s + (-1)**j * M[0, j] * minors(concatenate([M[1:, :j], M[1:, j+1:]], axis=1), k - 1)
    return s
return minors(reshape(concatenate([z, z**2]), (4, 4)), 4)
"""
LEGENDRE = """
def P(k, y):
    if k == 0:
        return 1
    elif k == 1:
        return y
    return ((2*k - 1)*y*P(k - 1, y) - (k - 1)*P(k - 2, y))/k
return P(5, a)
"""
PRODUCT = """
def product(y, low, high):
    middle = (low + high)//2
    return y[low] if high - low == 1 else product(y, low, middle) * product(y, middle, high)
return product(z, 0, 8)
"""
FUNCTIONS: dict[str, tuple[str, Callable[[], Any]]] = {
    "defaults, names, several results": (
        "c = 2.0\ndef both(u, w=3, *, k=c):\n    return u + w, u*w*k\ndef f(u):\n    p, q = both(u, k=5)\n"
        "    r, s = both(w=4, u=u)\n    return p*q + r*s\nreturn f(a)",
        lambda: (IN.a + 3) * IN.a * 15 + (IN.a + 4) * IN.a * 8,
    ),
    "a filled array inside, in a loop": (
        "def smooth(y, b):\n    for i in range(D):\n        h[i] = (b*h[i-1] if i > 0 else 0) + y[i]\n    return h\n"
        "s = zeros(D)\nfor t in range(T):\n    s = 0.5*s + smooth(X[t], 0.3)\nreturn s",
        smoothed,
    ),
    "a loop inside, in index notation": (
        "def g(u, m):\n    y = u\n    for k in range(m):\n        y = y*y/3 + u\n    return y\n"
        "return sum(g(x[t]/4, 6)*t for t in range(T))",
        lambda: sum(iterated(IN.x[t] / 4, 6) * t for t in range(T)),
    ),
    "a variable of the file, as it is in the loop": (
        "c = a\ndef f(u):\n    return u*c\ns = 0\nfor t in range(T):\n    s = s + f(x[t])\n    c = c*0.5\nreturn s",
        lambda: sum(IN.x[t] * IN.a * 0.5**t for t in range(T)),
    ),
    "minors": (
        MINORS, lambda: np.linalg.det(np.concatenate([IN.z, IN.z**2]).reshape(4, 4))
    ),
    "Legendre": (LEGENDRE, lambda: eval_legendre(5, IN.a)),
    "a product tree": (PRODUCT, IN.z.prod),
    "two that call each other": (
        "def even(k, y):\n    return y if k == 0 else 2*odd(k - 1, y)\n"
        "def odd(k, y):\n    return 1 + y if k == 0 else even(k - 1, y) + 1\nreturn even(5, a)",
        lambda: 2 * (2 * (2 * (1 + IN.a) + 1) + 1),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), FUNCTIONS.values(), ids=FUNCTIONS.keys())
def test_function(text: str, wanted: Callable[[], Any]) -> None:
    np.testing.assert_allclose(values(program(text))[0], wanted(), rtol=1e-10)


def test_recursion_shares_what_it_calls_again() -> None:
    start = time.process_time()
    found = program("def fib(k):\n    return a if k < 2 else fib(k - 1) + fib(k - 2)\nreturn fib(200)")
    assert time.process_time() - start < 2
    assert len(reachable([found.results[0][1].node])) < 220


def test_a_loop_stays_a_loop() -> None:
    text = "s = 0\nfor t in range({}):\n    s = s*a + 1\nreturn s"
    assert len(nodes(text.format("10"))) == len(nodes(text.format("1_000_000")))
    assert kinds(text.format("T")).count(Kind.RECURRENCE) == 1
    assert Kind.RECURRENCE not in kinds(text.format("4"))


def test_nested_loops_are_nested_recurrences() -> None:
    text = "s = 0\nfor i in range(T):\n    for j in range(D):\n        s = s*a + x[i]*v[j]\nreturn s"
    found = [n for n in nodes(text) if n.kind is Kind.RECURRENCE]
    assert sorted(n.attrs[2] for n in found) == [0, 1]


def test_what_is_proved_is_not_checked() -> None:
    assert Kind.CHECK not in kinds(FILLED["all before"][0])
    assert Kind.CHECK not in kinds(FILLED["two before"][0])
    assert Kind.CHECK not in kinds(ASSIGNED["a table"][0])
    assert kinds(FILLED["parents"][0]).count(Kind.CHECK) == 1


def test_a_filled_array_of_first_order_carries_a_row() -> None:
    carries = [n for n in nodes(GUARDED + "x[t]\nreturn h") if n.kind is Kind.CARRY]
    assert [n.axes for n in carries] == [()]


def test_steps_of_a_while_are_called_as_nothing_else() -> None:
    found = program("steps_1 = a\nwhile steps_1 > 0.1:\n    steps_1 = steps_1/2\nreturn steps_1")
    (loop,) = (n for n in reachable([found.results[0][1].node]) if n.kind is Kind.RECURRENCE)
    assert str(loop.attrs[0].extent) == "steps_2"


def test_requirements_of_ranges() -> None:
    found = program("h[0] = x[0]\nfor t in range(1, T):\n    h[t] = h[t-1]*2\nreturn h")
    assert ("T - 1", ">=", "0") in {(str(r.left), r.relation, str(r.right)) for r in found.requirements}


def test_a_written_out_loop_that_fails_says_why_in_its_step() -> None:
    with pytest.raises(FormulaError, match="there is no axis 2"):
        program("s = 0\nfor k in range(3):\n    s = s + sum(sum(X, axis=k))")


def test_deep_recursion() -> None:
    (result,) = values(program("def f(k):\n    return 0 if k == 0 else f(k - 1) + k*a\nreturn f(900)"))
    np.testing.assert_allclose(result, 900 * 901 / 2 * IN.a)


STEPS = np.linspace(-0.8, 1.1, 5)
PROGRAMS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "garch": (
        "r: Real[T]\nw: Param\na: Param\nb: Param\ns = w\nl = 0\nfor t in range(T):\n    l += log(s) + r[t]**2/s\n"
        "    s = w + a*r[t]**2 + b*s\nreturn l",
        (STEPS, 0.1, 0.2, 0.7),
    ),
    "filled": (
        "x: Param[T]\nh[0] = x[0]\nh[1] = x[1]\nfor t in range(2, T):\n    h[t] = 0.5*h[t-1] + h[t-2]*x[t]\n"
        "return sum(h**2)",
        (STEPS,),
    ),
    "parents": (
        "x: Param[T]\np: Int[T]\nh[0] = x[0]\nfor t in range(1, T):\n    h[t] = h[p[t]]*2 + x[t]\nreturn sum(h**2)",
        (STEPS, np.array([0, 0, 1, 0, 2])),
    ),
    "a triangle": (
        "x: Param[T]\ns = 0\nfor i in range(T):\n    for j in range(i):\n        s = 0.9*(s + x[i]*x[j])\nreturn s",
        (STEPS,),
    ),
    "an equation of higher order": (
        "x: Param[T]\nb = zeros(T)\nb[T-1] = x[T-1]\nfor t in range(T-2, -1, -1):\n    b[t] = 0.5*b[t+1]*x[t] + x[t]\n"
        "return sum(b**2)",
        (STEPS,),
    ),
    "slices": (
        "x: Param[T]\nb = x*2\nb[1:-1] = x[2:]*x[1:-1]\nb[0] += x[1]\nreturn sum(b**2)",
        (STEPS,),
    ),
    "Newton's steps": (
        "c: Param\ny = c\nwhile abs(y*y - c) > 1e-9:\n    y = 0.5*(y + c/y)\nreturn y",
        (3.0,),
    ),
    "gradient descent": (
        "w: Param\nx: Real[T]\np = w\nfor t in range(T):\n    e = (p*x[t] - 1)**2\n    p = p - 0.1*grad(e, p)\n"
        "return p**2",
        (0.4, STEPS),
    ),
    "a pendulum": (
        "q: Param\nk: Param\ndef f(y):\n    return [y[1], -k*sin(y[0])]\ny = [q, 0.0]\nfor t in range(50):\n"
        "    m = y + 0.05*f(y)\n    y = y + 0.1*f(m)\nreturn y[0]",
        (0.3, 2.0),
    ),
}  # fmt: skip


def differences(module: Any, arguments: tuple[Any, ...], place: int, step: float = 1e-6) -> np.ndarray[Any, Any]:
    """Return central differences of a module's value with respect to one argument."""
    at = np.asarray(arguments[place], dtype=float)
    found = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        ends = []
        for sign in (1, -1):
            moved = at.copy()
            moved[index] += sign * step
            one: Any = moved if moved.shape else float(moved)
            ends.append(module.value(*arguments[:place], one, *arguments[place + 1 :]))
        found[index] = (ends[0] - ends[1]) / (2 * step)
    return found


@pytest.mark.parametrize(("text", "arguments"), PROGRAMS.values(), ids=PROGRAMS.keys())
@pytest.mark.parametrize("target", ["numpy", pytest.param("numba", marks=pytest.mark.slow)])
def test_gradient(target: str, text: str, arguments: tuple[Any, ...]) -> None:
    compiled = api.compile(text, target=target, verify=False)
    assert compiled.module is not None
    _, gradient = compiled.module.value_and_grad(*arguments)
    names = [a.name for a in compiled.program.arguments]
    for name, found in gradient._asdict().items():
        wanted = differences(compiled.module, arguments, names.index(name))
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", ["garch", "filled", "parents", "a triangle", "slices", "Newton's steps"])
def test_verified(name: str) -> None:
    compiled = api.compile(PROGRAMS[name][0], target="numpy", verify_seconds=6)
    assert compiled.certificate is not None
    assert any(verdict in ("proved", "agrees") for _, verdict, _ in compiled.certificate.rows)


@pytest.mark.parametrize("target", ["numpy", "numba"])
def test_reading_what_is_not_filled_is_an_error(target: str) -> None:
    compiled = api.compile(PROGRAMS["parents"][0], target=target, verify=False)
    assert compiled.module is not None
    with pytest.raises(IndexError, match=r"h\[3\] is read before it is filled; filled so far: 2 \(line 4\)"):
        compiled.module.value(STEPS, np.array([0, 0, 3, 0, 2]))


@pytest.mark.parametrize("target", ["numpy", "numba"])
def test_an_endless_while_is_an_error(target: str) -> None:
    compiled = api.compile(PROGRAMS["Newton's steps"][0], target=target, verify=False, max_steps=50)
    assert compiled.module is not None
    with pytest.raises(RuntimeError, match="50"):
        compiled.module.value(-1.0)


@pytest.mark.parametrize("target", ["numpy", pytest.param("numba", marks=pytest.mark.slow)])
def test_a_state_is_read_before_it_changes_where_the_sum_that_reads_it_is_written_later(target: str) -> None:
    text = "P: Real[N, N]\nX: Real[T, N, N]\nS, B = P, P.T\nfor t in range(T):\n    new = S + X[t]\n"
    text += "    B = B @ solve(P, S) + S @ B\n    S = new\nf = sum(tanh(B)) + sum(S)\n"
    module: Any = api.compile(text, target=target, emit=["value"], verify=False).module
    P, X = ARRAYS["W"], DRAW.normal(size=(3, D, D))
    S, B = P, P.T
    for t in range(3):
        S, B = S + X[t], B @ np.linalg.solve(P, S) + S @ B
    np.testing.assert_allclose(module.value(P, X), np.sum(np.tanh(B)) + np.sum(S), rtol=1e-9)
