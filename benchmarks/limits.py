"""What this core can do: bytes a second of a triad, operations a second of a matrix product."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.timing import Call

REPEATS = 50  # each shorter than a time slice, so that some run undisturbed


def bandwidth() -> float:
    """Return the bytes a second of a + b into c, the best of several."""
    a, b, c = np.ones((3, 2_000_000))
    return 3 * a.nbytes / _best(lambda: np.add(a, b, out=c))


def rate() -> float:
    """Return the operations a second of a matrix product, the best of several."""
    a, b, c = np.ones((3, 384, 384))
    return 2 * 384**3 / _best(lambda: np.matmul(a, b, out=c))


def _best(call: Call) -> float:
    def once() -> float:
        started = time.perf_counter()
        call()
        return time.perf_counter() - started

    return min(once() for _ in range(REPEATS))
