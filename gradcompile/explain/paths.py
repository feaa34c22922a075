"""The paths of the backward pass between the gates that are shown: as recorded, and for a symbol as upstream."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gradcompile.autodiff import reverse
from gradcompile.autodiff.cotangent import Cotangent, accumulate
from gradcompile.autodiff.reverse import Trace
from gradcompile.explain.shown import Shown, looked_through
from gradcompile.gates.registry import GATES, REDUCE
from gradcompile.ir.nodes import Axis, DType, Kind, Node


class _Through(NamedTuple):
    """What arrives below a view, and at the view."""

    below: Node
    part: Cotangent
    view: Node
    of_view: Cotangent


@dataclass(frozen=True)
class Part:
    """What a gate hands to one node below it.

    `recorded` is the node of the pass itself; `symbolic` what the same rule makes of an upstream that has a name. Where
    the gate reads a view, `view` is that, and `of_view` what it receives.
    """

    below: Node
    recorded: Cotangent
    symbolic: Node | None
    view: Node
    of_view: Node | None
    local: Node | None
    routes: bool
    copied: tuple[Axis, ...]


class Walk:
    """Walks from gate to gate through what is written inside them."""

    def __init__(self, trace: Trace, shown: Shown) -> None:
        self.arrived, self.shown = trace.arrived, shown
        self.handed: dict[Node, list[tuple[Node, Cotangent]]] = {}
        for step in trace.handed:
            self.handed.setdefault(step.gate, []).append((step.below, step.downstream))

    def parts(self, gate: Node, upstream: Node) -> list[Part]:
        """Return what a gate hands down; nothing where no gradient arrives at it."""
        if gate not in self.arrived and gate.kind is not Kind.RECURRENCE:
            return []
        if gate.kind is Kind.HISTORY:  # the loop takes what arrives at its states as it is
            (loop,) = gate.operands
            return [Part(loop, Cotangent(self.arrived[gate]), None, loop, None, None, routes=False, copied=())]
        inside = self.shown.inside.get(gate, [gate])
        recorded = self._through(
            [h for node in reversed(inside) for h in self.handed.get(node, ()) if h[0] not in inside]
        )
        symbolic = self._symbolic(gate, inside, upstream)
        fits = [s.below for s in symbolic] == [r.below for r in recorded]
        places = self._places(inside)
        used: dict[Node, int] = {}
        parts = []
        for i, (below, cotangent, view, _) in enumerate(recorded):
            locals_ = places.get(below, [])
            place = used[below] = used.get(below, -1) + 1
            local, routes, copied = locals_[place] if place < len(locals_) else (None, False, ())
            made = (symbolic[i].part.settle(), symbolic[i].of_view.settle()) if fits else (None, None)
            parts.append(Part(below, cotangent, made[0], view, made[1], local, routes, copied))
        return parts

    def _symbolic(self, gate: Node, inside: Sequence[Node], upstream: Node) -> list[_Through]:
        """Return what the rules of a gate make of any upstream gradient."""
        routes = gate.kind is Kind.REDUCE and REDUCE[gate.name].route
        if gate.kind in (Kind.RECURRENCE, Kind.HISTORY) or (routes and self._deep(gate)):
            return []
        arriving: dict[Node, list[Cotangent]] = {gate: [Cotangent(upstream)]}
        out: list[tuple[Node, Cotangent]] = []
        for node in reversed(inside):
            if node not in arriving:
                continue
            for below, part in reverse.step(node, accumulate(arriving[node]).settle()):
                if below in inside:
                    arriving.setdefault(below, []).append(part)
                else:
                    out.append((below, part))
        return self._through(out)

    def _deep(self, gate: Node) -> bool:
        """Did the walk back from the chosen element go on inside what it was chosen from?"""
        return any(below is not gate.operands[0] for below, _ in self.handed.get(gate, ()))

    def _through(self, handing: Iterable[tuple[Node, Cotangent]]) -> list[_Through]:
        """Hand what arrives at a view to what it is a view of; leave out what leads to no parameter."""
        found = []
        for view, of_view in handing:
            below, part = view, of_view
            while looked_through(below) is not below and below.dtype is DType.REAL:
                ((below, part),) = reverse.step(below, part.settle()) or [(below.operands[0], part)]
            if below.dtype is DType.REAL and (below in self.arrived or below.kind is Kind.RECURRENCE):
                found.append(_Through(below, part, view, of_view))
        return found

    def _places(self, inside: Sequence[Node]) -> dict[Node, list[tuple[Node, bool, tuple[Axis, ...]]]]:
        """Return the local gradient, whether it routes, and what was copied, for each place at which a node is read."""
        found: dict[Node, list[tuple[Node, bool, tuple[Axis, ...]]]] = {}
        sums = all(n.kind is Kind.REDUCE for n in inside)
        for node in inside[:1] if sums else inside:
            if node.kind is not Kind.GATE and not (sums and REDUCE[node.name].partial):
                continue
            routes = node.kind is Kind.GATE and bool(GATES[node.name].routes)
            for operand, local in reverse.local_gradients(node):
                base = looked_through(operand)
                copied = tuple(a for a in node.axes if a not in operand.axes)
                found.setdefault(base, []).append((local, routes, copied))
        return found
