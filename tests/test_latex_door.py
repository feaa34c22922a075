"""LaTeX: the same graph as that of the formula text, and an error in place of a guess."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import gradcompile
from gradcompile import FormulaError, syntax
from gradcompile.api import read
from gradcompile.cli import main
from gradcompile.ir.text import print_graph
from gradcompile.pipeline import start
from gradcompile.syntax.program import Program

pytest.importorskip("antlr4")


def graph(program: Program) -> str:
    unit = start(program)
    return print_graph({"result": unit.values[0].node})


SCALARS: list[tuple[str, str]] = [
    (r"\frac{1}{2} x^2", "1/2*x**2"),
    (r"\frac12 x", "1/2*x"),
    (r"$$ \dfrac{x}{y z} $$", "x/(y*z)"),
    (r"\sqrt{x^2 + 1}", "sqrt(x**2 + 1)"),
    (r"\sqrt[3]{x}", "x**(1/3)"),
    (r"a b c", "a*b*c"),
    (r"2(x + 1) \cdot y", "2*(x + 1)*y"),
    (r"x \times y / z", "x*y/z"),
    (r"\left( x + 1 \right) \left[ y - 1 \right]", "(x + 1)*(y - 1)"),
    (r"a - (b + c)", "a - (b + c)"),
    (r"-x^2 + y", "-x**2 + y"),
    (r"x^{2^y}", "x**2**y"),
    (r"|x|", "abs(x)"),
    (r"\left| |x| - \lvert y \rvert \right|", "abs(abs(x) - abs(y))"),
    (r"|x| |y|", "abs(x)*abs(y)"),
    (r"\exp(-x) + e^{-y}", "exp(-x) + exp(-y)"),
    (r"\mathrm{e}^{x} \mathrm{e}", "exp(x)*exp(1)"),
    (r"\log(1 + x) \ln y", "log(1 + x)*log(y)"),
    (r"\log_{2}(x)", "log(x)/log(2)"),
    (r"\sin x \cos(y)", "sin(x)*cos(y)"),
    (r"\sin^2 x + \sin^{-1}(y)", "sin(x)**2 + arcsin(y)"),
    (r"\tanh(x) + \arctan(y) + \sech(z)", "tanh(x) + arctan(y) + 1/cosh(z)"),
    (r"\max(x, 0) + \min\{x, y\}", "max(0, x) + min(x, y)"),
    (r"\max(x, 100)", "max(100, x)"),
    (r"\operatorname{erf}(x) + \operatorname{sigmoid}(y)", "erf(x) + sigmoid(y)"),
    (r"\Gamma(x)", "gamma(x)"),
    (r"\lfloor x \rfloor + \lceil y \rceil", "floor(x) + ceil(y)"),
    (r"n!", "gamma(n + 1)"),
    (r"\pi r^2 \infty", "pi*r**2*inf"),
    (r"\alpha \beta_1 + \theta_{max}", "alpha*beta_1 + theta_max"),
    (r"\lambda w^2", "lambda_*w**2"),
    (r"x_1 + x_{12} + x'", "x_1 + x_12 + x_prime"),
    (r"\hat{y} - \bar\mu", "y_hat - mu_bar"),
    (r"\mathrm{loss} + \text{rate}", "loss + rate"),
    (r"a d x", "a*d*x"),
    (r"2(x + 1)^2 + \pi (y)^2", "2*(x + 1)**2 + pi*y**2"),
    (r"x^2 3 + y^{-1} + 0.5 z^{-2}", "x**2*3 + 1/y + 0.5*z**(-2)"),
    (r"2 x 3", "2*x*3"),
    (
        r"\frac{1}{\sqrt{2 \pi \sigma^2}} \exp\left(-\frac{(x - \mu)^2}{2 \sigma^2}\right)",
        "1/sqrt(2*pi*sigma**2)*exp(-(x - mu)**2/(2*sigma**2))",
    ),
]


@pytest.mark.parametrize(("latex", "text"), SCALARS, ids=[latex for latex, _ in SCALARS])
def test_scalars_are_the_graph_of_their_text(latex: str, text: str) -> None:
    program = read(latex=latex)
    declared = "".join(f"{a.name}: Real\n" for a in program.arguments)
    assert graph(program) == graph(syntax.parse(f"{declared}result = {text}", "<text>"))


ARRAYS: list[tuple[str, str]] = [
    (r"\sum_{i=1}^{n} x_i", "x: Real[n]\nresult = sum(x[i] for i in range(n))"),
    (r"\sum_{i=1}^n x_i^2 y_i + 1", "x: Real[n]\ny: Real[n]\nresult = sum(x[i]**2*y[i] for i in range(n)) + 1"),
    (r"\prod_{k=1}^{K} (1 - p_k)", "p: Real[K]\nresult = prod(1 - p[k] for k in range(K))"),
    (r"\sum_{i=0}^{n} a_i x^i", "a: Real[n + 1]\nx: Real\nresult = sum(a[i]*x**i for i in range(n + 1))"),
    (r"\sum_{i=0}^{n-1} x_{i+1}", "x: Real[n]\nresult = sum(x[i] for i in range(n))"),
    (
        r"\sum_{i=1}^{n} (x_i - x_{i-1})^2",
        "x: Real[n + 1]\nresult = sum((x[i] - x[i - 1])**2 for i in range(1, n + 1))",
    ),
    (r"\sum_{i=1}^{n} i^2 x_i", "x: Real[n]\nresult = sum((i + 1)**2*x[i] for i in range(n))"),
    (r"\sum_{i=1}^{n} i x", "n: Int\nx: Real\nresult = sum(i*x for i in range(1, n + 1))"),
    (
        r"\sum_{i=1}^{n} \sum_{j=1}^{m} a_{ij} x_i y_j",
        "a: Real[n, m]\nx: Real[n]\ny: Real[m]\nresult = sum(a[i, j]*x[i]*y[j] for i in range(n) for j in range(m))",
    ),
    (
        r"\sum_{i=1}^{n} \sum_{j=i+1}^{n} q_i q_j r_{i,j}",
        "q: Real[n]\nr: Real[n, n]\nresult = sum(q[i]*q[j]*r[i, j] for i in range(n) for j in range(i + 1, n))",
    ),
    (r"x_1 + \sum_{i=1}^{n} x_i", "x: Real[n]\nresult = x[0] + sum(x[i] for i in range(n))"),
    (
        r"\frac{1}{n} \sum_{i=1}^{n} \left(y_i - w x_i - b\right)^2 + \lambda w^2",
        "b: Real\nlambda_: Real\nw: Real\nx: Real[n]\ny: Real[n]\n"
        "result = 1/n*sum((y[i] - w*x[i] - b)**2 for i in range(n)) + lambda_*w**2",
    ),
]


@pytest.mark.parametrize(("latex", "text"), ARRAYS, ids=[latex for latex, _ in ARRAYS])
def test_sums_are_the_graph_of_their_text(latex: str, text: str) -> None:
    program, other = read(latex=latex), syntax.parse(text, "<text>")
    assert graph(program) == graph(other)
    assert [(a.name, a.kind, a.shape) for a in program.arguments] == [
        (a.name, a.kind, a.shape) for a in other.arguments
    ]


def test_an_equation_names_the_result_and_the_arguments() -> None:
    program = read(latex=r"L(w, x) = \frac{1}{2} (w x - 1)^2")
    assert program.results[0][0] == program.name == "L"
    assert [a.name for a in program.arguments] == ["w", "x"]
    assert read(latex=r"L_{reg} = \lambda x^2").results[0][0] == "L_reg"
    assert [a.name for a in read(latex="x y", args=["y", "x"], wrt=["x"]).arguments] == ["y", "x"]
    assert "# x y\n" in read(latex="x \n y").text


def test_it_is_verified_and_right() -> None:
    compiled = gradcompile.compile(latex=r"\frac{1}{n} \sum_{i=1}^{n} \log(1 + e^{-y_i w x_i})", target="numpy")
    assert compiled.certificate is not None
    assert compiled.certificate.passed
    X, Y = np.array([0.5, -1.0, 2.0]), np.array([1.0, -1.0, 1.0])
    value, gradient = compiled.module.value_and_grad(w=0.3, x=X, y=Y)
    np.testing.assert_allclose(value, np.mean(np.log1p(np.exp(-Y * 0.3 * X))), rtol=1e-14)
    np.testing.assert_allclose(gradient.w, np.mean(-Y * X / (1 + np.exp(Y * 0.3 * X))), rtol=1e-13)


WRONG: list[tuple[str, str]] = [
    ("", "there is no formula"),
    ("x +", "no complete formula"),
    (r"\frac{x}{", "never closed"),
    (r"\frac{x}", "something is missing"),
    (r"\frac{}{x}", "an argument is empty"),
    (r"|x", "a bar"),
    (r"\foo{x}", r"`\foo` is not known"),
    (r"x & y", "`&` is not known"),
    (r"f(x)", "`f(…)` is not a known function"),
    (r"\lambda (w - 1)", r"`lambda \cdot (x)`"),
    (r"\gamma(x)", "not a known function"),
    (r"\int x dx", "an integral"),
    (r"\lim_{x \to 0} x", "a limit"),
    (r"\frac{d}{dx} x^2", "a derivative"),
    (r"\frac{\mathrm{d} y}{\mathrm{d} x}", "a derivative"),
    (r"\frac{\partial f}{\partial \mu}", "a derivative"),
    (r"\|x\|", "a norm"),
    (r"x^\top y", "a transpose"),
    (r"\begin{pmatrix} a \\ b \end{pmatrix}", "an environment"),
    (r"a \pm b", "two formulas"),
    (r"x_1 + \dots + x_n", "an omission"),
    (r"x = y = z", "two equals signs"),
    (r"x + 1 = y", "not a name"),
    (r"2 = y", "not a name"),
    (r"e^2 + e", "Euler's number"),
    (r"\log(x, y)", "takes one argument"),
    (r"\max_i x_i", "stands without parentheses"),
    (r"\operatorname{erf} x", "stands without parentheses"),
    (r"x^{(i)}", "is no power"),
    (r"\mathbf{x} + x", "would both be called `x`"),
    (r"\sum_{i} x_i", "cannot be read from here"),
    (r"\sum_{i=1}^{n} x_{i1}", "several indices"),
    (r"\sum_{i=1}^{n} (x_i - x_0)", "count from 1"),
    (r"\sum_{i=1}^{n} x_{y_i}", "the size of axis 0 of `x`"),
    (r"\sum_{i=1}^{\infty} x^i", "infinitely many"),
    (r"1{,}000", "no complete formula"),
    (r"1\,000 x", "two numbers"),
    (r"2 3", "two numbers"),
    (r".5 x", "Write `0.5`"),
    (r"a : b", "`:`"),
    (r"\left. x \right|", "delimiter"),
]


@pytest.mark.parametrize(("latex", "words"), WRONG, ids=[latex for latex, _ in WRONG])
def test_what_is_not_understood_is_refused(latex: str, words: str) -> None:
    with pytest.raises(FormulaError) as caught:
        read(latex=latex)
    assert words in str(caught.value)
    assert str(caught.value).startswith("<LaTeX>:1:")
    assert caught.value.hint.endswith(".")


def test_wrong_use() -> None:
    with pytest.raises(FormulaError, match="LaTeX is a text"):
        gradcompile.compile(latex=3)  # type: ignore[arg-type]
    with pytest.raises(FormulaError, match="at once"):
        gradcompile.compile("f = x", latex="x")


def test_without_the_package_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "antlr4", None)
    with pytest.raises(FormulaError, match="antlr4-python3-runtime") as caught:
        read(latex="x")
    assert "pip install 'gradcompile[latex]'" in caught.value.hint


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, ["compile", *arguments])


FAST = ("--target", "numpy", "--no-verify")


def test_the_command_line(run) -> None:
    latex = r"\frac{1}{2} (y - w x')^2"
    result = run("--latex", latex, "--name", "f", "--target", "numpy", "--wrt", "w")
    assert result.exit_code == 0, result.output
    assert "proved" in Path("generated/f.py").read_text()
    assert run("--check", "generated").exit_code == 0
    assert run("--check", "--latex", latex, "--name", "f", "--target", "numpy", "--wrt", "w").exit_code == 0
    assert run("--check", "--latex", latex + "+ 1", "--name", "f", "--target", "numpy", "--wrt", "w").exit_code == 1
    named = run("--latex", "L(x, y) = x y", "--json", *FAST)
    assert json.loads(named.stdout)[0]["module"] == "generated/L.py"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--latex", "x +", "--name", "f"), "no complete formula"),
        (("--latex", "x", "f.formula"), "not both"),
        (("--name", "f", "f.formula"), "--name is for --latex"),
        (("--latex", "x", "--name", "a b"), "no module can be called that"),
        (("--latex", "x", "--name", "value"), "no module can be called that"),
        ((), "Missing argument"),
    ],
)
def test_bad_usage_exits_with_2_and_one_sentence(run, arguments: tuple[str, ...], words: str) -> None:
    Path("f.formula").write_text("f = x\n")
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.output
