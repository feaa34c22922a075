"""A node at computed positions of one of its axes, computed there alone.

Reading `x` at an index after computing all of x is what `take` does. `select` moves the reading down through gates to
what is in memory anyway: the winner of a maximum costs one element, whatever it was chosen from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradcompile.gates import build
from gradcompile.gates.substitute import rebuild, relabel
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Kind, Node

_THROUGH = (Kind.GATE, Kind.REDUCE, Kind.TAKE, Kind.CHECK)


def select(root: Node, axis: Axis, index: Node, guard: Node | None = None) -> Node:
    """Return the node with an axis held at an index; where the guard does not hold, nothing is read."""
    return selection([root], axis, index, guard)[root]


def selection(
    roots: Sequence[Node],
    axis: Axis,
    index: Node,
    guard: Node | None = None,
    inside: frozenset[Node] = frozenset(),
    kept: frozenset[Node] = frozenset(),
) -> dict[Node, Node]:
    """Return, for every node that the roots are made of, the node with the axis held.

    What is in `inside` is in no memory, whatever it is, and never read; what is in `kept` is read as it is.
    """
    done: dict[Node, Node] = {}
    sources: dict[Node, tuple[Node, ...]] = {}  # what each node is selected from, once it has been looked at
    stack = list(roots)
    while stack:
        node = stack[-1]
        if node in done or not (axis in node.axes or (node in inside and node.kind is Kind.RECURRENCE)):
            done.setdefault(node, node)
            stack.pop()
        elif node.kind is Kind.CARRY and node in inside:  # a state of a loop that is inside itself
            level, slot, axes = node.attrs
            done[node] = build.carry(node.graph, level, slot, set(axes) - {axis}, node.dtype)
        elif node in sources:
            stack.pop()
            done[node] = _selected(node, axis, index, guard, done, sources[node])
        else:
            below = _sources(node, axis, index, guard) if node not in kept else ()
            sources[node] = node.operands if node in inside else below
            stack.extend(sources[node])
    return done


def _sources(node: Node, axis: Axis, index: Node, guard: Node | None) -> tuple[Node, ...]:
    """Return the nodes below this one that the reading moves to; none if it stays here."""
    if node.kind is Kind.RENAME:
        named = relabel(node.operands[0], dict(node.attrs))
        return () if named.kind is Kind.RENAME else (named,)
    mine = {*index.axes, *(guard.axes if guard is not None else ()), axis}
    taken = {node.attrs[0]} if node.kind in (Kind.REDUCE, Kind.TAKE) else set()
    return node.operands if node.kind in _THROUGH and not taken & mine else ()


def _selected(
    node: Node, axis: Axis, index: Node, guard: Node | None, done: Mapping[Node, Node], sources: tuple[Node, ...]
) -> Node:
    if node.kind is Kind.IOTA:
        return index
    if not sources:
        return build.take(node, axis, index, guard)
    if node.kind is Kind.RENAME and sources != node.operands:
        return done[sources[0]]
    operands = tuple(done[o] for o in sources)
    if node.kind in (Kind.TAKE, Kind.CHECK) and guard is not None:
        together = build.both(guard, operands[2] if len(operands) > 2 else None)
        assert together is not None
        operands = (*operands[:2], together)
    origin = node.graph.origin_of(node)
    with node.graph.origin(origin.span, origin.rule):
        return rebuild(node, operands)


def reads(selected: Mapping[Node, Node]) -> list[Node]:
    """Return where a selection ends: what it reads, and what does not have the axis."""
    new = {after for before, after in selected.items() if after is not before}
    return [after for before, after in selected.items() if after is before or _is_read(before, after, new)]


def _is_read(before: Node, after: Node, new: set[Node]) -> bool:
    return after.kind is Kind.TAKE and after.operands[0] is before and after in new


def one_hot(x: Node, axis: Axis, depth: int = 4) -> tuple[Node, Node, Node | None] | None:
    """Return (value, index, guard) where x is the value at one position of the axis and 0 at all others, or None.

    A product that has such a factor is one too, and so is what is masked further.
    """
    if axis not in x.axes or not depth:
        return None
    if x.kind is Kind.RENAME:
        below, names = _behind(x, axis)
        if (inner := one_hot(x.operands[0], below, depth - 1)) is None:
            return None
        value, index, guard = inner
        return (
            build.rename(value, names),
            build.rename(index, names),
            None if guard is None else build.rename(guard, names),
        )
    if x.kind is not Kind.GATE:
        return None
    if x.name in ("where", "integer") and (found := one_position(x.operands[0], axis)) is not None:
        index, rest = found
        value = x.operands[1] if x.name == "where" else build.const(x.graph, 1)
        if x.name == "where" and not x.operands[2].is_const(0):
            return None
        if rest is not None:
            value = build.gate("where", rest, value, build.zero_of(value))
        return value, index, within(index, axis)
    for place in _FACTORS.get(x.name, ()):
        if x.name == "where" and not x.operands[2].is_const(0):
            continue
        if (inner := one_hot(x.operands[place], axis, depth - 1)) is not None:
            value, index, guard = inner
            return build.gate(x.name, *(value if i == place else o for i, o in enumerate(x.operands))), index, guard
    return None


_FACTORS = {"mul": (0, 1), "div": (0,), "neg": (0,), "real": (0,), "where": (1,)}
"""The operands of a gate that make it 0 wherever they are, whatever the others are (infinities and NaN aside)."""


def one_position(condition: Node, axis: Axis) -> tuple[Node, Node | None] | None:
    """Return the one position of the axis at which a condition may hold, and what else it asks for, or None."""
    if axis not in condition.axes:
        return None
    if condition.kind is Kind.RENAME:
        below, names = _behind(condition, axis)
        if (found := one_position(condition.operands[0], below)) is None:
            return None
        index, rest = found
        return build.rename(index, names), None if rest is None else build.rename(rest, names)
    if condition.kind is not Kind.GATE:
        return None
    if condition.name == "eq":
        for a, b in (condition.operands, condition.operands[::-1]):
            if a.kind is Kind.IOTA and a.attrs[0] == axis and axis not in b.axes and b.dtype is DType.INT:
                return b, None
    if condition.name == "and":
        for a, b in (condition.operands, condition.operands[::-1]):
            if (found := one_position(a, axis)) is not None:
                return found[0], build.both(found[1], b)
    return None


def _behind(view: Node, axis: Axis) -> tuple[Axis, dict[Axis, Axis]]:
    """Return what a view's own array calls an axis, and how the view renames the others."""
    names = dict(view.attrs)
    below = next((a for a, b in names.items() if b == axis), axis)
    return below, {a: b for a, b in names.items() if a != below}


def within(index: Node, axis: Axis) -> Node | None:
    """Return the condition that an index is a position of an axis; None where that is known."""
    if index.kind is Kind.CHECK or (index.kind is Kind.REDUCE and index.name in ("argmax", "argmin")):
        return None
    if index.kind is Kind.IOTA and index.attrs[0].extent == axis.extent:
        return None
    if (span := _span(index)) is not None and span[0].at_least(0) and (axis.extent - span[1]).at_least(1):
        return None
    graph = index.graph
    low = build.gate("le", build.const(graph, 0), index)
    return build.gate("and", low, build.gate("lt", index, build.extent(graph, axis.extent)))


def _span(index: Node) -> tuple[Extent, Extent] | None:
    """Return the least and the greatest value of an index that is a position, a size, or a sum of two of these."""
    match index.kind:
        case Kind.CONST | Kind.EXTENT:
            return Extent.of(index.attrs[0]), Extent.of(index.attrs[0])
        case Kind.IOTA:
            return Extent.of(0), index.attrs[0].extent - 1
        case Kind.GATE if index.name in ("add", "sub") and not any(o.kind is Kind.GATE for o in index.operands):
            a, b = (_span(o) for o in index.operands)
            if a is None or b is None:
                return None
            return (a[0] + b[0], a[1] + b[1]) if index.name == "add" else (a[0] - b[1], a[1] - b[0])
    return None


def summed(x: Node, axis: Axis) -> Node:
    """Return the sum over an axis; of what is 0 but for one position, the element there."""
    if axis not in x.axes or (found := one_hot(x, axis)) is None:
        return build.reduce("sum", x, axis)
    value, index, guard = found
    return (
        select(value, axis, index, guard)
        if guard is None
        else build.gate("where", guard, select(value, axis, index, guard), build.zero_of(value))
    )


def anywhere(condition: Node, axis: Axis) -> Node:
    """Return whether a condition holds somewhere along an axis; where it can at one position only, does it there?"""
    if axis not in condition.axes or (found := one_position(condition, axis)) is None:
        return build.reduce("any", condition, axis)
    index, rest = found
    there = within(index, axis)
    true = build.const(condition.graph, True)
    return (there or true) if rest is None else build.both(there, select(rest, axis, index, there)) or true
