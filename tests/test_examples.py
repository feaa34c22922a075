"""The examples: every module in both targets against JAX by hand, and the worked example as a user runs it."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradcompile

ROOT = Path(__file__).parent.parent
NAMES = sorted(p.stem for p in (ROOT / "examples").glob("*.formula"))
TOLERANCE = 1e-12  # of the largest element of a gradient

try:
    import jax
    import jax.numpy as jnp
    from jax.scipy.special import erf, logsumexp

    jax.config.update("jax_enable_x64", True)
except ImportError:
    jax = None

SIZES = {"N": 6, "D": 3, "C": 4, "H": 5, "K": 2, "M": 7, "T": 5, "E": 3, "V": 2}


def inputs_of(program: Any) -> dict[str, Any]:
    """Return random arguments between 0.3 and 1.3, so that logarithms and roots are defined."""
    rng = np.random.default_rng(1)
    sizes = {name: SIZES[name] for name in program.dimensions}
    shapes = {a.name: tuple(size.evaluate(sizes) for size in a.shape) for a in program.arguments}
    return {name: rng.uniform(0.3, 1.3, shape) if shape else rng.uniform(0.3, 1.3) for name, shape in shapes.items()}


def neuron(w0: Any, x0: Any, w1: Any, x1: Any, w2: Any) -> Any:
    return jax.nn.sigmoid(w0 * x0 + w1 * x1 + w2)


def gate_patterns(x: Any, y: Any, z: Any, w: Any) -> Any:
    return (2 + x) * (x * y + jnp.maximum(z, w))


def linear_regression(X: Any, y: Any, w: Any, b: Any) -> Any:
    return jnp.mean((X @ w + b - y) ** 2)


def ridge_regression(X: Any, y: Any, w: Any, lam: Any) -> Any:
    return (jnp.sum((X @ w - y) ** 2) + lam * jnp.sum(w**2)) / 2


def logistic_regression(X: Any, y: Any, w: Any, b: Any) -> Any:
    p = jax.nn.sigmoid(X @ w + b)
    return -jnp.mean(y * jnp.log(p) + (1 - y) * jnp.log(1 - p))


def _cross_entropy(Y: Any, scores: Any) -> Any:
    return jnp.mean(logsumexp(scores, axis=1) - jnp.sum(Y * scores, axis=1))


def softmax_regression(X: Any, Y: Any, W: Any, b: Any, lam: Any) -> Any:
    return _cross_entropy(Y, X @ W + b) + lam / 2 * jnp.sum(W**2)


def two_layer_network(X: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    return _cross_entropy(Y, jax.nn.relu(X @ W1 + b1) @ W2 + b2)


def matrix_factorisation(R: Any, seen: Any, U: Any, V: Any, lam: Any) -> Any:
    return (jnp.sum((seen * (U @ V.T - R)) ** 2) + lam * (jnp.sum(U**2) + jnp.sum(V**2))) / 2


def batch_normalisation(X: Any, gamma: Any, beta: Any, G: Any, eps: Any) -> Any:
    return jnp.sum(G * (gamma * (X - X.mean(axis=0)) / jnp.sqrt(X.var(axis=0) + eps) + beta))


def attention(X: Any, Y: Any, Wq: Any, Wk: Any, Wv: Any) -> Any:
    weights = jax.nn.softmax((X @ Wq) @ (X @ Wk).T / np.sqrt(Wq.shape[1]), axis=1)
    return jnp.sum((weights @ (X @ Wv) - Y) ** 2) / (2 * len(X))


def gaussian_likelihood(x: Any, mu: Any, log_sigma: Any) -> Any:
    return -jnp.sum(jax.scipy.stats.norm.logpdf(x, mu, jnp.exp(log_sigma)))


def gaussian_mixture(x: Any, logits: Any, mu: Any, log_sigma: Any) -> Any:
    density = jax.scipy.stats.norm.logpdf(x[:, None, :], mu, jnp.exp(log_sigma)[:, None]).sum(axis=2)
    return -jnp.mean(logsumexp(jax.nn.log_softmax(logits) + density, axis=1))


def black_scholes(S: Any, K: Any, T: Any, r: Any, sigma: Any) -> Any:
    root = sigma * jnp.sqrt(T)
    d1 = (jnp.log(S / K) + (r + sigma**2 / 2) * T) / root
    cdf1, cdf2 = ((1 + erf(d / np.sqrt(2))) / 2 for d in (d1, d1 - root))
    return jnp.sum(S * cdf1 - K * jnp.exp(-r * T) * cdf2)


def lennard_jones(x: Any, epsilon: Any, sigma: Any) -> Any:
    first, second = np.triu_indices(len(x), 1)
    s6 = (sigma**2 / jnp.sum((x[first] - x[second]) ** 2, axis=1)) ** 3
    return 4 * epsilon * jnp.sum(s6**2 - s6)


def rosenbrock(x: Any) -> Any:
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def huber(X: Any, y: Any, w: Any, delta: Any) -> Any:
    residual = X @ w - y
    inside = jnp.clip(residual, -delta, delta)
    return jnp.mean(inside * residual - inside**2 / 2)


@pytest.mark.skipif(jax is None, reason="JAX is not installed")
@pytest.mark.parametrize("target", ["numpy", "numba"])
@pytest.mark.parametrize("name", NAMES)
def test_an_example_agrees_with_jax(name: str, target: str) -> None:
    compiled = gradcompile.compile(ROOT / "examples" / f"{name}.formula", target=target, verify=False)
    program, module = compiled.program, compiled.module
    assert module is not None
    inputs = inputs_of(program)
    by_hand: Callable[..., Any] = globals()[name]
    parameters = {a.name: inputs[a.name] for a in program.differentiated}
    others = {k: x for k, x in inputs.items() if k not in parameters}
    wanted, gradients = jax.value_and_grad(lambda p: by_hand(**p, **others))(parameters)
    value, found = module.value_and_grad(**inputs)
    assert module.value(**inputs) == pytest.approx(value, rel=1e-14)
    assert value == pytest.approx(float(wanted), rel=TOLERANCE)
    for key, part in found._asdict().items():
        assert np.shape(part) == np.shape(inputs[key])
        np.testing.assert_allclose(part, gradients[key], rtol=0, atol=TOLERANCE * np.abs(gradients[key]).max())


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_a_docstring_and_claims(name: str) -> None:
    program = gradcompile.api.read(ROOT / "examples" / f"{name}.formula")
    assert program.doc.endswith(".")
    assert program.claims


@pytest.mark.parametrize("name", ["neuron", "softmax_regression", "two_layer_network", "batch_normalisation"])
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
