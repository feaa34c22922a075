"""The oracle, the proofs, and the certificate of whole modules."""

from __future__ import annotations

import ast

import mpmath
import numpy as np
import pytest
import sympy

from gradcompile.emit.load import load
from gradcompile.emit.module import assemble
from gradcompile.pipeline import run_passes
from gradcompile.syntax import parse
from gradcompile.verify import Certificate, samples, verify
from gradcompile.verify.arrays import array, elementwise
from gradcompile.verify.fields import Clock, MpmathField, SympyField, TooLargeError, UndefinedError
from gradcompile.verify.identity import proved_equal
from gradcompile.verify.oracle import Oracle

SLOW = pytest.mark.slow
x, y, z = sympy.symbols("x y z", real=True)
p, q = sympy.symbols("p q", positive=True)


def certify(text: str, seconds: float = 60.0, functions: tuple[str, ...] = ("value", "value_and_grad")) -> Certificate:
    program = parse(text, "verified.formula", name="verified")
    scalar = len(program.results) == 1 and not program.results[0][1].axes
    unit = run_passes(program, gradient=scalar)
    functions = functions if scalar else ("value",)
    source = assemble(program, unit, "numpy", functions, "")
    return verify(program, unit, source, load(source, "verified"), functions=functions, seconds=seconds)


# The oracle


ARRAYS = {
    "X": np.array([[0.5, -1.25, 2.0], [1.5, 0.75, -0.5]]),
    "v": np.array([0.25, -1.5, 0.75]),
    "k": np.array([2, 0, 1]),
    "s": np.float64(1.5),
}


@pytest.mark.parametrize(
    "expression",
    [
        "X @ v", "X.T @ X", "X[:, 1:]", "X[::-1, -1]", "X[:, k]", "X[None, ..., 0]", "X - mean(X, axis=0)",
        "sum(X, axis=(0, 1))", "sum(X, axis=-1, keepdims=True)", "max(X, axis=1)", "max(X, 0)", "min(X)",
        "argmax(X, axis=1)", "outer(v, v)", "diag(v)", "diag(X @ X.T)", "trace(X @ X.T)", "dot(v, v)",
        "reshape(X, (3, 2))", "concatenate([v, v[:2]])", "concatenate([X, X], axis=1)", "stack([v, 2 * v], axis=1)",
        "cumsum(X, axis=1)", "cumprod(v)", "var(X, axis=0)", "std(v)", "eye(3) @ v", "zeros((2, 2)) + ones(2)",
        "where(X > 0, X, -X)", "norm(v)", "norm(X, axis=1)", "v**2 / s - v * s", "abs(X) % 0.7", "-v // 0.5",
        "s if s > 1 else v", "prod(v)", "exp(v) + log(s) * sin(v)", "0 < v", "(v > 0) + 1", "[s, 2 * s, 3]",
        "[[s, 1], [2, s]]", "arctan2(v, s)", "sqrt(abs(v))", "X[1]", "X[1, 2]", "v[-1]", "N + D * 2", "floor(v)",
        "transpose(X)", "clip(v, -1, 0.5)", "norm(v, 1)", "norm(v, inf)", "diff(v)", "swapaxes(X, 0, 1)",
        "array([1, s])",
        "(v > 0) & (v < 0.5) | ~(v > -1)", "tril(X @ X.T)", "triu(X, k=1)", "eye(2, 3, k=1)", "arange(1, 7, 2)",
        "var(X, axis=1, ddof=1)", "X[newaxis, 0]", "full((2, 2), s)", "not s > 1 or s < 2",
    ],
)  # fmt: skip
def test_the_oracle_means_what_numpy_means(expression: str) -> None:
    field = MpmathField()
    inputs = {n: elementwise(field.number, np.asarray(a, dtype=object)) for n, a in ARRAYS.items()}
    got = Oracle(ast.parse(f"r = {expression}"), field, inputs, {"N": 2, "D": 3}).run()[0]
    scope = {n: getattr(np, n) for n in dir(np) if not n.startswith("_")} | ARRAYS | {"N": 2, "D": 3}
    scope |= {"norm": np.linalg.norm}
    text = {"max(X, 0)": "maximum(X, 0)", "s if s > 1 else v": "s + 0 * v"}.get(expression, expression)
    expected = np.asarray(eval(text, scope))  # the test's own text
    found = np.array(array(got), dtype=float)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_functions_and_deep_expressions() -> None:
    deep = "r = " + " + ".join(["s"] * 900)
    functions = "def f(a, b=2):\n    c = a * b\n    return c + g(a)\ndef g(a): return a if a > 0 else -a\n"
    text = f"{functions}{deep}\nr = r + f(s) + f(-s, b=3)"
    got = Oracle(ast.parse(text), MpmathField(), {"s": mpmath.mpf(1.5)}, {}).run()[0]
    assert got == 900 * 1.5 + 3 + 1.5 - 4.5 + 1.5


def test_static_recursion() -> None:
    text = "def power(a, n): return 1 if n == 0 else a * power(a, n - 1)\nr = power(s, 300)"
    got = Oracle(ast.parse(text), MpmathField(), {"s": mpmath.mpf(2)}, {}).run()[0]
    assert got == mpmath.mpf(2) ** 300


def test_several_results() -> None:
    got = Oracle(ast.parse("a = s * 2\nb = a + 1\nreturn a, b"), MpmathField(), {"s": mpmath.mpf(2)}, {}).run()
    assert got == [4, 5]


@pytest.mark.parametrize("field", [SympyField(), MpmathField()])
def test_undefined_is_said(field: MpmathField) -> None:
    with pytest.raises(UndefinedError):
        Oracle(ast.parse("r = max(zeros(0))"), field, {}, {}).run()
    with pytest.raises(UndefinedError):
        Oracle(ast.parse("r = zeros(3)[3]"), field, {}, {}).run()


def test_too_large_is_said() -> None:
    text = "\n".join(["a = s"] + ["a = a * a + s"] * 40 + ["r = a"])
    with pytest.raises(TooLargeError):
        Oracle(ast.parse(text), SympyField(), {"s": x}, {}).run()


@pytest.mark.parametrize("precision", [30, 60])
def test_derivatives_inside_formulas(precision: int) -> None:
    text = "a = s**2\nb = a * exp(a) + s\nr = [grad(b, a), grad(b, s), grad(grad(b, s), s)]"
    with mpmath.workdps(precision):
        s = mpmath.mpf("0.7")
        got = array(Oracle(ast.parse(text), MpmathField(), {"s": s}, {}).run()[0])
        e = mpmath.exp(s**2)
        expected = [e * (1 + s**2), 2 * s * e * (1 + s**2) + 1, e * (2 + 10 * s**2 + 4 * s**4)]
        assert all(abs(a / b - 1) < mpmath.mpf(10) ** (4 - precision) for a, b in zip(got, expected, strict=True))


# Proofs


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sympy.exp(x) / (sympy.exp(x) + sympy.exp(y)), 1 / (1 + sympy.exp(y - x))),
        (1 / (1 + sympy.exp(-x)), 1 - 1 / (1 + sympy.exp(x))),
        (sympy.sqrt(x**2 + y**2) ** 3 / (x**2 + y**2), sympy.sqrt(x**2 + y**2)),
        (sympy.Max(x - y, 0) ** 2, sympy.Piecewise(((x - y) ** 2, x > y), (0, True))),
        (sympy.Abs(x) ** 2, x**2),
        (p ** (q - 1) * p, p**q),
        (sympy.log(x * (1 + y)), sympy.log(x + x * y)),
        (sympy.sin(x) ** 4, (1 - sympy.cos(x) ** 2) ** 2),
        (1 / (x + y) + 1 / (x - y), 2 * x / (x**2 - y**2)),
        (sympy.log(sympy.exp(x) / (sympy.exp(x) + sympy.exp(y))), x - sympy.log(sympy.exp(x) + sympy.exp(y))),
    ],
)
def test_identities_are_proved(left: sympy.Expr, right: sympy.Expr) -> None:
    assert proved_equal(left, right, Clock(10))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (x + y, x - y),
        (sympy.exp(x), sympy.exp(x) * (1 + sympy.Rational(1, 10**9))),
        (sympy.sqrt((x + y) ** 2), x + y),
        (sympy.Abs(x), x),
        (sympy.Max(x, y), sympy.Max(x, -y)),
        (sympy.sin(x) ** 2, 1 - sympy.cos(y) ** 2),
        (sympy.nan, sympy.nan + x),
    ],
)
def test_what_is_not_so_is_not_proved(left: sympy.Expr, right: sympy.Expr) -> None:
    assert not proved_equal(left, right, Clock(10))


# Sizes and points


def test_sizes_are_pairwise_different() -> None:
    program = parse("X: Real[N, D]\nW: Param[D, K]\nb: Real[K, 3]\nloss = sum(X @ W @ b)", "s.formula", name="s")
    sizes = samples.small_sizes(program)
    assert sizes is not None
    assert len({*sizes.values(), 3}) == 4


# Whole modules


@pytest.mark.parametrize(
    "text",
    [
        "f = 1 / (1 + exp(-(w0*x0 + w1*x1 + w2)))",
        "X: Real[N, D]\nw: Param[D]\nloss = mean((X @ w)**2)",
        "x: Param[N]\nloss = sum(where(x > 0, log(x), 0)) + sum(max(x, 0))",
        "X: Param[N, D]\nloss = sum(max(X, axis=1)**2) + sum(cumsum(X, axis=0)**2) + prod(X[0])",
        "x: Param[2*K]\ny: Real[N - 1]\nloss = sum(x[:K] * x[K:]) * sum(y)",
        "y: Int[N]\nW: Param[D, K]\nloss = sum(W[y]**2)",
        "m: Bool[N]\nx: Param[N]\nloss = sum(where(m, x**2, 0))",
        "x: Param[N]\nloss = sum(log(x - 5)) + sum(arccosh(x))",
        "x: Param[N]\nloss = sum(stop_gradient(x) * x**2)",
        "x: Param[N]\ng = sum(x**3)\nloss = sum(grad(g, x)**2)",
        "x: Param[N]\na = x * 2\nb = sum(a)\nreturn a, b",
        "x: Param[N]\nloss = sum(x)**2 - sum(x)**2 + sum(sin(x)**2 + cos(x)**2)",
        "x: Param[N]\nloss = sum((x[i] - x[j])**2 for i in range(N) for j in range(i) if i + j > 1)",
        "y: Int[N]\nS: Param[N, C]\nloss = mean(logsumexp(S[n, c] for c in range(C)) - S[n, y[n]] for n in range(N))",
        "n: Int\nx: Param\nr = 1\nfor i in range(n):\n    r = r * x + i\nloss = r",
        "p: Int[N]\nx: Param[N]\nfor i in range(N):\n    a[i] = x[i] * (a[p[i]] if p[i] >= 0 else 1)\nloss = sum(a**2)",
        "x: Param[N]\nk: Int[N]\na = zeros(N)\nfor i in range(N):\n    a[k[i]] += x[i]**2\nloss = sum(a * x)",
        "x: Param[T]\nW: Param[L]\nh = 0.5\nfor t in range(T):\n    for l in range(L):\n"
        "        h = sin(W[l] * h + x[t])\nloss = h",
        "s: Param\nr = s**2 + 1\nwhile abs(r * r - 2) > 1e-9:\n    r = 0.5 * (r + 2 / r)\nloss = r * s",
        "x: Param[N]\nr = 1.0\nfor i in range(N):\n    q = r + x[i]**2\n    while q > 1:\n"
        "        q = 0.6 * q\n    r = r + q\nloss = r",
        "x: Param\ndef P(n, t):\n    return 1 if n == 0 else t if n == 1 else "
        "((2 * n - 1) * t * P(n - 1, t) - (n - 1) * P(n - 2, t)) / n\nloss = P(4, x)",
        "x: Param[N]\ndef f(a, k=2):\n    return a**k, sum(a)\np, q = f(x)\nu, v = f(a=x, k=3)\n"
        "loss = sum(p * u) + q * v",
        "w: Param[N]\nf = sum(w**4) + w[0]\nloss = sum((w - solve(hessian(f, w) + eye(N), grad(f, w)))**2)",
        "x: Param[N]\nloss = sum(jvp(x**3, x, x)**2) + sum(jacobian(x**2 * x[0], x)**2)",
        pytest.param("K: Param & PositiveDefinite[N]\ny: Real[N]\nloss = y @ solve(K, y) + logdet(K)", marks=SLOW),
        pytest.param("L: Param & LowerTriangular[N]\nA: Real & Symmetric[N]\nloss = sum((L @ L.T - A)**2)", marks=SLOW),
        "x: 0 < Param[N] < 1\nloss = -sum(x * log(x) + (1 - x) * log(1 - x))",
    ],
)  # fmt: skip
def test_right_modules_pass(text: str) -> None:
    certificate = certify(text)
    assert certificate.passed, certificate.lines
    assert {f.verdict for f in certificate.graph} <= {"proved", "agrees"}
    assert {f.verdict for f in certificate.code} == {"agrees"}


def test_whole_numbers_are_looked_at_in_several_ways() -> None:
    text = "n: Int\nk: Int[N]\nx: Param[N]\nloss = sum(x[k[i]]**2 for i in range(N)) + sum(x[0] * i for i in range(n))"
    certificate = certify(text)
    assert {"n = 0", "n = 17", "k out of range"} <= {f.what for f in certificate.code}
    assert all("agrees for others" in f.detail for f in certificate.graph)


def test_what_is_undefined_for_some_sizes_is_said() -> None:
    text = "y: Int[N]\nW: Param[D, K]\nloss = sum(W[y[i], 0] for i in range(N))"
    details = {f.what: f.detail for f in certify(text).code}
    assert "out of range" in details["D = 0"]
    assert details["D = 0"].endswith("the module says so")


def test_every_tier_is_named() -> None:
    chain = "x: Param\na = x\n" + "a = sin(a) + x\n" * 250 + "loss = a"
    tiers = {f.tier for f in certify(chain).graph}
    assert tiers == {"mpmath", "finite differences"}
    assert {f.tier for f in certify("x: Param\nloss = sin(x)").graph} == {"sympy"}


def test_nothing_is_skipped_silently() -> None:
    certificate = certify("x: Param[N]\nloss = sum(x)\nassert grad(loss, x) == 1 + 0 * x", seconds=0.0)
    assert {f.verdict for f in (*certificate.graph, *certificate.code)} == {"undecided"}
    assert certificate.claims[0].verdict == "undecided"
    assert certificate.passed


def test_a_refuted_claim_fails_the_certificate() -> None:
    assert not certify("x: Param\nloss = x**2\nassert grad(loss, x) == x").passed


def test_the_certificate_is_deterministic() -> None:
    text = "X: Real[N, D]\nw: Param[D]\nloss = mean((X @ w)**2)\nassert grad(loss, w) == 2 * X.T @ (X @ w) / N"
    assert certify(text).lines == certify(text).lines


def test_objective_and_pack() -> None:
    text = "X: Real[N, D]\nw: Param[D]\nb: Param\nloss = mean((X @ w + b)**2)"
    functions = ("value", "value_and_grad", "grad", "objective", "pack")
    assert certify(text, functions=functions).passed
