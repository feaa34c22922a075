"""The cases: a formula of `examples/`, its inputs, and the same by hand in JAX and in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import erf as jax_erf
from scipy.special import erf as scipy_erf

Inputs = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One row of the table."""

    title: str
    formula: str
    inputs: Callable[[np.random.Generator], Inputs]
    parameters: tuple[str, ...]
    jax_value: Callable[..., Any]  # takes the inputs by name
    numpy_value_and_grad: Callable[..., tuple[float, list[Any]]]  # the same; gradients in the order of `parameters`


def _one_hot(rng: np.random.Generator, rows: int, classes: int) -> np.ndarray:
    return np.eye(classes)[rng.integers(0, classes, rows)]


def softmax_inputs(samples: int, features: int, classes: int) -> Callable[[np.random.Generator], Inputs]:
    """Return what draws the inputs of softmax regression."""

    def draw(rng: np.random.Generator) -> Inputs:
        return {
            "X": rng.normal(size=(samples, features)),
            "Y": _one_hot(rng, samples, classes),
            "W": 0.1 * rng.normal(size=(features, classes)),
            "b": 0.1 * rng.normal(size=classes),
            "lam": 0.1,
        }

    return draw


def softmax_jax(X: Any, Y: Any, W: Any, b: Any, lam: float) -> Any:
    """Softmax regression in JAX."""
    scores = X @ W + b
    losses = jax.scipy.special.logsumexp(scores, axis=1) - jnp.sum(Y * scores, axis=1)
    return jnp.mean(losses) + 0.5 * lam * jnp.sum(W**2)


def softmax_numpy(X: Any, Y: Any, W: Any, b: Any, lam: float) -> tuple[float, list[Any]]:
    """Softmax regression and its gradient by hand, in place where that saves memory."""
    scores = X @ W
    scores += b
    picked = np.einsum("nc,nc->", Y, scores)
    top = scores.max(axis=1, keepdims=True)
    scores -= top
    np.exp(scores, out=scores)
    sums = scores.sum(axis=1, keepdims=True)
    loss = (np.log(sums).sum() + top.sum() - picked) / len(X) + 0.5 * lam * np.sum(W * W)
    scores /= sums
    scores -= Y
    scores /= len(X)
    return loss, [X.T @ scores + lam * W, scores.sum(axis=0)]


def network_inputs(samples: int, features: int, hidden: int, classes: int) -> Callable[[np.random.Generator], Inputs]:
    """Return what draws the inputs of the two-layer network."""

    def draw(rng: np.random.Generator) -> Inputs:
        return {
            "X": rng.normal(size=(samples, features)),
            "Y": _one_hot(rng, samples, classes),
            "W1": rng.normal(size=(features, hidden)) / np.sqrt(features),
            "b1": 0.1 * rng.normal(size=hidden),
            "W2": rng.normal(size=(hidden, classes)) / np.sqrt(hidden),
            "b2": 0.1 * rng.normal(size=classes),
        }

    return draw


def network_jax(X: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    """The two-layer network in JAX."""
    scores = jax.nn.relu(X @ W1 + b1) @ W2 + b2
    return jnp.mean(jax.scipy.special.logsumexp(scores, axis=1) - jnp.sum(Y * scores, axis=1))


def network_numpy(X: Any, Y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> tuple[float, list[Any]]:
    """The two-layer network and its gradient by hand."""
    hidden = X @ W1
    hidden += b1
    np.maximum(hidden, 0, out=hidden)
    scores = hidden @ W2
    scores += b2
    picked = np.einsum("nc,nc->", Y, scores)
    top = scores.max(axis=1, keepdims=True)
    scores -= top
    np.exp(scores, out=scores)
    sums = scores.sum(axis=1, keepdims=True)
    loss = (np.log(sums).sum() + top.sum() - picked) / len(X)
    scores /= sums
    scores -= Y
    scores /= len(X)
    routed = scores @ W2.T
    routed *= hidden > 0
    return loss, [X.T @ routed, routed.sum(axis=0), hidden.T @ scores, scores.sum(axis=0)]


def options_inputs(count: int) -> Callable[[np.random.Generator], Inputs]:
    """Return what draws a book of options."""

    def draw(rng: np.random.Generator) -> Inputs:
        return {
            "S": rng.uniform(80, 120, count),
            "K": rng.uniform(80, 120, count),
            "T": rng.uniform(0.1, 2, count),
            "r": rng.uniform(0.01, 0.05, count),
            "sigma": rng.uniform(0.1, 0.5, count),
        }

    return draw


def options_jax(S: Any, K: Any, T: Any, r: Any, sigma: Any) -> Any:
    """The value of the book in JAX."""
    root = sigma * jnp.sqrt(T)
    d1 = (jnp.log(S / K) + (r + 0.5 * sigma**2) * T) / root
    cdf1, cdf2 = (0.5 * (1 + jax_erf(d / np.sqrt(2))) for d in (d1, d1 - root))
    return jnp.sum(S * cdf1 - K * jnp.exp(-r * T) * cdf2)


def options_numpy(S: Any, K: Any, T: Any, r: Any, sigma: Any) -> tuple[float, list[Any]]:
    """The value of the book and its Greeks, by the textbook's formulas."""
    root_time = np.sqrt(T)
    root = sigma * root_time
    d1 = (np.log(S / K) + (r + 0.5 * sigma * sigma) * T) / root
    cdf1, cdf2 = (0.5 * (1 + scipy_erf(d * np.sqrt(0.5))) for d in (d1, d1 - root))
    owed = K * np.exp(-r * T) * cdf2
    density = S * np.exp(-0.5 * d1 * d1) * (1 / np.sqrt(2 * np.pi))
    theta = density * sigma / (2 * root_time) + r * owed
    return float(np.sum(S * cdf1 - owed)), [cdf1, -owed / K, theta, T * owed, density * root_time]


_SOFTMAX = ("softmax_regression", ("W", "b"), softmax_jax, softmax_numpy)

CASES = [
    Case("softmax regression, 200,000 x 20 x 5", _SOFTMAX[0], softmax_inputs(200_000, 20, 5), *_SOFTMAX[1:]),
    Case("softmax regression, 2,000 x 50 x 1,000", _SOFTMAX[0], softmax_inputs(2_000, 50, 1_000), *_SOFTMAX[1:]),
    Case(
        "two-layer network, 256 x 784 x 128 x 10",
        "two_layer_network",
        network_inputs(256, 784, 128, 10),
        ("W1", "b1", "W2", "b2"),
        network_jax,
        network_numpy,
    ),
    Case(
        "Black-Scholes, 1,000,000 options",
        "black_scholes",
        options_inputs(1_000_000),
        ("S", "K", "T", "r", "sigma"),
        options_jax,
        options_numpy,
    ),
]
