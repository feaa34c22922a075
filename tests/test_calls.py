"""How wrappers call kernels: what the direct way takes, and that nobody can tell it from the other one."""

from __future__ import annotations

import itertools
import os
import pickle
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradcompile
from gradcompile.emit.direct import AFTER, SHORT, hurry
from gradcompile.emit.load import load
from gradcompile.verify import verify

SCALAR = "f = sin(a) * b + exp(c)\n"
ARRAYS = "X: Real[N, D]\ny: Real[N]\nw: Param[D]\nlam: Real = 0.5\nf = sum((X @ w - y)**2) + lam * sum(w**2)"
MIXED = "x: Param[N]\ni: Int[M]\non: Bool[M]\nk: Int\nb: Bool\nf = sum(where(on, x[i], 0)) * k + (x[0] if b else 1)"


@cache
def compiled(text: str, **options: Any) -> Any:
    return gradcompile.compile(text, verify=False, emit="value,value_and_grad,grad", name="f", **options)


def fresh(text: str, **options: Any) -> Any:
    """Return a module that nobody has called."""
    return load(compiled(text, **options).source, "f")


def direct(text: str, *arguments: Any, **options: Any) -> Any:
    """Return a module whose functions call their kernels directly."""
    module = fresh(text, **options)
    hurry(module)
    for function in (module.value, module.value_and_grad, module.grad):
        for _ in range(3):
            function(*arguments)
    return module


def arrays(seed: int = 0, N: int = 5, D: int = 3) -> list[Any]:
    draw = np.random.default_rng(seed)
    return [draw.normal(size=(N, D)), draw.normal(size=N), draw.normal(size=D), 0.25]


def mixed() -> list[Any]:
    return [np.arange(4.0), np.array([1, 3, 0]), np.array([True, False, True]), 2, True]


def flat(found: tuple[float, Any]) -> bytes:
    """Return the bytes of a value and a gradient."""
    return b"".join(np.asarray(part).tobytes() for part in (found[0], *found[1]))


def answer(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function returns, or the name and the text of what it raises."""
    try:
        return flat(function(*arguments))
    except (TypeError, ValueError, IndexError, OverflowError) as error:
        return type(error).__name__, str(error)


# -- the same results, after many calls ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "given"),
    [(SCALAR, [0.1, 0.2, 0.3]), (ARRAYS, arrays()), (MIXED, mixed())],
    ids=["scalar", "arrays", "mixed"],
)
def test_results_stay_the_same_to_the_last_bit(text: str, given: list[Any]) -> None:
    module = fresh(text)
    first = module.value_and_grad(*given)
    for _ in range(AFTER + 5):
        found = module.value_and_grad(*given)
        assert flat(found) == flat(first)
        assert type(found[0]) is float
        assert type(found[1]) is module.Gradient
        assert [type(part) for part in found[1]] == [type(part) for part in first[1]]
    assert all("built-in" in repr(used.run) for used in machine_tests(module))
    assert module.value(*given) == first[0]
    assert flat((0.0, module.grad(*given))) == flat((0.0, first[1]))


def machine_tests(module: Any) -> list[Any]:
    return [part for name, part in vars(module).items() if name in ("_fitting", "_pairs")]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_scalar_points_give_what_the_kernel_gives(dtype: str) -> None:
    module = direct(SCALAR, 0.1, 0.2, 0.3, dtype=dtype)
    for point in [*np.random.default_rng(0).normal(size=(200, 3)).tolist(), [np.inf, 0.0, -0.0], [np.nan, 1.0, 800.0]]:
        kernel = module.value_and_grad_kernel(*point)
        assert flat(module.value_and_grad(*point)) == flat((kernel[0], kernel[1:]))
        assert flat((0.0, module.grad(*point))) == flat((0.0, kernel[1:]))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_other_sizes_and_none_at_all(dtype: str) -> None:
    given = [a.astype(dtype) if isinstance(a, np.ndarray) else a for a in arrays()]
    module, other = direct(ARRAYS, *given, dtype=dtype), fresh(ARRAYS, dtype=dtype)
    for N, D in ((5, 3), (0, 3), (4, 0), (1, 1), (300, 2)):
        given = [a.astype(dtype) if isinstance(a, np.ndarray) else a for a in arrays(1, N, D)]
        assert module._fitting.run(np.ndarray, np.dtype(dtype), *given)
        found = module.value_and_grad(*given)
        assert flat(found) == flat(other.value_and_grad(*given))
        assert found[1].w.dtype == dtype
    wrong = np.float32 if dtype == "float64" else np.float64
    assert not module._fitting.run(np.ndarray, np.dtype(dtype), given[0].astype(wrong), *given[1:])


# -- what does not fit goes the other way ---------------------------------------------------------------------------


class Sub(np.ndarray):
    """Another class."""


class Number(float):
    """Another class."""


def unaligned(array: Any) -> Any:
    raw = np.zeros(array.nbytes + 1, np.uint8)[1:].view(array.dtype).reshape(array.shape)
    raw[...] = array
    return raw


def read_only(array: Any) -> Any:
    array = array.copy()
    array.flags.writeable = False
    return array


def strided(array: Any) -> Any:
    return np.repeat(array, 2, axis=-1)[..., ::2]


FORMS: list[Callable[[Any], Any]] = [
    lambda x: x.tolist(), lambda x: x.view(Sub), unaligned, read_only, strided, lambda x: x[None], lambda x: x[:-1],
    lambda x: x.astype(">f8"), lambda x: x.astype(np.float32), lambda x: x.astype(int), lambda x: x > 0,
    lambda x: x * 1j, lambda x: x.astype(object), lambda x: None, lambda x: "1", lambda x: x[0],
    lambda x: x.view("m8[s]"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "place"), [*itertools.product(range(len(FORMS)), [0, 2])])
def test_arrays_that_do_not_fit(form: int, place: int) -> None:
    module, other = _modules(ARRAYS)
    given = arrays()
    given[place] = FORMS[form](given[place])
    assert module._fitting.run(np.ndarray, np.dtype(float), *given) is False
    assert answer(module.value_and_grad, *given) == answer(other.value_and_grad, *given)


@pytest.mark.parametrize(
    "number", [1, True, np.float64(0.5), np.float32(0.5), np.array(0.5), Number(0.5), "1", None, 1j, [0.5]]
)
def test_numbers_that_do_not_fit(number: Any) -> None:
    module, other = _modules(ARRAYS)
    given = [*arrays()[:3], number]
    assert module._fitting.run(np.ndarray, np.dtype(float), *given) is False
    assert answer(module.value_and_grad, *given) == answer(other.value_and_grad, *given)
    module, other = _modules(SCALAR)
    for place in range(3):
        scalars: list[Any] = [0.1, 0.2, 0.3]
        scalars[place] = number
        assert module._pairs.run(module.Gradient, *scalars) is None
        assert answer(module.value_and_grad, *scalars) == answer(other.value_and_grad, *scalars)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (1, np.array([1, 3, 0], np.int32)), (1, np.array([1.5, 3, 0])), (1, np.array([1, 3, 9])), (1, np.array([1, 3])),
        (2, np.array([1, 0, 1])), (2, np.array([2, 0, 1])), (3, 2.0), (3, 2.5), (3, True), (3, 2**63),
        (3, 2**80), (3, -(2**63)), (3, np.int64(2)), (4, 1), (4, 2), (4, np.True_), (4, None),
    ],
)  # fmt: skip
def test_whole_numbers_and_truth_values(place: int, value: Any) -> None:
    module, other = _modules(MIXED)
    given = mixed()
    given[place] = value
    fits = module._fitting.run(np.ndarray, np.dtype(float), np.dtype(int), np.dtype(bool), *given)
    assert fits is ((place == 3 and value == -(2**63)) or (place == 1 and value.dtype == int and len(value) == 3))
    assert answer(module.value_and_grad, *given) == answer(other.value_and_grad, *given)


@cache
def _modules(text: str) -> tuple[Any, Any]:
    """Return a module that calls its kernels directly, and one that never does."""
    given = {SCALAR: [0.1, 0.2, 0.3], ARRAYS: arrays(), MIXED: mixed()}[text]
    other = fresh(text)
    for test in machine_tests(other):
        test.run = test._none
    return direct(text, *given), other


def test_sizes_are_made_of_others() -> None:
    text = "x: Real[N]\nA: Real[N, 2*N + 1, 3]\ny: Param[N*(N-1)//2]\nf = sum(A) + sum(x) + sum(y**2)"
    module = direct(text, np.ones(3), np.ones((3, 7, 3)), np.ones(3))
    fits = module._fitting.run
    for shapes in ([(3,), (3, 7, 3), (3,)], [(4,), (4, 9, 3), (6,)], [(0,), (0, 1, 3), (0,)]):
        assert fits(np.ndarray, np.dtype(float), *map(np.ones, shapes))
    for shapes in ([(3,), (4, 7, 3), (3,)], [(4,), (4, 8, 3), (6,)], [(4,), (4, 9, 2), (6,)], [(4,), (4, 9, 3), (5,)]):
        assert not fits(np.ndarray, np.dtype(float), *map(np.ones, shapes))
    with pytest.raises(ValueError, match="axis 2 of A is 2, but must be 3"):
        module.value(np.ones(4), np.ones((4, 9, 2)), np.ones(6))


@pytest.mark.parametrize(
    "text",
    [
        "x: Param[2*K]\nf = sum(x)",  # a size that is solved for
        "x: Param[N]\nn: Int\nf = sum(x[i] for i in range(n))",  # a bound that is checked against a size
        "max: Param[N]\nf = sum(max)",  # a name of Python's
    ],
)
def test_what_takes_more_to_know_is_looked_at_as_before(text: str) -> None:
    assert "_fitting" not in compiled(text).source
    assert "_checked(" in compiled(text).source


# -- the surroundings -------------------------------------------------------------------------------------------------


def test_long_kernels_are_not_compiled_twice() -> None:
    text = "f0 = a\n" + "".join(f"f{i + 1} = sin(f{i}) * a\n" for i in range(SHORT))
    source = compiled(text).source
    assert "_pair_of" not in source
    assert "_call = _direct_value_and_grad_kernel.run" in source


def test_the_kernels_are_there_for_jitted_code() -> None:
    module = direct(ARRAYS, *arrays())
    for kernel in (module.value_kernel, module.value_and_grad_kernel):
        assert len(kernel.signatures) == 1  # the direct call takes what the other one has compiled
        assert kernel(*arrays())


def test_threads_may_be_first() -> None:
    for text, given in ((SCALAR, [0.1, 0.2, 0.3]), (ARRAYS, arrays())):
        module, found, start = fresh(text), list[bytes](), threading.Barrier(6)

        def work(call: Any = module.value_and_grad, given: Any = given, found: Any = found, start: Any = start) -> None:
            start.wait()
            found += [flat(call(*given)) for _ in range(2 * AFTER)]

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 12 * AFTER
        assert len(set(found)) == 1


@pytest.mark.parametrize(("text", "given"), [(SCALAR, [0.1, 0.2, 0.3]), (ARRAYS, arrays())], ids=["scalar", "arrays"])
def test_no_object_is_left_behind(text: str, given: list[Any]) -> None:
    module = direct(text, *given)
    bad = [given[0], *given[1:-1], 1]
    watched = [*given, module.Gradient, np.dtype(float), None]  # Numba keeps np.ndarray once for each new array

    def state() -> tuple[int, list[int]]:
        return sys.getallocatedblocks(), [sys.getrefcount(x) for x in watched]

    for _ in range(2):
        before = state()
        for _ in range(2000):
            module.value_and_grad(*given)
            module.value(*given)
            module.grad(*given)
            module.value_and_grad(*bad)
        after = state()
    assert abs(after[0] - before[0]) < 200
    assert all(abs(a - b) < 50 for a, b in zip(after[1], before[1], strict=True))


def test_a_direct_call_can_be_pickled() -> None:
    module = direct(SCALAR, 0.1, 0.2, 0.3)
    copy = pickle.loads(pickle.dumps(module._pairs))
    for _ in range(AFTER):
        assert copy.run(module.Gradient, 0.1, 0.2, 0.3) is None
    assert copy.run(module.Gradient, 0.1, 0.2, 0.3) == module.value_and_grad(0.1, 0.2, 0.3)


PROGRAM = f"""
import f
for _ in range({AFTER} + 5):
    found = f.value_and_grad(0.1, 0.2, 0.3)
print(found[1].b, f.value(0.1, 0.2, 0.3) == found[0], f.grad(0.1, 2, 0.3).b)
print(*(sum(getattr(f._pair_of, "stats").cache_hits.values()),) if hasattr(f._pair_of, "stats") else ())
"""


def _run(folder: Path, **environment: str) -> list[str]:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True, env=_environment(environment)
    )
    return done.stdout.split("\n")


def _environment(more: dict[str, str]) -> dict[str, str]:
    return {**os.environ, **more}


def test_it_is_cached_and_works_without_a_compiler(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text(compiled(SCALAR).source, encoding="utf-8")
    sine = str(np.sin(0.1))
    assert [_run(tmp_path)[:2] for _ in range(2)] == [[f"{sine} True {sine}", "0"], [f"{sine} True {sine}", "1"]]
    assert _run(tmp_path, NUMBA_DISABLE_JIT="1")[:2] == [f"{sine} True {sine}", ""]


@pytest.mark.slow
def test_threads_of_a_parallel_kernel() -> None:
    text = "x: Param[N]\ny: Real[N]\nf = sum(exp(x) * y)"
    given = [np.linspace(0, 1, 5000), np.ones(5000)]
    module = direct(text, *given, parallel=True)
    assert flat(module.value_and_grad(*given)) == flat(fresh(text, parallel=True).value_and_grad(*given))


@pytest.mark.parametrize(
    ("text", "pattern", "wrong"),
    [
        (SCALAR, r"tuple_setitem\(named, i, number\)", "tuple_setitem(named, len(others) - 1 - i, number)"),
        (SCALAR, r"(value_and_grad_kernel\(\*_floats\(\()a, b", r"\1b, a"),
        (
            ARRAYS,
            r"_direct_value_kernel = .*",
            "_direct_value_kernel = _Direct(value_kernel, 0, *_KNOWN[:3], types.int64)",
        ),
    ],
)
def test_verification_goes_the_direct_way(text: str, pattern: str, wrong: str) -> None:
    made = compiled(text)
    source, count = re.subn(pattern, wrong, made.source)
    assert count
    module = load(source, "f")
    assert not verify(made.program, made.unit, source, module, functions=made.functions, seconds=20).passed
