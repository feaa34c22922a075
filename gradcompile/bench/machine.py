"""What this core can do, and by how much a call's memory rises."""

from __future__ import annotations

import ctypes
import gc
import os
import time
from pathlib import Path

import numpy as np

from gradcompile.bench.timing import Call
from gradcompile.syntax.program import DOUBLE

REPEATS = 50  # each shorter than a time slice, so that some run undisturbed
ONE_THREAD = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"),
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "JAX_ENABLE_X64": "1",
}
KEPT = {  # freed memory stays in the heap of the C library, so that no call pays for page faults
    "MALLOC_MMAP_THRESHOLD_": str(2**30),
    "MALLOC_TRIM_THRESHOLD_": str(2**32),
    "MALLOC_TOP_PAD_": str(2**28),
}
GIVEN_BACK = {"MALLOC_MMAP_THRESHOLD_": str(2**16), "MALLOC_TRIM_THRESHOLD_": str(2**16)}  # so that it can be seen


def pin() -> None:
    """Keep the process, and those that it starts, on the last core that it may use."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def bandwidth(dtype: str = DOUBLE) -> float:
    """Return the bytes a second of a + b into c, the best of several."""
    a, b, c = np.ones((3, 2_000_000), dtype)
    return float(3 * a.nbytes / _best(lambda: np.add(a, b, out=c)))


def rate(dtype: str = DOUBLE) -> float:
    """Return the operations a second of a matrix product, the best of several."""
    a, b, c = np.ones((3, 256, 256), dtype)
    return 2 * 256**3 / _best(lambda: np.matmul(a, b, out=c))


def _best(call: Call) -> float:
    def once() -> float:
        started = time.perf_counter()
        call()
        return time.perf_counter() - started

    return min(once() for _ in range(REPEATS))


def rise(call: Call) -> int | None:
    """Return the bytes by which the resident memory rises during a call at its highest point; None off Linux.

    The process should give freed memory back. What the call returns is counted.
    """
    if not Path("/proc/self/clear_refs").exists():
        return None
    for _ in range(2):
        call()  # compiles
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # resets the highest point
    before = _status("VmRSS")
    call()
    return _status("VmHWM") - before


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(field))
