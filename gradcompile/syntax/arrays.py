"""Arrays over named axes under NumPy's positional rules: broadcasting, matrix products, reductions."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from gradcompile.gates import build
from gradcompile.gates.registry import REDUCE
from gradcompile.gates.select import summed
from gradcompile.ir.dims import Extent, same_size, total
from gradcompile.ir.nodes import Axis, DType, Kind, Node
from gradcompile.syntax.context import ONE, Context, fresh, is_one, number, shape_text, static, truth
from gradcompile.syntax.program import Value


def align(value: Value, axes: Sequence[Axis]) -> Node:
    """Return a value's node over the given axes, which its own meet from the right."""
    return build.rename(value.node, dict(zip(value.axes, axes[len(axes) - value.rank :], strict=True)))


def broadcast(ctx: Context, values: Sequence[Value]) -> tuple[tuple[Axis, ...], list[Node]]:
    """Return the common axes of some values, and each value's node over them."""
    first = max(values, key=lambda v: v.rank).axes
    if all(v.axes == first or not v.axes for v in values):
        return first, [v.node for v in values]
    axes: list[Axis] = []
    for place in range(-len(first), 0):
        meeting = [(v, v.axes[place]) for v in values if v.rank >= -place]
        long = [(v, a) for v, a in meeting if not is_one(a)]
        for other, axis in long[1:]:
            same(ctx, long[0][0], long[0][1], other, axis, values)
        chosen = (long or meeting)[0][1]
        axes.append(fresh(chosen.extent, axes, chosen))
    return tuple(axes), [align(v, axes) for v in values]


def same(ctx: Context, left: Value, a: Axis, right: Value, b: Axis, values: Sequence[Value]) -> None:
    """Insist that two axes have the same length: proved, refuted, or left to the generated module."""
    verdict = same_size(a.extent, b.extent)
    if verdict:
        return
    one, two = _operand(ctx, left, values), _operand(ctx, right, values)
    message = f"{one} {shape_text(left)}, but {two} {shape_text(right)}: {a.extent} and {b.extent} differ."
    if verdict is False:
        ctx.misfit(message, ctx.readings(a.extent, b.extent) or "Make the two sizes equal.")
    ctx.require(a.extent, "==", b.extent, message)


def _operand(ctx: Context, value: Value, values: Sequence[Value]) -> str:
    """Return the text of the operand of the current expression that has this value."""
    place = next(i for i, v in enumerate(values) if v is value)
    match ctx.tree:
        case ast.BinOp(left=left, right=right) | ast.Compare(left=left, comparators=[right]):
            trees: list[ast.expr] = [left, right]
        case ast.IfExp(test=test, body=body, orelse=orelse):
            trees = [test, body, orelse]
        case ast.Call(args=args, keywords=[]) if len(args) == len(values):
            trees = args
        case ast.Call(args=[ast.Tuple(elts=items) | ast.List(elts=items), *_]) if len(items) == len(values):
            trees = items
        case ast.AugAssign(target=target, value=amount):
            trees = [target, amount]
        case _:
            trees = []
    return f"`{ctx.source.segment(trees[place], 40)}`" if place < len(trees) else f"operand {place + 1}"


def elementwise(ctx: Context, gate: str, *values: Value) -> Value:
    """Apply a scalar gate to every element of values that are copied along the axes they lack."""
    if not any(v.axes for v in values):
        return _scalar(ctx, gate, values)
    axes, nodes = broadcast(ctx, values)
    return Value(build.gate(gate, *nodes), axes)


_WHOLE = {"add", "sub", "mul", "floordiv", "mod", "pow"}


def _scalar(ctx: Context, gate: str, values: Sequence[Value]) -> Value:
    if gate == "neg" and (size := static(values[0])) is not None:
        return ctx.size(-size)
    if gate in _WHOLE and (a := static(values[0])) is not None and (b := static(values[1])) is not None:
        return _whole(ctx, gate, a, b, values)
    return Value(build.gate(gate, *(v.node for v in values)))


def _whole(ctx: Context, gate: str, a: Extent, b: Extent, values: Sequence[Value]) -> Value:
    """Apply a gate to two integers that are known from the sizes: the result is one too, as far as can be."""
    if gate in ("floordiv", "mod") and b.constant == 0:
        ctx.fail("division by zero.", "Divide by something else.")
    if (a.constant is None or gate != "pow") and (result := whole_number(gate, a, b)) is not None:
        return ctx.size(result)
    node = build.gate(gate, *(v.node for v in values))
    if a.constant is None or b.constant is None:
        return Value(node)
    if node.kind is not Kind.CONST and gate != "pow":  # past 64 bits: go on in real numbers
        node = build.gate(gate, *(build.as_real(v.node) for v in values))
    if node.kind is not Kind.CONST:
        hint = "Numbers are 64-bit: write one below 1.8e308, such as `1e300`."
        ctx.fail(f"`{ctx.text(30)}` is too large a number.", hint)
    return Value(node)


def whole_number(gate: str, a: Extent, b: Extent) -> Extent | None:
    """Return the result of an integer gate on sizes, or None where it is none or would be too large."""
    by, result = b.constant, None
    if len(a.terms) * len(b.terms) > 64:
        return a + b if gate == "add" else a - b if gate == "sub" else None
    match gate:
        case "add":
            result = a + b
        case "sub":
            result = a - b
        case "mul":
            result = a * b
        case "floordiv" if by:
            result = a // by
        case "mod" if by:
            result = a % by
        case "pow" if by is not None and 0 <= by <= 8 and len(a.terms) <= 4:
            result = a**by
    if result is None or any(abs(c) >= 2**62 for _, c in result.terms):
        return None
    return result


def matmul(ctx: Context, a: Value, b: Value) -> Value:
    """Return ``a @ b``: the sum over d of a[..., n, d] * b[..., d, c]; a mul gate under a sum gate."""
    if not a.axes or not b.axes:
        ctx.misfit("`@` needs arrays on both sides, not a scalar.", "Write `*` for the product with a scalar.")
    row, column = a.axes[-2:-1], b.axes[-1:] if b.rank > 1 else ()
    inner_a, inner_b = a.axes[-1], b.axes[-2] if b.rank > 1 else b.axes[-1]
    _same_inner(ctx, a, inner_a, b, inner_b)
    taken = list(a.axes)
    batch = _batch(ctx, a, b, taken)
    targets = [fresh(axis.extent, [*taken, *batch], axis) for axis in column]
    moved = dict(zip(reversed(b.axes[:-2]), reversed(batch), strict=False))
    moved |= {inner_b: inner_a} | dict(zip(column, targets, strict=True))
    left = build.rename(a.node, dict(zip(reversed(a.axes[:-2]), reversed(batch), strict=False)))
    product = build.gate("mul", left, build.rename(b.node, moved))
    return Value(reduced("sum", product, inner_a), (*batch, *row, *targets))


def _same_inner(ctx: Context, a: Value, inner_a: Axis, b: Value, inner_b: Axis) -> None:
    verdict = same_size(inner_a.extent, inner_b.extent)
    if verdict:
        return
    one, two = _operand(ctx, a, (a, b)), _operand(ctx, b, (a, b))
    message = (
        f"{one} {shape_text(a)} and {two} {shape_text(b)}: "
        f"the inner sizes {inner_a.extent} and {inner_b.extent} of the product differ."
    )
    if verdict is False:
        hint = ctx.readings(inner_a.extent, inner_b.extent)
        if a.rank > 1 and same_size(a.axes[-2].extent, inner_b.extent):
            hint += f" Perhaps {one.strip('`')}.T is meant."
        ctx.misfit(message, hint.strip())
    ctx.require(inner_a.extent, "==", inner_b.extent, message)


def _batch(ctx: Context, a: Value, b: Value, taken: Sequence[Axis]) -> list[Axis]:
    """Return the axes of the stack that a product of stacks of matrices has."""
    left, right = a.axes[:-2], b.axes[:-2]
    axes: list[Axis] = []
    for place in range(-max(len(left), len(right)), 0):
        mine = left[place] if len(left) >= -place else None
        its = right[place] if len(right) >= -place else None
        if mine is not None and its is not None and not is_one(mine) and not is_one(its):
            same(ctx, a, mine, b, its, (a, b))
        if mine is not None and (its is None or not is_one(mine) or is_one(its)):
            axes.append(mine)
        elif its is not None:
            axes.append(fresh(its.extent, [*taken, *axes], its))
    return axes


def dot(ctx: Context, a: Value, b: Value) -> Value:
    """Return ``dot(a, b)``: the product of scalars, of vectors, of matrices."""
    if not a.axes or not b.axes:
        return elementwise(ctx, "mul", a, b)
    if a.rank > 2 or b.rank > 2:
        ctx.fail("`dot` is for vectors and matrices.", "Write `a @ b` for stacks of matrices.")
    return matmul(ctx, a, b)


def reduced(name: str, node: Node, axis: Axis) -> Node:
    """Reduce a node over an axis; over one of length 1, to its element. The sum of a one-hot reads one element."""
    if not is_one(axis):
        return summed(number(node), axis) if name == "sum" else build.reduce(name, node, axis)
    match name:
        case "any" | "all":
            return node
        case "argmax" | "argmin":
            return build.const(node.graph, 0)
        case "norm":
            return build.gate("abs", build.as_real(node))
        case "logsumexp":
            return build.as_real(node)
    return number(node)


def reduction(ctx: Context, name: str, x: Value, places: Sequence[int], keepdims: bool = False) -> Value:
    """Reduce over the axes at some positions, the last first, so that ties go to the first in C order."""
    node = truth(x.node) if name in ("any", "all") else x.node
    for place in sorted(places, reverse=True):
        axis = x.axes[place]
        if REDUCE[name].needs_element:
            message = f"`{ctx.text()}` needs at least one element along an axis of length {axis.extent}."
            ctx.require(axis.extent, ">=", ONE, message, "Give it an array that is not empty.")
        node = reduced(name, node, axis)
    if len(places) == 0:
        node = number(node) if name not in ("any", "all") else node
    return Value(node, kept(x.axes, places, keepdims))


def kept(axes: Sequence[Axis], places: Sequence[int], keepdims: bool) -> tuple[Axis, ...]:
    """Return the axes that are left; with `keepdims`, those at `places` become dimensions of length 1."""
    left = [a for i, a in enumerate(axes) if i not in places]
    if not keepdims:
        return tuple(left)
    result: list[Axis] = []
    for i, axis in enumerate(axes):
        result.append(fresh(ONE, [*left, *result]) if i in places else axis)
    return tuple(result)


def mean(ctx: Context, x: Value, places: Sequence[int], keepdims: bool = False, ddof: Extent | None = None) -> Value:
    """Return the sum over axes divided by the number of elements (less `ddof`)."""
    total_of = reduction(ctx, "sum", x, places, keepdims)
    count = total(x.axes[p].extent for p in places) - (ddof or Extent.of(0))
    return Value(build.gate("div", total_of.node, build.extent(ctx.graph, count)), total_of.axes)


def variance(ctx: Context, x: Value, places: Sequence[int], keepdims: bool, ddof: Extent | None) -> Value:
    """Return the mean squared distance from the mean."""
    centred = elementwise(ctx, "sub", x, mean(ctx, x, places, keepdims=True))
    return mean(ctx, elementwise(ctx, "square", centred), places, keepdims, ddof)


def log_softmax(ctx: Context, x: Value, place: int) -> Value:
    """Return x minus its log-sum-exp along an axis."""
    return elementwise(ctx, "sub", x, reduction(ctx, "logsumexp", x, [place], keepdims=True))


def choose(ctx: Context, condition: Value, yes: Value, no: Value) -> Value:
    """Return `yes` where the condition holds, else `no`."""
    test = Value(truth(condition.node), condition.axes)
    if yes.node.dtype is not no.node.dtype:
        yes, no = Value(number(yes.node), yes.axes), Value(number(no.node), no.axes)
    axes, nodes = broadcast(ctx, (test, yes, no))
    return Value(build.gate("where", *nodes), axes)


def extreme(ctx: Context, gate: str, a: Value, b: Value) -> Value:
    """Apply the max or min gate; a literal counts as the first operand, to which a tie goes."""
    if b.node.is_const() and not a.node.is_const():
        axes, (left, right) = broadcast(ctx, (a, b))
        return Value(build.gate(gate, right, left), axes)
    return elementwise(ctx, gate, a, b)


def convert(values: Sequence[Value]) -> list[Value]:
    """Return values of one element type: the widest of theirs."""
    types = {v.node.dtype for v in values}
    if len(types) == 1:
        return list(values)
    make = build.as_real if DType.REAL in types else number
    return [Value(make(v.node), v.axes) for v in values]


def axes_for(shape: Sequence[Extent]) -> tuple[Axis, ...]:
    """Return axes for a shape: the first of their extents that are not yet in it."""
    axes: list[Axis] = []
    for extent in shape:
        axes.append(fresh(extent, axes))
    return tuple(axes)
