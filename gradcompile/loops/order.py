"""The order of the loops of a nest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gradcompile.ir.nodes import Axis, Kind, Node
from gradcompile.loops.points import Point
from gradcompile.loops.tasks import Task, reading

if TYPE_CHECKING:
    from gradcompile.loops.lower import Lowering

_READ = (Kind.INPUT, Kind.CARRY, Kind.HISTORY)
_CHOOSING = ("max", "min", "top")


def loop_order(outer: Lowering, tasks: Sequence[Task], points: Mapping[Node, Sequence[Point]]) -> list[Axis]:
    """Put axes inside along which arrays are read element by element; ties: what is reduced goes inside.

    A maximum is found for all elements of its array at a time: a loop that keeps a single one has no lanes. Inside a
    block the samples are innermost, or outermost where loops run along their rows. What is added to rows that data
    choose runs along these.
    """
    axes = sorted({a for task in tasks for a in task.space})
    gain = dict.fromkeys(axes, 0)
    for layout in _layouts(outer, tasks, [p for found in points.values() for p in found]):
        for position, axis in enumerate(layout):
            if axis in gain:
                gain[axis] += 1 if position == len(layout) - 1 else position + 1 - len(layout)
    reduced = {a for task in tasks for a in task.reduced}
    last = tasks[0].key[2] if tasks[0].key[0] == "position" else None
    sample = outer.rows.axis if outer.rows is not None else None
    chosen = last is None and any(t.node.kind is Kind.REDUCE and t.node.name in _CHOOSING for t in tasks)
    if outer.rows is not None and outer.rows.along:
        return sorted(axes, key=lambda a: (a != sample, gain[a], a in reduced, a))
    row = _row_added_to(outer, tasks)
    return sorted(
        axes, key=lambda a: (a == row, a == sample, a == last, chosen and a not in reduced, gain[a], a in reduced, a)
    )


def _row_added_to(outer: Lowering, tasks: Sequence[Task]) -> Axis | None:
    """Return the last axis of arrays that all tasks add to, if where they add does not depend on it."""
    found: set[Axis | None] = set()
    for task in tasks:
        node, total = task.node, task.into or task.node
        if node.kind is not Kind.SCATTER:
            return None
        layout = outer.places[total].layout if total in outer.places else outer.layout_of(total, rows_of(task))
        last = layout[-1] if layout else None
        chosen = {a for o in node.operands[1:] for a in o.axes}
        found.add(last if last in task.space - chosen else None)
    return found.pop() if len(found) == 1 else None


def rows_of(task: Task) -> list[Axis]:
    """Return the axes of what a task adds to, with the one along which data choose the place first."""
    total, axis = task.into or task.node, task.node.attrs[0]
    return sorted(total.axes, key=lambda a: a != axis)


def kept_level(order: Sequence[Axis], reduced: Sequence[Axis]) -> int:
    """Return the level from which on all loops run along axes that are reduced."""
    level = len(order)
    while level and order[level - 1] in reduced:
        level -= 1
    return level


def _layouts(outer: Lowering, tasks: Sequence[Task], points: Iterable[Point]) -> Iterator[tuple[Axis | None, ...]]:
    """Yield the axes of every array that is read or written, in its own order."""
    yield from (outer.wanted[t.node] for t in tasks if t.node in outer.wanted)
    here = {task.node for task in tasks}
    for point in points:
        node, mapping = point.node, dict(zip(point.node.axes, point.at, strict=True))
        if node.kind is Kind.TAKE and not point.stored:
            node, indices, _guards = reading(node, outer.tasks)
            mapping |= {a: mapping[i.axes[0]] for a, i in reversed(indices) if len(i.axes) == 1}
        elif node.kind is Kind.CHECK or (node.kind not in _READ and (not point.stored or node in here)):
            continue
        yield tuple(mapping.get(a) for a in outer.place(node).layout)
