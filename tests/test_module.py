"""The contract of the generated module, point by point, in both targets."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

import gradcompile
from gradcompile.emit.load import load
from gradcompile.emit.module import assemble, header_of, needs_gradient, with_certificate, without_certificate
from gradcompile.errors import FormulaError
from gradcompile.pipeline import run_passes
from gradcompile.syntax import parse
from gradcompile.version import __version__

RIDGE = '''"""Ridge regression: squared error with a penalty."""
X: Real[N, D]
y: Real[N]
w: Param[D]
c: Param
lam: Real = 0.5
r = X @ w + c - y
loss = sum(r**2) + lam * sum(w**2)
'''
ALL = ("value", "value_and_grad", "grad", "objective", "pack")
VALUE = ("value",)


@cache
def source_of(text: str, target: str, functions: tuple[str, ...]) -> str:
    """Return the module that a formula compiles to."""
    program = parse(text, "test.formula")
    unit = run_passes(program, gradient=needs_gradient(program, functions))
    return assemble(program, unit, target, functions, f"--target {target}")


@cache
def module_of(text: str, target: str, functions: tuple[str, ...] = ALL) -> ModuleType:
    """Return the module, loaded."""
    return load(source_of(text, target, functions), "test")


@pytest.fixture(params=["numpy", "numba"])
def target(request: pytest.FixtureRequest) -> str:
    """Return the name of a target."""
    return str(request.param)


@pytest.fixture
def ridge(target: str) -> ModuleType:
    """Return the module of ridge regression."""
    return module_of(RIDGE, target)


@pytest.fixture
def data() -> dict[str, Any]:
    """Return arguments for it."""
    numbers = np.random.default_rng(0)
    return {"X": numbers.normal(size=(7, 3)), "y": numbers.normal(size=7), "w": numbers.normal(size=3), "c": 0.25}


def expected(X: Any, y: Any, w: Any, c: float, lam: float = 0.5) -> tuple[float, Any, float]:
    """Return loss and gradient of ridge regression, by hand."""
    X, y, w = (np.asarray(a, dtype=float) for a in (X, y, w))
    r = X @ w + c - y
    return float(r @ r + lam * w @ w), 2 * X.T @ r + 2 * lam * w, float(2 * r.sum())


def test_value_and_gradient(ridge: ModuleType, data: dict[str, Any]) -> None:
    loss, dw, dc = expected(**data)
    got, gradient = ridge.value_and_grad(**data)
    assert got == pytest.approx(loss, rel=1e-13)
    np.testing.assert_allclose(gradient.w, dw, rtol=1e-12)
    assert gradient.c == pytest.approx(dc, rel=1e-12)
    assert ridge.value(**data) == pytest.approx(loss, rel=1e-13)
    np.testing.assert_array_equal(ridge.grad(**data).w, gradient.w)


def test_scalars_are_floats_and_gradients_a_named_tuple(ridge: ModuleType, data: dict[str, Any]) -> None:
    got, gradient = ridge.value_and_grad(**data)
    assert type(got) is float
    assert type(ridge.value(**data)) is float
    assert type(gradient.c) is float
    assert gradient._fields == ("w", "c")
    assert isinstance(gradient, ridge.Gradient)
    assert gradient.w.shape == (3,)


def test_arguments_go_by_position_and_by_name_with_defaults(ridge: ModuleType, data: dict[str, Any]) -> None:
    X, y, w, c = data.values()
    assert ridge.value(X, y, w, c) == ridge.value(c=c, w=w, y=y, X=X) == ridge.value(X, y, w, c, lam=0.5)
    assert ridge.value(X, y, w, c, 2.0) == pytest.approx(expected(X, y, w, c, 2.0)[0])
    assert ridge.value(X, y, w, c, lam=2) == ridge.value(X, y, w, c, 2.0)


def _fortran(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"X": np.asfortranarray(data["X"])}


def _strided(data: dict[str, Any]) -> dict[str, Any]:
    wide = np.zeros((14, 6))
    wide[::2, ::-2] = data["X"]
    return data | {"X": wide[::2, ::-2], "w": np.repeat(data["w"], 2)[::2]}


def _read_only(data: dict[str, Any]) -> dict[str, Any]:
    for array in ("X", "y", "w"):
        data[array].flags.writeable = False
    return data


def _lists(data: dict[str, Any]) -> dict[str, Any]:
    return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in data.items()}


def _big_endian(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"X": data["X"].astype(">f8")}


def _zero_dimensional(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"c": np.array(0.25), "lam": np.float64(0.5)}


@pytest.mark.parametrize("form", [_fortran, _strided, _read_only, _lists, _big_endian, _zero_dimensional])
def test_any_memory_layout_is_accepted(
    ridge: ModuleType, data: dict[str, Any], form: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    wanted = ridge.value_and_grad(**data)
    got = ridge.value_and_grad(**form(data))
    assert got[0] == pytest.approx(wanted[0], rel=1e-14)
    np.testing.assert_allclose(got[1].w, wanted[1].w, rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8, np.bool_, np.float32])
def test_other_number_types_are_converted(ridge: ModuleType, dtype: type) -> None:
    X = np.array([[1, 0, 1], [0, 1, 1]], dtype=dtype)
    loss = expected(X, [1, 2], [1, 2, 3], 1)[0]
    assert ridge.value(X, [1, 2], [1, 2, 3], 1) == loss
    assert ridge.value(X, (1, 2), np.array([1, 2, 3]), True) == loss


def test_no_input_is_modified_nor_returned(target: str) -> None:
    module = module_of("x: Param[N]\ny: Real[N]\nf = sum(x * y)", target)
    x, y = np.arange(4.0), np.arange(4.0) + 1
    gradient = module.grad(x, y)
    np.testing.assert_array_equal(gradient.x, y)
    gradient.x[:] = -1
    np.testing.assert_array_equal(y, np.arange(4.0) + 1)
    np.testing.assert_array_equal(x, np.arange(4.0))


WRONG = [
    ({"w": np.zeros(5)}, ValueError, "w has 5 elements, but D = 3 from X"),
    ({"y": np.zeros(4)}, ValueError, "y has 4 elements, but N = 7 from X"),
    ({"X": np.zeros(3)}, ValueError, r"X must be an array of shape \(N, D\), but has the shape \(3,\)"),
    ({"c": np.zeros(1)}, ValueError, r"c must be a number, but has the shape \(1,\)"),
    ({"X": np.zeros((7, 3)) * 1j}, TypeError, "X must be real, not complex128"),
    ({"c": 1j}, TypeError, "c must be real, not complex128"),
    ({"w": ["a", "b", "c"]}, TypeError, "w must be real, not <U1"),
    ({"w": [[1], [1, 2]]}, TypeError, "w is not an array"),
    ({"w": None}, TypeError, "w is missing"),
    ({"w": np.array([1, None, 3])}, TypeError, "w must be real, not object"),
    ({"lam": "1"}, TypeError, "lam must be real"),
]


@pytest.mark.parametrize(("change", "error", "message"), WRONG)
def test_what_does_not_fit_is_refused_by_name(
    ridge: ModuleType, data: dict[str, Any], change: dict[str, Any], error: type[Exception], message: str
) -> None:
    for function in (ridge.value, ridge.value_and_grad, ridge.grad):
        with pytest.raises(error, match=message):
            function(**data | change)


SIZES = [
    ("A: Real[N, N]\nf = sum(A)", {"A": np.zeros((2, 3))}, "A has 3 columns, but N = 2 from A"),
    ("A: Real[N, 3]\nf = sum(A)", {"A": np.zeros((2, 4))}, "A has 4 columns, but must have 3"),
    ("T: Real[N, M, N]\nf = sum(T)", {"T": np.zeros((2, 3, 4))}, "axis 2 of T is 4, but N = 2 from T"),
    ("x: Real[2*K]\nf = sum(x)", {"x": np.zeros(5)}, r"x has 5 elements, which is not 2\*K for any K"),
    (
        "x: Real[N - 1]\ny: Real[N]\nf = sum(x) + sum(y)",
        {"x": np.zeros(5), "y": np.zeros(5)},
        "x has 5 elements, but N - 1 = 4 from y",
    ),
    (
        "x: Real[N]\nK: Real[M, P]\ny: Real[N + M]\nf = sum(x) + sum(y) + sum(K)",
        {"x": np.zeros(2), "K": np.zeros((3, 1)), "y": np.zeros(6)},
        r"y has 6 elements, but M \+ N = 5 from K and x",
    ),
    ("x: Real[N*(N-1)//2]\nf = sum(x)", {"x": np.zeros(4)}, r"x has 4 elements, which is not \(N\*\*2 - N\)//2"),
]


@pytest.mark.parametrize(("text", "arguments", "message"), SIZES)
def test_a_mismatch_names_both_sources(target: str, text: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        module_of(text, target, VALUE).value(**arguments)


SOLVED = [
    ("x: Real[2*K]\nf = sum(x) + K", np.ones(6), 9),
    ("x: Real[N - 1]\nf = sum(x) + N", np.ones(6), 13),
    ("x: Real[2*N + 1]\nf = sum(x) + N", np.ones(7), 10),
    ("x: Real[N*(N-1)//2]\nf = sum(x) + N", np.ones(6), 10),
]


@pytest.mark.parametrize(("text", "x", "value"), SOLVED)
def test_sizes_are_solved_for(target: str, text: str, x: Any, value: float) -> None:
    assert module_of(text, target, VALUE).value(x) == value


def test_a_size_is_solved_for_by_division(target: str) -> None:
    module = module_of("x: Real[N*M]\ny: Real[N]\nf = sum(reshape(x, (N, M)) * y[:, None]) + M", target, VALUE)
    assert module.value(np.ones(6), np.ones(2)) == 9
    for elements, rows in ((4, 0), (5, 2)):
        with pytest.raises(ValueError, match=rf"x has {elements} elements, which is not M\*N for any M"):
            module.value(np.ones(elements), np.ones(rows))


@pytest.mark.parametrize("size", ["N + M", "N//2", "N % 2", "1000*N - N**2"])
def test_a_size_that_no_argument_determines_is_an_error(size: str) -> None:
    with pytest.raises(FormulaError, match=r"the size \w cannot be told"):
        source_of(f"x: Real[{size}]\nf = sum(x)", "numpy", VALUE)


TAKING = "x: Real[N]\ni: Int\nb: Bool\nf = x[i] if b else 0.0"


@pytest.mark.parametrize(
    ("i", "b", "error", "message"),
    [
        (math.nan, True, TypeError, "i must be integer, but has the value nan"),
        (1.5, True, TypeError, "i must be integer, but has the value 1.5"),
        (math.inf, True, TypeError, "i must be integer, but has the value inf"),
        (2.0**63, True, TypeError, "i must be integer"),
        (1, 2, TypeError, "b must be boolean, but has the value 2"),
        (4, True, IndexError, "out of range"),
        (-5, True, IndexError, "out of range"),
    ],
)
def test_integers_and_booleans_are_checked(target: str, i: float, b: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        module_of(TAKING, target, VALUE).value(np.arange(4.0), i, b)


def test_integers_and_booleans_in_other_types_are_accepted(target: str) -> None:
    value = module_of(TAKING, target, VALUE).value
    for i in (2, 2.0, np.int32(2), np.uint8(2), np.array(2)):
        for b in (True, 1, 1.0, np.True_):
            assert value(np.arange(4.0), i, b) == 2.0


def test_empty_single_and_non_finite_inputs(ridge: ModuleType) -> None:
    loss, gradient = ridge.value_and_grad(np.zeros((0, 3)), np.zeros(0), np.ones(3), 0.0)
    assert loss == 1.5
    np.testing.assert_array_equal(gradient.w, np.ones(3))
    assert gradient.c == 0
    assert ridge.grad(np.zeros((2, 0)), np.zeros(2), np.zeros(0), 1.0).w.shape == (0,)
    assert ridge.value(np.ones((1, 1)), np.ones(1), np.ones(1), 0.0) == 0.5
    assert math.isnan(ridge.value(np.ones((1, 1)), np.ones(1), np.array([math.nan]), 0.0))
    assert ridge.value(np.ones((1, 1)), np.array([-math.inf]), np.ones(1), 0.0) == math.inf


def test_division_and_overflow_follow_ieee_without_warnings(target: str, recwarn: pytest.WarningsRecorder) -> None:
    value = module_of("x: Real\ny: Real\nf = x / y + exp(x)", target, VALUE).value
    assert value(1.0, 0.0) == math.inf
    assert math.isnan(value(0, 0))
    assert value(1000.0, 1.0) == math.inf
    assert not [w for w in recwarn if issubclass(w.category, RuntimeWarning)]


def test_several_results_are_a_named_tuple(target: str) -> None:
    module = module_of("A: Real[N, M]\ns = sum(A)\nr = sum(A, axis=1)\nz = A.T\nreturn s, r, z, s", target, VALUE)
    A = np.arange(6.0).reshape(2, 3)
    result = module.value(A)
    assert result._fields == ("s", "r", "z", "s_")
    assert (result.s, result.s_) == (15.0, 15.0)
    np.testing.assert_array_equal(result.r, A.sum(axis=1))
    np.testing.assert_array_equal(result.z, A.T)
    assert result.z.flags.c_contiguous


FULL = [
    ("x: Real[N]\nf = x", (4,)),
    ("x: Real[N]\nf = x[:, None] + zeros((N, 3))", (4, 3)),
    ("x: Real[N]\nf = ones((N, 2))", (4, 2)),
    ("x: Real[N]\nf = x[::-1]", (4,)),
    ("x: Real[N]\nf = x[None, :]", (1, 4)),
    ("x: Real[N]\nf = x > 1", (4,)),
]


@pytest.mark.parametrize(("text", "shape"), FULL)
def test_results_are_new_arrays_of_full_shape(target: str, text: str, shape: tuple[int, ...]) -> None:
    x = np.arange(4.0)
    result = module_of(text, target, VALUE).value(x)
    assert result.shape == shape
    assert result.flags.carray
    result[...] = -1
    np.testing.assert_array_equal(x, np.arange(4.0))


def test_gradients_have_the_shapes_of_the_parameters(target: str) -> None:
    text = "A: Param[N, M]\nb: Param[M]\nu: Param[N, M]\nc: Param\nf = sum(A) + 2 * sum(b) * N + c"
    gradient = module_of(text, target).grad(np.zeros((2, 3)), np.zeros(3), np.zeros((2, 3)), 0.0)
    np.testing.assert_array_equal(gradient.A, np.ones((2, 3)))
    np.testing.assert_array_equal(gradient.b, np.full(3, 4.0))
    np.testing.assert_array_equal(gradient.u, np.zeros((2, 3)))
    assert gradient.c == 1.0
    for array in (gradient.A, gradient.b, gradient.u):
        assert array.dtype == np.float64
        assert array.flags.carray


# -- one flat vector ------------------------------------------------------------------------------------------------


def test_pack_and_unpack_are_inverse(ridge: ModuleType, data: dict[str, Any]) -> None:
    vector = ridge.pack(data["w"], data["c"])
    np.testing.assert_array_equal(vector, [*data["w"], data["c"]])
    parameters = ridge.unpack(vector, D=3)
    np.testing.assert_array_equal(parameters.w, data["w"])
    assert type(parameters.c) is float
    assert parameters._fields == ("w", "c")
    np.testing.assert_array_equal(ridge.pack(*parameters), vector)
    vector[:] = 0
    np.testing.assert_array_equal(parameters.w, data["w"])
    with pytest.raises(ValueError, match=r"the vector has 4 elements, but the parameters have D \+ 1 = 5"):
        ridge.unpack(vector, D=4)


def test_matrices_are_packed_in_c_order(target: str) -> None:
    module = module_of("A: Param[N, M]\nB: Param[M, N]\nf = sum(A @ B)", target, ("pack",))
    A = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    B = np.arange(6.0, 12.0).reshape(3, 2)
    vector = module.pack(A, B)
    np.testing.assert_array_equal(vector, np.arange(12.0))
    parameters = module.unpack(vector, N=2, M=3)
    np.testing.assert_array_equal(parameters.A, A)
    np.testing.assert_array_equal(parameters.B, B)
    with pytest.raises(ValueError, match="B has 2 rows, but M = 3 from A"):
        module.pack(A, np.zeros((2, 2)))


def test_objective_is_what_scipy_takes(ridge: ModuleType, data: dict[str, Any]) -> None:
    X, y, w, c = data.values()
    function = ridge.objective(X.tolist(), y, lam=0.1)
    value, gradient = function(ridge.pack(w, c))
    loss, dw, dc = expected(X, y, w, c, 0.1)
    assert type(value) is float
    assert value == pytest.approx(loss, rel=1e-13)
    np.testing.assert_allclose(gradient, [*dw, dc], rtol=1e-12)
    found = minimize(function, np.zeros(4), jac=True)
    best = ridge.unpack(found.x, D=3)
    np.testing.assert_allclose(ridge.grad(X, y, *best, lam=0.1).w, 0, atol=1e-4)


def test_objective_asks_for_sizes_that_only_parameters_have(target: str) -> None:
    module = module_of("X: Real[N, D]\nW: Param[D, H]\nv: Param[H]\nf = sum((X @ W @ v)**2)", target)
    function = module.objective(np.ones((5, 2)), H=3)
    assert function(np.ones(9))[0] == 5 * 36
    with pytest.raises(ValueError, match="the vector has 8 elements"):
        function(np.ones(8))


def test_objective_of_parameters_alone(target: str) -> None:
    module = module_of("x: Param\ny: Param\nf = (1 - x)**2 + 100 * (y - x**2)**2", target)
    found = minimize(module.objective(), module.pack(-1.2, 1.0), jac=True)
    np.testing.assert_allclose(found.x, [1, 1], atol=1e-4)


# -- the text -------------------------------------------------------------------------------------------------------


def test_only_what_is_asked_for_is_there(target: str) -> None:
    public = {"value", "value_and_grad", "grad", "objective", "pack", "unpack"}
    for functions, there in (
        (VALUE, {"value"}),
        (("value", "grad"), {"value", "grad"}),
        (("pack",), {"pack", "unpack"}),
        (("objective",), {"objective", "pack", "unpack"}),
    ):
        assert {name for name in public if hasattr(module_of(RIDGE, target, functions), name)} == there


def test_the_module_stands_alone(target: str) -> None:
    lines = source_of(RIDGE, target, ALL).splitlines()
    imports = [line for line in lines if line.startswith(("import ", "from "))]
    parts = [" import njit, types", ".core import cgutils", ".core.cgutils import ir", ".extending import intrinsic"]
    numba = [f"from numba{part}" for part in parts] if target == "numba" else []
    assert imports == ["from typing import NamedTuple", *numba, "import numpy as np"]


def test_the_header_says_where_it_comes_from(target: str) -> None:
    source = source_of(RIDGE, target, ALL)
    assert header_of(source) == ("test.formula", f"--target {target}")
    assert f"gradcompile {__version__}" in source.splitlines()[0]
    assert "# operations: value " in source
    assert '"""Ridge regression: squared error with a penalty.\n' in source
    assert header_of("import numpy as np\n") is None


def test_the_certificate_goes_in_and_out(target: str) -> None:
    source = source_of(RIDGE, target, ALL)
    certified = with_certificate(source, ["gradient of w: proved", "", "3 sizes"])
    assert "# gradient of w: proved\n#\n# 3 sizes\n" in certified
    assert with_certificate(certified, ["other"]) == with_certificate(source, ["other"])
    assert without_certificate(certified) == source


def test_the_same_input_gives_the_same_bytes(target: str) -> None:
    again = source_of.__wrapped__(RIDGE, target, ALL)
    assert again == source_of(RIDGE, target, ALL)


def test_a_docstring_with_quotes_and_backslashes(target: str) -> None:
    module = module_of("'''The \"\"\" and \\\\alpha of it.'''\nf = x * 2", target, VALUE)
    assert module.__doc__ is not None
    assert '"""' in module.__doc__
    assert "\\alpha" in module.__doc__


def test_names_that_python_uses_can_be_arguments(target: str) -> None:
    module = module_of("sum: Param\nabs: Param\nvector: Param[K]\nf = sum * abs * max(vector)", target)
    assert module.value(sum=2, abs=3, vector=[1, 4]) == 24
    gradient = module.grad(2, 3, [1, 4])
    assert (gradient.sum, gradient.abs, gradient.vector.tolist()) == (12.0, 8.0, [0.0, 6.0])
    assert module.objective(K=2)(np.array([2.0, 3.0, 1.0, 4.0]))[0] == 24


def test_kernels_can_be_called_from_jitted_code(tmp_path: Path) -> None:
    (tmp_path / "generated.py").write_text(source_of(RIDGE, "numba", ALL))
    (tmp_path / "user.py").write_text("""
import numpy as np
from numba import njit
from generated import value_and_grad, value_and_grad_kernel

@njit
def descend(X, y, w, c, steps):
    for _ in range(steps):
        loss, dw, dc = value_and_grad_kernel(X, y, w, c, 0.5)
        w = w - 0.01 * dw
        c = c - 0.01 * dc
    return w, c

X, y = np.arange(6.0).reshape(3, 2), np.ones(3)
w, c = descend(X, y, np.zeros(2), 0.0, 20000)
print(np.abs(value_and_grad(X, y, w, c)[1].w).max() < 1e-3)
""")
    done = subprocess.run([sys.executable, "user.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_a_second_process_starts_without_compiling(tmp_path: Path) -> None:
    (tmp_path / "cached.py").write_text(source_of(RIDGE, "numba", VALUE), encoding="utf-8")
    program = (
        "import numpy as np, cached; cached.value(np.ones((2, 3)), np.ones(2), np.ones(3), 0.5);"
        "stats = cached.value_kernel.stats; print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))"
    )
    runs = [
        subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert runs == ["0 1\n", "1 0\n"]


def test_floats_are_passed_on_as_they_are() -> None:
    compiled = gradcompile.compile("f = a * b + sin(a)\n", verify=False)
    test = "    if a.__class__ is b.__class__ is float:\n        _call = _direct_value_kernel.run\n"
    assert test in compiled.source
    module: Any = compiled.module
    expected = module.value_and_grad(2.0, 3.0)
    for a, b in [(2, 3), (np.float64(2), 3.0), (np.array(2), np.float32(3)), (True + 1, 3.0)]:
        assert module.value_and_grad(a, b) == expected
    assert type(expected[1]) is module.Gradient
    assert expected[1] == module.Gradient(*expected[1])
    with pytest.raises(TypeError, match="b must be real"):
        module.value_and_grad(2.0, "3")


def test_an_array_that_fits_is_not_copied() -> None:
    compiled = gradcompile.compile("x: Real[N]\nw: Param[N]\nf = x @ w\n", target="numpy", verify=False)
    module: Any = compiled.module
    x = np.arange(6.0)
    assert module._checked(x, x)[0] is x
    for other in (x[::2], x.astype(np.float32), x.astype(">f8"), list(x)):
        found = module._checked(other, other)[0]
        assert found is not other
        assert found.dtype is np.dtype(np.float64)
        assert np.array_equal(found, other)
