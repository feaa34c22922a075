"""Claims from elsewhere than the file, hints, grades, and claims as tests of pytest."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import gradcompile
from gradcompile.cli import main
from gradcompile.doors import latex_expression
from gradcompile.errors import FormulaError

LOSS = """\
X: Real[N, D]
y: Real[N]
w: Param[D]
r = X @ w - y
loss = mean(r**2)
return loss
"""
MINE = """\
import numpy as np


def right(X, y, w):
    return 2 * X.T @ (X @ w - y) / len(y)


def wrong(X, y, w, N):
    return 2 * X.T @ (X @ w - y)


def slow(X):
    while True:
        pass


def odd(X, z):
    return X
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run a command in a folder with a formula and a file of functions."""
    monkeypatch.chdir(tmp_path)
    Path("loss.formula").write_text(LOSS)
    Path("mine.py").write_text(MINE)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["check", *arguments])

    return invoke


def found(result: Result) -> list[dict[str, object]]:
    return json.loads(result.stdout)


def test_claims_as_text_and_in_latex(run) -> None:
    result = run("loss.formula", "--json", "--claim", "w", r"\frac{2}{N} X^\top (X w - y)", "--claim", "r", "2 * r")
    latex, text = found(result)
    assert result.exit_code == 1
    assert (latex["verdict"], latex["claim"]) == ("proved", "grad(loss, w) == 2 / N * X.T @ (X @ w - y)")
    assert (text["verdict"], text["kind"], text["gate"], text["gate_line"]) == ("refuted", "factor", "mean", 5)


LATEX = [
    (r"\frac{1}{N} X^\top (P - Y)", "1 / N * X.T @ (P - Y)"),
    (r"-2 X^{T} (y - X w) + \lambda w", "-2 * X.T @ (y - X @ w) + lam * w"),
    (r"x y^\top", "outer(x, y)"),
    (r"x^\top y", "x @ y"),
    (r"\mathbf{1}^\top (P - Y)", "sum((P - Y), axis=0)"),
    (r"(1 - h^2) \odot x", "(1 - h**2) * x"),
    (r"\sigma(z)(1 - \sigma(z))", "sigmoid(z) * (1 - sigmoid(z))"),
    (r"\sum_{i=1}^{N} x_i y_i", "sum(x[i] * y[i] for i in range(N))"),
    (r"W_1^\top x", "W1.T @ x"),
    (r"\left(A + A^\top\right) x", "(A + A.T) @ x"),
    (r"\frac{x}{\|x\|}", "x / norm(x)"),
    (r"e^{x}", "exp(x)"),
    (r"\hat{y} - y", "y_hat - y"),
    (r"A^{-1} x", "inv(A) @ x"),
]
RANKS = {
    "X": 2, "P": 2, "Y": 2, "A": 2, "W1": 2, "x": 1, "y": 1, "w": 1, "z": 1, "h": 1, "y_hat": 1, "N": 0, "lam": 0,
}  # fmt: skip


@pytest.mark.parametrize(("latex", "text"), LATEX, ids=[t for _, t in LATEX])
def test_latex_is_matrix_notation(latex: str, text: str) -> None:
    assert latex_expression(latex, RANKS) == text


@pytest.mark.parametrize("latex", [r"\frac{1}{N", r"X^\top (P - ", r"\foo x", r"q + 1", r"x_i", r"\sum_i x", "x )"])
def test_bad_latex_is_one_clear_error(latex: str) -> None:
    with pytest.raises(FormulaError):
        latex_expression(latex, RANKS)


def test_a_function_of_a_file(run) -> None:
    (right,) = found(run("loss.formula", "--json", "--claim", "w", "mine.py:right"))
    assert (right["verdict"], right["tier"]) == ("agrees", "values")
    (wrong,) = found(run("loss.formula", "--json", "--claim", "w", "mine.py:wrong"))
    assert (wrong["kind"], wrong["gate"], wrong["gate_line"]) == ("factor", "mean", 5)
    assert wrong["sentence"] == "Your dw lacks the factor 1/N that the mean gate on line 5 passes back."


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("mine.py:slow", "more than"), ("mine.py:odd", "no input called `z`"), ("mine.py:none", "none"),
        ("no.py:f", "no such file"),
    ],
)  # fmt: skip
def test_a_function_that_gives_nothing(run, claim: str, said: str) -> None:
    result = run("loss.formula", "--claim", "w", claim, "--verify-seconds", "3")
    assert result.exit_code == 2
    assert said in result.stderr


def test_arrays_at_a_point(run) -> None:
    draw = np.random.default_rng(0)
    X, y, w = draw.normal(size=(5, 3)), draw.normal(size=5), draw.normal(size=3)
    np.savez("point.npz", X=X, y=y, w=w)
    np.savez("right.npz", w=2 * X.T @ (X @ w - y) / 5)
    np.savez("wrong.npz", w=-2 * X.T @ (X @ w - y) / 5)
    (right,) = found(run("loss.formula", "--json", "--claim", "w", "right.npz", "--at", "point.npz"))
    assert right["verdict"] == "agrees"
    (wrong,) = found(run("loss.formula", "--json", "--claim", "w", "wrong.npz", "--at", "point.npz"))
    assert (wrong["verdict"], wrong["kind"]) == ("refuted", "sign")
    assert run("loss.formula", "--claim", "w", "right.npz").exit_code == 2
    np.savez("short.npz", X=X, y=y[:4], w=w)
    assert "shape" in run("loss.formula", "--claim", "w", "right.npz", "--at", "short.npz").stderr


def test_arrays_at_a_point_of_many_numbers(run) -> None:
    draw = np.random.default_rng(0)
    X, y, w = draw.normal(size=(4000, 5)), draw.normal(size=4000), draw.normal(size=5)
    gradient = 2 * X.T @ (X @ w - y) / 4000
    np.savez("point.npz", X=X, y=y, w=w)
    for name, claimed in (("right", gradient), ("many", 4000 * gradient), ("near", gradient + 1e-9), ("short", y)):
        np.savez(f"{name}.npz", w=claimed)

    def judged(name: str) -> dict:
        (one,) = found(run("loss.formula", "--json", "--claim", "w", f"{name}.npz", "--at", "point.npz"))
        return one

    assert judged("right")["verdict"] == "agrees"
    assert (judged("many")["verdict"], judged("many")["kind"]) == ("refuted", "factor")
    assert "multiplied by 1/N" in judged("many")["sentence"]
    assert (judged("near")["verdict"], judged("near")["kind"]) == ("refuted", None)
    assert "left of shape (5,), right of shape (4000,)" in judged("short")["counterexample"]
    np.savez("words.npz", w=np.array(["many", "words"]))
    assert run("loss.formula", "--claim", "w", "words.npz", "--at", "point.npz").exit_code == 2
    np.savez("point.npz", X=X, y=y, w=w * np.nan)
    assert judged("right")["verdict"] == "undecided"


def test_the_smallest_example_of_a_function(run) -> None:
    (wrong,) = found(run("loss.formula", "--json", "--claim", "w", "mine.py:wrong"))
    assert wrong["counterexample"] == ("N = 2, D = 1, X = [[1], [2]], y = [3, 4], w = [5]: left [14], right [28]")


def test_two_mistakes_of_a_function() -> None:
    text = "X: Real[N, D]\ny: Real[N]\nw: Param[D]\np = sigmoid(X @ w)\nloss = mean((p - y)**2)\n"

    def mine(X, y, w):
        p = 1 / (1 + np.exp(-(X @ w)))
        return 2 * X.T @ ((p - y) * p)

    (found,) = gradcompile.check(text, claims={"w": mine})
    assert (found.verdict, found.kind, found.gate, found.gate_line) == ("refuted", None, "sigmoid", 4)
    assert "lacks the factor `1 - p`" in found.sentence
    assert "and it needs the factor 1/N" in found.sentence


DECORATED = """\
import gradcompile
from gradcompile import Param, Real


@gradcompile.formula
def half(x):
    return 0.5 * x


@gradcompile.formula(verify=False, target="numpy")
def loss(X: Real["N", "D"], y: Real["N"], w: Param["D"]):
    r = X @ w - y
    return half(sum(r**2))


def double(X, y, w):
    return 2 * X.T @ (X @ w - y)
"""


def test_claims_about_a_decorated_function(run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("decorated.py").write_text(DECORATED)
    monkeypatch.syspath_prepend(Path.cwd())
    loss = importlib.import_module("decorated").loss
    (values,) = loss.check(w="decorated.py:double")
    assert (values.verdict, values.kind, values.gate_line) == ("refuted", "factor", 7)
    assert loss.check(w="X.T @ r")[0].verdict == "proved"
    assert loss.compiled.check(w=r"X^\top r")[0].verdict == "proved"
    (shapes,) = loss.check(w="X @ r")
    assert (shapes.verdict, shapes.repair) == ("refuted", "r @ X")
    with pytest.raises(FormulaError, match="is Python"):
        gradcompile.check(Path("decorated.py"))


def test_functions_and_arrays_from_python() -> None:
    compiled = gradcompile.compile(LOSS, target="numpy", verify=False)
    (right,) = compiled.check(w=lambda X, y, w: 2 * X.T @ (X @ w - y) / len(y))
    assert right.verdict == "agrees"
    (wrong,) = compiled.check(w=lambda X, y, w: X.T @ (X @ w - y))
    assert wrong.kind == "factor"
    (text,) = gradcompile.check(LOSS, claims={"w": "2 / N * X.T @ r"})
    assert text.verdict == "proved"


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("loss.formula", "--claim", "w", "1", "--claim", "w", "2"), ("--grade", ".", "loss.formula"),
        ("loss.formula", "--key", "loss.formula"), ("loss.formula", "--claim", "nobody", "1"),
        ("loss.formula", "--claim", "w", "X +"),
    ],
)  # fmt: skip
def test_wrong_usage(run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_hints(run) -> None:
    result = run("loss.formula", "--claim", "w", "2 * X.T @ r", "--hints")
    assert result.exit_code == 1
    assert "Look at the mean gate on line 5 again" in result.stdout
    assert "1/N" not in result.stdout


# Grades

KEY = LOSS.replace(
    "return loss\n", "assert grad(loss, r) == 2 * r / N\nassert grad(loss, w) == 2 * X.T @ r / N\nreturn loss\n"
)


def test_submissions_are_graded_each_by_itself(run) -> None:
    folder = Path("handed_in")
    folder.mkdir()
    Path("key.formula").write_text(KEY)
    (folder / "ann.formula").write_text(KEY)
    (folder / "bob.formula").write_text(KEY.replace("2 * r / N", "2 * r").replace("2 * X.T @ r / N", "2 * X.T @ r"))
    (folder / "cheat.formula").write_text(KEY.replace("mean(r**2)", "0 * mean(r**2)").replace("2 * ", "0 * "))
    (folder / "dot.formula").write_text("this is no formula\n")
    (folder / "eve.formula").write_text(LOSS + "# nothing claimed\n")
    result = run("--grade", "handed_in", "--key", "key.formula", "--json", "--verify-seconds", "20")
    graded = {Path(str(g["file"])).stem: g for g in found(result)}
    assert list(graded) == ["ann", "bob", "cheat", "dot", "eve"]
    assert {name: (g["credit"], g["of"]) for name, g in graded.items()} == {
        "ann": (2.0, 2), "bob": (1.5, 2), "cheat": (0, 2), "dot": (0, 2), "eve": (0, 2),
    }  # fmt: skip
    assert [c["credit"] for c in graded["bob"]["claims"]] == [0.5, 1.0]
    assert "changed" in graded["cheat"]["error"]
    assert "dot.formula:1" in graded["dot"]["error"]
    assert graded["eve"]["missing"] == ["grad(loss, r)", "grad(loss, w)"]


# Claims as tests


def test_claims_are_tests_of_pytest(run) -> None:
    Path("right.formula").write_text(KEY)
    Path("wrong.formula").write_text(KEY.replace("2 * r / N", "2 * r"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "1 failed, 3 passed" in done.stdout
    assert "Your dr lacks the factor 1/N that the mean gate on line 5 passes back." in done.stdout
    assert "wrong.formula:6: refuted" in done.stdout
