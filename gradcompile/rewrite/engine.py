"""The engine that applies rewrite rows: sources first, each node until no row fits it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from gradcompile.errors import InternalError
from gradcompile.gates import build
from gradcompile.gates.registry import GATES
from gradcompile.gates.substitute import rebuild
from gradcompile.gates.template import formula
from gradcompile.ir.nodes import DType, Kind, Node, reachable
from gradcompile.rewrite.rows import Row

_STEPS_AT_ONE_NODE = 200


@dataclass(frozen=True)
class Rule:
    """A rewrite that no pattern can say: `apply` returns what takes the place of a node of this `op`, or None."""

    name: str
    op: str
    apply: Callable[[Node], Node | None]


@dataclass(frozen=True)
class Step:
    """One firing: for explanations."""

    row: Row | Rule
    before: Node
    after: Node


class Rewriter:
    """Brings nodes into normal form with respect to rows; remembers what fired."""

    def __init__(self, rows: Sequence[Row], rules: Sequence[Rule] = ()) -> None:
        self.rules: dict[str, list[Rule]] = {}
        for rule in rules:
            self.rules.setdefault(rule.op, []).append(rule)
        self.by_op: dict[str, list[tuple[Row, frozenset[str]]]] = {}
        for row in rows:
            pattern = formula(row.pattern)
            below = frozenset(a.op for a in pattern.args if a.op != "name")
            self.by_op.setdefault(pattern.op, []).append((row, below))
        self.normal: dict[Node, Node] = {}
        self.steps: list[Step] = []

    @property
    def fired(self) -> Counter[str]:
        """How often each row fired."""
        return Counter(step.row.name for step in self.steps)

    def run(self, roots: Iterable[Node]) -> dict[Node, Node]:
        """Return the normal form of every node that the roots are computed from."""
        for node in reachable(roots):
            self._normalise(node)
        return self.normal

    def _normalise(self, node: Node) -> Node:
        """Bring a node whose operands are in normal form, or found to be, into normal form itself."""
        if (known := self.normal.get(node)) is not None:
            return known
        graph, origin = node.graph, node.graph.origin_of(node)
        with graph.origin(origin.span, origin.rule):
            operands = tuple(self.normal[o] for o in node.operands)
            current = node if operands == node.operands else self._settle(rebuild(node, operands))
            for _ in range(_STEPS_AT_ONE_NODE):
                if (step := self._step(current)) is None:
                    break
                self.steps.append(step)
                current = self._settle(step.after)
            else:
                raise InternalError(f"rewriting goes round in circles at {node!r}")
        if node.kind is Kind.GATE:
            current = self._other_way_round(current) or current
        self.normal[node] = self.normal[current] = current
        return current

    def _other_way_round(self, node: Node) -> Node | None:
        """Return the gate with exchanged operands that is in normal form already and has the same value."""
        if node.kind is not Kind.GATE or len(node.operands) != 2 or not GATES[node.name].commutative:
            return None
        found = node.graph.exchanged(node)
        return None if found is None or found is node or self.normal.get(found) is not found else found

    def _step(self, node: Node) -> Step | None:
        for rule in self.rules.get(node.op, ()):
            if (after := rule.apply(node)) is not None:
                return Step(rule, node, after)
        if not (candidates := self.by_op.get(node.op)):
            return None
        present = {o.op for o in node.operands}
        for row, below in candidates:
            if not below <= present:
                continue
            for bound in formula(row.pattern).match(node, {}):
                if row.when is None or row.when(bound):
                    after = formula(row.replacement).build(node.graph, bound)
                    if node.dtype is DType.REAL:
                        after = build.as_real(after)
                    if after is not node:
                        return Step(row, node, after)
        return None

    def _settle(self, root: Node) -> Node:
        """Bring what a replacement is made of into normal form, and return its root over that."""
        if root in self.normal:
            return self.normal[root]
        for node in self._unsettled(root):
            self._normalise(node)
        operands = tuple(self.normal[o] for o in root.operands)
        return root if operands == root.operands else rebuild(root, operands)

    def _unsettled(self, root: Node) -> list[Node]:
        """Return the nodes below `root` that have no normal form yet, sources first."""
        seen: dict[int, Node] = {}
        stack = list(root.operands)
        while stack:
            node = stack.pop()
            if node.id not in seen and node not in self.normal:
                seen[node.id] = node
                stack.extend(node.operands)
        return [seen[i] for i in sorted(seen)]
