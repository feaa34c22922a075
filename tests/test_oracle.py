"""The oracle's loops, comprehensions, functions and derivatives, against the same text run by Python and NumPy."""

from __future__ import annotations

import ast
import builtins
import math
from collections.abc import Callable, Iterable
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

from gradcompile.verify.arrays import array, elementwise
from gradcompile.verify.fields import Clock, MpmathField, OutOfTimeError, SympyField, TooLargeError, UndefinedError
from gradcompile.verify.oracle import Oracle

ARRAYS: dict[str, Any] = {
    "x": np.array([0.5, -1.25, 2.0, 0.75]),
    "A": np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5], [0.25, 1.0, -2.0], [1.25, -0.75, 0.375]]),
    "k": np.array([2, 0, 3, 1]),
    "parent": np.array([-1, 0, 0, 2]),
    "u": np.array([0.25, -0.5, 1.0]),
    "s": np.float64(1.5),
    "n": 3,
    "flag": True,
}
SIZES = {"N": 4, "D": 3}


def reduced(function: Callable[..., Any]) -> Callable[..., Any]:
    """A NumPy reduction that takes a generator too."""

    def call(values: Any, *more: Any, **options: Any) -> Any:
        if isinstance(values, np.ndarray) or more:
            return function(values, *more, **options)
        return function(np.array(list(values)), axis=0, **options)

    return call


def largest(order: Any, pair: Any) -> Callable[..., Any]:
    return lambda first, *more, **options: pair(first, *more) if more else reduced(order)(first, **options)


SCOPE: dict[str, Any] = {
    **{name: getattr(np, name) for name in ("exp", "log", "sin", "tanh", "sqrt", "zeros", "ones", "dot", "where")},
    "sum": reduced(np.sum), "prod": reduced(np.prod), "mean": reduced(np.mean),
    "any": reduced(np.any), "all": reduced(np.all), "max": largest(np.max, np.maximum),
    "min": largest(np.min, np.minimum), "abs": abs, "norm": np.linalg.norm, "pi": math.pi,
    "logsumexp": reduced(np.logaddexp.reduce),
}  # fmt: skip


def oracle(text: str, sizes: dict[str, int] = SIZES, **inputs: Any) -> Any:
    """The formula's results by the oracle, as floats."""
    field = MpmathField()
    given = {n: elementwise(field.number, np.asarray(a, dtype=object)) for n, a in (ARRAYS | inputs).items()}
    with mpmath.workdps(30):
        results = Oracle(ast.parse(text), field, given, sizes).run()
    floats = [np.array(array(r), dtype=float) for r in results]
    return floats[0] if len(floats) == 1 else floats


def python(text: str) -> Any:
    """The same text, run by Python: the value of the name that it assigns last, or of `r`."""
    scope = SCOPE | {n: np.copy(a) if isinstance(a, np.ndarray) else a for n, a in ARRAYS.items()} | SIZES
    exec(text, scope)  # the test's own text
    return np.asarray(scope["r"], dtype=float)


def same(formula: str, plain: str = "") -> None:
    got, expected = oracle(formula), python(plain or formula)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=1e-14, atol=1e-15)


# Index notation


@pytest.mark.parametrize(
    "expression",
    [
        "sum(x[i] * x[i] for i in range(N))",
        "sum(A[i, j] * u[j] for i in range(N) for j in range(D))",
        "sum(sum(A[i, j] for j in range(D)) ** 2 for i in range(N))",
        "sum(x[i] * x[j] for i in range(N) for j in range(i))",
        "sum((x[i] - x[j])**2 for i in range(N) for j in range(N) if i != j)",
        "sum(A[i, j] for i in range(N) if x[i] > 0 for j in range(D) if A[i, j] > 0 if j < 2)",
        "max(A[i, 0] - x[i] for i in range(1, N))",
        "min(abs(A[i, j]) for i in range(N) for j in range(i, D))",
        "prod(1 + x[i] for i in range(N))",
        "mean(x[i] * i for i in range(N) if i % 2 == 0)",
        "logsumexp(A[i, j] for i in range(N) for j in range(D))",
        "any(x[i] > 1 for i in range(N))",
        "all(x[i] > 1 for i in range(N))",
        "sum(x[i] for i in range(N - 1, -1, -2))",
        "sum(x[i] * 10**i for i in range(0, N, 2))",
        "sum(x[i] for i in range(n))",
        "sum(x[k[i]] * (i + 1) for i in range(N))",
        "sum(x[k[k[i]]] * i for i in range(N))",
        "sum(A[i] for i in range(N))",
        "sum(x[i] * u for i in range(N))",
        "max(A[i] for i in range(N))",
        "mean(A[i, :] * x[i] for i in range(N))",
        "sum(max(x[i] * u[j] for j in range(D)) for i in range(N))",
        "sum(x[i + 1] - x[i] for i in range(N - 1))",
        "sum(x[-i - 1] * i for i in range(N))",
        "sum(x[i * (i + 1) // 2] for i in range(2))",
        "sum(x[i] if i > 0 else 7 for i in range(N))",
        "sum(x[i] * x[i - 1] if i > 0 and x[i - 1] < x[i] else s for i in range(N))",
        "sum(x[parent[i]] if parent[i] >= 0 else 0 for i in range(N))",
        "sum(1 for i in range(N) if 0 < i < N - 1)",
        "sum(1 for i in range(N) for j in range(N) for m in range(j) if i + j == m)",
        "sum(A[i, j] * (1 if i == j else 0) for i in range(N) for j in range(D))",
        "sum(s for i in range(0)) + prod(s for i in range(0))",
        "sum(u * x[i] for i in range(0))",
        "sum((x[i] for i in range(N)))",
        "[x[i]**2 for i in range(N)]",
        "[[A[i, j] if i > j else 0 for j in range(D)] for i in range(N)]",
        "[[[x[i] * u[j] * x[m] for m in range(N)] for j in range(D)] for i in range(N)]",
        "[sum(A[i, j] * u[j] for j in range(D)) for i in range(N)]",
        "[A[i] * x[i] for i in range(N)]",
        "[A[k[i], :] for i in range(N)]",
        "[x[i] for i in range(N) if i != n]",
        "[1 if x[i] > 0 else 0 for i in range(N)]",
        "sum(exp(x[i]) for i in range(N)) / sum(i for i in range(1, N))",
        "norm(A[0]) if flag else s",
        "s if 0 < s < 1 else 2 * s",
        "s if not flag or n > 2 else x[100]",
    ],
)
def test_comprehensions(expression: str) -> None:
    inner = expression.replace("sum(u * x[i] for i in range(0))", "zeros(3)")
    same(f"r = {expression}", f"r = {inner}")


def test_a_variable_of_a_comprehension_ends_with_it() -> None:
    same("i = 5\na = sum(i for i in range(N))\nr = a + i")


def test_nothing_has_a_shape() -> None:
    empty = {"N": 0, "D": 3}
    assert oracle("r = [[A[i, j] for j in range(D)] for i in range(N)]", empty).shape == (0, 3)
    assert oracle("r = sum(A[i] * u for i in range(N))", empty).shape == (3,)
    assert oracle("r = [[sum(u) + x[i] for j in range(D)] for i in range(N)] @ u", empty).shape == (0,)
    with pytest.raises(UndefinedError):
        oracle("r = max(x[i] for i in range(N))", empty)


def test_a_branch_that_is_not_taken_has_a_shape() -> None:
    assert oracle("r = s if s > 1 else u").tolist() == [1.5, 1.5, 1.5]
    assert oracle("r = s > 2 and u > 0").tolist() == [False] * 3


# Loops


@pytest.mark.parametrize(
    "text",
    [
        "r = 0\nfor i in range(N):\n    r = r + x[i]**2",
        "r = 0\nfor i in range(N):\n    r += x[i] * i",
        "r = zeros(3)\nfor i in range(N):\n    r = tanh(r + A[i] * u)",
        "a = s\nb = 1\nfor i in range(n):\n    a, b = b, a + b * s\nr = a",
        "r = s\nfor i in range(1000):\n    r = 0.5 * r + 1",
        "r = s\nfor i in range(N - 1, 0, -1):\n    r = r * x[i] + A[i, 0]",
        "r = 1\nfor i in range(N):\n    for j in range(i):\n        r = r * 0.5 + x[i] * x[j]",
        "r = u\nfor i in range(N):\n    r = [r[j] + A[i, j] for j in range(D)]",
        "r = x[0]\nfor i in range(1, N):\n    r = max(r, x[i])",
        "r = s\nt = 0\nwhile r > 0.1:\n    r = r / 3\n    t = t + 1\nr = r + t",
        "r = s\nfor i in range(N):\n    while abs(r) > 1:\n        r = r * 0.7\n    r = r + x[i]",
        "r = s\nwhile abs(r * r - 2) > 1e-12:\n    r = 0.5 * (r + 2 / r)",
        "r = zeros(4)\nfor i in range(N):\n    r[i] = x[i] ** 2",
        "r = zeros((4, 3))\nfor i in range(N):\n    r[i, :] = A[i] * x[i]",
        "r = zeros((4, 3))\nfor i in range(N):\n    r[i] = A[i] * x[i]\n    r[i, 1] += s",
        "r = zeros((4, 3))\nfor i in range(N):\n    for j in range(D):\n        "
        "r[i, j] += A[i, j] + (r[i - 1, j] if i > 0 else 0)",
        "r = zeros((4, 3))\nfor j in range(D):\n    r[:, j] = x * u[j]",
        "r = zeros(4)\nfor i in range(N):\n    r[k[i]] += x[i]\n    r[-1] = r[0]",
        "r = zeros(5)\nr[1:3] = x[:2]\nr[0] = s\nr[3:] *= s",
        "r = zeros((2, 3))\nr[0][1] = s",
        "r = ones(4)\nfor i in range(1, N):\n    r[i] = r[i - 1] * x[i]",
        "r = 0\nfor i in range(N):\n    a = x[i]\n    a *= a\n    r = r + a\nr = r + a + i",
        "r = 0\nfor i in range(0):\n    r = r + 1",
        "r = 0\nfor w, k in ((0.5, 1), (s, 2)):\n    r = r + w * x[k]",
        "r = u\nfor a in (s, u):\n    r = r * a",
        "def f(a, b=2, *, c=s):\n    t = a * b\n    return t + c\nr = f(s) + f(2, 3) + f(b=s, a=1) + f(1, c=0)",
        "def f(a):\n    t = 0\n    for i in range(N):\n        t = t + a * x[i]\n    return t, a\n"
        "p, q = f(s)\nr = p * q",
        "def f(a):\n    return a, 2 * a, u\np, q, v = f(s)\nr = p + q + f(1)[1] + f(s)[2][0] + v[1]",
        "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nr = fib(9) * s",
        "def P(n, t):\n    return 1 if n == 0 else t if n == 1 else "
        "((2 * n - 1) * t * P(n - 1, t) - (n - 1) * P(n - 2, t)) / n\nr = P(5, s)",
        "def g(a):\n    return a * s\ndef f(a):\n    return g(a) + g(g(a))\nr = sum(f(x[i]) for i in range(N))",
        "def f(a):\n    h = 0\n    while h < a:\n        h = h + 0.4\n    return h\nr = f(s) + f(2)",
        "r = 0\nfor i in range(N):\n    if x[i] > 0.6:\n        r = r + x[i]\n    elif i == 1:\n        r = -r\n"
        "    else:\n        r = 2 * r + 1",
        "i = 3\nr = 0\nfor i in range(2):\n    r = r + sum(i for i in range(N)) + i\nr = r + i",
    ],
)
def test_loops_and_functions(text: str) -> None:
    same(text)


FILLED = [
    ("r[0] = s\nfor t in range(1, N):\n    r[t] = tanh(r[t - 1]) + x[t]", "r = zeros(4)\n"),
    ("for t in range(N):\n    r[t] = x[t] + (r[t - 1] if t > 0 else 0)", "r = zeros(4)\n"),
    ("for t in range(N):\n    r[t] = x[t] + (r[parent[t]] if parent[t] >= 0 else s)", "r = zeros(4)\n"),
    ("r[0] = u\nfor t in range(N):\n    r[t + 1] = r[t] * A[t]", "r = zeros((5, 3))\n"),
    ("for i in range(N):\n    for j in range(D):\n        "
     "r[i, j] = A[i, j] + (r[i - 1, j] if i > 0 else 0)", "r = zeros((4, 3))\n"),
    ("for i in range(N):\n    r[i, :] = A[i] * x[i]", "r = zeros((4, 3))\n"),
    ("for j in range(D):\n    r[:, j] = x * u[j]", "r = zeros((4, 3))\n"),
    ("for t in range(N):\n    r[N - 1 - t] = x[t] + (r[N - t] if t > 0 else 0)", "r = zeros(4)\n"),
    ("r[0] = 1\nr[1] = s\nfor t in range(2, 6):\n    r[t] = sum(r[t - 2:t]) + r[0]", "r = zeros(6)\n"),
    ("h[0] = s\nfor t in range(N):\n    h[t + 1] = h[t] * x[t]\nr = h[-1] + sum(h)", "h = zeros(5)\n"),
    ("for t in range(N):\n    r[t] = x[t]\nfor t in range(N, 6):\n    r[t] = r[t - 1] + r[t - 4]", "r = zeros(6)\n"),
    ("def f(a):\n    for t in range(N):\n        h[t] = a * x[t]\n    return h\nr = f(s)", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "declared"), FILLED)
def test_arrays_that_a_loop_fills(text: str, declared: str) -> None:
    plain = text.replace("def f(a):\n", "def f(a):\n    h = zeros(4)\n") if not declared else declared + text
    same(text, plain)


@pytest.mark.parametrize(
    "text",
    [
        "for t in range(N):\n    r[t] = r[t - 1] + x[t]",
        "for t in range(N):\n    r[t] = r[t + 1] if t < N - 1 else 0",
        "for t in range(N):\n    r[t] = r[t] + 1",
        "r[0] = 1\nfor t in range(1, N):\n    r[t] = r[-1]",
        "r[0] = 1\nfor t in range(1, N):\n    r[t] = sum(r[1:])",
        "for t in range(0, N, 2):\n    h[t] = x[t]\nr = sum(h)",
        "for t in range(0, N, 2):\n    h[t] = x[t]\nr = h[1]",
        "r[0] = 1\nfor t in range(1, N):\n    r[t] = r[k[t]]",
        "r = x[4]",
        "r = sum(x[i + 1] for i in range(N))",
        "a = zeros(3)\nfor i in range(N):\n    a[i] = 1\nr = a",
        "r = 0\nwhile r < 1:\n    r = r * 1",
        "for t in range(0):\n    a = 1\nr = a",
        "r = sum(x[i] for i in range(0, N, n - 3))",
        "r = x[7] if s > 1 else 0",
        "h[-1] = 1\nr = h",
    ],
)
def test_what_python_cannot_carry_out_is_undefined(text: str) -> None:
    with pytest.raises(UndefinedError):
        oracle(text)


def test_arrays_are_values() -> None:
    text = "a = x\nb = a\nb[0] = 9\ndef f(v):\n    v[1] = 7\n    return v\nc = f(a)\nreturn a, b, c, x"
    x = ARRAYS["x"]
    a, b, c, after = oracle(text)
    assert a.tolist() == after.tolist() == x.tolist()
    assert b.tolist() == [9, *x[1:]]
    assert c.tolist() == [x[0], 7, *x[2:]]


def test_several_results_of_a_function() -> None:
    p, q = oracle("def f(a):\n    return a, 2 * a\nreturn f(s)")
    assert (p, q) == (1.5, 3.0)


def test_the_budget_holds_inside_loops() -> None:
    for text in ("r = 0\nfor i in range(10**9):\n    r = r + 1", "r = sum(i for i in range(10**9))"):
        with pytest.raises(OutOfTimeError):
            Oracle(ast.parse(text), MpmathField(Clock(0.2)), {}, {}).run()


# Symbols


def test_loops_over_symbols() -> None:
    x = np.array(sympy.symbols("x0 x1 x2", real=True), dtype=object)
    text = "h[0] = x[0]\nfor t in range(1, 3):\n    h[t] = h[t - 1] * x[t]\nr = sum(h[i] for i in range(3) if i != 1)"
    assert sympy.expand(Oracle(ast.parse(text), SympyField(), {"x": x}, {}).run()[0] - x[0] - x[0] * x[1] * x[2]) == 0


def test_a_filter_on_symbols() -> None:
    x = np.array(sympy.symbols("x0 x1", real=True), dtype=object)
    text = "r = sum(x[i] for i in range(2) if x[i] > 0)"
    found = Oracle(ast.parse(text), SympyField(), {"x": x}, {}).run()[0]
    assert found.subs({x[0]: 2, x[1]: -3}) == 2
    with pytest.raises(TooLargeError):
        Oracle(ast.parse("r = [x[i] for i in range(2) if x[i] > 0]"), SympyField(), {"x": x}, {}).run()


def test_a_loop_whose_end_depends_on_symbols() -> None:
    with pytest.raises(TooLargeError):
        Oracle(ast.parse("r = s\nwhile r > 1:\n    r = r / 2"), SympyField(), {"s": sympy.Symbol("s")}, {}).run()


# Kinks


def test_the_distance_to_a_kink_inside_a_loop() -> None:
    field = MpmathField()
    text = "r = s\nfor i in range(3):\n    r = max(r - 0.5, 0) + abs(r - 1.25)"
    Oracle(ast.parse(text), field, {"s": mpmath.mpf(1.375)}, {}).run()
    assert field.margin == 0.125


def test_the_test_of_an_iteration_is_not_near_a_kink_because_it_is_small() -> None:
    field = MpmathField()
    text = "r = s\nwhile abs(r * r - 2) > 1e-9:\n    r = 0.5 * (r + 2 / r)"
    Oracle(ast.parse(text), field, {"s": mpmath.mpf(1.5)}, {}).run()
    assert field.margin > 1e-3


# Derivatives


def central(f: Callable[[Any], Any], x: Any) -> np.ndarray[Any, Any]:
    """Central differences by plain floats: all partial derivatives, the axes of f(x) first."""
    x = np.asarray(x, dtype=float)
    y = np.asarray(f(x))
    result = np.empty(y.shape + x.shape)
    for p in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[p] += 1e-6
        down[p] -= 1e-6
        result[(..., *p)] = (np.asarray(f(up)) - np.asarray(f(down))) / 2e-6
    return result


def total(values: Iterable[float]) -> float:
    return builtins.sum(values)


DERIVED: list[tuple[str, Callable[[], Any]]] = [
    ("r = grad(sum(x[i]**3 for i in range(N)), x)", lambda: 3 * ARRAYS["x"] ** 2),
    ("y = s\nfor i in range(N):\n    y = tanh(y) * x[i] + y\nr = grad(y, s)",
     lambda: central(lambda s: python_loop(s, ARRAYS["x"]), 1.5)),
    ("y = s\nfor i in range(N):\n    y = tanh(y) * x[i] + y\nr = grad(y, x)",
     lambda: central(lambda x: python_loop(1.5, x), ARRAYS["x"])),
    ("y[0] = s\nfor i in range(N):\n    y[i + 1] = sin(y[i]) * x[i]\nz = sum(y**2)\nr = grad(z, y)",
     lambda: 2 * oracle("y[0] = s\nfor i in range(N):\n    y[i + 1] = sin(y[i]) * x[i]\nr = y")),
    ("r = jacobian([x[i]**2 * x[0] for i in range(N)], x)",
     lambda: central(lambda x: x**2 * x[0], ARRAYS["x"])),
    ("r = jacobian(A @ u, A)", lambda: central(lambda A: A @ ARRAYS["u"], ARRAYS["A"])),
    ("r = hessian(x[0]**2 * x[1] + exp(x[2] * x[3]), x)",
     lambda: central(lambda x: np.array([2 * x[0] * x[1], x[0]**2, *np.exp(x[2] * x[3]) * x[:1:-1]]), ARRAYS["x"])),
    ("r = jvp(x**2 * s, x, [1, 2, 3, 4])", lambda: 3 * ARRAYS["x"] * np.array([1, 2, 3, 4])),
    ("r = jvp(s**3, s, 2)", lambda: 6 * 1.5**2),
    ("r = grad(sum(stop_gradient(x) * x), x)", lambda: ARRAYS["x"]),
    ("g = grad(sum(x**3), x)\nr = grad(sum(g**2), x)", lambda: 36 * ARRAYS["x"] ** 3),
    ("g = grad(stop_gradient(s) * s**2, s)\nr = grad(g, s)", lambda: 3.0),
    ("def f(a):\n    return a**3\ndef d(a):\n    return grad(f(a), a)\nr = d(s) + d(2 * s)",
     lambda: 3 * 1.5**2 + 3 * 9.0),
    ("def f(a):\n    b = a * s\n    return grad(b**2, s)\nr = f(3)", lambda: 2 * 9 * 1.5),
    ("def f(a):\n    b = a * s\n    return grad(b**2, s)\nr = f(3 * s)", lambda: 36 * 1.5**3),
    ("def f(a):\n    b = a * s\n    return grad(b**2, b)\nr = f(3)", lambda: 2 * 3 * 1.5),
    ("def f(a, c=s):\n    return grad(a * c, s)\nw = 1\nfor i in range(2):\n    w = w * s\n    r = f(w)",
     lambda: 3 * 1.5**2),
    ("def g(b):\n    return grad(b * s, s)\ndef f(a):\n    return g(a * s)\nr = f(s)", lambda: 3 * 1.5**2),
    ("r = sum(grad(x[i]**2 * i, x)[i] for i in range(N))", lambda: total(2 * i * a for i, a in enumerate(ARRAYS["x"]))),
    ("w = s\nfor i in range(3):\n    l = (w - 2)**2\n    w = w - 0.1 * grad(l, w)\nr = w",
     lambda: 2 + (1.5 - 2) * 0.8**3),
    ("w = s\nfor i in range(2):\n    w = w - 0.1 * grad((w - 2)**2, w)\nr = grad(w, s)", lambda: 0.64),
    ("q = s\np = 1\ndef U(q):\n    return q**4\n"
     "for i in range(3):\n    p = p - 0.1 * grad(U(q), q)\n    q = q + 0.1 * p\nr = q",
     lambda: leapfrog(1.5)),
    ("q = s\np = 1\nfor i in range(3):\n    p = p - 0.1 * grad(q**4, q)\n    q = q + 0.1 * p\nr = grad(q, s)",
     lambda: central(leapfrog, 1.5)),
    ("y = 1\nfor i in range(2):\n    for j in range(2):\n        y = y * s\n        r = grad(y, s)",
     lambda: 4 * 1.5**3),
    ("y = s\nwhile grad(y**2, y) > 0.5:\n    y = y / 2\nr = grad(y, s)", lambda: 0.125),
    ("w = 2 * s\na = w * 3\nw = w * a\nr = grad(w, a)", lambda: 3.0),
    ("w = 2 * s\na = w * 3\nw = w * a\nr = grad(w * a, w)", lambda: 9.0),
    ("a, b = s, 2 * s\nc = a * b\nr = grad(c, a) + grad(c, b)", lambda: 4.5),
    ("y = zeros(3)\nfor i in range(D):\n    y[i] = s**i\nz = y @ y\nr = grad(z, s)", lambda: 2 * 1.5 + 4 * 1.5**3),
    ("y = s\nfor i in range(3):\n    if i > 0:\n        z = y * s\n        y = y + grad(z**2, y)\nr = grad(y, s)",
     lambda: central(lambda s: s * (1 + 2 * s**2) ** 2, 1.5)),
    ("r = [grad(exp(s * i), s) for i in range(3)]", lambda: [0, np.exp(1.5), 2 * np.exp(3.0)]),
    ("r = grad(grad(grad(s**4, s), s), s)", lambda: 24 * 1.5),
]  # fmt: skip


def python_loop(s: Any, x: Any) -> Any:
    y = s
    for value in x:
        y = np.tanh(y) * value + y
    return y


def leapfrog(q: Any) -> Any:
    p = 1.0
    for _ in range(3):
        p = p - 0.1 * 4 * q**3
        q = q + 0.1 * p
    return q


@pytest.mark.parametrize(("text", "expected"), DERIVED, ids=[t for t, _ in DERIVED])
def test_derivatives_as_values(text: str, expected: Callable[[], Any]) -> None:
    got, wanted = oracle(text), np.asarray(expected(), dtype=float)
    assert got.shape == wanted.shape
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("text", [t for t, _ in DERIVED if "while" not in t])
def test_derivatives_over_symbols(text: str) -> None:
    """SymPy's derivatives and central differences agree to many digits."""
    exact = SympyField()
    given = {n: elementwise(exact.number, np.asarray(a, dtype=object)) for n, a in ARRAYS.items()}
    found = array(Oracle(ast.parse(text), exact, given, SIZES).run()[0])
    symbolic = [mpmath.mpf(sympy.N(exact.thaw(sympy.sympify(v)), 30)) for v in found.reshape(-1)]
    np.testing.assert_allclose(np.array(symbolic, dtype=float), oracle(text).reshape(-1), rtol=1e-14, atol=1e-14)


def test_replays_leave_out_what_is_not_needed() -> None:
    """Twelve gradients of one loss: each replays the loss alone, not the gradients before it."""
    lines = ["l = sum(x**3)"] + [f"g{i} = grad(l, x)" for i in range(12)] + ["r = g11"]
    np.testing.assert_allclose(oracle("\n".join(lines)), 3 * ARRAYS["x"] ** 2)
