"""The functions beyond the gradient, called: jvp, vjp, hvp, hessian and jacobian against each other and differences."""

from __future__ import annotations

import itertools
import math
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
from derived_cases import ALL, ARRAYS, SCALAR, formed, point_of

from gradcompile import FormulaError, api
from gradcompile.cli import main
from gradcompile.derived import DERIVED, SECOND_ORDER, extras, typical_sizes, work
from gradcompile.emit.load import load
from gradcompile.gates import build
from gradcompile.gates.count import operations
from gradcompile.gates.substitute import substitute
from gradcompile.ir.nodes import DType, Kind, Node, reachable
from gradcompile.pipeline import Unit
from gradcompile.syntax import parse
from gradcompile.verify import samples
from gradcompile.verify.certificate import Finding
from gradcompile.verify.code_check import check_code
from gradcompile.verify.derived_check import check_derived
from gradcompile.verify.fields import Clock
from gradcompile.verify.graph_check import symbolic_of
from gradcompile.verify.reference import Reference

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.formula"))

FIRST, SECOND = ("jvp", "vjp", "jacobian"), ("grad", "hvp", "hessian")


@cache
def compiled(text: str, emit: tuple[str, ...], target: str = "numpy", mode: str | None = None) -> api.Compiled:
    """Compile without verification, which is what this is independent of."""
    program = parse(text, "test.formula", name="test")
    program = replace(program, mode=mode or "")
    return api.load_module(api.translate(program, target=target, emit=emit, verified=False))


def module_of(text: str, emit: tuple[str, ...], target: str = "numpy", mode: str | None = None) -> Any:
    """Return the loaded module."""
    return compiled(text, emit, target, mode).module


def emit_of(text: str) -> tuple[str, ...]:
    """Return all functions that a formula has."""
    return ("value", *FIRST, *SECOND, "pack") if text in SCALAR.values() else ("value", *FIRST)


def directions(text: str, seed: int = 3) -> dict[str, Any]:
    """Return a random direction for each parameter, by the parameter's name."""
    draw, program, point = np.random.default_rng(seed), parse(text, "test.formula"), point_of(text)
    return {p.name: formed(draw.normal(size=np.shape(point[p.name])), p.structure) for p in program.differentiated}


def named(text: str, function: str, given: Any) -> dict[str, Any]:
    """Return directions or cotangents under the names that a function has for them."""
    program = parse(text, "test.formula")
    return dict(zip([e.name for e in extras(program, function)], given, strict=True))


def several(text: str) -> bool:
    return len(parse(text, "test.formula").results) > 1


def results_of(text: str, found: Any) -> list[Any]:
    return list(found) if several(text) else [found]


def inner(left: Any, right: Any) -> float:
    return float(sum(np.sum(np.multiply(a, b)) for a, b in zip(left, right, strict=True)))


@pytest.mark.parametrize("name", ALL)
def test_a_cotangent_times_a_tangent_is_the_product_times_the_direction(name: str) -> None:
    dot_product(ALL[name], "numpy")


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_dot_product_in_fused_loops(name: str) -> None:
    dot_product(ALL[name], "numba")


def dot_product(text: str, target: str) -> None:
    module, point, moves = module_of(text, emit_of(text), target), point_of(text), directions(text)
    value, tangent = module.jvp(**point, **named(text, "jvp", moves.values()))
    values, tangents = results_of(text, value), results_of(text, tangent)
    plain = results_of(text, module.value(**point))
    draw = np.random.default_rng(5)
    cotangents = [draw.normal(size=np.shape(v)) for v in values]
    for got, wanted, along in zip(values, plain, tangents, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-13, atol=1e-13)
        assert np.shape(along) == np.shape(wanted)
        assert type(along) is type(wanted)
    product = module.vjp(**point, **named(text, "vjp", cotangents))
    assert product._fields == tuple(moves)
    for name, part in product._asdict().items():
        assert np.shape(part) == np.shape(point[name])
        assert isinstance(part, np.ndarray if np.ndim(point[name]) else float)
    left, right = inner(cotangents, tangents), inner(product, moves.values())
    assert left == pytest.approx(right, rel=1e-9, abs=1e-9)
    rows = module.jacobian(**point)
    rows = list(rows) if several(text) else [rows]
    for row, along in zip(rows, tangents, strict=True):
        total = 0.0
        for block, move in zip(row, moves.values(), strict=True):
            assert np.shape(block) == np.shape(along) + np.shape(move)
            total = total + np.tensordot(block, move, axes=np.ndim(move))
        np.testing.assert_allclose(total, along, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", SCALAR)
def test_second_order(name: str) -> None:
    second_order(SCALAR[name], "numpy")


@pytest.mark.slow
@pytest.mark.parametrize("name", SCALAR)
def test_second_order_in_fused_loops(name: str) -> None:
    second_order(SCALAR[name], "numba")


def second_order(text: str, target: str) -> None:
    module, point, moves = module_of(text, emit_of(text), target), point_of(text), directions(text)
    blocks = module.hessian(**point)
    flat = module.hessian(**point, flat=True)
    for p, q in itertools.product(moves, repeat=2):
        block = getattr(getattr(blocks, p), q)
        assert np.shape(block) == np.shape(point[p]) + np.shape(point[q])
        assert isinstance(block, np.ndarray if np.ndim(block) else float)
    np.testing.assert_array_equal(flat, flat.T)
    np.testing.assert_array_equal(
        flat,
        np.block([[np.reshape(b, (np.size(point[p]), -1)) for b in getattr(blocks, p)] for p in moves]),
    )
    product = module.hvp(**point, **named(text, "hvp", moves.values()))
    direction = packed(moves.values())
    np.testing.assert_allclose(packed(product), flat @ direction, rtol=1e-8, atol=1e-8)
    if "stop_gradient" in text:  # what a difference does not see
        return
    step = 1e-5

    def gradient(size: float) -> Any:
        return packed(module.grad(**{k: v + size * moves[k] if k in moves else v for k, v in point.items()}))

    slope = (8 * (gradient(step) - gradient(-step)) - gradient(2 * step) + gradient(-2 * step)) / (12 * step)
    scale = 1 + np.abs(flat @ direction).max()
    np.testing.assert_allclose(packed(product) / scale, slope / scale, rtol=1e-5, atol=1e-6)


def packed(parts: Any) -> Any:
    return np.concatenate([np.ravel(part) for part in parts])


@pytest.mark.parametrize("name", ALL)
def test_both_modes_agree(name: str) -> None:
    text = ALL[name]
    functions = ("jacobian", "hessian") if text in SCALAR.values() else ("jacobian",)
    forward, reverse = (compiled(text, functions, mode=mode) for mode in ("forward", "reverse"))
    for function in functions:
        one, two = (getattr(c.module, function)(**point_of(text), flat=True) for c in (forward, reverse))
        np.testing.assert_allclose(one, two, rtol=1e-8, atol=1e-8 * (1 + np.abs(one).max(initial=0)))
        for c, mode in ((forward, "forward"), (reverse, "reverse")):
            assert re.search(rf"^# {function}: {mode} mode, .*", c.source, re.M)
            assert c.unit.derived[function].mode == mode


def test_the_header_says_the_mode_and_why() -> None:
    text = "x: Param[N]\nloss = sum(exp(x)) * sum(x**2)"
    chosen = compiled(text, ("hessian", "jacobian"))
    for function in ("hessian", "jacobian"):
        mode = chosen.unit.derived[function].mode
        assert mode in ("forward", "reverse")
        line = rf"^# {function}: {mode} mode, .* operations; the other mode takes "
        assert re.search(line, chosen.source, re.M)
    asked = compiled(text, ("hessian",), mode="forward")
    assert "--mode forward" in asked.source
    assert "the other mode" not in asked.source


@pytest.mark.parametrize("mode", [None, "forward", "reverse"])
def test_the_hessian_of_logistic_regression_is_what_one_writes(mode: str | None) -> None:
    text = next(p for p in EXAMPLES if p.stem == "logistic_regression").read_text()
    source = compiled(text, ("hessian",), mode=mode).source
    kernel = source.partition("def hessian_kernel")[2].partition("\n\n\n")[0]
    assert re.search(r"H_w_w = (X\.T @ \w+|\w+(\.T)? @ X)(?=  #)", kernel)
    assert "for " not in kernel
    assert kernel.count("\n") < 15


CLOSED = {
    "a quadratic form": ("A: Real[N, N]\nx: Param[N]\nf = x @ A @ x", r"H_x_x = (A \+ A\.T|A\.T \+ A)  #"),
    "least squares": (
        "A: Real[M, N]\nb: Real[M]\nx: Param[N]\nf = sum((A @ x - b)**2)",
        r"H_x_x = (A\.T @ \w+|\(A \* 2\)\.T @ A)  #",
    ),
}


@pytest.mark.parametrize("mode", [None, "forward", "reverse"])
@pytest.mark.parametrize("name", CLOSED)
def test_a_closed_form_is_shown(name: str, mode: str | None) -> None:
    text, wanted = CLOSED[name]
    source = compiled(text, ("hessian",), mode=mode).source
    kernel = source.partition("def hessian_kernel")[2].partition("\n\n\n")[0]
    assert re.search(wanted, kernel)
    assert "eye" not in kernel
    assert "x" not in re.findall(r"\b\w+\b", kernel.partition("\n")[2])  # it is constant


# How much more work a product with the Hessian is than the gradient.

MOST = 2.5


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_product_with_the_hessian_costs_little_more_than_the_gradient(path: Path) -> None:
    program = api.read(path)
    if len(program.results) > 1 or program.results[0][1].axes:
        pytest.skip("no scalar result")
    found = api.translate(program, target="numpy", emit=["value_and_grad", "hvp"], verified=False)
    sizes = typical_sizes(program)
    product, gradient = (work(c, sizes) for c in (found.unit.derived["hvp"].operations, operations(found.unit.roots)))
    print(f"{path.stem}: {product / gradient:.3f}")
    assert product <= MOST * gradient


def test_products_of_triangular_matrices_have_no_masks() -> None:
    """Masks are on the factors, so that a product is one of matrices."""
    program = api.read(Path(__file__).parent.parent / "examples" / "gaussian_process.formula")
    unit = api.translate(program, target="numpy", emit=["value_and_grad", "hvp"], verified=False).unit
    nodes = reachable([*unit.roots, *unit.derived["hvp"].unit.roots])
    assert not [n for n in nodes if n.op == "where" and len(n.axes) > 2]
    sums = [n for n in nodes if n.op == "sum" and len(n.operands[0].axes) == 3]
    assert {n.operands[0].op for n in sums} <= {"mul", "add", "square"}


# What is refused.

WHILE = "a: Param\nx = a\nwhile abs(x) > 1:\n    x = 0.5 * x\n"


@pytest.mark.parametrize(
    ("text", "function", "words"),
    [
        ("x: Param[N]\ny = x**2", "hvp", "scalar result"),
        ("x: Param[N]\ny = x**2", "hessian", "scalar result"),
        ("x: Param[N]\na = sum(x)\nreturn a, 2 * a", "hvp", "one result"),
        ("x: Param[N]\na = sum(x)\nreturn a, 2 * a", "hessian", "one result"),
        ("k: Int\nx: Param\ny = k * 2", "jacobian", "`y` is an integer"),
        ("k: Int\nx: Param\ny = k * 2", "vjp", "`y` is an integer"),
        ("k: Int\nx: Param\ny = k * 2\nreturn x, y", "vjp", "`y` is an integer"),
        ("x: Param\ny = x > 0", "jacobian", "`y` is a condition"),
        ("k: Int\nf = k * 2.5", "jvp", "nothing to differentiate"),
        ("x: Param[N]\ncotangent = x**3\nf = sum(cotangent)", "vjp", "cannot be called `cotangent`"),
        ("cotangent: Param[N]\nf = sum(cotangent)", "vjp", "cannot be called `cotangent`"),
        ("hessian: Param[N]\nf = sum(hessian)", "hessian", "cannot be called `hessian`"),
    ],
)
def test_what_cannot_be_is_a_formula_error(text: str, function: str, words: str) -> None:
    with pytest.raises(FormulaError, match=re.escape(words)):
        api.compile(text, emit=[function], target="numpy", verify=False)


def test_an_unknown_mode() -> None:
    with pytest.raises(FormulaError, match=r"unknown mode 'sideways'\n.*forward, reverse, colouring"):
        api.compile("f = x * x", emit="hessian", mode="sideways", target="numpy")


@pytest.mark.parametrize(("function", "mode"), [("vjp", None), ("jacobian", "reverse")])
def test_steps_of_a_while_whose_states_nobody_reads(function: str, mode: str | None) -> None:
    found = module_of(WHILE, ("jvp", "jacobian"))
    assert found.jvp(5.0, 1.0) == (0.625, 0.125)
    assert found.jacobian(5.0).a == 0.125
    with pytest.raises(FormulaError, match="the steps of a `while` loop"):
        api.compile(WHILE, emit=[function], target="numpy", mode=mode, verify=False)


LOGISTIC = "X: Real[N, D]\ny: Real[N]\nw: Param[D]\nb: Param\nz = X @ w + b\nloss = sum(softplus(z) - y * z) / N"
ROWS = np.random.default_rng(0).normal(size=(5, 3))
GIVEN = (ROWS, np.array([0.0, 1, 1, 0, 1]), np.array([0.5, -1.0, 0.25]), 0.75)


@pytest.fixture(params=["numpy", pytest.param("numba", marks=pytest.mark.slow)])
def logistic(request: pytest.FixtureRequest) -> Any:
    return module_of(LOGISTIC, ("value", "jvp", "vjp", "hvp", "hessian"), request.param)


@pytest.mark.parametrize("function", ["jvp", "hvp"])
def test_wrong_directions_are_named(logistic: Any, function: str) -> None:
    call = getattr(logistic, function)
    with pytest.raises(ValueError, match=r"dw has 4 elements, but D = 3 from X"):
        call(*GIVEN, np.ones(4), 1.0)
    with pytest.raises(ValueError, match=r"dw must be an array of shape \(D,\), but has the shape \(3, 1\)"):
        call(*GIVEN, np.ones((3, 1)), 1.0)
    with pytest.raises(ValueError, match="db must be a number"):
        call(*GIVEN, np.ones(3), np.ones(2))
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'db'"):
        call(*GIVEN, np.ones(3))
    with pytest.raises(TypeError, match="dw is missing"):
        call(*GIVEN, None, 1.0)
    with pytest.raises(TypeError, match="dw must be real"):
        call(*GIVEN, np.ones(3) * 1j, 1.0)
    with pytest.raises(ValueError, match=r"w has 2 elements, but D = 3 from X"):
        call(*GIVEN[:2], np.ones(2), 1.0, np.ones(2), 1.0)


def test_wrong_cotangents_are_named(logistic: Any) -> None:
    with pytest.raises(TypeError, match="'cotangent'"):
        logistic.vjp(*GIVEN)
    with pytest.raises(ValueError, match="cotangent must be a number"):
        logistic.vjp(*GIVEN, np.ones(2))
    product = module_of(ARRAYS["a product"], emit_of(ARRAYS["a product"]))
    with pytest.raises(ValueError, match="cotangent has 3 elements, but N = 2 from A"):
        product.vjp(np.ones((2, 3)), np.ones(3), np.ones(3))
    with pytest.raises(ValueError, match="dA has 3 rows, but N = 2 from A"):
        product.jvp(np.ones((2, 3)), np.ones(3), np.ones((3, 2)), np.ones(3))
    ranks = module_of(ARRAYS["several ranks"], emit_of(ARRAYS["several ranks"]))
    with pytest.raises(ValueError, match="cotangent_B has 3 columns, but M = 2 from A"):
        ranks.vjp(np.ones(4), np.ones((4, 2)), 1.0, np.ones(2), np.ones((4, 3)))


def test_a_nan_is_passed_through(logistic: Any) -> None:
    value, tangent = logistic.jvp(*GIVEN, np.array([0, math.nan, 0]), 1.0)
    assert math.isfinite(value)
    assert math.isnan(tangent)
    assert all(np.isnan(part).all() for part in logistic.hvp(*GIVEN, np.full(3, math.nan), 1.0))
    assert all(np.isnan(part).all() for part in logistic.vjp(*GIVEN, math.nan))


def test_flat_is_by_name_alone(logistic: Any) -> None:
    with pytest.raises(TypeError, match="positional"):
        logistic.hessian(*GIVEN, True)


# What directions may be, and names.


def test_directions_may_be_integers_read_only_and_strided(logistic: Any) -> None:
    plain = np.array([1.0, -2.0, 3.0])
    read_only, wide = plain.copy(), np.zeros(6)
    read_only.flags.writeable = False
    wide[::2] = plain
    kinds = [read_only, wide[::2], plain[::-1].copy()[::-1], plain.astype(int), plain.astype(np.int8), [1, -2, 3]]
    for function in (logistic.jvp, logistic.hvp):
        wanted = function(*GIVEN, plain, 2.0)
        for direction in [*kinds, plain.astype(np.float32)]:
            np.testing.assert_array_equal(packed(function(*GIVEN, direction, 2)), packed(wanted))
    np.testing.assert_array_equal(packed(logistic.vjp(*GIVEN, 2)), packed(logistic.vjp(*GIVEN, 2.0)))


@pytest.mark.parametrize("name", ALL)
def test_nothing_that_is_given_is_modified_or_handed_back(name: str) -> None:
    text = ALL[name]
    module, point, moves = module_of(text, emit_of(text)), point_of(text), directions(text)
    values = results_of(text, module.value(**point))
    calls: dict[str, Any] = {"jvp": moves.values(), "vjp": [np.ones(np.shape(v)) for v in values], "jacobian": ()}
    if name in SCALAR:
        calls |= {"hvp": moves.values(), "hessian": ()}
    for function, given in calls.items():
        arguments = point | named(text, function, [np.copy(g) for g in given])
        before = {k: np.copy(v) for k, v in arguments.items()}
        for value in arguments.values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
        try:
            found = getattr(module, function)(**arguments)
        finally:
            for value in point.values():
                if isinstance(value, np.ndarray):
                    value.flags.writeable = True
        for key, value in arguments.items():
            np.testing.assert_array_equal(value, before[key])
        for part in leaves(found):
            assert not any(isinstance(v, np.ndarray) and np.shares_memory(part, v) for v in arguments.values()), (
                function
            )


def leaves(found: Any) -> Iterator[Any]:
    if isinstance(found, tuple):
        for part in found:
            yield from leaves(part)
    elif isinstance(found, np.ndarray):
        yield found


def test_domains_are_checked_of_arguments_and_not_of_directions() -> None:
    text = "p: Positive[N]\nS: Symmetric[M]\nf = sum(log(p)) * trace(S @ S)"
    program = replace(parse(text, "test.formula"), check_domains=True)
    emit = ("jvp", "vjp", "hvp", "hessian", "jacobian")
    module: Any = api.load_module(api.translate(program, target="numpy", emit=emit)).module
    p, S, wrong = np.array([1.0, 2.0]), np.array([[1.0, 2], [2, 3]]), np.array([1.0, -2.0])
    for function, extra in (("jvp", (-p, S)), ("hvp", (-p, S)), ("vjp", (1.0,)), ("hessian", ()), ("jacobian", ())):
        call = getattr(module, function)
        assert all(np.isfinite(part).all() for part in leaves(call(p, S, *extra)))
        with pytest.raises(ValueError, match="p"):
            call(wrong, S, *extra)
        with pytest.raises(ValueError, match="S"):
            call(p, np.array([[1.0, 2], [3, 4]]), *extra)


NAMES = {
    "an argument like a direction": "w: Param[N]\ndw: Real[N]\nf = sum(dw * w**3)",
    "a parameter like a direction": "w: Param[N]\ndw: Param[N]\ndw_: Param\nf = sum(dw * w**3) * dw_**2",
    "variables like derivatives": "w: Param[N]\ndw = w**3\nHdw = sum(dw)\nH_w_w = Hdw**2\nf = H_w_w",
    "a size like a direction": "w: Param[dw]\nf = sum(w**3)",
    "classes": "Hessian: Param[N]\nJacobian: Param\nRow: Param\nf = sum(Hessian**3) * Jacobian * Row**2",
    "variables like classes": "x: Param[N]\nHessian = x**3\nJacobian = Hessian * 2\nRow = sum(Jacobian)",
    "sizes like classes": "x: Param[Row]\nf = sum(x**3)",
    "blocks": "a: Param[N]\na_b: Param[N]\nb: Param\nf = sum(a * a_b) * b**2",
    "a variable flat": "x: Param[N]\nflat = x**2\nf = sum(flat)",
    "a size flat": "x: Param[flat]\nf = sum(x**3)",
    "names of helpers": "rows: Param[N]\nranks: Param\nblock: Param\nf = sum(rows**3) * ranks**2 * block",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_do_not_clash(name: str) -> None:
    text = NAMES[name]
    made = api.compile(text, target="numpy", emit=["grad", *DERIVED], verify_seconds=20)
    assert made.passed
    point = {a.name: np.full([3] * len(a.axes), 1.5)[()] for a in made.program.arguments}
    given = [np.full(np.shape(point[p.name]), 0.5)[()] for p in made.program.differentiated]
    module: Any = made.module
    product = module.hvp(*point.values(), *given)
    np.testing.assert_allclose(module.hessian(*point.values(), flat=True) @ packed(given), packed(product), rtol=1e-12)


@pytest.mark.parametrize("target", ["numpy", pytest.param("numba", marks=pytest.mark.slow)])
def test_an_argument_called_flat(target: str) -> None:
    """The option is called so as well, and gives way."""
    made = api.compile("x: Param\nflat: Param\nf = x**2 * flat", target=target, emit=["hessian", "jacobian"])
    assert made.passed
    module: Any = made.module
    assert module.hessian(2.0, 3.0).x == (6.0, 4.0)
    np.testing.assert_array_equal(module.hessian(2.0, 3.0, flat_=True), [[6.0, 4.0], [4.0, 0.0]])
    np.testing.assert_array_equal(module.jacobian(2.0, 3.0, flat_=True), [[12.0, 4.0]])


def test_results_named_like_derivatives() -> None:
    text = "w: Param[N]\ndw = w**3\nJ_dw_w = sum(dw)\nreturn dw, J_dw_w"
    made = api.compile(text, target="numpy", emit=["jvp", "vjp", "jacobian"], verify_seconds=20)
    assert made.passed
    module: Any = made.module
    np.testing.assert_array_equal(module.jacobian(np.array([1.0, 2.0])).dw.w, np.diag([3.0, 12.0]))


def test_where_a_direction_goes() -> None:
    """After what has no default, before what has one."""
    module = module_of("x: Param[N]\nlam: Param = 0.5\nf = lam * sum(x**3)", ("jvp", "vjp", "hvp"))
    x, dx = np.array([1.0, 2.0]), np.array([1.0, -1.0])
    assert module.jvp(x, dx, 1.0) == (4.5, 0.5 * 3 * (1 - 4) + 9)
    assert module.jvp(x, dx, 0.0, 2.0) == (18.0, 2.0 * 3 * (1 - 4))
    np.testing.assert_array_equal(module.vjp(x, 1.0).x, [1.5, 6.0])
    np.testing.assert_array_equal(module.vjp(x, 1.0, lam=1.0).x, [3.0, 12.0])


# Errors that are planted.

PLANTED = {
    "a layer": "X: Real[N, D]\nW: Param[D, K]\nb: Param[K]\nloss = sum(exp(0.25 * (X @ W) + b) * b) / N",
    "a network in time": "x: Real[T]\nU: Param[H]\nV: Param[H, H]\nh = zeros(H)\n"
    "for t in range(T):\n    h = tanh(U * x[t] + V @ h)\nloss = sum(h**2)",
    "gathered": "o: Int[P, 2]\nA: Param[C, 2]\nX: Param[M, 2]\n"
    "loss = sum((A[o[p, 0], j] * X[o[p, 1], j])**3 for p in range(P) for j in range(2))",
}  # fmt: skip


def wrong(node: Node) -> Iterator[tuple[str, Node]]:
    """What might be built in the place of a node by mistake."""
    if node.kind is Kind.GATE and node.dtype is DType.REAL and node.name in ("mul", "add", "sub", "exp", "tanh"):
        yield "a factor", build.gate("mul", node, build.const(node.graph, 1.000001))
    if node.kind is Kind.GATE and node.dtype is DType.REAL and node.name in ("add", "sub"):
        yield "a dropped term", node.operands[0]
    if node.kind is Kind.HISTORY and node.attrs[1] != "final":
        other = "before" if node.attrs[1] == "after" else "after"
        yield f"the state {other} the step", build.history(node.operands[0], node.attrs[0], other)


def reference_of(text: str, functions: tuple[str, ...]) -> tuple[Reference, Any, list[samples.Point]]:
    made = compiled(text, functions)
    reference = Reference(made.program, made.unit, Clock(60))
    sizes = samples.small_sizes(made.program)
    assert sizes is not None
    return reference, sizes, reference.points(sizes, 2)


def refuted(findings: list[Finding]) -> bool:
    return "refuted" in {f.verdict for f in findings}


def with_another(unit: Unit, function: str, node: Node, other: Node) -> Unit:
    """Return the unit with another node in the place of one, in one output of one function."""
    own = unit.derived[function]
    values = list(own.unit.values)
    values[-1] = replace(values[-1], node=substitute(values[-1].node, {node: other}))
    changed = replace(own, unit=replace(own.unit, values=tuple(values)))
    return replace(unit, derived={**unit.derived, function: changed})


@pytest.mark.parametrize("function", DERIVED)
@pytest.mark.parametrize("name", ["a layer", pytest.param("a network in time", marks=pytest.mark.slow), "gathered"])
def test_planted_in_the_graph(name: str, function: str) -> None:
    reference, _, points = reference_of(PLANTED[name], (function,))
    symbolic = None  # by differences: it is these that have to see it
    assert not refuted(check_derived(reference, symbolic, points))
    last = reference.unit.derived[function].unit.values[-1].node
    planted, missed = 0, []
    mistakes = [(node, *m) for node in reachable([last]) for m in wrong(node)]
    mistakes.append((last, "a sign", build.gate("neg", last)))
    for node, what, other in mistakes[:: -1 - len(mistakes) // (4 if function in SECOND_ORDER else 12)]:
        unit = with_another(reference.unit, function, node, other)
        if unit.derived[function].unit.values == reference.unit.derived[function].unit.values:
            continue
        planted += 1
        if not refuted(check_derived(replace_unit(reference, unit), symbolic, points)):
            missed.append((what, node))
    print(f"{name}, {function}: planted {planted}, caught {planted - len(missed)}")
    assert planted
    assert not missed


def replace_unit(reference: Reference, unit: Unit) -> Reference:
    return Reference(reference.program, unit, Clock(60))


@pytest.mark.parametrize("function", DERIVED)
def test_planted_where_it_is_proved(function: str) -> None:
    reference, _, points = reference_of(SCALAR["scalars"], (function,))
    symbolic = symbolic_of(reference, points[0])
    assert {f.verdict for f in check_derived(reference, symbolic, points)} == {"proved"}
    node = reference.unit.derived[function].unit.values[-1].node
    for other in (build.gate("neg", node), build.gate("mul", node, build.const(node.graph, 1.000000001))):
        unit = with_another(reference.unit, function, node, other)
        assert refuted(check_derived(replace_unit(reference, unit), symbolic, points))


CHANGES = [
    (r"= (\w+) \* (\w+)(?=  #)", r"= \1 / \2", "a quotient"),
    (r"= (\w+) \+ (\w+)(?=  #)", r"= \1 - \2", "a sign"),
    (r"= (\w+) @ (\w+)(?=  #)", r"= -(\1 @ \2)", "the sign of a product"),
    (r"= (\w+)\.T @ (\w+)(?=  #)", r"= (\2.T @ \1)", "a transpose"),
    (r"0\.25", r"0.2500000001", "a factor"),
    (r"np\.exp\((\w+)\)", r"np.exp(-\1)", "the sign of an exponent"),
    (r"axis=0", r"axis=1", "the wrong axis"),
]
IN_WRAPPERS = {
    "hessian": [
        (r"_swapped\((_found\[\d\]), \d\)", r"_swapped(\1[::-1], 1)", "the wrong order"),
        (r"_mirrored\((_found\[0\])\)", r"(2 * _mirrored(\1))", "a factor"),
        (r"np\.tril\(matrix, -1\)", r"np.tril(matrix, 0)", "the diagonal twice"),
        (r"if flat else _rows", r"+ 1e-3 if flat else _rows", "the flat matrix"),
    ],
    "jacobian": [(r"Jacobian\(\*_found\)", r"Jacobian(*(2 * f for f in _found))", "a factor")],
    "jvp": [(r"return _found", r"return _found[::-1]", "the tangent first")],
    "hvp": [(r"Gradient\(\*_found\)", r"Gradient(*(-f for f in _found))", "a sign")],
    "vjp": [(r"Gradient\(\*_found\)", r"Gradient(*(-f for f in _found))", "a sign")],
}


def changed(source: str, function: str) -> Iterator[tuple[str, str]]:
    """Return sources with one thing changed, and what."""
    head, mark, kernel = source.partition(f"def {function}_kernel")
    body, end, tail = kernel.partition("    return ")
    lines = body.split("\n")
    for pattern, replacement, what in CHANGES:
        for number, line in enumerate(lines):
            other = re.sub(pattern, replacement, line)
            if other != line:
                text = "\n".join([*lines[:number], other, *lines[number + 1 :]])
                yield head + mark + text + end + tail, f"{what}: {line.strip()}"
    for pattern, replacement, what in IN_WRAPPERS[function]:
        other = re.sub(pattern, replacement, source, count=1)
        if other != source:
            yield other, what


@pytest.mark.parametrize("function", DERIVED)
def test_planted_in_the_source(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "other_sizes", lambda *_: [])  # one is enough here
    text = PLANTED["a layer"]
    reference, sizes, points = reference_of(text, (function,))
    source = compiled(text, (function,)).source

    def judged(text: str) -> list[Finding]:
        module: ModuleType = load(text, "planted")
        return check_code(reference, module, (function,), sizes, points[:1])

    assert not refuted(judged(source))
    planted = 0
    for other, what in changed(source, function):
        planted += 1
        assert refuted(judged(other)), what
    print(f"{function}: planted and caught {planted}")
    assert planted > 4


# A module is compiled again from its header.


@pytest.mark.parametrize("options", [("hessian", "forward"), ("jacobian,hessian", "reverse"), ("jvp,vjp,hvp", None)])
def test_a_module_is_current(options: tuple[str, str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    emit, mode = options
    monkeypatch.chdir(tmp_path)
    Path("f.formula").write_text("x: Param[N]\nf = sum(x**3) * sum(x)\n")

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(main, list(arguments))

    chosen = ["--mode", mode] if mode else []
    made = run("compile", "f.formula", "--target", "numpy", "--emit", emit, *chosen, "-o", "out")
    assert made.exit_code == 0, made.output
    assert not mode or f"--mode {mode}" in Path("out/f.py").read_text()
    checked = run("compile", "--check", "out/f.py")
    assert checked.exit_code == 0, checked.output
    assert "current" in checked.output
    if mode:
        other = {"forward": "reverse", "reverse": "forward"}[mode]
        path = Path("out/f.py")
        path.write_text(path.read_text().replace(f"--mode {mode}", f"--mode {other}"))
        assert run("compile", "--check", "out/f.py").exit_code == 1
