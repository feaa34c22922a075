"""Nests of reads and of scatters, each written as one: x[i, j] and np.add.at(x, (i, j), v)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gradcompile.emit.live import level
from gradcompile.ir.nodes import Axis, Kind, Node

Private = Callable[[Node], bool]  # does a node stand in one place only, without a name?


@dataclass(frozen=True)
class Gather:
    """What is read, at which indices along which axes, and the conditions under which it is."""

    base: Node
    index: tuple[tuple[Axis, Node], ...]
    guards: tuple[Node, ...]
    inner: tuple[Node, ...]  # the reads that this one includes

    @property
    def parts(self) -> tuple[Node, ...]:
        """The nodes that stand in the expression."""
        return (self.base, *(i for _, i in self.index), *self.guards)


@dataclass(frozen=True)
class Spread:
    """What is added up over which axes, at which indices along which axes, and the conditions under which it is."""

    value: Node
    index: tuple[tuple[Axis, Node], ...]
    guards: tuple[Node, ...]
    over: frozenset[Axis]
    inner: tuple[Node, ...]  # the scatters that this one includes

    @property
    def parts(self) -> tuple[Node, ...]:
        """The nodes that stand in the statement."""
        return (self.value, *(i for _, i in self.index), *self.guards)


def gathered(node: Node, private: Private) -> Gather:
    """Return a read together with the reads that it is made from, as far as they are of the same array."""
    base, where, *guards = node.operands
    index, inner = [(node.attrs[0], where)], []
    while base.kind is Kind.TAKE and private(base) and level(base) == level(node):
        made = {a for o in base.operands[1:] for a in o.axes}
        if any(axis in made for axis, _ in index):
            break
        index.append((base.attrs[0], base.operands[1]))
        guards += base.operands[2:]
        inner.append(base)
        base = base.operands[0]
    return Gather(base, tuple(reversed(index)), tuple(dict.fromkeys(reversed(guards))), tuple(inner))


def spread(node: Node, private: Private) -> Spread:
    """Return a scatter together with the scatters that it is made from."""
    value, where, *guards = node.operands
    index, over, inner = [(node.attrs[0], where)], set(node.attrs[1]), []
    while value.kind is Kind.SCATTER and private(value) and level(value) == level(node):
        (axis, summed), outer = value.attrs, {a for n in (*guards, *(i for _, i in index)) for a in n.axes}
        below = {a for o in value.operands for a in o.axes}
        clash = (below & {a for a, _ in index}) - over
        if axis in outer | over or set(summed) & outer or clash:
            break
        index.append((axis, value.operands[1]))
        guards += value.operands[2:]
        over |= set(summed)
        inner.append(value)
        value = value.operands[0]
    guards = list(dict.fromkeys(guards))
    return Spread(value, tuple(index), tuple(guards), frozenset(over), tuple(inner))
