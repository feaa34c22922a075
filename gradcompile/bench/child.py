"""A process of ``gradcompile bench``: ``python -m gradcompile.bench.child TASK FILE``, its answer as one line of JSON.

The file has the task: the formula, its sizes, the peers, and a folder with the modules.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from gradcompile import api
from gradcompile.bench import machine
from gradcompile.bench.inputs import Inputs, draw
from gradcompile.bench.timing import Call, difference, interleaved
from gradcompile.syntax.program import Program

_FORMS: dict[str, Callable[[Any], Any]] = {
    "symmetric": lambda g: (g + np.swapaxes(g, -1, -2)) / 2,
    "definite": lambda g: (g + np.swapaxes(g, -1, -2)) / 2,
    "lower": np.tril,
    "upper": np.triu,
}


def main() -> None:
    """Do one of the tasks."""
    task, path = sys.argv[1:]
    machine.pin()
    given = json.loads(Path(path).read_text(encoding="utf-8"))
    sys.path.insert(0, given["folder"])
    print(json.dumps({"measure": measure, "again": again}[task](given)))


def _call_of(module: ModuleType, inputs: Inputs, gradient: bool) -> dict[str, Call]:
    arguments = tuple(inputs.values())

    def value() -> Any:
        found = module.value(*arguments)
        return [found] if not isinstance(found, tuple) else list(found)

    def both() -> Any:
        found, gradients = module.value_and_grad(*arguments)
        return [found, *gradients]

    return {"value": value, "value_and_grad": both} if gradient else {"value": value}


def measure(given: dict[str, Any]) -> dict[str, Any]:
    """Draw inputs, check that all agree, time them in interleaved rounds."""
    import numba  # noqa: F401, PLC0415  (what it takes to import is no part of the first call)

    program = replace(api.read(Path(given["formula"]), wrt=given["wrt"]), dtype=given["dtype"])
    started = time.perf_counter()
    module = importlib.import_module(given["module"])
    last = "value_and_grad" if given["gradient"] else "value"
    first: list[float] = []

    def finite(inputs: Inputs) -> bool:
        before = time.perf_counter() if first else started
        found = _call_of(module, inputs, given["gradient"])[last]()
        first.append(time.perf_counter() - before)
        return all(bool(np.all(np.isfinite(x))) for x in found)

    inputs = draw(program, given["sizes"], finite)
    np.savez(Path(given["folder"]) / "inputs.npz", **inputs)
    calls, notes = {"ours": _call_of(module, inputs, given["gradient"])}, dict[str, str]()
    for peer in given["peers"]:
        try:
            calls[peer] = _peer(peer, program, inputs, given)
            calls[peer]["value"]()
        except Exception as error:
            calls.pop(peer, None)
            notes[peer] = f"failed: {type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}"
    shown = {name: _projected(program, both[last]()) for name, both in calls.items()}
    agree = {name: difference(shown["ours"], found) for name, found in shown.items()}
    for peer in [p for p, apart in agree.items() if not apart < given["tolerance"]]:
        notes[peer] = f"differs by {agree[peer]:.1e}, so it was not timed"
        del calls[peer]
    flat = {f"{name} {what}": call for name, both in calls.items() for what, call in both.items()}
    for call in flat.values():
        call()
    seconds = interleaved(flat, given["rounds"])
    size = sum(np.asarray(x).nbytes for x in inputs.values())
    size += sum(np.asarray(inputs[name]).nbytes for name in given["parameters"])
    return {
        "seconds": seconds, "notes": notes, "agree": agree, "first": first[0], "bytes": size,
        "bandwidth": machine.bandwidth(program.dtype), "rate": machine.rate(program.dtype),
    }  # fmt: skip


def _projected(program: Program, found: list[Any]) -> list[Any]:
    """Return results with the gradient by a matrix of a declared form in that form: peers know nothing of it."""
    value, *gradients = (np.asarray(x) for x in found)
    forms = [a.structure for a in program.differentiated] if gradients else []
    return [value, *(_FORMS.get(form, np.asarray)(g) for g, form in zip(gradients, forms, strict=True))]


def _peer(peer: str, program: Program, inputs: Inputs, given: dict[str, Any]) -> dict[str, Call]:
    module = importlib.import_module(f"{given['module']}_{peer}")
    if peer == "numpy":
        return _call_of(module, inputs, given["gradient"])
    layer = importlib.import_module(f"gradcompile.bench.in_{peer}")
    layer.compute_in(program.dtype)
    inputs = {name: _real(x, program.dtype) for name, x in inputs.items()}
    parameters = given["parameters"] if given["gradient"] else []
    value, both = layer.value_and_grad(module.value, inputs, parameters)
    return {"value": value, "value_and_grad": both} if given["gradient"] else {"value": value}


def _real(x: Any, dtype: str) -> Any:
    """Return an argument; a number of Python's as one of the type, which peers would else take for float64."""
    return np.dtype(dtype).type(x) if isinstance(x, float) else x


def again(given: dict[str, Any]) -> dict[str, Any]:
    """Call once from the cache, in a process of its own; then count allocations, and the rise of memory."""
    import numba  # noqa: F401, PLC0415
    from numba.core.runtime import _nrt_python, rtsys  # noqa: PLC0415

    saved = np.load(Path(given["folder"]) / "inputs.npz")
    inputs = {name: saved[name] if saved[name].ndim else saved[name].item() for name in saved}
    started = time.perf_counter()
    module = importlib.import_module(given["module"])
    call = [*_call_of(module, inputs, given["gradient"]).values()][-1]
    call()
    first = time.perf_counter() - started
    rise = machine.rise(call)
    _nrt_python.memsys_enable_stats()
    before = rtsys.get_allocation_stats().alloc
    call()
    return {"cached": first, "rise": rise, "allocations": rtsys.get_allocation_stats().alloc - before}


if __name__ == "__main__":
    main()
