"""What a declaration says besides the shape: ``Param & Symmetric[N]``, ``0 < Real[N] < 1``, ``Positive[N]``."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from gradcompile.ir.nodes import Declared
from gradcompile.syntax.context import Context
from gradcompile.syntax.names import KINDS, RANGES, STRUCTURES, nearest
from gradcompile.syntax.program import NOTHING

Number = Callable[[ast.expr], float | int | bool | None]


@dataclass(frozen=True)
class Form:
    """A declaration as written: the plain kind ("" if none is named), the syntax of its sizes, and the rest."""

    kind: str
    sizes: tuple[ast.expr, ...]
    declared: Declared = NOTHING


def form_of(ctx: Context, tree: ast.expr, number: Number) -> Form:
    """Return what an annotation says; `number` reads a literal bound."""
    match tree:
        case ast.Compare(left=left, ops=ops, comparators=rest):
            return _bounded(ctx, [left, *rest], ops, number)
        case ast.BinOp(left=left, op=ast.BitAnd(), right=right):
            return _together(ctx, form_of(ctx, left, number), form_of(ctx, right, number), tree)
        case ast.Name(id=word) if word in KINDS:
            return _named(word, ())
        case ast.Subscript(value=ast.Name(id=word), slice=ast.Tuple(elts=sizes)) if word in KINDS:
            return _named(word, tuple(sizes))
        case ast.Subscript(value=ast.Name(id=word), slice=size) if word in KINDS:
            return _named(word, (size,))
        case ast.Name(id=word) | ast.Subscript(value=ast.Name(id=word)):
            guess = nearest(word, KINDS) or {"float": "Real", "int": "Int", "bool": "Bool"}.get(word, "Real")
            ctx.fail(f"`{word}` is no kind of input.", f"Perhaps `{guess}` is meant; there are {_kinds()}.", tree)
    raise ctx.error("this is no kind of input.", f"Write one of {_kinds()}, with a shape as in `Real[N, 3]`.", tree)


def _kinds() -> str:
    return ", ".join(f"`{k}`" for k in KINDS[:-1]) + f" and `{KINDS[-1]}`"


def _named(word: str, sizes: tuple[ast.expr, ...]) -> Form:
    if word in STRUCTURES:
        return Form("", sizes, Declared(structure=STRUCTURES[word]))
    if word in RANGES:
        return Form("", sizes, Declared(domain=RANGES[word]))
    return Form(word, sizes)


def _together(ctx: Context, left: Form, right: Form, tree: ast.expr) -> Form:
    """Return what both sides of ``&`` say together."""
    a, b = left.declared, right.declared
    if (left.kind and right.kind) or (left.sizes and right.sizes) or (a.structure and b.structure):
        hint = "Name one kind, one form and one shape, as in `Param & Symmetric[N]`."
        ctx.fail("the two sides of `&` say the same thing twice.", hint, tree)
    low, high = max(a.domain[0], b.domain[0]), min(a.domain[1], b.domain[1])
    closed = tuple(all(d.closed[i] for d in (a, b) if d.domain[i] == end) for i, end in enumerate((low, high)))
    declared = Declared(a.structure or b.structure, (low, high), (closed[0], closed[1]))
    return Form(left.kind or right.kind, left.sizes or right.sizes, declared)


def _bounded(ctx: Context, parts: list[ast.expr], ops: list[ast.cmpop], number: Number) -> Form:
    """Return the form in a comparison, with the bounds on either side of it."""
    places = [i for i, p in enumerate(parts) if number(p) is None]
    hint = "Write numbers as bounds, as in `0 < Real[N] < 1` or `Real[N] > 0`."
    if len(places) != 1:
        ctx.fail("this is no range of numbers.", hint, parts[0])
    at = places[0]
    form = form_of(ctx, parts[at], number)
    low, high = form.declared.domain
    closed = list(form.declared.closed)
    for i, op in enumerate(ops):
        below, above = (parts[i], parts[i + 1]) if isinstance(op, (ast.Lt, ast.LtE)) else (parts[i + 1], parts[i])
        if not isinstance(op, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)) or parts[at] not in (below, above):
            ctx.fail("this is no range of numbers.", hint, parts[0])
        bound = float(number(above if below is parts[at] else below) or 0.0)
        if below is parts[at] and bound <= high:
            high, closed[1] = bound, isinstance(op, (ast.LtE, ast.GtE))
        elif above is parts[at] and bound >= low:
            low, closed[0] = bound, isinstance(op, (ast.LtE, ast.GtE))
    if not low < high or math.isnan(low) or math.isnan(high):
        ctx.fail("no number lies in this range.", "Put the smaller bound first, as in `0 < Real < 1`.", parts[0])
    if form.kind == "Bool" or form.declared.structure:
        ctx.fail(
            "a range is for numbers by themselves.", "Leave the range out, or declare a plain `Real[N, N]`.", parts[0]
        )
    return replace(form, declared=Declared("", (low, high), (closed[0], closed[1])))


def lies_in(number: float, declared: Declared) -> bool:
    """Is a number in a declared range?"""
    (low, high), (at_low, at_high) = declared.domain, declared.closed
    above = number > low or (number == low and (at_low or math.isinf(low)))
    return above and (number < high or (number == high and (at_high or math.isinf(high))))
