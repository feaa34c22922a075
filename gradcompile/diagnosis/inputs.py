"""Points as they are given from outside, by name: floats and NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcompile.errors import FormulaError
from gradcompile.ir.nodes import DType
from gradcompile.syntax.program import Argument, Program
from gradcompile.verify.arrays import Array
from gradcompile.verify.samples import Point

Inputs = dict[str, Any]  # floats and NumPy arrays by name
UNIT = 2.0**-53


def fitted(program: Program, values: Mapping[str, Any]) -> tuple[dict[str, int], Inputs]:
    """Return the sizes of dimensions, and the arrays of all arguments. Raises FormulaError for what does not fit."""
    sizes: dict[str, int] = {}
    arrays: Inputs = {}
    for argument in program.arguments:
        if argument.name not in values and argument.default is None:
            raise FormulaError(f"the point has no value of `{argument.name}`.", hint="Save every input by its name.")
        array = arrays[argument.name] = _array(argument, values.get(argument.name, argument.default))
        for extent, length in zip(argument.shape, array.shape, strict=True):
            if len(extent.names) == 1 and str(extent).isidentifier():
                sizes.setdefault(str(extent), length)
    for argument in program.arguments:
        if tuple(e.evaluate(sizes) for e in argument.shape) != arrays[argument.name].shape:
            raise FormulaError(
                f"`{argument.name}` has shape {arrays[argument.name].shape}, but is declared otherwise.",
                hint=f"The sizes are {', '.join(f'{n} = {s}' for n, s in sizes.items())} by the first inputs.",
            )
    return sizes, arrays


def _array(argument: Argument, value: Any) -> Any:
    array = np.asarray(value)
    if array.ndim != len(argument.axes) or array.dtype.kind not in "biuf":
        hint = "Give real numbers in the declared shape."
        raise FormulaError(f"`{argument.name}` has {array.ndim} axes, {len(argument.axes)} are declared.", hint=hint)
    return array.astype({DType.REAL: np.float64, DType.INT: np.int64, DType.BOOL: np.bool_}[argument.dtype])


def point_of(program: Program, sizes: dict[str, int], arrays: Inputs) -> Point:
    """Return a point of exact numbers."""
    values = {a.name: _elements(a, arrays[a.name]) for a in program.arguments}
    return Point(sizes, values, dict.fromkeys(values, 0.0))


def _elements(argument: Argument, array: Any) -> Array:
    result = np.empty(array.shape, dtype=object)
    kind: Callable[[Any], Any] = {DType.REAL: float, DType.INT: int, DType.BOOL: bool}[argument.dtype]
    for place in np.ndindex(array.shape):
        result[place] = kind(array[place])
    return result


def inputs_of(program: Program, point: Point) -> Inputs:
    """Return a point as floats and NumPy arrays, with the sizes of dimensions beside them."""
    kinds = {DType.REAL: np.float64, DType.INT: np.int64, DType.BOOL: np.bool_}
    found: Inputs = dict(point.sizes)
    for argument in program.arguments:
        found[argument.name] = plain(np.array(point.values[argument.name], dtype=kinds[argument.dtype]))
    return found


def plain(array: Any) -> Any:
    """Return an array, of one without dimensions its number."""
    return array if array.ndim else array[()].item()


def nudged(point: Inputs, seed: int) -> Inputs:
    """Return inputs of which every real number is rounded otherwise."""
    draw = np.random.default_rng(seed)

    def one(value: Any) -> Any:
        array = np.asarray(value)
        if array.dtype.kind != "f":
            return value
        moved = array * (1 + draw.choice([-2, 2], size=array.shape) * UNIT)
        return moved if array.ndim else float(moved)

    return {name: one(value) for name, value in point.items()}


def numbers(value: Any) -> Any:
    """Return what is claimed as an array. Raises FormulaError for what is none, or not finite."""
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise FormulaError("what is claimed is no array of numbers.", hint="Return one array of floats.") from None
    if not np.all(np.isfinite(array)):
        raise FormulaError("what is claimed is not finite at a point where the right one is.")
    return array
