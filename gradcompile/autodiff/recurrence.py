"""The backward pass through a recurrence: its adjoint runs against time on the stored history.

With the states before step t known for all t, the bodies are an ordinary graph over the axis of time. Their local
gradients are known beforehand; only the cotangents of the states are carried back, step by step. What the bodies read
from outside receives its gradient for all steps at once: a weight that every step uses gets one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gradcompile.autodiff.cotangent import Cotangent, accumulate, anywhere_along
from gradcompile.gates import build
from gradcompile.gates.substitute import recur, resume, substitute
from gradcompile.ir.nodes import Axis, DType, Kind, Node, is_inside, reachable, reading_state, states_of

Upstream = Iterable[tuple[Node, Cotangent]]
Pull = Callable[[Upstream, Mapping[str, Sequence[Axis]]], dict[str, Cotangent]]
"""Walk backwards from some nodes to arguments by name: what `reverse.pull` does."""


@dataclass(frozen=True)
class _Slot:
    """What arrives at one state from outside: after each step, before each step, and at the end."""

    after: Cotangent | None
    before: Cotangent | None
    final: Cotangent | None

    @property
    def parts(self) -> list[Cotangent]:
        return [c for c in (self.after, self.before, self.final) if c is not None]


class Adjoint:
    """The backward pass through one recurrence, given what arrives at its histories."""

    def __init__(self, node: Node, arrived: Mapping[Node, Cotangent], pull: Pull) -> None:
        self.node, self.graph, self.pull = node, node.graph, pull
        self.axis, self.backward, self.depth, slots = node.attrs
        self.inits, self.bodies, self.condition = states_of(node)
        reads = {h.attrs: c for h, c in arrived.items() if h.kind is Kind.HISTORY and h.operands[0] is node}
        self.slots = [_Slot(*(reads.get((k, w)) for w in ("after", "before", "final"))) for k in range(slots)]
        self.inside = reading_state([*self.bodies, *self.condition], self.depth)
        self.known: dict[str, tuple[Node, tuple[Axis, ...]]] = {}  # a stand-in: what it stands for, over which axes
        self.carries: dict[str, int] = {}  # the stand-in of a real state, and which state
        self.outer: dict[str, Node] = {}
        self.after: dict[Node, Node] = {}  # a body over the axis of time, and the history that has its values
        self.isolated = self._isolate()

    def downstream(self) -> Iterator[tuple[Node, Cotangent]]:
        """Yield what everything outside receives."""
        active = self._active()
        if not active:
            return
        back, place = self._carried_back(active), {k: i for i, k in enumerate(active)}
        upstream = [(self.isolated[k], self._out(k, build.history(back, place[k], "before"))) for k in active]
        arguments = {name: n.axes for name, n in self.outer.items()}
        mask = self._mask()
        for name, part in self.pull(upstream, arguments).items():
            n = self.outer[name]
            yield n, masked(self._restored(part.settle()), mask, n.axes)
        for k in active:
            yield from self._of_init(k, build.history(back, place[k], "final"), mask)

    def _of_init(self, slot: int, first: Node, mask: Node | None) -> Iterator[tuple[Node, Cotangent]]:
        """Yield what an init receives: the cotangent of the state before the first step."""
        init = self.inits[slot]
        if init.dtype is DType.REAL:
            copied = [a for a in build.history(self.node, slot, "final").axes if a not in init.axes]
            total = build.reduce_all("sum", first, copied)
            yield init, masked(total, mask, init.axes)

    # -- the bodies over the axis of time ----------------------------------------------------------------------

    def _isolate(self) -> list[Node]:
        """Return the bodies over the axis of time, with arguments in the place of states and of what is outside."""
        replaced: dict[Node, Node] = {}
        for n in self.inside:
            if n.kind is Kind.CARRY and n.attrs[0] == self.depth:
                replaced[n] = self._stand_in(n, *self._before(n))
                if n.dtype is DType.REAL:
                    self.carries[replaced[n].name] = n.attrs[1]
        for n in _frontier(self.inside, self.bodies, self.depth):
            replaced[n] = self._stand_in(n, n.axes, n)
            self.outer[replaced[n].name] = n
        isolated = resume(self.bodies, self.depth, replaced)
        for slot, body in enumerate(isolated):
            if body.kind not in (Kind.INPUT, Kind.CONST) and self.axis in body.axes:
                self.after[body] = build.history(self.node, slot, "after")
        return isolated

    def _before(self, carry: Node) -> tuple[set[Axis], Node]:
        """Return the axes and the value of a state before a step, as far as it is known outside."""
        return {*carry.axes, self.axis}, build.history(self.node, carry.attrs[1], "before")

    def _stand_in(self, of: Node, axes: Iterable[Axis], value: Node) -> Node:
        name, ordered = f"frontier.{of.id}.{len(self.graph.nodes)}", tuple(sorted(axes))
        self.known[name] = (value, ordered)
        return build.argument(self.graph, name, ordered, of.dtype)

    def _restored(self, node: Node) -> Node:
        """Put what the stand-ins stand for back into a node, and the known next states in the place of their bodies."""
        found: dict[Node, Node] = {}
        for n in reachable([node]):
            if n in self.after:
                found[n] = self.after[n]
            if n.kind is Kind.INPUT and n.name in self.known:
                value, axes = self.known[n.name]
                found[n] = build.rename(value, dict(zip(axes, n.attrs, strict=True)))
        return substitute(node, found) if found else node

    # -- against time ------------------------------------------------------------------------------------------

    def _active(self) -> list[int]:
        """Return the states at which something arrives, now or through others, in order."""
        active = {k for k, slot in enumerate(self.slots) if slot.parts and self.bodies[k].dtype is DType.REAL}
        below = {k: self._states_below(k) for k in range(len(self.bodies))}
        waiting = list(active)
        while waiting:
            for k in below[waiting.pop()] - active:
                active.add(k)
                waiting.append(k)
        return sorted(active)

    def _states_below(self, slot: int) -> set[int]:
        inside = reading_state([self.bodies[slot]], self.depth)
        return {
            n.attrs[1] for n in inside if n.kind is Kind.CARRY and n.attrs[0] == self.depth and n.dtype is DType.REAL
        }

    def _out(self, slot: int, later: Node) -> Cotangent:
        """Return what arrives at a body's result: from the steps after it, and from outside."""
        after = self.slots[slot].after
        return Cotangent(later) if after is None else Cotangent(build.gate("add", after.settle(), later))

    def _carried_back(self, active: Sequence[int]) -> Node:
        """Return the recurrence of the cotangents of the active states."""
        wanted = {name: self.known[name][1] for name in self.carries}
        arrived = self.pull(self._later(active, 0), wanted)
        bodies = [self._restored(self._state(k, arrived)) for k in active]
        return recur(self._ends(active), bodies, self.axis, depth=self.depth, backward=not self.backward)

    def _later(self, active: Sequence[int], first: int) -> list[tuple[Node, Cotangent]]:
        """Return the bodies, and what arrives at them; the carried cotangents are states from number `first` on."""
        laters = [
            build.carry(self.graph, self.depth, i, {*self.inits[k].axes, *self.bodies[k].axes} - {self.axis})
            for i, k in enumerate(active, first)
        ]
        return [(self.isolated[k], self._out(k, later)) for k, later in zip(active, laters, strict=True)]

    def _ends(self, active: Sequence[int]) -> list[Node]:
        """Return what arrives at the final states."""
        zero = build.const(self.graph, 0.0)
        return [zero if (final := self.slots[k].final) is None else final.settle() for k in active]

    def _state(self, slot: int, arrived: Mapping[str, Cotangent]) -> Node:
        """Return the cotangent of a state before a step."""
        parts = [] if (before := self.slots[slot].before) is None else [Cotangent(before.settle())]
        parts += [arrived[name] for name, of in self.carries.items() if of == slot and name in arrived]
        return accumulate(parts).settle() if parts else build.const(self.graph, 0.0)

    def _mask(self) -> Node | None:
        """Return where something arrives that counts; None: everywhere."""
        masks = [c.mask for slot in self.slots for c in slot.parts]
        if any(m is None for m in masks):
            return None
        total: Node | None = None
        for mask in masks:
            assert mask is not None
            total = mask if total is None else build.gate("or", total, mask)
        return None if total is None else anywhere_along(total, [a for a in total.axes if a == self.axis])


def masked(value: Node, mask: Node | None, axes: Sequence[Axis]) -> Cotangent:
    """Return a cotangent that counts where a mask holds somewhere along all but the given axes."""
    if mask is None:
        return Cotangent(value)
    return Cotangent(value, anywhere_along(mask, [a for a in mask.axes if a not in axes]), settled=False)


def _frontier(inside: Sequence[Node], bodies: Sequence[Node], depth: int) -> list[Node]:
    """Return the real nodes outside a recurrence that its bodies read."""
    seen = {o for n in inside for o in n.operands if not is_inside(o, depth)}
    seen |= {b for b in bodies if not is_inside(b, depth)}
    return sorted((n for n in seen if n.dtype is DType.REAL and n.kind is not Kind.CONST), key=lambda n: n.id)
