"""Sparse forward mode: beside every gate the entries of its Jacobian, and none that the axes show to be zero.

An entry is a number over axes of its own, and where it stands: the position in the argument along each of its axes,
and the position in the gate's value where that is computed too. A read `x[i]` has one entry, which is 1 in column i.
Gates multiply it by their local gradient, a read at `obs[p]` moves it, and a sum over an axis along which columns
differ keeps the axis: the terms of the sum are separate entries of one row. What an axis cannot tell is spread out over
all columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gradcompile.autodiff.cotangent import Cotangent, accumulate, anywhere_along
from gradcompile.autodiff.forward import along, array_tangent
from gradcompile.autodiff.linalg import within_structure
from gradcompile.gates import build
from gradcompile.gates.registry import GATES, REDUCE
from gradcompile.gates.select import select, within
from gradcompile.gates.substitute import relabel
from gradcompile.gates.template import Bindings, formula
from gradcompile.ir.nodes import Axis, Declared, DType, Graph, Kind, Node, reachable


@dataclass(frozen=True)
class Entry:
    """Derivatives of one node by one argument, over the node's axes (but for those in `rows`) and further ones."""

    by: str
    number: Cotangent
    columns: tuple[Node, ...]  # the position in the argument, along each of its axes
    rows: Mapping[Axis, Node]  # the position in the node, along axes of it where that is not the axis itself
    further: tuple[Axis, ...] = ()  # along which there are several entries for one element of the node
    guard: Node | None = None  # where the positions may be evaluated
    exists: Node | None = None  # where there is an entry at all, as far as no parameter decides it

    @property
    def key(self) -> object:
        """What two entries that can be added have in common."""
        return self.by, self.columns, tuple(sorted(self.rows.items())), self.further


@dataclass(frozen=True)
class Part:
    """Numbers of a sparse matrix, and the position of each in the result and in the argument; -1: there is none."""

    by: str
    axes: tuple[Axis, ...]  # which the numbers are over
    number: Node
    rows: tuple[Node, ...]
    columns: tuple[Node, ...]
    exists: Node | None  # None: everywhere


def sparse_jacobian(
    results: Sequence[tuple[Node, Sequence[Axis]]], arguments: Mapping[str, Sequence[Axis]]
) -> list[list[Part]]:
    """Return, for each result, the entries of its Jacobian: results and arguments with the order of their axes."""
    nodes = [node for node, _ in results]
    sparse = _Sparse(nodes, arguments)
    return [[sparse.part(e, axes) for e in sparse.entries.get(node, ())] for node, axes in results]


class _Sparse:
    """The entries of all nodes that results are computed from, operands first."""

    def __init__(self, results: Sequence[Node], arguments: Mapping[str, Sequence[Axis]]) -> None:
        self.graph: Graph = results[0].graph
        self.arguments = arguments
        self.entries: dict[Node, list[Entry]] = {}
        self.varying: set[Node] = set()  # nodes that depend on an argument
        self.looked = 0  # how many nodes of the graph are known to be in `varying` or not
        nodes = [n for n in reachable(results) if not n.carries]
        self.counter = 1 + max((a.counter for n in self.graph.nodes for a in n.axes), default=0)
        self._spread_out([n for n in nodes if n.kind is Kind.HISTORY and n.dtype is DType.REAL])
        for node in nodes:
            if node.dtype is DType.REAL and node not in self.entries:
                origin = self.graph.origin_of(node)
                with self.graph.origin(origin.span, f"{node.op} gate"):
                    if found := self._merged(self._of(node)):
                        self.entries[node] = found

    def _of(self, node: Node) -> Iterable[Entry]:
        match node.kind:
            case Kind.INPUT:
                return self._argument(node)
            case Kind.GATE:
                return self._gate(node)
            case Kind.ARRAY:
                return [e for operand in dict.fromkeys(node.operands) for e in self._array_gate(node, operand)]
        if not node.operands:
            return []
        found = self.entries.get(node.operands[0], ())
        match node.kind:
            case Kind.REDUCE:
                return [e for entry in found for e in self._reduction(node, entry)]
            case Kind.RENAME:
                return [_renamed(e, dict(node.attrs)) for e in found]
            case Kind.TAKE:
                return [self._take(node, e) for e in found]
            case Kind.SCATTER:
                return [self._scatter(node, e) for e in found]
        return []

    # -- gates -------------------------------------------------------------------------------------------------

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
        if structure:
            inside = build.gate("ge" if structure == "lower" else "le", *columns[-2:])
            return [Entry(node.name, Cotangent(one).routed(inside), columns, {}, exists=inside)]
        return [Entry(node.name, Cotangent(one), columns, {})]

    def _gate(self, node: Node) -> list[Entry]:
        record = GATES[node.name]
        if node.name == "where":
            return self._choice(node)
        bindings: Bindings = dict(zip(record.arguments, node.operands, strict=True))
        bindings["out"] = node
        found = []
        for operand, rule in zip(node.operands, record.routes or record.partials, strict=True):
            if rule is None or operand not in self.entries:
                continue
            factor = formula(rule).build(self.graph, bindings)
            for entry in self.entries[operand]:
                local = _located(factor, entry)
                number = entry.number.routed(local) if record.routes else entry.number.times(local)
                found.append(replace(entry, number=number))
        return found

    def _choice(self, node: Node) -> list[Entry]:
        """Return the entries of the branch that is taken; one where both branches have it."""
        condition, *branches = node.operands
        yes, no = ({e.key: e for e in self.entries.get(branch, ())} for branch in branches)
        found = []
        for key in dict.fromkeys([*yes, *no]):
            entry = yes.get(key) or no[key]
            if key in yes and key in no:
                entry = _both_of([yes[key], no[key]])
                here = _located(condition, entry)
                number = build.gate("where", here, yes[key].number.settle(), no[key].number.settle())
                found.append(replace(entry, number=Cotangent(number)))
                continue
            here = _located(condition, entry)
            taken = here if key in yes else build.gate("not", here)
            exists = entry.exists if self._varies(taken) else build.both(entry.exists, taken)
            found.append(replace(entry, number=entry.number.routed(taken), exists=exists))
        return found

    def _array_gate(self, node: Node, operand: Node) -> Iterable[Entry]:
        """Yield entries of an array gate: every element of a result may depend on all of its matrix."""
        eaten = {a for o, axes in zip(node.operands, node.attrs[0], strict=True) if o is operand for a in axes}
        for entry in self.entries.get(operand, ()):
            held = entry
            for axis in sorted(eaten):
                held = self._spread(held, axis)
            for axis in [a for a in held.rows if a in node.axes or any(a in o.axes for o in node.operands)]:
                held = self._unmapped(held, axis)
            tangent = array_tangent(node, {operand: held.number.settle()})
            if tangent is not None:
                yield replace(held, number=Cotangent(tangent))

    def _reduction(self, node: Node, entry: Entry) -> Iterable[Entry]:
        """Yield the entries of a reduction: those of each term, or one where all terms have the same columns."""
        (x,), (axis,) = node.operands, node.attrs
        record = REDUCE[node.name]
        if record.route:
            position = build.reduce(record.route, x, axis)
            entry = self._unmapped(entry, axis)
            chosen = build.gate("eq", build.iota(self.graph, axis), position)
            entry = replace(entry, number=entry.number.routed(_located(chosen, entry)))
        elif record.partial:
            local = formula(record.partial).build(self.graph, {"x": x, "out": node, "k": axis})
            entry = replace(entry, number=entry.number.times(_located(local, entry)))
        else:
            return
        if axis in entry.rows:
            yield self._settled(replace(entry, rows={a: r for a, r in entry.rows.items() if a != axis}))
        else:
            yield self._settled(self._kept(entry, axis))

    def _take(self, node: Node, entry: Entry) -> Entry:
        (_, index, *guards), (axis,) = node.operands, node.attrs
        entry = self._unmapped(entry, axis)
        index, guard = _located(index, entry), _located(guards[0], entry) if guards else None
        found = self._read(entry, axis, index, guard)
        if any(self._varies(_unchecked(position)) for position in (*found.columns, *found.rows.values())):
            found = self._read(self._spread(entry, axis), axis, index, guard)
        return found

    def _read(self, entry: Entry, axis: Axis, index: Node, guard: Node | None) -> Entry:
        """Return the entry with an axis held at an index."""
        moved = replace(
            _positioned(entry, lambda n: select(n, axis, index, guard)),
            number=_moved(entry.number, lambda n: build.take(n, axis, index, guard)),
        )
        exists = moved.exists if guard is None or self._varies(guard) else build.both(moved.exists, guard)
        return replace(moved, guard=build.both(moved.guard, guard), exists=exists)

    def _scatter(self, node: Node, entry: Entry) -> Entry:
        (_, index, *guards), (axis, over) = node.operands, node.attrs
        if self._varies(_unchecked(index)):
            for a in over:
                entry = self._spread(self._unmapped(entry, a), a)
            guard = _located(guards[0], entry) if guards else None
            added = build.scatter(entry.number.settle(), axis, _located(index, entry), over, guard)
            return replace(entry, number=Cotangent(added))
        row, guard = _located(index, entry), _located(guards[0], entry) if guards else None
        apart = {a for n in (node.operands[0], index, *guards) for a in n.axes}.intersection(over) - entry.rows.keys()
        rows = {a: r for a, r in entry.rows.items() if a not in over}
        number, exists = entry.number, entry.exists
        if guard is not None:
            number = number.routed(guard)
            exists = exists if self._varies(guard) else build.both(exists, guard)
        entry = replace(
            entry, number=number, rows={**rows, axis: row}, exists=exists, guard=build.both(entry.guard, guard)
        )
        for a in sorted(apart):
            entry = self._kept(entry, a)
        return self._settled(entry)

    # -- what they share ---------------------------------------------------------------------------------------

    def _merged(self, entries: Iterable[Entry]) -> list[Entry]:
        """Add up entries at the same positions."""
        found: dict[object, list[Entry]] = {}
        for entry in entries:
            if not entry.number.value.is_const(0):
                found.setdefault(entry.key, []).append(entry)
        return [replace(_both_of(same), number=accumulate([e.number for e in same])) for same in found.values()]

    def _new(self, axis: Axis, entry: Entry) -> Axis:
        """Return an axis of the same size for an entry; entries of the same kind get the same one."""
        counter = self.counter
        while (new := Axis(axis.extent, counter)) in entry.further:
            counter += 1
        return new

    def _kept(self, entry: Entry, axis: Axis) -> Entry:
        """Return the entry with an axis that the node loses as a further one."""
        new = self._new(axis, entry)
        moved = _each(entry, lambda n: relabel(n, {axis: new}))
        return replace(moved, further=(*entry.further, new))

    def _spread(self, entry: Entry, axis: Axis) -> Entry:
        """Return the entry with positions that do not depend on an axis: a further one takes its place."""
        if not any(axis in n.axes for n in _places(entry)):
            return entry
        new = self._new(axis, entry)
        here = build.gate("eq", build.iota(self.graph, axis), build.iota(self.graph, new))
        moved = _positioned(entry, lambda n: relabel(n, {axis: new}))
        return replace(moved, number=entry.number.routed(here), further=(*entry.further, new))

    def _unmapped(self, entry: Entry, axis: Axis) -> Entry:
        """Return the entry with an axis that is one of its own again: 0 but at the computed position."""
        if axis not in entry.rows:
            return entry
        here = build.gate("eq", build.iota(self.graph, axis), entry.rows[axis])
        rows = {a: r for a, r in entry.rows.items() if a != axis}
        return replace(entry, number=entry.number.routed(here), rows=rows)

    def _settled(self, entry: Entry) -> Entry:
        """Return the entry summed over the further axes along which all stand at the same place."""
        idle = [a for a in entry.further if not any(a in n.axes for n in (*entry.columns, *entry.rows.values()))]
        if not idle:
            return entry
        guard, exists = (None if m is None else anywhere_along(m, idle) for m in (entry.guard, entry.exists))
        further = tuple(a for a in entry.further if a not in idle)
        return replace(entry, number=entry.number.summed(idle), guard=guard, exists=exists, further=further)

    def _spread_out(self, nodes: Sequence[Node]) -> None:
        """Give nodes, of which no axis tells what they depend on, an entry in every column."""
        for name, own in self.arguments.items() if nodes else ():
            further: list[Axis] = []
            for axis in own:
                counter = self.counter + sum(a.extent == axis.extent for a in further)
                further.append(Axis(axis.extent, counter))
            here: Node | None = None
            for axis, new in zip(own, further, strict=True):
                here = build.both(here, build.gate("eq", build.iota(self.graph, axis), build.iota(self.graph, new)))
            one = Cotangent(build.const(self.graph, 1.0))
            direction = (one if here is None else one.routed(here)).settle()
            direction = within_structure(direction, name, own)
            columns = tuple(build.iota(self.graph, a) for a in further)
            for node, tangent in zip(nodes, along(nodes, {name: (direction, own)})[1], strict=True):
                if not tangent.is_const(0):
                    entry = Entry(name, Cotangent(tangent), columns, {}, tuple(further))
                    self.entries.setdefault(node, []).append(entry)

    def _varies(self, node: Node) -> bool:
        """Does a node depend on an argument?"""
        for n in self.graph.nodes[self.looked : node.id + 1]:
            if (n.kind is Kind.INPUT and n.name in self.arguments) or any(o in self.varying for o in n.operands):
                self.varying.add(n)
        self.looked = max(self.looked, node.id + 1)
        return node in self.varying

    def part(self, entry: Entry, axes: Sequence[Axis]) -> Part:
        """Return an entry of a result whose axes have this order."""
        own = tuple(a for a in axes if a not in entry.rows)
        rows = tuple(entry.rows.get(a) or build.iota(self.graph, a) for a in axes)
        exists = entry.exists
        places = []
        for position, axis in zip((*rows, *entry.columns), (*axes, *self.arguments[entry.by]), strict=True):
            plain = _unchecked(position) if self._varies(position) else position
            exists = build.both(exists, within(plain, axis))
            places.append(plain)
        count = len(rows)
        return Part(
            entry.by, (*own, *entry.further), entry.number.settle(),
            tuple(places[:count]), tuple(places[count:]), exists,
        )  # fmt: skip


def _places(entry: Entry) -> list[Node]:
    """Return the nodes of an entry that say where it stands."""
    return [n for n in (*entry.columns, *entry.rows.values(), entry.guard, entry.exists) if n is not None]


def _both_of(same: Sequence[Entry]) -> Entry:
    """Return an entry that is there where one of several at the same positions is."""
    guard, exists = _either([e.guard for e in same]), _either([e.exists for e in same])
    return replace(same[0], guard=guard, exists=exists)


def _positioned(entry: Entry, moved: Callable[[Node], Node]) -> Entry:
    """Return an entry with the nodes that say where it stands moved alike."""
    return replace(
        entry,
        columns=tuple(map(moved, entry.columns)),
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


def _renamed(entry: Entry, mapping: Mapping[Axis, Axis]) -> Entry:
    """Return an entry of a node over other axis names."""
    names = {a: b for a, b in mapping.items() if a not in entry.rows}
    moved = _each(entry, lambda n: relabel(n, names))
    return replace(moved, rows={mapping.get(a, a): r for a, r in moved.rows.items()})


def _located(node: Node, entry: Entry) -> Node:
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
