"""Directions along the single elements of an argument: over further axes, so that one walk is along all of them."""

from __future__ import annotations

from collections.abc import Sequence

from gradcompile.autodiff.linalg import within_structure
from gradcompile.gates import build
from gradcompile.ir.nodes import Axis, Graph, Node


def fresh(graph: Graph, axes: Sequence[Axis], beside: Sequence[Axis] = ()) -> tuple[Axis, ...]:
    """Return an axis of each size that nothing in the graph has, and none of the axes beside it."""
    held = {a for n in graph.nodes for a in n.axes}.union(axes, beside)
    counter = 1 + max((a.counter for a in held), default=0)
    return tuple(Axis(a.extent, counter + i) for i, a in enumerate(axes))


def same_place(graph: Graph, axes: Sequence[Axis], others: Sequence[Axis]) -> Node | None:
    """Return the condition that positions along axes are those along others; None without axes."""
    condition: Node | None = None
    for axis, other in zip(axes, others, strict=True):
        condition = build.both(condition, build.gate("eq", build.iota(graph, axis), build.iota(graph, other)))
    return condition


def along_each(
    graph: Graph, name: str, axes: Sequence[Axis], beside: Sequence[Axis] = ()
) -> tuple[Node, tuple[Axis, ...]]:
    """Return the direction that is 1 at one element of an argument, for each element, and the axes that count them.

    Of a declared form it is the part that keeps the form.
    """
    columns = fresh(graph, axes, beside)
    condition = same_place(graph, axes, columns)
    return within_structure(indicator(graph, condition), name, axes), columns


def indicator(graph: Graph, condition: Node | None) -> Node:
    """Return 1 where a condition holds, and 0 elsewhere."""
    one = build.const(graph, 1.0)
    return one if condition is None else build.gate("where", condition, one, build.const(graph, 0.0))
