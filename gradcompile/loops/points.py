"""Points: what a loop nest evaluates, a node at loop indices. A rename only changes at which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradcompile.ir.nodes import Axis, Kind, Node, reachable
from gradcompile.loops.tasks import Task


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
    sources = node.operands[1:] if node.kind is Kind.TAKE else node.operands
    return tuple(Point(o, tuple(mapping[a] for a in o.axes), o in tasks) for o in sources)


def points_of(task: Task, tasks: Mapping[Node, Task]) -> list[Point]:
    """Return what a task evaluates at each point of its nest, operands before users."""
    sources = {Kind.REDUCE: (task.body,), Kind.SCATTER: task.node.operands, Kind.RECURRENCE: task.node.operands}
    stack = [(Point(o, o.axes, o in tasks), False) for o in sources.get(task.node.kind, ())]
    if not stack:
        stack = [(Point(task.node, task.node.axes, False), False)]
    order: dict[Point, None] = {}
    while stack:
        point, ready = stack.pop()
        if ready:
            order[point] = None
        elif point not in order:
            stack.append((point, True))
            if not point.stored:
                stack.extend((p, False) for p in point.operands(tasks))
    return list(order)


def is_affine(index: Node) -> bool:
    """Is an index made of positions and sizes alone? Then the front end has proved it, or checks it at the door."""
    return all(n.kind not in (Kind.INPUT, Kind.REDUCE, Kind.TAKE) for n in reachable([index]))
