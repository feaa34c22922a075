"""A student's Python function, called in a process of its own: `python -m gradcompile.diagnosis.runner FILE NAME DIR`.

The points are archives in the folder, one each; the values go there too. What the function does cannot touch the
caller, which gives it some time and some memory and looks at numbers alone.
"""

from __future__ import annotations

import importlib.util
import inspect
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gradcompile.errors import FormulaError

MEMORY = 4 << 30  # bytes that it may have
ONE = 1 << 27  # elements that a value may have


def evaluate(path: Path, name: str, points: Sequence[dict[str, Any]], seconds: float) -> list[Any]:
    """Return what a function of a file gives at each point. Raises FormulaError where it gives nothing."""
    if not path.is_file():
        raise FormulaError(f"{path}: there is no such file.", hint="Write FILE.py:function.")
    with tempfile.TemporaryDirectory() as folder:
        for number, point in enumerate(points):
            np.savez(Path(folder) / f"in{number}.npz", **point)
        command = [sys.executable, "-m", "gradcompile.diagnosis.runner", str(path.resolve()), name, folder]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            raise FormulaError(f"{path}:{name} took more than {seconds:g} seconds.", hint="Make it faster.") from None
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
            raise FormulaError(f"{path}:{name} failed: {last[:200]}", hint=_HINT)
        return [np.load(Path(folder) / f"out{n}.npy", allow_pickle=False) for n in range(len(points))]


_HINT = "It takes inputs by their names, and returns one array of numbers."


def call(function: Callable[..., Any], point: dict[str, Any]) -> Any:
    """Call a function with those inputs that it asks for by name."""
    parameters = inspect.signature(function).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return function(**point)
    if missing := [p.name for p in parameters if p.name not in point and p.default is p.empty]:
        raise TypeError(f"there is no input called `{missing[0]}`; there are {', '.join(point)}")
    return function(**{p.name: point[p.name] for p in parameters if p.name in point})


def main(path: str, name: str, folder: str) -> None:
    """Load the function, call it at every point, and save what it returns."""
    _limit_memory()
    spec = importlib.util.spec_from_file_location("claimed", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function = getattr(module, name)
    for place in sorted(Path(folder).glob("in*.npz")):
        with np.load(place, allow_pickle=False) as archive:
            point = {key: archive[key] if archive[key].ndim else archive[key][()].item() for key in archive.files}
        value = np.asarray(call(function, point), dtype=float)
        if value.size > ONE:
            raise ValueError("the value has too many elements")
        np.save(Path(folder) / place.name.replace("in", "out").replace(".npz", ".npy"), value)


def _limit_memory() -> None:
    try:
        import resource  # noqa: PLC0415  (Unix has it)
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    main(*sys.argv[1:4])
