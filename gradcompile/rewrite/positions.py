"""Rules that decide comparisons of positions: an index that moves in step along an axis is where its axis puts it.

An integer is affine here: a size plus sizes times positions, and a position along an axis of length n is one of
0, …, n - 1. Its smallest value then is a size, and that a size is 0 or more is often plain to see. (Along an axis of
length 0 nothing is computed.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from gradcompile.gates import build
from gradcompile.gates.structure import is_triangle
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Kind, Node, reachable
from gradcompile.rewrite.engine import Rule


@dataclass(frozen=True)
class Affine:
    """A size, and a size times the position along each axis."""

    offset: Extent
    steps: dict[Axis, Extent] = field(default_factory=dict)

    def plus(self, other: Affine, times: Extent) -> Affine:
        """Return this plus a multiple of another."""
        steps = dict(self.steps)
        for axis, step in other.steps.items():
            steps[axis] = steps.get(axis, Extent.of(0)) + step * times
        return Affine(self.offset + other.offset * times, {a: s for a, s in steps.items() if s.terms})

    def at_least(self, bound: int) -> bool:
        """Is it provably >= bound at all positions?"""
        lowest = self.offset
        for axis, step in self.steps.items():
            if (-step).at_least(0):
                lowest += step * (axis.extent - 1)
            elif not step.at_least(0):
                return False
        return lowest.at_least(bound)


def affine(node: Node) -> Affine | None:
    """Return an integer as an affine one, or None."""
    if node.dtype is not DType.INT:
        return None
    match node.kind:
        case Kind.CONST:
            return Affine(Extent.of(node.value))
        case Kind.EXTENT:
            return Affine(node.attrs[0])
        case Kind.IOTA:
            return Affine(Extent.of(0), {node.attrs[0]: Extent.of(1)})
        case Kind.GATE if node.name in ("neg", "add", "sub", "mul"):
            found = [affine(o) for o in node.operands]
            return _combined(node.name, [f for f in found if f is not None]) if None not in found else None
    return None


def surely_less(a: Node, b: Node) -> bool:
    """Is an integer less than another, whatever the positions and sizes are?"""
    left, right = affine(a), affine(b)
    return left is not None and right is not None and right.plus(left, Extent.of(-1)).at_least(1)


def _combined(name: str, parts: list[Affine]) -> Affine | None:
    if name == "neg":
        return Affine(Extent.of(0)).plus(parts[0], Extent.of(-1))
    if name in ("add", "sub"):
        return parts[0].plus(parts[1], Extent.of(1 if name == "add" else -1))
    for factor, other in (parts, parts[::-1]):
        if not factor.steps:
            return Affine(Extent.of(0)).plus(other, factor.offset)
    return None


def _decided(holds: Callable[[Affine], bool], fails: Callable[[Affine], bool]) -> Callable[[Node], Node | None]:
    """Return the rule of a comparison of a with b, given what b - a has to be."""

    def apply(node: Node) -> Node | None:
        a, b = (affine(o) for o in node.operands)
        if a is None or b is None:
            return None
        difference = b.plus(a, Extent.of(-1))
        return build.const(node.graph, True) if holds(difference) else _false(node, difference)

    def _false(node: Node, difference: Affine) -> Node | None:
        return build.const(node.graph, False) if fails(difference) else None

    return apply


def _negative(x: Affine, bound: int) -> bool:
    """Is x <= bound?"""
    return Affine(Extent.of(0)).plus(x, Extent.of(-1)).at_least(-bound)


def _zero(x: Affine) -> bool:
    return not x.steps and not x.offset.terms


def _apart(x: Affine) -> bool:
    return x.at_least(1) or _negative(x, -1)


def _junction(node: Node) -> Node | None:
    """``a and True`` is a, ``a and False`` is False; the same for ``or``, the other way round."""
    neutral = node.name == "and"
    for a, b in (node.operands, node.operands[::-1]):
        if a.is_const():
            return b if a.value is neutral else a
    held = _everywhere(node)
    return None if held is None else build.const(node.graph, held)


def _everywhere(node: Node) -> bool | None:
    """Return what a condition on positions alone is at every position of short axes; None if it differs, or is long."""
    sizes = [axis.extent.constant for axis in node.axes]
    if None in sizes or prod(s for s in sizes if s is not None) > _MANY:
        return None
    nodes = reachable([node])
    if any(n.kind not in _PLAIN or (n.kind is Kind.GATE and n.name not in _COMPUTED) for n in nodes):
        return None
    values: dict[Node, Any] = {}
    for n in nodes:
        match n.kind:
            case Kind.IOTA:
                place = node.axes.index(n.attrs[0])
                count = n.attrs[0].extent.constant
                values[n] = np.arange(count).reshape([-1 if i == place else 1 for i in range(len(sizes))])
            case Kind.CONST:
                values[n] = n.value
            case _:
                values[n] = _COMPUTED[n.name](*(values[o] for o in n.operands))
    found = np.asarray(values[node])
    return bool(found.flat[0]) if found.size and bool(np.all(found == found.flat[0])) else None


_MANY = 256  # positions that are tried
_PLAIN = (Kind.IOTA, Kind.CONST, Kind.GATE)
_COMPUTED: dict[str, Callable[..., Any]] = {
    "and": np.logical_and, "or": np.logical_or, "not": np.logical_not, "eq": np.equal, "ne": np.not_equal,
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "neg": np.negative,
}  # fmt: skip


def _triangle(node: Node) -> Node | None:
    """The triangle of what is 0 outside of it is the same."""
    condition, x, zero = node.operands
    if condition.op not in ("ge", "le") or not zero.is_const(0) or x.dtype is not node.dtype:
        return None
    row, column = condition.operands if condition.op == "ge" else condition.operands[::-1]
    on_axes = row.kind is Kind.IOTA and column.kind is Kind.IOTA
    return x if on_axes and is_triangle(x, row.attrs[0], column.attrs[0]) else None


def _choice(node: Node) -> Node | None:
    """A choice whose condition is known is its branch; one between a guarded read and 0 by its guard is the read."""
    condition, yes, no = node.operands
    if condition.is_const():
        chosen = yes if condition.value else no
        return build.as_real(chosen) if node.dtype is DType.REAL else chosen if chosen.dtype is node.dtype else None
    guard = yes.operands[2:] if yes.kind is Kind.TAKE else ()
    return yes if guard == (condition,) and no.is_const(0) and yes.dtype is node.dtype else None


POSITIONS = [
    Rule("a < b of positions", "lt", _decided(lambda x: x.at_least(1), lambda x: _negative(x, 0))),
    Rule("a <= b of positions", "le", _decided(lambda x: x.at_least(0), lambda x: _negative(x, -1))),
    Rule("a > b of positions", "gt", _decided(lambda x: _negative(x, -1), lambda x: x.at_least(0))),
    Rule("a >= b of positions", "ge", _decided(lambda x: _negative(x, 0), lambda x: x.at_least(1))),
    Rule("a == b of positions", "eq", _decided(_zero, _apart)),
    Rule("a != b of positions", "ne", _decided(_apart, _zero)),
    Rule("and with what is known", "and", _junction),
    Rule("or with what is known", "or", _junction),
    Rule("choice by what is known", "where", _choice),
    Rule("triangle of a triangle", "where", _triangle),
]
"""For every graph: comparisons of the positions that index arithmetic makes."""
