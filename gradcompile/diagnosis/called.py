"""Runs a person's function in a process of its own: ``python called.py FILE NAME FOLDER``. Nothing but NumPy is loaded.

The points are archives in the folder, one each, and the values go there too. What the function does cannot touch the
caller, which gives it some time and looks at numbers alone; here it gets some memory.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

MEMORY = 4 << 30  # bytes that it may have
MOST = 1 << 27  # elements that a value may have


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
    sys.path.insert(0, str(Path(path).parent))
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function = getattr(module, name)
    for place in sorted(Path(folder).glob("in*.npz")):
        with np.load(place, allow_pickle=False) as archive:
            point = {key: archive[key] if archive[key].ndim else archive[key][()].item() for key in archive.files}
        value = np.asarray(call(function, point), dtype=float)
        if value.size > MOST:
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
