"""Modules in float32: everything computes in that type, in twice the lanes, and verification holds them to it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import gradcompile
from gradcompile import FormulaError, api
from gradcompile.cli import main
from gradcompile.emit.load import load
from gradcompile.emit.single import explicit, retyped
from gradcompile.gates import build
from gradcompile.gates.registry import GATES
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Graph
from gradcompile.loops.sums import STRIP
from gradcompile.verify import samples
from gradcompile.verify.certificate import Finding
from gradcompile.verify.code_check import check_code
from gradcompile.verify.fields import Clock
from gradcompile.verify.reference import Reference

EXAMPLES = Path(__file__).parent.parent / "examples"
NAMES = sorted(p.stem for p in EXAMPLES.glob("*.formula"))
TARGETS = ("numba", "numpy")
ALL = ("value", "value_and_grad", "jvp", "vjp", "hvp", "hessian", "jacobian", "objective", "pack")
EPSILON = float(np.finfo(np.float32).eps)


def compiled(source: Path | str, target: str = "numpy", emit: Any = None, **options: Any) -> api.Compiled:
    """Compile in float32, without verification."""
    program = replace(api.read(source, name=None if isinstance(source, Path) else "f"), dtype="float32", **options)
    return api.load_module(api.translate(program, target=target, emit=emit))


def checked(made: api.Compiled, module: Any = None) -> list[Finding]:
    """Run the module at several sizes, against the reference."""
    reference = Reference(made.program, made.unit, Clock(150))
    sizes = samples.small_sizes(made.program)
    assert sizes is not None
    points = reference.points(sizes, 3)
    return check_code(reference, module or made.module, made.functions, sizes, points)


def assert_agrees(findings: list[Finding]) -> None:
    wrong = [f for f in findings if f.verdict != "agrees"]
    assert not wrong, wrong
    assert any("of float32" in f.detail for f in findings)


# -- verification ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", ["huber", "linear_regression", "rosenbrock"])
def test_an_example_agrees(name: str, target: str) -> None:
    assert_agrees(checked(compiled(EXAMPLES / f"{name}.formula", target)))


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", NAMES)
def test_every_example_agrees(name: str, target: str) -> None:
    assert_agrees(checked(compiled(EXAMPLES / f"{name}.formula", target)))


@pytest.mark.parametrize("name", ["rosenbrock", "logistic_regression"])
def test_functions_beyond_the_gradient_agree(name: str) -> None:
    assert_agrees(checked(compiled(EXAMPLES / f"{name}.formula", emit=ALL)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rosenbrock", "logistic_regression", "softmax_regression"])
def test_functions_beyond_the_gradient_agree_in_fused_loops(name: str) -> None:
    assert_agrees(checked(compiled(EXAMPLES / f"{name}.formula", "numba", ALL)))


NEIGHBOURS = "x: Param[N]\nr = [x[i + 1] - x[i]**2 for i in range(N - 1)]"


@pytest.mark.parametrize(
    ("source", "target"),
    [
        pytest.param(NEIGHBOURS, "numpy", id="neighbours-numpy"),
        *(pytest.param(EXAMPLES / "reprojection.formula", t, id=t, marks=pytest.mark.slow) for t in TARGETS),
    ],
)
def test_sparse_matrices_agree(source: Path | str, target: str) -> None:
    assert_agrees(checked(compiled(source, target, ("value", "jacobian", "objective"), sparse=True)))


ORDERS = {"polygamma", "iv", "ive", "jv"}  # the first argument of these is a whole number
GATE_NAMES = [g.name for g in GATES.values() if not g.hidden and g.result == "real" and g.name not in ORDERS]


def of_gate(name: str) -> str:
    """A formula with a gate and its local gradients, over vectors."""
    record = GATES[name]
    lines = []
    for place, argument in enumerate(record.arguments):
        low, high = record.interval(place)
        lines.append(f"{argument}_: {low} < Param[N] < {high}")
    return "\n".join([*lines, f"f = sum({name}({', '.join(f'{a}_' for a in record.arguments)})**2)"])


@pytest.mark.parametrize("name", GATE_NAMES)
def test_a_gate_is_of_float32(name: str) -> None:
    assert_agrees(checked(compiled(of_gate(name))))


@pytest.mark.slow
@pytest.mark.parametrize("name", GATE_NAMES)
def test_a_gate_is_of_float32_in_fused_loops(name: str) -> None:
    made = compiled(of_gate(name), "numba")
    assert_agrees(checked(made))
    (signature,) = made.module.value_kernel.nopython_signatures  # type: ignore[union-attr]
    assert str(signature.return_type) in ("UniTuple(float32 x 1)", "Tuple(float32)")


MATRICES = {
    "det": "A: Param[N, N]\nf = det(A)", "logdet": "A: Param[N, N]\nf = logdet(A @ A.T + eye(N))",
    "solve": "A: Param[N, N]\nb: Param[N]\nf = sum(solve(A, b))", "inv": "A: Param[N, N]\nf = sum(inv(A)**2)",
    "cholesky": "A: Param[N, N]\nf = sum(cholesky(A @ A.T + eye(N)))", "pinv": "A: Param[3, 2]\nf = sum(pinv(A))",
    "expm": "A: Param[N, N]\nf = sum(expm(A))", "eigenvalues": "A: Symmetric[N]\nf = sum(eigvalsh(A)**2)",
}  # fmt: skip


@pytest.mark.parametrize("target", [pytest.param("numba", marks=pytest.mark.slow), "numpy"])
@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[pytest.mark.slow] if n in ("det", "eigenvalues", "logdet") else []) for n in MATRICES],
)
def test_linear_algebra_is_of_float32(name: str, target: str) -> None:
    assert_agrees(checked(compiled(MATRICES[name], target)))


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ("0.5 * ", "0.501 * ", "f is "),
        ("2 * w", "2 * w.astype(np.float64)", "float64, not float32"),
    ],
)
def test_a_planted_error_is_refuted(old: str, new: str, verdict: str) -> None:
    made = compiled("w: Param[N]\nc: Real\nf = 0.5 * c + sum(w**2)")
    assert made.source.count(old)
    refuted = [f for f in checked(made, load(made.source.replace(old, new), "f")) if f.verdict == "refuted"]
    assert refuted
    assert verdict in refuted[0].detail


def test_the_tolerance_follows_from_the_formula() -> None:
    """A difference of nearly equal numbers loses digits: that is the formula's, and no error of the module."""
    made = compiled("x: 1 < Real < 2\nw: 1 < Param < 2\nf = ((1000000 * x + w) - 1000000 * x) * w")
    assert_agrees(checked(made))
    value = made.module.value(1.7, 1.3)  # type: ignore[union-attr]
    assert 1e-4 < abs(value - 1.3**2) / 1.3**2 < 1e-1


# -- lanes -----------------------------------------------------------------------------------------------------


def lanes(made: api.Compiled, arguments: list[Any]) -> tuple[Counter[int], str]:
    """Return how often vectors of each length occur in the compiled kernel, and its text."""
    module: Any = made.module
    module.value_and_grad(*arguments)
    (text,) = module.value_and_grad_kernel.inspect_llvm().values()
    word = "float" if made.program.dtype == "float32" else "double"
    return Counter(int(n) for n in re.findall(rf"<(\d+) x {word}>", text)), text


@pytest.mark.parametrize("name", ["black_scholes", pytest.param("softmax_regression", marks=pytest.mark.slow)])
def test_loops_have_twice_the_lanes(name: str) -> None:
    draw = np.random.default_rng(0)
    arguments: list[Any] = [draw.uniform(0.2, 1, 9) for _ in range(5)]
    if name == "softmax_regression":
        arguments = [draw.normal(size=s) for s in [(9, 3), (9, 2), (3, 2), (2,)]]
    double = api.load_module(api.translate(api.read(EXAMPLES / f"{name}.formula")))
    wide, _ = lanes(double, arguments)
    narrow, text = lanes(compiled(EXAMPLES / f"{name}.formula", "numba"), arguments)
    assert narrow.most_common(1)[0][0] == 2 * wide.most_common(1)[0][0]
    computed = {operation for operation, _ in re.findall(r"= (\w+) [^=\n]*(<\d+ x double>)", text)}
    assert computed <= {"load", "fadd", "fpext", "fptrunc"}, "but for what blocks add up, nothing is of float64"


# -- sums ------------------------------------------------------------------------------------------------------


LONG = {
    "numbers": ("x: Param[N]\nf = sum(x)", lambda n: [np.full(n, 0.1)]),
    "rows": ("x: Real[N, D]\nw: Param[D]\nf = sum(w * sum(x, axis=0))", lambda n: [np.full((n, 2), 0.1), np.ones(2)]),
    "matrix": ("X: Real[N, D]\nw: Param[D]\nf = sum(exp(X) * w)", lambda n: [np.full((n, 3), 0.1), np.ones(3)]),
    "classes": (
        "X: Real[N, D]\nW: Param[D, C]\nf = sum(logsumexp(X @ W, axis=1))",
        lambda n: [np.full((n, 2), 0.3), np.ones((2, 3))],
    ),
}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] if n in ("classes", "rows") else []) for n in LONG]
)
def test_a_long_sum_keeps_its_digits(name: str) -> None:
    """One term after the other in float32, a million equal ones are off by more than one part in 1000."""
    text, draw = LONG[name]
    arguments = [a.astype(np.float32) for a in draw(1_000_000)]
    module: Any = compiled(text, "numba").module
    double: Any = gradcompile.compile(text, verify=False, name="f").module
    value, gradient = module.value_and_grad(*arguments)
    wanted, slopes = double.value_and_grad(*arguments)
    assert value == pytest.approx(wanted, rel=32 * EPSILON)
    np.testing.assert_allclose(gradient[0], slopes[0], rtol=32 * EPSILON)


def test_parts_of_sums_are_added_up_in_float64() -> None:
    rows = compiled(LONG["rows"][0], "numba").source
    assert (
        len(re.findall(r"_sum = _own\(np\.zeros\(\(D,\), np\.float64\)", rows)) == 2
    )  # of value, and of value and gradient
    assert f"range(0, N, {STRIP})" in rows
    blocks = compiled(LONG["classes"][0], "numba").source
    assert len(re.findall(r"_sum = _own\(np\.zeros\(.*np\.float64\)", blocks)) == 1  # of the gradient
    assert "f_sum = np.float64(0)" in blocks


def test_infinities_and_nan_keep_their_meaning() -> None:
    module: Any = compiled(LONG["numbers"][0], "numba").module
    assert module.value(np.array([1.0, np.inf])) == np.inf
    assert np.isnan(module.value(np.array([-np.inf, np.inf])))
    assert module.value(np.full(4, 3e38)) == np.inf  # the largest float32 is 3.4e38


# -- text ------------------------------------------------------------------------------------------------------


def test_literals_and_arrays_of_a_source_are_retyped() -> None:
    source = 'def f(x):\n    y = 0.5 * x - np.inf + np.zeros((2, 3)) * float(x)  # 0.5 é\n    return y, f"{x} 0.5", 1\n'
    found = retyped(source, literals=True)
    assert found == (
        "def f(x):\n    y = np.float32(0.5) * x - np.float32(np.inf) + np.zeros((2, 3), dtype=np.float32)"
        ' * np.float32(x)  # 0.5 é\n    return y, f"{x} 0.5", 1\n'
    )
    assert retyped(found, literals=True) == found
    kept = "a = np.zeros(3, np.float64) + np.full(3, 1, dtype=int) + np.float64(0.5)\n"
    assert retyped(kept, literals=True) == kept
    numpy = "a = 0.5 * np.array(x, dtype=float, order='C') + np.eye(3) + np.finfo(float).eps\n"
    assert retyped(numpy, literals=False) == (
        "a = 0.5 * np.array(x, dtype=np.float32, order='C') + np.eye(3, dtype=np.float32) + np.finfo(np.float32).eps\n"
    )


def test_whole_numbers_become_real_where_they_meet_real_ones() -> None:
    graph, axis = Graph(), Axis(Extent.of("N"), 0)
    x, i = build.argument(graph, "x", [axis]), build.iota(graph, axis)
    product = build.gate("mul", x, i)
    assert explicit([product])[product] is build.gate("mul", x, build.as_real(i))
    doubled = build.gate("mul", x, build.const(graph, 2))
    assert explicit([doubled])[doubled] is build.gate("mul", x, build.const(graph, 2.0))
    for same in (build.gate("add", i, build.const(graph, 1)), build.gate("pow", x, build.const(graph, 3))):
        assert explicit([same])[same] is same
    choice = build.gate("where", build.gate("lt", i, build.extent(graph, axis.extent)), x, build.const(graph, 0))
    found = explicit([choice])[choice]
    assert [o.dtype for o in found.operands] == [DType.BOOL, DType.REAL, DType.REAL]


# -- interfaces ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", TARGETS)
def test_arguments_are_converted_and_results_have_their_types(target: str) -> None:
    made = compiled("x: Param[N]\nk: Int\nlam: Param = 0.1\nf = lam * sum(x**k) / k + N * lam", target)
    module: Any = made.module
    x = np.arange(1, 4)
    value, gradient = module.value_and_grad(x, 2, lam=0.5)
    assert type(value) is float
    assert type(gradient.lam) is float
    assert gradient.x.dtype == np.float32
    assert value == pytest.approx(0.5 * 7 + 1.5, rel=4 * EPSILON)
    np.testing.assert_allclose(gradient.x, 0.5 * x, rtol=4 * EPSILON)
    again = module.value_and_grad(x.astype(np.float32), 2, np.float32(0.5))
    assert again[0] == value
    assert value != 0.5 * 7 + 1.5 or module.value(x / 3, 2) != pytest.approx(0.1 * 7 / 9 + 0.3, rel=1e-12)
    with pytest.raises(ValueError, match="x must be an array"):
        module.value(1.0, 2)


def test_the_header_names_the_type_and_the_module_is_checked_with_it(tmp_path: Path) -> None:
    formula = tmp_path / "f.formula"
    formula.write_text("x: Param[N]\nf = sum(exp(0.3 * x))\n", encoding="utf-8")
    run = CliRunner().invoke
    arguments = [str(formula), "-o", str(tmp_path), "--target", "numpy", "--dtype", "float32"]
    assert run(main, ["compile", *arguments]).exit_code == 0
    source = (tmp_path / "f.py").read_text(encoding="utf-8")
    assert re.search(r"^# options: .* --dtype float32$", source, re.MULTILINE)
    assert "units in the last place of float32\n" in source
    assert run(main, ["compile", "--check", *arguments]).exit_code == 0
    assert run(main, ["compile", "--check", str(tmp_path / "f.py")]).exit_code == 0
    assert run(main, ["compile", "--check", *arguments[:-2]]).exit_code == 1
    assert run(main, ["compile", str(formula), "--dtype", "float16"]).exit_code == 2


def test_the_default_is_float64() -> None:
    text = "x: Param[N]\nf = sum(exp(x))"
    default = gradcompile.compile(text, verify=False, name="f").source
    assert gradcompile.compile(text, verify=False, name="f", dtype="float64").source == default
    assert "float32" not in default
    assert "--dtype" not in default


def test_an_unknown_type_is_an_error() -> None:
    with pytest.raises(FormulaError, match="there are no modules in 'float16'"):
        gradcompile.compile("f = x", dtype="float16")


@gradcompile.formula(dtype="float32", target="numpy", verify=False)
def decorated(x: gradcompile.Param[N]) -> None:  # type: ignore[type-arg, name-defined]  # noqa: F821
    return sum(exp(x))  # type: ignore[name-defined, return-value]  # noqa: F821


def test_the_decorator_takes_a_type() -> None:
    assert "float32" in decorated.source
    assert decorated.grad(np.zeros(2)).x.dtype == np.float32


def test_scipy_gets_vectors_of_float64() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    module: Any = compiled(EXAMPLES / "rosenbrock.formula", emit=("value", "value_and_grad", "objective")).module
    function = module.objective(N=4)
    vector = module.pack(np.zeros(4))
    assert vector.dtype == np.float64
    assert function(vector)[1].dtype == np.float64
    assert module.unpack(vector, N=4).x.dtype == np.float32
    found = optimize.minimize(function, np.zeros(4), jac=True, method="L-BFGS-B")
    np.testing.assert_allclose(found.x, 1, atol=1e-3)


@pytest.mark.slow
def test_a_benchmark_measures_float32() -> None:
    options = ["--dims", "N=40,D=3,C=4", "--rounds", "1", "--vs", "numpy", "--dtype", "float32", "--json"]
    done = CliRunner().invoke(main, ["bench", str(EXAMPLES / "softmax_regression.formula"), *options])
    assert done.exit_code == 0, done.output
    assert '"dtype": "float32"' in done.output
    assert '"differs' not in done.output
