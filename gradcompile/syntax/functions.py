"""Functions of the file: the body of a `def` is carried out at each call, on the values it is given."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gradcompile.syntax import outside
from gradcompile.syntax.calls import bind
from gradcompile.syntax.context import Term
from gradcompile.syntax.flow import all_reads, is_text
from gradcompile.syntax.lines import follow
from gradcompile.syntax.names import DERIVATIVES, check_name
from gradcompile.syntax.program import Value
from gradcompile.syntax.scope import Scope
from gradcompile.syntax.terms import array
from gradcompile.syntax.trampoline import Task

if TYPE_CHECKING:
    from gradcompile.syntax.expressions import Expressions

DEEPEST = 1000
"""Calls of functions inside one another."""


def define(visitors: Expressions, function: ast.FunctionDef) -> None:
    """Check a `def` and make it known."""
    ctx = visitors.ctx
    check_name(function.name, "function", ctx.source.span(function))
    if function.decorator_list:
        ctx.fail("decorators are not part of the language.", "Leave it out.", function.decorator_list[0])
    if function.args.vararg or function.args.kwarg:
        ctx.fail("`*` and `**` parameters are not supported.", "Name each parameter.", function)
    _check_lines(visitors, function.body)
    if not any(isinstance(line, ast.Return) for line in _inside(function.body)):
        ctx.fail(f"`{function.name}` returns nothing.", "End it with `return` and a value.", function)
    if function.name in visitors.functions:
        ctx.fail(f"`{function.name}` is defined twice.", "Give one of the two another name.", function)
    visitors.functions[function.name] = function


def _check_lines(visitors: Expressions, lines: Sequence[ast.stmt]) -> None:
    """Insist that lines are what a `def` can hold."""
    ctx = visitors.ctx
    for place, line in enumerate(lines):
        if isinstance(line, ast.Return):
            if line.value is None:
                ctx.fail("`return` needs a value.", "Write `return y`.", line)
            if any(not is_text(other) for other in lines[place + 1 :]):
                ctx.fail("nothing can come after `return`.", "Make `return` the last line.", lines[place + 1])
        elif isinstance(line, ast.If):
            _check_lines(visitors, line.body)
            _check_lines(visitors, line.orelse)
        elif isinstance(line, (ast.Assert, ast.FunctionDef, ast.AnnAssign)):
            ctx.fail("a `def` holds assignments, loops and `return`.", "Move this line out of it.", line)
        elif not isinstance(line, (ast.Assign, ast.AugAssign, ast.For, ast.While)) and not is_text(line):
            raise visitors.refusal(outside.STATEMENTS, line)


def _inside(lines: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield lines, and those of `if` in them."""
    for line in lines:
        yield line
        if isinstance(line, ast.If):
            yield from _inside([*line.body, *line.orelse])


def inline(
    visitors: Expressions,
    tree: ast.Call,
    function: ast.FunctionDef,
    args: Sequence[Term],
    keywords: Mapping[str, Term],
    scope: Scope,
) -> Task[Term]:
    """Carry out the body of a function on the given arguments; what was called before is known."""
    ctx, name, around = visitors.ctx, function.name, scope.seen_by_functions
    given = yield _arguments(visitors, tree, function, args, keywords, around)
    key = (name, tuple(given.values()), tuple(ctx.guards), visitors.nesting.depth, ctx.opening if ctx.is_open else 0)
    again = not _differentiates(visitors, function)  # the past of what it is given may matter there, not only the value
    if again and key in around.calls:
        return around.calls[key]  # type: ignore[no-any-return]
    if len(visitors.inlining) >= DEEPEST:
        hint = "End it with a condition on whole numbers that are known: `a if n == 0 else f(n - 1)`."
        ctx.fail(f"`{name}` calls itself without an end: {DEEPEST} calls inside one another.", hint, tree)
    trees = _trees(tree, function)
    defaults = {p: d for p, d in _defaults(function).items() if p not in trees}
    local = Scope(outer=around, lines=function.body, caller=scope, given=trees, defaults=defaults)
    for parameter, value in given.items():
        local.bind(parameter, value, -1)
    visitors.inlining.append(name)
    try:
        returned: tuple[Term] | None = yield follow(visitors, function.body, local)
    finally:
        visitors.inlining.pop()
    if returned is None:
        ctx.fail(f"`{name}` ends without `return` here.", "Return a value in every case.", tree)
    around.calls[key] = returned[0]
    return returned[0]


def _arguments(
    visitors: Expressions,
    tree: ast.Call,
    function: ast.FunctionDef,
    args: Sequence[Term],
    keywords: Mapping[str, Term],
    around: Scope,
) -> Task[dict[str, Value]]:
    """Return the value of each parameter: as given, or its default."""
    ctx, parameters, defaults = visitors.ctx, _parameters(function), _defaults(function)
    with ctx.at(tree):
        required = [p for p in parameters if p not in defaults]
        positional = len(function.args.posonlyargs) + len(function.args.args)
        if positional < len(args) <= len(parameters):
            only = parameters[positional]
            ctx.fail(f"`{only}` of `{function.name}` must be given by name.", f"Write `{only}=…`.")
        bound = bind(ctx, function.name, parameters, required, args, keywords)
        found = {p: array(ctx, t) for p, t in zip(parameters, bound, strict=True) if t is not None}
    for parameter in parameters:
        if parameter not in found:
            found[parameter] = yield visitors.array(defaults[parameter], around)
    return {p: found[p] for p in parameters}


def _trees(tree: ast.Call, function: ast.FunctionDef) -> dict[str, ast.expr]:
    """Return what a call gives for each parameter, as written."""
    named = {k.arg: k.value for k in tree.keywords if k.arg is not None}
    return dict(zip(_parameters(function), tree.args, strict=False)) | named


def _differentiates(visitors: Expressions, function: ast.FunctionDef) -> bool:
    """Does a function take derivatives, itself or in others that it calls?"""
    known = visitors.differentiating
    if function.name not in known:
        known[function.name] = bool(DERIVATIVES & all_reads(function, visitors.functions))
    return known[function.name]


def _parameters(function: ast.FunctionDef) -> list[str]:
    return [a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]


def _defaults(function: ast.FunctionDef) -> dict[str, ast.expr]:
    """Return the default of each parameter that has one."""
    positional = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    given = function.args.defaults
    found = dict(zip(positional[len(positional) - len(given) :], given, strict=True))
    keyword = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    return found | {a.arg: d for a, d in keyword if d is not None}
