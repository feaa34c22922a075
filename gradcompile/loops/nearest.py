"""Which of many points is nearest to each of some others: ``argmin_k sum_d (x[n, d] - c[k, d])**2``.

All squared distances are never made. Single precision has twice the lanes, and by ``|x|^2 - 2*x.c + |c|^2`` a distance
takes one operation a coordinate; where the smallest one found so is smaller than the next by more than both can be off,
it is the smallest one. The others are decided by all distances as they stand (`emit/nearest.py`). The minimum itself is
the distance of the point that was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradcompile.gates import build
from gradcompile.gates.substitute import rebuild
from gradcompile.ir.dims import total
from gradcompile.ir.nodes import Axis, DType, Kind, Node, reachable, users
from gradcompile.loops.arrays import view
from gradcompile.loops.form import Allocate, Nearest, NotEmpty, Statement

if TYPE_CHECKING:
    from gradcompile.loops.lower import Lowering

ROWS = 256  # points that are searched for side by side
_FEW = 16  # points of a known number, among which all distances are in registers
_SEARCHES = ("min", "argmin")


def nearest(roots: Sequence[Node]) -> dict[Node, Node]:
    """Return the form of every node that the roots need, with a node for each search of a nearest point."""
    nodes = reachable(roots)
    used = users(nodes)
    kept = frozenset(roots)
    steps = frozenset(n.attrs[0] for n in nodes if n.kind is Kind.RECURRENCE)
    done: dict[Node, Node] = {}
    for node in nodes:
        graph, origin = node.graph, node.graph.origin_of(node)
        with graph.origin(origin.span, origin.rule):
            operands = tuple(done[o] for o in node.operands)
            done[node] = node if operands == node.operands else rebuild(node, operands)
            if (found := _search(node, used, kept, steps)) is not None:
                done[node] = _built(node, found, done)
    return done


def _search(
    node: Node, used: dict[Node, list[Node]], roots: frozenset[Node], steps: frozenset[Axis]
) -> tuple[Node, Node] | None:
    """Return the points, and those among which a nearest one is searched; None where it is another reduction.

    Nothing but searches may need the distances.
    """
    if node.kind is not Kind.REDUCE or node.name not in _SEARCHES:
        return None
    distance, searched = node.operands[0], node.attrs[0]
    if distance.op != "sum" or distance.operands[0].op != "square" or distance in roots:
        return None
    difference = distance.operands[0].operands[0]
    if difference.op != "sub" or any(u.op not in _SEARCHES for u in used[distance]):
        return None
    points, among = sorted(difference.operands, key=lambda o: searched in o.axes)
    axes = {*distance.axes, *distance.attrs}
    fits = {*among.axes} == {searched, *distance.attrs} and {*points.axes} == axes - {searched} and len(axes) == 3
    few = (searched.extent.constant or _FEW + 1) <= _FEW
    real = points.dtype is DType.REAL and among.dtype is DType.REAL
    return (points, among) if fits and real and not few and axes.isdisjoint(steps) else None


def _built(node: Node, found: tuple[Node, Node], done: dict[Node, Node]) -> Node:
    """Return the position of the nearest point, or its distance."""
    points, among = (done[n] for n in found)
    (searched,), (summed,) = node.attrs, node.operands[0].attrs
    position = node.graph.make(Kind.NEAREST, "", (points, among), (summed, searched), DType.INT)
    if node.name == "argmin":
        return position
    difference = build.gate("sub", points, build.take(among, searched, position))
    return build.reduce("sum", build.gate("square", difference), summed)


def nearest_call(outer: Lowering, node: Node) -> list[Statement]:
    """Return the call that searches: for all points, or for those of a block."""
    (points, among), (summed, searched), (row,) = node.operands, node.attrs, node.axes
    place, rows = outer.new_place(node, (row,)), outer.rows
    ahead: list[Statement] = [NotEmpty(searched.extent, "min over an axis without elements")]
    made: list[Statement] = [Allocate(place.name, (outer.length(row),), DType.INT)] if not place.lead else []
    target = place.array()
    if rows is not None:
        if not rows.is_local(node):
            ahead.append(Allocate(place.name, (row.extent,), DType.INT))
            made, target = [], rows.view(place, outer.fresh).array()
        rows.first(ahead)
        ahead = []
    first = view(outer.seen(points, points.axes), (row, summed), outer.held)
    second = view(outer.seen(among, among.axes), (searched, summed), outer.held)
    numbers = summed.extent * (searched.extent + ROWS + 1) + searched.extent * 2 + 6 * ROWS
    space = Allocate(outer.fresh("space"), (numbers,), DType.REAL, wide=True)
    work = total(a.extent for a in (row, summed, searched))
    call = Nearest(target, first, second, space.target, node.graph.origin_of(node), work)
    return [*ahead, *made, space, call]
