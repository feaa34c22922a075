"""What a call costs beside the work: scalar formulas against SymPy's lambdify, wrappers against their kernels."""

from __future__ import annotations

import ast
import builtins
import sys
from pathlib import Path
from typing import Any

import numpy as np
import sympy

import gradcompile
from benchmarks import draws
from benchmarks.problem import FOLDERS
from gradcompile.bench.timing import ROUNDS, TOLERANCE, difference, interleaved
from gradcompile.report import duration

SLICE = 3e-4  # seconds: a call takes microseconds
SCALARS = ("neuron", "gate_patterns", "pendulum", "arm")
MEANINGS = {"sigmoid": lambda x: 1 / (1 + sympy.exp(-x)), "max": sympy.Max, "abs": sympy.Abs}


def expression(path: Path) -> tuple[list[sympy.Symbol], sympy.Expr]:
    """Return the symbols and the expression of a scalar formula, by running it as Python on symbols."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kept = [s for s in tree.body if not isinstance(s, (ast.AnnAssign, ast.Assert, ast.Return))]
    assigned = {n.id for s in kept for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    called = {n.func.id for s in kept for n in ast.walk(s) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    inside = {a.arg for s in kept for n in ast.walk(s) if isinstance(n, ast.FunctionDef) for a in n.args.args}
    read = {n.id for s in kept for n in ast.walk(s) if isinstance(n, ast.Name)} - assigned - called - inside
    scope: dict[str, Any] = {name: sympy.Symbol(name, real=True) for name in read}
    scope |= {name: MEANINGS.get(name) or getattr(sympy, name, getattr(builtins, name, None)) for name in called}
    exec(compile(ast.Module(kept, []), str(path), "exec"), scope)  # a file of this repository
    last = [s for s in kept if isinstance(s, ast.Assign)][-1].targets[0]
    return [scope[name] for name in sorted(read)], scope[ast.unparse(last)]


def scalar_row(name: str, rounds: int) -> str:
    """Time `value_and_grad` of a scalar formula, and what SymPy makes of its value and derivatives."""
    path = next(p for folder in FOLDERS if (p := folder / f"{name}.formula").exists())
    compiled = gradcompile.compile(path, verify=False)
    symbols, value = expression(path)
    point = {str(s): 0.3 + 0.1 * i for i, s in enumerate(symbols)}
    module: Any = compiled.module
    given = [point[a.name] for a in compiled.program.arguments]
    order = [sympy.Symbol(a.name, real=True) for a in compiled.program.arguments]
    wanted = [value, *(sympy.diff(value, sympy.Symbol(a.name, real=True)) for a in compiled.program.differentiated)]
    peer = sympy.lambdify(order, wanted, modules="math", cse=True)
    found, gradient = module.value_and_grad(*given)
    if not difference([np.array([found, *gradient])], [np.array(peer(*given))]) < TOLERANCE:
        raise SystemExit(f"{name} differs from SymPy")
    calls = {
        "ours": lambda: module.value_and_grad(*given),
        "kernel": lambda: module.value_and_grad_kernel(*given),
        "sympy": lambda: peer(*given),
    }
    seconds = interleaved(calls, rounds, SLICE)
    cells = [duration(seconds[name]) for name in calls]
    return f"| {name} | {len(given)} | {' | '.join(cells)} | {seconds['sympy'] / seconds['ours']:.2f} |"


def array_row(rounds: int) -> str:
    """Time the wrapper of a formula with four arrays beside its kernel, at sizes where there is nothing to do."""
    compiled = gradcompile.compile(FOLDERS[0] / "softmax_regression.formula", verify=False)
    module: Any = compiled.module
    given = tuple(draws.softmax(4, 3, 2)(np.random.default_rng(0)).values())
    calls = {
        "wrapper": lambda: module.value_and_grad(*given),
        "kernel": lambda: module.value_and_grad_kernel(*given),
    }
    for call in calls.values():
        call()  # compiles
    seconds = interleaved(calls, rounds, SLICE)
    cells = [duration(s) for s in (*seconds.values(), seconds["wrapper"] - seconds["kernel"])]
    return f"| softmax_regression, four arrays and a number | {' | '.join(cells)} |"


def main() -> None:
    """Print two Markdown tables."""
    rounds = (4 if "--quick" in sys.argv else 40) * ROUNDS
    print("| scalar formula | arguments | value_and_grad | its kernel | SymPy lambdify, math, cse | SymPy / ours |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in SCALARS:
        print(scalar_row(name, rounds), flush=True)
    print("\n| arrays | value_and_grad | its kernel | difference |\n| --- | ---: | ---: | ---: |")
    print(array_row(rounds))


if __name__ == "__main__":
    main()
