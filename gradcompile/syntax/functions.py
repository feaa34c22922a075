"""Functions of the file: the body of a `def` is carried out at each call, on the values it is given."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gradcompile.syntax import outside
from gradcompile.syntax.calls import bind
from gradcompile.syntax.context import Term
from gradcompile.syntax.names import check_name
from gradcompile.syntax.scope import Scope
from gradcompile.syntax.terms import array
from gradcompile.syntax.trampoline import Task

if TYPE_CHECKING:
    from gradcompile.syntax.expressions import Expressions


def define(visitors: Expressions, function: ast.FunctionDef) -> None:
    """Check a `def` and make it known."""
    ctx = visitors.ctx
    check_name(function.name, "function", ctx.source.span(function))
    if function.decorator_list:
        ctx.fail("decorators are not part of the language.", "Leave it out.", function.decorator_list[0])
    if function.args.vararg or function.args.kwarg:
        ctx.fail("`*` and `**` parameters are not supported.", "Name each parameter.", function)
    body = [s for s in function.body if not is_text(s)]
    for statement in body[:-1] if body and isinstance(body[-1], ast.Return) else body:
        if isinstance(statement, ast.Return):
            ctx.fail("`return` must be the last line of a `def`.", "Write `a if c else b` for two cases.", statement)
        if isinstance(statement, (ast.Assert, ast.FunctionDef, ast.AnnAssign)):
            ctx.fail("a `def` holds assignments and one `return`.", "Move this line out of it.", statement)
        if not isinstance(statement, (ast.Assign, ast.AugAssign)):
            raise visitors.refusal(outside.STATEMENTS, statement)
    if not body or not isinstance(body[-1], ast.Return) or body[-1].value is None:
        ctx.fail(f"`{function.name}` returns nothing.", "End it with `return` and a value.", function)
    if function.name in visitors.functions:
        ctx.fail(f"`{function.name}` is defined twice.", "Give one of the two another name.", function)
    visitors.functions[function.name] = function


def is_text(statement: ast.stmt) -> bool:
    """Is it a string by itself, such as a docstring?"""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def inline(
    visitors: Expressions,
    tree: ast.Call,
    function: ast.FunctionDef,
    args: Sequence[Term],
    keywords: Mapping[str, Term],
    scope: Scope,
) -> Task[Term]:
    """Carry out the body of a function on the given arguments."""
    ctx, name = visitors.ctx, function.name
    if name in visitors.inlining:
        ctx.fail(f"`{name}` calls itself, which is not supported yet.", "Write its steps out.", tree)
    file_scope = scope.outer or scope
    local = Scope(outer=file_scope)
    parameters = [a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    defaults = _defaults(function)
    with ctx.at(tree):
        required = [p for p in parameters if p not in defaults]
        bound = bind(ctx, name, parameters, required, args, keywords)
        terms = [t if t is None else array(ctx, t) for t in bound]
    for parameter, term in zip(parameters, terms, strict=True):
        value = term if term is not None else (yield visitors.array(defaults[parameter], file_scope))
        local.bind(parameter, value, -1)
    visitors.inlining.append(name)
    result: Term = None
    for statement in function.body:
        if is_text(statement):
            continue
        if isinstance(statement, ast.Return):
            local.current = len(local.statements)
            result = yield visitors.visit(statement.value, local)  # type: ignore[arg-type]
            continue
        local.statements.append(statement)
        yield visitors.statement(statement, local, len(local.statements) - 1)
    visitors.inlining.pop()
    return result


def _defaults(function: ast.FunctionDef) -> dict[str, ast.expr]:
    """Return the default of each parameter that has one."""
    positional = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    given = function.args.defaults
    found = dict(zip(positional[len(positional) - len(given) :], given, strict=True))
    keyword = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    return found | {a.arg: d for a, d in keyword if d is not None}
