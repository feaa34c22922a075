"""What is known of indices and conditions before the program runs: which are in range, which hold everywhere."""

from __future__ import annotations

from collections.abc import Iterable

from gradcompile.emit.affine import affine_forms, holds, shift, within
from gradcompile.emit.updates import conjuncts, in_range
from gradcompile.ir.nodes import Axis, Kind, Node
from gradcompile.syntax.program import Requirement


class Known:
    """Facts about the integers of a graph, given what the module requires of its sizes."""

    def __init__(self, nodes: Iterable[Node], requirements: Iterable[Requirement]) -> None:
        nodes = list(nodes)
        self.affine = affine_forms(nodes)
        self.sizes = [r.left - r.right for r in requirements if r.relation == ">="]
        self.time = {n.attrs[0] for n in nodes if n.kind is Kind.RECURRENCE}

    def within(self, index: Node, axis: Axis) -> bool:
        """Return whether an index is known to be a position of an axis."""
        form = self.affine.get(index)
        return in_range(index) or (form is not None and within(form, axis.extent, self.sizes))

    def needed(self, guards: Iterable[Node]) -> tuple[Node, ...]:
        """Return the guards that may fail."""
        return tuple(g for g in guards if not all(holds(c, self.affine, self.sizes) for c in conjuncts(g)))

    def moved(self, axis: Axis, index: Node, guards: Iterable[Node], others: Iterable[Axis]) -> int | None:
        """Return k where an index is position + k and the guards only keep it within an axis; else None.

        ``others``: the further axes of what is read or written; none of them may be that of the positions.
        """
        form = self.affine.get(index)
        if form is None or form.axis is None or form.axis in self.time or form.axis in set(others) - {axis}:
            return None
        return shift(form, axis.extent, [c for g in guards for c in conjuncts(g)], self.affine)
