"""How far a module's answers are from what they should be, in units in the last place of what a rounding is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

from gradcompile.verify.arrays import Array
from gradcompile.verify.precision import Precision

LIMIT = 10  # agreement is within 2**LIMIT units in the last place


@dataclass(frozen=True)
class Expected:
    """Reference values of results and gradients by name, and what one rounding is worth in each element."""

    values: dict[str, Array]
    scales: dict[str, Array]
    precision: Precision


class Refuted(Exception):  # noqa: N818 (it is a verdict)
    """The module's answer is wrong."""


def carried(nudge: int, scale: Any, moved: Any, value: Any) -> Any:
    """Return the scale, or what the difference that errors of 2**-nudge have made is worth, if that is more."""
    return max(scale, mpmath.ldexp(abs(mpmath.mpf(moved) - value), nudge))


def errors(answers: Sequence[tuple[str, Any]], expected: Expected) -> list[float]:
    """Return each answer's error in units in the last place; raise Refuted beyond the limit."""
    values, scales, precision = expected.values, expected.scales, expected.precision
    return [_units(name, got, values[name], scales[name], precision) for name, got in answers]


def _units(name: str, got: Any, expected: Array, scale: Array, precision: Precision) -> float:
    """Return the largest error in units in the last place of the scale; raise Refuted beyond the limit."""
    if np.shape(got) != expected.shape:
        raise Refuted(f"{name} has shape {np.shape(got)}, not {expected.shape}")
    found, worst = np.asarray(got), 0.0
    for p in np.ndindex(expected.shape):
        error = _error(float(found[p]), expected[p], scale[p], precision)
        if error > 2**LIMIT:
            at = f"[{', '.join(map(str, p))}]" if p else ""
            raise Refuted(f"{name}{at} is {found[p]!r}, not {mpmath.nstr(mpmath.mpf(expected[p]), 17)}")
        worst = max(worst, error)
    return worst


def _error(got: float, expected: Any, scale: Any, precision: Precision) -> float:
    expected = mpmath.mpf(expected)
    if abs(expected) > precision.largest and mpmath.isfinite(expected) and not math.isfinite(got):
        return 0.0  # no float is as large, and what is computed from infinities may be NaN
    if mpmath.isnan(expected) or math.isnan(got):
        return 0.0 if mpmath.isnan(expected) and math.isnan(got) else math.inf
    rounded = precision.rounded(expected)  # to infinity where no float is large enough
    if got == rounded:
        return 0.0
    if math.isinf(got) or math.isinf(rounded):
        return math.inf
    with mpmath.workdps(50):
        return float(abs(got - expected) / (precision.unit * max(scale, precision.smallest)))
