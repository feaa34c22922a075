"""What a person calls the parts of the graph: gates, their lines, variables, pieces of the user's own text."""

from __future__ import annotations

import ast

from gradcompile.errors import Span
from gradcompile.gates.registry import by_name, reduction_by_name
from gradcompile.gates.template import Template
from gradcompile.ir.nodes import Axis, Kind, Node
from gradcompile.syntax.program import Program, Reader

COMPOSITES = frozenset({"mean", "average", "var", "std", "softmax", "log_softmax"})
"""Functions that are several gates, which a person thinks of as one."""
OPERATORS = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
    "eq": "==", "ne": "!=",
}  # fmt: skip
LONGEST = 32  # of a piece of text that is quoted

Place = tuple[int, int, int]


class Names:
    """The user's words for nodes, by the places of the file from which they come."""

    def __init__(self, program: Program, read: Reader) -> None:
        source = read.source
        self.calls: dict[Place, str] = {}
        self.texts: dict[Place, str] = {}
        self.variables: dict[Place, str] = {}
        for tree in ast.walk(program.tree):
            if isinstance(tree, ast.expr):
                self.texts[self._place(source.span(tree))] = source.segment(tree)
            if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
                self.calls[self._place(source.span(tree))] = tree.func.id
            if isinstance(tree, ast.Assign) and isinstance(tree.targets[0], ast.Name):
                self.variables[self._place(source.span(tree.value))] = tree.targets[0].id
        self.values: dict[Node, str] = {}
        for name, value in read.variables().items():
            self.values.setdefault(value.node, name)

    @staticmethod
    def _place(span: Span) -> Place:
        return span.line, span.column, span.end_column

    def _origin(self, node: Node) -> Place | None:
        span = node.graph.origin_of(node).span
        return None if span is None else self._place(span)

    def gate(self, node: Node) -> str:
        """Return what a gate is called: as the user wrote it, if that is a gate of the language."""
        place = self._origin(node)
        called = self.calls.get(place, "") if place else ""
        if called in COMPOSITES:
            return called
        record = by_name(called) or reduction_by_name(called)
        return record.name if record is not None and node.kind in (Kind.GATE, Kind.REDUCE) else node.op

    def line(self, node: Node) -> int | None:
        """Return the line of the formula that a node comes from."""
        span = node.graph.origin_of(node).span
        return None if span is None else span.line

    def of(self, node: Node) -> str:
        """Return the user's text for a node: its name, or what was written for it."""
        if node.kind is Kind.CONST:
            return f"{node.value:g}" if isinstance(node.value, float) else str(node.value)
        if node.kind is Kind.EXTENT:
            return str(node.attrs[0])
        if node.kind is Kind.INPUT and not node.name.startswith("frontier."):
            return node.name.split(".")[0]
        if node.kind is Kind.RENAME:
            return self.of(node.operands[0])
        place = self._origin(node)
        if place in self.variables:
            return self.variables[place]
        if node in self.values:
            return self.values[node]
        text = self.texts.get(place, "") if place else ""
        return text if text and len(text) <= LONGEST else f"the {self.gate(node)} gate's value"

    def text(self, node: Node) -> str:
        """Return the whole of what the user wrote for a node, its name where nothing was."""
        place = self._origin(node)
        return (self.texts.get(place) if place else None) or self.of(node)

    def at(self, node: Node) -> str:
        """Return ``the mean gate on line 9``."""
        line = self.line(node)
        return f"the {self.gate(node)} gate" + (f" on line {line}" if line else "")

    def local(self, template: Template, bindings: dict[str, Node | Axis]) -> str:
        """Return a local gradient in the user's own words, such as ``s * (1 - s)``."""
        return self._local(template, bindings, 0)

    def _local(self, template: Template, bindings: dict[str, Node | Axis], around: int) -> str:
        if template.op == "name":
            bound = bindings[template.axis]
            text = self.of(bound) if isinstance(bound, Node) else str(bound)
            return f"({text})" if around and not text.isidentifier() and not _is_closed(text) else text
        if template.op == "const":
            return f"{template.value:g}"
        if template.op == "where" and template.args[1].op == "const":  # 0 where the quotient has no value
            return self._local(template.args[2], bindings, around)
        if template.op == "neg":
            return f"-{self._local(template.args[0], bindings, 3)}"
        if template.op in OPERATORS:
            strength = {"mul": 2, "div": 2, "pow": 3}.get(template.op, 1)
            left, right = (
                self._local(a, bindings, strength + (i if template.op != "mul" else 0))
                for i, a in enumerate(template.args)
            )
            text = f"{left}{'**' if template.op == 'pow' else f' {OPERATORS[template.op]} '}{right}"
            return f"({text})" if around > strength or (around and strength == 1) else text
        return f"{template.op}({', '.join(self._local(a, bindings, 0) for a in template.args)})"


def _is_closed(text: str) -> bool:
    """Is it a call, an index or a number, around which no parentheses are needed?"""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return True
    return isinstance(tree, (ast.Call, ast.Subscript, ast.Constant, ast.Attribute))


def parsed(text: str) -> ast.expr:
    """Return the syntax of an expression that we wrote ourselves."""
    return ast.parse(text, mode="eval").body


def parsed_or_none(text: str) -> ast.expr | None:
    """Return the syntax of a text that may be no expression."""
    try:
        return parsed(text)
    except SyntaxError:
        return None
