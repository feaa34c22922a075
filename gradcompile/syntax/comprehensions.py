"""Index notation: ``sum(x[i]*y[i] for i in range(N) if i != 3)``, and arrays as ``[x[i] - x[j] for j in range(N)]``.

Each index variable is the position along an axis of its own, so a term is an expression over axes as any other. A
filter makes a term count where it holds: elsewhere it is the number that changes nothing, and what it reads is not
read there.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcompile.errors import FormulaError
from gradcompile.gates import build
from gradcompile.gates.registry import REDUCE, reduction_by_name
from gradcompile.ir.dims import total
from gradcompile.ir.nodes import Axis, Node
from gradcompile.syntax import arrays, shapes
from gradcompile.syntax.context import ONE, Context, fresh, is_one, number, shape_text, truth
from gradcompile.syntax.names import CONSTANTS, check_name
from gradcompile.syntax.program import Value
from gradcompile.syntax.ranges import Range, read_range
from gradcompile.syntax.scope import Scope
from gradcompile.syntax.spelt_out import spelt_out, together
from gradcompile.syntax.trampoline import Task

if TYPE_CHECKING:
    from gradcompile.syntax.expressions import Expressions

NEUTRAL: dict[str, float | int | bool] = {
    "sum": 0, "mean": 0, "prod": 1, "max": -float("inf"), "min": float("inf"), "logsumexp": -float("inf"),
    "any": False, "all": True,
}  # fmt: skip
"""The reductions that take index notation, and what a term is for each where it does not count."""


@dataclass(frozen=True)
class _Terms:
    """The term of a comprehension, over the axes of its indices, and where it counts (None: everywhere)."""

    term: Value
    ranges: tuple[Range, ...]
    condition: Node | None

    @property
    def axes(self) -> list[Axis]:
        return [r.axis for r in self.ranges]


def takes_indices(name: str) -> str | None:
    """Return the reduction that a name calls, if it takes index notation."""
    if name in NEUTRAL:
        return name
    record = reduction_by_name(name)
    return record.name if record is not None and record.name in NEUTRAL else None


def reduction(visitors: Expressions, tree: ast.Call, name: str, scope: Scope) -> Task[Value]:
    """Reduce the terms of a generator expression, the only argument of a call."""
    ctx, terms = visitors.ctx, tree.args[0]
    kind = None if name in visitors.functions else takes_indices(name)
    if kind is None:
        hint = f"Write the array as a list: `{name}([… for i in range(N)])`."
        ctx.fail(f"`{name}` takes no terms in index notation.", hint, tree)
    if tree.keywords or len(tree.args) > 1:
        hint = f"The indices say what is reduced: write `{name}(… for i in range(N))`."
        ctx.fail(f"`{name}` in index notation has no other argument.", hint, tree)
    assert isinstance(terms, ast.GeneratorExp)
    _check_indices(visitors, terms, scope)
    before = dict(ctx.requirements)
    try:
        with ctx.comprehension() as first:
            found: _Terms = yield _terms(visitors, terms, scope)
            with ctx.at(tree):
                return ctx.closed(_reduced(ctx, kind, found), first)
    except FormulaError as error:
        symbolic = error
    ctx.requirements = before
    values: list[Value] = yield spelt_out(visitors, terms, scope, symbolic)
    with ctx.at(tree):
        return together(ctx, kind, values)


def listing(visitors: Expressions, tree: ast.ListComp, scope: Scope) -> Task[Value]:
    """Return the array of a list comprehension; several `for` behind one another make one axis."""
    ctx, before = visitors.ctx, dict(visitors.ctx.requirements)
    _check_indices(visitors, tree, scope)
    if (filtered := _filtered(ctx, tree)) is not None:
        symbolic = filtered
    else:
        try:
            made: Value = yield _array(visitors, tree, scope)
            return made
        except FormulaError as error:
            symbolic = error
    ctx.requirements = before
    values: list[Value] = yield spelt_out(visitors, tree, scope, symbolic)
    with ctx.at(tree):
        return shapes.stack(ctx, values, 0)


def _filtered(ctx: Context, tree: ast.ListComp) -> FormulaError | None:
    """Return the error of a list with a filter, unless it has none."""
    test = next((test for clause in tree.generators for test in clause.ifs), None)
    if test is None:
        return None
    term, condition = ctx.source.segment(tree.elt, 20), ctx.source.segment(test, 20)
    hint = f"Write `{term} if {condition} else 0`, or reduce it without the brackets: `sum({term} for …)`."
    return ctx.error("how long a filtered list is depends on the values.", hint, test)


def _array(visitors: Expressions, tree: ast.ListComp, scope: Scope) -> Task[Value]:
    ctx = visitors.ctx
    with ctx.comprehension() as first:
        found: _Terms = yield _terms(visitors, tree, scope)
        for one, clause in zip(found.ranges, tree.generators, strict=True):
            if one.condition is not None:
                index = ctx.source.segment(clause.target)
                hint = f"Let it run as far as it ever does, and write `… if {index} < … else 0`."
                ctx.fail("the rows of this array have different lengths.", hint, clause.iter)
        with ctx.at(tree):
            return ctx.closed(_listed(ctx, found), first)


def _listed(ctx: Context, found: _Terms) -> Value:
    """Return the terms as an array."""
    axes: list[Axis] = []
    for axis in found.axes:
        axes.append(fresh(ONE, [*axes, *found.term.axes]) if is_one(axis) else axis)
    value = Value(found.term.node, (*axes, *found.term.axes))
    if len(axes) == 1:
        return value
    return shapes.reshape(ctx, value, [total(a.extent for a in axes), *(a.extent for a in found.term.axes)])


def _terms(visitors: Expressions, tree: ast.GeneratorExp | ast.ListComp, scope: Scope) -> Task[_Terms]:
    """Read the ranges and filters from left to right, then the term, each under the filters before it."""
    ctx, inner = visitors.ctx, scope.within()
    ranges: list[Range] = []
    conditions: list[Node] = []
    with ctx.guarded():
        for clause in tree.generators:
            found: Range = yield read_range(visitors, clause.iter, clause.target, inner)
            if isinstance(clause.target, ast.Name) and clause.target.id != "_":
                inner.bind(clause.target.id, found.index, -1)
            ctx.opened.append(found.axis)
            ranges.append(found)
            if found.condition is not None:
                conditions.append(found.condition)
                ctx.guards.append(found.condition)
            for test in clause.ifs:
                value: Value = yield visitors.array(test, inner)
                conditions.append(_filter(ctx, test, value))
                ctx.guards.append(conditions[-1])
        term: Value = yield visitors.array(tree.elt, inner)
    with ctx.at(tree):
        condition: Node | None = None
        for one in conditions:
            condition = build.both(condition, one)
    return _Terms(term, tuple(ranges), condition)


def _check_indices(visitors: Expressions, tree: ast.GeneratorExp | ast.ListComp, scope: Scope) -> None:
    """Insist that the names of indices are free, so that they hide nothing."""
    ctx, seen = visitors.ctx, set[str]()
    for clause in tree.generators:
        if clause.is_async:
            ctx.fail("`async` is not part of the language.", "Write `for i in range(N)`.", clause.iter)
        if not isinstance(clause.target, ast.Name) or clause.target.id == "_":
            continue
        name, taken = clause.target.id, ""
        if name in visitors.inputs or name in visitors.dimensions:
            taken = "an input" if name in visitors.inputs else "a dimension name"
        elif name in seen or scope.find(name) is not None:
            taken = "an index around it" if name in seen or scope.indexed(name) else "a variable"
        elif name in CONSTANTS:
            taken = "a predefined number"
        if taken:
            other = f"Choose another name, for example `{name}{name}`." if len(name) == 1 else f"Choose `{name}_`."
            ctx.fail(f"the index `{name}` is {taken} as well.", other, clause.target)
        check_name(name, "index", ctx.source.span(clause.target))
        seen.add(name)


def _filter(ctx: Context, tree: ast.expr, value: Value) -> Node:
    if value.axes:
        text = ctx.source.segment(tree, 30)
        hint = "Compare elements, as in `x[i] > 0`."
        ctx.fail(f"a filter is one condition, but `{text}` {shape_text(value)}.", hint, tree)
    with ctx.at(tree):
        return truth(value.node)


def _reduced(ctx: Context, name: str, found: _Terms) -> Value:
    """Reduce the terms, the last index first, so that ties go to the first term as written."""
    node = truth(found.term.node) if name in ("any", "all") else number(found.term.node)
    if found.condition is not None:
        node = _masked(name, node, found.condition)
    record = "sum" if name == "mean" else name
    if REDUCE[record].needs_element:
        for one in found.ranges:
            if one.condition is None:
                message = f"`{ctx.text()}` needs at least one term, but there are {one.axis.extent}."
                ctx.require(one.axis.extent, ">=", ONE, message, "Let the range have a value.")
    for axis in reversed(found.axes):
        node = arrays.reduced(record, node, axis)
    if name == "mean":
        node = build.gate("div", node, _count(ctx, found))
    return Value(node, found.term.axes)


def _masked(name: str, node: Node, condition: Node) -> Node:
    """Return the terms with the neutral number where they do not count."""
    if name == "any":
        return build.gate("and", condition, node)
    if name == "all":
        return build.gate("or", build.gate("not", condition), node)
    neutral = build.const(node.graph, NEUTRAL[name])
    if isinstance(NEUTRAL[name], float):
        node = build.as_real(node)
    elif neutral.dtype is not node.dtype:
        neutral = build.as_real(neutral)
    return build.gate("where", condition, node, neutral)


def _count(ctx: Context, found: _Terms) -> Node:
    """Return how many terms there are."""
    if found.condition is None:
        return build.extent(ctx.graph, total(a.extent for a in found.axes))
    count = build.gate("integer", found.condition)
    for axis in reversed(found.axes):
        count = arrays.reduced("sum", count, axis)
    return count
