"""The examples: every module in both targets against JAX by hand, and the worked example as a user runs it."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import examples_in_jax
import numpy as np
import pytest
from examples_in_jax import jax

import gradcompile
from gradcompile.ir.nodes import DType

ROOT = Path(__file__).parent.parent
NAMES = sorted(p.stem for p in (ROOT / "examples").glob("*.formula"))
TOLERANCE = 1e-12  # of the largest element of a gradient
LONG_TO_PROVE = {"attention", "batch_normalisation", "black_scholes", "bundle_adjustment", "equilibrium",
                 "gaussian_mixture", "gaussian_process", "gru", "hmm", "kalman", "lennard_jones", "lstm", "n_body",
                 "newton", "packed_gaussian_mixture", "reprojection", "sinkhorn", "spring_mesh",
                 "two_layer_network"}  # fmt: skip
# One target is enough by default: Numba for these, NumPy for the others.
SHORT_TO_COMPILE = {"garch", "gate_patterns", "gaussian_likelihood", "huber", "lennard_jones", "linear_regression",
                    "logistic_hessian", "logistic_regression", "matrix_product", "neuron", "newton",
                    "ridge_regression", "rosenbrock"}  # fmt: skip
LONG_TO_COMPILE = set(NAMES) - SHORT_TO_COMPILE
LARGE = {"bundle_adjustment", "reprojection"}  # long in both

SIZES = {"N": 6, "D": 3, "C": 4, "H": 5, "K": 2, "M": 7, "P": 4, "T": 5, "E": 3, "V": 2}
WHOLE = {
    "text": [0, 1, 1, 0, 1, 1], "seen": [1, 0, 0, 1, 1], "parent": [-1, 0, 0, 1, 1, 4], "m": 2, "steps": 4, "T": 5,
    "pair": [[0, 1], [3, 0], [1, 1], [2, 2], [0, 3], [3, 3]],
    "spring": [[0, 1], [1, 2], [2, 3], [3, 0], [4, 5], [5, 0], [2, 0]],
}  # fmt: skip


def marked(long: set[str], *more: str) -> list[Any]:
    """Return parameters for each example, those that take long marked."""
    return [pytest.param(n, *more, marks=[pytest.mark.slow] if n in long else []) for n in NAMES]


def inputs_of(program: Any) -> dict[str, Any]:
    """Return random reals between 0.3 and 1.3, so that logarithms and roots are defined, and whole numbers that fit."""
    rng = np.random.default_rng(1)
    sizes = {name: SIZES[name] for name in program.dimensions}
    found: dict[str, Any] = {}
    for argument in program.arguments:
        shape = tuple(size.evaluate(sizes) for size in argument.shape)
        low, high = max(0.3, argument.domain[0]), min(1.3, argument.domain[1])
        drawn = rng.uniform(low, high, shape) if shape else rng.uniform(low, high)
        if argument.dtype is DType.INT:
            drawn = np.array(WHOLE[argument.name]) if shape else WHOLE[argument.name]
        found[argument.name] = (drawn + drawn.T) / 2 if argument.structure == "symmetric" else drawn
    return found


@pytest.mark.skipif(jax is None, reason="JAX is not installed")
@pytest.mark.parametrize(
    ("name", "target"), [*marked(SHORT_TO_COMPILE | LARGE, "numpy"), *marked(LONG_TO_COMPILE, "numba")]
)
def test_an_example_agrees_with_jax(name: str, target: str) -> None:
    compiled = gradcompile.compile(ROOT / "examples" / f"{name}.formula", target=target, verify=False)
    program, module = compiled.program, compiled.module
    assert module is not None
    inputs = inputs_of(program)
    by_hand: Callable[..., Any] = getattr(examples_in_jax, name)
    parameters = {a.name: inputs[a.name] for a in program.differentiated}
    others = {k: x for k, x in inputs.items() if k not in parameters}
    wanted = by_hand(**{k: jax.numpy.asarray(x) for k, x in inputs.items()})
    gradients = jax.jacrev(lambda p: by_hand(**p, **others))(parameters)
    value = module.value(**inputs)
    if program.results[0][1].axes:
        found = gradcompile.compile(program.text, target=target, emit="jacobian", verify=False).module.jacobian(
            **inputs
        )
    else:
        again, found = module.value_and_grad(**inputs)
        assert value == pytest.approx(again, rel=1e-14)
    np.testing.assert_allclose(value, wanted, rtol=TOLERANCE)
    for argument in program.differentiated:
        part, by_jax = getattr(found, argument.name), np.asarray(gradients[argument.name])
        if argument.structure == "symmetric":
            by_jax = (by_jax + by_jax.T) / 2
        assert np.shape(part) == np.shape(wanted) + np.shape(inputs[argument.name])
        np.testing.assert_allclose(part, by_jax, rtol=0, atol=TOLERANCE * np.abs(by_jax).max())


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_a_docstring_and_claims(name: str) -> None:
    program = gradcompile.api.read(ROOT / "examples" / f"{name}.formula")
    assert program.doc.endswith(".")
    assert program.claims


@pytest.mark.parametrize("name", marked(LONG_TO_PROVE))
def test_the_claims_of_an_example_hold(name: str) -> None:
    verdicts = gradcompile.check(ROOT / "examples" / f"{name}.formula", verify_seconds=150)
    assert {v.verdict for v in verdicts} <= {"proved", "agrees"}


@pytest.mark.parametrize(
    "name",
    [
        "neuron",
        "softmax_regression",
        pytest.param("two_layer_network", marks=pytest.mark.slow),
        pytest.param("batch_normalisation", marks=pytest.mark.slow),
    ],
)
def test_complete_derivations_are_proved_or_agree(name: str) -> None:
    verdicts = gradcompile.check(ROOT / "examples" / f"{name}.formula", verify_seconds=120)
    assert {v.verdict for v in verdicts} <= {"proved", "agrees"}
    parameters = {a.name for a in gradcompile.api.read(ROOT / "examples" / f"{name}.formula").differentiated}
    claimed = {v.claim.partition("==")[0].partition(",")[2].strip(" )") for v in verdicts}
    assert parameters <= claimed  # the derivation is complete,
    assert claimed - parameters  # and has intermediate gradients


def test_the_worked_example_converges() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "examples.fit_logistic"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "iterations" in done.stdout
    largest = float(done.stdout.partition("largest gradient ")[2].split()[0])
    assert largest < 1e-4


@pytest.mark.slow
def test_a_bundle_is_adjusted() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "examples.adjust_bundle"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    before, after = (float(x) for x in re.findall(r"([\d.]+) (?:pixels before|after)", done.stdout))
    assert before > 1
    assert after < 0.1  # what is left is less than the noise
    assert done.stdout.startswith("6000 residuals, 1308 parameters, 12 entries a row")


def test_a_kernel_is_called_from_jitted_code(monkeypatch: pytest.MonkeyPatch) -> None:
    from numba import njit  # noqa: PLC0415  (slow to import)

    monkeypatch.syspath_prepend(str(ROOT))
    kernel = importlib.import_module("generated.rosenbrock").value_and_grad_kernel

    @njit
    def descend(x: np.ndarray, steps: int, rate: float) -> float:
        value = 0.0
        for _ in range(steps):
            value, gradient = kernel(x)
            x = x - rate * gradient
        return value

    assert descend(np.zeros(3), 2_000, 1e-3) < 0.5
