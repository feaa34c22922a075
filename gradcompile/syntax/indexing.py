"""Reading parts of arrays: slices, integers, integer arrays, new axes. All of it is `take` at a computed index."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union

from gradcompile.gates import build
from gradcompile.gates.select import one_position, selection
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Node
from gradcompile.syntax.arrays import broadcast
from gradcompile.syntax.context import ONE, Context, Row, Term, fresh, is_one, shape_text, static
from gradcompile.syntax.places import located, proved
from gradcompile.syntax.program import Value
from gradcompile.syntax.proofs import Proofs
from gradcompile.syntax.ranges import size_of
from gradcompile.syntax.stacked import Stacked

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
    if isinstance(value, Stacked) and 0 < len(items) <= value.rank and (row := value.row(items[0])) is not None:
        return subscript(ctx, value.rows[row], items[1:])
    items = expanded(ctx, value, items)
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


def expanded(ctx: Context, value: Value, items: Sequence[Item]) -> list[Item]:
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
Chosen = tuple[Axis, Value, Node | None]  # an axis, the index at which it is read, and where it is


def _basic(ctx: Context, value: Value, items: Sequence[Item]) -> tuple[Node, Layout, list[Chosen]]:
    """Apply slices and sort out the rest: the node, where its axes go, and the indices still to be read at."""
    node, live, layout = value.node, list(value.axes), list[Axis | str]()
    chosen: list[Chosen] = []
    arrays = any(isinstance(i, Row) or (isinstance(i, Value) and i.rank) for i in items)
    place = 0
    for item in items:
        if item is None:
            layout.append("new")
            continue
        axis = live[place]
        if isinstance(item, Cut):
            others = live[:place] + live[place + 1 :]
            node, live[place] = _cut(ctx, node, axis, item, others, place)
            layout.append(live[place])
        elif isinstance(item, Value):
            chosen.append((axis, *index_along(ctx, axis, item, place)))
            if arrays:
                layout.append("index")
        place += 1
    return node, layout, chosen


def index_along(ctx: Context, axis: Axis, index: Value, place: int) -> tuple[Value, Node | None]:
    """Return an index that counts from the start and lies in its axis, and the guard under which it does."""
    if index.node.dtype is DType.BOOL:
        ctx.fail("an array cannot be read at a condition.", "Write `x * c`, or `where(c, x, 0)`, and reduce that.")
    if index.node.dtype is not DType.INT:
        hint = "Declare it as `Int`, or write a whole number without a point."
        if isinstance(ctx.tree, ast.Subscript) and any(isinstance(n, ast.Div) for n in ast.walk(ctx.tree.slice)):
            hint = "Write `//` for a whole quotient."
        ctx.fail("an index must be an integer.", hint)
    position = static(index)
    if position is None:
        node, guard = located(ctx, index.node, axis.extent, place)
        return Value(node, index.axes), guard
    if ctx.guards and (found := proved(ctx, index.node, axis.extent)) is not None:
        return index, found[0]
    if _from_end(ctx, position):
        position = axis.extent + position
    message = f"`{ctx.text()}` reads at {position} of an axis of length {axis.extent}."
    if position.constant is None or position.constant < 0:
        ctx.require(position, ">=", ZERO, message)
    ctx.require(axis.extent - 1, ">=", position, message, "Indices go from 0 to the length less 1.")
    return ctx.size(position), None


def _from_end(ctx: Context, position: Extent) -> bool:
    """Is it negative, and so counted from the end? ``-N`` is taken to be, and N to be 1 or more."""
    if (-position).at_least(1):
        return True
    if position.constant is not None or not (-position).at_least(0):
        return False
    ctx.require(-position, ">=", ONE, f"`{ctx.text()}` counts {-position} from the end, so that must be 1 or more.")
    return True


def _advanced(
    ctx: Context, node: Node, kept: Sequence[Axis], chosen: Sequence[Chosen]
) -> tuple[tuple[Axis, ...], Node]:
    """Read at indices that are broadcast together; return their axes and the node."""
    if not chosen:
        return (), node
    common, indices = broadcast(ctx, [index for _, index, _ in chosen])
    taken = [*kept, *(axis for axis, _, _ in chosen[1:])]
    axes: list[Axis] = []
    for axis in common:
        axes.append(fresh(axis.extent, [*taken, *axes], axis))
    renaming = dict(zip(common, axes, strict=True))
    for (axis, _, guard), index in zip(chosen, indices, strict=True):
        node = read(node, axis, build.rename(index, renaming), guard)
    return tuple(axes), node


def read(node: Node, axis: Axis, index: Node, guard: Node | None = None) -> Node:
    """Return a node at an index along an axis; where an element was assigned, that or what was there before."""
    before = node
    while before.op == "where" and one_position(before.operands[0], axis) is not None:
        before = before.operands[2]
    if before is node:
        return build.take(node, axis, index, guard)
    return selection([node], axis, index, guard, kept=frozenset({before}))[node]


def _cut(ctx: Context, node: Node, axis: Axis, cut: Cut, others: Sequence[Axis], place: int) -> tuple[Node, Axis]:
    """Return the node and its new axis after a slice along one axis."""
    if any(isinstance(b, Value) and not b.axes and _moves(ctx, b) for b in (cut.start, cut.stop)):
        return _window(ctx, node, axis, cut, others, place)
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


def _moves(ctx: Context, bound: Value) -> bool:
    """Is the bound of a slice an integer that does not follow from the sizes?"""
    return bound.node.dtype is DType.INT and size_of(ctx, bound) is None


def _window(ctx: Context, node: Node, axis: Axis, cut: Cut, others: Sequence[Axis], place: int) -> tuple[Node, Axis]:
    """Return a slice that starts at a computed place, and whose length follows from the sizes."""
    step = _step(ctx, cut)
    proofs, length = Proofs(frozenset(ctx.sizes)), None
    if isinstance(cut.start, Value) and isinstance(cut.stop, Value) and step > 0:
        length = proofs.size(proofs.polynomial(cut.stop.node) - proofs.polynomial(cut.start.node))
    if length is None:
        hint = "Write `x[i:i + 3]` for three elements from i on; to sum the first i, `sum(x[j] for j in range(i))`."
        ctx.fail(f"how long the slice `{ctx.text()}` is does not follow from the sizes.", hint)
    ctx.require(length, ">=", ZERO, f"`{ctx.text()}` ends before it starts.")
    new = fresh((length + (step - 1)) // step, [*others, axis])
    assert isinstance(cut.start, Value)
    index = cut.start.node
    if not is_one(new):
        position = build.iota(ctx.graph, new)
        if step != 1:
            position = build.gate("mul", build.const(ctx.graph, step), position)
        index = build.gate("add", index, position)
    index, guard = located(ctx, index, axis.extent, place, wraps=False)
    return build.take(node, axis, index, guard), new


def _step(ctx: Context, cut: Cut) -> int:
    whole = Extent.of(1) if cut.step is None else static(cut.step)
    step = whole.constant if whole is not None else None
    if step is None or step == 0:
        ctx.fail("the step of a slice must be a whole number other than 0.", "Write a literal, as in `x[::2]`.")
    return step


def bounds(ctx: Context, length: Extent, cut: Cut) -> tuple[Extent, Extent, int]:
    """Return start, number of elements and step of a slice of an axis; what is not proved is required."""
    step = _step(ctx, cut)
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
    bound = size_of(ctx, term)
    if bound is None:
        ctx.fail("the bound of a slice must follow from the sizes alone.", "Use whole numbers and dimension names.")
    if _from_end(ctx, bound):
        bound = length + bound
    if bound.constant is not None and length.constant is not None:
        shift = 1 if backwards else 0
        return Extent.of(max(-shift, min(bound.constant, length.constant - shift)))
    return bound
