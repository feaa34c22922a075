"""Sparse Jacobians and Hessians: what their kernels compute, numbers and the position of each in one matrix.

Rows are the elements of the results, or of the parameters for a Hessian; columns those of the parameters: one array
behind the other, each in C order, as in `pack`. A Hessian has only the blocks on and below the diagonal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradcompile.autodiff.entries import Part
from gradcompile.autodiff.sparse import sparse_jacobian
from gradcompile.gates import build
from gradcompile.ir.dims import Extent, total
from gradcompile.ir.nodes import Axis, Graph, Node
from gradcompile.rewrite.positions import surely_less
from gradcompile.syntax.program import Program, Value


@dataclass(frozen=True)
class Block:
    """Numbers of a sparse matrix, and over the same axes the row and the column of each; -1: it is left out."""

    of: str  # the result or parameter that the rows belong to
    by: str  # the parameter that the columns belong to
    number: Value
    row: Value
    column: Value


def blocks(program: Program, tall: Sequence[tuple[str, Value]], mode: str, *, lower: bool) -> list[Block]:
    """Return the entries of the derivatives of named values by each parameter.

    With `lower` the values are the gradients of the parameters, and only what is below the diagonal is returned.
    """
    parameters, graph = program.differentiated, tall[0][1].node.graph
    wide = {p.name: p.axes for p in parameters}
    found = sparse_jacobian([(v.node, v.axes) for _, v in tall], wide, mode)
    first = starts([v.axes for _, v in tall])
    left = dict(zip(wide, starts(list(wide.values())), strict=False))
    entries = []
    for at, ((name, value), start, parts) in enumerate(zip(tall, first[:-1], found, strict=True)):
        kept = parameters[: at + 1] if lower else parameters
        for part in [p for p in parts if p.by in {k.name for k in kept}]:
            row, column = (
                _flat(graph, part.rows, value.axes, start),
                _flat(graph, part.columns, wide[part.by], left[part.by]),
            )
            if not (lower and surely_less(row, column)):
                entries.append(_block(name, part, row, column))
    return entries


def starts(arrays: Sequence[Sequence[Axis]]) -> list[Extent]:
    """Return where each array starts when they lie one behind the other, and the end."""
    found = [Extent.of(0)]
    for axes in arrays:
        found.append(found[-1] + total([a.extent for a in axes]))
    return found


def _block(of: str, part: Part, row: Node, column: Node) -> Block:
    if part.exists is not None:
        row = build.gate("where", part.exists, row, build.const(row.graph, -1))
    found = (part.number, build.as_real(row), build.as_real(column))  # a kernel returns real numbers
    return Block(of, part.by, *(Value(node, part.axes) for node in found))


def _flat(graph: Graph, positions: Sequence[Node], axes: Sequence[Axis], start: Extent) -> Node:
    """Return the place of an element in a vector in which its array begins at `start`."""
    place: Node | None = None
    for position, axis in zip(positions, axes, strict=True):
        size = build.extent(graph, axis.extent)
        place = position if place is None else build.gate("add", build.gate("mul", place, size), position)
    first = build.extent(graph, start)
    return first if place is None else place if first.is_const(0) else build.gate("add", first, place)
