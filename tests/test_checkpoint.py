"""Recurrences in little memory: the same gradients as with the whole history, in chunks of ceil(sqrt(T)) steps."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import gradcompile

STEPS = """
x0: Real[D]
w: Param[D]
A: Param[D]
n: Int
s = x0
loss = 0
for t in range(n):
    s = tanh(w * s + A * sin(0.1*t))
    loss += mean(s**2)
return loss
"""
NUMBER = """
x: Param
n: Int
s = x
for t in range(n):
    s = sin(x * s)
return s
"""
NESTED = """
x: Param[T, H]
W: Param[L, H, H]
h = zeros(H)
loss = 0
for t in range(T):
    for l in range(L):
        h = tanh(W[l] @ h + x[t])
    loss += h @ h
return loss
"""
FILLED = """
w: Param[N]
x: Real[N]
parent: Int[N]
a = zeros(N)
for i in range(N):
    a[i] = sin(a[parent[i]] * w[i] + x[i])
return sum(a**2)
"""


def _arguments(text: str, steps: int) -> dict[str, object]:
    draw = np.random.default_rng(0)
    if text is NUMBER:
        return {"x": 1.25, "n": steps}
    if text is STEPS:
        return {"x0": draw.normal(size=3), "w": draw.normal(size=3), "A": draw.normal(size=3), "n": steps}
    if text is NESTED:
        return {"x": draw.normal(size=(steps, 3)), "W": draw.normal(size=(2, 3, 3))}
    parent = np.maximum(np.arange(steps) - 1 - draw.integers(0, 3, steps), 0)
    return {"w": draw.normal(size=steps), "x": draw.normal(size=steps), "parent": parent}


FORMULAS = {"number": NUMBER, "steps": STEPS, "nested": NESTED, "filled": FILLED}
SHORT = [("number", "numba"), ("number", "numpy"), ("steps", "numpy"), ("filled", "numpy")]


@pytest.mark.parametrize(
    ("text", "target"),
    [
        pytest.param(text, target, id=f"{name}-{target}", marks=[] if (name, target) in SHORT else [pytest.mark.slow])
        for name, text in FORMULAS.items()
        for target in ("numba", "numpy")
    ],
)
def test_gradients_are_those_of_the_whole_history(text: str, target: str) -> None:
    whole = gradcompile.compile(text, target=target, verify=False).module
    chunks = gradcompile.compile(text, target=target, checkpoint=True, verify=False)
    assert "chunk" in chunks.source
    assert whole is not None
    assert chunks.module is not None
    for steps in (1, 2, 5, 16, 23):
        arguments = _arguments(text, steps)
        value, gradient = whole.value_and_grad(**arguments)
        got, parts = chunks.module.value_and_grad(**arguments)
        assert got == pytest.approx(value, rel=1e-12)
        for expected, found in zip(gradient, parts, strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


def test_a_checkpointed_module_is_verified() -> None:
    compiled = gradcompile.compile(STEPS, checkpoint=True, target="numpy", verify_seconds=30)
    assert {verdict for _, verdict, _ in compiled.certificate.rows} <= {"proved", "agrees"}  # type: ignore[union-attr]


@pytest.mark.slow
def test_a_million_steps_of_a_hundred_variables() -> None:
    """The whole history would take 800 MB, twice; the process stays below 500 MB."""
    module = gradcompile.compile(STEPS, checkpoint=True, verify=False, name="steps").module
    assert module is not None
    program = f"""
import sys
sys.path.insert(0, {str(module.__file__).rsplit("/", 1)[0]!r})
import numpy as np
import steps
steps.value_and_grad(np.ones(100), np.full(100, 0.5), np.ones(100), 1_000_000)
print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))
"""
    used = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(used.stdout) < 500_000
