"""How loops are nested while they are read, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis


@dataclass
class Nesting:
    """The loops around what is being read."""

    text: str  # of the file
    depth: int = 0  # loops that stay loops
    copies: int = 1  # of the line that is being read, by loops that are written out
    steps: int = 0  # names given to the counts of steps of `while`
    variables: dict[str, int] = field(default_factory=dict)  # loop variables, and the line of their first loop

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Inside this block is the body of a loop."""
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1

    @contextmanager
    def copied(self, count: int) -> Iterator[None]:
        """Inside this block is a body that is written out so many times."""
        before, self.copies = self.copies, self.copies * max(count, 1)
        try:
            yield
        finally:
            self.copies = before

    def steps_axis(self) -> Axis:
        """Return the axis of time of a `while`, whose extent is known when it has ended: a name that nothing has."""
        while True:
            self.steps += 1
            if not re.search(rf"\bsteps_{self.steps}\b", self.text):
                return Axis(Extent.of(f"steps_{self.steps}"), 0)
