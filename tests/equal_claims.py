"""Right claims in unusual forms, made of right claims in usual ones: the same value, written in another way."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping

from wrong_claims import Rank, alone, is_derivative, ranks, replaced, turned

Shapes = Mapping[str, tuple[str, ...]]


def equal_claims(text: str, shapes: Shapes) -> Iterator[tuple[str, str, str]]:
    """Yield, for each right claim of a formula and each form: the form's name, the formula with it, the claim."""
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Compare):
            left, right = statement.test.left, statement.test.comparators[0]
            if not is_derivative(left) or len(ast.unparse(right)) > 160:
                continue
            for form, old, new in forms(right, ranks(shapes), shapes):
                claim = f"{ast.unparse(left)} == {ast.unparse(replaced(right, old, new))}"
                yield form, alone(text, statement, f"assert {claim}"), claim


def forms(tree: ast.expr, rank: Rank, shapes: Shapes) -> Iterator[tuple[str, ast.expr, ast.expr]]:
    """Yield what a piece can be replaced by without a change of the value."""
    for e in ast.walk(tree):
        if isinstance(e, ast.BinOp):
            yield from _of_operators(e, rank, shapes)
        elif isinstance(e, ast.Call) and isinstance(e.func, ast.Name) and e.args:
            yield from _of_calls(e, e.func.id)
        elif isinstance(e, ast.Name) and e.id in shapes:
            yield from _of_names(e, shapes[e.id])


def made(text: str, **parts: ast.expr) -> ast.expr:
    class Filled(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return copy.deepcopy(parts.get(node.id, node))

    return Filled().visit(ast.parse(text, mode="eval").body)


def _of_operators(e: ast.BinOp, rank: Rank, shapes: Shapes) -> Iterator[tuple[str, ast.expr, ast.expr]]:
    a, b = e.left, e.right
    match e.op:
        case ast.Add():
            yield "terms in another order", e, made("b + a", a=a, b=b)
            yield "minus its negative", e, made("a - (-(b))", a=a, b=b)
        case ast.Sub():
            yield "terms in another order", e, made("-(b) + a", a=a, b=b)
            yield "the negative of the difference", e, made("-(b - a)", a=a, b=b)
        case ast.Mult():
            yield "factors in another order", e, made("b * a", a=a, b=b)
            if isinstance(b, ast.BinOp) and isinstance(b.op, (ast.Add, ast.Sub)):
                text = "a * x + a * y" if isinstance(b.op, ast.Add) else "a * x - a * y"
                yield "expanded", e, made(text, a=a, x=b.left, y=b.right)
        case ast.Div():
            yield "times the reciprocal", e, made("a * (1 / (b))", a=a, b=b)
            yield "times a negative power", e, made("a * (b)**(-1)", a=a, b=b)
        case ast.Pow() if isinstance(b, ast.Constant) and b.value == 2:
            yield "a product for a square", e, made("a * a", a=a)
        case ast.MatMult():
            yield from _of_products(e, rank)


def _of_products(e: ast.BinOp, rank: Rank) -> Iterator[tuple[str, ast.expr, ast.expr]]:
    a, b, many = e.left, e.right, (rank(e.left), rank(e.right))
    letters = {(2, 2): "ij,jk->ik", (2, 1): "ij,j->i", (1, 2): "i,ij->j", (1, 1): "i,i->"}
    if many in letters:
        yield "einsum", e, made(f"einsum('{letters[many]}', a, b)", a=a, b=b)  # type: ignore[index]
    if many == (2, 2):
        yield "the transpose of the swapped product", e, made("(b @ a).T", a=turned(a), b=turned(b))
    if many == (2, 1):
        yield "a sum of products", e, made("sum(a * b[None, :], axis=1)", a=a, b=b)
    if many == (1, 2):
        yield "a sum of products", e, made("sum(a[:, None] * b, axis=0)", a=a, b=b)


def _of_calls(e: ast.Call, name: str) -> Iterator[tuple[str, ast.expr, ast.expr]]:
    x = e.args[0]
    if isinstance(x, ast.GeneratorExp):
        return
    if name in ("sum", "mean") and not e.keywords:
        yield "half of the sum twice", e, made(f"{name}(0.5 * (x)) + {name}(0.5 * (x))", x=x)
    if name == "sigmoid":
        yield "written out", e, made("1 / (1 + exp(-(x)))", x=x)
        yield "by the hyperbolic tangent", e, made("0.5 * (1 + tanh(0.5 * (x)))", x=x)
    if name == "softmax" and e.keywords:
        axis = e.keywords[0].value
        yield "written out", e, made("exp(x) / sum(exp(x), axis=k, keepdims=True)", x=x, k=axis)
        yield "by logsumexp", e, made("exp(x - logsumexp(x, axis=k, keepdims=True))", x=x, k=axis)
    if name == "where":
        c, a, b = e.args
        yield "a sum of both branches", e, made("where(c, a, 0) + where(c, 0, b)", c=c, a=a, b=b)
    if name == "outer":
        yield "by new axes", e, made("a[:, None] * b[None, :]", a=e.args[0], b=e.args[1])


def _of_names(e: ast.Name, shape: tuple[str, ...]) -> Iterator[tuple[str, ast.expr, ast.expr]]:
    if len(shape) == 1 and shape[0].isidentifier():
        yield "element by element", e, made(f"[x[i] for i in range({shape[0]})]", x=e)
    if len(shape) == 2 and all(s.isidentifier() for s in shape):
        rows, columns = shape
        yield "element by element", e, made(f"[[x[i, j] for j in range({columns})] for i in range({rows})]", x=e)
