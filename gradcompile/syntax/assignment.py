"""Statements that assign: names, several names at once, elements of arrays; loops are one statement each."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from gradcompile.errors import InternalError
from gradcompile.syntax import elements
from gradcompile.syntax.context import Term, static
from gradcompile.syntax.indexing import ZERO, Item, subscript
from gradcompile.syntax.loops import repeat
from gradcompile.syntax.names import check_name
from gradcompile.syntax.program import Value
from gradcompile.syntax.scope import Scope
from gradcompile.syntax.terms import array, unpacked
from gradcompile.syntax.trampoline import Task

if TYPE_CHECKING:
    from gradcompile.syntax.expressions import Expressions


def carry_out(visitors: Expressions, statement: ast.stmt, scope: Scope, at: int) -> Task[None]:
    """Carry out a statement that assigns, as number `at` of its scope."""
    scope.current = at
    match statement:
        case ast.Assign(targets=targets, value=tree):
            term: Term = yield visitors.visit(tree, scope)
            for target in targets:
                yield assign(visitors, target, term, scope, at, tree)
        case ast.AugAssign(target=ast.Name() as target):
            before = visitors.name(ast.copy_location(ast.Name(target.id, ast.Load()), target), scope)
            value: Value = yield _changed(visitors, statement, before, scope)
            yield assign(visitors, target, value, scope, at)
        case ast.AugAssign(target=ast.Subscript() as target):
            yield _element(visitors, target, statement, scope, at)
        case ast.AugAssign(target=target):
            raise not_assignable(visitors, target)
        case ast.For() | ast.While():
            yield repeat(visitors, statement, scope, at)
        case _:
            raise InternalError(f"{type(statement).__name__} is no assignment")


def _changed(visitors: Expressions, statement: ast.AugAssign, before: Value, scope: Scope) -> Task[Value]:
    """The value that ``x += y`` gives to x."""
    amount: Value = yield visitors.array(statement.value, scope)
    with visitors.ctx.at(statement):
        return visitors.combine(statement.op, before, amount)


def assign(
    visitors: Expressions, target: ast.expr, term: Term, scope: Scope, at: int, tree: ast.expr | None = None
) -> Task[None]:
    """Give a term to a name or to an element, or the parts of one to several of these."""
    ctx = visitors.ctx
    match target:
        case ast.Name(id=name):
            check_target(visitors, target, scope)
            with ctx.at(tree or target):
                scope.bind(name, array(ctx, term), at)
        case ast.Subscript():
            with ctx.at(tree or target):
                value = array(ctx, term)
            yield _element(visitors, target, value, scope, at)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) if not any(isinstance(p, ast.Starred) for p in parts):
            with ctx.at(target):
                terms = unpacked(ctx, term, len(parts))
            for part, item in zip(parts, terms, strict=True):
                yield assign(visitors, part, item, scope, at, tree)
        case _:
            raise not_assignable(visitors, target)


def _element(
    visitors: Expressions, target: ast.Subscript, given: Value | ast.AugAssign, scope: Scope, at: int
) -> Task[None]:
    """``a[index] = value``, or ``a[index] += value``: the variable becomes the array with that part replaced."""
    ctx = visitors.ctx
    if not isinstance(target.value, ast.Name):
        ctx.fail("only elements of a variable can be assigned.", "Write all indices together: `a[i, j] = x`.", target)
    name = target.value.id
    check_target(visitors, target.value, scope)
    items: list[Item] = yield visitors.items(target, scope)
    if (filling := scope.filling(name)) is not None:
        with ctx.at(target):
            position = filling.place(ctx, items, own=name in scope.fillings)
            before = None if isinstance(given, Value) else filling.read(ctx, [position])
        value: Value = yield _value(visitors, given, before, scope)
        with ctx.at(target):
            scope.fill(name, filling.filled(ctx, value), at)
        return
    old = _array_of(visitors, target, scope)
    if old is None:
        first = len(items) == 1 and isinstance(items[0], Value) and static(items[0]) == ZERO
        if not first or not isinstance(given, Value):
            raise _no_value(visitors, target)
        with ctx.at(target):
            scope.bind(name, elements.opened(ctx, given), at)
        return
    with ctx.at(target):
        before = None if isinstance(given, Value) else subscript(ctx, old, items)
    value = yield _value(visitors, given, before, scope)
    with ctx.at(target):
        scope.bind(name, elements.stored(ctx, old, items, value), at)


def _value(visitors: Expressions, given: Value | ast.AugAssign, before: Value | None, scope: Scope) -> Task[Value]:
    """Return what an element becomes: a value, or what was there before with an amount added."""
    if isinstance(given, Value):
        return given
    assert before is not None
    value: Value = yield _changed(visitors, given, before, scope)
    return value


def _array_of(visitors: Expressions, target: ast.Subscript, scope: Scope) -> Value | None:
    """Return the array that an element is assigned to, if there is one yet."""
    assert isinstance(target.value, ast.Name)
    name = target.value.id
    found = scope.find(name)
    if found is not None:
        return found[1]
    if scope.outer is not None and (name in visitors.inputs or scope.outer.find(name)):
        hint = f"Take it as a parameter, change that, and return it: `{name} = f({name})`."
        visitors.ctx.fail(f"`{name}` belongs to the file: a `def` cannot change it.", hint, target)
    return None


def _no_value(visitors: Expressions, target: ast.Subscript) -> Exception:
    name = visitors.ctx.source.segment(target.value)
    hint = f"Write `{name} = zeros(N)` first, or fill it in order: `{name}[t] = …` in `for t in range(…)`."
    if isinstance(target.slice, ast.Tuple):
        sizes = ", ".join("NMKL"[: len(target.slice.elts)])
        hint = f"Write `{name} = zeros(({sizes}))` first."
    return visitors.ctx.error(f"`{name}` has no value yet, so no element of it can be assigned.", hint, target)


def not_assignable(visitors: Expressions, target: ast.expr) -> Exception:
    """Return the error of an assignment to anything but names and elements."""
    hint = "Give the value a name of its own."
    if isinstance(target, ast.Starred):
        hint = "Write one name for each value."
    return visitors.ctx.error("only names and elements of arrays can be assigned.", hint, target)


def check_target(visitors: Expressions, target: ast.Name, scope: Scope) -> None:
    """Insist that a name is free to be assigned."""
    ctx, name = visitors.ctx, target.id
    if scope.outer is None and name in visitors.inputs:
        hint = f"Inputs keep their value; choose another name, for example `{name}_new`."
        ctx.fail(f"`{name}` is an input and cannot be assigned.", hint, target)
    if name in visitors.dimensions:
        ctx.fail(
            f"`{name}` is a dimension name and cannot be assigned.", "Choose another name for the variable.", target
        )
    if scope.find(name) is None:
        check_name(name, "variable", ctx.source.span(target))
