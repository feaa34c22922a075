"""Sparse Jacobians and Hessians: against the dense ones, at a pattern that stays, and no larger than they need."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from derived_cases import ALL, SCALAR, formed, point_of
from scipy.optimize import least_squares, minimize
from scipy.sparse import coo_array, csr_array

import gradcompile
from gradcompile import api
from gradcompile.cli import main
from gradcompile.emit.load import load
from gradcompile.gates import build
from gradcompile.gates.substitute import substitute
from gradcompile.ir.nodes import DType, reachable
from gradcompile.syntax import parse
from gradcompile.verify import samples
from gradcompile.verify.certificate import Finding
from gradcompile.verify.code_check import check_code
from gradcompile.verify.derived_check import check_derived
from gradcompile.verify.fields import Clock
from gradcompile.verify.reference import Reference

# Formulas whose entries stand in places that have to be found out.
STRUCTURED = {
    "elementwise": "x: Param[N]\ny: Real[N]\nloss = sum(log(1 + exp(-y * x)) + x**4)",
    "neighbours": "x: Param[N]\nr = [x[i + 1] - x[i]**2 for i in range(N - 1)]",
    "a chain": "x: Param[N]\nf = sum(100 * (x[i + 1] - x[i]**2)**2 + (1 - x[i])**2 for i in range(N - 1))",
    "slices": "x: Param[N]\nr = x[1:] * x[:-1]",
    "a mesh": "u: Param[N, M]\n"
    "f = sum((u[i + 1, j] - u[i, j])**2 for i in range(N - 1) for j in range(M)) + sum(exp(u))",
    "factors": "U: Param[A, K]\nV: Param[B, K]\nobs: Int[N, 2]\ny: Real[N]\n"
    "loss = sum((sum(U[obs[n, 0], k] * V[obs[n, 1], k] for k in range(K)) - y[n])**2 for n in range(N))",
    "observations": "cam: Param[C, 3]\npt: Param[P, 2]\nobs: Int[N, 2]\nseen: Real[N, 2]\n"
    "r = [[cam[obs[p, 0], 2] * pt[obs[p, 1], a] + cam[obs[p, 0], a] - seen[p, a] for a in range(2)] for p in range(N)]",
    "parts of a short axis": "w: Param[C, 3]\nk: Int[N]\nv: Real[N, 3]\nu = w[k]\n"
    "r = stack([u[:, 1] * v[:, 2] - u[:, 2] * v[:, 1], sum(u[:, :2] * v[:, 1:], axis=1) / (2 + u[:, 2]**2)], axis=1)",
    "a filter": "x: Param[N]\ne: Int[M, 2]\n"
    "r = [sum(x[e[m, 0]] * x[e[m, 1]] for m in range(M) if e[m, 0] == i) for i in range(N)]",
    "a choice by parameters": "x: Param[N]\nr = [x[i + 1] * x[i] if x[i] > 0 else x[i]**2 for i in range(N - 1)]",
    "a choice by data": "x: Param[N]\nz: Real[N]\nr = where(z > 0, x**2, x * z)",
    "both branches": "x: Param[N]\nk: Int[N]\nr = where(x > 0.1, sin(x[k]), x[k] * x)",
    "guarded by parameters": "x: Param[N]\nk: Int[N]\nr = [x[k[i + 1]] if x[i] > 0 else 0 for i in range(N - 1)]",
    "rows of a product": "X: Real[N, D]\nW: Param[D, H]\nv: Param[H]\nr = tanh(X @ W) @ v",
    "the winner": "X: Param[N, D]\ny: Param[N]\nr = max(X, axis=1) * y",
    "read at the winner": "x: Param[N]\ny: Param[N]\nr = y[argmax(x)] * x",
    "written at the winner": "x: Param[N]\na = zeros(N)\na[argmax(x)] = x[0]**2\nr = a * x",
    "a symmetric matrix": "S: Symmetric[N]\nr = S * S * S",
    "a triangular one": "L: LowerTriangular[N]\nb: Real[N]\nr = L @ b",
    "a stack of solutions": "A: Real[M, N, N]\nb: Param[M, N]\n"
    "r = [solve(A[m] + 9 * eye(N), b[m]**2) for m in range(M)]",
    "one matrix, many solutions": "A: Param[N, N]\nb: Real[M, N]\nr = [solve(A + 9 * eye(N), b[m]) for m in range(M)]",
    "the product of all": "X: Param[N, D]\nr = prod(X, axis=1)",
    "pairs above": "x: Param[N]\nd: Real[N]\nf = sum(x[i] * x[j] * d[i] for i in range(N) for j in range(i + 1, N))",
    "the same twice": "x: Param[N]\nk: Int[M]\nf = sum(x[k]**3)",
    "a loop, then not": "x: Param[N]\na: Param\nh = 0.0\nfor t in range(N):\n    h = tanh(a * h + x[t])\nr = h * x",
    "two loops": "x: Param[N]\nh = 0.0\ng = 1.0\nfor t in range(N):\n    h = tanh(h + x[t])\n"
    "for t in range(N):\n    g = g * x[t] + h\n    s[t] = g * h",
    "waves": "u: Param[N]\nsteps: Int\nv = u\nfor t in range(steps):\n"
    "    v = [v[i] + 0.1 * (v[i - 1]**2 - v[i]) if i > 0 else v[i] for i in range(N)]\nr = v",
    "heat": "u: Param[N]\nk: Param\nsteps: Int\nv = u\nfor t in range(steps):\n"
    "    v = [v[i] + k * (v[i - 1] - 2 * v[i] + v[i + 1]) * v[i] if i > 0 and i < N - 1 else v[i] for i in range(N)]\n"
    "f = sum(v**2)",
    "a tree of products": "p: Int[N]\nx: Param[N]\nfor i in range(N):\n"
    "    a[i] = x[i] * (a[p[i]] if p[i] >= 0 else 1)\nr = a",
    "a loop that parameters steer": "x: Param[N]\nh = 0.0\ng = 1.0\nfor t in range(N):\n"
    "    g = g + x[t] if h > 0.2 else g * 0.5\n    h = sin(h + x[t])\n    s[t] = g * x[t]",
    "nothing": "x: Param[N]\nz: Real[N]\nr = z * 2",
    "a stack of two": "x: Param[N]\nr = stack([x * x, sin(x)], axis=1)",
    "a diagonal": "A: Param[N, N]\nr = diag(A)**2",
    "of a mean": "x: Param[N]\nr = x - mean(x)",
    "several results": "x: Param[N]\nA: Param[M, N]\nr = A @ x\ns = x**2\nreturn r, s, sum(x)",
    "names": "Sparse: Param[N]\npattern: Param\nPattern: Real[N]\nr = Sparse * pattern * Pattern",
}  # fmt: skip
EVERY = {**ALL, **STRUCTURED}
MODES = [None, "forward", "reverse", "colouring"]


def functions_of(text: str) -> tuple[str, ...]:
    """Return the matrices that a formula has."""
    program = parse(text, "test.formula")
    scalar = len(program.results) == 1 and not program.results[0][1].axes
    return ("jacobian", "hessian") if scalar else ("jacobian",)


def every_way() -> Iterator[tuple[str, str]]:
    """Every formula in every mode; how often a `while` runs depends on the parameters, and with it the colouring."""
    for name, mode in itertools.product(EVERY, ("forward", "reverse", "colouring")):
        if (name, mode) != ("while", "colouring"):
            yield name, mode


@cache
def compiled(text: str, functions: tuple[str, ...], sparse: bool, target: str, mode: str | None) -> api.Compiled:
    """Compile without verification, which is what this is independent of."""
    program = replace(parse(text, "test.formula", name="test"), mode=mode or "", sparse=sparse)
    return api.load_module(api.translate(program, target=target, emit=functions, verified=False))


def dense(matrix: Any) -> Any:
    """Return a sparse matrix as an array, by SciPy."""
    found = csr_array((matrix.data, matrix.columns, matrix.indptr), shape=matrix.shape)
    assert found.has_canonical_format  # in order, and no entry twice
    other = coo_array((matrix.data, (matrix.rows, matrix.columns)), shape=matrix.shape)
    np.testing.assert_array_equal(found.toarray(), other.toarray())
    return found.toarray()


def elsewhere(text: str) -> dict[str, Any]:
    """Return the point with other parameters: what is fixed is the same."""
    program, point, draw = parse(text, "test.formula"), point_of(text), np.random.default_rng(7)
    moved = dict(point)
    for p in program.differentiated:
        step = formed(0.05 * draw.normal(size=np.shape(point[p.name])), p.structure)
        moved[p.name] = point[p.name] + (abs(step) if p.domain[0] == 0 else step)
    return moved


def agree(text: str, target: str, mode: str | None) -> None:
    """Compare the sparse matrices with the dense ones, at the pattern of another point."""
    functions = functions_of(text)
    sparse = compiled(text, functions, True, target, mode).module
    plain = compiled(text, functions, False, target, None).module
    for function in functions:
        pattern = getattr(sparse, f"{function}_pattern")(**point_of(text))
        keyword = "pattern_" if "pattern" in point_of(text) else "pattern"
        for point in (point_of(text), elsewhere(text)):
            found = getattr(sparse, function)(**point)
            for name, part in found._asdict().items():
                if name != "data":  # whatever the parameters are, the pattern is the same
                    np.testing.assert_array_equal(part, getattr(pattern, name))
            again = getattr(sparse, function)(**point, **{keyword: pattern})
            np.testing.assert_array_equal(again.data, found.data)
            wanted = getattr(plain, function)(**point, flat=True)
            np.testing.assert_allclose(dense(found), wanted, rtol=1e-9, atol=1e-9 * (1 + abs(wanted).max(initial=0)))
            if function == "hessian":
                np.testing.assert_array_equal(dense(found), dense(found).T)


@pytest.mark.parametrize(("name", "mode"), list(every_way()))
def test_sparse_is_dense(name: str, mode: str) -> None:
    agree(EVERY[name], "numpy", mode)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "mode"), list(every_way()))
def test_sparse_is_dense_in_fused_loops(name: str, mode: str) -> None:
    agree(EVERY[name], "numba", mode)


COUNTS = {  # the entries there have to be, of N = 5, M = 4, K = 3 and D = 2
    ("elementwise", "hessian"): 5,
    ("neighbours", "jacobian"): 2 * 4,
    ("a chain", "hessian"): 5 + 2 * 4,
    ("slices", "jacobian"): 2 * 4,
    ("a mesh", "hessian"): 5 * 4 + 2 * (4 * 4),
    ("observations", "jacobian"): 3 * 2 * 5,
    ("a choice by parameters", "jacobian"): 2 * 4,
    ("the winner", "jacobian"): 5 * 3,
    ("a triangular one", "jacobian"): 15 + 25,
    ("a stack of solutions", "jacobian"): 4 * 5 * 5,
    ("a stack of two", "jacobian"): 2 * 5,
    ("a diagonal", "jacobian"): 5,
    ("nothing", "jacobian"): 0,
    ("waves", "jacobian"): 5 + 4,
}


def ways() -> Iterator[Any]:
    for name, function in COUNTS:
        for mode in MODES:
            if name != "waves" or mode in (None, "colouring"):  # the axes alone do not tell what a loop does
                yield pytest.param(name, function, mode, id=f"{name}-{function}-{mode}")


@pytest.mark.parametrize(("name", "function", "mode"), list(ways()))
def test_no_more_entries_than_there_have_to_be(name: str, function: str, mode: str | None) -> None:
    sizes = {"N": 5, "M": 4, "K": 3, "D": 2, "C": 2, "P": 7, "steps": 1}
    program, draw = parse(STRUCTURED[name], "test.formula"), np.random.default_rng(0)
    given: dict[str, Any] = {}
    for a in program.arguments:
        shape = tuple(size.evaluate(sizes) for size in a.shape)
        drawn = draw.integers(0, 2, size=shape) if a.dtype is DType.INT else draw.normal(size=shape)
        drawn = drawn if shape or a.dtype is not DType.INT else 1
        given[a.name] = np.tril(drawn) if a.structure == "lower" else drawn
    module = compiled(STRUCTURED[name], functions_of(STRUCTURED[name]), True, "numpy", mode).module
    assert len(getattr(module, function)(**given).data) == COUNTS[name, function]


@pytest.mark.parametrize("mode", MODES[:3])  # a colouring finds its pattern in a dense one
def test_cost_follows_the_entries(mode: str | None) -> None:
    """A dense matrix of these sizes would be 320 GB."""
    module = compiled(STRUCTURED["observations"], ("jacobian",), True, "numpy", mode).module
    draw, count = np.random.default_rng(0), 100_000
    cam, pt = draw.normal(size=(1000, 3)), draw.normal(size=(100_000, 2))
    obs = np.stack([draw.integers(0, 1000, count), draw.integers(0, 100_000, count)], axis=1)
    found = module.jacobian(cam, pt, obs, draw.normal(size=(count, 2)))
    assert found.shape == (200_000, 203_000)
    assert len(found.data) == 600_000
    step = draw.normal(size=203_000)
    matrix = csr_array((found.data, found.columns, found.indptr), shape=found.shape)
    moves = cam, pt, step[:3000].reshape(1000, 3), step[3000:].reshape(-1, 2)
    c, p = obs.T
    wanted = moves[2][c, 2:] * pt[p] + cam[c, 2:] * moves[3][p] + moves[2][c, :2]  # the product rule, by hand
    np.testing.assert_allclose(matrix @ step, wanted.ravel(), rtol=1e-12, atol=1e-12)


def test_the_header_says_the_mode_and_the_numbers() -> None:
    source = compiled(STRUCTURED["neighbours"], ("jacobian",), True, "numpy", None).source
    line = r"# jacobian: \w+ mode, N - 1 operations; the other mode takes .*; 2\*N - 2 numbers, the others are 0 by"
    assert re.search(line, source)
    assert "--sparse" in source


def test_another_pattern_is_refused() -> None:
    module = compiled(STRUCTURED["neighbours"], ("jacobian",), True, "numpy", None).module
    with pytest.raises(ValueError, match="the pattern is one of 6 numbers, but there are 8"):
        module.jacobian(np.ones(5), pattern=module.jacobian_pattern(np.ones(4)))


def test_an_index_out_of_range_is_named() -> None:
    module = compiled(STRUCTURED["the same twice"], ("jacobian", "hessian"), True, "numpy", None).module
    for function in (module.jacobian, module.hessian, module.jacobian_pattern, module.hessian_pattern):
        with pytest.raises(IndexError, match="an index into x is out of range"):
            function(np.ones(3), np.array([0, 3]))


@pytest.mark.parametrize("target", ["numpy", pytest.param("numba", marks=pytest.mark.slow)])
def test_least_squares_with_a_sparse_jacobian(target: str) -> None:
    text = "x: Param[N]\ny: Real[N]\nr = concatenate([x**2 - y, [0.1 * (x[i + 1] - x[i]) for i in range(N - 1)]])"
    module = api.compile(text, target=target, emit="jacobian,objective", sparse=True, verify=False).module
    residual = module.objective(np.linspace(1, 2, 50))
    found = least_squares(residual, np.ones(50), jac=residual.jac, tr_solver="lsmr")
    assert found.success
    assert isinstance(residual.jac(found.x), csr_array)
    np.testing.assert_allclose(residual.jac(found.x).T @ residual(found.x), 0, atol=1e-6)


def test_minimize_with_a_sparse_hessian() -> None:
    module = api.compile(
        STRUCTURED["a chain"], target="numpy", emit="hessian,objective", sparse=True, verify=False
    ).module
    loss = module.objective(N=20)
    found = minimize(loss, np.zeros(20), jac=True, hess=loss.hess, method="trust-constr", options={"maxiter": 500})
    np.testing.assert_allclose(found.x, 1, atol=1e-3)
    assert loss.hess(found.x).nnz == 20 + 2 * 19


# Verification.


CERTIFIED = list(itertools.product(["observations", "factors", "a chain", "a filter"], MODES))
LONG = [(name, "colouring") for name in ("observations", "factors", "a filter")]
LONG += [("factors", mode) for mode in (None, "forward", "reverse")]


@pytest.mark.parametrize(
    ("name", "mode"), [pytest.param(*c, marks=[pytest.mark.slow] if c in LONG else []) for c in CERTIFIED]
)
def test_the_certificate_has_every_block(name: str, mode: str | None) -> None:
    text, functions = STRUCTURED[name], functions_of(STRUCTURED[name])
    made = api.compile(text, target="numpy", emit=functions, sparse=True, mode=mode, verify_seconds=200)
    verdicts = {what: verdict for what, verdict, _ in made.certificate.rows}  # type: ignore[union-attr]
    parameters = [p.name for p in made.program.differentiated]
    for function in functions:
        rows = parameters if function == "hessian" else [made.program.results[0][0]]
        blocks = [f"{function}.{r}.{p}" for i, r in enumerate(rows) for p in parameters]
        if function == "hessian":
            blocks = [f"hessian.{p}.{q}" for i, p in enumerate(parameters) for q in parameters[: i + 1]]
        assert {verdicts[block] for block in blocks} <= {"proved", "agrees"}
    assert set(verdicts.values()) <= {"proved", "agrees"}


def reference_of(made: api.Compiled) -> tuple[Reference, Any, list[samples.Point]]:
    reference = Reference(made.program, made.unit, Clock(60))
    sizes = samples.small_sizes(made.program)
    assert sizes is not None
    return reference, sizes, reference.points(sizes, 2)


def refuted(findings: list[Finding]) -> bool:
    return "refuted" in {f.verdict for f in findings}


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(
    "name", ["observations", pytest.param("factors", marks=pytest.mark.slow), "a chain", "parts of a short axis"]
)
def test_planted_in_the_graphs(name: str, mode: str) -> None:
    text, function = STRUCTURED[name], functions_of(STRUCTURED[name])[-1]
    made = compiled(text, (function,), True, "numpy", mode)
    reference, _, points = reference_of(made)
    assert not refuted(check_derived(reference, None, points))
    derived, planted = made.unit.derived[function], 0
    assert derived.pattern is not None
    for which, unit in (("unit", derived.unit), ("pattern", derived.pattern)):
        for at, value in enumerate(unit.values[: len(unit.values) - 2 * (which == "pattern")]):
            for other in mistakes(value.node, place=which == "pattern"):
                values = list(unit.values)
                values[at] = replace(value, node=other)
                wrong = replace(derived, **{which: replace(unit, values=tuple(values))})
                changed = replace(made.unit, derived={function: wrong})
                planted += 1
                assert refuted(check_derived(Reference(made.program, changed, Clock(60)), None, points)), (which, at)
    assert planted > 6


def mistakes(root: Any, *, place: bool) -> Iterator[Any]:
    """Yield what might be built in the place of a number, or of a row or column, by mistake."""
    if place:
        yield build.gate("add", root, build.const(root.graph, 1.0))
        return
    yield build.gate("neg", root)
    for node in reachable([root]):
        if node.dtype is DType.REAL and node.op in ("mul", "add", "sub", "take"):
            yield substitute(root, {node: build.gate("mul", node, build.const(node.graph, 1.000001))})
            return


CHANGES = [
    (r"symmetric=True", "symmetric=False"),
    (r"sums = np.concatenate\(\[np.arange\(len\(entries\)\), below\]\)\[order\]", "sums = order % len(entries)"),
    (r"rows\[kept\] \* width", "rows[kept] * (width + 1)"),
    (r"columns <= rows", "columns < rows"),
    (
        r"np.searchsorted\(rows, np.arange\(shape\[0\] \+ 1\)\)",
        "np.searchsorted(rows, np.arange(shape[0] + 1), 'right')",
    ),
    (r"return _filled\(_found, pattern\)", "return _filled([2 * f for f in _found], pattern)"),
    (r"np.lexsort\(\(columns, rows\)\)", "np.lexsort((rows, columns))"),
    (r"\], \*pattern\[:4\]\)", "], pattern[1], pattern[0], *pattern[2:4])"),
]


@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_planted_in_the_source(before: str, after: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "other_sizes", lambda *_: [])
    made = compiled(STRUCTURED["factors"], ("hessian",), True, "numpy", None)
    reference, sizes, points = reference_of(made)

    def judged(text: str) -> list[Finding]:
        module: ModuleType = load(text, "planted")
        return check_code(reference, module, ("hessian",), sizes, points[:1])

    assert not refuted(judged(made.source))
    changed, count = re.subn(before, after, made.source)
    assert count
    assert refuted(judged(changed))


@pytest.mark.parametrize(("name", "function"), [("waves", "jacobian"), ("heat", "hessian")])
def test_a_colouring_takes_few_directions(name: str, function: str) -> None:
    """The number of colours does not grow with the number of columns."""
    module = compiled(STRUCTURED[name], functions_of(STRUCTURED[name]), True, "numpy", None).module
    point, found = point_of(STRUCTURED[name]), []
    for size in (20, 60):
        pattern = getattr(module, f"{function}_pattern")(**(point | {"u": np.ones(size), "steps": 2}))
        found.append(pattern.tables[-2 if function == "hessian" else -1].shape[-1])
    assert found[0] == found[1] <= 12


@pytest.mark.parametrize("name", ["waves", pytest.param("heat", marks=pytest.mark.slow)])
def test_planted_in_a_colouring(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "other_sizes", lambda *_: [])
    text, function = STRUCTURED[name], functions_of(STRUCTURED[name])[-1]
    made = compiled(text, (function,), True, "numpy", "colouring")
    reference, sizes = reference_of(made)[0], {"N": 7}
    one = {"steps": np.array(1, dtype=object)}
    points = [replace(p, values=p.values | one) for p in reference.points(sizes, 2)]
    derived = made.unit.derived[function]
    assert derived.dependence is not None
    assert not refuted(check_derived(reference, None, points))
    values = derived.dependence.values
    for at in range(len(values)):  # a block that is said to be 0
        nothing = replace(values[at], node=build.const(values[at].node.graph, 0.0))
        wrong = replace(derived.dependence, values=(*values[:at], nothing, *values[at + 1 :]))
        changed = replace(made.unit, derived={function: replace(derived, dependence=wrong)})
        assert refuted(check_derived(Reference(made.program, changed, Clock(60)), None, points)), at

    def judged(source: str) -> list[Finding]:
        return check_code(reference, load(source, "planted"), (function,), sizes, points[:1])

    assert not refuted(judged(made.source))
    changes = [(r"    return colours\n", "    return colours * 0\n")]
    if function == "jacobian":
        changes.append((r"part.shape\) > 0", "part.shape)[::-1] > 0"))
    else:
        changes.append((r"    if symmetric:\n", "    if False:\n"))
    for before, after in changes:
        text, count = re.subn(before, after, made.source)
        assert count
        assert refuted(judged(text)), before


def test_a_while_is_not_coloured() -> None:
    with pytest.raises(gradcompile.FormulaError, match="how often a loop runs depends on the parameters"):
        compiled(EVERY["while"], ("hessian",), True, "numpy", "colouring")
    assert compiled(EVERY["while"], ("hessian",), True, "numpy", None).unit.derived["hessian"].mode != "colouring"


def test_a_colouring_is_of_a_sparse_matrix() -> None:
    with pytest.raises(gradcompile.FormulaError, match="a colouring is of the columns of a sparse matrix"):
        api.compile("x: Param[N]\nr = x**2", emit="jacobian", mode="colouring")


def test_a_module_is_current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.formula").write_text("x: Param[N]\nf = sum(x**3)\n")

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(main, list(arguments))

    made = run("compile", "f.formula", "--target", "numpy", "--emit", "hessian,jacobian", "--sparse", "-o", "out")
    assert made.exit_code == 0, made.output
    checked = run("compile", "--check", "out/f.py")
    assert checked.exit_code == 0, checked.output
    assert "current" in checked.output


def test_every_formula_has_a_hessian_or_a_jacobian() -> None:
    assert {functions_of(text)[-1] for text in SCALAR.values()} == {"hessian"}


def symmetric_patterns() -> Iterator[Any]:
    """Patterns with a full diagonal: random ones, a band, and an arrow."""
    draw = np.random.default_rng(0)
    for size, density in itertools.product((5, 10, 40), (0.05, 0.1, 0.3)):
        found = draw.random((size, size)) < density
        yield found | found.T | np.eye(size, dtype=bool)
    yield np.abs(np.subtract.outer(np.arange(30), np.arange(30))) <= 2
    yield np.eye(30, dtype=bool) | (np.arange(30) == 0) | (np.arange(30) == 0)[:, None]


@pytest.mark.parametrize("pattern", list(symmetric_patterns()), ids=lambda p: f"{len(p)}-{p.sum()}")
def test_a_star_colouring_finds_every_element_once(pattern: Any) -> None:
    module: Any = compiled(STRUCTURED["heat"], ("hessian",), True, "numpy", "colouring").module
    count, draw = len(pattern), np.random.default_rng(1)
    colours, table = module._coloured([pattern.astype(float)], ((0, 0, 1),), module._star, symmetric=True)
    values = np.tril(np.where(pattern, draw.normal(size=pattern.shape), 0))
    matrix = values + np.tril(values, -1).T
    sums, seen, found = matrix @ np.eye(table.shape[1])[colours], np.zeros((count, count)), np.zeros((count, count))
    for row, colour in zip(*np.nonzero(table >= 0), strict=True):
        place = max(row, table[row, colour]), min(row, table[row, colour])
        seen[place] += 1
        found[place] += sums[row, colour]
    np.testing.assert_array_equal(seen, np.tril(pattern))
    np.testing.assert_allclose(found, values, atol=1e-13)
    if pattern.sum() == 30 + 2 * 29:
        assert table.shape[1] == 2  # an arrow: by columns that share no row it would be 30
