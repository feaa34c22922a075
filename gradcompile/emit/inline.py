"""Which nodes stand inside the expression of their user, without a statement of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradcompile.emit.expression import occurrences, reduce_occurrences
from gradcompile.emit.live import level
from gradcompile.emit.states import Kept
from gradcompile.ir.nodes import Axis, DType, Kind, Node

if TYPE_CHECKING:
    from gradcompile.emit.plan import Plan

CHEAP = frozenset({Kind.CONST, Kind.EXTENT, Kind.INPUT, Kind.IOTA})  # stand in expressions as they are
_POSITIONAL = 8  # conditions of more positions and sizes are named


class Inline:
    """The nodes that stand in expressions: ``fitting`` in that of their only user, the others wherever they are read.

    ``lazy``: computed at each step anew, since only steps read it. ``short``: slices of integer arguments.
    """

    def __init__(self, plan: Plan, roots: set[Node]) -> None:
        self.plan = plan
        self.fitting = self._fitting(roots)
        self.lazy = self._lazy(roots)
        self.short = self._short()

    def _fitting(self, roots: set[Node]) -> set[Node]:
        """Return the unnamed nodes that their only user mentions once, and that have the same line and rule as it."""
        loops = self.plan.loops.values()
        fitting = {s.body for loop in loops for s in loop.states if s.late and s.kept is Kept.VARIABLE}
        fitting |= {loop.condition for loop in loops if loop.condition is not None}
        fitting = {n for n in fitting if self.plan.uses[n] == 1 and n not in self.plan.named}
        for node in self.plan.nodes:
            if node in self.plan.absorbed:
                continue
            for operand, count in zip(self.plan.operands(node), self._mentions(node), strict=True):
                if (
                    self.plan.uses[operand] != 1
                    or operand in self.plan.named
                    or level(operand) != level(node)
                    or count != 1
                ):
                    continue
                source = self.plan.source(operand)
                near = _line(source) == _line(self.plan.source(node)) or not self._computes(source)
                if near or node in self.plan.loops or node.kind is Kind.RENAME:
                    fitting.add(operand)
        return fitting - roots

    def _computes(self, node: Node) -> bool:
        return node.kind not in CHEAP and node.kind not in (Kind.RENAME, Kind.HISTORY) and not self._is_part(node)

    def _is_part(self, node: Node) -> bool:
        """Return whether a node is an element or a slice at fixed positions."""
        gather = self.plan.gathers.get(node)
        return gather is not None and not gather.guards and all(i in self.plan.known.affine for _, i in gather.index)

    def _mentions(self, node: Node) -> Sequence[int]:
        operands = self.plan.operands(node)
        plan = self.plan
        if any(node in found for found in (plan.factors, plan.pieces, plan.updates, plan.placed, plan.spreads)):
            return [1] * len(operands)
        if node.kind is Kind.GATE:
            return occurrences(node.name, "numpy")
        if node.kind is Kind.REDUCE:
            return [reduce_occurrences(node.name)]
        if node.kind is Kind.CHECK:
            return [2, *[1] * (len(operands) - 1)]
        if node in self.plan.loops:  # what a loop starts with stands before it
            count = len(self.plan.live.states[node])
            return [1] * count + [0] * (len(operands) - count)
        return [0 if node.kind is Kind.HISTORY and node.operands[0] in self.plan.loops else 1] * len(operands)

    def _short(self) -> set[Node]:
        """Return the slices of integer arguments: they stand in expressions as they are."""
        return {
            n for n, g in self.plan.gathers.items()
            if n.dtype is DType.INT and g.base.kind is Kind.INPUT and not g.guards
            and self._is_part(n)
        }  # fmt: skip

    def _lazy(self, roots: set[Node]) -> set[Node]:
        """Return what is computed at each step anew, since only steps read it: positions, and elements read there."""
        time = {loop.axis for loop in self.plan.loops.values()}
        users = self._users()
        made = self._positional()
        lazy: set[Node] = set()
        for node in reversed(self.plan.nodes):
            simple = node in made or self._is_element(node, time, made)
            if not simple or node in roots or node in self.plan.named or time.isdisjoint(node.axes) or level(node) >= 0:
                continue
            if all(u in lazy or self._in_step(node, u) for u in users.get(node, ())):
                lazy.add(node)
        return lazy

    def _in_step(self, node: Node, user: Node) -> bool:
        if user in self.plan.loops:
            return all(node is not s.init for s in self.plan.loops[user].states)
        return level(user) >= 0

    def _positional(self) -> set[Node]:
        """Return the conditions and numbers that are made of positions and sizes alone, and are short."""
        size: dict[Node, int] = {}
        for node in self.plan.nodes:
            if node.kind in CHEAP and not (node.kind is Kind.INPUT and node.axes):
                size[node] = 1
            elif node.kind is Kind.GATE and all(o in size for o in node.operands):
                total = sum(size[o] for o in node.operands)
                if total <= _POSITIONAL:
                    size[node] = total
        return {n for n in size if n.kind is Kind.GATE}

    def _is_element(self, node: Node, time: set[Axis], made: set[Node]) -> bool:
        """Return whether a node reads an element, or a slice, that moves with the steps."""
        if node not in self.plan.gathers:
            return False
        gather = self.plan.gathers[node]
        moving = all(i.kind in CHEAP or i in made for _, i in gather.index)
        guarded = all(g in made for g in gather.guards) and (not gather.guards or set(node.axes) <= time)
        return moving and guarded and gather.base.kind in (Kind.INPUT, Kind.HISTORY)

    def _users(self) -> dict[Node, list[Node]]:
        """Return the nodes in whose expressions each node stands."""
        table: dict[Node, list[Node]] = {}
        for node in self.plan.nodes:
            if node not in self.plan.absorbed:
                for operand in self.plan.operands(node):
                    table.setdefault(operand, []).append(node)
        return table


def _line(node: Node) -> tuple[int, str]:
    """Return the formula line that a node comes from, and the rule that made it."""
    origin = node.graph.origin_of(node)
    return (origin.span.line if origin.span else 0), origin.rule
