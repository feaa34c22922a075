"""Reading parts of arrays: slices, integers, integer arrays, new axes. All of it is `take` at a computed index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union

from gradcompile.gates import build
from gradcompile.gates.registry import REDUCE
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Kind, Node
from gradcompile.syntax.arrays import broadcast
from gradcompile.syntax.context import ONE, Context, Row, Term, fresh, is_one, shape_text, static
from gradcompile.syntax.program import Value

ZERO = Extent.of(0)


@dataclass(frozen=True)
class Cut:
    """A slice as written: ``start:stop:step``."""

    start: Term
    stop: Term
    step: Term


@dataclass(frozen=True)
class Dots:
    """The three dots: as many whole axes as are left."""


Item = Union[Term, Cut, Dots]  # noqa: UP007 (as Term)
WHOLE = Cut(None, None, None)


def subscript(ctx: Context, value: Value, items: Sequence[Item]) -> Value:
    """Return ``value[items]`` under NumPy's rules, integer arrays included."""
    items = _expanded(ctx, value, items)
    node, layout, chosen = _basic(ctx, value, items)
    axes, node = _advanced(ctx, node, [a for a in layout if isinstance(a, Axis)], chosen)
    places = [i for i, a in enumerate(layout) if a == "index"]
    together = bool(places) and places[-1] - places[0] == len(places) - 1
    at = places[0] if together else 0
    result: list[Axis | str] = [a for a in layout[:at] if a != "index"]
    result += [*axes, *(a for a in layout[at:] if a != "index")]
    named = [a for a in result if isinstance(a, Axis)]
    for i, entry in enumerate(result):
        if entry == "new":
            result[i] = fresh(ONE, named)
            named.append(result[i])  # type: ignore[arg-type]
    return Value(node, tuple(a for a in result if isinstance(a, Axis)))


def _expanded(ctx: Context, value: Value, items: Sequence[Item]) -> list[Item]:
    """Return one item for each axis, and None for each new axis."""
    given = sum(1 for i in items if i is not None and not isinstance(i, Dots))
    if given > value.rank:
        ctx.fail(
            f"`{ctx.text()}` has {given} {'index' if given == 1 else 'indices'}, but the array {shape_text(value)}.",
            "Give one index for each size at most.",
        )
    dots = [i for i, item in enumerate(items) if isinstance(item, Dots)]
    if len(dots) > 1:
        ctx.fail("an index can hold `...` once.", "Write `:` for each whole axis.")
    at = dots[0] if dots else len(items)
    whole: list[Item] = [WHOLE] * (value.rank - given)
    return [*items[:at], *whole, *items[at + 1 :]]


Layout = list[Axis | str]  # an axis that stays; "new"; "index" where an integer array comes


def _basic(ctx: Context, value: Value, items: Sequence[Item]) -> tuple[Node, Layout, list[tuple[Axis, Value]]]:
    """Apply slices and sort out the rest: the node, where its axes go, and the indices still to be read at."""
    node, live, layout = value.node, list(value.axes), list[Axis | str]()
    chosen: list[tuple[Axis, Value]] = []
    arrays = any(isinstance(i, Row) or (isinstance(i, Value) and i.rank) for i in items)
    place = 0
    for item in items:
        if item is None:
            layout.append("new")
            continue
        axis = live[place]
        if isinstance(item, Cut):
            others = live[:place] + live[place + 1 :]
            node, live[place] = _cut(ctx, node, axis, item, others)
            layout.append(live[place])
        elif isinstance(item, Value):
            chosen.append((axis, _index(ctx, axis, item)))
            if arrays:
                layout.append("index")
        place += 1
    return node, layout, chosen


def _index(ctx: Context, axis: Axis, index: Value) -> Value:
    """Return an index that counts from the start, bounds checked where the sizes say enough."""
    if index.node.dtype is DType.BOOL:
        ctx.fail("an array cannot be read at a condition.", "Write `x * c`, or `where(c, x, 0)`, and reduce that.")
    if index.node.dtype is not DType.INT:
        ctx.fail("an index must be an integer.", "Declare it as `Int`, or write a whole number without a point.")
    if (position := static(index)) is None:
        return index if _counts_up(index.node) else Value(_wrapped(ctx, index.node, axis.extent), index.axes)
    if _from_end(ctx, position):
        position = axis.extent + position
    message = f"`{ctx.text()}` reads at {position} of an axis of length {axis.extent}."
    if position.constant is None or position.constant < 0:
        ctx.require(position, ">=", ZERO, message)
    ctx.require(axis.extent - 1, ">=", position, message, "Indices go from 0 to the length less 1.")
    return ctx.size(position)


def _from_end(ctx: Context, position: Extent) -> bool:
    """Is it negative, and so counted from the end? ``-N`` is taken to be, and N to be 1 or more."""
    if (-position).at_least(1):
        return True
    if position.constant is not None or not (-position).at_least(0):
        return False
    ctx.require(-position, ">=", ONE, f"`{ctx.text()}` counts {-position} from the end, so that must be 1 or more.")
    return True


def _counts_up(node: Node) -> bool:
    """Is it surely not negative?"""
    if node.kind is Kind.REDUCE:
        return node.name in ("argmax", "argmin") and REDUCE[node.name].result == "int"
    return node.kind is Kind.IOTA or (node.is_const() and node.value >= 0)


def _wrapped(ctx: Context, node: Node, length: Extent) -> Node:
    """Return an index with negative positions counted from the end."""
    from_end = build.gate("add", node, build.extent(ctx.graph, length))
    return build.gate("where", build.gate("lt", node, build.const(ctx.graph, 0)), from_end, node)


def _advanced(
    ctx: Context, node: Node, kept: Sequence[Axis], chosen: Sequence[tuple[Axis, Value]]
) -> tuple[tuple[Axis, ...], Node]:
    """Read at indices that are broadcast together; return their axes and the node."""
    if not chosen:
        return (), node
    common, indices = broadcast(ctx, [index for _, index in chosen])
    taken = [*kept, *(axis for axis, _ in chosen[1:])]
    axes: list[Axis] = []
    for axis in common:
        axes.append(fresh(axis.extent, [*taken, *axes], axis))
    renaming = dict(zip(common, axes, strict=True))
    for (axis, _), index in zip(chosen, indices, strict=True):
        node = build.take(node, axis, build.rename(index, renaming))
    return tuple(axes), node


def _cut(ctx: Context, node: Node, axis: Axis, cut: Cut, others: Sequence[Axis]) -> tuple[Node, Axis]:
    """Return the node and its new axis after a slice along one axis."""
    start, length, step = bounds(ctx, axis.extent, cut)
    if start == ZERO and step == 1 and length == axis.extent:
        return node, axis
    new = fresh(length, others)
    if is_one(new):
        return build.take(node, axis, build.extent(ctx.graph, start)), new
    position = build.iota(ctx.graph, new)
    if step != 1:
        position = build.gate("mul", build.const(ctx.graph, step), position)
    if start != ZERO:
        position = build.gate("add", position, build.extent(ctx.graph, start))
    return build.take(node, axis, position), new


def bounds(ctx: Context, length: Extent, cut: Cut) -> tuple[Extent, Extent, int]:
    """Return start, number of elements and step of a slice of an axis; what is not proved is required."""
    whole = Extent.of(1) if cut.step is None else static(cut.step)
    step = whole.constant if whole is not None else None
    if step is None or step == 0:
        ctx.fail("the step of a slice must be a whole number other than 0.", "Write a literal, as in `x[::2]`.")
    backwards = step < 0
    first = _bound(ctx, cut.start, length, backwards, length - 1 if backwards else ZERO)
    last = _bound(ctx, cut.stop, length, backwards, Extent.of(-1) if backwards else length)
    low, high = (last, first) if backwards else (first, last)
    known = (high - low).constant
    if known is not None and known <= 0:
        return ZERO, ZERO, step
    message = f"`{ctx.text()}` reaches outside an axis of length {length}."
    ctx.require(low, ">=", Extent.of(-1) if backwards else ZERO, message)
    ctx.require(length - 1 if backwards else length, ">=", high, message)
    ctx.require(high, ">=", low, f"`{ctx.text()}` ends before it starts.")
    return first, (high - low + abs(step) - 1) // abs(step), step


def _bound(ctx: Context, term: Term, length: Extent, backwards: bool, default: Extent) -> Extent:
    """Return a bound of a slice, counted from the start; where all is literal, cut to the axis as NumPy does."""
    if term is None:
        return default
    bound = static(term)
    if bound is None:
        ctx.fail("the bound of a slice must follow from the sizes alone.", "Use whole numbers and dimension names.")
    if _from_end(ctx, bound):
        bound = length + bound
    if bound.constant is not None and length.constant is not None:
        shift = 1 if backwards else 0
        return Extent.of(max(-shift, min(bound.constant, length.constant - shift)))
    return bound
