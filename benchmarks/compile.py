"""Compile time: JIT seconds of each example, modules of many scalar statements, and a second process from the cache.

Seconds are those of the processor in the process that compiles, beside those on the clock.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.chain import chain
from gradcompile import api
from gradcompile.bench.inputs import draw
from gradcompile.bench.run import sizes_of
from gradcompile.errors import FormulaError
from gradcompile.syntax.program import Program

EXAMPLES = Path(__file__).parent.parent / "examples"
STATEMENTS = {"5,000": 1_850, "50,000": 18_500}  # gates of a chain whose gradient takes about so many
SMALL = 5  # of all dimensions

CHILD = """
import json, resource, sys, time
import numba, numpy as np
sys.path.insert(0, sys.argv[1])
saved = np.load(sys.argv[1] + "/inputs.npz")
inputs = {n: saved[n] if saved[n].ndim else saved[n].item() for n in saved}
clock, work = time.perf_counter(), time.process_time()
module = __import__(sys.argv[2])
getattr(module, sys.argv[3])(**inputs)
peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"clock": time.perf_counter() - clock, "work": time.process_time() - work, "peak": peak}))
"""


def measured(program: Program, source: str, function: str, inputs: dict[str, Any]) -> list[dict[str, float]]:
    """Return what the first call costs in a process, and in a second one."""
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "inputs.npz", **inputs)
        (Path(folder) / f"{program.name}.py").write_text(source, encoding="utf-8")
        command = [sys.executable, "-c", CHILD, folder, program.name, function]
        runs = [subprocess.run(command, env=os.environ, stdout=subprocess.PIPE, check=True) for _ in range(2)]
        return [json.loads(run.stdout) for run in runs]


def row(program: Program, name: str) -> str:
    """Return the cells of a formula."""
    compiled = api.translate(program, verified=False)
    function = compiled.functions[-1]
    plain: Any = api.load_module(api.translate(program, target="numpy", verified=False)).module

    def finite(given: dict[str, Any]) -> bool:
        found = getattr(plain, function)(**given)
        return bool(np.all(np.isfinite(found[0] if isinstance(found, tuple) else found)))

    sizes = ",".join(f"{dimension}={SMALL}" for dimension in program.dimensions)
    inputs = draw(program, sizes_of(program, sizes), finite)
    first, again = measured(program, compiled.source, function, inputs)
    kernel = compiled.source.partition(f"def {function}_kernel")[2].partition("\n@njit")[0]
    parts = compiled.source.count(f"\ndef _{function}_kernel_")
    lines = kernel.count("\n") if not parts else compiled.source.count("\n")
    cells = [f"{lines:,}", f"{first['work']:.1f}", f"{first['clock']:.1f}", f"{first['peak'] / 1e6:,.0f}"]
    return f"| {name} | {' | '.join(cells)} | {again['clock']:.2f} |"


def main() -> None:
    """Print a Markdown table; names of examples, or of statements, choose some."""
    names = sys.argv[1:]
    print("| formula | lines | processor, s | clock, s | peak, MB | second process, s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for path in sorted(EXAMPLES.glob("*.formula")):
        if names and path.stem not in names:
            continue
        try:
            print(row(api.read(path), path.stem), flush=True)
        except FormulaError as error:
            print(f"| {path.stem} | {error.message} | | | | |", flush=True)
    for statements, gates in STATEMENTS.items():
        if not names or statements in names:
            print(row(api.read(chain(gates), name="chain"), f"{statements} scalar statements"), flush=True)


if __name__ == "__main__":
    main()
