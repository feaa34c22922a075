"""Values of a person's function, from a process of its own with a limit of time: see `called`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gradcompile.diagnosis import called
from gradcompile.errors import FormulaError

_HINT = "It takes inputs by their names, and returns one array of numbers."


def evaluate(path: Path, name: str, points: Sequence[dict[str, Any]], seconds: float) -> list[Any]:
    """Return what a function of a file gives at each point. Raises FormulaError where it gives nothing."""
    if not path.is_file():
        raise FormulaError(f"{path}: there is no such file.", hint="Write FILE.py:function.")
    with tempfile.TemporaryDirectory() as folder:
        for number, point in enumerate(points):
            np.savez(Path(folder) / f"in{number}.npz", **point)
        command = [sys.executable, "-P", str(called.__file__), str(path.resolve()), name, folder]
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
