"""Modules in float32 beside the same in float64: CPU time of a call, and how far their results are apart."""

from __future__ import annotations

import sys
import time
from statistics import median
from typing import Any

import numpy as np

import gradcompile
from benchmarks import draws
from benchmarks.problem import FOLDERS, Draw
from gradcompile.bench.timing import difference
from gradcompile.report import duration
from gradcompile.syntax.program import DTYPES

CASES = {
    "black_scholes": [("10⁶", draws.options(10**6))],
    "softmax_regression": [
        ("20,000x20x5", draws.softmax(20_000, 20, 5)),
        ("60,000x784x10", draws.softmax(60_000, 784, 10)),
    ],
}
ROUNDS = 15


def row(name: str, sizes: str, draw: Draw, modules: dict[str, Any], rounds: int) -> str:
    """Time value, and value and gradient, in turns."""
    drawn = draw(np.random.default_rng(0))
    given = {t: [x.astype(t) if isinstance(x, np.ndarray) else x for x in drawn.values()] for t in DTYPES}
    calls = {(t, f): getattr(modules[t], f) for f in ("value", "value_and_grad") for t in DTYPES}
    found = {(t, f): call(*given[t]) for (t, f), call in calls.items()}
    times: dict[tuple[str, str], list[float]] = {key: [] for key in calls}
    for _ in range(rounds):
        for key, call in calls.items():
            started = time.process_time()
            call(*given[key[0]])
            times[key].append(time.process_time() - started)
    cells = []
    for function in ("value", "value_and_grad"):
        double, single = (median(times[t, function]) for t in DTYPES)
        cells += [duration(double), duration(single), f"{double / single:.2f}"]
    (wide, slopes), (value, gradient) = (found[t, "value_and_grad"] for t in DTYPES)
    cells += [f"{abs(value / wide - 1):.0e}", f"{difference(gradient, slopes):.0e}"]
    return f"| {name} | {sizes} | {' | '.join(cells)} |"


def main() -> None:
    """Print a Markdown table."""
    rounds = 3 if "--quick" in sys.argv else ROUNDS
    heads = ("problem", "sizes", "value, float64", "float32", "ratio", "gradient too, float64", "float32", "ratio")
    print(f"| {' | '.join([*heads, 'error of the value', 'of the gradient'])} |")
    print(f"| --- | --- |{' ---: |' * 8}")
    for name, cases in CASES.items():
        path = next(p for folder in FOLDERS if (p := folder / f"{name}.formula").exists())
        modules = {t: gradcompile.compile(path, verify=False, dtype=t).module for t in DTYPES}
        for sizes, draw in cases:
            print(row(name, sizes, draw, modules, rounds), flush=True)


if __name__ == "__main__":
    main()
