"""Elements of arrays as they are assigned: arrays are values, and one with a part replaced is another value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradcompile.gates import build
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Node
from gradcompile.syntax import shapes
from gradcompile.syntax.arrays import align
from gradcompile.syntax.context import Context, Row, fresh, is_one, number, shape_of, shape_text, static
from gradcompile.syntax.indexing import WHOLE, ZERO, Cut, Item, bounds, expanded, index_along, subscript
from gradcompile.syntax.program import Value
from gradcompile.syntax.stacked import Stacked

_FEW = 8  # rows that are kept apart from one another


def opened(ctx: Context, first: Value) -> Stacked:
    """Return the array whose first row is given; it is open."""
    return replace(_stacked(ctx, [first]), is_open=True)


def _stacked(ctx: Context, rows: Sequence[Value]) -> Stacked:
    whole = shapes.stack(ctx, rows, 0)
    return Stacked(whole.node, whole.axes, tuple(rows))


def stored(ctx: Context, old: Value, items: Sequence[Item], value: Value) -> Value:
    """Return an array with the part ``old[items]`` replaced, under NumPy's rules."""
    if isinstance(old, Stacked) and old.is_open:
        return _grown(ctx, old, items, value)
    items = expanded(ctx, old, items)
    _check_items(ctx, items)
    value = _converted(ctx, old, value)
    if old.axes and isinstance(items[0], Value) and static(items[0]) is not None:
        apart = Stacked(old.node, old.axes, _rows(ctx, old))
        if apart.rows and (place := apart.row(items[0])) is not None:
            return _with_row(ctx, apart, place, items[1:], value)
    return _replaced(ctx, old, items, value)


def _check_items(ctx: Context, items: Sequence[Item]) -> None:
    for item in items:
        if item is None:
            ctx.fail("a new axis cannot be assigned to.", "Leave `None` out of the index.")
        if isinstance(item, Value) and item.node.dtype is DType.BOOL:
            ctx.fail("elements cannot be assigned by a condition.", "Write `a = where(condition, value, a)`.")
        if isinstance(item, Row) or (isinstance(item, Value) and item.axes):
            hint = "Assign one element after the other in a loop: `for i in range(N): a[index[i]] = v[i]`."
            ctx.fail("elements cannot be assigned by an array of indices.", hint)


def _converted(ctx: Context, old: Value, value: Value) -> Value:
    """Return a value as an element of an array of its own type; NumPy would cut a real number to fit an integer."""
    have, given = old.node.dtype, value.node.dtype
    if have is given:
        return value
    if have is DType.REAL:
        return Value(build.as_real(value.node), value.axes)
    if have is DType.INT and given is DType.BOOL:
        return Value(number(value.node), value.axes)
    kind = "integers" if have is DType.INT else "conditions"
    what = "a real number" if given is DType.REAL else "an integer"
    hint = "Start it with `zeros(N)`, or write its numbers with a point, as in `[0.0, 0.0]`."
    raise ctx.error(f"this is an array of {kind}, to which {what} is assigned.", hint)


def _rows(ctx: Context, old: Value) -> tuple[Value, ...]:
    """Return the rows of an array that has few of them and is no state of a loop; else none."""
    if isinstance(old, Stacked):
        return old.rows
    count = old.axes[0].extent.constant
    if count is None or not 0 < count <= _FEW or old.node.carries:
        return ()
    return tuple(subscript(ctx, old, [ctx.constant(i)]) for i in range(count))


def _grown(ctx: Context, old: Stacked, items: Sequence[Item], value: Value) -> Stacked:
    """Return an open array with a row replaced, or added behind the last."""
    count, first = len(old.rows), items[0] if items else None
    place = static(first) if isinstance(first, Value) else None
    if place is None or place.constant is None or not 0 <= place.constant <= count:
        message = f"`{ctx.text()}`: the array has the elements 0 to {count - 1} so far."
        ctx.fail(message, f"Assign element {count} next, or start with an array, as in `a = zeros(N)`.")
    rows, at = list(old.rows), place.constant
    if len(expanded(ctx, old, items)) > 1 and any(i != WHOLE for i in expanded(ctx, old, items)[1:]):
        if at == count:
            ctx.fail("a row that is added must be assigned as a whole.", "Write `a[i] = […]`.")
        value = stored(ctx, rows[at], expanded(ctx, old, items)[1:], value)
    if shape_of(value.axes) != shape_of(rows[0].axes) and not (at == 0 and count == 1):
        ctx.fail(f"`{ctx.text()}` {shape_text(value)}, but element 0 {shape_text(rows[0])}.", "Give both one shape.")
    rows[at : at + 1] = [value]
    return replace(_stacked(ctx, rows), is_open=True)


def _with_row(ctx: Context, old: Stacked, place: int, items: Sequence[Item], value: Value) -> Value:
    rows = list(old.rows)
    row = rows[place]
    if all(i == WHOLE for i in items):
        rows[place] = Value(_fitted(ctx, row.axes, value), row.axes)
    else:
        rows[place] = stored(ctx, row, items, value)
    return _stacked(ctx, rows)


def _fitted(ctx: Context, axes: Sequence[Axis], value: Value) -> Node:
    """Return a value over the axes of the part that it is assigned to."""
    have = f"has shape {shape_of(axes)}" if axes else "is one element"
    message = f"the part that is assigned {have}, but the value {shape_text(value)}."
    hint = "Give the value the shape of the part that it replaces."
    if value.rank > len(axes):
        ctx.fail(message, hint)
    for mine, its in zip(reversed(axes), reversed(value.axes), strict=False):
        if not is_one(its):
            ctx.require(mine.extent, "==", its.extent, message, hint)
    return align(value, axes)


def _replaced(ctx: Context, old: Value, items: Sequence[Item], value: Value) -> Value:
    """Return the array with a part replaced: at each position the value where the index is there, else the old one."""
    target: list[Axis] = []
    conditions: list[Node] = []
    slices: list[tuple[Axis, Node]] = []
    for place, (axis, item) in enumerate(zip(old.axes, items, strict=True)):
        if isinstance(item, Cut):
            start, length, step = bounds(ctx, axis.extent, item)
            if (start, length, step) == (ZERO, axis.extent, 1):
                target.append(axis)
                continue
            if length == ZERO:
                return old
            target.append(fresh(length, [*old.axes, *target]))
            inside, element = _along(ctx, axis, start, length, step)
            conditions += inside
            slices.append((target[-1], element))
        elif isinstance(item, Value):
            index, _ = index_along(ctx, axis, item, place)
            if not is_one(axis):
                conditions.append(build.gate("eq", build.iota(ctx.graph, axis), index.node))
    node = _fitted(ctx, target, value)
    condition = _all(conditions)
    for axis, element in slices:
        node = build.take(node, axis, element, condition)
    return Value(node if condition is None else build.gate("where", condition, node, old.node), old.axes)


def _along(ctx: Context, axis: Axis, start: Extent, length: Extent, step: int) -> tuple[list[Node], Node]:
    """Return the conditions that a position is in a slice, and which element of the slice it is."""
    graph = ctx.graph
    position = build.const(graph, 0) if is_one(axis) else build.iota(graph, axis)
    last = start + (length - 1) * step
    low, high = (start, last) if step > 0 else (last, start)
    conditions = []
    if low != ZERO:
        conditions.append(build.gate("ge", position, build.extent(graph, low)))
    if high != axis.extent - 1:
        conditions.append(build.gate("le", position, build.extent(graph, high)))
    ahead = (position, build.extent(graph, start)) if step > 0 else (build.extent(graph, start), position)
    distance = position if ahead[1].is_const(0) else build.gate("sub", *ahead)
    if abs(step) == 1:
        return conditions, distance
    every = build.const(graph, abs(step))
    conditions.append(build.gate("eq", build.gate("mod", distance, every), build.const(graph, 0)))
    return conditions, build.gate("floordiv", distance, every)


def _all(conditions: Sequence[Node]) -> Node | None:
    """Return the condition that all of some hold; no condition always holds."""
    together: Node | None = None
    for condition in conditions:
        together = condition if together is None else build.gate("and", together, condition)
    return together
