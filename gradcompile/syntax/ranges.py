"""``range(...)`` over an axis of its own: an index variable is the position along it, times the step, plus the start.

Where a bound depends on outer indices the axis runs as far as any of these lets it, and a condition says which of its
positions count.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcompile.gates import build
from gradcompile.gates.select import select
from gradcompile.ir.dims import Extent
from gradcompile.ir.nodes import Axis, DType, Kind, Node
from gradcompile.syntax import outside
from gradcompile.syntax.context import Context, Term, is_one, static
from gradcompile.syntax.polynomials import ZERO, nonnegative
from gradcompile.syntax.program import Value
from gradcompile.syntax.proofs import Proofs, integers
from gradcompile.syntax.trampoline import Task

if TYPE_CHECKING:
    from gradcompile.syntax.expressions import Expressions
    from gradcompile.syntax.scope import Scope


@dataclass(frozen=True)
class Range:
    """An index variable: a scalar that depends on an axis of its own, and where it counts (None: everywhere)."""

    axis: Axis
    index: Value
    condition: Node | None = None


def read_range(visitors: Expressions, tree: ast.expr, target: ast.expr, scope: Scope) -> Task[Range]:
    """Find the values that an index variable runs over. Raises FormulaError for anything but a range of integers."""
    ctx = visitors.ctx
    if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name) or tree.func.id != "range":
        name, is_size = target.id if isinstance(target, ast.Name) else "i", False
        if isinstance(tree, ast.Name):
            is_size = tree.id in visitors.dimensions or size_of(ctx, visitors.name(tree, scope)) is not None
        what, hint = outside.iterable(tree, name, ctx.source.segment(tree, 30), is_size=is_size)
        ctx.fail(f"{what}.", hint, tree)
    if not isinstance(target, ast.Name):
        ctx.fail("an index is one name.", "Write `for i in range(N)`, and `a[i], b[i]` in the term.", target)
    if tree.keywords or not 1 <= len(tree.args) <= 3:
        ctx.fail("`range` takes a stop, a start and a stop, or these and a step.", "Write `range(0, N, 2)`.", tree)
    values: list[Value] = yield visitors.each(tree.args, lambda t: visitors.array(t, scope))
    with ctx.at(tree):
        for argument, value in zip(tree.args, values, strict=True):
            _check_whole(ctx, argument, value)
        start = values[0] if len(values) > 1 else ctx.constant(0)
        step = 1 if len(values) < 3 else _step(ctx, values[2])
        return range_between(ctx, start.node, values[min(1, len(values) - 1)].node, step, target.id)


def literal_values(ctx: Context, found: Range, most: int) -> list[Value]:
    """Return the values that an index variable runs over if these are few and literal, else none."""
    count = found.axis.extent.constant
    if count is None or count > most or found.condition is not None:
        return []
    values = [select(found.index.node, found.axis, build.const(ctx.graph, i)) for i in range(count)]
    return [Value(v) for v in values] if all(v.is_const() for v in values) else []


def _check_whole(ctx: Context, tree: ast.expr, value: Value) -> None:
    text = ctx.source.segment(tree, 30)
    if value.axes:
        ctx.fail(f"`{text}` is an array, but a range needs whole numbers.", "Take one element, as in `n[i]`.", tree)
    if value.node.dtype is not DType.INT:
        name = text if isinstance(tree, ast.Name) else "n"
        hint = f"Declare `{name}: Int`, or write a dimension name."
        if any(isinstance(n, ast.Div) for n in ast.walk(tree)):
            hint = "Write `//` for a whole quotient."
        ctx.fail(f"`{text}` is no whole number, but a range needs whole numbers.", hint, tree)


def _step(ctx: Context, value: Value) -> int:
    size = static(value)
    if size is None or size.constant is None or size.constant == 0:
        ctx.fail("the step of a range must be a whole number other than 0.", "Write a literal, as in `range(0, N, 2)`.")
    return size.constant


def range_between(ctx: Context, start: Node, stop: Node, step: int, name: str) -> Range:
    """Return the range from one integer up (or down) to another."""
    for node in (start, stop):
        bounding_inputs(ctx, node)
    proofs = Proofs(frozenset(ctx.sizes))
    first, last = proofs.polynomial(start), proofs.polynomial(stop)
    ascending = last - first if step > 0 else first - last
    length = proofs.size(ascending)
    if length is not None:
        return Range(*_fixed(ctx, start, length, step, name))
    if step == 1 and (found := _bounded(ctx, proofs, start, stop, name)) is not None:
        return found
    count = proofs.extreme(ascending, greatest=True)
    if count is None:
        raise ctx.error(f"how far `{ctx.text()}` runs depends on data.", _advice(ctx, name))
    axis, index = _fixed(ctx, start, _loosened(count), step, name)
    return Range(axis, index, build.gate("lt" if step > 0 else "gt", index.node, stop))


def bounding_inputs(ctx: Context, node: Node) -> None:
    """Note that the integer inputs in a bound are sizes: the generated module checks that they are 0 or more."""
    for n in integers(node):
        if n.kind is Kind.INPUT and not n.attrs and n.name in ctx.arguments:
            ctx.sizes.add(n.name)
            ctx.note(Extent.of(n.name), ">=", ZERO, f"`{n.name}` bounds a range, so it must be 0 or more.")


def _fixed(ctx: Context, start: Node, length: Extent, step: int, name: str) -> tuple[Axis, Value]:
    """Return an axis for so many values from a start on, and the index along it."""
    if length.constant is not None and length.constant <= 0:
        length = ZERO
    if length.constant is None and nonnegative(-length):
        hint = "Count down with a third argument: `range(N - 1, -1, -1)`."
        ctx.fail(f"`{ctx.text()}` has no values.", hint)
    message = f"`{ctx.text()}` ends before it starts."
    ctx.require(length, ">=", ZERO, message, "Put the smaller number first, or count down with a step of -1.")
    axis = ctx.index_axis((length + (abs(step) - 1)) // abs(step), name)
    return axis, Value(_position(ctx, axis, start, step))


def _position(ctx: Context, axis: Axis, start: Node, step: int) -> Node:
    if is_one(axis):
        return start
    position = build.iota(ctx.graph, axis)
    if step == -1:
        return build.gate("sub", start, position)
    if step != 1:
        position = build.gate("mul", build.const(ctx.graph, step), position)
    return position if start.is_const(0) else build.gate("add", start, position)


def _bounded(ctx: Context, proofs: Proofs, start: Node, stop: Node, name: str) -> Range | None:
    """Return a range with step 1 over the axis between the least start and the greatest stop."""
    first, last = proofs.polynomial(start), proofs.polynomial(stop)
    low, high = proofs.extreme(first, greatest=False), proofs.extreme(last, greatest=True)
    window = proofs.extreme(last - first, greatest=True)
    if low is None or high is None or (window is not None and window.constant is not None):
        return None
    if low.constant is not None and low.constant >= 0:
        low = ZERO  # so that reading there is reading the array itself
    length = _loosened(high - low)
    axis = ctx.index_axis(length, name)
    index = _position(ctx, axis, build.extent(ctx.graph, low), 1)
    above = None if low == first else build.gate("ge", index, start)
    below = None if low + length == last else build.gate("lt", index, stop)
    return Range(axis, Value(index), build.both(above, below))


def _loosened(length: Extent) -> Extent:
    """Return a size that is no less and surely not negative."""
    if nonnegative(length):
        return length
    return Extent(tuple((m, c) for m, c in length.terms if c > 0))


def _advice(ctx: Context, name: str) -> str:
    """Say how to write a range that ends where data says."""
    bounds = ["0", "count"]
    if isinstance(ctx.tree, ast.Call):
        bounds[2 - len(ctx.tree.args[:2]) :] = [ctx.source.segment(a, 30) for a in ctx.tree.args[:2]]
    condition = f"{name} < {bounds[1]}" if bounds[0] == "0" else f"{bounds[0]} <= {name} < {bounds[1]}"
    if ctx.source.lines[ctx.tree.lineno - 1].rstrip().endswith(":"):  # type: ignore[attr-defined]
        return f"Let it run as far as it ever does, and write `x = … if {condition} else x` in it."
    return f"Run over the most there can be, and filter: `for {name} in range(N) if {condition}`."


def size_of(ctx: Context, term: Term) -> Extent | None:
    """Return an integer that is made of dimensions and of integer inputs, which are noted as sizes, or None."""
    if not isinstance(term, Value) or term.axes or term.node.dtype is not DType.INT or term.node.axes:
        return None
    if (known := static(term)) is not None:
        return known
    parts = integers(term.node)
    if any(n.kind in (Kind.CARRY, Kind.HISTORY) or (n.kind is Kind.INPUT and n.attrs) for n in parts):
        return None
    bounding_inputs(ctx, term.node)
    proofs = Proofs(frozenset(ctx.sizes))
    return proofs.size(proofs.polynomial(term.node))
