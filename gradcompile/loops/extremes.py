"""Where the largest or the smallest element of an array is, and what it is if that is wanted too: one loop for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcompile.ir.nodes import Node
from gradcompile.loops.form import Allocate, Best, Copy
from gradcompile.loops.places import Place
from gradcompile.loops.tasks import Task

if TYPE_CHECKING:
    from gradcompile.loops.nest import NestLowering


def find_position(
    nest: NestLowering, task: Task, place: Place, value: str, start: str, kept: int, twin: Node | None
) -> None:
    """Find where a maximum is, in two variables, or in two arrays where another loop is inside that of the axis.

    `twin`: the maximum, if it is wanted as well.
    """
    node, depth = task.node, len(nest.order)
    inside = kept == depth
    keeper = nest.outer.new_place(twin, nest.order) if twin is not None else Place(nest.outer.fresh("best"))
    if inside:
        if twin is None:
            keeper = Place(keeper.name, place.layout)
            shape = tuple(nest.outer.length(a) for a in place.layout)
            nest.levels.before[0].append(Allocate(keeper.name, shape, task.body.dtype, start))
        else:
            nest.allocate(keeper, twin, start)
        at = keeper.element(nest.index) if twin is None else nest.own_element(twin)
        nest.allocate(place, node, "0")
        target = nest.own_element(node)
    else:
        at, target = nest.register(keeper), nest.register(place)
        nest.levels.before[kept] += [Copy(at, start), Copy(target, "0")]
    position = nest.index[task.reduced[0]]
    nest.levels.before[depth].append(Best(target, at, node.name, value, position, node.graph.origin_of(node)))
    if inside:
        return
    for found, where, text in ((node, place, target), *([(twin, keeper, at)] if twin is not None else [])):
        if where.layout or where.lead:
            nest.allocate(where, found)
            nest.levels.behind[kept].append(Copy(nest.own_element(found), text))
