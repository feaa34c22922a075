"""Derivatives that owe nothing to the compiler's rules: SymPy's, or central differences at high precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import sympy

from gradcompile.errors import InternalError
from gradcompile.verify.arrays import Array, Functions, array, scalar
from gradcompile.verify.fields import Field, MpmathField, SympyField, TooLargeError

KINKS = 6  # maxima and minima in an expression that SymPy is asked to differentiate
WORK = 40_000  # the size of an expression times the number of derivatives taken of it

Again = Callable[[Any, Field], Any]  # what depends on x (a number or an array), for another value of x


def derivative(again: Again, x: Any, field: Field) -> Any:
    """Return all partial derivatives at x of what `again` computes: its axes, then those of x."""
    if isinstance(field, SympyField):
        return scalar(_symbolic(again, array(x), field))
    return scalar(_differences(again, array(x), field))


def along(again: Again, x: Any, direction: Any, field: Field) -> Any:
    """Return the derivative at x of what `again` computes in a direction, which has the shape of x."""

    def moved(step: Any, other: Field) -> Any:
        moving = Functions(other)
        return again(moving.gate("add", x, moving.gate("mul", step, direction)), other)

    return derivative(moved, field.number(0), field)


def projected(gradient: Any, form: str, field: Field) -> Any:
    """Return the part of a gradient (over its last two axes) that is of the form declared for the matrix.

    It is the gradient among the matrices of that form: of the symmetric ones, or of triangles.
    """
    if not form:
        return gradient
    values = array(gradient)
    if form in ("symmetric", "definite"):
        functions = Functions(field)
        total = functions.gate("add", values, np.swapaxes(values, -1, -2))
        return functions.gate("div", total, 2)
    rows, columns = np.indices(values.shape[-2:])
    return np.where((rows >= columns) if form == "lower" else (rows <= columns), values, 0)


def _symbolic(again: Again, x: Array, field: SympyField) -> Array:
    """Differentiate with respect to a fresh symbol for each element; the field knows what it stands for."""
    symbols = np.empty(x.shape, dtype=object)
    for position in np.ndindex(x.shape):
        symbols[position] = sympy.Dummy(f"x{''.join(map(str, position))}", real=True)
    y = array(again(scalar(symbols), field))
    result = np.empty(y.shape + x.shape, dtype=object)
    for of in np.ndindex(y.shape):
        for by in np.ndindex(x.shape):
            result[of + by] = diff(sympy.sympify(y[of]), symbols[by], x.size * y.size, field)
    field.standing |= {symbols[p]: sympy.sympify(x[p]) for p in np.ndindex(x.shape)}
    return result


def diff(y: Any, symbol: Any, count: int, field: SympyField) -> Any:
    """Return a derivative by SymPy, or refuse where that would be too much work."""
    if field.sizes.get(y, 0) * count > WORK:
        raise TooLargeError(f"{count} derivatives of an expression of {field.sizes[y]} operations")
    if field.clock is not None:
        field.clock.check()
    if len(y.atoms(sympy.Max, sympy.Min)) > KINKS:
        raise TooLargeError("SymPy compares what maxima are of, over and over")
    result = sympy.diff(field.settled(y), symbol)
    if result.has(sympy.Derivative, sympy.Subs):
        raise TooLargeError("SymPy has no derivative of a gate in this formula")
    field.sizes[result] = int(sympy.count_ops(result))
    return result


def _differences(again: Again, x: Array, field: Field) -> Array:
    """Return central differences, good to more digits than the current precision has."""
    if not isinstance(field, MpmathField):
        raise InternalError("central differences are for mpmath numbers")
    digits = mpmath.mp.dps
    with mpmath.workdps(3 * digits + 30):
        step = mpmath.mpf(10) ** -(digits + 5)
        base = MpmathField(field.clock)
        base.replay = field.replay  # inside a replay, what was stopped stays stopped for all derivatives
        y = array(again(scalar(x), base))
        field.margin = min(field.margin, base.margin)
        field.stops += base.stops
        result = np.empty(y.shape + x.shape, dtype=object)
        for by in np.ndindex(x.shape):
            ends = []
            for moved in (x[by] + step, x[by] - step):
                beside = x.copy()
                beside[by] = moved
                probe = MpmathField(field.clock)
                probe.replay = base.stops[::-1]
                ends.append(array(again(scalar(beside), probe)))
            for of in np.ndindex(y.shape):
                result[of + by] = (ends[0][of] - ends[1][of]) / (2 * step)
    return result
