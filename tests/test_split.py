"""Long straight-line code is written as functions of parts, and means the same."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.chain import chain
from gradcompile import api
from gradcompile.bench.inputs import draw
from gradcompile.emit import numba_target, split
from gradcompile.emit.load import load

ROOT = Path(__file__).parent.parent
INSIDE_A_LOOP = "x: Param[N]\ny: Real[N]\n" + "\n".join(
    ["u0 = x * y", *(f"u{i + 1} = tanh(u{i}) * y + x" for i in range(12)), "f = sum(u12)"]
)
FORMULAS = {
    "chain": chain(40),
    "loop": INSIDE_A_LOOP,
    "arm": (ROOT / "benchmarks/formulas/arm.formula").read_text(encoding="utf-8"),
    "lotka_volterra": (ROOT / "examples/lotka_volterra.formula").read_text(encoding="utf-8"),
    "garch": (ROOT / "examples/garch.formula").read_text(encoding="utf-8"),
}


def interpreted(source: str, name: str) -> Any:
    """Load a module with its kernels as plain Python."""
    module: Any = load(re.sub(r"^@(njit.*|_straight)\n", "", source, flags=re.MULTILINE), name)
    module._own = lambda array: array
    return module


@pytest.mark.parametrize("name", FORMULAS)
def test_parts_mean_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = api.read(FORMULAS[name], name=name)
    whole = interpreted(api.translate(program, verified=False).source, name)
    monkeypatch.setattr(split, "LONGEST", 5)
    monkeypatch.setattr(split, "PART", 4)
    source = api.translate(program, verified=False).source
    assert source.count("\ndef _value_and_grad_kernel_") > 2
    sizes = dict.fromkeys(program.dimensions, 4)
    inputs = draw(program, sizes, lambda given: bool(np.isfinite(whole.value(**given))))
    value, gradient = whole.value_and_grad(**inputs)
    found, parts = interpreted(source, name).value_and_grad(**inputs)
    assert found == value
    assert all(np.array_equal(a, b) for a, b in zip(parts, gradient, strict=True))


def test_short_code_is_left_alone() -> None:
    lines = ["def f(x):", *(f"    t{i} = x * {i}" for i in range(split.LONGEST)), "    return t1"]
    assert split.split("f", lines) == ({}, lines)


def test_what_only_parts_read_is_no_variable_of_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split, "LONGEST", 4)
    monkeypatch.setattr(split, "PART", 4)
    lines = ["def f(x):", "    a = x + 1", "    b = a + 1", "    c = b + 1", "    d = c + 1"]
    lines += ["    e = a + d", "    g = e + b", "    h = g + 1", "    i = h + x", "    return i"]
    parts, around = split.split("f", lines)
    assert around == ["def f(x):", "    f_0_0, = _f_0(x)", "    i, = _f_1(x, f_0_0)", "    return i"]
    assert parts["_f_0"].splitlines()[-1] == "    return ((a, b, d,),)"
    assert parts["_f_1"].splitlines()[1] == "    a, b, d, = f_0_0"


def test_many_statements_are_parts_of_one_size() -> None:
    source = api.translate(api.read(chain(600), name="chain"), verified=False).source
    parts = re.findall(r"^def _value_and_grad_kernel_\d+\(.*\n((?:    .*\n)+)", source, flags=re.MULTILINE)
    assert len(parts) > 2
    assert all(part.count("\n") <= split.PART + 20 for part in parts)


CHOICES = """
x: Param[3]
n: Int
a = where(x[0] > 0 and n > 1, exp(x[1]), -x[2] ** 2)
b = where(x[0] < x[1] or not (n == 2), tanh(a) / 3, x[1] * 0.5)
c = max(a, b) + abs(b) * n + atan2(a, b) ** 3
d = erf(c) + sign(a) * (n // 2) + (1 + abs(b)) ** 0.5 + (n % 3) * c
e = lgamma(2 + c * c) + sqrt(1 + d * d) + where(d == d, b, 0)
f = e * a + log(1 + b * b) + hypot(c, d)
"""


@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=pytest.mark.slow)])
def test_parts_compile(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split, "LONGEST", 5)
    monkeypatch.setattr(split, "PART", 6)
    program = replace(api.read(CHOICES, name="choices"), dtype=dtype)
    sources = [api.translate(program, verified=False).source]
    assert "@_straight" in sources[0]
    monkeypatch.setattr(numba_target, "is_straight", lambda source: False)
    sources.append(api.translate(program, verified=False).source)
    assert "@_straight" not in sources[1]
    one, other = (load(source, "choices") for source in sources)
    digits = np.finfo(dtype).eps
    for x, n in product(([0.5, 0.7, 0.9], [-0.5, 0.7, 0.9], [0.5, 0.2, 0.1]), (2, 5)):
        (value, gradient), (wanted, expected) = one.value_and_grad(x, n), other.value_and_grad(x, n)
        assert np.all(np.isfinite(gradient.x))
        assert np.allclose([value, *gradient.x], [wanted, *expected.x], rtol=50 * digits, atol=0)
