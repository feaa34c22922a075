"""Long recurrences in little memory: only every so many steps are remembered, and the steps between computed again.

A loop of T steps becomes a loop over chunks around a loop over the steps of one chunk, R = ceil(sqrt(T)) of each. The
chunk's number is a state, so that nothing of a chunk is known outside of it. The backward pass goes through the chunks
from the last to the first: it runs the steps of one forward again from the remembered state, then against time, and
adds up what the weights receive.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradcompile.autodiff.cotangent import Cotangent
from gradcompile.autodiff.recurrence import Adjoint, masked
from gradcompile.gates import build
from gradcompile.gates.select import selection
from gradcompile.gates.substitute import deeper, rebuild, recur
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Kind, Node, reachable, reading_state, states_of

NAME = "checkpoint"
_SHORT = 64  # steps that are not worth it


def checkpoint(roots: Sequence[Node]) -> dict[Node, Node]:
    """Return, for every node that the roots need, the same with long recurrences in chunks.

    Those are taken of which only the final states are read: a history that is read must be remembered anyway.
    """
    nodes = reachable(roots)
    histories = [n for n in nodes if n.kind is Kind.HISTORY]
    kept = {h.operands[0] for h in histories if h.attrs[1] != "final"}
    done: dict[Node, Node] = {}
    for node in nodes:
        operands = tuple(done[o] for o in node.operands)
        origin = node.graph.origin_of(node)
        with node.graph.origin(origin.span, origin.rule):
            done[node] = node if operands == node.operands else rebuild(node, operands)
            if node.kind is Kind.RECURRENCE and node not in kept and _is_long(done[node]):
                done[node] = in_chunks(done[node])
    return done


def _is_long(node: Node) -> bool:
    axis, backward, depth, _ = node.attrs
    short = axis.extent.constant is not None and axis.extent.constant <= _SHORT
    return not (backward or depth or node.carries or states_of(node)[2] or short)


def in_chunks(node: Node) -> Node:
    """Return the recurrence over chunks whose final states are those of the node; its last state counts the chunks."""
    axis, _backward, depth, slots = node.attrs
    inits, bodies, _ = states_of(node)
    graph, rows = node.graph, Extent.root(axis.extent)
    chunk, step = Axis(rows, 2 * node.id + 1001), Axis(rows, 2 * node.id + 1002)
    if (name := graph.index_names.get(axis)) is not None:
        graph.index_names |= {chunk: f"{name}_chunk", step: f"{name}_step"}
    number = build.carry(graph, depth, slots, (), DType.INT)
    start = build.gate("mul", number, build.extent(graph, rows))
    time = build.gate("add", start, build.iota(graph, step))
    goes_on = build.gate("lt", time, build.extent(graph, axis.extent))
    inner = deeper(bodies, depth)
    inside = frozenset(reading_state(inner, depth + 1))
    at_time = selection(inner, axis, time, goes_on, inside)
    axes = [{*i.axes, *b.axes} - {axis} for i, b in zip(inits, bodies, strict=True)]
    states = [build.carry(graph, depth, k, a, b.dtype) for k, (a, b) in enumerate(zip(axes, bodies, strict=True))]
    befores = [build.carry(graph, depth + 1, k, a, b.dtype) for k, (a, b) in enumerate(zip(axes, bodies, strict=True))]
    steps = [build.gate("where", goes_on, at_time[b], s) for b, s in zip(inner, befores, strict=True)]
    run = recur(states, steps, step, depth=depth + 1)
    ends = [build.history(run, k, "final") for k in range(slots)]
    count = build.gate("add", number, build.const(graph, 1))
    return recur([*inits, build.const(graph, 0)], [*ends, count], chunk, depth=depth, name=NAME)


class CheckpointAdjoint(Adjoint):
    """The backward pass through a recurrence over chunks: everything of a chunk is computed at its turn.

    The states are the chunk's number, the cotangents of the states, and what the outside has received so far.
    """

    def downstream(self) -> Iterator[tuple[Node, Cotangent]]:
        """Yield what everything outside receives."""
        if not (active := self._active()):
            return
        wanted = {name: self.known[name][1] for name in (*self.carries, *self.outer)}
        arrived = self.pull(self._later(active, 1), wanted)
        received = [name for name in self.outer if name in arrived]
        one, zero = build.const(self.graph, 1), build.const(self.graph, 0.0)
        last = build.gate("sub", build.extent(self.graph, self.axis.extent), one)
        bodies = [build.gate("sub", self._number(), one), *(self._restored(self._state(k, arrived)) for k in active)]
        for place, name in enumerate(received, 1 + len(active)):
            total = build.carry(self.graph, self.depth, place, self.outer[name].axes)
            bodies.append(_added(total, self._restored(arrived[name].settle())))
        inits = [last, *self._ends(active), *[zero] * len(received)]
        back = recur(inits, bodies, self.axis, depth=self.depth, backward=True)
        mask = self._mask()
        for place, name in enumerate(received, 1 + len(active)):
            n = self.outer[name]
            yield n, masked(build.history(back, place, "final"), mask, n.axes)
        for place, k in enumerate(active, 1):
            yield from self._of_init(k, build.history(back, place, "final"), mask)

    def _number(self) -> Node:
        return build.carry(self.graph, self.depth, 0, (), DType.INT)

    def _before(self, carry: Node) -> tuple[set[Axis], Node]:
        """Return a state before the chunk, which is remembered."""
        if carry.attrs[1] == self.node.attrs[3] - 1:
            return set(), self._number()
        return {*carry.axes}, build.take(build.history(self.node, carry.attrs[1], "before"), self.axis, self._number())


def _added(total: Node, part: Node) -> Node:
    """Add a sum to a state, term by term: what goes to single elements is then added there in place."""
    terms, stack = [], [part]
    while stack:
        term = stack.pop()
        if term.kind is Kind.GATE and term.name == "add":
            stack.extend(reversed(term.operands))
        else:
            terms.append(term)
    for term in terms:
        total = build.gate("add", total, term)
    return total
