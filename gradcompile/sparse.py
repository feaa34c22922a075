"""Sparse Jacobians and Hessians: what their kernels compute, numbers and the position of each in one matrix.

Rows are the elements of the results, or of the parameters for a Hessian; columns those of the parameters: one array
behind the other, each in C order, as in `pack`. A Hessian has only the blocks on and below the diagonal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradcompile.autodiff.dependence import dependence
from gradcompile.autodiff.directions import along_each, indicator
from gradcompile.autodiff.entries import Part
from gradcompile.autodiff.forward import along
from gradcompile.autodiff.linalg import within_structure
from gradcompile.autodiff.sparse import sparse_jacobian
from gradcompile.gates import build
from gradcompile.ir.dims import Extent, total
from gradcompile.ir.nodes import Axis, DType, Graph, Node
from gradcompile.rewrite.positions import surely_less
from gradcompile.syntax.program import Argument, Program, Value


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


COLOURS = "colours"


@dataclass(frozen=True)
class Coloured:
    """A matrix made of sums of columns that share no row, which a colouring of the columns says: see `tables`.

    `dependence` has, for each block, where an element of the rows may depend on one of the columns.
    """

    blocks: list[Block]
    tables: list[Argument]  # the colour of each parameter's elements; then, for each row and colour, the column or -1
    dependence: list[Value]
    keys: list[tuple[str, str]]  # what each block of `dependence` is of and by


def coloured(program: Program, tall: Sequence[tuple[str, Value]], *, lower: bool) -> Coloured:
    """Return the derivatives of named values by all parameters at once, along one direction for each colour."""
    graph, parameters = tall[0][1].node.graph, program.differentiated
    taken = {*program.dimensions, *(a.name for a in program.arguments)}
    colour = Axis(Extent.of(_free(COLOURS, taken)), 0)
    tables, directions = [], {}
    for p in parameters:
        tables.append(Argument(_free(f"colours_{p.name}", taken), "Int", DType.INT, p.axes))
        mine = build.gate("eq", build.argument(graph, tables[-1].name, p.axes, DType.INT), build.iota(graph, colour))
        directions[p.name] = (within_structure(indicator(graph, mine), p.name, p.axes), p.axes)
    _, numbers = along([v.node for _, v in tall], directions)
    found = []
    for (name, value), start, number in zip(tall, starts([v.axes for _, v in tall]), numbers, strict=False):
        axes = (*value.axes, colour)
        tables.append(Argument(_free(f"columns_{name}", taken), "Int", DType.INT, axes))
        column = build.argument(graph, tables[-1].name, axes, DType.INT)
        row = _flat(graph, [build.iota(graph, a) for a in value.axes], value.axes, start)
        there = build.gate("ge", column, build.const(graph, 0))
        part = Part("", axes, number, (), (), there)
        if lower:  # an element above the diagonal is the one below it
            row, column = build.gate("max", row, column), build.gate("min", row, column)
        found.append(_block(name, part, row, column))
    return Coloured(found, tables, *_dependence(program, tall, lower=lower))


def _dependence(
    program: Program, tall: Sequence[tuple[str, Value]], *, lower: bool
) -> tuple[list[Value], list[tuple[str, str]]]:
    """Return where each named value may depend on each parameter: its axes, then those of the parameter."""
    graph, parameters = tall[0][1].node.graph, program.differentiated
    beside, wide = [a for _, v in tall for a in v.axes], {p.name: p.axes for p in parameters}
    columns: list[list[Value]] = []
    for p in parameters:
        direction, further = along_each(graph, p.name, p.axes, beside)
        nodes = dependence([v.node for _, v in tall], p.name, direction, wide)
        columns.append([Value(n, (*v.axes, *further)) for n, (_, v) in zip(nodes, tall, strict=True)])
    places = [(i, j) for i in range(len(tall)) for j in range(i + 1 if lower else len(parameters))]
    return [columns[j][i] for i, j in places], [(tall[i][0], parameters[j].name) for i, j in places]


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name


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
