"""Index notation term by term, where an index must be a number: ``sum(f(A[:, :j], n - 1) for j in range(n))``."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import partial, reduce
from typing import TYPE_CHECKING

from gradcompile.errors import FormulaError
from gradcompile.syntax import arrays, shapes
from gradcompile.syntax.context import Context, truth
from gradcompile.syntax.program import Value
from gradcompile.syntax.ranges import Range, literal_values, read_range
from gradcompile.syntax.scope import Scope
from gradcompile.syntax.trampoline import Task

if TYPE_CHECKING:
    from gradcompile.syntax.expressions import Expressions

_MANY = 64  # terms that are spelt out


def spelt_out(
    visitors: Expressions, tree: ast.GeneratorExp | ast.ListComp, scope: Scope, error: FormulaError
) -> Task[list[Value]]:
    """Return the terms, each index a number in each; raises the error that there was unless they are few and known."""
    found: list[Value] = yield _terms(visitors, tree.generators, tree.elt, scope, error)
    if not 0 < len(found) <= _MANY:
        raise error
    return found


def _terms(
    visitors: Expressions, clauses: Sequence[ast.comprehension], term: ast.expr, scope: Scope, error: FormulaError
) -> Task[list[Value]]:
    if not clauses:
        value: Value = yield visitors.array(term, scope)
        return [value]
    clause, *rest = clauses
    found: Range = yield read_range(visitors, clause.iter, clause.target, scope)
    terms: list[Value] = []
    if not (values := literal_values(visitors.ctx, found, _MANY)):
        raise error
    for value in values:
        inner = scope.within()
        assert isinstance(clause.target, ast.Name)  # `read_range` sees to it
        inner.bind(clause.target.id, value, -1)
        tests: list[Value] = yield visitors.each(clause.ifs, partial(visitors.array, scope=inner))
        conditions = [truth(test.node) for test in tests]
        if not all(c.is_const() for c in conditions):
            raise error
        if all(c.value for c in conditions):
            terms += yield _terms(visitors, rest, term, inner, error)
    return terms


def together(ctx: Context, kind: str, terms: Sequence[Value]) -> Value:
    """Reduce terms; a sum of numbers is written as one."""
    gate = {"sum": "add", "prod": "mul"}.get(kind)
    if gate is not None:
        return reduce(lambda a, b: arrays.elementwise(ctx, gate, a, b), terms)
    stacked = shapes.stack(ctx, list(terms), 0)
    return arrays.mean(ctx, stacked, [0]) if kind == "mean" else arrays.reduction(ctx, kind, stacked, [0])
