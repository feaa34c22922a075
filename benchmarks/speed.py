"""Value and gradient: the generated module (both targets) against JAX with jit and NumPy by hand, as ratios."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import jax
import numpy as np

import gradcompile
from benchmarks.cases import CASES, Case

EXAMPLES = Path(__file__).parent.parent / "examples"
ROUNDS = 15
SLICE = 0.02  # seconds that one measurement takes at least
TOLERANCE = 1e-9

Call = Callable[[], Any]


def contestants(case: Case) -> dict[str, Call]:
    """Return the calls that are timed; each does all the work and returns the value and the gradients as a list."""
    inputs = case.inputs(np.random.default_rng(0))
    path = EXAMPLES / f"{case.formula}.formula"
    ours = {t: gradcompile.compile(path, target=t, verify=False).module for t in ("numba", "numpy")}
    jitted = jax.jit(jax.value_and_grad(lambda p, rest: case.jax_value(**p, **rest)))
    parameters = {name: jax.device_put(inputs[name]) for name in case.parameters}
    rest = {name: jax.device_put(x) for name, x in inputs.items() if name not in case.parameters}

    def run_jax() -> Any:
        value, gradients = jax.block_until_ready(jitted(parameters, rest))
        return value, [gradients[name] for name in case.parameters]

    def run_ours(target: str) -> Call:
        function = ours[target].value_and_grad
        arguments = tuple(inputs.values())
        return lambda: function(*arguments)

    return {
        "numba target": run_ours("numba"),
        "numpy target": run_ours("numpy"),
        "JAX": run_jax,
        "NumPy by hand": lambda: case.numpy_value_and_grad(**inputs),
    }


def check_agreement(calls: dict[str, Call]) -> float:
    """Return the largest difference between the results, relative to the largest element, or exit if it is large."""
    results = {name: [np.asarray(part) for part in _flat(call())] for name, call in calls.items()}
    reference = results["NumPy by hand"]
    worst = 0.0
    for name, parts in results.items():
        for part, wanted in zip(parts, reference, strict=True):
            difference = float(np.max(np.abs(part - wanted)) / np.max(np.abs(wanted)))
            if not difference < TOLERANCE:
                raise SystemExit(f"{name} differs by {difference:.1e}")
            worst = max(worst, difference)
    return worst


def _flat(result: Any) -> list[Any]:
    value, gradients = result
    return [value, *gradients]


def interleaved(calls: dict[str, Call], rounds: int) -> dict[str, float]:
    """Return the median seconds of each call; every round measures each once, so that all share the weather."""
    repeats = {name: max(1, round(SLICE / _seconds(call, 1))) for name, call in calls.items()}
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            times[name].append(_seconds(call, repeats[name]))
    return {name: median(found) for name, found in times.items()}


def _seconds(call: Call, repeats: int) -> float:
    started = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - started) / repeats


def main() -> None:
    """Print a Markdown table."""
    rounds = 3 if "--quick" in sys.argv else ROUNDS
    print(
        f"One core, one thread, float64, median of {rounds} interleaved rounds; above 1 the numba target is faster.\n"
    )
    print(
        "| value and gradient | numba target | numpy target | JAX jit | NumPy by hand "
        "| JAX / ours | NumPy / ours | agree to |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for case in CASES:
        calls = contestants(case)
        difference = check_agreement(calls)  # compiles everything too
        seconds = interleaved(calls, rounds)
        ours = seconds["numba target"]
        cells = [f"{1e3 * s:.2f} ms" for s in seconds.values()]
        ratios = [f"{seconds[name] / ours:.2f}" for name in ("JAX", "NumPy by hand")]
        print(f"| {case.title} | {' | '.join(cells)} | {' | '.join(ratios)} | {difference:.0e} |", flush=True)


if __name__ == "__main__":
    main()
