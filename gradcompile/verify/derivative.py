"""Derivatives that owe nothing to the compiler's rules: SymPy's, or central differences at high precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import sympy

from gradcompile.errors import InternalError
from gradcompile.verify.arrays import Array, array, scalar
from gradcompile.verify.fields import Field, MpmathField, SympyField, TooLargeError

WORK = 40_000  # the size of an expression times the number of derivatives taken of it

Again = Callable[[Any, Field], Any]  # the scalar that depends on x, for another value of x


def derivative(again: Again, x: Any, field: Field) -> Any:
    """Return the gradient at x of the scalar that `again` computes, in the shape of x."""
    if isinstance(field, SympyField):
        return scalar(symbolic(again, array(x), field))
    return scalar(differences(again, array(x), field))


def symbolic(again: Again, x: Array, field: SympyField) -> Array:
    """Differentiate with respect to a fresh symbol for each element; the field knows what it stands for."""
    symbols = np.empty(x.shape, dtype=object)
    for position in np.ndindex(x.shape):
        symbols[position] = sympy.Dummy(f"x{''.join(map(str, position))}", real=True)
    y = sympy.sympify(again(scalar(symbols), field))
    result = np.empty(x.shape, dtype=object)
    for position in np.ndindex(x.shape):
        result[position] = diff(y, symbols[position], x.size, field)
    field.standing |= {symbols[p]: sympy.sympify(x[p]) for p in np.ndindex(x.shape)}
    return result


def diff(y: Any, symbol: Any, count: int, field: SympyField) -> Any:
    """Return a derivative by SymPy, or refuse where that would be too much work."""
    if field.sizes.get(y, 0) * count > WORK:
        raise TooLargeError(f"{count} derivatives of an expression of {field.sizes[y]} operations")
    if field.clock is not None:
        field.clock.check()
    result = sympy.diff(field.settled(y), symbol)
    if result.has(sympy.Derivative, sympy.Subs):
        raise TooLargeError("SymPy has no derivative of a gate in this formula")
    field.sizes[result] = int(sympy.count_ops(result))
    return result


def differences(again: Again, x: Array, field: Field) -> Array:
    """Return central differences, good to more digits than the current precision has."""
    if not isinstance(field, MpmathField):
        raise InternalError("central differences are for mpmath numbers")
    digits = mpmath.mp.dps
    result = np.empty(x.shape, dtype=object)
    with mpmath.workdps(3 * digits + 30):
        step = mpmath.mpf(10) ** -(digits + 5)
        base = MpmathField(field.clock)
        again(scalar(x), base)
        field.margin = min(field.margin, base.margin)
        for position in np.ndindex(x.shape):
            ends = []
            for moved in (x[position] + step, x[position] - step):
                beside = x.copy()
                beside[position] = moved
                probe = MpmathField(field.clock)
                probe.replay = base.stops[::-1]
                ends.append(again(scalar(beside), probe))
            result[position] = (ends[0] - ends[1]) / (2 * step)
    return result
