"""``grad(y, x)`` inside a formula: of an input, or of a variable as y depends on it through the later statements."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradcompile.autodiff.reverse import gradients_of_arguments
from gradcompile.gates import build
from gradcompile.gates.substitute import substitute
from gradcompile.ir.nodes import DType, Kind, Node, reachable
from gradcompile.syntax.context import is_one, shape_text
from gradcompile.syntax.flow import reads, targets
from gradcompile.syntax.program import Value
from gradcompile.syntax.scope import Scope
from gradcompile.syntax.trampoline import Task

if TYPE_CHECKING:
    from gradcompile.syntax.expressions import Expressions


def derivative(visitors: Expressions, tree: ast.Call, scope: Scope) -> Task[Value]:
    """Return the gradient of a scalar expression with respect to an input or a variable."""
    ctx = visitors.ctx
    if len(tree.args) != 2 or tree.keywords:
        ctx.fail("`grad` takes 2 arguments.", "Write `grad(y, x)`: of a scalar y, with respect to x.", tree)
    of, name = tree.args
    if not isinstance(name, ast.Name):
        hint = "Give the expression a name on an earlier line, compute y from that name, and write the name here."
        ctx.fail("`grad` differentiates with respect to a name.", hint, name)
    if (found := scope.find(name.id)) is None:
        value = visitors.name(name, scope)
        if name.id not in visitors.inputs or value is not visitors.inputs[name.id]:
            message = f"`grad` cannot differentiate with respect to `{name.id}` here."
            ctx.fail(message, "Use an input or a variable.", name)
        _check_real(visitors, name, value)
        y = yield visitors.array(of, scope)
        with ctx.at(tree):
            _check_scalar(visitors, of, y)
            axes = ctx.arguments[name.id].axes
            return Value(gradients_of_arguments(ctx.recognised(y.node), {name.id: axes})[name.id], axes)
    at, value = found
    _check_real(visitors, name, value)
    own = tuple(a for a in value.axes if not is_one(a))
    stand_in = f"{name.id}.{len(ctx.graph.nodes)}"
    replay = scope.replay(at)
    replay.bind(name.id, Value(build.argument(ctx.graph, stand_in, own), value.axes), at)
    yield _replayed(visitors, name.id, scope, replay, at)
    y = yield visitors.array(of, replay)
    with ctx.at(tree):
        _check_scalar(visitors, of, y)
        gradient = gradients_of_arguments(ctx.recognised(y.node), {stand_in: own})[stand_in]
        original = build.as_real(value.node)
        back: dict[Node, Node] = {
            n: build.rename(original, dict(zip(own, n.attrs, strict=True)))
            for n in reachable([gradient])
            if n.kind is Kind.INPUT and n.name == stand_in
        }
        return Value(substitute(gradient, back), value.axes)


def _check_real(visitors: Expressions, name: ast.Name, value: Value) -> None:
    if value.node.dtype is not DType.REAL and not value.node.is_const():
        visitors.ctx.fail(f"`{name.id}` is not a real number.", "Only real inputs and variables have a gradient.", name)


def _check_scalar(visitors: Expressions, tree: ast.expr, value: Value) -> None:
    if value.axes:
        text = visitors.ctx.source.segment(tree, 40)
        visitors.ctx.fail(
            f"`grad` needs a scalar, but `{text}` {shape_text(value)}.", f"Reduce it, for example `sum({text})`.", tree
        )


def _replayed(visitors: Expressions, name: str, scope: Scope, replay: Scope, at: int) -> Task[None]:
    """Carry out again what depends on the variable; take over the rest."""
    changed = {name}
    current = scope.current
    for place in range(at + 1, current):
        statement = scope.statements[place]
        if changed & _all_reads(visitors, statement):
            yield visitors.statement(statement, replay, place)
            changed |= set(targets(statement))
            continue
        for target in targets(statement):
            if (found := scope.find(target, place)) is not None:
                replay.bind(target, found[1], place)
            changed.discard(target)
    replay.current = current


def _all_reads(visitors: Expressions, statement: ast.stmt) -> set[str]:
    """Return the names that a statement reads, those in the functions it calls included."""
    found, waiting, done = reads(statement), list(visitors.functions), set[str]()
    while called := [f for f in waiting if f in found and f not in done]:
        for function in called:
            done.add(function)
            found |= reads(visitors.functions[function])
    return found
