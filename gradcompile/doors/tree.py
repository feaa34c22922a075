"""Pieces of formula syntax as trees of `ast`, so that parentheses are right by construction."""

from __future__ import annotations

import ast
from collections.abc import Sequence

Tree = ast.expr


def name(word: str) -> Tree:
    """Return a variable."""
    return ast.Name(word, ast.Load())


def number(value: float | int | bool) -> Tree:
    """Return a literal; what is negative has its sign before it."""
    if isinstance(value, bool) or value >= 0:
        return ast.Constant(value)
    return ast.UnaryOp(ast.USub(), ast.Constant(-value))


def negative(x: Tree) -> Tree:
    """Return ``-x``, the sign before the first factor of a product, as a person writes it."""
    match x:
        case ast.Constant(value=int(value) | float(value)) if not isinstance(value, bool):
            return number(-value)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return inner
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as op, right=right):
            return ast.BinOp(negative(left), op, right)
    return ast.UnaryOp(ast.USub(), x)


def binary(left: Tree, operator: type[ast.operator], right: Tree) -> Tree:
    """Return two operands and the operator between them."""
    return ast.BinOp(left, operator(), right)


def chain(parts: Sequence[Tree], operator: type[ast.operator]) -> Tree:
    """Return several operands joined from left to right."""
    result = parts[0]
    for part in parts[1:]:
        result = ast.BinOp(result, operator(), part)
    return result


def total(parts: Sequence[tuple[Tree, bool]]) -> Tree:
    """Return a sum; where the second of a pair holds, the term is subtracted."""
    (first, minus), *rest = parts
    result = negative(first) if minus else first
    for term, less in rest:
        result = binary(result, ast.Sub if less else ast.Add, term)
    return result


def call(function: str, *args: Tree) -> Tree:
    """Return a call by name."""
    return ast.Call(name(function), list(args), [])


def choice(test: Tree, yes: Tree, no: Tree) -> Tree:
    """Return ``yes if test else no``."""
    return ast.IfExp(test, yes, no)


def compare(left: Tree, operator: type[ast.cmpop], right: Tree) -> Tree:
    """Return a comparison."""
    return ast.Compare(left, [operator()], [right])


def logic(operator: type[ast.boolop], parts: Sequence[Tree]) -> Tree:
    """Return conditions joined by ``and`` or ``or``."""
    return ast.BoolOp(operator(), list(parts)) if len(parts) > 1 else parts[0]


def element(array: Tree, index: Sequence[Tree]) -> Tree:
    """Return ``array[i, j]``."""
    place = index[0] if len(index) == 1 else ast.Tuple(list(index), ast.Load())
    return ast.Subscript(array, place, ast.Load())


def transposed(x: Tree) -> Tree:
    """Return ``x.T``, and x itself for what is transposed already."""
    if isinstance(x, ast.Attribute):
        return x.value
    return ast.Attribute(x, "T", ast.Load())


def over(function: str, term: Tree, ranges: Sequence[tuple[str, Tree, Tree]]) -> Tree:
    """Return ``function(term for i in range(a, b) ...)``, the ranges from the outermost."""
    generators = [
        ast.comprehension(ast.Name(variable, ast.Store()), _range(start, stop), [], 0)
        for variable, start, stop in ranges
    ]
    return call(function, ast.GeneratorExp(term, generators))


def listed(term: Tree, ranges: Sequence[tuple[str, Tree]]) -> Tree:
    """Return ``[[term for j in range(m)] for i in range(n)]``, the ranges from the outermost."""
    for variable, size in reversed(ranges):
        generator = ast.comprehension(ast.Name(variable, ast.Store()), call("range", size), [], 0)
        term = ast.ListComp(term, [generator])
    return term


def _range(start: Tree, stop: Tree) -> Tree:
    if isinstance(start, ast.Constant) and start.value == 0:
        return call("range", stop)
    return call("range", start, stop)


def text(tree: ast.AST) -> str:
    """Return a tree as formula text; a comprehension that is the only argument needs no parentheses of its own."""
    written = ast.unparse(ast.fix_missing_locations(tree)).encode()
    doubled: set[int] = set()
    for node in ast.walk(ast.parse(written)):
        if isinstance(node, ast.Call) and len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp):
            inner = node.args[0]
            doubled |= {inner.col_offset, inner.end_col_offset - 1}  # type: ignore[operator]
    return bytes(b for place, b in enumerate(written) if place not in doubled).decode()
