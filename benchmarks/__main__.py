"""Run the benchmarks on one core with one thread, in a process whose settings are made before anything is imported."""

import os
import subprocess
import sys

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
ONE_THREAD = dict.fromkeys(THREADS, "1") | {
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "JAX_ENABLE_X64": "1",
}
NAMES = ("speed", "second", "jacobian", "chain", "calls", "compile")


def _pin() -> None:
    """Keep the process on the last core that it may use."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def main() -> int:
    """Run one benchmark, by its name."""
    name, *rest = sys.argv[1:] or ["speed"]
    if name.startswith("-"):
        name, rest = "speed", [name, *rest]
    if name not in NAMES:
        print(f"unknown benchmark {name}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    _pin()  # the child inherits it
    return subprocess.call([sys.executable, "-m", f"benchmarks.{name}", *rest], env=os.environ | ONE_THREAD)


if __name__ == "__main__":
    sys.exit(main())
