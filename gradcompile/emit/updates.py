"""Changes of an array in place: subscript assignment, accumulation, and a loop that goes on with the array."""

from __future__ import annotations

from collections.abc import Container, Set
from dataclasses import dataclass

from gradcompile.ir.nodes import Axis, DType, Kind, Node


@dataclass(frozen=True)
class Update:
    """A node that is another array with some of its elements changed.

    ``index``: the positions that are set, by axis. ``rest``: conditions under which they are. ``pieces``: scatters
    that are added; without them and without an index the value is added everywhere. A HISTORY node is a loop's work.
    """

    node: Node
    base: Node
    value: Node
    index: tuple[tuple[Axis, Node], ...] = ()
    rest: tuple[Node, ...] = ()
    pieces: tuple[Node, ...] = ()

    @property
    def worker(self) -> Node:
        """The node whose statements make the change."""
        return self.node.operands[0] if self.node.kind is Kind.HISTORY else self.node

    @property
    def parts(self) -> tuple[Node, ...]:
        """The nodes that stand in the statement."""
        if self.node.kind is Kind.HISTORY:
            return ()
        if self.pieces:
            return tuple(o for piece in self.pieces for o in piece.operands)
        return (self.value, *(i for _, i in self.index), *self.rest)


def update_of(node: Node, bases: Container[Node], held: Set[Axis], loops: Container[tuple[Node, int]]) -> Update | None:
    """Return the change that a node makes to one of `bases`, if it makes one.

    ``held``: the axes of time. ``loops``: the states of recurrences that are kept in one array, which they change.
    """
    if node.kind is Kind.HISTORY and (node.operands[0], node.attrs[0]) in loops:
        base = node.operands[0].operands[node.attrs[0]]
        return Update(node, base, node) if base in bases else None
    if node.kind is not Kind.GATE:
        return None
    if node.name == "where" and (base := node.operands[2]) in bases:
        return _assignment(node, base, held)
    if node.name == "add":
        for base, value in (node.operands, node.operands[::-1]):
            if base in bases and set(value.axes) - held <= set(base.axes):
                return Update(node, base, value, pieces=_pieces(value))
    return None


def _assignment(node: Node, base: Node, held: Set[Axis]) -> Update | None:
    condition, value, _ = node.operands
    index: dict[Axis, Node] = {}
    rest: list[Node] = []
    for part in conjuncts(condition):
        found = _position(part, node)
        if found is None or found[0] in index:
            rest.append(part)
        else:
            index[found[0]] = found[1]
    axes = {a for i in index.values() for a in i.axes if not in_range(i)} - held
    if not index or axes or any(a in index for i in index.values() for a in i.axes):
        return None
    return Update(node, base, value, tuple(index.items()), tuple(rest))


def in_range(index: Node) -> bool:
    """Is an index a position of its axis by the kind of node that it is?"""
    return index.kind is Kind.CHECK or (index.kind is Kind.REDUCE and index.name in ("argmax", "argmin"))


def conjuncts(condition: Node) -> list[Node]:
    """Return the conditions that all have to hold for one to hold."""
    found, stack = [], [condition]
    while stack:
        node = stack.pop()
        if node.kind is Kind.GATE and node.name == "and":
            stack += reversed(node.operands)
        else:
            found.append(node)
    return found


def _position(condition: Node, changed: Node) -> tuple[Axis, Node] | None:
    """Return (axis, index) of a condition that holds at one position of an axis."""
    if condition.kind is not Kind.GATE or condition.name != "eq":
        return None
    for a, index in (condition.operands, condition.operands[::-1]):
        if a.kind is Kind.IOTA and a.attrs[0] in changed.axes and a.attrs[0] not in index.axes:
            return (a.attrs[0], index) if index.dtype is DType.INT else None
    return None


def _pieces(value: Node) -> tuple[Node, ...]:
    """Return the scatters that a value is the sum of, if it is one."""
    found, stack = [], [value]
    while stack:
        node = stack.pop()
        if node.kind is Kind.SCATTER:
            found.append(node)
        elif node.kind is Kind.GATE and node.name == "add":
            stack += reversed(node.operands)
        else:
            return ()
    return tuple(found)
