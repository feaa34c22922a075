"""Claims are proved, agreed to or refuted, with a small counterexample."""

from __future__ import annotations

import pytest

from gradcompile.syntax import parse
from gradcompile.verify import ClaimVerdict, check_claims
from gradcompile.verify.claims import Checker
from gradcompile.verify.fields import OutOfTimeError

QUADRATIC = "x: Param[N]\nA: Real[N, N]\nq = x @ A @ x\n"


def verdicts(text: str, seconds: float = 30.0) -> list[ClaimVerdict]:
    return check_claims(parse(text, "claims.formula", name="claims"), seconds=seconds)


def verdict(text: str) -> ClaimVerdict:
    (only,) = verdicts(text)
    return only


@pytest.mark.parametrize(
    "text",
    [
        QUADRATIC + "assert grad(q, x) == (A + A.T) @ x",
        QUADRATIC + "assert grad(q, A) == outer(x, x)",
        "x: Param[N]\ny = exp(x) / sum(exp(x))\nassert sum(y) == 1\nassert log(y) == x - logsumexp(x)",
        "x: Param\ny = tanh(x)\nassert grad(y, x) == 1 - y**2",
        "x: Param\ny = 1 / (1 + exp(-x))\nassert grad(y, x) == y * (1 - y)",
        "x: Param[N]\nr = norm(x)\nassert grad(r, x) == x / r",
        "x: Param[N]\ny = sum(max(x, 0)**2)\nassert grad(y, x) == where(x > 0, 2 * x, 0)",
        "x: Param\nu = x**2\ny = u**3 + x\nassert grad(y, u) == 3 * x**4\nassert grad(y, x) == 6 * x**5 + 1",
        "x: Param\ny = stop_gradient(x) * x\nassert grad(y, x) == x",
        "x: Param[N]\ny = sum(x**4)\nassert grad(sum(grad(y, x)), x) == 12 * x**2",
        "X: Param[N, D]\ny = sum(mean(X, axis=0)**2)\nassert grad(y, X) == 2 / N * mean(X, axis=0) + zeros((N, 1))",
        "a: Param\nb: Param\ny = cos(a)**2 + sin(a)**2 + b\nassert y == 1 + b",
        "x: Param[N]\ny = sum(x[i] * x[j] for i in range(N) for j in range(i))\n"
        "assert grad(y, x) == [sum(x[j] for j in range(N) if j != i) for i in range(N)]",
        "x: Param[N]\ny = 0\nfor i in range(N):\n    y = y + i * x[i]**2\n"
        "assert y == sum(i * x[i]**2 for i in range(N))\n"
        "assert grad(y, x) == [2 * i * x[i] for i in range(N)]",
        "k: Int[N]\nx: Param[M]\ny = sum(x[k[i]]**2 for i in range(N))\n"
        "assert grad(y, x) == [sum(2 * x[j] for i in range(N) if k[i] == j) for j in range(M)]",
        "a: Param\nx: Real[T]\nh[0] = x[0]\nfor t in range(1, T):\n    h[t] = a * h[t - 1] + x[t]\n"
        "assert h[T - 1] == sum(a**(T - 1 - t) * x[t] for t in range(T))",
        "n: Int\nx: Param\ny = 1\nfor i in range(n):\n    y = y * x\nassert y == x**n",
        "x: Param[N]\ny = sum(x**3)\n"
        "assert hessian(y, x) == [[6 * x[i] if i == j else 0 for j in range(N)] for i in range(N)]\n"
        "assert jacobian(grad(y, x), x) == hessian(y, x)\nassert jvp(y, x, x) == 3 * y",
        "x: Param\ndef f(n):\n    return 1 if n == 0 else x * f(n - 1)\ny = f(5)\nassert grad(y, x) == 5 * x**4",
        "A: Param & Symmetric[N]\nb: Real[N]\ny = b @ A @ b\nassert grad(y, A) == outer(b, b)",
    ],
)
def test_proved(text: str) -> None:
    assert {v.verdict for v in verdicts(text)} == {"proved"}
    assert {v.tier for v in verdicts(text)} == {"sympy"}


@pytest.mark.parametrize(
    "text",
    [
        "x: Param\ny = erf(x) + lgamma(x + 3)\nassert grad(y, x) == 2 * exp(-x**2) / sqrt(pi) + digamma(x + 3)",
        "X: Param[N, D]\ny = sum(max(X, axis=1))\nassert grad(y, X) == where(X == max(X, axis=1, keepdims=True), 1, 0)",
        "x: Param\ny = sinh(x)\nassert y == (exp(x) - exp(-x)) / 2",
        "x: Param\ny = 0.1 * 0.3 * x\nassert grad(y, x) == 0.03",
        pytest.param(
            "s: 1 < Param < 3\nr = s\nfor i in range(9):\n    r = 0.5 * (r + s / r)\n"
            "assert grad(r, s) == 0.5 / sqrt(s)",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_agrees(text: str) -> None:
    assert verdict(text).verdict in ("agrees", "proved")


@pytest.mark.parametrize(
    "text",
    [
        "x: Param[N]\ny = sum(x[i] * x[j] for i in range(N) for j in range(i))\nassert grad(y, x) == sum(x) - 2 * x",
        "x: Param[N]\ny = 0\nfor i in range(N):\n    y = y + i * x[i]**2\nassert grad(y, x) == 2 * x",
        "k: Int[N]\nx: Param[M]\ny = sum(x[k[i]]**2 for i in range(N))\nassert grad(y, x) == 2 * x",
        "a: Param\nx: Real[T]\nh[0] = x[0]\nfor t in range(1, T):\n    h[t] = a * h[t - 1] + x[t]\n"
        "assert grad(h[T - 1], a) == sum(t * a**(t - 1) * x[t] for t in range(1, T))",
        "n: Int\nx: Param\ny = 1\nfor i in range(n):\n    y = y * x\nassert grad(y, x) == x**n",
        "s: Param\nr = s**2 + 1\nwhile abs(r * r - 2) > 1e-12:\n    r = 0.5 * (r + 2 / r)\nassert r == 1.4142",
    ],
)  # fmt: skip
def test_refuted_with_indices_and_loops(text: str) -> None:
    found = verdict(text)
    assert found.verdict == "refuted", found
    assert found.counterexample
    assert "left" in found.counterexample


@pytest.mark.parametrize(
    "claim",
    [
        "grad(q, x) == A @ x",
        "grad(q, x) == 2 * A @ x",
        "grad(q, x) == -(A + A.T) @ x",
        "grad(q, x) == (A + A.T) @ x * 1.000000001",
        "grad(q, x) == (A + A.T) @ x / N",
        "grad(q, A) == outer(x, x) + 0.0000001 * A",
        "q == sum(x)",
    ],
)
def test_refuted(claim: str) -> None:
    found = verdict(f"{QUADRATIC}assert {claim}")
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert "left" in found.counterexample
    assert "right" in found.counterexample


def test_a_counterexample_is_small() -> None:
    found = verdict(f"{QUADRATIC}assert grad(q, x) == A @ x")
    assert found.counterexample == "N = 1, x = [1], A = [[1]]: left [2], right [1]"
    assert verdict(f"{QUADRATIC}assert grad(q, x) == 2 * A @ x").counterexample.startswith("N = 2, ")  # equal for N = 1


def test_a_counterexample_shows_the_difference() -> None:
    found = verdict("x: Real\nf = x**2\nassert grad(f, x) == 2.0000001*x")
    assert found.counterexample == "x = 1: left 2, right 2.0000000999999998"


def test_a_default_that_is_not_finite_is_no_place_to_look_at() -> None:
    assert verdict("x: Real = nan\nf = x**2\nassert grad(f, x) == 2*x").verdict == "proved"


def test_sides_of_different_shape_are_refuted() -> None:
    found = verdict(f"{QUADRATIC}assert grad(q, x) == 1")
    assert (found.verdict, found.tier) == ("refuted", "shapes")
    assert found.sentence == "The left side has shape (2,), the right side ()."


def test_a_transpose_cannot_hide() -> None:
    text = "X: Real[N, D]\nW: Param[D, K]\nS = X @ W\ny = sum(S**2)\n"
    assert verdict(text + "assert grad(y, W) == 2 * X.T @ S").verdict == "proved"
    assert verdict(text + "assert grad(y, W) == (2 * X.T @ S).T").verdict == "refuted"


def test_a_claim_sees_the_variables_of_its_place() -> None:
    text = "x: Param\ny = x**2\nassert y == x**2\ny = y + 1\nassert y == x**2 + 1\nassert y == x**2"
    assert [v.verdict for v in verdicts(text)] == ["proved", "proved", "refuted"]


def test_fields_for_json() -> None:
    found = verdict(f"{QUADRATIC}assert grad(q, x) == A @ x").to_dict()
    assert list(found) == [
        "file", "line", "claim", "verdict", "tier", "sentence", "kind", "gate", "gate_line", "repair", "counterexample",
        "follows",
    ]  # fmt: skip
    assert found["file"] == "claims.formula"
    assert found["line"] == 4
    assert found["claim"] == "grad(q, x) == A @ x"
    assert found["kind"] is found["repair"] is None


def test_no_time_is_undecided() -> None:
    found = verdicts(f"{QUADRATIC}assert grad(q, x) == A @ x\nassert q == q", seconds=0.0)
    assert [v.verdict for v in found] == ["undecided", "undecided"]
    assert "budget" in found[0].sentence


def test_verdicts_are_the_same_every_time() -> None:
    text = f"{QUADRATIC}assert grad(q, x) == A @ x\nassert grad(q, A) == outer(x, x)"
    assert verdicts(text) == verdicts(text)


@pytest.mark.parametrize(
    ("text", "kinked"),
    [
        ("x: Param[N]\nc: Real\nf = sum(log(1 + (x / c)**2))\nassert grad(f, x) == 2 * x / (c**2 + x**2)", False),
        ("x: Param[N]\nf = sum(sqrt(1 + x**2))\nassert grad(f, x) == x / sqrt(1 + x**2)", False),
        ("x: Param[N]\nf = sum(x[i] * x[j] if i > j else 0 for i in range(N) for j in range(N))\n"
         "assert grad(f, x) == sum(x) - x", False),
        ("x: Param[N]\nf = sum(exp(x)**0.5) * sqrt(N)\nassert grad(f, x) == 0.5 * sqrt(N) * exp(x)**0.5", False),
        ("x: Param[N]\nf = sum(abs(x))\nassert grad(f, x) == sign(x)", True),
        ("x: Param[N]\nf = sum(sqrt(x**2))\nassert grad(f, x) == x / sqrt(x**2)", True),
        ("x: Param[N]\nf = max(x)\nassert sum(grad(f, x)) == 1", True),
    ],
)  # fmt: skip
def test_kinks_are_spoken_of_where_there_are_any(text: str, kinked: bool) -> None:
    found = verdict(text)
    assert found.verdict == "proved"
    assert ("away from kinks" in found.sentence) == kinked


LINEAR = "X: Real[N, D]\ny: Real[N]\nw: Param[D]\nf = sum((X @ w - y)**2)\nassert grad(f, w) == "


@pytest.mark.parametrize(
    ("claim", "shown"),
    [
        ("2 * (X @ w - y)", "left [2, 2] of shape (2,), right [2] of shape (1,)"),
        ("2 * X.T * (X @ w - y)", "left [2] of shape (1,), right [[2]] of shape (1, 1)"),
        ("2 * sum(X.T @ (X @ w - y))", "left [2] of shape (1,), right 2 (a scalar)"),
        ("2 * (X @ w - y) @ X.T", "left [2, 2] of shape (2,), right has no value"),
    ],
)
def test_sides_of_different_shape_are_shown_with_their_shapes(claim: str, shown: str) -> None:
    found = verdict(LINEAR + claim)
    assert (found.verdict, found.tier) == ("refuted", "shapes")
    assert found.counterexample is not None
    assert found.counterexample.endswith(shown)


def test_a_refuted_claim_stays_refuted_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object) -> None:
        raise OutOfTimeError

    monkeypatch.setattr(Checker, "_differing", late)
    monkeypatch.setattr(Checker, "_value", late)
    differs = verdict(LINEAR + "3 * X.T @ (X @ w - y)")
    assert (differs.verdict, differs.sentence) == ("refuted", "The sides differ.")
    assert differs.counterexample is not None
    shapes = verdict(LINEAR + "2 * (X @ w - y) @ X.T")
    assert (shapes.verdict, shapes.counterexample) == ("refuted", None)
