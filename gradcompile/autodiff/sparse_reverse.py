"""Sparse reverse mode: the entries of a result by every node it is computed from, users first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gradcompile.autodiff import linalg
from gradcompile.autodiff.cotangent import Cotangent
from gradcompile.autodiff.entries import (
    Arrays,
    Entry,
    Moves,
    Part,
    both_of,
    guarded,
    inside,
    locals_of,
    positions,
    renamed,
    term_of,
    times,
)
from gradcompile.autodiff.reverse import pull
from gradcompile.gates import build
from gradcompile.ir.nodes import Axis, Declared, DType, Kind, Node, reachable

SHORT = 16  # an axis up to which its parts are put together: zeros are multiplied rather than loops made for each
_PLAIN = (Kind.CONST, Kind.EXTENT, Kind.IOTA, Kind.GATE)


class SparseReverse(Moves):
    """Entries of one result by nodes, users first."""

    def __init__(self, result: Node, axes: Sequence[Axis], arguments: Arrays) -> None:
        super().__init__(result.graph, arguments)
        self.axes = axes
        seed = Entry("", Cotangent(build.const(self.graph, 1.0)), positions(self.graph, axes), {})
        self.waiting: dict[Node, list[Entry]] = {
            result: [self.dropped(seed, [a for a in axes if a not in result.axes])]
        }
        self.arrived: dict[str, list[Entry]] = {}  # at arguments, over their own axes
        self.histories: dict[object, list[tuple[Node, Entry]]] = {}
        for node in reversed(reachable([result])):
            if node in self.waiting and self.varies(node):
                origin = self.graph.origin_of(node)
                with self.graph.origin(origin.span, f"{node.op} gate"):
                    for entry in self.merged(self._consolidated(self.waiting.pop(node))):
                        for operand, below in self._downstream(node, entry):
                            if operand.dtype is DType.REAL and self.varies(operand):
                                self.waiting.setdefault(operand, []).append(below)
        self._through_recurrences()

    def parts(self) -> list[Part]:
        """Return the entries of the result."""
        found = []
        for name, own in self.arguments.items():
            for entry in self.merged(self._consolidated(self._structured(name, own, self.arrived.get(name, ())))):
                part = self.part(entry, name, own, self.axes)
                found.append(replace(part, rows=part.columns, columns=part.rows))
        return found

    def _downstream(self, node: Node, entry: Entry) -> Iterable[tuple[Node, Entry]]:
        """Yield the entry of each operand."""
        x, further = (node.operands[0], node.operands[1:]) if node.operands else (node, ())
        match node.kind:
            case Kind.INPUT:
                own = dict(zip(node.attrs, self.arguments[node.name], strict=True))
                self.arrived.setdefault(node.name, []).append(renamed(entry, own))
            case Kind.GATE:
                for operand, factor, routes in locals_of(node):
                    below = self.routed(entry, factor) if routes else times(entry, factor)
                    yield operand, self.dropped(below, [a for a in node.axes if a not in operand.axes])
            case Kind.REDUCE:
                _, term, routes = term_of(node)
                if term is not None:
                    yield x, self.routed(entry, term) if routes else times(entry, term)
            case Kind.RENAME:
                yield x, renamed(entry, {b: a for a, b in node.attrs})
            case Kind.TAKE:
                axis, (index, guard) = node.attrs[0], guarded(further)
                over = sorted({a for n in further for a in n.axes if a not in x.axes or a == axis})
                yield x, self.scattered(entry, axis, index, over, guard)
            case Kind.SCATTER:
                below = self.gathered(entry, node.attrs[0], *guarded(further))
                yield x, self.dropped(below, sorted({a for n in further for a in n.axes if a not in x.axes}))
            case Kind.ARRAY:
                yield from self._array_gate(node, entry)
            case Kind.HISTORY:
                for axis in node.axes:
                    entry = self.spread(self.unmapped(entry, axis), axis)
                entry = self.anywhere(entry, node.axes)
                self.histories.setdefault((entry.places, entry.further), []).append((node, entry))

    def _array_gate(self, node: Node, entry: Entry) -> Iterable[tuple[Node, Entry]]:
        """Yield the entries of an array gate's operands: each may depend on all of its result."""
        for axis in list(entry.rows):
            entry = self.unmapped(entry, axis)
        inner, outer = node.attrs
        shared = set(node.axes).intersection(*(o.axes for o in node.operands)) - {*outer}.union(*inner)
        mixed = [axis for axis in node.axes if axis not in shared]
        for axis in mixed:
            entry = self.spread(entry, axis)
        entry = self.anywhere(entry, mixed)
        for operand, arriving in linalg.array_gate(node, entry.number):
            yield operand, replace(entry, number=arriving)

    def _through_recurrences(self) -> None:
        """Take what arrived at states of recurrences to the arguments, every element of which it may depend on."""
        for found in self.histories.values():
            same = both_of([e for _, e in found])
            for name, arriving in pull([(node, e.number) for node, e in found], self.arguments).items():
                self.arrived.setdefault(name, []).append(replace(same, number=arriving))

    def _consolidated(self, entries: Iterable[Entry]) -> list[Entry]:
        """Put entries together that are in parts of a short axis, where others have all of it or other parts."""
        found = list(entries)
        for axis in sorted({a for e in found for a, r in e.rows.items() if _is_part(a, r)}):
            whole = [self.settled(self.unmapped(e, axis)) if axis in e.rows else e for e in found]
            keys = [e.key for e in whole]
            found = [w if keys.count(w.key) > 1 else e for e, w in zip(found, whole, strict=True)]
        return found

    def _structured(self, name: str, own: Sequence[Axis], entries: Iterable[Entry]) -> Iterable[Entry]:
        """Yield the entries of an argument of a declared form."""
        structure = self.graph.declared.get(name, Declared()).structure
        for entry in entries:
            if structure in ("symmetric", "definite"):
                half = times(entry, build.const(self.graph, 0.5))
                yield half
                yield renamed(half, {own[-2]: own[-1], own[-1]: own[-2]})
            elif structure:
                yield self.routed(entry, inside(structure, *positions(self.graph, own[-2:])))
            else:
                yield entry


def _is_part(axis: Axis, row: Node) -> bool:
    """Is an axis short, and a position along it one that no data decide?"""
    size = axis.extent.constant
    return size is not None and size <= SHORT and all(n.kind in _PLAIN for n in reachable([row]))
