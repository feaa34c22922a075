"""Run the benchmarks on one core with one thread, in a process whose settings are made before anything is imported."""

import os
import subprocess
import sys

from gradcompile.bench import machine

NAMES = ("speed", "second", "jacobian", "chain", "calls", "compile", "functions", "float32")


def main() -> int:
    """Run one benchmark, by its name."""
    name, *rest = sys.argv[1:] or ["speed"]
    if name.startswith("-"):
        name, rest = "speed", [name, *rest]
    if name not in NAMES:
        print(f"unknown benchmark {name}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    machine.pin()  # the child inherits it
    return subprocess.call([sys.executable, "-m", f"benchmarks.{name}", *rest], env=os.environ | machine.ONE_THREAD)


if __name__ == "__main__":
    sys.exit(main())
