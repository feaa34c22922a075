"""What is wrong with a refuted claim: the kind of mistake, the gate, the line, an expression that is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gradcompile.diagnosis import hinted, judge
from gradcompile.syntax import parse
from gradcompile.verify import ClaimVerdict

NETWORK = """\
X: Real[N, D]
Y: Real[N, C]
W1: Param[D, H]
b1: Param[H]
W2: Param[H, C]
before = X @ W1 + b1
hidden = tanh(before)
scores = hidden @ W2
loss = mean(logsumexp(scores, axis=1) - sum(Y * scores, axis=1)) + 0.5 * lam * sum(W2**2)
dscores = (softmax(scores, axis=1) - Y) / N
dbefore = (dscores @ W2.T) * (1 - hidden**2)
""".replace("W2: Param[H, C]\n", "W2: Param[H, C]\nlam: Real = 0.1\n")

SMALL = """\
x: Param[N]
A: Real[N, N]
y: Real[N]
w: Param[N]
s: Positive & Param
q = x @ A @ x
h = tanh(w * x)
L = 0.5 * sum((h - y)**2)
steps = sum((x[i] - x[i - 1])**2 for i in range(1, N))
"""

CASES = [
    # formula, claim, kind, gate, line
    (NETWORK, "grad(loss, scores) == softmax(scores, axis=1) - Y", "factor", "mean", 10),
    (NETWORK, "grad(loss, scores) == (Y - softmax(scores, axis=1)) / N", "sign", "sub", 10),
    (NETWORK, "grad(loss, W1) == X @ dbefore", "transpose", "mul", 7),
    (NETWORK, "grad(loss, W1) == dbefore.T @ X", "transpose", "mul", 7),
    (NETWORK, "grad(loss, W1) == X.T * dbefore", "product", "mul", 7),
    (NETWORK, "grad(loss, b1) == dbefore", "missing-sum", "add", 7),
    (NETWORK, "grad(loss, W1) == X.T @ (dscores @ W2.T)", "missing-local", "tanh", 8),
    (NETWORK, "grad(loss, before) == (dscores @ W2.T) * (1 - before**2)", "wrong-place", "tanh", 8),
    (NETWORK, "grad(loss, hidden) == W2 @ dscores", "swapped", "mul", 9),
    (NETWORK, "grad(loss, W2) == hidden.T @ dscores", "dropped-term", "add", 10),
    (NETWORK, "grad(loss, W2) == hidden.T @ dscores + W2", "factor", "mul", 10),
    (NETWORK, "grad(loss, W2) == hidden.T @ dscores - lam * W2", "sign", "add", 10),
    (NETWORK, "grad(loss, hidden) == sum(dscores @ W2.T, axis=0)", "extra-sum", "mul", 9),
    (SMALL, "grad(q, x) == 2 * A @ x", "unsymmetrised", "mul", 6),
    (SMALL, "grad(L, w) == (h - y) * (1 - h**2) * w", "swapped", "mul", 7),
    (SMALL, "grad(L, w) == 2 * (h - y) * (1 - h**2) * x", "factor", "mul", 8),
    (
        SMALL,
        "grad(steps, x) == [(2 * (x[i] - x[i - 1]) if i > 0 else 0) for i in range(N)]",
        "missing-path", "copy", 1,
    ),
    (
        SMALL,
        "grad(steps, x) == [(2 * (x[i] - x[i - 1]) if i > 0 else 0) - (2 * (x[i] - x[i - 1]) if i < N - 1 else 0) "
        "for i in range(N)]",
        "shifted", "take", 9,
    ),
]  # fmt: skip


def verdicts(text: str, seconds: float = 40.0) -> list[ClaimVerdict]:
    return judge(parse(text, "derivation.formula", name="derivation"), seconds=seconds)


def verdict(formula: str, claim: str) -> ClaimVerdict:
    (only,) = verdicts(f"{formula}assert {claim}\n")
    return only


SLOW = {
    "grad(loss, W2) == hidden.T @ dscores + W2", "grad(loss, W2) == hidden.T @ dscores - lam * W2",
    "grad(loss, W1) == X.T * dbefore", "grad(loss, hidden) == sum(dscores @ W2.T, axis=0)",
    "grad(loss, W1) == X.T @ dh * (z1 > 0)", "hessian(loss, w) == X.T @ (X * p * (1 - p)) / N + lam * eye(D)",
    "grad(loss, W1) == -N * X.T @ (dscores @ W2.T)", "grad(loss, W1) == X @ dbefore * N",
}  # fmt: skip


def marked(cases: list[Any]) -> list[Any]:
    """Return a parameter for each case, by its claim, those that take long marked."""
    return [pytest.param(*c, id=c[1], marks=[pytest.mark.slow] if c[1] in SLOW else []) for c in cases]


@pytest.mark.parametrize(("formula", "claim", "kind", "gate", "line"), marked(CASES))
def test_each_kind_of_mistake(formula: str, claim: str, kind: str, gate: str, line: int) -> None:
    found = verdict(formula, claim)
    assert (found.verdict, found.kind, found.gate, found.gate_line) == ("refuted", kind, gate, line), found.sentence
    assert found.sentence.startswith("Your d")


REPAIRED = [c for c in CASES if c[2] not in ("missing-path",)]


@pytest.mark.slow
@pytest.mark.parametrize(("formula", "claim"), [c[:2] for c in REPAIRED], ids=[c[1] for c in REPAIRED])
def test_a_repair_is_right(formula: str, claim: str) -> None:
    repair = verdict(formula, claim).repair
    assert repair is not None
    assert verdict(formula, f"{claim.partition(' == ')[0]} == {repair}").verdict in ("proved", "agrees")


def test_the_sentence_names_the_factor_the_gate_and_the_line() -> None:
    found = verdict("x: Param[N]\ny = mean(x**3)\n", "grad(y, x) == 3 * x**2")
    assert found.sentence == "Your dx lacks the factor 1/N that the mean gate on line 2 passes back."


def test_the_first_wrong_gradient_is_named_and_others_follow_from_it() -> None:
    text = NETWORK.replace(" / N\ndbefore", "\ndbefore")
    claims = ["grad(loss, W1) == X.T @ dbefore", "grad(loss, before) == dbefore", "grad(loss, scores) == dscores"]
    found = verdicts(text + "".join(f"assert {claim}\n" for claim in claims))
    first = found[2]
    assert (first.kind, first.gate, first.follows) == ("factor", "mean", None)
    assert [v.follows for v in found[:2]] == [first.line, first.line]
    assert "this step is right" in found[0].sentence
    assert str(first.line) in found[0].sentence


def test_a_line_of_the_derivation_is_mended() -> None:
    text = NETWORK.replace("(1 - hidden**2)", "(1 + hidden**2)")
    found = verdict(text, "grad(loss, W1) == X.T @ dbefore")
    assert found.kind == "sign"
    assert "line 12" in found.sentence
    assert found.repair == "X.T @ (dscores @ W2.T * (1 - hidden ** 2))"


def test_no_single_repair_is_said_so_with_the_first_difference() -> None:
    found = verdict(NETWORK, "grad(loss, scores) == exp(scores) - cos(Y)")
    assert (found.kind, found.gate, found.repair) == (None, None, None)
    assert found.sentence.startswith("No single repair makes it true.")
    assert "exp(scores)" in found.sentence


RELU = """\
X: Real[N, D]
Y: Real[N, K]
W1: Param[D, H]
b1: Param[H]
W2: Param[H, K]
z1 = X @ W1 + b1
h = max(z1, 0)
z2 = h @ W2
loss = sum((z2 - Y)**2) / (2 * N)
dz2 = (z2 - Y) / N
dh = dz2 @ W2.T
"""
LOGISTIC = """\
X: Real[N, D]
y: Real[N]
w: Param[D]
b: Param
lam: Real = 0.1
z = X @ w + b
p = sigmoid(z)
loss = -mean(y * log(p) + (1 - y) * log(1 - p)) + lam / 2 * sum(w**2)
"""
CHAIN = "x: Param\ny: Param\na = x * y\nc = sin(a) + x**3\nf = exp(c) / (1 + y**2)\n"
SOFTMAX = "x: Param[N]\np = exp(x) / sum(exp(x))\nH = -sum(p * log(p))\n"
MARGIN = [  # what teachers write in the margin: formula, claim, kind, what is said, what is right
    (RELU, "grad(loss, z1) == dh * h", "missing-local", "`h`, the value of the max gate on line 7", "dh * (h > 0)"),
    (RELU, "grad(loss, z1) == dh * (z1 < 0)", "swapped", "the condition is the wrong way round", "dh * (z1 > 0)"),
    (RELU, "grad(loss, z1) == where(dh > 0, dh, 0)", "wrong-place", "`dh` where `z1` belongs", "where(z1 > 0, dh, 0)"),
    (RELU, "grad(loss, W1) == X.T @ dh * (z1 > 0)", "product", "belongs to one factor", "X.T @ (dh * (z1 > 0))"),
    (RELU, "grad(loss, b1) == sum(dh * (z1 > 0), axis=1)", "missing-sum", "over another axis",
     "sum(dh * (z1 > 0), axis=0)"),
    ("x: Param[N, D]\nf = sum((x - mean(x, axis=1, keepdims=True))**2)\n",
     "grad(f, x) == 2 * (x - mean(x, axis=0))", "missing-sum", "the sum is over another axis",
     "2 * (x - mean(x, axis=1, keepdims=True))"),
    (LOGISTIC, "grad(loss, z) == (p - y) * p * (1 - p) / N", "missing-local", "a factor is too many", "(p - y) / N"),
    (LOGISTIC, "grad(loss, b) == mean(p - y) + lam * b", "dropped-term", "a term is too many", "mean(p - y)"),
    (LOGISTIC, "grad(loss, w) == X.T @ (p - y) / D + lam * w", "factor", "`D` where `N` belongs",
     "X.T @ (p - y) / N + lam * w"),
    (LOGISTIC, "hessian(loss, w) == X.T @ (X * p * (1 - p)) / N + lam * eye(D)", "transpose", "along the wrong axis",
     "X.T @ (X * p[:, None] * (1 - p)[:, None]) / N + lam * eye(D)"),
    (CHAIN, "grad(f, a) == f * sin(a)", "missing-local", "the value of the sin gate on line 4", "f * cos(a)"),
    (CHAIN, "grad(f, x) == f * (y * cos(a) + 3 * x)", "missing-local", "a power is wrong",
     "f * (y * cos(a) + 3 * x ** 2)"),
    (SOFTMAX, "jacobian(p, x) == [[p[i] * ((i == j) - p[i]) for j in range(N)] for i in range(N)]", "wrong-place",
     "the wrong index stands there", "[[p[j] * ((i == j) - p[i]) for j in range(N)] for i in range(N)]"),
    ("x: Param[N]\nf = sum(x**2)**2\n", "grad(f, x) == 4 * x * sum(x)**2", "swapped",
     "a sum of powers is not the power of the sum", "4 * x * sum(x ** 2)"),
    ("x: Param[N]\ns: Real[N]\nf = sum(softplus(-2 * s * x))\n", "grad(f, x) == -2 * s * sigmoid(2 * s * x)", "sign",
     "`-(2 * s * x)` belongs", "-2 * s * sigmoid(-(2 * s * x))"),
    (SOFTMAX, "grad(H, p) == -log(p)", "missing-path", "through the log gate on line 3", "-log(p) - 1"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "claim", "kind", "said", "right"), marked(MARGIN))
def test_mistakes_of_all_days(formula: str, claim: str, kind: str, said: str, right: str) -> None:
    found = verdict(formula, claim)
    assert (found.verdict, found.kind, found.repair) == ("refuted", kind, right), found.sentence
    assert said in found.sentence


def test_a_claim_of_nothing_lacks_no_gate_in_particular() -> None:
    found = verdict(LOGISTIC, "grad(loss, b) == mean(p - p)")
    assert (found.kind, found.repair) == ("wrong-place", "mean(p - y)")


def test_two_factors_that_are_forgotten_are_both_said() -> None:
    found = verdict("x: Param[N]\na: Real[N]\nb: Real[N]\nf = sum(a * sin(b * x))\n", "grad(f, x) == cos(b * x)")
    assert found.repair == "cos(b * x) * a * b"
    assert "Two do: your dx lacks the factor `a`, and it lacks the factor `b`." in found.sentence


FACTORS = """\
R: Real[M, N]
seen: Real[M, N]
U: Param[M, K]
V: Param[N, K]
error = seen * (U @ V.T - R)
f = 0.5 * sum(error**2)
"""
PAIRS = [
    # a mistake at a gate or at a piece, and one of the whole, of another piece, or at another gate
    (NETWORK, "grad(loss, W1) == -N * X.T @ (dscores @ W2.T)", ("1 - hidden**2", "factor -1/N"), "tanh", 8),
    (NETWORK, "grad(loss, W1) == X @ dbefore * N", ("`X @ dbefore` where `X.T @ dbefore`", "factor 1/N"), "mul", 7),
    (SMALL, "grad(L, w) == (h + y) * (1 + h**2) * x", ("`h - y` belongs", "`1 - h ** 2` belongs"), "sub", 8),
    (FACTORS, "grad(f, V) == error.T @ U.T", ("`error.T @ U` belongs", "factor `seen` at `error`"), "mul", 5),
    (SMALL, "grad(q, x) == A @ x / 2", ("lacks a path", "factor 2"), "copy", 1),
]


@pytest.mark.parametrize(("formula", "claim", "said", "gate", "line"), marked(PAIRS))
def test_two_mistakes_at_once(formula: str, claim: str, said: tuple[str, str], gate: str, line: int) -> None:
    found = verdict(formula, claim)
    assert (found.verdict, found.kind, found.gate, found.gate_line) == ("refuted", None, gate, line), found.sentence
    assert "No single repair makes it true. Two do: your d" in found.sentence
    assert all(text in found.sentence for text in said), found.sentence
    assert verdict(formula, f"{claim.partition(' == ')[0]} == {found.repair}").verdict == "proved"


def test_three_mistakes_are_not_told_as_two() -> None:
    found = verdict(SMALL, "grad(L, w) == (h + y) * (1 + h**2) * w")
    assert (found.kind, found.repair) == (None, None)
    assert "Two do" not in found.sentence


PATHS = [
    ("x: Param[N]\na: Real[N]\nf = sum(a * x) * sum(x**2) + sum(exp(x) * sin(x))\n", "grad(f, x)",
     "a * sum(x**2) + 2 * x * sum(a * x) + exp(x) * sin(x)", " + exp(x) * cos(x)"),
    ("x: Real[N]\nt: Param[N]\ns = t * x\np = softmax(s)\nf = sum(p * x)\nds = p * x\n", "grad(f, s)",
     "ds", " - f * p"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "left", "claim", "term"), PATHS)
def test_the_term_of_a_path_without_a_name_is_said(formula: str, left: str, claim: str, term: str) -> None:
    found = verdict(formula, f"{left} == {claim}")
    assert found.kind == "missing-path"
    assert found.repair is not None
    assert found.repair.endswith(term)
    assert verdict(formula, f"{left} == {found.repair}").verdict in ("proved", "agrees")


def test_an_identity_without_derivatives_is_diagnosed() -> None:
    found = verdict("x: Real[N]\ny = sum(x)\n", "log(exp(x) / sum(exp(x))) == x + logsumexp(x)")
    assert (found.verdict, found.kind) == ("refuted", "sign")
    assert found.repair == "x - logsumexp(x)"


def test_a_hessian_and_a_jacobian_are_diagnosed() -> None:
    found = verdict(SMALL, "hessian(q, x) == A")
    assert (found.kind, found.repair) == ("unsymmetrised", "A + A.T")
    found = verdict(SMALL, "jacobian(h, w) == diag(1 - h**2)")
    assert (found.kind, found.gate, found.gate_line) == ("missing-local", "mul", 7)


def test_a_mistake_inside_a_loop_is_found() -> None:
    text = "a: Param\nx: Real[T]\nh = 0\nfor t in range(T):\n    h = a * h + x[t]\n"
    found = verdict(text, "grad(h, a) == -sum((T - 1 - t) * a**(T - 2 - t) * x[t] for t in range(T - 1))")
    assert (found.verdict, found.kind) == ("refuted", "sign")


# Reservations


def test_right_except_at_kinks() -> None:
    found = verdict("x: Param[N]\ny = sum(max(0, x))\n", "grad(y, x) == where(x >= 0, 1, 0)")
    assert found.verdict in ("proved", "agrees")
    assert (found.kind, found.gate, found.gate_line) == ("kink", "max", 2)
    assert verdict("x: Param[N]\ny = sum(max(0, x))\n", "grad(y, x) == where(x > 0, 1, 0)").kind is None


def test_undefined_where_the_convention_has_a_value() -> None:
    found = verdict("x: Param[N]\nr = norm(x)\n", "grad(r, x) == x / sqrt(sum(x**2))")
    assert found.kind == "kink"
    assert "undefined" in found.sentence


def test_right_but_unstable() -> None:
    found = verdict("x: Param[N]\ny = logsumexp(x)\n", "grad(y, x) == exp(x) / sum(exp(x))")
    assert (found.verdict, found.kind) == ("proved", "unstable")
    assert "logsumexp" in found.sentence
    assert verdict("x: Param[N]\ny = logsumexp(x)\n", "grad(y, x) == softmax(x)").kind is None


def test_undefined_everywhere_is_refuted() -> None:
    found = verdict("x: Param[N]\ny = sum(x**2)\n", "grad(y, x) == 2 * x * log(-x**2)")
    assert found.verdict == "refuted"
    assert "undefined" in found.sentence


def test_rounded_decimals_are_no_mistake_and_wrong_ones_are() -> None:
    assert verdict("x: Param\ny = 0.1 * 0.3 * x\n", "grad(y, x) == 0.03").verdict == "agrees"
    assert verdict("x: Param\ny = 0.1 * 0.3 * x\n", "grad(y, x) == 0.0300000000001").verdict == "refuted"


# Hints, and the same every time


def test_hints_do_not_tell_the_answer() -> None:
    found = hinted(verdict("x: Param[N]\ny = mean(x**3)\n", "grad(y, x) == 3 * x**2"))
    assert found.repair is None
    assert found.counterexample is None
    assert found.sentence == "Look at the mean gate on line 2 again: by which number does it multiply what arrives?"


def test_a_hint_at_one_of_two_mistakes_says_that_there_are_more() -> None:
    found = hinted(verdict(SMALL, "grad(L, w) == (h + y) * (1 + h**2) * x"))
    assert found.sentence == (
        "Look at the sub gate on line 8 again: there is more than one mistake, and one of them is there."
    )


def test_diagnoses_are_the_same_every_time() -> None:
    claim = "grad(L, w) == (h - y) * x"
    assert verdict(SMALL, claim) == verdict(SMALL, claim)


def test_little_time_is_no_error() -> None:
    found = verdicts(f"{NETWORK}assert grad(loss, W1) == X.T @ (dscores @ W2.T)\n", seconds=0.5)
    assert found[0].verdict in ("refuted", "undecided")


TWINS = sorted((Path(__file__).parent.parent / "docs/twins").glob("*.formula"))


@pytest.mark.parametrize("path", TWINS, ids=lambda p: p.stem)
def test_every_twin_differs_from_its_example_and_is_wrong(path: Path) -> None:
    example = path.parent.parent.parent / "examples" / path.name
    mine, its = path.read_text(encoding="utf-8").splitlines(), example.read_text(encoding="utf-8").splitlines()
    assert len(mine) == len(its)
    assert sum(a != b for a, b in zip(mine, its, strict=True)) == 1
