"""Long straight-line code is written as functions of parts, and means the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.chain import chain
from gradcompile import api
from gradcompile.bench.inputs import draw
from gradcompile.emit import split
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
    module: Any = load(re.sub(r"^@njit.*\n", "", source, flags=re.MULTILINE), name)
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


@pytest.mark.slow
def test_parts_compile() -> None:
    program = api.read(chain(400), name="chain")
    fast: Any = api.finish(program, target="numba", emit=None, verify=False, verify_seconds=1).module
    plain: Any = api.finish(program, target="numpy", emit=None, verify=False, verify_seconds=1).module
    (value, gradient), (wanted, other) = fast.value_and_grad(0.5), plain.value_and_grad(0.5)
    assert np.allclose([value, *gradient], [wanted, *other], rtol=1e-12)
