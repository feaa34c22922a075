"""The end of index notation: its axes get the names that the same formula over whole arrays would have.

While index variables are in scope each has an axis that nothing else has. When the outermost comprehension closes, an
axis gets the lowest counter that no axis beside it has, in the order in which the formula first reads over them. So
``sum(X[i, k] * W[k, j] for k in range(K))`` at all i and j is the very node of ``X @ W``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gradcompile.gates import build
from gradcompile.gates.substitute import rebuild
from gradcompile.ir.nodes import Axis, Kind, Node, reading_state


def close(root: Node, axes: Sequence[Axis], opened: Iterable[Axis], first: int) -> tuple[Node, tuple[Axis, ...]]:
    """Return a node and its positional axes with the `opened` axes renamed, which nodes from number `first` on have."""
    mine = frozenset(opened)
    nodes = _made_since(root, first)
    beside = _neighbours(nodes, mine)
    for axis in mine & {*axes}:
        beside[axis] |= {*axes}
    names: dict[Axis, Axis] = {}
    for axis in dict.fromkeys([*_in_order(root, first), *axes, *sorted(mine & beside.keys())]):
        if axis in mine:
            names[axis] = _lowest(axis, {names.get(a, a) for a in beside[axis] - {axis}})
    index_names = root.graph.index_names
    for axis, name in names.items():
        if axis in index_names:
            index_names.setdefault(name, index_names[axis])
    return _renamed(root, nodes, names), tuple(names.get(a, a) for a in axes)


def _lowest(axis: Axis, taken: set[Axis]) -> Axis:
    counter = 0
    while (found := Axis(axis.extent, counter)) in taken:
        counter += 1
    return found


def _made_since(root: Node, first: int) -> list[Node]:
    """Return the nodes from a number on that the root is computed from, operands first."""
    seen: dict[int, Node] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if node.id >= first and node.id not in seen:
            seen[node.id] = node
            stack.extend(node.operands)
    return [seen[i] for i in sorted(seen)]


def _in_order(root: Node, first: int) -> Iterable[Axis]:
    """Yield the axes in the order in which a formula reads over them, from left to right."""
    seen: set[int] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if node.id < first or node.id in seen:
            continue
        seen.add(node.id)
        if node.kind in (Kind.INPUT, Kind.IOTA):
            yield from node.attrs
        elif node.kind is Kind.RENAME:
            yield from (after for _, after in node.attrs)
        first_last = node.kind is Kind.GATE and node.name == "where"  # the condition is read last
        operands = (*node.operands[1:], node.operands[0]) if first_last else node.operands
        stack.extend(reversed(operands))


def _neighbours(nodes: Sequence[Node], mine: frozenset[Axis]) -> dict[Axis, set[Axis]]:
    """Return, for each of some axes, those beside it somewhere: they must have other names."""
    beside: dict[Axis, set[Axis]] = {axis: set() for axis in mine}
    for node in nodes:
        for group in _groups(node):
            for axis in mine & group:
                beside[axis] |= group
        if node.kind is Kind.RECURRENCE:
            time, _backward, depth, slots = node.attrs
            for inside in reading_state(node.operands[slots:], depth):
                for axis in mine & set().union(*_groups(inside)):
                    beside[axis].add(time)
    return beside


def _groups(node: Node) -> list[set[Axis]]:
    """Return sets of axes that are different from one another at a node."""
    operands = set().union(*(o.axes for o in node.operands))
    match node.kind:
        case Kind.TAKE | Kind.RENAME:
            return [{*node.operands[0].axes}, {*node.axes}]
        case Kind.SCATTER:
            return [operands | {node.attrs[0]}]
        case Kind.ARRAY:
            inner, outer = node.attrs
            return [operands.union(*inner, outer)]
        case Kind.RECURRENCE:
            return [operands | {node.attrs[0]}]
    return [operands, {*node.axes}]


def _renamed(root: Node, nodes: Sequence[Node], names: Mapping[Axis, Axis]) -> Node:
    done: dict[Node, Node] = {}
    for node in nodes:
        operands = tuple(done.get(o, o) for o in node.operands)
        attrs = _attrs(node, names)
        if operands == node.operands and attrs == node.attrs:
            continue
        origin = node.graph.origin_of(node)
        with node.graph.origin(origin.span, origin.rule):
            done[node] = _again(node, operands, attrs)
    return done.get(root, root)


def _attrs(node: Node, names: Mapping[Axis, Axis]) -> tuple[Any, ...]:
    """Return a node's attributes with axes renamed wherever they are."""

    def named(part: Any) -> Any:
        if isinstance(part, Axis):
            return names.get(part, part)
        return tuple(map(named, part)) if isinstance(part, tuple) else part

    return tuple(map(named, node.attrs))


def _again(node: Node, operands: tuple[Node, ...], attrs: tuple[Any, ...]) -> Node:
    """Return a node of the same kind over other operands and axes."""
    graph = node.graph
    match node.kind:
        case Kind.INPUT:
            return build.argument(graph, node.name, attrs, node.dtype)
        case Kind.IOTA:
            return build.iota(graph, attrs[0])
        case Kind.REDUCE:
            return build.reduce(node.name, operands[0], attrs[0])
        case Kind.RENAME:
            return build.rename(operands[0], dict(attrs))
        case Kind.TAKE:
            return build.take(operands[0], attrs[0], *operands[1:])
        case Kind.SCATTER:
            return build.scatter(operands[0], attrs[0], operands[1], attrs[1], *operands[2:])
        case Kind.ARRAY:
            return build.array_gate(node.name, operands, *attrs)
        case Kind.CARRY:
            depth, slot, axes = attrs
            return build.carry(graph, depth, slot, axes, node.dtype)
        case Kind.RECURRENCE:
            return graph.make(node.kind, node.name, operands, attrs, node.dtype)
    return rebuild(node, operands)
