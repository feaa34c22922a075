"""The loop form: what is stored, what is fused, and that no broadcast is ever materialised."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

import gradcompile
from gradcompile.emit import numba_target
from gradcompile.emit.names import Names, local_names
from gradcompile.ir.dims import Extent
from gradcompile.loops.form import Allocate, Dot, Loop, Statement
from gradcompile.loops.lower import Lowering
from gradcompile.loops.prepare import prepare
from gradcompile.pipeline import run_passes
from gradcompile.syntax import parse


def _form(text: str) -> list[Statement]:
    unit = run_passes(parse(text, "test.formula"), gradient=True)
    form = prepare(unit.roots)
    names, (arguments, _) = Names(), local_names(unit.program)
    wishes = {n: arguments[n.name] for n in form.values() if n.name in arguments}
    return Lowering([form[r] for r in unit.roots], {}, wishes, names.new, str, max_steps=100).run()


def _all(statements: list[Statement]) -> Iterator[Statement]:
    for statement in statements:
        yield statement
        if isinstance(statement, Loop):
            yield from _all(statement.body)


def _loops(statements: list[Statement]) -> int:
    return sum(isinstance(s, Loop) for s in _all(statements))


def _arrays(statements: list[Statement]) -> list[tuple[str, ...]]:
    return sorted(tuple(str(size) for size in s.shape) for s in _all(statements) if isinstance(s, Allocate))


def test_an_elementwise_chain_and_its_sum_are_one_loop() -> None:
    form = _form("x: Param[N]\nf = sum(tanh(exp(sin(x))*x))")
    assert _loops(form) == 1
    assert _arrays(form) == [("N",)]  # the gradient itself


def test_value_and_gradients_share_one_loop() -> None:
    form = _form("S: Param[N]\nK: Param[N]\nf = sum(S*erf(log(S/K)) - K*erfc(log(S/K)))")
    assert _loops(form) == 1
    assert _arrays(form) == [("N",), ("N",)]


def test_no_broadcast_is_materialised() -> None:
    form = _form("X: Real[N, D]\nM: Param[K, D]\nf = sum(exp(-(X[:, None, :] - M)**2))")
    assert _arrays(form) == [("K", "D")]
    assert _loops(form) == 3


def test_pairs_keep_nothing_larger_than_a_matrix() -> None:
    form = _form("X: Param[N, D]\nd = sum((X[:, None, :] - X)**2, axis=2)\nf = sum(exp(-d))")
    assert max(len(shape) for shape in _arrays(form)) == 2


def test_matrix_products_are_calls() -> None:
    form = _form("X: Real[N, D]\nW: Param[D, C]\nV: Param[C, E]\nf = sum(tanh(X @ W) @ V)")
    assert sum(isinstance(s, Dot) for s in _all(form)) >= 2


def test_small_products_are_loops() -> None:
    form = _form("A: Param[3, 3]\nB: Param[3, 3]\nf = sum((A @ B)**2)")
    assert not any(isinstance(s, Dot) for s in _all(form))


@pytest.mark.parametrize("emitted", ["value", "value_and_grad"])
def test_peak_memory(emitted: str) -> None:
    """A sum over N x K x D = 300 x 300 x 300 numbers would take 216 MB; the process may grow by 60 MB at most."""
    text = "X: Param[N, D]\nM: Param[K, D]\nf = sum(exp(-(X[:, None, :] - M)**2)) + sum(max(X[:, None, :] - M, axis=2))"
    compiled = gradcompile.compile(text, target="numba", verify=False, name="formula")
    assert compiled.module is not None
    program = f"""
import sys, resource
sys.path.insert(0, {str(compiled.module.__file__).rsplit("/", 1)[0]!r})
import numpy as np
import formula
formula.{emitted}(np.ones((2, 2)), np.ones((2, 2)))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
formula.{emitted}(np.ones((300, 300)), np.ones((300, 300)))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    grown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(grown.stdout) < 60_000


def test_statements_name_their_formula_line() -> None:
    unit = run_passes(parse("x: Param[N]\ny = sin(x)\nf = sum(y*y)", "test.formula"), gradient=True)
    text = "\n".join(numba_target.kernel(unit, "kernel", [*unit.values, *unit.gradients.values()]).lines)
    assert "# line 2" in text
    assert "# backward of line 2: sin gate" in text
    assert Extent.of("N") in {s.size for s in _all(_form("x: Param[N]\nf = sum(x)")) if isinstance(s, Loop)}
