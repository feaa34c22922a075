"""Derivatives as values: ``grad``, ``jvp``, ``vjp``, ``jacobian`` and ``hessian`` inside a formula.

They are with respect to an input, or to a variable as y depends on it through the later lines.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcompile.autodiff.cotangent import Cotangent
from gradcompile.autodiff.forward import along
from gradcompile.autodiff.linalg import within_structure
from gradcompile.autodiff.reverse import pull
from gradcompile.gates import build
from gradcompile.ir.nodes import Axis, DType, Node
from gradcompile.syntax.arrays import align
from gradcompile.syntax.context import Context, Row, Term, fresh, is_one, shape_text
from gradcompile.syntax.program import Value
from gradcompile.syntax.replay import Unknown, hidden, reads_states_inside, unknown
from gradcompile.syntax.scope import Scope
from gradcompile.syntax.trampoline import Task

if TYPE_CHECKING:
    from gradcompile.syntax.expressions import Expressions


@dataclass(frozen=True)
class _Form:
    """One of the functions: how it is called, and what it makes of y, of the unknown, and of a direction."""

    arguments: str
    usage: str
    make: Callable[[Context, Node, Value, Unknown, Node | None], Value]
    scalar: bool = False  # y must be one
    several: bool = False  # may be with respect to several names


def derivative(visitors: Expressions, tree: ast.Call, name: str, scope: Scope) -> Task[Term]:
    """Return a derivative of an expression with respect to a name, or to each of several."""
    ctx, form = visitors.ctx, FORMS[name]
    count = len(form.arguments.split())
    if len(tree.args) != count or tree.keywords:
        ctx.fail(f"`{name}` takes {count} arguments.", form.usage, tree)
    _, by, *given = tree.args
    if not isinstance(by, (ast.Tuple, ast.List)):
        one: Value = yield _with_respect_to(visitors, tree, name, by, given, scope)
        return one
    if not form.several or not by.elts:
        ctx.fail(f"`{name}` is with respect to one name.", form.usage, by)
    parts: list[Value] = yield visitors.each(by.elts, lambda x: _with_respect_to(visitors, tree, name, x, given, scope))
    return Row(tuple(parts), isinstance(by, ast.List))


def _with_respect_to(
    visitors: Expressions, tree: ast.Call, name: str, by: ast.expr, given: Sequence[ast.expr], scope: Scope
) -> Task[Value]:
    ctx, form, of = visitors.ctx, FORMS[name], tree.args[0]
    if not isinstance(by, ast.Name):
        hint = "Give the expression a name on an earlier line, compute y from that name, and write the name here."
        ctx.fail(f"`{name}` differentiates with respect to a name.", hint, by)
    found: Unknown = yield unknown(visitors, by, scope)
    direction: Value | None = None
    if given:
        direction = yield visitors.array(given[0], scope)
    with ctx.comprehension() as first:
        y: Value = yield visitors.array(of, found.scope)
        _check(visitors, name, of, y, found, scope)
        with ctx.at(tree):
            node = ctx.recognised(y.node)
            if name != "jvp":  # one unknown for each of the indices around, so that a gradient is not summed over them
                node, found = found.widened(node, hidden(y))
            goes_with = (by, found.value) if name == "jvp" else (of, y)
            along_it = None if direction is None else _fitted(ctx, given[0], direction, *goes_with)
            value = form.make(ctx, node, y, found, along_it)
            return ctx.closed(Value(found.known(value.node), value.axes), first)


def _check(visitors: Expressions, name: str, tree: ast.expr, y: Value, found: Unknown, scope: Scope) -> None:
    ctx, text = visitors.ctx, visitors.ctx.source.segment(tree, 40)
    if FORMS[name].scalar and y.axes:
        hint = f"Reduce it, for example `sum({text})`."
        ctx.fail(f"`{name}` needs a scalar, but `{text}` {shape_text(y)}.", hint, tree)
    if y.node.dtype is DType.BOOL:
        ctx.fail(f"`{text}` is a condition and has no derivative.", "Differentiate a real number.", tree)
    if reads_states_inside(found, y, scope):
        hint = f"Compute it behind the loop, or in a `def` that takes `{found.name}` and the state as parameters."
        message = f"`{text}` reads a state of the loop, which depends on `{found.name}` through earlier steps."
        ctx.fail(message, hint, tree)


def _fitted(ctx: Context, tree: ast.expr, direction: Value, of: ast.expr, other: Value) -> Node:
    """Return a direction over the axes of what it goes with: of x for `jvp`, of y for `vjp`."""
    text, what = ctx.source.segment(tree, 30), f"`{ctx.source.segment(of, 30)}`"
    message = f"the direction `{text}` {shape_text(direction)}, but {what} {shape_text(other)}."
    if direction.rank != other.rank:
        ctx.fail(message, f"Give it the shape of {what}.", tree)
    for a, b in zip(direction.axes, other.axes, strict=True):
        ctx.require(a.extent, "==", b.extent, message, f"Give it the shape of {what}.")
    return build.as_real(align(direction, other.axes))


def _gradient(ctx: Context, node: Node, upstream: Cotangent, found: Unknown) -> Node:
    """Return what arrives at the unknown."""
    arrived = pull([(node, upstream)], {found.argument: found.axes}, ctx.hand_back)
    if found.argument not in arrived:
        return build.const(node.graph, 0.0)
    gradient = arrived[found.argument].settle()
    return gradient if found.owner is not None else within_structure(gradient, found.name, found.value.axes)


def _grad(ctx: Context, node: Node, y: Value, found: Unknown, _: Node | None) -> Value:
    return Value(_gradient(ctx, node, Cotangent(build.const(ctx.graph, 1.0)), found), found.value.axes)


def _vjp(ctx: Context, node: Node, y: Value, found: Unknown, upstream: Node | None) -> Value:
    assert upstream is not None
    axes = [a for a in y.axes if a not in node.axes and not is_one(a)]  # y is copied along these
    return Value(_gradient(ctx, node, Cotangent(build.reduce_all("sum", upstream, axes)), found), found.value.axes)


def _jvp(ctx: Context, node: Node, y: Value, found: Unknown, direction: Node | None) -> Value:
    assert direction is not None
    _, (tangent,) = along([node], {found.argument: (direction, found.axes)})
    return Value(tangent, y.axes)


def _jacobian(ctx: Context, node: Node, y: Value, found: Unknown, _: Node | None) -> Value:
    rows, upstream = _rows(ctx, y.axes)
    return Value(_gradient(ctx, node, upstream, found), (*rows, *found.value.axes))


def _hessian(ctx: Context, node: Node, y: Value, found: Unknown, _: Node | None) -> Value:
    first = _gradient(ctx, node, Cotangent(build.const(ctx.graph, 1.0)), found)
    rows, upstream = _rows(ctx, found.value.axes)
    return Value(_gradient(ctx, first, upstream, found), (*rows, *found.value.axes))


def _rows(ctx: Context, axes: Sequence[Axis]) -> tuple[list[Axis], Cotangent]:
    """Return an axis for each of some, and the upstream gradient that is 1 where both are at the same position."""
    rows: list[Axis] = []
    condition: Node | None = None
    for axis in axes:
        if is_one(axis):
            rows.append(fresh(axis.extent, [*rows, *axes]))
            continue
        rows.append(ctx.index_axis(axis.extent, ctx.graph.index_names.get(axis, "i")))
        ctx.opened.append(rows[-1])
        here = build.gate("eq", build.iota(ctx.graph, axis), build.iota(ctx.graph, rows[-1]))
        condition = build.both(condition, here)
    return rows, Cotangent(build.const(ctx.graph, 1.0), condition, settled=condition is None)


FORMS: Mapping[str, _Form] = {
    "grad": _Form("y x", "Write `grad(y, x)`: of a scalar y, with respect to x.", _grad, scalar=True, several=True),
    "jvp": _Form("y x v", "Write `jvp(y, x, v)`: the derivative of y as x moves in the direction v.", _jvp),
    "vjp": _Form("y x u", "Write `vjp(y, x, u)`: the gradient of `sum(u*y)`.", _vjp, several=True),
    "jacobian": _Form("y x", "Write `jacobian(y, x)`: its shape is that of y, then that of x.", _jacobian),
    "hessian": _Form("y x", "Write `hessian(y, x)`: of a scalar y, with respect to x.", _hessian, scalar=True),
}
