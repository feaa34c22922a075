"""The elementary functions of modules: accuracy over all arguments, edges, and that loops with them run in lanes."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import numba
import numpy as np
import pytest
from whole_domain import elementary_functions

import gradcompile
from gradcompile.emit import elementary
from gradcompile.emit.elementary import coefficients
from gradcompile.emit.elementary.trigonometric import NEAR
from gradcompile.gates.registry import GATES

INF, NAN = math.inf, math.nan
DTYPES = ("float64", "float32")
BITS = {"float64": 53, "float32": 24}
UNITS = 2.0  # in the last place, that a result may be off
WORST = (
    6381956970095103 * 2.0**797,
    1.7976931348623157e308,
    1e22,
)  # nearest of all floats to a multiple of pi/2; others


def _erfc(x: Any) -> Any:
    return mpmath.erfc(x) if abs(x) < 1e3 else mpmath.mpf(1 - mpmath.sign(x))


def _of_gate(name: str) -> Callable[..., Any]:
    meaning = GATES[name].mpmath
    assert meaning is not None
    return meaning


# Each function, its meaning, and where arguments are drawn beside all sizes: where its results change most.
FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[float, float]]] = {
    "_exp": (mpmath.exp, (-750, 712)),
    "_exp2": (lambda x: mpmath.mpf(2) ** x, (-1080, 1026)),
    "_expm1": (mpmath.expm1, (-40, 712)),
    "_log": (mpmath.log, (0, 3)),
    "_log1p": (mpmath.log1p, (-1, 3)),
    "_log2": (lambda x: mpmath.log(x, 2), (0, 3)),
    "_log10": (lambda x: mpmath.log(x, 10), (0, 3)),
    "_tanh": (mpmath.tanh, (-20, 20)),
    "_sigmoid": (lambda x: 1 / (1 + mpmath.exp(-x)), (-750, 40)),
    "_softplus": (lambda x: mpmath.log1p(mpmath.exp(x)), (-750, 40)),
    "_sinh": (mpmath.sinh, (-711, 711)),
    "_cosh": (mpmath.cosh, (-711, 711)),
    "_sin": (mpmath.sin, (-1e6, 1e6)),
    "_cos": (mpmath.cos, (-1e6, 1e6)),
    "_tan": (mpmath.tan, (-1e6, 1e6)),
    "_near_sin": (mpmath.sin, (-1e6, 1e6)),
    "_near_cos": (mpmath.cos, (-1e6, 1e6)),
    "_near_tan": (mpmath.tan, (-1e6, 1e6)),
    "_arctan": (mpmath.atan, (-50, 50)),
    "_cbrt": (lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)), (-30, 30)),
    "_erf": (mpmath.erf, (-7, 7)),
    "_erfc": (_erfc, (-7, 28)),
    "_lgamma": (_of_gate("lgamma"), (-10, 10)),
    "_digamma": (_of_gate("digamma"), (-10, 10)),
    "_arctan2": (mpmath.atan2, (-3, 3)),
    "_pow": (mpmath.power, (0.5, 2)),
}
POSITIVE = {"_log", "_log2", "_log10", "_pow"}
NEAR_ONES = {"_near_sin", "_near_cos", "_near_tan"}
PERIODIC = {"_sin", "_cos", "_tan"} | NEAR_ONES
TWO = {"_arctan2", "_pow"}
# With zeros that no float is: for x < 0 errors count in units of 1, or of what rounding x comes to (by the slope).
REFLECTED = {"_lgamma": _of_gate("digamma"), "_digamma": _of_gate("trigamma")}
ZEROS = {"_lgamma": 2.0, "_digamma": 1.4616321449683623}


@pytest.fixture(scope="module")
def scopes() -> dict[str, dict[str, Any]]:
    return {dtype: elementary_functions(dtype) for dtype in DTYPES}


def along(function: Any, arguments: int) -> Any:
    """A loop over arrays with the function in it, as kernels have them."""

    def one(x: Any, out: Any) -> None:
        for i in range(x.shape[0]):
            out[i] = function(x[i])

    def two(x: Any, y: Any, out: Any) -> None:
        for i in range(x.shape[0]):
            out[i] = function(x[i], y[i])

    return numba.njit(error_model="numpy", fastmath={"contract"})(one if arguments == 1 else two)


@pytest.fixture(scope="module")
def loops(scopes: dict[str, dict[str, Any]]) -> dict[tuple[str, str], Any]:
    return {(n, d): along(scopes[d][n], 2 if n in TWO else 1) for n in FUNCTIONS for d in DTYPES}


def values(loop: Any, columns: list[Any]) -> Any:
    out = np.empty_like(columns[0])
    loop(*columns, out)
    return out


def points(name: str, dtype: str, count: int) -> list[Any]:
    """Arguments of all sizes, of ordinary size, and where the function changes; subnormal ones, the largest, and 1."""
    draw = np.random.default_rng(sum(map(ord, name)))
    low, high = FUNCTIONS[name][1]
    least, most = (-320, 308) if dtype == "float64" else (-44, 38)
    sizes = 10 ** draw.uniform(least, most, count) * draw.choice([-1, 1], count)
    parts = [sizes, draw.normal(size=count), draw.uniform(low, high, count), 1 + 10 ** draw.uniform(-17, 0, count)]
    if name in PERIODIC:
        parts += [draw.integers(1, 10**6, count) * (math.pi / 2), np.array(WORST)]
    if name in ZEROS:
        parts.append(ZEROS[name] + 10 ** draw.uniform(-17, -0.3, count) * draw.choice([-1, 1], count))
    x = np.concatenate(parts)
    with np.errstate(over="ignore"):
        x = (np.abs(x) if name in POSITIVE else x).astype(dtype)
    x = x[np.isfinite(x)] if name not in NEAR_ONES else x[np.abs(x) < NEAR[dtype]]
    if name == "_pow":
        widest = 750 * BITS[dtype] ** 2 / 53**2 / np.maximum(np.abs(np.log(x, where=x > 0, out=np.ones_like(x))), 1e-30)
        return [x, (draw.uniform(-1, 1, x.size) * np.minimum(widest, 1e15)).astype(dtype)]
    return [x] if name not in TWO else [x, draw.permutation(x)]


def off(name: str, point: tuple[float, ...], got: float, dtype: str) -> float:
    """By how many units in the last place a result is off; infinity where it is of another kind."""
    function, bits = FUNCTIONS[name][0], BITS[dtype]
    far = name in PERIODIC and abs(point[0]) > 1e15
    with mpmath.workprec(1200 if far else 160):
        value = function(*map(mpmath.mpf, point))
        if not mpmath.isfinite(value) or mpmath.im(value) != 0:
            rounded = NAN if mpmath.isnan(value) or mpmath.im(value) != 0 else float(value)
            return 0.0 if got == rounded or (math.isnan(got) and math.isnan(rounded)) else INF
        if value == 0:
            return 0.0 if got == 0 else INF
        size = value
        if name in REFLECTED and point[0] < 0:
            size = max(abs(value), 1, abs(point[0] * REFLECTED[name](mpmath.mpf(point[0]))))
        exponent = max(int(mpmath.mag(size)), -1021 if dtype == "float64" else -125) - bits
        if math.isinf(got):
            top = mpmath.mpf(2) ** (1024 if dtype == "float64" else 128)
            return 0.0 if abs(value) > top * (1 - mpmath.mpf(2) ** -(bits - 1)) else INF
        return float(abs(got - value) / mpmath.mpf(2) ** exponent)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_accuracy(name: str, dtype: str, loops: dict[tuple[str, str], Any]) -> None:
    _accurate(name, dtype, loops[name, dtype], 80)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_accuracy_at_many_points(name: str, dtype: str, loops: dict[tuple[str, str], Any]) -> None:
    _accurate(name, dtype, loops[name, dtype], 8000)


def _accurate(name: str, dtype: str, loop: Any, count: int) -> None:
    columns = points(name, dtype, count)
    found = values(loop, columns).tolist()
    rows = zip(*(c.tolist() for c in columns), strict=True)
    bad = [(row, got) for row, got in zip(rows, found, strict=True) if not off(name, row, got, dtype) <= UNITS]
    assert not bad, f"{len(bad)}, {bad[:3]}"


EDGES: dict[str, list[tuple[float, ...]]] = {  # arguments, then the result, with its sign where that is 0
    "_exp": [(INF, INF), (-INF, 0.0), (0.0, 1.0), (-0.0, 1.0), (1e308, INF), (-1e308, 0.0)],
    "_exp2": [(INF, INF), (-INF, 0.0), (10.0, 1024.0), (-3.0, 0.125)],
    "_expm1": [(INF, INF), (-INF, -1.0), (0.0, 0.0), (-0.0, -0.0), (1e-45, 1e-45)],
    "_log": [(INF, INF), (0.0, -INF), (-0.0, -INF), (1.0, 0.0), (-1.0, NAN), (-INF, NAN)],
    "_log1p": [(INF, INF), (-1.0, -INF), (0.0, 0.0), (-0.0, -0.0), (-2.0, NAN), (-INF, NAN), (1e-45, 1e-45)],
    "_log2": [(INF, INF), (0.0, -INF), (8.0, 3.0), (0.25, -2.0), (-1.0, NAN)],
    "_log10": [(INF, INF), (0.0, -INF), (1.0, 0.0), (-1.0, NAN)],
    "_tanh": [(INF, 1.0), (-INF, -1.0), (0.0, 0.0), (-0.0, -0.0), (30.0, 1.0), (1e-45, 1e-45)],
    "_sigmoid": [(INF, 1.0), (-INF, 0.0), (0.0, 0.5), (50.0, 1.0)],
    "_softplus": [(INF, INF), (-INF, 0.0), (100.0, 100.0)],
    "_sinh": [(INF, INF), (-INF, -INF), (0.0, 0.0), (-0.0, -0.0), (1e-45, 1e-45)],
    "_cosh": [(INF, INF), (-INF, INF), (0.0, 1.0)],
    "_sin": [(INF, NAN), (-INF, NAN), (0.0, 0.0), (-0.0, -0.0), (1e-45, 1e-45)],
    "_cos": [(INF, NAN), (0.0, 1.0), (-0.0, 1.0), (1e-30, 1.0)],
    "_tan": [(INF, NAN), (0.0, 0.0), (-0.0, -0.0), (1e-45, 1e-45)],
    "_arctan": [(INF, math.pi / 2), (-INF, -math.pi / 2), (0.0, 0.0), (-0.0, -0.0), (1e-45, 1e-45)],
    "_cbrt": [(INF, INF), (-INF, -INF), (0.0, 0.0), (-0.0, -0.0), (-27.0, -3.0), (1000.0, 10.0)],
    "_erf": [(INF, 1.0), (-INF, -1.0), (0.0, 0.0), (-0.0, -0.0), (1e-44, 1.1283791670955126e-44)],
    "_erfc": [(INF, 0.0), (-INF, 2.0), (0.0, 1.0), (-0.0, 1.0)],
    "_lgamma": [(INF, INF), (-INF, INF), (0.0, INF), (-0.0, INF), (1.0, 0.0), (2.0, 0.0), (-3.0, INF), (-1e30, INF)],
    "_digamma": [(INF, INF), (-INF, NAN), (0.0, -INF), (-0.0, INF), (-3.0, NAN), (-1e30, NAN), (1e-320, -INF)],
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", EDGES)
def test_edges(name: str, dtype: str, loops: dict[tuple[str, str], Any]) -> None:
    with np.errstate(over="ignore"):
        *columns, wanted = (np.array(c).astype(dtype) for c in zip(*EDGES[name], (NAN, NAN), strict=True))
    found = values(loops[name, dtype], columns)
    np.testing.assert_allclose(found, wanted, rtol=np.finfo(dtype).eps, atol=0)
    zero = wanted == 0
    np.testing.assert_array_equal(np.signbit(found[zero]), np.signbit(wanted[zero]))


SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 1e-30, -1e-30, 1e30, -1e30, INF, -INF, NAN)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "function"), [("_arctan2", np.arctan2), ("_pow", np.power)])
def test_edges_of_two_arguments(name: str, function: Any, dtype: str, loops: dict[tuple[str, str], Any]) -> None:
    """Where IEEE 754 has a word to say: signed zeros, infinities, powers of negative numbers."""
    x, y = (np.array(side, dtype).ravel() for side in np.meshgrid(SPECIAL, SPECIAL))
    found = values(loops[name, dtype], [x, y])
    with np.errstate(all="ignore"):
        wanted = function(x, y)
    np.testing.assert_allclose(found, wanted, rtol=4 * np.finfo(dtype).eps)
    number = ~np.isnan(wanted)
    np.testing.assert_array_equal(np.signbit(found[number]), np.signbit(wanted[number]))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_loop_runs_in_the_lanes_of_vector_registers(name: str, dtype: str, loops: dict[tuple[str, str], Any]) -> None:
    loop = loops[name, dtype]
    values(loop, [np.ones(4, dtype)] * (2 if name in TWO else 1))  # compiles
    text = next(iter(loop.inspect_llvm().values()))
    word = "double" if dtype == "float64" else "float"
    assert f"x {word}>" in text, "no instruction on vectors"
    assert "vector.body" in text


def test_a_module_has_the_functions_that_it_calls_and_no_others() -> None:
    source = gradcompile.compile("x: Param[N]\nf = sum(exp(x))", target="numba", verify=False, name="f").source
    assert source.count("def _exp(") == 1
    assert {name for name in elementary.names() if f"{name}(" in source} == {"_exp", "_exp_parts", "_halves"}


def test_one_value_at_a_time_is_computed_by_the_library() -> None:
    """Lanes are for loops: outside them, and where each step needs the one before, the C library is faster."""
    scalar = gradcompile.compile("f = exp(x) + sin(y)", verify=False, name="f").source
    steps = "a: Param\nx: Real[T]\ns = 0.0\nfor t in range(T):\n    s = exp(-a * s) * x[t]\nf = s"
    ordered = gradcompile.compile(steps, emit=["value"], verify=False, name="f").source
    for source in (scalar, ordered):
        assert "np.exp(" in source
        assert "_exp(" not in source


@pytest.mark.slow
def test_the_numbers_are_what_the_script_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(__file__).parent.parent / "docs/fit_elementary.py"
    monkeypatch.syspath_prepend(path.parent)
    spec = importlib.util.spec_from_file_location("fit_elementary", path)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    with mpmath.workdps(40):
        assert script.text(script.tables()) == Path(coefficients.__file__).read_text(encoding="utf-8")
