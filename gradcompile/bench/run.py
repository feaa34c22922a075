"""What ``gradcompile bench`` does: modules for all that take part, a process that measures, another from the cache."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from gradcompile import api
from gradcompile.bench import functional, machine
from gradcompile.bench.timing import ROUNDS
from gradcompile.derived import typical_sizes, work
from gradcompile.errors import FormulaError
from gradcompile.ir.nodes import DType
from gradcompile.pipeline import run_passes
from gradcompile.syntax.program import DOUBLE, SINGLE, Program
from gradcompile.verify.samples import allowed, extents_of

PEERS = {"jax": "JAX", "torch": "PyTorch", "numpy": "NumPy"}
INSTALL = {"jax": "pip install jax", "torch": "pip install torch"}
_AGREE = {DOUBLE: 1e-8, SINGLE: 1e-3}  # to how much of the largest element all have to agree


@dataclass(frozen=True)
class Timing:
    """One implementation: its seconds, or why there are none."""

    name: str
    value: float | None = None
    value_and_grad: float | None = None
    agrees: float | None = None  # the largest difference from ours, relative to the largest element
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times as long value and gradient take as the value."""
        return self.value_and_grad / self.value if self.value and self.value_and_grad else None

    @property
    def whole(self) -> float | None:
        """The seconds of all that the formula gives."""
        return self.value_and_grad or self.value


@dataclass(frozen=True)
class Measured:
    """What was measured of one formula; the first timing is ours."""

    file: str
    sizes: dict[str, int]
    timings: list[Timing]
    operations: int  # of a call, as the module's header counts them
    bytes: int  # of all arguments and gradients
    bandwidth: float  # bytes a second that this core moves in a triad
    rate: float  # operations a second of its matrix product
    first_call: float  # seconds to import the module and call it once, compiling
    first_call_cached: float  # the same in a second process
    allocations: int  # of arrays, a call
    memory: int | None  # bytes by which resident memory rises during a call, results included
    parameters: list[str] = field(default_factory=list)
    dtype: str = DOUBLE

    def to_dict(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        timings = [asdict(t) | {"ratio": t.ratio} for t in self.timings]
        return asdict(self) | {"timings": timings, "allocations": self.allocations}

    @property
    def differs(self) -> bool:
        """Does an implementation give something else?"""
        return any(t.note.startswith("differs") for t in self.timings)


def bench(
    path: Path, *, dims: str = "", peers: Sequence[str] | None = None, wrt: Sequence[str] | None = None,
    rounds: int = ROUNDS, dtype: str = DOUBLE,
) -> Measured:  # fmt: skip
    """Measure a formula's module against its peers, on one core with one thread. Raises FormulaError for bad input."""
    program = replace(api.read(path, wrt=wrt), dtype=api.known_dtype(dtype))
    sizes = sizes_of(program, dims)
    chosen = chosen_peers(peers)
    with tempfile.TemporaryDirectory(prefix="gradcompile_") as folder:
        given: dict[str, Any] = {
            "formula": str(path), "wrt": wrt, "sizes": sizes, "rounds": rounds, "folder": folder,
            "module": program.name, "tolerance": _AGREE[dtype], "dtype": dtype,
            "parameters": [a.name for a in program.differentiated],
        }  # fmt: skip
        compiled, notes = _write_modules(program, chosen, Path(folder))
        given["gradient"] = "value_and_grad" in compiled.functions
        given["peers"] = [p for p in chosen if p not in notes]
        task = Path(folder) / "task.json"
        task.write_text(json.dumps(given), encoding="utf-8")
        found = _child("measure", task, machine.KEPT)
        found |= _child("again", task, machine.GIVEN_BACK)
    names = ["ours", *chosen]
    timings = [_timing(name, found, notes.get(name) or found["notes"].get(name, "")) for name in names]
    return Measured(
        str(path), sizes, timings, work(compiled.operations, sizes), found["bytes"], found["bandwidth"],
        found["rate"], found["first"], found["cached"], found["allocations"], found["rise"],
        given["parameters"] if given["gradient"] else [], dtype,
    )  # fmt: skip


def _timing(name: str, found: dict[str, Any], note: str) -> Timing:
    seconds = found["seconds"]
    return Timing(
        name, seconds.get(f"{name} value"), seconds.get(f"{name} value_and_grad"), found["agree"].get(name), note
    )


def _write_modules(program: Program, peers: Sequence[str], folder: Path) -> tuple[api.Compiled, dict[str, str]]:
    """Write the modules of all that take part; say which peer's cannot be written, and why."""
    compiled = api.translate(program, verified=False)
    (folder / f"{program.name}.py").write_text(compiled.source, encoding="utf-8")
    notes = {}
    for peer in peers:
        try:
            text = _source(program, peer)
        except functional.InexpressibleError as error:
            notes[peer] = f"cannot be written for {PEERS[peer]}: {error}"
            continue
        (folder / f"{program.name}_{peer}.py").write_text(text, encoding="utf-8")
    return compiled, notes


def _source(program: Program, peer: str) -> str:
    if peer == "numpy":
        return api.translate(program, target="numpy", verified=False).source
    unit = run_passes(program, gradient=False, derived=[], after=lambda stage, unit: None)
    return functional.source(unit, peer)


def _child(task: str, path: Path, settings: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "gradcompile.bench.child", task, str(path)]
    done = subprocess.run(
        command, env=os.environ | machine.ONE_THREAD | settings, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()
        message = next((line for line in reversed(last) if "Error" in line), last[-1] if last else "it was stopped")
        raise FormulaError(f"the measurement ended with an error: {message}", hint="Try smaller sizes: --dims.")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def chosen_peers(peers: Sequence[str] | None) -> list[str]:
    """Return the peers that take part: those asked for, or all that are installed."""
    if peers is None:
        return [p for p in PEERS if importlib.util.find_spec(p)]
    for peer in peers:
        if peer not in PEERS:
            raise FormulaError(f"there is no peer '{peer}'", hint=f"Choose from {', '.join(PEERS)}.")
        if not importlib.util.find_spec(peer):
            raise FormulaError(f"{PEERS[peer]} is not installed", hint=f"{INSTALL[peer]}, or leave it out of --vs.")
    return list(dict.fromkeys(peers))


def sizes_of(program: Program, dims: str) -> dict[str, int]:
    """Return the sizes of all dimensions: those of `dims`, such as "N=1000,D=20"; of the others, typical ones."""
    whole = [a.name for a in program.arguments if a.dtype is DType.INT and not a.axes]
    names = [*program.dimensions, *whole]
    given = _read(dims, names, program)
    typical = {n: size for n, size in typical_sizes(program).items() if n in program.dimensions}
    sizes = typical | given
    if not allowed(program, sizes, extents_of(program)):
        shown = ", ".join(f"{name} = {size}" for name, size in sizes.items())
        raise FormulaError(f"{program.file} is not defined at {shown}", hint="Give other sizes: --dims.")
    return sizes


def _read(dims: str, names: Sequence[str], program: Program) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in filter(None, (p.strip() for p in dims.split(","))):
        name, equals, number = (p.strip() for p in part.partition("="))
        if not equals or not number.isdecimal():
            raise FormulaError(f"--dims has '{part}'", hint="Write a name and a whole number: N=1000,D=20.")
        if name not in names:
            known = f"Its sizes are {', '.join(names)}." if names else "It has none."
            raise FormulaError(f"{program.file} has no size {name}", hint=known)
        found[name] = int(number)
    return found
