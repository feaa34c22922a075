"""The lines of a `def` or of a loop's body, one after the other; of an `if` with a known condition those that apply."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradcompile.syntax.context import Term
from gradcompile.syntax.flow import is_text
from gradcompile.syntax.program import Value
from gradcompile.syntax.scope import Scope
from gradcompile.syntax.trampoline import Task

if TYPE_CHECKING:
    from gradcompile.syntax.expressions import Expressions


def follow(visitors: Expressions, lines: Sequence[ast.stmt], scope: Scope) -> Task[tuple[Term] | None]:
    """Carry out lines; return what they return, if they do."""
    for line in lines:
        if is_text(line):
            continue
        if isinstance(line, ast.Return):
            assert line.value is not None  # `define` sees to it
            scope.current = len(scope.statements)
            term: Term = yield visitors.visit(line.value, scope)
            return (term,)
        if isinstance(line, ast.If):
            chosen: list[ast.stmt] = yield _branch(visitors, line, scope)
            returned: tuple[Term] | None = yield follow(visitors, chosen, scope)
            if returned is not None:
                return returned
            continue
        scope.statements.append(line)
        yield visitors.statement(line, scope, len(scope.statements) - 1)
    return None


def _branch(visitors: Expressions, line: ast.If, scope: Scope) -> Task[list[ast.stmt]]:
    """Return the lines of an `if` that apply; its condition must be known beforehand."""
    scope.current = len(scope.statements)
    test: Value = yield visitors.array(line.test, scope)
    if not test.node.is_const() or test.axes:
        text = visitors.ctx.source.segment(line.test, 40)
        message = f"`if` is not a statement here, unless its condition is known beforehand; `{text}` is not."
        visitors.ctx.fail(message, "Write a value with a condition: `y = a if c else b`.", line.test)
    return line.body if test.node.value else line.orelse
