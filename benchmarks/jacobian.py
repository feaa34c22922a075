"""Sparse Jacobian of bundle adjustment: the generated module against JAX with jit and CasADi, as ratios.

Ours returns the whole matrix in SciPy's form. The peers have no such thing for a formula with gathers: they are given
one observation, differentiate that, and map it over the gathered parameters; they return a block for each observation.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import gradcompile
from gradcompile.bench.timing import ROUNDS, TOLERANCE, Call, interleaved

try:
    import casadi

    from benchmarks.in_casadi import compiled
except ImportError:
    casadi = None

FORMULA = Path(__file__).parent.parent / "examples" / "reprojection.formula"
SIZES = [(50, 2_000, 10_000), (100, 20_000, 100_000)]  # cameras, points, observations
COLUMNS = 12  # parameters of one observation


def inputs_of(cameras: int, points: int, observations: int) -> dict[str, Any]:
    """Draw a scene."""
    rng = np.random.default_rng(0)
    return {
        "turn": 0.3 * rng.normal(size=(cameras, 3)),
        "centre": rng.normal(size=(cameras, 3)),
        "focal": 500 + rng.normal(size=cameras),
        "radial": 0.01 * rng.normal(size=(cameras, 2)),
        "X": rng.normal(loc=[0, 0, 10], size=(points, 3)),
        "pair": np.stack([rng.integers(0, n, observations) for n in (cameras, points)], axis=1),
        "seen": rng.normal(size=(observations, 2)),
    }


def ours(inputs: dict[str, Any]) -> Call:
    """Return the call of the generated module, its pattern known."""
    options = {"emit": ["jacobian"], "sparse": True, "verify": False}
    module: Any = gradcompile.compile(FORMULA, **options).module
    pattern = module.jacobian_pattern(**inputs)
    return lambda: module.jacobian(**inputs, pattern=pattern).data.reshape(-1, 2, COLUMNS)


def in_jax(mode: Callable[..., Any]) -> Callable[[dict[str, Any]], Call]:
    """Return what makes the call of JAX by `jacfwd` or `jacrev` of one observation."""

    def residual(w: Any, c: Any, f: Any, k: Any, x: Any, seen: Any) -> Any:
        beside, angle2 = x - c, jnp.sum(w**2)
        angle = jnp.sqrt(jnp.where(angle2 > 0, angle2, 1.0))
        u = w / angle
        turned = beside * jnp.cos(angle) + jnp.cross(u, beside) * jnp.sin(angle)
        turned = turned + u * jnp.dot(u, beside) * (1 - jnp.cos(angle))
        p = jnp.where(angle2 > 0, turned, beside + jnp.cross(w, beside))
        flat = p[:2] / p[2]
        r2 = jnp.sum(flat**2)
        return f * (1 + k[0] * r2 + k[1] * r2**2) * flat - seen

    def blocks(turn: Any, centre: Any, focal: Any, radial: Any, X: Any, pair: Any, seen: Any) -> Any:
        cam, point = pair[:, 0], pair[:, 1]
        one = jax.vmap(mode(residual, argnums=(0, 1, 2, 3, 4)))
        turn, centre, focal, radial, X = one(turn[cam], centre[cam], focal[cam], radial[cam], X[point], seen)
        return jnp.concatenate([turn, centre, focal[:, :, None], radial, X], axis=2)

    def call(inputs: dict[str, Any]) -> Call:
        jitted, given = jax.jit(blocks), {name: jax.device_put(x) for name, x in inputs.items()}
        return lambda: np.asarray(jax.block_until_ready(jitted(**given)))

    return call


def in_casadi(inputs: dict[str, Any]) -> Call:
    """Return the call of CasADi: the code that it writes for all observations, compiled with -O3."""
    w, c, f = casadi.SX.sym("w", 3), casadi.SX.sym("c", 3), casadi.SX.sym("f")
    k, x, seen = casadi.SX.sym("k", 2), casadi.SX.sym("x", 3), casadi.SX.sym("s", 2)
    beside, angle2 = x - c, casadi.sumsqr(w)
    angle = casadi.sqrt(casadi.if_else(angle2 > 0, angle2, 1))
    u = w / angle
    turned = beside * casadi.cos(angle) + casadi.cross(u, beside) * casadi.sin(angle)
    turned = turned + u * casadi.dot(u, beside) * (1 - casadi.cos(angle))
    p = casadi.if_else(angle2 > 0, turned, beside + casadi.cross(w, beside))
    flat = p[:2] / p[2]
    r2 = casadi.sumsqr(flat)
    residual = f * (1 + k[0] * r2 + k[1] * r2**2) * flat - seen
    parameters, count = casadi.vertcat(w, c, f, k, x), len(inputs["seen"])
    one = casadi.Function("one", [parameters, seen], [casadi.jacobian(residual, parameters)])
    mapped = compiled(one.map(count))
    buffer, evaluate = mapped.buffer()  # which keep none of this alive
    columns, found = np.empty((count, COLUMNS)), np.empty((count, COLUMNS, 2))
    places = inputs["pair"].T
    names = ("turn", "centre", "focal", "radial"), ("X",)
    buffer.set_arg(0, memoryview(columns.reshape(-1)))
    buffer.set_arg(1, memoryview(np.ascontiguousarray(inputs["seen"]).reshape(-1)))
    buffer.set_res(0, memoryview(found.reshape(-1)))

    def call(alive: Any = (mapped, buffer)) -> Any:
        start = 0
        for own, place in zip(names, places, strict=True):
            for name in own:
                part = inputs[name].reshape(len(inputs[name]), -1)
                columns[:, start : start + part.shape[1]] = part[place]
                start += part.shape[1]
        evaluate()
        return found.transpose(0, 2, 1)

    return call


def main() -> None:
    """Print a Markdown table."""
    rounds = 3 if "--quick" in sys.argv else ROUNDS
    peers = {"JAX jacrev": in_jax(jax.jacrev), "JAX jacfwd": in_jax(jax.jacfwd)}
    if casadi is not None and shutil.which("cc"):
        peers["CasADi, its C with -O3"] = in_casadi
    print(f"One core, one thread, float64, median of {rounds} interleaved rounds; above 1 we are faster.\n")
    print(f"| sparse Jacobian | numba target | {' | '.join(peers)} | {' | '.join(f'{p} / ours' for p in peers)} |")
    print(f"| --- {'| ---: ' * (1 + 2 * len(peers))}|")
    for cameras, points, observations in SIZES:
        inputs = inputs_of(cameras, points, observations)
        calls = {"numba target": ours(inputs)} | {name: make(inputs) for name, make in peers.items()}
        wanted = calls["JAX jacrev"]()
        for name, call in calls.items():
            difference = float(np.max(np.abs(call() - wanted)) / np.max(np.abs(wanted)))
            if not difference < TOLERANCE:
                raise SystemExit(f"{name} differs by {difference:.1e}")
        seconds = interleaved(calls, rounds)
        mine = seconds["numba target"]
        cells = [f"{1e3 * s:.2f} ms" for s in seconds.values()] + [f"{seconds[p] / mine:.2f}" for p in peers]
        print(f"| bundle adjustment, {observations:,} observations | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
