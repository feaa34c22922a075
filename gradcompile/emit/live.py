"""What is computed: the nodes that the results need, and of each recurrence the states that somebody reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gradcompile.ir.nodes import Kind, Node, reading_state, states_of


def level(node: Node) -> int:
    """Return the depth of the innermost recurrence whose state a node reads; -1 outside every loop."""
    return max(node.carries, default=-1)


class Live:
    """The nodes that some roots need, operands first; ``states``: the slots that are needed of each recurrence."""

    def __init__(self, roots: Iterable[Node]) -> None:
        self.states: dict[Node, set[int]] = {}
        self.reads: dict[Node, list[Node]] = {}  # the histories of each recurrence
        seen: dict[int, Node] = {}
        stack = list(roots)
        while stack:
            node = stack.pop()
            if node.id in seen:
                continue
            seen[node.id] = node
            if node.kind is Kind.HISTORY:
                self.reads.setdefault(node.operands[0], []).append(node)
                stack += [node.operands[0], *self._state(node.operands[0], node.attrs[0])]
            elif node.kind is Kind.RECURRENCE:
                condition = states_of(node)[2]
                stack += condition
                for slot in carried(condition, node):
                    stack += self._state(node, slot)
            else:
                stack.extend(node.operands)
        self.nodes = [seen[i] for i in sorted(seen)]

    def _state(self, of: Node, slot: int) -> list[Node]:
        """Mark a state as needed, and those that its body reads; return what they are made of."""
        below: list[Node] = []
        waiting = [slot]
        known = self.states.setdefault(of, set())
        inits, bodies, _ = states_of(of)
        while waiting:
            current = waiting.pop()
            if current not in known:
                known.add(current)
                below += [inits[current], bodies[current]]
                waiting += carried([bodies[current]], of)
        return below

    def operands(self, node: Node) -> Sequence[Node]:
        """Return the operands that are needed."""
        if node.kind is not Kind.RECURRENCE:
            return node.operands
        inits, bodies, condition = states_of(node)
        slots = sorted(self.states.get(node, ()))
        return (*(inits[k] for k in slots), *(bodies[k] for k in slots), *condition)


def carried(roots: Sequence[Node], of: Node) -> list[int]:
    """Return the states of a recurrence that some of its nodes read."""
    depth = of.attrs[2]
    carries = [n for n in reading_state(roots, depth) if n.kind is Kind.CARRY and n.attrs[0] == depth]
    return list(dict.fromkeys(n.attrs[1] for n in carries))
