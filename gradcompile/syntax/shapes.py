"""Arrays from arrays: reshape, joining, diagonals, triangles, running sums. Computed indices do all of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from gradcompile.gates import build
from gradcompile.ir.dims import Extent, same_size, total
from gradcompile.ir.nodes import Axis, DType, Node
from gradcompile.syntax.arrays import axes_for, convert, same
from gradcompile.syntax.context import ONE, Context, fresh, is_one, number, shape_of, shape_text
from gradcompile.syntax.program import Value

ZERO = Extent.of(0)


def reshape(ctx: Context, x: Value, shape: Sequence[Extent]) -> Value:
    """Return the same elements in C order in another shape; -1 stands for what is left over."""
    sizes = _completed(ctx, x, shape)
    old = [a for a in x.axes if not is_one(a)]
    new: list[Axis] = []
    for size in sizes:
        kept = next((a for a in old if a.extent == size and a not in new), None)
        new.append(kept or fresh(size, [*new, *old]))
    node, taken = x.node, [a for a in new if not is_one(a)]
    for before, after in _groups(old, taken):
        node, renamed = _regroup(ctx, node, before, after, [*x.axes, *new])
        new = [renamed.get(a, a) for a in new]
    return Value(node, tuple(new))


def _completed(ctx: Context, x: Value, shape: Sequence[Extent]) -> list[Extent]:
    """Return the new shape with -1 worked out, after the check that it has as many elements."""
    count, open_places = total(x.shape), [i for i, s in enumerate(shape) if s.constant == -1]
    if len(open_places) > 1:
        ctx.fail("only one size of a shape can be -1.", "Write the others out.")
    if open_places:
        others = [s for s in shape if s.constant != -1]
        left = _quotient(list(x.shape), others)
        if left is None:
            ctx.fail(f"what -1 stands for in `{ctx.text()}` does not follow from the sizes.", "Write that size out.")
        shape = [left if s.constant == -1 else s for s in shape]
    wanted = total(shape)
    message = f"`{ctx.text()}`: the array {shape_text(x)}, which does not fit the shape {shape_of(axes_for(shape))}."
    if open_places and count != wanted:  # a size divided: whether it leaves a rest is seen at run time
        ctx.note(count, "==", wanted, message)
    else:
        ctx.require(count, "==", wanted, message, ctx.readings(count, wanted))
    return list(shape)


def _quotient(numerator: list[Extent], denominator: Sequence[Extent]) -> Extent | None:
    """Return the product of some sizes divided by that of others, if it is a polynomial."""
    rest: list[Extent] = []
    for size in denominator:
        if size in numerator:
            numerator.remove(size)
        else:
            rest.append(size)
    top, bottom = total(numerator), total(rest)
    if bottom.constant is not None:
        return top // bottom.constant if bottom.constant > 0 else None
    if len(bottom.terms) != 1:
        return None
    ((powers, factor),) = bottom.terms
    terms = []
    for monomial, coefficient in top.terms:
        left = dict(monomial)
        for atom, power in powers:
            left[atom] = left.get(atom, 0) - power
        if any(p < 0 for p in left.values()):
            return None
        terms.append((tuple((a, p) for a, p in left.items() if p), coefficient / factor))
    return Extent(tuple(terms)) + 0


def _groups(old: Sequence[Axis], new: Sequence[Axis]) -> list[tuple[list[Axis], list[Axis]]]:
    """Split both shapes at the places up to which they have equally many elements."""
    reached = {total(a.extent for a in new[:j]): j for j in range(len(new), 0, -1)}
    groups, i0, j0 = [], 0, 0
    for i in range(1, len(old) + 1):
        j = reached.get(total(a.extent for a in old[:i]), 0)
        if j > j0 and i < len(old):
            groups.append((list(old[i0:i]), list(new[j0:j])))
            i0, j0 = i, j
    if i0 < len(old) or j0 < len(new):
        groups.append((list(old[i0:]), list(new[j0:])))
    return groups


def _regroup(
    ctx: Context, node: Node, before: Sequence[Axis], after: list[Axis], taken: Sequence[Axis]
) -> tuple[Node, dict[Axis, Axis]]:
    """Read a group of axes by another group that has as many elements in C order."""
    if list(before) == after:
        return node, {}
    if len(before) == len(after) == 1 and same_size(before[0].extent, after[0].extent):
        return build.rename(node, {before[0]: after[0]}), {}
    renamed: dict[Axis, Axis] = {}
    for axis in after:  # an axis that is read must not be one that is written
        if axis in before:
            renamed[axis] = fresh(axis.extent, [*taken, *renamed.values()])
    after = [renamed.get(a, a) for a in after]
    graph = ctx.graph
    linear = _linear(ctx, after)
    for i, axis in enumerate(before):
        below = total(a.extent for a in before[i + 1 :])
        index = linear if below == ONE else build.gate("floordiv", linear, build.extent(graph, below))
        if i:
            index = build.gate("mod", index, build.extent(graph, axis.extent))
        node = build.take(node, axis, index)
    return node, renamed


def _linear(ctx: Context, axes: Sequence[Axis]) -> Node:
    """Return the position in C order over some axes."""
    terms = []
    for i, axis in enumerate(axes):
        stride = total(a.extent for a in axes[i + 1 :])
        position = build.iota(ctx.graph, axis)
        terms.append(position if stride == ONE else build.gate("mul", position, build.extent(ctx.graph, stride)))
    return reduce(lambda a, b: build.gate("add", a, b), terms) if terms else build.const(ctx.graph, 0)


def concatenate(ctx: Context, parts: Sequence[Value], place: int) -> Value:
    """Return arrays joined along an axis they have: each is scattered to its place, and the places are added."""
    parts, condition = _numbers(parts)
    first = parts[0]
    aligned = [_beside(ctx, first, p, place, parts) for p in parts]
    length = reduce(Extent.__add__, (p.axes[place].extent for p in parts))
    rest = first.axes[:place] + first.axes[place + 1 :]
    axis = fresh(length, [*rest, *(a for _, a in aligned)])
    offset, placed = ZERO, []
    for node, own in aligned:
        start = build.extent(ctx.graph, offset)
        if is_one(own):
            placed.append(build.scatter(node, axis, start, ()))
        else:
            position = build.iota(ctx.graph, own)
            index = position if offset == ZERO else build.gate("add", position, start)
            placed.append(build.scatter(node, axis, index, (own,)))
        offset = offset + own.extent
    node = _added(ctx, placed, first.node.dtype)
    return _condition(Value(node, (*first.axes[:place], axis, *first.axes[place + 1 :])), condition)


def _beside(ctx: Context, first: Value, part: Value, place: int, parts: Sequence[Value]) -> tuple[Node, Axis]:
    """Return a part over the first's axes, and the axis of its own along which it is joined."""
    if part.rank != first.rank:
        ctx.fail(f"the arrays to join {_shapes(parts)}.", "All must have equally many axes; `stack` makes a new one.")
    mapping = {}
    for i, (a, b) in enumerate(zip(first.axes, part.axes, strict=True)):
        if i != place:
            same(ctx, first, a, part, b, parts)
            mapping[b] = a
    own = part.axes[place]
    others = [a for i, a in enumerate(first.axes) if i != place]
    mapping[own] = fresh(own.extent, others, own)
    return build.rename(part.node, mapping), mapping[own]


def stack(ctx: Context, parts: Sequence[Value], place: int) -> Value:
    """Return arrays of one shape along a new axis."""
    parts, condition = _numbers(parts)
    first = parts[0]
    nodes = []
    for part in parts:
        if part.rank != first.rank:
            ctx.fail(f"the arrays to stack {_shapes(parts)}.", "All must have the same shape.")
        for a, b in zip(first.axes, part.axes, strict=True):
            same(ctx, first, a, part, b, parts)
        nodes.append(build.rename(part.node, dict(zip(part.axes, first.axes, strict=True))))
    axis = fresh(Extent.of(len(parts)), first.axes)
    axes = (*first.axes[:place], axis, *first.axes[place:])
    if all(n is nodes[0] for n in nodes):
        return _condition(Value(nodes[0], axes), condition)
    placed = [build.scatter(n, axis, build.const(ctx.graph, k), ()) for k, n in enumerate(nodes) if not n.is_const(0)]
    return _condition(Value(_added(ctx, placed, first.node.dtype), axes), condition)


def _shapes(parts: Sequence[Value]) -> str:
    return "have the shapes " + ", ".join(shape_of(p.axes) if p.axes else "()" for p in parts)


def _numbers(parts: Sequence[Value]) -> tuple[list[Value], bool]:
    """Return parts of one type that can be added, and whether the result is a condition again."""
    condition = all(p.node.dtype is DType.BOOL for p in parts)
    return convert([Value(number(p.node), p.axes) for p in parts]), condition


def _condition(value: Value, wanted: bool) -> Value:
    zero = build.const(value.node.graph, 0)
    return Value(build.gate("ne", value.node, zero), value.axes) if wanted else value


def _added(ctx: Context, nodes: Sequence[Node], dtype: DType) -> Node:
    """Add nodes pairwise, so that the graph is shallow."""
    if not nodes:
        return build.const(ctx.graph, 0 if dtype is DType.INT else 0.0)
    while len(nodes) > 1:
        pairs = [nodes[i : i + 2] for i in range(0, len(nodes), 2)]
        nodes = [build.gate("add", *pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return nodes[0]


def diagonal(ctx: Context, x: Value) -> Value:
    """Return the diagonal of a square matrix, or the diagonal matrix of a vector."""
    if x.rank == 1:
        (axis,) = x.axes
        other = fresh(axis.extent, [axis])
        return Value(_where(ctx, "eq", axis, other, x.node), (axis, other))
    if x.rank != 2:
        ctx.fail(f"`diag` is for vectors and matrices, but this {shape_text(x)}.", "Take a matrix of it first.")
    row, column = x.axes
    message = f"`{ctx.text()}` needs a square matrix, but this {shape_text(x)}."
    ctx.require(row.extent, "==", column.extent, message, ctx.readings(row.extent, column.extent))
    if is_one(row) or is_one(column):
        return Value(x.node, (row,))
    return Value(build.take(x.node, column, build.iota(ctx.graph, row)), (row,))


def _where(ctx: Context, relation: str, row: Axis, column: Axis, node: Node, k: int = 0) -> Node:
    """Return the node where ``row + k`` and ``column`` are so related, else 0."""
    position = build.const(ctx.graph, 0) if is_one(row) else build.iota(ctx.graph, row)
    other = build.const(ctx.graph, 0) if is_one(column) else build.iota(ctx.graph, column)
    if k:
        position = build.gate("add", position, build.const(ctx.graph, k))
    zero = build.const(ctx.graph, 0 if node.dtype is DType.INT else 0.0)
    return build.gate("where", build.gate(relation, position, other), node, zero)


def eye(ctx: Context, rows: Extent, columns: Extent, k: int) -> Value:
    """Return the matrix with ones on the k-th diagonal."""
    row, column = axes_for([rows, columns])
    return Value(_where(ctx, "eq", row, column, build.const(ctx.graph, 1.0), k), (row, column))


def triangle(ctx: Context, x: Value, relation: str, k: int) -> Value:
    """Return a matrix (or a stack of them) with one triangle kept and the rest 0."""
    if x.rank < 2:
        ctx.fail(f"a triangle needs a matrix, but this {shape_text(x)}.", "Give a matrix.")
    return Value(_where(ctx, relation, x.axes[-2], x.axes[-1], number(x.node), k), x.axes)


def cumulate(x: Value, place: int, gate: str) -> Value:
    """Return running sums or products along an axis."""
    axis = x.axes[place]
    return Value(build.as_real(x.node) if is_one(axis) else build.cumulate(gate, number(x.node), axis), x.axes)


def permuted(x: Value, order: Sequence[int]) -> Value:
    """Return the axes in another order."""
    return Value(x.node, tuple(x.axes[i] for i in order))
