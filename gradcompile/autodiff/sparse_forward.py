"""Sparse forward mode: the entries of every node by arguments, operands first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gradcompile.autodiff.cotangent import Cotangent
from gradcompile.autodiff.directions import along_each
from gradcompile.autodiff.entries import (
    Arrays,
    Entry,
    Moves,
    Part,
    both_of,
    guarded,
    inside,
    locals_of,
    located,
    positions,
    renamed,
    term_of,
    times,
)
from gradcompile.autodiff.forward import along, array_tangent
from gradcompile.gates import build
from gradcompile.ir.nodes import Axis, Declared, DType, Kind, Node, reachable


class SparseForward(Moves):
    """Entries of nodes by arguments, operands first."""

    def __init__(self, results: Sequence[Node], arguments: Arrays) -> None:
        super().__init__(results[0].graph, arguments)
        self.entries: dict[Node, list[Entry]] = {}
        nodes = [n for n in reachable(results) if not n.carries]
        self._spread_out([n for n in nodes if n.kind is Kind.HISTORY and n.dtype is DType.REAL])
        for node in nodes:
            if node.dtype is DType.REAL and node not in self.entries:
                origin = self.graph.origin_of(node)
                with self.graph.origin(origin.span, f"{node.op} gate"):
                    if found := self.merged(self._of(node)):
                        self.entries[node] = found

    def parts(self, node: Node, axes: Sequence[Axis]) -> list[Part]:
        """Return the entries of a result."""
        return [self.part(e, e.array, axes, self.arguments[e.array]) for e in self.entries.get(node, ())]

    def _of(self, node: Node) -> Iterable[Entry]:
        match node.kind:
            case Kind.INPUT:
                return self._argument(node)
            case Kind.GATE:
                return self._choice(node) if node.name == "where" else self._gate(node)
            case Kind.ARRAY:
                return [e for operand in dict.fromkeys(node.operands) for e in self._array_gate(node, operand)]
        if not node.operands:
            return []
        found, further = self.entries.get(node.operands[0], ()), node.operands[1:]
        match node.kind:
            case Kind.REDUCE:
                return [e for entry in found for e in self._reduction(node, entry)]
            case Kind.RENAME:
                return [renamed(e, dict(node.attrs)) for e in found]
            case Kind.TAKE:
                return [self.gathered(e, node.attrs[0], *guarded(further)) for e in found]
            case Kind.SCATTER:
                (axis, over), (index, guard) = node.attrs, guarded(further)
                return [self.scattered(e, axis, index, over, guard) for e in found]
        return []

    def _argument(self, node: Node) -> list[Entry]:
        """Return the 1 in the column of each element, of what is declared as half the matrix in both halves."""
        if node.name not in self.arguments:
            return []
        one = build.const(self.graph, 1.0)
        columns = tuple(build.iota(self.graph, axis) for axis in node.attrs)
        structure = self.graph.declared.get(node.name, Declared()).structure
        if structure in ("symmetric", "definite"):
            half = Cotangent(build.const(self.graph, 0.5))
            other = (*columns[:-2], columns[-1], columns[-2])
            return [Entry(node.name, half, places, {}) for places in (columns, other)]
        entry = Entry(node.name, Cotangent(one), columns, {})
        return [self.routed(entry, inside(structure, *columns[-2:])) if structure else entry]

    def _gate(self, node: Node) -> Iterable[Entry]:
        """Yield local times the entries of each operand."""
        for operand, factor, routes in locals_of(node):
            for entry in self.entries.get(operand, ()):
                yield self.routed(entry, factor) if routes else times(entry, factor)

    def _choice(self, node: Node) -> Iterable[Entry]:
        """Yield the entries of the branch that is taken; one where both branches have it."""
        condition, *branches = node.operands
        yes, no = ({e.key: e for e in self.entries.get(branch, ())} for branch in branches)
        for key in dict.fromkeys([*yes, *no]):
            if key in yes and key in no:
                entry = both_of([yes[key], no[key]])
                taken = located(condition, entry)
                number = build.gate("where", taken, yes[key].number.settle(), no[key].number.settle())
                yield replace(entry, number=Cotangent(number))
            elif key in yes:
                yield self.routed(yes[key], condition)
            else:
                yield self.routed(no[key], build.gate("not", condition))

    def _array_gate(self, node: Node, operand: Node) -> Iterable[Entry]:
        """Yield entries of an array gate: every element of a result may depend on all of its matrix."""
        eaten = {a for o, axes in zip(node.operands, node.attrs[0], strict=True) if o is operand for a in axes}
        for entry in self.entries.get(operand, ()):
            held = entry
            for axis in list(entry.rows):
                held = self.unmapped(held, axis)
            for axis in sorted(eaten):
                held = self.spread(held, axis)
            held = self.anywhere(held, eaten)
            tangent = array_tangent(node, {operand: held.number.settle()})
            if tangent is not None:
                yield replace(held, number=Cotangent(tangent))

    def _reduction(self, node: Node, entry: Entry) -> Iterable[Entry]:
        """Yield the entries of a reduction: those of each term, or one where all terms have the same columns."""
        axis, factor, routes = term_of(node)
        if factor is not None:
            entry = self.unmapped(entry, axis) if routes else entry
            yield self.dropped(self.routed(entry, factor) if routes else times(entry, factor), [axis])

    def _spread_out(self, nodes: Sequence[Node]) -> None:
        """Give nodes, of which no axis tells what they depend on, an entry in every column."""
        for name, own in self.arguments.items() if nodes else ():
            direction, columns = along_each(self.graph, name, own)
            entry = Entry(name, Cotangent(direction), positions(self.graph, columns), {}, columns)
            for node, tangent in zip(nodes, along(nodes, {name: (direction, own)})[1], strict=True):
                if not tangent.is_const(0):
                    self.entries.setdefault(node, []).append(replace(entry, number=Cotangent(tangent)))
