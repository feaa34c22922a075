"""Entries of a Jacobian, and the moves that take them through gates in forward and in reverse mode.

An entry is a number over axes of its own, and where it stands. In forward mode a read `x[i]` has one entry, which is 1
in column i; gates multiply it by their local gradient, a read at `obs[p]` moves it, and a sum over an axis along which
columns differ keeps the axis: the terms of the sum are separate entries of one row. Reverse mode starts with a 1 in
each row of the result and goes the other way; where forward mode gathers, it scatters, so that both consist of the same
moves. What an axis cannot tell is spread out over all positions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gradcompile.autodiff.cotangent import Cotangent, accumulate, anywhere_along
from gradcompile.gates import build
from gradcompile.gates.registry import GATES, REDUCE
from gradcompile.gates.select import select, within
from gradcompile.gates.substitute import relabel
from gradcompile.gates.template import Bindings, formula
from gradcompile.ir.nodes import Axis, Graph, Kind, Node


@dataclass(frozen=True)
class Entry:
    """Derivatives between a node and an array, over the node's axes (but for those in `rows`) and further ones.

    In forward mode the array is an argument, and the node is computed from it; in reverse mode it is a result.
    """

    array: str
    number: Cotangent
    places: tuple[Node, ...]  # the position in the array, along each of its axes
    rows: Mapping[Axis, Node]  # the position in the node, along axes of it where that is not the axis itself
    further: tuple[Axis, ...] = ()  # along which there are several entries for one element of the node
    guard: Node | None = None  # where the positions may be evaluated
    exists: Node | None = None  # where there is an entry at all, as far as no parameter decides it

    @property
    def key(self) -> object:
        """What two entries that can be added have in common."""
        return self.array, self.places, tuple(sorted(self.rows.items())), self.further


@dataclass(frozen=True)
class Part:
    """Numbers of a sparse matrix, over axes, and the positions of each in the result and in the argument."""

    by: str  # the argument
    axes: tuple[Axis, ...]
    number: Node
    rows: tuple[Node, ...]
    columns: tuple[Node, ...]
    exists: Node | None  # where there is an entry; None: everywhere


Arrays = Mapping[str, Sequence[Axis]]


class Varying:
    """Says whether a node depends on an argument; the graph may grow meanwhile."""

    def __init__(self, graph: Graph, arguments: Arrays) -> None:
        self.graph, self.arguments = graph, arguments
        self.found: set[Node] = set()
        self.looked = 0  # how many nodes of the graph are in `found` if they depend on one

    def __call__(self, node: Node) -> bool:
        """Does a node depend on an argument?"""
        for n in self.graph.nodes[self.looked : node.id + 1]:
            if (n.kind is Kind.INPUT and n.name in self.arguments) or any(o in self.found for o in n.operands):
                self.found.add(n)
        self.looked = max(self.looked, node.id + 1)
        return node in self.found


class Moves:
    """What both modes do with entries."""

    def __init__(self, graph: Graph, arguments: Arrays) -> None:
        self.graph, self.arguments = graph, arguments
        self.varies = Varying(graph, arguments)
        self.counter = 1 + max((a.counter for n in graph.nodes for a in n.axes), default=0)

    def merged(self, entries: Iterable[Entry]) -> list[Entry]:
        """Add up entries at the same positions."""
        found: dict[object, list[Entry]] = {}
        for entry in entries:
            if not entry.number.value.is_const(0):
                found.setdefault(entry.key, []).append(entry)
        return [replace(both_of(same), number=accumulate([e.number for e in same])) for same in found.values()]

    def routed(self, entry: Entry, condition: Node) -> Entry:
        """Return the entry where a condition of its node holds."""
        here = located(condition, entry)
        exists = entry.exists if self.varies(here) else build.both(entry.exists, here)
        return replace(entry, number=entry.number.routed(here), exists=exists)

    def gathered(self, entry: Entry, axis: Axis, index: Node, guard: Node | None) -> Entry:
        """Return the entry of what is read at an index of an axis."""
        entry = self.unmapped(entry, axis)
        index, guard = located(index, entry), None if guard is None else located(guard, entry)
        found = self._read(entry, axis, index, guard)
        if any(self.varies(_unchecked(position)) for position in (*found.places, *found.rows.values())):
            found = self._read(self.anywhere(self.spread(entry, axis), [axis]), axis, index, guard)
        return found

    def _read(self, entry: Entry, axis: Axis, index: Node, guard: Node | None) -> Entry:
        moved = replace(
            _positioned(entry, lambda n: select(n, axis, index, guard)),
            number=_moved(entry.number, lambda n: build.take(n, axis, index, guard)),
        )
        exists = moved.exists if guard is None or self.varies(guard) else build.both(moved.exists, guard)
        return replace(moved, guard=build.both(moved.guard, guard), exists=exists)

    def scattered(self, entry: Entry, axis: Axis, index: Node, over: Sequence[Axis], guard: Node | None) -> Entry:
        """Return the entry of what receives it at an index of an axis, summed over others."""
        if self.varies(_unchecked(index)):
            for a in over:
                entry = self.spread(self.unmapped(entry, a), a)
            index, guard = located(index, entry), None if guard is None else located(guard, entry)
            added = build.scatter(entry.number.settle(), axis, index, over, guard)
            return replace(self.anywhere(entry, over), number=Cotangent(added))
        row, guard = located(index, entry), None if guard is None else located(guard, entry)
        entry = entry if guard is None else self.routed(entry, guard)
        rows = {a: r for a, r in entry.rows.items() if a not in over}
        moved = replace(entry, rows={**rows, axis: row}, guard=build.both(entry.guard, guard))
        for a in over:
            moved = moved if a in entry.rows else self._kept(moved, a)
        return self.settled(moved)

    def dropped(self, entry: Entry, axes: Iterable[Axis]) -> Entry:
        """Return the sum over axes: separate entries along those that positions depend on."""
        for axis in axes:
            rows = {a: r for a, r in entry.rows.items() if a != axis}
            entry = replace(entry, rows=rows) if axis in entry.rows else self._kept(entry, axis)
        return self.settled(entry)

    def _kept(self, entry: Entry, axis: Axis) -> Entry:
        """Return the entry with an axis that the node loses as a further one."""
        new = self._new(axis, entry)
        moved = _each(entry, lambda n: relabel(n, {axis: new}))
        return replace(moved, further=(*entry.further, new))

    def _new(self, axis: Axis, entry: Entry) -> Axis:
        """Return an axis of the same size for an entry; entries of the same kind get the same one."""
        counter = self.counter
        while (new := Axis(axis.extent, counter)) in entry.further:
            counter += 1
        return new

    def spread(self, entry: Entry, axis: Axis) -> Entry:
        """Return the entry with positions that do not depend on an axis: a further one takes its place."""
        if not any(axis in n.axes for n in _places(entry)):
            return entry
        new = self._new(axis, entry)
        here = build.gate("eq", build.iota(self.graph, axis), build.iota(self.graph, new))
        moved = replace(_positioned(entry, lambda n: relabel(n, {axis: new})), further=(*entry.further, new))
        return replace(moved, number=entry.number.routed(here), exists=build.both(moved.exists, here))

    def unmapped(self, entry: Entry, axis: Axis) -> Entry:
        """Return the entry with an axis that is one of its own again: 0 but at the computed position."""
        if axis not in entry.rows:
            return entry
        here = build.gate("eq", build.iota(self.graph, axis), entry.rows[axis])
        rows = {a: r for a, r in entry.rows.items() if a != axis}
        return replace(entry, number=entry.number.routed(here), rows=rows, exists=build.both(entry.exists, here))

    def anywhere(self, entry: Entry, axes: Iterable[Axis]) -> Entry:
        """Return the entry there for all positions of axes, if it is for one: what comes next mixes them."""
        guard, exists = (None if m is None else anywhere_along(m, list(axes)) for m in (entry.guard, entry.exists))
        return replace(entry, guard=guard, exists=exists)

    def settled(self, entry: Entry) -> Entry:
        """Return the entry summed over the further axes along which all stand at the same place."""
        idle = [a for a in entry.further if not any(a in n.axes for n in (*entry.places, *entry.rows.values()))]
        if not idle:
            return entry
        further = tuple(a for a in entry.further if a not in idle)
        return replace(self.anywhere(entry, idle), number=entry.number.summed(idle), further=further)

    def part(self, entry: Entry, by: str, own: Sequence[Axis], other: Sequence[Axis]) -> Part:
        """Return what an entry of a node with these axes is in a matrix; its columns are positions in the array."""
        found, exists = list[Node](), entry.exists
        mine = [entry.rows.get(a) or build.iota(self.graph, a) for a in own]
        for position, axis in zip((*mine, *entry.places), (*own, *other), strict=True):
            found.append(_unchecked(position) if self.varies(position) else position)
            exists = build.both(exists, within(found[-1], axis))
        apart = [*(a for a in own if a not in entry.rows), *entry.further]
        axes = sorted(apart, key=lambda a: a.extent.constant is not None)  # the short ones last
        return Part(by, tuple(axes), entry.number.settle(), tuple(found[: len(own)]), tuple(found[len(own) :]), exists)


def locals_of(node: Node) -> Iterable[tuple[Node, Node, bool]]:
    """Yield each operand of a gate with what it is multiplied by, or the condition on which it is routed."""
    record = GATES[node.name]
    bindings: Bindings = dict(zip(record.arguments, node.operands, strict=True))
    bindings["out"] = node
    for operand, rule in zip(node.operands, record.routes or record.partials, strict=True):
        if rule is not None:
            yield operand, formula(rule).build(node.graph, bindings), bool(record.routes)


def term_of(node: Node) -> tuple[Axis, Node | None, bool]:
    """Return a reduction's axis, and what a term is multiplied by, or the condition on which it is routed."""
    (x,), (axis,) = node.operands, node.attrs
    record = REDUCE[node.name]
    if record.route:
        return axis, build.gate("eq", build.iota(node.graph, axis), build.reduce(record.route, x, axis)), True
    if not record.partial:
        return axis, None, False
    return axis, formula(record.partial).build(node.graph, {"x": x, "out": node, "k": axis}), False


def guarded(operands: Sequence[Node]) -> tuple[Node, Node | None]:
    """Return the index of a read, and its guard if it has one."""
    return operands[0], operands[1] if len(operands) > 1 else None


def positions(graph: Graph, axes: Sequence[Axis]) -> tuple[Node, ...]:
    """Return the position along each axis."""
    return tuple(build.iota(graph, axis) for axis in axes)


def inside(structure: str, row: Node, column: Node) -> Node:
    """Return the condition that an element is in the triangle that is declared."""
    return build.gate("ge" if structure == "lower" else "le", row, column)


def times(entry: Entry, factor: Node) -> Entry:
    """Return the entry times a local gradient."""
    return replace(entry, number=entry.number.times(located(factor, entry)))


def _places(entry: Entry) -> list[Node]:
    """Return the nodes of an entry that say where it stands."""
    return [n for n in (*entry.places, *entry.rows.values(), entry.guard, entry.exists) if n is not None]


def both_of(same: Sequence[Entry]) -> Entry:
    """Return an entry that is there where one of several at the same positions is."""
    guard, exists = _either([e.guard for e in same]), _either([e.exists for e in same])
    return replace(same[0], guard=guard, exists=exists)


def _positioned(entry: Entry, moved: Callable[[Node], Node]) -> Entry:
    """Return an entry with the nodes that say where it stands moved alike."""
    return replace(
        entry,
        places=tuple(map(moved, entry.places)),
        rows={a: moved(r) for a, r in entry.rows.items()},
        guard=None if entry.guard is None else moved(entry.guard),
        exists=None if entry.exists is None else moved(entry.exists),
    )


def _each(entry: Entry, moved: Callable[[Node], Node]) -> Entry:
    """Return an entry with all of its nodes moved alike."""
    return replace(_positioned(entry, moved), number=_moved(entry.number, moved))


def _moved(number: Cotangent, moved: Callable[[Node], Node]) -> Cotangent:
    mask = None if number.mask is None else moved(number.mask)
    return Cotangent(moved(number.value), mask, number.settled)


def renamed(entry: Entry, mapping: Mapping[Axis, Axis]) -> Entry:
    """Return an entry of a node over other axis names."""
    names = {a: b for a, b in mapping.items() if a not in entry.rows}
    moved = _each(entry, lambda n: relabel(n, names))
    return replace(moved, rows={mapping.get(a, a): r for a, r in moved.rows.items()})


def located(node: Node, entry: Entry) -> Node:
    """Return what a node is where an entry stands."""
    for axis, row in entry.rows.items():
        node = select(node, axis, row, entry.guard)
    return node


def _either(conditions: Sequence[Node | None]) -> Node | None:
    """Return the condition that one of them holds; None always does."""
    total = conditions[0]
    for condition in conditions[1:]:
        if total is None or condition is None:
            return None
        total = total if total is condition else build.gate("or", total, condition)
    return total


def _unchecked(position: Node) -> Node:
    """Return a position without the check that it is one: where it is none, there is no entry."""
    while position.kind is Kind.CHECK:
        position = position.operands[0]
    return position
