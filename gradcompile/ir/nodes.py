"""The graph of gates: immutable hash-consed nodes over named axes, in an arena in topological order."""

from __future__ import annotations

import math
import struct
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from gradcompile.errors import Span
from gradcompile.ir.dims import Extent


class Kind(Enum):
    """Every kind of node there is; ``name``, ``operands`` and ``attrs`` of each are listed beside it."""

    __hash__ = object.__hash__  # members are compared by identity; Enum's own is a Python call

    CONST = "const"  # attrs: (value,)                 a literal: bool, int or float
    EXTENT = "extent"  # attrs: (extent,)              a dimension's size as an integer value
    INPUT = "input"  # name: argument, attrs: axes     reading argument[axes], the axes in the argument's order
    IOTA = "iota"  # attrs: (axis,)                    the position along an axis
    GATE = "gate"  # name: gate, operands              an elementwise scalar gate
    REDUCE = "reduce"  # name: sum|prod|max|min|…, operands: (x,), attrs: (axis,)
    RENAME = "rename"  # operands: (x,), attrs: ((from, to), …)  the same numbers over other axis names: a view
    TAKE = "take"  # operands: (x, index[, guard]), attrs: (axis,)  x at position `index`; 0 where no guard holds
    SCATTER = "scatter"  # operands: (x, index[, guard]), attrs: (axis, over)  out[a] = sum over `over` where index == a
    CHECK = "check"  # operands: (index, size[, guard]), attrs: (message,)  the index; IndexError out of range
    CARRY = "carry"  # attrs: (depth, slot, axes)      inside a recurrence's body: a state before this step
    RECURRENCE = "recurrence"  # operands: (*inits, *bodies[, condition]), attrs: (axis, backward, depth, slots)
    HISTORY = "history"  # operands: (recurrence,), attrs: (slot, "after" | "before" | "final")  a state of it
    ARRAY = (
        "array"  # name: array gate, attrs: (inner, outer)  eats axes of each operand and makes others (linear algebra)
    )
    CONTRACT = "contract"  # operands: factors, attrs: axes      sum over axes of a product; made by a late pass only
    NEAREST = "nearest"  # operands: (points, among), attrs: (summed, searched)  a position; made by a late pass only
    STACK = "stack"  # operands: one for each position along the axes, attrs: axes  an array; made by a late pass only


class DType(Enum):
    """What an element is; which float a ``REAL`` one is, the program says."""

    __hash__ = object.__hash__

    BOOL = "bool"
    INT = "int"
    REAL = "real"


@dataclass(frozen=True, order=True)
class Axis:
    """A dimension and a counter: ``N.0`` is the first axis of extent N, ``N.1`` a second one beside it."""

    key: str = field(init=False, repr=False)
    extent: Extent = field(compare=False)
    counter: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", str(self.extent))

    def __str__(self) -> str:
        return f"{self.key}.{self.counter}" if self.key.isidentifier() else f"({self.key}).{self.counter}"


FIRST_INDEX = 1000  # counters of axes from here on are those of index variables: no array of the file has them


def unused(axis: Axis, taken: Collection[Axis]) -> Axis:
    """Return the first axis as long as this one, from it on, that is not taken."""
    while axis in taken:
        axis = Axis(axis.extent, axis.counter + 1)
    return axis


class Node:
    """One gate of the graph. Equal nodes of a graph are the same object; ``id`` is the place in the arena."""

    __slots__ = ("attrs", "axes", "carries", "dtype", "graph", "id", "kind", "name", "operands")

    graph: Graph
    id: int
    kind: Kind
    name: str
    operands: tuple[Node, ...]
    attrs: tuple[Any, ...]
    axes: tuple[Axis, ...]  # sorted; the axes that the value depends on
    carries: frozenset[int]  # depths of the recurrences whose state it reads; empty outside every body
    dtype: DType

    def __repr__(self) -> str:
        return f"%{self.id}:{self.name or self.kind.value}"

    @property
    def op(self) -> str:
        """The word that names what it does: the gate's or the reduction's name, else its kind."""
        return self.name if self.kind in (Kind.GATE, Kind.REDUCE, Kind.ARRAY) else self.kind.value

    @property
    def value(self) -> Any:
        """The number of a constant."""
        return self.attrs[0]

    def is_const(self, value: float | None = None) -> bool:
        """Is it a literal number (of this value, if one is given)?"""
        return self.kind is Kind.CONST and (value is None or self.attrs[0] == value)


@dataclass(frozen=True)
class Origin:
    """Where a node comes from: the place in the formula, and the rule that made it (empty: the user wrote it)."""

    span: Span | None = None
    rule: str = ""


@dataclass(frozen=True)
class Declared:
    """What the user declares of an input beyond its shape: the form of its matrices, and the range of its elements."""

    structure: str = ""  # symmetric | definite | lower | upper
    domain: tuple[float, float] = (-math.inf, math.inf)
    closed: tuple[bool, bool] = (False, False)  # whether the ends of the domain are in it


class Graph:
    """An arena of hash-consed nodes. Operands come before their users, so ``nodes`` is a topological order."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.origins: list[Origin] = []
        self.index_names: dict[Axis, str] = {}  # what the user calls an index variable
        self.declared: dict[str, Declared] = {}  # by input, where there is something to say
        self.symmetric: dict[Any, frozenset[Axis]] = {}  # a node, or a recurrence and a slot: over which two axes it is
        self._table: dict[tuple[Any, ...], Node] = {}
        self._origin = Origin()

    @contextmanager
    def origin(self, span: Span | None, rule: str = "") -> Iterator[None]:
        """Everything made inside this block comes from `span` by `rule`."""
        before, self._origin = self._origin, Origin(span, rule)
        try:
            yield
        finally:
            self._origin = before

    def origin_of(self, node: Node) -> Origin:
        """Return where a node comes from; for a node made twice, the first time."""
        return self.origins[node.id]

    def make(
        self,
        kind: Kind,
        name: str = "",
        operands: tuple[Node, ...] = (),
        attrs: tuple[Any, ...] = (),
        dtype: DType = DType.REAL,
    ) -> Node:
        """Return the node with these parts, new or found. Use the functions of `gradcompile.gates.build` instead."""
        key = _key(kind, name, operands, attrs, dtype)
        found = self._table.get(key)
        if found is not None:
            return found
        node = Node()
        node.graph, node.id, node.kind, node.name = self, len(self.nodes), kind, name
        node.operands, node.attrs, node.dtype = operands, attrs, dtype
        node.axes, node.carries = axes_of(kind, operands, attrs), carries_of(kind, operands, attrs)
        self._table[key] = node
        self.nodes.append(node)
        self.origins.append(self._origin)
        return node

    def exchanged(self, node: Node) -> Node | None:
        """Return the gate that has a gate's operands in reverse order, if it is there."""
        return self._table.get(_key(node.kind, node.name, node.operands[::-1], node.attrs, node.dtype))


def _key(kind: Kind, name: str, operands: tuple[Node, ...], attrs: tuple[Any, ...], dtype: DType) -> tuple[Any, ...]:
    return (kind, name, tuple([o.id for o in operands]), dtype, *map(_identity, attrs))


def _identity(attr: object) -> object:
    """Make 1, 1.0, True, 0.0 and -0.0 different keys; NaN equal to itself."""
    if isinstance(attr, float):
        return "float", struct.pack("<d", attr)
    return (type(attr).__name__, attr) if isinstance(attr, int) else attr


def axes_of(kind: Kind, operands: Sequence[Node], attrs: Sequence[Any]) -> tuple[Axis, ...]:
    """Return the axes that such a node depends on, sorted: the shape rule of every kind."""
    found: set[Axis] = set()
    match kind:
        case Kind.INPUT | Kind.IOTA:
            found = set(attrs)
        case Kind.GATE:
            first = operands[0].axes
            if all(o.axes == first or not o.axes for o in operands):
                return first
            found = set().union(*(o.axes for o in operands))
        case Kind.REDUCE | Kind.CONTRACT | Kind.NEAREST:
            found = set().union(*(o.axes for o in operands)) - set(attrs)
        case Kind.RENAME:
            mapping = dict(attrs)
            found = {mapping.get(a, a) for a in operands[0].axes}
        case Kind.TAKE:
            found = (set(operands[0].axes) - {attrs[0]}).union(*(o.axes for o in operands[1:]))
        case Kind.SCATTER:
            axis, over = attrs
            found = (set().union(*(o.axes for o in operands)) - set(over)) | {axis}
        case Kind.CHECK:
            found = set().union(*(o.axes for o in operands))
        case Kind.STACK:
            found = set(attrs).union(*(o.axes for o in operands))
        case Kind.CARRY:
            found = set(attrs[2])
        case Kind.HISTORY:
            found = _axes_of_state(operands[0], *attrs)
        case Kind.ARRAY:
            inner, outer = attrs
            found = batch_axes(operands, inner) | set(outer)
        case _:
            return ()
    return tuple(sorted(found))


def batch_axes(operands: Sequence[Node], inner: Sequence[Sequence[Axis]]) -> set[Axis]:
    """Return the axes of an array gate's operands that it does not eat: those of a stack of matrices."""
    return {a for o, eaten in zip(operands, inner, strict=True) for a in o.axes if a not in eaten}


def _axes_of_state(recurrence: Node, slot: int, which: str) -> set[Axis]:
    axis, _backward, _depth, slots = recurrence.attrs
    found = {*recurrence.operands[slot].axes, *recurrence.operands[slots + slot].axes} - {axis}
    return found if which == "final" else found | {axis}


def carries_of(kind: Kind, operands: Sequence[Node], attrs: Sequence[Any]) -> frozenset[int]:
    """Return the depths of the recurrence states that such a node reads."""
    if kind is Kind.CARRY:
        return frozenset({attrs[0]})
    carries: frozenset[int] = frozenset()
    for operand in operands:
        if operand.carries:
            carries |= operand.carries
    return carries - {attrs[2]} if kind is Kind.RECURRENCE else carries


def reachable(roots: Iterable[Node]) -> list[Node]:
    """Return every node that the roots are computed from, operands before users; no recursion."""
    seen: dict[int, Node] = {}
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node.id not in seen:
            seen[node.id] = node
            stack.extend(node.operands)
    return [seen[i] for i in sorted(seen)]


def states_of(recurrence: Node) -> tuple[tuple[Node, ...], tuple[Node, ...], tuple[Node, ...]]:
    """Return a recurrence's inits, its bodies, and its condition if it has one."""
    slots, operands = recurrence.attrs[3], recurrence.operands
    return operands[:slots], operands[slots : 2 * slots], operands[2 * slots :]


def reading_state(bodies: Iterable[Node], depth: int) -> list[Node]:
    """Return the nodes of a recurrence's bodies that read its states or those of recurrences inside it, operands first.

    Other recurrences whose histories a body reads have bodies of their own, which are not looked into.
    """
    seen: dict[int, Node] = {}
    stack = list(bodies)
    while stack:
        node = stack.pop()
        if node.id not in seen and is_inside(node, depth):
            seen[node.id] = node
            stack.extend(node.operands)
    return [seen[i] for i in sorted(seen)]


def is_inside(node: Node, depth: int) -> bool:
    """Does a node read a state of the recurrence at this depth, or of one inside it?"""
    return bool(node.carries) and max(node.carries) >= depth


def users(nodes: Iterable[Node]) -> dict[Node, list[Node]]:
    """Return, for each node, the nodes among `nodes` that read it (once per operand place)."""
    table: dict[Node, list[Node]] = {}
    for node in nodes:
        for operand in node.operands:
            table.setdefault(operand, []).append(node)
    return table


def sizes_of(axes: Iterable[Axis], sizes: Mapping[str, int]) -> tuple[int, ...]:
    """Return the lengths of axes at given sizes of the dimensions."""
    return tuple(axis.extent.evaluate(sizes) for axis in axes)
