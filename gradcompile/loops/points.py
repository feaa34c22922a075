"""Points: what a loop nest evaluates, a node at loop indices. A rename only changes at which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gradcompile.ir.nodes import Axis, Kind, Node
from gradcompile.loops.tasks import LEAVES, Task, reading


@dataclass(frozen=True)
class Point:
    """The value of a node where each of its axes stands at the loop of `at`; `stored`: read from where it is kept."""

    node: Node
    at: tuple[Axis, ...]
    stored: bool

    def operands(self, tasks: Mapping[Node, Task]) -> tuple[Point, ...]:
        """Return the points that it is computed from."""
        return _operands(self, tasks)


def _operands(point: Point, tasks: Mapping[Node, Task]) -> tuple[Point, ...]:
    node, mapping = point.node, dict(zip(point.node.axes, point.at, strict=True))
    if node.kind is Kind.RENAME:
        (x,), back = node.operands, {a: mapping[b] for a, b in node.attrs}
        return (Point(x, tuple(back.get(a, mapping.get(a, a)) for a in x.axes), x in tasks),)
    if node.kind is Kind.CHECK and point.stored:  # it has been checked: the index itself
        sources: Sequence[Node] = node.operands[:1]
    elif node.kind is Kind.TAKE:
        _base, indices, guards = reading(node, tasks)
        sources = [*(index for _, index in indices), *guards]
    else:
        sources = node.operands if node.kind not in LEAVES else ()
    return tuple(Point(o, tuple(mapping[a] for a in o.axes), o in tasks) for o in sources)


def points_of(task: Task, tasks: Mapping[Node, Task]) -> list[Point]:
    """Return what a task evaluates at each point of its nest, operands before users."""
    own = task.node.operands
    sources = {Kind.REDUCE: (task.body,), Kind.SCATTER: own, Kind.CHECK: own, Kind.STACK: own}
    start = [Point(o, o.axes, o in tasks) for o in sources.get(task.node.kind, ())]
    return points_below(start or [Point(task.node, task.node.axes, False)], tasks)


def points_below(start: Sequence[Point], tasks: Mapping[Node, Task]) -> list[Point]:
    """Return the points that some points are computed from, and these, operands before users."""
    stack = [(point, False) for point in start]
    order: dict[Point, None] = {}
    while stack:
        point, ready = stack.pop()
        if ready:
            order[point] = None
        elif point not in order:
            stack.append((point, True))
            if not point.stored or point.node.kind is Kind.CHECK:
                stack.extend((p, False) for p in point.operands(tasks))
    return list(order)
