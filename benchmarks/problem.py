"""What a row of the table is: a formula, its inputs at one size, the work that cannot be avoided, the target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Inputs = dict[str, Any]
Draw = Callable[[np.random.Generator], Inputs]

FOLDERS = [Path(__file__).parent.parent / "examples", Path(__file__).parent / "formulas"]
FLOPS_OF_EXP = 27.5  # what a vectorised exponential costs: 0.5 ns of a core that does 55 GFLOP/s


@dataclass(frozen=True)
class Problem:
    """One row. Implementations are looked up by `name` in the files of the peers."""

    name: str  # of the formula's file too
    title: str
    sizes: str
    draw: Draw
    parameters: tuple[str, ...]
    target: float  # so many times as fast as the best peer
    flops: float  # that value and gradient need at least
    exps: float = 0  # exponentials, or functions that cost as much

    @property
    def path(self) -> Path:
        """The file of the formula."""
        return next(p for folder in FOLDERS if (p := folder / f"{self.name}.formula").exists())

    @property
    def key(self) -> str:
        """The name and the sizes, as `--only` finds them."""
        return f"{self.name}:{self.sizes}"

    def inputs(self) -> Inputs:
        """Draw the inputs, the same in every process."""
        return self.draw(np.random.default_rng(0))

    def bytes(self, inputs: Inputs) -> float:
        """Each input read once, each gradient written once."""
        read = sum(np.asarray(x).nbytes for x in inputs.values())
        return read + sum(np.asarray(inputs[name]).nbytes for name in self.parameters)

    def floor(self, inputs: Inputs, bandwidth: float, rate: float) -> float:
        """Return seconds: memory and arithmetic overlap, so the slower of the two."""
        return max(self.bytes(inputs) / bandwidth, (self.flops + FLOPS_OF_EXP * self.exps) / rate)
