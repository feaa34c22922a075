"""The readable target: the statements are those that a person would have written, and they compute the graph."""

from __future__ import annotations

import math
import random

import mpmath
import numpy as np
import pytest

from gradcompile.emit.affine import Affine, affine_forms, slice_text
from gradcompile.emit.expression import apply, fill, is_atom, literal, normal, occurrences
from gradcompile.emit.load import load
from gradcompile.emit.module import assemble
from gradcompile.emit.numpy_target import kernel
from gradcompile.gates import build
from gradcompile.gates.count import operations
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, Graph, reachable
from gradcompile.pipeline import run_passes
from gradcompile.syntax import parse
from gradcompile.verify.evaluate import evaluate
from gradcompile.verify.fields import MpmathField


def statements(text: str, *, gradient: bool = True, comments: bool = False) -> list[str]:
    """Return the body of the kernel, without the sizes and the return."""
    unit = run_passes(parse(text, "test.formula"), gradient=gradient)
    lines = kernel(unit, "k", [*unit.values, *unit.gradients.values()]).lines[1:-1]
    body = [line.strip() for line in lines if ".shape" not in line]
    return body if comments else [line.partition("  #")[0] for line in body]


def test_softmax_regression_reads_like_the_lecture() -> None:
    text = """
X: Real[N, D]
Y: Real[N, C]
W: Param[D, C]
b: Param[C]
scores = X @ W + b
loss = sum(logsumexp(scores, axis=1) - sum(Y * scores, axis=1))
"""
    assert statements(text, comments=True) == [
        "scores = X @ W + b  # line 6",
        "t1 = _logsumexp(scores, 1)  # line 7",
        "loss = np.sum(t1 - np.sum(Y * scores, axis=1))  # line 7",
        "t2 = np.exp(scores - t1[:, None])  # backward of line 7: logsumexp gate",
        "dscores = t2 - Y  # backward of line 6: copy gate",
        "db = np.sum(dscores, axis=0)  # backward of line 6: add gate",
        "dW = X.T @ dscores  # backward of line 6: mul gate",
    ]


def test_a_layer_and_its_gradient() -> None:
    text = """
X: Real[N, D]
W: Param[D, H]
V: Param[H, C]
H1 = tanh(X @ W)
Z = H1 @ V
loss = sum(Z**2)
"""
    assert statements(text) == [
        "H1 = np.tanh(X @ W)",
        "Z = H1 @ V",
        "loss = np.sum(Z * Z)",
        "dZ = 2 * Z",
        "dH1 = dZ @ V.T",
        "dV = H1.T @ dZ",
        "t1 = dH1 * (1 - H1 * H1)",
        "dW = X.T @ t1",
    ]


CONTRACTIONS = [
    ("x: Real[N]\ny: Real[N]\nf = x @ y", "f = x @ y"),
    ("A: Real[N, M]\nx: Real[M]\nf = A @ x", "f = A @ x"),
    ("A: Real[N, M]\nx: Real[N]\nf = x @ A", "f = x @ A"),
    ("A: Real[N, M]\nx: Real[N]\nf = A.T @ x", "f = A.T @ x"),
    ("A: Real[N, M]\nB: Real[N, K]\nf = A.T @ B", "f = A.T @ B"),
    ("A: Real[N, M]\nB: Real[K, M]\nf = A @ B.T", "f = A @ B.T"),
    ("A: Real[N, M]\nf = A @ A.T", "f = A @ A.T"),
    ("A: Real[N, M]\nB: Real[N, M]\nf = sum(A * B)", "f = np.sum(A * B)"),
    ("A: Real[N, M]\nB: Real[N, M]\nf = sum(A * B, axis=1)", "f = np.sum(A * B, axis=1)"),
    ("A: Real[N, M]\nx: Real[N]\ny: Real[M]\nf = x @ A @ y", "f = x @ A @ y"),
    ("T: Real[B, N, M]\nW: Real[M, K]\nf = T @ W", "f = T @ W"),
    ("T: Real[B, N, M]\nU: Real[B, M, K]\nf = T @ U", "f = T @ U"),
    ("x: Real[N]\ny: Real[M]\nf = outer(x, y)", "f = x[:, None] * y"),
    ("T: Real[B, N, M]\nA: Real[N, M]\nf = sum(sum(T * A, axis=2), axis=1)", "f = np.sum(T * A, axis=(1, 2))"),
]


@pytest.mark.parametrize(("text", "wanted"), CONTRACTIONS)
def test_sums_of_products_are_matrix_notation(text: str, wanted: str) -> None:
    assert statements(text, gradient=False) == [wanted]


def test_a_sum_over_a_broadcast_product_never_writes_it() -> None:
    text = "R: Real[N, K]\nX: Real[N, D]\nM: Param[K, D]\nf = sum(R[:, :, None] * X[:, None, :] * M[None, :, :])"
    lines = statements(text)
    assert not any("None" in line for line in lines)
    assert any("@" in line for line in lines)


SLICES = [
    ("x: Real[N]\nf = x[1:] - x[:-1]", "f = x[1:] - x[:-1]"),
    ("x: Real[N]\nf = x[::-1] * 2", "f = x[::-1] * 2"),
    ("x: Real[N]\nf = x[2] * x[-1]", "f = x[2] * x[-1]"),
    ("A: Real[N, M]\nf = A[:, 1:-1] + 1", "f = A[:, 1:-1] + 1"),
    ("A: Real[N, N]\nf = trace(A) + 1", "f = np.sum(np.diagonal(A)) + 1"),
    ("x: Real[N]\ny: Real[M]\nf = concatenate([x, y])", "f = np.concatenate((x, y))"),
    ("x: Real[N]\ny: Real[N]\nf = stack([x, y])", "f = np.stack((x, y))"),
    ("x: Real[N]\nf = cumsum(x)", "f = np.cumsum(x)"),
    ("A: Real[N, M]\nf = cumprod(A, axis=1)", "f = np.cumprod(A, axis=1)"),
    ("A: Real[N, N]\nf = A + eye(N)", "f = A + np.eye(N)"),
]


@pytest.mark.parametrize(("text", "wanted"), SLICES)
def test_indices_are_slices(text: str, wanted: str) -> None:
    assert statements(text, gradient=False) == [wanted]


def test_a_gradient_through_slices_is_accumulated_in_place() -> None:
    lines = statements("x: Param[N]\nf = sum(x[1:] * sin(x[:-1]))")
    start = lines.index("dx = np.zeros(N)")
    assert [line.split(" += ")[0] for line in lines[start + 1 :]] == ["dx[:-1]", "dx[1:]"]


def test_names_of_builtins_and_taken_names_give_way() -> None:
    text = "abs: Param\nt1: Param\nround = abs * t1\nx = round * round + 1\nf = x * x"
    unit = run_passes(parse(text, "test.formula"), gradient=False)
    lines = kernel(unit, "k", unit.values).lines
    assert lines[0] == "def k(abs_, t1):"
    assert lines[1].startswith("    round_ = abs_ * t1")


def test_long_expressions_are_cut() -> None:
    names = [f"first_of_several_{i}" for i in range(12)]
    lines = statements("f = " + " + ".join(f"{n} * {n}" for n in names), gradient=False)
    assert len(lines) > 1
    assert max(map(len, lines)) < 100


def test_division_by_a_size_of_zero_is_not_an_error() -> None:
    module = load(assembled("x: Param[N]\nf = sum(x) + 1 / N"), "test")
    assert module.value(np.zeros(0)) == math.inf
    assert module.value_and_grad(np.zeros(0))[1].x.shape == (0,)


def assembled(text: str, *, gradient: bool = True) -> str:
    """Return a module in the readable target."""
    program = parse(text, "test.formula")
    functions = ("value", "value_and_grad") if gradient else ("value",)
    return assemble(program, run_passes(program, gradient=gradient), "numpy", functions, "")


def test_the_same_input_gives_the_same_text() -> None:
    text = "A: Param[N, M]\nx: Real[M]\nf = sum(softmax(A @ x, axis=0) ** 2) + sum(A[1:] * A[:-1])"
    assert assembled(text) == assembled(text)


@pytest.mark.parametrize(
    ("operands", "wanted"),
    [
        (("a", "b"), "a * b"),
        (("a + b", "-2.0"), "(a + b) * -2.0"),
        (("x[1:]", "np.exp(y)"), "x[1:] * np.exp(y)"),
        (("a * b", "c * d"), "a * b * (c * d)"),
        (("y if c else z", "1"), "(y if c else z) * 1"),
    ],
)
def test_operands_get_the_parentheses_that_they_need(operands: tuple[str, str], wanted: str) -> None:
    assert apply("mul", operands, "numpy") == wanted


def test_expression_text() -> None:
    assert fill("a ** b", ("a", "b"), ("-2.0", "x")) == "(-2.0) ** x"
    assert normal('((a)) + (f("nd->n", x[1:-1, None], axis=1e-05))') == 'a + f("nd->n", x[1:-1, None], axis=1e-05)'
    assert [literal(v) for v in (1, 0.1, True, -math.inf, math.nan)] == ["1", "0.1", "True", "-np.inf", "np.nan"]
    assert occurrences("square", "numpy") == (2,)
    atoms = ["x", "1.5", "1e-05", "f(x)[1:]", "A.T", "λ"]
    assert [t for t in [*atoms, "a + b", "-1", "f(x) + g(y)", "x[a] @ y[b]"] if is_atom(t)] == atoms


def test_affine_indices() -> None:
    graph, size = Graph(), Extent.of("N")
    axis = Axis(size - 2, 0)
    inner = build.gate("add", build.iota(graph, axis), build.const(graph, 1))
    last = build.gate("sub", build.extent(graph, size - 1), build.iota(graph, Axis(size, 1)))
    forms = affine_forms(reachable([inner, last]))
    assert forms[inner] == Affine(Extent.of(1), 1, axis)
    assert slice_text(forms[inner], size, {"N": "N"}) == "1:-1"
    assert slice_text(forms[last], size, {"N": "N"}) == "::-1"
    assert slice_text(Affine(size - 1), size, {}) == "-1"
    assert slice_text(Affine(Extent.of(0), 2, Axis((size + 1) // 2, 0)), size, {}) is not None


def test_operations_of_a_matrix_product() -> None:
    unit = run_passes(parse("A: Real[N, M]\nB: Real[M, K]\nf = A @ B", "test.formula"), gradient=False)
    assert str(operations(unit.roots)) == "2*K*M*N"


@pytest.mark.parametrize(
    ("formula", "cubes"),
    [
        ("sum(cholesky(A))", 1),
        ("logdet(A)", 1),
        ("sum(expm(A))", 1),
        ("sum(inv(A))", 3),
        ("logdet(A) + sum(solve(A, v))", 1),
        ("sum(solve(A, v)) + sum(inv(A))", 3),
        ("sum(A @ A)", 2),
    ],
)
def test_operations_of_factorisations(formula: str, cubes: int) -> None:
    unit = run_passes(parse(f"A: Real[N, N]\nv: Real[N]\nf = {formula}", "test.formula"), gradient=False)
    size = 10**6
    assert round(operations(unit.roots).evaluate({"N": size}) / size**3) == cubes


# -- random graphs against the independent meanings of the gates ------------------------------------------------


SIZES = {"N": 4, "D": 3, "C": 2}
N, D, C = (Axis(Extent.of(name), 0) for name in "NDC")
N1 = Axis(Extent.of("N"), 1)
DECLARATIONS = "X: Param[N, D]\nY: Real[N, C]\nW: Param[D, C]\nv: Real[N]\ns: Real\nA: Param[N, N]\nT: Real[N, D, C]\n"

POOL = [
    "X[1:] * X[:-1]", "X @ W", "A @ X", "A.T @ v", "X.T @ A @ X", "T @ W.T", "sum(T * W, axis=0)", "X * v[:, None]",
    "concatenate([v, v * s])", "stack([v, A[0]])", "sum(X[:, :, None] * Y[:, None, :] * T, axis=0)", "diag(A) * v",
    "cumsum(X, axis=0)", "cumprod(W, axis=1)", "cumsum(cumprod(A, axis=0), axis=1)", "max(X, axis=1)",
    "prod(W, axis=0)",
    "min(A, axis=0) * v", "softmax(X, axis=1)",
    "norm(T, axis=2)", "A[::-1, 1:] * s", "outer(v, W[0])", "X[::2] / 2",
    "where(X > 0, X, X * s)", "eye(N) * A", "logsumexp(T, axis=(0, 2))", "-(X * s) @ W", "A[1] * A[:, 2]",
    "X[-1] * W[:, 1]",
    "relu(T) * X[:, :, None]", "max(A, A.T)", "trace(A @ A) * v", "sum((X[:, None, :] - X[None, :, :])**2, axis=2)",
]  # fmt: skip


FAST = [("numpy", seed) for seed in range(40)] + [("numba", seed) for seed in (1, 3)]
SLOW = [pytest.param("numba", seed, marks=pytest.mark.slow) for seed in range(40) if ("numba", seed) not in FAST]


@pytest.mark.parametrize(("target", "seed"), [*FAST, *SLOW])
def test_random_formulas_agree_with_the_graph(target: str, seed: int) -> None:
    draw = random.Random(seed)
    lines = [f"a{i} = {text}" for i, text in enumerate(draw.sample(POOL, 4))]
    lines.append("loss = " + " + ".join(f"sum(sin(a{i}) * {i + 1})" for i in range(4)))
    program = parse(DECLARATIONS + "\n".join(lines), "test.formula")
    unit = run_passes(program, gradient=True)
    module = load(assemble(program, unit, target, ("value_and_grad",), ""), "test")
    numbers = np.random.default_rng(seed)
    inputs = {a.name: numbers.uniform(-1.5, 1.5, [s.evaluate(SIZES) for s in a.shape]) for a in program.arguments}
    value, gradient = module.value_and_grad(**inputs)
    exact = {name: np.array(np.vectorize(mpmath.mpf, otypes=[object])(x)) for name, x in inputs.items()}
    wanted = [*unit.values, *unit.gradients.values()]
    reference = evaluate([w.node for w in wanted], exact, SIZES, MpmathField())
    for got, result, array in zip([value, *gradient], wanted, reference, strict=True):
        shape = [s.evaluate(SIZES) for s in result.shape]
        order = [result.node.axes.index(a) for a in result.axes if a in result.node.axes]
        lengths = [n if a in result.node.axes else 1 for n, a in zip(shape, result.axes, strict=True)]
        full = np.broadcast_to(np.transpose(array.astype(float), order).reshape(lengths), shape)
        np.testing.assert_allclose(got, full, rtol=1e-10, atol=1e-12)
