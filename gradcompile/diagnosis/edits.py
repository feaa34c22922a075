"""Repairs of what the user wrote: one piece of a claimed expression, or of a line behind it, becomes another one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from gradcompile.diagnosis.chains import chains
from gradcompile.diagnosis.trees import made, replaced
from gradcompile.diagnosis.words import parsed
from gradcompile.errors import FormulaError, InternalError
from gradcompile.gates.registry import by_name
from gradcompile.syntax.flow import names_in, targets
from gradcompile.syntax.program import Claim, Value

SUMS = ("sum", "mean")
INDICES = (ast.Subscript, ast.Slice, ast.comprehension)


@dataclass(frozen=True)
class Edit:
    """A piece of syntax, what should stand in its place, and what kind of mistake that mends."""

    kind: str
    old: ast.AST
    new: ast.AST
    extra: str = ""  # the factor, the axis, the other name


class Derivation:
    """The claimed side of a claim with the lines that only it is made of."""

    def __init__(self, body: list[ast.stmt], claim: Claim, claimed: ast.expr, right: ast.expr) -> None:
        self.read, self.claimed = claim.read, claimed
        before = body[: next(i for i, s in enumerate(body) if s is claim.tree)]
        self.lines = _own_lines(before, claimed, right)

    @property
    def trees(self) -> list[ast.expr]:
        """The expressions that may be edited: the claim's own first, then the lines behind it, last first."""
        return [self.claimed, *(line.value for line in reversed(self.lines))]

    def value(self, old: ast.AST | None = None, new: ast.AST | None = None) -> Value | None:
        """Return what is claimed with one piece of syntax replaced; None where that denotes nothing."""
        others: dict[str, Value] = {}
        try:
            for line in self.lines:
                tree = replaced(line.value, old, new)
                if tree is not line.value or names_in([tree]) & others.keys():
                    others[_name(line)] = self.read(tree, others)
            return self.read(replaced(self.claimed, old, new), others)
        except (FormulaError, InternalError, RecursionError):
            return None

    def text(self, old: ast.AST, new: ast.AST) -> str:
        """Return the claimed expression with a repair, with no line but the right ones behind it."""
        texts: dict[str, ast.expr] = {}
        for line in self.lines:
            tree = replaced(line.value, old, new)
            if tree is not line.value or names_in([tree]) & texts.keys():
                texts[_name(line)] = _inlined(tree, texts)
        return ast.unparse(_inlined(replaced(self.claimed, old, new), texts))

    def line_of(self, old: ast.AST) -> ast.Assign | None:
        """Return the line behind the claim that a piece of syntax belongs to, None where it is the claim's own."""
        return next((line for line in self.lines if any(n is old for n in ast.walk(line.value))), None)

    def value_of(self, tree: ast.expr) -> Value | None:
        """Return what a piece of syntax denotes by itself."""
        try:
            return self.read(tree)
        except (FormulaError, InternalError, RecursionError):
            return None


def _name(line: ast.Assign) -> str:
    target = line.targets[0]
    assert isinstance(target, ast.Name)
    return target.id


def _own_lines(before: list[ast.stmt], claimed: ast.expr, right: ast.expr) -> list[ast.Assign]:
    """Return the plain assignments that the claimed side needs and the right one does not, in order."""
    assigned = [name for s in before for name in targets(s)]
    theirs, mine, found = names_in([right]), names_in([claimed]), list[ast.Assign]()
    for statement in reversed(before):
        if theirs & set(targets(statement)):
            theirs |= names_in([statement])
    for statement in reversed(before):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) if name in mine - theirs and assigned.count(name) == 1:
                found.append(statement)
                mine |= names_in([statement.value])
    return found[::-1]


def _inlined(tree: ast.expr, texts: Mapping[str, ast.expr]) -> ast.expr:
    """Return an expression with others in the place of some names."""
    for node in [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id in texts]:
        tree = replaced(tree, node, texts[node.id])
    return tree


# Pieces


def pieces(tree: ast.expr) -> Iterator[ast.expr]:
    """Yield every subexpression that has a value of its own, from the whole to its parts."""
    yield tree
    for field, value in ast.iter_fields(tree):
        if isinstance(tree, ast.Call) and field in ("func", "keywords"):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.expr) and not isinstance(part, (ast.Slice, ast.Constant)) and field != "slice":
                yield from pieces(part)


def turned(tree: ast.expr) -> ast.expr:
    """Return the transpose: without its .T where there is one."""
    if isinstance(tree, ast.Attribute) and tree.attr == "T":
        return tree.value
    return made("e.T", e=tree)


Rank = Callable[[ast.expr], int | None]


def structural(tree: ast.expr, rank: Rank) -> Iterator[Edit]:
    """Yield the repairs that change how the pieces of an expression are put together."""
    for e in pieces(tree):
        yield from _signs(e)
        yield from _products(e, rank)
        yield from _calls(e)
        yield from _of_arrays(e, rank(e))
    yield from _shifts(tree)
    yield from _other_indices(tree)
    yield from _moved_terms(tree)
    yield from _numbers(tree, rank)
    inside = {id(part) for e in pieces(tree) if _is_product(e) for part in ast.iter_child_nodes(e) if _is_product(part)}
    for e in [*pieces(tree), *(n for n in ast.walk(tree) if isinstance(n, ast.Compare))]:
        yield from (Edit(*repair) for repair in chains(e, rank, whole=id(e) not in inside))


def _is_product(e: ast.AST) -> bool:
    return isinstance(e, ast.BinOp) and isinstance(e.op, (ast.Mult, ast.Div))


def _signs(e: ast.expr) -> Iterator[Edit]:
    match e:
        case ast.BinOp(left=a, op=ast.Add(), right=b):
            yield Edit("sign", e, made("a - b", a=a, b=b))
            yield Edit("sign", e, made("-a + b", a=a, b=b))
        case ast.BinOp(left=a, op=ast.Sub(), right=b):
            yield Edit("sign", e, made("a + b", a=a, b=b))
            yield Edit("sign", e, made("b - a", a=a, b=b))
            yield Edit("sign", e, made("-a - b", a=a, b=b))
        case ast.UnaryOp(op=ast.USub(), operand=a):
            yield Edit("sign", e, a)


def _products(e: ast.expr, rank: Rank) -> Iterator[Edit]:
    match e:
        case ast.BinOp(left=a, op=ast.MatMult(), right=b):
            yield Edit("swapped", e, made("b @ a", a=a, b=b))
            yield Edit("product", e, made("a * b", a=a, b=b))
            yield Edit("product", e, made("outer(a, b)", a=a, b=b))
            if rank(a) == 2 or rank(b) == 2:
                yield from _turned_products(e, a, b, rank)
        case ast.BinOp(left=a, op=ast.Mult(), right=b):
            matrix = "matrix" if rank(a) == 2 or rank(b) == 2 else ""
            yield Edit("product", e, made("a @ b", a=a, b=b), matrix)
            yield Edit("product", e, made("outer(a, b)", a=a, b=b))
            if matrix:
                yield Edit("product", e, made("a @ b", a=turned(a), b=b), matrix)
                yield Edit("product", e, made("a @ b", a=a, b=turned(b)), matrix)
                yield Edit("product", e, made("b @ a", a=a, b=b), matrix)
                yield Edit("product", e, made("b @ a", a=turned(a), b=b), matrix)
                yield Edit("product", e, made("b @ a", a=a, b=turned(b)), matrix)
        case ast.BinOp(left=a, op=ast.Div(), right=b):
            yield Edit("swapped", e, made("b / a", a=a, b=b))
        case ast.BinOp(left=a, op=ast.Pow(), right=b):
            yield Edit("swapped", e, made("b ** a", a=a, b=b))


def _turned_products(e: ast.expr, a: ast.expr, b: ast.expr, rank: Rank) -> Iterator[Edit]:
    """Yield the product with one factor, or both, transposed, in this order and in the other."""
    lefts, rights = [a, *([turned(a)] if rank(a) == 2 else [])], [b, *([turned(b)] if rank(b) == 2 else [])]
    for one, two in product(lefts, rights):
        if one is not a or two is not b:
            yield Edit("transpose", e, made("a @ b", a=one, b=two))
            yield Edit("swapped", e, made("b @ a", a=one, b=two), "turned")


def _calls(e: ast.expr) -> Iterator[Edit]:
    if isinstance(e, ast.Call) and isinstance(e.func, ast.Name) and by_name(e.func.id):
        yield from (Edit("sign", a, made("-a", a=a)) for a in e.args)
    match e:
        case ast.Call(func=ast.Name(id="outer"), args=[a, b]):
            yield Edit("swapped", e, made("outer(b, a)", a=a, b=b))
            yield Edit("product", e, made("a * b", a=a, b=b))
            yield Edit("product", e, made("a @ b", a=a, b=b))
        case ast.Call(func=ast.Name(id="where"), args=[c, a, b]):
            yield Edit("swapped", e, made("where(c, b, a)", c=c, a=a, b=b))
        case ast.IfExp(test=c, body=a, orelse=b):
            yield Edit("swapped", e, ast.IfExp(c, b, a))
        case ast.Call(func=ast.Name(id=name), args=[a, b]) if (gate := by_name(name)) and not gate.commutative:
            yield Edit("swapped", e, made(f"{name}(b, a)", a=a, b=b))
        case ast.Call(func=ast.Name(id=name), args=[a, *_]) if name in SUMS:
            yield Edit("extra-sum", e, a, name)
            if name == "mean":
                yield Edit("factor", e, ast.Call(ast.Name("sum", ast.Load()), e.args, e.keywords))
            else:
                yield Edit("factor", e, ast.Call(ast.Name("mean", ast.Load()), e.args, e.keywords))
            keep = ast.keyword("keepdims", ast.Constant(True))
            for axis, kept in product((0, 1), ([], [keep])):
                call = ast.Call(e.func, [a], [ast.keyword("axis", ast.Constant(axis)), *kept])
                yield Edit("missing-sum", e, ast.fix_missing_locations(call), str(axis))


def _of_arrays(e: ast.expr, rank: int | None) -> Iterator[Edit]:
    if isinstance(e, ast.Attribute) and e.attr == "T":
        yield Edit("transpose", e, e.value)
    elif rank == 2:
        yield Edit("transpose", e, made("e.T", e=e))
    if rank == 2:
        yield Edit("unsymmetrised", e, made("e + e.T", e=e))
        yield Edit("unsymmetrised", e, made("(e + e.T) / 2", e=e))
    for axis in range(rank or 0):
        yield Edit("missing-sum", e, made(f"sum(e, axis={axis})", e=e), str(axis))
        yield Edit("missing-sum", e, made(f"mean(e, axis={axis})", e=e), str(axis))
        if rank and rank > 1:
            yield Edit("missing-sum", e, made(f"sum(e, axis={axis}, keepdims=True)", e=e), str(axis))


def _shifts(tree: ast.expr) -> Iterator[Edit]:
    """Yield the same with one index, one end of a slice or of a range, moved by one."""
    for node in ast.walk(tree):
        ends: list[ast.expr] = []
        if isinstance(node, ast.Subscript):
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            ends += [p for p in parts if not isinstance(p, (ast.Slice, ast.Constant))]
            ends += [p for p in parts if isinstance(p, ast.Constant) and type(p.value) is int]
        elif isinstance(node, ast.Slice):
            ends += [b for b in (node.lower, node.upper) if b is not None]
        elif isinstance(node, ast.comprehension) and isinstance(node.iter, ast.Call):
            ends += node.iter.args
            if len(node.iter.args) == 1:
                yield Edit("shifted", node.iter, made("range(1, n)", n=node.iter.args[0]))
        elif isinstance(node, ast.Compare):
            ends += node.comparators
        for end in ends:
            yield Edit("shifted", end, _moved(end, 1))
            yield Edit("shifted", end, _moved(end, -1))


def _other_indices(tree: ast.expr) -> Iterator[Edit]:
    """Yield the same with another index of the comprehensions in the place of one."""
    loops = [n for n in ast.walk(tree) if isinstance(n, ast.comprehension)]
    indices = {t.id for loop in loops for t in ast.walk(loop.target) if isinstance(t, ast.Name)}
    for node in [n for n in ast.walk(tree) if isinstance(n, ast.Subscript)]:
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        for part in [p for p in parts if isinstance(p, ast.Name) and p.id in indices]:
            for other in sorted(indices - {part.id}):
                yield Edit("wrong-place", part, ast.copy_location(ast.Name(other, ast.Load()), part), other)


def _moved_terms(tree: ast.expr) -> Iterator[Edit]:
    """Yield the same with one index moved by one throughout a piece."""
    for listing in [n for n in ast.walk(tree) if isinstance(n, (ast.ListComp, ast.GeneratorExp))]:
        indices = {t.id for g in listing.generators for t in ast.walk(g.target) if isinstance(t, ast.Name)}
        for e in pieces(listing.elt):
            for name in sorted(indices & names_in([e])):
                for by in (1, -1):
                    yield Edit("shifted", e, _inlined(e, {name: made(f"i {by:+d}", i=ast.Name(name, ast.Load()))}))


def _moved(end: ast.expr, by: int) -> ast.expr:
    match end:
        case ast.Constant(value=int(value)):
            return parsed(str(value + by))
        case ast.BinOp(left=a, op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int(value))):
            offset = (value if isinstance(op, ast.Add) else -value) + by
            return a if offset == 0 else made(f"a {'+' if offset > 0 else '-'} {abs(offset)}", a=a)
    return made("a + 1" if by > 0 else "a - 1", a=end)


def _numbers(tree: ast.expr, rank: Rank) -> Iterator[Edit]:
    """Yield the same with a scalar factor or divisor left out, or with another exponent."""
    for e in pieces(tree):
        match e:
            case ast.BinOp(left=a, op=ast.Mult(), right=b):
                if rank(a) == 0:
                    yield Edit("factor", e, b, f"1 / {ast.unparse(a)}")
                if rank(b) == 0:
                    yield Edit("factor", e, a, f"1 / {ast.unparse(b)}")
            case ast.BinOp(left=a, op=ast.Div(), right=b):
                if rank(b) == 0:
                    yield Edit("factor", e, a, ast.unparse(b))
                    yield Edit("factor", e, made("a * b", a=a, b=b), ast.unparse(b))
            case ast.BinOp(left=a, op=ast.Pow(), right=ast.Constant(value=int(value))):
                for other in (value + 1, value - 1, -value):
                    yield Edit("missing-local", e, a if other == 1 else made(f"a ** ({other})", a=a))


def renamed(tree: ast.expr, alike: Callable[[str], list[str]]) -> Iterator[Edit]:
    """Yield the same with another variable of the same shape in the place of one."""
    names = [n.id for n in ast.walk(tree) if isinstance(n, ast.Name)]
    for name in [n for n in dict.fromkeys(names) if names.count(n) > 1]:
        for other in alike(name):
            yield Edit("wrong-place", tree, _inlined(tree, {name: ast.Name(other, ast.Load())}), other)
    for e in pieces(tree):
        if isinstance(e, ast.Name):
            for other in alike(e.id):
                yield Edit("wrong-place", e, ast.copy_location(ast.Name(other, ast.Load()), e), other)


def added(tree: ast.expr, names: Sequence[str]) -> Iterator[Edit]:
    """Yield the same with a variable added to a piece or taken from it, or with the square of a piece."""
    for e in pieces(tree):
        yield Edit("missing-local", e, made("e ** 2", e=e))
        indices = {n.slice for n in ast.walk(e) if isinstance(n, ast.Subscript) and n is e}
        for name in names:
            others = [f"{name}[{ast.unparse(_moved(i, by))}]" for i in indices for by in (1, -1)] if indices else [name]
            for other in [o for o in others if o != ast.unparse(e)]:
                yield Edit("dropped-term", e, made(f"e - {other}", e=e))
                yield Edit("dropped-term", e, made(f"e + {other}", e=e))


def multiplied(tree: ast.expr, names: Sequence[str]) -> Iterator[Edit]:
    """Yield the same with the product of a piece and a matrix in the place of the piece."""
    for e in pieces(tree):
        for name in names:
            for other in (f"{name}.T @ e", f"e @ {name}", f"{name} @ e", f"e @ {name}.T"):
                yield Edit("missing-local", e, made(other, e=e), name)


def masked(tree: ast.expr, condition: str) -> Iterator[Edit]:
    """Yield the same with a piece that counts only where a condition holds."""
    for e in pieces(tree):
        yield Edit("missing-local", e, made(f"where({condition}, e, 0)", e=e))


def _ones(tree: ast.expr) -> Iterator[ast.expr]:
    """Yield the numbers that are terms of a sum: 1 stands where a factor was forgotten."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
            yield from (side for side in (node.left, node.right) if isinstance(side, ast.Constant))


def inserted(tree: ast.expr, factors: Mapping[str, str], *, parts: bool = True) -> Iterator[Edit]:
    """Yield the same with a factor put in at a piece; `factors` says of what kind each one is."""
    for e in [*pieces(tree), *_ones(tree)] if parts else [tree]:
        for text, kind in factors.items():
            if text == "-1":
                yield Edit(kind, e, made("-e", e=e), text)
            elif text.startswith("1 / "):
                yield Edit(kind, e, made(f"e / ({text[4:]})", e=e), text)
            else:
                yield Edit(kind, e, made(f"({text}) * e" if kind == "factor" else f"e * ({text})", e=e), text)
