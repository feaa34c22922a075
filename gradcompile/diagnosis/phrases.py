"""What is wrong with a piece of a claimed expression, in a few words."""

from __future__ import annotations

import ast
from collections.abc import Container

from gradcompile.diagnosis.chains import factors
from gradcompile.diagnosis.edits import Edit

WHAT = {
    "sign": "a sign is wrong",
    "transpose": "a transpose is missing or too many",
    "product": "the product is of the wrong kind",
    "swapped": "two operands are swapped",
    "unsymmetrised": "a matrix and its transpose both count in a quadratic form, and only one of them is there",
    "missing-sum": "a sum is missing",
    "extra-sum": "there is a sum too many",
    "factor": "a factor is wrong",
    "missing-local": "a factor is too many",
    "wrong-place": "the wrong variable stands there",
    "dropped-term": "a term is missing",
    "shifted": "an index or a bound is off by one",
}


def what_is_wrong(edit: Edit, variables: Container[str]) -> str:
    """Return what a repair mends."""
    old, new = edit.old, edit.new
    match edit.kind:
        case "missing-sum" if (
            isinstance(old, ast.Call) and isinstance(new, ast.Call) and _axis(old) != _axis(new) != ""
        ):
            return "the sum is over another axis" if _axis(old) else WHAT[edit.kind]
        case "dropped-term" if _has(old, new):
            return "a term is too many"
        case "missing-local" if isinstance(new, ast.Compare):
            return "it is handed on or not, and not multiplied by the value"
        case "missing-local" if _is(old, ast.Sub):
            return "the local gradient is another one"
        case "missing-local" if _count(old) > _count(new):
            return WHAT[edit.kind]
        case "missing-local" if _powers(old) != _powers(new):
            return "a power is wrong"
        case "transpose" if any(isinstance(n, ast.Subscript) for n in ast.walk(new)) and ".T" not in ast.unparse(new):
            return "a vector stands along the wrong axis"
        case "swapped" if isinstance(old, ast.Compare):
            return "the condition is the wrong way round"
        case "swapped" if _is(old, ast.Pow) != _is(new, ast.Pow):
            return "a sum of powers is not the power of the sum"
        case "product" if _is(old, ast.Mult) and _is(new, ast.MatMult) and _product_inside(old):
            return "what is multiplied element by element belongs to one factor of the product of matrices"
        case "wrong-place" if edit.extra not in variables:
            return "the wrong index stands there"
    return WHAT[edit.kind]


def _count(tree: ast.AST) -> int:
    return len(factors(tree)) if isinstance(tree, ast.expr) else 0


def _axis(call: ast.Call) -> str:
    return next((ast.unparse(k.value) for k in call.keywords if k.arg == "axis"), "")


def _has(tree: ast.AST, piece: ast.AST) -> bool:
    """Is a piece, or its negative, a part of a tree?"""
    inner = piece.operand if isinstance(piece, ast.UnaryOp) else piece
    return any(ast.dump(n) == ast.dump(inner) for n in ast.walk(tree))


def _powers(tree: ast.AST) -> list[str]:
    return [ast.unparse(n.right) for n in ast.walk(tree) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Pow)]


def _is(tree: ast.AST, operator: type[ast.operator]) -> bool:
    return isinstance(tree, ast.BinOp) and isinstance(tree.op, operator)


def _product_inside(tree: ast.AST) -> bool:
    return any(_is(part, ast.MatMult) for part in ast.iter_child_nodes(tree))
