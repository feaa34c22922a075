"""Pieces of syntax put in the place of others."""

from __future__ import annotations

import ast
import copy
from typing import Any

from gradcompile.diagnosis.words import parsed


def replaced(tree: Any, old: ast.AST | None, new: ast.AST | None) -> Any:
    """Return a tree with a piece replaced: the tree itself where that piece is not in it."""
    if tree is old and new is not None:
        placed = hasattr(new, "lineno") or not isinstance(tree, ast.expr)
        return new if placed else ast.fix_missing_locations(ast.copy_location(copy.copy(new), old))
    if isinstance(tree, list):
        parts = [replaced(t, old, new) for t in tree]
        return parts if any(a is not b for a, b in zip(parts, tree, strict=True)) else tree
    if not isinstance(tree, ast.AST):
        return tree
    changed = {f: replaced(v, old, new) for f, v in ast.iter_fields(tree)}
    if all(changed[f] is v for f, v in ast.iter_fields(tree)):
        return tree
    result = copy.copy(tree)
    for field, value in changed.items():
        setattr(result, field, value)
    return result


def made(template: str, **parts: ast.expr) -> ast.expr:
    """Return an expression of ours with the user's pieces in the place of its names."""
    tree = parsed(template)
    for node in [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id in parts]:
        tree = replaced(tree, node, parts[node.id])
    return ast.fix_missing_locations(tree)
