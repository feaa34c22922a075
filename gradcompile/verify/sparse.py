"""Sparse matrices as blocks of derivatives, so that they are judged like dense ones, and by the same reference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradcompile.derived import blocks_of
from gradcompile.syntax.program import Program
from gradcompile.verify.arrays import Array, elementwise
from gradcompile.verify.samples import Sizes


class NotSparseError(Exception):
    """What a module returns is no sparse matrix, and why."""


def assembled(
    program: Program, function: str, sizes: Sizes, numbers: Sequence[Array], places: Sequence[Array]
) -> dict[tuple[str, str], Array]:
    """Return each block of a matrix of which the numbers are given, and the row and the column of each.

    What stands at the same place is added; of a Hessian it is the lower triangle that counts.
    """
    *positions, height, width = (elementwise(lambda x: round(float(x)), place) for place in places)
    matrix = np.zeros((height[()], width[()]), dtype=object)
    for number, rows, columns in zip(numbers, positions[::2], positions[1::2], strict=True):
        for value, row, column in zip(number.flat, rows.flat, columns.flat, strict=True):
            if row >= 0 and (function == "jacobian" or column <= row):
                if row >= matrix.shape[0] or not 0 <= column < matrix.shape[1]:
                    return taken_apart(program, function, sizes, np.full(matrix.shape, math.nan, dtype=object))
                matrix[row, column] += value
    if function == "hessian":
        above = np.triu_indices(len(matrix), 1)
        matrix[above] = matrix.T[above]
    return taken_apart(program, function, sizes, matrix)


def own_colours(
    program: Program, function: str, sizes: Sizes, dependence: Mapping[tuple[str, str], Array]
) -> list[Array]:
    """Return the tables of the colouring in which every column has a colour of its own."""
    widths = {p.name: _shape(p.shape, sizes) for p in program.differentiated}
    starts = np.cumsum([0, *(math.prod(s) for s in widths.values())])
    first = dict(zip(widths, starts, strict=False))
    tables = [_whole(np.arange(math.prod(s)).reshape(s) + first[name]) for name, s in widths.items()]
    for of, tall in ((name, _shape(shape, sizes)) for name, shape in blocks_of(program, function)):
        columns = np.full((math.prod(tall), starts[-1]), -1)
        for name, wide in widths.items():
            if (of, name) in dependence:
                there = dependence[of, name].reshape(math.prod(tall), math.prod(wide)) > 0
                place = np.arange(first[name], first[name] + math.prod(wide))
                if function == "hessian":  # once is enough: what is above the diagonal mirrors what is below it
                    there &= place <= first[of] + np.arange(len(there))[:, None]
                columns[:, place] = np.where(there, place, -1)
        tables.append(_whole(columns.reshape(*tall, starts[-1])))
    return tables


def _whole(numbers: Any) -> Array:
    return np.array(np.vectorize(int, otypes=[object])(numbers), dtype=object)


def taken_apart(program: Program, function: str, sizes: Sizes, matrix: Any) -> dict[tuple[str, str], Any]:
    """Return each block of a matrix, in the shape of its rows and columns."""
    heights = {name: _shape(shape, sizes) for name, shape in blocks_of(program, function)}
    widths = {p.name: _shape(p.shape, sizes) for p in program.differentiated}
    found, top = {}, 0
    for of, tall in heights.items():
        left = 0
        for by, wide in widths.items():
            high, broad = int(np.prod(tall, dtype=int)), int(np.prod(wide, dtype=int))
            found[of, by] = np.reshape(matrix[top : top + high, left : left + broad], (*tall, *wide))
            left += broad
            if function == "hessian" and by == of:
                break  # what is above the diagonal mirrors it
        top += high
    return found


def _shape(shape: Sequence[Any], sizes: Sizes) -> tuple[int, ...]:
    return tuple(size.evaluate(sizes) for size in shape)


def dense(found: Any) -> Any:
    """Return a sparse matrix that a module returns as an array; raise where its parts do not fit together."""
    data, rows, columns, indptr, shape = found
    places = list(zip(rows.tolist(), columns.tolist(), strict=True))
    if places != sorted(set(places)):
        raise NotSparseError("its entries are not in order, or one comes twice")
    if data.shape != rows.shape or np.any(indptr != np.searchsorted(rows, np.arange(shape[0] + 1))):
        raise NotSparseError("its parts do not fit together")
    matrix = np.zeros(shape)
    matrix[rows, columns] = data
    return matrix
