"""What a module computes in: how fine its numbers are, and how it is found what their rounding does to a formula."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from gradcompile.syntax.program import DOUBLE, SINGLE


@dataclass(frozen=True)
class Precision:
    """A type of floats, and how verification looks at modules that compute in it."""

    name: str
    bits: int  # of the significand
    nudge: int  # steps of probes are wrong by 2**-nudge
    near: float  # points closer to a kink than this are used only if there are no others
    words: str  # in certificates
    bounded: bool  # do probes stay in its range: no finer than its smallest number, infinite beyond its largest?

    @property
    def type(self) -> Any:
        """NumPy's type."""
        return np.dtype(self.name).type

    @property
    def unit(self) -> Any:
        """One unit in the last place of numbers from 1 to 2."""
        return mpmath.mpf(2) ** (1 - self.bits)

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return float(np.finfo(self.name).max)

    @property
    def smallest(self) -> float:
        """The smallest normal number."""
        return float(np.finfo(self.name).tiny)

    @property
    def least(self) -> Any:
        """What probes are wrong by at least, as the distance between numbers below the smallest normal one is fixed."""
        return mpmath.ldexp(float(np.finfo(self.name).smallest_subnormal), self.bits - self.nudge)

    def rounded(self, value: Any) -> float:
        """Return the nearest number; infinity where none is large enough."""
        with np.errstate(over="ignore", under="ignore"):
            return float(self.type(float(value)))


DOUBLES = Precision(DOUBLE, 53, nudge=40, near=1e-6, words="units in the last place", bounded=False)
PRECISIONS = {
    DOUBLE: DOUBLES,
    SINGLE: Precision(SINGLE, 24, nudge=40, near=1e-3, words="units in the last place of float32", bounded=True),
}
