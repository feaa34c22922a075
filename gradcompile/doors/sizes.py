"""The sizes of indexed arrays: as declared, or the smallest that hold every element that is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from gradcompile.doors.census import Bounds, Use
from gradcompile.errors import FormulaError


class UnknownSizeError(FormulaError):
    """The size of an array has to be said."""


def shape_of(array: Any, uses: Sequence[Use]) -> tuple[Any, ...]:
    """Return the shape of an `IndexedBase`. Raises FormulaError where it does not follow from how it is read."""
    ranks = {len(use.indices) for use in uses} | ({len(array.shape)} if array.shape else set())
    if len(ranks) > 1:
        listed = " and ".join(str(r) for r in sorted(ranks))
        raise FormulaError(f"`{array}` is read with {listed} indices.", hint="Use as many indices as it has axes.")
    if array.shape:
        return tuple(array.shape)
    return tuple(_size(array, [(use.indices[axis], use.scope) for use in uses], axis) for axis in range(ranks.pop()))


def _size(array: Any, read: Sequence[tuple[Any, Bounds]], axis: int) -> Any:
    """Return the smallest size that holds all indices of one axis."""
    ends = {size for index, scope in read if (size := _end(index, scope)) is not None}
    candidates = {size for size in ends if size.free_symbols} or ends  # x[0] says little where others say n
    for size in candidates:
        if all(_nonnegative(size - other, ()) for other in candidates):
            return size
    where = f"axis {axis} of `{array}`"
    listed = " or ".join(f"`{size}`" for size in sorted(candidates, key=str)) or "unknown"
    raise UnknownSizeError(
        f"the size of {where} does not follow from how it is read; it would be {listed}.",
        hint=f"Declare it: `{array} = IndexedBase('{array}', shape=(n,))`, with a size for each axis.",
    )


def reaches_zero(uses: Sequence[Use]) -> bool:
    """Is an index of an array 0 somewhere, as far as that can be told?"""
    lowest = [_extreme(i, use.scope, largest=False) for use in uses for i in use.indices if i != 0 or use.scope]
    return any(low is not None and not _nonnegative(low - 1, ()) and low.is_Integer for low in lowest)


def _end(index: Any, scope: Bounds) -> Any:
    """Return one more than the largest value of an index, or None where that is not known."""
    last = _extreme(index, scope, largest=True)
    return None if last is None else _as_size(last + 1)


def _extreme(index: Any, scope: Bounds, *, largest: bool) -> Any:
    """Return the largest or the smallest value of an index, or None where that is not known."""
    index = sympy.expand(index)
    if not (index.is_Integer or any(index.has(variable) for variable, _, _ in scope)):
        return None
    for place in reversed(range(len(scope))):
        variable, low, high = scope[place]
        if not index.has(variable):
            continue
        if low is None:
            return None
        step = sympy.expand(index.subs(variable, variable + 1) - index)
        inner = scope[: place + 1]
        if _nonnegative(step, inner):
            end = high if largest else low
        elif _nonnegative(-step, inner):
            end = low if largest else high
        else:
            return None
        index = sympy.expand(index.subs(variable, end))
    return index


def _as_size(end: Any) -> Any:
    """Return an expression of whole numbers and symbols as a person writes a size, or None if it is none."""
    symbols = end.free_symbols
    if not all(type(s) is sympy.Symbol for s in symbols) or not end.is_polynomial(*symbols):
        return None
    return end if all(c.is_Integer for c in end.as_coefficients_dict().values()) else end.factor()


def _nonnegative(expression: Any, scope: Bounds) -> bool:
    """Is it surely 0 or more, where index variables are in their bounds and all sizes are 0 or more?"""
    for variable, low, _ in reversed(scope):
        if low is None and expression.has(variable):
            return False
        expression = expression.subs(variable, low + sympy.Dummy())
    expression = sympy.expand(expression)
    if not expression.free_symbols:
        return bool(expression.is_number and expression >= 0)
    if not expression.is_polynomial(*expression.free_symbols):
        return False
    return all(c >= 0 for c in sympy.Poly(expression, *expression.free_symbols).coeffs())
