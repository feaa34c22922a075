"""Linear algebra: values as NumPy has them, gradients against differences, shared factors, declared forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from gradcompile import api
from gradcompile.emit import linalg_numba, linalg_numpy
from gradcompile.errors import FormulaError
from gradcompile.gates import build
from gradcompile.gates.structure import structure_of
from gradcompile.ir.check import check_graph
from gradcompile.ir.nodes import Kind, reachable
from gradcompile.ir.text import parse_graph, print_graph
from gradcompile.pipeline import run_passes
from gradcompile.syntax import parse
from gradcompile.verify.evaluate import evaluate
from gradcompile.verify.fields import MpmathField
from gradcompile.verify.reference import spread

INPUTS = "A: Param[N, N]\nb: Param[N]\nB: Param[N, K]\nS: Param[Q, N, N]\nW: Param[M, N]\nc: Param[M]\nC: Param[M, K]\n"
TARGETS = ["numpy", pytest.param("numba", marks=pytest.mark.slow)]  # for what takes long to compile
SIZES = {"N": 3, "M": 4, "K": 2, "Q": 2}


def module_of(text: str, target: str = "numpy", **options: Any) -> Any:
    compiled = api.compile(text, target=target, verify=False, **options)
    assert compiled.module is not None
    return compiled.module


def source_of(text: str, target: str = "numpy") -> str:
    source: str = api.compile(text, target=target, verify=False).source
    return source[source.index("def value_and_grad_kernel") : source.index("class Gradient")]


def gates_of(text: str) -> list[str]:
    """Return the array gates of the value, after recognition."""
    unit = run_passes(parse(text, "<text>", name="t"), gradient=False)
    return [n.name for n in reachable(unit.roots) if n.kind is Kind.ARRAY]


# -- values ----------------------------------------------------------------------------------------------------------

VALUES: dict[str, Callable[..., Any]] = {
    "solve(A, b)": lambda A, b, B, S, W: np.linalg.solve(A, b),
    "solve(A, B)": lambda A, b, B, S, W: np.linalg.solve(A, B),
    "solve(S, B)": lambda A, b, B, S, W: np.linalg.solve(S, B),
    "solve(S, b)": lambda A, b, B, S, W: np.linalg.solve(S, b),
    "solve(A, S)": lambda A, b, B, S, W: np.linalg.solve(A, S),
    "inv(S)": lambda A, b, B, S, W: np.linalg.inv(S),
    "det(S)": lambda A, b, B, S, W: np.linalg.det(S),
    "logdet(A @ A.T)": lambda A, b, B, S, W: np.linalg.slogdet(A @ A.T)[1],
    "cholesky(A @ A.T)": lambda A, b, B, S, W: np.linalg.cholesky(A @ A.T),
    "eigvalsh(A + A.T)": lambda A, b, B, S, W: np.linalg.eigvalsh(A + A.T),
    "lstsq(W, W @ B)": lambda A, b, B, S, W: B,
    "pinv(W)": lambda A, b, B, S, W: np.linalg.pinv(W),
    "pinv(W.T)": lambda A, b, B, S, W: np.linalg.pinv(W.T),
    "expm(A) @ expm(-A)": lambda A, b, B, S, W: np.eye(len(A)),
    "kron(A, B)": lambda A, b, B, S, W: np.kron(A, B),
    "kron(b, b)": lambda A, b, B, S, W: np.kron(b, b),
    "matrix_power(S, 3)": lambda A, b, B, S, W: np.linalg.matrix_power(S, 3),
    "matrix_power(A, -2)": lambda A, b, B, S, W: np.linalg.matrix_power(A, -2),
    "matrix_power(S, 0)": lambda A, b, B, S, W: np.linalg.matrix_power(S, 0),
    "einsum('ij,jk->ki', A, B)": lambda A, b, B, S, W: np.einsum("ij,jk->ki", A, B),
    "einsum('ii->i', A)": lambda A, b, B, S, W: np.einsum("ii->i", A),
    "einsum('qii', S)": lambda A, b, B, S, W: np.einsum("qii", S),
    "einsum('...ij,jk', S, B)": lambda A, b, B, S, W: np.einsum("...ij,jk", S, B),
    "einsum('qij,jk,kl,ql->qi', S, A, A, S[:, 0])": lambda A, b, B, S, W: np.einsum(
        "qij,jk,kl,ql->qi", S, A, A, S[:, 0]
    ),
    "einsum('i,j->', b, b)": lambda A, b, B, S, W: np.einsum("i,j->", b, b),
    "solve_triangular(A, b)": lambda A, b, B, S, W: np.linalg.solve(np.triu(A), b),
    "solve_triangular(A, B, lower=True)": lambda A, b, B, S, W: np.linalg.solve(np.tril(A), B),
    "solve_triangular(A, b, trans=True)": lambda A, b, B, S, W: np.linalg.solve(np.triu(A).T, b),
}


def drawn(n: int, seed: int = 0) -> list[Any]:
    rng = np.random.default_rng(seed)
    shapes = [(n, n), (n,), (n, 2), (2, n, n), (n + 1, n)]
    A, b, B, S, W = (rng.normal(size=s) for s in shapes)
    return [A + 3 * np.eye(n), b, B, S + 3 * np.eye(n), W]


@pytest.mark.parametrize("text", VALUES)
def test_values_are_those_of_numpy(text: str) -> None:
    declared = "A: Real[N, N]\nb: Real[N]\nB: Real[N, 2]\nS: Real[2, N, N]\nW: Real[N + 1, N]\n"
    value = module_of(f"{declared}f = {text}").value
    for n in (1, 4, 30):
        given = drawn(n)
        expected = VALUES[text](*given)
        np.testing.assert_allclose(value(*given), expected, rtol=1e-8, atol=1e-8 * np.max(np.abs(expected)))


def test_eigenvectors_and_determinants_come_in_pairs() -> None:
    text = "A: Real[N, N]\nw, V = eigh(A)\ns, l = slogdet(A)\nreturn w, V, s, l"
    A = drawn(5)[0]
    A = A + A.T
    for target in api.TARGETS:
        w, V, s, l = module_of(text, target).value(A)  # noqa: E741
        np.testing.assert_allclose((V * w) @ V.T, A, atol=1e-12)
        assert (w, s) == (pytest.approx(np.linalg.eigvalsh(A)), np.linalg.slogdet(A)[0])
        assert l == pytest.approx(np.linalg.slogdet(A)[1])


# -- gradients -------------------------------------------------------------------------------------------------------

GENERAL = """sum(solve(A, b)**2)
sum(solve(A.T, b)**3)
sum(solve(S, B)**2)
sum(solve(S, b)**2)
sum(solve(S, S)[:, 0]**2)
sum(inv(S)**2)
sum(det(S))
sum(logdet(S @ S) * b[0])
log(det(A @ A.T)) + log(abs(det(A)))
sum(solve_triangular(A, b)**2) + sum(solve_triangular(A, B, lower=True)**2) + sum(solve_triangular(A, b, trans=True))
sum(lstsq(W, C)**2)
sum(lstsq(W.T, b)**2)
sum(pinv(W)**3)
sum(pinv(W.T)**3)
sum(expm(A / 4)**2)
sum(kron(A, B)**2 * 1.5)
sum(matrix_power(A, 5)) + sum(matrix_power(A, -2))
einsum('ij,jk,kl,il->', A, A, A, A)
sum(einsum('...ij,jk', S, B)**3) + sum(einsum('ii->i', A)**2)
sum((inv(A) @ b)**2) + sum((b @ inv(A))**2)
sum((inv(S) @ B)**3)
sum((inv(A) @ A.T @ inv(A))**2)""".splitlines()
DEFINITE = """sum(cholesky(A)**3)
sum(cholesky(S)[:, 0]**3)
sum(eigvalsh(A) * b)
sum(eigvalsh(S)**3)
sum(log(diag(cholesky(A))))
sum(solve(cholesky(A), b)**2) + sum(solve(cholesky(A).T, B)**2)
solve(cholesky(A), b) @ solve(cholesky(A), cos(b)) + sum(solve(cholesky(A), B)**2)
logdet(A)""".splitlines()


def worst_difference(text: str, *, definite: bool = False, sizes: dict[str, int] = SIZES) -> float:
    """Return how far the gradient graph is from central differences of the value's graph, at 40 digits."""
    program = parse(text, "<text>", name="t")
    unit = run_passes(program, gradient=True)
    check_graph(unit.roots, build.result_type)
    rng = np.random.default_rng(1)
    point: dict[str, Any] = {}
    for argument in program.arguments:
        shape = [e.evaluate(sizes) for e in argument.shape]
        x = (rng.integers(20, 400, size=shape) / 256).astype(object)
        if definite and len(shape) > 1 and shape[-1] == shape[-2]:
            x = x + np.swapaxes(x, -1, -2) + 10 * np.eye(shape[-1], dtype=int)
        point[argument.name] = x + mpmath.mpf(0)
    with mpmath.workdps(40):
        found = evaluate([v.node for v in unit.gradients.values()], point, sizes, MpmathField())
        gradients = {n: spread(v, g, sizes) for (n, v), g in zip(unit.gradients.items(), found, strict=True)}
        return max(_difference(unit.values[0].node, point, sizes, n, g) for n, g in gradients.items())


def _difference(value: Any, point: dict[str, Any], sizes: dict[str, int], name: str, gradient: Any) -> float:
    step, worst = mpmath.mpf(10) ** -12, 0.0
    for place in np.ndindex(point[name].shape):
        ends = []
        for moved in (step, -step):
            x = point[name].copy()
            x[place] += moved
            ends.append(evaluate([value], {**point, name: x}, sizes, MpmathField())[0].reshape(())[()])
        expected = (ends[0] - ends[1]) / (2 * step)
        worst = max(worst, float(abs(expected - gradient[place]) / max(1, abs(expected))))
    return worst


@pytest.mark.parametrize("text", GENERAL)
def test_gradient_is_that_of_differences(text: str) -> None:
    assert worst_difference(f"{INPUTS}f = {text}") < 1e-15


@pytest.mark.parametrize("text", DEFINITE)
def test_gradient_of_a_symmetric_gate(text: str) -> None:
    assert worst_difference(f"{INPUTS}f = {text}", definite=True) < 1e-15


def test_gradient_through_eigenvectors() -> None:
    text = f"{INPUTS}w, V = eigh(A)\nf = sum((V * exp(w / 10)) @ V.T * A.T[0]) + sum(V**2 * b * B[:, :1])"
    assert worst_difference(text, definite=True) < 1e-15


SECOND = {
    "sum(solve(A, b)**2)": SIZES, "sum(cholesky(A)**2 * A)": SIZES, "logdet(A)": SIZES, "sum(eigvalsh(A)**3)": SIZES,
    "sum(lstsq(W, c)**3)": {**SIZES, "N": 2, "M": 3}, "sum(expm(A / 16)**2)": {**SIZES, "N": 2},
}  # fmt: skip


@pytest.mark.parametrize("text", SECOND)
def test_second_order(text: str) -> None:
    wrt = "W" if "W" in text else "A"
    text = f"{INPUTS}f = {text}\ng = sum(grad(f, {wrt})**2)"
    assert worst_difference(text, definite=True, sizes=SECOND[text.splitlines()[-2][4:]]) < 1e-15


EVERY_GATE = {
    "numpy": "sum(solve(A, b)) + det(A) + logdet(A @ A.T) + sum(expm(A)) + sum(pinv(A)) + sum(cholesky(A @ A.T))"
    " + sum(lstsq(A, b)) + sum(eigvalsh(A)) - sum(expm(A)) - sum(pinv(A)) - sum(lstsq(A, b)) - sum(eigvalsh(A))",
    "numba": "sum(solve(A, b)) + det(A) + logdet(A @ A.T) + sum(cholesky(A @ A.T))",
}


@pytest.mark.parametrize("target", TARGETS)
def test_matrices_of_no_and_of_one_element(target: str) -> None:
    function = module_of(f"A: Param[N, N]\nb: Param[N]\nf = {EVERY_GATE[target]}", target).value_and_grad
    value, gradient = function(np.ones((0, 0)), np.ones(0))
    assert (value, gradient.A.shape, gradient.b.shape) == (1.0, (0, 0), (0,))
    value, gradient = function(2 * np.ones((1, 1)), np.ones(1))
    assert value == pytest.approx(0.5 + 2 + np.log(4) + 2)
    assert gradient.A[0, 0] == pytest.approx(-0.25 + 1 + 1 + 1)


def test_literal_sizes_of_one() -> None:
    text = (
        "A: Param[1, 1]\nb: Param[1]\nf = sum(solve(A, b)) + det(A) + sum(inv(A)) + sum(cholesky(A)) + sum(eigvalsh(A))"
    )
    value, gradient = module_of(text).value_and_grad([[4.0]], [2.0])
    assert value == pytest.approx(0.5 + 4 + 0.25 + 2 + 4)
    assert gradient.A[0, 0] == pytest.approx(-2 / 16 + 1 - 1 / 16 + 0.25 + 1)


@pytest.mark.parametrize("target", api.TARGETS)
def test_equal_eigenvalues_give_no_nan(target: str) -> None:
    text = "A: Param[3, 3]\nw, V = eigh(A)\nf = sum((V * w) @ V.T * A)"
    value, gradient = module_of(text, target).value_and_grad(np.eye(3))
    assert value == pytest.approx(3)
    assert np.isfinite(gradient.A).all()


# -- errors at run time ----------------------------------------------------------------------------------------------


SINGULAR = {
    "sum(solve(A, A[0]))": np.ones((3, 3)), "sum(inv(A))": np.zeros((2, 2)), "sum(cholesky(A))": -np.eye(3),
    "sum(solve_triangular(A, A[0]))": np.diag([1.0, 0.0]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "target"),
    [
        *((text, "numpy") for text in SINGULAR),
        *(pytest.param(t, "numba", marks=[pytest.mark.slow] if "solve" in t else []) for t in SINGULAR),
    ],
)
def test_a_singular_matrix_raises_as_numpy_does(text: str, target: str) -> None:
    module = module_of(f"A: Param[N, N]\nf = {text}", target)
    with pytest.raises(np.linalg.LinAlgError):
        module.value_and_grad(SINGULAR[text])
    if target == "numpy":
        with pytest.raises(np.linalg.LinAlgError):
            module.value(SINGULAR[text])


def test_a_singular_matrix_has_a_determinant() -> None:
    for target in api.TARGETS:
        module = module_of("A: Param[N, N]\nf = det(A)\ng = logdet(A)\nreturn f, g", target, emit=["value"])
        assert module.value(np.zeros((2, 2))) == (0.0, -np.inf)


# -- factors ---------------------------------------------------------------------------------------------------------

KERNEL = """X: Real[N, D]
y: Real[N]
s: Param
K = exp(-sum((X[:, None, :] - X[None, :, :])**2, axis=2) / s**2) + eye(N)
f = 0.5 * y @ solve(K, y) + 0.5 * logdet(K)
"""


@pytest.mark.parametrize("target", api.TARGETS)
def test_value_and_gradient_share_one_factorisation(target: str) -> None:
    source = source_of(KERNEL, target)
    assert source.count("= _lu(" if target == "numpy" else "= _lu_factors(") == 1
    assert source.count("_solve_lu(") == 2  # y, and the identity of the determinant's gradient
    definite = source_of("K: Param & PositiveDefinite[N]\ny: Real[N]\nf = y @ solve(K, y) + logdet(K)", target)
    assert definite.count("cholesky(") == 1
    assert "_lu" not in definite


def test_a_value_alone_is_what_a_person_writes() -> None:
    source = api.compile(
        "A: Real[N, N]\nb: Real[N]\nx = solve(A, b)\nd = det(A @ A)\nreturn x, d", target="numpy", verify=False
    )
    assert "np.linalg.solve(A, b)" in source.source
    assert "np.linalg.det(" in source.source
    assert "_lu" not in source.source


@pytest.mark.parametrize("n", [0, 1, 2, 23, 25, 31, 33, 47, 49, 97, 130])
def test_helpers_solve_what_they_factor(n: int) -> None:
    rng = np.random.default_rng(n)
    a, b, c = rng.normal(size=(n, n)), rng.normal(size=n), rng.normal(size=(n, 3))
    names: dict[str, Any] = {"np": np}
    exec(linalg_numba.SOURCE, names)  # plain Python: the algorithms, without the wait for their compilation
    readable: dict[str, Any] = {"np": np}
    exec(linalg_numpy.SOURCE, readable)
    lu, pivots = names["_lu_factors"](a)
    for found, expected in zip(readable["_lu"](a), (lu, pivots), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-8)
    low = np.tril(a) + 2 * n * np.eye(n)
    for right in (b, c):
        np.testing.assert_allclose(a @ names["_solve_lu"](lu, pivots, right), right, atol=1e-8)
        np.testing.assert_allclose(a.T @ names["_solve_lu_t"](lu, pivots, right), right, atol=1e-8)
        np.testing.assert_allclose(a @ readable["_solve_lu"](lu, pivots, right), right, atol=1e-8)
        np.testing.assert_allclose(a.T @ readable["_solve_lu"](lu, pivots, right, True), right, atol=1e-8)
        for functions in (names, readable):
            np.testing.assert_allclose(low @ functions["_solve_lower"](low + np.triu(a, 1), right), right, atol=1e-8)
            np.testing.assert_allclose(
                low.T @ functions["_solve_upper"](low.T + np.tril(a, -1), right), right, atol=1e-8
            )


def test_a_graph_of_array_gates_has_a_text() -> None:
    unit = run_passes(
        parse(f"{INPUTS}f = det(A) + sum(solve(S, B)) + sum(cholesky(A))", "<text>", name="t"), gradient=True
    )
    roots = {"f": unit.values[0].node, **{n: v.node for n, v in unit.gradients.items()}}
    text = print_graph(roots)
    assert print_graph(parse_graph(text)[1]) == text


# -- what is recognised, and what is known ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "gates"),
    [
        ("sum(inv(A) @ b)", ["solve"]),
        ("sum(b @ inv(A))", ["solve"]),
        ("sum(inv(A) @ B)", ["solve"]),
        ("b @ inv(A @ A.T) @ b", ["solve_sym"]),
        ("log(det(A))", ["logdet"]),
        ("log(abs(det(A)))", ["logabsdet"]),
        ("log(det(A @ A.T + eye(N)))", ["logdet_pd"]),
        ("sum(solve(cholesky(A), b))", ["cholesky", "solve_lower"]),
        ("sum(log(diag(cholesky(A))))", ["logdet_pd"]),
        ("sum(solve(cholesky(A), b)**2)", ["solve_pd"]),
        ("solve(cholesky(A), b) @ solve(cholesky(A), cos(b))", ["solve_pd"]),
        ("sum(solve(cholesky(A), B)**2)", ["solve_pd"]),
        ("sum(solve(cholesky(A), B)**2, axis=1) @ b", ["cholesky", "solve_lower"]),
        ("sum(log(cholesky(A)[0]))", ["cholesky"]),
        ("sum(solve(cholesky(A).T, b))", ["cholesky", "solve_upper"]),
        ("sum(solve(tril(A), b))", ["solve_lower"]),
        ("sum(solve(A @ A.T + 0.1 * eye(N), b))", ["solve_pd"]),
        ("sum(solve(A, 3 * b) + solve(A, -b))", ["solve"]),
    ],
)
def test_recognition(text: str, gates: list[str]) -> None:
    assert gates_of(f"{INPUTS}f = {text}") == gates


@pytest.mark.parametrize(
    ("text", "structure"),
    [
        ("P", "definite"), ("P.T", "definite"), ("Z", "symmetric"), ("L", "lower"), ("L.T", "upper"), ("A", ""),
        ("A @ A.T", "symmetric"), ("A.T @ A + P", "definite"), ("A + A.T", "symmetric"), ("A * A.T", "symmetric"),
        ("A * A.T + eye(N)", "symmetric"), ("p * P", "definite"), ("q * P", "symmetric"), ("p * eye(N)", "lower"),
        ("A @ A.T + p * eye(N)", "definite"), ("A @ A.T + q * eye(N)", "symmetric"), ("tril(A)", "lower"),
        ("tril(A, 1)", ""), ("triu(A)", "upper"), ("exp(L)", ""), ("2 * L", "lower"), ("cholesky(P) * q", "lower"),
        ("exp(-(b[:, None] - b)**2)", "symmetric"), ("exp(b[:, None] + b)", "symmetric"),
        ("b[:, None] - b", ""), ("outer(b, b) + P", "definite"),
        ("A @ B @ B.T @ A.T", ""), ("Z @ Z", "symmetric"), ("sin(Z) + cos(P)", "symmetric"),
    ],
)  # fmt: skip
def test_structure(text: str, structure: str) -> None:
    declared = "P: PositiveDefinite[N]\nZ: Symmetric[N]\nL: LowerTriangular[N]\nA: Real[N, N]\nB: Real[N, K]\n"
    program = parse(f"{declared}b: Real[N]\np: Positive\nq: Real\nm = {text}", "<text>", name="t")
    ((_, value),) = program.results
    assert structure_of(value.node, *value.axes) == structure


@pytest.mark.parametrize("target", TARGETS)
def test_gradients_of_declared_forms_have_them(target: str) -> None:
    declared = "P: Param & PositiveDefinite[N]\nZ: Param & Symmetric[N]\nL: Param & LowerTriangular[N]\nA: Real[N, N]\n"
    text = f"{declared}f = sum(solve(P, A)) + sum(Z @ A @ Z) + sum(L @ A) + sum(cholesky(P) * A)"
    rng = np.random.default_rng(3)
    A = rng.normal(size=(4, 4))
    P, Z, L = A @ A.T + np.eye(4), A + A.T, np.tril(A)
    _, gradient = module_of(text, target).value_and_grad(P, Z, L, A)
    np.testing.assert_allclose(gradient.P, gradient.P.T, atol=1e-12)
    np.testing.assert_allclose(gradient.Z, gradient.Z.T, atol=1e-12)
    np.testing.assert_allclose(gradient.L, np.tril(gradient.L))
    full = np.ones((4, 4)) @ Z @ A.T + A.T @ Z @ np.ones((4, 4))
    np.testing.assert_allclose(gradient.Z, (full + full.T) / 2, atol=1e-10)


def test_the_gradient_in_a_claim_is_of_the_declared_form() -> None:
    text = "K: Param & PositiveDefinite[N]\ny: Param[N]\nf = y @ solve(K, y) + logdet(K)\n"
    verdicts = api.check(f"{text}assert grad(f, K) == inv(K) - outer(solve(K, y), solve(K, y))")
    assert [v.verdict for v in verdicts] == ["proved"]


# -- declared ranges -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declaration", "domain", "closed"),
    [
        ("Real[N] > 0", (0, np.inf), (False, False)), ("0 < Param[N] < 1", (0, 1), (False, False)),
        ("1 >= Real", (-np.inf, 1), (False, True)), ("Positive[N]", (0, np.inf), (False, False)),
        ("Unit", (0, 1), (False, False)), ("Param & Unit[N]", (0, 1), (False, False)),
        ("Param & Positive[N] <= 3", (0, 3), (False, True)), ("Int >= -2", (-2, np.inf), (True, False)),
        ("-1e-3 <= Real < 2.5", (-1e-3, 2.5), (True, False)),
    ],
)  # fmt: skip
def test_ranges(declaration: str, domain: tuple[float, float], closed: tuple[bool, bool]) -> None:
    argument = parse(f"x: {declaration}\nf = sum(1.0 * x)", "<text>", name="t").arguments[0]
    assert (argument.domain, argument.declared.closed) == (domain, closed)
    assert argument.kind == ("Param" if "Param" in declaration else "Int" if "Int" in declaration else "Real")


def test_ranges_and_forms_are_checked_only_when_asked() -> None:
    text = "K: PositiveDefinite[N]\nL: LowerTriangular[N]\np: 0 < Param[N] < 1\ns: Positive\n"
    text += "f = s * sum(log(p)) + sum(K) + sum(L)"
    one, p = np.eye(2), np.array([0.2, 0.3])
    assert np.isfinite(module_of(text).value(one, one + 1, p, -1.0))
    value = module_of(text, check_domains=True).value
    assert np.isfinite(value(one, one, p, 1.0))
    wrong = [
        ((np.array([[1.0, 2.0], [0.0, 1.0]]), one, p, 1.0), ValueError, "K must be symmetric"),
        ((np.array([[1.0, 2.0], [2.0, 1.0]]), one, p, 1.0), np.linalg.LinAlgError, "positive definite"),
        ((one, one + 1, p, 1.0), ValueError, "L must be lower triangular"),
        ((one, one, p + 1, 1.0), ValueError, r"p must lie in \(0, 1\)"),
        ((one, one, p, 0.0), ValueError, r"s must lie in \(0, inf\)"),
        ((one, one, p * np.nan, 1.0), ValueError, "p must lie"),
    ]
    for given, error, message in wrong:
        with pytest.raises(error, match=message):
            value(*given)


def test_a_range_simplifies() -> None:
    source = source_of("x: Param[N] > 0\nf = sum(abs(x) + relu(x) + sign(x) * sqrt(x**2))")
    assert "abs" not in source
    assert "maximum" not in source
    assert "sign" not in source


def test_a_refusal_of_a_plain_list_as_a_matrix() -> None:
    with pytest.raises(FormulaError, match="needs a matrix"):
        parse("x: Real\nf = det([x, 1])", "<text>", name="t")


# -- in index notation and loops -------------------------------------------------------------------------------------

INSIDE: dict[str, Callable[..., Any]] = {
    "f = sum(log(det(S[q])**2) for q in range(Q))": lambda A, B, S: np.sum(2 * np.linalg.slogdet(S)[1]),
    "X = [solve(A, B[:, k]) for k in range(K)]\nf = sum(X[k, 0]**2 for k in range(K))": lambda A, B, S: np.sum(
        np.linalg.solve(A, B)[0] ** 2
    ),
    "f = sum(solve(S[q], B)[0, k] * (q + 1) for q in range(Q) for k in range(K))": lambda A, B, S: sum(
        np.sum(np.linalg.solve(S[q], B)[0] * (q + 1)) for q in range(len(S))
    ),
    "x = B[:, 0]\nfor q in range(Q):\n    x = solve(S[q], x)\nf = sum(x**2)": lambda A, B, S: np.sum(
        np.linalg.solve(S[1], np.linalg.solve(S[0], B[:, 0])) ** 2
    ),
    "P = A\nfor q in range(2):\n    P = 0.5 * (P + inv(P).T)\nf = sum(P * S[0])": lambda A, B, S: np.sum(
        _polar(_polar(A)) * S[0]
    ),
}


def _polar(P: Any) -> Any:
    return 0.5 * (P + np.linalg.inv(P).T)


@pytest.mark.parametrize("text", INSIDE)
def test_matrices_in_index_notation_and_loops(text: str) -> None:
    module = module_of(f"A: Param[N, N]\nB: Param[N, K]\nS: Param[Q, N, N]\n{text}")
    A, _, B, S, _ = drawn(3, seed=7)
    value, gradient = module.value_and_grad(A, B, S)
    assert value == pytest.approx(INSIDE[text](A, B, S))
    rng = np.random.default_rng(0)
    direction = [rng.normal(size=x.shape) for x in (A, B, S)]
    ends = [INSIDE[text](*(x + h * d for x, d in zip((A, B, S), direction, strict=True))) for h in (1e-5, -1e-5)]
    slope = sum(np.sum(g * d) for g, d in zip(gradient, direction, strict=True))
    assert slope == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-6)


def test_a_gate_that_alone_needs_a_symmetric_matrix_is_the_general_one() -> None:
    text = "P: Real & Symmetric[N]\nb: Real[N]\nf = sum(solve(P, b))"
    source = api.compile(text, emit=["value"], verify=False).source
    assert "_solve(P, b)" in source
    assert "_solve_sym" not in source
