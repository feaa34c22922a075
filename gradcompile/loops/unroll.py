"""Axes of a short known length are written out: each element of a 3-vector becomes a value of its own.

What is left has no such axis, so products, choices and reads at known positions simplify, and a nest keeps the elements
in registers. Where an array as a whole is needed, as a result, as the operand of a matrix gate or for a read at a
position that data decide, its elements are put together again by a node of kind STACK.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import product
from math import prod

from gradcompile.gates import build
from gradcompile.gates.substitute import rebuild
from gradcompile.ir.nodes import Axis, Kind, Node, reachable
from gradcompile.rewrite.simplify import simplifying

_LONGEST = 16  # elements along an axis
_WIDEST = 64  # elements of one node
_MOST = 3000  # elements of all nodes
_PAIRWISE = {"sum": "add", "prod": "mul", "max": "max", "top": "max", "min": "min", "any": "or", "all": "and"}

Positions = tuple[int, ...]


def unrolled(roots: Sequence[Node], is_product: Callable[[Node], bool]) -> dict[Node, Node]:
    """Return the form of every node that keeps its axes, or is a root, with short axes written out.

    Axes of what `is_product` finds to be a matrix product with a long sum are left to it.
    """
    axes = _short_axes(roots, is_product)
    if not axes:
        return {n: n for n in reachable(roots)}
    spelt = _Elements(axes)
    for node in reachable(roots):
        graph, origin = node.graph, node.graph.origin_of(node)
        with graph.origin(origin.span, origin.rule):
            spelt.add(node)
    plain = {n: elements[()] for n, elements in spelt.found.items() if () in elements}
    plain |= {r: spelt.whole(r) for r in roots}
    normal = simplifying().run([plain[r] for r in roots])
    return {n: normal[p] for n, p in plain.items() if p in normal}


def _short_axes(roots: Sequence[Node], is_product: Callable[[Node], bool]) -> frozenset[Axis]:
    """Return the axes to write out: short ones, as far as that stays small, and none that steps of loops work on."""
    nodes = reachable(roots)
    looked_at = {n: {*n.axes}.union(*(o.axes for o in n.operands)) for n in nodes}
    axes = {a for found in looked_at.values() for a in found if (n := a.extent.constant) is not None and n <= _LONGEST}
    for node in nodes:
        if node.kind in (Kind.RECURRENCE, Kind.HISTORY, Kind.CARRY):
            axes -= {*node.axes, *(node.attrs[:1] if node.kind is Kind.RECURRENCE else ())}
        elif node.kind is Kind.REDUCE and node.attrs[0].extent.constant is None and is_product(node):
            axes -= looked_at[node]
    while axes:
        widths = [_width(found & axes) for found in looked_at.values()]
        if max(widths) <= _WIDEST and sum(w for w in widths if w > 1) <= _MOST:
            break
        longest = max(a.extent.constant or 0 for a in axes)
        axes = {a for a in axes if a.extent.constant != longest}
    return frozenset(axes)


def _width(axes: set[Axis]) -> int:
    return prod(a.extent.constant or 1 for a in axes)


class _Elements:
    """The elements of nodes: for each position along their short axes, a node without these axes."""

    def __init__(self, axes: frozenset[Axis]) -> None:
        self.axes = axes
        self.found: dict[Node, dict[Positions, Node]] = {}
        self.arrays: dict[Node, Node] = {}

    def add(self, node: Node) -> None:
        """Find the elements of a node, those of its operands being known."""
        short = self.short(node.axes)
        if not short and not any(self.short(o.axes) for o in node.operands):
            operands = tuple(self.found[o][()] for o in node.operands)
            self.found[node] = {(): node if operands == node.operands else rebuild(node, operands)}
            return
        self.found[node] = {at: self._element(node, dict(zip(short, at, strict=True))) for at in _positions(short)}

    def short(self, axes: Sequence[Axis]) -> tuple[Axis, ...]:
        """Return the axes that are written out."""
        return tuple(a for a in axes if a in self.axes)

    def element(self, node: Node, at: Mapping[Axis, int]) -> Node:
        """Return the element of a node at a position along each of its short axes."""
        return self.found[node][tuple(at[a] for a in self.short(node.axes))]

    def whole(self, node: Node) -> Node:
        """Return the node as an array with all its axes."""
        if node not in self.arrays:
            short = self.short(node.axes)
            if node.kind is Kind.INPUT or not short:
                self.arrays[node] = self.found[node][()] if not short else node
            else:
                elements = tuple(self.found[node].values())
                self.arrays[node] = node.graph.make(Kind.STACK, "", elements, short, node.dtype)
        return self.arrays[node]

    def _read(self, array: Node, at: Mapping[Axis, int]) -> Node:
        """Return an element of an array that is in memory."""
        for axis in self.short(array.axes):
            array = build.take(array, axis, build.const(array.graph, at[axis]))
        return array

    def _element(self, node: Node, at: dict[Axis, int]) -> Node:
        match node.kind:
            case Kind.IOTA:
                return build.const(node.graph, at[node.attrs[0]])
            case Kind.INPUT:
                return self._read(node, at)
            case Kind.GATE if self._is_sum_of_scatters(node):
                return self._as_it_is(node, at)
            case Kind.GATE:
                return _gate(node.name, [self.element(o, at) for o in node.operands])
            case Kind.REDUCE:
                return self._reduced(node, at)
            case Kind.RENAME:
                back = {b: a for a, b in node.attrs}
                (x,) = node.operands
                inner = self.element(x, {back.get(a, a): i for a, i in at.items()})
                return build.rename(inner, {a: b for a, b in node.attrs if a not in self.axes})
            case Kind.TAKE:
                return self._taken(node, at)
            case Kind.SCATTER:
                return self._scattered(node, at)
            case Kind.CHECK:
                return rebuild(node, tuple(self.element(o, at) for o in node.operands))
        return self._as_it_is(node, at)

    def _is_sum_of_scatters(self, node: Node) -> bool:
        """Is it a sum of scatters that are computed as a whole? They can share one array."""
        return node.name == "add" and all(
            o in self.arrays and (o.kind is Kind.SCATTER or (o.kind is Kind.GATE and self._is_sum_of_scatters(o)))
            for o in node.operands
        )

    def _as_it_is(self, node: Node, at: Mapping[Axis, int]) -> Node:
        """Return an element of a node that is computed as a whole."""
        if node not in self.arrays:
            self.arrays[node] = rebuild(node, tuple(self.whole(o) for o in node.operands))
        return self._read(self.arrays[node], at)

    def _reduced(self, node: Node, at: Mapping[Axis, int]) -> Node:
        (x,), (axis,) = node.operands, node.attrs
        if axis not in self.axes:
            return build.reduce(node.name, self.element(x, at), axis)
        if node.name not in _PAIRWISE:
            return self._as_it_is(node, at)
        name = _PAIRWISE[node.name]
        return reduce(lambda a, b: build.gate(name, a, b), self._along(x, at, (axis,)))

    def _along(self, x: Node, at: Mapping[Axis, int], axes: Sequence[Axis]) -> list[Node]:
        """Return the elements at all positions along some axes."""
        return [self.element(x, {**at, **dict(zip(axes, k, strict=True))}) for k in _positions(axes)]

    def _taken(self, node: Node, at: Mapping[Axis, int]) -> Node:
        x, index, *guard = node.operands
        axis = node.attrs[0]
        where = self.element(index, at)
        held = [self.element(g, at) for g in guard]
        if axis not in self.axes:
            return build.take(self.element(x, at), axis, where, *held)
        if where.kind is not Kind.CONST:
            array = self.whole(x)
            for a in self.short(x.axes):
                if a != axis:
                    array = build.take(array, a, build.const(node.graph, at[a]))
            return build.take(array, axis, where, *held)
        if not 0 <= where.value < (axis.extent.constant or 0):
            return build.zero_of(x)
        found = self.element(x, {**at, axis: where.value})
        return build.gate("where", *held, found, build.zero_of(x)) if held else found

    def _scattered(self, node: Node, at: Mapping[Axis, int]) -> Node:
        x, index, *guard = node.operands
        axis, over = node.attrs
        inside = self.short(over)
        if axis not in self.axes:
            return self._as_it_is(node, at) if not inside else self._spread(node, at, inside)
        terms = []
        for k in _positions(inside):
            here = {**at, **dict(zip(inside, k, strict=True))}
            where = self.element(index, here)
            if where.kind is not Kind.CONST:
                return self._as_it_is(node, at)
            if where.value == at[axis]:
                value = self.element(x, here)
                for held in (self.element(g, here) for g in guard):
                    value = build.gate("where", held, value, build.zero_of(x))
                terms.append(build.reduce_all("sum", value, [a for a in over if a not in self.axes]))
        return reduce(lambda a, b: build.gate("add", a, b), terms) if terms else build.zero_of(x)

    def _spread(self, node: Node, at: Mapping[Axis, int], inside: Sequence[Axis]) -> Node:
        """Return the element of a scatter that sums over short axes: the sum of a scatter for each position."""
        axis, over = node.attrs
        rest = tuple(a for a in over if a not in inside)
        terms = []
        for k in _positions(inside):
            here = {**at, **dict(zip(inside, k, strict=True))}
            operands = tuple(self.element(o, here) for o in node.operands)
            terms.append(build.scatter(operands[0], axis, operands[1], rest, *operands[2:]))
        return reduce(lambda a, b: build.gate("add", a, b), terms)


def _gate(name: str, operands: Sequence[Node]) -> Node:
    """Apply a gate; a choice that is known is made, so that an index of a list is a number."""
    made = build.gate(name, *operands)
    if made.kind is Kind.GATE and name == "where" and operands[0].kind is Kind.CONST:
        chosen = operands[1] if operands[0].value else operands[2]
        return chosen if chosen.dtype is made.dtype else made
    return made


def _positions(axes: Sequence[Axis]) -> list[Positions]:
    return list(product(*(range(a.extent.constant or 0) for a in axes)))
