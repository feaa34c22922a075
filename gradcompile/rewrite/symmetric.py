"""A walk over a graph that knows which states of its recurrences are symmetric matrices.

A state is one if it starts so and each step leaves it so, as long as it was before. So states are taken to be
symmetric, and those are dropped whose new value cannot be shown to be, until none is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

from gradcompile.gates import build
from gradcompile.gates.structure import is_symmetric
from gradcompile.gates.substitute import rebuild, recur, resume, substituted
from gradcompile.ir.nodes import (
    Axis,
    Declared,
    DType,
    Kind,
    Node,
    is_inside,
    reachable,
    reading_state,
    states_of,
)

Pair = tuple[Axis, Axis]
Step = Callable[[Node], Node]
"""What takes the place of a node whose operands have been walked over."""


def walked(roots: Sequence[Node], step: Step) -> dict[Node, Node]:
    """Return, for every node that the roots need, what the step makes of it."""
    walk = _Walk(step)
    walk.over(roots)
    return walk.done


class _Walk:
    def __init__(self, step: Step) -> None:
        self.step = step
        self.done: dict[Node, Node] = {}

    def over(self, roots: Sequence[Node]) -> list[Node]:
        """Return what has become of roots."""
        for node in reachable(roots):
            if node not in self.done:
                origin = node.graph.origin_of(node)
                with node.graph.origin(origin.span, origin.rule):
                    new = (node.kind is Kind.RECURRENCE and self._with_symmetric_states(node)) or self._moved(node)
                self.done[node] = new
                self.done.setdefault(new, new)
        return [self.done[r] for r in roots]

    def _moved(self, node: Node) -> Node:
        operands = tuple(self.done[o] for o in node.operands)
        return self.step(node if operands == node.operands else rebuild(node, operands))

    def _with_symmetric_states(self, node: Node) -> Node | None:
        """Return a recurrence walked over while its symmetric states are known to be that; None if it has none."""
        axis, backward, depth, _ = node.attrs
        inits, bodies, condition = states_of(node)
        inside = reading_state([*bodies, *condition], depth)
        states = {n.attrs[1]: n for n in inside if n.kind is Kind.CARRY and n.attrs[0] == depth}
        starts = [self.done[i] for i in inits]
        wanted = {k: pair for k, n in states.items() if (pair := _square(n)) and is_symmetric(starts[k], *pair)}
        outside = {o: self.done[o] for n in inside for o in n.operands if not is_inside(o, depth)}
        while wanted:
            known = {f"state.{k}.{node.id}": states[k] for k in wanted}
            for name in known:
                node.graph.declared[name] = Declared("symmetric")
            stand_ins = {n: build.argument(node.graph, name, _pair_last(n)) for name, n in known.items()}
            steps = self.over(resume([*bodies, *condition], depth, outside | stand_ins))
            kept = {k: pair for k, pair in wanted.items() if is_symmetric(steps[k], *pair)}
            if kept == wanted:
                steps = _restored(steps, known)
                new = recur(
                    starts, steps[: len(bodies)], axis, depth=depth, backward=backward, name=node.name,
                    condition=steps[-1] if condition else None,
                )  # fmt: skip
                node.graph.symmetric |= {(new, k): frozenset(pair) for k, pair in wanted.items()}
                return new
            wanted = kept
        return None


def _square(state: Node) -> Pair | None:
    """Return the two axes of a real state that are as long as each other."""
    if state.dtype is not DType.REAL:
        return None
    return next(((a, b) for a, b in combinations(state.axes, 2) if a.extent == b.extent), None)


def _pair_last(state: Node) -> list[Axis]:
    """Return the axes of a state of matrices, those of a matrix last."""
    pair = _square(state) or ()
    return [*(a for a in state.axes if a not in pair), *pair]


def _restored(roots: Sequence[Node], known: Mapping[str, Node]) -> list[Node]:
    """Put states back into the places of what stood for them."""
    replaced = {}
    for n in reachable(roots):
        if n.kind is Kind.INPUT and n.name in known:
            state = known[n.name]
            replaced[n] = build.rename(state, dict(zip(_pair_last(state), n.attrs, strict=True)))
    return substituted(roots, replaced)
