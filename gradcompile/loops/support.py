"""Where a sum has terms at all: conditions under which a value is not zero, so that loops need not go elsewhere.

A term that is chosen against 0, ``v if j < i else 0``, is only looked at where the condition holds, and a product where
those of its factors do: a triangular sum runs over the triangle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, Kind, Node
from gradcompile.rewrite.positions import affine

if TYPE_CHECKING:
    from gradcompile.loops.tasks import Task

_LINEAR = {"neg": (0,), "real": (0,), "square": (0,), "div": (0,), "mul": (0, 1)}  # zero where one of these operands is
_NOTHING = {"top": -inf, "max": -inf, "min": inf}  # what changes nothing in a reduction
_SMALLER = {"lt": (0, 1, 0), "le": (0, 1, 1), "gt": (1, 0, 0), "ge": (1, 0, 1)}  # smaller, larger, may be equal


def support(tasks: Sequence[Task]) -> frozenset[Node]:
    """Return the conditions outside of which none of the tasks has anything to add."""
    found = [_of_task(task) for task in tasks]
    return frozenset.intersection(*found) if found else frozenset()


def rare(task: Task) -> frozenset[Node]:
    """Return the conditions outside of which a task has nothing to add, and which hardly ever hold."""
    return frozenset(c for c in _of_task(task) if c.op == "unlikely")


def _of_task(task: Task) -> frozenset[Node]:
    node = task.node
    if node.kind is Kind.REDUCE and node.name == "sum":
        return _of(task.body)
    if node.kind is Kind.REDUCE and node.name in _NOTHING and task.body.op == "where":
        condition, _, other = task.body.operands
        return frozenset(_parts(condition)) if other.is_const(_NOTHING[node.name]) else frozenset()
    if node.kind is Kind.SCATTER and node.operands[0].kind is not Kind.STACK:
        return _of(node.operands[0]).union(*(_parts(g) for g in node.operands[2:] if g.kind is not Kind.STACK))
    return frozenset()


def _of(value: Node) -> frozenset[Node]:
    """Return the conditions outside of which a value is 0."""
    found: set[Node] = set()
    stack = [value]
    while stack:
        node = stack.pop()
        if node.kind is not Kind.GATE:
            continue
        if node.name == "where" and node.operands[2].is_const(0):
            found |= _parts(node.operands[0])
            stack.append(node.operands[1])
        stack += [node.operands[i] for i in _LINEAR.get(node.name, ())]
    return frozenset(found)


def _parts(condition: Node) -> set[Node]:
    """Return the conditions that have to hold together."""
    if condition.kind is Kind.GATE and condition.name == "and":
        return _parts(condition.operands[0]) | _parts(condition.operands[1])
    return {condition}


@dataclass(frozen=True)
class Bound:
    """Positions along one axis only go up to, or start from, the position along another plus an offset."""

    axis: Axis
    other: Axis
    below: bool
    offset: int

    def text(self, position: str, size: str) -> str:
        """Return where the loop along the axis ends (if `below`) or starts, for the position along the other one."""
        ahead = self.offset + self.below
        moved = f"{position} {'+' if ahead > 0 else '-'} {abs(ahead)}" if ahead else position
        if ahead in (0, 1):
            return moved
        return f"min({size}, {moved})" if ahead > 1 else f"max(0, {moved})"


def bound(condition: Node, order: Sequence[Axis]) -> Bound | None:
    """Return how a comparison of two positions bounds the loop that is further inside; None for other conditions."""
    if condition.kind is not Kind.GATE or condition.name not in _SMALLER:
        return None
    smaller, larger, equal = _SMALLER[condition.name]
    left, right = affine(condition.operands[smaller]), affine(condition.operands[larger])
    if left is None or right is None:
        return None
    difference = right.plus(left, Extent.of(-1))
    steps = {step.constant: axis for axis, step in difference.steps.items()}
    if len(difference.steps) != 2 or set(steps) != {1, -1} or (ahead := difference.offset.constant) is None:
        return None
    low, high = steps[-1], steps[1]  # low + (0 or 1) <= high + ahead
    if low.extent != high.extent or not {low, high} <= {*order}:
        return None
    most = ahead - (not equal)
    if order.index(low) > order.index(high):
        return Bound(low, high, True, most)
    return Bound(high, low, False, -most)
