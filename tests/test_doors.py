"""SymPy expressions and files of SymPy text: the same graph as that of the formula text, or a sentence."""

from __future__ import annotations

import contextlib
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner
from sympy.matrices.expressions.diagonal import DiagonalOf
from sympy.matrices.expressions.hadamard import HadamardPower, HadamardProduct

import gradcompile
from gradcompile import FormulaError, doors, syntax
from gradcompile.api import read
from gradcompile.cli import main
from gradcompile.gates.record import Gate
from gradcompile.gates.registry import GATES, registered
from gradcompile.ir.text import print_graph
from gradcompile.pipeline import start
from gradcompile.syntax.program import Program

x, y, z, n, m, i, j, k = sp.symbols("x y z n m i j k")
p = sp.Symbol("p", positive=True)
X, Y = sp.IndexedBase("X"), sp.IndexedBase("Y")
W = sp.IndexedBase("W", shape=(n, m))
A, B, C = sp.MatrixSymbol("A", n, m), sp.MatrixSymbol("B", n, n), sp.MatrixSymbol("C", n, n)
b = sp.MatrixSymbol("b", n, 1)


def graph(program: Program) -> str:
    unit = start(program)
    names = [name for name, _ in program.results]
    return print_graph({name: value.node for name, value in zip(names, unit.values, strict=True)})


def same(program: Program, text: str) -> None:
    """Hold that a program is that of a formula's text: graph, arguments, results."""
    other = syntax.parse(text, "<text>")
    assert graph(program) == graph(other)
    assert [(a.name, a.kind, a.shape) for a in program.arguments] == [
        (a.name, a.kind, a.shape) for a in other.arguments
    ]
    assert [name for name, _ in program.results] == [name for name, _ in other.results]


SCALARS: list[tuple[Any, str]] = [
    (x + y, "x + y"),
    (x - y / 2, "x - y/2"),
    (-2 * x, "-2*x"),
    (-x * y, "-x*y"),
    (x / (2 * y), "x/(2*y)"),
    (sp.Rational(3, 2) * x, "3*x/2"),
    (x**-2, "x**(-2)"),
    (1 / x, "1/x"),
    (sp.sqrt(x) + 1 / sp.sqrt(y), "sqrt(x) + 1/sqrt(y)"),
    (x ** sp.Rational(2, 3), "x**(2/3)"),
    (2**x, "2**x"),
    (1 / (1 + sp.exp(-x)), "1/(1 + exp(-x))"),
    (sp.exp(-((x - y) ** 2) / (2 * z**2)), "exp(-(x - y)**2/(2*z**2))"),
    (sp.pi * x + sp.E, "pi*x + exp(1)"),
    (1.5 * x - 1e-3, "1.5*x - 0.001"),
    (sp.Rational(1, 3) + x, "x + 1/3"),
    (sp.oo * x, "inf*x"),
    (sp.Max(x, 0), "max(0, x)"),
    (sp.Max(x, y, 3), "max(3, x, y)"),
    (sp.Min(x, y), "min(x, y)"),
    (sp.Abs(x) * sp.sign(y), "abs(x)*sign(y)"),
    (sp.floor(x) + sp.ceiling(y), "ceil(y) + floor(x)"),
    (sp.Mod(x, 2), "x % 2"),
    (sp.frac(x), "x - floor(x)"),
    (sp.Heaviside(x), "1 if x > 0 else 0 if x < 0 else 0.5"),
    (sp.Heaviside(x, 1), "1 if x >= 0 else 0"),
    (sp.sin(x) * sp.cos(y) + sp.tan(z), "sin(x)*cos(y) + tan(z)"),
    (sp.asin(x) + sp.atan2(y, z), "arcsin(x) + arctan2(y, z)"),
    (sp.sinh(x) - sp.tanh(y) + sp.acosh(z), "sinh(x) - tanh(y) + arccosh(z)"),
    (sp.sec(x) + sp.coth(y), "1/tanh(y) + 1/cos(x)"),
    (sp.log(x, 2), "log(x)/log(2)"),
    (sp.erf(x) + sp.erfc(y), "erf(x) + erfc(y)"),
    (sp.loggamma(x) + sp.gamma(y), "gamma(y) + lgamma(x)"),
    (sp.digamma(x) + sp.polygamma(1, y), "digamma(x) + trigamma(y)"),
    (sp.factorial(x), "gamma(x + 1)"),
    (sp.beta(x, y), "beta(x, y)"),
    (sp.besselj(0, x) + sp.besselj(1, y), "j0(x) + j1(y)"),
    (sp.besseli(0, x) + sp.besseli(1, y), "i0(x) + i1(y)"),
    (sp.sinc(x), "sinc(x/pi)"),
    (sp.Piecewise((x, x > 0), (0, True)), "x if x > 0 else 0"),
    (sp.Piecewise((x, x > 0)), "x if x > 0 else nan"),
    (
        sp.Piecewise(
            (x, sp.And(x > 0, y > 0)),
            (y, sp.Or(x < -1, sp.Eq(y, 0))),
            (sp.Piecewise((1, y > 1), (2, True)), True),
        ),
        "x if x > 0 and y > 0 else y if y == 0 or x < -1 else 1 if y > 1 else 2",
    ),
    (sp.Piecewise((x, sp.Ne(x, y)), (0, True)), "x if x != y else 0"),
    (sp.ITE(x > 0, y > 0, y < 0), "(x <= 0 or y > 0) and (x > 0 or y < 0)"),
    (sp.Derivative(x**2 * y, x), "grad(x**2*y, x)"),
    (sp.Derivative(sp.sin(x * y), x, y), "grad(grad(sin(x*y), x), y)"),
    (sp.conjugate(x) + sp.re(y), "x + y"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "text"), SCALARS, ids=[text for _, text in SCALARS])
def test_scalars_are_the_graph_of_their_text(expression: Any, text: str) -> None:
    names = sorted(str(s) for s in expression.free_symbols)
    declared = "".join(f"{name}: Real\n" for name in names)
    same(read(expression), f"{declared}result = {text}")


ARRAYS: list[tuple[Any, str]] = [
    (sp.Sum(X[i] ** 2, (i, 0, n - 1)), "X: Real[n]\nresult = sum(X[i]**2 for i in range(n))"),
    (sp.Sum(X[i], (i, 1, n)), "X: Real[n + 1]\nresult = sum(X[i] for i in range(1, n + 1))"),
    (sp.Product(X[i], (i, 0, n - 1)), "X: Real[n]\nresult = prod(X[i] for i in range(n))"),
    (
        sp.Sum((X[i + 1] - X[i]) ** 2, (i, 0, n - 2)),
        "X: Real[n]\nresult = sum((X[i + 1] - X[i])**2 for i in range(n - 1))",
    ),
    (
        sp.Sum(X[i] * Y[j] * W[i, j], (j, 0, m - 1), (i, 0, n - 1)),
        "W: Real[n, m]\nX: Real[n]\nY: Real[m]\nresult = sum(W[i, j]*X[i]*Y[j] for i in range(n) for j in range(m))",
    ),
    (
        sp.Sum(X[i] * X[j], (j, 0, i - 1), (i, 0, n - 1)),
        "X: Real[n]\nresult = sum(X[i]*X[j] for i in range(n) for j in range(i))",
    ),
    (sp.Sum(X[i], (i, 0, n - 1)) / n, "X: Real[n]\nresult = sum(X[i] for i in range(n))/n"),
    (sp.Sum(i**2 * x, (i, 1, k)), "k: Int\nx: Real\nresult = sum(i**2*x for i in range(1, k + 1))"),
    (
        sp.Sum(X[sp.Idx("i", n)] ** 2, (sp.Idx("i", n), 0, n - 1)),
        "X: Real[n]\nresult = sum(X[i]**2 for i in range(n))",
    ),
    (
        sp.Sum(sp.IndexedBase("V", shape=(m,))[sp.IndexedBase("I")[i]], (i, 0, n - 1)),
        "I: Int[n]\nV: Real[m]\nresult = sum(V[I[i]] for i in range(n))",
    ),
    (X[0] * X[2], "X: Real[3]\nresult = X[0]*X[2]"),
    (
        sp.Sum(X[i * (i + 1) / 2 + j], (j, 0, i), (i, 0, n - 1)),
        "X: Real[n*(n + 1)//2]\nresult = sum(X[(i*(i + 1) + 2*j)//2] for i in range(n) for j in range(i + 1))",
    ),
    (
        sp.Sum(X[i] * sp.KroneckerDelta(i, k), (i, 0, n - 1)),
        "X: Real[n]\nk: Int\nresult = sum((1 if i == k else 0)*X[i] for i in range(n))",
    ),
    (
        sp.Derivative(sp.Sum(X[i] ** 3, (i, 0, n - 1)), X[0]),
        "X: Real[n]\nresult = grad(sum(X[i]**3 for i in range(n)), X)[0]",
    ),
    (A * sp.MatrixSymbol("w", m, 1), "A: Real[n, m]\nw: Real[m, 1]\nresult = A @ w"),
    (b.T * B * b, "B: Real[n, n]\nb: Real[n, 1]\nresult = (b.T @ B @ b)[0, 0]"),
    (2 * B - C, "B: Real[n, n]\nC: Real[n, n]\nresult = 2*B - C"),
    (x * A, "A: Real[n, m]\nx: Real\nresult = x*A"),
    (B.inv(), "B: Real[n, n]\nresult = inv(B)"),
    (B.inv() * b, "B: Real[n, n]\nb: Real[n, 1]\nresult = solve(B, b)"),
    (b.T * B.inv(), "B: Real[n, n]\nb: Real[n, 1]\nresult = solve(B.T, b).T"),
    (C * B.inv() * b, "B: Real[n, n]\nC: Real[n, n]\nb: Real[n, 1]\nresult = C @ solve(B, b)"),
    (B**3, "B: Real[n, n]\nresult = matrix_power(B, 3)"),
    (sp.Trace(A.T * A), "A: Real[n, m]\nresult = trace(A.T @ A)"),
    (sp.log(sp.Determinant(B)), "B: Real[n, n]\nresult = log(det(B))"),
    (HadamardProduct(B, C), "B: Real[n, n]\nC: Real[n, n]\nresult = B*C"),
    (HadamardPower(B, 2), "B: Real[n, n]\nresult = B**2"),
    (A.applyfunc(sp.sin), "A: Real[n, m]\nresult = sin(A)"),
    (A.applyfunc(sp.Lambda(x, x**2 * y)), "A: Real[n, m]\ny: Real\nresult = A**2*y"),
    (A[0, 1] + A[1, 0], "A: Real[n, m]\nresult = A[0, 1] + A[1, 0]"),
    (sp.Sum(A[i, 0], (i, 0, n - 1)), "A: Real[n, m]\nresult = sum(A[i, 0] for i in range(n))"),
    (sp.Identity(n) + B, "B: Real[n, n]\nresult = eye(n) + B"),
    (B * sp.OneMatrix(n, 1), "B: Real[n, n]\nresult = B @ ones((n, 1))"),
    (A[1:, :2], "A: Real[n, m]\nresult = A[1:, :2]"),
    (DiagonalOf(B), "B: Real[n, n]\nresult = diag(B)[:, None]"),
    (sp.BlockMatrix([[B, b]]), "B: Real[n, n]\nb: Real[n, 1]\nresult = concatenate([B, b], axis=1)"),
    (sp.Matrix([[x, y], [1, 2]]), "x: Real\ny: Real\nresult = [[x, y], [1, 2]]"),
    (sp.Matrix([x * y]), "x: Real\ny: Real\nresult = x*y"),
    (sp.Array([[x, y], [1, 2]]), "x: Real\ny: Real\nresult = [[x, y], [1, 2]]"),
    (
        sp.FunctionMatrix(n, n, sp.Lambda((i, j), x / (i + j + 1))),
        "n: Int\nx: Real\nresult = [[x/(i + j + 1) for j in range(n)] for i in range(n)]",
    ),
    (sp.Derivative(sp.Trace(A.T * A), A), "A: Real[n, m]\nresult = grad(trace(A.T @ A), A)"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "text"), ARRAYS, ids=[text.splitlines()[-1] for _, text in ARRAYS])
def test_arrays_are_the_graph_of_their_text(expression: Any, text: str) -> None:
    same(read(expression), text)


@pytest.mark.parametrize("expression", [e for e, _ in SCALARS if not e.has(sp.Derivative, sp.oo)], ids=str)
def test_values_are_those_of_sympy(expression: Any) -> None:
    program = read(expression)
    module = gradcompile.compile(expression, target="numpy", verify=False).module
    point = dict(zip("xyz", (0.7, 0.4, 1.3), strict=True))
    values = {name: sp.Rational(str(value)) for name, value in point.items()}
    exact = expression.subs({s: values[s.name] for s in expression.free_symbols})
    got = module.value(*(point[a.name] for a in program.arguments))
    if exact.is_Boolean:
        assert bool(got) == bool(exact)
    else:
        np.testing.assert_allclose(got, float(sp.N(exact, 30)), rtol=1e-13)


def test_the_gradient_is_that_of_sympy_and_verified() -> None:
    expression = sp.exp(-(x**2) / y) * sp.sin(x * y)
    compiled = gradcompile.compile(expression, target="numpy")
    assert compiled.certificate is not None
    assert compiled.certificate.passed
    _, gradient = compiled.module.value_and_grad(0.3, 0.8)
    for name, symbol in (("x", x), ("y", y)):
        exact = sp.diff(expression, symbol).subs({x: sp.Rational(3, 10), y: sp.Rational(4, 5)})
        np.testing.assert_allclose(getattr(gradient, name), float(exact), rtol=1e-14)


def test_several_outputs_have_names() -> None:
    program = read({"f": x * y, sp.Symbol("g"): x + y})
    same(program, "x: Real\ny: Real\nf = x*y\ng = x + y\nreturn f, g")
    same(read({"f": 2}), "f = 2")


def test_order_and_what_is_differentiated() -> None:
    program = read(x * y + z, args=["z", x, y], wrt=[y])
    assert [a.name for a in program.arguments] == ["z", "x", "y"]
    assert [a.name for a in program.differentiated] == ["y"]
    compiled = gradcompile.compile(sp.Symbol("lambda") * x, wrt=sp.Symbol("lambda"), target="numpy", verify=False)
    assert compiled.module.value_and_grad(2.0, 3.0)[1]._fields == ("lambda_",)


def test_names_are_predictable() -> None:
    symbols = sp.symbols("lambda x_{1} grad pi _u θ")
    program = read(sum(symbols, sp.Integer(0)))
    assert sorted(a.name for a in program.arguments) == ["grad_", "lambda_", "pi_", "u", "x_1", "θ"]
    assert read(x * y, name="x").results[0][0] == "x_"


def test_assumptions_become_declarations() -> None:
    q = sp.Symbol("q", nonnegative=True)
    text = read(
        p + q + sp.Symbol("c", integer=True) + sp.Sum(sp.IndexedBase("u", positive=True)[i], (i, 0, n - 1))
    ).text
    for line in ("p: Positive", "q: Real >= 0", "c: Int", "u: Positive[n]"):
        assert line in text.splitlines()
    with sp.assuming(sp.Q.symmetric(B)):
        assert "B: Symmetric[n]" in read(b.T * B * b).text
    with sp.assuming(sp.Q.positive_definite(B)):
        assert "B: PositiveDefinite[n]" in read(sp.log(sp.Determinant(B))).text
    flag = sp.Symbol("flag")
    assert "flag: Bool" in read(sp.Piecewise((x, flag), (y, True))).text


def test_the_text_compiles_to_the_same_program() -> None:
    for expression, _ in ARRAYS:
        program = read(expression)
        assert graph(syntax.parse(program.text, "<text>")) == graph(program)


def test_a_new_gate_is_known_by_its_meaning() -> None:
    gate = Gate("bessel_k0", "x", "K0.", partials=(None,), numpy="x", sympy=lambda t: sp.besselk(0, t))
    with pytest.raises(FormulaError, match="besselk"):
        read(sp.besselk(0, x))
    with registered(gate):
        assert "bessel_k0(x)" in read(sp.besselk(0, x)).text
    assert "bessel_k0" not in GATES


def test_large_expressions_are_written_in_parts() -> None:
    wide = sum(sp.Symbol(f"a{t}") * sp.Symbol(f"b{t}") for t in range(200))
    assert graph(read(wide)).count("gate mul") == 200
    deep = x
    for _ in range(80):
        deep = sp.sin(deep) + deep**2 / 8  # as a tree this has 2**80 leaves
    program = read(deep)
    assert len(program.text) < 100_000
    module = gradcompile.compile(deep, target="numpy", verify=False).module
    value = 0.1
    for _ in range(80):
        value = np.sin(value) + value**2 / 8
    np.testing.assert_allclose(module.value(0.1), value, rtol=1e-12)


f = sp.Function("f")
WRONG: list[tuple[Any, dict[str, Any], str]] = [
    (f(x), {}, "`f(x)` is an undefined function"),
    (sp.Derivative(f(x), x), {}, "undefined function"),
    (sp.I * x, {}, "complex numbers are not supported"),
    (sp.zoo * x, {}, "zoo"),
    (sp.im(x), {}, "there is no gate"),
    (sp.LambertW(x), {}, "there is no gate for `LambertW(x)`"),
    (sp.airyai(x), {}, "there is no gate for `airyai(x)`"),
    (sp.Integral(x, (x, 0, 1)), {}, "`Integral`"),
    (sp.Limit(x, x, 0), {}, "`Limit`"),
    (sp.Lambda(x, x**2), {}, "`Lambda`"),
    (sp.Sum(x, (i, 1, sp.oo)), {}, "infinitely many terms"),
    (sp.Eq(x, y), {}, "is an equation"),
    (sp.Tuple(x, y), {}, "a `Tuple`"),
    (sp.Interval(0, 1), {}, "an `Interval`"),
    (sp.Matrix(0, 0, []), {}, "without elements"),
    (sp.Symbol("q", imaginary=True), {}, "not a real number"),
    (sp.Symbol("q", commutative=False), {}, "does not commute"),
    (sp.Symbol("x", real=True) + x, {}, "two different symbols are called `x`"),
    (sp.Symbol("x_1") + sp.Symbol("x_{1}"), {}, "would both be called `x_1`"),
    (sp.Symbol("1x"), {}, "no name that a formula can have"),
    (X[i], {}, "the size of axis 0 of `X`"),
    (X[sp.Idx("i", n)], {}, "runs over nothing"),
    (sp.Sum(X[i] + X[i, i], (i, 0, n - 1)), {}, "read with 1 and 2 indices"),
    (B ** sp.Rational(1, 2), {}, "not a whole power"),
    (x, {"args": []}, "not in `args`"),
    (x, {"args": ["x", "q"]}, "`q` is in `args` but not"),
    (x, {"args": [2]}, "is no symbol"),
    (sp.Sum(X[i], (i, 0, n - 1)), {"args": [X, n]}, "`n` is a size"),
    (x, {"wrt": ["q"]}, "the gradient is asked for `q`"),
    ({}, {}, "no outputs"),
    ({"x": x + 1}, {}, "a result and an input"),
    ({1: x}, {}, "cannot be the name"),
    ({"f": "x"}, {}, "a `str` is no SymPy expression"),
    ({"f": 1j}, {}, "a `complex` is no SymPy expression"),
    ([x], {}, "no names for its outputs"),
    (3, {}, "no formula but of type `int`"),
    (None, {}, "nothing was given"),
    (len, {}, "Decorate"),
    ("f = x", {"args": ["x"]}, "`args`"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "options", "words"), WRONG, ids=[words for _, _, words in WRONG])
def test_wrong_use_is_one_sentence_with_advice(source: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(FormulaError) as caught:
        gradcompile.compile(source, target="numpy", verify=False, **options)
    assert words in str(caught.value)
    assert caught.value.message.endswith(".")
    assert caught.value.hint.endswith(".")


# Files of SymPy text

FILES: list[tuple[str, str]] = [
    ("f = Max(x, 0) + Abs(y)", "x: Real\ny: Real\nf = abs(y) + max(0, x)"),
    ("s = x**2 + y\nf = s*exp(-s)", "x: Real\ny: Real\ns = x**2 + y\nf = s*exp(-s)"),
    ("f = x*y\ng = x + y\nreturn f, g", "x: Real\ny: Real\nf = x*y\ng = x + y\nreturn f, g"),
    ("f = Piecewise((x, x > 0), (0, True))", "x: Real\nf = x if x > 0 else 0"),
    ("f = Rational(1, 3)*x + S(1)/2 + E - pi", "x: Real\nf = x/3 - pi + 1/2 + exp(1)"),
    ("f = Sum(x[i]**2, (i, 0, n - 1))/n", "x: Real[n]\nf = sum(x[i]**2 for i in range(n))/n"),
    ("last = n - 1\nf = Sum(x[i], (i, 0, last))", "x: Real[n]\nf = sum(x[i] for i in range(n))"),
    ("f = Product(a[i], (i, 1, n))", "a: Real[n + 1]\nf = prod(a[i] for i in range(1, n + 1))"),
    ("M = Matrix([[1, x], [x, 2]])\nf = det(M)", "x: Real\nM = [[1, x], [x, 2]]\nf = det(M)"),
    (
        "A = MatrixSymbol('A', n, n)\nv = MatrixSymbol('v', n, 1)\nf = v.T*A**-1*v",
        "A: Real[n, n]\nv: Real[n, 1]\nf = (v.T @ solve(A, v))[0, 0]",
    ),
    ("a, b = symbols('a b', positive=True)\nf = sqrt(a)*b", "a: Positive\nb: Positive\nf = sqrt(a)*b"),
    ("f = diff(x**2*y, x)", "x: Real\ny: Real\nf = grad(x**2*y, x)"),
    ("f = x if x > 0 and y != 1 else oo", "x: Real\ny: Real\nf = x if x > 0 and y != 1 else inf"),
    ("sq = Lambda(t, t**2)\nf = sq(x) + sq(y)", "x: Real\ny: Real\nf = x**2 + y**2"),
    ("f = factorial(10**9)*x", "x: Real\nf = x*gamma(1000000001)"),
]  # fmt: skip


@pytest.fixture
def sympy_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("f.sympy")


@pytest.mark.parametrize(("text", "formula"), FILES, ids=[text for text, _ in FILES])
def test_files_are_the_graph_of_their_formula(sympy_file: Path, text: str, formula: str) -> None:
    sympy_file.write_text(f'"""A docstring."""\n# a comment\n{text}\n')
    program = read(sympy_file)
    same(program, formula)
    assert program.doc == "A docstring."
    assert {program.graph.origin_of(v.node).span.line for _, v in program.results} <= set(range(3, 7))  # type: ignore[union-attr]


BAD_FILES: list[tuple[str, str, str]] = [
    ("f = foo(x)", "1:5", "there is no function `foo`"),
    ("s = 1\nf = x(y)", "2:5", "`x`"),
    ("f = 2^x", "1:5", "`^` is not a power"),
    ("f = sin(x", "1:8", "never closed"),
    ("f = I*x", "1:1", "complex numbers"),
    ("f = 2j*x", "1:5", "complex numbers"),
    ("f = x + LambertW(x)", "1:1", "no gate"),
    ("f = 9**9**9**9*x", "1:8", "too many digits"),
    ("import os", "1:1", "no assignment"),
    ("f = __import__('os')", "1:5", "no function"),
    ("f = x.__class__", "1:5", "no attribute"),
    ("f = x.subs(x, 2)", "1:5", "no method"),
    ("f = [t for t in x]", "1:5", "no SymPy expression"),
    ("f = sympy.sin(x)", "1:5", "without a module"),
    ("f = 'x'", "1:5", "text is not a value"),
    ("f = lambda*x", "1:5", "`lambda`"),
    ("f = x\nf = y", "2:1", "assigned twice"),
    ("g = f\nf = x", "2:1", "used before it is assigned"),
    ("f = sin", "1:5", "is a function"),
    ("f = sin(x, evaluate=False)", "1:5", "`evaluate=`"),
    ("f = (x, y)", "1:5", "no expression"),
    ("f = x[0]\nreturn q", "2:8", "only assigned names"),
    ("return f", "1:8", "only assigned names"),
    ("f = x\nreturn f\ng = y", "3:1", "nothing can come after"),
    ("A = MatrixSymbol('A', 2, 2)\nb = MatrixSymbol('b', 3, 1)\nf = A*b", "3:5", "not aligned"),
    ("x = symbols('y z')\nf = x", "1:5", "differ"),
    ("x, y = symbols(2)\nf = x", "1:8", "needs a name"),
    ("f = Sum(x, (i, 1, oo))", "1:1", "infinitely many"),
    ("f = x.T", "1:5", "of matrices"),
    ("# nothing", "1:1", "computes nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "words"), BAD_FILES, ids=[b[0] for b in BAD_FILES])
def test_mistakes_in_files_have_their_place(sympy_file: Path, text: str, place: str, words: str) -> None:
    sympy_file.write_text(text)
    with pytest.raises(FormulaError) as caught:
        read(sympy_file)
    assert str(caught.value).startswith(f"f.sympy:{place}: error: ")
    assert words in caught.value.message + caught.value.hint
    assert caught.value.hint.endswith(".")


def test_text_is_never_evaluated(sympy_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("text was given to sympify")

    monkeypatch.setattr("sympy.parsing.sympy_parser.parse_expr", refuse)
    for text in [*(text for text, _ in FILES), *(text for text, _, _ in BAD_FILES)]:
        sympy_file.write_text(text)
        with contextlib.suppress(FormulaError):  # either outcome is right
            read(sympy_file)


def test_the_command_line_takes_files_of_sympy_text(sympy_file: Path) -> None:
    sympy_file.write_text("f = Max(x, 0)**2 + Abs(y)\n")
    options = ("--target", "numpy", "--wrt", "x")
    done = CliRunner().invoke(main, ["compile", ".", *options])
    assert done.exit_code == 0, done.output
    assert "proved" in Path("generated/f.py").read_text()
    assert CliRunner().invoke(main, ["compile", "--check", "generated"]).exit_code == 0
    Path("f.formula").write_text("f = x\n")
    assert "would both become" in CliRunner().invoke(main, ["compile", "."]).stderr
    sympy_file.write_text("f = foo(x)\n")
    failed = CliRunner().invoke(main, ["compile", "f.sympy"])
    assert (failed.exit_code, "f.sympy:1:5" in failed.stderr) == (2, True)


def test_the_documented_examples_run(tmp_path: Path) -> None:
    text = (Path(__file__).parent.parent / "docs/language.md").read_text(encoding="utf-8")
    example = text.partition("<!-- SymPy expressions -->")[2].partition("```python\n")[2].partition("```")[0]
    path = tmp_path / "example.py"
    path.write_text(example)
    space = runpy.run_path(str(path))
    assert space["polynomial"].module.value_and_grad(np.array([1.0, 2.0, 3.0]), 2.0)[0] == 17.0
    assert space["form"].module.value(2 * np.eye(2), np.ones((2, 1))) == 1.0
    assert space["two"].module.value(3.0) == (9.0, 12.0)


def test_a_door_is_no_other() -> None:
    assert doors.is_expression(x)
    assert not doors.is_expression("x")
