"""Reads of an array that loops put together element by element, from where its elements come from.

``forward[i + 1] = state[i]`` is a sum of scatters at positions that move in step; ``forward[t + 1]`` is then
``state[t]``, and what a derivative puts into one row, and every step reads, is a choice. If nothing else reads the
array, it is not made at all.
"""

from __future__ import annotations

from gradcompile.gates import build
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Graph, Kind, Node
from gradcompile.loops.products import terms_of
from gradcompile.rewrite.positions import Affine, affine


def read_through(node: Node) -> Node | None:
    """Return what an element read from a sum of scatters is made of; None if it is read from something else."""
    if node.kind is not Kind.TAKE:
        return None
    base, index, *guard = node.operands
    at = affine(index)
    if at is None or at.steps.keys() != set(index.axes):
        return None
    found: Node | None = None
    for added, term in terms_of(base):
        part = _element(term, node.attrs[0], index, at)
        if part is None:
            return None
        part = part if added else build.gate("neg", part)
        found = part if found is None else build.gate("add", found, part)
    assert found is not None
    return build.gate("where", guard[0], found, build.zero_of(found)) if guard else found


def _element(x: Node, axis: Axis, index: Node, at: Affine) -> Node | None:
    """Return a term at a position of an axis."""
    if axis not in x.axes:
        return x
    if x.kind is not Kind.SCATTER or x.attrs[0] != axis or len(x.operands) > 2 or x.dtype is DType.BOOL:
        return None
    value, place = x.operands
    to = affine(place)
    if to is None or axis in value.axes:
        return None
    over = x.attrs[1]
    if not over:
        return build.gate("where", build.gate("eq", index, place), value, build.zero_of(value))
    if len(over) > 1 or to.steps != {over[0]: Extent.of(1)}:
        return None
    return _moved(value, over[0], at.plus(Affine(to.offset), Extent.of(-1)))


def _moved(value: Node, axis: Axis, at: Affine) -> Node:
    """Return a value at a position of an axis, and 0 where that is before its start or behind its end."""
    graph, guard = value.graph, None
    position = _node(graph, at)
    if not at.at_least(0):
        guard = build.gate("ge", position, build.const(graph, 0))
    if not Affine(axis.extent).plus(at, Extent.of(-1)).at_least(1):
        within = build.gate("lt", position, build.extent(graph, axis.extent))
        guard = within if guard is None else build.gate("and", guard, within)
    if value.kind is Kind.RENAME and len(value.attrs) == 1 and value.attrs[0][1] == axis:
        (value,), ((axis, _),) = value.operands, value.attrs  # what is in memory already
    return build.take(value, axis, position, guard)


def _node(graph: Graph, at: Affine) -> Node:
    """Return the integer that moves so."""
    found: Node | None = build.extent(graph, at.offset) if at.offset.terms else None
    for axis, step in at.steps.items():
        term = build.iota(graph, axis)
        if step != Extent.of(1):
            term = build.gate("mul", build.extent(graph, step), term)
        found = term if found is None else build.gate("add", term, found)
    return build.const(graph, 0) if found is None else found
