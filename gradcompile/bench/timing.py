"""Time calls: interleaved rounds and medians; check first that they agree."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

import numpy as np

ROUNDS = 15
SLICE = 0.003  # seconds that one measurement takes at least: short, so that other processes disturb few of them
BUDGET = 4.0  # seconds for all measurements of one call: the slow ones get fewer rounds
TOLERANCE = 1e-9  # of the largest element, between implementations

Call = Callable[[], Any]


def interleaved(calls: Mapping[str, Call], rounds: int, least: float = SLICE) -> dict[str, float]:
    """Return the median seconds of each call; every round measures each once, so that all share the weather.

    Each must have been called before.
    """
    once = {name: _seconds(call, 1) for name, call in calls.items()}
    once = {name: min(s, _seconds(calls[name], 1)) if s < 1 else s for name, s in once.items()}  # the first may be odd
    repeats = {name: max(1, round(least / seconds)) for name, seconds in once.items()}
    most = {name: max(1, min(rounds, int(BUDGET / seconds))) for name, seconds in once.items()}
    times = {name: [s] if s > BUDGET else [] for name, s in once.items()}  # those are not called again
    for turn in range(rounds):
        for name, call in calls.items():
            if turn < most[name] and once[name] <= BUDGET:
                times[name].append(_seconds(call, repeats[name]))
    return {name: median(found) for name, found in times.items()}


def _seconds(call: Call, repeats: int) -> float:
    started = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - started) / repeats


def difference(parts: Sequence[Any], wanted: Sequence[Any]) -> float:
    """Return the largest difference between arrays, each relative to its largest element; infinity for other shapes."""
    worst = 0.0
    for part, other in zip(parts, wanted, strict=True):
        a, b = np.asarray(part), np.asarray(other)
        if a.shape != b.shape:
            return float("inf")
        if a.size:
            apart = np.max(np.abs(a - b)) / max(np.max(np.abs(b)), 1e-300)
            worst = float(np.maximum(worst, apart))  # NaN if there is one
    return worst
