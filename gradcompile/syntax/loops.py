"""Loops: what the body assigns and reads again is a state, the body is read once, and time is an axis.

A `for` loop of few literal steps is written out instead, and so is one in which the loop variable has to be a literal
number.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gradcompile.errors import FormulaError
from gradcompile.syntax import outside
from gradcompile.syntax.context import Row, Term
from gradcompile.syntax.flow import assigned, is_text, target_names
from gradcompile.syntax.lines import follow
from gradcompile.syntax.names import CONSTANTS, check_name
from gradcompile.syntax.ranges import Range, literal_values, read_range
from gradcompile.syntax.recurrence import Recurrence
from gradcompile.syntax.scope import Scope
from gradcompile.syntax.terms import array, unpacked
from gradcompile.syntax.trampoline import Task

if TYPE_CHECKING:
    from gradcompile.syntax.expressions import Expressions

_FEW = 4  # steps that are written out
_COPIES = 16  # of a body, in nested loops that are written out
_MANY = 64  # steps that are written out where nothing else will do


def repeat(visitors: Expressions, statement: ast.For | ast.While, scope: Scope, at: int) -> Task[None]:
    """Carry out a loop."""
    ctx = visitors.ctx
    check_lines(visitors, statement)
    if isinstance(statement, ast.While):
        yield Recurrence(visitors, statement, scope, at, None).run()
        return
    if isinstance(statement.iter, (ast.Tuple, ast.List)):
        row: Term = yield visitors.visit(statement.iter, scope)
        assert isinstance(row, Row)
        yield _written_out(visitors, statement, row.items, scope, at)
        return
    found: Range = yield read_range(visitors, statement.iter, statement.target, scope)
    _check_variable(visitors, statement, scope)
    before, values = dict(ctx.requirements), literal_values(ctx, found, _MANY)
    count = found.axis.extent.constant
    if count is not None and 0 < count == len(values) <= _FEW and visitors.nesting.copies * count <= _COPIES:
        yield _written_out(visitors, statement, values, scope, at)
        return
    try:
        yield Recurrence(visitors, statement, scope, at, found).run()
    except FormulaError:
        if not 0 < len(values) <= _MANY:
            raise
        ctx.requirements = before
        yield _written_out(visitors, statement, values, scope, at)


def _written_out(
    visitors: Expressions, statement: ast.For, values: Sequence[Term], scope: Scope, at: int
) -> Task[None]:
    """Carry out the body for each value of the loop variable in turn."""
    block = scope.block(statement)
    names = target_names(statement.target)
    with visitors.nesting.copied(len(values)):
        for place, value in enumerate(values):
            tree = statement.iter
            if isinstance(tree, (ast.Tuple, ast.List)):
                tree = tree.elts[place]
            block.statements.append(ast.copy_location(ast.Assign([statement.target], tree), statement))
            _bind(visitors, statement.target, value, block)
            yield follow(visitors, statement.body, block)
    for name in assigned(statement.body):
        if name not in names and (result := block.here(name)) is not None:
            scope.bind(name, result, at)


def _bind(visitors: Expressions, target: ast.expr, term: Term, block: Scope) -> None:
    """Give the loop variables their values."""
    ctx, at = visitors.ctx, len(block.statements) - 1
    with ctx.at(target):
        match target:
            case ast.Name(id=name):
                block.bind(name, array(ctx, term), at)
                return
            case ast.Tuple(elts=parts) if all(isinstance(p, ast.Name) for p in parts):
                for part, item in zip(parts, unpacked(ctx, term, len(parts)), strict=True):
                    _bind(visitors, part, item, block)
                return
        ctx.fail("a loop variable is a name.", "Write `for i in range(N):`.")


def _check_variable(visitors: Expressions, statement: ast.For, scope: Scope) -> None:
    """Insist that the name of a loop variable is free, and that the body does not assign it."""
    ctx = visitors.ctx
    assert isinstance(statement.target, ast.Name)
    name = statement.target.id
    if name == "_":
        return
    taken = ""
    if name in visitors.inputs or name in visitors.dimensions:
        taken = "an input" if name in visitors.inputs else "a dimension name"
    elif scope.find(name) is not None:
        taken = "the variable of a loop around it" if name in visitors.nesting.variables else "a variable"
    elif name in CONSTANTS:
        taken = "a predefined number"
    if taken:
        hint = f"Choose another name, for example `{name}_`."
        ctx.fail(f"the loop variable `{name}` is {taken} as well.", hint, statement.target)
    check_name(name, "loop variable", ctx.source.span(statement.target))
    visitors.nesting.variables.setdefault(name, statement.lineno)


def check_lines(visitors: Expressions, statement: ast.For | ast.While) -> None:
    """Insist that a loop holds what a loop can hold."""
    ctx = visitors.ctx
    if statement.orelse:
        hint = "Leave it out: what follows the loop is carried out anyway."
        ctx.fail("a loop has no `else` here.", hint, statement.orelse[0])
    variables = set(target_names(statement.target)) if isinstance(statement, ast.For) else set()
    for line in _inside(statement.body):
        what, hint = _REFUSED.get(type(line), ("", ""))
        if what:
            ctx.fail(f"{what}.", hint, line)
        if not isinstance(line, (ast.Assign, ast.AugAssign, ast.For, ast.While, ast.If)) and not is_text(line):
            raise visitors.refusal(outside.STATEMENTS, line)
        if isinstance(line, (ast.Assign, ast.AugAssign)) and variables & set(assigned([line])):
            name = next(n for n in assigned([line]) if n in variables)
            ctx.fail(f"`{name}` is the variable of the loop and cannot be assigned.", "Choose another name.", line)


def _inside(lines: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the lines of a loop's body, and those of `if` in it; nested loops look after themselves."""
    for line in lines:
        yield line
        if isinstance(line, ast.If):
            yield from _inside([*line.body, *line.orelse])


_REFUSED: dict[type[ast.stmt], tuple[str, str]] = {
    ast.Return: ("a loop cannot hold `return`", "Assign the value to a name, and write `return` behind the loop."),
    ast.Assert: ("a loop cannot hold a claim", "Write `assert` behind the loop, of what the loop computes."),
    ast.FunctionDef: ("a loop cannot hold a `def`", "Move it in front of the loop."),
    ast.AnnAssign: ("a loop cannot hold a declaration", "Declare the inputs at the top of the file."),
    ast.Expr: ("the value of this line is not used", "Give it a name, as in `s = s + x[t]`."),
}
