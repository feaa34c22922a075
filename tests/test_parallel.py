"""Threads share the loops over samples, and nothing of a result depends on how many there are."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from gradcompile import api
from gradcompile.cli import main
from gradcompile.errors import FormulaError

EXAMPLES = Path(__file__).parent.parent / "examples"
MIXTURE = (EXAMPLES / "gaussian_mixture.formula").read_text(encoding="utf-8")
TEXT = """
x: Real[N, D]
c: Real[N, D]
k: Int[N]
w: Param[D]
table: Param[M]
u = exp(sin(x * w) - c)
s = sum(u, axis=1)
low = min(c)
some = any(x > 2)
f = sum(log(s) * table[k]) + low * sum(w) + where(some, 1.0, 0.0) * sum(w**2)
"""
SUM = "v: Param\ny: Real[N]\nf = sum(exp(v * y)) + min(y)"
GATHER = "k: Int[N]\ntable: Param[M]\nf = sum(table[k])"
LONG = pytest.param(TEXT, id="all", marks=pytest.mark.slow)


def inputs(text: str, samples: int) -> dict[str, Any]:
    """Return arguments of one of the formulas above."""
    rng = np.random.default_rng(samples)
    x, c = rng.normal(size=(2, samples, 3))
    given = {
        "x": x, "c": c, "k": rng.integers(0, 4, samples), "w": rng.normal(size=3), "table": rng.normal(size=4),
        "v": 0.5, "y": x[:, 0],
    }  # fmt: skip
    return {name: array for name, array in given.items() if f"{name}: " in text}


@cache
def pair(text: str) -> tuple[Any, Any]:
    """Return the module of one thread and that of several."""
    return tuple(api.compile(text, verify=False, parallel=p).module for p in (False, True))  # type: ignore[return-value]


def test_a_part_has_totals_of_its_own() -> None:
    made = api.compile(TEXT, parallel=True, verify=False, emit="value_and_grad")
    assert "for part in prange(parts):" in made.source
    assert "parallel=_PRANGE" in made.source
    assert "_parts[part]" in made.source
    assert "prange" not in api.compile(TEXT, verify=False).source


@pytest.mark.parametrize("samples", [0, 1, 7, 1000, 20_000])
@pytest.mark.parametrize("text", [pytest.param(SUM, id="sum"), LONG])
def test_results_are_those_of_one_thread(text: str, samples: int) -> None:
    alone, shared = pair(text)
    given = inputs(text, samples)
    if samples == 0:
        with pytest.raises(ValueError, match="at least one element"):
            shared.value_and_grad(**given)
        return
    one, other = alone.value_and_grad(**given), shared.value_and_grad(**given)
    np.testing.assert_allclose(other[0], one[0], rtol=1e-12)
    for part, expected in zip(other[1], one[1], strict=True):
        np.testing.assert_allclose(part, expected, rtol=1e-10)


@pytest.mark.parametrize("samples", [5, 30_000])
@pytest.mark.parametrize("text", [pytest.param(GATHER, id="gather"), LONG])
def test_an_error_in_a_thread_is_raised(text: str, samples: int) -> None:
    given = inputs(text, samples)
    given["k"][samples * 2 // 3] = 9
    one, other = (m.value if text == GATHER else m.value_and_grad for m in pair(text))
    with pytest.raises(IndexError, match="9") as alone:
        one(**given)
    with pytest.raises(IndexError) as shared:
        other(**given)
    assert str(shared.value) == str(alone.value)
    given["k"] %= 4
    assert np.isfinite(pair(text)[1].value(**given))


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        pytest.param(SUM, ((), 5000), id="sum"),
        pytest.param(MIXTURE, ((5000, 4), 6, (6, 4), 6), id="mixture", marks=pytest.mark.slow),
    ],
)
def test_results_do_not_depend_on_the_number_of_threads(text: str, shapes: tuple[Any, ...], tmp_path: Path) -> None:
    formula = tmp_path / "shared.formula"
    formula.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(main, ["compile", str(formula), "-o", str(tmp_path), "--parallel", "--no-verify"])
    assert done.exit_code == 0, done.output
    assert "--parallel" in (tmp_path / "shared.py").read_text(encoding="utf-8")
    code = (
        "import hashlib, numba, numpy as np, shared as m\n"
        "r = np.random.default_rng(0)\n"
        "for threads in (1, 2, 3):\n"
        "    numba.set_num_threads(threads)\n"
        "    r = np.random.default_rng(0)\n"
        f"    given = [r.normal(size=s) for s in {shapes}]\n"
        "    found = m.value_and_grad(*given)\n"
        "    print(hashlib.sha256(b''.join(np.asarray(x).tobytes() for x in (found[0], *found[1]))).hexdigest())\n"
    )
    environment = {**os.environ, "NUMBA_NUM_THREADS": "3", "PYTHONPATH": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert len(set(ran.stdout.split())) == 1
    assert len(ran.stdout.split()) == 3


def test_threads_are_for_the_fast_target() -> None:
    with pytest.raises(FormulaError, match="no threads"):
        api.compile(TEXT, target="numpy", parallel=True)
    done = CliRunner().invoke(main, ["compile", str(EXAMPLES / "neuron.formula"), "--target", "numpy", "--parallel"])
    assert done.exit_code == 2
    assert "--parallel" in done.output
