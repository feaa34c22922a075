"""`--out`: gradients written into arrays of an earlier one, nothing new allocated, bad arrays refused."""

from __future__ import annotations

import itertools
import re
import threading
import tracemalloc
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import gradcompile
from gradcompile import FormulaError
from gradcompile.cli import main
from gradcompile.emit.direct import hurry
from gradcompile.emit.load import load

EXAMPLES = Path(__file__).parent.parent / "examples"
SOFTMAX = "X: Real[N, D]\nY: Real[N, C]\nW: Param[D, C]\nb: Param[C]\nlam: Param = 0.1\n" + (
    "s = X @ W + b\nf = mean(logsumexp(s, axis=1) - sum(Y * s, axis=1)) + 0.5 * lam * sum(W**2)"
)
PLAIN = "W: Param[D, C]\nb: Param[C]\nf = sum(exp(W) * b)"
FORMULAS = {  # by how the gradient comes about
    "loops": "x: Param[N]\ny: Param[N]\nf = sum(exp(x) * y)",
    "constant": "x: Param[N]\ny: Param[N]\nf = sum(x) + sum(y)",
    "one for two": "x: Param[N]\ny: Param[N]\nf = sum(exp(x + y))",
    "product": "A: Real[M, N]\nc: Real[M]\nx: Param[N]\nf = c @ (A @ x)",
    "argument": "c: Real[N]\nx: Param[N]\nf = sum(c * x)",
    "scatter": "i: Int[M]\nx: Param[N]\nf = sum(x[i]**2)",
    "steps": "x: Param[T]\nw: Param[H]\nh = zeros(H)\nfor t in range(T):\n    h = tanh(w * h + x[t])\nf = sum(h)",
    "blocks": SOFTMAX,
}
LONG = [("product", "float32"), ("steps", "float32"), ("blocks", "float32")]
SIZES = {"N": 5, "M": 7, "D": 3, "C": 4, "T": 6, "H": 2}


@cache
def module_of(text: str, dtype: str = "float64") -> Any:
    return gradcompile.compile(text, out=True, emit="value_and_grad,grad", verify=False, name="f", dtype=dtype).module


@cache
def quick(text: str) -> Any:
    """Return a module that calls its kernels directly."""
    module = load(gradcompile.compile(text, out=True, emit="value_and_grad,grad", verify=False, name="f").source, "f")
    hurry(module)
    inputs = inputs_of(text, 0)
    _, given = module.value_and_grad(**inputs)
    for function in (module.value_and_grad, module.grad):
        for out in (None, given, given):
            function(**inputs, out=out)
    assert "built-in" in repr(module._fitting_into.run)
    return module


def inputs_of(text: str, seed: int) -> dict[str, Any]:
    draw, program = np.random.default_rng(seed), gradcompile.api.read(text)
    shapes = {a.name: tuple(s.evaluate(SIZES) for s in a.shape) for a in program.arguments}
    drawn = {a.name: draw.uniform(0.2, 1, shapes[a.name]) for a in program.arguments if a.kind != "Int"}
    drawn |= {a.name: draw.integers(0, SIZES["N"], shapes[a.name]) for a in program.arguments if a.kind == "Int"}
    return {a.name: drawn[a.name] for a in program.arguments}


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        pytest.param(*case, marks=[pytest.mark.slow] if case in LONG else [])
        for case in itertools.product(FORMULAS, ["float64", "float32"])
    ],
)
def test_a_gradient_is_written_into_an_earlier_one(name: str, dtype: str) -> None:
    module, text = module_of(FORMULAS[name], dtype), FORMULAS[name]
    _, given = module.value_and_grad(**inputs_of(text, 0))
    arrays = [a for a in given if isinstance(a, np.ndarray)]
    for seed, function in ((1, "value_and_grad"), (2, "value_and_grad"), (3, "grad")):
        inputs = inputs_of(text, seed)
        wanted, fresh = module.value_and_grad(**inputs)
        for array in arrays:
            array.fill(np.nan)
        found = getattr(module, function)(**inputs, out=given)
        value, gradient = found if function == "value_and_grad" else (wanted, found)
        assert value == wanted
        assert all(a is b for a, b in zip([a for a in gradient if isinstance(a, np.ndarray)], arrays, strict=True))
        for part, other in zip(gradient, fresh, strict=True):
            np.testing.assert_array_equal(part, other)
        assert not any(np.may_share_memory(a, b) for a, b in zip(fresh, arrays, strict=False))


@pytest.mark.parametrize("name", ["loops", pytest.param("blocks", marks=pytest.mark.slow), "product"])
def test_a_direct_call_writes_the_same(name: str) -> None:
    text = FORMULAS[name]
    module, other = quick(text), module_of(text)
    _, given = module.value_and_grad(**inputs_of(text, 0))
    for seed in (1, 2):
        inputs = inputs_of(text, seed)
        wanted, fresh = other.value_and_grad(**inputs)
        found, gradient = module.value_and_grad(**inputs, out=given)
        assert found == wanted
        for part, written, new in zip(gradient, given, fresh, strict=True):
            assert part is written or isinstance(part, float)
            np.testing.assert_array_equal(part, new)
        strided = {k: np.repeat(a, 2, axis=-1)[..., ::2] if np.ndim(a) else a for k, a in inputs.items()}
        assert module.grad(**strided, out=given)[0] is given[0]


def allocated(call: Any, passed: int) -> int:
    """Return how many arrays a kernel makes during a call; Numba counts one more for each array that is passed."""
    from numba.core.runtime import _nrt_python, rtsys  # noqa: PLC0415  (slow to import)

    call()
    _nrt_python.memsys_enable_stats()
    before = rtsys.get_allocation_stats().alloc
    call()
    return int(rtsys.get_allocation_stats().alloc - before) - passed


@pytest.mark.parametrize("name", FORMULAS)
def test_nothing_is_allocated(name: str) -> None:
    """Buffers of blocks and histories of loops are in memory that is kept, of which a first call tells how much."""
    module, inputs = module_of(FORMULAS[name]), inputs_of(FORMULAS[name], 0)
    _, given = module.value_and_grad(**inputs)
    passed = sum(np.ndim(a) > 0 for a in (*inputs.values(), *given)) + 1  # the kept memory is one of them
    assert allocated(lambda: module.value_and_grad(**inputs, out=given), passed) == 0


def test_numpy_makes_no_array() -> None:
    module = module_of(FORMULAS["loops"])
    inputs = {"x": np.ones(100_000), "y": np.ones(100_000)}
    _, given = module.value_and_grad(**inputs)
    tracemalloc.start()
    module.value_and_grad(**inputs, out=given)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000  # an array has 800,000 bytes


def shared(gradient: Any, part: Any) -> Any:
    return gradient._replace(W=part)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (tuple, TypeError, "out must be a Gradient as an earlier call has returned it, not tuple"),
        (lambda g: shared(g, g.W.astype(np.float32)), TypeError, "out.W must be an array of float64, not float32"),
        (lambda g: shared(g, [[1.0]]), TypeError, "out.W must be an array of float64, not list"),
        (lambda g: shared(g, np.zeros((4, 3))), ValueError, r"out.W has the shape (4, 3), but W has (3, 4)"),
        (lambda g: shared(g, np.zeros((4, 3)).T), ValueError, "out.W must be writable and in C order"),
        (lambda g: shared(g, np.broadcast_to(0.0, (3, 4))), ValueError, "out.W must be writable and in C order"),
    ],
)
@pytest.mark.parametrize("made", [module_of, quick])
def test_bad_arrays_are_one_clear_error(made: Any, change: Any, error: type[Exception], message: str) -> None:
    module, inputs = made(PLAIN), inputs_of(PLAIN, 0)
    _, given = module.value_and_grad(**inputs)
    with pytest.raises(error, match=re.escape(message)):
        module.value_and_grad(**inputs, out=change(given))


@pytest.mark.parametrize("made", [module_of, quick])
def test_arrays_that_share_memory_are_refused(made: Any) -> None:
    module, inputs = made(PLAIN), inputs_of(PLAIN, 0)
    _, given = module.value_and_grad(**inputs)
    with pytest.raises(ValueError, match="out shares memory with an argument, or two of its"):
        module.value_and_grad(**inputs, out=given._replace(W=inputs["W"]))
    turned = np.asfortranarray(inputs["W"])
    inside = turned.T.reshape(-1)[:12].reshape(3, 4)  # the same memory, in the order that kernels take
    before = turned.copy()
    with pytest.raises(ValueError, match=r"out\.W shares memory with the argument W: they must be apart"):
        module.grad(**{**inputs, "W": turned}, out=given._replace(W=inside))
    np.testing.assert_array_equal(turned, before)
    two, both = made(FORMULAS["loops"]), inputs_of(FORMULAS["loops"], 0)
    _, pair = two.value_and_grad(**both)
    with pytest.raises(ValueError, match="two of its arrays do"):
        two.value_and_grad(**both, out=pair._replace(y=pair.x))


def test_a_bad_array_leaves_the_others_as_they_are() -> None:
    module, inputs = module_of(PLAIN), inputs_of(PLAIN, 0)
    _, given = module.value_and_grad(**inputs)
    kept = given.W.copy()
    with pytest.raises(ValueError, match=r"out\.b has the shape"):
        module.value_and_grad(**inputs_of(PLAIN, 1), out=given._replace(b=np.zeros(9)))
    np.testing.assert_array_equal(given.W, kept)


def test_an_argument_may_be_called_out() -> None:
    module = gradcompile.compile("out: Param[N]\nf = sum(out**2)", out=True, verify=False, name="f").module
    _, gradient = module.value_and_grad(np.ones(3))  # type: ignore[union-attr]
    again = module.value_and_grad(np.full(3, 2.0), out_=gradient)[1]  # type: ignore[union-attr]
    assert again.out is gradient.out
    np.testing.assert_array_equal(gradient.out, 4)


def test_verification_runs_it_and_the_header_has_it(tmp_path: Path) -> None:
    formula = tmp_path / "f.formula"
    formula.write_text("x: Param[N]\nf = sum(x**3)\n", encoding="utf-8")
    run = CliRunner().invoke
    assert run(main, ["compile", str(formula), "--out", "-o", str(tmp_path)]).exit_code == 0
    assert re.search(r"^# options: .* --out$", (tmp_path / "f.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert run(main, ["compile", "--check", str(tmp_path / "f.py")]).exit_code == 0
    assert run(main, ["compile", "--check", str(formula), "-o", str(tmp_path)]).exit_code == 1


def test_what_cannot_be_is_a_formula_error() -> None:
    with pytest.raises(FormulaError, match="NumPy makes a new array at every step"):
        gradcompile.compile("x: Param[N]\nf = sum(x)", out=True, target="numpy")
    with pytest.raises(FormulaError, match="`--out` is for gradients"):
        gradcompile.compile("x: Param[N]\nf = sum(x)", out=True, emit="value")


def test_modules_without_it_are_as_they_were() -> None:
    source = gradcompile.compile(FORMULAS["loops"], verify=False, name="f").source
    assert "_into" not in source
    assert "out" not in source.partition("class Gradient")[2].partition("_ARRAY")[0].replace("without", "")


def test_kept_memory_grows_and_serves_several_threads() -> None:
    module, draw = module_of(SOFTMAX), np.random.default_rng(5)

    def inputs(rows: int) -> dict[str, Any]:
        return {**inputs_of(SOFTMAX, 0), "X": draw.normal(size=(rows, 3)), "Y": np.eye(4)[draw.integers(0, 4, rows)]}

    points = [inputs(rows) for rows in (3, 900, 40, 0, 2000, 7)]
    wanted = [module.value_and_grad(**p) for p in points]

    def work() -> None:
        _, given = module.value_and_grad(**points[0])
        for _ in range(5):
            for point, (value, gradient) in zip(points, wanted, strict=True):
                found, _ = module.value_and_grad(**point, out=given)
                same = [np.array_equal(a, b) for a, b in zip(given, gradient, strict=True)]
                results.append(np.isnan(value) or (found == value and all(same)))

    results: list[bool] = []
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4 * 5 * 6
    assert all(results)
    assert 1 <= len(module._SPACES) <= 4
