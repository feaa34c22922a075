"""Repairs of sums and products as a whole: a term or a factor too many, factors put together in another way."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from gradcompile.diagnosis.trees import made

Rank = Callable[[ast.expr], int | None]
Repair = tuple[str, ast.AST, ast.AST]  # the kind, a piece, and what belongs there

MOST = 7  # factors of a product of which some are left out
FLIPPED: dict[type[ast.cmpop], ast.cmpop] = {
    ast.Lt: ast.Gt(), ast.Gt: ast.Lt(), ast.LtE: ast.GtE(), ast.GtE: ast.LtE(), ast.Eq: ast.NotEq(), ast.NotEq: ast.Eq()
}  # fmt: skip


@dataclass(frozen=True)
class Factor:
    """A factor of a product, or a divisor of it."""

    tree: ast.expr
    below: bool = False


def chains(e: ast.expr, rank: Rank, *, whole: bool) -> Iterator[Repair]:
    """Yield the repairs of one piece; `whole`: it is no part of a longer product."""
    if isinstance(e, ast.BinOp):
        yield from _terms(e)
        yield from _grouped(e)
        if whole and isinstance(e.op, (ast.Mult, ast.Div)):
            yield from _of_product(e, factors(e), rank)
    yield from _powers_of_sums(e)
    if isinstance(e, ast.Compare) and len(e.ops) == 1 and type(e.ops[0]) in FLIPPED:
        yield "swapped", e, ast.Compare(e.left, [FLIPPED[type(e.ops[0])]], e.comparators)


def factors(e: ast.expr, *, below: bool = False) -> list[Factor]:
    """Return the factors of a product, from left to right."""
    if isinstance(e, ast.BinOp) and isinstance(e.op, (ast.Mult, ast.Div)):
        return factors(e.left, below=below) + factors(e.right, below=below != isinstance(e.op, ast.Div))
    return [Factor(e, below)]


def _product(parts: list[Factor]) -> ast.expr:
    """Return the product of factors; 1 of none."""
    above = [f.tree for f in parts if not f.below]
    result = above[0] if above else ast.Constant(1)
    for tree in above[1:]:
        result = made("a * b", a=result, b=tree)
    for part in parts:
        if part.below:
            result = made("a / b", a=result, b=part.tree)
    return result


def _terms(e: ast.BinOp) -> Iterator[Repair]:
    """Yield one term of a sum alone: the other one is too many."""
    if isinstance(e.op, (ast.Add, ast.Sub)):
        yield "dropped-term", e, e.left
        yield "dropped-term", e, e.right if isinstance(e.op, ast.Add) else made("-b", b=e.right)
        if isinstance(e.op, ast.Sub) and isinstance(e.left, ast.Constant):
            yield "missing-local", e, e.right


def _grouped(e: ast.BinOp) -> Iterator[Repair]:
    """Yield (a @ b) * c as a @ (b * c), and a * (b @ c) as (a * b) @ c: what belongs to one factor alone."""
    match e:
        case ast.BinOp(left=ast.BinOp(left=a, op=ast.MatMult(), right=b), op=ast.Mult(), right=c):
            yield "product", e, made("a @ (b * c)", a=a, b=b, c=c)
            yield "product", e, made("(a * c) @ b", a=a, b=b, c=c)
        case ast.BinOp(left=a, op=ast.Mult(), right=ast.BinOp(left=b, op=ast.MatMult(), right=c)):
            yield "product", e, made("(a * b) @ c", a=a, b=b, c=c)
            yield "product", e, made("b @ (a * c)", a=a, b=b, c=c)


def _powers_of_sums(e: ast.expr) -> Iterator[Repair]:
    """Yield the sum of powers for the power of a sum, and the other way round."""
    match e:
        case ast.BinOp(
            left=ast.Call(func=ast.Name(id="sum" | "mean") as name, args=[a], keywords=options), op=ast.Pow()
        ):
            yield "swapped", e, ast.Call(name, [made("a ** k", a=a, k=e.right)], options)
        case ast.Call(func=ast.Name(id="sum" | "mean"), args=[ast.BinOp(left=a, op=ast.Pow(), right=k)]):
            yield "swapped", e, made("s ** k", s=ast.Call(e.func, [a], e.keywords), k=k)


def _of_product(e: ast.expr, parts: list[Factor], rank: Rank) -> Iterator[Repair]:
    ranks = [rank(f.tree) for f in parts]
    if len(parts) <= MOST:
        for count in (1, 2):
            for left in combinations(range(len(parts)), count):
                if any(ranks[i] != 0 for i in left) and len(left) < len(parts):
                    yield "missing-local", e, _product([f for i, f in enumerate(parts) if i not in left])
    for i, part in enumerate(parts):
        if ranks[i] != 0 and not part.below:
            yield "missing-local", part.tree, made("e > 0", e=part.tree)
    if 2 in ranks and 1 in ranks:
        turned = [
            Factor(made("e[:, None]", e=f.tree), f.below) if r == 1 else f for f, r in zip(parts, ranks, strict=True)
        ]
        yield "transpose", e, _product(turned)
