"""Second order: `hessian` and `hvp` of the generated module against JAX with jit, as ratios."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import gradcompile
from benchmarks.draws import network
from benchmarks.in_jax import two_layer_network
from benchmarks.problem import Inputs
from gradcompile.bench.timing import ROUNDS, TOLERANCE, Call, interleaved

EXAMPLES = Path(__file__).parent.parent / "examples"


@dataclass(frozen=True)
class Case:
    """One row of the table."""

    title: str
    formula: str
    function: str  # "hessian" | "hvp"
    inputs: Callable[[np.random.Generator], Inputs]
    parameters: tuple[str, ...]
    jax_value: Callable[..., Any]


def logistic_inputs(rng: np.random.Generator) -> Inputs:
    """Draw 10,000 samples of 100 features."""
    X = rng.normal(size=(10_000, 100))
    return {"X": X, "y": (rng.random(10_000) < 0.5).astype(float), "w": 0.1 * rng.normal(size=100), "b": 0.2}


def logistic_jax(X: Any, y: Any, w: Any, b: Any) -> Any:
    """Logistic regression in JAX."""
    z = X @ w + b
    return jnp.mean(jnp.logaddexp(0.0, z) - y * z)


def factor_inputs(rng: np.random.Generator) -> Inputs:
    """Draw 60 users, 50 items and 5 factors."""
    R, seen = rng.normal(size=(60, 50)), (rng.random((60, 50)) < 0.3).astype(float)
    return {"R": R, "seen": seen, "U": rng.normal(size=(60, 5)), "V": rng.normal(size=(50, 5)), "lam": 0.1}


def factor_jax(R: Any, seen: Any, U: Any, V: Any, lam: Any) -> Any:
    """Matrix factorisation in JAX."""
    error = seen * (U @ V.T - R)
    return 0.5 * jnp.sum(error**2) + 0.5 * lam * (jnp.sum(U**2) + jnp.sum(V**2))


def mixture_inputs(rng: np.random.Generator) -> Inputs:
    """Draw 10,000 points of 10 coordinates for 20 components."""
    scale = 0.1 * rng.normal(size=20)
    return {
        "x": rng.normal(size=(10_000, 10)),
        "logits": scale,
        "mu": rng.normal(size=(20, 10)),
        "log_sigma": scale + 0.1,
    }


def mixture_jax(x: Any, logits: Any, mu: Any, log_sigma: Any) -> Any:
    """A mixture of round Gaussians in JAX."""
    distance2 = jnp.sum((x[:, None, :] - mu[None, :, :]) ** 2, axis=2)
    d = x.shape[1]
    density = -0.5 * distance2 / jnp.exp(2 * log_sigma) - d * log_sigma - 0.5 * d * jnp.log(2 * jnp.pi)
    return -jnp.mean(jax.scipy.special.logsumexp(jax.nn.log_softmax(logits) + density, axis=1))


CASES = [
    Case("Hessian, logistic regression, 10,000 x 100", "logistic_regression", "hessian", logistic_inputs,
         ("w", "b"), logistic_jax),
    Case("Hessian, two-layer network, 503 parameters, 200 samples", "two_layer_network", "hessian",
         network(200, 20, 20, 4), ("W1", "b1", "W2", "b2"), two_layer_network),
    Case("Hessian, matrix factorisation, 550 parameters", "matrix_factorisation", "hessian", factor_inputs,
         ("U", "V"), factor_jax),
    Case("Hessian times direction, Gaussian mixture, 10,000 x 10 x 20", "gaussian_mixture", "hvp", mixture_inputs,
         ("logits", "mu", "log_sigma"), mixture_jax),
]  # fmt: skip


def contestants(case: Case) -> dict[str, Call]:
    """Return the calls that are timed; each returns its blocks as nested sequences."""
    inputs = case.inputs(np.random.default_rng(0))
    path = EXAMPLES / f"{case.formula}.formula"
    parameters = {name: jax.device_put(inputs[name]) for name in case.parameters}
    rest = {name: jax.device_put(x) for name, x in inputs.items() if name not in case.parameters}
    directions = {name: np.cos(np.arange(np.size(x)).reshape(np.shape(x))) for name, x in parameters.items()}
    directions = {name: d if d.ndim else float(d) for name, d in directions.items()}

    def loss(p: Any, rest: Any) -> Any:
        return case.jax_value(**p, **rest)

    def times(p: Any, rest: Any, d: Any) -> Any:
        return jax.jvp(lambda q: jax.grad(loss)(q, rest), (p,), (d,))[1]

    if case.function == "hessian":
        hessian = jax.jit(jax.hessian(loss))
        calls = {"JAX": lambda: _in_order(jax.block_until_ready(hessian(parameters, rest)), case.parameters)}
        arguments = inputs
    else:
        product, moved = jax.jit(times), {name: jax.device_put(d) for name, d in directions.items()}
        calls = {"JAX": lambda: _in_order(jax.block_until_ready(product(parameters, rest, moved)), case.parameters)}
        arguments = inputs | {f"d{name}": d for name, d in directions.items()}
    ours: dict[str, Call] = {}
    for target in ("numba", "numpy"):
        module = gradcompile.compile(path, target=target, emit=[case.function], verify=False).module
        function = getattr(module, case.function)
        ours[f"{target} target"] = lambda function=function: function(**arguments)  # type: ignore[misc]
    return ours | calls


def _in_order(found: Any, names: tuple[str, ...]) -> list[Any]:
    return [_in_order(found[name], names) if isinstance(found[name], dict) else found[name] for name in names]


def check_agreement(calls: dict[str, Call]) -> float:
    """Return the largest difference from JAX, relative to the largest element, or exit if it is large."""
    results = {name: np.concatenate(_flat(call())) for name, call in calls.items()}
    wanted = results["JAX"]
    worst = max(float(np.max(np.abs(found - wanted)) / np.max(np.abs(wanted))) for found in results.values())
    if not worst < TOLERANCE:
        raise SystemExit(f"results differ by {worst:.1e}")
    return worst


def _flat(found: Any) -> list[Any]:
    return [part for f in found for part in _flat(f)] if isinstance(found, (tuple, list)) else [np.ravel(found)]


def main() -> None:
    """Print a Markdown table."""
    rounds = 3 if "--quick" in sys.argv else ROUNDS
    print(f"One core, one thread, float64, median of {rounds} interleaved rounds; above 1 we are faster.\n")
    print("| second order | numba target | numpy target | JAX jit | JAX / numba | JAX / numpy | agree to |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for case in CASES:
        calls = contestants(case)
        difference = check_agreement(calls)  # compiles everything too
        seconds = interleaved(calls, rounds)
        cells = [f"{1e3 * s:.2f} ms" for s in seconds.values()]
        ratios = [f"{seconds['JAX'] / seconds[name]:.2f}" for name in ("numba target", "numpy target")]
        print(f"| {case.title} | {' | '.join(cells)} | {' | '.join(ratios)} | {difference:.0e} |", flush=True)


if __name__ == "__main__":
    main()
