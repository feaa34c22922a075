"""Nests of reads and of scatters, each written as one: x[i, j] and np.add.at(x, (i, j), v)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gradcompile.emit.known import Known
from gradcompile.emit.live import level
from gradcompile.ir.nodes import Axis, Kind, Node

Private = Callable[[Node], bool]  # does a node stand in one place only, without a name?


@dataclass(frozen=True)
class Gather:
    """What is read, at which indices along which axes, and the conditions under which it is."""

    base: Node
    index: tuple[tuple[Axis, Node], ...]
    guards: tuple[Node, ...]
    moved: int | None = None  # by how many places, where the index and the guards only say that

    @property
    def parts(self) -> tuple[Node, ...]:
        """The nodes that stand in the expression."""
        return (self.base,) if self.moved is not None else (self.base, *(i for _, i in self.index), *self.guards)


@dataclass(frozen=True)
class Spread:
    """What is added up over which axes, at which indices along which axes, and the conditions under which it is."""

    value: Node
    index: tuple[tuple[Axis, Node], ...]
    guards: tuple[Node, ...]
    over: frozenset[Axis]
    moved: int | None = None  # by how many places, where the index and the guards only say that

    @property
    def parts(self) -> tuple[Node, ...]:
        """The nodes that stand in the statement."""
        return (self.value,) if self.moved is not None else (self.value, *(i for _, i in self.index), *self.guards)


def gathered(node: Node, private: Private, known: Known) -> Gather:
    """Return a read together with the reads that it is made from, as far as they are of the same array."""
    base, where, *guards = node.operands
    index = [(node.attrs[0], where)]
    while base.kind is Kind.TAKE and private(base) and level(base) == level(node):
        made = {a for o in base.operands[1:] for a in o.axes}
        if any(axis in made for axis, _ in index):
            break
        index.append((base.attrs[0], base.operands[1]))
        guards += base.operands[2:]
        base = base.operands[0]
    needed = known.needed(dict.fromkeys(reversed(guards)))
    moved = known.moved(*index[0], needed, base.axes) if len(index) == 1 and needed else None
    return Gather(base, tuple(reversed(index)), needed, moved)


def spread(node: Node, private: Private, known: Known) -> Spread:
    """Return a scatter together with the scatters that it is made from."""
    value, where, *guards = node.operands
    index, over = [(node.attrs[0], where)], set(node.attrs[1])
    while value.kind is Kind.SCATTER and private(value) and level(value) == level(node):
        (axis, summed), outer = value.attrs, {a for n in (*guards, *(i for _, i in index)) for a in n.axes}
        below = {a for o in value.operands for a in o.axes}
        clash = (below & {a for a, _ in index}) - over
        if axis in outer | over or set(summed) & outer or clash:
            break
        index.append((axis, value.operands[1]))
        guards += value.operands[2:]
        over |= set(summed)
        value = value.operands[0]
    needed, (axis, where) = known.needed(dict.fromkeys(guards)), index[0]
    moved = known.moved(axis, where, needed, node.axes) if len(index) == 1 and needed else None
    alone = set(where.axes) == over and over <= set(value.axes)
    return Spread(value, tuple(index), needed, frozenset(over), moved if alone else None)
