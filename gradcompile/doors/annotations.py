"""Annotations of parameters as declarations: ``Real[N, D]``, ``gradcompile.Real[N]``, ``"Real[N]"``, ``Real["N"]``."""

from __future__ import annotations

import ast
import copy

from gradcompile.errors import FormulaError
from gradcompile.syntax.names import KINDS
from gradcompile.syntax.source import Source


def kind_of(source: Source, annotation: ast.expr) -> ast.expr:
    """Return an annotation as a formula file has it; text in it is read in its place."""
    return _Reader(source).visit(copy.deepcopy(annotation))  # type: ignore[no-any-return]


class _Reader(ast.NodeTransformer):
    def __init__(self, source: Source) -> None:
        self.source = source

    def visit_Attribute(self, tree: ast.Attribute) -> ast.expr:
        """A kind by the name of the package."""
        if tree.attr in KINDS and isinstance(tree.value, ast.Name):
            return ast.copy_location(ast.Name(tree.attr, ast.Load()), tree)
        return tree

    def visit_Constant(self, tree: ast.Constant) -> ast.expr:
        """Text is syntax."""
        if not isinstance(tree.value, str):
            return tree
        try:
            inner = ast.parse(tree.value.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            place = self.source.span(tree)
            raise FormulaError("this annotation cannot be read.", place, 'Write `"Real[N, D]"`.') from None
        plain = self.source.segment(tree)[1:-1] == tree.value
        for node in ast.walk(inner):
            if plain and hasattr(node, "col_offset"):
                node.lineno = node.end_lineno = tree.lineno  # type: ignore[attr-defined]
                node.col_offset += tree.col_offset + 1
                node.end_col_offset += tree.col_offset + 1  # type: ignore[attr-defined]
            else:
                ast.copy_location(node, tree)
        return self.visit(inner)  # type: ignore[no-any-return]
